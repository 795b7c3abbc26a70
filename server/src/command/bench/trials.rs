//! Scenarios that are played once, each in its own way: power cuts, a provider or a model that is away, a whole day.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use rehearsal::bench::sender::{self, Pace, Sent};
use rehearsal::bench::webhooks::Prepared;
use rehearsal::bench::{Figures, judge};
use rehearsal::simulator::model::Mode;
use serde::Serialize;

use super::stage::Stage;
use super::{Run, Scenario, UNDER_WAY};

/// Messages a second when none is named.
const RATE: f64 = 30.0;
/// Power cuts in one run.
const CUTS: u32 = 5;
/// A reply that has not come by then is lost.
const PATIENCE: Duration = Duration::from_secs(60);
/// Messages of one ticket, tickets of a day, seconds of a day.
const TICKET: usize = 8;
const TICKETS: f64 = 12_000.0;
const DAY_S: f64 = 86_400.0;

/// What a trial found.
#[derive(Debug, Serialize)]
pub(super) struct Trial {
    /// Which.
    pub(super) scenario: Scenario,
    /// Figures by name.
    pub(super) figures: Vec<(&'static str, f64)>,
    /// What must not be and was.
    pub(super) wrong: Vec<String>,
    /// The same for people.
    pub(super) words: String,
}

/// Plays one; the load lasts `secs`.
pub(super) async fn play(run: &Run, scenario: Scenario, secs: f64, folder: &Path) -> anyhow::Result<Trial> {
    let mut stage = Stage::set(run, scenario, folder).await?;
    stage.raise().await?;
    let rate = run.rate.unwrap_or(RATE);
    let (figures, wrong, words) = match scenario {
        Scenario::Duplicates => duplicates(run, &mut stage, rate, secs).await?,
        Scenario::ProviderDown => provider_down(run, &mut stage, rate, secs).await?,
        Scenario::ModelDown => model_down(run, &mut stage, rate, secs).await?,
        Scenario::Crash => crash(run, &mut stage, rate, secs).await?,
        Scenario::Day => day(&mut stage, secs).await?,
        Scenario::Intake | Scenario::Answer | Scenario::AnswerLlm0 | Scenario::AnswerLlm => anyhow::bail!("a load is no trial"),
    };
    Ok(Trial { scenario, figures, wrong, words })
}

type Found = (Vec<(&'static str, f64)>, Vec<String>, String);

/// Counts that must be zero, named.
fn faults(figures: &Figures) -> Vec<String> {
    let found = figures.correctness();
    [("lost", found.lost), ("doubled", found.duplicate), ("misaddressed", found.wrong), ("without their token", found.tokenless)]
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(what, count)| format!("{count} {what}"))
        .collect()
}

/// Sends on a steady schedule.
async fn at_rate(stage: &Stage, run: &Run, prepared: &Arc<Vec<Prepared>>, rate: f64) -> Vec<Sent> {
    let schedule = sender::steady(rate, prepared.len());
    sender::send(stage.address(), Arc::clone(prepared), Pace::Open(schedule), run.connections).await
}

/// Waits until so many replies are there, or until no more can be expected.
async fn arrived(count: impl Fn() -> usize, wanted: usize) {
    let end = Instant::now() + PATIENCE;
    while count() < wanted && Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // A second reply would come now.
    tokio::time::sleep(Duration::from_millis(300)).await;
}

async fn duplicates(run: &Run, stage: &mut Stage, rate: f64, secs: f64) -> anyhow::Result<Found> {
    stage.dup = run.dup.max(20.0);
    let prepared = Arc::new(stage.prepared((rate * secs).ceil() as usize));
    let sent = at_rate(stage, run, &prepared, rate).await;
    arrived(|| stage.provider.count(), prepared.len()).await;
    let figures = judge(&prepared, &sent, &stage.provider.take(), true, Duration::ZERO);
    // The same webhooks again, half of them in another life of the server.
    let again: Arc<Vec<Prepared>> = Arc::new(prepared.iter().step_by(5).cloned().collect());
    let mut repeated = at_rate(stage, run, &again, rate).await;
    stage.stop();
    stage.raise_quietly().await?;
    repeated.extend(at_rate(stage, run, &again, rate).await);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let more = stage.provider.count();
    let mut wrong = faults(&figures);
    if more > 0 {
        wrong.push(format!("{more} replies to what had been answered"));
    }
    let refused = repeated.iter().filter(|one| !one.is_acknowledged()).count();
    if refused > 0 {
        wrong.push(format!("{refused} repetitions were not acknowledged"));
    }
    let words = format!("{} messages, {} of them sent again, before and after a restart", figures.messages, again.len());
    Ok((vec![("messages", figures.messages as f64), ("doubled", figures.duplicate as f64 + more as f64)], wrong, words))
}

async fn crash(run: &Run, stage: &mut Stage, rate: f64, secs: f64) -> anyhow::Result<Found> {
    let each = (secs / f64::from(CUTS)).max(2.0);
    let (mut prepared, mut sent, mut arrivals, mut back) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..CUTS {
        let part = Arc::new(stage.prepared((rate * each).ceil() as usize));
        let schedule = sender::steady(rate, part.len());
        let sending = tokio::spawn(sender::send(stage.address(), Arc::clone(&part), Pace::Open(schedule), run.connections));
        tokio::time::sleep(Duration::from_secs_f64(each / 3.0)).await;
        stage.stop();
        let cut = Instant::now();
        arrivals.extend(stage.provider.take());
        stage.raise_quietly().await?;
        while stage.provider.count() == 0 && cut.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        back.push(cut.elapsed().as_secs_f64() * 1e3);
        let mut part_sent = sending.await.context("the load broke off")?;
        send_again(stage, run, &part, &mut part_sent).await;
        sent.extend(part_sent.into_iter().map(|one| Sent { place: one.place + prepared.len(), ..one }));
        prepared.extend(part.iter().cloned());
    }
    let so_far = arrivals.len();
    arrived(|| so_far + stage.provider.count(), prepared.len()).await;
    arrivals.extend(stage.provider.take());
    let figures = judge(&prepared, &sent, &arrivals, true, Duration::ZERO);
    let answered: HashSet<&str> = arrivals.iter().map(|arrival| arrival.to.as_str()).collect();
    let silent: Vec<&str> = prepared.iter().map(|one| one.person.as_str()).filter(|person| !answered.contains(person)).collect();
    let unheard = stage.unheard(&silent).await?;
    let lost = figures.lost.saturating_sub(unheard);
    let never = prepared.len() as u64 - figures.replied - figures.lost;
    let mut wrong = faults(&figures);
    wrong.retain(|fault| lost > 0 || !fault.ends_with(" lost"));
    if never > 0 {
        wrong.push(format!("{never} were never acknowledged"));
    }
    let longest = back.iter().copied().fold(0.0, f64::max);
    let words = format!(
        "{} messages through {CUTS} power cuts, the first reply at most {longest:.0} ms after each; {unheard} sends cut in the middle wait for a teammate",
        figures.messages
    );
    Ok((
        vec![("lost", lost as f64), ("doubled", figures.duplicate as f64), ("unheard", unheard as f64), ("back_ms", longest)],
        wrong,
        words,
    ))
}

/// Vendors send again what nobody took.
async fn send_again(stage: &Stage, run: &Run, prepared: &Arc<Vec<Prepared>>, sent: &mut Vec<Sent>) {
    for _ in 0..20 {
        let taken: HashSet<usize> = sent.iter().filter(|one| one.is_acknowledged()).map(|one| one.place).collect();
        let missing = (0..prepared.len()).filter(|place| !taken.contains(place));
        let schedule: Vec<(Duration, usize)> =
            missing.enumerate().map(|(turn, place)| (Duration::from_millis(5 * turn as u64), place)).collect();
        if schedule.is_empty() {
            return;
        }
        sent.extend(sender::send(stage.address(), Arc::clone(prepared), Pace::Open(schedule), run.connections).await);
    }
}

async fn provider_down(run: &Run, stage: &mut Stage, rate: f64, secs: f64) -> anyhow::Result<Found> {
    let count = (rate * secs).ceil() as usize;
    // The well one alone, then beside one that is away.
    let before = Arc::new(stage.prepared(count));
    let alone = at_rate(stage, run, &before, rate).await;
    arrived(|| stage.provider.count(), count).await;
    let alone = judge(&before, &alone, &stage.provider.take(), true, Duration::ZERO);

    let (well, away) = (Arc::new(stage.prepared(count)), Arc::new(stage.prepared_elsewhere((count / 3).max(1))));
    stage.other.as_mut().context("a second provider")?.goes_away().await;
    let gone = Instant::now();
    let (beside, waiting) = tokio::join!(at_rate(stage, run, &well, rate), at_rate(stage, run, &away, rate / 3.0));
    arrived(|| stage.provider.count(), count).await;
    let beside = judge(&well, &beside, &stage.provider.take(), true, Duration::ZERO);
    let outage = gone.elapsed();
    let other = stage.other.as_mut().context("a second provider")?;
    other.comes_back().await.context("the provider cannot come back")?;
    let back = Instant::now();
    let end = back + outage * 4 + PATIENCE;
    while other.count() < away.len() && Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let drained = back.elapsed();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let late = judge(&away, &waiting, &other.take(), true, Duration::ZERO);
    let mut wrong = faults(&beside);
    wrong.extend(faults(&late).into_iter().map(|fault| format!("{fault} at the one that was away")));
    let (quiet, loud) = (alone.overhead.at_ms(0.99), beside.overhead.at_ms(0.99));
    let words = format!(
        "away for {:.0} s: the {} that waited were gone {:.1} s after it was back; p99 of the other number {quiet:.1} ms before and {loud:.1} ms meanwhile",
        outage.as_secs_f64(),
        away.len(),
        drained.as_secs_f64()
    );
    let figures = vec![
        ("drained_ratio", drained.as_secs_f64() / outage.as_secs_f64()),
        ("others_p99_ratio", loud / quiet.max(1e-9)),
        ("lost", (beside.lost + late.lost) as f64),
    ];
    Ok((figures, wrong, words))
}

async fn model_down(run: &Run, stage: &mut Stage, rate: f64, secs: f64) -> anyhow::Result<Found> {
    let count = (rate * secs).ceil() as usize;
    let model = stage.model.take().context("a model")?;
    let asked = model.asked();
    model.turn(Mode::Broken);
    let prepared = Arc::new(stage.prepared(count));
    let sent = at_rate(stage, run, &prepared, rate).await;
    arrived(|| stage.provider.count(), count).await;
    let figures = judge(&prepared, &sent, &stage.provider.take(), true, Duration::ZERO);
    let calls = (model.asked() - asked) as f64 / figures.messages.max(1) as f64;
    model.turn(Mode::Good);
    // One message a second until it is asked again.
    let (back, failing) = (Instant::now(), model.asked());
    while model.asked() == failing && back.elapsed() < PATIENCE {
        let one = Arc::new(stage.prepared(1));
        at_rate(stage, run, &one, 1.0).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let again = back.elapsed().as_secs_f64();
    let mut wrong = faults(&figures);
    // The built-in engine answers another way than the scripted model: a reply is what counts.
    wrong.retain(|fault| !fault.ends_with("token"));
    if model.asked() == failing {
        wrong.push("the model was never asked again".to_owned());
    }
    let words = format!(
        "{} messages answered without it ({calls:.2} calls each), {:.1} / {:.1} ms; asked again {again:.0} s after it was back",
        figures.replied,
        figures.overhead.at_ms(0.5),
        figures.overhead.at_ms(0.99)
    );
    Ok((vec![("calls_per_message", calls), ("lost", figures.lost as f64), ("asked_again_s", again)], wrong, words))
}

async fn day(stage: &mut Stage, secs: f64) -> anyhow::Result<Found> {
    // People take turns, so that each message of a ticket finds the ones before it.
    let most = (secs * 600.0) as usize;
    let people = most / TICKET;
    let prepared = Arc::new(stage.prepared_by(most, |place| (place % people.max(1)) as u64 + 1));
    let (before, start) = (stage.server()?.usage(), Instant::now());
    let pace = Pace::Answered(Duration::from_secs_f64(secs), stage.provider.places(UNDER_WAY));
    let sent = sender::send(stage.address(), Arc::clone(&prepared), pace, UNDER_WAY).await;
    let acked = sent.iter().filter(|one| one.is_acknowledged()).count();
    arrived(|| stage.provider.count(), acked).await;
    let took = start.elapsed().as_secs_f64();
    let used = (stage.server()?.usage().cpu.saturating_sub(before.cpu)).as_secs_f64();
    let figures = judge(&prepared, &sent, &stage.provider.take(), true, Duration::ZERO);
    let (each, messages) = (used / figures.messages.max(1) as f64, TICKETS * TICKET as f64);
    let share = each * messages / DAY_S;
    let minutes = messages / (figures.messages as f64 / took) / 60.0;
    let mut wrong = faults(&figures);
    wrong.retain(|fault| fault.ends_with(" lost") || fault.ends_with("misaddressed"));
    let words = format!(
        "{} messages at {:.0} a second, {:.2} ms of processor each: a day's 12 000 tickets take {minutes:.0} minutes, or {:.2} % of a core",
        figures.messages,
        figures.messages as f64 / took,
        each * 1e3,
        share * 100.0
    );
    Ok((vec![("core_share", share), ("minutes", minutes), ("cpu_us", each * 1e6)], wrong, words))
}
