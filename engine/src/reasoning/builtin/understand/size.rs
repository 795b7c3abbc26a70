//! How many people the customer's company has.

use domain::fact::Predicate;
use serde_json::json;

use super::lexicon::{cues, mark, says, whole};
use super::stance::is_negated;
use super::text::{Mark, Span};
use super::{Message, Understood};

/// Reads the size; the last one stated wins.
pub(super) fn read(message: &Message<'_>, out: &mut Understood) {
    let text = &message.text.text;
    let mut found: Vec<(Span, u64)> = Vec::new();
    for cue in cues("size", text) {
        for captures in cue.captures_iter() {
            let Some(Mark::Number(amount)) = mark(&captures, "n", &message.marks) else { continue };
            let span = whole(&captures);
            let at = captures.name("n").map_or(span.start, |n| n.start() - 2);
            let whole_number = amount.currency.is_none() && amount.value.fract() == 0.0 && (1.0..2_000_000.0).contains(&amount.value);
            let clause = message.stances.clause(at);
            let is_past = clause.is_some_and(|clause| clause.is_past) || says("size.was", &text[..at]);
            let rejected = is_negated(text, at) || says("instead.before", &text[..at]) || says("size.anti", message.sentence(at));
            // "My budget was 300, now it's 450" counts nobody.
            let is_sum = says("size.now", &text[span.clone()]) && says("budget.word", message.sentence(at));
            if whole_number && message.stances.is_stated(at) && !is_past && !rejected && !is_sum {
                found.push((span, amount.value as u64));
            }
        }
    }
    for cue in cues("size.one", text) {
        if let Some(hit) = cue.find().filter(|hit| message.stances.is_stated(hit.start()) && !is_negated(text, hit.start())) {
            found.push((hit.range(), 1));
        }
    }
    if message.reading.pending == Some(Predicate::CompanySize) && found.is_empty() {
        let numbers: Vec<_> =
            message.marks.iter().filter_map(|(_, mark)| if let Mark::Number(amount) = mark { Some(amount) } else { None }).collect();
        if let [amount] = numbers[..]
            && amount.currency.is_none()
            && text.split_whitespace().count() <= 5
        {
            found.push((0..text.len(), amount.value as u64));
        }
    }
    found.sort_by_key(|(span, _)| span.start);
    let Some((span, count)) = found.pop() else { return };
    let mut data = json!({ "count": count });
    let starts = message.marks.iter().find_map(|(_, mark)| if let Mark::Day(when) = mark { Some(when) } else { None });
    if let (Some(when), Some(clause)) = (starts, message.stances.clause(span.start))
        && when.from > message.today
        && says("size.will", &text[clause.sentence.clone()])
        && text[clause.sentence.clone()].contains("\u{1}d")
    {
        data["valid_from"] = json!(when.from.to_string());
    }
    out.learned.push(message.fact(Predicate::CompanySize, count.to_string(), data, span));
}
