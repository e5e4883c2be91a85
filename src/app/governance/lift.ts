import { appendEvent, listDecisions, listOverrides, type RecordedDecision, useOverride } from '#adapters/sql/index.ts';
import type { Tx } from '#kernel/sql.ts';
import type { Action } from '#domain/action.ts';
import type { TaskId, TenantId } from '#domain/ids.ts';
import type { Override } from '#domain/override.ts';
import type { PolicyDecision } from '#domain/policy-decision.ts';
import { covers } from '#policy/index.ts';
import type { House } from '../house.ts';

/**
 * The decision as it is when an active override covers every one of its refusals: allowed, with the refusals and the
 * override on record. Nothing is used up before the decision is recorded.
 */
export async function lifted(
  house: House,
  refused: { readonly action: Action; readonly task?: TaskId; readonly decision: PolicyDecision },
): Promise<PolicyDecision> {
  const { action, decision } = refused;
  if (decision.allow) return decision;
  const now = house.clock.now();
  const { tenant } = action.resource;
  const live = await listOverrides(house.store.truth, tenant, { action: action.name, after: now });
  const override = live.find((each) => covers(each, { ...refused, reasons: decision.reasons }, now));
  return override === undefined ? decision : { ...decision, allow: true, override: override.id };
}

/** Counts the use, in the transaction that records the decision. False when the override has ended meanwhile: then it is a refusal. */
export async function usedOverride(
  tx: Tx,
  house: House,
  about: { readonly action: Action; readonly task?: TaskId; readonly decision: PolicyDecision },
): Promise<boolean> {
  const { action, task, decision } = about;
  if (decision.override === undefined) return true;
  const at = house.clock.now();
  const { tenant } = action.resource;
  if (!(await useOverride(tx, { tenant, id: decision.override, at }))) return false;
  const data = {
    override: decision.override,
    decision: decision.id,
    action: action.name,
    resource: `${action.resource.kind}:${action.resource.id}`,
    codes: decision.reasons.map(({ code }) => code),
  };
  const whose = { tenant, by: action.principal.id, ...(task === undefined ? {} : { task }) };
  await appendEvent(tx, at, { ...whose, type: 'override.used', data });
  return true;
}

/** A task's decisions on record, each with the override that lifted its refusals. */
export async function decisionsWithOverrides(
  tx: Tx,
  { tenant, id }: { readonly tenant: TenantId; readonly id: TaskId },
): Promise<readonly (RecordedDecision & { readonly exception?: Override })[]> {
  const decisions = await listDecisions(tx, tenant, id);
  if (decisions.every(({ override }) => override === undefined)) return decisions;
  const overrides = new Map((await listOverrides(tx, tenant)).map((override) => [override.id, override]));
  return decisions.map((decision) => {
    const exception = decision.override && overrides.get(decision.override);
    return exception === undefined ? decision : { ...decision, exception };
  });
}

/** What a Decision Card says of the overrides that a task used, one line for each use. */
export async function overrideWarnings(
  tx: Tx,
  task: { readonly tenant: TenantId; readonly id: TaskId },
): Promise<readonly string[]> {
  const used = await decisionsWithOverrides(tx, task);
  return used.flatMap(({ action, reasons, exception }) => {
    if (exception === undefined) return [];
    const { id, requestedBy, approvedBy = 'nobody', reason } = exception;
    const codes = reasons.map(({ code }) => code).join(', ');
    return [
      `${action.name} was refused (${codes}) and allowed by override ${id}: ${requestedBy} asked, ${approvedBy} approved, because: ${reason}`,
    ];
  });
}
