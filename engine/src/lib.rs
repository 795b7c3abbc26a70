//! What happens to a message, and everything the product decides. Read [`turn`] first.
//!
//! Steps are functions over values; only `turn.rs`, its evidence gathering and the acts of [`Engine`] await.

pub mod acts;
pub mod analytics;
pub mod calls;
pub mod decision;
pub mod delivery;
mod engine;
pub mod identity;
pub mod intake;
pub mod memory;
mod plays;
pub mod reasoning;
pub mod rendering;
pub mod standing;
pub mod timers;
pub mod turn;

pub use acts::{
    Arrival, CallPlan, CallRefused, Document, Greeting, Handover, NewLink, Outcome, Rating, ReplyRefused, Reworded, RowOutcome, RowReport,
    TokenClaims, ToldEvent, Utterance, Visitor, Wording, sender,
};
pub use engine::{Engine, Models, OpenDoor, Parts, Presence, Taken};
pub use reasoning::team::Wish;
