//! Rehearsals: journeys as files, vendor simulators, continuity score. Knows the server only over HTTP.
//!
//! The simulators speak the vendors' wire formats from their documentation and share no code with the doors, so that
//! they cannot share their mistakes; they refuse what the vendor refuses.

pub mod bench;
pub mod client;
pub mod faults;
pub mod headset;
pub mod journey;
pub mod pairs;
pub mod persona;
pub mod phone;
pub mod report;
pub mod runner;
pub mod simulator;
pub mod widget;

pub use client::Target;
pub use persona::Persona;
pub use simulator::{Bubble, File, Simulators};
