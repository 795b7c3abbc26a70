//! What may be said to whom: enforced where data is loaded, never by prompt.

use std::time::Duration;

use domain::conversation::SteppedUp;
use domain::customer::Context;
use domain::fact::{ConsentState, Predicate};
use domain::identifier::{Identifier, IdentifierKind, Origin, Trust};
use domain::message::Message;
use domain::settings::Disclosure;
use domain::{ChannelKind, StrandId, Timestamp};

/// Levels of proof of a conversation, computed from evidence rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// No proof.
    Anonymous,
    /// Said, not shown.
    Claimed,
    /// A signed provider event names it.
    Asserted,
    /// Proven by token or code.
    Proven,
    /// Proven by a code just now, for one thing that wants a proof of its own.
    Fresh,
}

/// The level of what is written through this identifier.
pub fn of(identifier: &Identifier) -> Level {
    match (identifier.trust, identifier.origin) {
        // A one-time code joins for good; what it proves beyond that holds for its conversation, see `here`.
        (Trust::Verified, Origin::Jwt | Origin::Api) => Level::Proven,
        (Trust::Verified | Trust::ChannelAsserted, _) => Level::Asserted,
        (Trust::Claimed, _) if identifier.kind == IdentifierKind::Visitor => Level::Anonymous,
        (Trust::Claimed, _) => Level::Claimed,
    }
}

/// A proof by one-time code holds this long after the last message under it,
const IDLE: Duration = Duration::from_mins(30);
/// and no longer than this.
const LONGEST: Duration = Duration::from_hours(12);

/// For what wants a proof of its own, a code is as good as new for this long.
const FRESH: Duration = Duration::from_mins(5);

/// Does a proof by one-time code still hold on this strand?
pub fn holds(proof: &SteppedUp, strand: StrandId, now: Timestamp) -> bool {
    proof.strand == strand && now.since(proof.seen) <= IDLE && now.since(proof.at) <= LONGEST
}

/// The level of a conversation: of what is written through the sender's identifier, raised while a one-time code holds.
pub fn here(context: &Context, strand: StrandId, channel: ChannelKind, now: Timestamp) -> Level {
    if let Some(proof) = context.conversation.memo.stepped_up.filter(|proof| holds(proof, strand, now)) {
        return if proof.spent || now.since(proof.at) > FRESH { Level::Proven } else { Level::Fresh };
    }
    own_identifier(context, strand).map_or_else(|| at_least(channel), of)
}

/// What of everything said the conversation's proof opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// These strands; `None`: all of the customer's.
    strands: Option<Vec<StrandId>>,
    /// Only what came after: they asked to be forgotten then.
    since: Option<Timestamp>,
}

impl Opening {
    /// For a turn on this strand.
    pub fn of(context: &Context, strand: StrandId, level: Level, preset: Disclosure) -> Self {
        let shared = own_identifier(context, strand).is_some_and(|identifier| identifier.shared);
        let everything = !shared
            && match preset {
                Disclosure::Standard => level >= Level::Asserted,
                Disclosure::Strict => level >= Level::Proven,
            };
        let own = || if shared { strands_of_same_identifier(context, strand) } else { vec![strand] };
        Self { strands: (!everything).then(own), since: erasure_requested(context) }
    }

    /// Does it open everything ever said with this customer?
    pub fn opens_all(&self) -> bool {
        self.strands.is_none() && self.since.is_none()
    }

    /// Does it open what was said on this strand?
    pub fn opens(&self, strand: StrandId) -> bool {
        self.strands.as_ref().is_none_or(|open| open.contains(&strand))
    }

    /// May this be known?
    pub fn admits(&self, message: &Message) -> bool {
        self.opens(message.strand) && self.since.is_none_or(|since| message.at > since)
    }
}

/// What a turn on this strand may know: everything else is taken out before anybody reasons about it.
pub fn restrict(mut context: Context, strand: StrandId, level: Level, preset: Disclosure) -> Context {
    let opening = Opening::of(&context, strand, level, preset);
    if let Some(asked_at) = opening.since {
        forget_before(&mut context, asked_at);
    }
    context.history.retain(|message| opening.admits(message));
    context.recalled.retain(|stretch| stretch.messages.iter().all(|message| opening.admits(message)));
    if opening.strands.is_some() {
        context.customer.facts.retain(|fact| fact.strand.is_some_and(|strand| opening.opens(strand)));
        context.customer.promises.retain(|promise| opening.opens(promise.strand));
        context.customer.offers.retain(|offer| opening.opens(offer.strand));
        context.customer.actions.retain(|action| opening.opens(action.strand));
        if level < Level::Asserted {
            context.customer.events.clear();
        }
    }
    if level < Level::Proven {
        context.customer.facts.retain(|fact| fact.predicate != Predicate::Address || fact.strand == Some(strand));
    }
    // Of what is left, so that a value this conversation may not know closes none that it may.
    context.customer.reconcile();
    context
}

/// What may be said where others read along: what is public anyway, and nothing of the person. They are known there,
/// but it is not shown that they are.
pub fn in_public(mut context: Context) -> Context {
    context.customer.facts.retain(|fact| fact.predicate == Predicate::Language);
    context.customer.promises.clear();
    context.customer.offers.clear();
    context.customer.actions.clear();
    context.customer.events.clear();
    context.history.clear();
    context
}

/// The identifier whose messages go on this strand.
pub fn own_identifier(context: &Context, strand: StrandId) -> Option<&Identifier> {
    let id = context.customer.strands.iter().find(|known| known.id == strand).map(|known| known.identifier);
    context
        .customer
        .identifiers
        .iter()
        .find(|identifier| identifier.strand == strand)
        .or_else(|| context.customer.identifiers.iter().find(|identifier| Some(identifier.id) == id))
}

fn strands_of_same_identifier(context: &Context, strand: StrandId) -> Vec<StrandId> {
    let Some(identifier) = context.customer.strands.iter().find(|known| known.id == strand).map(|known| known.identifier) else {
        return vec![strand];
    };
    context.customer.strands.iter().filter(|known| known.identifier == identifier).map(|known| known.id).collect()
}

/// When somebody asked to be forgotten: until the erasure is done they are met as a stranger.
fn erasure_requested(context: &Context) -> Option<Timestamp> {
    let newest = context.customer.consents.iter().rev().find(|consent| consent.purpose == "erasure")?;
    (newest.state == ConsentState::Requested).then_some(newest.at)
}

fn forget_before(context: &mut Context, moment: Timestamp) {
    context.customer.facts.retain(|fact| fact.recorded_at > moment);
    context.customer.promises.retain(|promise| promise.at > moment);
    context.customer.offers.retain(|offer| offer.at > moment);
    context.customer.actions.retain(|action| action.at > moment);
    context.customer.events.retain(|event| event.at > moment);
}

/// The level of a door before anything about its sender is stored.
pub fn at_least(channel: ChannelKind) -> Level {
    match channel {
        ChannelKind::Widget | ChannelKind::Email => Level::Anonymous,
        ChannelKind::Api => Level::Proven,
        ChannelKind::Whatsapp
        | ChannelKind::Telegram
        | ChannelKind::Discord
        | ChannelKind::Sms
        | ChannelKind::Rcs
        | ChannelKind::Instagram
        | ChannelKind::Messenger
        | ChannelKind::Voice => Level::Asserted,
    }
}
