import type { Millis } from '#kernel/clock.ts';
import type { Tx } from '#kernel/sql.ts';

/** A sign of life under the owner's own name. */
export async function renewLease(tx: Tx, owner: string, until: Millis): Promise<void> {
  await tx.run(
    `insert into lease (name, owner, until_at) values ($1, $2, $3)
     on conflict (name) do update set until_at = excluded.until_at`,
    owner,
    owner,
    until,
  );
}

export async function dropLease(tx: Tx, owner: string): Promise<void> {
  await tx.run('delete from lease where name = $1', owner);
}
