-- `due_at` is also the lease of the one who is delivering: when it passes, another may try.
create table outbox (
  tenant text not null,
  kind text not null,
  key text not null,
  payload text not null,
  created_at bigint not null,
  due_at bigint not null,
  attempts bigint not null,
  last_error text,
  delivered_at bigint,
  primary key (tenant, kind, key)
);
create index outbox_due on outbox (due_at) where delivered_at is null;
