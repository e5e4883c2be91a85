create table policy_decision (
  tenant text not null,
  id text not null,
  task text,
  at bigint not null,
  action text not null,
  allow bigint not null,
  reasons text not null,
  obligations text not null,
  engine text not null,
  policy_digest text not null,
  primary key (tenant, id)
);
create index policy_decision_by_task on policy_decision (tenant, task, at);
