//! Statements of edits, deletions and echoes.

/// A message by the keys it was accepted under, or one of ours by the vendor's id.
pub(crate) const CONCERNED: &str = "select m.id, m.customer, m.strand, m.conversation, m.channel, m.direction, m.state, m.body, \
    m.inbound, m.turn from message m where m.workspace = $1 and m.connection = $2 and m.direction = 'in' and m.dedupe in ($3, $4, $5) \
    union all select m.id, m.customer, m.strand, m.conversation, m.channel, m.direction, m.state, m.body, m.inbound, m.turn \
    from outbox o join message m on m.workspace = o.workspace and m.id = o.message \
    where o.workspace = $1 and o.connection = $2 and o.vendor_hash = $6 limit 1";

pub(crate) const SET_BODY: &str = "update message set body = $3 where workspace = $1 and id = $2";
pub(crate) const SET_INBOUND: &str = "update message set inbound = $3 where workspace = $1 and id = $2 and state = 'open'";
pub(crate) const TAKEN_AWAY: &str = "update message set state = 'ignored_by_rule', inbound = null \
    where workspace = $1 and id = $2 and state in ('open', 'quarantined')";

/// What was learned from a message.
pub(crate) const LEARNED: &str = "select id, key_owner, body, status from memory \
    where workspace = $1 and source_message = $2 and kind = 'fact' and status <> 'retracted'";
pub(crate) const RETRACT: &str = "update memory set status = 'retracted', ended_at = $3, valid_to = coalesce(valid_to, $3), body = $4 \
    where workspace = $1 and id = $2";
pub(crate) const HOLDS_AGAIN: &str =
    "update memory set status = 'active', valid_to = null where workspace = $1 and id = $2 and kind = 'fact' and status = 'superseded'";
pub(crate) const ANOTHER_SOURCE: &str = "update memory set source_message = $3, body = $4 where workspace = $1 and id = $2";
/// Other things the same person said, newest first.
pub(crate) const ALSO_SAID: &str = "select m.id, m.body from message m \
    where m.workspace = $1 and m.strand = $2 and m.direction = 'in' and m.id <> $3 order by m.seq desc limit 200";

pub(crate) const CASES: &str = "select e.id, e.key_owner, e.body from escalation e where e.workspace = $1 and e.conversation = $2";
pub(crate) const SET_CASE: &str = "update escalation set body = $3 where workspace = $1 and id = $2";
pub(crate) const TRACE: &str = "select key_owner from turn where workspace = $1 and id = $2";
pub(crate) const SET_TRACE: &str = "update turn set body = $3 where workspace = $1 and id = $2";
pub(crate) const DROP_GAPS: &str = "delete from gap where workspace = $1 and message = $2";

/// Sends of ours whose vendor's id is not known: they are on their way, or their answer was lost.
pub(crate) const UNNAMED: &str = "select o.id, o.strand, o.body from message m \
    cross join outbox o where o.workspace = m.workspace and o.message = m.id and m.workspace = $1 and m.customer = $2 and m.connection = $3 \
    and m.direction = 'out' and o.state <> 'draft' and o.vendor_hash is null order by m.seq desc limit 20";

/// What was sent to a customer on a door up to a moment and has not come further than this.
pub(crate) const SENT_UNTIL: &str = "select o.message, o.customer, o.strand, o.connection, o.state, o.body, m.delivery, m.conversation \
    from message m join outbox o on o.workspace = m.workspace and o.message = m.id where m.workspace = $1 and m.customer = $2 \
    and m.connection = $3 and m.direction = 'out' and m.delivery in ('sent', 'delivered', 'unknown') and m.at <= $4 \
    order by m.seq desc limit 500";
