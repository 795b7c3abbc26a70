//! `rapport serve`.

use crate::api::session::setup;
use crate::playground::Playground;
use crate::serving::{bind, serve, watch_signals};
use crate::wiring::{assemble, occupy, open_storage};

use super::{ConfigFile, load, runtime, say};

#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    file: ConfigFile,
    /// Serves the playground too, over the first workspace; loopback only.
    #[arg(long)]
    playground: bool,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let configuration = options.file.load()?;
    if options.playground && !configuration.server.listen.ip().is_loopback() {
        anyhow::bail!("--playground is for loopback: set listen to 127.0.0.1");
    }
    runtime()?.block_on(async {
        let listener = bind(configuration.server.listen).await?;
        let _occupied = occupy(&configuration.server)?;
        let storage = open_storage(&configuration.server).await?;
        let workspace = configuration.workspaces.first().map(|workspace| workspace.settings.id.clone());
        let playground = workspace.filter(|_| options.playground).map(|workspace| Playground::new(workspace, None, false));
        let app = assemble(configuration, storage, playground).await?;
        let workspaces = app.wired.load().workspaces.clone();
        for workspace in &workspaces {
            if let Some(link) = setup::link(&app, workspace).await? {
                say(&format!("First owner of {workspace}: open {link}  (works once, for 72 hours)"))?;
            }
        }
        let scheme = if app.settings.tls.is_some() { "https" } else { "http" };
        say(&format!("Rapport serves {} on {scheme}://{}", app.settings.public_url, listener.local_addr()?))?;
        let path = options.file.config.clone();
        let signals = tokio::spawn(watch_signals(std::sync::Arc::clone(&app), move || load(&path)));
        let outcome = serve(app, listener).await;
        signals.abort();
        outcome
    })
}
