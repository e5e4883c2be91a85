import type { Outage } from '#gateway/ports.ts';
import { type Millis, millis } from '#kernel/clock.ts';
import type { Tx } from '#kernel/sql.ts';

type Row = { readonly place: string; readonly failures: number; readonly rests_until: number };

function outageOf({ failures, rests_until }: Row): Outage {
  return { failures, restsUntil: millis(rests_until) };
}

export async function listOutages(tx: Tx): Promise<ReadonlyMap<string, Outage>> {
  const rows = await tx.all<Row>('select place, failures, rests_until from provider_outage');
  return new Map(rows.map((row) => [row.place, outageOf(row)]));
}

/** One failure more; gives how many there were in a row. */
export async function addOutageFailure(tx: Tx, place: string, restsUntil: Millis): Promise<Outage> {
  const [row] = await tx.all<Row>(
    `insert into provider_outage (place, failures, rests_until) values ($1, 1, $2)
     on conflict (place) do update set failures = provider_outage.failures + 1, rests_until = excluded.rests_until
     returning place, failures, rests_until`,
    place,
    restsUntil,
  );
  if (row === undefined) throw new Error(`no row came back for ${place}`);
  return outageOf(row);
}

export async function dropOutage(tx: Tx, place: string): Promise<void> {
  await tx.run('delete from provider_outage where place = $1', place);
}
