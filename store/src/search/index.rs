//! The index file: which keyed hashes of words stand at which places of the timeline. It holds nothing that could not be
//! made anew, so it never waits for the disk, and one that does not open is thrown away.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::ports::{StoreError, Stored};
use rusqlite::{Connection, OptionalExtension, params};

/// Of the layout; another one is thrown away and made anew.
const LAYOUT: i64 = 1;
/// Looks into the index before a search ends for this page.
const MOST_LOOKS: usize = 40_000;

const MAKE: &str = "
    create table if not exists word (hash integer not null, seq integer not null, primary key (hash, seq)) without rowid;
    create table if not exists said (seq integer primary key, strand text not null, hashes blob not null);
    create index if not exists said_strand on said (strand);
    create table if not exists pending (seq integer primary key);
    create table if not exists reach (name text primary key, place integer not null) without rowid;";

/// A message as the index takes it.
pub(super) struct Said {
    pub seq: i64,
    pub strand: String,
    pub hashes: BTreeSet<i64>,
}

/// What one step changes.
#[derive(Default)]
pub(super) struct Step {
    pub put: Vec<Said>,
    pub gone: Vec<i64>,
    pub gone_strands: Vec<String>,
    /// Not yet said: looked at again in the next step.
    pub pending: Vec<i64>,
    /// How far the timeline and the list of changes have been followed.
    pub reach: i64,
    pub retold: i64,
}

/// The open file.
#[derive(Debug)]
pub(super) struct Index {
    path: Option<PathBuf>,
    conn: Connection,
}

fn failed(error: &rusqlite::Error) -> StoreError {
    StoreError::Database(format!("the search index: {error}").into())
}

fn connect(path: Option<&Path>) -> rusqlite::Result<Connection> {
    let conn = match path {
        Some(path) => Connection::open(path)?,
        None => Connection::open_in_memory()?,
    };
    conn.busy_timeout(Duration::from_secs(5))?;
    conn.pragma_update(None, "journal_mode", "wal")?;
    conn.pragma_update(None, "synchronous", "normal")?;
    conn.pragma_update(None, "secure_delete", "on")?;
    conn.pragma_update(None, "cache_size", -2_000)?;
    let layout: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if layout != LAYOUT && layout != 0 {
        return Err(rusqlite::Error::InvalidQuery);
    }
    conn.execute_batch(MAKE)?;
    conn.pragma_update(None, "user_version", LAYOUT)?;
    Ok(conn)
}

fn remove(path: &Path) {
    for ending in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        // One that is not there need not be removed.
        let _ = std::fs::remove_file(PathBuf::from(name));
    }
}

impl Index {
    /// Opens the file, or makes a new one where there is none that opens. Without a path it is in memory.
    pub fn open(path: Option<PathBuf>) -> Stored<Self> {
        let conn = connect(path.as_deref()).or_else(|error| {
            let Some(path) = &path else { return Err(error) };
            tracing::warn!(%error, "the search index does not open, it is made anew");
            remove(path);
            connect(Some(path))
        });
        let conn = conn.map_err(|error| failed(&error))?;
        #[cfg(unix)]
        if let Some(path) = &path {
            use std::os::unix::fs::PermissionsExt;
            if let Err(error) = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)) {
                tracing::warn!(%error, "the search index could not be closed to other users");
            }
        }
        Ok(Self { path, conn })
    }

    /// Throws everything away.
    pub fn begin_anew(&mut self) -> Stored<()> {
        self.conn = Connection::open_in_memory().map_err(|error| failed(&error))?;
        if let Some(path) = &self.path {
            remove(path);
        }
        self.conn = connect(self.path.as_deref()).map_err(|error| failed(&error))?;
        Ok(())
    }

    /// Is this file of no use any more?
    pub fn is_damage(error: &rusqlite::Error) -> bool {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
    }

    /// How far the timeline and the list of changes have been followed, and what waits to be looked at again.
    pub fn reach(&self) -> rusqlite::Result<(i64, i64, Vec<i64>)> {
        let mut place = self.conn.prepare_cached("select place from reach where name = ?1")?;
        let mut of = |name: &str| -> rusqlite::Result<i64> { Ok(place.query_row([name], |row| row.get(0)).optional()?.unwrap_or(0)) };
        let (said, retold) = (of("said")?, of("retold")?);
        let mut pending = self.conn.prepare_cached("select seq from pending order by seq desc limit 200")?;
        let pending = pending.query_map((), |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        Ok((said, retold, pending))
    }

    /// Takes a step in one transaction.
    pub fn take(&mut self, step: &Step) -> rusqlite::Result<()> {
        let tx = self.conn.transaction()?;
        for strand in &step.gone_strands {
            let mut of = tx.prepare_cached("select seq from said where strand = ?1")?;
            let seqs: Vec<i64> = of.query_map([strand], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            for seq in seqs {
                take_out(&tx, seq)?;
            }
        }
        for seq in step.gone.iter().chain(&step.pending) {
            take_out(&tx, *seq)?;
        }
        for said in &step.put {
            take_out(&tx, said.seq)?;
            let mut word = tx.prepare_cached("insert or ignore into word (hash, seq) values (?1, ?2)")?;
            let mut hashes = Vec::with_capacity(said.hashes.len() * 8);
            for hash in &said.hashes {
                word.execute(params![hash, said.seq])?;
                hashes.extend_from_slice(&hash.to_be_bytes());
            }
            tx.prepare_cached("insert into said (seq, strand, hashes) values (?1, ?2, ?3)")?.execute(params![
                said.seq,
                said.strand,
                hashes
            ])?;
        }
        for seq in &step.pending {
            tx.prepare_cached("insert or ignore into pending (seq) values (?1)")?.execute([seq])?;
        }
        for (name, place) in [("said", step.reach), ("retold", step.retold)] {
            let set = "insert into reach (name, place) values (?1, ?2) on conflict (name) do update set place = excluded.place";
            tx.prepare_cached(set)?.execute(params![name, place])?;
        }
        tx.commit()
    }

    /// Places below a place that have all hashes, newest first. The second value: where to go on, when there may be more.
    pub fn places(&self, hashes: &[i64], below: i64, most: usize) -> rusqlite::Result<(Vec<i64>, Option<i64>)> {
        let mut found = Vec::new();
        let mut newest = self.conn.prepare_cached("select max(seq) from word where hash = ?1 and seq <= ?2")?;
        let mut at = below.saturating_sub(1);
        let (mut agreed, mut looks) = (0, 0);
        if hashes.is_empty() {
            return Ok((found, None));
        }
        // Each word in turn says the newest place at or below the common one; when all agree it is a find.
        for hash in hashes.iter().cycle() {
            looks += 1;
            let Some(seq) = newest.query_row(params![hash, at], |row| row.get::<_, Option<i64>>(0))? else { return Ok((found, None)) };
            agreed = if seq == at { agreed + 1 } else { 1 };
            at = seq;
            if agreed == hashes.len() {
                found.push(at);
                if found.len() >= most {
                    return Ok((found, Some(at)));
                }
                at -= 1;
                agreed = 0;
            }
            if looks >= MOST_LOOKS {
                return Ok((found, Some(at + 1)));
            }
        }
        Ok((found, None))
    }

    /// How many messages it holds.
    #[cfg(any(test, feature = "contract"))]
    pub fn len(&self) -> rusqlite::Result<i64> {
        self.conn.query_row("select count(*) from said", (), |row| row.get(0))
    }

    /// Nothing of what was taken out stays in a log beside the file.
    pub fn empty_log(&self) -> rusqlite::Result<()> {
        self.conn.query_row("pragma wal_checkpoint(truncate)", (), |_| Ok(()))
    }
}

fn take_out(tx: &Connection, seq: i64) -> rusqlite::Result<()> {
    tx.prepare_cached("delete from pending where seq = ?1")?.execute([seq])?;
    let known: Option<Vec<u8>> =
        tx.prepare_cached("select hashes from said where seq = ?1")?.query_row([seq], |row| row.get(0)).optional()?;
    let Some(hashes) = known else { return Ok(()) };
    let mut drop = tx.prepare_cached("delete from word where hash = ?1 and seq = ?2")?;
    for hash in hashes.chunks_exact(8).filter_map(|bytes| bytes.try_into().ok()).map(i64::from_be_bytes) {
        drop.execute(params![hash, seq])?;
    }
    tx.prepare_cached("delete from said where seq = ?1")?.execute([seq])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(seq: i64, strand: &str, hashes: &[i64]) -> Said {
        Said { seq, strand: strand.to_owned(), hashes: hashes.iter().copied().collect() }
    }

    #[test]
    fn places_that_have_all_words_are_found_newest_first_and_page_by_page() {
        let mut index = Index::open(None).expect("in memory");
        let put = (1..=300).map(|seq| said(seq, "s", if seq % 3 == 0 { &[1, 2] } else { &[1] })).collect();
        index.take(&Step { put, reach: 300, ..Step::default() }).expect("taken");
        let (first, next) = index.places(&[1, 2], i64::MAX, 2).expect("read");
        assert_eq!((first.as_slice(), next), ([300, 297].as_slice(), Some(297)));
        assert_eq!(index.places(&[1, 2], 297, 1).expect("read").0, [294]);
        assert_eq!(index.places(&[1, 9], i64::MAX, 9).expect("read"), (vec![], None));
        assert_eq!(index.places(&[], i64::MAX, 9).expect("read"), (vec![], None));
        assert_eq!(index.reach().expect("read"), (300, 0, vec![]));
    }

    #[test]
    fn what_is_gone_leaves_no_hash() {
        let mut index = Index::open(None).expect("in memory");
        let put = vec![said(1, "a", &[1, 2]), said(2, "b", &[1]), said(3, "a", &[1])];
        index.take(&Step { put, pending: vec![4], ..Step::default() }).expect("taken");
        let step = Step { put: vec![said(4, "b", &[7])], gone: vec![2], gone_strands: vec!["a".to_owned()], ..Step::default() };
        index.take(&step).expect("taken");
        let left: i64 = index.conn.query_row("select count(*) from word", (), |row| row.get(0)).expect("read");
        assert_eq!((left, index.reach().expect("read").2.len()), (1, 0));
    }

    #[test]
    fn a_file_that_is_no_index_is_made_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("search.db");
        std::fs::write(&path, vec![b'x'; 8_192]).expect("written");
        let index = Index::open(Some(path)).expect("made anew");
        assert_eq!(index.reach().expect("read").0, 0);
    }
}
