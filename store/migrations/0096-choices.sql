-- What a business chose in the console, beside its configuration. Every version stays, sealed with the workspace's key.
create table choice (
    workspace text not null,
    kind text not null,
    version bigint not null,
    body bytea not null,
    teammate text,
    at bigint not null,
    primary key (workspace, kind, version)
);
