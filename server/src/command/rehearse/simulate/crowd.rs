//! Many people at once, over threads: messages arrive shuffled and twice, several workers take turns and sends, and the
//! vendors cannot be reached for the first hour. What comes out must be in order on every door all the same. Some messages break
//! off every turn that takes them: they end in quarantine, and nobody else notices.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use domain::event::{InboundEvent, InboundMessage};
use domain::knowledge::{Conflict, Passage, Question, SourceState};
use domain::ports::Knowledge;
use domain::{ChannelKind, ConnectionId, WorkspaceId};
use engine::Engine;
use rehearsal::faults::dice::Dice;
use tokio::sync::RwLock;
use tokio::task::JoinSet;

use super::ground::{Chance, Mood, Time, Vendors, check_data, check_sends, live, workspace};

/// Messages of each person, over their two or three doors.
const EACH: u64 = 12;
/// Who offers messages, takes turns and sends, each on a task of its own.
const SOCKETS: usize = 8;
const WORKERS: usize = 4;
/// Rounds of half a minute until everything is sent; an outage of an hour and the waits after it are far fewer.
const MOST_ROUNDS: u32 = 600;
/// The outage, in rounds.
const OUTAGE: u32 = 120;

/// One for so many people writes what no turn survives.
const POISONED: u64 = 12;
const POISON: &str = "xyzzy";

/// Sources that a word of poison breaks.
struct Poisoned;

impl Knowledge for Poisoned {
    fn search(&self, _: &WorkspaceId, question: &Question, _: usize) -> Vec<Passage> {
        if question.text.contains(POISON) {
            // A panic that the log is spared.
            std::panic::resume_unwind(Box::new(POISON));
        }
        Vec::new()
    }

    fn names(&self, _: &WorkspaceId) -> Vec<String> {
        Vec::new()
    }

    fn conflicts(&self, _: &WorkspaceId) -> Vec<Conflict> {
        Vec::new()
    }

    fn sources(&self, _: &WorkspaceId) -> Vec<SourceState> {
        Vec::new()
    }
}

/// What came of it.
#[derive(Debug)]
pub struct Crowd {
    pub people: u64,
    pub messages: u64,
    pub poison: u64,
    pub sent: usize,
}

/// Plays it.
pub async fn play(seed: u64, people: u64, folder: &Path) -> anyhow::Result<Crowd> {
    let (time, chance, vendors) = (Arc::new(Time::default()), Arc::new(Chance::new(seed)), Arc::new(Vendors::new(seed)));
    let (_store, engine) = live(folder, &time, &chance, &vendors, Arc::new(Poisoned)).await?;
    vendors.be(Mood::Down);
    let letters = letters(seed, people);
    let poison = people / POISONED;
    let messages = people * EACH + poison;
    let shift = Arc::new(Shift::default());
    let mut workers = JoinSet::new();
    for _ in 0..WORKERS {
        workers.spawn(turns(Arc::clone(&engine), Arc::clone(&shift)));
        workers.spawn(sends(Arc::clone(&engine), Arc::clone(&shift)));
    }
    let mut sockets = JoinSet::new();
    for socket in 0..SOCKETS {
        let mine: Vec<_> = letters.iter().skip(socket).step_by(SOCKETS).cloned().collect();
        let engine = Arc::clone(&engine);
        sockets.spawn(async move {
            for (connection, message) in mine {
                engine.receive(&connection, vec![InboundEvent::Message(message)]).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = sockets.join_next().await {
        done??;
    }
    let mut rounds = 0;
    loop {
        let counts = engine.store().ledger(&workspace(), None, None, 1).await?.0;
        if rounds >= OUTAGE && counts.open == 0 && engine.next_delivery().await?.is_none() {
            break;
        }
        if rounds == OUTAGE {
            ensure!(vendors.accepted().is_empty(), "something was sent while nobody could be reached");
            vendors.be(Mood::Good);
        }
        ensure!(rounds < MOST_ROUNDS, "it never comes to rest: {counts:?}");
        rounds += 1;
        let nobody = shift.step.write().await;
        time.pass(Duration::from_secs(30));
        drop(nobody);
        engine.run_timers().await?;
        // Workers look for what is due now.
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    shift.over.store(true, Ordering::Release);
    while let Some(done) = workers.join_next().await {
        done??;
    }
    let accepted = vendors.accepted();
    check_sends(&**engine.store(), &accepted, true).await?;
    let counts = engine.store().ledger(&workspace(), None, None, 1).await?.0;
    ensure!(u64::try_from(counts.accepted)? == messages, "{messages} messages were offered, {} taken", counts.accepted);
    ensure!(u64::try_from(counts.quarantined)? == poison, "{poison} messages are poison, {} in quarantine", counts.quarantined);
    ensure!(accepted.len() as u64 >= people, "only {} replies for {people} people", accepted.len());
    check_data(folder).await.context("after the crowd")?;
    Ok(Crowd { people, messages, poison, sent: accepted.len() })
}

/// Everything that is offered, shuffled; every sixth message twice.
fn letters(seed: u64, people: u64) -> Vec<(ConnectionId, InboundMessage)> {
    let mut dice = Dice::new(seed, "crowd");
    let mut letters = Vec::new();
    for person in 0..people {
        let phone = format!("336{:08}", 10_000_000 + person);
        for number in 0..EACH {
            let channel = [ChannelKind::Whatsapp, ChannelKind::Sms, ChannelKind::Telegram][dice.below(3) as usize];
            let sender = if channel == ChannelKind::Telegram { format!("{}", 7_000_000 + person) } else { phone.clone() };
            let message = InboundMessage {
                sender_e164: (channel != ChannelKind::Telegram).then(|| format!("+{phone}")),
                sender,
                text: Some(format!("What about number {number}?")),
                provider_message_id: Some(format!("{person}-{number}")),
                ..InboundMessage::default()
            };
            letters.push((ConnectionId::from(channel.as_str()), message));
        }
    }
    for person in people..people + people / POISONED {
        let message = InboundMessage {
            sender: format!("{}", 7_000_000 + person),
            text: Some(format!("What does {POISON} cost?")),
            provider_message_id: Some(format!("{person}-poison")),
            ..InboundMessage::default()
        };
        letters.push((ConnectionId::from(ChannelKind::Telegram.as_str()), message));
    }
    let again: Vec<_> = letters.iter().step_by(6).cloned().collect();
    letters.extend(again);
    for place in (1..letters.len()).rev() {
        letters.swap(place, dice.below(place as u64 + 1) as usize);
    }
    letters
}

/// What the workers share. Time passes between their steps, not during one: how long a step takes on a busy machine must
/// not decide whether its lease still stands. Leases that end are the worlds' matter.
#[derive(Debug, Default)]
struct Shift {
    over: AtomicBool,
    step: RwLock<()>,
}

async fn turns(engine: Arc<Engine>, shift: Arc<Shift>) -> anyhow::Result<()> {
    while !shift.over.load(Ordering::Acquire) {
        let step = shift.step.read().await;
        let worked = engine.run_turn().await?;
        drop(step);
        if !worked {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
    Ok(())
}

async fn sends(engine: Arc<Engine>, shift: Arc<Shift>) -> anyhow::Result<()> {
    while !shift.over.load(Ordering::Acquire) {
        let step = shift.step.read().await;
        let worked = engine.run_delivery().await?;
        drop(step);
        if !worked {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
    Ok(())
}
