//! One-time codes: a conversation is raised to the proven level by a code that went to a contact on file.
//!
//! The code itself is in the message that carries it and nowhere else: what is stored is a keyed, salted hash.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{ChallengeId, ConversationId, CustomerId, StrandId};
use crate::identifier::IdentifierKind;
use crate::time::Timestamp;
use crate::turn::Reply;

/// Six digits. Never printed, logged or serialised.
#[derive(Clone, PartialEq, Eq)]
pub struct OneTimeCode(String);

impl OneTimeCode {
    /// How many digits.
    pub const DIGITS: usize = 6;

    /// A code out of random bits.
    pub fn from_bits(bits: u128) -> Self {
        Self(format!("{:06}", bits % 1_000_000))
    }

    /// As it was typed: six digits, however they are set apart. `None`: it is no code.
    pub fn typed(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        (digits.len() == Self::DIGITS).then_some(Self(digits))
    }

    /// The digits, for the message that carries them and for the hash.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for OneTimeCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("OneTimeCode(…)")
    }
}

/// An address that a person says is theirs: a phone or an email.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Phone or email.
    pub kind: IdentifierKind,
    /// Normalised.
    pub value: String,
}

/// A code to be asked for, written with the turn that asks.
#[derive(Debug, Clone, PartialEq)]
pub struct NewChallenge {
    /// Its id.
    pub id: ChallengeId,
    /// Who has to type it: the code counts on this strand alone.
    pub strand: StrandId,
    /// The contact that was named. Limits count by it, whether anybody has it or not.
    pub contact: Contact,
    /// The code. Where nothing is sent it opens nothing, whatever is typed.
    pub code: OneTimeCode,
    /// Random, hashed together with the code.
    pub salt: String,
    /// The message that carries the code; `None`: the contact is on nobody's file, and nobody learns that.
    pub sends: Option<Sending>,
    /// It counts for nothing from then on.
    pub expires_at: Timestamp,
}

/// The message that carries a code to a contact on file.
#[derive(Debug, Clone, PartialEq)]
pub struct Sending {
    /// Whose contact it is.
    pub customer: CustomerId,
    /// Their conversation on whose timeline it stands, without the code; made where there is none.
    pub conversation: ConversationId,
    /// Is it to be made?
    pub is_new: bool,
    /// The message. Its text hides the code, what is rendered for the door shows it.
    pub reply: Reply,
}

/// A challenge that is not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenChallenge {
    /// Its id.
    pub id: ChallengeId,
    /// What is hashed together with the code.
    pub salt: String,
}

/// A code that was typed and taken out of its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedCode {
    /// The challenge that it may answer.
    pub challenge: OpenChallenge,
    /// As typed.
    pub code: OneTimeCode,
}

/// The same as it waits for its turn: a hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeAnswer {
    /// The challenge.
    pub challenge: ChallengeId,
    /// Keyed hash of salt and code.
    pub hash: String,
}

/// What became of a typed code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// It is the one that was sent to a contact of this customer.
    Right {
        /// Who holds the contact now.
        customer: CustomerId,
        /// The contact's strand.
        strand: StrandId,
    },
    /// It is not.
    Wrong {
        /// So many tries are left.
        left: u32,
    },
    /// It comes too late, too often, from elsewhere, or was used before.
    Over,
}

/// How often codes were asked for lately.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AskedLately {
    /// For the contact, within an hour.
    pub contact_hour: i64,
    /// For the contact, within a day.
    pub contact_day: i64,
    /// On the strand, within an hour.
    pub strand_hour: i64,
    /// In the workspace, within an hour.
    pub workspace_hour: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_six_digits_and_is_never_printed() {
        assert_eq!(OneTimeCode::from_bits(42).expose(), "000042");
        assert_eq!(OneTimeCode::typed("12 34-56"), Some(OneTimeCode::from_bits(123_456)));
        assert_eq!(OneTimeCode::typed("12345"), None);
        assert!(!format!("{:?}", OneTimeCode::from_bits(123_456)).contains("123456"));
    }
}
