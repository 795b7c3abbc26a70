//! `rapport config schema|check`.

use clap::Subcommand;

use crate::config::schema::schema;

use super::{ConfigFile, say};

#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Prints the JSON schema of the configuration file.
    Schema,
    /// Reads the configuration and says what is wrong with it; exit code 2 when something is.
    Check(ConfigFile),
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    match &options.act {
        Act::Schema => say(&serde_json::to_string_pretty(&schema())?),
        Act::Check(file) => {
            let configuration = file.load()?;
            let doors: usize = configuration.workspaces.iter().map(|workspace| workspace.connections.len()).sum();
            say(&format!("{} workspaces, {doors} connections: no problems", configuration.workspaces.len()))
        }
    }
}
