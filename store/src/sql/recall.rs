//! Statements of recall: posting blocks, what lies behind them, and the few messages they find.

use super::message_columns;

pub(crate) const POSTED: &str = "select id, posted_to, posted_version from strand where workspace = $1 and customer = $2 order by id";
pub(crate) const POSTINGS: &str = "select last_seq, messages, body from posting \
    where workspace = $1 and strand = $2 and last_seq > $3 order by last_seq";
pub(crate) const SAID_ON: &str = concat!(
    "select ",
    message_columns!(),
    " from message m where m.workspace = $1 and m.strand = $2 and m.seq > $3 and m.seq < $4 and m.is_event = 0 \
     order by m.seq limit cast($5 as bigint)"
);
/// What was really said: no draft, nothing that is still being said.
pub(crate) const SAID: &str = concat!(
    "select ",
    message_columns!(),
    " from message m where m.workspace = $1 and m.customer = $2 and m.id = $3 and m.is_event = 0 \
     and coalesce(m.delivery, '') <> 'speaking' \
     and m.id not in (select o.message from outbox o where o.workspace = $1 and o.message = m.id and o.state = 'draft')"
);

/// Only where the strand's blocks still reach as far as whoever made this one thought.
pub(crate) const REACH_ON: &str = "update strand set posted_to = $5 \
    where workspace = $1 and id = $2 and posted_to = $3 and posted_version = $4";
pub(crate) const NEW_POSTING: &str = "insert into posting (workspace, strand, last_seq, messages, body) values ($1, $2, $3, $4, $5)";

/// The message $2 leaves its strand: blocks that may hold its words go, and are made anew without it.
pub(crate) const UNPOST: [&str; 3] = [
    "delete from posting where workspace = $1 and strand = (select m.strand from message m where m.workspace = $1 and m.id = $2) \
     and last_seq >= (select m.seq from message m where m.workspace = $1 and m.id = $2)",
    "delete from meaning where workspace = $1 and strand = (select m.strand from message m where m.workspace = $1 and m.id = $2) \
     and last_seq >= (select m.seq from message m where m.workspace = $1 and m.id = $2)",
    "update strand set posted_version = posted_version + 1, posted_to = (select coalesce(max(p.last_seq), 0) from posting p \
     where p.workspace = strand.workspace and p.strand = strand.id) where workspace = $1 \
     and id = (select m.strand from message m where m.workspace = $1 and m.id = $2)",
];
/// Blocks of another program are made anew.
pub(crate) const UNPOST_ALL: [&str; 2] = [
    "delete from posting where workspace = $1 and strand = $2",
    "update strand set posted_version = posted_version + 1, posted_to = 0 where workspace = $1 and id = $2",
];

pub(crate) const MEANINGS: &str = "select last_seq, messages, body from meaning \
    where workspace = $1 and strand = $2 and last_seq > $3 and model = $4 order by last_seq";
pub(crate) const DROP_FOREIGN_MEANINGS: &str = "delete from meaning where workspace = $1 and strand = $2 and model <> $3";
/// Only where the strand's words are those of version $3 and its vectors end at the place $4.
pub(crate) const MEANING_FITS: &str = "update strand set posted_version = posted_version \
    where workspace = $1 and id = $2 and posted_version = $3 \
    and $4 = (select coalesce(max(n.last_seq), 0) from meaning n where n.workspace = $1 and n.strand = $2)";
pub(crate) const NEW_MEANING: &str =
    "insert into meaning (workspace, strand, last_seq, model, messages, body) values ($1, $2, $3, $4, $5, $6)";
