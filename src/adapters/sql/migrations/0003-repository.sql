create table repository (
  tenant text not null,
  id text not null,
  name text not null,
  default_branch text not null,
  head text not null,
  origin text not null,
  test_command text,
  primary key (tenant, id)
);
