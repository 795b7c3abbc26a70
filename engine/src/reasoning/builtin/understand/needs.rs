//! What the customer needs, and how many.

use domain::fact::Predicate;
use domain::signal::Withdrawn;
use serde_json::{Value, json};

use super::lexicon::{cues, is_in, says, whole};
use super::stance::is_negated;
use super::text::{Mark, Span, plain};
use super::topic::Cued;
use super::{Message, Understood};

/// A thing somebody names: its words and how many.
#[derive(Debug)]
pub(super) struct Thing {
    pub span: Span,
    pub count: Option<u64>,
}

/// Reads needs and quantities.
pub(super) fn read(message: &Message<'_>, out: &mut Understood) {
    let text = &message.text.text;
    let mut taken: Vec<Span> = Vec::new();
    for cue in cues("need.drop", &message.text.text) {
        for_each(&cue, |whole, stretch| {
            let Some(thing) = thing(message, stretch.clone()) else { return };
            let declined = out.offers.iter().any(|offer| {
                !offer.accepted && message.text.quote(whole.clone()).contains(offer.quote.as_str())
                    || offer.quote.contains(message.text.quote(thing.span.clone()))
            });
            if declined
                || says("drop.word", &text[thing.span.clone()])
                || is_channel(&text[thing.span.clone()])
                || !message.stances.is_stated(whole.start)
                || !out.consents.is_empty()
                || is_product(message, &text[thing.span.clone()])
            {
                return;
            }
            taken.push(whole.start..stretch.end);
            let value = value(message, &thing);
            let mut fact = message.fact(Predicate::Need, value.clone(), Value::Null, whole.start..thing.span.end);
            fact.holds = false;
            out.withdrawn.push(Withdrawn { predicate: Predicate::Need, value: Some(value), quote: fact.quote.clone() });
            out.learned.push(fact);
        });
    }
    let dropped = !taken.is_empty();
    for topic in ["need", "need.that", "need.must"] {
        for cue in cues(topic, &message.text.text) {
            for_each(&cue, |whole, stretch| {
                let asked = message.stances.clause(whole.start).is_some_and(|clause| clause.is_asked);
                // "When can we get the keys?" asks when, it orders no keys.
                let wishes = says("asks.wish", &text[whole.clone()]) && !says("asks.about", message.clause(whole.start)) || !asked;
                let ok = message.stances.is_for_home(whole.start) && wishes && !is_negated(text, whole.start);
                if !ok || taken.iter().any(|span| span.start < stretch.end && whole.start < span.end) {
                    return;
                }
                let Some(thing) = thing(message, stretch) else { return };
                add(message, &thing, out, &mut taken);
            });
        }
    }
    // "22 desks, …" beside a budget or date, "max 1.2k for two chairs", "only the lamp" after a refusal.
    let has_budget = out.learned.iter().any(|fact| fact.predicate == Predicate::Budget);
    if has_budget {
        for cue in cues("need.count", text) {
            for captures in cue.captures_iter() {
                let (Some(number), Some(noun)) = (captures.name("n"), captures.name("x")) else { continue };
                let span = number.start() - 2..noun.end();
                if taken.iter().any(|other| other.start < span.end && span.start < other.end)
                    || !message.stances.is_stated(span.start)
                    || says("size.noun", noun.as_str())
                {
                    continue;
                }
                if let Some(thing) = thing(message, span) {
                    add(message, &thing, out, &mut taken);
                }
            }
        }
        for fact in out.learned.clone().iter().filter(|fact| fact.predicate == Predicate::Budget) {
            let Some(at) = message.text.text.find('\u{1}').and(message.text.original.find(&fact.quote)) else { continue };
            for cue in cues("need.for", text) {
                for captures in cue.captures_iter() {
                    let Some(noun) = captures.name("x") else { continue };
                    let start = whole(&captures).start;
                    let near = message.text.back(start) >= at && message.text.back(start) <= at + fact.quote.len() + 16;
                    if near
                        && message.stances.is_stated(start)
                        && taken.iter().all(|span| !span.contains(&noun.start()))
                        && !is_in("relative", noun.as_str())
                        && !says("need.vague", noun.as_str())
                        && !says("size.noun", noun.as_str())
                        && let Some(thing) = thing(message, noun.range())
                    {
                        add(message, &thing, out, &mut taken);
                    }
                }
            }
        }
    }
    if dropped {
        for cue in cues("need.rest", &message.text.text) {
            for_each(&cue, |whole, stretch| {
                if taken.iter().all(|span| stretch.start >= span.end || stretch.end <= span.start)
                    && message.stances.is_stated(whole.start)
                    && let Some(thing) = thing(message, stretch)
                {
                    add(message, &thing, out, &mut taken);
                }
            });
        }
    }
    if message.reading.pending == Some(Predicate::Quantity) && out.learned.iter().all(|fact| fact.predicate != Predicate::Quantity) {
        let counts: Vec<f64> = message
            .marks
            .iter()
            .filter_map(|(_, mark)| if let Mark::Number(amount) = mark { amount.currency.is_none().then_some(amount.value) } else { None })
            .collect();
        if let [count] = counts[..] {
            out.learned.push(message.fact(Predicate::Quantity, format!("{count:.0}"), json!({ "count": count as u64 }), 0..text.len()));
        }
    }
}

fn for_each(cue: &Cued<'_>, mut each: impl FnMut(Span, Span)) {
    for captures in cue.captures_iter() {
        if let Some(found) = captures.name("x") {
            each(whole(&captures), found.range());
        }
    }
}

fn is_channel(words: &str) -> bool {
    says("channel.word", words)
}

fn is_product(message: &Message<'_>, words: &str) -> bool {
    let bare = plain(words);
    message.reading.catalogue.iter().any(|name| plain(name) == bare)
}

fn add(message: &Message<'_>, thing: &Thing, out: &mut Understood, taken: &mut Vec<Span>) {
    let words = &message.text.text[thing.span.clone()];
    let first = message.text.quote(thing.span.clone()).split(' ').next().unwrap_or("").to_owned();
    if is_channel(words) || out.consents.iter().any(|consent| consent.quote.contains(&first)) {
        return;
    }
    taken.push(thing.span.clone());
    // A product of ours, or a rival's, was read as such.
    let named = message
        .reading
        .catalogue
        .iter()
        .chain(message.reading.competitors)
        .any(|name| plain(words).starts_with(&plain(name)) || strsim::osa_distance(&plain(name), &plain(words)) <= 1);
    if !named && !out.offers.iter().any(|offer| offer.accepted && offer.quote.contains(message.text.quote(thing.span.clone()))) {
        let value = value(message, thing);
        out.learned.push(message.fact(Predicate::Need, value, Value::Null, thing.span.clone()));
    }
    if let Some(count) = thing.count.filter(|count| *count < 100_000)
        && out.learned.iter().all(|fact| fact.predicate != Predicate::Quantity)
    {
        out.learned.push(message.fact(Predicate::Quantity, count.to_string(), json!({ "count": count }), thing.span.clone()));
    }
}

/// The value a person reads; one of several is named in the singular.
fn value(message: &Message<'_>, thing: &Thing) -> String {
    let words = message.text.quote(thing.span.clone());
    if thing.count.is_some() && words.ends_with('s') && !words.ends_with("ss") {
        let stem = words.strip_suffix("ies").filter(|stem| stem.len() > 2).map(|stem| format!("{stem}y"));
        let hissing = ["shes", "ches", "xes", "sses"].iter().any(|end| words.ends_with(end)).then(|| words[..words.len() - 2].to_owned());
        return stem.or(hissing).unwrap_or_else(|| words[..words.len() - 1].to_owned());
    }
    words.to_owned()
}

/// What is named at the start of a stretch, without article, number and everything after the noun.
pub(super) fn thing(message: &Message<'_>, stretch: Span) -> Option<Thing> {
    named(message, stretch, Wish::Needed)
}

/// Why a thing is named: a voucher can be offered, but is nothing one needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    Needed,
    Offered,
}

/// Like [`thing`], for a thing that is needed or offered.
pub(super) fn named(message: &Message<'_>, stretch: Span, wish: Wish) -> Option<Thing> {
    let text = &message.text.text;
    let mut at = stretch.start;
    let mut count = None;
    loop {
        at += text[at..stretch.end].len() - text[at..stretch.end].trim_start().len();
        let rest = &text[at..stretch.end];
        if let Some(close) = rest.strip_prefix("\u{1}n").and_then(|rest| rest.find('\u{2}')) {
            let number: usize = rest[2..2 + close].parse().ok()?;
            let Mark::Number(amount) = &message.marks.get(number)?.1 else { return None };
            if amount.currency.is_some() {
                return None;
            }
            count = Some(amount.value as u64);
            at += close + 3;
            continue;
        }
        let word = rest.split([' ', '\u{1}']).next().unwrap_or("");
        if word.is_empty() {
            return None;
        }
        if let Some(length) = ["l'", "d'", "qu'"].iter().find(|prefix| word.starts_with(**prefix)).map(|prefix| prefix.len()) {
            at += length;
            continue;
        }
        if says("article", word) && rest.len() > word.len() {
            at += word.len();
            continue;
        }
        break;
    }
    let rest = &text[at..stretch.end];
    let first = rest.split([' ', '\u{1}']).next().unwrap_or("");
    // "something to send recurring invoices": what it is for says more than the pronoun.
    if let Some(purpose) =
        cues("need.purpose", rest).find_map(|cue| cue.captures()).and_then(|captures| captures.name("x").map(|x| x.range()))
    {
        let end = stop(&rest[purpose.clone()], 6);
        return (end > 1).then(|| Thing { span: at + purpose.start..at + purpose.start + end, count });
    }
    if says("need.not", rest) || (wish == Wish::Needed && is_in("dropped", first)) {
        return None;
    }
    let length = stop(rest, 5);
    // "the full 689": the figure is what is meant, not the word before it.
    if !rest[..length].trim_end().contains(' ') && rest[length..].trim_start().starts_with("\u{1}n") {
        return None;
    }
    let words = rest[..length].trim_end();
    let words = if rest[words.len()..].starts_with(" to ") { words.strip_suffix(" up").unwrap_or(words) } else { words };
    // "300 invoices a month" is a rate, no quantity.
    let is_rate = cues("per", &text[at + words.len()..]).any(|cue| cue.is_match());
    let count = count.filter(|_| !is_rate);
    (words.len() >= 3 && (wish == Wish::Offered || !is_in("dropped", words)) && words.bytes().any(|byte| byte.is_ascii_lowercase()))
        .then(|| Thing { span: at..at + words.len(), count })
}

/// Where the noun phrase ends: before a preposition, a relative, a conjunction, a mark.
fn stop(text: &str, longest: usize) -> usize {
    let mut end = 0;
    for (index, word) in text.split(' ').enumerate() {
        let joined = end + usize::from(index > 0) + word.len();
        if word.is_empty() || word.contains(super::text::OPEN) || index >= longest || (index > 0 && says("stop", word)) {
            break;
        }
        end = joined;
    }
    // "check up for my son", "Termin für eine Zahnreinigung": an appointment is for something.
    if cues("need.slot", &text[..end]).any(|cue| cue.is_match()) {
        let rest = &text[end..];
        let more = cues("need.slot.for", rest).find_map(|cue| cue.captures()).and_then(|captures| captures.name("x").map(|x| x.range()));
        if let Some(more) = more {
            return end + more.start + stop_plain(&rest[more]);
        }
    }
    end
}

fn stop_plain(text: &str) -> usize {
    let mut end = 0;
    for (index, word) in text.split(' ').enumerate() {
        if word.is_empty() || word.contains(super::text::OPEN) || index >= 4 || (index > 0 && says("stop", word)) {
            break;
        }
        end += usize::from(index > 0) + word.len();
    }
    end
}
