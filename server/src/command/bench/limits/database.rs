//! What SQLite does at best with the server's care: every commit on the disk before the next.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use rehearsal::bench::Histogram;
use rusqlite::Connection;

use super::{LENGTH, Limit, counted, repeat};

/// Rows or messages in one transaction.
pub(super) const TOGETHER: u32 = 200;

const TABLES: &str = "create table inbound (id integer primary key, dedupe text not null unique, state text not null, body blob not null);
create table conversation (id integer primary key, at integer not null, body blob not null);
create table outbound (id integer primary key, body blob not null);
create table outbox (id integer primary key, state text not null, body blob not null);";

/// A durable database of its own, removed with the folder.
pub(super) fn open(folder: &Path, name: &str) -> anyhow::Result<Connection> {
    let path = folder.join(format!("limit.{name}.db"));
    let conn = Connection::open(&path).with_context(|| format!("cannot open {}", path.display()))?;
    conn.pragma_update(None, "journal_mode", "wal")?;
    conn.pragma_update(None, "synchronous", "full")?;
    conn.execute_batch(TABLES)?;
    Ok(conn)
}

/// Inserts what was received; `false` when it was there already.
pub(super) fn receive(conn: &Connection, dedupe: &str, body: &[u8]) -> rusqlite::Result<bool> {
    let mut insert = conn.prepare_cached("insert into inbound (dedupe, state, body) values (?1, 'open', ?2) on conflict do nothing")?;
    Ok(insert.execute((dedupe, body))? == 1)
}

/// One row, one commit.
pub(super) fn row(folder: &Path) -> anyhow::Result<Limit> {
    let conn = open(folder, "row")?;
    let mut number = 0_u64;
    Ok(repeat::<rusqlite::Error>("sqlite-row", "one row and its commit, synchronous FULL", 1, || {
        number += 1;
        receive(&conn, &number.to_string(), &[7; 256]).map(|_| ())
    })?)
}

/// Rows a second when so many share a commit.
pub(super) fn group(folder: &Path) -> anyhow::Result<Limit> {
    let conn = open(folder, "group")?;
    let mut number = 0_u64;
    batches("sqlite-group", "a row of 200 in one commit", || {
        conn.execute_batch("begin immediate")?;
        for _ in 0..TOGETHER {
            number += 1;
            receive(&conn, &number.to_string(), &[7; 256])?;
        }
        conn.execute_batch("commit")
    })
}

/// All that an answered message must write, in three commits for 200 of them: received; decided, with its reply; sent.
pub(super) fn answered(folder: &Path) -> anyhow::Result<Limit> {
    let conn = open(folder, "e2e")?;
    let (mut number, body) = (0_i64, [7_u8; 512]);
    batches("sqlite-e2e", "the writes of an answered message, 200 in three commits", || {
        let first = number + 1;
        number += i64::from(TOGETHER);
        conn.execute_batch("begin immediate")?;
        for id in first..=number {
            receive(&conn, &id.to_string(), &body[..256])?;
        }
        conn.execute_batch("commit; begin immediate")?;
        for id in first..=number {
            conn.prepare_cached("update inbound set state = 'answered' where id = ?1")?.execute([id])?;
            conn.prepare_cached("insert into conversation values (?1, ?1, ?2)")?.execute((id, &body[..64]))?;
            conn.prepare_cached("insert into outbound values (?1, ?2)")?.execute((id, &body[..256]))?;
            conn.prepare_cached("insert into outbox values (?1, 'waiting', ?2)")?.execute((id, &body[..]))?;
        }
        conn.execute_batch("commit; begin immediate")?;
        for id in first..=number {
            conn.prepare_cached("update outbox set state = 'sent' where id = ?1")?.execute([id])?;
        }
        conn.execute_batch("commit")
    })
}

/// Times a batch and counts what is in it.
fn batches(name: &'static str, what: &'static str, mut batch: impl FnMut() -> rusqlite::Result<()>) -> anyhow::Result<Limit> {
    let (mut counts, start, mut rows) = (Histogram::default(), Instant::now(), 0_u64);
    while start.elapsed() < LENGTH {
        let round = Instant::now();
        batch()?;
        counts.add(round.elapsed());
        rows += u64::from(TOGETHER);
    }
    let took: Duration = start.elapsed();
    let batches = counted(name, what, &counts, took);
    Ok(Limit { per_second: rows as f64 / took.as_secs_f64(), ..batches })
}
