//! A choice for what somebody told us: the row of the catalogue that fits need and budget.

use std::sync::LazyLock;

use domain::fact::{OfferOutcome, Predicate};
use domain::knowledge::{Answer, Passage, Question};
use regex::Regex;

use super::answerer::Desk;

static CHOICE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(which|what)\b.*\b(fit|suit|recommend|suggest|would you|best|right one|for (me|us))|\b(recommend|suggest|advise)|what i (told|said)|within (my|our|that) budget|(quel|quelle|lequel).*\b(convient|conseill|recommand|correspond)|welche.*\b(passt|empfehl)",
    )
    .expect("a constant pattern")
});

static PRICE_COLUMN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)price|prix|cost|fee|preis|precio|pre[çc]o|tarif").expect("a constant pattern"));
static FIGURE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\d[\d, ]*(?:\.\d+)?").expect("a constant pattern"));

/// Does it ask us to choose?
pub fn asks_for_a_choice(question: &str) -> bool {
    CHOICE.is_match(question)
}

/// The offer that fits best: a priced row within the budget, when there is a budget and a need.
pub fn choose(desk: &Desk<'_>, said: &str) -> Option<Answer> {
    let most = budget(desk)?;
    let mut needs: Vec<&str> = desk.after.facts_of(Predicate::Need).map(|fact| fact.value.as_str()).collect();
    needs.extend(desk.after.facts_of(Predicate::Constraint).map(|fact| fact.value.as_str()));
    if needs.is_empty() {
        return None;
    }
    let wanted = format!("{} {said}", needs.join(" "));
    let found = search(desk, &wanted, 24);
    let suited: Vec<&String> =
        desk.catalogue.iter().filter(|name| found.iter().take(3).any(|passage| mentions(&passage.text, name))).collect();
    let mut rows: Vec<Passage> = found;
    for name in &suited {
        rows.extend(search(desk, &format!("{name} price"), 4));
    }
    let declined: Vec<String> = desk
        .after
        .offers
        .iter()
        .filter(|offer| offer.outcome == OfferOutcome::Declined)
        .map(|offer| offer.product.to_lowercase())
        .collect();
    let interest: Vec<&str> = desk.after.facts_of(Predicate::ProductInterest).map(|fact| fact.value.as_str()).collect();
    let best = rows
        .iter()
        .filter_map(|row| Row::read(row, desk.catalogue))
        .filter(|row| row.price <= most && !declined.contains(&row.name.to_lowercase()))
        .max_by(|a, b| {
            let rank = |row: &Row<'_>| {
                let suits = f32::from(u8::from(suited.iter().any(|name| **name == *row.name)));
                let liked = f32::from(u8::from(interest.iter().any(|name| name.eq_ignore_ascii_case(row.name))));
                overlap(&wanted, &row.passage.text) + overlap(&wanted, &row.passage.heading) + 2.0 * suits + 4.0 * liked
            };
            rank(a).total_cmp(&rank(b)).then(a.price.cmp(&b.price))
        })?;
    let facts: Vec<String> = [Predicate::Need, Predicate::Budget, Predicate::Timeline]
        .into_iter()
        .filter_map(|predicate| desk.after.fact(predicate).map(|fact| fact.value.clone()))
        .collect();
    let text = desk.words.with("answer.fits", &[("facts", &facts.join(", ")), ("what", &format!("{}, {}", best.name, best.shown_price))]);
    Some(Answer {
        text: Some(text),
        citations: vec![best.passage.clone()],
        confidence: 0.7,
        commits: true,
        topic: Some(best.name.to_owned()),
    })
}

fn search(desk: &Desk<'_>, text: &str, limit: usize) -> Vec<Passage> {
    let question = Question { text: text.to_owned(), language: desk.words.language().to_owned(), ..Question::default() };
    desk.knowledge.search(desk.workspace, &question, limit)
}

/// A row of the catalogue: "Model: Contour 2 | Price: 449 EUR | …".
struct Row<'a> {
    passage: &'a Passage,
    name: &'a str,
    price: i64,
    shown_price: &'a str,
}

impl<'a> Row<'a> {
    fn read(passage: &'a Passage, catalogue: &'a [String]) -> Option<Self> {
        let cells: Vec<(&str, &str)> = passage.text.split(" | ").filter_map(|cell| cell.split_once(": ")).collect();
        let (_, first) = cells.first()?;
        let name = catalogue.iter().find(|name| name.eq_ignore_ascii_case(first.trim()))?;
        let (_, shown_price) = cells.iter().find(|(key, _)| PRICE_COLUMN.is_match(key))?;
        Some(Self { passage, name, price: amount(shown_price)?, shown_price })
    }
}

fn mentions(text: &str, name: &str) -> bool {
    text.to_lowercase().contains(&name.to_lowercase())
}

/// How many words of some weight two texts share; a plural s does not matter.
fn overlap(a: &str, b: &str) -> f32 {
    let words = |text: &str| -> Vec<String> {
        let mut words: Vec<String> = text
            .to_lowercase()
            .split(|letter: char| !letter.is_alphanumeric())
            .map(|word| word.trim_end_matches('s').to_owned())
            .filter(|word| word.chars().count() > 3)
            .collect();
        words.sort();
        words.dedup();
        words
    };
    let b = words(b);
    words(a).iter().filter(|word| b.contains(word)).count() as f32
}

/// The most one piece may cost, in minor units: a budget for several people or pieces is shared among them.
fn budget(desk: &Desk<'_>) -> Option<i64> {
    let most = desk.after.fact(Predicate::Budget)?.data.get("max")?.as_i64()?;
    let count = [Predicate::Quantity, Predicate::CompanySize]
        .into_iter()
        .filter_map(|predicate| desk.after.fact(predicate)?.data.get("count")?.as_i64())
        .find(|count| *count > 1);
    Some(most / count.unwrap_or(1))
}

/// Minor units of the first figure.
fn amount(text: &str) -> Option<i64> {
    let found = FIGURE.find(text)?.as_str().replace([' ', ','], "");
    let amount: f64 = found.trim_end_matches('.').parse().ok()?;
    Some((amount * 100.0).round() as i64)
}
