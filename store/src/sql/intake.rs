//! Statements of intake.

use super::message_columns;

/// SQLite: the last number that was given, also to entries that have been erased since. Tombstones are numbered by time.
pub(crate) const LAST_SEQ: &str = "select max(coalesce((select max(seq) from message), 0), \
    coalesce((select max(seq) from link_event where seq < 1000000000000000), 0), \
    coalesce((select cast(value as integer) from note where name = 'message.seq'), 0))";
pub(crate) const NEXT_SEQ: &str = "select nextval('message_seq')";
pub(crate) const LOCK_HASH: &str = "select pg_advisory_xact_lock($1)";
pub(crate) const LOCK_CUSTOMER: &str = "select id from customer where workspace = $1 and id = $2 for update";

pub(crate) const HOLDERS: &str = "select i.id, i.kind, i.trust, i.origin, i.shared, i.strand, i.first_seen, i.last_seen, \
    i.last_message, i.key_owner, i.body, i.lookup, s.customer, c.card \
    from identifier i join strand s on s.workspace = i.workspace and s.id = i.strand \
    join customer c on c.workspace = i.workspace and c.id = s.customer \
    where i.workspace = $1 and (i.trust <> 'claimed' or i.kind = 'visitor') and i.lookup in ($2, $3, $4, $5)";

/// Platform ids of whoever holds one of these identifiers.
pub(crate) const PLATFORM_IDS: &str = "select distinct s.customer, i.id, i.kind, i.key_owner, i.body \
    from identifier h join strand p on p.workspace = h.workspace and p.id = h.strand \
    join strand s on s.workspace = p.workspace and s.customer = p.customer \
    join identifier i on i.workspace = s.workspace and i.id = s.identifier \
    where h.workspace = $1 and h.trust <> 'claimed' and h.lookup in ($2, $3, $4, $5) and i.trust <> 'claimed' \
    and i.kind in ('whatsapp', 'telegram', 'discord', 'messenger', 'instagram')";

pub(crate) const SHARERS: &str =
    "select distinct customer from strand where workspace = $1 and identifier = $2 and customer <> $3 order by customer";

pub(crate) const SPEAKER: &str = "select v.speaker from strand s \
    join conversation v on v.workspace = s.workspace and v.customer = s.customer \
    where s.workspace = $1 and s.identifier = $2 and v.status <> 'resolved' and v.speaker is not null \
    order by v.last_message_at desc limit 1";

pub(crate) const DUPLICATE: &str =
    "select id, customer, conversation from message where workspace = $1 and connection = $2 and dedupe = $3";

pub(crate) const PLACED: &str = "select s.customer, i.id, i.shared, p.customer from strand s \
    join identifier i on i.workspace = s.workspace and i.id = s.identifier \
    join strand p on p.workspace = i.workspace and p.id = i.strand \
    where s.workspace = $1 and s.id = $2";

/// Rows of these look-ups, whoever holds them: every strand with its owner.
pub(crate) const ROWS_OF_LOOKUPS: &str = "select i.id, i.lookup, i.trust, i.strand, s.id, s.customer \
    from identifier i cross join strand s where s.workspace = i.workspace and s.identifier = i.id \
    and i.workspace = $1 and i.lookup in ($2, $3, $4, $5)";

pub(crate) const GOING_ON: &str = "select id, status, channels from conversation \
    where workspace = $1 and customer = $2 and status <> 'resolved' and last_message_at > $3 \
    order by last_message_at desc limit 1";

/// The conversation that the sender named.
pub(crate) const NAMED: &str = "select id, status, channels from conversation \
    where workspace = $1 and customer = $2 and id = $3 and status <> 'resolved'";

/// A message that its author took away before it was accepted; see `amends`.
pub(crate) const TAKEN_BACK: &str =
    "select at from early_receipt where workspace = $1 and connection = $2 and vendor_hash = $3 and state = 'deleted'";

pub(crate) const CARD: &str = "select root, card from customer where workspace = $1 and id = $2";
pub(crate) const SET_CARD: &str = "update customer set card = $3 where workspace = $1 and id = $2";

pub(crate) const NEW_CUSTOMER: &str = "insert into customer (workspace, id, root, created_at, card) values ($1, $2, $2, $3, $4)";
pub(crate) const NEW_STRAND: &str = "insert into strand (workspace, id, identifier, customer, home, channel, since) \
    values ($1, $2, $3, $4, $5, $6, $7) on conflict (workspace, id) do nothing";
pub(crate) const NEW_IDENTIFIER: &str = "insert into identifier \
    (workspace, id, lookup, loose, kind, trust, origin, strand, key_owner, body, first_seen, last_seen, last_message) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, $10, $11)";
pub(crate) const NEW_TERM: &str =
    "insert into term (workspace, hash, customer) values ($1, $2, $3) on conflict (workspace, hash, customer) do nothing";

pub(crate) const SEEN_AGAIN: &str = "update identifier set last_seen = $3, last_message = $3 where workspace = $1 and id = $2";
pub(crate) const POINT: &str = "update identifier set strand = $3 where workspace = $1 and id = $2";

pub(crate) const NEW_CONVERSATION: &str = "insert into conversation \
    (workspace, id, customer, strand, status, channel, connection, channels, disclosed_on, created_at, updated_at, last_message_at, unread) \
    values ($1, $2, $3, $4, 'open', $5, $6, $7, '[]', $8, $8, $8, 1)";
pub(crate) const MOVE_CONVERSATION: &str = "update conversation set channel = $3, connection = $4, channels = $5, \
    updated_at = $6, last_message_at = $6, unread = 1, snoozed_until = null, \
    status = case when status in ('snoozed', 'waiting') then 'open' else status end \
    where workspace = $1 and id = $2";

pub(crate) const NEW_MESSAGE: &str = "insert into message (workspace, id, customer, strand, conversation, seq, channel, \
    connection, direction, author, kind, at, state, dedupe, body, inbound) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, 'in', 'customer', $9, $10, $11, $12, $13, $14)";

pub(crate) const NEW_BURST: &str = "insert into burst (workspace, customer, connection, first_seq, ready_at, limit_at) \
    values ($1, $2, $3, $4, $5, $6) on conflict (workspace, customer, connection) do update \
    set ready_at = case when excluded.ready_at > burst.limit_at then burst.limit_at else excluded.ready_at end";

pub(crate) const PROLONG: &str = "update burst set ready_at = case when $3 > limit_at then limit_at else $3 end \
    where workspace = $1 and customer = $2 and ready_at < $3";

pub(crate) const DOOR: &str = "insert into door (workspace, strand, connection, channel, address_hash, address, last_inbound, thread) \
    values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (workspace, strand, connection) do update \
    set address_hash = excluded.address_hash, address = excluded.address, thread = excluded.thread, \
    last_inbound = case when excluded.last_inbound > door.last_inbound then excluded.last_inbound else door.last_inbound end";
/// A connection was used; noted at most once a second, because every message would write the same row.
macro_rules! pulse {
    ($column:literal) => {
        concat!(
            "insert into pulse (workspace, connection, ",
            $column,
            ") select cast($1 as text), cast($2 as text), cast($3 as bigint) where not exists \
             (select 1 from pulse p where p.workspace = $1 and p.connection = $2 and p.",
            $column,
            " > $3 - 1000000) on conflict (workspace, connection) do update set ",
            $column,
            " = excluded.",
            $column
        )
    };
}
pub(crate) const PULSE_IN: &str = pulse!("last_in");
pub(crate) const PULSE_OUT: &str = pulse!("last_out");

pub(crate) const QUARANTINE: &str = "insert into quarantine (workspace, id, connection, at, day, body) values ($1, $2, $3, $4, $5, $6)";
pub(crate) const SWEEP_QUARANTINE: &str = "update quarantine set body = $3 where workspace = $1 and day < $2 and body <> $3";

pub(crate) const MESSAGE: &str = concat!("select ", message_columns!(), " from message m where m.workspace = $1 and m.id = $2");
