create table plugin_grant (
  tenant text not null,
  plugin text not null,
  version text not null,
  image text not null,
  module text not null,
  manifest text not null,
  granted text not null,
  approved_by text not null,
  approved_at bigint not null,
  withdrawn bigint not null,
  primary key (tenant, plugin)
);
-- Every version that was ever granted to anyone: what comes later must not be older.
create table plugin_version (
  plugin text not null,
  version text not null,
  primary key (plugin, version)
);
create table plugin_revoked (
  module text primary key,
  because text not null,
  at bigint not null
);
-- Signed documents of the whole installation (the trust root, the catalog) whose version only rises.
create table plugin_document (
  name text primary key,
  version bigint not null,
  bundles text not null
);
