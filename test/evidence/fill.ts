import type { LogStore } from '#evidence/ports.ts';
import { millis } from '#kernel/clock.ts';
import type { Random } from '#kernel/random.ts';
import type { Sql } from '#kernel/sql.ts';
import { grow } from '../../src/evidence/log/frontier.ts';

/** Makes an empty log `size` entries long, quickly: random leaves whose checkpoints nobody signed. */
export async function fillLog(sql: Sql, store: LogStore, size: number, random: Random): Promise<void> {
  await sql.tx(async (tx) => {
    let head = await store.head(tx);
    for (let index = 0; index < size; index++) {
      const leafHash = Buffer.from(random.bytes(32)).toString('hex');
      const grown = grow(head, leafHash);
      const entry = { index, leafHash, body: 'filler', checkpoint: 'unsigned', at: millis(index) };
      await store.append(tx, { entry, ...grown });
      head = grown.head;
    }
  });
}
