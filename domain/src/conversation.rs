//! Conversations: a stretch of the timeline about one matter; it moves across channels.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::challenge::Contact;
use crate::channel::ChannelKind;
use crate::id::{ConnectionId, ConversationId, CustomerId, LinkId, MessageId, StrandId, TeammateId};
use crate::identifier::words;
use crate::time::Timestamp;

words! {
    /// Where a conversation stands.
    StatusKind {
        /// The AI handles it.
        Open = "open",
        /// A teammate has it, or an escalation waits for one.
        WithTeammate = "with_teammate",
        /// Waiting for the customer.
        Waiting = "waiting",
        /// Put off.
        Snoozed = "snoozed",
        /// Ended.
        Resolved = "resolved",
    }
}

/// A conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// Whose.
    pub customer: CustomerId,
    /// Where it stands.
    pub status: StatusKind,
    /// Until when it is snoozed.
    pub snoozed_until: Option<Timestamp>,
    /// Who has it.
    pub assignee: Option<TeammateId>,
    /// The last door.
    pub channel: ChannelKind,
    /// The last configured door.
    pub connection: ConnectionId,
    /// Every door it was on, in order of first use.
    pub channels: Vec<ChannelKind>,
    /// Doors on which the AI has said in this conversation that it is one.
    pub disclosed_on: Vec<ChannelKind>,
    /// When it began.
    pub created_at: Timestamp,
    /// Last message or act.
    pub updated_at: Timestamp,
    /// Times something known was asked again in it.
    pub asked_again: u32,
    /// Times the customer had to repeat something known.
    pub repeated: u32,
    /// Is the AI silent here because an escalation waits or a teammate has it?
    pub ai_silent: bool,
    /// On a shared identifier: who speaks in this conversation, once answered.
    pub speaker: Option<StrandId>,
    /// What the engine keeps between turns of this conversation.
    pub memo: Memo,
    /// Has nobody of the team read the newest message?
    pub unread: bool,
}

/// What the engine keeps between turns of one conversation; sealed like text.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Memo {
    /// Where the customer asked something, oldest first: the first of all and the newest.
    pub asked: Vec<AskedIn>,
    /// What we asked last and expect an answer to.
    pub pending: Option<Pending>,
    /// Product or page the talk is about, newest last.
    pub topics: Vec<String>,
    /// Titles and payloads of the last numbered choices, where buttons are emulated.
    pub choices: Vec<crate::message::Button>,
    /// A link whose join still waits: one fact said here completes it.
    pub joining: Option<LinkId>,
    /// Keys of what is said once in a conversation.
    pub told: Vec<String>,
    /// On the phone: what waits until the caller wants to hear more.
    pub rest: Option<String>,
    /// What a one-time code has proven, here alone.
    pub stepped_up: Option<SteppedUp>,
}

/// A proof by one-time code: it holds while the talk goes on, in this conversation and on this strand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SteppedUp {
    /// Who typed it.
    pub strand: StrandId,
    /// When.
    pub at: Timestamp,
    /// The last turn under it.
    pub seen: Timestamp,
    /// Has it opened something that wants a proof of its own?
    #[serde(default)]
    pub spent: bool,
}

/// A message in which the customer asked something. Its words are where they were said, so that they go with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedIn {
    /// Which.
    pub message: MessageId,
    /// Was everything in it answered?
    pub answered: bool,
}

/// How far a proof by one-time code got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum Stage {
    /// Which contact they gave us is asked.
    Asks,
    /// A code to one of these is offered.
    Offers {
        /// Contacts on their own record.
        contacts: Vec<Contact>,
    },
    /// A code was asked for, and goes out where the contact is on file.
    Sent {
        /// The contact.
        contact: Contact,
    },
}

/// What we asked last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Pending {
    /// A qualifying question.
    Slot {
        /// About what.
        slot: crate::fact::Predicate,
    },
    /// "Who am I speaking with?"
    WhoSpeaks {
        /// Names that may be offered.
        offered: Vec<String>,
        /// Customers who may be meant.
        candidates: Vec<CustomerId>,
    },
    /// "Were you in touch with us on our website?"
    WereYouOnWebsite {
        /// The visitor who claimed this address.
        visitor: CustomerId,
    },
    /// A link code came after its page was closed: the join waits for one fact, or for the visitor's next visit.
    ConfirmJoin {
        /// The other customer.
        other: CustomerId,
        /// The link.
        link: LinkId,
    },
    /// Something we would do for them: it waits for yes or no.
    Action {
        /// What.
        deed: crate::action::Deed,
    },
    /// They want something done, and it is open about which of their orders, or for what.
    Details {
        /// What is known of it.
        wish: crate::signal::Wish,
    },
    /// Times of a calendar that were offered.
    Times {
        /// The calendar's id.
        calendar: String,
        /// When each begins.
        offered: Vec<Timestamp>,
        /// A booking that would move there.
        moves: Option<crate::id::ActionId>,
    },
    /// What they asked for needs a proof of who they are.
    StepUp {
        /// What they asked for, in their words: it is answered once they are proven.
        asked: String,
        /// How far it got.
        stage: Stage,
    },
    /// An offer or suggestion that waits for yes or no.
    Offer {
        /// What was offered.
        product: String,
    },
}
