-- Results of actions that answered, by the digest of all that decides them. A tenant sees its own only.
create table action_result (
  tenant text not null,
  digest text not null,
  report text not null,
  at bigint not null,
  primary key (tenant, digest)
);
