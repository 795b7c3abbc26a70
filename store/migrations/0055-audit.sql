-- Who looked at what and who changed it. Ids and hashes only, and nothing here is ever changed or deleted.
create table audit (
    workspace text not null,
    seq bigint not null,
    at bigint not null,
    actor text not null,
    act text not null,
    subjects text not null,
    outcome bigint not null,
    hash text not null,
    primary key (workspace, seq)
);

create table audit_subject (
    workspace text not null,
    subject text not null,
    seq bigint not null,
    primary key (workspace, subject, seq)
);

create table audit_checkpoint (
    workspace text not null,
    seq bigint not null,
    at bigint not null,
    hash text not null,
    signature text not null,
    primary key (workspace, seq)
);
