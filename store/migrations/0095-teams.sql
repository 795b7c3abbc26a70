-- Some of the teammates under a name, to whom conversations go. Name and hours are sealed with the workspace's key.
create table team (
    workspace text not null,
    id text not null,
    lead text,
    body bytea not null,
    at bigint not null,
    primary key (workspace, id)
);
create table team_member (
    workspace text not null,
    team text not null,
    teammate text not null,
    primary key (workspace, team, teammate)
);
create index team_member_teammate on team_member (workspace, teammate);
alter table conversation add column team text;
create index conversation_team on conversation (workspace, team, status) where team is not null;
