import {
  deleteAlert,
  deleteOldMinutes,
  listAlerts,
  listMeasures,
  putAlert,
  type SloAlert,
} from '#adapters/sql/index.ts';
import { millis } from '#kernel/clock.ts';
import type { Tx } from '#kernel/sql.ts';
import { type BurnRuleName, demandOf, ends, firstMinute, nextMeasures, standing } from '#qos/index.ts';
import type { House } from '../house.ts';
import { tellAlert } from './alerts.ts';
import type { Fleet } from './fleet.ts';
import { changeMeasure } from './measures.ts';
import { type ObjectiveBurns, objectiveBurns } from './objectives.ts';

/** A firing alert is told again this often, since receivers forget what is not repeated. */
const TELL_EVERY_MS = 60_000;

/** Alerts that begin, go on or end, and the measures that follow from them; each with its events in one transaction. */
export async function burnRound(house: House, fleet: Fleet): Promise<void> {
  const { truth } = house.store;
  const now = house.clock.now();
  await truth.tx(async (tx) => {
    const objectives = await objectiveBurns(tx, house, fleet.tenants);
    for (const objective of objectives) await alertsOf(tx, house, objective);
    const burning = (await listAlerts(tx)).map(({ tenant, rule }) => ({ tenant, rule }));
    const burn: { [rule in BurnRuleName]: number } = { 'burn-24h': 0, 'burn-6h': 0, 'burn-1h': 0 };
    const left = new Map<string, number>();
    for (const { tenant, burns, leftForPolicy } of objectives) {
      left.set(tenant.id, Math.min(left.get(tenant.id) ?? 1, leftForPolicy));
      for (const one of burns) burn[one.rule] = Math.max(burn[one.rule], one.long, one.short);
    }
    const stand = standing(fleet.loads.map(demandOf), fleet.slots);
    const view = { now, burning, burn, ...stand, budgetLeft: left };
    for (const change of nextMeasures(await listMeasures(tx), view)) {
      await changeMeasure(tx, house, change, objectives);
    }
    await deleteOldMinutes(tx, firstMinute(now, house.slo.periodMs) - 1);
  });
}

async function alertsOf(tx: Tx, house: House, objective: ObjectiveBurns): Promise<void> {
  const now = house.clock.now();
  const open = await listAlerts(tx);
  for (const burn of objective.burns) {
    const known = open.find(
      (alert) => alert.tenant === objective.tenant.id && alert.class === objective.class && alert.rule === burn.rule,
    );
    const about = { tenant: objective.tenant.id, class: objective.class, rule: burn.rule };
    if (known === undefined && burn.fires) {
      const alert: SloAlert = { ...about, since: now, toldAt: now };
      await putAlert(tx, alert);
      await tellAlert(tx, house, objective, { alert, burn, state: 'firing', isNew: true });
    } else if (known !== undefined && ends(burn)) {
      await deleteAlert(tx, known);
      await tellAlert(tx, house, objective, { alert: known, burn, state: 'resolved', isNew: true });
    } else if (known !== undefined && now - known.toldAt >= TELL_EVERY_MS) {
      const alert = { ...known, toldAt: millis(now) };
      await putAlert(tx, alert);
      await tellAlert(tx, house, objective, { alert, burn, state: 'firing', isNew: false });
    }
  }
}
