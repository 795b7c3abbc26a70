//! One memory of the person: facts with their sources, what is asked and never asked again, what is said of it.

pub mod facts;
pub mod known;
pub mod packing;
pub mod quotes;
pub mod recall;
pub mod recap;
pub mod slots;
pub mod spoken;
pub mod summary;
