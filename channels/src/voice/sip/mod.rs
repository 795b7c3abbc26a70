//! Calls straight over SIP: signalling by rsipstack, whose types stay here; descriptions of sound, packets and the
//! clock are ours.
//!
//! <https://www.rfc-editor.org/rfc/rfc3261>

mod aim;
mod call;
mod caller;
mod clock;
mod dial;
mod digest;
mod gate;
mod refresh;
pub mod rtp;
pub mod sdp;
mod settings;
mod streams;
mod timer;
mod trunk;

pub use call::{Call, Happened, Transferred};
pub use clock::Full;
pub use dial::{Dialler, Unreached};
pub use gate::Refusals;
pub use settings::{Calls, Encrypted, Network, Over, Settings};
pub use streams::{Encrypts, NoLine};
pub use trunk::{Incoming, Trunk, TrunkError};
