//! What only PostgreSQL does: how it is opened, row locks, advisory locks, its sequence.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, PgPool, Postgres, pool::PoolConnection};

use crate::OpenError;
use crate::schema::{self, Part};

const CONNECTIONS: u32 = 10;
const KEY_CONNECTIONS: u32 = 3;
/// Held shared by every server on this database, alone by one that cleans up after all others have gone.
const PRESENCE: &str = "7237970109966542";

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
    let failed = |source: sqlx::Error| OpenError::Database { name: "PostgreSQL".to_owned(), source: source.into() };
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
    let alone: bool = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select pg_try_advisory_lock({PRESENCE})")))
        .fetch_one(&mut *presence)
        .await
        .map_err(failed)?;
    Ok(Opened { pool, key_pool, presence, alone })
}

/// From exclusive to shared presence, so that further servers may come.
pub(crate) async fn share_presence(opened: &mut Opened) -> Result<(), OpenError> {
    let failed = |source: sqlx::Error| OpenError::Database { name: "PostgreSQL".to_owned(), source: source.into() };
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
