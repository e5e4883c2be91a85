-- Rows that hang on another row of a tenant say whose they are themselves.
alter table change_check add column tenant text not null default '';
alter table change_comment add column tenant text not null default '';
alter table evidence_statement add column tenant text not null default '';
alter table idempotent_answer add column tenant text not null default '';
update change_check set tenant = (select tenant from change where change.id = change_check.change);
update change_comment set tenant = (select tenant from change where change.id = change_comment.change);
update evidence_statement set tenant = coalesce((select tenant from task where task.id = evidence_statement.task), '');
create index evidence_statement_by_tenant on evidence_statement (tenant);
