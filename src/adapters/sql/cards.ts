import type { AutomaticCard } from '#domain/decision-card.ts';
import type { EventType } from '#domain/event.ts';
import type { TaskId, TenantId } from '#domain/ids.ts';
import type { Millis } from '#kernel/clock.ts';
import { sealed, type Tx } from '#kernel/sql.ts';
import { fromJson, toJson } from './json-column.ts';

export interface RecordedCard extends AutomaticCard {
  readonly id: string;
  readonly tenant: TenantId;
  readonly task: TaskId | null;
  /** The event that carries this card's id. */
  readonly event: EventType;
  readonly at: Millis;
}

type Row = {
  readonly id: string;
  readonly tenant: TenantId;
  readonly task: TaskId | null;
  readonly event: EventType;
  readonly at: Millis;
  readonly body: string;
};

export async function addCard(tx: Tx, { id, tenant, task, event, at, ...card }: RecordedCard): Promise<void> {
  await tx.run(
    'insert into decision_card (id, tenant, task, event, at, body) values ($1, $2, $3, $4, $5, $6)',
    id,
    tenant,
    task,
    event,
    at,
    sealed(tenant, toJson(card)),
  );
}

/** Of one task in order; of a tenant, or of all, newest first. */
export async function listCards(
  tx: Tx,
  of: { readonly task: TaskId } | { readonly tenant?: TenantId; readonly limit: number },
): Promise<RecordedCard[]> {
  const rows =
    'task' in of
      ? await tx.all<Row>('select * from decision_card where task = $1 order by at, id', of.task)
      : await newest(tx, of);
  return rows.map(({ body, ...row }) => ({ ...fromJson<AutomaticCard>(body), ...row }));
}

/** Ids rise with time. */
function newest(tx: Tx, { tenant, limit }: { readonly tenant?: TenantId; readonly limit: number }): Promise<Row[]> {
  if (tenant === undefined) return tx.all<Row>('select * from decision_card order by id desc limit $1', limit);
  return tx.all<Row>('select * from decision_card where tenant = $1 order by at desc, id desc limit $2', tenant, limit);
}
