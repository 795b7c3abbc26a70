//! The website chat: its scripts and its WebSocket.

pub mod door;
pub mod frames;
mod greeting;
pub mod socket;
mod thread;
mod visit;

pub(crate) use self::visit::qr;
