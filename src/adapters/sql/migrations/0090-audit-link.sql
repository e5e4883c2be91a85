-- The chain over the events, one link each, made shortly after they are written. `salt` goes when a tenant is erased;
-- `content` stays, so that the chain can still be computed and says nothing about what was erased.
create table audit_link (
  seq bigint primary key,
  content text not null,
  salt text,
  hash text not null
);
