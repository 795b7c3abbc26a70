//! Ids: prefix, 48 bits of milliseconds and 80 random bits. They are names, never keys.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::time::Timestamp;

/// Crockford's base 32, lower case, so that ids sort in print as they sort in time.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// What an [`Id`] names: gives it its printed prefix.
pub trait Named {
    /// Three or four letters before the underscore, unique over the product.
    const PREFIX: &'static str;
}

/// The id of a `T`: its own type, sortable in print, `cus_…` for a customer.
pub struct Id<T> {
    bits: u128,
    of: PhantomData<fn() -> T>,
}

impl<T: Named> Id<T> {
    /// Makes an id from the business time of its birth and 80 random bits (the low bits of `random` are taken).
    pub fn new(at: Timestamp, random: u128) -> Self {
        let millis = (at.as_micros().max(0) as u128 / 1_000) & ((1 << 48) - 1);
        Self { bits: (millis << 80) | (random & ((1 << 80) - 1)), of: PhantomData }
    }

    /// The id as a number.
    pub const fn to_bits(self) -> u128 {
        self.bits
    }

    /// The id that [`Id::to_bits`] gave.
    pub const fn from_bits(bits: u128) -> Self {
        Self { bits, of: PhantomData }
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.bits == other.bits
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.bits.cmp(&other.bits)
    }
}
impl<T> std::hash::Hash for Id<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.bits.hash(state);
    }
}

impl<T: Named> fmt::Display for Id<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}_", T::PREFIX)?;
        for place in (0..26).rev() {
            let digit = (self.bits >> (place * 5)) & 31;
            write!(out, "{}", ALPHABET[digit as usize] as char)?;
        }
        Ok(())
    }
}

impl<T: Named> fmt::Debug for Id<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// The text is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the kind {prefix}_…")]
pub struct NotAnId {
    /// The prefix that was expected.
    pub prefix: &'static str,
}

impl<T: Named> FromStr for Id<T> {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = NotAnId { prefix: T::PREFIX };
        let Some(digits) = text.strip_prefix(T::PREFIX).and_then(|rest| rest.strip_prefix('_')) else {
            return Err(refused);
        };
        if digits.len() != 26 {
            return Err(refused);
        }
        let mut bits: u128 = 0;
        for (place, letter) in digits.bytes().enumerate() {
            let Some(digit) = ALPHABET.iter().position(|known| *known == letter) else {
                return Err(refused);
            };
            if place == 0 && digit > 7 {
                return Err(refused);
            }
            bits = (bits << 5) | digit as u128;
        }
        Ok(Self { bits, of: PhantomData })
    }
}

impl<T: Named> Serialize for Id<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de, T: Named> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

macro_rules! named {
    ($($(#[$doc:meta])* $marker:ident, $alias:ident, $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $marker {}
        impl Named for $marker { const PREFIX: &'static str = $prefix; }
        $(#[$doc])*
        pub type $alias = Id<$marker>;
    )*};
}

named! {
    /// A customer: one record whatever the door.
    CustomerName, CustomerId, "cus";
    /// An identifier row.
    IdentifierName, IdentifierId, "idn";
    /// What one person said through one identifier.
    StrandName, StrandId, "str";
    /// A stretch of the timeline about one matter.
    ConversationName, ConversationId, "cnv";
    /// A message, in or out.
    MessageName, MessageId, "msg";
    /// A turn.
    TurnName, TurnId, "trn";
    /// A remembered fact.
    FactName, FactId, "fct";
    /// A promise in the promise ledger.
    PromiseName, PromiseId, "prm";
    /// An offer in the offer ledger.
    OfferName, OfferId, "off";
    /// An entry of the consent ledger.
    ConsentName, ConsentId, "cns";
    /// An escalation.
    EscalationName, EscalationId, "esc";
    /// One reply owed to a customer.
    DeliveryName, DeliveryId, "dlv";
    /// A timer.
    TimerName, TimerId, "tmr";
    /// A teammate.
    TeammateName, TeammateId, "tea";
    /// A team of teammates.
    TeamName, TeamId, "tem";
    /// A merge event.
    MergeName, MergeId, "mrg";
    /// A suggestion that two customers may be one.
    SuggestionName, SuggestionId, "sug";
    /// A business event: order, cart, payment, shipment, booking.
    BusinessEventName, BusinessEventId, "evt";
    /// An import of customers from a file.
    ImportName, ImportId, "imp";
    /// A redeemed or waiting link between two doors.
    LinkName, LinkId, "lnk";
    /// A task for a teammate.
    TaskName, TaskId, "tsk";
    /// An API token's row (not the token itself).
    TokenName, TokenId, "tok";
    /// A canned reply.
    CannedName, CannedId, "can";
    /// A view of the inbox under a name.
    SavedViewName, SavedViewId, "vie";
    /// A phone call.
    CallName, CallId, "cal";
    /// A file that came with a message.
    AttachmentName, AttachmentId, "att";
    /// A document that was given in the console.
    DocumentName, DocumentId, "doc";
    /// Something done on a customer's behalf.
    ActionName, ActionId, "act";
    /// A one-time code that was asked for.
    ChallengeName, ChallengeId, "chl";
}

macro_rules! slug {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);
        impl $name {
            /// The id as the configuration wrote it.
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result { out.write_str(&self.0) }
        }
        impl From<&str> for $name {
            fn from(text: &str) -> Self { Self(text.to_owned()) }
        }
    )*};
}

slug! {
    /// One business (tenant): a short name from the configuration; nothing crosses its border.
    WorkspaceId;
    /// One configured door; appears in URLs and is unique in the server.
    ConnectionId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_print_and_parse() {
        let id = CustomerId::new(Timestamp::from_micros(1_700_000_000_000_000), 12_345_678_901_234_567_890);
        assert_eq!(id.to_string().parse::<CustomerId>(), Ok(id));
        assert!(id.to_string().starts_with("cus_"));
    }

    #[test]
    fn ids_sort_in_print_as_in_time() {
        let early = MessageId::new(Timestamp::from_micros(1_000_000), u128::MAX);
        let late = MessageId::new(Timestamp::from_micros(2_000_000), 0);
        assert!(early.to_string() < late.to_string());
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let id = CustomerId::new(Timestamp::from_micros(1), 1).to_string();
        assert!(id.parse::<MessageId>().is_err());
        assert!("cus_".parse::<CustomerId>().is_err());
        assert!("cus_zzzzzzzzzzzzzzzzzzzzzzzzzz".parse::<CustomerId>().is_err());
    }
}
