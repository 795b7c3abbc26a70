//! The businesses of a folder: their settings and sources.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use domain::ports::Knowledge;
use domain::settings::WorkspaceSettings;
use domain::{ChannelKind, Timestamp};

use crate::config::{self, Given};
use crate::library::Sources;

/// Keys of `workspace.toml` that are settings of the product too.
const KEYS: [&str; 9] =
    ["name", "timezone", "locale", "languages", "currency", "primary_identifier", "competitors", "refund_limit", "teammates"];

/// What the built-in engine speaks.
const LANGUAGES: [&str; 4] = ["en", "fr", "de", "es"];

/// One business.
pub struct Business {
    /// Its settings.
    pub settings: WorkspaceSettings,
    /// What it publishes.
    pub sources: Arc<Sources>,
    /// Product names of the sources.
    pub catalogue: Vec<String>,
    folder: PathBuf,
}

impl Business {
    /// Reads the sources as they are in force at a moment.
    pub fn read_sources(&mut self, now: Timestamp) {
        let folder = self.folder.join("knowledge");
        if folder.is_dir() {
            self.sources.sync(&self.settings.id, "site", &folder, now);
            self.catalogue = self.sources.names(&self.settings.id);
        }
    }

    /// Names that no customer introduces themselves with.
    pub fn own_names(&self) -> Vec<String> {
        let mut names = self.settings.teammates.clone();
        names.push(self.settings.name.clone());
        names
    }
}

/// All of a folder, read when first asked for.
pub struct Businesses {
    folder: PathBuf,
    read: HashMap<String, Business>,
}

impl Businesses {
    /// Nothing is read yet.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), read: HashMap::new() }
    }

    /// A business by its folder's name; any at all where the label names none.
    pub fn of(&mut self, name: Option<&str>) -> anyhow::Result<&mut Business> {
        let key = name.unwrap_or_default().to_owned();
        if !self.read.contains_key(&key) {
            let folder = self.folder.join(&key);
            let text = match name {
                Some(_) => {
                    let path = folder.join("workspace.toml");
                    std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?
                }
                None => "[workspace]\nname = \"Anybody\"\ntimezone = \"Europe/Paris\"\nlocale = \"en\"\ncurrency = \"EUR\"\n".to_owned(),
            };
            let settings = settings(&folder, &key, &text)?;
            let mut business = Business { settings, sources: Arc::new(Sources::default()), catalogue: Vec::new(), folder };
            if name.is_some() {
                business.read_sources(crate::time::real_now());
            }
            self.read.insert(key.clone(), business);
        }
        self.read.get_mut(&key).context("the business was just read")
    }
}

/// The settings that an owner's configuration with these values gives.
fn settings(folder: &Path, id: &str, text: &str) -> anyhow::Result<WorkspaceSettings> {
    let table: toml::Table = text.parse().with_context(|| format!("cannot read the workspace of {}", folder.display()))?;
    let own = table.get("workspace").and_then(toml::Value::as_table).context("workspace.toml has no [workspace]")?;
    let id: String = id.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect();
    let mut written = format!("[workspace]\nid = {:?}\n", if id.is_empty() { "anybody" } else { &id });
    for (key, value) in own.iter().filter(|(key, _)| KEYS.contains(&key.as_str())) {
        written += &format!("{key} = {value}\n");
    }
    let given = Given { variables: &[], available: &[] };
    let configuration = config::parse(&folder.join("workspace.toml"), &written, &given)?;
    let mut settings = configuration.workspaces.into_iter().next().context("the configuration has no workspace")?.settings;
    if !own.contains_key("languages") {
        // Labels come in all languages that the built-in engine speaks.
        settings.languages = LANGUAGES.map(str::to_owned).to_vec();
    }
    for channel in ChannelKind::ALL {
        settings.join_window.insert(channel, std::time::Duration::ZERO);
    }
    Ok(settings)
}
