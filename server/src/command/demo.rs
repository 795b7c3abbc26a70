//! `rapport demo`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use crate::demo::{self, Secrets};
use crate::playground::Playground;
use crate::serving::{bind, serve, watch_signals};
use crate::simulated::{self, SimulatedPhones};
use crate::time::SystemRandomness;
use crate::wiring::{assemble, occupy, open_storage};

use super::{runtime, say};

#[derive(Debug, clap::Args)]
pub struct Options {
    /// Address and port to serve on.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Folder of the demo's data.
    #[arg(long, value_name = "FOLDER", default_value = "data/demo")]
    data_dir: PathBuf,
    /// Lets the demo listen to other machines, playground included.
    #[arg(long)]
    i_know_this_is_public: bool,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    if !options.listen.ip().is_loopback() && !options.i_know_this_is_public {
        anyhow::bail!(
            "the demo needs no sign-in for its playground and listens to this machine only; add --i-know-this-is-public to change that"
        );
    }
    let is_public = !options.listen.ip().is_loopback();
    runtime()?.block_on(async {
        let listener = bind(options.listen).await?;
        let listen = listener.local_addr()?;
        let secrets = Secrets::make(&SystemRandomness::default());
        let (simulators, vendors) = simulated::start(&secrets).await?;
        let configuration = demo::configuration(&options.data_dir, listen, &vendors, &secrets, is_public)?;
        let workspace = configuration.workspaces[0].settings.id.clone();
        let _occupied = occupy(&configuration.server)?;
        let storage = open_storage(&configuration.server).await?;
        demo::write_knowledge(&options.data_dir)?;
        let phones = SimulatedPhones::new(simulators, &format!("http://{listen}"), &secrets)?;
        let playground = Playground::new(workspace, Some(phones), is_public);
        let app = assemble(configuration, storage, Some(Arc::clone(&playground))).await?;
        let (email, password) = demo::first_login(&app, &options.data_dir).await?;
        let address = format!("http://{listen}");
        say(&format!("\n  Rapport demo\n\n  Playground  {address}/playground\n  Console     {address}\n  API         {address}/api/docs"))?;
        match password {
            Some(password) => say(&format!("  Sign in     {email}  {password}\n"))?,
            None => say(&format!("  Sign in     {email}  (password as set)\n"))?,
        }
        let board = tokio::spawn(Arc::clone(&playground).run(Arc::clone(&app)));
        let signals = tokio::spawn(watch_signals(Arc::clone(&app), || anyhow::bail!("the demo has no configuration file")));
        let outcome = serve(app, listener).await;
        board.abort();
        signals.abort();
        outcome
    })
}
