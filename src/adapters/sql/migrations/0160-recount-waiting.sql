-- Cancelled tasks that needed labels were once counted off the wrong pool. Counts are made anew from the jobs that are
-- there; a tenant that enters the active set by it is lifted to V, as by any other change.
update fair_tenant set
  waiting_hi = (select count(*) from fair_job j
    where j.pool = fair_tenant.pool and j.tenant = fair_tenant.tenant and j.owner is null and j.class = 0),
  waiting_lo = (select count(*) from fair_job j
    where j.pool = fair_tenant.pool and j.tenant = fair_tenant.tenant and j.owner is null and j.class = 1),
  running = (select count(*) from fair_job j
    where j.pool = fair_tenant.pool and j.tenant = fair_tenant.tenant and j.owner is not null);

update fair_tenant set f = (select v from fair_pool p where p.pool = fair_tenant.pool)
  where backlogged = 0
    and ((served <> 'none' and waiting_hi > 0) or (served = 'all' and waiting_lo > 0))
    and f < (select v from fair_pool p where p.pool = fair_tenant.pool);

update fair_tenant set backlogged =
  case when (served <> 'none' and waiting_hi > 0) or (served = 'all' and waiting_lo > 0) then 1 else 0 end;
