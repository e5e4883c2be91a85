import type { TenantId } from '#domain/ids.ts';
import type { Tx } from '#kernel/sql.ts';

/** Whose setting it is; null for the whole installation. */
export type SettingOwner = TenantId | null;

export async function findSetting(tx: Tx, owner: SettingOwner, name: string): Promise<string | undefined> {
  const text = 'select value from setting where tenant = $1 and name = $2';
  const [row] = await tx.all<{ value: string }>(text, owner ?? '', name);
  return row?.value;
}

export async function putSetting(tx: Tx, owner: SettingOwner, name: string, value: string): Promise<void> {
  await tx.run(
    `insert into setting (tenant, name, value) values ($1, $2, $3)
     on conflict (tenant, name) do update set value = excluded.value`,
    owner ?? '',
    name,
    value,
  );
}
