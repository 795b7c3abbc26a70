//! `rapport rehearse --faults --power`: what a power cut leaves of a server's disk.
//!
//! A server runs under `strace` while messages come in. From what it wrote and synced, disks are built as they could be
//! had the power failed at any moment, and each must open, be sound, and hold every message acknowledged by then.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use domain::ports::Desk as _;
use domain::{MessageId, Secret, WorkspaceId};
use futures::StreamExt;
use indicatif::ProgressBar;
use rehearsal::Target;
use rehearsal::faults::axe::Machine;
use rehearsal::faults::dice::Dice;
use rehearsal::faults::points;
use rehearsal::faults::trace::{self, CALLS, Call, Files};
use rehearsal::faults::vendors::Vendors;
use rehearsal::persona::Persona;
use store::{Location, Settings};

use super::{Options, Scratch, faults};
use crate::command::{BadResult, runtime, say};
use crate::demo;
use crate::simulated;
use crate::time::SystemRandomness;
use crate::wiring::read_key;

/// What a power cut can hurt, and the log whose sync an acknowledgement waits for.
const KEPT: [&str; 4] = ["rapport.db", LOG, "keys.db", "keys.db-wal"];
const LOG: &str = "rapport.db-wal";
/// Messages that are acknowledged under the trace that also holds what is written.
const MESSAGES: u64 = 60;
/// Messages under way at once.
const AT_ONCE: usize = 4;
/// Every so many disks all invariants are looked at, not only the acknowledged messages.
const EXAMINED: u64 = 10;

pub fn run(options: &Options, seed: u64) -> anyhow::Result<()> {
    if Command::new("strace").arg("-V").output().is_err() {
        bail!("strace is needed to see what the server writes: apt-get install strace");
    }
    let folder = Scratch::make()?;
    let report = runtime()?.block_on(campaign(options, seed, &folder.0))?;
    say(&report.join("\n"))?;
    let is_clean = report.last().is_some_and(|line| line.ends_with("passed"));
    if is_clean { Ok(()) } else { Err(BadResult.into()) }
}

async fn campaign(options: &Options, seed: u64, folder: &Path) -> anyhow::Result<Vec<String>> {
    let secrets = demo::Secrets::make(&SystemRandomness::default());
    let vendors = Vendors::start(seed).await.context("cannot start the simulated vendors")?;
    let machine = faults::machine(options, folder, &vendors, &secrets)?;
    points::live_once(&machine, &vendors).await?;
    let before = files(folder)?;
    let base = format!("http://{}", machine.address);
    let target = Arc::new(Target::new(&base, &base, &secrets.admin_token, simulated::shared(&secrets))?);
    let calls = traced(&machine, &vendors, &target, folder).await?;
    let hasty = trace::hasty(&calls, LOG);
    let asked = calls.iter().filter(|call| call.acknowledges().is_some()).count();
    let mut lines = vec![format!(
        "acknowledged {asked} of {MESSAGES} messages, {} without a sync between request and answer; {} writes and {} syncs seen",
        hasty.len(),
        calls.iter().filter(|call| call.name == "pwrite64").count(),
        calls.iter().filter(|call| call.name.ends_with("sync")).count(),
    )];
    let key = read_key(&folder.join("master.key"))?;
    let judged = judge(options, seed, &folder.join("disks"), &before, &calls, &key).await?;
    lines.extend(judged.examples.iter().cloned());
    let is_clean = hasty.is_empty() && judged.examples.is_empty() && asked > 0 && judged.disks > 0;
    lines.push(format!(
        "{} disks after a power cut: {} lost an acknowledged message, {} do not open or are not sound: {}",
        judged.disks,
        judged.lossy,
        judged.unsound,
        if is_clean { "passed" } else { "FAILED" }
    ));
    lines.insert(lines.len() - 1, format!("again with: rapport rehearse --faults --power --images {} --seed {seed}", options.images));
    Ok(lines)
}

/// The server under `strace` while messages come in, killed at the end.
async fn traced(machine: &Machine, vendors: &Vendors, target: &Arc<Target>, folder: &Path) -> anyhow::Result<Vec<Call>> {
    let (log, script) = (folder.join("trace"), folder.join("traced"));
    let text = format!(
        "#!/bin/sh\nexec strace -f -qq -y -xx -s 70000 -e signal=none -e trace={CALLS} -o '{}' '{}' \"$@\"\n",
        log.display(),
        machine.binary.display()
    );
    std::fs::write(&script, text).with_context(|| format!("cannot write {}", script.display()))?;
    std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    let traced = Machine { binary: script, ..machine.clone() };
    let server = points::raise(&traced, vendors).await?;
    let posts = futures::stream::iter(0..MESSAGES).map(|number| {
        let target = Arc::clone(target);
        async move { target.api(&Persona::numbered(number % 7), &format!("Message {number}: do you deliver?"), false).await }
    });
    let answers: Vec<_> = posts.buffer_unordered(AT_ONCE).collect().await;
    // The tracer would leave the server running: the server is what is killed, and the tracer ends with it.
    let children = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", server.id())).unwrap_or_default();
    for child in children.split_whitespace() {
        Command::new("kill").args(["-9", child]).status().context("cannot kill the traced server")?;
    }
    let mut server = server;
    for _ in 0..200 {
        if server.has_ended() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    if let Some(Err(error)) = answers.into_iter().find(Result::is_err) {
        return Err(error).context("a message was not acknowledged");
    }
    Ok(trace::read(&std::fs::read_to_string(&log).context("strace wrote nothing")?))
}

fn files(folder: &Path) -> anyhow::Result<Files> {
    let mut files = Files::new();
    for name in KEPT {
        // A log that is not there yet is an empty one.
        let bytes = std::fs::read(folder.join(name)).unwrap_or_default();
        files.insert(name.to_owned(), bytes);
    }
    Ok(files)
}

#[derive(Default)]
struct Judged {
    disks: u64,
    lossy: u64,
    unsound: u64,
    examples: Vec<String>,
}

async fn judge(
    options: &Options,
    seed: u64,
    folder: &Path,
    before: &Files,
    calls: &[Call],
    key: &Secret<[u8; 32]>,
) -> anyhow::Result<Judged> {
    let mut dice = Dice::new(seed, "power");
    let mut judged = Judged::default();
    let synced = trace::synced(calls);
    let first = calls.iter().find(|call| call.acknowledges().is_some()).map_or(0, |call| call.begun);
    let last = calls.last().map_or(0, |call| call.ended);
    let bar = ProgressBar::new(options.images);
    for number in 0..options.images {
        let line = first + usize::try_from(dice.below((last - first) as u64)).unwrap_or(0);
        let cut = trace::cut(before, calls, &synced, line, &mut dice);
        let place = folder.join(number.to_string());
        std::fs::create_dir_all(&place)?;
        for (name, bytes) in cut.files.iter().filter(|(_, bytes)| !bytes.is_empty()) {
            std::fs::write(place.join(name), bytes)?;
        }
        judged.disks += 1;
        match look(&place, key, &cut.acknowledged, number % EXAMINED == 0).await {
            Ok(lost) if lost.is_empty() => {}
            Ok(lost) => {
                judged.lossy += 1;
                judged.examples.push(format!("cut on line {line}: {} of {} are gone", lost.len(), cut.acknowledged.len()));
            }
            Err(error) => {
                judged.unsound += 1;
                judged.examples.push(format!("cut on line {line}: {error:#}"));
            }
        }
        judged.examples.truncate(5);
        std::fs::remove_dir_all(&place)?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(judged)
}

/// Opens a disk; which of these messages it does not hold.
async fn look(place: &Path, key: &Secret<[u8; 32]>, acknowledged: &[String], is_thorough: bool) -> anyhow::Result<Vec<String>> {
    let settings = Settings::new(Location::Sqlite { folder: place.to_owned() }, key.clone());
    let storage = store::open_beside(settings.clone()).await.context("it does not open")?;
    let workspace = WorkspaceId(faults::WORKSPACE.to_owned());
    let mut lost = Vec::new();
    for id in acknowledged {
        let known: MessageId = id.parse().context("an acknowledgement names no message")?;
        if storage.message(&workspace, known).await?.is_none() {
            lost.push(id.clone());
        }
    }
    drop(storage);
    if is_thorough {
        let findings = store::examine(&settings).await.context("it cannot be examined")?.unwrap_or_default();
        if let Some(broken) = findings.iter().find(|finding| !finding.holds()) {
            bail!("{} does not hold: {}", broken.name, broken.promise);
        }
    }
    Ok(lost)
}
