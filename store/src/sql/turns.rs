//! Statements of turns.

use super::message_columns;

/// PostgreSQL: its clock in microseconds; the same for every server.
pub(crate) const SHARED_NOW: &str = "select cast(extract(epoch from clock_timestamp()) * 1000000 as bigint)";

pub(crate) const VOID_LEASES: &str = "update customer set leased_until = 0, fence = fence + 1 where leased_until <> 0";
/// Planted mistake: nobody takes up what waited.
pub(crate) const FORGET_BURSTS: &str = "delete from burst";
pub(crate) const VOID_BURSTS: &str = "update burst set ready_at = 0, limit_at = 0";

/// The customer whose oldest waiting burst has ended and who has no turn running.
macro_rules! next_burst {
    ($lock:literal) => {
        concat!(
            "select b.workspace, b.customer, b.connection, c.fence, c.leased_until from burst b \
             join customer c on c.workspace = b.workspace and c.id = b.customer \
             where b.ready_at <= $1 and c.leased_until <= $1 and not exists (select 1 from burst o \
             where o.workspace = b.workspace and o.customer = b.customer and o.first_seq < b.first_seq) \
             order by b.ready_at, b.first_seq limit 1",
            $lock
        )
    };
}
pub(crate) const NEXT_BURST_LITE: &str = next_burst!("");
pub(crate) const NEXT_BURST_PG: &str = next_burst!(" for update of c skip locked");

pub(crate) const LEASE: &str = "update customer set fence = fence + 1, leased_until = $3 where workspace = $1 and id = $2";
pub(crate) const LEASE_FREE: &str = "update customer set fence = fence + 1, leased_until = $3 \
    where workspace = $1 and id = $2 and root = id and leased_until <= $4 returning fence";
pub(crate) const UNLEASE: &str = "update customer set leased_until = 0 where workspace = $1 and id = $2 and fence = $3";

pub(crate) const COUNT_ATTEMPT: &str = "update message set attempts = attempts + 1 where workspace = $1 and id = $2";
/// A turn that came to nothing through nobody's fault was no attempt.
pub(crate) const UNCOUNT_ATTEMPT: &str = "update message set attempts = attempts - 1 \
    where workspace = $1 and id = $2 and state = 'open' and attempts > 0";
pub(crate) const WAITING: &str = concat!(
    "select ",
    message_columns!(),
    ", m.kind, m.inbound, m.attempts from message m \
     where m.workspace = $1 and m.customer = $2 and m.connection = $3 and m.state = 'open' order by m.seq"
);
pub(crate) const DROP_BURST: &str = "delete from burst where workspace = $1 and customer = $2 and connection = $3 \
    and not exists (select 1 from message m where m.workspace = $1 and m.customer = $2 and m.connection = $3 and m.state = 'open')";
/// Some of it has been decided: from now on it is as old as the rest.
pub(crate) const ADVANCE_BURST: &str = "update burst set first_seq = coalesce((select min(m.seq) from message m \
    where m.workspace = $1 and m.customer = $2 and m.connection = $3 and m.state = 'open'), first_seq) \
    where workspace = $1 and customer = $2 and connection = $3";

pub(crate) const NEXT_READY: &str = "select min(case when c.leased_until > b.ready_at then c.leased_until else b.ready_at end) \
    from burst b join customer c on c.workspace = b.workspace and c.id = b.customer where not exists (select 1 from burst o \
    where o.workspace = b.workspace and o.customer = b.customer and o.first_seq < b.first_seq)";

pub(crate) const OWNER: &str = "select root, fence, version, card, score from customer where workspace = $1 and id = $2";
pub(crate) const CONVERSATION: &str = "select strand, customer, disclosed_on, status from conversation where workspace = $1 and id = $2";
/// Messages of the doors that this turn answers which still wait.
pub(crate) const STILL_OPEN: &str = "select m.id, m.connection, m.attempts from message m where m.workspace = $1 and m.customer = $2 \
    and m.state = 'open' and m.connection in (select f.connection from message f where f.workspace = $1 and f.id = $3)";

pub(crate) const SET_LEAD: &str = "update customer set card = $3, score = $4 where workspace = $1 and id = $2";

pub(crate) const SET_STATE: &str = "update message set state = $3, turn = $4, \
    inbound = case when $3 = 'quarantined' then inbound else null end where workspace = $1 and id = $2";
pub(crate) const QUARANTINE: &str = "update message set state = 'quarantined', inbound = $3 where workspace = $1 and id = $2";

pub(crate) const NEW_MEMORY: &str = "insert into memory \
    (workspace, id, kind, customer, home, strand, topic, status, source_message, at, valid_to, ended_at, key_owner, body) \
    values ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict (workspace, id) do nothing";
pub(crate) const END_FACT: &str = "update memory set status = $3, valid_to = coalesce($4, valid_to), \
    ended_at = case when $3 = 'retracted' then $5 else ended_at end where workspace = $1 and id = $2 and kind = 'fact'";
pub(crate) const SET_STATUS: &str = "update memory set status = $3 where workspace = $1 and id = $2 and kind = $4";
pub(crate) const SEALED_MEMORY: &str = "select key_owner, body from memory where workspace = $1 and id = $2 and kind = $3";
pub(crate) const SET_OFFER: &str = "update memory set status = $3, body = $4 where workspace = $1 and id = $2 and kind = 'offer'";

pub(crate) const STRAND_CUSTOMER: &str = "select customer from strand where workspace = $1 and id = $2";

pub(crate) const SET_CONVERSATION: &str = "update conversation set status = $3, ai_silent = $4, disclosed_on = $5, \
    asked_again = asked_again + $6, repeated = repeated + $7, speaker = coalesce($8, speaker), memo = $9, updated_at = $10, \
    last_message_at = case when $10 > last_message_at then $10 else last_message_at end where workspace = $1 and id = $2";

pub(crate) const NEW_MESSAGE: &str = "insert into message (workspace, id, customer, strand, conversation, turn, seq, channel, \
    connection, direction, author, is_event, at, delivery, language, body) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
pub(crate) const NEW_DELIVERY: &str = "insert into outbox \
    (workspace, id, message, customer, strand, connection, channel, author, seq, state, body) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

pub(crate) const NEW_ESCALATION: &str = "insert into escalation \
    (workspace, id, conversation, rule, status, at, due_at, turn, key_owner, body) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
pub(crate) const SEALED_ESCALATION: &str = "select key_owner, body from escalation where workspace = $1 and id = $2";
pub(crate) const SET_ESCALATION: &str = "update escalation set body = $3 where workspace = $1 and id = $2";
pub(crate) const SET_ESCALATION_STATUS: &str = "update escalation set status = $3 where workspace = $1 and id = $2";
pub(crate) const NEW_FIRING: &str = "insert into firing (workspace, rule, escalation, at) values ($1, $2, $3, $4) \
    on conflict (workspace, rule, escalation) do nothing";

pub(crate) const SET_TIMER: &str = "insert into timer (workspace, customer, name, due_at, what) values ($1, $2, $3, $4, $5) \
    on conflict (workspace, customer, name) do update set due_at = excluded.due_at, what = excluded.what, claimed_until = 0";
macro_rules! due_timers {
    ($lock:literal) => {
        concat!(
            "select t.workspace, t.customer, t.name, t.due_at, t.what, c.root from timer t \
             join customer c on c.workspace = t.workspace and c.id = t.customer \
             where t.due_at <= $1 and t.claimed_until <= $1 order by t.due_at, t.customer, t.name limit cast($2 as bigint)",
            $lock
        )
    };
}
pub(crate) const DUE_TIMERS_LITE: &str = due_timers!("");
pub(crate) const DUE_TIMERS_PG: &str = due_timers!(" for update of t skip locked");
pub(crate) const CLAIM_TIMER: &str = "update timer set claimed_until = $4 where workspace = $1 and customer = $2 and name = $3";
pub(crate) const NEXT_TIMER: &str = "select min(case when claimed_until > due_at then claimed_until else due_at end) from timer";
pub(crate) const FINISH_TIMER: &str = "delete from timer where workspace = $1 and name = $3 and due_at = $4 \
    and customer in (select id from customer where workspace = $1 and root = $2)";

pub(crate) const NEW_GAP: &str = "insert into gap (workspace, id, times, last_at, conversation, message, key_owner, body) \
    values ($1, $2, 1, $3, $4, $5, $6, $7) on conflict (workspace, id) do update set times = gap.times + 1, \
    last_at = excluded.last_at, conversation = excluded.conversation, message = excluded.message, \
    key_owner = excluded.key_owner, body = excluded.body";
pub(crate) const SUPPRESS: &str = "insert into suppression (workspace, connection, address_hash, at) values ($1, $2, $3, $4) \
    on conflict (workspace, connection, address_hash) do nothing";
pub(crate) const UNSUPPRESS: &str = "delete from suppression where workspace = $1 and connection = $2 and address_hash = $3";
pub(crate) const NEW_TURN: &str = "insert into turn (workspace, id, conversation, at, key_owner, body) values ($1, $2, $3, $4, $5, $6)";

pub(crate) const RETRY_BURST: &str = "update burst set ready_at = $4, limit_at = case when limit_at > $4 then limit_at else $4 end \
    where workspace = $1 and customer = $2 and connection = $3";
pub(crate) const SEALED_INBOUND: &str = "select strand, inbound, attempts from message \
    where workspace = $1 and id = $2 and state = 'open'";

pub(crate) const SPEND: &str = "insert into spend (workspace, model, day, micros) values ($1, $2, $3, $4) \
    on conflict (workspace, model, day) do update set micros = spend.micros + excluded.micros";
pub(crate) const SPENT: &str = "select model, micros from spend where workspace = $1 and day = $2";
