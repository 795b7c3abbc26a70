//! The whole flow of a turn: read this first.

mod act;
mod book;
mod decide;
mod draft;
mod gather;
mod learn;
pub(crate) mod meanings;
mod model;
mod recall;
mod record;
mod replay;
mod step_up;
mod tools;
mod trace;

pub(crate) use self::act::noted;
pub(crate) use self::book::begins;
pub use self::draft::{CameTo, Proposed};

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use domain::TurnId;
use domain::challenge::Answered;
use domain::message::InboundState;
use domain::ports::{Claiming, StoreError, Stored};
use domain::turn::{Claim, Durations, Reply};
use futures::FutureExt;

use crate::delivery::{self, Owed};
use crate::identity::join::{self, Settled};
use crate::identity::level::{self, Level};
use crate::intake::told;
use crate::reasoning::{analyst, answerer, qualifier};
use crate::{Engine, OpenDoor};

/// One turn, model calls included.
const LEASE: Duration = Duration::from_secs(60);
/// A turn that became stale is tried again after this long.
const RETRY: Duration = Duration::from_millis(50);
/// A message that has failed this many turns hurts only itself.
const QUARANTINE_AFTER: u32 = 5;
/// Why a turn failed of which nothing is known but that it did not come to an end.
const BROKE_OFF: &str = "its turn broke off";

impl Engine {
    /// Runs one turn if any customer's burst has ended. `false`: nothing was ready.
    pub async fn run_turn(&self) -> Stored<bool> {
        let Some(claim) = self.claim_turn().await? else { return Ok(false) };
        if let Some(owed) = self.run_claimed(&claim).await? {
            self.run_claimed_delivery(owed).await?;
        }
        Ok(true)
    }

    /// Claims the next turn; whoever does must run it.
    pub async fn claim_turn(&self) -> Stored<Option<Claim>> {
        self.store.claim(self.monotonic.now(), LEASE).await
    }

    /// Runs a claimed turn to its end, whatever that is. What it gives was claimed with its commit: the caller must send it.
    pub async fn run_claimed(&self, claim: &Claim) -> Stored<Option<Owed>> {
        // Whatever took the server down with it cannot be caught: it is known by its attempts alone.
        if claim.messages.iter().any(|waiting| waiting.attempts > QUARANTINE_AFTER) {
            self.store.release(claim, BROKE_OFF, self.monotonic.now(), QUARANTINE_AFTER).await?;
            return Ok(None);
        }
        let mut spoken = None;
        let done = AssertUnwindSafe(self.turn(claim, &mut spoken)).catch_unwind().await;
        if let Some(reply) = &spoken {
            // Where the turn came to nothing, it ends there.
            self.store.hush(&claim.workspace, reply.delivery, self.clock.now()).await?;
        }
        let why = match done {
            Ok(Ok(owed)) => return Ok(owed),
            Ok(Err(StoreError::LeaseLost)) => return Ok(None),
            Ok(Err(StoreError::Stale(_))) => return self.store.unclaim(claim).await.map(|()| None),
            Ok(Err(error)) => error.to_string(),
            Err(_) => BROKE_OFF.to_owned(),
        };
        tracing::warn!(customer = %claim.lease.customer, why, "turn failed, trying again");
        self.store.release(claim, &why, self.monotonic.now().after(RETRY * 4), QUARANTINE_AFTER).await.map(|()| None)
    }

    /// One turn: who is this, what do we know, what was said, what follows, how it is written; committed as one.
    /// `spoken`: what was said of the reply before its commit.
    async fn turn(&self, claim: &Claim, spoken: &mut Option<Reply>) -> Stored<Option<Owed>> {
        let Some((door, settings)) = self.door_of(claim) else {
            return Err(StoreError::Corrupt("the connection is no longer configured".to_owned()));
        };
        let mut took = Durations::default();
        let clock = Instant::now();
        let now = self.clock.now();
        let whole = self.context_of(claim).await?;
        let strand = claim.messages[0].message.strand;
        let coded = self.answered_code(claim).await?;
        let level = match coded {
            Some(Answered::Right { customer, .. }) if customer == whole.customer.id => Level::Fresh,
            Some(_) | None => level::here(&whole, strand, door.settings.channel, now),
        };
        let mut known = level::restrict(whole.clone(), strand, level, settings.disclosure);
        if claim.messages.iter().any(|waiting| waiting.inbound.is_public()) {
            known = level::in_public(known);
        } else {
            let opening = level::Opening::of(&whole, strand, level, settings.disclosure);
            known.recalled = self.recall(claim, &known, &recall::Wanted::of(claim, &whole, &settings, &opening, now)).await?;
        }
        told::bring_forward(&mut known.history, &claim.messages);
        took.recall = clock.elapsed();

        let clock = Instant::now();
        let mut texts = gather::texts(&claim.messages, &known.conversation.memo);
        if let Some(answered) = &coded {
            step_up::resume(&mut texts, claim, &whole, *answered);
        }
        let catalogue = self.knowledge.names(&claim.workspace);
        let own_contacts = self.own_contacts(&claim.workspace);
        let given = analyst::Given { settings: &settings, context: &known, catalogue: &catalogue, own_contacts: &own_contacts };
        let reading = analyst::read(&given, &claim.messages, &texts);
        took.analyst = clock.elapsed();

        let mut evidence = self.gather(claim, &whole).await?;
        self.gather_coded(claim, &whole, coded, &mut evidence).await?;
        let said = gather::said(&reading);
        let settled = join::settle(&whole, &claim.messages, &said, &evidence, now, &*self.random);
        if let Settled::Change(changes) = settled {
            self.store.change_identity(&claim.workspace, Some(claim.lease), changes, now).await?;
            return self.store.unclaim(claim).await.map(|()| None);
        }

        let turn = record::Turn {
            id: TurnId::new(now, self.random.bits()),
            engine: self,
            claim,
            door,
            settings: &settings,
            whole: &whole,
            known: &known,
            strand,
            level,
            joining: evidence.link.as_ref().filter(|found| found.waiting).map(|found| found.link.id),
            coded,
            reading: &reading,
            now,
            is_dry: false,
            is_teammates: false,
        };
        if let Some(last) = claim.messages.last().filter(|_| turn.is_silent()) {
            self.write_on(&claim.workspace, &whole.conversation, last.message.id).await?;
        }
        if let Some(record) = turn.without_reply(&texts, &settled) {
            return self.finish(record).await;
        }
        let mut acting = turn.act().await?;
        let mut after = turn.learn(&settled, &acting);

        let clock = Instant::now();
        let desk = answerer::Desk {
            workspace: &claim.workspace,
            settings: &settings,
            knowledge: &*self.knowledge,
            catalogue: &catalogue,
            context: &known,
            after: &after.customer,
            words: &after.words,
        };
        // What was done is the answer; nothing is looked up for the same words.
        let replies = if acting.is_answer { Vec::new() } else { answerer::answer(&desk, &reading) };
        let draft = model::Draft { texts: &texts, after: &after, settled: &settled, acting: &acting, replies };
        let (mut replies, mut proposed) = turn.with_model(draft, spoken).await?;
        if let Some(verdict) = proposed.wants.take()
            && let Some(wanted) = turn.proposed_use(verdict, &after.words).await?
        {
            replies.retain(|reply| !reply.kind.is_unanswered());
            acting = wanted;
        }
        turn.learn_proposed(&mut after, proposed);
        took.answerer = clock.elapsed();

        let clock = Instant::now();
        let firing = turn.rules(&texts, &replies, &acting);
        took.rules = clock.elapsed();

        let clock = Instant::now();
        let interested = !acting.is_answer && turn.is_interested(&after, &replies);
        let qualified = qualifier::choose(&settings, &known, &after.customer, &reading, interested);
        took.qualifier = clock.elapsed();

        let clock = Instant::now();
        let routed = turn.route(&after, &acting, &replies, &qualified, &firing, &settled);
        let plan = turn.render(&routed, &after);
        took.render = clock.elapsed();

        let notice = turn.notice_of_proof().await?;
        let mut record = turn.record(after, acting, replies, qualified, firing, routed, plan, spoken.as_ref(), took);
        record.replies.extend(notice);
        self.finish(record).await
    }

    /// Commits the turn, and claims its first reply with it unless the door is busy.
    async fn finish(&self, record: domain::turn::TurnRecord) -> Stored<Option<Owed>> {
        let answered = record.states.iter().filter(|(_, state)| *state == InboundState::Answered).count();
        let (turn, workspace) = (record.id, record.workspace.clone());
        let first = record.replies.iter().find(|reply| !reply.draft).map(|reply| reply.message.connection.clone());
        let leaving = first.and_then(|connection| self.reserve(&connection));
        let claiming = leaving.as_ref().map(|leaving| Claiming {
            connection: leaving.connection().clone(),
            now: self.monotonic.now(),
            lease_for: delivery::LEASE,
        });
        let committed = self.store.commit_claiming(record, claiming).await?;
        tracing::debug!(%turn, answered, "turn.commit");
        Ok(committed.claimed.zip(leaving).map(|(delivery, leaving)| Owed::new(workspace, delivery, leaving)))
    }

    fn door_of(&self, claim: &Claim) -> Option<(&OpenDoor, std::sync::Arc<domain::settings::WorkspaceSettings>)> {
        let door = self.doors.get(&claim.messages.first()?.message.connection)?;
        Some((door, self.workspace(&claim.workspace)?))
    }
}
