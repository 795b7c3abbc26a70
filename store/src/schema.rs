//! Migrations: run at open, each in a transaction, recorded; a binary refuses a database newer than itself.

use std::path::Path;

use rusqlite::Connection;
use sqlx::{Executor, PgConnection, Row};

use crate::{OpenError, fail};

/// Which of the two stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Everything but keys.
    Data,
    /// Wrapped keys.
    Keys,
}

struct Migration {
    version: i64,
    name: &'static str,
    sql: &'static str,
}

const DATA: &[Migration] = &[
    Migration { version: 1, name: "first", sql: include_str!("../migrations/0001-first.sql") },
    Migration { version: 2, name: "drafts", sql: include_str!("../migrations/0002-drafts.sql") },
    Migration { version: 3, name: "link-waits", sql: include_str!("../migrations/0003-link-waits.sql") },
    Migration { version: 4, name: "speech", sql: include_str!("../migrations/0004-speech.sql") },
    Migration { version: 5, name: "erasure", sql: include_str!("../migrations/0005-erasure.sql") },
    Migration { version: 6, name: "spend", sql: include_str!("../migrations/0006-spend.sql") },
    Migration { version: 7, name: "postings", sql: include_str!("../migrations/0007-postings.sql") },
    Migration { version: 8, name: "threads", sql: include_str!("../migrations/0008-threads.sql") },
    Migration { version: 9, name: "tags", sql: include_str!("../migrations/0009-tags.sql") },
    Migration { version: 10, name: "team", sql: include_str!("../migrations/0010-team.sql") },
    Migration { version: 14, name: "imports", sql: include_str!("../migrations/0014-imports.sql") },
    Migration { version: 15, name: "calls", sql: include_str!("../migrations/0015-calls.sql") },
    Migration { version: 24, name: "plans", sql: include_str!("../migrations/0024-plans.sql") },
    Migration { version: 25, name: "attachments", sql: include_str!("../migrations/0025-attachments.sql") },
    Migration { version: 35, name: "actions", sql: include_str!("../migrations/0035-actions.sql") },
    Migration { version: 36, name: "bookings", sql: include_str!("../migrations/0036-bookings.sql") },
    Migration { version: 40, name: "search", sql: include_str!("../migrations/0040-search.sql") },
    Migration { version: 41, name: "enclosures", sql: include_str!("../migrations/0041-enclosures.sql") },
    Migration { version: 55, name: "audit", sql: include_str!("../migrations/0055-audit.sql") },
    Migration { version: 56, name: "alerts", sql: include_str!("../migrations/0056-alerts.sql") },
    Migration { version: 57, name: "saved-views", sql: include_str!("../migrations/0057-saved-views.sql") },
    Migration { version: 70, name: "challenges", sql: include_str!("../migrations/0070-challenges.sql") },
    Migration { version: 71, name: "analytics", sql: include_str!("../migrations/0071-analytics.sql") },
    Migration { version: 80, name: "sso", sql: include_str!("../migrations/0080-sso.sql") },
    Migration { version: 81, name: "recordings", sql: include_str!("../migrations/0081-recordings.sql") },
    Migration { version: 82, name: "meanings", sql: include_str!("../migrations/0082-meanings.sql") },
    Migration { version: 95, name: "teams", sql: include_str!("../migrations/0095-teams.sql") },
    Migration { version: 96, name: "choices", sql: include_str!("../migrations/0096-choices.sql") },
    Migration { version: 105, name: "documents", sql: include_str!("../migrations/0105-documents.sql") },
    Migration { version: 110, name: "tasks", sql: include_str!("../migrations/0110-tasks.sql") },
    Migration { version: 118, name: "directory", sql: include_str!("../migrations/0118-directory.sql") },
];
const KEYS: &[Migration] = &[Migration { version: 1, name: "keys", sql: include_str!("../migrations/keys/0001-keys.sql") }];

/// The sequence of the timeline; SQLite counts in its one process.
const POSTGRES_ONLY: &str = "create sequence if not exists message_seq";

const RECORD: &str = "create table if not exists schema_version (version bigint primary key, name text not null, at bigint not null)";
pub(crate) const APPLIED: &str = "select coalesce(max(version), 0) from schema_version";
const NOTE: &str = "insert into schema_version (version, name, at) values ($1, $2, 0)";

impl Part {
    fn migrations(self) -> &'static [Migration] {
        match self {
            Self::Data => DATA,
            Self::Keys => KEYS,
        }
    }

    pub(crate) fn check(self, applied: i64, name: &str) -> Result<(), OpenError> {
        let newest = self.migrations().last().map_or(0, |migration| migration.version);
        if applied > newest {
            return Err(OpenError::Newer { name: name.to_owned(), found: applied, known: newest });
        }
        Ok(())
    }
}

fn statements(sql: &'static str) -> impl Iterator<Item = &'static str> {
    sql.split(';')
        .map(str::trim)
        .filter(|statement| statement.lines().any(|line| !line.trim_start().starts_with("--") && !line.trim().is_empty()))
}

pub(crate) fn migrate_sqlite(conn: &Connection, part: Part, path: &Path) -> Result<(), OpenError> {
    let name = path.display().to_string();
    let failed = |source: rusqlite::Error| OpenError::Database { name: name.clone(), source: source.into() };
    conn.execute_batch(RECORD).map_err(failed)?;
    let applied: i64 = conn.query_row(APPLIED, (), |row| row.get(0)).map_err(failed)?;
    part.check(applied, &name)?;
    for migration in part.migrations().iter().filter(|migration| migration.version > applied) {
        // Ends with a rollback when it is dropped before the commit.
        let tx = rusqlite::Transaction::new_unchecked(conn, rusqlite::TransactionBehavior::Immediate).map_err(failed)?;
        for statement in statements(migration.sql) {
            fail::before("schema.statement");
            tx.execute_batch(statement).map_err(failed)?;
        }
        tx.execute(NOTE, (migration.version, migration.name)).map_err(failed)?;
        fail::before("schema.version");
        tx.commit().map_err(failed)?;
        fail::after("schema.version");
    }
    Ok(())
}

pub(crate) async fn migrate_postgres(conn: &mut PgConnection, part: Part) -> Result<(), OpenError> {
    let name = match part {
        Part::Data => "PostgreSQL",
        Part::Keys => "PostgreSQL, schema keys",
    };
    let failed = |source: sqlx::Error| OpenError::Database { name: name.to_owned(), source: source.into() };
    let mut tx = sqlx::Connection::begin(conn).await.map_err(failed)?;
    // Servers that start at the same time migrate one after the other.
    (&mut *tx).execute("select pg_advisory_xact_lock(7237970109966541)").await.map_err(failed)?;
    if part == Part::Keys {
        (&mut *tx).execute("create schema if not exists keys").await.map_err(failed)?;
        (&mut *tx).execute("set local search_path to keys").await.map_err(failed)?;
    }
    (&mut *tx).execute(RECORD).await.map_err(failed)?;
    let applied: i64 = sqlx::query(APPLIED).fetch_one(&mut *tx).await.and_then(|row| row.try_get(0)).map_err(failed)?;
    part.check(applied, name)?;
    if part == Part::Data {
        (&mut *tx).execute(POSTGRES_ONLY).await.map_err(failed)?;
    }
    for migration in part.migrations().iter().filter(|migration| migration.version > applied) {
        for statement in statements(migration.sql) {
            fail::before("schema.statement");
            (&mut *tx).execute(statement).await.map_err(failed)?;
        }
        sqlx::query(NOTE).bind(migration.version).bind(migration.name).execute(&mut *tx).await.map_err(failed)?;
    }
    fail::before("schema.version");
    tx.commit().await.map_err(failed)?;
    fail::after("schema.version");
    Ok(())
}
