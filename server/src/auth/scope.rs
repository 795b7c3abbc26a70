//! What a route asks for and what a caller has.

use serde::{Deserialize, Serialize};

/// A right over a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Reading customers, conversations and decisions.
    Read,
    /// Changing them.
    Write,
    /// Teammates, tokens, the clock.
    Admin,
    /// Export and erasure.
    Privacy,
    /// Counters.
    Metrics,
    /// Memory for other AI tools.
    Mcp,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 6] = [Self::Read, Self::Write, Self::Admin, Self::Privacy, Self::Metrics, Self::Mcp];

    /// The word in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
            Self::Privacy => "privacy",
            Self::Metrics => "metrics",
            Self::Mcp => "mcp",
        }
    }

    /// From the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }
}

/// What a route asks of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing; the handler checks a signature, a password or a single-use token itself.
    Nothing,
    /// A token, a session or the admin token with this right.
    Scope(Scope),
    /// A signed-in teammate, whatever the role.
    Teammate,
}

/// The rights of a teammate's role; deny by default.
pub fn of_role(role: &str) -> &'static [Scope] {
    match role {
        "owner" | "admin" => &[Scope::Read, Scope::Write, Scope::Admin, Scope::Privacy, Scope::Metrics],
        "teammate" => &[Scope::Read, Scope::Write],
        "analyst" => &[Scope::Read],
        _ => &[],
    }
}
