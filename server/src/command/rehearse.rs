//! `rapport rehearse`: journeys against the real server over HTTP, on a throw-away data folder.

mod disk;
mod faults;
mod points;
mod power;
mod simulate;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use domain::ports::Random;
use domain::{ChannelKind, Secret};
use rehearsal::Target;
use rehearsal::report::{Outcome, Report};
use rehearsal::simulator::model::{KEY, Mode, ScriptedModel};

use super::{BadResult, doctor, runtime, say};
use crate::config::{Configuration, ModelKind, ModelSettings};
use crate::demo::{self, Secrets};
use crate::playground::Playground;
use crate::serving::{bind, serve};
use crate::simulated;
use crate::time::SystemRandomness;
use crate::wiring::{assemble, examine_storage, open_storage};

#[derive(Debug, clap::Args)]
pub struct Options {
    /// Journey files, or folders of them.
    #[arg(required_unless_present_any = ["pairs", "faults", "simulate"])]
    paths: Vec<PathBuf>,
    /// Plays the continuity journey over every ordered pair of doors, with its two twins.
    #[arg(long)]
    pairs: bool,
    /// Only pairs with this door.
    #[arg(long, value_name = "DOOR", requires = "pairs", value_parser = clap::builder::PossibleValuesParser::new(rehearsal::pairs::DOORS))]
    door: Option<String>,
    /// Plays with a scripted language model before the built-in engine: `scripted`, or `scripted:MODE` for one that
    /// misbehaves (slow, 429, 500, hang, cut, garbage, html, wrong-schema, prose, invented, asks-known, canary, injected,
    /// huge, empty).
    #[arg(long, value_name = "MODEL", value_parser = scripted)]
    model: Option<Mode>,
    /// Wire format of that model.
    #[arg(long, default_value = "openai", value_parser = ["openai", "anthropic"], requires = "model")]
    model_kind: String,
    /// Kills the server again and again under load while its vendors misbehave, then compares the books: nothing that
    /// was acknowledged may be lost, said twice or said in another order.
    #[arg(long, conflicts_with_all = ["paths", "pairs", "model"])]
    faults: bool,
    /// Lets the server die at named places instead: before and after each transaction on the way of messages and of a
    /// start. Needs a build with debug assertions (profile `ci`).
    #[arg(long, requires = "faults")]
    points: bool,
    /// Looks at what power cuts leave of the disk instead: a server is traced (`strace`) while messages come in, and disks
    /// are built from what it had written and synced.
    #[arg(long, requires = "faults", conflicts_with = "points")]
    power: bool,
    /// Lets the disk be full or fail instead (`strace`): a full one must be survived, a failing one must stop the server.
    #[arg(long, requires = "faults", conflicts_with_all = ["points", "power"])]
    disk: bool,
    /// Full and failing disks.
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u64).range(1..), requires = "disk")]
    rounds: u64,
    /// Disks to build.
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..), requires = "power")]
    images: u64,
    /// The places whose name begins so instead, wherever they are.
    #[arg(long, value_name = "NAME", requires = "points")]
    place: Option<String>,
    /// How often at each place.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..), requires = "points")]
    passes: u64,
    /// Kills of a fault campaign.
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..), requires = "faults")]
    cycles: u64,
    /// Plays worlds that a seed decides, in this process: who writes, what vendors do, when clocks jump and where the server
    /// dies. Needs a build with debug assertions (profile `ci`).
    #[arg(long, conflicts_with_all = ["paths", "pairs", "model", "faults"])]
    simulate: bool,
    /// Worlds of a simulation: 200, or 1 where a seed is given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), requires = "simulate")]
    seeds: Option<u64>,
    /// After the worlds so many people write at once, over threads, while the vendors cannot be reached for an hour.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), requires = "simulate")]
    crowd: Option<u64>,
    /// Seed of a fault campaign or of the first world; drawn and printed when it is not given.
    #[arg(long, value_name = "S", conflicts_with_all = ["paths", "pairs"])]
    seed: Option<u64>,
    /// Messages a second of a fault campaign.
    #[arg(long, value_name = "R", default_value_t = 20.0, requires = "faults")]
    rate: f64,
    /// People who write in a fault campaign.
    #[arg(long, value_name = "N", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..), requires = "faults")]
    writers: u64,
    /// Another build of the server for a fault campaign (default: this program).
    #[arg(long, value_name = "PATH", requires = "faults")]
    server_bin: Option<PathBuf>,
    /// Writes the report there as JSON.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Prints the report as JSON.
    #[arg(long)]
    json: bool,
}

impl Options {
    /// Does it play worlds in this process?
    pub fn simulates(&self) -> bool {
        self.simulate
    }
}

fn scripted(text: &str) -> Result<Mode, String> {
    match text.strip_prefix("scripted") {
        Some("") => Ok(Mode::Good),
        Some(mode) if mode.starts_with(':') => mode[1..].parse(),
        Some(_) | None => Err("write scripted or scripted:MODE".to_owned()),
    }
}

/// A scripted model is asked for every answer; it has little time, so that one that hangs is seen to hang.
fn configure(configuration: &mut Configuration, kind: &str, model: &ScriptedModel) {
    let workspace = &mut configuration.workspaces[0];
    workspace.models.push(ModelSettings {
        id: "scripted".to_owned(),
        kind: if kind == "anthropic" { ModelKind::Anthropic } else { ModelKind::OpenAi },
        base_url: model.base().to_owned(),
        model: "scripted".to_owned(),
        api_key: Some(Secret::new(KEY.to_owned())),
        price: crate::config::ModelPrice::default(),
        timeout: Duration::from_secs(1),
    });
    workspace.agents.answerer.push("scripted".to_owned());
    workspace.agents.qualifier.push("scripted".to_owned());
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    if options.faults {
        return faults::run(options);
    }
    if options.simulate {
        return simulate::run(options);
    }
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
    let model = match options.model {
        Some(mode) => Some(ScriptedModel::start(mode).await.context("cannot start the scripted model")?),
        None => None,
    };
    if let Some(model) = &model {
        configure(&mut configuration, &options.model_kind, model);
    }
    let workspace = configuration.workspaces[0].settings.id.clone();
    let settings = configuration.server.clone();
    let storage = open_storage(&settings).await?;
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
        report.outcomes.extend(rehearsal::pairs::all(&target, &simulators, options.door.as_deref(), &progress).await);
    }
    report.refused = simulators.refused().into_iter().map(|refused| format!("{}: {}", refused.channel, refused.why)).collect();
    if let Some(model) = &model {
        report.refused.extend(model.refused().into_iter().map(|why| format!("model: {why}")));
    }
    app.stopping.send_replace(true);
    server.await.context("the server under rehearsal broke off")??;
    let findings = examine_storage(&settings).await?.unwrap_or_default();
    report.broken = findings.iter().filter_map(|finding| doctor::invariant(finding).err()).collect();
    Ok(report)
}

/// A bar on a terminal, nothing elsewhere.
fn progress(options: &Options, journeys: usize) -> impl Fn(&Outcome) + use<> {
    let pairs = if options.pairs { rehearsal::pairs::count(options.door.as_deref()) } else { 0 };
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
