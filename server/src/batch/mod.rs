//! Batch work over the very functions the server runs, so that their quality can be measured on anybody's data.

pub mod classify;
pub mod evaluate;
pub mod link;
pub mod recall;
pub mod resolve;
