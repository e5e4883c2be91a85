-- Small facts by name: of one tenant, or of the whole installation (tenant '').
create table setting (
  tenant text not null,
  name text not null,
  value text not null,
  primary key (tenant, name)
);
