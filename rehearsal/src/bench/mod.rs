//! Load and latency of a server in its own process: signed webhooks in, replies at the provider out.
//!
//! The load is an open loop: a request's clock starts when it was *due*, whether or not it could be sent then, so a
//! stall shows on every request that was due during it. Signing is done before the clock starts.

pub mod histogram;
pub mod judge;
pub mod process;
pub mod provider;
pub mod sender;
pub mod webhooks;

pub use histogram::Histogram;
pub use judge::{Figures, judge};
pub use process::Server;
pub use provider::Provider;
