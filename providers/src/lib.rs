//! Language models behind the two wire formats that nearly everybody speaks, and vectors.
//!
//! Each call is made once, with a deadline and a size limit; the fallback chain is the caller's.

pub mod embeddings;
pub mod local;
pub mod models;

pub use models::{ModelSettings, OpenError, open};
