//! From what was read and decided to the one transaction that a turn is.

use domain::challenge::Answered;
use domain::conversation::{AskedIn, Pending, StatusKind};
use domain::customer::Context;
use domain::escalation::{Escalation, EscalationStatus};
use domain::fact::{Consent, ConsentState, Offer, OfferOutcome, Predicate};
use domain::id::LinkId;
use domain::message::{Author, DeliveryState, Direction, InboundState, Message, TimelineEvent, Waiting, WaitingKind};
use domain::settings::{Mode, Route, WorkspaceSettings};
use domain::turn::{Claim, ConversationChange, Durations, EscalationChange, Gap, Reply, Timer, TimerKind, TurnRecord};
use domain::{ChannelKind, DeliveryId, EscalationId, MessageId, OfferId, StrandId, Timestamp, TurnId};
use serde_json::json;

use super::act::Acting;
use super::decide::{ASKED_TWICE, TOLD_CONTACT, TOLD_RELEASE};
use super::learn::After;
use crate::decision::rules::Firing;
use crate::decision::{brief, score};
use crate::identity::join::Settled;
use crate::identity::level::{self, Level};
use crate::plays;
use crate::reasoning::analyst::Reading;
use crate::reasoning::answerer::{self, ReplyKind};
use crate::reasoning::builtin::sense;
use crate::reasoning::qualifier::Qualified;
use crate::reasoning::router::Routed;
use crate::rendering::phrases::Phrases;
use crate::rendering::plan::{self, Plan};
use crate::{Engine, OpenDoor};

/// As many messages with questions are remembered of a conversation.
const MOST_QUESTIONS: usize = 12;

/// Does it concern advertising alone?
fn is_marketing(waiting: &Waiting) -> bool {
    matches!(waiting.kind, WaitingKind::OptOut | WaitingKind::OptIn)
        && waiting.inbound.more.get("scope").and_then(serde_json::Value::as_str) == Some("marketing")
}

/// A turn under way.
pub(super) struct Turn<'a> {
    pub id: TurnId,
    pub engine: &'a Engine,
    pub claim: &'a Claim,
    pub door: &'a OpenDoor,
    pub settings: &'a WorkspaceSettings,
    pub whole: &'a Context,
    pub known: &'a Context,
    pub strand: StrandId,
    pub level: Level,
    /// A link whose join still waits after these messages.
    pub joining: Option<LinkId>,
    /// What became of a one-time code in these messages.
    pub coded: Option<Answered>,
    pub reading: &'a Reading,
    pub now: Timestamp,
    /// Only to see what would be said.
    pub is_dry: bool,
    /// A teammate says it, in their own name.
    pub is_teammates: bool,
}

impl Turn<'_> {
    /// A stop or start word: handled at once, by code alone, with one confirmation at most.
    pub fn without_reply(&self, texts: &[(MessageId, String)], settled: &Settled) -> Option<TurnRecord> {
        let kinds: Vec<WaitingKind> =
            self.claim.messages.iter().filter(|waiting| !is_marketing(waiting)).map(|waiting| waiting.kind).collect();
        if kinds.is_empty() && !self.claim.messages.is_empty() {
            let mut record = self.empty(settled);
            record.states = self.states(InboundState::IgnoredByRule);
            record.consents = self.marketing();
            record.trace = json!({"decision": "marketing"});
            return Some(record);
        }
        let stop = kinds.contains(&WaitingKind::OptOut) || self.reading.stop_word == Some(sense::StopWord::Stop);
        let start = kinds.contains(&WaitingKind::OptIn) || (self.reading.stop_word == Some(sense::StopWord::Start) && self.is_stopped());
        if !stop && !start {
            return None;
        }
        let words = Phrases::new(&self.reading.language);
        let mut record = self.empty(settled);
        record.states = self.states(InboundState::IgnoredByRule);
        let said = texts.last().map(|(_, text)| text.clone()).unwrap_or_default();
        record.consents.push(self.consent("marketing", None, if stop { ConsentState::Withdrawn } else { ConsentState::Given }, &said));
        record.suppress.push((self.door.settings.id.clone(), self.address(), stop));
        // The carrier confirms STOP and START on SMS itself; a blocked bot cannot be told anything.
        let channel = self.door.settings.channel;
        let can_confirm = matches!(channel, ChannelKind::Whatsapp | ChannelKind::Widget | ChannelKind::Api)
            || (matches!(channel, ChannelKind::Telegram | ChannelKind::Messenger | ChannelKind::Instagram) && !said.trim().is_empty());
        if can_confirm {
            let text = words.say(if stop { "stop.done" } else { "start.done" });
            let plan = plan::plan(&plan::Draft { parts: vec![text], ..plan::Draft::default() }, self.door.channel.capabilities(), &words);
            record.replies = self.replies(record.id, &plan, Author::System, &[], false);
        }
        record.trace = json!({"decision": if stop { "stopped" } else { "started" }});
        Some(record)
    }

    /// Some vendors let people ask for advertising or stop it alone: whatever else they write is answered as before.
    fn marketing(&self) -> Vec<Consent> {
        let asked = self.claim.messages.iter().filter(|waiting| is_marketing(waiting));
        let state = |kind| if kind == WaitingKind::OptOut { ConsentState::Withdrawn } else { ConsentState::Given };
        asked.map(|waiting| self.consent("marketing", None, state(waiting.kind), &waiting.message.text)).collect()
    }

    pub(super) fn is_stopped(&self) -> bool {
        let address = self.address();
        self.whole.doors.iter().any(|door| door.connection == self.door.settings.id && door.address == address && door.stopped)
    }

    /// Everything the turn writes.
    #[expect(clippy::too_many_arguments, reason = "the parts of a turn meet here once")]
    pub fn record(
        &self,
        after: After,
        acting: Acting,
        replies: Vec<answerer::Reply>,
        qualified: Qualified,
        firing: Firing,
        routed: Routed,
        plan: Plan,
        spoken: Option<&Reply>,
        took: Durations,
    ) -> TurnRecord {
        let mut record = self.empty(&Settled::Clear);
        let silent = routed.decision == "silent";
        let lead = score::score(&after.customer, &self.known.history, &self.reading.signals);
        let draft = self.engine.mode(&self.door.settings) == Mode::Draft;
        record.states = self.states(if silent || draft { InboundState::HandedOver } else { InboundState::Answered });
        record.escalation = self.escalation(&after, &firing, record.id);
        let escalated = record.escalation.is_some();
        if let Some(EscalationChange::Open(escalation)) = record.escalation.clone() {
            self.escalation_rows(&escalation, &mut record);
        }
        record.trace = self.trace(&after, &acting, &replies, &qualified, &firing, &routed, &plan, took, &lead);
        if !silent {
            record.replies = self.replies(record.id, &plan, Author::Ai, &routed.sources, draft);
        }
        if let (Some(spoken), Some(first)) = (spoken, record.replies.first_mut()) {
            *first = first.clone().going_on(spoken);
        }
        if !silent {
            record.replies.extend(self.said_elsewhere(&acting, draft));
        }
        record.events.extend(self.told_on_timeline(&acting));
        record.events.extend(self.steps_on_timeline(&acting));
        // Where a person takes over, nobody was told of a code.
        record.challenge = acting.challenge.clone().filter(|_| routed.decision == "reply").map(Box::new);
        record.conversation = self.conversation(&after, &routed, &plan, silent, escalated, acting.spends_proof);
        self.note_questions(&mut record.conversation.memo.asked, &replies, silent);
        record.asked = qualified.settled.iter().map(|(slot, outcome)| (*slot, *outcome)).collect();
        if let Some(slot) = routed.asked {
            record.asked.push((slot, domain::fact::AskOutcome::Open));
        }
        record.gaps = routed
            .gaps
            .iter()
            .map(|question| Gap {
                key: gap_key(question),
                question: question.clone(),
                conversation: self.whole.conversation.id,
                message: self.claim.messages[0].message.id,
            })
            .collect();
        record.tasks = after.tasks;
        if !silent && replies.is_empty() && acting.say.is_empty() {
            let issues = after.noted.iter().filter(|(predicate, _)| *predicate == Predicate::Issue);
            record.tasks.extend(issues.map(|(_, issue)| self.task(format!("look into: {issue}"), None)));
        }
        record.tasks.extend(routed.gaps.iter().map(|question| self.task(format!("answer: {question}"), None)));
        record.tasks.extend(acting.task.map(|what| self.task(what, None)));
        record.timers.extend(acting.timers);
        let (customer, conversation) = (self.whole.customer.id, self.whole.conversation.id);
        let play = self.settings.unanswered_mail.as_ref();
        record.timers.extend(plays::timer(play, &self.settings.timezone, &record.replies, customer, conversation, self.now));
        record.actions = acting.changes;
        record.facts = after.facts;
        record.promises = after.promises;
        record.offers = after.offers;
        record.offers.extend(self.suggested(&replies, message_of(&record.replies)));
        record.offer_outcomes = after.offer_outcomes;
        record.consents = after.consents;
        record.consents.extend(self.marketing());
        record.identity = after.identity;
        record.lead = Some(lead);
        record
    }

    /// Which of these messages ask something, and whether they were answered.
    fn note_questions(&self, asked: &mut Vec<AskedIn>, replies: &[answerer::Reply], silent: bool) {
        if self.reading.signals.questions.is_empty() {
            return;
        }
        let is_answer = |reply: &answerer::Reply| !reply.kind.is_unanswered() && !matches!(reply.kind, ReplyKind::Unclear(_));
        let answered = !silent && !replies.is_empty() && replies.iter().all(is_answer);
        let asking = self.claim.messages.iter().filter(|waiting| waiting.message.text.contains('?'));
        let message = asking.last().or(self.claim.messages.last()).map(|waiting| waiting.message.id);
        asked.extend(message.map(|message| AskedIn { message, answered }));
        if asked.len() > MOST_QUESTIONS {
            asked.remove(1);
        }
    }

    /// What was suggested for what they told us is an offer that waits for an answer.
    pub(super) fn suggested(&self, replies: &[answerer::Reply], message: Option<MessageId>) -> Option<Offer> {
        let (product, terms) = replies.iter().find_map(|reply| match &reply.kind {
            ReplyKind::Fitting(answer) => {
                Some((answer.topic.clone()?, answer.citations.first().map(|passage| passage.text.clone()).unwrap_or_default()))
            }
            ReplyKind::Sources(_)
            | ReplyKind::Near(_)
            | ReplyKind::Differ(_)
            | ReplyKind::Memory(_)
            | ReplyKind::Event(_)
            | ReplyKind::Unclear(_)
            | ReplyKind::Unknown
            | ReplyKind::Vague => None,
        })?;
        let known = self.known.customer.offers.iter().any(|offer| offer.product.eq_ignore_ascii_case(&product));
        (!known && message.is_some()).then(|| Offer {
            id: OfferId::new(self.now, self.engine.random.bits()),
            strand: self.strand,
            product,
            terms,
            at: self.now,
            outcome: OfferOutcome::Open,
            reason: None,
            source_message: message,
        })
    }

    pub(super) fn conversation(
        &self,
        after: &After,
        routed: &Routed,
        plan: &Plan,
        silent: bool,
        escalated: bool,
        spends_proof: bool,
    ) -> ConversationChange {
        let before = &self.whole.conversation;
        let mut memo = before.memo.clone();
        memo.pending.clone_from(&routed.pending);
        memo.choices.clone_from(&plan.choices);
        memo.rest.clone_from(&routed.rest);
        memo.stepped_up = self.stepped_up(spends_proof);
        memo.joining = match &routed.pending {
            Some(Pending::ConfirmJoin { link, .. }) => Some(*link),
            _ => self.joining,
        };
        if let Some(topic) = &routed.topic {
            memo.topics.retain(|known| known != topic);
            memo.topics.push(topic.clone());
            if memo.topics.len() > 8 {
                memo.topics.remove(0);
            }
        }
        let mut tell = |key: &str, said: bool| {
            if said && !memo.told.iter().any(|told| told == key) {
                memo.told.push(key.to_owned());
            }
        };
        tell(TOLD_RELEASE, !silent && self.must_tell_release());
        tell(TOLD_CONTACT, routed.draft.request_contact);
        tell(ASKED_TWICE, self.ask_again().is_some());
        let mut disclosed_on = before.disclosed_on.clone();
        if routed.disclosed && !disclosed_on.contains(&self.door.settings.channel) {
            disclosed_on.push(self.door.settings.channel);
        }
        let ai_silent = before.ai_silent || escalated;
        let shared = level::own_identifier(self.whole, self.strand).is_some_and(|identifier| identifier.shared);
        ConversationChange {
            id: before.id,
            // Where the dial keeps the AI silent, only a person can answer; the next message finds the dial as it is then.
            status: if ai_silent || silent { StatusKind::WithTeammate } else { StatusKind::Open },
            ai_silent,
            disclosed_on,
            asked_again: u32::from(routed.asked.is_some_and(|slot| crate::memory::slots::is_known(&self.known.customer, slot))),
            repeated: after.repeated,
            speaker: if shared { Some(self.strand) } else { before.speaker },
            memo,
        }
    }

    pub(super) fn escalation(&self, after: &After, firing: &Firing, turn: TurnId) -> Option<EscalationChange> {
        let names = firing.names();
        let first = names.first()?;
        let brief =
            brief::write(self.settings, self.known, &after.customer, &self.reading.text, self.reading.signals.sentiment, &firing.evidence);
        if let Some(open) = &self.whole.escalation {
            let also = names.iter().filter(|name| **name != open.rule && !open.also.contains(name)).cloned().collect();
            return Some(EscalationChange::Add { id: open.id, also, evidence: firing.evidence.clone(), brief });
        }
        let Route { team, way } = self.destination(firing);
        Some(EscalationChange::Open(Box::new(Escalation {
            id: EscalationId::new(self.now, self.engine.random.bits()),
            customer: self.whole.customer.id,
            conversation: self.whole.conversation.id,
            rule: first.clone(),
            also: names[1..].to_vec(),
            status: EscalationStatus::Open,
            evidence: firing.evidence.clone(),
            brief,
            at: self.now,
            due_at: self.due(firing),
            turn: Some(turn),
            team,
            way,
        })))
    }

    /// The timeline's line and the two timers of an escalation.
    pub(super) fn escalation_rows(&self, escalation: &Escalation, record: &mut TurnRecord) {
        record.events.push(self.timeline_event(
            "escalation",
            &escalation.rule,
            json!({"rule": escalation.rule, "also": escalation.also, "escalation": escalation.id}),
        ));
        let id = escalation.id;
        record.timers.push(Timer {
            key: format!("wait:{id}"),
            due_at: escalation.due_at,
            customer: escalation.customer,
            what: TimerKind::EscalationWait { escalation: id },
        });
        record.timers.push(Timer {
            key: format!("release:{id}"),
            due_at: self.now.after(self.settings.escalation_release),
            customer: escalation.customer,
            what: TimerKind::EscalationRelease { escalation: id },
        });
    }

    pub(super) fn timeline_event(&self, kind: &str, text: &str, data: serde_json::Value) -> Message {
        let mut message = self.message(Direction::Event, Author::System, text.to_owned());
        message.event = Some(TimelineEvent { kind: kind.to_owned(), data });
        message
    }

    pub(super) fn message(&self, direction: Direction, author: Author, text: String) -> Message {
        Message {
            id: MessageId::new(self.now, self.engine.random.bits()),
            strand: self.strand,
            conversation: self.whole.conversation.id,
            turn: None,
            channel: self.door.settings.channel,
            connection: self.door.settings.id.clone(),
            direction,
            author,
            author_name: None,
            text,
            buttons: Vec::new(),
            sources: Vec::new(),
            cards: Vec::new(),
            event: None,
            at: self.now,
            state: None,
            delivery: (direction == Direction::Out).then_some(DeliveryState::Queued),
            delivery_reason: None,
            seq: 0,
            language: Some(self.reading.language.clone()),
            changed: None,
        }
    }

    pub(super) fn replies(
        &self,
        turn: TurnId,
        plan: &Plan,
        author: Author,
        sources: &[domain::message::Source],
        draft: bool,
    ) -> Vec<Reply> {
        let address = self.address();
        let single = plan.messages.len() == 1;
        let last = plan.messages.len().saturating_sub(1);
        plan.messages
            .iter()
            .enumerate()
            .map(|(place, rendered)| {
                let text = if single { plan.text.clone() } else { rendered.text.clone() };
                let mut message = self.message(Direction::Out, author, text);
                message.turn = Some(turn);
                message.buttons.clone_from(&rendered.buttons);
                message.cards.clone_from(&rendered.cards);
                if place == last {
                    message.sources = sources.to_vec();
                }
                Reply {
                    delivery: DeliveryId::new(self.now, self.engine.random.bits()),
                    message,
                    rendered: rendered.clone(),
                    address: address.clone(),
                    draft,
                    spoken: false,
                }
            })
            .collect()
    }

    pub(super) fn states(&self, state: InboundState) -> Vec<(MessageId, InboundState)> {
        self.claim.messages.iter().map(|waiting| (waiting.message.id, state)).collect()
    }

    pub(super) fn address(&self) -> String {
        self.claim.messages.last().map(|waiting| waiting.address.clone()).unwrap_or_default()
    }

    pub(super) fn empty(&self, settled: &Settled) -> TurnRecord {
        let conversation = &self.whole.conversation;
        TurnRecord {
            id: self.id,
            workspace: self.claim.workspace.clone(),
            lease: self.claim.lease,
            customer_version: self.whole.customer.version,
            conversation: ConversationChange {
                id: conversation.id,
                status: conversation.status,
                ai_silent: conversation.ai_silent,
                disclosed_on: conversation.disclosed_on.clone(),
                asked_again: 0,
                repeated: 0,
                speaker: conversation.speaker,
                memo: conversation.memo.clone(),
            },
            states: Vec::new(),
            identity: self.noted(settled),
            facts: Vec::new(),
            promises: Vec::new(),
            promise_states: Vec::new(),
            offers: Vec::new(),
            offer_outcomes: Vec::new(),
            consents: Vec::new(),
            actions: Vec::new(),
            challenge: None,
            asked: Vec::new(),
            lead: None,
            escalation: None,
            events: Vec::new(),
            replies: Vec::new(),
            timers: Vec::new(),
            gaps: Vec::new(),
            tasks: Vec::new(),
            suppress: Vec::new(),
            trace: serde_json::Value::Null,
            at: self.now,
        }
    }
}

/// The first reply of a turn.
fn message_of(replies: &[Reply]) -> Option<MessageId> {
    replies.first().map(|reply| reply.message.id)
}

/// The same question in other spelling is one gap.
fn gap_key(question: &str) -> String {
    let mut words: Vec<String> =
        question.to_lowercase().split(|letter: char| !letter.is_alphanumeric()).filter(|word| word.len() > 2).map(str::to_owned).collect();
    words.sort();
    words.dedup();
    words.join(" ")
}
