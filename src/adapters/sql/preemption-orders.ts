import type { TaskId, TenantId } from '#domain/ids.ts';
import { type Millis, millis } from '#kernel/clock.ts';
import type { Tx } from '#kernel/sql.ts';
import { fromJson, toJson } from './json-column.ts';

/** A slot that a tenant is to give back at a step boundary. */
export interface PreemptionOrder {
  /** `slot:<task that waits>` or `budget:<task that gives way>`. */
  readonly id: string;
  /** Whose work gives way. */
  readonly tenant: TenantId;
  /** Only this task; null: whichever of the tenant's comes first to a step boundary. */
  readonly task: TaskId | null;
  readonly rule: 'slot' | 'budget';
  readonly body: { readonly [name: string]: string | number };
  readonly madeAt: Millis;
}

type Row = {
  readonly id: string;
  readonly tenant: TenantId;
  readonly task: TaskId | null;
  readonly rule: PreemptionOrder['rule'];
  readonly body: string;
  readonly made_at: number;
};

function orderOf({ made_at, body, ...row }: Row): PreemptionOrder {
  return { ...row, body: fromJson(body), madeAt: millis(made_at) };
}

/** Same id twice is the same as once. */
export async function addPreemptionOrder(tx: Tx, order: PreemptionOrder): Promise<void> {
  await tx.run(
    `insert into preemption_order (id, tenant, task, rule, body, made_at) values ($1, $2, $3, $4, $5, $6)
     on conflict (id) do nothing`,
    order.id,
    order.tenant,
    order.task,
    order.rule,
    toJson(order.body),
    order.madeAt,
  );
}

export async function openPreemptionOrders(tx: Tx): Promise<PreemptionOrder[]> {
  return (await tx.all<Row>('select * from preemption_order order by made_at, id')).map(orderOf);
}

/** The oldest order that this task could carry out. */
export async function findPreemptionOrder(
  tx: Tx,
  tenant: TenantId,
  task: TaskId,
): Promise<PreemptionOrder | undefined> {
  const [row] = await tx.all<Row>(
    `select * from preemption_order where tenant = $1 and (task is null or task = $2) order by made_at, id limit 1`,
    tenant,
    task,
  );
  return row && orderOf(row);
}

/** False when another task has carried it out, or it has become needless. */
export async function takePreemptionOrder(tx: Tx, id: string): Promise<boolean> {
  return (await tx.run('delete from preemption_order where id = $1', id)) === 1;
}
