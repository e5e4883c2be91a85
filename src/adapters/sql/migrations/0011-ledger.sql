-- What may be spent, per scope and period. A bug that would overspend stops at the last check.
create table ledger_scope (
  scope text not null,
  starts_at bigint not null,
  ends_at bigint, -- null: one period for ever
  period text check (period in ('day', 'week', 'month')),
  cap_nano bigint check (cap_nano >= 0), -- null: no cap of its own
  kept_for_hi_nano bigint not null check (kept_for_hi_nano >= 0),
  spent_nano bigint not null check (spent_nano >= 0),
  held_nano bigint not null check (held_nano >= 0),
  breached_nano bigint not null check (breached_nano >= 0),
  primary key (scope, starts_at),
  check (spent_nano + held_nano <= cap_nano + breached_nano)
);

-- One reservation, and what became of it.
create table ledger_entry (
  key text primary key,
  bound_nano bigint not null check (bound_nano >= 0),
  actual_nano bigint check (actual_nano >= 0), -- null while it is held
  held_at bigint not null,
  settled_at bigint
);
create index ledger_entry_open on ledger_entry (held_at, key) where actual_nano is null;

-- Where it counts: the period in which it was reserved.
create table ledger_entry_scope (
  key text not null,
  scope text not null,
  starts_at bigint not null,
  primary key (key, scope)
);
create index ledger_entry_scope_period on ledger_entry_scope (scope, starts_at);
