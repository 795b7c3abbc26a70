//! Copies: taking a backup of the embedded store while it is written to, restoring one, and the erasure list that both
//! honour.
//!
//! A backup is a folder: `rapport.db` (data), `keys.db` (wrapped keys, without which the data is noise),
//! `erasures.jsonl` (who had been erased by then) and `backup.json`, which is written last and says what belongs to it.
//! The master key is never in it.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use domain::Secret;
use domain::ports::{Erasure, StoreError, Stored};
use domain::time::Timestamp;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::db::args;
use crate::fail;
use crate::{Location, OpenError, Purpose, Settings, Storage, open_for, sql, sqlite};

/// The data.
pub const DATA: &str = "rapport.db";
/// Its wrapped keys.
pub const KEYS: &str = "keys.db";
/// Who was erased: JSON lines of ids.
pub const LIST: &str = "erasures.jsonl";
const MANIFEST: &str = "backup.json";
/// Where backups were written to, one path a line.
const PLACES: &str = "backups.list";
const FORMAT: u32 = 1;
/// A backup's key file lives this long.
const KEYS_KEPT: Duration = Duration::from_hours(30 * 24);
/// How deep backups are looked for in the data folder.
const DEEPEST: usize = 4;

/// Why a copy is not made or not restored.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The target holds something already.
    #[error("{folder} is not empty: name a new folder")]
    NotEmpty {
        /// Which.
        folder: PathBuf,
    },
    /// There is no database to copy.
    #[error("there is no {path}: nothing has been stored there yet")]
    Nothing {
        /// What was looked for.
        path: PathBuf,
    },
    /// The folder is no backup, or its writing was cut short.
    #[error("{folder} is no whole backup: it has no readable {MANIFEST}")]
    NoBackup {
        /// Which.
        folder: PathBuf,
    },
    /// Its keys are gone on purpose or by accident.
    #[error("{folder} has no {KEYS}, without which its data is noise: keys are kept for 30 days; put your own copy of the file back")]
    NoKeys {
        /// Which.
        folder: PathBuf,
    },
    /// A file is not what was written.
    #[error("{file} is damaged: {why}")]
    Damaged {
        /// Which.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The file system refuses.
    #[error("cannot use {path}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// SQLite refuses.
    #[error("cannot copy {path}")]
    Database {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It does not open.
    #[error("cannot open the copy")]
    Open(#[source] OpenError),
    /// Open, but it cannot be read with this master key or not written.
    #[error("cannot use the copy with this master key")]
    Store(#[source] StoreError),
}

fn file_error(path: &Path) -> impl FnOnce(std::io::Error) -> CopyError + '_ {
    move |source| CopyError::File { path: path.to_owned(), source }
}

/// What a backup says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Of this layout.
    pub format: u32,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// From this moment on its key file is removed.
    pub keys_until: Timestamp,
    /// Its files.
    pub files: Vec<Part>,
}

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// SHA-256 in hexadecimal digits.
    pub sha256: String,
}

impl Manifest {
    fn read(folder: &Path) -> Result<Self, CopyError> {
        let none = || CopyError::NoBackup { folder: folder.to_owned() };
        let text = std::fs::read_to_string(folder.join(MANIFEST)).map_err(|_| none())?;
        serde_json::from_str(&text).ok().filter(|manifest: &Self| manifest.format == FORMAT).ok_or_else(none)
    }

    /// Describes the files as they are now.
    fn seal(folder: &Path, taken_at: Timestamp) -> Result<Self, CopyError> {
        let mut files = Vec::new();
        for name in [DATA, KEYS, LIST] {
            let path = folder.join(name);
            if path.exists() {
                let (bytes, sha256) = digest(&path)?;
                files.push(Part { name: name.to_owned(), bytes, sha256 });
            }
        }
        let manifest = Self { format: FORMAT, taken_at, keys_until: taken_at.after(KEYS_KEPT), files };
        let path = folder.join(MANIFEST);
        let text = serde_json::to_string_pretty(&manifest).map_err(std::io::Error::other).map_err(file_error(&path))?;
        write_whole(&path, text.as_bytes())?;
        sync_folder(folder)?;
        Ok(manifest)
    }

    /// Checks the files against what was written.
    fn check(&self, folder: &Path) -> Result<(), CopyError> {
        for part in &self.files {
            let path = folder.join(&part.name);
            if !path.exists() {
                return Err(match part.name.as_str() {
                    KEYS => CopyError::NoKeys { folder: folder.to_owned() },
                    _ => CopyError::Damaged { file: path, why: "it is missing".to_owned() },
                });
            }
            let (bytes, sha256) = digest(&path)?;
            if bytes != part.bytes {
                return Err(CopyError::Damaged { file: path, why: format!("it has {bytes} bytes instead of {}", part.bytes) });
            }
            if sha256 != part.sha256 {
                return Err(CopyError::Damaged { file: path, why: "its checksum differs".to_owned() });
            }
        }
        Ok(())
    }
}

fn digest(path: &Path) -> Result<(u64, String), CopyError> {
    let mut file = std::fs::File::open(path).map_err(file_error(path))?;
    let (mut hash, mut buffer, mut bytes) = (Sha256::new(), vec![0; 1 << 16], 0);
    loop {
        let read = file.read(&mut buffer).map_err(file_error(path))?;
        if read == 0 {
            break;
        }
        bytes += read as u64;
        hash.update(&buffer[..read]);
    }
    let digits = hash.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = std::fmt::Write::write_fmt(&mut text, format_args!("{byte:02x}"));
        text
    });
    Ok((bytes, digits))
}

fn private(options: &mut std::fs::OpenOptions) -> &mut std::fs::OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Writes a file beside its place and moves it there once it is on the disk.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), CopyError> {
    let beside = path.with_extension("new");
    let write = || -> std::io::Result<()> {
        let mut file = private(std::fs::OpenOptions::new().write(true).create(true).truncate(true)).open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)
    };
    write().map_err(file_error(path))
}

fn sync_folder(folder: &Path) -> Result<(), CopyError> {
    std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(file_error(folder))
}

/// Makes a folder that only this user can look into; one that is there must hold nothing but the named files.
fn empty_folder(folder: &Path, allowed: &[&str]) -> Result<(), CopyError> {
    if folder.exists() {
        for entry in std::fs::read_dir(folder).map_err(file_error(folder))? {
            let name = entry.map_err(file_error(folder))?.file_name();
            if !allowed.iter().any(|allowed| name.to_str() == Some(*allowed)) {
                return Err(CopyError::NotEmpty { folder: folder.to_owned() });
            }
        }
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(file_error(folder))
}

/// Only the owner may read a file that SQLite made.
fn close_to_others(path: &Path) -> Result<(), CopyError> {
    #[cfg(unix)]
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).map_err(file_error(path))?;
    std::fs::File::open(path).and_then(|file| file.sync_all()).map_err(file_error(path))
}

/// A data folder, with what opens the copies it knows.
#[derive(Debug, Clone)]
pub(crate) struct Ground {
    folder: PathBuf,
    master_key: Secret<[u8; 32]>,
}

impl Ground {
    pub fn new(folder: PathBuf, master_key: Secret<[u8; 32]>) -> Self {
        Self { folder, master_key }
    }

    pub fn list(&self) -> PathBuf {
        self.folder.join(LIST)
    }
}

/// Erasures of a list; a missing file is an empty list, a line that was cut short is none.
pub fn listed(path: &Path) -> Stored<Vec<Erasure>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(StoreError::Database(Box::new(error))),
    };
    let (whole, _) = text.rsplit_once('\n').unwrap_or_default();
    let mut found: Vec<Erasure> = Vec::new();
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        let erasure = serde_json::from_str(line).map_err(|error| StoreError::Corrupt(format!("{}: {error}", path.display())))?;
        if !found.contains(&erasure) {
            found.push(erasure);
        }
    }
    Ok(found)
}

/// Adds an erasure to a list, durably; once is enough.
fn enlist(path: &Path, erasure: &Erasure) -> Stored<()> {
    let failed = |error: std::io::Error| StoreError::Database(Box::new(error));
    if listed(path)?.contains(erasure) {
        return Ok(());
    }
    let line = crate::rows::json(erasure)?;
    let text = std::fs::read_to_string(path).unwrap_or_default();
    if !text.is_empty() && !text.ends_with('\n') {
        // A line that was cut short by a power loss is written anew below or by its own erasure.
        let whole = text.rsplit_once('\n').map_or(String::new(), |(whole, _)| format!("{whole}\n"));
        write_whole(path, whole.as_bytes()).map_err(|error| StoreError::Database(Box::new(error)))?;
    }
    let mut file = private(std::fs::OpenOptions::new().append(true).create(true)).open(path).map_err(failed)?;
    file.write_all(format!("{line}\n").as_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)
}

/// Puts the erasure on the list and carries it out in every backup within reach. `false`: one could not be changed, so
/// that the erasure is not finished yet.
pub(crate) fn follow<'a>(ground: &'a Ground, erasure: &'a Erasure) -> BoxFuture<'a, bool> {
    Box::pin(async move {
        let mut reached = true;
        if let Err(error) = enlist(&ground.list(), erasure) {
            tracing::error!(?error, "the erasure list cannot be written, trying again at the next start");
            reached = false;
        }
        for copy in known_copies(&ground.folder) {
            if let Err(error) = follow_into(&copy, ground, erasure).await {
                tracing::error!(copy = %copy.display(), ?error, "a backup still holds somebody who was erased, trying again at the next start");
                reached = false;
            }
        }
        reached
    })
}

async fn follow_into(copy: &Path, ground: &Ground, erasure: &Erasure) -> Result<(), CopyError> {
    let manifest = Manifest::read(copy)?;
    if !copy.join(KEYS).exists() || !copy.join(DATA).exists() {
        // Without its keys it is noise.
        return Ok(());
    }
    let storage = open_copy(copy, ground.master_key.clone()).await?;
    storage.inner.erase_again(erasure).await.map_err(CopyError::Store)?;
    // With empty logs, the files stay as they are when they are closed.
    storage.inner.clear_traces().await.map_err(CopyError::Store)?;
    fail::before("copies.follow");
    drop(storage);
    enlist(&copy.join(LIST), erasure).map_err(CopyError::Store)?;
    let (folder, at) = (copy.to_owned(), manifest.taken_at);
    let sealed = tokio::task::spawn_blocking(move || Manifest::seal(&folder, at)).await;
    sealed.map_err(std::io::Error::other).map_err(file_error(copy))?.map(|_| ())
}

async fn open_copy(folder: &Path, master_key: Secret<[u8; 32]>) -> Result<Arc<Storage>, CopyError> {
    let location = Location::Sqlite { folder: folder.to_owned() };
    open_for(Purpose::Copy, &Settings::new(location, master_key)).await.map_err(CopyError::Open)
}

/// Backups inside the data folder, and those that were written elsewhere and are still there.
fn known_copies(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    look_for_copies(folder, 0, &mut found);
    for place in std::fs::read_to_string(folder.join(PLACES)).unwrap_or_default().lines().map(PathBuf::from) {
        if place.join(MANIFEST).exists() && !found.iter().any(|known| same(known, &place)) {
            found.push(place);
        }
    }
    found
}

fn same(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

fn look_for_copies(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())) {
        let path = entry.path();
        if path.join(MANIFEST).exists() {
            found.push(path);
        } else if depth < DEEPEST {
            look_for_copies(&path, depth + 1, found);
        }
    }
}

/// Copies the embedded store of a data folder into a new folder, while a server may be writing to it.
///
/// The data is copied before the keys: a key is on the disk before the first row that it seals, so that the keys copied
/// later open every row copied before, unless somebody was erased in between, who is on the list copied last.
pub fn back_up(folder: &Path, out: &Path, at: Timestamp) -> Result<Manifest, CopyError> {
    for name in [DATA, KEYS] {
        let path = folder.join(name);
        if !path.exists() {
            return Err(CopyError::Nothing { path });
        }
    }
    empty_folder(out, &[])?;
    for name in [DATA, KEYS] {
        let (from, into) = (folder.join(name), out.join(name));
        fail::before("copies.file");
        sqlite::copy_into(&from, &into).map_err(|source| CopyError::Database { path: from, source: source.into() })?;
        close_to_others(&into)?;
    }
    copy_list(&folder.join(LIST), &out.join(LIST))?;
    fail::before("copies.manifest");
    let manifest = Manifest::seal(out, at)?;
    fail::after("copies.manifest");
    remember_place(folder, out)?;
    drop_old_keys(folder, at);
    Ok(manifest)
}

/// A list that is not there yet is an empty one.
fn copy_list(from: &Path, into: &Path) -> Result<(), CopyError> {
    let bytes = match std::fs::read(from) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(file_error(from)(error)),
    };
    write_whole(into, &bytes)
}

/// Keeps in mind where a copy is, so that later erasures reach it.
fn remember_place(folder: &Path, out: &Path) -> Result<(), CopyError> {
    let path = folder.join(PLACES);
    let out = out.canonicalize().map_err(file_error(out))?;
    let mut places = std::fs::read_to_string(&path).unwrap_or_default();
    if !places.lines().any(|line| Path::new(line) == out) {
        places = format!("{places}{}\n", out.display());
        write_whole(&path, places.as_bytes())?;
    }
    Ok(())
}

/// When the newest backup within reach was taken.
pub fn newest(folder: &Path) -> Option<Timestamp> {
    known_copies(folder).iter().filter_map(|copy| Manifest::read(copy).ok()).map(|manifest| manifest.taken_at).max()
}

/// Removes the oldest backups of a folder beyond the `keep` newest, and copies that were cut short; nothing else in it.
pub fn prune(backups: &Path, keep: usize) {
    let Ok(entries) = std::fs::read_dir(backups) else { return };
    let folders = entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(|entry| entry.path());
    let (mut whole, cut): (Vec<_>, Vec<_>) =
        folders.map(|path| (Manifest::read(&path).ok(), path)).partition(|(manifest, _)| manifest.is_some());
    whole.sort_by_key(|(manifest, _)| std::cmp::Reverse(manifest.as_ref().map(|manifest| manifest.taken_at)));
    // What was cut short has the file of the data and no manifest, which is written last.
    let cut = cut.into_iter().filter(|(_, path)| path.join(DATA).exists());
    for (_, path) in whole.into_iter().skip(keep).chain(cut) {
        match std::fs::remove_dir_all(&path) {
            Ok(()) => tracing::info!(copy = %path.display(), "an old backup was removed"),
            Err(error) => tracing::warn!(copy = %path.display(), %error, "an old backup could not be removed"),
        }
    }
}

/// A backup's keys are kept for 30 days: after that its data is noise.
pub fn drop_old_keys(folder: &Path, now: Timestamp) {
    for copy in known_copies(folder) {
        let is_over = Manifest::read(&copy).is_ok_and(|manifest| manifest.keys_until <= now);
        if is_over && copy.join(KEYS).exists() {
            match std::fs::remove_file(copy.join(KEYS)) {
                Ok(()) => tracing::info!(copy = %copy.display(), "the keys of a backup older than 30 days were removed"),
                Err(error) => tracing::warn!(copy = %copy.display(), %error, "the keys of an old backup could not be removed"),
            }
        }
    }
}

/// What is restored, and where to.
#[derive(Debug)]
pub struct Restore<'a> {
    /// A backup.
    pub from: &'a Path,
    /// The new data folder; it may hold a `master.key` and nothing else.
    pub into: &'a Path,
    /// The key that the backed-up server had.
    pub master_key: Secret<[u8; 32]>,
    /// Further erasure lists besides that of the backup.
    pub erasures: Vec<Erasure>,
}

/// What a restore did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restored {
    /// When the backup was taken.
    pub taken_at: Timestamp,
    /// Erasures that were carried out again.
    pub erased: usize,
}

/// Restores a backup into a new data folder: verified, opened with the master key, and without anybody who is on one of
/// the erasure lists. Nothing is left in the folder when it fails.
pub async fn restore(order: Restore<'_>) -> Result<Restored, CopyError> {
    let manifest = Manifest::read(order.from)?;
    manifest.check(order.from)?;
    let was_there = order.into.exists();
    empty_folder(order.into, &["master.key"])?;
    let restored = fill(&order, &manifest).await;
    if restored.is_err() {
        for name in [DATA, KEYS, LIST, PLACES] {
            for ending in ["", "-wal", "-shm"] {
                // What was never made cannot be removed.
                let _ = std::fs::remove_file(order.into.join(format!("{name}{ending}")));
            }
        }
        if !was_there {
            let _ = std::fs::remove_dir(order.into);
        }
    }
    restored
}

async fn fill(order: &Restore<'_>, manifest: &Manifest) -> Result<Restored, CopyError> {
    for name in [DATA, KEYS] {
        let (from, into) = (order.from.join(name), order.into.join(name));
        std::fs::copy(&from, &into).map_err(file_error(&from))?;
        close_to_others(&into)?;
        let damaged = |why: String| CopyError::Damaged { file: from.clone(), why };
        if let Some(fault) = sqlite::faults(&into).map_err(|error| damaged(error.to_string()))? {
            return Err(damaged(fault));
        }
    }
    let mut erasures = listed(&order.from.join(LIST)).map_err(CopyError::Store)?;
    for erasure in &order.erasures {
        if !erasures.contains(erasure) {
            erasures.push(erasure.clone());
        }
    }
    for erasure in &erasures {
        enlist(&order.into.join(LIST), erasure).map_err(CopyError::Store)?;
    }
    let storage = open_copy(order.into, order.master_key.clone()).await?;
    let erased = storage.inner.make_fit(&erasures).await.map_err(CopyError::Store)?;
    remember_place(order.into, order.from)?;
    sync_folder(order.into)?;
    Ok(Restored { taken_at: manifest.taken_at, erased })
}

impl crate::Inner {
    /// Proves that the master key opens this copy, erases whom the lists name, and doubts what waited to be sent.
    async fn make_fit(self: &Arc<Self>, erasures: &[Erasure]) -> Stored<usize> {
        self.keys.prove().await?;
        let mut erased = 0;
        for erasure in erasures {
            erased += usize::from(self.erase_again(erasure).await?);
        }
        self.write("copies.make_fit", |tx| {
            tx.later(sql::privacy::DOUBT_WAITING, args![]);
            Box::pin(async { Ok(()) })
        })
        .await?;
        self.clear_traces().await?;
        Ok(erased)
    }
}
