import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tenant } from '#domain/tenant.ts';

const PLAIN = /^[a-z0-9][a-z0-9-]*$/;

/** Deletes what the data directory holds for one tenant alone: its repositories and the environments built for it. */
export async function removeTenantFolders(
  dataDir: string,
  { id, ordinal }: Pick<Tenant, 'id' | 'ordinal'>,
): Promise<void> {
  if (!PLAIN.test(id) || !Number.isSafeInteger(ordinal)) throw new Error(`${id} is no tenant that has folders`);
  for (const dir of [join(dataDir, 'repos', id), join(dataDir, 'environments', String(ordinal))]) {
    await rm(dir, { recursive: true, force: true });
  }
}
