//! Statements of the team.

pub(crate) const CANNED: &str = "select id, body from canned where workspace = $1 order by at, id";
pub(crate) const PUT_CANNED: &str = "insert into canned (workspace, id, body, at) values ($1, $2, $3, $4) \
    on conflict (workspace, id) do update set body = excluded.body";
pub(crate) const DROP_CANNED: &str = "delete from canned where workspace = $1 and id = $2";

pub(crate) const SAVED_VIEWS: &str = "select id, teammate, body from saved_view where workspace = $1 \
    and (teammate is null or teammate = $2) order by at, id";
pub(crate) const SAVE_VIEW: &str = "insert into saved_view (workspace, id, teammate, body, at) values ($1, $2, $3, $4, $5)";
pub(crate) const DROP_VIEW: &str = "delete from saved_view where workspace = $1 and id = $2 and (teammate is null or teammate = $3)";

pub(crate) const TEAMS: &str = "select id, lead, body from team where workspace = $1 order by at, id";
/// Members who still work here.
pub(crate) const TEAM_MEMBERS: &str = "select m.team, m.teammate from team_member m join teammate t on t.id = m.teammate \
    where m.workspace = $1 and t.workspace = $1 and t.role <> 'analyst' order by m.team, t.at, t.id";
pub(crate) const PUT_TEAM: &str = "insert into team (workspace, id, lead, body, at) values ($1, $2, $3, $4, $5) \
    on conflict (workspace, id) do update set lead = excluded.lead, body = excluded.body";
pub(crate) const EMPTY_TEAM: &str = "delete from team_member where workspace = $1 and team = $2";
pub(crate) const ADD_MEMBER: &str = "insert into team_member (workspace, team, teammate) values ($1, $2, $3) \
    on conflict (workspace, team, teammate) do nothing";
pub(crate) const DROP_TEAM: &str = "delete from team where workspace = $1 and id = $2";
pub(crate) const LEAVE_TEAM: &str = "update conversation set team = null where workspace = $1 and team = $2";

pub(crate) const CHOICES: &str = "select c.kind, c.version, c.body, c.teammate, c.at from choice c where c.workspace = $1 \
    and c.version = (select max(n.version) from choice n where n.workspace = c.workspace and n.kind = c.kind) order by c.kind";
pub(crate) const VERSIONS: &str = "select kind, version, body, teammate, at from choice where workspace = $1 and kind = $2 \
    order by version desc limit cast($3 as bigint)";
pub(crate) const CHOOSE: &str = "insert into choice (workspace, kind, version, body, teammate, at) values ($1, $2, $3, $4, $5, $6) \
    on conflict (workspace, kind, version) do nothing";

pub(crate) const ERASED_AT: &str = "select t.due_at from timer t where t.workspace = $1 and t.name = $3 \
    and t.customer in (select id from customer where workspace = $1 and root = $2)";
pub(crate) const END_SESSIONS: &str = "delete from session where teammate = $1";
pub(crate) const DROP_TEAMMATE: &str = "delete from teammate where workspace = $1 and id = $2";
/// What a teammate leaves behind, besides what they said.
pub(crate) const LEFT_BEHIND: [&str; 8] = [
    "delete from team_member where workspace = $1 and teammate = $2",
    "update document set teammate = null where workspace = $1 and teammate = $2",
    "update team set lead = null where workspace = $1 and lead = $2",
    "delete from saved_view where workspace = $1 and teammate = $2",
    "delete from alert where workspace = $1 and teammate = $2",
    "delete from mention where workspace = $1 and teammate = $2",
    "update conversation set assignee = null where workspace = $1 and assignee = $2",
    "update task set assignee = null where workspace = $1 and assignee = $2",
];

/// Messages of teammates that wait for their time.
pub(crate) const LATER: &str = "select t.name, t.due_at from timer t where t.workspace = $1 and t.name like 'send:%' \
    and t.customer in (select id from customer where workspace = $1 and root = $2) order by t.due_at, t.name";

pub(crate) const MENTION: &str = "insert into mention (workspace, teammate, message, conversation, at) values ($1, $2, $3, $4, $5) \
    on conflict (workspace, teammate, message) do nothing";
pub(crate) const SEE_MENTIONS: &str =
    "update mention set seen = 1 where workspace = $1 and teammate = $2 and conversation = $3 and seen = 0";
