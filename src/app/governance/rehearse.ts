import { listTenants, pageDecisions, type RecordedDecision, type Store } from '#adapters/sql/index.ts';
import type { Millis } from '#kernel/clock.ts';
import type { Action } from '#domain/action.ts';
import { EVERYWHERE, type Grant } from '#domain/grant.ts';
import type { Tenant } from '#domain/tenant.ts';
import { countDifferences, type Difference, differenceOf, type PolicyEngine } from '#policy/index.ts';
import { SYSTEM } from './principals.ts';

const PAGE = 1000;
/** Differences that are listed; all are counted. */
const SHOWN = 200;

export type Rehearsal = {
  readonly since: number;
  /** Decisions that were made anew. */
  readonly decisions: number;
  readonly changed: number;
  /** What becomes of what: `{ 'allowed > denied': 3 }`. */
  readonly counts: { readonly [change: string]: number };
  /** Decisions that the policy of today makes otherwise than recorded: rules or settings of a tenant have changed since. */
  readonly drifted: number;
  /** Decisions from before principals had roles: they are made anew with the roles that their kind of principal acted with then. */
  readonly withoutRoles: number;
  readonly differences: readonly Difference[];
};

/**
 * What a policy would have done to the decisions on record: each is made anew with the tenant's settings of today, by the
 * policy of today and by the candidate, and the two are compared. Without candidate the record is compared with today.
 */
export async function rehearse(
  parts: { readonly store: Store; readonly today: PolicyEngine },
  request: { readonly since: Millis; readonly candidate?: PolicyEngine },
): Promise<Rehearsal> {
  const differences: Difference[] = [];
  let decisions = 0;
  let drifted = 0;
  let withoutRoles = 0;
  for (const tenant of await listTenants(parts.store.truth)) {
    for await (const recorded of decisionsOf(parts.store, tenant, request.since)) {
      const action = withRoles(recorded.action);
      if (action !== recorded.action) withoutRoles += 1;
      const input = { action, tenant };
      const today = await parts.today.decide(input);
      const drift = differenceOf(aboutOf(recorded), recorded, today);
      const candidate = await request.candidate?.decide(input);
      const difference = candidate === undefined ? drift : differenceOf(aboutOf(recorded), today, candidate);
      decisions += 1;
      if (drift !== undefined) drifted += 1;
      if (difference !== undefined) differences.push(difference);
    }
  }
  return {
    since: request.since,
    decisions,
    changed: differences.length,
    counts: countDifferences(differences),
    drifted,
    withoutRoles,
    differences: differences.slice(0, SHOWN),
  };
}

/** What was recorded before there were roles says none: agents acted for their run, all others were administrators. */
function withRoles(action: Action): Action {
  const grants: readonly Grant[] | undefined = action.principal.grants;
  if (grants !== undefined) return action;
  const { kind } = action.principal;
  const assumed: Grant =
    kind === 'agent' || action.principal.id === SYSTEM
      ? { role: 'conductor', tenant: action.resource.tenant }
      : { role: 'platform-admin', tenant: EVERYWHERE };
  return { ...action, principal: { ...action.principal, grants: [assumed] } };
}

function aboutOf({ id, at, action }: RecordedDecision): Omit<Difference, 'before' | 'after' | 'codes'> {
  const { kind, id: resource, tenant } = action.resource;
  return { decision: id, at, tenant, action: action.name, resource: `${kind}:${resource}` };
}

async function* decisionsOf(store: Store, tenant: Tenant, from: Millis): AsyncGenerator<RecordedDecision> {
  let after: RecordedDecision | undefined;
  for (;;) {
    const page = { from, limit: PAGE, ...(after === undefined ? {} : { after }) };
    const decisions = await pageDecisions(store.truth, tenant.id, page);
    yield* decisions;
    after = decisions.at(-1);
    if (decisions.length < PAGE) return;
  }
}
