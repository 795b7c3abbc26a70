//! Access: teammates, sessions, tokens, visitors, notes.

use async_trait::async_trait;

use super::Stored;
use crate::id::{ConnectionId, CustomerId, IdentifierId, StrandId, TeammateId, TokenId, WorkspaceId};
use crate::time::Timestamp;

/// A teammate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Teammate {
    /// Its id.
    pub id: TeammateId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Name.
    pub name: String,
    /// Email, the sign-in name.
    pub email: String,
    /// `owner admin teammate analyst`.
    pub role: String,
    /// argon2id.
    pub password_hash: String,
    /// What is asked for besides the password.
    pub second: Option<SecondFactor>,
    /// Do they sign in through the business's identity provider? Read only: see [`Access::link_sso`].
    pub sso: bool,
}

/// Codes by time (RFC 6238), and codes for the day the app is gone.
#[derive(Clone, PartialEq, Eq)]
pub struct SecondFactor {
    /// What the app was given, in base 32. It opens something: never printed, sealed where it is kept.
    pub secret: String,
    /// Has a code been shown to come from the app? Until then nothing is asked for.
    pub is_confirmed: bool,
    /// Hashes of the recovery codes; which are used up is kept as marks.
    pub recovery: Vec<String>,
}

impl std::fmt::Debug for SecondFactor {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "SecondFactor {{ is_confirmed: {}, … }}", self.is_confirmed)
    }
}

/// An API token's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Its id.
    pub id: TokenId,
    /// Name.
    pub name: String,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// `read write admin privacy metrics mcp`.
    pub scopes: Vec<String>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

/// Access: teammates, sessions, tokens, visitors. Secrets arrive hashed.
#[async_trait]
pub trait Access {
    /// Makes the workspace's rows and key when they are not there.
    async fn ensure_workspace(&self, workspace: &WorkspaceId, name: &str, at: Timestamp) -> Stored<()>;

    /// All teammates of a workspace.
    async fn teammates(&self, workspace: &WorkspaceId) -> Stored<Vec<Teammate>>;

    /// Adds or updates a teammate.
    async fn put_teammate(&self, teammate: &Teammate, at: Timestamp) -> Stored<()>;

    /// By email, over all workspaces.
    async fn teammate_by_email(&self, email: &str) -> Stored<Option<Teammate>>;

    /// By the subject that an identity provider names, over all workspaces.
    async fn teammate_by_sso(&self, issuer: &str, subject: &str) -> Stored<Option<Teammate>>;

    /// From now on this subject is this teammate. `false`, and nothing changes: the teammate is another subject's already,
    /// or the subject another teammate's.
    async fn link_sso(&self, workspace: &WorkspaceId, teammate: TeammateId, issuer: &str, subject: &str) -> Stored<bool>;

    /// The teammate is no subject's any more.
    async fn unlink_sso(&self, workspace: &WorkspaceId, teammate: TeammateId) -> Stored<()>;

    /// Opens a session for a teammate.
    async fn open_session(&self, token_hash: &str, teammate: TeammateId, csrf: &str, at: Timestamp, expires_at: Timestamp) -> Stored<()>;

    /// The teammate of a session that is not over, with its CSRF token.
    async fn session(&self, token_hash: &str, now: Timestamp) -> Stored<Option<(Teammate, String)>>;

    /// Ends a session.
    async fn end_session(&self, token_hash: &str) -> Stored<()>;

    /// Keeps a token.
    async fn put_token(&self, token: &ApiToken, token_hash: &str, at: Timestamp) -> Stored<()>;

    /// The token with this hash, if it has not ended.
    async fn token(&self, token_hash: &str, now: Timestamp) -> Stored<Option<ApiToken>>;

    /// All tokens of a workspace.
    async fn tokens(&self, workspace: &WorkspaceId) -> Stored<Vec<ApiToken>>;

    /// Ends a token.
    async fn delete_token(&self, workspace: &WorkspaceId, id: TokenId) -> Stored<bool>;

    /// A visitor's session: made once, found by its token's hash.
    async fn open_visitor(
        &self,
        workspace: &WorkspaceId,
        connection: &ConnectionId,
        token_hash: &str,
        identifier: IdentifierId,
        at: Timestamp,
    ) -> Stored<()>;

    /// The visitor identifier behind a session token, with its current strand and customer.
    async fn visitor(&self, workspace: &WorkspaceId, connection: &ConnectionId, token_hash: &str) -> Stored<Option<VisitorSession>>;

    /// A small value kept under a name for the whole server (set-up token hash, demo login, schema notes).
    async fn note(&self, name: &str) -> Stored<Option<String>>;

    /// Keeps or removes such a value.
    async fn put_note(&self, name: &str, value: Option<&str>) -> Stored<()>;

    /// Uses a one-time mark (jti, setup token): `true` the first time only.
    async fn use_once(&self, scope: &str, mark_hash: &str, at: Timestamp) -> Stored<bool>;
}

/// A visitor's session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitorSession {
    /// The visitor identifier.
    pub identifier: IdentifierId,
    /// Its value.
    pub value: String,
    /// The strand its messages go to.
    pub strand: StrandId,
    /// Whose it is now.
    pub customer: CustomerId,
}
