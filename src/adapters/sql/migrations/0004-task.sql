create table task (
  tenant text not null,
  id text not null,
  repo text not null,
  work text not null,
  priority text not null,
  key text not null,
  submitted_by text not null,
  state text not null,
  reasons text not null,
  submitted_at bigint not null,
  bound_nano bigint not null,
  primary key (tenant, id),
  unique (tenant, key)
);
create index task_by_state on task (tenant, state, id);
