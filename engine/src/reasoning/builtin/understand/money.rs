//! Budgets: amounts the customer can or wants to spend, told from prices, order totals and other people's money.

use std::sync::LazyLock;

use domain::fact::{Learned, Predicate};
use domain::money::MoneyRange;
use domain::signal::Withdrawn;
use serde_json::json;

use super::lexicon::{compile, cues, says};
use super::pattern::Pattern;
use super::stance::is_negated;
use super::text::{Amount, Mark, Span};
use super::{Message, Understood};

static TWO: LazyLock<Pattern> = LazyLock::new(|| {
    compile(
        "(?P<open>(?:between|from|entre|zwischen|von|de|desde|somewhere between) )?\u{1}n(?P<a>[0-9]+)\u{2} ?(?P<sep>and|to|-|et|a|bis|und|y|ate|e)(?: the| les)? ?\u{1}n(?P<b>[0-9]+)\u{2}",
    )
});
static ONE: LazyLock<Pattern> = LazyLock::new(|| compile("\u{1}n(?P<a>[0-9]+)\u{2}"));

/// An amount or a range as written.
#[derive(Debug)]
struct Sum {
    span: Span,
    low: f64,
    high: f64,
    currency: Option<&'static str>,
    per: Option<String>,
    /// Where the words about its rate end.
    end: usize,
    scaled: bool,
    is_range: bool,
}

/// Reads the budget; of several the last one that stands.
pub(super) fn read(message: &Message<'_>, out: &mut Understood) {
    let text = &message.text.text;
    let sums = sums(message);
    let mut best: Option<(u8, Learned)> = None;
    // The sentence in which a budget was taken back: the next sum of it stands in its place.
    let mut displaced: Option<Span> = None;
    let shared = sums.iter().find_map(|sum| sum.currency).or_else(|| lone_currency(text));
    for sum in &sums {
        let at = sum.span.start;
        let before = &text[message.stances.clause(at).map_or(0, |clause| clause.sentence.start)..at];
        let rejected = says("instead.before", before) && !says("max.before", before) || sums.len() > 1 && says("instead.was", before);
        let replaces = displaced.as_ref().is_some_and(|sentence| sentence.contains(&at));
        let mut range = bounds(message, sum, shared, before);
        if replaces && range.max.is_none() {
            range.max = range.min;
        }
        if rejected || (is_negated(text, at) && range.max.is_some() == range.min.is_some() && !sum.is_range) {
            if says("budget.word", message.sentence(at)) {
                displaced = message.stances.clause(at).map(|clause| clause.sentence.clone());
            }
            if (sum.currency.is_some() || sums.len() > 1) && says("budget.cue", text) {
                out.withdrawn.push(Withdrawn {
                    predicate: Predicate::Budget,
                    value: Some(range.display()),
                    quote: message.text.quote(sum.span.clone()).to_owned(),
                });
            }
            continue;
        }
        let mut strength = strength(message, sum, &range);
        if strength == 0 && replaces && message.stances.is_stated(at) && !counts(text, sum) && sum.high >= 1.0 {
            strength = 2;
        }
        if strength == 0 {
            continue;
        }
        let start = extent(before, at);
        let fact = message.fact(Predicate::Budget, range.display(), data(&range), start..sum.end);
        if best.as_ref().is_none_or(|(known, _)| strength >= *known) {
            best = Some((strength, fact));
        }
    }
    out.learned.extend(best.map(|(_, fact)| fact));
}

fn data(range: &MoneyRange) -> serde_json::Value {
    let mut data = json!({ "min": range.min, "max": range.max, "currency": range.currency });
    if let Some(per) = &range.per {
        data["per"] = json!(per);
    }
    data
}

/// "around 500 euros": the words before the figure that belong to it.
fn extent(before: &str, at: usize) -> usize {
    let length = ["max.before", "min.before", "approx.before", "range.open"]
        .iter()
        .flat_map(|topic| cues(topic, before))
        .filter_map(|cue| cue.find().map(|hit| hit.len()))
        .max()
        .unwrap_or(0);
    at - length
}

fn number<'m>(message: &'m Message<'_>, name: &str) -> Option<&'m Amount> {
    match message.marks.get(name.parse::<usize>().ok()?) {
        Some((_, Mark::Number(amount))) => Some(amount),
        _ => None,
    }
}

fn sums(message: &Message<'_>) -> Vec<Sum> {
    let text = &message.text.text;
    let mut found: Vec<Sum> = Vec::new();
    for captures in TWO.captures_iter(text) {
        let (Some(low), Some(high)) = (number(message, &captures["a"]), number(message, &captures["b"])) else { continue };
        let opened = captures.name("open").is_some();
        if matches!(&captures["sep"], "and" | "et" | "und" | "y" | "e") && !opened {
            continue;
        }
        let span = captures.get(0).map_or(0..0, |hit| hit.range());
        // "4 to 6k", "400 to 600 euros": what the second says of scale and currency holds for the first.
        let scale = if high.scaled && !low.scaled && low.value < high.value / 100.0 { 1000.0 } else { 1.0 };
        let low_value = low.value * scale;
        if low_value < high.value {
            let currency = high.currency.or(low.currency);
            found.push(finish(
                text,
                Sum { span, low: low_value, high: high.value, currency, per: None, end: 0, scaled: high.scaled, is_range: true },
            ));
        }
    }
    for captures in ONE.captures_iter(text) {
        let span = captures.get(0).map_or(0..0, |hit| hit.range());
        if found.iter().any(|sum| sum.span.contains(&span.start)) {
            continue;
        }
        let Some(amount) = number(message, &captures["a"]) else { continue };
        let sum = Sum {
            span,
            low: amount.value,
            high: amount.value,
            currency: amount.currency,
            per: None,
            end: 0,
            scaled: amount.scaled,
            is_range: false,
        };
        found.push(finish(text, sum));
    }
    found.sort_by_key(|sum| sum.span.start);
    found
}

/// Reads what follows a figure: "per user per year".
fn finish(text: &str, mut sum: Sum) -> Sum {
    let mut per: Vec<&str> = Vec::new();
    let mut end = sum.span.end;
    while per.len() < 3 {
        let Some((label, length)) = cues("per", &text[end..]).find_map(|cue| cue.find().map(|hit| (cue.label(), hit.len()))) else {
            break;
        };
        per.push(label);
        end += length;
    }
    sum.per = (!per.is_empty()).then(|| per.join("/"));
    sum.end = end;
    sum
}

/// "60 per user per year, pounds".
fn lone_currency(text: &str) -> Option<&'static str> {
    text.split(|c: char| !c.is_ascii_lowercase()).find_map(super::numbers::currency)
}

fn bounds(message: &Message<'_>, sum: &Sum, shared: Option<&'static str>, before: &str) -> MoneyRange {
    let text = &message.text.text;
    let after = &text[sum.end..];
    let currency = sum.currency.or(shared).unwrap_or(message.reading.currency).to_owned();
    let minor = |value: f64| Some((value * 100.0).round() as i64);
    let clause = message.clause(sum.span.start);
    let (min, max) = if sum.is_range {
        (minor(sum.low), minor(sum.high))
    } else if says("max.before", before)
        || says("max.after", after)
        || (says("limit", message.sentence(sum.span.start)) && !says("min.before", before))
        || says("limit", clause)
    {
        (None, minor(sum.high))
    } else if says("min.before", before) || says("min.after", after) {
        (minor(sum.low), None)
    } else {
        (minor(sum.low), minor(sum.high))
    };
    MoneyRange { min, max, currency, per: sum.per.clone() }
}

/// What stands before the colon that an amount follows, as in a form: "Budget: about 9,000 EUR".
fn label(text: &str, at: usize) -> Option<&str> {
    let line = &text[text[..at].rfind(['\n', '.', '!', '?', ';']).map_or(0, |cut| cut + 1)..at];
    let (label, between) = line.rsplit_once(':')?;
    (label.split_whitespace().count() <= 4 && between.split_whitespace().count() <= 3).then_some(label)
}

/// "22 desks", "12 %", "2.02 m": a number that counts something else.
fn counts(text: &str, sum: &Sum) -> bool {
    let after = text[sum.end..].trim_start_matches([' ', '-']);
    let follows = after.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
    sum.currency.is_none()
        && sum.per.is_none()
        && ((!sum.scaled && !follows.is_empty() && !says("free", follows)) || after.starts_with(['%', '\u{1}']))
}

/// How surely an amount is a budget: 0 not at all, 3 said in so many words.
fn strength(message: &Message<'_>, sum: &Sum, range: &MoneyRange) -> u8 {
    let text = &message.text.text;
    let at = sum.span.start;
    let clause = message.clause(at);
    let sentence = message.sentence(at);
    let after = text[sum.end..].trim_start_matches([' ', '-']);
    let is_meant = message.stances.is_stated(at) || (message.stances.is_stated_or_asked(at) && says("budget.mine", clause));
    if !is_meant {
        return 0;
    }
    if says("budget.none", clause) || sum.high < 1.0 {
        return 0;
    }
    if counts(text, sum) {
        return 0;
    }
    let has_cue = says("budget.cue", clause);
    let names_it = says("budget.word", clause) || label(text, at).is_some_and(|label| says("budget.word", label));
    if says("budget.anti", clause) && !names_it && !says("budget.can", clause) {
        return 0;
    }
    if clause.contains("\u{1}n") && message.reading.pending == Some(Predicate::Budget) && message.is_all(&(at..sum.end)) {
        return 3;
    }
    let is_bounded = sum.is_range || range.min != range.max;
    let is_money = sum.currency.is_some() || sum.scaled || sum.per.is_some();
    if names_it {
        return 3;
    }
    if has_cue && (is_money || sum.high >= 20.0) {
        return 2;
    }
    if is_bounded
        && is_money
        && !says("budget.anti", sentence)
        && (says("need", sentence) || message.is_all(&(at..sum.end)) || says("filler", after))
    {
        return 2;
    }
    if is_bounded && says("need", sentence) && sum.high >= 20.0 && !says("budget.anti", sentence) {
        return 1;
    }
    let leads = message.text.text[message.stances.clause(at).map_or(0, |clause| clause.span.start)..at].split_whitespace().count() <= 3;
    if is_money && leads && says("approx.before", &text[..at]) && !says("budget.anti", sentence) {
        return 1;
    }
    // An amount that is all there is, or a whole item of an enumeration of wishes.
    let own = clause.trim().len() <= sum.end - at + 14;
    if is_money && own && (message.is_all(&(at..sum.end)) || says("need", text) || says("need.count", text)) {
        return 1;
    }
    0
}
