//! `rapport backup`: a copy of the data folder, taken while the server goes on.

use std::path::PathBuf;

use anyhow::bail;

use crate::config::ServerSettings;
use crate::time::{real_now, stamp};

use super::{ConfigFile, say};

#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    file: ConfigFile,
    /// A new folder for the copy; by default one named by the time, under `backups` in the data folder.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Answers as JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let settings = options.file.load()?.server;
    if settings.database_url.is_some() {
        bail!("{}", on_postgres(&settings));
    }
    let now = real_now();
    let out = match &options.out {
        Some(out) => out.clone(),
        None => settings.data_dir.join("backups").join(stamp(now)),
    };
    let manifest = store::copies::back_up(&settings.data_dir, &out, now)?;
    if options.json {
        return say(&serde_json::json!({ "folder": out, "backup": manifest }).to_string());
    }
    let bytes: u64 = manifest.files.iter().map(|part| part.bytes).sum();
    say(&format!("{}: {} files, {bytes} bytes", out.display(), manifest.files.len()))?;
    say(&format!("Its keys are removed on {}. The master key is not in it: keep that apart.", manifest.keys_until.to_rfc3339()))
}

fn on_postgres(settings: &ServerSettings) -> String {
    format!(
        "the data is in PostgreSQL, whose own tools copy it consistently: data first, keys after, into two files:\n\
         \x20 pg_dump --format=custom --exclude-schema=keys --file=data.dump \"$DATABASE_URL\"\n\
         \x20 pg_dump --format=custom --schema=keys --file=keys.dump \"$DATABASE_URL\"\n\
         Keep keys.dump for 30 days at most, and a copy of {} beside them: a server that starts over restored data carries that list out again.",
        settings.data_dir.join(store::copies::LIST).display()
    )
}
