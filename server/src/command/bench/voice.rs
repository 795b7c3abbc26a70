//! `rapport bench voice`: our own share of a phone call, with nobody's speech: ring → picked up, said → first words.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rehearsal::Target;
use rehearsal::bench::Server;
use rehearsal::bench::histogram::Histogram;
use rehearsal::phone::Handset;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::stage::Scratch;
use super::{Ground, sound};
use crate::command::{BadResult, runtime, say};
use crate::demo;
use crate::simulated;
use crate::time::SystemRandomness;

/// The product's goals, in milliseconds.
const GOALS: [(&str, f64); 2] = [("answer_p95_ms", 150.0), ("first_text_p95_ms", 100.0)];

/// What a caller says, in turn.
pub const SAYS: [&str; 4] = [
    "How long does delivery to Lyon take?",
    "My budget is three thousand euros.",
    "How many days do I have to return a chair?",
    "What do you know about me?",
];

#[derive(Debug, clap::Args)]
pub struct Options {
    /// Calls at the same time.
    #[arg(long, default_value_t = 10)]
    calls: usize,
    /// Things said on each.
    #[arg(long, default_value_t = 20)]
    says: usize,
    /// Calls bring their sound, and speech takes no time: from a caller's last sound to our first.
    #[arg(long)]
    sound: bool,
    #[command(flatten)]
    ground: Ground,
}

#[derive(Default)]
struct Figures {
    answer: Histogram,
    first: Histogram,
    whole: Histogram,
    unanswered: usize,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    if options.sound {
        return run_sound(options);
    }
    let figures = runtime()?.block_on(measure(options))?;
    let of = |counts: &Histogram| json!({"p50_ms": counts.at_ms(0.5), "p95_ms": counts.at_ms(0.95), "p99_ms": counts.at_ms(0.99), "max_ms": counts.max_ms(), "count": counts.count()});
    let found = [figures.answer.at_ms(0.95), figures.first.at_ms(0.95)];
    let goals: Vec<Value> = GOALS
        .iter()
        .zip(found)
        .map(|((name, goal), found)| json!({"name": name, "goal": goal, "found": found, "met": found <= *goal}))
        .collect();
    if options.ground.json {
        let whole = json!({"schema": 1, "calls": options.calls, "says": options.says, "answer": of(&figures.answer),
            "first_text": of(&figures.first), "whole_text": of(&figures.whole), "unanswered": figures.unanswered, "goals": goals});
        say(&serde_json::to_string_pretty(&whole)?)?;
    } else {
        let row = |name: &str, counts: &Histogram| {
            format!(
                "{name:<34} p50 {:>8.1} ms   p95 {:>8.1} ms   p99 {:>8.1} ms   of {}",
                counts.at_ms(0.5),
                counts.at_ms(0.95),
                counts.at_ms(0.99),
                counts.count()
            )
        };
        say(&[
            format!("{} calls at once, {} things said on each; speech and the carrier not counted", options.calls, options.says),
            row("ring → picked up with a greeting", &figures.answer),
            row("said → first words", &figures.first),
            row("said → last words", &figures.whole),
        ]
        .join("\n"))?;
    }
    if figures.unanswered == 0 { Ok(()) } else { Err(BadResult.into()) }
}

fn run_sound(options: &Options) -> anyhow::Result<()> {
    let figures = runtime()?.block_on(async {
        let (target, server, _scratch) = stage(options).await?;
        let figures = sound::measure(&target, options.calls, options.says).await;
        drop(server);
        figures
    })?;
    let found = [figures.ear.at_ms(0.5), figures.ear.at_ms(0.95), figures.cut.at_ms(0.95)];
    if options.ground.json {
        let of = |counts: &Histogram| json!({"p50_ms": counts.at_ms(0.5), "p95_ms": counts.at_ms(0.95), "p99_ms": counts.at_ms(0.99), "max_ms": counts.max_ms(), "count": counts.count()});
        let goals: Vec<Value> = sound::GOALS
            .iter()
            .zip(found)
            .map(|((name, goal), found)| json!({"name": name, "goal": goal, "found": found, "met": found <= *goal}))
            .collect();
        let whole = json!({"schema": 1, "calls": options.calls, "says": options.says, "mouth_to_ear": of(&figures.ear),
            "interrupted": of(&figures.cut), "failed": figures.failed, "goals": goals});
        say(&serde_json::to_string_pretty(&whole)?)?;
    } else {
        let row = |name: &str, counts: &Histogram| {
            let (p50, p95, p99) = (counts.at_ms(0.5), counts.at_ms(0.95), counts.at_ms(0.99));
            format!("{name:<44} p50 {p50:>8.1} ms   p95 {p95:>8.1} ms   p99 {p99:>8.1} ms   of {}", counts.count())
        };
        say(&[
            format!(
                "{} calls at once, {} turns on each; speech takes no time, the pause of 450 ms is taken off",
                options.calls, options.says
            ),
            row("last sound of theirs → first of ours", &figures.ear),
            row("they speak into our words → those are dropped", &figures.cut),
        ]
        .join("\n"))?;
    }
    if figures.failed == 0 { Ok(()) } else { Err(BadResult.into()) }
}

/// A server in a process of its own, ready for calls.
async fn stage(options: &Options) -> anyhow::Result<(Arc<Target>, Server, Scratch)> {
    let scratch = Scratch::make(options.ground.dir.as_deref())?;
    let secrets = demo::Secrets::make(&SystemRandomness::default());
    // Free now; taken again by the server a moment later.
    let address = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
    let config = scratch.0.join("rapport.toml");
    std::fs::write(&config, configuration(&address.to_string(), options.sound)).context("cannot write the configuration")?;
    demo::write_knowledge(&scratch.0)?;
    sound::write_script(&scratch.0, options.says)?;
    let binary = options.ground.binary()?;
    let server = spawn(&binary, &config, &secrets, &scratch.0)?;
    let base = format!("http://{address}");
    let target = Arc::new(Target::new(&base, &base, &secrets.admin_token, simulated::shared(&secrets))?);
    target.ready().await?;
    Ok((target, server, scratch))
}

async fn measure(options: &Options) -> anyhow::Result<Figures> {
    let (target, server, _scratch) = stage(options).await?;
    let mut callers = JoinSet::new();
    for _ in 0..options.calls {
        let (target, says) = (Arc::clone(&target), options.says);
        callers.spawn(async move { call(&target, says).await });
    }
    let mut all = Figures::default();
    while let Some(figures) = callers.join_next().await {
        let figures = figures.context("a caller broke off")??;
        all.answer.merge(&figures.answer);
        all.first.merge(&figures.first);
        all.whole.merge(&figures.whole);
        all.unanswered += figures.unanswered;
    }
    drop(server);
    Ok(all)
}

fn spawn(binary: &Path, config: &Path, secrets: &demo::Secrets, folder: &Path) -> anyhow::Result<Server> {
    let variables = [("SMS_TOKEN", secrets.sms_token.clone()), ("ADMIN_TOKEN", secrets.admin_token.clone())];
    Server::spawn(binary, config, &variables, &folder.join("server.log")).with_context(|| format!("cannot start {}", binary.display()))
}

async fn call(target: &Target, says: usize) -> anyhow::Result<Figures> {
    let mut figures = Figures::default();
    let number = format!("+336{:08}", 39_980_000 + target.next() % 19_999);
    let start = Instant::now();
    let mut handset = Handset::ring(target, &number, true).await?;
    figures.answer.add(start.elapsed());
    if handset.greeting.is_empty() {
        bail!("a call was picked up without a word");
    }
    for number in 0..says {
        match handset.timed(SAYS[number % SAYS.len()]).await {
            Ok((first, whole)) => {
                figures.first.add(first);
                figures.whole.add(whole);
            }
            Err(_) => figures.unanswered += 1,
        }
        // People listen before they speak.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    handset.hang_up(target).await?;
    Ok(figures)
}

fn configuration(address: &str, is_sound: bool) -> String {
    let (keys, tables) = if is_sound { (sound::SPEECH_KEYS, sound::SPEECH_TABLES) } else { ("", "") };
    let rest = format!(
        r#"

[workspace]
id = "bench"
name = "Bench"
timezone = "Europe/Paris"

[[connections]]
id = "tel"
channel = "voice"
account_sid = "{}"
auth_token = {{ env = "SMS_TOKEN" }}
from = "{}"
{keys}{tables}"#,
        demo::ours::SMS_ACCOUNT,
        demo::ours::SMS_NUMBER
    );
    demo::throw_away(address, &rest)
}
