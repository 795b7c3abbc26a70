-- One-time codes: who has to type one (strand), which contact was named (keyed hash, whether anybody has it or not), the contact's
-- strand where the code was sent, and the keyed hash of salt and code.
create table challenge (
    workspace text not null,
    id text not null,
    strand text not null,
    contact text not null,
    contact_strand text,
    delivery text,
    salt text not null,
    code text not null,
    at bigint not null,
    expires_at bigint not null,
    tries bigint not null default 0,
    state text not null,
    answered_by text,
    verdict text,
    primary key (workspace, id)
);
create index challenge_strand on challenge (workspace, strand, at);
create index challenge_sent on challenge (workspace, contact_strand, at) where contact_strand is not null;
create index challenge_contact on challenge (workspace, contact, at);
create index challenge_at on challenge (workspace, at);
-- Since when an identifier has its trust, where not since it was first seen.
alter table identifier add column trusted_at bigint;
