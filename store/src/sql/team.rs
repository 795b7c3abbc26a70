//! Statements of the team.

pub(crate) const CANNED: &str = "select id, body from canned where workspace = $1 order by at, id";
pub(crate) const PUT_CANNED: &str = "insert into canned (workspace, id, body, at) values ($1, $2, $3, $4) \
    on conflict (workspace, id) do update set body = excluded.body";
pub(crate) const DROP_CANNED: &str = "delete from canned where workspace = $1 and id = $2";

pub(crate) const SAVED_VIEWS: &str = "select id, teammate, body from saved_view where workspace = $1 \
    and (teammate is null or teammate = $2) order by at, id";
pub(crate) const SAVE_VIEW: &str = "insert into saved_view (workspace, id, teammate, body, at) values ($1, $2, $3, $4, $5)";
pub(crate) const DROP_VIEW: &str = "delete from saved_view where workspace = $1 and id = $2 and (teammate is null or teammate = $3)";

pub(crate) const ERASED_AT: &str = "select t.due_at from timer t where t.workspace = $1 and t.name = $3 \
    and t.customer in (select id from customer where workspace = $1 and root = $2)";
pub(crate) const END_SESSIONS: &str = "delete from session where teammate = $1";
pub(crate) const DROP_TEAMMATE: &str = "delete from teammate where workspace = $1 and id = $2";
/// What a teammate leaves behind, besides what they said.
pub(crate) const LEFT_BEHIND: [&str; 4] = [
    "delete from saved_view where workspace = $1 and teammate = $2",
    "delete from alert where workspace = $1 and teammate = $2",
    "delete from mention where workspace = $1 and teammate = $2",
    "update conversation set assignee = null where workspace = $1 and assignee = $2",
];

/// Messages of teammates that wait for their time.
pub(crate) const LATER: &str = "select t.name, t.due_at from timer t where t.workspace = $1 and t.name like 'send:%' \
    and t.customer in (select id from customer where workspace = $1 and root = $2) order by t.due_at, t.name";

pub(crate) const MENTION: &str = "insert into mention (workspace, teammate, message, conversation, at) values ($1, $2, $3, $4, $5) \
    on conflict (workspace, teammate, message) do nothing";
pub(crate) const SEE_MENTIONS: &str =
    "update mention set seen = 1 where workspace = $1 and teammate = $2 and conversation = $3 and seen = 0";
