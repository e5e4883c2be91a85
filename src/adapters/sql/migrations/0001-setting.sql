-- Small facts about the installation and about each tenant, by name.
create table setting (
  tenant text not null,
  name text not null,
  value text not null,
  primary key (tenant, name)
);
