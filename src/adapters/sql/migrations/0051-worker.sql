-- Who works, and what people want of each: serve, take nothing new (cordoned), or end when what runs is done (draining).
create table worker (
  owner text primary key,
  host text not null,
  pid bigint not null,
  labels text not null, -- JSON: words such as gpu=true
  slots bigint not null,
  running bigint not null,
  wanted text not null check (wanted in ('serving', 'cordoned', 'draining')),
  started_at bigint not null,
  seen_at bigint not null
);
