//! By when the customer needs it.

use domain::fact::Predicate;
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::json;

use super::dates::{Kind, When, written};
use super::lexicon::says;
use super::text::{Mark, Span};
use super::{Message, Understood};

/// An open interval of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Interval {
    pub from: Option<Date>,
    pub to: Option<Date>,
}

/// Reads the one time that counts: what is bounded or needed, the last of it.
pub(super) fn read(message: &Message<'_>, out: &mut Understood) {
    let text = &message.text.text;
    if says("timeline.calm", text) {
        return;
    }
    let mut best: Option<(u8, Span, Interval)> = None;
    for (number, (_, mark)) in message.marks.iter().enumerate() {
        let Mark::Day(when) = mark else { continue };
        let name = format!("\u{1}d{number}\u{2}");
        let Some(at) = text.find(&name) else { continue };
        let span = at..at + name.len();
        let (interval, is_bounded) = interval(message, *when, &span);
        let strength = strength(message, *when, &span, is_bounded, out);
        if strength > 0 && interval.to.is_none_or(|to| to >= message.today) && best.as_ref().is_none_or(|(known, ..)| strength >= *known) {
            best = Some((strength, span, interval));
        }
    }
    let Some((_, span, interval)) = best else { return };
    let value = display(interval);
    let data = json!({ "from": interval.from.map(|day| day.to_string()), "to": interval.to.map(|day| day.to_string()) });
    let start = text[..span.start].rfind([',', '.', ';', '!', '?', '\n']).map_or(0, |cut| cut + 1);
    let lead = text[start..span.start].trim_start();
    let from = if says("until.before", lead) || says("from.before", lead) || says("after.before", lead) {
        span.start - lead.len().min(last_words(lead))
    } else {
        span.start
    };
    out.learned.push(message.fact(Predicate::Timeline, value, data, from..span.end));
}

/// How many bytes the last word or two of a stretch take.
fn last_words(text: &str) -> usize {
    text.trim_end().rfind(' ').map_or(text.len(), |cut| text.len() - cut - 1)
}

/// What "by", "before", "from" make of a date.
fn interval(message: &Message<'_>, when: When, span: &Span) -> (Interval, bool) {
    let text = &message.text.text;
    let start = text[..span.start].rfind(['.', ';', '!', '?', '\n']).map_or(0, |cut| cut + 1);
    let before = &text[start..span.start];
    let after = &text[span.end..];
    let both = |from, to| Interval { from: Some(from), to: Some(to) };
    let until = |to| Interval { from: None, to: Some(to) };
    if says("after.before", before) {
        return (Interval { from: Some(when.from), to: None }, true);
    }
    let strict = says("strict.before", before);
    if says("until.before", before)
        || says("until.after", after)
        || says("until.far", before)
        || (says("then", after) && when.from == when.to)
    {
        let day = match when.kind {
            // "before Saturday" ends on Friday; "before 15 October" is said loosely.
            Kind::Near | Kind::Stretch if strict => when.from.yesterday().unwrap_or(when.from),
            Kind::Stretch if (when.to - when.from).get_days() > 20 => when.from,
            _ => when.to,
        };
        return (until(day), true);
    }
    if says("from.before", before) {
        return (both(when.from, when.from), true);
    }
    match when.kind {
        Kind::Within | Kind::End | Kind::Running => (until(when.to), true),
        Kind::After | Kind::Day | Kind::Near | Kind::Stretch => (both(when.from, when.to), false),
    }
}

fn strength(message: &Message<'_>, when: When, span: &Span, is_bounded: bool, out: &Understood) -> u8 {
    let text = &message.text.text;
    let Some(clause) = message.stances.clause(span.start) else { return 0 };
    let words = &text[clause.span.clone()];
    let sentence = &text[clause.sentence.clone()];
    // "I don't need it by March": a day that no longer counts.
    if says("drop.timeline", words) {
        return 0;
    }
    let asked_for = clause.is_asked && says("asks.wish", words);
    let stated = message.stances.is_stated(span.start);
    if !(stated || asked_for) || when.to < message.today || (clause.is_past && !is_bounded) {
        return 0;
    }
    // A date that belongs to a promise, a new address or a change of size was read there.
    let quote_holds = |quote: &str| quote.contains(message.text.quote(span.clone()));
    let elsewhere = out.promises.iter().any(|promise| quote_holds(&promise.quote))
        || out
            .learned
            .iter()
            .any(|fact| matches!(fact.predicate, Predicate::Address | Predicate::CompanySize) && fact.data.get("valid_from").is_some());
    if elsewhere {
        return 0;
    }
    if message.reading.pending == Some(Predicate::Timeline) && message.is_all(span) {
        return 4;
    }
    if says("timeline.anti", words) {
        return 0;
    }
    if message.reading.pending == Some(Predicate::Timeline) && stated {
        return 3;
    }
    // "The Plover for 12 Sept": a day that goes with a thing.
    let goes_with = [" for ", " on ", " pour ", " pour le ", " fur ", " fur den ", " zum ", " am ", " para ", " para el "]
        .iter()
        .any(|word| format!(" {}", &text[..span.start]).ends_with(word));
    let thing = out.learned.iter().any(|fact| matches!(fact.predicate, Predicate::ProductInterest | Predicate::Need | Predicate::Quantity));
    if stated && goes_with && thing && !clause.is_asked {
        return 2;
    }
    if says("then", &text[span.end..]) {
        return 3;
    }
    let cued = says("timeline.cue", words) || says("need", words);
    let rushed = says("timeline.rush", sentence);
    let around = text[clause.sentence.start..clause.span.start].len() < 60 && (says("timeline.cue", sentence) || says("need", sentence));
    match () {
        () if is_bounded && cued => 3,
        () if is_bounded && (message.is_all(span) || around) => 3,
        () if is_bounded && words.split_whitespace().count() <= 4 => 2,
        () if cued || rushed => 2,
        () if message.is_all(span) && !clause.is_asked && says("timeline.short", text) => 1,
        () => 0,
    }
}

/// "by 15 March 2027", "1 September 2026 – 30 September 2026".
pub(super) fn display(interval: Interval) -> String {
    match (interval.from, interval.to) {
        (Some(from), Some(to)) if from == to => written(from),
        (Some(from), Some(to)) if from.day() == 1 && to == from.last_of_month() => from.strftime("%B %Y").to_string(),
        (Some(from), Some(to)) => format!("{} – {}", written(from), written(to)),
        (None, Some(to)) => format!("by {}", written(to)),
        (Some(from), None) => format!("not before {}", written(from)),
        (None, None) => "open".to_owned(),
    }
}

/// The last moment of a day, for what is due.
pub(super) fn end_of(day: Date, zone: &str) -> Option<domain::Timestamp> {
    let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let start = day.checked_add(1.day()).ok()?.to_zoned(zone).ok()?;
    Some(domain::Timestamp::from_micros(start.timestamp().as_microsecond() - 1_000_000))
}
