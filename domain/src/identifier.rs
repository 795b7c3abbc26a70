//! Identifiers: addresses of a customer, each with how far it is trusted and where it came from.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::channel::ChannelKind;
use crate::id::{IdentifierId, StrandId};
use crate::time::Timestamp;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),* }
        impl $name {
            /// The word in API and store.
            pub const fn as_str(self) -> &'static str { match self { $(Self::$variant => $word),* } }
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
        }
        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result { out.write_str(self.as_str()) }
        }
        impl FromStr for $name {
            type Err = $crate::identifier::UnknownWord;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $($word => Ok(Self::$variant),)* _ => Err($crate::identifier::UnknownWord(text.to_owned())) }
            }
        }
    };
}
pub(crate) use words;

/// A word that is not in the closed list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown word {0:?}")]
pub struct UnknownWord(pub String);

words! {
    /// What kind of address an identifier is.
    IdentifierKind {
        /// E.164 phone number, with the plus.
        Phone = "phone",
        /// Case-folded email address.
        Email = "email",
        /// WhatsApp id: `wa_id` digits without a phone of its own, or the business-scoped user id.
        Whatsapp = "whatsapp",
        /// Telegram user id.
        Telegram = "telegram",
        /// Discord snowflake.
        Discord = "discord",
        /// Page-scoped id of Messenger.
        Messenger = "messenger",
        /// Account-scoped id of Instagram.
        Instagram = "instagram",
        /// User id given by the business (JWT `sub`, API `external_id`).
        ExternalId = "external_id",
        /// Website visitor.
        Visitor = "visitor",
    }
}

words! {
    /// How far an identifier is trusted. Ordered: a later one is stronger.
    Trust {
        /// Said or shown without proof; joins nothing.
        Claimed = "claimed",
        /// A signed provider event names it.
        ChannelAsserted = "channel_asserted",
        /// Proven by token, code, link or own contact.
        Verified = "verified",
    }
}

words! {
    /// Where an identifier or fact came from.
    Origin {
        /// Said or shown in a message.
        Message = "message",
        /// Redeemed link code.
        Link = "link",
        /// One-time code.
        Otp = "otp",
        /// Signed widget token.
        Jwt = "jwt",
        /// CSV import.
        Import = "import",
        /// Typed by a teammate.
        Teammate = "teammate",
        /// Written by the API.
        Api = "api",
        /// Concluded by us.
        Inferred = "inferred",
    }
}

words! {
    /// How well a person is proven, as shown next to the name everywhere.
    Proof {
        /// Nothing known.
        Anonymous = "anonymous",
        /// Only claims.
        Claimed = "claimed",
        /// The channel asserts it.
        ChannelAsserted = "channel_asserted",
        /// Proven.
        Verified = "verified",
    }
}

/// What a value is found by. Some numbers are written in two ways for one telephone: Brazil's older mobile accounts lack the
/// ninth digit, Mexico's keep a 1 that is no longer dialled. What was written stays as it is; only the search is alike.
pub fn found_by(kind: IdentifierKind, value: &str) -> Cow<'_, str> {
    let is_number = kind == IdentifierKind::Phone && value.len() > 1 && value.bytes().skip(1).all(|byte| byte.is_ascii_digit());
    match value.as_bytes() {
        [b'+', b'5', b'2', b'1', ..] if is_number && value.len() == 14 => Cow::Owned(format!("+52{}", &value[4..])),
        [b'+', b'5', b'5', _, _, b'6'..=b'9', ..] if is_number && value.len() == 13 => {
            Cow::Owned(format!("{}9{}", &value[..5], &value[5..]))
        }
        _ => Cow::Borrowed(value),
    }
}

/// An identifier as the outside gave it, normalised, not yet stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenIdentifier {
    /// What kind of address.
    pub kind: IdentifierKind,
    /// Portfolio, bot, page or site the value is unique in; empty for phone and email.
    pub scope: String,
    /// Normalised value; look-up is by its keyed hash.
    pub value: String,
    /// As the vendor wrote it.
    pub raw: String,
    /// How far this sighting is trusted.
    pub trust: Trust,
    /// Where it came from.
    pub origin: Origin,
}

/// A stored identifier of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identifier {
    /// Its id.
    pub id: IdentifierId,
    /// What kind of address.
    pub kind: IdentifierKind,
    /// See [`SeenIdentifier::scope`].
    pub scope: String,
    /// Normalised value.
    pub value: String,
    /// As the vendor wrote it.
    pub raw: String,
    /// How far it is trusted.
    pub trust: Trust,
    /// Where the trust came from.
    pub origin: Origin,
    /// More than one person uses it.
    pub shared: bool,
    /// The strand new messages of this identifier go to.
    pub strand: StrandId,
    /// Business time of first sight.
    pub first_seen: Timestamp,
    /// Business time of last sight.
    pub last_seen: Timestamp,
}

/// What one person said through one identifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strand {
    /// Its id.
    pub id: StrandId,
    /// The identifier it came through.
    pub identifier: IdentifierId,
    /// Its door, when it is a door's own id; `None` for phone or email rows fed by several doors.
    pub channel: Option<ChannelKind>,
    /// When it began.
    pub since: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_of_one_telephone_are_found_alike_and_others_are_not() {
        let check = |written: &str, key: &str| assert_eq!(found_by(IdentifierKind::Phone, written), key, "{written}");
        check("+5215512345678", "+525512345678");
        check("+525512345678", "+525512345678");
        check("+551187654321", "+5511987654321");
        check("+5511987654321", "+5511987654321");
        // A landline of São Paulo has eight digits and begins with 2 to 5.
        check("+551132654321", "+551132654321");
        check("+33612345678", "+33612345678");
        assert_eq!(found_by(IdentifierKind::Whatsapp, "+5215512345678"), "+5215512345678");
    }
}
