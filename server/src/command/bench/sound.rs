//! `rapport bench voice --sound`: from a caller's last sound to our first, with speech that takes no time: what is left is
//! this server's own share. The pause by which an end is told is taken off, because it is waited for on purpose.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use rehearsal::Target;
use rehearsal::bench::histogram::Histogram;
use rehearsal::headset::Headset;
use serde_json::json;
use tokio::task::JoinSet;

use super::voice::SAYS;

/// The product's goals, in milliseconds.
pub const GOALS: [(&str, f64); 3] = [("mouth_to_ear_p50_ms", 40.0), ("mouth_to_ear_p95_ms", 80.0), ("interrupted_p95_ms", 300.0)];

/// A pause after which an open answer has ended.
const PAUSE: Duration = Duration::from_millis(450);
/// What a caller says lasts so long.
const SPEECH: Duration = Duration::from_millis(700);

#[derive(Default)]
pub struct Figures {
    /// Last sound of theirs → first of ours, without the pause.
    pub ear: Histogram,
    /// First sound into our words → the carrier is told to drop them.
    pub cut: Histogram,
    pub failed: usize,
}

/// What is recognised on each call.
pub fn write_script(folder: &Path, says: usize) -> anyhow::Result<()> {
    let lines: Vec<_> = (0..=says).map(|number| SAYS[number % SAYS.len()]).map(|text| json!({"text": text, "partials": [text]})).collect();
    std::fs::write(folder.join("script.json"), json!({"says": lines}).to_string()).context("cannot write the script")
}

/// Tables of the configuration.
pub const SPEECH_TABLES: &str = "\n[[speech]]\nid = \"script\"\nkind = \"scripted\"\nscript = \"script.json\"\n";
/// Keys of the number, behind its others.
pub const SPEECH_KEYS: &str = "hears = [\"script\"]\nspeaks = [\"script\"]\n";

/// So many calls at once, so many turns on each.
pub async fn measure(target: &Arc<Target>, calls: usize, says: usize) -> anyhow::Result<Figures> {
    let mut callers = JoinSet::new();
    for _ in 0..calls {
        let target = Arc::clone(target);
        callers.spawn(async move { call(&target, says).await });
    }
    let mut all = Figures::default();
    while let Some(figures) = callers.join_next().await {
        let figures = figures.context("a caller broke off")??;
        all.ear.merge(&figures.ear);
        all.cut.merge(&figures.cut);
        all.failed += figures.failed;
    }
    Ok(all)
}

async fn call(target: &Target, says: usize) -> anyhow::Result<Figures> {
    let mut figures = Figures::default();
    let number = format!("+336{:08}", 39_980_000 + target.next() % 19_999);
    let mut headset = Headset::ring(target, &number).await?;
    match headset.interrupt(Duration::from_millis(600)).await {
        Ok(taken) => figures.cut.add(taken),
        Err(_) => figures.failed += 1,
    }
    // What they interrupted with is answered too.
    if headset.turn(Duration::from_millis(200)).await.is_err() {
        figures.failed += 1;
    }
    for _ in 0..says {
        headset.listen().await?;
        match headset.turn(SPEECH).await {
            Ok(taken) => figures.ear.add(taken.saturating_sub(PAUSE)),
            Err(_) => figures.failed += 1,
        }
    }
    headset.hang_up(target).await?;
    Ok(figures)
}
