//! What only PostgreSQL does: how it is opened, row locks, advisory locks, its sequence.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection as _, PgPool, Postgres, pool::PoolConnection};

use crate::OpenError;
use crate::schema::{self, Part};

const CONNECTIONS: u32 = 10;
const KEY_CONNECTIONS: u32 = 3;
/// Held shared by every server on this database, alone by one that cleans up after all others have gone.
const PRESENCE: &str = "7237970109966542";

/// So long a server that starts waits for one that is just dying; beside living ones it starts so much later.
const LAST_BREATH: &str = "1s";

pub(crate) struct Opened {
    pub pool: PgPool,
    /// Of its own: a transaction that needs a key must not wait for other transactions that need one.
    pub key_pool: PgPool,
    /// Holds the presence lock as long as the store is open.
    pub presence: PoolConnection<Postgres>,
    /// Nobody else uses this database: leases of earlier processes are void.
    pub alone: bool,
}

pub(crate) async fn open(url: &str) -> Result<Opened, OpenError> {
    let options = PgConnectOptions::from_str(url)
        .map_err(failed)?
        .options([("search_path", "public,keys")])
        .statement_cache_capacity(512)
        .disable_statement_logging();
    let pool_of = |connections| PgPoolOptions::new().max_connections(connections).acquire_timeout(Duration::from_secs(10));
    let pool = pool_of(CONNECTIONS).connect_with(options.clone()).await.map_err(failed)?;
    let key_pool = pool_of(KEY_CONNECTIONS).connect_with(options).await.map_err(failed)?;
    let mut presence = pool.acquire().await.map_err(failed)?;
    schema::migrate_postgres(&mut presence, Part::Keys).await?;
    schema::migrate_postgres(&mut presence, Part::Data).await?;
    let alone = is_alone(&mut presence).await.map_err(failed)?;
    Ok(Opened { pool, key_pool, presence, alone })
}

/// Makes an empty database on the server of this address; the address of the new one.
pub async fn make_database(server: &str, name: &str) -> Result<String, OpenError> {
    on_server(server, &format!("create database \"{name}\"")).await?;
    Ok(PgConnectOptions::from_str(server).map_err(failed)?.database(name).to_url_lossy().to_string())
}

/// Drops a database, whoever is connected to it.
pub async fn drop_database(server: &str, name: &str) -> Result<(), OpenError> {
    on_server(server, &format!("drop database if exists \"{name}\" with (force)")).await
}

async fn on_server(server: &str, sql: &str) -> Result<(), OpenError> {
    let options = PgConnectOptions::from_str(server).map_err(failed)?.disable_statement_logging();
    let mut conn = options.connect().await.map_err(failed)?;
    sqlx::query(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut conn).await.map_err(failed)?;
    conn.close().await.map_err(failed)
}

fn failed(source: sqlx::Error) -> OpenError {
    OpenError::Database { name: "PostgreSQL".to_owned(), source: source.into() }
}

/// Takes the presence lock alone, if everybody else goes in time. The database notices the end of a killed server a
/// moment after its successor has started: without the wait its leases would stand, and what it was sending would hold
/// up its customer until they run out.
async fn is_alone(presence: &mut PoolConnection<Postgres>) -> Result<bool, sqlx::Error> {
    sqlx::query(sqlx::AssertSqlSafe(format!("set lock_timeout = '{LAST_BREATH}'"))).execute(&mut **presence).await?;
    let locked = sqlx::query(sqlx::AssertSqlSafe(format!("select pg_advisory_lock({PRESENCE})"))).execute(&mut **presence).await;
    sqlx::query("reset lock_timeout").execute(&mut **presence).await?;
    match locked {
        Ok(_) => Ok(true),
        // lock_not_available
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("55P03") => Ok(false),
        Err(error) => Err(error),
    }
}

/// A connection that only looks: nothing is migrated, and nobody is told that a server is there.
pub(crate) async fn look(url: &str) -> Result<PgPool, OpenError> {
    let options = PgConnectOptions::from_str(url).map_err(failed)?.options([("search_path", "public,keys")]).disable_statement_logging();
    PgPoolOptions::new().max_connections(1).acquire_timeout(Duration::from_secs(10)).connect_with(options).await.map_err(failed)
}

/// From exclusive to shared presence, so that further servers may come.
pub(crate) async fn share_presence(opened: &mut Opened) -> Result<(), OpenError> {
    sqlx::query(sqlx::AssertSqlSafe(format!("select pg_advisory_lock_shared({PRESENCE})")))
        .execute(&mut *opened.presence)
        .await
        .map_err(failed)?;
    if opened.alone {
        sqlx::query(sqlx::AssertSqlSafe(format!("select pg_advisory_unlock({PRESENCE})")))
            .execute(&mut *opened.presence)
            .await
            .map_err(failed)?;
    }
    Ok(())
}
