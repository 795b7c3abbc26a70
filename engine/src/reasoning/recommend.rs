//! A choice for what somebody told us: the row of the catalogue that fits need and budget.

use std::sync::LazyLock;

use domain::fact::Predicate;
use domain::knowledge::{Answer, Passage, Question};
use regex::Regex;

use super::answerer::Desk;

static CHOICE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(which|what)\b.*\b(fit|suit|recommend|suggest|would you|best|right one|for (me|us))|\b(recommend|suggest|advise)|what i (told|said)|within (my|our|that) budget|(quel|quelle|lequel).*\b(convient|conseill|recommand|correspond)|welche.*\b(passt|empfehl)",
    )
    .expect("a constant pattern")
});

static PRICE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)price[^:\n]{0,20}:\s*(?:from\s*)?(?:€|£|\$|EUR|GBP|USD)?\s*(\d[\d,. ]*\d|\d)|(\d[\d,. ]*\d|\d)\s*(?:EUR|GBP|USD|€|£|\$)|(?:€|£|\$)\s*(\d[\d,.]*\d|\d)").expect("a constant pattern")
});

/// Does it ask us to choose?
pub fn asks_for_a_choice(question: &str) -> bool {
    CHOICE.is_match(question)
}

/// The offer that fits best: the first found row with a price within the budget, when there is a budget and a need.
pub fn choose(desk: &Desk<'_>, said: &str) -> Option<Answer> {
    let most = budget(desk)?;
    let mut needs: Vec<&str> = desk.after.facts_of(Predicate::Need).map(|fact| fact.value.as_str()).collect();
    needs.extend(desk.after.facts_of(Predicate::Constraint).map(|fact| fact.value.as_str()));
    if needs.is_empty() {
        return None;
    }
    let question = Question { text: format!("{} {said}", needs.join(" ")), language: desk.words.language().to_owned(), ..Question::default() };
    let declined: Vec<String> =
        desk.after.offers.iter().filter(|offer| offer.outcome == domain::fact::OfferOutcome::Declined).map(|offer| offer.product.to_lowercase()).collect();
    let found = desk.knowledge.search(desk.workspace, &question, 24);
    let priced: Vec<(&Passage, &String, i64)> = found
        .iter()
        .filter_map(|passage| {
            let name = desk.catalogue.iter().find(|name| passage.text.to_lowercase().contains(&name.to_lowercase()))?;
            Some((passage, name, price(&passage.text)?))
        })
        .filter(|(_, name, price)| *price <= most && !declined.contains(&name.to_lowercase()))
        .collect();
    let best = priced.iter().map(|(passage, ..)| passage.score).fold(0.0_f32, f32::max);
    let (passage, name, _) = priced.iter().filter(|(passage, ..)| passage.score >= best * 0.6).max_by_key(|(_, _, price)| *price)?;
    let facts: Vec<String> = [Predicate::Need, Predicate::Budget, Predicate::Timeline]
        .into_iter()
        .filter_map(|predicate| desk.after.fact(predicate).map(|fact| fact.value.clone()))
        .collect();
    let text = desk.words.with("answer.fits", &[("facts", &facts.join(", ")), ("what", &one_line(&passage.text))]);
    Some(Answer { text: Some(text), citations: vec![(*passage).clone()], confidence: 0.7, commits: true, topic: Some((*name).clone()) })
}

/// The most one piece may cost, in minor units.
fn budget(desk: &Desk<'_>) -> Option<i64> {
    let most = desk.after.fact(Predicate::Budget)?.data.get("max")?.as_i64()?;
    let count = desk.after.fact(Predicate::Quantity).and_then(|fact| fact.data.get("count").and_then(serde_json::Value::as_i64)).filter(|count| *count > 1);
    Some(most / count.unwrap_or(1))
}

fn price(text: &str) -> Option<i64> {
    let found = PRICE.captures(text)?;
    let digits = found.iter().skip(1).flatten().next()?.as_str().replace([' ', ','], "");
    let amount: f64 = digits.trim_end_matches('.').parse().ok()?;
    Some((amount * 100.0).round() as i64)
}

fn one_line(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ").trim_end_matches('.').to_owned()
}
