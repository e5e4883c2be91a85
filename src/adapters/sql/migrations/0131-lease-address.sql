-- Where whoever has the lease is reached, if anywhere.
alter table lease add column address text;
