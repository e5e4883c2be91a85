-- Changes of the local forge: what a pull request is elsewhere. One for each branch of a repository.
create table change (
  id text primary key,
  tenant text not null,
  repo text not null,
  task text not null,
  run text not null,
  branch text not null,
  base text not null,
  head text not null,
  -- What the change holds: equal to another one's when the two are the same work.
  tree text not null,
  patch_id text not null,
  title text not null,
  body text not null,
  author text not null,
  state text not null,
  asks text not null,
  opened_at bigint not null,
  landed_commit text,
  unique (repo, branch)
);
create index change_by_tree on change (repo, tree);
create index change_by_patch on change (repo, patch_id);
create index change_by_tenant on change (tenant, opened_at);

create table change_check (
  change text not null references change (id),
  name text not null,
  outcome text not null,
  summary text not null,
  primary key (change, name)
);

create table change_comment (
  change text not null references change (id),
  marker text not null,
  author text not null,
  body text not null,
  at bigint not null,
  primary key (change, marker)
);
