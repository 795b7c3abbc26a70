//! Phone calls in one vocabulary, whatever carries them: what a call tells us, what we tell it, and its record.

use serde::{Deserialize, Serialize};

use crate::id::{AttachmentId, CallId, ConnectionId, ConversationId, MessageId, StrandId};
use crate::identifier::words;
use crate::time::Timestamp;
use std::fmt;
use std::str::FromStr;

words! {
    /// How far the carrier vouches for a caller's number.
    Attestation {
        /// It knows the caller and that the number is theirs.
        Full = "full",
        /// Anything less: the number is what the caller says it is.
        Claimed = "claimed",
        /// The number was checked and is not the caller's.
        Failed = "failed",
        /// There is no number.
        Withheld = "withheld",
    }
}

words! {
    /// Who rang.
    CallDirection {
        /// The customer.
        Inbound = "inbound",
        /// We did.
        Outbound = "outbound",
    }
}

words! {
    /// How far a call has come.
    CallState {
        /// Not yet answered.
        Ringing = "ringing",
        /// Somebody is on the line.
        Live = "live",
        /// A person of the business is being rung.
        Transferring = "transferring",
        /// The line to us is gone; the caller may still be there.
        Cut = "cut",
        /// Over.
        Ended = "ended",
    }
}

/// What a call tells us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallIn {
    /// The line stands; always the first.
    Setup {
        /// The vendor's id of the call.
        call: String,
        /// The vendor's id of this stretch of it.
        session: String,
        /// The caller's number as the vendor wrote it.
        from: String,
        /// The number rung.
        to: String,
    },
    /// The other side said something; only what is final is a message.
    Prompt {
        /// In words.
        text: String,
        /// Language tag.
        language: Option<String>,
        /// Or is more to come?
        is_final: bool,
    },
    /// The other side spoke into our words.
    Interrupt {
        /// The words of ours that were heard.
        heard: String,
        /// For how long, in milliseconds.
        heard_ms: Option<u64>,
    },
    /// A key.
    Key(char),
    /// Everything of ours has been heard; only lines tell that know what was played.
    Silent,
    /// The other side said something that could not be understood.
    Unclear,
    /// Nothing that is said is understood any more on this line; keys still are.
    Deaf,
    /// Something does not work at the vendor's.
    Fault(String),
    /// A kind of frame that we do not know, which changes nothing.
    Unknown,
}

/// What we tell a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallOut {
    /// Words; `last` ends what is said in one go.
    Say {
        /// In words, without markup.
        text: String,
        /// Nothing follows.
        last: bool,
        /// May the other side speak into it?
        interruptible: bool,
        /// Language tag.
        language: Option<String>,
    },
    /// Keys for a machine on the other side.
    Digits(String),
    /// Another language from now on.
    Language(String),
    /// Our part is over; the vendor asks what comes next and repeats this note.
    End {
        /// No personal data.
        note: String,
    },
}

/// A call's record.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Its id.
    pub id: CallId,
    /// Its door.
    pub connection: ConnectionId,
    /// Whose words are on it.
    pub strand: StrandId,
    /// Where they stand.
    pub conversation: ConversationId,
    /// Who rang.
    pub direction: CallDirection,
    /// How far it has come.
    pub state: CallState,
    /// When it began to ring.
    pub at: Timestamp,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// What is kept sealed.
    pub about: CallAbout,
}

/// The sealed part of a call's record.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CallAbout {
    /// The vendor's id.
    pub vendor_id: String,
    /// The other side's number, E.164.
    pub number: Option<String>,
    /// How far it is vouched for.
    pub attestation: Attestation,
    /// Language tag spoken so far.
    pub language: String,
    /// What is said when a person of the business takes over.
    pub farewell: Option<String>,
    /// What that person hears before they are put through.
    pub whisper: Option<String>,
    /// How it came out, for people.
    pub outcome: Option<String>,
    /// Where the caller is put through to, where a teammate chose it; else where the number says.
    pub through_to: Option<String>,
    /// The teammate who speaks on it in our voice, by name; `None`: the assistant does.
    pub taken_by: Option<String>,
    /// How long each turn took, in order.
    pub turns: Vec<CallTurn>,
    /// The message with which it began to ring; its recording hangs on it.
    pub rang: Option<MessageId>,
    /// Its sound, where it is recorded and the recording is kept still.
    pub recording: Option<AttachmentId>,
    /// When it began to be recorded.
    pub recorded_from: Option<Timestamp>,
}

words! {
    /// Whether calls are recorded.
    RecordMode {
        /// They are not.
        Off = "off",
        /// The caller is told before it begins.
        Announce = "announce",
        /// The caller is asked, and only a yes begins it.
        Ask = "ask",
    }
}

/// Regions in which nobody is recorded without having agreed: the European Economic Area, the United Kingdom and Switzerland.
const ASKS: &[&str] = &[
    "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU",
    "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
];

impl RecordMode {
    /// What is configured, or more where the region wants more. Recording never begins by itself.
    pub fn in_region(self, region: &str) -> Self {
        let asks = ASKS.iter().any(|known| known.eq_ignore_ascii_case(region));
        if self == Self::Announce && asks { Self::Ask } else { self }
    }
}

/// Where the time of one turn of a call went; what was not measured here is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CallTurn {
    /// What the caller said.
    pub message: Option<MessageId>,
    /// From their last sound until it was understood and they were taken to have finished.
    pub ears_ms: Option<u32>,
    /// From there until the first words of the answer were decided.
    pub thinking_ms: Option<u32>,
    /// From there until the first sound of them went out.
    pub voice_ms: Option<u32>,
}

impl Default for Attestation {
    fn default() -> Self {
        Self::Claimed
    }
}
