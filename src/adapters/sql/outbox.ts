import type { TenantId } from '#domain/ids.ts';
import type { DueMessage, JournalStore, Message } from '#journal/ports.ts';
import type { Millis } from '#kernel/clock.ts';
import { sealed, type Tx } from '#kernel/sql.ts';
import { fromJson, toJson } from './json-column.ts';

type Row = {
  readonly tenant: TenantId;
  readonly kind: string;
  readonly key: string;
  readonly payload: string;
  readonly attempts: number;
};

const BY_KEY = 'where tenant = $1 and kind = $2 and key = $3';

export async function putMessage(tx: Tx, message: Message, at: Millis): Promise<void> {
  await tx.run(
    `insert into outbox (tenant, kind, key, payload, created_at, due_at, attempts)
     values ($1, $2, $3, $4, $5, $5, 0) on conflict (tenant, kind, key) do nothing`,
    message.tenant,
    message.kind,
    message.key,
    sealed(message.tenant, toJson(message.payload)),
    at,
  );
}

export async function takeMessage(
  tx: Tx,
  { kinds, now, until }: Parameters<JournalStore['takeMessage']>[1],
): Promise<DueMessage | undefined> {
  if (kinds.length === 0) return undefined;
  const wanted = kinds.map((_, index) => `$${index + 2}`).join(', ');
  const [row] = await tx.all<Row>(
    `select tenant, kind, key, payload, attempts from outbox
     where delivered_at is null and due_at <= $1 and kind in (${wanted}) order by due_at, created_at limit 1`,
    now,
    ...kinds,
  );
  if (row === undefined) return undefined;
  const { tenant, kind, key, payload, attempts } = row;
  await tx.run(`update outbox set due_at = $4, attempts = attempts + 1 ${BY_KEY}`, tenant, kind, key, until);
  return { tenant, kind, key, payload: fromJson(payload), attempts };
}

export async function messageDelivered(tx: Tx, message: Message, at: Millis): Promise<void> {
  const { tenant, kind, key } = message;
  await tx.run(`update outbox set delivered_at = $4 ${BY_KEY} and delivered_at is null`, tenant, kind, key, at);
}

export async function messageFailed(
  tx: Tx,
  message: Message,
  retry: { readonly at: Millis; readonly error: string },
): Promise<void> {
  const { tenant, kind, key } = message;
  await tx.run(
    `update outbox set due_at = $4, last_error = $5 ${BY_KEY} and delivered_at is null`,
    tenant,
    kind,
    key,
    retry.at,
    sealed(tenant, retry.error),
  );
}

/** Forgets messages that arrived before a time; gives how many. Those that did not arrive stay. */
export async function deleteDeliveredMessages(tx: Tx, before: Millis): Promise<number> {
  return tx.run('delete from outbox where delivered_at < $1', before);
}
