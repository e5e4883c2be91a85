-- What attempts at tests printed, by the digest that their reports name. The same output of a passed attempt is kept shorter.
create table test_output (
  tenant text not null,
  digest text not null,
  outcome text not null,
  at bigint not null,
  whole bigint not null,
  output text not null,
  primary key (tenant, digest, outcome)
);
create index test_output_by_age on test_output (at);
