//! A choice for what somebody told us: the row of the catalogue that fits need and budget.

use std::sync::LazyLock;

use domain::fact::{OfferOutcome, Predicate};
use domain::knowledge::{Answer, Passage, Question};
use domain::message::Author;
use regex::Regex;

use super::answerer::{Desk, ReplyKind};
use super::requirements::{self, Requirement};
use crate::memory::spoken;

static CHOICE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(which|what)\b.*\b(fit|suit|recommend|suggest|would you|best|right one|for (me|us))|\b(recommend|suggest|advise)|what i (told|said)|within (my|our|that) budget|(quel|quelle|lequel).*\b(convient|conseill|recommand|correspond)|welche.*\b(passt|empfehl)",
    )
    .expect("a constant pattern")
});

static PRICE_COLUMN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)price|prix|cost|fee|preis|precio|pre[çc]o|tarif").expect("a constant pattern"));
static MONEY: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[€$£]\s?\d|\d\s?(?:[€$£]|EUR|USD|GBP|CHF)\b").expect("a constant pattern"));
static FIGURE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\d[\d, ]*(?:\.\d+)?").expect("a constant pattern"));

/// Does it ask us to choose?
pub fn asks_for_a_choice(question: &str) -> bool {
    CHOICE.is_match(question)
}

/// The offer that fits best: the row that is enough for what they need, within the budget where there is one.
pub fn choose(desk: &Desk<'_>, said: &str) -> Option<Answer> {
    let mut needs: Vec<&str> = desk.after.facts_of(Predicate::Need).map(|fact| fact.value.as_str()).collect();
    needs.extend(desk.after.facts_of(Predicate::Constraint).map(|fact| fact.value.as_str()));
    let requirements = requirements::read(&told(desk, said));
    let has_budget = desk.after.fact(Predicate::Budget).is_some();
    if needs.is_empty() && requirements.is_empty() && !has_budget || !has_budget && requirements.is_empty() {
        return None;
    }
    let wanted = format!("{} {said}", needs.join(" "));
    let passages = passages(desk, &wanted);
    let rows: Vec<Row<'_>> = passages.iter().filter_map(|passage| Row::read(passage, desk.catalogue)).collect();
    let rows = of_the_kind(rows, &needs);
    let best = match enough(desk, &rows, &requirements, &wanted, needs.is_empty()) {
        Some(row) => row,
        None if has_budget
            && requirements.iter().all(|needed| rows.iter().all(|row| requirements::holds(needed, &row.cells).is_none())) =>
        {
            best_within(desk, &rows, &passages, said, &wanted, &needs)?
        }
        None => return None,
    };
    let shown: Vec<String> = requirements
        .iter()
        .filter_map(|needed| requirements::shown(needed, &best.cells))
        .map(|(column, value)| format!("{column}: {value}"))
        .collect();
    let mut what = format!("{}, {}", best.name, best.shown_price);
    if !shown.is_empty() {
        what = format!("{what} ({})", distinct(shown).join("; "));
    }
    let facts: Vec<String> = [Predicate::Need, Predicate::Budget, Predicate::Timeline]
        .into_iter()
        .filter_map(|predicate| desk.after.fact(predicate).map(|fact| spoken::noted(fact, desk.words)))
        .collect();
    let text = if facts.is_empty() {
        desk.words.with("answer.fits.bare", &[("what", &what)])
    } else {
        desk.words.with("answer.fits", &[("facts", &facts.join(", ")), ("what", &what)])
    };
    Some(Answer {
        text: Some(text),
        citations: vec![best.passage.clone()],
        confidence: 0.7,
        commits: true,
        topic: Some(best.name.to_owned()),
    })
}

static CHECK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(possible|doable|feasible|realistic|fits?|works?|enough|within|ok(ay)?|faisable|r[ée]aliste|suffi\w*|rentre|m[öo]glich|machbar|passt|reicht|posible|encaja|poss[íi]vel|cabe)\b.*\b(what (i|we) (told|said|gave)|(my|our|that|the) budget|ce que (je|nous) vous|(mon|notre|ce) budget|was ich (ihnen )?(gesagt|genannt)|(mein|unser)\w* budget|lo que (le |les )?(dije|cont[ée])|(mi|nuestro) presupuesto|o que (lhe )?(disse|contei)|(meu|nosso) or[çc]amento)",
    )
    .expect("a constant pattern")
});

static WHICH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(which|quel(le)?s?|lequel|laquelle|welche[rsn]?|cu[áa]l(es)?|qual|quais)\b").expect("a constant pattern")
});

/// "Is that still possible for what I told you?": what they had in mind, counted up and held against the budget.
pub fn still_fits(desk: &Desk<'_>, question: &str) -> Option<ReplyKind> {
    if !CHECK.is_match(question) || WHICH.is_match(question) {
        return None;
    }
    let budget = desk.after.fact(Predicate::Budget)?;
    let most = budget.data.get("max").and_then(serde_json::Value::as_i64)?;
    let open = desk.after.offers.iter().rev().find(|offer| offer.outcome == OfferOutcome::Open).map(|offer| offer.product.as_str());
    let product = desk.after.fact(Predicate::ProductInterest).map(|fact| fact.value.as_str()).or(open)?;
    let passages = search(desk, &format!("{product} price"), 12);
    let rows: Vec<Row<'_>> =
        passages.iter().filter(|passage| !passage.outdated).filter_map(|passage| Row::read(passage, desk.catalogue)).collect();
    let row = rows.iter().find(|row| row.name.eq_ignore_ascii_case(product))?;
    let count = desk
        .after
        .fact(Predicate::Quantity)
        .and_then(|fact| fact.data.get("count").and_then(serde_json::Value::as_i64))
        .filter(|count| *count > 1)
        .unwrap_or(1);
    let total = row.price * count;
    let currency = budget.data.get("currency").and_then(serde_json::Value::as_str).unwrap_or_default();
    let what = if count > 1 {
        format!("{count} × {} ({}) = {} {currency}", row.name, row.shown_price, domain::money::figure(total))
    } else {
        format!("{}, {}", row.name, row.shown_price)
    };
    let facts: Vec<String> = [Predicate::Need, Predicate::Budget, Predicate::Timeline]
        .into_iter()
        .filter_map(|predicate| desk.after.fact(predicate).map(|fact| spoken::noted(fact, desk.words)))
        .collect();
    let key = if total <= most { "answer.check.within" } else { "answer.check.over" };
    let text = desk.words.with(key, &[("facts", &facts.join(", ")), ("what", &what)]);
    Some(ReplyKind::Fitting(Answer { text: Some(text), citations: vec![row.passage.clone()], confidence: 0.7, commits: true, topic: None }))
}

/// Their own words of this matter: what was told earlier counts as much as what is said now.
fn told(desk: &Desk<'_>, said: &str) -> String {
    let mut lines: Vec<&str> = desk
        .context
        .history
        .iter()
        .filter(|message| message.event.is_none() && message.author == Author::Customer)
        .map(|message| message.text.as_str())
        .collect();
    lines.push(said);
    lines.join("\n")
}

/// Everything that could be a row of what they need.
fn passages(desk: &Desk<'_>, wanted: &str) -> Vec<Passage> {
    let found = search(desk, wanted, 24);
    let suited: Vec<&String> =
        desk.catalogue.iter().filter(|name| found.iter().take(3).any(|passage| mentions(&passage.text, name))).collect();
    let mut names: Vec<&String> = suited.clone();
    names.extend(desk.catalogue.iter().filter(|name| !suited.contains(name)).take(MOST_NAMES));
    let mut all = found;
    for name in names {
        for passage in search(desk, &format!("{name} price"), 4) {
            if !all.iter().any(|known| known.text == passage.text && known.source == passage.source) {
                all.push(passage);
            }
        }
    }
    all.retain(|passage| !passage.outdated);
    all
}

/// Names of the catalogue that are looked up besides the likeliest.
const MOST_NAMES: usize = 24;

fn is_declined(desk: &Desk<'_>, row: &Row<'_>) -> bool {
    desk.after.offers.iter().any(|offer| offer.outcome == OfferOutcome::Declined && offer.product.eq_ignore_ascii_case(row.name))
}

/// The cheapest row that is enough in every figure it speaks of, and within the budget.
fn enough<'r, 'a>(
    desk: &Desk<'_>,
    rows: &'r [Row<'a>],
    requirements: &[Requirement],
    wanted: &str,
    needs_unknown: bool,
) -> Option<&'r Row<'a>> {
    let most = desk.after.fact(Predicate::Budget).and_then(|fact| fact.data.get("max").and_then(serde_json::Value::as_i64));
    rows.iter()
        .filter(|row| !is_declined(desk, row))
        .filter(|row| most.is_none_or(|most| row.price <= most))
        .filter_map(|row| {
            let held: Vec<bool> = requirements.iter().filter_map(|needed| requirements::holds(needed, &row.cells)).collect();
            let related = needs_unknown || overlap(wanted, &row.passage.text) + overlap(wanted, &row.passage.heading) >= 1.0;
            (!held.is_empty() && held.iter().all(|holds| *holds) && (related || held.len() > 1 || most.is_some()))
                .then_some((held.len(), row))
        })
        .max_by(|(a_held, a), (b_held, b)| a_held.cmp(b_held).then(b.price.cmp(&a.price)))
        .map(|(_, row)| row)
}

/// The row that is most what they described, within the budget for one piece.
fn best_within<'r, 'a>(
    desk: &Desk<'_>,
    rows: &'r [Row<'a>],
    passages: &[Passage],
    said: &str,
    wanted: &str,
    needs: &[&str],
) -> Option<&'r Row<'a>> {
    let most = budget(desk)?;
    let one_table = rows.iter().all(|row| row.passage.source == rows[0].passage.source && row.passage.heading == rows[0].passage.heading);
    if needs.is_empty() && !one_table {
        return None;
    }
    let suited: Vec<&String> =
        desk.catalogue.iter().filter(|name| passages.iter().take(3).any(|passage| mentions(&passage.text, name))).collect();
    let interest: Vec<&str> = desk.after.facts_of(Predicate::ProductInterest).map(|fact| fact.value.as_str()).collect();
    let spoken: Vec<String> = interest
        .iter()
        .copied()
        .chain(desk.context.conversation.memo.topics.iter().map(String::as_str))
        .chain([told(desk, said).as_str()])
        .flat_map(words)
        .collect();
    // A budget alone is no wish for whatever it would buy.
    let is_meant = |row: &&Row<'_>| !needs.is_empty() || is_spoken_of(row, &spoken);
    rows.iter().filter(|row| row.price <= most && !is_declined(desk, row)).filter(is_meant).max_by(|a, b| {
        let rank = |row: &Row<'_>| {
            let suits = f32::from(u8::from(suited.iter().any(|name| **name == *row.name)));
            let liked = f32::from(u8::from(interest.iter().any(|name| name.eq_ignore_ascii_case(row.name))));
            overlap(wanted, &row.passage.text) + overlap(wanted, &row.passage.heading) + 2.0 * suits + 4.0 * liked
                - accessory(row.name, needs)
        };
        rank(a).total_cmp(&rank(b)).then(a.price.cmp(&b.price))
    })
}

/// Rows that are the thing itself: its noun heads their name, their table or their source. All of them where none is.
fn of_the_kind<'a>(rows: Vec<Row<'a>>, needs: &[&str]) -> Vec<Row<'a>> {
    let heads: Vec<String> = needs.iter().filter_map(|need| words(need).pop()).collect();
    let is_kind = |row: &Row<'a>| {
        let source = row.passage.source.rsplit('/').next().unwrap_or_default();
        let around: Vec<String> = [row.name, row.passage.heading.as_str(), source].into_iter().flat_map(words).collect();
        heads.iter().any(|head| around.contains(head)) && accessory(row.name, needs) == 0.0
    };
    if rows.iter().any(is_kind) { rows.into_iter().filter(is_kind).collect() } else { rows }
}

/// Has the row, or the table it stands in, been named?
fn is_spoken_of(row: &Row<'_>, spoken: &[String]) -> bool {
    [row.name, row.passage.heading.as_str()].into_iter().flat_map(words).any(|word| spoken.contains(&word))
}

/// Words of some weight, without figures and plural s.
fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| word.chars().count() > 2 && !word.chars().any(char::is_numeric))
        .map(|word| word.trim_end_matches('s').to_owned())
        .collect()
}

/// A "desk lamp" is no desk: the noun of the need stands before another noun in its name.
fn accessory(name: &str, needs: &[&str]) -> f32 {
    let name = words(name);
    let is_part = needs
        .iter()
        .filter_map(|need| words(need).pop())
        .any(|head| name.iter().position(|word| *word == head).is_some_and(|at| at + 1 < name.len()));
    if is_part { 4.0 } else { 0.0 }
}

fn distinct(mut lines: Vec<String>) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    lines.retain(|line| {
        let is_new = !seen.contains(line);
        seen.push(line.clone());
        is_new
    });
    lines
}

fn search(desk: &Desk<'_>, text: &str, limit: usize) -> Vec<Passage> {
    let question = Question { text: text.to_owned(), language: desk.words.language().to_owned(), ..Question::default() };
    desk.knowledge.search(desk.workspace, &question, limit)
}

/// A row of the catalogue: "Model: Contour 2 | Price: 449 EUR | …".
struct Row<'a> {
    passage: &'a Passage,
    name: &'a str,
    cells: Vec<requirements::Cell<'a>>,
    price: i64,
    shown_price: &'a str,
}

impl<'a> Row<'a> {
    fn read(passage: &'a Passage, catalogue: &'a [String]) -> Option<Self> {
        let cells: Vec<(&str, &str)> = passage.text.split(" | ").filter_map(|cell| cell.split_once(": ")).collect();
        let (_, first) = cells.first()?;
        let name = catalogue.iter().find(|name| name.eq_ignore_ascii_case(first.trim()))?;
        let priced = cells.iter().skip(1).find(|(key, _)| PRICE_COLUMN.is_match(key));
        let (_, shown_price) = *priced.or_else(|| cells.iter().skip(1).find(|(_, value)| MONEY.is_match(value)))?;
        Some(Self { passage, name, price: amount(shown_price)?, shown_price, cells })
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

/// The most one piece may cost, in minor units: a budget for several pieces is shared among them. Chairs for twelve people
/// are twelve chairs, a tool for twelve people is one tool.
fn budget(desk: &Desk<'_>) -> Option<i64> {
    let most = desk.after.fact(Predicate::Budget)?.data.get("max")?.as_i64()?;
    let counted = |predicate: Predicate| desk.after.fact(predicate).and_then(|fact| fact.data.get("count")?.as_i64());
    let several = desk.after.facts_of(Predicate::Need).any(|need| is_plural(&need.value));
    let count = counted(Predicate::Quantity).or_else(|| counted(Predicate::CompanySize).filter(|_| several));
    Some(most / count.filter(|count| *count > 1).unwrap_or(1))
}

/// Things by their ending, in the languages that have one for it.
fn is_plural(thing: &str) -> bool {
    thing.split_whitespace().last().is_some_and(|word| word.len() > 3 && word.ends_with('s') && !word.ends_with("ss"))
}

/// Minor units of the first figure.
fn amount(text: &str) -> Option<i64> {
    let found = FIGURE.find(text)?.as_str().replace([' ', ','], "");
    let amount: f64 = found.trim_end_matches('.').parse().ok()?;
    Some((amount * 100.0).round() as i64)
}
