create table run (
  id text primary key,
  tenant text not null,
  task text not null,
  epoch bigint not null,
  owner text not null,
  lease_until bigint not null,
  state text not null check (state in ('open', 'closed')),
  started_at bigint not null,
  finished_at bigint
);
create unique index run_open on run (tenant, task) where state = 'open';
create index run_by_lease on run (lease_until) where state = 'open';
create index run_by_task on run (tenant, task, started_at);

create table step (
  run text not null,
  seq bigint not null,
  tenant text not null,
  name text not null,
  state text not null check (state in ('started', 'finished')),
  result text,
  started_at bigint not null,
  finished_at bigint,
  primary key (run, seq)
);
