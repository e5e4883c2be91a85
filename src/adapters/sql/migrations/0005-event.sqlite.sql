create table event (
  seq integer primary key,
  tenant text not null,
  type text not null,
  version bigint not null,
  at bigint not null,
  task text,
  run text,
  principal text not null,
  data text not null
);
create index event_by_tenant on event (tenant, seq);
create index event_by_task on event (tenant, task, seq);
create index event_by_type on event (type, seq);
