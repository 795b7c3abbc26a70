//! Storage: the store port on SQLite and PostgreSQL, sealed, with wrapped keys in a place of their own.
//!
//! One set of statements (`sql/`) runs on both engines. Transactions never leave this crate.

mod access;
mod actions;
mod alerts;
mod amends;
mod analytics;
mod attachments;
mod audit;
mod bell;
mod calls;
mod challenges;
mod choices;
mod commit;
#[cfg(any(test, feature = "contract"))]
pub mod contract;
pub mod copies;
mod crowd;
mod db;
mod desk;
mod documents;
mod erasure;
mod examine;
pub mod fail;
mod filing;
mod identity;
mod imports;
mod intake;
mod keys;
mod lite;
mod outbox;
mod people;
mod postgres;
mod privacy;
mod recall;
mod record;
mod rows;
mod schema;
mod seal;
mod search;
mod shared_time;
mod speech;
mod sql;
mod sqlite;
mod statistics;
mod tasks;
mod team;
#[cfg(any(test, feature = "contract"))]
mod toll;
mod turns;
mod who;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::Secret;
use domain::ports::{Change, Ring, StoreError, Stored};
use futures::future::BoxFuture;
use sqlx::pool::PoolConnection;
use sqlx::{PgPool, Postgres};
use tokio::sync::{Notify, broadcast, watch};

use crate::bell::{Bell, Rings};
use crate::copies::Ground;
use crate::db::{Conn, Tx, args, failed};
use crate::fail::{Bug, Fate};
use crate::keys::{Keys, Shelf};
use crate::search::Finder;
use crate::shared_time::{Ahead, Shared};
use crate::sqlite::Readers;
use crate::writer::{Care, Writer};

pub use crowd::crowd;
pub use examine::{Finding, examine};
pub use postgres::{drop_database, make_database};
#[cfg(any(test, feature = "contract"))]
pub use toll::Taken;

/// Where the data lies.
#[derive(Debug, Clone)]
pub enum Location {
    /// Embedded, in this folder: `rapport.db` and `keys.db`.
    Sqlite {
        /// Made when it is missing.
        folder: PathBuf,
    },
    /// Embedded, thrown away with the value; for tests. Nothing waits for a disk.
    SqliteMemory,
    /// A PostgreSQL database.
    Postgres {
        /// `postgres://…`
        url: String,
    },
}

/// How to open storage.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the data lies.
    pub location: Location,
    /// Wraps the workspaces' keys; never stored here.
    pub master_key: Secret<[u8; 32]>,
    /// On PostgreSQL, the folder of this server's own files, among them its copy of the erasure list. The embedded
    /// store has its own.
    pub folder: Option<PathBuf>,
}

impl Settings {
    /// Without a folder beside the location.
    pub fn new(location: Location, master_key: Secret<[u8; 32]>) -> Self {
        Self { location, master_key, folder: None }
    }
}

/// Why storage does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be made or closed to others.
    #[error("cannot use the data folder {folder}")]
    Folder {
        /// Which.
        folder: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Written by a newer version of the program.
    #[error("{name} has schema {found}, this program knows {known}: start the newer program, or restore a backup")]
    Newer {
        /// Which database.
        name: String,
        /// Its schema.
        found: i64,
        /// The newest this binary knows.
        known: i64,
    },
    /// The SQLite library is too old to be trusted with two connections.
    #[error("SQLite {found} is older than 3.51.3")]
    Library {
        /// Its version.
        found: String,
    },
    /// The machine gives no thread for writing.
    #[error("cannot start the store's writer")]
    Thread {
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The database refuses.
    #[error("cannot open {name}")]
    Database {
        /// Which.
        name: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Open, but unusable.
    #[error("cannot prepare storage")]
    Store(#[source] StoreError),
}

#[derive(Debug)]
enum Engine {
    Lite { readers: Arc<Readers>, writer: Writer },
    Pg { pool: PgPool },
}

#[derive(Debug)]
pub(crate) struct Inner {
    engine: Engine,
    pub(crate) keys: Keys,
    bell: Arc<Bell>,
    pub(crate) ahead: Ahead,
    /// Where copies and the erasure list are; a copy itself has none.
    pub(crate) ground: Option<Ground>,
    /// The search index; only a server that serves has one.
    pub(crate) finder: Option<Finder>,
    /// SQLite: the last number given to a timeline entry.
    seq: AtomicI64,
}

/// Open storage; implements [`domain::ports::Store`].
#[derive(Debug)]
pub struct Storage {
    inner: Arc<Inner>,
    /// PostgreSQL: says to others that this server is there. Never used for queries.
    _presence: Option<tokio::sync::Mutex<PoolConnection<Postgres>>>,
    _scratch: Option<sqlite::Scratch>,
    #[cfg(any(test, feature = "contract"))]
    toll: Arc<toll::Toll>,
}

/// What an opened store is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// To serve: leases of a former life end, unfinished erasures are finished, the erasure list is honoured.
    Serve,
    /// A command beside a server that may be running: nothing is voided.
    Beside,
    /// A copy that is not served from here.
    Copy,
}

/// Opens storage to serve from it: migrates, voids the leases of a former life, and makes sure that nobody who was
/// erased is in it.
pub async fn open(settings: Settings) -> Result<Arc<Storage>, OpenError> {
    open_for(Purpose::Serve, &settings).await
}

/// Opens storage for a command, beside a server that may be running on it.
pub async fn open_beside(settings: Settings) -> Result<Arc<Storage>, OpenError> {
    open_for(Purpose::Beside, &settings).await
}

async fn open_for(purpose: Purpose, settings: &Settings) -> Result<Arc<Storage>, OpenError> {
    let storage = match &settings.location {
        Location::Sqlite { folder } => {
            let durability = if Bug::Unsynced.is_planted() { sqlite::Durability::None } else { sqlite::Durability::Full };
            open_sqlite(folder.clone(), durability, None, settings, purpose).await
        }
        Location::SqliteMemory => {
            let scratch = sqlite::Scratch::new()?;
            open_sqlite(scratch.0.clone(), sqlite::Durability::None, Some(scratch), settings, purpose).await
        }
        Location::Postgres { url } => open_postgres(url, settings, purpose).await,
    }?;
    if purpose == Purpose::Serve {
        storage.inner.settle_erasures().await.map_err(OpenError::Store)?;
    }
    Ok(storage)
}

async fn open_sqlite(
    folder: PathBuf,
    durability: sqlite::Durability,
    scratch: Option<sqlite::Scratch>,
    settings: &Settings,
    purpose: Purpose,
) -> Result<Arc<Storage>, OpenError> {
    let connect = sqlite::Connect::default();
    let opened = sqlite::open(&folder, durability, &connect)?;
    let (bell, fate) = (Arc::new(Bell::new()), Arc::new(Fate::default()));
    let thread = |source| OpenError::Thread { source };
    let writer = Writer::start("store-writer", opened.writer, durability, bell.clone(), Arc::clone(&fate)).map_err(thread)?;
    // Rings of the key store wake nobody.
    let key_writer = Writer::start("key-writer", opened.key_writer, durability, Arc::new(bell.beside()), fate).map_err(thread)?;
    let keys = Keys::new(Shelf::Lite { writer: key_writer, readers: opened.key_readers }, &settings.master_key);
    let engine = Engine::Lite { readers: opened.readers, writer };
    let finder = finder(purpose, Some(&folder))?;
    let ground = (purpose != Purpose::Copy).then(|| Ground::new(folder, settings.master_key.clone()));
    let inner = Arc::new(Inner { engine, keys, bell, ahead: Ahead::default(), ground, finder, seq: AtomicI64::new(0) });
    let last = inner.reader().await.map_err(OpenError::Store)?.one(sql::intake::LAST_SEQ, args![]).await;
    let last = last.and_then(|row| row.map_or(Ok(0), |row| row.int(0))).map_err(OpenError::Store)?;
    inner.seq.store(last, Ordering::Relaxed);
    if purpose == Purpose::Serve {
        inner.void_leases().await.map_err(OpenError::Store)?;
    }
    Ok(Arc::new(Storage {
        inner,
        _presence: None,
        _scratch: scratch,
        #[cfg(any(test, feature = "contract"))]
        toll: connect.toll,
    }))
}

/// The search index of a server that serves; without a folder it is in memory.
fn finder(purpose: Purpose, folder: Option<&Path>) -> Result<Option<Finder>, OpenError> {
    let open = || Finder::open(folder.map(|folder| folder.join(search::FILE))).map_err(OpenError::Store);
    (purpose == Purpose::Serve).then(open).transpose()
}

async fn open_postgres(url: &str, settings: &Settings, purpose: Purpose) -> Result<Arc<Storage>, OpenError> {
    let mut opened = postgres::open(url).await?;
    let keys = Keys::new(Shelf::Pg(opened.key_pool.clone()), &settings.master_key);
    let engine = Engine::Pg { pool: opened.pool.clone() };
    let ground = settings.folder.clone().map(|folder| Ground::new(folder, settings.master_key.clone()));
    let finder = finder(purpose, settings.folder.as_deref())?;
    let (bell, ahead, seq) = (Arc::new(Bell::new()), Ahead::default(), AtomicI64::new(0));
    let inner = Arc::new(Inner { engine, keys, bell, ahead, ground, finder, seq });
    if opened.alone && purpose == Purpose::Serve {
        inner.void_leases().await.map_err(OpenError::Store)?;
    }
    postgres::share_presence(&mut opened).await?;
    Ok(Arc::new(Storage {
        inner,
        _presence: Some(tokio::sync::Mutex::new(opened.presence)),
        _scratch: None,
        #[cfg(any(test, feature = "contract"))]
        toll: Arc::default(),
    }))
}

impl Storage {
    /// What statements have cost since the last look, by statement; SQLite only.
    #[cfg(any(test, feature = "contract"))]
    pub fn toll(&self) -> std::collections::BTreeMap<&'static str, Taken> {
        self.toll.take()
    }

    /// Statements so far whose plan walks through what grows with the business, and the step that does; SQLite only.
    #[cfg(any(test, feature = "contract"))]
    pub fn walks(&self) -> Vec<(&'static str, String)> {
        self.toll.walks()
    }

    /// How it dies, in a simulation; PostgreSQL is a process of its own, which dies by itself.
    pub fn fate(&self) -> Option<&Fate> {
        match &self.inner.engine {
            Engine::Lite { writer, .. } => Some(writer.fate()),
            Engine::Pg { .. } => None,
        }
    }

    /// Everything that changes from now on, for live pages.
    pub fn changes(&self) -> broadcast::Receiver<Arc<Change>> {
        self.inner.bell.changes()
    }

    /// What this server rings for from now on, to tell servers beside it.
    pub fn rings(&self) -> broadcast::Receiver<Arc<Ring>> {
        self.inner.bell.rings()
    }

    /// Rings here for what another server committed.
    pub fn ring_here(&self, ring: Ring) {
        self.inner.bell.ring_here(ring);
    }

    /// Rung when there may be a turn to claim.
    pub fn work(&self) -> Arc<Notify> {
        self.inner.bell.work.clone()
    }

    /// Rung when there may be a delivery to claim.
    pub fn post(&self) -> Arc<Notify> {
        self.inner.bell.post.clone()
    }

    /// Rung when a timer was set.
    pub fn ticks(&self) -> Arc<Notify> {
        self.inner.bell.ticks.clone()
    }

    /// Rings when a file has to be fetched.
    pub fn files(&self) -> Arc<Notify> {
        self.inner.bell.files.clone()
    }

    /// Rings when the team is to be told something.
    pub fn alerts(&self) -> Arc<Notify> {
        self.inner.bell.alerts.clone()
    }

    /// Becomes something when the disk failed: nothing is written any more, and whoever serves should stop and say why.
    pub fn broken(&self) -> watch::Receiver<Option<String>> {
        self.inner.bell.broken.subscribe()
    }
}

/// Commits and gives back what is to be rung.
pub(crate) async fn commit_postgres(tx: Tx) -> Stored<Rings> {
    let Tx { conn, rings, .. } = tx;
    match conn {
        Conn::PgWriter(transaction) => transaction.commit().await.map_err(failed)?,
        Conn::Writer(_) | Conn::Reader(_) | Conn::PgReader(_) => unreachable!("only PostgreSQL commits here"),
    }
    Ok(rings)
}

/// Ends a failed transaction at once; a connection that is gone has ended it by itself.
async fn rollback_postgres(tx: Tx) {
    if let Conn::PgWriter(transaction) = tx.conn
        && let Err(error) = transaction.rollback().await
    {
        tracing::debug!(%error, "a failed transaction ended with its connection");
    }
}

impl Inner {
    pub async fn reader(&self) -> Stored<Conn> {
        match &self.engine {
            Engine::Lite { readers, writer } => {
                writer.fate().live()?;
                readers.acquire().await.map(Conn::Reader)
            }
            Engine::Pg { pool } => pool.acquire().await.map(Conn::PgReader).map_err(failed),
        }
    }

    /// Runs the work in a transaction and answers once it is durable; a place before and one after its commit bear the name.
    pub async fn write<T, F>(&self, name: &'static str, work: F) -> Stored<T>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Stored<T>> + Send + 'static,
    {
        self.write_with(name, Care::Durable, work).await
    }

    /// The same for leases: a restart voids them, so nobody waits for the disk.
    pub async fn write_briefly<T, F>(&self, name: &'static str, work: F) -> Stored<T>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Stored<T>> + Send + 'static,
    {
        self.write_with(name, Care::Brief, work).await
    }

    async fn write_with<T, F>(&self, name: &'static str, care: Care, work: F) -> Stored<T>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Stored<T>> + Send + 'static,
    {
        let done = self.transact(name, care, work).await?;
        fail::after(name);
        Ok(done)
    }

    async fn transact<T, F>(&self, name: &'static str, care: Care, work: F) -> Stored<T>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Stored<T>> + Send + 'static,
    {
        match &self.engine {
            Engine::Lite { writer, .. } => writer.write(name, care, Box::new(work)).await,
            Engine::Pg { pool } => {
                let mut tx = Tx::new(Conn::PgWriter(pool.begin().await.map_err(failed)?));
                let done = match work(&mut tx).await {
                    Ok(done) => {
                        tx.retell();
                        tx.flush().await.map(|()| done)
                    }
                    Err(error) => Err(error),
                };
                let done = match done {
                    Ok(done) => done,
                    Err(error) => {
                        // Locks end before anybody hears of the failure: a claim right after must not skip these rows.
                        rollback_postgres(tx).await;
                        return Err(error);
                    }
                };
                fail::before(name);
                let rings = commit_postgres(tx).await?;
                self.bell.ring(rings);
                Ok(done)
            }
        }
    }

    /// The next number of the timeline; grows for every customer, whatever clocks do.
    pub async fn next_seq(&self, tx: &mut Tx) -> Stored<i64> {
        if tx.is_lite() {
            return Ok(self.seq.fetch_add(1, Ordering::Relaxed) + 1);
        }
        let row = tx.one(sql::intake::NEXT_SEQ, args![]).await?;
        row.ok_or_else(|| StoreError::Corrupt("the sequence gives no number".to_owned()))?.int(0)
    }

    /// PostgreSQL: reads the database's clock. `None`: the embedded store serves one process.
    pub async fn shared_now(&self) -> Stored<Option<Shared>> {
        match &self.engine {
            Engine::Lite { .. } => Ok(None),
            Engine::Pg { .. } => {
                let row = self.reader().await?.one(sql::turns::SHARED_NOW, args![]).await?;
                row.map(|row| row.int(0).map(Shared)).transpose()
            }
        }
    }

    /// Nothing of what was erased stays in a log beside the database, where SQLite keeps older pages. PostgreSQL frees
    /// the key store's rows; its own log and its archives are the operator's.
    pub async fn clear_traces(&self) -> Stored<()> {
        match &self.engine {
            Engine::Lite { readers, .. } => {
                let paths = [Some(readers.path().to_owned()), self.keys.path()];
                let cleared = tokio::task::spawn_blocking(move || paths.into_iter().flatten().all(|path| sqlite::empty_log(&path))).await;
                if !cleared.unwrap_or(false) {
                    tracing::warn!("a log could not be emptied while it was read; it will be at its next checkpoint");
                }
            }
            Engine::Pg { pool } => {
                if let Err(error) = sqlx::query("vacuum keys.wrapped_key").execute(pool).await {
                    tracing::warn!(%error, "the key store could not be vacuumed, PostgreSQL will do it by itself");
                }
            }
        }
        Ok(())
    }

    /// Nobody holds the leases of a former life: they end, bursts are over, deliveries may be tried at once.
    async fn void_leases(self: &Arc<Self>) -> Stored<()> {
        self.write("turns.void_leases", |tx| {
            tx.later(sql::turns::VOID_LEASES, args![]);
            tx.later(if Bug::Forgotten.is_planted() { sql::turns::FORGET_BURSTS } else { sql::turns::VOID_BURSTS }, args![]);
            tx.later(sql::outbox::VOID_WAITING, args![]);
            Box::pin(async { Ok(()) })
        })
        .await?;
        self.hush_interrupted().await?;
        self.doubt_interrupted().await
    }
}
