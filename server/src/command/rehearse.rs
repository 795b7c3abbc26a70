//! `rapport rehearse`: journeys against the real server over HTTP, on a throw-away data folder.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use domain::ports::Random;
use domain::{ChannelKind, Secret};
use rehearsal::Target;
use rehearsal::report::{Outcome, Report};

use super::{BadResult, runtime, say};
use crate::demo::{self, Secrets};
use crate::playground::Playground;
use crate::serving::{bind, serve};
use crate::simulated;
use crate::time::SystemRandomness;
use crate::wiring::{assemble, open_storage};

#[derive(Debug, clap::Args)]
pub struct Options {
    /// Journey files, or folders of them.
    #[arg(required_unless_present = "pairs")]
    paths: Vec<PathBuf>,
    /// Plays the continuity journey over every ordered pair of doors, with its two twins.
    #[arg(long)]
    pairs: bool,
    /// Writes the report there as JSON.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Prints the report as JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let mut journeys = Vec::new();
    for path in &options.paths {
        match rehearsal::journey::load(path) {
            Ok(found) => journeys.extend(found),
            // A file that cannot be played is wrong use, no journey that failed.
            Err(error) => {
                let why = std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
                clap::Error::raw(clap::error::ErrorKind::ValueValidation, format!("{error}{why}\n")).exit()
            }
        }
    }
    let folder = Scratch::make()?;
    let report = runtime()?.block_on(rehearse(options, &journeys, &folder.0))?;
    let json = serde_json::to_string_pretty(&report)?;
    if let Some(path) = &options.report {
        std::fs::write(path, &json).with_context(|| format!("cannot write {}", path.display()))?;
    }
    say(&if options.json { json } else { report.text() })?;
    if report.passed() { Ok(()) } else { Err(BadResult.into()) }
}

async fn rehearse(options: &Options, journeys: &[rehearsal::journey::Journey], folder: &std::path::Path) -> anyhow::Result<Report> {
    let listener = bind(([127, 0, 0, 1], 0).into()).await?;
    let listen = listener.local_addr()?;
    let secrets = Secrets::make(&SystemRandomness::default());
    let (simulators, vendors) = simulated::start(&secrets).await?;
    let mut configuration = demo::configuration(folder, listen, &vendors, &secrets, false)?;
    if let Ok(url) = std::env::var("RAPPORT_SERVER__DATABASE_URL") {
        configuration.server.database_url = Some(Secret::new(url));
    }
    for channel in ChannelKind::ALL {
        configuration.workspaces[0].settings.join_window.insert(channel, Duration::ZERO);
    }
    let workspace = configuration.workspaces[0].settings.id.clone();
    let storage = open_storage(&configuration.server).await?;
    demo::write_knowledge(folder)?;
    let playground = Playground::new(workspace, None, false);
    let app = assemble(configuration, storage, Some(playground)).await?;
    demo::first_login(&app, folder).await?;
    let server = tokio::spawn(serve(Arc::clone(&app), listener));
    let address = format!("http://{listen}");
    let target = Target::new(&address, &address, &secrets.admin_token, simulated::shared(&secrets))?;
    target.ready().await?;

    let mut report = Report::default();
    let progress = progress(options, journeys.len());
    for journey in journeys {
        let outcome = rehearsal::runner::play(journey, &target, &simulators).await;
        progress(&outcome);
        report.outcomes.push(outcome);
    }
    if options.pairs {
        report.outcomes.extend(rehearsal::pairs::all(&target, &simulators, &progress).await);
    }
    report.refused = simulators.refused().into_iter().map(|refused| format!("{}: {}", refused.channel, refused.why)).collect();
    app.stopping.send_replace(true);
    server.await.context("the server under rehearsal broke off")??;
    Ok(report)
}

/// A bar on a terminal, nothing elsewhere.
fn progress(options: &Options, journeys: usize) -> impl Fn(&Outcome) + use<> {
    let doors = rehearsal::pairs::DOORS.len();
    let pairs = if options.pairs { doors * (doors - 1) * 3 } else { 0 };
    let bar = indicatif::ProgressBar::new(u64::try_from(journeys + pairs).unwrap_or(0));
    move |outcome: &Outcome| {
        bar.set_message(outcome.id.clone());
        bar.inc(1);
    }
}

/// A folder that goes when it is dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn make() -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("rapport-rehearsal-{:032x}", SystemRandomness::default().bits()));
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left lies in the system's folder for such things.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
