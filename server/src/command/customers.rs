//! `rapport customers import`: a business's own list of customers, row by row; `--undo` takes it back.

use std::fs::File;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Subcommand;
use domain::WorkspaceId;
use serde_json::json;

use crate::app::App;
use crate::sheet::{self, Decoded, Encoding, Line};
use crate::wiring::{assemble, open_storage_beside};

use super::{BadResult, ConfigFile, runtime, say};

/// Lines told in full where nobody asked for all of them.
const PREVIEW: usize = 5;

#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(subcommand)]
    act: Act,
    #[command(flatten)]
    file: ConfigFile,
    /// Workspace, when it is not the first one.
    #[arg(long, global = true)]
    workspace: Option<String>,
    /// Answers as JSON, one line for each row, the sum last.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Imports a CSV file; the same file again changes nothing. Exit code 1 when rows were refused.
    Import {
        /// The file: UTF-8, UTF-16 with a mark, or Windows-1252; separated by comma, semicolon, tab or bar.
        #[arg(value_name = "FILE.csv", required_unless_present = "undo")]
        path: Option<PathBuf>,
        /// Tells what would come of each row and changes nothing.
        #[arg(long)]
        dry_run: bool,
        /// What a column is: phone, email, whatsapp, telegram, discord, external_id, name, first_name, last_name, marketing,
        /// ignore, a fact such as company, or attribute:NAME.
        #[arg(long = "map", value_name = "COLUMN=MEANING")]
        map: Vec<String>,
        /// Tells every row, not only those that are refused or worth knowing.
        #[arg(long)]
        rows: bool,
        /// Takes an import back, by its id.
        #[arg(long, value_name = "IMPORT", conflicts_with_all = ["path", "dry_run", "map"])]
        undo: Option<String>,
    },
    /// Lists the imports, newest first.
    Imports,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    runtime()?.block_on(async {
        let configuration = options.file.load()?;
        let storage = open_storage_beside(&configuration.server).await?;
        let app = assemble(configuration, storage, None).await?;
        let workspace = match &options.workspace {
            Some(named) => {
                let named = WorkspaceId::from(named.as_str());
                app.workspace(&named).map(|_| named).context("there is no such workspace")?
            }
            None => app.first_workspace(),
        };
        match &options.act {
            Act::Imports => list(&app, &workspace, options.json).await,
            Act::Import { undo: Some(id), .. } => undo(&app, &workspace, id, options.json).await,
            Act::Import { path: Some(path), dry_run, map, rows, .. } => {
                let map = mapping(map)?;
                import(&app, &workspace, path, &map, *dry_run, *rows, options.json).await
            }
            Act::Import { .. } => bail!("name a file, or --undo with an import"),
        }
    })
}

fn mapping(written: &[String]) -> anyhow::Result<Vec<(String, String)>> {
    written
        .iter()
        .map(|pair| {
            let (column, meaning) = pair.rsplit_once('=').with_context(|| format!("--map {pair:?} is not COLUMN=MEANING"))?;
            Ok((column.to_owned(), meaning.to_owned()))
        })
        .collect()
}

#[expect(clippy::fn_params_excessive_bools, reason = "each is a flag of the command line")]
async fn import(
    app: &App,
    workspace: &WorkspaceId,
    path: &std::path::Path,
    map: &[(String, String)],
    dry_run: bool,
    all_rows: bool,
    as_json: bool,
) -> anyhow::Result<()> {
    let mut file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let encoding = Encoding::of(&mut file).with_context(|| format!("cannot read {}", path.display()))?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let into = (!dry_run).then_some((name.as_str(), "command line"));
    let mut shown = 0;
    let mut each = |line: &Line| {
        if as_json {
            return say(&serde_json::to_string(line)?);
        }
        let matters = line.outcome == "refused" || !line.notes.is_empty();
        if all_rows || matters || (dry_run && shown < PREVIEW) {
            shown += 1;
            let whose = line.customer.as_ref().map(|id| format!(" {id}")).unwrap_or_default();
            let notes = if line.notes.is_empty() { String::new() } else { format!(": {}", line.notes.join("; ")) };
            return say(&format!("line {}  {}{whose}{notes}", line.line, line.outcome));
        }
        Ok(())
    };
    let done = sheet::run(&app.engine(), workspace, Decoded::new(file, encoding), map, into, &mut each).await?;
    if as_json {
        let mut sum = serde_json::to_value(&done)?;
        sum["encoding"] = json!(encoding.name());
        sum["dry_run"] = json!(dry_run);
        say(&sum.to_string())?;
    } else {
        for (heading, meaning) in &done.columns {
            say(&format!("column {heading:?} is read as {meaning}"))?;
        }
        let tense = if dry_run { "would be " } else { "" };
        say(&format!(
            "{} rows, read as {}: {} {tense}created, {} {tense}updated, {} unchanged, {} refused",
            done.rows,
            encoding.name(),
            done.created,
            done.updated,
            done.unchanged,
            done.refused
        ))?;
        match &done.import {
            Some(id) => say(&format!("taken back by: rapport customers import --undo {id}"))?,
            None => say("nothing was changed; leave --dry-run out to import")?,
        }
    }
    if done.refused > 0 { Err(BadResult.into()) } else { Ok(()) }
}

async fn list(app: &App, workspace: &WorkspaceId, as_json: bool) -> anyhow::Result<()> {
    for import in app.engine().imports(workspace).await? {
        if as_json {
            say(&serde_json::to_string(&import)?)?;
            continue;
        }
        let fate = import.undone_at.map_or_else(String::new, |at| format!(", taken back on {}", at.to_rfc3339()));
        let (at, name, by) = (import.at.to_rfc3339(), &import.name, &import.by);
        say(&format!("{}  {at}  {name} by {by}: {} created, {} updated{fate}", import.id, import.created, import.updated))?;
    }
    Ok(())
}

async fn undo(app: &App, workspace: &WorkspaceId, written: &str, as_json: bool) -> anyhow::Result<()> {
    let id = written.parse().ok().with_context(|| format!("{written:?} is no id of an import"))?;
    let done = app.engine().undo_import(workspace, id).await?.context("there is no such import")?;
    if as_json {
        return say(&serde_json::to_string(&done)?);
    }
    say(&format!(
        "{} customers removed, {} as they were before, {} kept because they have been in touch since",
        done.removed, done.restored, done.kept
    ))
}
