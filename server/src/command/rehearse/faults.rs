//! `rapport rehearse --faults`: this very program as a server in a process of its own, killed again and again.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use domain::ports::Random;
use indicatif::{ProgressBar, ProgressStyle};
use rehearsal::Target;
use rehearsal::faults::acts;
use rehearsal::faults::axe::{self, Kills, Machine, Schedule};
use rehearsal::faults::books::{self, Findings, Others};
use rehearsal::faults::dice::Dice;
use rehearsal::faults::letters::{Door, Post};
use rehearsal::faults::stream::{self, Load, Pulse};
use rehearsal::faults::vendors::Vendors;
use serde_json::json;

use super::{Options, Scratch, disk, points, power};
use crate::command::{BadResult, runtime, say};
use crate::demo::{self, ours};
use crate::simulated;
use crate::time::SystemRandomness;

/// How long the last life may take to come to the end of its work. Longer than a lease of a delivery, so that a lease
/// nobody voided shows as slowness and not as a loss.
const PATIENCE: Duration = Duration::from_secs(150);
/// First starts on fresh folders that are killed, at most; the moment lies within so many milliseconds.
const MOST_BIRTHS: u64 = 60;
const LONGEST_BIRTH: u64 = 400;
/// Between two looks at the books.
const LOOK: Duration = Duration::from_millis(100);
/// The workspace of a campaign.
pub(super) const WORKSPACE: &str = "faults";
/// A vendor that says nothing for so long has not answered; short, so that this outcome comes up between two kills.
const VENDOR_TIMEOUT: &str = "2s";

pub fn run(options: &Options) -> anyhow::Result<()> {
    let seed = options.seed.unwrap_or_else(|| u64::try_from(SystemRandomness::default().bits() % 1_000_000).unwrap_or(1));
    if options.power {
        return power::run(options, seed);
    }
    if options.disk {
        return disk::run(options, seed);
    }
    let folder = Scratch::make()?;
    let outcome = runtime()?.block_on(campaign(options, seed, &folder.0));
    let report = match outcome {
        Ok(report) => report,
        Err(error) => {
            say(&format!("again with: {}", command(options, seed)))?;
            keep(folder)?;
            return Err(error);
        }
    };
    let json = serde_json::to_string_pretty(&report.json())?;
    if let Some(path) = &options.report {
        std::fs::write(path, &json).with_context(|| format!("cannot write {}", path.display()))?;
    }
    say(&if options.json { json } else { report.text() })?;
    if report.is_clean() {
        return Ok(());
    }
    keep(folder)?;
    Err(BadResult.into())
}

/// What went wrong is looked for in what was left behind.
fn keep(folder: Scratch) -> anyhow::Result<()> {
    use std::io::Write;
    writeln!(std::io::stderr(), "the data and the server's log stay in {}", folder.0.display())?;
    std::mem::forget(folder);
    Ok(())
}

fn command(options: &Options, seed: u64) -> String {
    let Options { cycles, rate, writers, points, place, passes, .. } = options;
    let only = place.as_ref().map(|place| format!(" --place {place}")).unwrap_or_default();
    let how = if *points { format!("--points{only} --passes {passes}") } else { format!("--cycles {cycles}") };
    format!("rapport rehearse --faults {how} --rate {rate} --writers {writers} --seed {seed}")
}

/// What came out.
struct Report {
    command: String,
    births: u64,
    kills: Kills,
    /// Places at which the server was to die and did not.
    missed: Vec<String>,
    requests: u64,
    findings: Findings,
    odd: u64,
    /// From the last start until nothing was waiting any more.
    settled: Duration,
    is_settled: bool,
    doctor: String,
    is_healthy: bool,
}

impl Report {
    fn is_clean(&self) -> bool {
        self.findings.is_clean() && self.is_settled && self.is_healthy && self.odd == 0 && self.missed.is_empty()
    }

    fn json(&self) -> serde_json::Value {
        let found = &self.findings;
        json!({
            "command": self.command, "passed": self.is_clean(), "births": self.births, "kills": self.kills.all(), "tried": found.tried,
            "requests": self.requests, "acknowledged": found.acknowledged, "lost": found.lost, "doubled": found.doubled,
            "inverted": found.inverted, "misjudged": found.misjudged, "unbalanced": found.unbalanced,
            "states": found.states, "unheard": found.unheard, "replies": found.replies, "attempts": found.attempts, "odd": self.odd,
            "slowest_start_ms": u64::try_from(self.kills.slowest_start.as_millis()).unwrap_or(u64::MAX),
            "settled_ms": u64::try_from(self.settled.as_millis()).unwrap_or(u64::MAX),
            "missed": self.missed, "examples": found.examples, "doctor": self.doctor,
        })
    }

    fn text(&self) -> String {
        let (found, kills) = (&self.findings, &self.kills);
        let counted = |counts: &BTreeMap<String, u64>| -> String {
            counts.iter().map(|(state, count)| format!("{count} {state}")).collect::<Vec<_>>().join(", ")
        };
        let mut lines = vec![
            format!(
                "killed {}  on a fresh folder {}, while starting {}, running {}, after an acknowledgement {}, during a delivery {}, \
                 at a named place {}",
                self.births + kills.all(),
                self.births,
                kills.starting,
                kills.running,
                kills.turning,
                kills.delivering,
                kills.named
            ),
            format!(
                "tried {} messages in {} requests, acknowledged {}: {}",
                found.tried,
                self.requests,
                found.acknowledged,
                counted(&found.states)
            ),
            format!(
                "replies {} in {} attempts{}",
                counted(&found.replies),
                found.attempts,
                if found.unheard > 0 {
                    format!("; {} answers not heard in time on this busy machine", found.unheard)
                } else {
                    String::new()
                }
            ),
            format!("slowest start {} ms, at rest {} ms after the last start", kills.slowest_start.as_millis(), self.settled.as_millis()),
            self.doctor.trim_end().to_owned(),
        ];
        lines.extend(found.examples.iter().cloned());
        if !self.is_settled {
            lines.push(format!("messages or replies still wait {} s after the last start", PATIENCE.as_secs()));
        }
        if !self.missed.is_empty() {
            lines.push(format!("nobody came by {}", self.missed.join(", ")));
        }
        if self.odd > 0 {
            lines.push(format!("{} requests that no vendor would understand", self.odd));
        }
        lines.push(format!(
            "lost {}, doubled {}, inverted {}, misjudged {}, sums that do not add up {}: {}",
            found.lost,
            found.doubled,
            found.inverted,
            found.misjudged,
            found.unbalanced,
            if self.is_clean() { "passed" } else { "FAILED" }
        ));
        lines.push(format!("again with: {}", self.command));
        lines.join("\n")
    }
}

async fn campaign(options: &Options, seed: u64, folder: &Path) -> anyhow::Result<Report> {
    let secrets = demo::Secrets::make(&SystemRandomness::default());
    let vendors = Vendors::start(seed).await.context("cannot start the simulated vendors")?;
    // PostgreSQL keeps its data elsewhere: a fresh folder there is no fresh start.
    let is_fresh_elsewhere = std::env::var_os("RAPPORT_SERVER__DATABASE_URL").is_some();
    let mut births = if is_fresh_elsewhere || options.points { 0 } else { options.cycles.div_ceil(12).min(MOST_BIRTHS) };
    let mut dice = Dice::new(seed, "births");
    for number in 0..births {
        let machine = machine(options, &folder.join(format!("birth-{number}")), &vendors, &secrets)?;
        axe::birth(&machine, &vendors, Duration::from_millis(dice.below(LONGEST_BIRTH))).await?;
    }
    if options.points && options.place.is_none() && !is_fresh_elsewhere {
        let fresh = |number| machine(options, &folder.join(format!("birth-{number}")), &vendors, &secrets);
        births = points::births(&vendors, options.passes, fresh).await?;
    }
    let machine = machine(options, folder, &vendors, &secrets)?;
    let address = machine.address;
    let shared = simulated::shared(&secrets);
    let post = Post { address, secrets: shared.clone() };
    let load = Load { seed, rate: options.rate, writers: options.writers };
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let pulse = Arc::new(Pulse::default());
    let writing = tokio::spawn(stream::write(post, load, Arc::clone(&pulse), stopped));
    let base = format!("http://{address}");
    let target = Arc::new(Target::new(&base, &base, &secrets.admin_token, shared)?);
    let places = points::places(options.place.as_deref());
    let bar = ProgressBar::new(if options.points { places.len() as u64 * options.passes } else { options.cycles });
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} kills  {elapsed}  {msg}") {
        bar.set_style(style);
    }
    let struck = |kills: &Kills| {
        bar.set_position(kills.all());
        bar.set_message(format!("{} requests", pulse.requests.load(std::sync::atomic::Ordering::Relaxed)));
    };
    let mut missed = Vec::new();
    let swung = if options.points {
        let (rest, resting) = tokio::sync::watch::channel(false);
        let others = tokio::spawn(acts::perform(Arc::clone(&target), resting));
        let visited = points::visit(&machine, &vendors, &places, options.passes, struck).await;
        rest.send_replace(true);
        others.await.context("what happens beside broke off")?;
        visited.map(|(server, kills, unseen)| {
            missed = unseen;
            (server, kills)
        })
    } else {
        axe::swing(&machine, &vendors, &pulse, Schedule { seed, cycles: options.cycles }, struck).await
    };
    stop.send_replace(true);
    // The server lives as long as this value.
    let (server, kills) = swung?;
    let posted = writing.await.context("the stream of messages broke off")?;
    bar.set_message("waiting until everything is settled");
    let since = Instant::now();
    let is_settled = settle(&target).await?;
    let settled = since.elapsed();
    let (timelines, sums) = books::fetch(&target, options.writers).await?;
    let others = if options.points { Others::Some } else { Others::None };
    let findings = books::compare(&posted, &timelines, sums, others, &vendors.ledger(), &kills.moments);
    let (doctor, is_healthy) = doctor(&machine)?;
    bar.finish_and_clear();
    drop(server);
    let requests = pulse.requests.load(std::sync::atomic::Ordering::Relaxed);
    Ok(Report {
        command: command(options, seed),
        births,
        kills,
        missed,
        requests,
        findings,
        odd: vendors.odd(),
        settled,
        is_settled,
        doctor,
        is_healthy,
    })
}

/// A folder with a configuration, and the server that runs on it.
pub(super) fn machine(options: &Options, folder: &Path, vendors: &Vendors, secrets: &demo::Secrets) -> anyhow::Result<Machine> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    // Free now; taken again by the server a moment later.
    let address = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
    let config = folder.join("rapport.toml");
    std::fs::write(&config, configuration(address, vendors))?;
    demo::write_knowledge(folder)?;
    let binary = match &options.server_bin {
        Some(path) => path.clone(),
        None => std::env::current_exe().context("cannot find this program")?,
    };
    Ok(Machine { binary, config, variables: variables(secrets), log: folder.join("server.log"), address })
}

/// Waits until nothing waits any more.
async fn settle(target: &Target) -> anyhow::Result<bool> {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        let sums = books::sums(target).await?;
        if sums.open == 0 && sums.queued == 0 {
            return Ok(true);
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(false)
}

/// What `rapport doctor` says of the data folder while the server runs on it.
pub(super) fn doctor(machine: &Machine) -> anyhow::Result<(String, bool)> {
    let mut command = std::process::Command::new(&machine.binary);
    command.arg("doctor").arg("--config").arg(&machine.config).stdin(Stdio::null());
    command.env("RAPPORT_LOG", "error").envs(machine.variables.iter().map(|(name, value)| (*name, value)));
    let answer = command.output().context("cannot run the doctor")?;
    let text = String::from_utf8_lossy(&answer.stdout).into_owned();
    let kept: Vec<&str> = text.lines().filter(|line| line.contains("invariant") || line.starts_with("FAULT")).collect();
    let errors = String::from_utf8_lossy(&answer.stderr).into_owned();
    Ok((format!("{}\n{}", kept.join("\n"), errors.trim_end()), answer.status.success()))
}

fn variables(secrets: &demo::Secrets) -> Vec<(&'static str, String)> {
    vec![
        ("WA_TOKEN", secrets.whatsapp_token.clone()),
        ("WA_APP_SECRET", secrets.whatsapp_app_secret.clone()),
        ("WA_VERIFY", secrets.whatsapp_verify.clone()),
        ("TG_TOKEN", secrets.telegram_token.clone()),
        ("TG_SECRET", secrets.telegram_secret.clone()),
        ("SMS_TOKEN", secrets.sms_token.clone()),
        ("FORM_SECRET", secrets.form_secret.clone()),
        ("WIDGET_SECRET", secrets.widget_secret.clone()),
        ("ADMIN_TOKEN", secrets.admin_token.clone()),
    ]
}

fn configuration(address: SocketAddr, vendors: &Vendors) -> String {
    let rest = format!(
        r#"
virtual_clock = true

[workspace]
id = "{WORKSPACE}"
name = "Ergo Chairs"
timezone = "Europe/Paris"
locale = "en"
currency = "EUR"
teammates = ["Nora", "Marc"]
join_window_ms = 0

[[connections]]
id = "wa"
channel = "whatsapp"
api_base = "{whatsapp}"
timeout = "{VENDOR_TIMEOUT}"
phone_number_id = "{number_id}"
access_token = {{ env = "WA_TOKEN" }}
app_secret = {{ env = "WA_APP_SECRET" }}
verify_token = {{ env = "WA_VERIFY" }}

[[connections]]
id = "tg"
channel = "telegram"
api_base = "{telegram}"
timeout = "{VENDOR_TIMEOUT}"
bot_token = {{ env = "TG_TOKEN" }}
secret_token = {{ env = "TG_SECRET" }}

[[connections]]
id = "sms"
channel = "sms"
api_base = "{sms}"
timeout = "{VENDOR_TIMEOUT}"
account_sid = "{account}"
auth_token = {{ env = "SMS_TOKEN" }}
from = "{sms_number}"

[[connections]]
id = "web"
channel = "widget"
allowed_origins = ["http://{address}"]
jwt = {{ algorithm = "HS256", secret = {{ env = "WIDGET_SECRET" }} }}

[[connections]]
id = "form"
channel = "api"
secret = {{ env = "FORM_SECRET" }}
"#,
        whatsapp = vendors.base(Door::Whatsapp),
        telegram = vendors.base(Door::Telegram),
        sms = vendors.base(Door::Sms),
        number_id = ours::WHATSAPP_NUMBER_ID,
        account = ours::SMS_ACCOUNT,
        sms_number = ours::SMS_NUMBER,
    );
    demo::throw_away(address, &rest)
}
