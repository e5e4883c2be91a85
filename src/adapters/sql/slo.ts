import type { TenantId } from '#domain/ids.ts';
import type { Priority } from '#domain/task.ts';
import { type Millis, millis } from '#kernel/clock.ts';
import type { Tx } from '#kernel/sql.ts';
import { type BurnRuleName, type Counts, firstMinute, type Measure, minuteOf } from '#qos/ports.ts';
import { fromJson, toJson } from './json-column.ts';

/** Counts starts for an objective: MinuteCounts of src/qos/slo in SQL. What comes with an earlier time than the last counts for the last. */
export async function addStarts(
  tx: Tx,
  objective: { readonly tenant: TenantId; readonly class: Priority },
  at: Millis,
  { good, bad }: Counts,
): Promise<void> {
  const { tenant } = objective;
  const [last] = await tx.all<{ minute: number; good: number; bad: number }>(
    'select minute, good, bad from slo_minute where tenant = $1 and class = $2 order by minute desc limit 1',
    tenant,
    objective.class,
  );
  await tx.run(
    `insert into slo_minute (tenant, class, minute, good, bad) values ($1, $2, $3, $4, $5)
     on conflict (tenant, class, minute) do update set good = slo_minute.good + $6, bad = slo_minute.bad + $7`,
    tenant,
    objective.class,
    Math.max(minuteOf(at), last?.minute ?? 0),
    (last?.good ?? 0) + good,
    (last?.bad ?? 0) + bad,
    good,
    bad,
  );
}

/** What was counted in the window of `ms` that ends now. */
export async function startsWithin(
  tx: Tx,
  objective: { readonly tenant: TenantId; readonly class: Priority },
  now: Millis,
  ms: number,
): Promise<Counts> {
  const total = 'select good, bad from slo_minute where tenant = $1 and class = $2';
  const [last] = await tx.all<Counts>(`${total} order by minute desc limit 1`, objective.tenant, objective.class);
  const [before] = await tx.all<Counts>(
    `${total} and minute < $3 order by minute desc limit 1`,
    objective.tenant,
    objective.class,
    firstMinute(now, ms),
  );
  return { good: (last?.good ?? 0) - (before?.good ?? 0), bad: (last?.bad ?? 0) - (before?.bad ?? 0) };
}

/** Drops minutes that no window reaches any more, but keeps the last of them of each objective, from whose totals windows start. */
export async function deleteOldMinutes(tx: Tx, before: number): Promise<void> {
  await tx.run(
    `delete from slo_minute where minute < (
       select max(m.minute) from slo_minute m
       where m.tenant = slo_minute.tenant and m.class = slo_minute.class and m.minute < $1)`,
    before,
  );
}

export interface SloAlert {
  readonly tenant: TenantId;
  readonly class: Priority;
  readonly rule: BurnRuleName;
  readonly since: Millis;
  /** When people were last told. */
  readonly toldAt: Millis;
}

export async function listAlerts(tx: Tx): Promise<SloAlert[]> {
  const rows = await tx.all<Omit<SloAlert, 'toldAt'> & { told_at: number }>('select * from slo_alert order by since');
  return rows.map(({ told_at, since, ...row }) => ({ ...row, since: millis(since), toldAt: millis(told_at) }));
}

export async function putAlert(tx: Tx, alert: SloAlert): Promise<void> {
  await tx.run(
    `insert into slo_alert (tenant, class, rule, since, told_at) values ($1, $2, $3, $4, $5)
     on conflict (tenant, class, rule) do update set told_at = excluded.told_at`,
    alert.tenant,
    alert.class,
    alert.rule,
    alert.since,
    alert.toldAt,
  );
}

export async function deleteAlert(tx: Tx, { tenant, class: priority, rule }: SloAlert): Promise<void> {
  await tx.run('delete from slo_alert where tenant = $1 and class = $2 and rule = $3', tenant, priority, rule);
}

export async function listMeasures(tx: Tx): Promise<Measure[]> {
  const rows = await tx.all<{ body: string }>('select body from slo_measure order by kind, tenant');
  return rows.map(({ body }) => fromJson<Measure>(body));
}

export async function putMeasure(tx: Tx, measure: Measure): Promise<void> {
  await tx.run(
    `insert into slo_measure (kind, tenant, body) values ($1, $2, $3)
     on conflict (kind, tenant) do update set body = excluded.body`,
    measure.kind,
    measure.tenant,
    toJson({ ...measure }),
  );
}

export async function deleteMeasure(tx: Tx, { kind, tenant }: Measure): Promise<void> {
  await tx.run('delete from slo_measure where kind = $1 and tenant = $2', kind, tenant);
}
