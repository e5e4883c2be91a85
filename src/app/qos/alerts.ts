import { appendEvent, type SloAlert } from '#adapters/sql/index.ts';
import type { Json } from '#kernel/json.ts';
import { millis } from '#kernel/clock.ts';
import { isoTime } from '#kernel/iso-time.ts';
import type { Tx } from '#kernel/sql.ts';
import { BURN_RULES, type Burn } from '#qos/index.ts';
import type { House } from '../house.ts';
import { SYSTEM } from '../governance/principals.ts';
import type { ObjectiveBurns } from './objectives.ts';

export interface Told {
  readonly alert: SloAlert;
  readonly burn: Burn;
  readonly state: 'firing' | 'resolved';
  /** False: repeated for receivers that forget. */
  readonly isNew: boolean;
}

/** Kinds of messages in the outbox, by receiver. */
export const ALERT_MESSAGES = { webhook: 'alert.webhook', alertmanager: 'alert.alertmanager' } as const;

/** Puts an alert into the event stream and into the outbox of each receiver that is set, in the caller's transaction. */
export async function tellAlert(tx: Tx, house: House, objective: ObjectiveBurns, told: Told): Promise<void> {
  const { alert, burn, state, isNew } = told;
  const at = house.clock.now();
  const { tenant, rule } = alert;
  const numbers = { burnLong: burn.long, burnShort: burn.short, threshold: burn.threshold };
  const data = { rule, class: alert.class, state, ...numbers, budgetLeft: objective.left };
  if (isNew) await appendEvent(tx, at, { type: 'slo.alerted', tenant, by: SYSTEM, data });
  const key = `${tenant}/${alert.class}/${rule}/${state}/${at}`;
  const put = (kind: string, payload: Json): Promise<void> => house.outbox.put(tx, { tenant, kind, key, payload });
  if (house.alertReceivers.webhook && isNew) {
    await put(ALERT_MESSAGES.webhook, { type: 'slo.alerted', tenant, at, since: alert.since, ...data });
  }
  if (house.alertReceivers.alertmanager)
    await put(ALERT_MESSAGES.alertmanager, [alertmanagerAlert(objective, told, at)]);
}

/** One alert as Alertmanager's API v2 takes it (`postableAlert`): labels are its identity, so they carry no numbers. */
function alertmanagerAlert(
  objective: ObjectiveBurns,
  { alert, burn, state }: Told,
  at: number,
): { [field: string]: Json } {
  const severity = BURN_RULES.find(({ name }) => name === alert.rule)?.severity ?? 'ticket';
  return {
    labels: {
      alertname: 'MaestroErrorBudgetBurn',
      tenant: alert.tenant,
      class: alert.class,
      rule: alert.rule,
      severity,
    },
    annotations: {
      summary: `Starts of ${alert.tenant} (${alert.class}) burn the error budget ${burn.long.toFixed(1)} times too fast`,
      description: `Objective ${objective.tenant.slo * 100} % within ${objective.tenant.startWithinMs} ms; ${Math.round(objective.left * 100)} % of the error budget is left; fires above ${burn.threshold.toFixed(1)}.`,
    },
    startsAt: isoTime(alert.since),
    ...(state === 'resolved' ? { endsAt: isoTime(millis(at)) } : {}),
  };
}
