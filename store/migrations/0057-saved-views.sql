-- Views of the inbox under names of the team's own, sealed with the workspace's key. Without a teammate: the whole team's.
create table saved_view (
    workspace text not null,
    id text not null,
    teammate text,
    body bytea not null,
    at bigint not null,
    primary key (workspace, id)
);
create index saved_view_teammate on saved_view (workspace, teammate);
