//! Statements of phone calls.

use super::message_columns;

macro_rules! call_columns {
    () => {
        "c.id, c.connection, c.strand, c.conversation, c.direction, c.state, c.at, c.ended_at, c.body"
    };
}

pub(crate) const NEW: &str = "insert into call \
    (workspace, id, connection, vendor_hash, strand, conversation, direction, state, at, body) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing";
pub(crate) const BY_VENDOR: &str =
    concat!("select ", call_columns!(), " from call c where c.workspace = $1 and c.connection = $2 and c.vendor_hash = $3");
pub(crate) const BY_ID: &str = concat!(
    "select ",
    call_columns!(),
    ", s.customer from call c join strand s on s.workspace = c.workspace and s.id = c.strand where c.workspace = $1 and c.id = $2"
);
pub(crate) const OPEN: &str = concat!("select ", call_columns!(), ", c.workspace from call c where c.state <> 'ended' order by c.at, c.id");
pub(crate) const MOVE: &str = "update call set state = $3 where workspace = $1 and id = $2 and state = $4";
pub(crate) const SET_BODY: &str = "update call set body = $3 where workspace = $1 and id = $2";
pub(crate) const END: &str =
    "update call set state = 'ended', ended_at = $3, body = $4 where workspace = $1 and id = $2 and state <> 'ended'";

/// What was said on the strand and through the door of a call while it lasted.
pub(crate) const MESSAGES: &str = concat!(
    "select ",
    message_columns!(),
    " from message m where m.workspace = $1 and m.strand = $2 and m.connection = $3 and m.at >= $4 and m.at <= $5 and m.is_event = 0 \
     order by m.seq limit cast($6 as bigint)"
);

pub(crate) const RECORDS: &str = "update call set recording = $3, body = $4 where workspace = $1 and id = $2 and state <> 'ended'";
pub(crate) const RECORDING_OF: &str = "select recording from call where workspace = $1 and id = $2";
pub(crate) const SIZE: &str = "update attachment set size = $3 where workspace = $1 and id = $2";
pub(crate) const RECORDED: &str = "select a.size, (select max(p.part) from attachment_part p where p.workspace = a.workspace \
    and p.attachment = a.id) from attachment a where a.workspace = $1 and a.id = $2";
pub(crate) const PUT_PART: &str = "insert into attachment_part (workspace, attachment, part, body) values ($1, $2, $3, $4) \
    on conflict (workspace, attachment, part) do update set body = excluded.body";
pub(crate) const OLD_RECORDINGS: &str = concat!(
    "select ",
    call_columns!(),
    ", c.workspace, c.recording from call c where c.recording is not null and c.ended_at < $1 order by c.ended_at limit cast($2 as bigint)"
);
pub(crate) const FORGET_RECORDING: &str = "update call set recording = null, body = $3 where workspace = $1 and id = $2";

/// A message of ours on a call, with its outbox row.
pub(crate) const SAID: &str = "select m.strand, m.body, m.customer, m.conversation from message m \
    where m.workspace = $1 and m.id = $2 and m.channel = 'voice' and m.direction = 'out'";
pub(crate) const HEARD: &str = "update message set body = $3, reason = $4, \
    delivery = case when $5 = 1 then 'refused' else delivery end where workspace = $1 and id = $2";
