-- What the team is told: an event, written with what caused it, and a row for each way it is told. Ids only.
create table alert (
    workspace text not null,
    id text not null,
    target text not null,
    kind text not null,
    conversation text,
    teammate text,
    at bigint not null,
    state text not null,
    attempt bigint not null default 0,
    next_at bigint not null default 0,
    why text,
    primary key (workspace, id, target)
);
create index alert_next on alert (next_at) where state = 'waiting';
create index alert_at on alert (at);
create index alert_target on alert (workspace, target, at);
create index alert_teammate on alert (workspace, teammate);
create index alert_conversation on alert (workspace, conversation);
