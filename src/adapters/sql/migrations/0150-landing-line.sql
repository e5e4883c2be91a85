-- The landing line of each branch: who lands before whom, and on what the one behind builds. An entry counts while the run
-- that it names is held.
create table landing_line (
  change text primary key,
  tenant text not null,
  repo text not null,
  branch text not null,
  run text not null,
  place bigint not null,
  base text,
  tip text
);
create index landing_line_by_branch on landing_line (repo, branch, place);
