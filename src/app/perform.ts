import { appendEvent, decisionDigest, recordDecision as insertDecision } from '#adapters/sql/index.ts';
import type { Tx } from '#kernel/sql.ts';
import type { Action, ActionName, Principal, Resource } from '#domain/action.ts';
import type { DecisionId, RunId, TaskId } from '#domain/ids.ts';
import type { PolicyDecision } from '#domain/policy-decision.ts';
import type { Reason } from '#domain/reason.ts';
import type { Tenant } from '#domain/tenant.ts';
import type { House } from './house.ts';
import { lifted, usedOverride } from './governance/lift.ts';

/** What is asked of policy: the action, for whom, and in which run if any. */
export interface Request {
  readonly name: ActionName;
  readonly principal: Principal;
  readonly tenant: Tenant;
  readonly resource: Omit<Resource, 'tenant'>;
  readonly task?: TaskId;
  readonly run?: RunId;
}

/** Policy said no. The reasons are the answer for the person who asked; nothing was done. */
export class Refusal extends Error {
  readonly reasons: readonly Reason[];
  readonly decision: PolicyDecision;

  constructor(decision: PolicyDecision) {
    super(decision.reasons.map(({ msg }) => msg).join('; '));
    this.reasons = decision.reasons;
    this.decision = decision;
  }
}

function actionOf({ name, principal, resource, tenant }: Request): Action {
  return { name, principal, resource: { ...resource, tenant: tenant.id } };
}

/** Asks the policy engine, and whether an override lifts its refusal; the decision is not yet on record. */
export async function decide(house: House, request: Request, signal?: AbortSignal): Promise<PolicyDecision> {
  const action = actionOf(request);
  const decided = await house.policy.decide({ action, tenant: request.tenant }, signal);
  // The cast is true: this is where decision ids are made.
  const decision = { id: house.ids.next('dec') as DecisionId, ...decided };
  return lifted(house, { action, ...taskOf(request), decision });
}

function taskOf({ task }: Request): { readonly task?: TaskId } {
  return task === undefined ? {} : { task };
}

/** Puts a decision on record, in the transaction that records the intent of what it allows. */
export async function recordDecision(tx: Tx, house: House, request: Request, decision: PolicyDecision): Promise<void> {
  const at = house.clock.now();
  const action = actionOf(request);
  const recorded = { ...decision, action, at, ...taskOf(request) };
  // An override that ended since the decision was made lifts nothing: the transaction goes no further.
  if (!(await usedOverride(tx, house, { ...taskOf(request), action, decision }))) throw new Refusal(decision);
  await insertDecision(tx, recorded);
  await appendEvent(tx, at, {
    type: 'policy.decided',
    tenant: request.tenant.id,
    ...taskOf(request),
    ...(request.run === undefined ? {} : { run: request.run }),
    by: request.principal.id,
    data: {
      decision: decision.id,
      digest: decisionDigest(recorded),
      action: request.name,
      resource: `${request.resource.kind}:${request.resource.id}`,
      allow: decision.allow,
      codes: decision.reasons.map(({ code }) => code),
      ...(decision.override === undefined ? {} : { override: decision.override }),
      engine: decision.engine,
    },
  });
}

/**
 * The one way of doing something outside a run: decision and effect in one transaction.
 * A denial is recorded too, then thrown as `Refusal`.
 */
export async function perform<T>(
  house: House,
  request: Request,
  effect: (tx: Tx, decision: PolicyDecision) => Promise<T>,
): Promise<T> {
  const decision = await decide(house, request);
  return house.store.truth
    .tx(async (tx) => {
      await recordDecision(tx, house, request, decision);
      return decision.allow ? { done: await effect(tx, decision) } : undefined;
    })
    .then((answer) => {
      if (answer === undefined) throw new Refusal(decision);
      return answer.done;
    });
}

/** The same for what is done to several tenants at once: every decision, then the effect, in one transaction; one denial denies all. */
export async function performForEach<T>(
  house: House,
  requests: readonly Request[],
  effect: (tx: Tx) => Promise<T>,
): Promise<T> {
  const decisions: PolicyDecision[] = [];
  for (const request of requests) decisions.push(await decide(house, request));
  const denial = decisions.find(({ allow }) => !allow);
  return house.store.truth
    .tx(async (tx) => {
      for (const [i, request] of requests.entries()) {
        const decision = decisions[i];
        if (decision !== undefined) await recordDecision(tx, house, request, decision);
      }
      return denial === undefined ? { done: await effect(tx) } : undefined;
    })
    .then((answer) => {
      if (answer !== undefined) return answer.done;
      throw denial === undefined ? new Error('an effect was left out without a denial') : new Refusal(denial);
    });
}

/**
 * The same for an effect that is no row: the decision is on record before the effect begins, and the effect has a natural
 * key, so that asking again after a crash does it once. Throws `Refusal`.
 */
export async function permit<T>(house: House, request: Request, effect: () => Promise<T>): Promise<T> {
  const decision = await decide(house, request);
  await house.store.truth.tx((tx) => recordDecision(tx, house, request, decision));
  if (!decision.allow) throw new Refusal(decision);
  return effect();
}
