import type { EventType } from '#domain/event.ts';
import type { PrincipalId, TenantId } from '#domain/ids.ts';
import type { Millis } from '#kernel/clock.ts';
import { sealed, type Tx } from '#kernel/sql.ts';
import { fromJson, toJson } from './json-column.ts';

/** Where the events of a tenant are told to. */
export interface WebhookRecord {
  readonly id: string;
  readonly tenant: TenantId;
  readonly url: string;
  /** Empty: every type. */
  readonly types: readonly EventType[];
  readonly createdAt: Millis;
  readonly createdBy: PrincipalId;
  /** Number of the last event that was handed on. */
  readonly after: number;
  /** It failed for so long that it is not tried any more. */
  readonly stoppedAt?: Millis;
}

type Row = {
  readonly id: string;
  readonly tenant: TenantId;
  readonly url: string;
  readonly types: string;
  readonly created_at: Millis;
  readonly created_by: PrincipalId;
  readonly after_seq: number;
  readonly stopped_at: Millis | null;
};

function webhookOf({ id, tenant, url, types, created_at, created_by, after_seq, stopped_at }: Row): WebhookRecord {
  return {
    ...{ id, tenant, url, types: fromJson<readonly EventType[]>(types) },
    ...{ createdAt: created_at, createdBy: created_by, after: after_seq },
    ...(stopped_at === null ? {} : { stoppedAt: stopped_at }),
  };
}

/** Records it; it is told of events that come after this one. */
export async function addWebhook(tx: Tx, webhook: Omit<WebhookRecord, 'after' | 'stoppedAt'>): Promise<void> {
  await tx.run(
    `insert into webhook (id, tenant, url, types, created_at, created_by, after_seq)
     values ($1, $2, $3, $4, $5, $6, (select coalesce(max(seq), 0) from event))`,
    ...[
      webhook.id,
      webhook.tenant,
      sealed(webhook.tenant, webhook.url),
      toJson(webhook.types),
      webhook.createdAt,
      webhook.createdBy,
    ],
  );
}

/** Of one tenant, or all that are not stopped. */
export async function listWebhooks(tx: Tx, tenant?: TenantId): Promise<WebhookRecord[]> {
  const where = tenant === undefined ? 'stopped_at is null' : 'tenant = $1';
  const rows = await tx.all<Row>(
    `select * from webhook where ${where} order by id`,
    ...(tenant === undefined ? [] : [tenant]),
  );
  return rows.map(webhookOf);
}

export async function findWebhook(tx: Tx, id: string): Promise<WebhookRecord | undefined> {
  const [row] = await tx.all<Row>('select * from webhook where id = $1', id);
  return row && webhookOf(row);
}

export async function deleteWebhook(tx: Tx, id: string): Promise<void> {
  await tx.run('delete from webhook where id = $1', id);
}

/** Moves on to a later event; false when another process has. */
export async function updateWebhookAfter(tx: Tx, id: string, from: number, to: number): Promise<boolean> {
  return (await tx.run('update webhook set after_seq = $3 where id = $1 and after_seq = $2', id, from, to)) === 1;
}

/** Gives a webhook up. */
export async function updateWebhookStopped(tx: Tx, id: string, at: Millis): Promise<void> {
  await tx.run('update webhook set stopped_at = $2 where id = $1 and stopped_at is null', id, at);
}
