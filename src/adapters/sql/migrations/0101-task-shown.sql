-- A task is found by its id alone, and those with an end ahead of them without reading the others.
create unique index task_by_id on task (id);
create index task_unended on task (id) where state in ('proposed', 'deferred', 'queued', 'running');
