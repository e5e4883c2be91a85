import { addCard, appendEvent } from '#adapters/sql/index.ts';
import type { AutomaticCard } from '#domain/decision-card.ts';
import type { NewEvent } from '#domain/event.ts';
import type { Tx } from '#kernel/sql.ts';
import type { House } from '../house.ts';

/** Records what the system did by itself: one event and its one card, which names it. */
export async function automatic(tx: Tx, house: House, event: NewEvent, card: AutomaticCard): Promise<void> {
  const at = house.clock.now();
  const id = house.ids.next('card');
  const { tenant, task, type } = event;
  await addCard(tx, { ...card, id, tenant, task: task ?? null, event: type, at });
  await appendEvent(tx, at, { ...event, data: { ...event.data, card: id, rule: card.rule } });
}
