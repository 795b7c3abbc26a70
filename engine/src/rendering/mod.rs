//! One core answer, rendered for each medium: phrases, tone, limits, splitting.

pub mod alert;
pub mod cards;
pub mod deeds;
pub mod manner;
pub mod markdown;
pub mod phrases;
pub mod plan;
pub mod split;
pub mod spoken;
