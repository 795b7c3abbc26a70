-- Wrapped keys: of workspaces under the master key, of strands, customer records and days under their workspace's key.
create table wrapped_key (
    workspace text not null,
    owner text not null,
    version bigint not null,
    wrapped bytea not null,
    primary key (workspace, owner)
);
