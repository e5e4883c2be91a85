-- Tasks that have work left, for the search after those that no queue knows.
create index task_with_work on task (id) where state in ('queued', 'running');
