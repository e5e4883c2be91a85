-- Tells the process of a worker from every other, so that others on its machine know when it has ended.
alter table worker add column mark text not null default '';
