//! Knowledge: the business's own sources, cut in passages, cited in answers.

use serde::{Deserialize, Serialize};

/// A passage that may be quoted to customers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Passage {
    /// File or page, relative to its folder.
    pub source: String,
    /// Heading path, ` › ` between levels.
    pub heading: String,
    /// The text: a paragraph, a list, a question with its answer, or one row of a table with its column names.
    pub text: String,
    /// How well it fits the question; comparable within one search only.
    pub score: f32,
    /// Two-letter language of the source.
    pub language: String,
    /// The source's own dates say that it is out of date, or another current source contradicts it.
    pub outdated: bool,
}

/// Two sources that say different figures of the same thing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conflict {
    /// What they differ about.
    pub about: String,
    /// What one says.
    pub one: Passage,
    /// What the other says.
    pub other: Passage,
}

/// A question as the answerer puts it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Question {
    /// In the customer's words, one sentence.
    pub text: String,
    /// The sentence(s) before it in the same conversation, newest last, for ellipses ("and in black?").
    pub before: Vec<String>,
    /// Two-letter language to answer in.
    pub language: String,
    /// Products or pages the talk is about, newest last.
    pub topics: Vec<String>,
}

/// A grounded answer, or none.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Answer {
    /// The answer; `None`: the sources do not say.
    pub text: Option<String>,
    /// Passages it was taken from.
    pub citations: Vec<Passage>,
    /// 0..1.
    pub confidence: f32,
    /// Would it commit the business (price, date, refund, booking)?
    pub commits: bool,
    /// Product or page it is about, to resolve the next ellipsis.
    pub topic: Option<String>,
}

/// A source and how its last sync went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceState {
    /// File or page.
    pub path: String,
    /// Its title.
    pub title: String,
    /// How many passages it gave.
    pub passages: usize,
    /// `public` or `internal`.
    pub audience: String,
    /// Out of date by its own word.
    pub outdated: bool,
    /// Why it was skipped, when it was.
    pub skipped: Option<String>,
}
