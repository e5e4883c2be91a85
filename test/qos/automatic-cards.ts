import { addStarts, listCards } from '#adapters/sql/index.ts';
import { burnRound } from '#app/qos/burns.ts';
import { fleet } from '#app/qos/fleet.ts';
import type { Event } from '#domain/event.ts';
import type { Tenant } from '#domain/tenant.ts';
import { millis } from '#kernel/clock.ts';
import { usd } from '#kernel/money.ts';
import { Place } from './place.ts';

/** What the system does by itself to keep promises: the events that must each have one card. */
export const AUTOMATIC = ['budget.downshifted', 'task.deferred', 'task.preempted', 'throttle.changed'] as const;

export interface CardCount {
  readonly event: Event['type'];
  readonly events: number;
  readonly cards: number;
  /** Events whose card exists, is of that event and says reason and next step. */
  readonly matched: number;
}

/** Counts events and cards of the tenants, each way. */
export async function cardCounts(place: Place, tenants: readonly Tenant[]): Promise<readonly CardCount[]> {
  const cards = [];
  for (const { id } of tenants) cards.push(...(await listCards(place.house.store.truth, { tenant: id, limit: 1000 })));
  const counts: CardCount[] = [];
  for (const event of AUTOMATIC) {
    const events = await place.events(event);
    const own = cards.filter((card) => card.event === event);
    const told = new Set(
      own.filter(({ reasons, nextStep }) => reasons.length > 0 && nextStep !== '').map(({ id }) => id),
    );
    const named = new Set(events.map(({ data }) => data['card']));
    const matched = [...named].filter((id) => told.has(String(id))).length;
    counts.push({ event, events: events.length, cards: own.length, matched });
  }
  return counts;
}

/** An installation in which each kind of automatic decision is made at least once, and the counts of its cards. */
export async function playEveryMeasure(): Promise<readonly CardCount[]> {
  const ladder = { burst: 1, lowNano: usd(0.1) };
  await using place = await Place.open({ ladder, slo: { periodMs: 604_800_000, preemptAfter: 0.25, quantumMs: 300 } });
  const { house } = place;
  const startWithinMs = millis(2000);
  const shop = await place.tenant('shop', { budgetNano: usd(10), startWithinMs });
  const quiet = await place.tenant('quiet', { startWithinMs });

  // One long task for each slot; the other tenant's comes when both run, so one gives way.
  const long = [await place.submit(shop, { steps: 10 }), await place.submit(shop, { steps: 10 })];
  let urgent: string | undefined;
  await place.work(async () => {
    if (urgent === undefined && place.began.length > 2) urgent = (await place.submit(quiet)).id;
    return urgent !== undefined && (await place.events('task.ended')).length === long.length + 1;
  });
  // Agent work takes all there is: a cheaper plan at last, and then nothing.
  for (let n = 0; n < 4; n++) await place.submit(shop, { agent: true, maxNano: usd(3.9) });
  // An outage burns the error budget of the other one.
  const objective = { tenant: quiet.id, class: 'lo' } as const;
  await house.store.truth.tx((tx) => addStarts(tx, objective, house.clock.now(), { good: 20, bad: 180 }));
  await burnRound(house, await fleet(house));
  return await cardCounts(place, [shop, quiet]); // before the place is closed
}
