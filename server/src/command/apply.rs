//! `rapport apply`: a workspace file becomes part of the server's configuration.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::config::{self, Given, Problems, applied_folder};
use crate::wiring::{available_doors, write_private};

use super::{ConfigFile, say};

#[derive(Debug, clap::Args)]
pub struct Options {
    /// Workspace file.
    workspace: PathBuf,
    #[command(flatten)]
    file: ConfigFile,
    /// Says what would change and changes nothing.
    #[arg(long)]
    dry_run: bool,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let known = options.file.load()?;
    let text = config::read_text(&options.workspace)?;
    let variables: Vec<(String, String)> = std::env::vars().collect();
    let given = Given { variables: &variables, available: &available_doors() };
    let mut problems = Problems::default();
    let mut unclaimed = BTreeSet::new();
    let workspace = config::parse_workspace(&options.workspace, &text, &given, &known.server, &mut unclaimed, &mut problems);
    if !problems.is_empty() {
        return Err(problems.into());
    }
    let id = &workspace.settings.id;
    if known.workspaces.first().is_some_and(|first| first.settings.id == *id) {
        anyhow::bail!("the workspace {id} is in {}; change it there", options.file.config.display());
    }
    for other in known.workspaces.iter().filter(|other| other.settings.id != *id) {
        for connection in &other.connections {
            if unclaimed.contains(connection.id.as_str()) {
                anyhow::bail!("the connection id {} belongs to the workspace {}", connection.id, other.settings.id);
            }
        }
    }
    let folder = applied_folder(&known.server.data_dir);
    let path = folder.join(format!("{id}.toml"));
    let text = with_absolute_paths(&text, &options.workspace)?;
    let before = std::fs::read_to_string(&path).ok();
    let (verb, changes) = match &before {
        None => ("add", true),
        Some(before) if *before == text => ("leave", false),
        Some(_) => ("update", true),
    };
    say(&format!(
        "{} the workspace {id} ({}): {} connections, {} sources, {} rules",
        if options.dry_run { format!("would {verb}") } else { verb.to_owned() },
        workspace.settings.name,
        workspace.connections.len(),
        workspace.knowledge.len(),
        workspace.settings.rules.len(),
    ))?;
    if options.dry_run || !changes {
        return Ok(());
    }
    std::fs::create_dir_all(folder.join("history")).with_context(|| format!("cannot make {}", folder.display()))?;
    if let Some(before) = before {
        let version = (1..=u32::MAX).find(|version| !kept(&folder, id.as_str(), *version).exists()).unwrap_or(1);
        write_private(&kept(&folder, id.as_str(), version), &before)?;
        say(&format!("the version before is kept as {}", kept(&folder, id.as_str(), version).display()))?;
    }
    write_private(&path, &text)?;
    say("a running server takes it over after: kill -HUP <its process>")
}

fn kept(folder: &Path, id: &str, version: u32) -> PathBuf {
    folder.join("history").join(format!("{id}.{version}.toml"))
}

/// Paths in the file are relative to it, and it is copied: the copy names them in full.
fn with_absolute_paths(text: &str, file: &Path) -> anyhow::Result<String> {
    let folder = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().with_context(|| format!("cannot find {}", folder.display()))?;
    let mut table: toml::Table = text.trim_start_matches('\u{feff}').parse()?;
    absolute(&mut table, &folder);
    Ok(toml::to_string_pretty(&table)?)
}

fn absolute(table: &mut toml::Table, folder: &Path) {
    for (key, value) in table.iter_mut() {
        match value {
            toml::Value::String(text) if key == "path" || key == "file" => *text = folder.join(&*text).display().to_string(),
            toml::Value::Table(inner) => absolute(inner, folder),
            toml::Value::Array(items) => {
                for item in items {
                    if let toml::Value::Table(inner) = item {
                        absolute(inner, folder);
                    }
                }
            }
            _ => {}
        }
    }
}
