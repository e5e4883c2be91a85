import type { Line } from '#gateway/ports.ts';
import type { Tx } from '#kernel/sql.ts';
import { fromJson, toJson } from './json-column.ts';

/** Undefined until somebody has used the provider's key. */
export async function findProviderLine(tx: Tx, provider: string): Promise<Line | undefined> {
  const [row] = await tx.all<{ body: string }>('select body from provider_line where provider = $1', provider);
  return row && fromJson<Line>(row.body);
}

/** In the transaction that read it. */
export async function putProviderLine(tx: Tx, provider: string, line: Line): Promise<void> {
  await tx.run(
    'insert into provider_line (provider, body) values ($1, $2) on conflict (provider) do update set body = excluded.body',
    provider,
    toJson(line),
  );
}

/** By provider. */
export async function listProviderLines(
  tx: Tx,
): Promise<readonly { readonly provider: string; readonly line: Line }[]> {
  const rows = await tx.all<{ provider: string; body: string }>(
    'select provider, body from provider_line order by provider',
  );
  return rows.map(({ provider, body }) => ({ provider, line: fromJson<Line>(body) }));
}
