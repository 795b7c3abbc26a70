//! What is remembered about a customer: facts, promises, offers, consents, questions asked.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::channel::ChannelKind;
use crate::id::{ConsentId, FactId, MessageId, OfferId, PromiseId, StrandId};
use crate::identifier::{Origin, words};
use crate::time::Timestamp;

words! {
    /// What a fact is about. The list is public interface.
    Predicate {
        /// Full name.
        Name = "name",
        /// How they like to be called.
        PreferredName = "preferred_name",
        /// Email address said.
        Email = "email",
        /// Phone number said.
        Phone = "phone",
        /// Two-letter language.
        Language = "language",
        /// IANA zone.
        TimeZone = "time_zone",
        /// Company.
        Company = "company",
        /// Number of people.
        CompanySize = "company_size",
        /// Their role.
        Role = "role",
        /// Postal address or place.
        Address = "address",
        /// Budget.
        Budget = "budget",
        /// By when.
        Timeline = "timeline",
        /// Who decides.
        Authority = "authority",
        /// What they need.
        Need = "need",
        /// What stands in the way.
        Objection = "objection",
        /// A rival they named.
        Competitor = "competitor",
        /// A product of ours they weigh.
        ProductInterest = "product_interest",
        /// A product they have.
        OwnsProduct = "owns_product",
        /// An order, booking or ticket number.
        Order = "order",
        /// A problem.
        Issue = "issue",
        /// A liking.
        Preference = "preference",
        /// Channel they like.
        PreferredChannel = "preferred_channel",
        /// Hours they like.
        PreferredHours = "preferred_hours",
        /// A limit on what fits.
        Constraint = "constraint",
        /// Somebody of the household.
        HouseholdMember = "household_member",
        /// Their plan.
        Plan = "plan",
        /// Stage of the deal.
        Stage = "stage",
        /// How many they want.
        Quantity = "quantity",
        /// What the business asks for under a name of its own.
        Own1 = "own_1",
        /// What the business asks for under a name of its own.
        Own2 = "own_2",
        /// What the business asks for under a name of its own.
        Own3 = "own_3",
        /// What the business asks for under a name of its own.
        Own4 = "own_4",
        /// What the business asks for under a name of its own.
        Own5 = "own_5",
        /// What the business asks for under a name of its own.
        Own6 = "own_6",
        /// What the business asks for under a name of its own.
        Own7 = "own_7",
        /// What the business asks for under a name of its own.
        Own8 = "own_8",
        /// What the business asks for under a name of its own.
        Own9 = "own_9",
        /// What the business asks for under a name of its own.
        Own10 = "own_10",
        /// What the business asks for under a name of its own.
        Own11 = "own_11",
        /// What the business asks for under a name of its own.
        Own12 = "own_12",
    }
}

impl Predicate {
    /// Matters of the business's own, in the order in which they are given out. A fact about one carries its name.
    pub const OWN: [Self; 12] = [
        Self::Own1,
        Self::Own2,
        Self::Own3,
        Self::Own4,
        Self::Own5,
        Self::Own6,
        Self::Own7,
        Self::Own8,
        Self::Own9,
        Self::Own10,
        Self::Own11,
        Self::Own12,
    ];

    /// Is it a matter of the business's own?
    pub fn is_own(self) -> bool {
        Self::OWN.contains(&self)
    }

    /// A newer value closes the older one; the others may hold several at once.
    pub const fn is_single(self) -> bool {
        match self {
            Self::Name
            | Self::PreferredName
            | Self::Language
            | Self::TimeZone
            | Self::Company
            | Self::CompanySize
            | Self::Role
            | Self::Address
            | Self::Budget
            | Self::Timeline
            | Self::Authority
            | Self::PreferredChannel
            | Self::PreferredHours
            | Self::Plan
            | Self::Stage
            | Self::Quantity
            | Self::Own1
            | Self::Own2
            | Self::Own3
            | Self::Own4
            | Self::Own5
            | Self::Own6
            | Self::Own7
            | Self::Own8
            | Self::Own9
            | Self::Own10
            | Self::Own11
            | Self::Own12 => true,
            Self::Email
            | Self::Phone
            | Self::ProductInterest
            | Self::Need
            | Self::Objection
            | Self::Competitor
            | Self::Issue
            | Self::Preference
            | Self::OwnsProduct
            | Self::Order
            | Self::Constraint
            | Self::HouseholdMember => false,
        }
    }
}

words! {
    /// Where a fact stands now.
    FactStatus {
        /// In force.
        Active = "active",
        /// Closed by a newer one.
        Superseded = "superseded",
        /// A weaker source contradicts a stronger one: for review.
        Disputed = "disputed",
        /// Taken back.
        Retracted = "retracted",
    }
}

words! {
    /// How strong a fact's source is. Ordered: a later one is stronger.
    Strength {
        /// A model or rule concluded it.
        Inference = "inference",
        /// The customer said it.
        Stated = "stated",
        /// The customer said it after proving who they are.
        Verified = "verified",
        /// A business event or import.
        System = "system",
        /// Pinned by a teammate.
        Pinned = "pinned",
    }
}

/// A fact on its way into memory, found in a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Learned {
    /// What it is about.
    pub predicate: Predicate,
    /// What a person reads: "3,500 EUR", "15 March 2027".
    pub value: String,
    /// The machine form, `null` when the value is text.
    pub data: serde_json::Value,
    /// `false`: stated not to hold ("I don't need a desk").
    pub holds: bool,
    /// The words it was read from; must occur in the source message.
    pub quote: String,
    /// 0..1: hedged or second-hand 0.5, a model at most 0.8, a rule 0.9, verified 1.0.
    pub confidence: f32,
}

/// A stored fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// Its id.
    pub id: FactId,
    /// The strand it came through; `None` when it hangs on the customer record (a teammate wrote it).
    pub strand: Option<StrandId>,
    /// What it is about.
    pub predicate: Predicate,
    /// What a person reads.
    pub value: String,
    /// Machine form.
    pub data: serde_json::Value,
    /// See [`Learned::holds`].
    pub holds: bool,
    /// The words it was read from.
    pub quote: String,
    /// Its message.
    pub source_message: Option<MessageId>,
    /// The door it was learned on.
    pub channel: Option<ChannelKind>,
    /// Where it came from.
    pub origin: Origin,
    /// Rule or model that read it.
    pub extractor: String,
    /// True in the world from then on.
    pub valid_from: Timestamp,
    /// True until then.
    pub valid_to: Option<Timestamp>,
    /// When we knew it.
    pub recorded_at: Timestamp,
    /// When we took it back.
    pub retracted_at: Option<Timestamp>,
    /// 0..1.
    pub confidence: f32,
    /// Where it stands.
    pub status: FactStatus,
    /// How strong its source is.
    pub strength: Strength,
    /// The fact it replaced.
    pub supersedes: Option<FactId>,
}

impl Fact {
    /// What a matter of the business's own was called when this was learned.
    pub fn own_label(&self) -> Option<&str> {
        self.data.get(OWN_LABEL).and_then(serde_json::Value::as_str).filter(|_| self.predicate.is_own())
    }
}

/// Where a fact about a matter of the business's own has its name.
pub const OWN_LABEL: &str = "label";

words! {
    /// Who promised.
    Promiser {
        /// We did.
        Us = "us",
        /// The customer did.
        Customer = "customer",
    }
}

words! {
    /// How a promise stands.
    PromiseStatus {
        /// Owed.
        Open = "open",
        /// Done.
        Kept = "kept",
        /// Past due.
        Broken = "broken",
        /// Not wanted any more.
        Withdrawn = "withdrawn",
    }
}

/// An entry of the promise ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Promise {
    /// Its id.
    pub id: PromiseId,
    /// The strand it was made on.
    pub strand: StrandId,
    /// Who promised.
    pub by: Promiser,
    /// What, in a few words.
    pub what: String,
    /// By when.
    pub due_at: Option<Timestamp>,
    /// How it stands.
    pub status: PromiseStatus,
    /// Where it was said.
    pub source_message: Option<MessageId>,
    /// Door it was said on.
    pub channel: ChannelKind,
    /// When it was said.
    pub at: Timestamp,
}

words! {
    /// How an offer ended.
    OfferOutcome {
        /// Not answered.
        Open = "open",
        /// Taken.
        Accepted = "accepted",
        /// Declined: not offered again.
        Declined = "declined",
        /// Past its date.
        Expired = "expired",
    }
}

/// An entry of the offer ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    /// Its id.
    pub id: OfferId,
    /// The strand it was made on.
    pub strand: StrandId,
    /// What was offered.
    pub product: String,
    /// On which terms.
    pub terms: String,
    /// When.
    pub at: Timestamp,
    /// How it ended.
    pub outcome: OfferOutcome,
    /// Why, in the customer's words.
    pub reason: Option<String>,
    /// Where it was said.
    pub source_message: Option<MessageId>,
}

words! {
    /// State of a consent.
    ConsentState {
        /// Given.
        Given = "given",
        /// Withdrawn; never superseded by inference.
        Withdrawn = "withdrawn",
        /// Asked for, such as an erasure.
        Requested = "requested",
    }
}

/// An entry of the consent ledger; the latest per purpose and channel wins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Consent {
    /// Its id.
    pub id: ConsentId,
    /// The strand it was said on.
    pub strand: StrandId,
    /// `marketing`, `recording`, `erasure`, `service`, `call`.
    pub purpose: String,
    /// The door it concerns; `None`: all.
    pub channel: Option<ChannelKind>,
    /// Given or withdrawn.
    pub state: ConsentState,
    /// In whose words.
    pub wording: String,
    /// When.
    pub at: Timestamp,
    /// Where it was said.
    pub source_message: Option<MessageId>,
}

words! {
    /// How a question of ours was met.
    AskOutcome {
        /// Asked, not answered yet.
        Open = "open",
        /// Answered.
        Answered = "answered",
        /// Refused: never asked again.
        Refused = "refused",
        /// Passed over: asked once more at most.
        Unanswered = "unanswered",
    }
}

/// A question we put to the customer; one per slot is kept current.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// What it was about.
    pub slot: Predicate,
    /// How many times it was put.
    pub times: u32,
    /// How it was met.
    pub outcome: AskOutcome,
    /// When last.
    pub at: Timestamp,
}
