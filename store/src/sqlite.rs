//! What only SQLite does: how it is opened, checked and migrated.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::ports::{StoreError, Stored};
use rusqlite::{Connection, OpenFlags};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::OpenError;
use crate::db::{Answer, Statement};
use crate::lite::Lite;
use crate::schema::{self, Part};
use crate::statistics;

/// Older libraries can corrupt a WAL database that has two connections.
const OLDEST_LIBRARY: i64 = 3_051_003;
const READERS: usize = 6;
const KEY_READERS: usize = 2;

/// Both files of an embedded store.
pub(crate) struct Opened {
    pub writer: Lite,
    pub readers: Arc<Readers>,
    pub key_writer: Lite,
    pub key_readers: Arc<Readers>,
}

/// How careful commits are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Every commit is on the disk before it is acknowledged.
    Full,
    /// For throw-away stores of tests.
    None,
}

impl Durability {
    fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::None => "off",
        }
    }
}

pub(crate) fn open(folder: &Path, durability: Durability, connect: &Connect) -> Result<Opened, OpenError> {
    make_folder(folder)?;
    let (key_writer, key_readers) = open_file(&folder.join("keys.db"), durability, Part::Keys, KEY_READERS, connect)?;
    let (writer, readers) = open_file(&folder.join("rapport.db"), durability, Part::Data, READERS, connect)?;
    Ok(Opened { writer, readers, key_writer, key_readers })
}

fn make_folder(folder: &Path) -> Result<(), OpenError> {
    let refused = |source| OpenError::Folder { folder: folder.to_owned(), source };
    std::fs::create_dir_all(folder).map_err(refused)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).map_err(refused)?;
    }
    Ok(())
}

fn open_file(path: &Path, durability: Durability, part: Part, most: usize, connect: &Connect) -> Result<(Lite, Arc<Readers>), OpenError> {
    let refused = |source: rusqlite::Error| OpenError::Database { name: path.display().to_string(), source: source.into() };
    check_library()?;
    let writer = connection(path, durability).map_err(refused)?;
    schema::migrate_sqlite(&writer, part, path)?;
    statistics::state(&writer).map_err(refused)?;
    // What migrating has read and written is hardly what the work will.
    writer.release_memory().map_err(refused)?;
    Ok((connect.lite(writer), Arc::new(Readers::new(path, durability, connect, most))))
}

/// Readers of a file that is there already; nothing is migrated.
pub(crate) fn readers(path: &Path) -> Arc<Readers> {
    Arc::new(Readers::new(path, Durability::Full, &Connect::default(), 1))
}

fn connection(path: &Path, durability: Durability) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(Duration::from_secs(5))?;
    conn.pragma_update(None, "journal_mode", "wal")?;
    conn.pragma_update(None, "synchronous", durability.word())?;
    conn.pragma_update(None, "foreign_keys", "on")?;
    conn.pragma_update(None, "secure_delete", "on")?;
    conn.pragma_update(None, "mmap_size", 0)?;
    conn.pragma_update(None, "cache_size", -16_000)?;
    conn.pragma_update(None, "temp_store", "memory")?;
    // Pages that every message writes reach the database once in 16 MiB of log, not once in four.
    conn.pragma_update(None, "wal_autocheckpoint", 4_000)?;
    Ok(conn)
}

/// Moves the write-ahead log into the database and empties it. `false`: a reader is in the way, or the file does not open.
pub(crate) fn empty_log(path: &Path) -> bool {
    let emptied = connection(path, Durability::Full)
        .and_then(|conn| conn.query_row("pragma wal_checkpoint(truncate)", (), |row| row.get::<_, i64>(0)));
    match emptied {
        Ok(busy) => busy == 0,
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "a log could not be emptied");
            false
        }
    }
}

/// Writes a consistent copy of a database that may be in use, without its free pages.
pub(crate) fn copy_into(from: &Path, into: &Path) -> rusqlite::Result<()> {
    let conn = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(Duration::from_secs(30))?;
    conn.execute("vacuum into $1", [into.to_string_lossy()]).map(|_| ())
}

/// What SQLite finds wrong with a file; nothing when it is whole.
pub(crate) fn faults(path: &Path) -> rusqlite::Result<Option<String>> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    let found: String = conn.query_row("pragma integrity_check(1)", (), |row| row.get(0))?;
    Ok((found != "ok").then_some(found))
}

fn check_library() -> Result<(), OpenError> {
    if i64::from(rusqlite::version_number()) < OLDEST_LIBRARY {
        return Err(OpenError::Library { found: rusqlite::version().to_owned() });
    }
    Ok(())
}

/// What every connection of one store shares.
#[derive(Debug, Clone, Default)]
pub(crate) struct Connect {
    #[cfg(any(test, feature = "contract"))]
    pub toll: Arc<crate::toll::Toll>,
}

impl Connect {
    #[cfg(any(test, feature = "contract"))]
    fn lite(&self, conn: Connection) -> Lite {
        Lite::new(conn, self.toll.clone())
    }

    #[cfg(not(any(test, feature = "contract")))]
    #[expect(clippy::unused_self, reason = "tests count what statements cost")]
    fn lite(&self, conn: Connection) -> Lite {
        Lite::new(conn)
    }
}

/// Connections that only read, opened when all others are busy.
#[derive(Debug)]
pub(crate) struct Readers {
    path: PathBuf,
    durability: Durability,
    connect: Connect,
    idle: Mutex<Vec<Lite>>,
    places: Arc<Semaphore>,
}

impl Readers {
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn new(path: &Path, durability: Durability, connect: &Connect, most: usize) -> Self {
        let (path, connect) = (path.to_owned(), connect.clone());
        Self { path, durability, connect, idle: Mutex::default(), places: Arc::new(Semaphore::new(most)) }
    }

    pub async fn acquire(self: &Arc<Self>) -> Stored<Reader> {
        let place = self.places.clone().acquire_owned().await.map_err(|error| StoreError::Database(Box::new(error)))?;
        let known = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let lite = match known {
            Some(lite) => lite,
            None => self.open().map_err(|error| StoreError::Database(Box::new(error)))?,
        };
        Ok(Reader { lite: Some(lite), home: self.clone(), _place: place })
    }

    fn open(&self) -> rusqlite::Result<Lite> {
        // An ordinary connection, because a read-only one cannot recover the log; it never writes.
        let conn = connection(&self.path, self.durability)?;
        conn.pragma_update(None, "query_only", "on")?;
        Ok(self.connect.lite(conn))
    }
}

/// A connection of [`Readers`], given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Reader {
    lite: Option<Lite>,
    home: Arc<Readers>,
    _place: OwnedSemaphorePermit,
}

impl Reader {
    /// Runs statements; several see one moment, and the file is locked once for all of them.
    pub fn run_all(&self, statements: &[Statement]) -> Stored<Vec<Answer>> {
        let lite = self.lite.as_ref().expect("a reader holds its connection until it is dropped");
        let together = statements.len() > 1;
        if together {
            lite.run("begin", &[])?;
        }
        let answers = statements.iter().map(|(sql, args)| lite.run(sql, args)).collect();
        if together {
            lite.run("commit", &[])?;
        }
        answers
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some(lite) = self.lite.take() {
            self.home.idle.lock().unwrap_or_else(PoisonError::into_inner).push(lite);
        }
    }
}

/// A throw-away folder, in memory where the machine has a place for that.
#[derive(Debug)]
pub(crate) struct Scratch(pub PathBuf);

impl Scratch {
    pub fn new() -> Result<Self, OpenError> {
        let base = ["/dev/shm"].iter().map(PathBuf::from).find(|path| path.is_dir()).unwrap_or_else(std::env::temp_dir);
        let bits = u128::from_be_bytes(crate::seal::random().map_err(OpenError::Store)?);
        let folder = base.join(format!("rapport-{bits:032x}"));
        make_folder(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Files that are still open vanish when their connections end.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
