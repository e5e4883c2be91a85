-- Exceptions to policy that a second person approved. `body` is what was asked for, as JSON, and never changes.
create table policy_override (
  tenant text not null,
  id text not null,
  action text not null,
  body text not null,
  expires_at bigint not null,
  max_uses bigint not null check (max_uses > 0),
  uses bigint not null check (uses >= 0 and uses <= max_uses),
  approved_by text,
  approved_at bigint,
  revoked_by text,
  revoked_at bigint,
  primary key (tenant, id)
);
create index policy_override_live on policy_override (tenant, action, expires_at);
alter table policy_decision add column override text;
