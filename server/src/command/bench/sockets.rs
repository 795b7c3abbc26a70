//! `rapport bench sockets`: many website chats open at the same time. What does each take, and what do those who talk
//! notice of those who are silent?

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use futures::{StreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};
use rehearsal::Target;
use rehearsal::bench::Histogram;
use rehearsal::widget::Page;
use serde_json::json;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::stage::{Scratch, Stage};
use super::{Ground, Kept, Run, Scenario};
use crate::command::{BadResult, runtime, say};

/// Pages opened at the same time.
const AT_ONCE: usize = 32;
/// A page that said something waits so long for the reply.
const PATIENCE: Duration = Duration::from_secs(30);
/// The product's goal for each open chat.
const MOST_KIB: f64 = 16.0;

#[derive(Debug, clap::Args)]
pub struct Options {
    /// Chats open at the same time.
    #[arg(long, default_value_t = 10_000)]
    count: usize,
    /// Of those, so many a second say something.
    #[arg(long, default_value_t = 30.0)]
    rate: f64,
    /// Seconds of that.
    #[arg(long, default_value_t = 10.0)]
    secs: f64,
    #[command(flatten)]
    ground: Ground,
}

/// A page in the hands of a task that keeps it open until it is told to talk.
struct Told {
    talk: oneshot::Sender<Instant>,
}

/// What talking cost.
#[derive(Default)]
struct Talk {
    reply: Histogram,
    unanswered: usize,
    cpu_us: f64,
}

struct Found {
    alone: Talk,
    among: Talk,
    open: Histogram,
    kib_each: f64,
    rss: u64,
    lost: usize,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let found = runtime()?.block_on(measure(options))?;
    let of = |talk: &Talk| {
        json!({"reply_p50_ms": talk.reply.at_ms(0.5), "reply_p99_ms": talk.reply.at_ms(0.99), "replies": talk.reply.count(),
        "unanswered": talk.unanswered, "server_cpu_us_per_message": talk.cpu_us})
    };
    if options.ground.json {
        let whole = json!({"schema": 1, "count": options.count, "kib_each": found.kib_each, "goal_kib": MOST_KIB, "rss_bytes": found.rss,
            "open_p50_ms": found.open.at_ms(0.5), "open_p99_ms": found.open.at_ms(0.99), "broken": found.lost,
            "alone": of(&found.alone), "among": of(&found.among)});
        say(&serde_json::to_string_pretty(&whole)?)?;
    } else {
        let row = |name: String, talk: &Talk| {
            format!(
                "{name:<34} reply p50 {:>7.1} ms   p99 {:>7.1} ms   {:>6.0} µs of processor each   {} of {} answered",
                talk.reply.at_ms(0.5),
                talk.reply.at_ms(0.99),
                talk.cpu_us,
                talk.reply.count(),
                talk.reply.count() + talk.unanswered as u64
            )
        };
        let verdict = if found.kib_each <= MOST_KIB { "met" } else { "MISSED" };
        say(&[
            format!("{} chats open, {} broken; each took {:.1} ms at the middle", options.count, found.lost, found.open.at_ms(0.5)),
            format!("{:.1} KiB each (goal ≤ {MOST_KIB} {verdict}), {:.1} MiB in all", found.kib_each, found.rss as f64 / 1_048_576.0),
            row("talking alone".to_owned(), &found.alone),
            row(format!("talking among {} silent", options.count), &found.among),
        ]
        .join("\n"))?;
    }
    if found.lost == 0 && found.alone.unanswered + found.among.unanswered == 0 { Ok(()) } else { Err(BadResult.into()) }
}

async fn measure(options: &Options) -> anyhow::Result<Found> {
    let scratch = Scratch::make(options.ground.dir.as_deref())?;
    let run = Run { ground: options.ground.clone(), ..Run::plain(Kept::Sqlite) };
    let mut stage = Stage::set(&run, Scenario::Answer, &scratch.0.join("sockets")).await?;
    stage.raise().await?;
    let target = Arc::new(stage.target()?);
    let talkers = (options.rate * options.secs).ceil() as usize;

    let mut pages = JoinSet::new();
    let (alone, _) = open(&target, &mut pages, talkers, "the first").await?;
    let alone = talk(&stage, &mut pages, alone, options.rate).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;

    let before = stage.server()?.usage().rss;
    let (silent, open_ms) = open(&target, &mut pages, options.count, "the crowd").await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let rss = stage.server()?.usage().rss;
    let (new, _) = open(&target, &mut pages, talkers, "who talk").await?;
    let among = talk(&stage, &mut pages, new, options.rate).await?;
    drop(silent);
    let mut lost = 0;
    while let Some(page) = pages.join_next().await {
        lost += usize::from(page.context("a page broke off")? == Ended::Broken);
    }
    Ok(Found {
        alone,
        among,
        open: open_ms,
        kib_each: rss.saturating_sub(before) as f64 / 1_024.0 / options.count.max(1) as f64,
        rss,
        lost,
    })
}

/// How a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// Its connection broke.
    Broken,
    /// It was never told to talk.
    Silent,
    /// The reply came so long after the message was due.
    Answered(Duration),
    /// No reply came.
    Unanswered,
}

/// Opens pages, each kept by a task of its own.
async fn open(target: &Arc<Target>, pages: &mut JoinSet<Ended>, count: usize, who: &str) -> anyhow::Result<(Vec<Told>, Histogram)> {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}").context("the bar has a form")?;
    let bar = ProgressBar::new(count as u64).with_style(style).with_message(format!("opening the chats of {who}"));
    let opening = stream::iter(0..count).map(|_| async {
        let asked = Instant::now();
        Page::open(target, None, None).await.map(|page| (page, asked.elapsed()))
    });
    let mut opening = opening.buffer_unordered(AT_ONCE);
    let (mut kept, mut counts) = (Vec::with_capacity(count), Histogram::default());
    while let Some(opened) = opening.next().await {
        let (page, took) = opened.context("a chat could not be opened")?;
        counts.add(took);
        bar.inc(1);
        let (talk, told) = oneshot::channel();
        pages.spawn(keep(Arc::clone(target), page, told));
        kept.push(Told { talk });
    }
    bar.finish_and_clear();
    Ok((kept, counts))
}

/// Stays until told to say something, or until nobody can tell it any more.
async fn keep(target: Arc<Target>, mut page: Page, told: oneshot::Receiver<Instant>) -> Ended {
    let due = tokio::select! {
        told = told => told.ok(),
        _ = page.stay() => return Ended::Broken,
    };
    let Some(due) = due else { return Ended::Silent };
    let answered = async {
        page.say(&target, "How long does delivery take?").await.ok()?;
        page.reply().await.ok()
    };
    match tokio::time::timeout(PATIENCE, answered).await {
        Ok(Some(_)) => Ended::Answered(due.elapsed()),
        Ok(None) | Err(_) => Ended::Unanswered,
    }
}

/// One after the other, on a schedule.
async fn talk(stage: &Stage, pages: &mut JoinSet<Ended>, talkers: Vec<Told>, rate: f64) -> anyhow::Result<Talk> {
    let (count, start, before) = (talkers.len(), Instant::now(), stage.server()?.usage());
    for (place, page) in talkers.into_iter().enumerate() {
        let due = start + Duration::from_secs_f64(place as f64 / rate);
        tokio::time::sleep_until(due.into()).await;
        // A page that broke is counted when its task ends.
        let _ = page.talk.send(due);
    }
    let mut talk = Talk::default();
    while talk.reply.count() as usize + talk.unanswered < count {
        match pages.join_next().await.context("fewer pages than talkers")?.context("a page broke off")? {
            Ended::Answered(taken) => talk.reply.add(taken),
            Ended::Unanswered | Ended::Broken => talk.unanswered += 1,
            Ended::Silent => {}
        }
    }
    let after = stage.server()?.usage();
    talk.cpu_us = after.cpu.saturating_sub(before.cpu).as_secs_f64() * 1e6 / count.max(1) as f64;
    Ok(talk)
}
