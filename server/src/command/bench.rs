//! `rapport bench`: load and latency of the server in a process of its own, beside the limits of the machine.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use clap::{Subcommand, ValueEnum};
use domain::ports::Random;
use rehearsal::Target;
use rehearsal::bench::process::own_usage;
use rehearsal::bench::sender::{self, Pace};
use rehearsal::bench::webhooks::{Crowd, Prepared, Vendor, person, uniform};
use rehearsal::bench::{Figures, Provider, Server, judge};
use serde::Serialize;
use serde_json::{Value, json};

use super::{BadResult, runtime, say};
use crate::batch::limits::{self, Limit, milliseconds};
use crate::demo;
use crate::time::SystemRandomness;

/// A server that has not answered by then will not.
const START: Duration = Duration::from_secs(20);
/// A reply that has not come by then is lost.
const PATIENCE: Duration = Duration::from_secs(20);
/// Without load before idle memory is read.
const QUIET: Duration = Duration::from_secs(3);
/// Starts measured.
const STARTS: usize = 5;
/// The product's goals for what a first run shows: cold start, idle memory, overhead.
const GOALS: [(&str, f64); 4] = [("cold_start_ms", 150.0), ("idle_rss_mib", 40.0), ("overhead_p50_ms", 10.0), ("overhead_p99_ms", 50.0)];

#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Measures the server: cold start, idle memory, acknowledgement and overhead under load.
    Run(Run),
    /// Measures the limits of this machine only.
    Limits {
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
enum Scenario {
    /// Signed webhooks, the AI switched off: durable intake.
    Intake,
    /// The full path to the provider, with the built-in engine.
    Answer,
}

impl Scenario {
    fn name(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::Answer => "answer",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kept {
    Sqlite,
}

#[derive(Debug, clap::Args)]
struct Run {
    /// What to measure; both when none is named.
    scenarios: Vec<Scenario>,
    /// Messages per second, on a fixed schedule.
    #[arg(long, default_value_t = 50.0)]
    rate: f64,
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
    /// Another build of the server (default: this program).
    #[arg(long, value_name = "PATH")]
    server_bin: Option<PathBuf>,
    /// Folder for throw-away data (default: the system's).
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
    /// One short run of each.
    #[arg(long)]
    quick: bool,
    /// No figures: only whether anything is lost, doubled or told to somebody else, also over a power cut.
    #[arg(long)]
    correctness: bool,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    match &options.act {
        Act::Limits { json } => {
            let folder = Scratch::make(None)?;
            let found = limits::all(&folder.0)?;
            if *json { say(&serde_json::to_string_pretty(&found)?) } else { say(&limit_rows(&found)) }
        }
        Act::Run(run) => {
            let scenarios = if run.scenarios.is_empty() { vec![Scenario::Intake, Scenario::Answer] } else { run.scenarios.clone() };
            if run.correctness {
                return runtime()?.block_on(correctness(run));
            }
            let result = runtime()?.block_on(measure(run, &scenarios))?;
            if run.json {
                say(&serde_json::to_string_pretty(&result.json())?)?
            } else {
                say(&result.table())?
            }
            if result.scenarios.iter().all(|measured| measured.is_correct()) { Ok(()) } else { Err(BadResult.into()) }
        }
    }
}

/// One scenario's runs.
struct Measured {
    scenario: Scenario,
    rate: f64,
    runs: Vec<Figures>,
    whole: Figures,
    cpu_us: Vec<f64>,
    load_cpu_us: Vec<f64>,
    per_second: Vec<f64>,
    written: Vec<f64>,
    peak: u64,
}

impl Measured {
    fn is_correct(&self) -> bool {
        self.whole.is_correct()
    }

    fn json(&self) -> Value {
        let latency = |counts| {
            let [p50, p90, p99, max] = milliseconds(counts);
            json!({"p50_ms": p50, "p90_ms": p90, "p99_ms": p99, "max_ms": max, "count": counts.count()})
        };
        let runs: Vec<Value> = self
            .runs
            .iter()
            .map(|run| {
                json!({"sent": run.sent, "acked": run.acked, "shed": run.shed, "replied": run.replied,
            "correctness": run.correctness(), "ack": latency(&run.ack), "overhead": latency(&run.overhead)})
            })
            .collect();
        json!({"name": self.scenario, "rate": self.rate, "runs": runs, "ack": latency(&self.whole.ack), "overhead": latency(&self.whole.overhead),
            "correctness": self.whole.correctness(), "server_cpu_us_per_message": median(&self.cpu_us), "load_cpu_us_per_message": median(&self.load_cpu_us),
            "messages_per_second": median(&self.per_second), "written_bytes_per_message": median(&self.written), "peak_rss_bytes": self.peak})
    }
}

/// Everything of one invocation.
struct Outcome {
    limits: Vec<Limit>,
    cold_start_ms: Vec<f64>,
    idle_rss: u64,
    scenarios: Vec<Measured>,
}

impl Outcome {
    fn figure(&self, name: &str) -> Option<f64> {
        let answer = self.scenarios.iter().find(|measured| measured.scenario == Scenario::Answer && measured.whole.overhead.count() > 0);
        match name {
            "cold_start_ms" => Some(median(&self.cold_start_ms)),
            "idle_rss_mib" => Some(self.idle_rss as f64 / 1_048_576.0),
            "overhead_p50_ms" => answer.map(|measured| measured.whole.overhead.at_ms(0.5)),
            "overhead_p99_ms" => answer.map(|measured| measured.whole.overhead.at_ms(0.99)),
            _ => None,
        }
    }

    fn json(&self) -> Value {
        let goals: Vec<Value> = GOALS
            .iter()
            .filter_map(|(name, goal)| {
                self.figure(name).map(|found| json!({"name": name, "goal": goal, "found": found, "met": found <= *goal}))
            })
            .collect();
        json!({"schema": 1, "version": env!("CARGO_PKG_VERSION"), "machine": machine(), "limits": self.limits, "goals": goals,
            "cold_start_ms": self.cold_start_ms, "idle_rss_bytes": self.idle_rss, "scenarios": self.scenarios.iter().map(Measured::json).collect::<Vec<_>>()})
    }

    fn table(&self) -> String {
        let mut text = format!("{}\n", machine_line());
        text += &limit_rows(&self.limits);
        text += &format!("\n{:<22}{:>12}{:>12}\n", "", "found", "goal");
        for (name, goal) in GOALS {
            if let Some(found) = self.figure(name) {
                text += &format!("{name:<22}{found:>12.2}{:>12}  {}\n", format!("≤ {goal}"), if found <= goal { "met" } else { "MISSED" });
            }
        }
        text +=
            &format!("\n{:<10}{:<10}{:>9}{:>9}{:>9}{:>9}{:>9}\n", "scenario", "measure", "p50 ms", "p90 ms", "p99 ms", "max ms", "count");
        for measured in &self.scenarios {
            for (name, counts) in [("ack", &measured.whole.ack), ("overhead", &measured.whole.overhead)] {
                if counts.count() > 0 {
                    let [p50, p90, p99, max] = milliseconds(counts);
                    text += &format!(
                        "{:<10}{name:<10}{p50:>9.2}{p90:>9.2}{p99:>9.2}{max:>9.2}{:>9}\n",
                        measured.scenario.name(),
                        counts.count()
                    );
                }
            }
        }
        for measured in &self.scenarios {
            text += &format!(
                "{:<10}{:.0} messages/s; server {:.0} µs of processor per message (load generator {:.0}), {:.1} KiB written each; {:.1} MiB at most; {}\n",
                measured.scenario.name(),
                median(&measured.per_second),
                median(&measured.cpu_us),
                median(&measured.load_cpu_us),
                median(&measured.written) / 1_024.0,
                measured.peak as f64 / 1_048_576.0,
                wrongs(&measured.whole),
            );
        }
        text
    }
}

fn wrongs(figures: &Figures) -> String {
    let found = figures.correctness();
    if figures.is_correct() {
        return "nothing lost, doubled or misaddressed".to_owned();
    }
    format!(
        "FAILED: refused {} lost {} doubled {} misaddressed {} without their token {}",
        found.refused, found.lost, found.duplicate, found.wrong, found.tokenless
    )
}

async fn measure(run: &Run, scenarios: &[Scenario]) -> anyhow::Result<Outcome> {
    let (secs, runs, warm) = if run.quick { (run.secs.min(6.0), 1, run.warm.min(2.0)) } else { (run.secs, run.runs.max(1), run.warm) };
    let scratch = Scratch::make(run.dir.as_deref())?;
    let limits = limits::all(&scratch.0)?;
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

    let mut measured: Vec<Measured> = Vec::new();
    let mut stages = Vec::new();
    for scenario in scenarios {
        let mut stage = Stage::set(run, *scenario, &scratch.0.join(scenario.name())).await?;
        stage.raise().await?;
        if warm > 0.0 {
            stage.load(run, warm, None).await?;
        }
        stages.push(stage);
        let rate = run.rate;
        measured.push(Measured {
            scenario: *scenario,
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
            let figures = stage.load(run, secs, run.closed_conns).await?;
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
    Ok(Outcome { limits, cold_start_ms, idle_rss, scenarios: measured })
}

/// Repeated webhooks, a power cut in the middle of nothing, and the books afterwards.
async fn correctness(run: &Run) -> anyhow::Result<()> {
    let scratch = Scratch::make(run.dir.as_deref())?;
    let mut stage = Stage::set(run, Scenario::Answer, &scratch.0.join("correctness")).await?;
    stage.dup = run.dup.max(20.0);
    stage.raise().await?;
    let figures = stage.load(run, run.secs.min(5.0), None).await?;
    let before = stage.ledger().await?;
    if let Some(server) = stage.server.take() {
        server.kill();
    }
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

/// A server with its provider and its folder.
struct Stage {
    provider: Provider,
    server: Option<Server>,
    binary: PathBuf,
    config: PathBuf,
    folder: PathBuf,
    address: SocketAddr,
    vendor: Vendor,
    secrets: demo::Secrets,
    crowd: Option<Crowd>,
    replies: bool,
    dup: f64,
    state: u64,
    next: u64,
}

impl Stage {
    /// Writes the configuration; nothing runs yet.
    async fn set(run: &Run, scenario: Scenario, folder: &Path) -> anyhow::Result<Self> {
        let Kept::Sqlite = run.store;
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let secrets = demo::Secrets::make(&SystemRandomness::default());
        let provider = Provider::start(&secrets.whatsapp_token).await?;
        // Free now; taken again by the server a moment later.
        let address = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
        let config = folder.join("rapport.toml");
        std::fs::write(&config, configuration(address, &provider.base(), scenario))?;
        demo::write_knowledge(folder)?;
        let binary = match &run.server_bin {
            Some(path) => path.clone(),
            None => std::env::current_exe().context("cannot find this program")?,
        };
        let vendor = Vendor {
            connection: "wa".to_owned(),
            app_secret: secrets.whatsapp_app_secret.clone(),
            number_id: demo::ours::WHATSAPP_NUMBER_ID.to_owned(),
            address,
        };
        Ok(Self {
            provider,
            server: None,
            binary,
            config,
            folder: folder.to_owned(),
            address,
            vendor,
            secrets,
            crowd: run.users.map(|people| Crowd::new(people, 1.1, run.seed)),
            replies: scenario == Scenario::Answer,
            dup: run.dup,
            state: run.seed | 1,
            next: 0,
        })
    }

    fn spawn(&mut self) -> anyhow::Result<()> {
        let variables = [
            ("WA_TOKEN", self.secrets.whatsapp_token.clone()),
            ("WA_APP_SECRET", self.secrets.whatsapp_app_secret.clone()),
            ("WA_VERIFY", self.secrets.whatsapp_verify.clone()),
            ("ADMIN_TOKEN", self.secrets.admin_token.clone()),
        ];
        let server = Server::spawn(&self.binary, &self.config, &variables, &self.folder.join("server.log"))
            .with_context(|| format!("cannot start {}", self.binary.display()))?;
        self.server = Some(server);
        Ok(())
    }

    /// Starts the server and sends webhooks until one is answered 200: how long that took.
    async fn raise(&mut self) -> anyhow::Result<Duration> {
        let number = self.number();
        let first = self.vendor.prepare(number, &person(number), now_secs());
        self.spawn()?;
        let taken = self.until(|| sender::knock(self.address, &first.bytes), |status| status == 200).await?;
        // Its reply belongs to no run.
        let end = Instant::now() + PATIENCE;
        while self.replies && self.provider.count() == 0 && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        self.provider.take();
        Ok(taken)
    }

    /// Starts the server and waits until it says that it is ready.
    async fn raise_quietly(&mut self) -> anyhow::Result<Duration> {
        self.spawn()?;
        let request = format!("GET /readyz HTTP/1.1\r\nhost: {}\r\n\r\n", self.address);
        self.until(|| sender::knock(self.address, request.as_bytes()), |status| status == 200).await
    }

    async fn until<F: Future<Output = Option<u16>>>(&self, ask: impl Fn() -> F, enough: impl Fn(u16) -> bool) -> anyhow::Result<Duration> {
        let spawned = self.server()?.spawned;
        let mut last = None;
        while spawned.elapsed() < START {
            last = ask().await.or(last);
            if last.is_some_and(&enough) {
                return Ok(spawned.elapsed());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let log = std::fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
        bail!("the server did not start (last status {last:?}): {}", log.lines().last().unwrap_or("no log"))
    }

    fn server(&self) -> anyhow::Result<&Server> {
        self.server.as_ref().context("the server is not running")
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn prepared(&mut self, count: usize) -> Vec<Prepared> {
        let now = now_secs();
        (0..count)
            .map(|_| {
                let number = self.number();
                let who = self.crowd.as_mut().map_or(number, Crowd::next_rank);
                self.vendor.prepare(number, &person(who), now)
            })
            .collect()
    }

    /// Sends a run's messages and waits for the replies.
    async fn load(&mut self, run: &Run, secs: f64, closed: Option<usize>) -> anyhow::Result<Figures> {
        let length = Duration::from_secs_f64(secs);
        let count = if closed.is_some() { (secs * 6_000.0) as usize } else { (secs * run.rate).ceil() as usize };
        let prepared = Arc::new(self.prepared(count));
        let (pace, connections) = match closed {
            Some(connections) => (Pace::Closed(length), connections),
            None => {
                let mut schedule = sender::steady(run.rate, count);
                let copies: Vec<(Duration, usize)> = schedule.clone();
                for (due, place) in copies {
                    if uniform(&mut self.state) * 100.0 < self.dup {
                        schedule.push((due + Duration::from_secs_f64(uniform(&mut self.state) * secs / 4.0), place));
                    }
                }
                schedule.sort_by_key(|(due, _)| *due);
                (Pace::Open(schedule), run.connections)
            }
        };
        self.provider.take();
        let sent = sender::send(self.address, Arc::clone(&prepared), pace, connections).await;
        let mut places: Vec<usize> = sent.iter().filter(|one| one.is_acknowledged()).map(|one| one.place).collect();
        places.sort_unstable();
        places.dedup();
        let end = Instant::now() + PATIENCE;
        while self.replies && self.provider.count() < places.len() && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        if self.replies {
            // A second reply would come now.
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
        Ok(judge(&prepared, &sent, &self.provider.take(), self.replies))
    }

    async fn ledger(&self) -> anyhow::Result<Value> {
        let address = format!("http://{}", self.address);
        let target = Target::new(&address, &address, &self.secrets.admin_token, crate::simulated::shared(&self.secrets))?;
        Ok(target.read("/ledger?limit=1").await?)
    }
}

fn configuration(address: SocketAddr, provider: &str, scenario: Scenario) -> String {
    let mode = match scenario {
        Scenario::Intake => "off",
        Scenario::Answer => "answer",
    };
    format!(
        r#"
[server]
listen = "{address}"
public_url = "http://{address}"
data_dir = "."
admin_token = {{ env = "ADMIN_TOKEN" }}

[workspace]
id = "bench"
name = "Ergo Chairs"
timezone = "Europe/Paris"
locale = "en"
currency = "EUR"
competitors = ["SitRight", "ChairCo"]
refund_limit = 200
teammates = ["Nora", "Marc"]
join_window_ms = 0

[[connections]]
id = "wa"
channel = "whatsapp"
api_base = "{provider}"
phone_number_id = "{number_id}"
access_token = {{ env = "WA_TOKEN" }}
app_secret = {{ env = "WA_APP_SECRET" }}
verify_token = {{ env = "WA_VERIFY" }}
mode = "{mode}"

[[knowledge]]
id = "site"
path = "knowledge"
"#,
        number_id = demo::ours::WHATSAPP_NUMBER_ID,
    )
}

fn limit_rows(found: &[Limit]) -> String {
    let mut text = format!("{:<12}{:>11}{:>11}{:>13}\n", "limit", "p50 µs", "p99 µs", "per second");
    for limit in found {
        text += &format!("{:<12}{:>11.1}{:>11.1}{:>13.0}  {}\n", limit.name, limit.p50_us, limit.p99_us, limit.per_second, limit.what);
    }
    text
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

fn now_secs() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn machine() -> Value {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let memory: u64 = read("/proc/meminfo").split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or(0);
    json!({
        "cores": std::thread::available_parallelism().map_or(1, usize::from),
        "memory_mib": memory / 1_024,
        "kernel": read("/proc/sys/kernel/osrelease").trim(),
        "load": read("/proc/loadavg").split(' ').next().unwrap_or_default(),
    })
}

fn machine_line() -> String {
    let machine = machine();
    format!("{} cores, {} MiB, load {}", machine["cores"], machine["memory_mib"], machine["load"].as_str().unwrap_or_default())
}

/// A folder that goes when it is dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn make(parent: Option<&Path>) -> anyhow::Result<Self> {
        let parent = parent.map_or_else(std::env::temp_dir, Path::to_owned);
        let folder = parent.join(format!("rapport-bench-{:032x}", SystemRandomness::default().bits()));
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
