-- Virtual keys; of a token only its hash is kept.
create table gateway_key (
  hash text primary key,
  tenant text not null,
  id text not null unique,
  run text,
  expires_at bigint not null,
  revoked_at bigint,
  body text not null
);
create index gateway_key_by_tenant on gateway_key (tenant, id);
create index gateway_key_by_run on gateway_key (run) where run is not null;

-- Holds of the ledger that a gateway process draws on for many calls. What its owner leaves behind is settled from its calls.
create table gateway_block (
  key text primary key,
  owner text not null,
  boot text not null, -- of the machine: after a power loss the last calls may be missing
  bound_nano bigint not null,
  opened_at bigint not null
);
create index gateway_block_by_owner on gateway_block (owner);

-- Every attempt at a provider: recorded before it is made, ended once.
create table model_call (
  id text primary key,
  tenant text not null,
  request text not null,
  attempt bigint not null,
  key text not null,
  task text,
  run text,
  asked text not null,
  provider text not null,
  model text not null,
  format text not null,
  plan text not null,
  rung bigint not null,
  propensity_ppm bigint not null,
  decision text not null,
  block text not null,
  bound_nano bigint not null,
  max_output bigint not null,
  rates text not null,
  sheet text not null,
  waited_ms bigint not null,
  at bigint not null,
  ended_at bigint, -- null: under way
  cost_nano bigint,
  source text,
  status bigint,
  input_tokens bigint,
  cache_read_tokens bigint,
  cache_write_tokens bigint,
  cache_write_hour_tokens bigint,
  output_tokens bigint,
  reasoning_tokens bigint,
  saved_nano bigint,
  upstream_request text
);
create index model_call_by_tenant on model_call (tenant, at);
create index model_call_by_run on model_call (run) where run is not null;
create index model_call_by_block on model_call (block);

-- Answers to requests that must have the same answer, for one tenant each.
create table answer_cache (
  tenant text not null,
  key text not null,
  body text not null,
  usage text not null,
  cost_nano bigint not null,
  provider text not null,
  model text not null,
  expires_at bigint not null,
  primary key (tenant, key)
);
create index answer_cache_expiry on answer_cache (expires_at);
