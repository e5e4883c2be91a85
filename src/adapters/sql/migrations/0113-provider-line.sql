-- What all gateways know together of a provider's key: what is left of its minute, and which calls wait for it.
create table provider_line (
  provider text primary key,
  body text not null
);

-- Places that failed in a row; no row: the last call went well.
create table provider_outage (
  place text primary key,
  failures bigint not null,
  rests_until bigint not null
);
