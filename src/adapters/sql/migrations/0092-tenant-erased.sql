-- Names and numbers of tenants that were erased: neither is ever given again.
create table tenant_erased (
  id text primary key,
  ordinal bigint not null unique,
  at bigint not null
);
