//! Statements of the outbox.

pub(crate) const VOID_WAITING: &str = "update outbox set next_at = 0 where state = 'waiting' and leased_until = 0 and next_at <> 0";
/// Planted mistake: what may have arrived is sent again.
pub(crate) const SEND_INTERRUPTED_AGAIN: &str = "update outbox set leased_until = 0, next_at = 0 where state = 'waiting'";
pub(crate) const INTERRUPTED: &str = "select workspace, id from outbox where state = 'waiting' and leased_until <> 0";

/// What its turn is still saying: nothing else changes such a row.
pub(crate) const SPEAKING: &str = "select workspace, id from outbox where state = 'speaking'";
pub(crate) const SPEAKING_TO: &str = "select id from outbox where workspace = $1 and customer = $2 and state = 'speaking'";
pub(crate) const SPEAK_ON: &str = "update outbox set body = $3, state = $4 where workspace = $1 and id = $2 and state = 'speaking'";
pub(crate) const SAY: &str = "update message set body = $3, delivery = $4 where workspace = $1 and id = $2";
pub(crate) const HUSH: &str = "update outbox set state = 'waiting' where workspace = $1 and id = $2 and state = 'speaking'";

/// A customer's deliveries leave in their order over all doors; only one that has failed three times, its door being down, holds up nothing on another door.
macro_rules! held_up {
    () => {
        "exists (select 1 from outbox p where p.workspace = o.workspace and p.customer = o.customer and p.state = 'waiting' \
         and p.seq < o.seq and (p.attempt < 3 or p.leased_until <> 0 or p.connection = o.connection))"
    };
}
macro_rules! of_busy_door {
    ($list:literal) => {
        concat!("(", $list, " <> '' and ", $list, " like '%,' || o.connection || ',%')")
    };
}
macro_rules! next_delivery {
    ($more:literal, $lock:literal) => {
        concat!(
            "select o.workspace, o.id, o.message, o.customer, o.connection, o.channel, o.author, o.attempt, o.strand, o.body, \
             o.leased_until, (select max(d.last_inbound) from strand s join door d on d.workspace = s.workspace \
             and d.strand = s.id where s.workspace = o.workspace and s.customer = o.customer and d.connection = o.connection) \
             from outbox o where o.state = 'waiting' and o.next_at <= $1 and o.leased_until <= $1 \
             and not ",
            of_busy_door!("$2"),
            " and not ",
            held_up!(),
            $more,
            " order by o.next_at, o.seq limit 1",
            $lock
        )
    };
}
pub(crate) const NEXT_LITE: &str = next_delivery!("", "");
pub(crate) const NEXT_PG: &str = next_delivery!("", " for update of o skip locked");
pub(crate) const NEXT_TO_LITE: &str = next_delivery!(" and o.workspace = $3 and o.customer = $4 and o.connection = $5", "");
pub(crate) const NEXT_TO_PG: &str =
    next_delivery!(" and o.workspace = $3 and o.customer = $4 and o.connection = $5", " for update of o skip locked");

pub(crate) const THREAD: &str = "select thread from door where workspace = $1 and strand = $2 and connection = $3 and thread is not null";
pub(crate) const LEASE: &str = "update outbox set leased_until = $3, attempt = attempt + 1 where workspace = $1 and id = $2";
pub(crate) const NEXT_AT: &str = concat!(
    "select min(case when o.leased_until > o.next_at then o.leased_until else o.next_at end) \
     from outbox o where o.state = 'waiting' and not ",
    of_busy_door!("$1"),
    " and not ",
    held_up!()
);

pub(crate) const ROW: &str = "select o.message, o.customer, o.strand, o.connection, o.state, o.body, m.delivery, m.conversation, \
    o.attempt from outbox o join message m on m.workspace = o.workspace and m.id = o.message where o.workspace = $1 and o.id = $2";
pub(crate) const FIND: &str = "select o.message, o.customer, o.strand, o.connection, o.state, o.body, m.delivery, m.conversation \
    from outbox o cross join message m where m.workspace = o.workspace and m.id = o.message \
    and o.workspace = $1 and o.connection = $2 and o.id in (select id from outbox where workspace = $1 and id = $3 \
    union all select id from outbox where workspace = $1 and connection = $2 and vendor_hash = $4)";
pub(crate) const OF_MESSAGE: &str = "select o.id, o.state, o.customer, m.delivery, m.conversation from outbox o \
    join message m on m.workspace = o.workspace and m.id = o.message where o.workspace = $1 and o.message = $2";

pub(crate) const ROUTED: &str = "select o.id, o.message, o.customer, o.strand, o.body, o.state, m.delivery, m.conversation \
    from outbox o cross join message m where m.workspace = o.workspace and m.id = o.message \
    and o.workspace = $1 and o.connection = $2 and o.id in (select id from outbox where workspace = $1 and id = $3 \
    union all select id from outbox where workspace = $1 and connection = $2 and vendor_hash = $4)";
pub(crate) const REROUTE: &str = "update outbox set connection = $3, channel = $4, body = $5, state = 'waiting', attempt = 0, next_at = 0, \
    leased_until = 0, settled_at = null, vendor_hash = null, vendor_id = null where workspace = $1 and id = $2";
pub(crate) const REROUTE_MESSAGE: &str = "update message set connection = $3, channel = $4, delivery = 'queued', reason = null \
    where workspace = $1 and id = $2";

pub(crate) const SENT: &str = "update outbox set state = 'settled', settled_at = $3, vendor_hash = $4, vendor_id = $5, \
    leased_until = 0 where workspace = $1 and id = $2";
pub(crate) const SETTLED: &str = "update outbox set state = 'settled', settled_at = $3, leased_until = 0 where workspace = $1 and id = $2";
pub(crate) const AGAIN: &str = "update outbox set next_at = $3, leased_until = 0 where workspace = $1 and id = $2";
pub(crate) const TRY_NOW: &str = "update outbox set next_at = 0 \
    where workspace = $1 and connection = $2 and state = 'waiting' and attempt > 0 and leased_until = 0 and next_at > 0";
/// The attempt that its claim counted was none.
pub(crate) const DELAYED: &str = "update outbox set next_at = $3, leased_until = 0, attempt = attempt - 1 where workspace = $1 and id = $2";
pub(crate) const BACK: &str =
    "update outbox set state = 'waiting', next_at = 0, leased_until = 0, settled_at = null where workspace = $1 and id = $2";

pub(crate) const SET_DELIVERY: &str = "update message set delivery = $3, reason = coalesce($4, reason) where workspace = $1 and id = $2";
pub(crate) const SET_REASON: &str = "update message set reason = $3 where workspace = $1 and id = $2";
pub(crate) const REQUEUE: &str = "update message set delivery = 'queued', reason = null where workspace = $1 and id = $2";

pub(crate) const KEEP_RECEIPT: &str = "insert into early_receipt (workspace, connection, vendor_hash, state, code, at) \
    values ($1, $2, $3, $4, $5, $6) on conflict (workspace, connection, vendor_hash, state) do nothing";
pub(crate) const OLD_RECEIPTS: &str = "delete from early_receipt where workspace = $1 and at < $2";
pub(crate) const EARLY: &str =
    "select state, code from early_receipt where workspace = $1 and connection = $2 and vendor_hash = $3 order by at";
pub(crate) const USED_RECEIPTS: &str = "delete from early_receipt where workspace = $1 and connection = $2 and vendor_hash = $3";

pub(crate) const IS_SUPPRESSED: &str = "select 1 from suppression where workspace = $1 and connection = $2 and address_hash = $3";
