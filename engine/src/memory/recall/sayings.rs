//! "What did you say about delivery in March?": questions about what was said, by whom, when and about what.

use std::sync::LazyLock;

use domain::Timestamp;
use domain::message::Author;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};
use regex::Regex;

use domain::lexicon::{self, Term};

/// What somebody wants to hear again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Who said it, when the question tells: the customer, or anybody of us ([`Author::Ai`]).
    pub by: Option<Author>,
    /// What it was about.
    pub topic: String,
    /// When, as a stretch whose end is left out.
    pub days: Option<(Timestamp, Timestamp)>,
}

struct Patterns {
    sayings: Vec<(Option<Author>, Regex)>,
    days: Vec<(&'static str, Regex)>,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let mut patterns = Patterns { sayings: Vec::new(), days: Vec::new() };
    for line in include_str!("sayings.tsv").lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        let (kind, pattern) = line.split_once('\t').expect("a kind, a tab and a pattern");
        let pattern = Regex::new(&format!("(?i){pattern}")).expect("a pattern");
        match kind {
            "customer" => patterns.sayings.push((Some(Author::Customer), pattern)),
            "us" => patterns.sayings.push((Some(Author::Ai), pattern)),
            "both" => patterns.sayings.push((None, pattern)),
            days => patterns.days.push((days, pattern)),
        }
    }
    patterns
});

/// What the text asks to hear again, date and all; `None` when it asks nothing of the kind.
pub fn topic(text: &str) -> Option<String> {
    topic_by(text).map(|(_, topic)| topic)
}

fn topic_by(text: &str) -> Option<(Option<Author>, String)> {
    PATTERNS.sayings.iter().find_map(|(by, pattern)| {
        let topic = pattern.captures(text)?.name("topic")?.as_str().trim();
        (!topic.is_empty()).then(|| (*by, topic.to_owned()))
    })
}

/// What the text asks about things said, when it does; `now` in the workspace's zone.
pub fn asked(text: &str, now: &Zoned) -> Option<Asked> {
    let (by, topic) = topic_by(text)?;
    let language = lexicon::guess_language(text).unwrap_or("en");
    let (rest, days) = without_days(topic, language, now.date());
    let has_topic = rest.chars().any(char::is_alphanumeric);
    has_topic.then(|| Asked { by, topic: rest, days: days.and_then(|days| stretch(days, now.time_zone())) })
}

/// The topic without what says when, and the first and the last day of that.
fn without_days(topic: String, language: &str, today: Date) -> (String, Option<(Date, Date)>) {
    for (kind, pattern) in &PATTERNS.days {
        if let Some(found) = pattern.find(&topic) {
            let rest = format!("{} {}", &topic[..found.start()], &topic[found.end()..]);
            return (rest.trim().to_owned(), past(kind, today));
        }
    }
    let terms = lexicon::terms(&topic, language);
    let Some((at, month)) = terms.iter().enumerate().find_map(|(at, term)| Some((at, month_of(&terms, at, term)?))) else {
        return (topic, None);
    };
    let day = [at.checked_sub(1), Some(at + 1)].into_iter().flatten().find_map(|beside| number(&terms, beside, 1..=31));
    let year = (at + 1..at + 3).find_map(|beside| number(&terms, beside, 2000..=2100));
    let first = terms[at.saturating_sub(usize::from(day.is_some()))].token.start.min(terms[at].token.start);
    let last = terms.iter().skip(at).take(3).filter(|term| term.token.is_number()).map(|term| term.token.end).max();
    let rest = format!("{} {}", &topic[..first], &topic[last.unwrap_or(terms[at].token.end).max(terms[at].token.end)..]);
    (without_preposition(rest.trim()).to_owned(), in_month(today, year, month, day))
}

/// "in March", "le 3 mars": what stands before the date belongs to it.
fn without_preposition(topic: &str) -> &str {
    const BEFORE: [&str; 16] =
        [" in", " on", " the", " en", " le", " au mois de", " im", " am", " de", " em", " a", " el", " of", " back in", " du", " da"];
    BEFORE.iter().find_map(|word| topic.strip_suffix(word)).map_or(topic, str::trim)
}

/// The month that a word names; one that is also a common word only where a number or "in" stands before it.
fn month_of(terms: &[Term], at: usize, term: &Term) -> Option<i8> {
    const MONTHS: [&str; 12] =
        ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];
    let found = MONTHS.iter().position(|name| lexicon::concept(name).is_some_and(|month| term.concepts.contains(&month)))?;
    let before = at.checked_sub(1).map(|before| &terms[before].token);
    let is_dated =
        before.is_some_and(|token| token.is_number() || matches!(token.folded.as_str(), "in" | "of" | "last" | "early" | "late"));
    let is_common = matches!(term.token.folded.as_str(), "may" | "march" | "mai" | "mars");
    (!is_common || is_dated || term.token.capital || term.token.folded == "mars" || term.token.folded == "mai").then_some(found as i8 + 1)
}

fn number(terms: &[Term], at: usize, range: std::ops::RangeInclusive<i16>) -> Option<i16> {
    terms.get(at)?.token.folded.parse().ok().filter(|number| range.contains(number))
}

fn in_month(today: Date, year: Option<i16>, month: i8, day: Option<i16>) -> Option<(Date, Date)> {
    let of = |year: i16| {
        let first = Date::new(year, month, day.map_or(Ok(1), i8::try_from).ok()?).ok()?;
        Some((first, if day.is_some() { first } else { first.last_of_month() }))
    };
    match year {
        Some(year) => of(year),
        None => of(today.year()).filter(|(first, _)| *first <= today).or_else(|| of(today.year() - 1)),
    }
}

fn past(kind: &str, today: Date) -> Option<(Date, Date)> {
    let monday = today.checked_sub(i32::from(today.weekday().to_monday_zero_offset()).days()).ok()?;
    match kind {
        "yesterday" => today.yesterday().ok().map(|day| (day, day)),
        "lastweek" => Some((monday.checked_sub(7.days()).ok()?, monday.yesterday().ok()?)),
        "lastmonth" => {
            let first = today.first_of_month().checked_sub(1.month()).ok()?;
            Some((first, first.last_of_month()))
        }
        _ => Some((Date::new(today.year() - 1, 1, 1).ok()?, Date::new(today.year() - 1, 12, 31).ok()?)),
    }
}

fn stretch((first, last): (Date, Date), zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
    let start = |day: Date| day.to_zoned(zone.clone()).ok().map(|at| Timestamp::from_micros(at.timestamp().as_microsecond()));
    Some((start(first)?, start(last.tomorrow().ok()?)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, by: Option<Author>, topic: &str, days: Option<(&str, &str)>) {
        let now = Timestamp::parse_rfc3339("2027-05-12T10:00:00Z").unwrap().in_zone("UTC");
        let at = |day: &str| Timestamp::parse_rfc3339(&format!("{day}T00:00:00Z")).unwrap();
        let days = days.map(|(from, to)| (at(from), at(to)));
        assert_eq!(asked(text, &now), Some(Asked { by, topic: topic.to_owned(), days }), "{text}");
    }

    #[test]
    fn who_said_what_when_is_read_in_several_languages() {
        let (customer, us) = (Some(Author::Customer), Some(Author::Ai));
        check("What did I tell you about my back?", customer, "my back", None);
        check("what did you say about delivery in March?", us, "delivery", Some(("2027-03-01", "2027-04-01")));
        check("What did you tell me about the warranty on 3 June?", us, "the warranty", Some(("2026-06-03", "2026-06-04")));
        check("What did you say about the price yesterday?", us, "the price", Some(("2027-05-11", "2027-05-12")));
        check("when did I mention the broken armrest", customer, "the broken armrest", None);
        check("Qu'avez-vous dit sur la livraison en mars ?", us, "la livraison", Some(("2027-03-01", "2027-04-01")));
        check("Was habe ich Ihnen über meinen Rücken gesagt?", customer, "meinen Rücken", None);
        check("What did we discuss about the desk last month?", None, "the desk", Some(("2027-04-01", "2027-05-01")));
    }

    #[test]
    fn other_questions_ask_for_nothing_that_was_said() {
        let now = Timestamp::parse_rfc3339("2027-05-12T10:00:00Z").unwrap().in_zone("UTC");
        for text in ["How much is delivery to Lyon?", "What did you say?", "Do you deliver in March?", "I told you about my back", ""] {
            assert_eq!(asked(text, &now), None, "{text}");
        }
    }
}
