//! The AI team: analyst, answerer, qualifier, router. The built-in engine does the whole job; a model does it better.

pub mod analyst;
pub mod answerer;
pub mod appointments;
pub mod builtin;
mod corrections;
mod differing;
pub mod happenings;
mod notes;
pub mod orders;
pub mod private;
pub mod purchases;
pub mod qualifier;
pub mod recommend;
pub mod requests;
mod requirements;
pub mod router;
pub mod team;
pub mod wishes;
