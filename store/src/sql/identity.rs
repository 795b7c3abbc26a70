//! Statements of identity changes.

pub(crate) const SET_TRUST: &str = "update identifier set trust = $3, origin = $4, trusted_at = $5 where workspace = $1 and id = $2";
pub(crate) const SEEN: &str = "update identifier set last_seen = $3 where workspace = $1 and id = $2 and last_seen < $3";
pub(crate) const SHARED: &str = "update identifier set shared = 1 where workspace = $1 and id = $2";

pub(crate) const ROOT: &str = "select root, redirect from customer where workspace = $1 and id = $2";
pub(crate) const MEMBERS: &str = "select id, redirect from customer where workspace = $1 and root = $2";
pub(crate) const TOUCH: &str =
    "update customer set version = version + 1, fence = fence + 1, leased_until = 0 where workspace = $1 and id = $2";
pub(crate) const RAISE: &str = "update customer set version = version + 1 where workspace = $1 and id = $2";

pub(crate) const REDIRECT: &str = "update customer set redirect = $3 where workspace = $1 and id = $2";
pub(crate) const SET_ROOT: &str = "update customer set root = $3 where workspace = $1 and id = $2";

pub(crate) const STRANDS_OF: &str = "select id from strand where workspace = $1 and customer = $2 order by id";
pub(crate) const STRANDS_OF_HOME: &str = "select id from strand where workspace = $1 and customer = $2 and home = $3 order by id";
pub(crate) const STRAND: &str = "select identifier, customer, home, channel from strand where workspace = $1 and id = $2";
pub(crate) const STRAND_OWNER: &str = "update strand set customer = $3, home = $4 where workspace = $1 and id = $2";

/// What hangs on a strand goes where it goes.
pub(crate) const MOVE_STRAND: &str = "update strand set customer = $3 where workspace = $1 and id = $2";
pub(crate) const MOVE_MESSAGES: &str = "update message set customer = $3 where workspace = $1 and strand = $2 and customer = $4";
pub(crate) const MOVE_CONVERSATIONS: &str = "update conversation set customer = $3 where workspace = $1 and strand = $2 and customer = $4";
pub(crate) const MOVE_MEMORY: &str = "update memory set customer = $3 where workspace = $1 and strand = $2 and customer = $4";
pub(crate) const MOVE_OUTBOX: &str = "update outbox set customer = $3 where workspace = $1 and customer = $4 \
    and message in (select id from message where workspace = $1 and strand = $2)";
/// What hangs on the record goes with its home.
pub(crate) const MOVE_RECORD: &str =
    "update memory set customer = $3 where workspace = $1 and home = $2 and strand is null and customer = $4";

pub(crate) const BURSTS_OF: &str = "select connection, ready_at, limit_at from burst where workspace = $1 and customer in ($2, $3)";
pub(crate) const CLEAR_BURSTS: &str = "delete from burst where workspace = $1 and customer in ($2, $3)";
pub(crate) const OPEN_MESSAGES: &str = "select connection, min(seq) from message \
    where workspace = $1 and customer = $2 and state = 'open' group by connection";

pub(crate) const NEW_MERGE: &str = "insert into merge (workspace, id, kept, absorbed, reasons, merged_by, strands, at) \
    values ($1, $2, $3, $4, $5, $6, $7, $8)";
pub(crate) const MERGE: &str = "select kept, absorbed, undone from merge where workspace = $1 and id = $2";
pub(crate) const UNDO_MERGE: &str = "update merge set undone = 1 where workspace = $1 and id = $2";

pub(crate) const NEW_BLOCK: &str =
    "insert into block (workspace, a, b, at) values ($1, $2, $3, $4) on conflict (workspace, a, b) do nothing";
pub(crate) const BLOCKED: &str = "select 1 from customer x cross join customer y cross join block k \
    where x.workspace = $1 and x.root = $2 and y.workspace = $1 and y.root = $3 \
    and k.workspace = $1 and ((k.a = x.id and k.b = y.id) or (k.a = y.id and k.b = x.id)) limit 1";

pub(crate) const NEW_SUGGESTION: &str = "insert into suggestion (workspace, id, a, b, probability, reasons, status, at) \
    select $1, $2, $3, $4, $5, $6, 'open', $7 where not exists (select 1 from suggestion \
    where workspace = $1 and ((a = $3 and b = $4) or (a = $4 and b = $3)))";

pub(crate) const REDEEM: &str = "update link set redeemed_by = $3, shown_as = $4, merge = $5, redeemed_at = $6 \
    where workspace = $1 and id = $2";
pub(crate) const LINK_WAITS: &str = "update link set waits_for = $3, shown_as = $4 \
    where workspace = $1 and id = $2 and redeemed_at is null";
pub(crate) const LINK_OWNER: &str = "select customer from link where workspace = $1 and id = $2";

/// Entries of the log that say to whom somebody belongs.
pub(crate) const JOINS: &str = "select workspace, change from link_event where change like '{\"change\":\"merge\"%' \
    or change like '{\"change\":\"unmerge\"%' or change like '{\"change\":\"move_strand\"%' order by workspace, seq";
pub(crate) const ROOTS: &str = "select workspace, id, root from customer";
pub(crate) const HOMES: &str = "select workspace, id, customer, home from strand";

pub(crate) const LOG: &str = "insert into link_event (workspace, seq, change, at) values ($1, $2, $3, $4)";

pub(crate) const SEALED_MESSAGE: &str = "select strand, body, inbound, reason, connection from message where workspace = $1 and id = $2";
pub(crate) const RESEAL_MESSAGE: &str = "update message set strand = $3, customer = $4, body = $5, inbound = $6, reason = $7 \
    where workspace = $1 and id = $2";
pub(crate) const SEALED_MEMORY: &str = "select id, key_owner, body from memory \
    where workspace = $1 and source_message = $2 and strand is not null";
pub(crate) const RESEAL_MEMORY: &str = "update memory set strand = $3, customer = $4, key_owner = $3, body = $5 \
    where workspace = $1 and id = $2";
pub(crate) const SEALED_CONVERSATION: &str = "select strand, memo from conversation where workspace = $1 and id = $2";
pub(crate) const RESEAL_CONVERSATION: &str = "update conversation set strand = $3, customer = $4, memo = $5 \
    where workspace = $1 and id = $2";
/// For a talk that somebody else begins on the same identifier.
pub(crate) const MESSAGE_DOOR: &str = "select channel, connection from message where workspace = $1 and id = $2";
pub(crate) const MESSAGE_TALK: &str = "update message set conversation = $3 where workspace = $1 and id = $2";
pub(crate) const SEALED_DOOR: &str = "select channel, address_hash, address, last_inbound, thread from door \
    where workspace = $1 and strand = $2 and connection = $3";

pub(crate) const NAMES: &str = "select id, key_owner, body, status from memory \
    where workspace = $1 and customer = $2 and kind = 'fact' and topic = 'name' order by at, id";

pub(crate) const IDENTIFIER_STRAND: &str = "select s.id, s.customer, i.kind from identifier i \
    join strand s on s.workspace = i.workspace and s.id = i.strand where i.workspace = $1 and i.id = $2";

/// Conversations that only hold messages waiting for their first turn.
pub(crate) const FRESH_CONVERSATIONS: &str = "select v.id, v.channel, v.connection, v.last_message_at from conversation v \
    where v.workspace = $1 and v.customer = $2 and v.status = 'open' and v.folded_into is null \
    and not exists (select 1 from message m where m.workspace = v.workspace and m.conversation = v.id \
    and (m.turn is not null or m.state is null or m.state <> 'open')) order by v.created_at";
/// The talk that goes on: the newest one with a turn in it.
pub(crate) const OLDER_CONVERSATION: &str = "select v.id, v.channels from conversation v \
    where v.workspace = $1 and v.customer = $2 and v.status <> 'resolved' and v.folded_into is null and v.last_message_at > $3 \
    and exists (select 1 from message m where m.workspace = v.workspace and m.conversation = v.id and m.turn is not null) \
    order by v.last_message_at desc limit 1";
pub(crate) const FOLD_MESSAGES: &str = "update message set conversation = $3 where workspace = $1 and conversation = $2";
pub(crate) const FOLD: &str = "update conversation set folded_into = $3, status = 'resolved', unread = 0 where workspace = $1 and id = $2";
/// Folded conversations whose people have become two again.
pub(crate) const FOLDED_APART: &str = "select f.id, f.strand, f.folded_into from conversation f \
    join conversation o on o.workspace = f.workspace and o.id = f.folded_into \
    where f.workspace = $1 and f.customer in ($2, $3) and f.customer <> o.customer";
pub(crate) const UNFOLD_MESSAGES: &str = "update message set conversation = $2 where workspace = $1 and strand = $3 and conversation = $4";
pub(crate) const UNFOLD: &str = "update conversation set folded_into = null, status = 'open' where workspace = $1 and id = $2";
