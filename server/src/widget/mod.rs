//! The website chat: its scripts and its WebSocket.

pub mod door;
pub mod files;
pub mod frames;
mod greeting;
mod links;
mod matters;
pub mod socket;
mod thread;
mod visit;

pub(crate) use self::links::qr;
