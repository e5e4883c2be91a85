import { listTenants, pageDecisions, type RecordedDecision, type Store } from '#adapters/sql/index.ts';
import type { Millis } from '#kernel/clock.ts';
import type { Tenant } from '#domain/tenant.ts';
import { countDifferences, type Difference, differenceOf, type PolicyEngine } from '#policy/index.ts';

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
  for (const tenant of await listTenants(parts.store.truth)) {
    for await (const recorded of decisionsOf(parts.store, tenant, request.since)) {
      const input = { action: recorded.action, tenant };
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
    differences: differences.slice(0, SHOWN),
  };
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
