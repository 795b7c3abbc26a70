//! What a message reveals.

use serde::{Deserialize, Serialize};

use crate::channel::ChannelKind;
use crate::fact::{ConsentState, Learned, Promiser};
use crate::time::Timestamp;

/// Everything read from the message(s) of one turn, without any decision.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Signals {
    /// Two-letter language and how sure (0..1).
    pub language: Option<Language>,
    /// What the person wants, by name: built-in acts and the workspace's own intents.
    pub intent: Option<Intent>,
    /// What kind of speech it is; several may hold ("thanks, and how long is delivery?").
    pub acts: Vec<Act>,
    /// The questions in it, each as a sentence of its own.
    pub questions: Vec<String>,
    /// -1 (furious) … 1 (delighted).
    pub sentiment: f32,
    /// 0 … 1.
    pub urgency: f32,
    /// Facts it states.
    pub learned: Vec<Learned>,
    /// Facts it takes back, by predicate and, if named, value ("forget the desk").
    pub withdrawn: Vec<Withdrawn>,
    /// Promises made in it.
    pub promises: Vec<SaidPromise>,
    /// Answers to offers.
    pub offers: Vec<SaidOffer>,
    /// Consents in it.
    pub consents: Vec<SaidConsent>,
    /// What rule detectors found, with their evidence; decision code decides what fires.
    pub alarms: Vec<Alarm>,
    /// Names a person gave for themselves in this very message ("Sarah here").
    pub introduced_as: Option<String>,
}

/// Something that a customer wants to be done, as far as they said it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "wish", rename_all = "snake_case")]
pub enum Wish {
    /// To send an order back.
    Return {
        /// Which; `None`: not said.
        order: Option<String>,
        /// Why.
        reason: Option<String>,
    },
    /// To have another thing in its place.
    Exchange {
        /// Which order; `None`: not said.
        order: Option<String>,
        /// For what.
        wanted: Option<String>,
    },
}

impl Wish {
    /// The order it is about, where it was named.
    pub fn order(&self) -> Option<&str> {
        match self {
            Self::Return { order, .. } | Self::Exchange { order, .. } => order.as_deref(),
        }
    }

    /// The same about this order.
    #[must_use]
    pub fn about(self, order: &str) -> Self {
        let order = Some(order.to_owned());
        match self {
            Self::Return { reason, .. } => Self::Return { order, reason },
            Self::Exchange { wanted, .. } => Self::Exchange { order, wanted },
        }
    }
}

/// A language and how sure we are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Language {
    /// ISO 639-1.
    pub code: String,
    /// 0..1.
    pub confidence: f32,
}

/// An intent with its score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    /// Its name.
    pub name: String,
    /// 0..1.
    pub score: f32,
}

/// Kinds of speech.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Hello.
    Greeting,
    /// Thank you.
    Thanks,
    /// Goodbye.
    Farewell,
    /// Asks something.
    Question,
    /// States something.
    Statement,
    /// Yes.
    Yes,
    /// No.
    No,
    /// Refuses to answer what we asked ("I'd rather not say").
    RefusesToSay,
    /// Does not know ("not sure yet").
    NotSure,
    /// Takes up an earlier matter ("back about that quote").
    Continues,
    /// "What do you know about me?"
    AsksWhatIsKnown,
    /// "Are you a bot?"
    AsksIfAi,
    /// "Forget what you know", "delete my data".
    AsksErasure,
    /// "Who am I talking to?", "what can you do?"
    AsksAboutAssistant,
    /// Says that it is solved.
    Solved,
    /// Says that the answer did not help or is repeated ("that's the third time").
    NotSolved,
    /// Small talk.
    SmallTalk,
    /// Wants to buy or go on ("send me the link", "let's do it").
    ReadyToBuy,
    /// About their own order or booking.
    AboutOwnOrder,
    /// Wants the AI to stop.
    StopAi,
    /// Wants the AI again.
    WantsAi,
}

/// A value taken back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Withdrawn {
    /// What about.
    pub predicate: crate::fact::Predicate,
    /// Which value; `None`: whichever is in force.
    pub value: Option<String>,
    /// In their words.
    pub quote: String,
}

/// A promise as said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SaidPromise {
    /// Who promised.
    pub by: Promiser,
    /// What.
    pub what: String,
    /// By when.
    pub due: Option<Timestamp>,
    /// In their words.
    pub quote: String,
}

/// An answer to an offer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SaidOffer {
    /// What it is about, `None`: the offer that is open.
    pub product: Option<String>,
    /// Taken?
    pub accepted: bool,
    /// Why, in their words.
    pub reason: Option<String>,
    /// In their words.
    pub quote: String,
}

/// A consent as said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SaidConsent {
    /// `marketing`, `recording`, `erasure`, `service`.
    pub purpose: String,
    /// The door it names.
    pub channel: Option<ChannelKind>,
    /// Given or withdrawn.
    pub state: ConsentState,
    /// In their words.
    pub quote: String,
}

/// What a rule's detector found in the words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    /// The rule's name: `budget-objection`, …
    pub rule: String,
    /// 0..1.
    pub score: f32,
    /// The words.
    pub quote: String,
}
