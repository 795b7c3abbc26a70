//! Who is this? Normalising, placing a message, trust, joining, asking.

pub mod import;
pub mod join;
pub mod level;
pub mod linkage;
pub mod normalise;
pub mod resolve;
pub mod shared;
pub mod step_up;
pub mod suggest;
