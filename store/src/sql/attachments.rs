//! Statements of files that came with messages.

macro_rules! attachment_columns {
    () => {
        "a.id, a.message, a.connection, a.state, a.size, a.strand, a.body"
    };
}

pub(crate) const NEW: &str = "insert into attachment (workspace, id, message, strand, place, connection, state, due_at, size, body, link_hash, \
    link_until) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
pub(crate) const NEW_PART: &str = "insert into attachment_part (workspace, attachment, part, body) values ($1, $2, $3, $4)";
pub(crate) const DUE: &str = concat!(
    "select ",
    attachment_columns!(),
    ", a.workspace, a.attempts from attachment a where a.state = 'waiting' and a.due_at <= $1 order by a.due_at, a.id limit cast($2 as bigint)"
);
pub(crate) const NEXT: &str = "select min(due_at) from attachment where state = 'waiting'";
pub(crate) const STRAND: &str = "select strand from attachment where workspace = $1 and id = $2 and state = 'waiting'";
pub(crate) const KEPT: &str = "update attachment set state = 'kept', size = $3, body = $4 where workspace = $1 and id = $2";
pub(crate) const MISSED: &str =
    "update attachment set state = $3, due_at = $4, attempts = attempts + 1, body = $5 where workspace = $1 and id = $2";
pub(crate) const BY_ID: &str = concat!(
    "select ",
    attachment_columns!(),
    ", m.customer, m.conversation from attachment a join message m on m.workspace = a.workspace and m.id = a.message \
     where a.workspace = $1 and a.id = $2"
);
pub(crate) const PARTS: &str = "select p.part, p.body from attachment_part p where p.workspace = $1 and p.attachment = $2 order by p.part";
pub(crate) const OF_CUSTOMER: &str = concat!(
    "select ",
    attachment_columns!(),
    " from message m join attachment a on a.workspace = m.workspace and a.message = m.id \
     where m.workspace = $1 and m.customer = $2 and m.seq between $3 and $4 order by m.seq, a.place"
);

pub(crate) const WITH: &str =
    concat!("select ", attachment_columns!(), " from attachment a where a.workspace = $1 and a.message = $2 order by a.place");
pub(crate) const BY_LINK: &str = "select a.workspace, a.id from attachment a where a.link_hash = $1 and a.link_until > $2";
/// What hung on a message hangs on another one of the same strand.
pub(crate) const HAND_ON: &str = "update attachment set message = $3 where workspace = $1 and message = $2";

// A message that moves to another strand takes its files with it.
pub(crate) const OF_MESSAGE: &str = "select a.id, a.body from attachment a where a.workspace = $1 and a.message = $2";
pub(crate) const RESEAL: &str = "update attachment set strand = $3, body = $4 where workspace = $1 and id = $2";
pub(crate) const RESEAL_PART: &str = "update attachment_part set body = $4 where workspace = $1 and attachment = $2 and part = $3";

pub(crate) const STRAND_OF: &str = "select strand from attachment where workspace = $1 and id = $2";
pub(crate) const DROP_PARTS: &str = "delete from attachment_part where workspace = $1 and attachment = $2";
pub(crate) const DROP: &str = "delete from attachment where workspace = $1 and id = $2";

// A message whose author took it away leaves no file.
pub(crate) const DROP_PARTS_OF_MESSAGE: &str = "delete from attachment_part where workspace = $1 \
    and attachment in (select id from attachment where workspace = $1 and message = $2)";
pub(crate) const DROP_OF_MESSAGE: &str = "delete from attachment where workspace = $1 and message = $2";
