//! Email addresses and phone numbers, typed or dictated.

use std::sync::LazyLock;

use domain::fact::Predicate;
use domain::signal::Withdrawn;
use regex::{Match, Regex};
use rlibphonenumber::{NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};

use super::lexicon::{cues, says};
use super::stance::is_negated;
use super::text::{Mapped, Mark, Span, folded};
use super::{Message, Understood, numbers};

static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[\p{L}0-9._%+'\-]*[\p{L}0-9_%+\-]@[\p{L}0-9](?:[\p{L}0-9\-]*[\p{L}0-9])?(?:\.[\p{L}0-9](?:[\p{L}0-9\-]*[\p{L}0-9])?)*\.[\p{L}]{2,}").expect("a constant pattern")
});
static SPOKEN_EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?:[a-z0-9_]+ (?:dot|point|punkt|punto|ponto|dash|hyphen|tiret|minus|bindestrich|underscore|guion) )*[a-z0-9_.]+ (?:at|arobase|ät|at-zeichen|arroba|klammeraffe) ",
        r"(?:[a-z0-9-]+ (?:dash|hyphen|tiret|minus|bindestrich) )*[a-z0-9-]+(?: (?:dot|point|punkt|punto|ponto) [a-z0-9-]+)+"
    ))
    .expect("a constant pattern")
});
static BRACKETED_EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"[a-z0-9_%+-]+(?:(?:\.| ?[\[({<] ?(?:dot|point|punkt|punto|ponto|\.) ?[\])}>] ?)[a-z0-9_%+-]+)* ?[\[({<] ?(?:at|arobase|arroba|a|@) ?[\])}>] ?",
        r"[a-z0-9-]+(?:(?:\.| ?[\[({<] ?(?:dot|point|punkt|punto|ponto|\.) ?[\])}>] ?| (?:dot|point|punkt|punto|ponto) )[a-z0-9-]+)+"
    ))
    .expect("a constant pattern")
});
static DIGITS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?:\+|00)?\(?[0-9](?:[0-9]|[ ./()\-]{1,2}[0-9]){6,17}").expect("a constant pattern"));

/// The address in a text that is meant to be one.
pub fn email(text: &str) -> Option<String> {
    if let Some(found) = written_emails(text).next() {
        return Some(found.as_str().trim_start_matches(['\'', '.']).to_lowercase());
    }
    let text = folded(text);
    BRACKETED_EMAIL.find(&text).or_else(|| SPOKEN_EMAIL.find(&text)).and_then(|found| dictated_email(found.as_str()))
}

/// E.164 of a number, if it can be one in its region.
pub fn e164(text: &str, region: &str) -> Option<String> {
    let compact = text.replace("(0)", "");
    possible(&compact, region).or_else(|| old_mexican(&compact))
}

/// Mexico's mobile numbers had a 1 after the country's; telephones and vendors go on writing it.
fn old_mexican(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let digits = if text.trim_start().starts_with('+') { digits.as_str() } else { digits.strip_prefix("00")? };
    let rest = digits.strip_prefix("521").filter(|rest| rest.len() == 10)?;
    possible(&format!("+52{rest}"), "MX").map(|_| format!("+{digits}"))
}

fn possible(compact: &str, region: &str) -> Option<String> {
    let region = region.to_ascii_uppercase().parse::<Region>().ok();
    let number = PHONE_NUMBER_UTIL.parse(compact, region).ok()?;
    // Number plans lag behind reality, so a possible length is enough; the country code must exist.
    if !PHONE_NUMBER_UTIL.is_valid_number(&number) && !matches!(number.is_possible_with_reason(), Ok(NumberLengthType::IsPossible)) {
        return None;
    }
    let formatted = PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164).into_owned();
    let digits = formatted.as_bytes();
    // A placeholder such as 0600000000 belongs to nobody.
    let is_placeholder = digits.len() > 8 && digits[digits.len() - 7..].iter().all(|digit| *digit == digits[digits.len() - 1]);
    (!is_placeholder).then_some(formatted)
}

fn dictated_email(text: &str) -> Option<String> {
    let mut out = String::new();
    for word in text.split([' ', '[', ']', '(', ')', '{', '}', '<', '>']) {
        match word {
            "dot" | "point" | "punkt" | "punto" | "ponto" => out.push('.'),
            "dash" | "hyphen" | "tiret" | "minus" | "bindestrich" | "guion" => out.push('-'),
            "underscore" => out.push('_'),
            "at" | "a" | "arobase" | "arroba" | "klammeraffe" | "at-zeichen" => out.push('@'),
            other => out.push_str(other),
        }
    }
    EMAIL.is_match(&out).then_some(out)
}

/// Addresses with their sign; few texts have one, and only those need the pattern.
fn written_emails(text: &str) -> impl Iterator<Item = Match<'_>> {
    text.contains('@').then(|| EMAIL.find_iter(text)).into_iter().flatten()
}

/// Every address of a message.
pub(super) fn emails(text: &Mapped<'_>) -> Vec<(Span, String)> {
    let mut found: Vec<(Span, String)> = written_emails(&text.text)
        .map(|hit| (hit.range(), text.quote(hit.range()).trim_start_matches(['\'', '.']).to_lowercase()))
        .collect();
    if found.is_empty() {
        let bracketed: Vec<_> = BRACKETED_EMAIL.find_iter(&text.text).collect();
        let spoken = SPOKEN_EMAIL.find_iter(&text.text).filter(|hit| bracketed.iter().all(|other| !other.range().contains(&hit.start())));
        for hit in bracketed.iter().copied().chain(spoken) {
            // "my address is j dot quinn at …": the local part begins at the last word before the first "dot" or "at".
            if let Some(address) = dictated_email(hit.as_str()) {
                found.push((hit.range(), address));
            }
        }
    }
    found
}

/// Every phone number of a message.
pub(super) fn phones(text: &Mapped<'_>, region: &str, language: &str) -> Vec<(Span, String)> {
    let mut found = Vec::new();
    let has_cue = says("phone.cue", &text.text);
    for hit in DIGITS.find_iter(&text.text) {
        let before = text.text[..hit.start()].chars().next_back();
        let after = text.text[hit.end()..].chars().next();
        if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '-' | '#' | '.' | '/')) || after.is_some_and(char::is_alphanumeric) {
            continue;
        }
        let digits = hit.as_str().bytes().filter(u8::is_ascii_digit).count();
        let is_marked = hit.as_str().starts_with(['+', '0', '(']);
        if digits < 7 || (!is_marked && !has_cue && digits < 9) {
            continue;
        }
        if let Some(number) = e164(hit.as_str(), region) {
            found.push((hit.range(), number));
        }
    }
    for (span, digits) in numbers::dictated(&text.text, language) {
        if let Some(number) = e164(&digits, region).or_else(|| e164(&format!("+{digits}"), region)) {
            found.push((span, number));
        }
    }
    found
}

/// The customer's own addresses and numbers in a message.
pub(super) fn read(message: &Message<'_>, out: &mut Understood) {
    let text = &message.text.text;
    for (number, (_, mark)) in message.marks.iter().enumerate() {
        let (predicate, value) = match mark {
            Mark::Email(address) => (Predicate::Email, address),
            Mark::Phone(number) => (Predicate::Phone, number),
            Mark::Number(_) | Mark::Day(_) | Mark::Clock(_) | Mark::Reference(_) => continue,
        };
        let letter = if predicate == Predicate::Email { 'e' } else { 'p' };
        let name = format!("\u{1}{letter}{number}\u{2}");
        let Some(at) = text.find(&name) else { continue };
        let is_ours = message
            .reading
            .own_contacts
            .iter()
            .any(|own| own.eq_ignore_ascii_case(value) || e164(own, message.reading.region).as_deref() == Some(value));
        let clause = message.clause(at);
        let before = &text[..at];
        let sentence_start = message.stances.clause(at).map_or(0, |clause| clause.sentence.start);
        let is_theirs = says("contact.other", &text[sentence_start..at]) || says("contact.yours", clause);
        let stated =
            message.stances.is_stated(at) || (message.stances.is_stated_or_asked(at) && says("contact.mine", &text[sentence_start..at]));
        if is_ours || is_theirs || !stated {
            continue;
        }
        let mut fact = message.fact(predicate, value.clone(), serde_json::Value::Null, at..at + name.len());
        let void = says("contact.void.before", before) || says("contact.void.after", &text[at + name.len()..]);
        fact.holds = !(void || is_negated(text, at));
        out.learned.push(fact);
    }
    replaced(message, out);
}

/// "That's not my email any more, it's …", "I have a new number: …": the one given stands alone from now on.
fn replaced(message: &Message<'_>, out: &mut Understood) {
    for (predicate, topic) in [(Predicate::Email, "contact.moved.email"), (Predicate::Phone, "contact.moved.phone")] {
        let mut given = out.learned.iter().filter(|fact| fact.predicate == predicate && fact.holds);
        let (Some(_), None) = (given.next(), given.next()) else { continue };
        let hit = cues(topic, &message.text.text).find_map(|cue| cue.find_iter().find(|hit| message.stances.is_stated(hit.start())));
        if let Some(hit) = hit {
            out.withdrawn.push(Withdrawn { predicate, value: None, quote: message.text.quote(hit.range()).to_owned() });
        }
    }
}
