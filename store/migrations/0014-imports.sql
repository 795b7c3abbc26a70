-- Customers imported from files. The body of a row says what it added, sealed with the key of the record.
create table import (
    workspace text not null,
    id text not null,
    name text not null,
    made_by text not null,
    at bigint not null,
    undone_at bigint,
    primary key (workspace, id)
);

create table import_row (
    workspace text not null,
    import text not null,
    line bigint not null,
    customer text not null,
    made bigint not null,
    body bytea not null,
    primary key (workspace, import, line)
);
create index import_row_customer on import_row (workspace, customer);
