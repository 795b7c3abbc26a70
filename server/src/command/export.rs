//! `rapport export`: everything about a person as one JSON document.

use std::path::PathBuf;

use anyhow::Context;

use crate::api::customers::export::document;
use crate::time::real_now;
use crate::wiring::write_private;

use super::person::{Found, Who};
use super::{runtime, say};

#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    who: Who,
    /// Writes to this file, which only this user can read, instead of the terminal.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    runtime()?.block_on(async {
        let Found { app, workspace, customer } = options.who.find().await?;
        let dossier = app.store().dossier(&workspace, customer).await?.context("nobody has this id")?;
        let text = format!("{:#}\n", document(workspace.as_str(), &dossier, real_now()));
        match &options.out {
            Some(path) => {
                write_private(path, &text)?;
                say(&format!("{}: {} messages, {} facts", path.display(), dossier.messages.len(), dossier.customer.facts.len()))
            }
            None => say(text.trim_end()),
        }
    })
}
