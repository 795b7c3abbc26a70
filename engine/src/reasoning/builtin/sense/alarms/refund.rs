//! Money is asked back, more than may be given without a person.

use domain::signal::Alarm;

use super::super::amounts::Amount;
use super::super::reading::{Place, Reading};

/// The rule.
pub const RULE: &str = "refund-over-limit";

/// Compares what is asked back with the limit; without a limit nothing is over it.
pub fn find(reading: &Reading<'_>) -> Option<Alarm> {
    let limit = reading.sensing.refund_limit? as f64;
    if reading.holds("refund-over-limit.ends") {
        return None;
    }
    let places = reading.evidence(RULE, "fires");
    if let Some(place) = places.first() {
        let asked = asked_for(reading, *place)?;
        return (asked > limit).then(|| Alarm { rule: RULE.to_owned(), score: 0.9, quote: reading.quote(*place) });
    }
    answered_amount(reading, limit)
}

/// The sum asked for: said in the same sentence, else in the message, else earlier, else by us.
fn asked_for(reading: &Reading<'_>, place: Place) -> Option<f64> {
    let part = &reading.parts[place.part];
    let language = part.lexicon.language;
    let here = &part.amounts[place.sentence];
    let sentence = reading.sentence(place);
    let words: Vec<&str> = sentence.words.iter().map(|word| word.text.as_str()).collect();
    if !here.is_empty() {
        return Some(total(here, &words));
    }
    let whole: Vec<&str> = part.marked.iter().flat_map(|marked| marked.sentence.words.iter().map(|word| word.text.as_str())).collect();
    let all: Vec<Amount> = part.amounts.iter().flatten().copied().collect();
    if !all.is_empty() {
        return Some(total(&all, &whole));
    }
    let said = reading.sensing.earlier_customer.iter().rev().take(3).map(String::as_str).chain(reading.sensing.last_ours);
    said.map(|text| largest(text, language)).find(|value| *value > 0.0)
}

/// We asked how much, after they had asked for their money: the figure alone is the answer.
fn answered_amount(reading: &Reading<'_>, limit: f64) -> Option<Alarm> {
    let ours = reading.sensing.last_ours?;
    let earlier = reading.sensing.earlier_customer.iter().rev().take(2);
    if !ours.trim_end().ends_with('?') {
        return None;
    }
    let part = reading.parts.first()?;
    let asked = part.amounts.iter().flatten().map(|amount| amount.value).fold(0.0, f64::max);
    let is_short = part.marked.iter().map(|marked| marked.sentence.words.len()).sum::<usize>() <= 12;
    let was_asked = earlier.into_iter().any(|text| {
        let before = Reading::new(text, reading.sensing);
        !before.evidence(RULE, "fires").is_empty() && !before.holds("refund-over-limit.ends")
    });
    (asked > limit && is_short && was_asked).then(|| Alarm { rule: RULE.to_owned(), score: 0.85, quote: reading.text.trim().to_owned() })
}

fn largest(text: &str, language: &str) -> f64 {
    super::super::sentences::read(text, language)
        .iter()
        .flat_map(|sentence| super::super::amounts::amounts(sentence, language))
        .map(|amount| amount.value)
        .fold(0.0, f64::max)
}

/// One figure for several: a total named beside its parts, "two at 160 each", "both", "180 twice".
fn total(amounts: &[Amount], words: &[&str]) -> f64 {
    let says = |choices: &[&str]| words.iter().any(|word| choices.contains(word));
    let largest = amounts.iter().map(|amount| amount.value).fold(0.0, f64::max);
    let sum: f64 = amounts.iter().map(|amount| amount.value).sum();
    if says(&["one", "un", "une", "eine", "una", "uma"]) && says(&["them", "those", "eux", "elles", "deux", "davon", "ellos"]) {
        return largest;
    }
    let everything = says(&[
        "both",
        "all",
        "everything",
        "lot",
        "tous",
        "toutes",
        "deux",
        "tout",
        "beide",
        "alles",
        "todo",
        "ambos",
        "ambas",
        "twice",
        "zweimal",
    ]);
    if amounts.len() == 1 {
        let each = says(&["each", "apiece", "chacun", "chacune", "chaque", "piece", "per", "jeweils", "je", "cada"]);
        let count = words.iter().find_map(|word| count(word)).unwrap_or(if everything { 2.0 } else { 1.0 });
        let twice = says(&["twice", "zweimal"]) && says(&["both", "all", "everything", "beide"]);
        return if each || twice { largest * f64::max(count, if twice { 2.0 } else { 1.0 }) } else { largest };
    }
    let is_total_named = largest + 0.01 >= sum - largest && amounts.len() >= 3;
    let is_added = everything || says(&["and", "plus", "et", "und", "y", "e", "together", "too", "also"]);
    if is_total_named || !is_added { largest } else { sum }
}

fn count(word: &str) -> Option<f64> {
    Some(match word {
        "two" | "both" | "deux" | "zwei" | "beide" | "dos" | "ambos" | "dois" | "duas" | "2" => 2.0,
        "three" | "trois" | "drei" | "tres" | "3" => 3.0,
        "four" | "quatre" | "vier" | "cuatro" | "quatro" | "4" => 4.0,
        "five" | "cinq" | "funf" | "cinco" | "5" => 5.0,
        "six" | "sechs" | "seis" | "6" => 6.0,
        "eight" | "huit" | "acht" | "8" => 8.0,
        "ten" | "dix" | "zehn" | "diez" | "dez" | "10" => 10.0,
        _ => return None,
    })
}
