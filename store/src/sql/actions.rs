//! Statements of what was done on customers' behalf.

pub(crate) const BY_ID: &str = "select m.id, m.status, m.key_owner, m.body, m.customer from memory m \
    where m.workspace = $1 and m.id = $2 and m.kind = 'action'";
pub(crate) const WAITING: &str = "select m.id, m.status, m.key_owner, m.body, m.customer from memory m \
    where m.workspace = $1 and m.kind = 'action' and m.status = 'waiting' order by m.at limit $2";
pub(crate) const OPENED: &str = "select m.id, m.status, m.key_owner, m.body, m.workspace from memory m \
    where m.kind = 'action' and m.topic = $1";
pub(crate) const SETTLE: &str = "update memory set status = $3, body = $4 where workspace = $1 and id = $2 and kind = 'action'";
