//! Statements of what was done on customers' behalf.

pub(crate) const BY_ID: &str = "select m.id, m.status, m.key_owner, m.body, m.customer from memory m \
    where m.workspace = $1 and m.id = $2 and m.kind = 'action'";
pub(crate) const WAITING: &str = "select m.id, m.status, m.key_owner, m.body, m.customer from memory m \
    where m.workspace = $1 and m.kind = 'action' and m.status = 'waiting' order by m.at limit cast($2 as bigint)";
pub(crate) const OPENED: &str = "select m.id, m.status, m.key_owner, m.body, m.workspace from memory m \
    where m.kind = 'action' and m.topic = $1";
pub(crate) const SETTLE: &str = "update memory set status = $3, body = $4 where workspace = $1 and id = $2 and kind = 'action'";

pub(crate) const BOOK: &str = "insert into booking (workspace, calendar, starts_at, place, action, strand) values ($1, $2, $3, $4, $5, $6) \
    on conflict do nothing returning place";
pub(crate) const FREE: &str = "delete from booking where workspace = $1 and action = $2";
pub(crate) const TAKEN: &str = "select b.starts_at, b.place from booking b \
    where b.workspace = $1 and b.calendar = $2 and b.starts_at >= $3 and b.starts_at < $4 order by b.starts_at, b.place";
