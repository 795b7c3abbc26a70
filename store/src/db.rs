//! Connections, values and rows: the one small surface over both engines on which every query runs.

use std::str::FromStr;

use domain::id::Named;
use domain::ports::{StoreError, Stored};
use domain::time::Timestamp;
use domain::{ConnectionId, Id, WorkspaceId};
use futures::TryStreamExt;
use rusqlite::types::Value;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::{Arguments, Either, Executor, PgConnection, Postgres, Row as _, Transaction};

use crate::lite::Lite;
use crate::sqlite::Reader;

/// A bound value.
#[derive(Debug, Clone)]
pub(crate) enum Arg {
    Text(Option<String>),
    Int(Option<i64>),
    Real(f64),
    Blob(Option<Vec<u8>>),
}

macro_rules! arg_from {
    ($($from:ty => |$value:ident| $arg:expr;)*) => {$(
        impl From<$from> for Arg { fn from($value: $from) -> Self { $arg } }
    )*};
}
arg_from! {
    &str => |value| Self::Text(Some(value.to_owned()));
    String => |value| Self::Text(Some(value));
    &String => |value| Self::Text(Some(value.clone()));
    Option<String> => |value| Self::Text(value);
    Option<&str> => |value| Self::Text(value.map(str::to_owned));
    i64 => |value| Self::Int(Some(value));
    i32 => |value| Self::Int(Some(i64::from(value)));
    u32 => |value| Self::Int(Some(i64::from(value)));
    usize => |value| Self::Int(Some(value as i64));
    bool => |value| Self::Int(Some(i64::from(value)));
    Option<i64> => |value| Self::Int(value);
    f64 => |value| Self::Real(value);
    Vec<u8> => |value| Self::Blob(Some(value));
    Option<Vec<u8>> => |value| Self::Blob(value);
    &WorkspaceId => |value| Self::Text(Some(value.0.clone()));
    &ConnectionId => |value| Self::Text(Some(value.0.clone()));
    Timestamp => |value| Self::Int(Some(value.as_micros()));
    Option<Timestamp> => |value| Self::Int(value.map(Timestamp::as_micros));
    crate::shared_time::Shared => |value| Self::Int(Some(value.0));
}
impl<T: Named> From<Id<T>> for Arg {
    fn from(value: Id<T>) -> Self {
        Self::Text(Some(value.to_string()))
    }
}
impl<T: Named> From<Option<Id<T>>> for Arg {
    fn from(value: Option<Id<T>>) -> Self {
        Self::Text(value.map(|id| id.to_string()))
    }
}

/// The bound values of a statement, in the order of `$1`, `$2`, ….
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::db::Arg::from($value)),*] };
}
pub(crate) use args;

/// A statement with its values.
pub(crate) type Statement = (&'static str, Vec<Arg>);

/// A row of either engine, read by position.
#[derive(Debug)]
pub(crate) enum Row {
    Lite(Vec<Value>),
    Pg(PgRow),
}

/// Reads a column: on SQLite the value by its kind, `None` for null.
macro_rules! read {
    ($self:ident, $at:ident, $kind:ty, $($variant:ident),+) => {
        match $self {
            Row::Lite(values) => match values.get($at) {
                $(Some(Value::$variant(value)) => Ok(Some(<$kind>::from(value.clone()))),)+
                Some(Value::Null) => Ok(None),
                Some(_) => Err(StoreError::Corrupt(format!("column {} holds another kind of value", $at))),
                None => Err(StoreError::Corrupt(format!("there is no column {}", $at))),
            },
            Row::Pg(row) => row.try_get::<Option<$kind>, _>($at).map_err(|error| StoreError::Corrupt(format!("column {}: {error}", $at))),
        }
    };
}

fn there<T>(value: Option<T>, at: usize) -> Stored<T> {
    value.ok_or_else(|| StoreError::Corrupt(format!("column {at} holds nothing")))
}

impl Row {
    pub fn text(&self, at: usize) -> Stored<String> {
        there(self.opt_text(at)?, at)
    }
    pub fn opt_text(&self, at: usize) -> Stored<Option<String>> {
        read!(self, at, String, Text)
    }
    pub fn int(&self, at: usize) -> Stored<i64> {
        there(self.opt_int(at)?, at)
    }
    pub fn opt_int(&self, at: usize) -> Stored<Option<i64>> {
        // A literal number is a short one on PostgreSQL.
        if let Self::Pg(row) = self
            && let Ok(short) = row.try_get::<Option<i32>, _>(at)
        {
            return Ok(short.map(i64::from));
        }
        read!(self, at, i64, Integer)
    }
    pub fn real(&self, at: usize) -> Stored<f64> {
        there(read!(self, at, f64, Real)?, at)
    }
    pub fn blob(&self, at: usize) -> Stored<Vec<u8>> {
        there(self.opt_blob(at)?, at)
    }
    pub fn opt_blob(&self, at: usize) -> Stored<Option<Vec<u8>>> {
        read!(self, at, Vec<u8>, Blob)
    }
    pub fn flag(&self, at: usize) -> Stored<bool> {
        Ok(self.opt_int(at)?.unwrap_or(0) != 0)
    }
    pub fn time(&self, at: usize) -> Stored<Timestamp> {
        self.int(at).map(Timestamp::from_micros)
    }
    pub fn opt_time(&self, at: usize) -> Stored<Option<Timestamp>> {
        Ok(self.opt_int(at)?.map(Timestamp::from_micros))
    }
    /// An id, a word of a closed list, or whatever else parses from its text.
    pub fn word<T: FromStr>(&self, at: usize) -> Stored<T> {
        there(self.opt_word(at)?, at)
    }
    pub fn opt_word<T: FromStr>(&self, at: usize) -> Stored<Option<T>> {
        let unknown = |text: &str| StoreError::Corrupt(format!("column {at} holds {text:?}"));
        if let Self::Lite(values) = self
            && let Some(Value::Text(text)) = values.get(at)
        {
            return text.parse().map(Some).map_err(|_| unknown(text));
        }
        self.opt_text(at)?.map(|text| text.parse().map_err(|_| unknown(&text))).transpose()
    }
}

/// What PostgreSQL said, as callers tell it apart.
pub(crate) fn failed(error: sqlx::Error) -> StoreError {
    if let sqlx::Error::Database(inner) = &error {
        let code = inner.code().unwrap_or_default();
        if code.starts_with("53") || code == "25006" {
            return StoreError::Full(inner.message().to_owned());
        }
        if matches!(code.as_ref(), "40001" | "40P01" | "23505") {
            return StoreError::Stale("another process was faster");
        }
    }
    StoreError::Database(Box::new(error))
}

/// A connection of either engine.
#[derive(Debug)]
pub(crate) enum Conn {
    Writer(Lite),
    Reader(Reader),
    PgReader(PoolConnection<Postgres>),
    PgWriter(Transaction<'static, Postgres>),
}

/// Rows and number of rows changed of one statement.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub rows: Vec<Row>,
    pub changed: u64,
}

impl Conn {
    fn is_lite(&self) -> bool {
        matches!(self, Self::Writer(_) | Self::Reader(_))
    }

    /// Runs statements in order; several reads on SQLite see one moment.
    pub async fn run_all(&mut self, statements: Vec<Statement>) -> Stored<Vec<Answer>> {
        let mut answers = Vec::with_capacity(statements.len());
        match self {
            Self::Writer(lite) => {
                for (sql, args) in statements {
                    answers.push(lite.run(sql, &args)?);
                }
            }
            Self::Reader(reader) => return reader.run_all(&statements),
            Self::PgReader(_) | Self::PgWriter(_) => {
                for (sql, args) in statements {
                    answers.push(self.pg(sql, args).await?);
                }
            }
        }
        Ok(answers)
    }

    async fn pg(&mut self, sql: &'static str, args: Vec<Arg>) -> Stored<Answer> {
        let conn: &mut PgConnection = match self {
            Self::PgReader(conn) => conn,
            Self::PgWriter(conn) => conn,
            Self::Writer(_) | Self::Reader(_) => unreachable!("pg is only called on PostgreSQL"),
        };
        let mut values = PgArguments::default();
        for arg in args {
            match arg {
                Arg::Text(value) => values.add(value),
                Arg::Int(value) => values.add(value),
                Arg::Real(value) => values.add(value),
                Arg::Blob(value) => values.add(value),
            }
            .map_err(StoreError::Database)?;
        }
        let mut answer = Answer::default();
        let mut steps = conn.fetch_many(sqlx::query_with(sql, values));
        while let Some(step) = steps.try_next().await.map_err(failed)? {
            match step {
                Either::Left(done) => answer.changed += done.rows_affected(),
                Either::Right(row) => answer.rows.push(Row::Pg(row)),
            }
        }
        Ok(answer)
    }

    pub async fn all(&mut self, sql: &'static str, args: Vec<Arg>) -> Stored<Vec<Row>> {
        Ok(self.run_all(vec![(sql, args)]).await?.pop().unwrap_or_default().rows)
    }

    pub async fn one(&mut self, sql: &'static str, args: Vec<Arg>) -> Stored<Option<Row>> {
        Ok(self.all(sql, args).await?.into_iter().next())
    }

    /// Several selects.
    pub async fn many(&mut self, statements: Vec<Statement>) -> Stored<Vec<Vec<Row>>> {
        Ok(self.run_all(statements).await?.into_iter().map(|answer| answer.rows).collect())
    }
}

/// A write transaction, or one job's part of a group's.
#[derive(Debug)]
pub(crate) struct Tx {
    pub(crate) conn: Conn,
    later: Vec<Statement>,
    /// SQLite: has this job written?
    marked: bool,
    /// SQLite: has an earlier job of the group written? Only then a job needs a savepoint to go back to.
    shared: bool,
    /// SQLite: is a savepoint of the group still open?
    held: bool,
    /// SQLite: has the group's transaction begun? It begins with its first statement.
    begun: bool,
    pub(crate) rings: crate::bell::Rings,
}

const BEGIN: &str = "begin immediate";
const MARK: &str = "savepoint job";
const UNMARK: &str = "release job";

impl Tx {
    pub fn new(conn: Conn) -> Self {
        Self { conn, later: Vec::new(), marked: false, shared: false, held: false, begun: false, rings: crate::bell::Rings::default() }
    }

    pub fn is_lite(&self) -> bool {
        self.conn.is_lite()
    }

    /// Puts a write off until the next read or the end of the transaction.
    pub fn later(&mut self, sql: &'static str, args: Vec<Arg>) {
        self.later.push((sql, args));
    }

    pub async fn flush(&mut self) -> Stored<()> {
        if self.later.is_empty() {
            return Ok(());
        }
        let statements = std::mem::take(&mut self.later);
        self.write(statements).await.map(|_| ())
    }

    async fn write(&mut self, statements: Vec<Statement>) -> Stored<Vec<Answer>> {
        self.begin()?;
        if self.is_lite() && !self.marked {
            if self.held {
                self.control(UNMARK)?;
            }
            // Every page that changes under a savepoint is copied: the first job goes back to where the group began.
            if self.shared {
                self.control(MARK)?;
            }
            self.marked = true;
            self.held = self.shared;
        }
        self.conn.run_all(statements).await
    }

    fn begin(&mut self) -> Stored<()> {
        if self.is_lite() && !self.begun {
            self.control(BEGIN)?;
            self.begun = true;
        }
        Ok(())
    }

    /// Runs a write now and says how many rows it changed.
    pub async fn run(&mut self, sql: &'static str, args: Vec<Arg>) -> Stored<u64> {
        self.later(sql, args);
        let statements = std::mem::take(&mut self.later);
        Ok(self.write(statements).await?.pop().unwrap_or_default().changed)
    }

    /// Writes what was put off; the rows that the last statement returned.
    pub async fn rows(&mut self) -> Stored<Vec<Row>> {
        let statements = std::mem::take(&mut self.later);
        Ok(self.write(statements).await?.pop().unwrap_or_default().rows)
    }

    /// Reads, after whatever was put off has been written.
    pub async fn all(&mut self, sql: &'static str, args: Vec<Arg>) -> Stored<Vec<Row>> {
        Ok(self.many(vec![(sql, args)]).await?.pop().unwrap_or_default())
    }

    pub async fn one(&mut self, sql: &'static str, args: Vec<Arg>) -> Stored<Option<Row>> {
        Ok(self.all(sql, args).await?.into_iter().next())
    }

    pub async fn many(&mut self, statements: Vec<Statement>) -> Stored<Vec<Vec<Row>>> {
        self.flush().await?;
        self.begin()?;
        Ok(self.conn.run_all(statements).await?.into_iter().map(|answer| answer.rows).collect())
    }

    /// SQLite: a job of the group begins.
    pub fn begin_job(&mut self) {
        self.later.clear();
        self.shared |= self.marked;
        self.marked = false;
    }

    /// SQLite: takes back what the job has written.
    pub fn undo_job(&mut self) -> Stored<()> {
        self.later.clear();
        if !self.marked {
            return Ok(());
        }
        self.marked = false;
        if self.held {
            // The savepoint stays; the next job that writes takes its place.
            return self.control("rollback to job");
        }
        self.begun = false;
        self.control("rollback")
    }

    /// SQLite: runs a statement of the transaction's own frame at once.
    pub fn control(&mut self, sql: &'static str) -> Stored<()> {
        match &self.conn {
            Conn::Writer(lite) => lite.run(sql, &[]).map(|_| ()),
            Conn::Reader(_) | Conn::PgReader(_) | Conn::PgWriter(_) => unreachable!("only the SQLite writer has a frame of its own"),
        }
    }

    /// SQLite: the group has ended, one way or the other; `false` when it has not even begun.
    pub fn end_group(&mut self) -> bool {
        self.later.clear();
        self.marked = false;
        self.shared = false;
        self.held = false;
        std::mem::take(&mut self.begun)
    }
}
