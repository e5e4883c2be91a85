import { join } from 'node:path';
import type { Tenant } from '#domain/tenant.ts';
import { removeTree } from './remove-tree.ts';

const PLAIN = /^[a-z0-9][a-z0-9-]*$/;

/** Deletes what the data directory holds for one tenant alone: its repositories and the environments built for it. What cannot go keeps nothing else. */
export async function removeTenantFolders(
  dataDir: string,
  { id, ordinal }: Pick<Tenant, 'id' | 'ordinal'>,
): Promise<void> {
  if (!PLAIN.test(id) || !Number.isSafeInteger(ordinal)) throw new Error(`${id} is no tenant that has folders`);
  const folders = [join(dataDir, 'repos', id), join(dataDir, 'environments', String(ordinal))];
  const ends = await Promise.allSettled(folders.map((folder) => removeTree(folder)));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
