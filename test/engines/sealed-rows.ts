import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DataKeys } from '#adapters/keys/index.ts';
import { opened } from '#adapters/sql/sealing.ts';
import { systemRandom } from '#kernel/random.ts';
import type { SqlRow } from '#kernel/sql.ts';

/** What a query of the database of a data directory gives, unsealed with the keys that lie there. */
export function rowsIn<T>(data: string, query: string): readonly T[] {
  const keys = join(data, 'keys');
  const master = { file: join(keys, 'master.key'), make: false };
  const sealer = new DataKeys({ dir: join(keys, 'data'), master, random: systemRandom });
  const db = new DatabaseSync(join(data, 'maestro.db'), { readOnly: true });
  try {
    // The casts are true as far as the caller knows what it asks for.
    return opened(sealer, db.prepare(query).all() as SqlRow[]) as unknown as readonly T[];
  } finally {
    db.close();
  }
}
