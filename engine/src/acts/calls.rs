//! Phone calls around their turns: ringing, what is said, what was heard, and what is left when they are over.

use std::time::Duration;

use domain::call::{Attestation, Call, CallAbout, CallDirection, CallState, CallTurn};
use domain::escalation::{Escalation, EscalationStatus};
use domain::event::{InboundEvent, InboundMessage};
use domain::fact::{Consent, ConsentState, Predicate, Promise, PromiseStatus, Promiser};
use domain::id::{CallId, ConnectionId, WorkspaceId};
use domain::message::{Author, Direction, Message, TimelineEvent};
use domain::ports::{CallEnding, StoreError, Stored};
use domain::settings::{Way, WorkspaceSettings};
use domain::turn::{Task, Timer, TimerKind};
use domain::{
    ChannelKind, ConsentId, ConversationId, CustomerId, IdentifierKind, MessageId, PromiseId, StrandId, TaskId, Timestamp, Trust,
};
use serde_json::json;

use crate::calls::zones;
use crate::decision::hours;
use crate::reasoning::private::masked;
use crate::rendering::phrases::Phrases;
use crate::rendering::spoken::SpokenText;
use crate::{Engine, Taken};

/// A call as the door understood it, when it begins to ring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// The vendor's id.
    pub vendor_id: String,
    /// The other side as the vendor wrote it.
    pub from: String,
    /// E.164.
    pub number: Option<String>,
    /// How far the number is vouched for.
    pub attestation: Attestation,
    /// Who rang.
    pub direction: CallDirection,
    /// Language tag of the number rung, where one is configured.
    pub language: Option<String>,
}

/// Something said or keyed on a call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Utterance {
    /// Unique within the call.
    pub key: String,
    /// In writing.
    pub text: String,
    /// As it was heard, where that differs.
    pub raw: Option<String>,
    /// Keyed, not said.
    pub by_keys: bool,
    /// The caller wants a person.
    pub wants_person: bool,
    /// A teammate speaks on this call: nobody else answers.
    pub to_teammate: bool,
    /// What a teammate wants weighed in the answer.
    pub whispered: Option<String>,
}

/// Where the messages of a call say what else belongs to the turn.
pub(crate) const TO_TEAMMATE: &str = "to_teammate";
/// See [`Utterance::whispered`].
pub(crate) const WHISPERED: &str = "whispered";

/// How a call came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Somebody hung up.
    Completed,
    /// A person of the business took over.
    Transferred,
    /// Nobody of the business was free.
    NobodyFree,
    /// Nobody said anything for long.
    Silent,
    /// The line broke, on our side or the carrier's.
    Cut,
    /// Nobody took our call, or a machine did.
    NotReached,
}

impl Outcome {
    /// The word on the record.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Transferred => "transferred",
            Self::NobodyFree => "nobody_free",
            Self::Silent => "silent",
            Self::Cut => "cut",
            Self::NotReached => "not_reached",
        }
    }

    /// In words, for a teammate.
    const fn words(self) -> &'static str {
        match self {
            Self::Completed => "ended",
            Self::Transferred => "put through to a person",
            Self::NobodyFree => "nobody was free to take it",
            Self::Silent => "ended after a long silence",
            Self::Cut => "cut off",
            Self::NotReached => "not answered",
        }
    }
}

/// What a caller is told, and what the person who takes over hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handover {
    /// The brief in one breath.
    pub whisper: String,
}

/// A call that may be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallPlan {
    /// Whom, E.164.
    pub number: String,
    /// Whose it is, as they are known now.
    pub customer: CustomerId,
    /// Where what they agreed to is kept.
    pub strand: StrandId,
    /// Where they stand, where they have been spoken with.
    pub conversation: Option<ConversationId>,
}

/// Why a customer is not called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallRefused {
    /// No such customer in this workspace.
    #[error("There is no such customer.")]
    NotFound,
    /// No number that is known to be theirs alone.
    #[error("No telephone number is known to be theirs.")]
    NoNumber,
    /// They said that they do not want calls.
    #[error("They have asked not to be called.")]
    Stopped,
    /// It is night where they are.
    #[error("Nobody is called before eight in the morning or after eight in the evening where they are.")]
    QuietHours,
    /// We have called already.
    #[error("They have been called within the last day.")]
    Called,
    /// They are on the phone with us.
    #[error("They are on the phone with us now.")]
    OnThePhone,
}

impl CallRefused {
    /// The stable word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::NoNumber => "no_number",
            Self::Stopped => "stopped",
            Self::QuietHours => "quiet_hours",
            Self::Called => "called_already",
            Self::OnThePhone => "on_the_phone",
        }
    }
}

/// A customer is called once in so long.
const CALLED_ONCE_IN: Duration = Duration::from_hours(24);
/// Entries of the timeline in which an earlier call is looked for.
const LOOKED_BACK: usize = 200;

/// A whisper is short: the caller waits.
const LONGEST_WHISPER: usize = 320;

impl Engine {
    /// A call begins: it is accepted durably like any message, so that its caller is placed while it rings, and its
    /// first turn is the greeting. The same call told twice is one.
    pub async fn ring(&self, connection: &ConnectionId, arrival: Arrival) -> Stored<Option<(Call, bool)>> {
        let Some(door) = self.doors.get(connection) else { return Ok(None) };
        let workspace = door.settings.workspace.clone();
        if let Some(known) = self.store.call(&workspace, connection, &arrival.vendor_id).await? {
            return Ok(Some((known, false)));
        }
        let about = CallAbout {
            vendor_id: arrival.vendor_id,
            number: arrival.number,
            attestation: arrival.attestation,
            language: arrival.language.unwrap_or_else(|| self.locale(&workspace)),
            ..CallAbout::default()
        };
        if about.attestation == Attestation::Failed {
            tracing::warn!(target: "security", %connection, "a call shows a number that the carrier found not to be its caller's; it opens nothing");
        }
        let message = InboundMessage { dedupe: Some(format!("{}:ring", about.vendor_id)), ..said_by(&about, &arrival.from) };
        let taken = self.receive(connection, vec![InboundEvent::Referral(message)]).await?;
        let Some(taken) = taken.first() else { return Ok(None) };
        let Some(stored) = self.store.message(&workspace, taken.message).await? else {
            return Err(StoreError::Corrupt("a message that was accepted is not there".to_owned()));
        };
        let now = self.clock.now();
        let about = CallAbout { rang: Some(stored.id), ..about };
        let call = Call {
            id: CallId::new(now, self.random.bits()),
            connection: connection.clone(),
            strand: stored.strand,
            conversation: taken.conversation,
            direction: arrival.direction,
            state: CallState::Ringing,
            // Everything said on it is later, the greeting too.
            at: stored.at,
            ended_at: None,
            about,
        };
        if self.store.open_call(&workspace, call.clone()).await? {
            return Ok(Some((call, true)));
        }
        let vendor_id = &call.about.vendor_id;
        Ok(self.store.call(&workspace, connection, vendor_id).await?.map(|known| (known, false)))
    }

    /// Something said on a call: durable when it returns.
    pub async fn said_on_call(&self, call: &Call, said: Utterance) -> Stored<Option<Taken>> {
        let mut message = said_by(&call.about, call.about.number.as_deref().unwrap_or_default());
        message.dedupe = Some(format!("{}:{}", call.about.vendor_id, said.key));
        message.text = Some(said.text).filter(|text| !text.trim().is_empty());
        if let Some(raw) = said.raw {
            message.more.insert("raw".to_owned(), raw.into());
        }
        if said.by_keys {
            message.more.insert("keys".to_owned(), true.into());
        }
        if said.to_teammate {
            message.more.insert(TO_TEAMMATE.to_owned(), true.into());
        }
        if let Some(whispered) = said.whispered {
            message.more.insert(WHISPERED.to_owned(), masked(&whispered).into());
        }
        let event = if said.wants_person {
            message.payload = Some("talk_to_person".to_owned());
            message.text = Some(Phrases::new(&call.about.language[..2.min(call.about.language.len())]).say("call.wants_person"));
            InboundEvent::Postback(message)
        } else {
            InboundEvent::Message(message)
        };
        Ok(self.receive(&call.connection, vec![event]).await?.pop())
    }

    /// Only so much of a message of ours was heard, as it was said: from now on nothing else was said.
    pub async fn heard_on_call(&self, workspace: &WorkspaceId, message: MessageId, heard: &str) -> Stored<()> {
        let Some(stored) = self.store.message(workspace, message).await? else { return Ok(()) };
        let language = stored.language.clone().unwrap_or_else(|| self.locale(workspace));
        let spoken = SpokenText::of(&stored.text, &language);
        let kept = spoken.heard(&stored.text, heard).to_owned();
        self.store.heard(workspace, message, &kept, self.clock.now()).await?;
        Ok(())
    }

    /// Has this call asked for a person, and is one to be expected now? The brief, in one breath.
    pub async fn handover(&self, workspace: &WorkspaceId, call: &Call) -> Stored<Option<Handover>> {
        let Some(settings) = self.workspace(workspace) else { return Ok(None) };
        let Some(escalation) = self.escalated_on(workspace, call).await? else { return Ok(None) };
        // What is answered by email needs nobody on the line, and a team that is not there answers no phone.
        if escalation.way == Some(Way::Email) || !hours::is_open_for(&settings, escalation.team, self.clock.now()) {
            return Ok(None);
        }
        Ok(Some(Handover { whisper: in_one_breath(&escalation, &settings) }))
    }

    /// What the person who is rung hears, whatever the hour: a teammate wants the caller put through.
    pub async fn whisper(&self, workspace: &WorkspaceId, call: &Call) -> Stored<Option<Handover>> {
        let Some(settings) = self.workspace(workspace) else { return Ok(None) };
        if let Some(escalation) = self.escalated_on(workspace, call).await? {
            return Ok(Some(Handover { whisper: in_one_breath(&escalation, &settings) }));
        }
        // Nobody wrote a brief: who it is, and what it was about so far.
        let Some((_, customer)) = self.store.call_by_id(workspace, call.id).await? else { return Ok(None) };
        let name = self.store.customer(workspace, customer).await?.and_then(|record| record.name().map(str::to_owned));
        let known: Vec<String> = name.into_iter().chain(self.summary_of_call(workspace, call).await?).collect();
        Ok((!known.is_empty()).then(|| Handover { whisper: breath(&known.join(". "), &settings) }))
    }

    /// The escalation that this call made and that nobody has taken yet.
    async fn escalated_on(&self, workspace: &WorkspaceId, call: &Call) -> Stored<Option<Escalation>> {
        let Some((_, customer)) = self.store.call_by_id(workspace, call.id).await? else { return Ok(None) };
        // The talk may have moved on to another conversation of theirs meanwhile.
        let open = self.store.escalations(workspace, true, 500).await?;
        Ok(open
            .into_iter()
            .find(|escalation| escalation.customer == customer && escalation.status == EscalationStatus::Open && escalation.at >= call.at))
    }

    /// May this customer be called now, and where? Asked before every call that we make, whoever wants it.
    pub async fn may_call(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<Result<CallPlan, CallRefused>> {
        let (Some(settings), Some(record)) = (self.workspace(workspace), self.store.customer(workspace, customer).await?) else {
            return Ok(Err(CallRefused::NotFound));
        };
        let now = self.clock.now();
        let number = record
            .identifiers
            .iter()
            .find(|known| known.kind == IdentifierKind::Phone && known.trust > Trust::Claimed && !known.shared)
            .map(|known| (known.value.clone(), known.strand));
        let Some((number, strand)) = number else { return Ok(Err(CallRefused::NoNumber)) };
        let newest = record.consents.iter().rev().find(|consent| matches!(consent.purpose.as_str(), "call" | "service" | "erasure"));
        if newest.is_some_and(|consent| consent.state != ConsentState::Given) {
            return Ok(Err(CallRefused::Stopped));
        }
        if !zones::may_be_called_at(now, &record.facts, &number, &settings.timezone) {
            return Ok(Err(CallRefused::QuietHours));
        }
        for (of, call) in self.store.open_calls().await? {
            let theirs =
                of == *workspace && self.store.call_by_id(workspace, call.id).await?.is_some_and(|(_, customer)| customer == record.id);
            if theirs {
                return Ok(Err(CallRefused::OnThePhone));
            }
        }
        let timeline = self.store.timeline(workspace, record.id, None, LOOKED_BACK).await?.items;
        let was_called = timeline.iter().any(|entry| {
            let is_ours = entry.event.as_ref().is_some_and(|event| event.kind == "call" && event.data["direction"] == "outbound");
            is_ours && now.since(entry.at) < CALLED_ONCE_IN
        });
        if was_called {
            return Ok(Err(CallRefused::Called));
        }
        Ok(Ok(CallPlan { number, customer: record.id, strand, conversation: timeline.last().map(|entry| entry.conversation) }))
    }

    /// They have agreed to be called, in these words: a line of the consent ledger, which stands also where nobody has
    /// spoken with them yet.
    pub async fn agreed_to_be_called(&self, workspace: &WorkspaceId, plan: &CallPlan, wording: &str) -> Stored<()> {
        let at = self.clock.now();
        let consent = Consent {
            id: ConsentId::new(at, self.random.bits()),
            strand: plan.strand,
            purpose: "call".to_owned(),
            channel: Some(ChannelKind::Voice),
            state: ConsentState::Given,
            wording: wording.to_owned(),
            at,
            source_message: None,
        };
        self.store.agree_to_calls(workspace, plan.customer, consent).await?;
        Ok(())
    }

    /// A call is over. What was said stands already; this adds the line that says how it went, and, where the caller
    /// was left waiting, the promise to call back with a task for a person. Does nothing the second time.
    pub async fn end_call(&self, workspace: &WorkspaceId, call: CallId, outcome: Outcome, turns: Vec<CallTurn>) -> Stored<bool> {
        let Some((call, customer)) = self.store.call_by_id(workspace, call).await? else { return Ok(false) };
        let Some(settings) = self.workspace(workspace) else { return Ok(false) };
        if call.state == CallState::Ended {
            return Ok(false);
        }
        let now = self.clock.now();
        let escalated = self.escalated_on(workspace, &call).await?.is_some();
        let owes = matches!(outcome, Outcome::Cut | Outcome::NobodyFree) || (escalated && outcome != Outcome::Transferred);
        let due_at = hours::after(&settings, now, settings.escalation_wait);
        let number = call.about.number.clone();
        let callback = number.filter(|_| owes).map(|number| self.callback(&call, customer, &number, outcome, due_at, now));
        let (task, promise, timer) = match callback {
            Some((task, promise, timer)) => (Some(task), Some(promise), Some(timer)),
            None => (None, None, None),
        };
        let event = self.call_event(workspace, &settings, &call, customer, outcome, now).await?;
        let about = CallAbout { outcome: Some(outcome.as_str().to_owned()), turns, ..call.about.clone() };
        let ended = self.store.end_call(workspace, CallEnding { call: call.id, about, event, task, promise, timer, at: now }).await?;
        if ended && !matches!(outcome, Outcome::NotReached | Outcome::Silent) {
            self.follow(workspace, &settings, &call, customer).await;
        }
        Ok(ended)
    }

    /// The call is over whatever becomes of its mail.
    async fn follow(&self, workspace: &WorkspaceId, settings: &WorkspaceSettings, call: &Call, customer: CustomerId) {
        let written = async {
            match self.store.customer(workspace, customer).await? {
                Some(of) => self.follow_by_mail(workspace, settings, call, &of).await,
                None => Ok(()),
            }
        };
        if let Err(error) = written.await {
            tracing::error!(call = %call.id, ?error, "no mail follows a call, it could not be written");
        }
    }

    fn callback(
        &self,
        call: &Call,
        customer: CustomerId,
        number: &str,
        outcome: Outcome,
        due_at: Timestamp,
        now: Timestamp,
    ) -> (Task, Promise, Timer) {
        let promise = Promise {
            id: PromiseId::new(now, self.random.bits()),
            strand: call.strand,
            by: Promiser::Us,
            what: Phrases::new(&call.about.language[..2.min(call.about.language.len())]).say("call.promise"),
            due_at: Some(due_at),
            status: PromiseStatus::Open,
            source_message: None,
            channel: ChannelKind::Voice,
            at: now,
        };
        let task = Task {
            id: TaskId::new(now, self.random.bits()),
            customer,
            what: format!("call back {number}: the call was {}", outcome.words()),
            due_at: Some(due_at),
            conversation: Some(call.conversation),
            promise: Some(promise.id),
            assignee: None,
        };
        let timer = Timer { key: format!("promise:{}", promise.id), due_at, customer, what: TimerKind::PromiseDue { promise: promise.id } };
        (task, promise, timer)
    }

    /// The line on the timeline: how long, how it came out, what is new since it began.
    async fn call_event(
        &self,
        workspace: &WorkspaceId,
        settings: &WorkspaceSettings,
        call: &Call,
        customer: CustomerId,
        outcome: Outcome,
        now: Timestamp,
    ) -> Stored<Message> {
        let record = self.store.customer(workspace, customer).await?;
        let new_facts: Vec<String> = record
            .iter()
            .flat_map(|record| &record.facts)
            .filter(|fact| fact.channel == Some(ChannelKind::Voice) && fact.recorded_at >= call.at && fact.predicate != Predicate::Stage)
            .map(|fact| format!("{}: {}", fact.predicate, fact.value))
            .collect();
        let promises: Vec<String> = record
            .iter()
            .flat_map(|record| &record.promises)
            .filter(|promise| promise.channel == ChannelKind::Voice && promise.at >= call.at)
            .map(|promise| promise.what.clone())
            .collect();
        let seconds = now.since(call.at).as_secs();
        let summary = self.summary_of_call(workspace, call).await?;
        let how = format!("Phone call, {}, {}", length(now.since(call.at)), outcome.words());
        let text = summary.as_ref().map_or_else(|| how.clone(), |summary| format!("{how}. {summary}"));
        Ok(Message {
            id: MessageId::new(now, self.random.bits()),
            strand: call.strand,
            conversation: call.conversation,
            turn: None,
            channel: ChannelKind::Voice,
            connection: call.connection.clone(),
            direction: Direction::Event,
            author: Author::System,
            author_name: None,
            text,
            buttons: Vec::new(),
            sources: Vec::new(),
            cards: Vec::new(),
            event: Some(TimelineEvent {
                kind: "call".to_owned(),
                data: json!({
                    "call": call.id,
                    "direction": call.direction,
                    "attestation": call.about.attestation,
                    "outcome": outcome.as_str(),
                    "seconds": seconds,
                    "learned": new_facts,
                    "promised": promises,
                    "summary": summary,
                }),
            }),
            at: now,
            state: None,
            delivery: None,
            delivery_reason: None,
            seq: 0,
            language: Some(settings.locale.clone()),
            changed: None,
        })
    }
}

fn in_one_breath(escalation: &Escalation, settings: &WorkspaceSettings) -> String {
    let brief = &escalation.brief;
    breath(&format!("{}. {}. {}", brief.name, brief.need, brief.why), settings)
}

fn breath(whole: &str, settings: &WorkspaceSettings) -> String {
    let short: String = whole.chars().take(LONGEST_WHISPER).collect();
    SpokenText::of(&short, &settings.locale).text()
}

fn length(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 { format!("{seconds} s") } else { format!("{} min {} s", seconds / 60, seconds % 60) }
}

/// A message on this call, without what it says. The call is the address that answers go to.
fn said_by(about: &CallAbout, from: &str) -> InboundMessage {
    let mut message = InboundMessage {
        sender: about.number.clone().unwrap_or_else(|| if from.is_empty() { "anonymous".to_owned() } else { from.to_owned() }),
        sender_e164: about.number.clone(),
        chat: Some(about.vendor_id.clone()),
        locale: Some(about.language.clone()).filter(|language| !language.is_empty()),
        ..InboundMessage::default()
    };
    message.more.insert("attestation".to_owned(), about.attestation.as_str().into());
    message
}
