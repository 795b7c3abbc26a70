-- The words of old messages, sealed in blocks, and how far a strand's blocks reach. A new version voids what is cached.
create table posting (
    workspace text not null,
    strand text not null,
    last_seq bigint not null,
    messages bigint not null,
    body bytea not null,
    primary key (workspace, strand, last_seq)
);
alter table strand add column posted_to bigint not null default 0;
alter table strand add column posted_version bigint not null default 0;
