-- What belongs into the queue is looked for every few seconds, among all tasks that ever were.
create index task_to_queue on task (id) where state in ('queued', 'running');
