//! Language models behind the two wire formats that nearly everybody speaks, vectors, speech, and tools of the business.
//!
//! Each call is made once, with a deadline and a size limit; the fallback chain is the caller's.

pub mod embeddings;
pub mod local;
pub mod models;
pub mod speech;
pub mod tools;

pub use models::{ModelSettings, OpenError, open};
