-- Where a task that has not ended stands among the others: what waits, what runs, how often it gave way.
create table task_wait (
  task text primary key,
  tenant text not null,
  class text not null check (class in ('hi', 'lo')),
  state text not null check (state in ('waiting', 'running')),
  since bigint not null,
  in_share integer, -- null: not looked at yet
  counted integer not null, -- 1: its wait has been counted for the objective
  preemptions bigint not null
);
create index task_wait_line on task_wait (tenant, state, class, since);
create index task_wait_fresh on task_wait (state) where in_share is null;

-- A slot that is to be given back at the next step boundary: by this task, or by whichever of the tenant's comes first.
create table preemption_order (
  id text primary key, -- the task that waits for the slot, or the one that gives way
  tenant text not null,
  task text,
  rule text not null,
  body text not null, -- the numbers
  made_at bigint not null
);
create index preemption_order_of on preemption_order (tenant, made_at);

-- Nothing more is begun in the scope: `*` or a tenant.
create table stop_order (
  scope text primary key,
  stopped_by text not null,
  stopped_at bigint not null
);

-- Why the system did something by itself: one card an event.
create table decision_card (
  id text primary key,
  tenant text not null,
  task text,
  event text not null,
  at bigint not null,
  body text not null
);
create index decision_card_task on decision_card (task, at);
create index decision_card_tenant on decision_card (tenant, at);

-- Where a class of a tenant stood last on the downshift ladder.
create table budget_rung (
  tenant text not null,
  class text not null,
  rung text not null,
  primary key (tenant, class)
);
