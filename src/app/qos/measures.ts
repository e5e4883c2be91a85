import { deleteMeasure, listTenants, putMeasure } from '#adapters/sql/index.ts';
import type { TenantId } from '#domain/ids.ts';
import type { Reason } from '#domain/reason.ts';
import type { Tx } from '#kernel/sql.ts';
import { EVERYBODY, isVisible, type Measure, type MeasureChange, type MeasureKind } from '#qos/index.ts';
import { automatic } from '../upkeep/automatic.ts';
import type { House } from '../house.ts';
import { SYSTEM } from '../governance/principals.ts';
import type { ObjectiveBurns } from './objectives.ts';

/** What each measure means, for cards and pages. */
export const MEASURE_MEANINGS: { readonly [kind in MeasureKind]: string } = Object.freeze({
  throttle: 'weight and slots of its work of low priority are lowered',
  early: 'work over its share gives way earlier, for every tenant',
  pause: 'its work of low priority is not started',
  freeze: 'changes of priority lo wait for a person',
});

/**
 * Puts a measure in force, changes or lifts it. What people can notice is an event and a card; a measure for everybody
 * stands with the tenant that burns. No tenant reads name or numbers of another.
 */
export async function changeMeasure(
  tx: Tx,
  house: House,
  change: MeasureChange,
  objectives: readonly ObjectiveBurns[],
): Promise<void> {
  const { before, after } = change;
  const measure = after ?? before;
  if (measure === null) return;
  if (after === null) await deleteMeasure(tx, measure);
  else await putMeasure(tx, after);
  if (!isVisible(change)) return;
  const worst = worstOf(objectives.filter(concerns(measure)), change);
  const tenant = measure.tenant === EVERYBODY ? (worst?.tenant.id ?? (await listTenants(tx))[0]?.id) : measure.tenant;
  if (tenant === undefined) return;
  const cause: Cause = worst && (worst.tenant.id === tenant ? worst : 'another tenant');
  const reason = reasonOf(measure, change, becauseOf(measure, change, cause));
  const data = { measure: measure.kind, for: measure.tenant, from: before?.value ?? null, to: after?.value ?? null };
  // The cast is true: measures are made of tenants.
  const event = {
    type: 'throttle.changed',
    tenant: tenant as TenantId,
    by: SYSTEM,
    data: { ...data, reasons: [reason] },
  } as const;
  await automatic(tx, house, event, {
    title: `${measure.kind} for ${measure.tenant === EVERYBODY ? 'all tenants' : measure.tenant}`,
    decision: after === null ? 'Lifted' : before === null ? 'Put in force' : 'Changed',
    rule: reason.code,
    reasons: [reason],
    facts: burnFacts(cause),
    nextStep: reason.fix,
  });
}

/** What burns most, as far as the tenant that is told may know; undefined when there is no objective. */
type Cause = ObjectiveBurns | 'another tenant' | undefined;

/** A freeze of one tenant is about its own error budgets, every other measure about those of all. */
function concerns({ kind, tenant }: Measure): (objective: ObjectiveBurns) => boolean {
  return (objective) => kind !== 'freeze' || tenant === EVERYBODY || objective.tenant.id === tenant;
}

function worstOf(objectives: readonly ObjectiveBurns[], { rule }: MeasureChange): ObjectiveBurns | undefined {
  const rate = ({ burns, left }: ObjectiveBurns): number =>
    rule === null ? 1 - left : (burns.find((burn) => burn.rule === rule)?.long ?? 0);
  return objectives.toSorted((a, b) => rate(b) - rate(a))[0];
}

function burnFacts(cause: Cause): { name: string; value: string }[] {
  if (cause === undefined) return [];
  if (cause === 'another tenant') return [{ name: 'burns most', value: cause }];
  const { tenant, class: priority, burns, left } = cause;
  return [
    { name: 'burns most', value: `${tenant.id}, ${priority}, objective ${tenant.slo * 100} %` },
    ...burns.map(({ rule, long, short, threshold }) => ({
      name: rule,
      value: `${long.toFixed(1)} long, ${short.toFixed(1)} short; fires above ${threshold.toFixed(1)}`,
    })),
    { name: 'error budget left', value: `${Math.round(left * 100)} %` },
  ];
}

function becauseOf(measure: Measure, { after, rule }: MeasureChange, cause: Cause): string {
  if (rule === null) {
    if (after === null) return 'the error budgets are calm again';
    return measure.kind === 'freeze'
      ? `the error budget of ${measure.tenant} is spent`
      : 'the error budgets are calmer';
  }
  const burns = typeof cause === 'object' ? cause.burns.find((burn) => burn.rule === rule) : undefined;
  if (typeof cause !== 'object' || burns === undefined)
    return `another tenant burns its error budget too fast (${rule})`;
  return `${cause.tenant.id} burns its error budget ${burns.long.toFixed(1)} times too fast (${rule} fires above ${burns.threshold.toFixed(1)})`;
}

function reasonOf(measure: Measure, { after }: MeasureChange, because: string): Reason {
  const meaning = MEASURE_MEANINGS[measure.kind];
  const value = measure.kind === 'throttle' && after !== null ? ` to ${Math.round(after.value * 100)} %` : '';
  return {
    code: `${measure.kind.toUpperCase()}_${after === null ? 'LIFTED' : 'IN_FORCE'}`,
    msg: after === null ? `${meaning}: no longer, ${because}` : `${meaning}${value}: ${because}`,
    field: 'tenant.slo',
    fix:
      after === null
        ? 'nothing'
        : 'maestro slo status; add workers, or lower the load of the tenant that is over its share',
  };
}
