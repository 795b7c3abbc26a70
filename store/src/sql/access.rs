//! Statements of access.

pub(crate) const NEW_WORKSPACE: &str = "insert into workspace (id, name, created_at) values ($1, $2, $3) \
    on conflict (id) do update set name = excluded.name";

pub(crate) const TEAMMATES: &str =
    "select t.id, t.workspace, t.role, t.body, t.sso_hash from teammate t where t.workspace = $1 order by t.id";
pub(crate) const TEAMMATE_BY_EMAIL: &str = "select t.id, t.workspace, t.role, t.body, t.sso_hash from teammate t where t.email_hash = $1";
pub(crate) const TEAMMATE_BY_SSO: &str = "select t.id, t.workspace, t.role, t.body, t.sso_hash from teammate t where t.sso_hash = $1";
pub(crate) const LINK_SSO: &str = "update teammate set sso_hash = $3 where workspace = $1 and id = $2 and sso_hash is null \
    and not exists (select 1 from teammate other where other.sso_hash = $3)";
pub(crate) const UNLINK_SSO: &str = "update teammate set sso_hash = null where workspace = $1 and id = $2";
pub(crate) const PUT_TEAMMATE: &str = "insert into teammate (workspace, id, email_hash, role, body, at) \
    values ($1, $2, $3, $4, $5, $6) on conflict (id) do update \
    set email_hash = excluded.email_hash, role = excluded.role, body = excluded.body";

pub(crate) const NEW_SESSION: &str = "insert into session (token_hash, teammate, csrf, at, expires_at) values ($1, $2, $3, $4, $5)";
pub(crate) const SESSION: &str = "select t.id, t.workspace, t.role, t.body, t.sso_hash, s.csrf from session s \
    join teammate t on t.id = s.teammate where s.token_hash = $1 and s.expires_at > $2";
pub(crate) const END_SESSION: &str = "delete from session where token_hash = $1";
pub(crate) const OVER_SESSIONS: &str = "delete from session where expires_at <= $1";

pub(crate) const PUT_TOKEN: &str = "insert into token (workspace, id, token_hash, name, scopes, expires_at, at) \
    values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do update set token_hash = excluded.token_hash, \
    name = excluded.name, scopes = excluded.scopes, expires_at = excluded.expires_at";
pub(crate) const TOKEN: &str = "select id, name, workspace, scopes, expires_at from token \
    where token_hash = $1 and (expires_at is null or expires_at > $2)";
pub(crate) const TOKENS: &str = "select id, name, workspace, scopes, expires_at from token where workspace = $1 order by at, id";
pub(crate) const DELETE_TOKEN: &str = "delete from token where workspace = $1 and id = $2";

pub(crate) const OPEN_VISITOR: &str = "insert into visitor (workspace, connection, token_hash, identifier, at) \
    values ($1, $2, $3, $4, $5) on conflict (workspace, connection, token_hash) do nothing";
pub(crate) const VISITOR: &str = "select i.id, i.key_owner, i.body, i.strand, s.customer from visitor v \
    join identifier i on i.workspace = v.workspace and i.id = v.identifier \
    join strand s on s.workspace = i.workspace and s.id = i.strand \
    where v.workspace = $1 and v.connection = $2 and v.token_hash = $3";

pub(crate) const NOTE: &str = "select value from note where name = $1";
pub(crate) const PUT_NOTE: &str = "insert into note (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value";
pub(crate) const DROP_NOTE: &str = "delete from note where name = $1";

pub(crate) const MARK: &str = "insert into mark (scope, mark_hash, at) values ($1, $2, $3) \
    on conflict (scope, mark_hash) do nothing";
