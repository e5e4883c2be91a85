-- Two ends of one task may say exactly the same (cancelled, tried again, cancelled): one entry of the log then proves both.
alter table evidence_statement drop constraint evidence_statement_leaf_key;
create index evidence_statement_by_leaf on evidence_statement (leaf);
