//! Products of the catalogue, named in full, in part, joined or mistyped.

use domain::fact::Predicate;
use serde_json::{Value, json};

use super::lexicon::says;
use super::stance::is_negated;
use super::text::{Span, plain};
use super::{Message, Understood};

/// A word of the marked text.
#[derive(Debug, Clone)]
pub(super) struct Word {
    pub span: Span,
    pub capital: bool,
}

/// The words (letters and digits) of a message; marks of numbers give their figure back.
pub(super) fn words(message: &Message<'_>) -> Vec<(Word, String)> {
    let text = &message.text.text;
    let mut out: Vec<(Word, String)> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let letter = rest.chars().next().unwrap_or(' ');
        if letter == super::text::OPEN {
            let end = at + rest.find(super::text::CLOSE).map_or(1, |close| close + 1);
            let original: String = plain(message.text.quote(at..end));
            out.push((Word { span: at..end, capital: message.text.is_capital(at) }, original.replace(' ', "")));
            at = end;
        } else if letter.is_alphanumeric() {
            let end = at + rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
            out.push((Word { span: at..end, capital: message.text.is_capital(at) }, text[at..end].to_owned()));
            at = end;
        } else {
            at += letter.len_utf8();
        }
    }
    out
}

/// A name found in a message.
#[derive(Debug)]
pub(super) struct Hit {
    /// Its place among the names.
    pub name: usize,
    pub span: Span,
    /// Letters that differ.
    pub errors: usize,
    /// Only a part of the name was written.
    pub is_part: bool,
    /// Written with capitals as names are.
    pub is_capital: bool,
}

/// Finds names among the words: joined or split as it comes, one letter wrong, two in long ones.
pub(super) fn find(words: &[(Word, String)], names: &[String]) -> Vec<Hit> {
    let folded: Vec<Vec<String>> = names.iter().map(|name| plain(name).split(' ').map(str::to_owned).collect()).collect();
    let mut hits: Vec<Hit> = Vec::new();
    for (index, parts) in folded.iter().enumerate() {
        let joined: String = parts.concat();
        if joined.len() < 2 {
            continue;
        }
        let tolerance = if joined.len() >= 9 { 2 } else { usize::from(joined.len() >= 5) };
        for start in 0..words.len() {
            let mut written = String::new();
            for end in start..words.len().min(start + parts.len() + 1) {
                written.push_str(&words[end].1);
                if written.len() > joined.len() + 3 {
                    break;
                }
                if written.len() + 2 < joined.len() {
                    continue;
                }
                // The first letter is rarely wrong, figures never are.
                let may_be = written.chars().next() == joined.chars().next() && figures(&written).eq(figures(&joined));
                let errors = if written == joined { 0 } else { tolerance + 1 };
                let errors = if may_be && errors > 0 { strsim::osa_distance(&written, &joined) } else { errors };
                if errors <= tolerance {
                    let is_capital =
                        words[start..=end].iter().all(|(word, text)| word.capital || text.starts_with(|c: char| c.is_ascii_digit()));
                    hits.push(Hit {
                        name: index,
                        span: words[start].0.span.start..words[end].0.span.end,
                        errors,
                        is_part: false,
                        is_capital,
                    });
                }
            }
        }
        // A word of the name that no other name has, written with a capital.
        if parts.len() > 1 {
            for part in parts.iter().filter(|part| part.len() >= 4 && folded.iter().filter(|other| other.contains(part)).count() == 1) {
                for (at, (word, text)) in words.iter().enumerate() {
                    if text == part && word.capital && at > 0 {
                        hits.push(Hit { name: index, span: word.span.clone(), errors: 0, is_part: true, is_capital: true });
                    }
                }
            }
        }
    }
    // Longer and better matches first; what overlaps them goes.
    hits.sort_by_key(|hit| (hit.is_part, hit.errors, std::cmp::Reverse(hit.span.len())));
    let mut kept: Vec<Hit> = Vec::new();
    for hit in hits {
        if kept.iter().all(|other| other.span.end <= hit.span.start || hit.span.end <= other.span.start) {
            kept.push(hit);
        } else if let Some(other) =
            kept.iter_mut().find(|other| other.span.start >= hit.span.start && other.span.end <= hit.span.end && other.errors >= hit.errors)
        {
            *other = hit;
        }
    }
    kept.sort_by_key(|hit| hit.span.start);
    kept
}

fn figures(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(char::is_ascii_digit)
}

/// Reads what the customer weighs and what they have.
pub(super) fn read(message: &Message<'_>, out: &mut Understood) {
    let text = &message.text.text;
    for hit in find(&words(message), message.reading.catalogue) {
        let at = hit.span.start;
        let name = &message.reading.catalogue[hit.name];
        let before = &text[message.stances.clause(at).map_or(0, |clause| clause.span.start)..at];
        let clause = message.clause(at);
        let declined = out.offers.iter().any(|offer| {
            !offer.accepted
                && offer
                    .product
                    .as_deref()
                    .is_some_and(|product| plain(product).contains(&plain(name)) || plain(name).contains(&plain(product)))
        });
        if declined
            || !message.stances.is_stated_or_asked(at)
            || out.introduced_as.as_deref().is_some_and(|own| plain(own).contains(&plain(name)))
        {
            continue;
        }
        let is_asked = message.stances.clause(at).is_some_and(|clause| clause.is_asked);
        let owned = !is_asked && says("product.own", before);
        let wanted = says("product.want", clause);
        // A product called by an ordinary word: only where the sentence speaks of wanting one, or it is written as a name.
        let single = plain(name).split(' ').count() == 1;
        let sentence_start = before.trim().is_empty() && hit.is_capital;
        let looks_named = hit.is_capital && !sentence_start;
        if single && !(looks_named || wanted || owned) {
            continue;
        }
        if hit.errors > 0 && !wanted && !owned && !hit.is_capital {
            continue;
        }
        let negated = is_negated(text, at) || says("product.not", before);
        if negated {
            out.withdrawn.push(domain::signal::Withdrawn {
                predicate: Predicate::ProductInterest,
                value: Some(name.clone()),
                quote: message.text.quote(hit.span.clone()).to_owned(),
            });
            continue;
        }
        if says("product.compare", before) {
            continue;
        }
        let predicate = if owned { Predicate::OwnsProduct } else { Predicate::ProductInterest };
        let mut fact = message.fact(predicate, name.clone(), json!({ "product": name }), hit.span.clone());
        if says("product.plan", before) {
            let plan = message.fact(Predicate::Plan, name.clone(), Value::Null, hit.span);
            out.learned.push(plan);
            continue;
        }
        if hit.is_part {
            fact.confidence = fact.confidence.min(0.8);
        }
        out.learned.push(fact);
    }
}
