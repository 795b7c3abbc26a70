//! Documents → passages → search: what a business publishes, so that answers can quote it.
//!
//! A folder of Markdown, HTML, Word, PDF and CSV becomes passages (a short section, a paragraph, a list item with its lead-in, a
//! question with its answer, a row of a table with its column names); [`Library`] keeps them per workspace and implements
//! [`domain::ports::Knowledge`]. Internal sources and sources that are out of date are listed, never indexed.
//!
//! The search is our own BM25 over memory, without tantivy: a business has hundreds of passages, an index of a thousand
//! builds in milliseconds and answers in well under two, nothing lies on disk that could go stale, and the parts that decide
//! about quality here (ideas across languages, names, mistyped words) would have to be written on top of any engine.
//!
//! The text of a passage keeps its kind readable: a row is `Name: value | Name: value` with the naming column first,
//! a question `Q: …` and `A: …` on two lines, a list item `- …`, below its lead-in when there is one.

mod amounts;
mod block;
mod conflicts;
mod docx;
mod folder;
pub mod gaps;
mod html;
mod index;
mod library;
mod markdown;
mod names;
mod passages;
mod pdf;
mod sheet;
pub mod sitemap;
mod text;
mod validity;

pub use crate::conflicts::conflicts;
pub use crate::folder::{LARGEST, is_readable};
pub use crate::index::Index;
pub use crate::library::{Given, Library, SyncReport, try_reading};
