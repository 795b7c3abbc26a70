//! `rapport bench grow`: what one message, one page and one start cost behind ten thousand messages and behind millions.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};
use rehearsal::bench::Histogram;
use serde_json::{Value, json};

use super::stage::{Scratch, Stage};
use super::{Ground, Kept, Run, Scenario};
use crate::command::{BadResult, runtime, say};

/// The smallest history that is measured.
const FIRST: u64 = 10_000;
/// Questions that each of the crowd has asked, every one with its reply.
const EXCHANGES: u64 = 5;
/// Times that each page is read.
const LOOKS: usize = 200;
/// Disk that a message takes, with everything that hangs on it.
const BYTES: u64 = 3_500;

/// The product's goals: name, most.
const GOALS: [(&str, f64); 4] = [("cpu_ratio", 1.5), ("cold_start_ms", 500.0), ("page_p99_ms", 5.0), ("lookup_p99_ms", 25.0)];

#[derive(Debug, clap::Args)]
pub struct Options {
    /// The longest history, in messages; measured at every power of ten from 10 000.
    #[arg(long, default_value_t = 100_000)]
    messages: u64,
    /// Messages per second while it is measured.
    #[arg(long, default_value_t = 30.0)]
    rate: f64,
    /// Seconds of load at each size.
    #[arg(long, default_value_t = 8.0)]
    secs: f64,
    #[command(flatten)]
    ground: Ground,
}

/// Figures at one size.
struct Step {
    messages: u64,
    start: Duration,
    cpu_us: f64,
    written: f64,
    overhead: Histogram,
    page: Histogram,
    lookup: Histogram,
    rss: u64,
    correct: bool,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let steps = runtime()?.block_on(measure(options))?;
    let goals: Vec<Value> = GOALS
        .iter()
        .filter_map(|(name, goal)| {
            figure(&steps, name).map(|found| json!({"name": name, "goal": goal, "found": found, "met": found <= *goal}))
        })
        .collect();
    if options.ground.json {
        let of = |counts: &Histogram| json!({"p50_ms": counts.at_ms(0.5), "p99_ms": counts.at_ms(0.99), "max_ms": counts.max_ms(), "count": counts.count()});
        let rows: Vec<Value> = steps
            .iter()
            .map(|step| {
                json!({"messages": step.messages, "cold_start_ms": step.start.as_secs_f64() * 1e3, "server_cpu_us_per_message": step.cpu_us,
                    "written_bytes_per_message": step.written, "overhead": of(&step.overhead), "page": of(&step.page), "lookup": of(&step.lookup),
                    "rss_bytes": step.rss, "correct": step.correct})
            })
            .collect();
        say(&serde_json::to_string_pretty(&json!({"schema": 1, "rate": options.rate, "steps": rows, "goals": goals}))?)?;
    } else {
        say(&table(&steps))?;
    }
    if steps.iter().all(|step| step.correct) { Ok(()) } else { Err(BadResult.into()) }
}

fn figure(steps: &[Step], name: &str) -> Option<f64> {
    let (first, last) = (steps.first()?, steps.last()?);
    match name {
        "cpu_ratio" => Some(last.cpu_us / first.cpu_us),
        "cold_start_ms" => Some(last.start.as_secs_f64() * 1e3),
        "page_p99_ms" => Some(last.page.at_ms(0.99)),
        "lookup_p99_ms" => Some(last.lookup.at_ms(0.99)),
        _ => None,
    }
}

fn table(steps: &[Step]) -> String {
    let mut text = format!(
        "{:>12}{:>12}{:>12}{:>12}{:>14}{:>14}{:>12}{:>12}{:>10}\n",
        "messages", "start ms", "CPU µs", "KiB each", "overhead p50", "overhead p99", "page p99", "look-up p99", "MiB"
    );
    for step in steps {
        text += &format!(
            "{:>12}{:>12.1}{:>12.0}{:>12.1}{:>14.2}{:>14.2}{:>12.2}{:>12.2}{:>10.1}  {}\n",
            step.messages,
            step.start.as_secs_f64() * 1e3,
            step.cpu_us,
            step.written / 1_024.0,
            step.overhead.at_ms(0.5),
            step.overhead.at_ms(0.99),
            step.page.at_ms(0.99),
            step.lookup.at_ms(0.99),
            step.rss as f64 / 1_048_576.0,
            if step.correct { "" } else { "SOMETHING WAS LOST, DOUBLED OR MISADDRESSED" },
        );
    }
    text += &format!("\n{:<22}{:>12}{:>12}\n", "at the longest", "found", "goal");
    for (name, goal) in GOALS {
        if let Some(found) = figure(steps, name) {
            text += &format!("{name:<22}{found:>12.2}{:>12}  {}\n", format!("≤ {goal}"), if found <= goal { "met" } else { "MISSED" });
        }
    }
    text
}

async fn measure(options: &Options) -> anyhow::Result<Vec<Step>> {
    if options.messages < FIRST {
        bail!("a history of fewer than {FIRST} messages shows nothing");
    }
    let scratch = Scratch::make(options.ground.dir.as_deref())?;
    eprintln!("this takes about {:.1} GB in {}", (options.messages * BYTES) as f64 / 1e9, scratch.0.display());
    let run = Run { rate: Some(options.rate), secs: options.secs, ground: options.ground.clone(), ..Run::plain(Kept::Sqlite) };
    let mut stage = Stage::set(&run, Scenario::Answer, &scratch.0.join("grow")).await?;
    // Somebody who was answered is the model of the crowd.
    stage.raise().await?;
    stage.load(&run, options.rate, 2.0, None).await?;
    stage.stop();

    let (mut steps, mut people, mut size) = (Vec::new(), 0, FIRST);
    while size <= options.messages {
        let wanted = size / (2 * EXCHANGES);
        let style = ProgressStyle::with_template("{msg} {wide_bar} {percent}% {eta}").context("the bar has a form")?;
        let bar = ProgressBar::new(wanted - people).with_style(style).with_message(format!("a history of {size} messages"));
        let folder = stage.data().to_owned();
        store::crowd(&folder, people..wanted, EXCHANGES, &mut |done| bar.set_position(done)).context("the history could not be written")?;
        bar.finish_and_clear();
        people = wanted;
        steps.push(step(&mut stage, &run, options.rate, size).await?);
        stage.stop();
        size *= 10;
    }
    Ok(steps)
}

async fn step(stage: &mut Stage, run: &Run, rate: f64, messages: u64) -> anyhow::Result<Step> {
    let start = stage.raise().await?;
    // What is read for the first time is read from the disk, whatever the size.
    stage.load(run, rate, 2.0, None).await?;
    let before = stage.server()?.usage();
    let figures = stage.load(run, rate, run.secs, None).await?;
    let after = stage.server()?.usage();
    let count = figures.messages.max(1) as f64;
    let target = stage.target()?;
    let newest = target.read("/conversations?limit=1").await?;
    let who = newest["items"][0]["customer"].as_object().map_or(&newest["items"][0]["customer"], |customer| &customer["id"]);
    let who = who.as_str().context("the newest conversation has no customer")?.to_owned();
    let phone = stage.last_person();
    let (mut page, mut lookup) = (Histogram::default(), Histogram::default());
    // The first look reads from the disk.
    target.read("/conversations?limit=50").await?;
    target.read(&format!("/customers?identifier=phone:%2B{phone}")).await?;
    for _ in 0..LOOKS {
        let asked = Instant::now();
        target.read("/conversations?limit=50").await?;
        target.read(&format!("/customers/{who}/timeline?limit=50")).await?;
        page.add(asked.elapsed() / 2);
        let asked = Instant::now();
        target.read(&format!("/customers?identifier=phone:%2B{phone}")).await?;
        lookup.add(asked.elapsed());
    }
    Ok(Step {
        messages,
        start,
        cpu_us: after.cpu.saturating_sub(before.cpu).as_secs_f64() * 1e6 / count,
        written: after.written.saturating_sub(before.written) as f64 / count,
        overhead: figures.overhead.clone(),
        page,
        lookup,
        rss: stage.server()?.usage().rss,
        correct: figures.is_correct(),
    })
}
