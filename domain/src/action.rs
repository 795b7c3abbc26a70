//! Something done in the world on a customer's behalf: what is to be done, whether a person has to approve it first,
//! and what came of it. The rows are the journal: one is written in the transaction of the turn that decides it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::{ActionId, ConversationId, MessageId, StrandId};
use crate::identifier::words;
use crate::time::Timestamp;

words! {
    /// How far an action got.
    ActionStatus {
        /// A teammate has to approve it.
        Waiting = "waiting",
        /// It has been done.
        Done = "done",
        /// A teammate said no.
        Declined = "declined",
        /// Another action took its place.
        Replaced = "replaced",
        /// The customer took it back.
        Cancelled = "cancelled",
    }
}

/// What is to be done: the tool and its checked arguments. Whose it is comes from the conversation, never from here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "tool", content = "arguments", deny_unknown_fields)]
pub enum Deed {
    /// An order is sent back; its label is a document.
    #[serde(rename = "return.create")]
    Return {
        /// The order's number, as the business wrote it.
        order: String,
        /// Why, in the customer's words.
        reason: Option<String>,
    },
    /// An order is swapped for something else, without money back.
    #[serde(rename = "exchange.create")]
    Exchange {
        /// The order's number, as the business wrote it.
        order: String,
        /// For what, in the customer's words.
        wanted: String,
    },
    /// A time in a calendar of the business.
    #[serde(rename = "booking.create")]
    Booking {
        /// The calendar's id.
        calendar: String,
        /// What is booked, as the customer reads it.
        what: String,
        /// When it begins.
        starts_at: Timestamp,
        /// When it ends.
        ends_at: Timestamp,
        /// Which of the places that the calendar has at that time, from 0.
        place: u32,
    },
    /// A tool of the business's own systems.
    #[serde(rename = "tool.call")]
    Call {
        /// The tool: `shop.cancelSubscription`.
        name: String,
        /// What it does, in words.
        about: String,
        /// Its arguments, checked by code.
        arguments: serde_json::Value,
    },
}

impl Deed {
    /// The tool's name.
    pub fn tool(&self) -> &'static str {
        match self {
            Self::Return { .. } => "return.create",
            Self::Exchange { .. } => "exchange.create",
            Self::Booking { .. } => "booking.create",
            Self::Call { .. } => "tool.call",
        }
    }

    /// The order it is about, where it is about one.
    pub fn order(&self) -> Option<&str> {
        match self {
            Self::Return { order, .. } | Self::Exchange { order, .. } => Some(order),
            Self::Booking { .. } | Self::Call { .. } => None,
        }
    }
}

/// An action of one customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// Its id.
    pub id: ActionId,
    /// The number by which people speak of it: `R-7K3Q9D2M`.
    pub number: String,
    /// What.
    #[serde(flatten)]
    pub deed: Deed,
    /// How far it got.
    pub status: ActionStatus,
    /// Whose words asked for it.
    pub strand: StrandId,
    /// In which conversation.
    pub conversation: ConversationId,
    /// In which message.
    pub message: Option<MessageId>,
    /// Why a person has to look: `over_refund_limit always_asked window_unknown exchange_under_way no_answer tool_refused`.
    pub because: Option<String>,
    /// Who approved or declined it.
    pub by: Option<String>,
    /// What opens its document (a label): 128 random bits, found by their hash alone.
    pub opener: String,
    /// The customer's language.
    pub language: String,
    /// Business time of the asking.
    pub at: Timestamp,
    /// Business time of the last change.
    pub changed_at: Timestamp,
}

/// A change of a customer's actions.
#[expect(clippy::large_enum_variant, reason = "new actions are what there mostly is")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActionChange {
    /// A new row.
    Add(Action),
    /// An earlier one gives way.
    Replace(ActionId),
    /// The customer takes one back.
    Cancel(ActionId),
}

/// A place in a calendar that is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// When it begins.
    pub starts_at: Timestamp,
    /// Which place.
    pub place: u32,
}
