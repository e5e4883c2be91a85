-- Who wants to be told of events; `after_seq` is the last one that was handed to the outbox. The signing secret is derived, not kept.
create table webhook (
  id text primary key,
  tenant text not null,
  url text not null,
  types text not null,
  created_at bigint not null,
  created_by text not null,
  after_seq bigint not null,
  stopped_at bigint
);
create index webhook_by_tenant on webhook (tenant, id);
