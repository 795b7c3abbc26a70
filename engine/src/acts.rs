//! What the server asks of the engine besides turns: visitors, links, teammates' acts, merges, business events.

mod actions;
mod after_calls;
pub(crate) mod calls;
mod desk;
mod imports;
mod people;
mod preview;
mod privacy;
mod recordings;
mod reword;
mod summaries;
mod visitors;

pub use self::actions::Document;
pub use self::calls::{Arrival, CallPlan, CallRefused, Handover, Outcome, Utterance};
pub use self::imports::{RowOutcome, RowReport};
pub use desk::{Rating, Wording, sender};
pub use people::ToldEvent;
pub use reword::Reworded;

use domain::id::LinkId;
use domain::ports::VisitorSession;

/// A visitor of the website, found or new.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The session token to keep in the browser; shown once, stored hashed.
    pub token: String,
    /// Who it is.
    pub session: VisitorSession,
    /// Was the session made just now?
    pub is_new: bool,
}

/// What a signed widget token proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenClaims {
    /// The business's own user id.
    pub subject: String,
    /// Name, if the token has one.
    pub name: Option<String>,
    /// Email, and whether it is verified.
    pub email: Option<(String, bool)>,
    /// E.164 phone, and whether it is verified.
    pub phone: Option<(String, bool)>,
    /// `jti`, when present: opens one session, which the same visitor may show again.
    pub token_id: Option<String>,
}

/// What the widget shows on opening.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Greeting {
    /// The greeting; names only what the visitor's proof allows.
    pub text: Option<String>,
    /// The name that may be shown.
    pub name: Option<String>,
    /// Is the visitor proven?
    pub identified: bool,
}

/// A link to another door, made for a visitor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLink {
    /// Its id.
    pub id: LinkId,
    /// The address to open.
    pub url: String,
    /// The code, shown where a person types it.
    pub code: String,
}

/// Why a teammate's reply is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplyRefused {
    /// No such conversation in this workspace.
    NotFound,
    /// The customer cannot be written to on that door.
    NoDoor,
    /// The service window is closed.
    WindowClosed,
    /// The customer said stop there.
    Stopped,
    /// No file can be sent there.
    NoFiles,
}

impl ReplyRefused {
    /// The word for programs.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::NoDoor => "no_door",
            Self::WindowClosed => "window_closed",
            Self::Stopped => "stopped",
            Self::NoFiles => "no_files",
        }
    }
}
