//! Journeys as files: who says what on which door, when, and what must be true afterwards.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

/// A journey.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journey {
    /// Its name in a report.
    pub id: String,
    /// For people.
    pub title: String,
    /// People in it, by key; `anna` when only one is needed.
    #[serde(default)]
    pub people: BTreeMap<String, Person>,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// A person of a journey.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Person {
    /// Name on their profiles.
    pub profile_name: Option<String>,
    /// Shares the phone of this other person.
    pub shares_phone_of: Option<String>,
}

/// One step; exactly one of `say`, `advance`, `link`, `share_contact`, `token`, `leave`, `teammate`, `event`, `known` is given.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Step {
    /// Who; the first person when absent.
    pub who: Option<String>,
    /// On which door.
    pub on: Option<String>,
    /// What they say. `{code email}` is the newest one-time code that arrived there, `{email}` and `{phone}` are their own.
    pub say: Option<String>,
    /// Business time passes: `30m`, `2d`; with `on`, what is said there meanwhile is looked at.
    pub advance: Option<String>,
    /// The widget page makes a code for this door, and the person sends it there with `say`.
    pub link: Option<String>,
    /// The person shares their own contact on Telegram.
    pub share_contact: bool,
    /// The page is opened with a signed token, with a verified phone or without.
    pub token: Option<Token>,
    /// The page is closed.
    pub leave: bool,
    /// What a teammate does: `take`, `return`, `resolve`, `approve`, `decline`, or `reply: text`.
    pub teammate: Option<Teammate>,
    /// A business event for the person.
    pub event: Option<Event>,
    /// Facts that the API must tell about the person now.
    pub known: BTreeMap<String, String>,
    /// Facts that it must not.
    pub unknown: Vec<String>,
    /// What must hold for the reply.
    pub expect: Expect,
}

/// How the business vouches for a visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Token {
    /// User id only.
    Plain,
    /// User id and verified phone.
    Phone,
}

/// A teammate's act.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Teammate {
    /// Takes the conversation.
    Take,
    /// Gives it back.
    Return,
    /// Ends it.
    Resolve,
    /// Writes.
    Reply(String),
    /// Approves the action that waits.
    Approve,
    /// Leaves it undone.
    Decline,
}

/// A business event.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// `order.created`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Its data.
    #[serde(default)]
    pub data: serde_json::Value,
}

/// What must hold for the reply to a step.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// Each group must be found; one alternative of it is enough.
    pub contains: Vec<Alternatives>,
    /// None of these may be found.
    pub lacks: Vec<String>,
    /// Slots that may not be asked for.
    pub not_asked: Vec<String>,
    /// Rules that must be on the open escalation.
    pub fired: Vec<String>,
    /// No escalation may be open.
    pub quiet: bool,
    /// Nothing may be said.
    pub silent: bool,
    /// Actions that must have been done by now, and not been replaced: `return.create`.
    pub done: Vec<String>,
    /// The reply must hold a link that opens a document.
    pub document: bool,
}

/// One text, or several of which one is enough.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Alternatives {
    /// This one.
    One(String),
    /// One of these.
    Several(Vec<String>),
}

impl Alternatives {
    /// All of them.
    pub fn all(&self) -> Vec<&str> {
        match self {
            Self::One(text) => vec![text.as_str()],
            Self::Several(texts) => texts.iter().map(String::as_str).collect(),
        }
    }
}

/// A file that is no journey.
#[derive(Debug, thiserror::Error)]
pub enum JourneyError {
    /// It cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It does not follow the form.
    #[error("{path} is no journey")]
    Form {
        /// Which.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: serde_yaml_ng::Error,
    },
}

/// Reads one file, or all `.yaml` files of a folder, by name.
pub fn load(path: &Path) -> Result<Vec<Journey>, JourneyError> {
    let read = |source| JourneyError::Read { path: path.to_owned(), source };
    if path.is_dir() {
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(path).map_err(read)?.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml" || extension == "yml"));
        files.sort();
        let mut journeys = Vec::new();
        for file in files {
            journeys.extend(load(&file)?);
        }
        return Ok(journeys);
    }
    let text = std::fs::read_to_string(path).map_err(read)?;
    let journey = serde_yaml_ng::from_str(&text).map_err(|source| JourneyError::Form { path: path.to_owned(), source })?;
    Ok(vec![journey])
}

/// `90s`, `30m`, `6h`, `2d`.
pub fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = text.trim().split_at_checked(text.trim().len().checked_sub(1)?)?;
    let number: u64 = number.trim().parse().ok()?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    Some(Duration::from_secs(number * seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_and_a_unit() {
        assert_eq!(duration("2d"), Some(Duration::from_secs(172_800)));
        assert_eq!(duration("30m"), Some(Duration::from_secs(1_800)));
        assert_eq!(duration("soon"), None);
        assert_eq!(duration(""), None);
    }

    #[test]
    fn an_unknown_key_in_a_journey_is_an_error() {
        let text = "id: a\ntitle: b\nsteps:\n  - {on: sms, say: hi, wants: x}\n";
        assert!(serde_yaml_ng::from_str::<Journey>(text).is_err());
    }
}
