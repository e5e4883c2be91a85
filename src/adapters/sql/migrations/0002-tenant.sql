-- `body` is the whole Tenant as JSON; only what statements look for has columns of its own.
create table tenant (
  id text primary key,
  ordinal bigint not null unique,
  body text not null
);
