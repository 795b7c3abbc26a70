//! The configuration: one `rapport.toml`, every value also in the environment, all problems in one go.

mod alerts;
mod connections;
pub mod document;
mod embedder;
mod environment;
pub mod hours;
mod keys;
mod oidc;
pub mod problems;
mod reader;
mod region;
pub mod schema;
mod secrets;
mod server;
mod sources;
mod speech;
mod tools;
mod workspace;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use domain::ChannelKind;

pub use connections::{is_loopback, is_slug};
pub use embedder::EmbedderSettings;
pub use oidc::OidcSettings;
pub use problems::Problems;
pub use reader::parse_span;
pub use region::region_of;
pub use secrets::MasterKey;
pub use server::{BackupSettings, Network, ServerSettings};
pub use sources::{Agents, KnowledgeSettings, ModelKind, ModelPrice, ModelSettings, Place, Site};
pub use speech::names as speech_named;
pub use workspace::WorkspaceConfiguration;

use document::Entry;
use keys::{APPLIED, ROOT};
use problems::{Origin, Problem};
use reader::Reader;
use secrets::Surroundings;

/// Everything that was configured.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// The server.
    pub server: ServerSettings,
    /// Workspaces: that of the file first, then applied ones.
    pub workspaces: Vec<WorkspaceConfiguration>,
}

/// What a configuration is read with.
pub struct Given<'a> {
    /// Environment variables.
    pub variables: &'a [(String, String)],
    /// Doors that this version has.
    pub available: &'a [ChannelKind],
}

impl Given<'_> {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }
}

/// Reads the configuration file and the workspaces applied to its data folder.
pub fn load(path: &Path, given: &Given<'_>) -> Result<Configuration, Problems> {
    let text = read_text(path)?;
    let mut configuration = parse(path, &text, given)?;
    let mut problems = Problems::default();
    let mut taken: BTreeSet<String> =
        configuration.workspaces.iter().flat_map(|workspace| workspace.connections.iter().map(|settings| settings.id.0.clone())).collect();
    for file in applied_files(&configuration.server.data_dir) {
        let text = match read_text(&file) {
            Ok(text) => text,
            Err(found) => {
                found.iter().for_each(|problem| problems.add(problem.clone()));
                continue;
            }
        };
        let applied = parse_workspace(&file, &text, given, &configuration.server, &mut taken, &mut problems);
        if configuration.workspaces.iter().any(|known| known.settings.id == applied.settings.id) {
            problems.add(Problem::new(
                start_of(&file),
                format!("the workspace {:?} is configured twice", applied.settings.id.as_str()),
                "remove one of the two",
            ));
        }
        configuration.workspaces.push(applied);
    }
    if problems.is_empty() { Ok(configuration) } else { Err(problems) }
}

/// Folder of the applied workspaces.
pub fn applied_folder(data_dir: &Path) -> PathBuf {
    data_dir.join("workspaces")
}

fn applied_files(data_dir: &Path) -> Vec<PathBuf> {
    let Ok(found) = std::fs::read_dir(applied_folder(data_dir)) else { return Vec::new() };
    let mut files: Vec<PathBuf> = found
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    files
}

fn start_of(path: &Path) -> Origin {
    Origin::File { file: path.display().to_string().into(), line: 1, column: 1 }
}

/// A file's text; what cannot be read is a problem.
pub fn read_text(path: &Path) -> Result<String, Problems> {
    let mut problems = Problems::default();
    match std::fs::read(path) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => return Ok(text),
            Err(error) => {
                let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                let line = String::from_utf8_lossy(good).matches('\n').count() + 1;
                let origin = Origin::File { file: path.display().to_string().into(), line, column: 1 };
                problems.add(Problem::new(origin, "the file is not UTF-8", "save it as UTF-8"));
            }
        },
        Err(error) => {
            problems.add(Problem::new(start_of(path), format!("the file cannot be read: {error}"), "name an existing file with --config"))
        }
    }
    Err(problems)
}

/// Parses the text of a `rapport.toml`.
pub fn parse(path: &Path, text: &str, given: &Given<'_>) -> Result<Configuration, Problems> {
    let mut problems = Problems::default();
    let mut entries = document::parse(path, text, &mut problems);
    environment::overlay(&mut entries, given.variables);
    let reader = Reader::open("", &start_of(path), &entries, &[ROOT], &mut problems);
    let variable = |name: &str| given.variable(name);
    let around = Surroundings { folder: folder_of(path), variable: &variable };
    let server = server::read(&reader, &around, &mut problems);
    let mut taken = BTreeSet::new();
    let workspace = workspace::read(&reader, &around, given.available, &server.public_url, &mut taken, &mut problems);
    if problems.is_empty() { Ok(Configuration { server, workspaces: vec![workspace] }) } else { Err(problems) }
}

/// Parses the text of a workspace file for `rapport apply`.
pub fn parse_workspace(
    path: &Path,
    text: &str,
    given: &Given<'_>,
    server: &ServerSettings,
    taken: &mut BTreeSet<String>,
    problems: &mut Problems,
) -> WorkspaceConfiguration {
    let entries: Vec<Entry> = document::parse(path, text, problems);
    let reader = Reader::open("", &start_of(path), &entries, &[APPLIED], problems);
    let variable = |name: &str| given.variable(name);
    let around = Surroundings { folder: folder_of(path), variable: &variable };
    workspace::read(&reader, &around, given.available, &server.public_url, taken, problems)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests;
