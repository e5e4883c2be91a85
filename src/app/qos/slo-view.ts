import { listAlerts, listMeasures, listTenants } from '#adapters/sql/index.ts';
import { EVERYBODY } from '#qos/index.ts';
import type { House } from '../house.ts';
import { objectiveBurns } from './objectives.ts';
import { MEASURE_MEANINGS } from './measures.ts';

/** The objective of one class of a tenant now. Times in milliseconds. */
export type SloDocument = {
  readonly tenant: string;
  readonly class: string;
  readonly target: number;
  readonly startWithinMs: number;
  readonly windowMs: number;
  /** By rule: burn rate over the long window, over the short one, and where it fires. */
  readonly burn: {
    readonly [rule: string]: { readonly long: number; readonly short: number; readonly threshold: number };
  };
  readonly firing: readonly string[];
  /** Part of the error budget that is left in the window. */
  readonly budgetLeft: number;
  /** Measures in force that concern the tenant. */
  readonly throttles: readonly {
    readonly measure: string;
    readonly value: number;
    readonly since: number;
    readonly means: string;
  }[];
};

/** Every objective with how fast its error budget burns, and what the system does about it. */
export async function sloStatus(house: House): Promise<readonly SloDocument[]> {
  return house.store.truth.tx(async (tx) => {
    const measures = await listMeasures(tx);
    const alerts = await listAlerts(tx);
    const objectives = await objectiveBurns(tx, house, await listTenants(tx));
    return objectives.map(({ tenant, class: priority, burns, left }) => ({
      tenant: tenant.id,
      class: priority,
      target: tenant.slo,
      startWithinMs: tenant.startWithinMs,
      windowMs: house.slo.periodMs,
      burn: Object.fromEntries(burns.map(({ rule, long, short, threshold }) => [rule, { long, short, threshold }])),
      firing: alerts.filter((alert) => alert.tenant === tenant.id && alert.class === priority).map(({ rule }) => rule),
      budgetLeft: left,
      throttles: measures
        .filter((measure) => measure.tenant === tenant.id || measure.tenant === EVERYBODY)
        .map(({ kind, value, since }) => ({ measure: kind, value, since, means: MEASURE_MEANINGS[kind] })),
    }));
  });
}
