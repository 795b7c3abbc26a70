//! The built-in engine: does the team's job with no model at all, and is the last fallback when every model is down.

pub mod answer;
pub mod sense;
pub mod understand;
