-- The fair queue. Letters V, F, w: src/qos/tags.ts; units: src/kernel/virtual-time.ts.
create table fair_clock (
  id integer primary key check (id = 1),
  v bigint not null,
  ticks bigint not null -- counts places in line and epochs
);
insert into fair_clock (id, v, ticks) values (1, 0, 0);

create table fair_tenant (
  tenant text primary key,
  w bigint not null check (w > 0),
  f bigint not null,
  served text not null check (served in ('all', 'hi', 'none')),
  waiting_hi bigint not null check (waiting_hi >= 0),
  waiting_lo bigint not null check (waiting_lo >= 0),
  running bigint not null check (running >= 0),
  backlogged integer not null -- 1: its head may be served, so it is in the active set
);
create index fair_tenant_order on fair_tenant (f, tenant) where backlogged = 1;

create table fair_job (
  id text primary key,
  tenant text not null,
  class integer not null check (class in (0, 1)), -- 0 hi, 1 lo
  seq bigint not null,
  ready_at bigint not null,
  epoch bigint not null,
  owner text, -- null while it waits; the four below belong to a claim
  claimed_at bigint,
  lease_until bigint,
  charged bigint
);
create index fair_job_line on fair_job (tenant, class, seq) where owner is null;
create index fair_job_lease on fair_job (lease_until, epoch) where owner is not null;
