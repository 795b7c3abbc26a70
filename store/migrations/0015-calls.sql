-- Phone calls. What the vendor calls a call is looked up by a keyed hash, and everything else about it is sealed with the key of the strand.
create table call (
    workspace text not null,
    id text not null,
    connection text not null,
    vendor_hash text not null,
    strand text not null,
    conversation text not null,
    direction text not null,
    state text not null,
    at bigint not null,
    ended_at bigint,
    body bytea not null,
    primary key (workspace, id)
);
create unique index call_vendor on call (workspace, connection, vendor_hash);
create index call_strand on call (workspace, strand);
create index call_open on call (at) where state <> 'ended';
