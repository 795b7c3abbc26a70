//! The stage of a case: a workspace, people who write, and short words for what the engine would ask.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::channel::ChannelKind;
use domain::conversation::{Memo, StatusKind};
use domain::customer::Context;
use domain::event::InboundMessage;
use domain::fact::{Fact, FactStatus, Predicate, Strength};
use domain::id::Named;
use domain::identifier::{IdentifierKind, Origin, SeenIdentifier, Trust};
use domain::message::Delivery;
use domain::message::{Author, DeliveryState, Direction, InboundState, Message, Rendered, WaitingKind};
use domain::ports::{Accept, Accepted, Intake, Outbox, Placement, StoreError, Turns};
use domain::time::{MonotonicTime, Timestamp};
use domain::turn::{Claim, ConversationChange, FactChange, Reply, Task, TurnRecord};
use domain::{ConnectionId, ConversationId, CustomerId, Id, StrandId, WorkspaceId};

use crate::Storage;

pub const MINUTE: Duration = Duration::from_mins(1);
pub const DAY: Duration = Duration::from_hours(24);

/// One workspace and two clocks that only the case moves.
pub struct Stage {
    pub store: Arc<Storage>,
    pub workspace: WorkspaceId,
    counter: AtomicU64,
    clock: AtomicU64,
}

/// Somebody who writes.
#[derive(Debug, Clone)]
pub struct Person {
    pub name: Option<String>,
    pub channel: ChannelKind,
    pub sender: Vec<SeenIdentifier>,
    pub address: String,
}

impl Person {
    pub fn on_whatsapp(number: &str) -> Self {
        Self {
            name: None,
            channel: ChannelKind::Whatsapp,
            sender: vec![seen(IdentifierKind::Phone, "", number, Trust::ChannelAsserted)],
            address: number.trim_start_matches('+').to_owned(),
        }
    }
    pub fn on_telegram(id: &str) -> Self {
        Self {
            name: None,
            channel: ChannelKind::Telegram,
            sender: vec![seen(IdentifierKind::Telegram, "bot", id, Trust::ChannelAsserted)],
            address: id.to_owned(),
        }
    }
    pub fn named(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }
    pub fn connection(&self) -> ConnectionId {
        ConnectionId::from(self.channel.as_str())
    }
}

pub fn seen(kind: IdentifierKind, scope: &str, value: &str, trust: Trust) -> SeenIdentifier {
    SeenIdentifier { kind, scope: scope.to_owned(), value: value.to_owned(), raw: value.to_owned(), trust, origin: Origin::Message }
}

impl Stage {
    pub fn new(store: Arc<Storage>) -> Self {
        Self::in_workspace(store, "ergo")
    }

    pub fn in_workspace(store: Arc<Storage>, workspace: &str) -> Self {
        let (counter, clock) = (AtomicU64::new(1), AtomicU64::new(0));
        Self { store, workspace: WorkspaceId::from(workspace), counter, clock }
    }

    /// Business time, which moves with every look and with [`Stage::wait`].
    pub fn now(&self) -> Timestamp {
        Timestamp::from_micros(1_790_000_000_000_000).after(Duration::from_micros(self.clock.fetch_add(1_000, Ordering::Relaxed)))
    }

    pub fn mono(&self) -> MonotonicTime {
        MonotonicTime::from_micros(1_000_000 + self.clock.load(Ordering::Relaxed))
    }

    /// The same moment on the clock of a process that started earlier.
    pub fn mono_of_another(&self) -> MonotonicTime {
        self.mono().after(DAY)
    }

    pub fn wait(&self, by: Duration) {
        self.clock.fetch_add(by.as_micros() as u64, Ordering::Relaxed);
    }

    pub fn id<T: Named>(&self) -> Id<T> {
        let count = self.counter.fetch_add(1, Ordering::Relaxed);
        let salt = self.workspace.as_str().bytes().fold(0u128, |sum, byte| sum * 31 + u128::from(byte));
        Id::new(self.now(), (salt << 64) ^ u128::from(count))
    }

    pub async fn placement(&self, person: &Person) -> Placement {
        let evidence = self.store.evidence(&self.workspace, &person.sender).await.unwrap();
        if let Some(held) = evidence.held.into_iter().flatten().next() {
            return Placement::Known { customer: held.customer, strand: held.identifier.strand };
        }
        let ids = person.sender.iter().map(|_| (self.id(), self.id())).collect();
        Placement::New { customer: self.id(), ids }
    }

    pub fn letter(&self, person: &Person, text: &str, placement: Placement) -> Accept {
        let at = self.now();
        Accept {
            workspace: self.workspace.clone(),
            connection: person.connection(),
            channel: person.channel,
            fetched_by: person.connection(),
            dedupe: format!("{}-{}", person.address, self.counter.fetch_add(1, Ordering::Relaxed)),
            message: self.id(),
            conversation: self.id(),
            matter: domain::ports::Matter::GoesOn,
            sender: person.sender.clone(),
            placement,
            text: text.to_owned(),
            kind: WaitingKind::Message,
            inbound: InboundMessage {
                sender: person.address.clone(),
                sender_name: person.name.clone(),
                text: Some(text.to_owned()),
                ..InboundMessage::default()
            },
            address: person.address.clone(),
            link_code: None,
            typed_code: None,
            at,
            received_at: at,
            ready_at: self.mono(),
            longest_wait: Duration::from_secs(5),
            turn: true,
            attachments: Vec::new(),
        }
    }

    /// The person writes; placed as a simple engine would.
    pub async fn says(&self, person: &Person, text: &str) -> Accepted {
        let placement = self.placement(person).await;
        self.store.accept(self.letter(person, text, placement)).await.unwrap()
    }

    pub async fn claim(&self) -> Option<Claim> {
        self.store.claim(self.mono(), MINUTE).await.unwrap()
    }

    pub async fn context(&self, claim: &Claim) -> Context {
        let exclude: Vec<_> = claim.messages.iter().map(|waiting| waiting.message.id).collect();
        let conversation = claim.messages[0].message.conversation;
        self.store.context(&self.workspace, claim.lease.customer, conversation, &exclude).await.unwrap()
    }

    /// A turn that answers every message of the claim with one reply.
    pub fn record(&self, claim: &Claim, context: &Context, reply: &str) -> TurnRecord {
        let first = &claim.messages[0];
        let id = self.id();
        let message = self.entry(&first.message, reply);
        let message = Message { turn: Some(id), ..message };
        TurnRecord {
            id,
            workspace: self.workspace.clone(),
            lease: claim.lease,
            customer_version: context.customer.version,
            conversation: ConversationChange {
                id: context.conversation.id,
                status: StatusKind::Open,
                ai_silent: false,
                disclosed_on: vec![first.message.channel],
                asked_again: 0,
                repeated: 0,
                speaker: None,
                memo: Memo::default(),
            },
            states: claim.messages.iter().map(|waiting| (waiting.message.id, InboundState::Answered)).collect(),
            identity: Vec::new(),
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
            replies: vec![Reply {
                delivery: self.id(),
                message,
                rendered: Rendered {
                    text: reply.to_owned(),
                    buttons: Vec::new(),
                    cards: Vec::new(),
                    request_contact: false,
                    encloses: false,
                    template: None,
                },
                address: first.address.clone(),
                draft: false,
                spoken: false,
            }],
            timers: Vec::new(),
            gaps: Vec::new(),
            tasks: Vec::new(),
            suppress: Vec::new(),
            trace: serde_json::json!({ "answered": reply }),
            at: self.now(),
        }
    }

    /// An outbound entry beside a message.
    pub fn entry(&self, beside: &Message, text: &str) -> Message {
        Message {
            id: self.id(),
            turn: None,
            direction: Direction::Out,
            author: Author::Ai,
            author_name: None,
            text: text.to_owned(),
            state: None,
            delivery: Some(DeliveryState::Queued),
            at: self.now(),
            seq: 0,
            ..beside.clone()
        }
    }

    /// Claims, answers, commits.
    pub async fn turn(&self, reply: &str) -> TurnRecord {
        let claim = self.claim().await.expect("a message waits");
        let context = self.context(&claim).await;
        let record = self.record(&claim, &context, reply);
        self.store.commit(record.clone()).await.unwrap();
        record
    }

    pub async fn delivery(&self) -> Option<Delivery> {
        self.store.claim_delivery(self.mono(), MINUTE, &[]).await.unwrap().map(|(_, delivery)| delivery)
    }

    pub fn fact(&self, strand: Option<StrandId>, predicate: Predicate, value: &str) -> Fact {
        let at = self.now();
        Fact {
            id: self.id(),
            strand,
            predicate,
            value: value.to_owned(),
            data: serde_json::Value::Null,
            holds: true,
            quote: value.to_owned(),
            source_message: None,
            channel: None,
            origin: Origin::Message,
            extractor: "rule".to_owned(),
            valid_from: at,
            valid_to: None,
            recorded_at: at,
            retracted_at: None,
            confidence: 0.9,
            status: FactStatus::Active,
            strength: Strength::Stated,
            supersedes: None,
        }
    }

    pub fn task(&self, customer: CustomerId, what: &str, due_at: Option<Timestamp>) -> Task {
        Task { id: self.id(), customer, what: what.to_owned(), due_at, conversation: None, promise: None, assignee: None }
    }

    /// The person says it, and a turn learns it.
    pub async fn teaches(&self, person: &Person, predicate: Predicate, value: &str) -> (Accepted, Fact) {
        let accepted = self.says(person, value).await;
        let claim = self.claim().await.expect("a message waits");
        let context = self.context(&claim).await;
        let mut record = self.record(&claim, &context, "Noted.");
        let mut fact = self.fact(Some(claim.messages[0].message.strand), predicate, value);
        fact.source_message = Some(accepted.message);
        record.facts = vec![FactChange::Add(fact.clone())];
        self.store.commit(record).await.unwrap();
        (accepted, fact)
    }
}

pub fn is_stale<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    assert!(matches!(result, Err(StoreError::Stale(_))), "expected stale, got {result:?}");
}

pub fn is_lost<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    assert!(matches!(result, Err(StoreError::LeaseLost)), "expected a lost lease, got {result:?}");
}

/// Customer and conversation of an accepted message.
pub fn where_of(accepted: &Accepted) -> (CustomerId, ConversationId) {
    (accepted.customer, accepted.conversation)
}
