-- Vectors of old messages, sealed in blocks with their strand's key, and which model made them.
create table meaning (
    workspace text not null,
    strand text not null,
    last_seq bigint not null,
    model text not null,
    messages bigint not null,
    body bytea not null,
    primary key (workspace, strand, last_seq)
);
