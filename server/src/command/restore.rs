//! `rapport restore`: a backup becomes a data folder again, without anybody who was erased since.

use std::path::{Path, PathBuf};

use anyhow::Context;
use store::copies::{LIST, Restore, Restored, listed, restore};

use crate::wiring::{master_key_of, write_private};

use super::{ConfigFile, load, runtime, say};

#[derive(Debug, clap::Args)]
pub struct Options {
    /// The folder that `rapport backup` made.
    from: PathBuf,
    /// The new data folder; it must be empty, or hold the master key and nothing else.
    #[arg(long, value_name = "FOLDER")]
    into: PathBuf,
    /// The master key of the backed-up server; by default the new folder's, then the configured one.
    #[arg(long, value_name = "FILE")]
    master_key: Option<PathBuf>,
    /// Further erasure lists, or data folders that hold one; the backup's own and the configured data folder's always count.
    #[arg(long, value_name = "PATH")]
    erasures: Vec<PathBuf>,
    #[command(flatten)]
    file: ConfigFile,
    /// Answers as JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    // The server to restore may have lost its configuration too.
    let settings = if options.file.config.exists() { Some(load(&options.file.config)?.server) } else { None };
    let own = options.into.join("master.key");
    let key_file = match (&options.master_key, &settings) {
        (Some(path), _) => Some(path.clone()),
        (None, _) if own.exists() => Some(own.clone()),
        (None, Some(settings)) if settings.master_key.is_none() => Some(settings.data_dir.join("master.key")),
        (None, _) => None,
    };
    let master_key = match (&key_file, &settings) {
        (Some(path), _) => crate::wiring::read_key(path)?,
        (None, Some(settings)) => master_key_of(settings)?,
        (None, None) => anyhow::bail!("which master key? name it with --master-key FILE, or the configuration with --config FILE"),
    };
    let mut erasures = Vec::new();
    for path in options.erasures.iter().cloned().chain(settings.as_ref().map(|settings| settings.data_dir.clone())) {
        erasures.extend(listed(&list_in(&path)).with_context(|| format!("cannot read the erasure list {}", path.display()))?);
    }
    let order = Restore { from: &options.from, into: &options.into, master_key, erasures };
    let Restored { taken_at, erased } = runtime()?.block_on(restore(order))?;
    if let Some(path) = key_file.filter(|_| !own.exists()) {
        let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        write_private(&own, &bytes)?;
    }
    if options.json {
        return say(&serde_json::json!({ "folder": options.into, "taken_at": taken_at, "erased_again": erased }).to_string());
    }
    say(&format!("{}: as it was on {}; {erased} erasures were carried out again", options.into.display(), taken_at.to_rfc3339()))?;
    say("Replies that waited to be sent then may have been sent since: they are shown as unknown and are not sent by themselves.")
}

/// A list, or the one in a data folder.
fn list_in(path: &Path) -> PathBuf {
    if path.is_dir() { path.join(LIST) } else { path.to_owned() }
}
