-- Starts that count for an objective, by the minute, with totals since the beginning: a window is one subtraction.
create table slo_minute (
  tenant text not null,
  class text not null,
  minute bigint not null,
  good bigint not null,
  bad bigint not null,
  primary key (tenant, class, minute)
);

create table slo_alert (
  tenant text not null,
  class text not null,
  rule text not null,
  since bigint not null,
  told_at bigint not null,
  primary key (tenant, class, rule)
);

-- What is in force while error budgets burn; `body` is the whole Measure as JSON.
create table slo_measure (
  kind text not null,
  tenant text not null,
  body text not null,
  primary key (kind, tenant)
);
