//! Access: teammates, sessions, tokens, visitors. Secrets arrive hashed; names and addresses are sealed.

use async_trait::async_trait;
use domain::ports::{Access, ApiToken, SecondFactor, StoreError, Stored, Teammate, VisitorSession};
use domain::time::Timestamp;
use domain::{ConnectionId, IdentifierId, TeammateId, TokenId, WorkspaceId};
use serde::{Deserialize, Serialize};

use crate::db::{Arg, Row, args};
use crate::rows::{Named, json, place};
use crate::seal::Field;
use crate::sql::access as sql;
use crate::{Inner, Storage};

/// Sealed part of a teammate.
#[derive(Debug, Serialize, Deserialize)]
struct Person {
    name: String,
    email: String,
    password_hash: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    second: Option<Second>,
}

/// Sealed with the teammate.
#[derive(Debug, Serialize, Deserialize)]
struct Second {
    secret: String,
    is_confirmed: bool,
    recovery: Vec<String>,
}

impl Inner {
    /// A single statement as a transaction; the number of rows it changed.
    pub(crate) async fn put(&self, statement: &'static str, values: Vec<Arg>) -> Stored<u64> {
        self.write("access.put", move |tx| Box::pin(async move { tx.run(statement, values).await })).await
    }

    async fn teammate(&self, row: &Row) -> Stored<Teammate> {
        let (id, workspace) = (row.text(0)?, WorkspaceId(row.text(1)?));
        let key = self.keys.workspace(workspace.as_str()).await?;
        let person: Person = key.own().open_json(place(&workspace, "teammate", "body", &id), &row.blob(3)?)?;
        Ok(Teammate {
            id: row.word(0)?,
            workspace,
            name: person.name,
            email: person.email,
            role: row.text(2)?,
            password_hash: person.password_hash,
            second: person.second.map(|Second { secret, is_confirmed, recovery }| SecondFactor { secret, is_confirmed, recovery }),
            sso: row.opt_text(4)?.is_some(),
        })
    }

    /// Who an identity provider says it is; neither name is kept.
    fn sso_hash(&self, issuer: &str, subject: &str) -> String {
        self.keys.server.hash(Field::Address, &["sso", issuer, subject])
    }

    fn email_hash(&self, email: &str) -> String {
        self.keys.server.hash(Field::Address, &["teammate", &email.trim().to_lowercase()])
    }
}

fn token(row: &Row) -> Stored<ApiToken> {
    Ok(ApiToken {
        id: row.word(0)?,
        name: row.text(1)?,
        workspace: WorkspaceId(row.text(2)?),
        scopes: serde_json::from_str(&row.text(3)?).map_err(|error| StoreError::Corrupt(error.to_string()))?,
        expires_at: row.opt_time(4)?,
    })
}

#[async_trait]
impl Access for Storage {
    async fn ensure_workspace(&self, workspace: &WorkspaceId, name: &str, at: Timestamp) -> Stored<()> {
        self.inner.keys.workspace(workspace.as_str()).await?;
        self.inner.put(sql::NEW_WORKSPACE, args![workspace, name, at]).await.map(|_| ())
    }

    async fn teammates(&self, workspace: &WorkspaceId) -> Stored<Vec<Teammate>> {
        let rows = self.inner.reader().await?.all(sql::TEAMMATES, args![workspace]).await?;
        let mut all = Vec::with_capacity(rows.len());
        for row in &rows {
            all.push(self.inner.teammate(row).await?);
        }
        Ok(all)
    }

    async fn put_teammate(&self, teammate: &Teammate, at: Timestamp) -> Stored<()> {
        let id = teammate.id.to_string();
        let key = self.inner.keys.workspace(teammate.workspace.as_str()).await?;
        let second =
            teammate.second.clone().map(|SecondFactor { secret, is_confirmed, recovery }| Second { secret, is_confirmed, recovery });
        let person =
            Person { name: teammate.name.clone(), email: teammate.email.clone(), password_hash: teammate.password_hash.clone(), second };
        let body = key.own().seal_json(place(&teammate.workspace, "teammate", "body", &id), &person)?;
        let hash = self.inner.email_hash(&teammate.email);
        let values = args![&teammate.workspace, id, hash, &teammate.role, body, at];
        self.inner.put(sql::PUT_TEAMMATE, values).await.map(|_| ())
    }

    async fn teammate_by_email(&self, email: &str) -> Stored<Option<Teammate>> {
        let hash = self.inner.email_hash(email);
        match self.inner.reader().await?.one(sql::TEAMMATE_BY_EMAIL, args![hash]).await? {
            Some(row) => self.inner.teammate(&row).await.map(Some),
            None => Ok(None),
        }
    }

    async fn teammate_by_sso(&self, issuer: &str, subject: &str) -> Stored<Option<Teammate>> {
        let hash = self.inner.sso_hash(issuer, subject);
        match self.inner.reader().await?.one(sql::TEAMMATE_BY_SSO, args![hash]).await? {
            Some(row) => self.inner.teammate(&row).await.map(Some),
            None => Ok(None),
        }
    }

    async fn link_sso(&self, workspace: &WorkspaceId, teammate: TeammateId, issuer: &str, subject: &str) -> Stored<bool> {
        let hash = self.inner.sso_hash(issuer, subject);
        Ok(self.inner.put(sql::LINK_SSO, args![workspace, teammate, hash]).await? > 0)
    }

    async fn unlink_sso(&self, workspace: &WorkspaceId, teammate: TeammateId) -> Stored<()> {
        self.inner.put(sql::UNLINK_SSO, args![workspace, teammate]).await.map(|_| ())
    }

    async fn open_session(&self, token_hash: &str, teammate: TeammateId, csrf: &str, at: Timestamp, expires_at: Timestamp) -> Stored<()> {
        self.inner.put(sql::OVER_SESSIONS, args![at]).await?;
        self.inner.put(sql::NEW_SESSION, args![token_hash, teammate, csrf, at, expires_at]).await.map(|_| ())
    }

    async fn session(&self, token_hash: &str, now: Timestamp) -> Stored<Option<(Teammate, String)>> {
        match self.inner.reader().await?.one(sql::SESSION, args![token_hash, now]).await? {
            Some(row) => Ok(Some((self.inner.teammate(&row).await?, row.text(5)?))),
            None => Ok(None),
        }
    }

    async fn end_session(&self, token_hash: &str) -> Stored<()> {
        self.inner.put(sql::END_SESSION, args![token_hash]).await.map(|_| ())
    }

    async fn put_token(&self, token: &ApiToken, token_hash: &str, at: Timestamp) -> Stored<()> {
        let scopes = json(&token.scopes)?;
        let values = args![&token.workspace, token.id, token_hash, &token.name, scopes, token.expires_at, at];
        self.inner.put(sql::PUT_TOKEN, values).await.map(|_| ())
    }

    async fn token(&self, token_hash: &str, now: Timestamp) -> Stored<Option<ApiToken>> {
        self.inner.reader().await?.one(sql::TOKEN, args![token_hash, now]).await?.as_ref().map(token).transpose()
    }

    async fn tokens(&self, workspace: &WorkspaceId) -> Stored<Vec<ApiToken>> {
        self.inner.reader().await?.all(sql::TOKENS, args![workspace]).await?.iter().map(token).collect()
    }

    async fn delete_token(&self, workspace: &WorkspaceId, id: TokenId) -> Stored<bool> {
        Ok(self.inner.put(sql::DELETE_TOKEN, args![workspace, id]).await? > 0)
    }

    async fn open_visitor(
        &self,
        workspace: &WorkspaceId,
        connection: &ConnectionId,
        token_hash: &str,
        identifier: IdentifierId,
        at: Timestamp,
    ) -> Stored<()> {
        self.inner.put(sql::OPEN_VISITOR, args![workspace, connection, token_hash, identifier, at]).await.map(|_| ())
    }

    async fn visitor(&self, workspace: &WorkspaceId, connection: &ConnectionId, token_hash: &str) -> Stored<Option<VisitorSession>> {
        let row = self.inner.reader().await?.one(sql::VISITOR, args![workspace, connection, token_hash]).await?;
        let Some(row) = row else { return Ok(None) };
        let id = row.text(0)?;
        let named: Named = self.inner.unseal(&row.text(1)?, place(workspace, "identifier", "body", &id), &row.blob(2)?).await?;
        Ok(Some(VisitorSession { identifier: row.word(0)?, value: named.value, strand: row.word(3)?, customer: row.word(4)? }))
    }

    async fn note(&self, name: &str) -> Stored<Option<String>> {
        self.inner.reader().await?.one(sql::NOTE, args![name]).await?.map(|row| row.text(0)).transpose()
    }

    async fn put_note(&self, name: &str, value: Option<&str>) -> Stored<()> {
        match value {
            Some(value) => self.inner.put(sql::PUT_NOTE, args![name, value]).await,
            None => self.inner.put(sql::DROP_NOTE, args![name]).await,
        }
        .map(|_| ())
    }

    async fn use_once(&self, scope: &str, mark_hash: &str, at: Timestamp) -> Stored<bool> {
        Ok(self.inner.put(sql::MARK, args![scope, mark_hash, at]).await? > 0)
    }
}
