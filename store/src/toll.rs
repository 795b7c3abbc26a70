//! What statements cost on SQLite, for tests: counted, never timed.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use rusqlite::{Statement, StatementStatus};

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
}

impl Toll {
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
