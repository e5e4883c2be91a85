create table event (
  seq bigint generated always as identity primary key,
  tenant text not null,
  type text not null,
  version bigint not null,
  at bigint not null,
  task text,
  run text,
  principal text not null,
  data text not null
);
create index event_by_tenant on event (tenant, seq);
create index event_by_task on event (tenant, task, seq);
create index event_by_type on event (type, seq);

-- Numbers must become visible in their order, or a reader that remembers the last one it saw misses those that
-- come later with a lower one. So a number is drawn only after every transaction that drew one has ended.
create function event_in_order() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended(tg_table_schema || '.event', 0));
  return null;
end
$$;
create trigger event_in_order before insert on event for each statement execute function event_in_order();
