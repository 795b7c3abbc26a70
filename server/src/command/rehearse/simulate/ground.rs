//! What worlds stand on: both clocks, randomness, vendors, and a server that can be started again.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use async_trait::async_trait;
use domain::channel::Capabilities;
use domain::event::InboundEvent;
use domain::message::Delivery;
use domain::ports::{Channel, Clock, HookRequest, Knowledge, Monotonic, Random, Received, Refusal, SendError, Sent, Store};
use domain::settings::WorkspaceSettings;
use domain::{ChannelKind, CustomerId, DeliveryId, MessageId, MonotonicTime, Secret, Timestamp, WorkspaceId};
use engine::{Engine, OpenDoor, Parts};
use rehearsal::faults::dice::Dice;

use crate::silent;

/// When every world begins.
pub const START: i64 = 1_790_000_000;

pub fn workspace() -> WorkspaceId {
    WorkspaceId::from("world")
}

pub fn settings(folder: &Path) -> store::Settings {
    store::Settings::new(store::Location::Sqlite { folder: folder.to_owned() }, Secret::new([7; 32]))
}

/// A life of the server.
pub async fn live(
    folder: &Path,
    time: &Arc<Time>,
    chance: &Arc<Chance>,
    vendors: &Arc<Vendors>,
    knowledge: Arc<dyn Knowledge>,
) -> anyhow::Result<(Arc<store::Storage>, Arc<Engine>)> {
    let opened = store::open(settings(folder)).await?;
    let port: Arc<dyn Store> = Arc::<store::Storage>::clone(&opened);
    port.keep_time(&**time).await?;
    let doors = [ChannelKind::Whatsapp, ChannelKind::Sms, ChannelKind::Telegram].map(|kind| door(kind, vendors));
    let engine = Engine::new(Parts {
        store: port,
        knowledge,
        clock: Arc::<Time>::clone(time),
        monotonic: Arc::<Time>::clone(time),
        random: Arc::<Chance>::clone(chance),
        doors: doors.into(),
        workspaces: vec![WorkspaceSettings::named(workspace(), "World")],
        models: HashMap::new(),
        tools: HashMap::new(),
        embedder: None,
    });
    Ok((opened, engine))
}

fn door(kind: ChannelKind, vendors: &Arc<Vendors>) -> OpenDoor {
    let settings = silent::settings(kind, &workspace());
    OpenDoor { settings, channel: Arc::new(SimulatedDoor { kind, vendors: Arc::clone(vendors) }) }
}

/// Of everything that was sent: each reply once, and those of one person in the order in which they were said; on each door
/// by itself where doors were down, because a reply that has failed three times holds up no other door.
pub async fn check_sends(store: &dyn Store, accepted: &[(DeliveryId, MessageId)], by_door: bool) -> anyhow::Result<()> {
    let mut sent: HashSet<DeliveryId> = HashSet::new();
    let mut last: HashMap<(CustomerId, Option<ChannelKind>), (i64, MessageId)> = HashMap::new();
    for (delivery, message) in accepted {
        ensure!(sent.insert(*delivery), "{delivery} was sent twice");
        let said = store.message(&workspace(), *message).await?.with_context(|| format!("{message} was sent and is gone"))?;
        let talk = store.conversation(&workspace(), said.conversation).await?.context("a reply without a conversation")?;
        if let Some((seq, before)) = last.insert((talk.conversation.customer, by_door.then_some(said.channel)), (said.seq, *message)) {
            ensure!(seq < said.seq, "{message} was sent after {before}, which was said later");
        }
    }
    Ok(())
}

/// No invariant of the stored data is broken.
pub async fn check_data(folder: &Path) -> anyhow::Result<()> {
    let found = store::examine(&settings(folder)).await?.context("nothing was stored")?;
    for finding in found.iter().filter(|finding| finding.violations > 0) {
        bail!("{}: {} ({:?})", finding.name, finding.promise, finding.examples);
    }
    Ok(())
}

/// Both clocks: they pass together, and business time jumps by itself.
#[derive(Debug)]
pub struct Time {
    business: AtomicI64,
    steady: AtomicU64,
}

impl Default for Time {
    fn default() -> Self {
        Self { business: AtomicI64::new(START * 1_000_000), steady: AtomicU64::new(1_000_000) }
    }
}

impl Time {
    pub fn pass(&self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.business.fetch_add(micros.cast_signed(), Ordering::AcqRel);
        self.steady.fetch_add(micros, Ordering::AcqRel);
    }

    pub fn jump(&self, seconds: i64) {
        self.business.fetch_add(seconds * 1_000_000, Ordering::AcqRel);
    }
}

impl Clock for Time {
    /// No two looks see the same moment.
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.business.fetch_add(1, Ordering::AcqRel))
    }
}

impl Monotonic for Time {
    fn now(&self) -> MonotonicTime {
        MonotonicTime::from_micros(self.steady.fetch_add(1, Ordering::AcqRel))
    }
}

#[derive(Debug)]
pub struct Chance(Mutex<Dice>);

impl Random for Chance {
    fn bits(&self) -> u128 {
        let mut dice = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (u128::from(dice.roll()) << 64) | u128::from(dice.roll())
    }
}

/// How vendors are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Every outcome that a send can have.
    Fickle,
    /// Nobody can be reached.
    Down,
    /// Everything is taken.
    Good,
}

/// The vendors of all doors, and what they took.
#[derive(Debug)]
pub struct Vendors(Mutex<Ledger>);

#[derive(Debug)]
struct Ledger {
    dice: Dice,
    mood: Mood,
    accepted: Vec<(DeliveryId, MessageId)>,
}

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(Dice::new(seed, "ids")))
    }
}

impl Vendors {
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(Ledger { dice: Dice::new(seed, "vendors"), mood: Mood::Fickle, accepted: Vec::new() }))
    }

    pub fn be(&self, mood: Mood) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).mood = mood;
    }

    pub fn accepted(&self) -> Vec<(DeliveryId, MessageId)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).accepted.clone()
    }

    fn take(&self, delivery: &Delivery) -> Result<Sent, SendError> {
        let mut ledger = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let luck = match ledger.mood {
            Mood::Fickle => ledger.dice.below(100),
            Mood::Down => 5,
            Mood::Good => 99,
        };
        match luck {
            0..5 => return Err(SendError::RateLimited(Some(Duration::from_secs(3)))),
            5..10 => return Err(SendError::NotSent("no connection".to_owned())),
            10..13 => return Err(SendError::Refused { code: "bad".to_owned(), why: "no".to_owned(), opted_out: false }),
            13..16 => return Err(SendError::Unknown("the answer was lost, and so was the message".to_owned())),
            _ => ledger.accepted.push((delivery.id, delivery.message)),
        }
        if luck < 22 {
            return Err(SendError::Unknown("the answer was lost".to_owned()));
        }
        Ok(Sent { provider_message_id: Some(format!("v-{}", delivery.id)) })
    }
}

struct SimulatedDoor {
    kind: ChannelKind,
    vendors: Arc<Vendors>,
}

#[async_trait]
impl Channel for SimulatedDoor {
    fn kind(&self) -> ChannelKind {
        self.kind
    }

    fn capabilities(&self) -> &Capabilities {
        channels::capabilities(self.kind)
    }

    fn receive(&self, _request: &HookRequest<'_>, _now_secs: i64) -> Result<Received, Refusal> {
        Err(Refusal::NotHere)
    }

    fn decode(&self, _request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal> {
        Err(Refusal::NotHere)
    }

    async fn deliver(&self, delivery: &Delivery) -> Result<Sent, SendError> {
        self.vendors.take(delivery)
    }
}
