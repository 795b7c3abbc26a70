//! The lead score: signed terms, so that everybody sees why.

use domain::customer::{Customer, Lead, LeadReason};
use domain::fact::{OfferOutcome, Predicate};
use domain::message::Direction;
use domain::message::Message;
use domain::signal::{Act, Signals};

/// At and above this a person is told at once.
pub const HOT: i32 = 70;
/// At and above this it is worth a person's time.
const QUALIFIED: i32 = 45;
/// At and above this somebody is more than passing by.
const ENGAGED: i32 = 15;

/// How far somebody with this score is.
pub fn stage_of(score: i32) -> &'static str {
    match score {
        HOT.. => "hot",
        QUALIFIED.. => "qualified",
        ENGAGED.. => "engaged",
        _ => "new",
    }
}

/// Scores a record as it is after the turn.
pub fn score(customer: &Customer, history: &[Message], signals: &Signals) -> Lead {
    let mut reasons: Vec<LeadReason> = Vec::new();
    let mut add = |text: &str, points: i32| reasons.push(LeadReason { text: text.to_owned(), points });
    let has = |predicate: Predicate| customer.fact(predicate).is_some();
    if has(Predicate::Budget) {
        add("budget named", 25);
    }
    if has(Predicate::Timeline) {
        add("time named", 15);
    }
    if has(Predicate::Need) || has(Predicate::ProductInterest) {
        add("need known", 15);
    }
    if has(Predicate::ProductInterest) {
        add("weighs a product", 5);
    }
    if let Some(authority) = customer.fact(Predicate::Authority) {
        let decides =
            authority.data.get("decides").and_then(serde_json::Value::as_bool).unwrap_or(authority.value.to_lowercase().contains("self"));
        add(if decides { "decides themselves" } else { "decider known" }, if decides { 15 } else { 5 });
    }
    if has(Predicate::Quantity) {
        add("quantity named", 5);
    }
    let mut doors: Vec<_> = history.iter().filter(|message| message.direction == Direction::In).map(|message| message.channel).collect();
    doors.sort();
    doors.dedup();
    if doors.len() > 1 {
        add("came back on another door", 10);
    }
    if signals.acts.contains(&Act::ReadyToBuy) {
        add("ready to buy", 20);
    }
    if has(Predicate::Objection) {
        add("objection open", -10);
    }
    if has(Predicate::Competitor) {
        add("weighs a competitor", -5);
    }
    if customer.offers.iter().any(|offer| offer.outcome == OfferOutcome::Declined) {
        add("declined an offer", -5);
    }
    if signals.sentiment < -0.5 {
        add("unhappy now", -10);
    }
    let total: i32 = reasons.iter().map(|reason| reason.points).sum();
    let score = total.clamp(0, 100);
    Lead { score, reasons, stage: stage_of(score).to_owned() }
}
