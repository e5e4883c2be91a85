-- The transparency log: its head (one row), its entries numbered from 0 without gaps, and its complete subtrees.
create table evidence_log (
  id integer primary key,
  size bigint not null,
  frontier text not null
);
insert into evidence_log (id, size, frontier) values (1, 0, '[]');

create table evidence_entry (
  leaf bigint primary key,
  leaf_hash text not null unique,
  body text not null,
  checkpoint text not null,
  at bigint not null
);

create table evidence_node (
  level integer not null,
  idx bigint not null,
  hash text not null,
  primary key (level, idx)
);

-- Signed statements in their bundles; `leaf` is their entry of the log.
create table evidence_statement (
  task text not null,
  attempt integer not null,
  name text not null,
  digest text not null,
  predicate_type text not null,
  leaf bigint not null unique,
  bundle text not null,
  primary key (task, attempt, name)
);
