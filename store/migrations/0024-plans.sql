-- When something last came in and went out by each connection, written at most once a second.
create table pulse (
    workspace text not null,
    connection text not null,
    last_in bigint,
    last_out bigint,
    primary key (workspace, connection)
);
insert into pulse (workspace, connection, last_in, last_out)
    select workspace, connection, max(last_in), max(last_out) from (
        select workspace, connection, last_inbound as last_in, cast(null as bigint) as last_out from door
        union all select workspace, connection, cast(null as bigint), settled_at from outbox) x
    group by workspace, connection;

-- The ledger is read newest first.
drop index message_state;
create index message_state on message (workspace, state, at, id) where state is not null;
create index strand_home on strand (workspace, home);
create index task_customer on task (workspace, customer);
create index customer_created on customer (workspace, created_at, id);
create index escalation_owner on escalation (workspace, key_owner);
create index conversation_folded on conversation (workspace, folded_into) where folded_into is not null;
create index customer_redirect on customer (workspace, redirect) where redirect is not null;
create index customer_leased on customer (leased_until) where leased_until <> 0;
create index link_redeemed on link (workspace, redeemed_by) where redeemed_by is not null;
create index link_waiting on link (workspace, waits_for) where waits_for is not null;
create index gap_conversation on gap (workspace, conversation);
create index gap_message on gap (workspace, message);
create index link_identifier on link (workspace, identifier);
create index visitor_identifier on visitor (workspace, identifier);
create index term_customer on term (workspace, customer);
create index suggestion_a on suggestion (workspace, a);
create index suggestion_b on suggestion (workspace, b);
create index door_address on door (workspace, connection, address_hash);
