//! What follows from what was said: rules, escalation, brief, score.

pub mod action;
pub mod brief;
pub mod expression;
pub mod hours;
pub mod routing;
pub mod rules;
pub mod score;
pub mod sla;
pub mod slots;
pub mod tool;
