//! `rapport rehearse --faults --disk`: a disk that is full, and disks that fail.
//!
//! `strace` lets the server's writes and syncs fail: with "no space left" until there is space again, when the server must
//! have gone on reading and must come back by itself; with an input/output error, after which it must stop and say why,
//! and a start on the sound disk must hold everything that was acknowledged.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use futures::StreamExt;
use indicatif::ProgressBar;
use rehearsal::Target;
use rehearsal::bench::Server;
use rehearsal::faults::axe::Machine;
use rehearsal::faults::dice::Dice;
use rehearsal::faults::points;
use rehearsal::faults::vendors::Vendors;
use rehearsal::persona::Persona;

use super::{Options, Scratch, faults};
use crate::command::{BadResult, runtime, say};
use crate::demo;
use crate::simulated;
use crate::time::SystemRandomness;

/// Messages per round.
const MESSAGES: u64 = 12;
/// What must come about comes about by then.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(20);

/// What the disk does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// Writes find no space.
    Full,
    /// A write fails.
    Write,
    /// A sync fails.
    Sync,
}

impl Trouble {
    const ALL: [Self; 3] = [Self::Full, Self::Write, Self::Sync];

    /// It begins after so many calls at the latest: a round makes a few dozen syncs and a few hundred writes.
    fn latest(self) -> u64 {
        match self {
            Self::Full | Self::Write => 60,
            Self::Sync => 6,
        }
    }

    /// What `strace -e inject=` gets; `after` so many calls that go well.
    fn injection(self, after: u64) -> String {
        match self {
            Self::Full => format!("pwrite64,ftruncate,fallocate:error=ENOSPC:when={after}+"),
            Self::Write => format!("pwrite64:error=EIO:when={after}+"),
            Self::Sync => format!("fsync,fdatasync:error=EIO:when={after}+"),
        }
    }
}

pub fn run(options: &Options, seed: u64) -> anyhow::Result<()> {
    if Command::new("strace").arg("-V").output().is_err() {
        bail!("strace is needed to make a disk fail: apt-get install strace");
    }
    let folder = Scratch::make()?;
    let report = runtime()?.block_on(campaign(options, seed, &folder.0))?;
    say(&report.join("\n"))?;
    if report.last().is_some_and(|line| line.ends_with("passed")) { Ok(()) } else { Err(BadResult.into()) }
}

async fn campaign(options: &Options, seed: u64, folder: &Path) -> anyhow::Result<Vec<String>> {
    let secrets = demo::Secrets::make(&SystemRandomness::default());
    let vendors = Vendors::start(seed).await.context("cannot start the simulated vendors")?;
    let machine = faults::machine(options, folder, &vendors, &secrets)?;
    let base = format!("http://{}", machine.address);
    let target = Arc::new(Target::new(&base, &base, &secrets.admin_token, simulated::shared(&secrets))?);
    points::live_once(&machine, &vendors).await?;
    let mut dice = Dice::new(seed, "disk");
    let (mut acknowledged, mut refused, mut examples) = (Vec::new(), 0, Vec::new());
    let bar = ProgressBar::new(options.rounds);
    for round in 0..options.rounds {
        let trouble = Trouble::ALL[usize::try_from(round).unwrap_or(0) % Trouble::ALL.len()];
        let mut server = points::raise(&machine, &vendors).await?;
        let tracer = Tracer::attach(&server, &trouble.injection(1 + dice.below(trouble.latest())))?;
        let (taken, turned_away) = post(&target, round).await;
        acknowledged.extend(taken);
        refused += turned_away;
        let outcome = match trouble {
            Trouble::Full => again(&target, tracer, round).await.map(|id| acknowledged.push(id)),
            Trouble::Write | Trouble::Sync => stopped(&mut server, tracer, &machine).await,
        };
        if let Err(error) = outcome {
            examples.push(format!("round {round}, {trouble:?}: {error:#}"));
        }
        server.kill();
        bar.inc(1);
    }
    bar.finish_and_clear();
    let server = points::raise(&machine, &vendors).await?;
    let known = on_timelines(&target).await?;
    let mut lost = 0;
    for id in &acknowledged {
        lost += u64::from(!known.contains(id));
    }
    let (doctor, is_sound) = faults::doctor(&machine)?;
    drop(server);
    let is_clean = lost == 0 && examples.is_empty() && is_sound && refused > 0 && !acknowledged.is_empty();
    let mut lines: Vec<String> = examples.into_iter().take(5).collect();
    if !is_sound {
        lines.push(doctor);
    }
    lines.push(format!("again with: rapport rehearse --faults --disk --rounds {} --seed {seed}", options.rounds));
    lines.push(format!(
        "{} disks full or failing: {} messages acknowledged, {lost} of them lost, {refused} refused: {}",
        options.rounds,
        acknowledged.len(),
        if is_clean { "passed" } else { "FAILED" }
    ));
    Ok(lines)
}

/// `strace` on a running server; when it is gone the disk is as it was.
struct Tracer(Child);

impl Tracer {
    fn attach(server: &Server, injection: &str) -> anyhow::Result<Self> {
        let mut command = Command::new("strace");
        command.args(["-f", "-qq", "-o", "/dev/null", "-e", "signal=none", "-e", &format!("inject={injection}"), "-p"]);
        let child = command.arg(server.id().to_string()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let tracer = Self(child.context("cannot start strace")?);
        let began = Instant::now();
        let status = format!("/proc/{}/status", server.id());
        while began.elapsed() < PATIENCE {
            let text = std::fs::read_to_string(&status).unwrap_or_default();
            if text.lines().any(|line| line.starts_with("TracerPid:") && !line.ends_with("\t0")) {
                return Ok(tracer);
            }
            std::thread::sleep(LOOK);
        }
        bail!("strace did not attach to the server")
    }
}

impl Drop for Tracer {
    fn drop(&mut self) {
        // Asked to end, it lets go of the server; killed it would too, but in the middle of a call.
        let _ = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        let _ = self.0.wait();
    }
}

/// Posts messages; the ids of those that were acknowledged, and how many were refused.
async fn post(target: &Arc<Target>, round: u64) -> (Vec<String>, u64) {
    let answers: Vec<_> = futures::stream::iter(0..MESSAGES)
        .map(|number| async move { target.api(&Persona::numbered(number % 5), &format!("Round {round}, message {number}"), false).await })
        .buffer_unordered(3)
        .collect()
        .await;
    let refused = answers.iter().filter(|answer| answer.is_err()).count() as u64;
    let taken = answers.into_iter().flatten().filter_map(|answer| answer["message"].as_str().map(str::to_owned));
    (taken.collect(), refused)
}

/// Ids of all messages of the people who wrote.
async fn on_timelines(target: &Target) -> anyhow::Result<BTreeSet<String>> {
    let mut known = BTreeSet::new();
    for number in 0..5 {
        let Some(customer) = target.customer(&format!("external_id:{}", Persona::numbered(number).external_id)).await? else { continue };
        let id = customer["id"].as_str().unwrap_or_default().to_owned();
        let mut before = String::new();
        loop {
            let page = target.read(&format!("/customers/{id}/timeline?limit=100{before}")).await?;
            known.extend(page["items"].as_array().into_iter().flatten().filter_map(|item| item["id"].as_str().map(str::to_owned)));
            let Some(next) = page["next"].as_str() else { break };
            before = format!("&before={next}");
        }
    }
    Ok(known)
}

/// A full disk: reading goes on, and with space again so does writing, by itself.
async fn again(target: &Arc<Target>, tracer: Tracer, round: u64) -> anyhow::Result<String> {
    target.read("/ledger?limit=1").await.context("a full disk keeps the server from reading")?;
    drop(tracer);
    let since = Instant::now();
    loop {
        match target.api(&Persona::numbered(3), &format!("Round {round}: is there space again?"), false).await {
            Ok(answer) => return answer["message"].as_str().map(str::to_owned).context("an acknowledgement without an id"),
            Err(error) if since.elapsed() > PATIENCE => return Err(error).context("nothing is taken although there is space again"),
            Err(_) => tokio::time::sleep(LOOK).await,
        }
    }
}

/// A failing disk: the server ends by itself, with a reason in its log.
async fn stopped(server: &mut Server, tracer: Tracer, machine: &Machine) -> anyhow::Result<()> {
    let since = Instant::now();
    while !server.has_ended() {
        if since.elapsed() > PATIENCE {
            bail!("the server goes on with a disk that fails");
        }
        tokio::time::sleep(LOOK).await;
    }
    drop(tracer);
    let log = std::fs::read_to_string(&machine.log).unwrap_or_default();
    if log.lines().next_back().is_some_and(|line| line.contains("the disk failed")) {
        Ok(())
    } else {
        bail!("it stopped without saying why")
    }
}
