//! Phone calls: taking turns, what was heard, what happens before, during and after.

mod ledger;
mod listening;
mod machine;
pub mod recording;
mod session;
pub mod sound;
pub mod zones;

pub use ledger::HeardPart;
pub use machine::is_machine;
pub use session::{Input, Session, Step, Why};
