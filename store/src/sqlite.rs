//! What only SQLite does: how it is opened, checked and migrated.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection, SqlitePool};

use crate::OpenError;
use crate::schema::{self, Part};

/// Older libraries can corrupt a WAL database that has two connections.
const OLDEST_LIBRARY: i64 = 3_051_003;
const READERS: u32 = 6;

/// Both files of an embedded store.
pub(crate) struct Opened {
    pub writer: SqliteConnection,
    pub readers: SqlitePool,
    pub key_writer: SqliteConnection,
    pub key_readers: SqlitePool,
}

/// How careful commits are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Every commit is on the disk before it is acknowledged.
    Full,
    /// For throw-away stores of tests.
    None,
}

pub(crate) async fn open(folder: &Path, durability: Durability) -> Result<Opened, OpenError> {
    make_folder(folder)?;
    let (key_writer, key_readers) = open_file(&folder.join("keys.db"), durability, Part::Keys, 2).await?;
    let (writer, readers) = open_file(&folder.join("rapport.db"), durability, Part::Data, READERS).await?;
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

async fn open_file(path: &Path, durability: Durability, part: Part, readers: u32) -> Result<(SqliteConnection, SqlitePool), OpenError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(match durability {
            Durability::Full => SqliteSynchronous::Full,
            Durability::None => SqliteSynchronous::Off,
        })
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .pragma("secure_delete", "on")
        .pragma("mmap_size", "0")
        .pragma("cache_size", "-16000")
        .pragma("temp_store", "memory")
        .statement_cache_capacity(512)
        // A turn's context has more rows than the default; the connection's thread must not stop half way.
        .row_buffer_size(1024)
        .disable_statement_logging();
    let refused = |source| OpenError::Database { name: path.display().to_string(), source };
    let mut writer = options.connect().await.map_err(refused)?;
    check_library(&mut writer).await?;
    schema::migrate_sqlite(&mut writer, part, path).await?;
    // Readers are opened as ordinary connections, because a read-only one cannot recover the log; they never write.
    let pool = SqlitePoolOptions::new()
        .min_connections(1)
        .max_connections(readers)
        // A local file does not go away; asking it each time costs more than most reads.
        .test_before_acquire(false)
        .connect_with(options.pragma("query_only", "on"))
        .await
        .map_err(refused)?;
    Ok((writer, pool))
}

async fn check_library(conn: &mut SqliteConnection) -> Result<(), OpenError> {
    conn.ping().await.map_err(|source| OpenError::Database { name: "SQLite".to_owned(), source })?;
    let found: String = sqlx::query_scalar("select sqlite_version()")
        .fetch_one(conn)
        .await
        .map_err(|source| OpenError::Database { name: "SQLite".to_owned(), source })?;
    let number = found.split('.').fold(0, |sum, part| sum * 1000 + part.parse::<i64>().unwrap_or(0));
    if number < OLDEST_LIBRARY { Err(OpenError::Library { found }) } else { Ok(()) }
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
