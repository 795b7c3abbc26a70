//! The frames of the widget's socket, both ways.

use serde::Deserialize;
use serde_json::Value;

/// Largest frame that is read, in bytes.
pub const LARGEST: usize = 64 * 1024;
/// Longest text of one message, in characters.
pub const LONGEST_TEXT: usize = 8_000;

/// What the page sends. Unknown fields are ignored; nothing in a frame ever names a customer or a workspace.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromPage {
    /// First frame.
    Hello {
        /// Session token of an earlier visit.
        session: Option<String>,
        /// Signed token of a logged-in user.
        jwt: Option<String>,
        /// Last number the page has; anything unreadable means "from the beginning".
        #[serde(default)]
        last_seq: Value,
        /// Mark of a rehearsal's persona.
        tag: Option<String>,
        /// The page it is on.
        page: Option<Page>,
    },
    /// Something said.
    Message {
        /// The page's own id of it.
        id: String,
        /// The text.
        #[serde(default)]
        text: String,
        /// What a quick reply carries.
        payload: Option<String>,
        /// In which conversation: `another` begins one.
        conversation: Option<String>,
    },
    /// The person is typing.
    Typing,
    /// Read up to this number.
    Read {
        /// The number.
        seq: i64,
        /// Only what stands in this conversation; nothing else was shown.
        conversation: Option<String>,
    },
    /// The person logged in.
    Identify {
        /// Signed token.
        jwt: String,
    },
    /// Something happened on the website.
    Track {
        /// `cart.updated`, …
        event: String,
        /// Details.
        #[serde(default)]
        data: Value,
    },
    /// "Continue on …".
    Continue {
        /// Where.
        channel: String,
    },
    /// "Not you?".
    NotMe {
        /// Which link.
        link: String,
    },
    /// How it was, 1 to 5.
    Rate {
        /// Stars.
        value: i64,
        /// Which conversation.
        conversation: Option<String>,
    },
    /// Talk to a person.
    Person {
        /// In which conversation.
        conversation: Option<String>,
    },
    /// Is the line alive?
    Ping,
}

/// The page a visitor is on.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Page {
    /// Its address.
    pub url: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// Its language.
    pub locale: Option<String>,
}

/// Reads a frame.
pub fn read(text: &str) -> Option<FromPage> {
    serde_json::from_str(text).ok()
}

/// A number of the timeline, or nothing when it is none.
pub fn number(value: &Value) -> Option<i64> {
    value.as_i64().filter(|number| *number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_or_broken_cursor_means_from_the_beginning() {
        let check = |frame: &str, expected: Option<i64>| {
            let Some(FromPage::Hello { last_seq, .. }) = read(frame) else { panic!("{frame} is no hello") };
            assert_eq!(number(&last_seq), expected, "{frame}");
        };
        check(r#"{"type":"hello"}"#, None);
        check(r#"{"type":"hello","last_seq":-1}"#, None);
        check(r#"{"type":"hello","last_seq":"abc"}"#, None);
        check(r#"{"type":"hello","last_seq":12}"#, Some(12));
        check(r#"{"type":"hello","last_seq":1e300}"#, None);
    }

    #[test]
    fn keys_of_other_languages_change_nothing() {
        assert!(read(r#"{"__proto__":{"isTeammate":true},"constructor":{}}"#).is_none());
        assert!(matches!(read(r#"{"type":"ping","__proto__":{"x":1}}"#), Some(FromPage::Ping)));
    }
}
