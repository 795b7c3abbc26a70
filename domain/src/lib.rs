//! The words of the product: nouns, decisions, capabilities, ids, and the ports others implement.
//!
//! Nothing here does I/O, knows a vendor's wire format or speaks SQL. Every other crate knows this one and no sibling.

pub mod action;
pub mod analytics;
pub mod attachment;
pub mod call;
pub mod challenge;
pub mod channel;
pub mod conversation;
pub mod customer;
pub mod escalation;
pub mod event;
pub mod fact;
pub mod id;
pub mod identifier;
pub mod knowledge;
pub mod lexicon;
pub mod message;
pub mod money;
pub mod ports;
pub mod secret;
pub mod settings;
pub mod signal;
pub mod template;
pub mod time;
pub mod turn;

pub use channel::{Capabilities, ChannelKind, Support};
pub use id::*;
pub use identifier::{Identifier, IdentifierKind, Origin, Proof, Trust};
pub use money::{Money, MoneyRange};
pub use secret::Secret;
pub use time::{MonotonicTime, Timestamp};
