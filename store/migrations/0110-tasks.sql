-- A task knows where it came up, which promise it keeps, whose it is and when it was done.
alter table task add column conversation text;
alter table task add column promise text;
alter table task add column assignee text;
alter table task add column done_at bigint;
create index task_due on task (workspace, done, coalesce(due_at, 9223372036854775807), id);
create index task_ended on task (workspace, done_at, id) where done_at is not null;
create index task_conversation on task (workspace, conversation) where conversation is not null;
create index task_assignee on task (workspace, assignee) where assignee is not null;
