-- Who acts. `tenant` is '*' where it means every tenant and the installation itself.
create table principal (
  id text primary key,
  kind text not null,
  delegated_by text,
  created_at bigint not null,
  created_by text not null,
  disabled_at bigint
);

create table role_grant (
  principal text not null,
  tenant text not null,
  role text not null,
  granted_at bigint not null,
  granted_by text not null,
  primary key (principal, tenant, role)
);
create index role_grant_by_tenant on role_grant (tenant, principal);

-- The secret is kept as a keyed hash only.
create table api_key (
  id text primary key,
  principal text not null,
  tenant text not null,
  roles text not null,
  label text not null,
  hash text not null,
  created_at bigint not null,
  created_by text not null,
  expires_at bigint,
  last_used_at bigint,
  revoked_at bigint
);
create index api_key_by_tenant on api_key (tenant, id);

-- Sessions of browsers, and the links that open one; `grants` are those of the sign-in beside the principal's own.
create table session (
  hash text primary key,
  kind text not null,
  principal text not null,
  grants text not null,
  created_at bigint not null,
  expires_at bigint not null
);
create index session_by_end on session (expires_at);

-- Answers to requests with an Idempotency-Key; without status while the request is being carried out.
create table idempotent_answer (
  principal text not null,
  key text not null,
  request text not null,
  at bigint not null,
  status bigint,
  body text,
  primary key (principal, key)
);
create index idempotent_answer_by_age on idempotent_answer (at);
