import { listCards, type RecordedCard } from '#adapters/sql/index.ts';
import type { TenantId } from '#domain/ids.ts';
import type { Reason } from '#domain/reason.ts';
import type { Task } from '#domain/task.ts';
import type { House } from '../house.ts';

/** What the system did by itself, from its card: a downshift, a deferral, a preemption, a throttle. */
export type DecisionDocument = {
  readonly id: string;
  /** The event that names this card. */
  readonly event: string;
  readonly at: number;
  readonly tenant: string;
  readonly task: string | null;
  readonly title: string;
  readonly decision: string;
  readonly rule: string;
  readonly reasons: readonly Reason[];
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  readonly nextStep: string;
};

/** About one task, in order. */
export async function decisionsOfTask({ store }: House, { id }: Task): Promise<readonly DecisionDocument[]> {
  return (await listCards(store.truth, { task: id })).map(documentOf);
}

/** The last ones of all tenants, or of those named, newest first. */
export async function lastDecisions(
  { store }: House,
  { of, limit }: { readonly of?: readonly TenantId[]; readonly limit: number },
): Promise<readonly DecisionDocument[]> {
  const each = of?.map((tenant) => listCards(store.truth, { tenant, limit })) ?? [listCards(store.truth, { limit })];
  const cards = (await Promise.all(each)).flat().sort((a, b) => (a.id < b.id ? 1 : -1));
  return cards.slice(0, limit).map(documentOf);
}

/** The parts that a card had when it was written, and no more. */
function documentOf({ id, event, at, tenant, task, ...card }: RecordedCard): DecisionDocument {
  const { title, decision, rule, reasons, facts, nextStep } = card;
  return { id, event, at, tenant, task, title, decision, rule, reasons, facts, nextStep };
}
