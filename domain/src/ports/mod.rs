//! The ports: what others implement for the engine.

mod channel;
mod knowledge;
mod model;
mod store;
mod time;

pub use channel::*;
pub use knowledge::*;
pub use model::*;
pub use store::*;
pub use time::*;
