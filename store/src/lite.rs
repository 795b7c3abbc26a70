//! One SQLite connection: statements are prepared once and run on the thread that asks.
//!
//! A look into a local file costs tens of microseconds, which is less than waking another thread for it.

use domain::ports::{StoreError, Stored};
use rusqlite::types::{Null, Value, ValueRef};
use rusqlite::{Connection, Row};

use crate::db::{Answer, Arg, Row as Read};

/// Statements kept prepared per connection; every statement of the crate fits.
const PREPARED: usize = 512;

/// An open connection.
#[derive(Debug)]
pub(crate) struct Lite {
    conn: Connection,
    #[cfg(any(test, feature = "contract"))]
    toll: std::sync::Arc<crate::toll::Toll>,
}

impl Lite {
    pub fn new(conn: Connection, #[cfg(any(test, feature = "contract"))] toll: std::sync::Arc<crate::toll::Toll>) -> Self {
        conn.set_prepared_statement_cache_capacity(PREPARED);
        Self {
            conn,
            #[cfg(any(test, feature = "contract"))]
            toll,
        }
    }

    /// Runs one statement; `$n` is the n-th value, wherever it stands.
    pub fn run(&self, sql: &'static str, args: &[Arg]) -> Stored<Answer> {
        self.answer(sql, args).map_err(|error| failed(&error))
    }

    fn answer(&self, sql: &'static str, args: &[Arg]) -> rusqlite::Result<Answer> {
        #[cfg(any(test, feature = "contract"))]
        self.toll.look(sql, &self.conn)?;
        let mut statement = self.conn.prepare_cached(sql)?;
        for at in 1..=statement.parameter_count() {
            let number = statement.parameter_name(at).and_then(|name| name.get(1..)?.parse::<usize>().ok());
            match number.and_then(|number| args.get(number.checked_sub(1)?)) {
                Some(Arg::Text(Some(value))) => statement.raw_bind_parameter(at, value.as_str())?,
                Some(Arg::Int(Some(value))) => statement.raw_bind_parameter(at, value)?,
                Some(Arg::Real(value)) => statement.raw_bind_parameter(at, value)?,
                Some(Arg::Blob(Some(value))) => statement.raw_bind_parameter(at, value.as_slice())?,
                Some(Arg::Text(None) | Arg::Int(None) | Arg::Blob(None)) => statement.raw_bind_parameter(at, Null)?,
                None => return Err(rusqlite::Error::InvalidParameterCount(args.len(), statement.parameter_count())),
            }
        }
        let columns = statement.column_count();
        let mut answer = Answer::default();
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            answer.rows.push(Read::Lite(values(row, columns)?));
        }
        drop(rows);
        answer.changed = self.conn.changes();
        #[cfg(any(test, feature = "contract"))]
        self.toll.count(sql, &statement, answer.rows.len());
        Ok(answer)
    }
}

fn values(row: &Row<'_>, columns: usize) -> rusqlite::Result<Vec<Value>> {
    let mut values = Vec::with_capacity(columns);
    for at in 0..columns {
        values.push(match row.get_ref(at)? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(value) => Value::Integer(value),
            ValueRef::Real(value) => Value::Real(value),
            ValueRef::Text(value) => {
                let text = std::str::from_utf8(value).map_err(|error| rusqlite::Error::Utf8Error(at, error))?;
                Value::Text(text.to_owned())
            }
            ValueRef::Blob(value) => Value::Blob(value.to_vec()),
        });
    }
    Ok(values)
}

/// What SQLite said, as callers tell it apart.
fn failed(error: &rusqlite::Error) -> StoreError {
    let rusqlite::Error::SqliteFailure(code, message) = error else {
        return StoreError::Database(error.to_string().into());
    };
    let text = message.clone().unwrap_or_else(|| code.to_string());
    // Extended result codes; the low byte is the kind (5 busy, 8 read-only, 10 I/O, 13 full).
    match (code.extended_code & 0xff, code.extended_code) {
        (5 | 8 | 13, _) => StoreError::Full(text),
        (10, _) => StoreError::Broken(text),
        // A unique index, or a primary key.
        (_, 2067 | 1555) => StoreError::Stale("a row with this key has come in between"),
        _ => StoreError::Database(text.into()),
    }
}
