//! Intake: what a message brings with it, and accepting it durably.

use std::time::Duration;

use async_trait::async_trait;

use super::{NewAttachment, Stored};
use crate::challenge::TypedCode;
use crate::channel::ChannelKind;
use crate::event::InboundMessage;
use crate::id::{ConnectionId, ConversationId, CustomerId, IdentifierId, MessageId, StrandId, WorkspaceId};
use crate::identifier::{Identifier, IdentifierKind, SeenIdentifier};
use crate::message::{Doubt, WaitingKind};
use crate::time::{MonotonicTime, Timestamp};

/// What is known about the identifiers of an incoming message, read before deciding where it belongs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SenderEvidence {
    /// Known rows for the identifiers asked about, in the order asked; `None`: never seen.
    pub held: Vec<Option<HeldIdentifier>>,
}

/// A known identifier with its holder.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldIdentifier {
    /// The row (of the customer to whom it is channel-asserted or verified, or a visitor; other claims are never returned here).
    pub identifier: Identifier,
    /// Who holds it.
    pub customer: CustomerId,
    /// Name in force of the holder, and its profile names seen.
    pub names: Vec<String>,
    /// Other customers who have a strand on it (when shared).
    pub others: Vec<CustomerId>,
    /// Platform ids (kind, scope, value) of the same holder that stand behind this number.
    pub platform_ids: Vec<(IdentifierKind, String, String)>,
    /// Business time of the last message through it.
    pub last_message: Option<Timestamp>,
    /// When shared: who spoke in its newest conversation that is not resolved.
    pub speaker: Option<StrandId>,
}

/// Where an incoming message belongs, decided by the engine from [`SenderEvidence`].
#[derive(Debug, Clone, PartialEq)]
pub enum Placement {
    /// On this strand of this customer; identifiers not yet known are attached to the same customer.
    Known {
        /// Whose.
        customer: CustomerId,
        /// Which strand.
        strand: StrandId,
    },
    /// Never seen: a new customer with these identifiers, one strand each; the message goes on the first one's.
    New {
        /// Id to give.
        customer: CustomerId,
        /// One per identifier.
        ids: Vec<(IdentifierId, StrandId)>,
    },
    /// On a fresh strand of the same identifier, owned by a provisional new customer, until the doubt is settled.
    Provisional {
        /// Id to give.
        customer: CustomerId,
        /// The known identifier it came through.
        identifier: IdentifierId,
        /// The fresh strand.
        strand: StrandId,
        /// Why.
        doubt: Doubt,
        /// The identifier's further messages go to this strand until settled.
        point: bool,
    },
}

/// Which conversation a message belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Matter {
    /// Whatever goes on with this customer, else a new one.
    #[default]
    GoesOn,
    /// A new one, whatever goes on.
    Another,
    /// This one while it is the customer's and not resolved, else as it goes on.
    This(ConversationId),
}

/// An inbound message to accept.
#[derive(Debug, Clone, PartialEq)]
pub struct Accept {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The door it came through.
    pub connection: ConnectionId,
    /// Its kind.
    pub channel: ChannelKind,
    /// The door whose vendor has its files: the one it came through, but for a form that is answered elsewhere.
    pub fetched_by: ConnectionId,
    /// Redelivery key; unique per connection, kept as a keyed hash for at least 30 days.
    pub dedupe: String,
    /// Id to give.
    pub message: MessageId,
    /// Id to give when a conversation must be opened.
    pub conversation: ConversationId,
    /// Where its sender put it.
    pub matter: Matter,
    /// Normalised identifiers of the sender, the one its door answers to first.
    pub sender: Vec<SeenIdentifier>,
    /// Where it belongs.
    pub placement: Placement,
    /// Text for the timeline (codes taken out).
    pub text: String,
    /// What kind of event.
    pub kind: WaitingKind,
    /// The door's view of it.
    pub inbound: InboundMessage,
    /// Address to answer to.
    pub address: String,
    /// Hash of a link code taken out of the text.
    pub link_code: Option<String>,
    /// A one-time code taken out of the text.
    pub typed_code: Option<TypedCode>,
    /// Business time it was said.
    pub at: Timestamp,
    /// Business time it was received.
    pub received_at: Timestamp,
    /// No turn before then, and every further message of the burst moves it.
    pub ready_at: MonotonicTime,
    /// A burst never waits past this since its first message.
    pub longest_wait: Duration,
    /// `false`: it makes no turn (automatic mail); it is recorded as ignored by rule.
    pub turn: bool,
    /// Files that came with it: with their bytes, or to be fetched.
    pub attachments: Vec<NewAttachment>,
}

/// What became of an accepted message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Its id: the earlier one when it is a duplicate.
    pub message: MessageId,
    /// Whose.
    pub customer: CustomerId,
    /// Where.
    pub conversation: ConversationId,
    /// It had been accepted before; nothing was written.
    pub duplicate: bool,
}

/// A raw request kept because it could not be read or attributed; sealed with a day key that dies after seven days.
#[derive(Debug, Clone, PartialEq)]
pub struct Quarantine {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The door.
    pub connection: ConnectionId,
    /// The raw body.
    pub body: Vec<u8>,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// Intake: durable before the acknowledgement.
#[async_trait]
pub trait Intake {
    /// Who holds these identifiers now.
    async fn evidence(&self, workspace: &WorkspaceId, sender: &[SeenIdentifier]) -> Stored<SenderEvidence>;

    /// Accepts a message: dedupe key, identifiers with their strand keys, message, conversation and queue place in one
    /// durable transaction (group commit). `Stale` when the evidence behind the placement has changed: ask again.
    async fn accept(&self, accept: Accept) -> Stored<Accepted>;

    /// Keeps what could not be read, counted in the ledger.
    async fn quarantine(&self, item: Quarantine) -> Stored<()>;

    /// Moves the burst's end of whatever waits for this address: the person is typing.
    async fn prolong(&self, workspace: &WorkspaceId, customer: CustomerId, ready_at: MonotonicTime) -> Stored<()>;
}
