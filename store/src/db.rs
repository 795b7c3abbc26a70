//! Connections, values and rows: the one small surface over both engines on which every query runs.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::{LazyLock, Mutex};

use domain::id::Named;
use domain::ports::{StoreError, Stored};
use domain::time::Timestamp;
use domain::{ConnectionId, Id, WorkspaceId};
use futures::TryStreamExt;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, Either, Executor, PgConnection, Postgres, Row as _, Sqlite, SqliteConnection, Transaction};

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
    domain::MonotonicTime => |value| Self::Int(Some(i64::try_from(value.as_micros()).unwrap_or(i64::MAX)));
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
    Lite(SqliteRow),
    Pg(PgRow),
}

macro_rules! read {
    ($self:ident, $at:ident, $kind:ty) => {
        match $self {
            Row::Lite(row) => row.try_get::<$kind, _>($at),
            Row::Pg(row) => row.try_get::<$kind, _>($at),
        }
        .map_err(|error| StoreError::Corrupt(format!("column {}: {error}", $at)))
    };
}

impl Row {
    pub fn text(&self, at: usize) -> Stored<String> {
        read!(self, at, String)
    }
    pub fn opt_text(&self, at: usize) -> Stored<Option<String>> {
        read!(self, at, Option<String>)
    }
    pub fn int(&self, at: usize) -> Stored<i64> {
        self.opt_int(at)?.ok_or_else(|| StoreError::Corrupt(format!("column {at} holds nothing")))
    }
    pub fn opt_int(&self, at: usize) -> Stored<Option<i64>> {
        // A literal number is a short one on PostgreSQL.
        if let Self::Pg(row) = self
            && let Ok(short) = row.try_get::<Option<i32>, _>(at)
        {
            return Ok(short.map(i64::from));
        }
        read!(self, at, Option<i64>)
    }
    pub fn real(&self, at: usize) -> Stored<f64> {
        read!(self, at, f64)
    }
    pub fn blob(&self, at: usize) -> Stored<Vec<u8>> {
        read!(self, at, Vec<u8>)
    }
    pub fn opt_blob(&self, at: usize) -> Stored<Option<Vec<u8>>> {
        read!(self, at, Option<Vec<u8>>)
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
        let text = self.text(at)?;
        text.parse().map_err(|_| StoreError::Corrupt(format!("column {at} holds {text:?}")))
    }
    pub fn opt_word<T: FromStr>(&self, at: usize) -> Stored<Option<T>> {
        self.opt_text(at)?.map(|text| text.parse().map_err(|_| StoreError::Corrupt(format!("column {at} holds {text:?}")))).transpose()
    }
}

/// What the database said, as callers tell it apart.
pub(crate) fn failed(error: sqlx::Error) -> StoreError {
    if let sqlx::Error::Database(inner) = &error {
        let code = inner.code().unwrap_or_default().into_owned();
        // SQLite: extended result codes; the low byte is the kind (5 busy, 8 read-only, 10 I/O, 13 full).
        if inner.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
            let kind = code.parse::<i64>().unwrap_or(0) & 0xff;
            if matches!(kind, 5 | 8 | 10 | 13) {
                return StoreError::Full(inner.message().to_owned());
            }
            if inner.is_unique_violation() {
                return StoreError::Stale("a row with this key has come in between");
            }
        } else if code.starts_with("53") || code == "25006" {
            return StoreError::Full(inner.message().to_owned());
        } else if matches!(code.as_str(), "40001" | "40P01" | "23505") {
            return StoreError::Stale("another process was faster");
        }
    }
    StoreError::Database(Box::new(error))
}

/// A connection of either engine.
#[derive(Debug)]
pub(crate) enum Conn {
    Writer(Box<SqliteConnection>),
    Reader(PoolConnection<Sqlite>),
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

    /// Runs statements in order; on SQLite in one trip to the connection's thread.
    pub async fn run_all(&mut self, mut statements: Vec<Statement>) -> Stored<Vec<Answer>> {
        if statements.is_empty() {
            return Ok(Vec::new());
        }
        if self.is_lite() {
            if statements.len() == 1 {
                let (sql, args) = statements.remove(0);
                return self.lite(Joined::Kept(sql), args).await;
            }
            let mut values = Vec::with_capacity(statements.iter().map(|(_, args)| args.len()).sum());
            let texts: Vec<(&'static str, usize)> = statements
                .into_iter()
                .map(|(sql, args)| {
                    let count = args.len();
                    values.extend(args);
                    (sql, count)
                })
                .collect();
            return self.lite(join(&texts), values).await;
        }
        let mut answers = Vec::with_capacity(statements.len());
        for (sql, args) in statements {
            answers.push(self.pg(sql, args).await?);
        }
        Ok(answers)
    }

    async fn lite(&mut self, sql: Joined, args: Vec<Arg>) -> Stored<Vec<Answer>> {
        let conn: &mut SqliteConnection = match self {
            Self::Writer(conn) => conn,
            Self::Reader(conn) => conn,
            Self::PgReader(_) | Self::PgWriter(_) => unreachable!("lite is only called on SQLite"),
        };
        let mut values = SqliteArguments::default();
        Arguments::reserve(&mut values, args.len(), 0);
        for arg in args {
            match arg {
                Arg::Text(value) => values.add(value),
                Arg::Int(value) => values.add(value),
                Arg::Real(value) => values.add(value),
                Arg::Blob(value) => values.add(value),
            }
            .map_err(StoreError::Database)?;
        }
        let query = match sql {
            Joined::Kept(sql) => sqlx::query_with(sql, values),
            Joined::Once(sql) => sqlx::query_with(sqlx::AssertSqlSafe(sql), values).persistent(false),
        };
        let mut answers = Vec::new();
        let mut answer = Answer::default();
        let mut steps = conn.fetch_many(query);
        while let Some(step) = steps.try_next().await.map_err(failed)? {
            match step {
                Either::Left(done) => {
                    answer.changed = done.rows_affected();
                    answers.push(std::mem::take(&mut answer));
                }
                Either::Right(row) => answer.rows.push(Row::Lite(row)),
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

    /// Several selects, one trip on SQLite.
    pub async fn many(&mut self, statements: Vec<Statement>) -> Stored<Vec<Vec<Row>>> {
        Ok(self.run_all(statements).await?.into_iter().map(|answer| answer.rows).collect())
    }
}

/// Several statements as one text.
enum Joined {
    Kept(&'static str),
    Once(String),
}

/// Joined texts by the addresses of their parts. Bounded: rare shapes are joined anew each time.
static JOINED: LazyLock<Mutex<HashMap<Shape, &'static str>>> = LazyLock::new(Mutex::default);
/// Address and number of values of each part.
type Shape = Vec<(usize, usize)>;
const KEPT_SHAPES: usize = 256;

/// Joins static statements and renumbers their `$n`, so that each keeps its own values.
fn join(parts: &[(&'static str, usize)]) -> Joined {
    let shape: Shape = parts.iter().map(|(sql, count)| (sql.as_ptr() as usize, *count)).collect();
    let mut known = JOINED.lock().expect("no holder of this lock panics");
    if let Some(sql) = known.get(&shape) {
        return Joined::Kept(sql);
    }
    let mut text = String::with_capacity(parts.iter().map(|(sql, _)| sql.len() + 8).sum());
    let mut before = 0;
    for (sql, count) in parts {
        renumber(sql, before, &mut text);
        text.push(';');
        before += count;
    }
    if known.len() >= KEPT_SHAPES || parts.len() > 48 {
        return Joined::Once(text);
    }
    let kept: &'static str = Box::leak(text.into_boxed_str());
    known.insert(shape, kept);
    Joined::Kept(kept)
}

fn renumber(sql: &str, by: usize, out: &mut String) {
    let mut rest = sql;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..=at]);
        rest = &rest[at + 1..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: usize = rest[..digits].parse().unwrap_or(0);
        out.push_str(&(number + by).to_string());
        rest = &rest[digits..];
    }
    out.push_str(rest);
}

/// A write transaction, or one job's part of a group's.
#[derive(Debug)]
pub(crate) struct Tx {
    pub(crate) conn: Conn,
    later: Vec<Statement>,
    /// SQLite: has this job written, so that there is a savepoint of its own to go back to?
    marked: bool,
    /// SQLite: is the savepoint of an earlier job of the group still open?
    held: bool,
    /// SQLite: has the group's transaction begun? It begins in the trip of its first statement.
    begun: bool,
    pub(crate) rings: crate::bell::Rings,
}

const BEGIN: &str = "begin immediate";
const MARK: &str = "savepoint job";
const UNMARK: &str = "release job";

impl Tx {
    pub fn new(conn: Conn) -> Self {
        Self { conn, later: Vec::new(), marked: false, held: false, begun: false, rings: crate::bell::Rings::default() }
    }

    pub fn is_lite(&self) -> bool {
        self.conn.is_lite()
    }

    /// Puts a write off until the next read or the end of the transaction, so that it shares a trip.
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

    async fn write(&mut self, mut statements: Vec<Statement>) -> Stored<Vec<Answer>> {
        let mut marks = 0;
        if self.is_lite() && !self.marked {
            statements.insert(0, (MARK, Vec::new()));
            marks = 1;
            if self.held {
                statements.insert(0, (UNMARK, Vec::new()));
                marks = 2;
            }
            self.marked = true;
            self.held = true;
        }
        let mut answers = self.trip(statements).await?;
        answers.drain(..marks);
        Ok(answers)
    }

    async fn trip(&mut self, mut statements: Vec<Statement>) -> Stored<Vec<Answer>> {
        if self.begun || !self.is_lite() {
            return self.conn.run_all(statements).await;
        }
        self.begun = true;
        statements.insert(0, (BEGIN, Vec::new()));
        let mut answers = self.conn.run_all(statements).await?;
        answers.remove(0);
        Ok(answers)
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
        self.flush().await?;
        Ok(self.trip(vec![(sql, args)]).await?.pop().unwrap_or_default().rows)
    }

    pub async fn one(&mut self, sql: &'static str, args: Vec<Arg>) -> Stored<Option<Row>> {
        Ok(self.all(sql, args).await?.into_iter().next())
    }

    pub async fn many(&mut self, statements: Vec<Statement>) -> Stored<Vec<Vec<Row>>> {
        self.flush().await?;
        Ok(self.trip(statements).await?.into_iter().map(|answer| answer.rows).collect())
    }

    /// SQLite: a job of the group begins.
    pub fn begin_job(&mut self) {
        self.later.clear();
        self.marked = false;
    }

    /// SQLite: takes back what the job has written.
    pub async fn undo_job(&mut self) -> Stored<()> {
        self.later.clear();
        if self.marked {
            self.conn.run_all(vec![("rollback to job", Vec::new())]).await?;
        }
        Ok(())
    }

    /// SQLite: the group has ended, one way or the other; `false` when it has not even begun.
    pub fn end_group(&mut self) -> bool {
        self.later.clear();
        self.marked = false;
        self.held = false;
        std::mem::take(&mut self.begun)
    }
}
