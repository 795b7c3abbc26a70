-- Files that came with messages: what they are and their bytes, in parts, sealed with the key of the strand of their message.
create table attachment (
    workspace text not null,
    id text not null,
    message text not null,
    strand text not null,
    place bigint not null,
    connection text not null,
    state text not null,
    due_at bigint not null,
    attempts bigint not null default 0,
    size bigint,
    body bytea not null,
    primary key (workspace, id)
);
create index attachment_message on attachment (workspace, message);
create index attachment_strand on attachment (workspace, strand);
create index attachment_due on attachment (due_at) where state = 'waiting';
create table attachment_part (
    workspace text not null,
    attachment text not null,
    part bigint not null,
    body bytea not null,
    primary key (workspace, attachment, part)
);
