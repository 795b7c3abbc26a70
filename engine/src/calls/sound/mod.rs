//! A call as sound, made into a call as text: what comes from the line and from speech goes in, what has to be done
//! comes out. It implements what `Session` knows as a line, so that whoever carries the call makes no difference to it.
//! Pure: time is given, and nothing here waits.

mod activity;
mod chunks;
mod expectation;
mod mouth;
mod pipeline;
mod turns;

pub use activity::Activity;
pub use chunks::Chunker;
pub use expectation::Expectation;
pub use mouth::{Given, Mouth};
pub use pipeline::{Act, Pipeline, Sensed};
pub use turns::{TurnStep, Turns};
