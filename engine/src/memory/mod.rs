//! One memory of the person: facts with their sources, what is asked and never asked again, what is said of it.

pub mod facts;
pub mod known;
pub mod recap;
pub mod slots;
pub mod spoken;
