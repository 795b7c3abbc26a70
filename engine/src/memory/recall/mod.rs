//! Recall: which of everything a person and we ever said matters now.
//!
//! Words alone do it: BM25 over each message and over its window, the messages around it weighed by their distance, whose
//! scores are mixed with who spoke and with what a question before the message asked. Vectors are added where there are
//! some. The same code ranks for a turn and for `rapport recall`.

mod block;
pub mod likeness;
mod meaning;
mod ranking;
pub mod sayings;
mod shelf;
mod words;

use domain::Timestamp;

pub use self::block::{BLOCK, Block, Outdated};
pub use self::meaning::{Meanings, TOGETHER, Vectors, meaning};
pub use self::ranking::{Hit, rank};
pub use self::shelf::{Pages, Shelf};
pub use self::words::{Languages, Question};

/// The author of what a customer said, where nobody's name is wanted: no question names it.
pub const CUSTOMER: &str = "<";
/// The author of what we said, whoever of us.
pub const US: &str = ">";

/// One message as it goes into a block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line<'a> {
    /// Names the message; given back in a [`Hit`].
    pub id: u128,
    /// Its place in the order of everything said.
    pub seq: i64,
    /// When it was said.
    pub at: Timestamp,
    /// Who said it: a name, or a role such as `customer`.
    pub author: &'a str,
    /// What was said, with captions and transcripts of what went with it.
    pub text: &'a str,
    /// Its language, when known.
    pub language: Option<&'a str>,
}
