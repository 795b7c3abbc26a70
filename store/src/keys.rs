//! The key store: wrapped data keys in a place of their own, durable before the first row they seal.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use domain::Secret;
use domain::ports::{StoreError, Stored};
use futures::future::BoxFuture;
use sqlx::PgPool;
use zeroize::Zeroizing;

use crate::db::{Conn, Tx, args};
use crate::fail;
use crate::seal::{DataKey, KEY_VERSION, Lookups, Place, random};
use crate::sql::keys as sql;
use crate::sqlite::Readers;
use crate::writer::{Care, Writer};

/// Owner of the workspace's own key row.
const WORKSPACE: &str = "workspace";
/// Unwrapped keys kept per generation; at most twice as many are in memory.
const KEPT: usize = 8_192;

/// Where wrapped keys are kept.
#[derive(Debug)]
pub(crate) enum Shelf {
    Lite { writer: Writer, readers: Arc<Readers> },
    Pg(PgPool),
}

/// A workspace's key, opened.
#[derive(Debug)]
pub(crate) struct WorkspaceKey {
    wrap: DataKey,
    pub lookups: Lookups,
}

impl WorkspaceKey {
    fn new(bytes: &[u8; 32]) -> Self {
        Self { wrap: DataKey::new(bytes, KEY_VERSION), lookups: Lookups::new(bytes) }
    }

    /// Seals what belongs to the workspace as a whole.
    pub fn own(&self) -> &DataKey {
        &self.wrap
    }
}

#[derive(Debug, Default)]
struct Cache {
    young: HashMap<String, Arc<DataKey>>,
    old: HashMap<String, Arc<DataKey>>,
    workspaces: HashMap<String, Arc<WorkspaceKey>>,
}

impl Cache {
    fn find(&mut self, name: &str) -> Option<Arc<DataKey>> {
        if let Some(key) = self.young.get(name) {
            return Some(key.clone());
        }
        let key = self.old.remove(name)?;
        self.keep(name.to_owned(), key.clone());
        Some(key)
    }

    fn keep(&mut self, name: String, key: Arc<DataKey>) {
        if self.young.len() >= KEPT {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(name, key);
    }
}

/// All keys.
#[derive(Debug)]
pub(crate) struct Keys {
    shelf: Shelf,
    master: DataKey,
    /// Server-wide look-ups (sign-in names), derived from the master key.
    pub server: Lookups,
    cache: Mutex<Cache>,
}

fn name(workspace: &str, owner: &str) -> String {
    format!("{workspace}|{owner}")
}

fn place<'a>(workspace: &'a str, owner: &'a str) -> Place<'a> {
    Place { workspace, table: "wrapped_key", column: "wrapped", row: owner }
}

fn fresh() -> Stored<Zeroizing<[u8; 32]>> {
    Ok(Zeroizing::new(random::<32>()?))
}

impl Keys {
    pub fn new(shelf: Shelf, master: &Secret<[u8; 32]>) -> Self {
        Self { shelf, master: DataKey::new(master.expose(), KEY_VERSION), server: Lookups::new(master.expose()), cache: Mutex::default() }
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, Cache> {
        self.cache.lock().expect("no holder of this lock panics")
    }

    async fn reader(&self) -> Stored<Conn> {
        match &self.shelf {
            Shelf::Lite { readers, .. } => readers.acquire().await.map(Conn::Reader),
            Shelf::Pg(pool) => pool.acquire().await.map(Conn::PgReader).map_err(crate::db::failed),
        }
    }

    async fn read(&self, workspace: &str, owner: &str) -> Stored<Option<Vec<u8>>> {
        self.reader().await?.one(sql::FIND, args![workspace, owner]).await?.map(|row| row.blob(0)).transpose()
    }

    /// Opens the key of every workspace; an error when the master key is another one.
    pub async fn prove(&self) -> Stored<()> {
        for row in self.reader().await?.all(sql::WORKSPACES, args![]).await? {
            self.workspace(&row.text(0)?).await?;
        }
        Ok(())
    }

    /// Gives the owners whose key is this one: others had theirs already.
    async fn write(&self, workspace: &str, rows: Vec<(String, Vec<u8>)>) -> Stored<Vec<String>> {
        let workspace = workspace.to_owned();
        self.change("keys.write", move |tx| {
            Box::pin(async move {
                let mut kept = Vec::with_capacity(rows.len());
                for (owner, wrapped) in rows {
                    if tx.run(sql::KEEP, args![&workspace, &owner, i64::from(KEY_VERSION), wrapped]).await? > 0 {
                        kept.push(owner);
                    }
                }
                Ok(kept)
            })
        })
        .await
    }

    /// The workspace's key; made and kept when there is none.
    pub async fn workspace(&self, workspace: &str) -> Stored<Arc<WorkspaceKey>> {
        if let Some(key) = self.cache().workspaces.get(workspace) {
            return Ok(key.clone());
        }
        let wrapped = if let Some(wrapped) = self.read(workspace, WORKSPACE).await? {
            wrapped
        } else {
            let made = self.master.seal(place(workspace, WORKSPACE), &*fresh()?)?;
            self.write(workspace, vec![(WORKSPACE.to_owned(), made)]).await?;
            // Another process may have been faster: what the key store holds counts.
            let kept = self.read(workspace, WORKSPACE).await?;
            kept.ok_or_else(|| StoreError::Corrupt("the workspace key was not kept".to_owned()))?
        };
        let bytes = Zeroizing::new(
            self.master
                .open(place(workspace, WORKSPACE), &wrapped)
                .map_err(|_| StoreError::Corrupt(format!("the master key does not open the key of workspace {workspace}")))?,
        );
        let key = Arc::new(WorkspaceKey::new(&*sized(&bytes)?));
        self.cache().workspaces.insert(workspace.to_owned(), key.clone());
        Ok(key)
    }

    /// Makes the keys of these owners (strands, customer records, days) durable where they do not exist yet.
    pub async fn ensure(&self, workspace: &str, owners: &[String]) -> Stored<()> {
        let mut missing: Vec<&String> = Vec::new();
        for owner in owners {
            let known = self.cache().find(&name(workspace, owner)).is_some();
            if !known && !missing.contains(&owner) {
                missing.push(owner);
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let wrap = self.workspace(workspace).await?;
        let (mut rows, mut made) = (Vec::with_capacity(missing.len()), Vec::with_capacity(missing.len()));
        for owner in missing {
            let bytes = fresh()?;
            rows.push((owner.clone(), wrap.wrap.seal(place(workspace, owner), &*bytes)?));
            made.push((owner, Arc::new(DataKey::new(&bytes, KEY_VERSION))));
        }
        let kept = self.write(workspace, rows).await?;
        let mut cache = self.cache();
        for (owner, key) in made.into_iter().filter(|(owner, _)| kept.contains(owner)) {
            cache.keep(name(workspace, owner), key);
        }
        Ok(())
    }

    /// The key of a strand, a customer record or a day.
    pub async fn key(&self, workspace: &str, owner: &str) -> Stored<Arc<DataKey>> {
        self.find(workspace, owner).await?.ok_or_else(|| StoreError::Corrupt(format!("there is no key for {owner}")))
    }

    /// The same, `None` when it has been dropped.
    pub async fn find(&self, workspace: &str, owner: &str) -> Stored<Option<Arc<DataKey>>> {
        let name = name(workspace, owner);
        if let Some(key) = self.cache().find(&name) {
            return Ok(Some(key));
        }
        let wrap = self.workspace(workspace).await?;
        let Some(wrapped) = self.read(workspace, owner).await? else { return Ok(None) };
        let bytes = Zeroizing::new(wrap.wrap.open(place(workspace, owner), &wrapped)?);
        let key = Arc::new(DataKey::new(&*sized(&bytes)?, KEY_VERSION));
        self.cache().keep(name, key.clone());
        Ok(Some(key))
    }

    /// Drops the keys of past days for ever: what they sealed is noise from now on.
    pub async fn drop_keys(&self, workspace: &str, from: &str, before: &str) -> Stored<()> {
        let (scope, from, before) = (workspace.to_owned(), from.to_owned(), before.to_owned());
        self.change("keys.drop_keys", move |tx| {
            tx.later(sql::DROP, args![scope, from, before]);
            Box::pin(async { Ok(()) })
        })
        .await?;
        self.forget();
        Ok(())
    }

    /// The same for the keys of strands and customer records.
    pub async fn destroy(&self, workspace: &str, owners: Vec<String>) -> Stored<()> {
        let scope = workspace.to_owned();
        self.change("keys.destroy", move |tx| {
            for owner in owners {
                tx.later(sql::DESTROY, args![&scope, owner]);
            }
            Box::pin(async { Ok(()) })
        })
        .await?;
        self.forget();
        Ok(())
    }

    /// SQLite: where the key store lies.
    pub fn path(&self) -> Option<std::path::PathBuf> {
        match &self.shelf {
            Shelf::Lite { readers, .. } => Some(readers.path().to_owned()),
            Shelf::Pg(_) => None,
        }
    }

    fn forget(&self) {
        let mut cache = self.cache();
        cache.young.clear();
        cache.old.clear();
    }

    /// Changes the key store and answers once that is durable.
    async fn change<T: Send + 'static>(
        &self,
        name: &'static str,
        work: impl for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Stored<T>> + Send + 'static,
    ) -> Stored<T> {
        let done = match &self.shelf {
            Shelf::Lite { writer, .. } => writer.write(name, Care::Durable, Box::new(work)).await?,
            Shelf::Pg(pool) => {
                let mut tx = Tx::new(Conn::PgWriter(pool.begin().await.map_err(crate::db::failed)?));
                let done = work(&mut tx).await?;
                tx.flush().await?;
                fail::before(name);
                crate::commit_postgres(tx).await?;
                done
            }
        };
        fail::after(name);
        Ok(done)
    }
}

fn sized(bytes: &[u8]) -> Stored<Zeroizing<[u8; 32]>> {
    bytes.try_into().map(Zeroizing::new).map_err(|_| StoreError::Corrupt("a key has the wrong length".to_owned()))
}
