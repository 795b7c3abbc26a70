-- Canned replies are the team's own words, sealed with the workspace's key. Mentions are ids only.
create table canned (
    workspace text not null,
    id text not null,
    body bytea not null,
    at bigint not null,
    primary key (workspace, id)
);

create table mention (
    workspace text not null,
    teammate text not null,
    message text not null,
    conversation text not null,
    at bigint not null,
    seen bigint not null default 0,
    primary key (workspace, teammate, message)
);
create index mention_conversation on mention (workspace, conversation);
create index conversation_status on conversation (workspace, status, assignee);
