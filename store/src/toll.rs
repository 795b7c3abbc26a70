//! What statements cost on SQLite, for tests: counted, never timed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, Statement, StatementStatus};

/// What a stretch of work took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    /// Statements run.
    pub statements: u64,
    /// Rows given back.
    pub rows: u64,
    /// Steps of SQLite's machine: grows with every row looked at, given back or not.
    pub steps: u64,
    /// Rows looked at by walking through a whole table.
    pub scanned: u64,
}

/// Counts of one open store, by statement.
#[derive(Debug, Default)]
pub(crate) struct Toll {
    taken: Mutex<BTreeMap<&'static str, Taken>>,
    seen: Mutex<BTreeSet<&'static str>>,
    walks: Mutex<Vec<(&'static str, String)>>,
}

/// Indexes and tables that hold only what waits, or one row for each person who works here: walking through them is no harm.
const SMALL: [&str; 15] = [
    "outbox_next",
    "outbox_waiting",
    "outbox_speaking",
    "outbox_draft",
    "message_open",
    "SCAN b",
    "SCAN burst",
    "teammate",
    "session",
    "token",
    "canned",
    "SCAN x",
    "SCAN m_",
    "SCAN q",
    "CONSTANT ROW",
];

impl Toll {
    /// Reads the plan of a statement that was not seen before: does it walk through what grows with the business?
    pub fn look(&self, sql: &'static str, conn: &Connection) -> rusqlite::Result<()> {
        let is_new = self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(sql);
        let is_statement = ["select", "insert", "update", "delete", "with"].iter().any(|word| sql.starts_with(word));
        if !is_new || !is_statement {
            return Ok(());
        }
        let mut plan = conn.prepare(&format!("explain query plan {sql}"))?;
        let mut lines = plan.raw_query();
        while let Some(line) = lines.next()? {
            let detail: String = line.get(3)?;
            // A search by the workspace alone walks through everybody who is in it.
            let walks = detail.starts_with("SCAN") || detail.ends_with("(workspace=?)") || detail.contains("(workspace=? AND state=?)");
            if walks && !SMALL.iter().any(|small| detail.contains(small)) {
                self.walks.lock().unwrap_or_else(PoisonError::into_inner).push((sql, detail));
            }
        }
        Ok(())
    }

    /// The statements so far that walk through what grows, with the step that does it.
    pub fn walks(&self) -> Vec<(&'static str, String)> {
        self.walks.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn count(&self, sql: &'static str, statement: &Statement<'_>, rows: usize) {
        let mut all = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = all.entry(sql).or_default();
        let status = |what| u64::try_from(statement.reset_status(what)).unwrap_or(0);
        taken.statements += 1;
        taken.rows += rows as u64;
        taken.steps += status(StatementStatus::VmStep);
        taken.scanned += status(StatementStatus::FullscanStep);
    }

    /// Everything since the last look.
    pub fn take(&self) -> BTreeMap<&'static str, Taken> {
        std::mem::take(&mut *self.taken.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
