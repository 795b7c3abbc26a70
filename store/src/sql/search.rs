//! Statements of search: what its index follows, and the few messages that it finds.

use super::message_columns;

/// Places in the order over everybody behind $1.
pub(crate) const SEQS: &str = "select m.seq from message m where m.seq > $1 order by m.seq limit cast($2 as bigint)";
pub(crate) const LAST: &str = "select max(m.seq) from message m";
/// The message at a place, whether it is a draft, and whose it is.
pub(crate) const AT: &str = concat!(
    "select ",
    message_columns!(),
    ", m.customer, m.workspace, (select count(*) from outbox o where o.workspace = m.workspace and o.message = m.id \
     and o.state = 'draft') from message m where m.seq = $1"
);

/// The words of the message $2 are no longer what they were, or it is no longer where it was.
pub(crate) const RETELL: &str = "insert into retold (place, seq, strand) \
    select (select coalesce(max(r.place), 0) + 1 from retold r), m.seq, '' from message m where m.workspace = $1 and m.id = $2";
/// Nothing is left of a strand.
pub(crate) const RETELL_STRAND: &str = "insert into retold (place, seq, strand) \
    select (select coalesce(max(r.place), 0) + 1 from retold r), 0, cast($1 as text)";
pub(crate) const RETOLD: &str =
    "select r.place, r.seq, r.strand from retold r where r.place > $1 order by r.place limit cast($2 as bigint)";
