-- Documents that were given in the console, to answer from: what they are called and their bytes, in parts, sealed with the workspace's key.
create table document (
    workspace text not null,
    id text not null,
    size bigint not null,
    teammate text,
    at bigint not null,
    body bytea not null,
    primary key (workspace, id)
);
create table document_part (
    workspace text not null,
    document text not null,
    part bigint not null,
    body bytea not null,
    primary key (workspace, document, part)
);
