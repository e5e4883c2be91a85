-- What only one process at a time may be; who gives no sign of life loses it.
create table lease (
  name text primary key,
  owner text not null,
  until_at bigint not null
);
