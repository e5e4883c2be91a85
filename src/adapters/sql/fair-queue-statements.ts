import { UNITS } from '#kernel/virtual-time.ts';

// Tags are read and written inside the engine only, so they may pass 2^53. `c * UNITS / w` is virtualSpan: both engines
// divide integers towards zero.

/** Counts on; in Postgres it also makes whoever changes the order wait for, or run again after, whoever came first. */
export const TICK = 'update fair_clock set ticks = ticks + 1 where id = 1 returning ticks';

const BACKLOGGED = `case when (served <> 'none' and waiting_hi + cast($2 as bigint) > 0)
    or (served = 'all' and waiting_lo + cast($3 as bigint) > 0) then 1 else 0 end`;
const CHARGED_F = `f + cast($5 as bigint) * ${UNITS} / w`;

/**
 * The one change of a tenant in pool $6: $2 hi and $3 lo more wait, $4 more run, $5 slot-milliseconds are charged (any may be
 * negative). Whoever enters the active set by it is lifted: F = max(F, V).
 */
export const MOVE = `update fair_tenant set
  f = case when backlogged = 0 and ${BACKLOGGED} = 1 and ${CHARGED_F} < (select v from fair_pool where pool = $6)
    then (select v from fair_pool where pool = $6) else ${CHARGED_F} end,
  waiting_hi = waiting_hi + $2, waiting_lo = waiting_lo + $3, running = running + $4,
  backlogged = ${BACKLOGGED}
  where tenant = $1 and pool = $6`;

/** Of pool $1. */
const FIRST = 'select tenant from fair_tenant where backlogged = 1 and pool = $1 order by f, tenant limit 1';

export const ANY_BACKLOGGED = FIRST;

/** The job that is served next in pool $1. */
export const HEAD = `select id, tenant, class, ready_at from fair_job
  where owner is null and pool = $1 and tenant = (${FIRST}) order by class, seq limit 1`;

/** V = max(V, S), where S is F of tenant $1 in pool $2 before it is charged for the dispatch. */
export const DISPATCHED = `update fair_pool set v = (select f from fair_tenant where tenant = $1 and pool = $2)
  where pool = $2 and v < (select f from fair_tenant where tenant = $1 and pool = $2)`;

/** Jobs before job $1 in pool $3, were nothing to change, when a dispatch charges $2: servedBefore of src/qos/tags.ts, summed. */
export const POSITION = `with tag as (
    select t.tenant, t.f, cast($2 as bigint) * ${UNITS} / t.w as step,
      t.waiting_hi + case when t.served = 'all' then t.waiting_lo else 0 end as waiting
    from fair_tenant t where t.backlogged = 1 and t.pool = $3
  ), here as (
    select t.tenant, t.f, t.step, (
      select count(*) from fair_job a
      where a.tenant = j.tenant and a.pool = $3 and a.owner is null and (a.class < j.class or (a.class = j.class and a.seq < j.seq))
    ) as ahead
    from fair_job j join tag t on t.tenant = j.tenant
    join fair_tenant s on s.tenant = j.tenant and s.pool = $3
    where j.id = $1 and j.pool = $3 and j.owner is null and (s.served = 'all' or j.class = 0)
  ), gap as (
    select o.waiting, here.f + here.ahead * here.step - o.f as g, o.step,
      case when o.tenant < here.tenant then 1 else 0 end as wins_tie
    from here join tag o on o.tenant <> here.tenant
  ), before as (
    select waiting, case when wins_tie = 1 and g >= 0 then g / step + 1
      when g > 0 then (g + step - 1) / step else 0 end as first
    from gap
  )
  select here.ahead + coalesce((select sum(case when first < waiting then first else waiting end) from before), 0) as place
  from here`;
