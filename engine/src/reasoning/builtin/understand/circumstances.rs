//! The customer's circumstances: limits on what fits, people of the household, problems, addresses.

use domain::fact::Predicate;
use serde_json::{Value, json};

use super::lexicon::{cues, is_in, says, whole};
use super::stance::is_negated;
use super::text::{Mark, Span};
use super::{Message, Understood};

/// Reads constraints, household, issues and addresses.
pub(super) fn read(message: &Message<'_>, out: &mut Understood) {
    constraints(message, out);
    household(message, out);
    issues(message, out);
    address(message, out);
    preferences(message, out);
}

fn constraints(message: &Message<'_>, out: &mut Understood) {
    let text = &message.text.text;
    for cue in cues("constraint", text) {
        for captures in cue.captures_iter() {
            let (Some(what), span) = (captures.name("x"), whole(&captures)) else { continue };
            let stated = message.stances.is_stated(span.start) || (cue.label() != "size" && message.stances.is_stated_or_asked(span.start));
            // "I'm allergic": the denial stands before it; "must not exceed" is part of it.
            if !stated || is_negated(text, span.start) || says("constraint.not", &text[span.clone()]) {
                continue;
            }
            let length = what.as_str().find(" so ").or_else(|| what.as_str().find(" and i ")).unwrap_or(what.len());
            let value = message.text.quote(what.start()..what.start() + length);
            out.learned.push(message.fact(Predicate::Constraint, value, json!({ "kind": cue.label() }), span.start..what.start() + length));
        }
    }
}

fn household(message: &Message<'_>, out: &mut Understood) {
    let text = &message.text.text;
    for cue in cues("household", text) {
        for captures in cue.captures_iter() {
            let (Some(who), Some(relation)) = (captures.name("who"), captures.name("rel")) else { continue };
            let capital = message.text.is_capital(who.start()) && !is_in("notname", who.as_str());
            let is_person = capital || super::persons::is_given_name(who.as_str());
            let meant =
                !message.stances.is_quoted(who.start()) && message.stances.clause(who.start()).is_none_or(|clause| !clause.is_supposed);
            if is_person && meant {
                let (name, relation) = (message.text.quote(who.range()), relation.as_str());
                let mut fact = message.fact(
                    Predicate::HouseholdMember,
                    format!("{name} ({relation})"),
                    json!({ "name": name, "relation": relation }),
                    whole(&captures),
                );
                fact.confidence = 0.9;
                out.learned.push(fact);
            }
        }
    }
    if out.learned.iter().any(|fact| fact.predicate == Predicate::HouseholdMember) {
        return;
    }
    for cue in cues("household.age", text) {
        let Some(captures) = cue.captures() else { continue };
        let Some(relation) = captures.name("rel") else { continue };
        let mut fact = message.fact(
            Predicate::HouseholdMember,
            message.text.quote(relation.range()),
            json!({ "relation": relation.as_str() }),
            whole(&captures),
        );
        fact.confidence = 0.9;
        out.learned.push(fact);
    }
}

fn issues(message: &Message<'_>, out: &mut Understood) {
    let text = &message.text.text;
    for cue in cues("issue", text) {
        for captures in cue.captures_iter() {
            let span = whole(&captures);
            let Some(what) = captures.name("x") else { continue };
            let objected = out
                .learned
                .iter()
                .any(|fact| matches!(fact.predicate, Predicate::Issue) && fact.quote.contains(message.text.quote(what.range())));
            if message.stances.is_stated(span.start) && !objected && !says("issue.not", &text[span.clone()]) {
                let value = message.text.quote(what.range());
                out.learned.push(message.fact(Predicate::Issue, value, Value::Null, span));
            }
        }
    }
}

fn address(message: &Message<'_>, out: &mut Understood) {
    let text = &message.text.text;
    for cue in cues("address", text) {
        for captures in cue.captures_iter() {
            let (Some(place), span) = (captures.name("where"), whole(&captures)) else { continue };
            if !message.stances.is_stated(span.start) || is_negated(text, span.start) || says("contact.yours", &text[span.clone()]) {
                continue;
            }
            let start = place.start() + place.as_str().len() - place.as_str().trim_start().len();
            let (end, day) = address_end(message, start..place.end());
            let words = &text[start..end];
            let has_number = words.contains("\u{1}n") || words.bytes().any(|byte| byte.is_ascii_digit());
            let first_capital = message.text.is_capital(start) || words.starts_with("\u{1}n");
            if words.contains("\u{1}e") || words.contains("\u{1}p") {
                continue;
            }
            // A place without a number is a street or town only where somebody lives or moves there.
            let lives = says("address.live", &text[span.start..start]);
            if words.trim().len() < 4 || !first_capital || !(has_number && words.bytes().any(|byte| byte.is_ascii_lowercase()) || lives) {
                continue;
            }
            let data = day.map_or(Value::Null, |day| json!({ "valid_from": day.to_string() }));
            let value = message.text.quote(start..end).trim_end_matches([',', '.']).to_owned();
            out.learned.push(message.fact(Predicate::Address, value, data, start..end));
            return;
        }
    }
    if message.reading.pending == Some(Predicate::Address) && out.learned.iter().all(|fact| fact.predicate != Predicate::Address) {
        let has_number =
            message.marks.iter().any(|(_, mark)| matches!(mark, Mark::Number(_))) || text.bytes().any(|byte| byte.is_ascii_digit());
        if has_number && text.split_whitespace().count() >= 3 && !text.contains('?') {
            out.learned.push(message.fact(Predicate::Address, message.text.original.trim(), Value::Null, 0..text.len()));
        }
    }
}

/// An address ends before words that are no place; a date in it says from when.
fn address_end(message: &Message<'_>, span: Span) -> (usize, Option<jiff::civil::Date>) {
    let text = &message.text.text;
    let stretch = &text[span.clone()];
    let cut = cues("address.end", stretch).filter_map(|cue| cue.find().map(|hit| hit.start())).min().unwrap_or(stretch.len());
    let day = cues("day", stretch).find_map(|cue| cue.captures()).and_then(|found| found["d"].parse::<usize>().ok()).and_then(|number| {
        match message.marks.get(number) {
            Some((_, Mark::Day(when))) => Some(when.from),
            _ => None,
        }
    });
    (span.start + cut, day)
}

fn preferences(message: &Message<'_>, out: &mut Understood) {
    let text = &message.text.text;
    for cue in cues("preference", text) {
        for captures in cue.captures_iter() {
            let (Some(what), span) = (captures.name("x"), whole(&captures)) else { continue };
            let words = what.as_str();
            let elsewhere = says("channel.word", words)
                || words.split(' ').any(|word| is_in("tongue", word))
                || words.contains('\u{1}')
                || words.starts_with("to ")
                || words.len() > 60;
            if message.stances.is_stated(span.start) && !is_negated(text, span.start) && !elsewhere && words.trim().len() >= 3 {
                out.learned.push(message.fact(Predicate::Preference, message.text.quote(what.range()), Value::Null, span));
            }
        }
    }
}
