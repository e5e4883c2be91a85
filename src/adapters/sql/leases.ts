import type { Millis } from '#kernel/clock.ts';
import type { Tx } from '#kernel/sql.ts';

export interface Lease {
  readonly name: string;
  readonly owner: string;
  readonly until: Millis;
  /** Where the owner is reached, if anywhere. */
  readonly address?: string;
}

/** Takes or renews what one owner at a time may have; false while another has it. A sign of life is a lease under the owner's own name. */
export async function takeLease(tx: Tx, lease: Lease, now: Millis): Promise<boolean> {
  const taken = await tx.run(
    `insert into lease (name, owner, until_at, address) values ($1, $2, $3, $4)
     on conflict (name) do update set owner = excluded.owner, until_at = excluded.until_at, address = excluded.address
     where lease.until_at < $5 or lease.owner = excluded.owner`,
    lease.name,
    lease.owner,
    lease.until,
    lease.address ?? null,
    now,
  );
  return taken === 1;
}

/** Who has it now, and where they are reached. */
export async function findLease(
  tx: Tx,
  name: string,
  now: Millis,
): Promise<{ readonly owner: string; readonly address: string | null } | undefined> {
  const [row] = await tx.all<{ owner: string; address: string | null }>(
    'select owner, address from lease where name = $1 and until_at >= $2',
    name,
    now,
  );
  return row;
}

export async function dropLease(tx: Tx, name: string, owner: string): Promise<void> {
  await tx.run('delete from lease where name = $1 and owner = $2', name, owner);
}
