import type { TenantId } from '#domain/ids.ts';
import type { CachedAnswer } from '#gateway/ports.ts';
import { type Millis, millis } from '#kernel/clock.ts';
import { nanoUsd } from '#kernel/money.ts';
import { sealed, type Tx } from '#kernel/sql.ts';
import { fromJson, toJson } from './json-column.ts';

type Row = {
  readonly body: string;
  readonly usage: string;
  readonly cost_nano: number;
  readonly provider: string;
  readonly model: string;
  readonly expires_at: number;
};

/** Of this tenant only. */
export async function findAnswer(
  tx: Tx,
  tenant: TenantId,
  key: string,
  now: Millis,
): Promise<CachedAnswer | undefined> {
  const [row] = await tx.all<Row>(
    'select * from answer_cache where tenant = $1 and key = $2 and expires_at > $3',
    tenant,
    key,
    now,
  );
  if (row === undefined) return undefined;
  const { body, provider, model } = row;
  return {
    body,
    provider,
    model,
    usage: fromJson(row.usage),
    costNano: nanoUsd(row.cost_nano),
    expiresAt: millis(row.expires_at),
  };
}

/** Replaces an older answer, and drops what has expired by then. */
export async function putAnswer(
  tx: Tx,
  tenant: TenantId,
  key: string,
  answer: CachedAnswer,
  now: Millis,
): Promise<void> {
  await tx.run('delete from answer_cache where expires_at <= $1', now);
  await tx.run(
    `insert into answer_cache (tenant, key, body, usage, cost_nano, provider, model, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (tenant, key) do update set body = excluded.body, usage = excluded.usage, cost_nano = excluded.cost_nano,
       provider = excluded.provider, model = excluded.model, expires_at = excluded.expires_at`,
    tenant,
    key,
    sealed(tenant, answer.body),
    toJson(answer.usage),
    answer.costNano,
    answer.provider,
    answer.model,
    answer.expiresAt,
  );
}
