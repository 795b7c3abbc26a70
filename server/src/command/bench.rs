//! `rapport bench`: load and latency of the server in a process of its own, beside the limits of the machine.

mod compare;
mod grow;
mod impostor;
mod limits;
mod outcome;
mod recall;
mod sockets;
mod sound;
mod stage;
mod trials;
mod voice;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::{Subcommand, ValueEnum};
use rehearsal::bench::Figures;
use rehearsal::bench::process::own_usage;
use rehearsal::simulator::model::Takes;
use serde::Serialize;
use serde_json::json;

use self::outcome::{Measured, Outcome, limit_rows, wrongs};
use self::stage::{Scratch, Stage};
use super::{BadResult, runtime, say};

/// Without load before idle memory is read.
const QUIET: Duration = Duration::from_secs(3);
/// Messages a second before anything is counted.
const WARM_RATE: f64 = 30.0;
/// Messages under way at the same time when the most is sought.
const UNDER_WAY: usize = 64;
/// Conversations that wait for a model at the same time.
const WAITING: usize = 800;
/// Starts measured.
const STARTS: usize = 5;

#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Measures the server: cold start, idle memory, acknowledgement and overhead under load.
    Run(Run),
    /// Measures how long it takes to find what matters in one customer's long history.
    Recall(recall::Options),
    /// Says whether an impostor is told, or can tell from the time it takes, that somebody is a customer.
    Impostor(impostor::Options),
    /// Says whether a result (`run --out`) meets the goals: the product's, or those of a file.
    Check {
        /// What `rapport bench run --out` wrote.
        result: PathBuf,
        /// TOML: a figure's name = { most = … } or { least = … }.
        goals: Option<PathBuf>,
    },
    /// Puts two results beside each other; exit code 1 when something is worse by a tenth (processor time: a twentieth).
    Compare {
        /// The older result.
        old: PathBuf,
        /// The newer result.
        new: PathBuf,
    },
    /// Shows what a message, a page and a start cost the longer the history is.
    Grow(grow::Options),
    /// Opens ten thousand website chats: what each takes, and what the others notice of it.
    Sockets(sockets::Options),
    /// Measures our own share of phone calls: how soon they are picked up, how soon words come back.
    Voice(voice::Options),
    /// Measures the limits of this machine only.
    Limits {
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Scenario {
    /// Signed webhooks, the AI switched off: durable intake.
    Intake,
    /// The full path to the provider, with the built-in engine.
    Answer,
    /// The same with a model that answers at once: what asking one costs.
    #[value(name = "answer-llm0")]
    #[serde(rename = "answer-llm0")]
    AnswerLlm0,
    /// Eight hundred conversations at once that wait two seconds for a model; its time is taken off.
    AnswerLlm,
    /// Every fifth webhook comes twice, some of them after a restart.
    Duplicates,
    /// The provider of one number is away for a while: what the other notices, how soon what waited is gone.
    ProviderDown,
    /// The model answers with errors for a while.
    ModelDown,
    /// Five power cuts under load, after which vendors send again what was not acknowledged.
    Crash,
    /// Twelve thousand tickets of eight messages: what a whole day takes of a core.
    Day,
}

impl Scenario {
    fn name(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::Answer => "answer",
            Self::AnswerLlm0 => "answer-llm0",
            Self::AnswerLlm => "answer-llm",
            Self::Duplicates => "duplicates",
            Self::ProviderDown => "provider-down",
            Self::ModelDown => "model-down",
            Self::Crash => "crash",
            Self::Day => "day",
        }
    }

    /// Is it a load whose figures come from repeated runs? The others are played once, each in its own way.
    fn is_steady(self) -> bool {
        matches!(self, Self::Intake | Self::Answer | Self::AnswerLlm0 | Self::AnswerLlm)
    }

    /// How long its model takes, where it has one.
    fn takes(self) -> Option<Takes> {
        match self {
            Self::Intake | Self::Answer | Self::Duplicates | Self::ProviderDown | Self::Crash | Self::Day => None,
            Self::AnswerLlm0 | Self::ModelDown => Some(Takes::default()),
            Self::AnswerLlm => Some(Takes { first: Duration::from_millis(800), rest: Duration::from_millis(1_200) }),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kept {
    Sqlite,
    Postgres,
}

/// What is measured, where, and how the result is told.
#[derive(Debug, Clone, Default, clap::Args)]
struct Ground {
    /// Another build of the server (default: this program).
    #[arg(long, value_name = "PATH")]
    server_bin: Option<PathBuf>,
    /// Folder for throw-away data (default: the system's).
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

impl Ground {
    /// The server's program.
    fn binary(&self) -> anyhow::Result<PathBuf> {
        self.server_bin.clone().map_or_else(|| std::env::current_exe().context("cannot find this program"), Ok)
    }
}

#[derive(Debug, clap::Args)]
struct Run {
    /// What to measure; `intake` and `answer` when none is named.
    scenarios: Vec<Scenario>,
    /// Messages per second, on a fixed schedule; half of what the server can take when none is named.
    #[arg(long)]
    rate: Option<f64>,
    /// As fast as this many connections are answered, instead of a rate.
    #[arg(long)]
    closed_conns: Option<usize>,
    /// Length of a run in seconds.
    #[arg(long, default_value_t = 20.0)]
    secs: f64,
    /// Seconds of the same load before, not counted.
    #[arg(long, default_value_t = 3.0)]
    warm: f64,
    /// Runs per scenario, taken in turns.
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Connections that requests are sent over.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// A crowd of this many in which some write often, instead of somebody new for each message.
    #[arg(long)]
    users: Option<usize>,
    /// Share of webhooks that come twice, in percent.
    #[arg(long, default_value_t = 0.0)]
    dup: f64,
    /// Seed of the crowd and the repetitions.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the server keeps its data.
    #[arg(long, value_enum, default_value = "sqlite")]
    store: Kept,
    /// PostgreSQL on which databases may be made for the measurement.
    #[arg(long, value_name = "URL", env = "RAPPORT_SERVER__DATABASE_URL", hide_env_values = true)]
    postgres_url: Option<String>,
    #[command(flatten)]
    ground: Ground,
    /// One short run of each.
    #[arg(long)]
    quick: bool,
    /// No figures: only whether anything is lost, doubled or told to somebody else, also over a power cut.
    #[arg(long)]
    correctness: bool,
    /// Writes the result as JSON as well.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Run {
    /// What is measured when nothing is said.
    fn plain(store: Kept) -> Self {
        Self {
            scenarios: Vec::new(),
            rate: None,
            closed_conns: None,
            secs: 20.0,
            warm: 3.0,
            runs: 3,
            connections: 32,
            users: None,
            dup: 0.0,
            seed: 1,
            store,
            postgres_url: None,
            ground: Ground::default(),
            quick: false,
            correctness: false,
            out: None,
        }
    }
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    match &options.act {
        Act::Limits { json } => {
            let folder = Scratch::make(None)?;
            let found = runtime()?.block_on(limits::all(&folder.0))?;
            if *json { say(&serde_json::to_string_pretty(&found)?) } else { say(&limit_rows(&found)) }
        }
        Act::Recall(options) => recall::run(options),
        Act::Impostor(options) => impostor::run(options),
        Act::Check { result, goals } => compare::check(result, goals.as_deref()),
        Act::Compare { old, new } => compare::compare(old, new),
        Act::Grow(options) => grow::run(options),
        Act::Sockets(options) => sockets::run(options),
        Act::Voice(options) => voice::run(options),
        Act::Run(run) => {
            let scenarios = if run.scenarios.is_empty() { vec![Scenario::Intake, Scenario::Answer] } else { run.scenarios.clone() };
            if run.correctness {
                return runtime()?.block_on(correctness(run));
            }
            let result = runtime()?.block_on(measure(run, &scenarios))?;
            if let Some(path) = &run.out {
                std::fs::write(path, serde_json::to_string_pretty(&result.json())?)
                    .with_context(|| format!("cannot write {}", path.display()))?;
            }
            if run.ground.json {
                say(&serde_json::to_string_pretty(&result.json())?)?
            } else {
                say(&result.table())?
            }
            if result.is_correct() { Ok(()) } else { Err(BadResult.into()) }
        }
    }
}

async fn measure(run: &Run, scenarios: &[Scenario]) -> anyhow::Result<Outcome> {
    let (secs, runs, warm) = if run.quick { (run.secs.min(6.0), 1, run.warm.min(2.0)) } else { (run.secs, run.runs.max(1), run.warm) };
    let scratch = Scratch::make(run.ground.dir.as_deref())?;
    let limits = limits::all(&scratch.0).await?;
    let mut cold_start_ms = Vec::new();
    for start in 0..if run.quick { 3 } else { STARTS } {
        let mut stage = Stage::set(run, Scenario::Answer, &scratch.0.join(format!("start-{start}"))).await?;
        cold_start_ms.push(stage.raise().await?.as_secs_f64() * 1e3);
    }
    let mut stage = Stage::set(run, Scenario::Answer, &scratch.0.join("idle")).await?;
    stage.raise_quietly().await?;
    tokio::time::sleep(QUIET).await;
    let idle_rss = stage.server()?.usage().rss;
    drop(stage);

    let (steady, played): (Vec<Scenario>, Vec<Scenario>) = scenarios.iter().copied().partition(|scenario| scenario.is_steady());
    let mut measured: Vec<Measured> = Vec::new();
    let mut stages = Vec::new();
    for scenario in &steady {
        let mut stage = Stage::set(run, *scenario, &scratch.0.join(scenario.name())).await?;
        stage.raise().await?;
        if warm > 0.0 {
            stage.load(run, run.rate.unwrap_or(WARM_RATE), warm, None).await?;
        }
        let capacity = match (run.rate, run.closed_conns) {
            (None, None) if *scenario != Scenario::AnswerLlm => Some(capacity(&mut stage, run, secs).await?),
            _ => None,
        };
        stages.push(stage);
        let rate = run.rate.or(capacity.map(|most| most / 2.0)).unwrap_or_default();
        measured.push(Measured {
            scenario: *scenario,
            capacity,
            rate,
            runs: Vec::new(),
            whole: Figures::default(),
            cpu_us: Vec::new(),
            load_cpu_us: Vec::new(),
            per_second: Vec::new(),
            written: Vec::new(),
            peak: 0,
        });
    }
    // In turns, so that what else the machine does falls on all of them alike.
    for _ in 0..runs {
        for (stage, measured) in stages.iter_mut().zip(&mut measured) {
            let (before, own_before, start) = (stage.server()?.usage(), own_usage(), Instant::now());
            let waiting = (measured.scenario == Scenario::AnswerLlm && run.rate.is_none()).then_some(WAITING);
            let figures = stage.load(run, measured.rate, secs, run.closed_conns.or(waiting)).await?;
            let (after, own_after) = (stage.server()?.usage(), own_usage());
            let messages = figures.messages.max(1) as f64;
            measured.cpu_us.push((after.cpu.saturating_sub(before.cpu)).as_secs_f64() * 1e6 / messages);
            measured.load_cpu_us.push((own_after.cpu.saturating_sub(own_before.cpu)).as_secs_f64() * 1e6 / messages);
            measured.written.push(after.written.saturating_sub(before.written) as f64 / messages);
            measured.per_second.push(messages / start.elapsed().as_secs_f64());
            measured.peak = measured.peak.max(after.peak);
            measured.whole.merge(&figures);
            measured.runs.push(figures);
        }
    }
    let mut recover_ms = None;
    for (stage, measured) in stages.iter_mut().zip(&measured) {
        if measured.scenario == Scenario::Answer {
            recover_ms = Some(stage.recover(run, measured.rate.max(WARM_RATE)).await?.as_secs_f64() * 1e3);
        }
    }
    drop(stages);
    let mut trials = Vec::new();
    for scenario in played {
        trials.push(trials::play(run, scenario, secs, &scratch.0.join(scenario.name())).await?);
    }
    Ok(Outcome { limits, cold_start_ms, recover_ms, idle_rss, scenarios: measured, trials })
}

/// Messages a second when so many are always under way.
async fn capacity(stage: &mut Stage, run: &Run, secs: f64) -> anyhow::Result<f64> {
    let start = Instant::now();
    let figures = stage.load(run, 0.0, secs.min(8.0), Some(UNDER_WAY)).await?;
    Ok(figures.acked as f64 / start.elapsed().as_secs_f64())
}

/// Repeated webhooks, a power cut in the middle of nothing, and the books afterwards.
async fn correctness(run: &Run) -> anyhow::Result<()> {
    let scratch = Scratch::make(run.ground.dir.as_deref())?;
    let mut stage = Stage::set(run, Scenario::Answer, &scratch.0.join("correctness")).await?;
    stage.dup = run.dup.max(20.0);
    stage.raise().await?;
    let figures = stage.load(run, run.rate.unwrap_or(50.0), run.secs.min(5.0), None).await?;
    let before = stage.ledger().await?;
    stage.stop();
    stage.raise_quietly().await?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let after = stage.ledger().await?;
    let again = stage.provider.take().len();
    let accepted = figures.messages + 1;
    let balance = before["accepted"] == json!(accepted) && before["counts"]["open"] == 0 && before["queued"] == 0;
    let kept = before["accepted"] == after["accepted"] && before["counts"] == after["counts"] && after["queued"] == 0;
    let refused = stage.provider.refused();
    say(&format!(
        "{} messages in {} webhooks: {}; books {}; after a power cut {}; {again} replies sent again, {refused} calls that a vendor would refuse",
        figures.messages,
        figures.sent,
        wrongs(&figures),
        if balance { "balance" } else { "DO NOT BALANCE" },
        if kept { "the same" } else { "NOT THE SAME" },
    ))?;
    if figures.is_correct() && balance && kept && again == 0 && refused == 0 { Ok(()) } else { Err(BadResult.into()) }
}
