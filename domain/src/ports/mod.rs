//! The ports: what others implement for the engine.

mod channel;
mod embedder;
mod knowledge;
mod model;
mod speech;
mod store;
mod time;
mod tools;

pub use channel::*;
pub use embedder::*;
pub use knowledge::*;
pub use model::*;
pub use speech::*;
pub use store::*;
pub use time::*;
pub use tools::*;
