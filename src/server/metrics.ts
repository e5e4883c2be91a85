import type { House } from '#app/house.ts';
import type { TenantId } from '#domain/ids.ts';
import { type Pool, pools } from '#app/qos/pools.ts';
import { type SloDocument, sloStatus } from '#app/qos/slo-view.ts';
import { type BudgetDocument, budgets } from '#app/tenants/budgets.ts';
import type { Gauge, Sample } from './exposition.ts';

/**
 * What operators watch: demand and supply of workers, who waits, what is spent, how fast promises burn. For some tenants
 * only what is theirs; `tenants` undefined: everything.
 */
export async function gauges(house: House, tenants?: readonly TenantId[]): Promise<readonly Gauge[]> {
  const ids: readonly string[] | undefined = tenants;
  const seen = (tenant: string): boolean => ids === undefined || ids.includes(tenant);
  const scopes = (await budgets(house)).filter(
    ({ scope }) => ids === undefined || ids.some((id) => scope === `tenant:${id}`),
  );
  return [
    infoGauge(house),
    ...(ids === undefined ? poolGauges(await pools(house)) : []),
    ...tenantGauges((await house.queue.counts()).filter(({ tenant }) => seen(tenant))),
    ...budgetGauges(scopes),
    ...sloGauges((await sloStatus(house)).filter(({ tenant }) => seen(tenant))),
  ];
}

const gauge = (name: string, help: string, samples: readonly Sample[]): Gauge => ({ name, help, samples });

function infoGauge({ version, engines }: House): Gauge {
  return gauge('maestro_info', 'Always 1; version and engines stand in the labels.', [
    { labels: { version, store: engines['store'] ?? '', queue: engines['queue'] ?? '' }, value: 1 },
  ]);
}

function poolGauges(pools: readonly Pool[]): readonly Gauge[] {
  const of = (value: (pool: Pool) => number): Sample[] =>
    pools.map((pool) => ({ labels: { pool: pool.pool }, value: value(pool) }));
  const load = ({ load: share, backlog, running }: Pool): number => share ?? (backlog + running === 0 ? 0 : Infinity);
  return [
    gauge(
      'maestro_pool_backlog',
      'Tasks that wait in a pool of workers.',
      of(({ backlog }) => backlog),
    ),
    gauge(
      'maestro_pool_running',
      'Tasks of a pool that run.',
      of(({ running }) => running),
    ),
    gauge(
      'maestro_pool_workers',
      'Workers that serve a pool.',
      of(({ workers }) => workers),
    ),
    gauge(
      'maestro_pool_slots',
      'Tasks that the workers of a pool can run at the same time.',
      of(({ slots }) => slots),
    ),
    gauge('maestro_pool_load', '(backlog + running) / slots; +Inf: work waits and no worker serves.', of(load)),
  ];
}

function tenantGauges(counts: Awaited<ReturnType<House['queue']['counts']>>): readonly Gauge[] {
  type Count = (typeof counts)[number];
  const of = (value: (count: Count) => number): Sample[] =>
    counts.map((count) => ({ labels: { tenant: count.tenant }, value: value(count) }));
  return [
    gauge(
      'maestro_tenant_waiting',
      'Tasks of a tenant that wait for a slot.',
      of(({ waiting }) => waiting),
    ),
    gauge(
      'maestro_tenant_running',
      'Tasks of a tenant that run.',
      of(({ running }) => running),
    ),
  ];
}

/** What has no cap has no sample of it. */
function budgetGauges(scopes: readonly BudgetDocument[]): readonly Gauge[] {
  const of = (value: (scope: BudgetDocument) => number | null): Sample[] =>
    scopes.flatMap((scope) => {
      const known = value(scope);
      return known === null ? [] : [{ labels: { scope: scope.scope }, value: known }];
    });
  return [
    gauge(
      'maestro_budget_cap_usd',
      'Cap of a scope in its period, dollars.',
      of(({ capUsd }) => capUsd),
    ),
    gauge(
      'maestro_budget_spent_usd',
      'Spent in the period, dollars.',
      of(({ spentUsd }) => spentUsd),
    ),
    gauge(
      'maestro_budget_held_usd',
      'Held for work that has begun or waits, dollars.',
      of(({ heldUsd }) => heldUsd),
    ),
    gauge(
      'maestro_budget_pace',
      '1: the cap lasts exactly to the end of the period.',
      of(({ pace }) => pace),
    ),
  ];
}

function sloGauges(objectives: readonly SloDocument[]): readonly Gauge[] {
  const labelsOf = ({ tenant, class: priority }: SloDocument) => ({ tenant, class: priority });
  const of = (value: (slo: SloDocument) => number): Sample[] =>
    objectives.map((slo) => ({ labels: labelsOf(slo), value: value(slo) }));
  const burns = objectives.flatMap((slo) =>
    Object.entries(slo.burn).flatMap(([rule, { long, short }]) => [
      { labels: { ...labelsOf(slo), rule, window: 'long' }, value: long },
      { labels: { ...labelsOf(slo), rule, window: 'short' }, value: short },
    ]),
  );
  const firing = objectives.flatMap((slo) =>
    Object.keys(slo.burn).map((rule) => ({
      labels: { ...labelsOf(slo), rule },
      value: Number(slo.firing.includes(rule)),
    })),
  );
  return [
    gauge(
      'maestro_slo_target',
      'Part of the starts that shall be in time.',
      of(({ target }) => target),
    ),
    gauge(
      'maestro_slo_budget_left',
      'Part of the error budget that is left in its window.',
      of((slo) => slo.budgetLeft),
    ),
    gauge('maestro_slo_burn_rate', 'Speed at which the error budget burns; 1 uses it up exactly.', burns),
    gauge('maestro_slo_alert_firing', '1 while the rule of this name fires.', firing),
    gauge(
      'maestro_slo_measures',
      'Measures in force for a tenant.',
      of(({ throttles }) => throttles.length),
    ),
  ];
}
