-- Two ends of one task may say exactly the same (cancelled, tried again, cancelled): one entry of the log then proves both.
create table evidence_statement_shared (
  task text not null,
  attempt integer not null,
  name text not null,
  digest text not null,
  predicate_type text not null,
  leaf bigint not null,
  bundle text not null,
  primary key (task, attempt, name)
);
insert into evidence_statement_shared select task, attempt, name, digest, predicate_type, leaf, bundle from evidence_statement;
drop table evidence_statement;
alter table evidence_statement_shared rename to evidence_statement;
create index evidence_statement_by_leaf on evidence_statement (leaf);
