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
  readonly action: ActionName;
  readonly reasons: readonly Reason[];
  readonly decision: PolicyDecision;

  constructor({ name }: Pick<Request, 'name'>, decision: PolicyDecision) {
    super(decision.reasons.map(({ msg }) => msg).join('; '));
    this.action = name;
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

/**
 * Puts a decision on record, in the transaction that records the intent of what it allows, and gives it as it stands there:
 * an override that ended since it was made lifts nothing, and it is a refusal then.
 */
export async function recordDecision(
  tx: Tx,
  house: House,
  request: Request,
  made: PolicyDecision,
): Promise<PolicyDecision> {
  const at = house.clock.now();
  const action = actionOf(request);
  const used = await usedOverride(tx, house, { ...taskOf(request), action, decision: made });
  const decision = used ? made : withoutOverride(made);
  const recorded = { ...decision, action, at, ...taskOf(request) };
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
  return decision;
}

function withoutOverride(made: PolicyDecision): PolicyDecision {
  const { id, reasons, obligations, engine, policyDigest, engineDecision } = made;
  const decision = { id, allow: false, reasons, obligations, engine, policyDigest };
  return engineDecision === undefined ? decision : { ...decision, engineDecision };
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
  const made = await decide(house, request);
  const answer = await house.store.truth.tx(async (tx) => {
    const decision = await recordDecision(tx, house, request, made);
    return decision.allow ? { done: await effect(tx, decision) } : { refused: decision };
  });
  if ('refused' in answer) throw new Refusal(request, answer.refused);
  return answer.done;
}

/** The same for what takes several decisions, as what is done to several tenants at once: every decision, then the effect, in one transaction; one denial denies all. */
export async function performForEach<T>(
  house: House,
  requests: readonly Request[],
  effect: (tx: Tx) => Promise<T>,
): Promise<T> {
  const made: { readonly request: Request; readonly decision: PolicyDecision }[] = [];
  for (const request of requests) made.push({ request, decision: await decide(house, request) });
  const answer = await house.store.truth.tx(async (tx) => {
    const refusals: Refusal[] = [];
    for (const { request, decision } of made) {
      const recorded = await recordDecision(tx, house, request, decision);
      if (!recorded.allow) refusals.push(new Refusal(request, recorded));
    }
    const [refusal] = refusals;
    return refusal === undefined ? { done: await effect(tx) } : { refusal };
  });
  if ('refusal' in answer) throw answer.refusal;
  return answer.done;
}

/**
 * The same for an effect that is no row: the decision is on record before the effect begins, and the effect has a natural
 * key, so that asking again after a crash does it once. Throws `Refusal`.
 */
export async function permit<T>(house: House, request: Request, effect: () => Promise<T>): Promise<T> {
  const made = await decide(house, request);
  const decision = await house.store.truth.tx((tx) => recordDecision(tx, house, request, made));
  if (!decision.allow) throw new Refusal(request, decision);
  return effect();
}
