import type { PrincipalId } from '#domain/ids.ts';
import { type Millis, millis } from '#kernel/clock.ts';
import type { Tx } from '#kernel/sql.ts';

/** Nothing more is begun in the scope: `*` for everything, or a tenant. */
export interface StopOrder {
  readonly scope: string;
  readonly by: PrincipalId;
  readonly at: Millis;
}

type Row = { readonly scope: string; readonly stopped_by: PrincipalId; readonly stopped_at: number };

function stopOf({ scope, stopped_by, stopped_at }: Row): StopOrder {
  return { scope, by: stopped_by, at: millis(stopped_at) };
}

/** False when it was stopped already. */
export async function addStopOrder(tx: Tx, stop: StopOrder): Promise<boolean> {
  const added = await tx.run(
    'insert into stop_order (scope, stopped_by, stopped_at) values ($1, $2, $3) on conflict (scope) do nothing',
    stop.scope,
    stop.by,
    stop.at,
  );
  return added === 1;
}

export async function deleteStopOrder(tx: Tx, scope: string): Promise<boolean> {
  return (await tx.run('delete from stop_order where scope = $1', scope)) === 1;
}

export async function listStopOrders(tx: Tx): Promise<StopOrder[]> {
  return (await tx.all<Row>('select * from stop_order order by scope')).map(stopOf);
}

/** The stop that holds for the tenant, if there is one. */
export async function findStopOrder(tx: Tx, tenant: string): Promise<StopOrder | undefined> {
  const [row] = await tx.all<Row>(`select * from stop_order where scope in ('*', $1) order by scope limit 1`, tenant);
  return row && stopOf(row);
}
