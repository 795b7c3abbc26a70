//! One world of a simulation.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use domain::event::{InboundEvent, InboundMessage};
use domain::message::InboundState;
use domain::ports::{ConversationFilter, StoreError, Stored};
use domain::turn::Claim;
use domain::{ChannelKind, ConnectionId, ConversationId, MessageId, TeammateId, Timestamp};
use engine::{Engine, Wording};
use rehearsal::faults::dice::Dice;

use crate::library::Sources;

use super::ground::{Chance, Mood, START, Time, Vendors, check_data, check_sends, live, settings, workspace};

/// What happens in a world before it comes to rest.
const ACTS: u64 = 120;
/// A world that has not come to rest after so many rounds never will.
const MOST_ROUNDS: usize = 400;
/// As long as a turn's lease, and a moment.
const BEYOND_A_LEASE: Duration = Duration::from_secs(61);

/// People, and where they write. The number joins the doors of the first two.
const WRITERS: [(ChannelKind, &str); 5] = [
    (ChannelKind::Whatsapp, "33612345601"),
    (ChannelKind::Sms, "+33612345601"),
    (ChannelKind::Whatsapp, "33612345602"),
    (ChannelKind::Telegram, "4711"),
    (ChannelKind::Telegram, "4712"),
];

const TEXTS: [&str; 14] = [
    "Hello",
    "What do you sell?",
    "My budget is 500 EUR",
    "How long is delivery?",
    "I need a chair for my office",
    "That is over our budget",
    "My name is Sarah Quill",
    "Can I talk to a person?",
    "No, thank you",
    "Yes please",
    "My order 4711 has not arrived",
    "STOP",
    "START",
    "ok",
];

/// What was seen in worlds.
#[derive(Debug, Default)]
pub struct Counts {
    events: u64,
    redelivered: u64,
    accepted: u64,
    sent: u64,
    deaths: u64,
    zombies: u64,
    jumps: u64,
}

impl Counts {
    pub fn add(&mut self, other: &Self) {
        self.events += other.events;
        self.redelivered += other.redelivered;
        self.accepted += other.accepted;
        self.sent += other.sent;
        self.deaths += other.deaths;
        self.zombies += other.zombies;
        self.jumps += other.jumps;
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            out,
            "{} messages, {} delivered again, {} accepted, {} replies sent, {} deaths, {} workers back too late, {} jumps of the clock",
            self.events, self.redelivered, self.accepted, self.sent, self.deaths, self.zombies, self.jumps
        )
    }
}

/// What a vendor offers until it is taken, and again.
struct Offer {
    connection: ConnectionId,
    message: InboundMessage,
    taken: Option<MessageId>,
}

/// A world.
pub struct World {
    dice: Dice,
    folder: PathBuf,
    time: Arc<Time>,
    chance: Arc<Chance>,
    vendors: Arc<Vendors>,
    store: Arc<store::Storage>,
    engine: Arc<Engine>,
    offers: Vec<Offer>,
    counts: Counts,
}

impl World {
    /// A database that worlds begin with.
    pub async fn found(folder: &Path) -> anyhow::Result<()> {
        std::fs::create_dir_all(folder)?;
        let store = store::open(settings(folder)).await?;
        let port: Arc<dyn domain::ports::Store> = store;
        port.ensure_workspace(&workspace(), "World", Timestamp::from_secs(START)).await?;
        drop(port);
        // The writers end on threads of their own; the last to close takes its log into the file.
        for _ in 0..MOST_ROUNDS {
            if !std::fs::read_dir(folder)?.any(|file| file.is_ok_and(|file| file.file_name().to_string_lossy().ends_with("-wal"))) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        bail!("the database is not closed")
    }

    pub fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
        std::fs::create_dir_all(to)?;
        for file in std::fs::read_dir(from)? {
            let file = file?;
            std::fs::copy(file.path(), to.join(file.file_name()))?;
        }
        Ok(())
    }

    /// Plays it to its end; an error says which promise was broken.
    pub async fn play(seed: u64, folder: &Path) -> anyhow::Result<Counts> {
        let time = Arc::new(Time::default());
        let chance = Arc::new(Chance::new(seed));
        let vendors = Arc::new(Vendors::new(seed));
        let (store, engine) = live(folder, &time, &chance, &vendors, Arc::new(Sources::default())).await?;
        let (dice, offers, counts) = (Dice::new(seed, "acts"), Vec::new(), Counts::default());
        let mut world = Self { dice, folder: folder.to_owned(), time, chance, vendors, store, engine, offers, counts };
        for number in 0..ACTS {
            let done = world.act(number).await;
            world.go_on(done).await.with_context(|| format!("act {number}"))?;
        }
        world.come_to_rest().await?;
        world.check().await?;
        Ok(world.counts)
    }

    /// One thing happens.
    async fn act(&mut self, number: u64) -> Stored<()> {
        match self.dice.below(100) {
            0..30 => self.somebody_writes(number).await,
            30..37 => self.vendor_redelivers().await,
            37..57 => self.engine.run_turn().await.map(|_| ()),
            57..62 => self.two_turns_at_once(number).await,
            62..64 => self.zombie().await,
            64..80 => self.engine.run_delivery().await.map(|_| ()),
            80..84 => self.engine.run_timers().await.map(|_| ()),
            84..88 => self.teammate().await,
            88..95 => {
                let seconds = [1, 2, 5, 20, 90, 900][self.dice.below(6) as usize];
                self.time.pass(Duration::from_secs(seconds));
                Ok(())
            }
            95..97 => {
                let hours = [1, -1, 24, -24][self.dice.below(4) as usize];
                self.time.jump(hours * 3_600);
                self.counts.jumps += 1;
                Ok(())
            }
            _ => {
                if let Some(fate) = self.store.fate() {
                    fate.die_after(1 + self.dice.below(14));
                }
                Ok(())
            }
        }
    }

    /// After a death somebody starts the server again; any other failure is none that a world may have.
    async fn go_on(&mut self, done: Stored<()>) -> anyhow::Result<()> {
        if self.store.fate().is_some_and(store::fail::Fate::is_dead) {
            self.counts.deaths += 1;
            (self.store, self.engine) = live(&self.folder, &self.time, &self.chance, &self.vendors, Arc::new(Sources::default())).await?;
            return Ok(());
        }
        match done {
            Ok(()) | Err(StoreError::Stale(_) | StoreError::LeaseLost) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn somebody_writes(&mut self, number: u64) -> Stored<()> {
        let (channel, address) = WRITERS[self.dice.below(WRITERS.len() as u64) as usize];
        let text = TEXTS[self.dice.below(TEXTS.len() as u64) as usize];
        let connection = ConnectionId::from(channel.as_str());
        let message = InboundMessage {
            sender: address.to_owned(),
            sender_e164: (channel != ChannelKind::Telegram).then(|| format!("+{}", address.trim_start_matches('+'))),
            text: Some(text.to_owned()),
            provider_message_id: Some(format!("{channel}-{number}")),
            ..InboundMessage::default()
        };
        self.counts.events += 1;
        self.offers.push(Offer { connection, message, taken: None });
        self.offer(self.offers.len() - 1).await
    }

    async fn vendor_redelivers(&mut self) -> Stored<()> {
        if self.offers.is_empty() {
            return Ok(());
        }
        self.counts.redelivered += 1;
        let which = self.dice.below(self.offers.len() as u64) as usize;
        self.offer(which).await
    }

    /// The vendor calls; it counts as taken when the answer came.
    async fn offer(&mut self, which: usize) -> Stored<()> {
        let offer = &self.offers[which];
        let event = InboundEvent::Message(offer.message.clone());
        let taken = self.engine.receive(&offer.connection, vec![event]).await?;
        let message = taken.first().map(|taken| taken.message);
        let offer = &mut self.offers[which];
        if let (Some(before), Some(now)) = (offer.taken, message)
            && before != now
        {
            return Err(StoreError::Corrupt(format!("a message that came again was taken as another one: {before}, {now}")));
        }
        offer.taken = offer.taken.or(message);
        Ok(())
    }

    /// Two workers, and something else between a claim and its turn.
    async fn two_turns_at_once(&mut self, number: u64) -> Stored<()> {
        let first = self.engine.claim_turn().await?;
        let second = self.engine.claim_turn().await?;
        match self.dice.below(3) {
            0 => self.somebody_writes(1_000 + number).await?,
            1 => self.teammate().await?,
            _ => {}
        }
        self.end(second).await?;
        self.end(first).await
    }

    async fn end(&self, claim: Option<Claim>) -> Stored<()> {
        match claim {
            Some(claim) => self.run(&claim).await,
            None => Ok(()),
        }
    }

    async fn run(&self, claim: &Claim) -> Stored<()> {
        match self.engine.run_claimed(claim).await? {
            Some(owed) => self.engine.run_claimed_delivery(owed).await,
            None => Ok(()),
        }
    }

    /// A worker stands still until its lease is over, somebody else does its work, then it comes back.
    async fn zombie(&mut self) -> Stored<()> {
        let Some(claim) = self.engine.claim_turn().await? else { return Ok(()) };
        self.counts.zombies += 1;
        self.time.pass(BEYOND_A_LEASE);
        self.engine.run_turn().await?;
        self.run(&claim).await
    }

    async fn teammate(&mut self) -> Stored<()> {
        let rows = self.engine.store().conversations(&workspace(), &ConversationFilter::default(), None, 8).await?.items;
        if rows.is_empty() {
            return Ok(());
        }
        let talk: ConversationId = rows[self.dice.below(rows.len() as u64) as usize].conversation.id;
        let by = TeammateId::new(self.engine.now(), 1);
        match self.dice.below(6) {
            0 => self.engine.take(&workspace(), talk, Some(by)).await.map(|_| ()),
            1..4 => self.engine.give_back(&workspace(), talk).await.map(|_| ()),
            4 => self.engine.resolve(&workspace(), talk).await.map(|_| ()),
            _ => {
                let wording = Wording { by: Some(by), name: "Tom", text: "I will look into it.", ..Wording::default() };
                self.engine.reply(&workspace(), talk, wording).await.map(|_| ())
            }
        }
    }

    /// Vendors behave, whatever was not taken is offered again, and everything that is owed is done.
    async fn come_to_rest(&mut self) -> anyhow::Result<()> {
        if let Some(fate) = self.store.fate() {
            fate.die_after(0);
        }
        self.vendors.be(Mood::Good);
        for which in 0..self.offers.len() {
            self.offer(which).await?;
        }
        for _ in 0..MOST_ROUNDS {
            while self.engine.run_turn().await? {}
            while self.engine.run_delivery().await? {}
            self.engine.run_timers().await?;
            let open = self.engine.store().ledger(&workspace(), None, None, 1).await?.0.open;
            if open == 0 && self.engine.next_delivery().await?.is_none() {
                return Ok(());
            }
            self.time.pass(Duration::from_secs(30));
        }
        bail!("it never comes to rest")
    }

    async fn check(&mut self) -> anyhow::Result<()> {
        let store = self.engine.store();
        for offer in &self.offers {
            let taken = offer.taken.context("a message was never taken")?;
            let message = store.message(&workspace(), taken).await?.with_context(|| format!("{taken} was acknowledged and is gone"))?;
            ensure!(message.state.is_some_and(|state| state != InboundState::Open), "{taken} has no final state");
            self.counts.accepted += 1;
        }
        let accepted = self.vendors.accepted();
        check_sends(&**store, &accepted, false).await?;
        self.counts.sent = accepted.len() as u64;
        check_data(&self.folder).await
    }
}
