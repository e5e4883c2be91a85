-- As 0052-pool.sql, with tenants compared by bytes as SQLite does, so that ties go the same way.
create table fair_pool (
  pool text primary key,
  v bigint not null
);
insert into fair_pool (pool, v) select '', v from fair_clock;
alter table fair_clock drop column v;

alter table fair_tenant rename to fair_tenant_before;
drop index fair_tenant_order;
create table fair_tenant (
  pool text not null default '',
  tenant text collate "C" not null,
  w bigint not null check (w > 0),
  f bigint not null,
  served text not null check (served in ('all', 'hi', 'none')),
  waiting_hi bigint not null check (waiting_hi >= 0),
  waiting_lo bigint not null check (waiting_lo >= 0),
  running bigint not null check (running >= 0),
  backlogged integer not null, -- 1: its head may be served, so it is in the active set
  primary key (pool, tenant)
);
insert into fair_tenant (tenant, w, f, served, waiting_hi, waiting_lo, running, backlogged)
  select tenant, w, f, served, waiting_hi, waiting_lo, running, backlogged from fair_tenant_before;
drop table fair_tenant_before;
create index fair_tenant_order on fair_tenant (pool, f, tenant) where backlogged = 1;

alter table fair_job add column pool text not null default '';
drop index fair_job_line;
create index fair_job_line on fair_job (pool, tenant, class, seq) where owner is null;

alter table task add column needs text not null default '[]';
