//! Looks at stored data for what must never be there, also while a server runs on it: nothing is changed, no lease is
//! voided, nothing is migrated.

use std::sync::Arc;

use domain::WorkspaceId;
use domain::ports::Stored;

use crate::db::{Conn, Row, args};
use crate::schema::{self, Part};
use crate::sql::audit as audit_sql;
use crate::sql::examine as sql;
use crate::{Location, OpenError, Settings, audit, postgres, sqlite, who};

/// Ids that are told of what breaks one.
const MOST_EXAMPLES: usize = 5;

/// One invariant and what breaks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// `I1` … `I8`.
    pub name: &'static str,
    /// What it promises.
    pub promise: &'static str,
    /// How often it is broken.
    pub violations: u64,
    /// Ids of some that break it, or the engine's own words.
    pub examples: Vec<String>,
    /// What could not be looked at.
    pub omitted: Option<&'static str>,
}

/// The invariants of rows, by statement.
const ROWS: [(&str, &str, &str); 7] = [
    ("I1", "every acknowledged message is in the inbox, once", sql::INBOX),
    ("I2", "what has no final state has a place in the queue", sql::QUEUE),
    ("I3", "a message has one turn, a reply one row of the outbox", sql::TURNS),
    ("I4", "a vendor's message is one delivery, and what was settled has its outcome", sql::SENDS),
    ("I5", "turns take messages in their order, replies stand in the order of turns", sql::ORDER),
    ("I6", "no row points to nothing, to another workspace or to somebody else", sql::POINTERS),
    ("I8", "the states of all messages add up to what was accepted", sql::STATES),
];
const WHO: (&str, &str) = ("I6", "who is who is what the identity log says");
const CHAIN: (&str, &str) = ("I7", "the audit log is the one that was written");
const SOUND: (&str, &str) = ("I7", "the database's own check of its files is clean");

/// Looks at all invariants; `None`: nothing has been stored there yet.
pub async fn examine(settings: &Settings) -> Result<Option<Vec<Finding>>, OpenError> {
    let mut found = match &settings.location {
        Location::Sqlite { folder } => {
            let (data, keys) = (folder.join("rapport.db"), folder.join("keys.db"));
            if !data.exists() {
                return Ok(None);
            }
            let mut conn = reader(&data).await?;
            let name = data.display().to_string();
            check_version(&mut conn, Part::Data, &name).await?;
            let mut found = rows(&mut conn).await.map_err(OpenError::Store)?;
            let mut sound = Finding::of(SOUND, Vec::new(), 0);
            soundness(&mut conn, &mut sound).await.map_err(OpenError::Store)?;
            if keys.exists() {
                soundness(&mut reader(&keys).await?, &mut sound).await.map_err(OpenError::Store)?;
            }
            found.push(sound);
            found
        }
        Location::SqliteMemory => return Ok(None),
        Location::Postgres { url } => {
            let pool = postgres::look(url).await?;
            let mut conn = Conn::PgReader(pool.acquire().await.map_err(|error| OpenError::Store(crate::db::failed(error)))?);
            let known = conn.one(sql::HAS_TABLES, args![]).await.and_then(|row| row.map_or(Ok(0), |row| row.int(0)));
            if known.map_err(OpenError::Store)? == 0 {
                return Ok(None);
            }
            check_version(&mut conn, Part::Data, "PostgreSQL").await?;
            let mut found = rows(&mut conn).await.map_err(OpenError::Store)?;
            found.push(indexes(&mut conn).await.map_err(OpenError::Store)?);
            found
        }
    };
    found.sort_by_key(|finding| finding.name);
    Ok(Some(found))
}

impl Finding {
    fn of((name, promise): (&'static str, &'static str), examples: Vec<String>, violations: u64) -> Self {
        Self { name, promise, violations, examples, omitted: None }
    }

    /// Does it hold?
    pub fn holds(&self) -> bool {
        self.violations == 0
    }
}

async fn reader(path: &std::path::Path) -> Result<Conn, OpenError> {
    let readers: Arc<sqlite::Readers> = sqlite::readers(path);
    readers.acquire().await.map(Conn::Reader).map_err(OpenError::Store)
}

async fn check_version(conn: &mut Conn, part: Part, name: &str) -> Result<(), OpenError> {
    let applied = conn.one(schema::APPLIED, args![]).await.and_then(|row| row.map_or(Ok(0), |row| row.int(0)));
    part.check(applied.map_err(OpenError::Store)?, name)
}

async fn rows(conn: &mut Conn) -> Stored<Vec<Finding>> {
    let mut found = Vec::with_capacity(ROWS.len() + 2);
    for (name, promise, statement) in ROWS {
        let rows = conn.all(statement, args![]).await?;
        let violations = rows.first().map_or(Ok(0), |row| row.int(1))?;
        let examples = rows.iter().map(|row| row.text(0)).collect::<Stored<_>>()?;
        found.push(Finding::of((name, promise), examples, violations.unsigned_abs()));
    }
    let mut mistaken = who::disagreements(conn).await?;
    let violations = mistaken.len() as u64;
    mistaken.truncate(MOST_EXAMPLES);
    found.push(Finding::of(WHO, mistaken, violations));
    found.push(chain(conn).await?);
    Ok(found)
}

/// Goes along the audit logs. The keys are not at hand, so the signatures of their ends are left to the server.
async fn chain(conn: &mut Conn) -> Stored<Finding> {
    let mut broken = Vec::new();
    for row in conn.all(audit_sql::WORKSPACES, args![]).await? {
        let workspace = WorkspaceId(row.text(0)?);
        if let Some(entry) = audit::follow(conn, &workspace, |_, _, _| true).await?.broken {
            broken.push(format!("entry {entry} of {workspace}"));
        }
    }
    let violations = broken.len() as u64;
    Ok(Finding::of(CHAIN, broken, violations))
}

async fn soundness(conn: &mut Conn, sound: &mut Finding) -> Stored<()> {
    for row in conn.all(sql::INTEGRITY, args![]).await? {
        let said = row.text(0)?;
        if said != "ok" {
            sound.violations += 1;
            sound.examples.push(said);
        }
    }
    for row in conn.all(sql::FOREIGN_KEYS, args![]).await? {
        sound.violations += 1;
        sound.examples.push(format!("a row of {} points to nothing", row.text(0)?));
    }
    Ok(())
}

/// PostgreSQL looks at its indexes when the extension is there; a broken one is an error of the statement.
async fn indexes(conn: &mut Conn) -> Stored<Finding> {
    let mut sound = Finding::of(SOUND, Vec::new(), 0);
    let has = conn.one(sql::HAS_AMCHECK, args![]).await?.as_ref().map_or(Ok(0), |row: &Row| row.int(0))?;
    if has == 0 {
        sound.omitted = Some("the extension amcheck is not installed");
    } else if let Err(error) = conn.all(sql::AMCHECK, args![]).await {
        sound.violations = 1;
        sound.examples.push(std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string));
    }
    Ok(sound)
}
