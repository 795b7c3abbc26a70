//! How and when the customer wants to be reached.

use std::sync::LazyLock;

use domain::fact::{Learned, Predicate};
use serde_json::json;

use super::lexicon::{compile, cues, says};
use super::pattern::Pattern;
use super::stance::is_negated;
use super::text::{Mark, Span};
use super::{Message, Understood};

static CLOCK: LazyLock<Pattern> = LazyLock::new(|| {
    compile(
        r"\b(?P<h>[01]?\d|2[0-4])(?:(?:[:.]| ?h ?)(?P<m>[0-5]\d)\b ?(?P<x>am\b|pm\b|a\.m\.|p\.m\.|uhr\b|h\b)?| ?(?P<y>am\b|pm\b|a\.m\.|p\.m\.|uhr\b|h\b|o'?clock\b|heures?\b|horas?\b))",
    )
});
static NAMED: LazyLock<Pattern> = LazyLock::new(|| compile(r"\b(?:noon|midday|lunchtime|lunch|midi|mittags?|mediodia|meio-dia)\b"));
static BARE: LazyLock<Pattern> = LazyLock::new(|| {
    compile(
        r"\b(?P<p>after|before|from|until|till|past|at|between|apres|avant|des|a partir de|nach|vor|ab|bis|despues de las|antes de las|a partir de las|depois das|antes das|no earlier than|not before) (?P<h>\d\d?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b(?P<next>[ ,.;!?]|$)",
    )
});

/// Times of day in a folded text, in minutes.
pub(super) fn clocks(text: &str) -> Vec<(Span, u32)> {
    let mut found: Vec<(Span, u32)> = Vec::new();
    for captures in CLOCK.captures_iter(text) {
        let part = |name: &str| captures.name(name).map(|hit| hit.as_str());
        let Some(hour) = part("h").and_then(|hour| hour.parse::<u32>().ok()) else { continue };
        let minute: u32 = part("m").and_then(|minute| minute.parse().ok()).unwrap_or(0);
        let suffix = part("x").or(part("y")).unwrap_or("").trim();
        let span = captures.get(0).map_or(0..0, |hit| hit.range());
        let separator = text.as_bytes().get(span.start + part("h").map_or(0, str::len)).copied().unwrap_or(b' ');
        // "9.90" is a price unless "Uhr" or "pm" says otherwise.
        if separator == b'.' && suffix.is_empty() {
            continue;
        }
        let hour = match suffix {
            "pm" | "p.m." if hour < 12 => hour + 12,
            "am" | "a.m." if hour == 12 => 0,
            _ => hour,
        };
        if hour <= 24 {
            found.push((span, hour * 60 + minute));
        }
    }
    for hit in NAMED.find_iter(text) {
        found.push((hit.range(), 720));
    }
    for captures in BARE.captures_iter(text) {
        let Some(hit) = captures.name("h") else { continue };
        let hour =
            hit.as_str().parse::<u32>().ok().or_else(|| super::numbers::word(hit.as_str(), "en").map(|value| value as u32)).unwrap_or(0);
        let rest = text[hit.end()..].trim_start();
        let counts = rest.starts_with(|c: char| c.is_ascii_alphanumeric()) && !says("clock.free", rest);
        if !(1..=24).contains(&hour) || counts || !says("hours.cue", text) {
            continue;
        }
        // Nobody asks to be called after six in the morning: without more, the afternoon is meant.
        let evening = says("clock.evening", rest) || (hour <= 7 && !says("clock.morning", text));
        let hour = if evening && hour < 12 { hour + 12 } else { hour };
        if found.iter().all(|(span, _)| span.end <= hit.start() || hit.end() <= span.start) {
            found.push((hit.range(), hour * 60));
        }
    }
    found.sort_by_key(|(span, _)| span.start);
    found
}

/// Reads the channel and the hours they like.
pub(super) fn read(message: &Message<'_>, out: &mut Understood) {
    channels(message, out);
    if let Some(fact) = hours(message) {
        // "I prefer evenings" names hours and no taste.
        out.learned.retain(|known| known.predicate != Predicate::Preference || !known.quote.contains(&fact.quote));
        out.learned.push(fact);
    }
    answer(message, out);
}

fn channels(message: &Message<'_>, out: &mut Understood) {
    let text = &message.text.text;
    let mut refused: Vec<&str> = Vec::new();
    let mut found: Vec<(usize, Learned)> = Vec::new();
    if !out.consents.is_empty() {
        return;
    }
    for cue in cues("channel.no", text) {
        for hit in cue.find_iter() {
            let timed = text[hit.end()..].trim_start().starts_with(['\u{1}']) || says("channel.timed", &text[hit.end()..]);
            if message.stances.is_stated(hit.start()) && !timed && !refused.contains(&cue.label()) {
                refused.push(cue.label());
                let mut fact = message.fact(Predicate::PreferredChannel, cue.label(), json!({ "channel": cue.label() }), hit.range());
                fact.holds = false;
                found.push((hit.start(), fact));
            }
        }
    }
    for topic in ["channel.yes", "channel.say"] {
        for cue in cues(topic, text) {
            for hit in cue.find_iter() {
                let doubtful = refused.contains(&cue.label())
                    || (topic == "channel.say" && (is_negated(text, hit.start()) || says("negated.after", &text[hit.end()..])))
                    || says("channel.negated", hit.as_str());
                let taken = found.iter().any(|(_, fact)| fact.holds);
                let with_time = topic == "channel.say" && says("channel.once", message.clause(hit.start()));
                let is_name = topic == "channel.say"
                    && out.learned.iter().any(|fact| {
                        fact.predicate == Predicate::PreferredName
                            && fact.quote.starts_with(
                                message
                                    .text
                                    .quote(hit.end()..text.len())
                                    .split([' ', ',', '.', '!'])
                                    .next()
                                    .filter(|word| !word.is_empty())
                                    .unwrap_or("-"),
                            )
                    });
                let gives_address =
                    cue.label() == "email" && text[hit.end()..].trim_start().trim_start_matches("at ").starts_with("\u{1}e");
                let asked = message.stances.clause(hit.start()).is_some_and(|clause| clause.is_asked);
                if message.stances.is_stated(hit.start())
                    && !asked
                    && !doubtful
                    && !taken
                    && !with_time
                    && !gives_address
                    && !is_name
                    && !says("channel.other", hit.as_str())
                {
                    found.push((
                        hit.start(),
                        message.fact(Predicate::PreferredChannel, cue.label(), json!({ "channel": cue.label() }), hit.range()),
                    ));
                }
            }
        }
    }
    found.sort_by_key(|(at, fact)| (!fact.holds, *at));
    out.learned.extend(found.into_iter().map(|(_, fact)| fact));
}

fn hours(message: &Message<'_>) -> Option<Learned> {
    let text = &message.text.text;
    if !says("hours.cue", text) && !says("hours.like", text) {
        return None;
    }
    let meant = |at: usize| message.stances.is_stated(at) && !says("hours.anti", message.clause(at));
    let clock = |minutes: u32| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    for cue in cues("hours.between", text) {
        let Some(captures) = cue.captures() else { continue };
        let (from, to) = (minutes(message, &captures["a"])?, minutes(message, &captures["b"])?);
        let span = captures.get(0)?.range();
        if meant(span.start) {
            let to = if to < from && to <= 720 { to + 720 } else { to };
            let value = format!("{}–{}", clock(from), clock(to));
            return Some(message.fact(Predicate::PreferredHours, value, json!({ "from": clock(from), "to": clock(to) }), span));
        }
    }
    for (topic, opens) in [("hours.not.before", true), ("hours.not.after", false), ("hours.after", true), ("hours.before", false)] {
        for cue in cues(topic, text) {
            let Some(captures) = cue.captures() else { continue };
            let Some(minutes) = minutes(message, &captures["t"]) else { continue };
            let span = captures.get(0)?.range();
            if !meant(span.start) {
                continue;
            }
            let flip = matches!(topic, "hours.after" | "hours.before") && is_negated(text, span.start);
            let (value, data) = if opens == flip {
                (format!("until {}", clock(minutes)), json!({ "from": null, "to": clock(minutes) }))
            } else {
                (format!("from {}", clock(minutes)), json!({ "from": clock(minutes), "to": null }))
            };
            return Some(message.fact(Predicate::PreferredHours, value, data, span));
        }
    }
    for cue in cues("hours.part", text) {
        let Some(hit) = cue.find().filter(|hit| {
            meant(hit.start()) && (says("hours.reach", message.sentence(hit.start())) || says("hours.like", message.sentence(hit.start())))
        }) else {
            continue;
        };
        let not = is_negated(text, hit.start());
        let (value, data) = match (cue.label(), not) {
            ("morning", false) | ("afternoon", true) => ("until 12:00", json!({ "from": null, "to": "12:00" })),
            ("afternoon", false) | ("morning", true) => ("from 12:00", json!({ "from": "12:00", "to": null })),
            ("evening", false) => ("from 18:00", json!({ "from": "18:00", "to": null })),
            ("evening", true) => ("until 18:00", json!({ "from": null, "to": "18:00" })),
            ("weekdays", false) | ("weekend", true) => ("weekdays", json!({ "days": "weekdays" })),
            _ => ("weekend", json!({ "days": "weekend" })),
        };
        return Some(message.fact(Predicate::PreferredHours, value, data, hit.range()));
    }
    None
}

fn minutes(message: &Message<'_>, number: &str) -> Option<u32> {
    match message.marks.get(number.parse::<usize>().ok()?) {
        Some((_, Mark::Clock(minutes))) => Some(*minutes),
        _ => None,
    }
}

/// "WhatsApp" alone, after we asked for the channel.
fn answer(message: &Message<'_>, out: &mut Understood) {
    if message.reading.pending == Some(Predicate::PreferredChannel)
        && out.learned.iter().all(|fact| fact.predicate != Predicate::PreferredChannel)
        && let Some((label, hit)) =
            cues("channel.bare", &message.text.text).find_map(|cue| cue.find().map(|hit| (cue.label(), hit.range())))
        && message.is_all(&hit)
        && !is_negated(&message.text.text, hit.start)
    {
        out.learned.push(message.fact(Predicate::PreferredChannel, label, json!({ "channel": label }), hit));
    }
}
