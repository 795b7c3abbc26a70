//! What a message tells, read without a model: facts with their quotes, promises, answers to offers, consents.
//!
//! A message is folded and marked (`text`), split into clauses with their stance (`stance`), and then read once per
//! noun. Phrases live in `data/`, one file per language; code says how they combine. Nothing here decides or stores.

mod authority;
mod circumstances;
mod competitors;
mod consent;
mod contacts;
mod dates;
mod language;
mod lexicon;
mod money;
mod names;
mod needs;
mod numbers;
mod objections;
mod offers;
mod orders;
mod pattern;
mod persons;
mod preferences;
mod products;
mod promises;
mod retractions;
mod size;
mod stance;
#[cfg(test)]
mod tests;
mod text;
mod timeline;
mod topic;

use domain::Timestamp;
use domain::fact::{Learned, Predicate};
use domain::settings::WorkspaceSettings;
use domain::signal::{Language, SaidConsent, SaidOffer, SaidPromise, Withdrawn};
use jiff::civil::Date;
use serde_json::Value;

pub use self::contacts::{e164, email};
pub use self::language::language_of;
pub use self::persons::{NameMatch, name_variants, name_words, romanised, same_person};
use self::stance::Stances;
use self::text::{Mapped, Mark, Span};

/// What one must know to read a message.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// When it was written.
    pub now: Timestamp,
    /// IANA zone of the workspace.
    pub timezone: &'a str,
    /// Currency of amounts without one.
    pub currency: &'a str,
    /// ISO 3166 country of phone numbers without a prefix.
    pub region: &'a str,
    /// Language (and country) of the workspace: `en`, `en-US`.
    pub locale: &'a str,
    /// Rival firms.
    pub competitors: &'a [String],
    /// Names of the products.
    pub catalogue: &'a [String],
    /// Teammates and the business itself: nobody introduces themselves so.
    pub own_names: &'a [String],
    /// Our own addresses and numbers.
    pub own_contacts: &'a [String],
    /// What we asked last: "500" alone then answers it.
    pub pending: Option<Predicate>,
    /// The open offer.
    pub offer: Option<&'a str>,
    /// Our last message.
    pub last_ours: Option<&'a str>,
}

impl<'a> Reading<'a> {
    /// Of words alone: no talk around them, no catalogue, no rivals.
    pub fn alone(settings: &'a WorkspaceSettings, now: Timestamp) -> Self {
        Self {
            now,
            timezone: &settings.timezone,
            currency: &settings.currency,
            region: &settings.region,
            locale: &settings.locale,
            competitors: &[],
            catalogue: &[],
            own_names: &[],
            own_contacts: &[],
            pending: None,
            offer: None,
            last_ours: None,
        }
    }
}

/// What a message tells.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Understood {
    /// Its language, when it shows.
    pub language: Option<Language>,
    /// Facts, each with a quote that occurs in the message.
    pub learned: Vec<Learned>,
    /// Values taken back.
    pub withdrawn: Vec<Withdrawn>,
    /// What the customer promised.
    pub promises: Vec<SaidPromise>,
    /// Answers to offers.
    pub offers: Vec<SaidOffer>,
    /// Consents given and withdrawn.
    pub consents: Vec<SaidConsent>,
    /// The name they gave for themselves.
    pub introduced_as: Option<String>,
}

/// The longest message that is read, in bytes; what comes after is not looked at.
const LONGEST: usize = 12_000;

/// Reads a message.
pub fn understand(text: &str, reading: &Reading<'_>) -> Understood {
    let text = &text[..text.floor_char_boundary(LONGEST)];
    let mut out = Understood { language: language_of(text, None), ..Understood::default() };
    if text.trim().is_empty() {
        return out;
    }
    let spoken = out.language.as_ref().map_or_else(|| reading.locale.get(..2).unwrap_or("en").to_owned(), |language| language.code.clone());
    let message = Message::read(text, reading, &spoken);
    names::read(&message, &mut out);
    contacts::read(&message, &mut out);
    orders::read(&message, &mut out);
    size::read(&message, &mut out);
    consent::read(&message, &mut out);
    offers::read(&message, &mut out);
    competitors::read(&message, &mut out);
    products::read(&message, &mut out);
    retractions::read(&message, &mut out);
    money::read(&message, &mut out);
    needs::read(&message, &mut out);
    promises::read(&message, &mut out);
    circumstances::read(&message, &mut out);
    preferences::read(&message, &mut out);
    authority::read(&message, &mut out);
    objections::read(&message, &mut out);
    timeline::read(&message, &mut out);
    language::read(&message, &mut out);
    out.learned.retain(|fact| !fact.quote.is_empty() && !fact.value.trim().is_empty() && text.contains(&fact.quote));
    let mut seen: Vec<(Predicate, String, bool)> = Vec::new();
    out.learned.retain(|fact| {
        let key = (fact.predicate, text::plain(&fact.value), fact.holds);
        let is_new = !seen.contains(&key);
        seen.push(key);
        is_new
    });
    out
}

/// Days and times of day that a text names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Times {
    /// First and last day of each stretch, as said.
    pub days: Vec<(Date, Date)>,
    /// Minutes since midnight.
    pub minutes: Vec<u32>,
}

/// Reads days and times of day, seen from `now` in the business's zone.
pub fn times_in(text: &str, settings: &WorkspaceSettings, language: &str, now: Timestamp) -> Times {
    let folded = Mapped::fold(&text[..text.floor_char_boundary(LONGEST)]);
    let today = now.in_zone(&settings.timezone).date();
    let month_first = settings.locale.eq_ignore_ascii_case("en-us");
    let clocks = preferences::clocks(&folded.text);
    let is_free = |span: &Span| !clocks.iter().any(|(other, _)| other.start < span.end && span.start < other.end);
    let days = dates::find(&folded.text, today, language, month_first);
    Times {
        days: days.into_iter().filter(|(span, _)| is_free(span)).map(|(_, when)| (when.from, when.to)).collect(),
        minutes: clocks.into_iter().map(|(_, minutes)| minutes).collect(),
    }
}

/// A message on its way through the readers.
struct Message<'a> {
    /// Folded, with marks.
    text: Mapped<'a>,
    /// What the marks stand for.
    marks: Vec<(Span, Mark)>,
    stances: Stances,
    reading: &'a Reading<'a>,
    today: Date,
    /// Its language, or the workspace's.
    spoken: String,
}

impl<'a> Message<'a> {
    fn read(text: &'a str, reading: &'a Reading<'a>, spoken: &str) -> Self {
        let folded = Mapped::fold(text);
        let today = reading.now.in_zone(reading.timezone).date();
        let mut marks: Vec<(Span, Mark)> = Vec::new();
        let mut add = |found: Vec<(Span, Mark)>| {
            for (span, mark) in found {
                if !marks.iter().any(|(other, _)| other.start < span.end && span.start < other.end) {
                    marks.push((span, mark));
                }
            }
        };
        add(contacts::emails(&folded).into_iter().map(|(span, address)| (span, Mark::Email(address))).collect());
        add(orders::find(&folded.text, reading.catalogue).into_iter().map(|(span, number)| (span, Mark::Reference(number))).collect());
        add(contacts::phones(&folded, reading.region, spoken).into_iter().map(|(span, number)| (span, Mark::Phone(number))).collect());
        add(preferences::clocks(&folded.text).into_iter().map(|(span, minutes)| (span, Mark::Clock(minutes))).collect());
        let month_first = reading.locale.eq_ignore_ascii_case("en-us");
        add(dates::find(&folded.text, today, spoken, month_first).into_iter().map(|(span, when)| (span, Mark::Day(when))).collect());
        add(numbers::find(&folded.text, spoken).into_iter().map(|(span, amount)| (span, Mark::Number(amount))).collect());
        marks.sort_by_key(|(span, _)| span.start);
        let text = folded.with_marks(&marks);
        let stances = Stances::read(&text.text);
        Self { text, marks, stances, reading, today, spoken: spoken.to_owned() }
    }

    /// A fact read from a stretch of the marked text.
    fn fact(&self, predicate: Predicate, value: impl Into<String>, data: Value, span: Span) -> Learned {
        let confidence = self.stances.confidence(span.start);
        Learned { predicate, value: value.into(), data, holds: true, quote: self.text.quote(span).to_owned(), confidence }
    }

    /// The folded words of the clause around a position.
    fn clause(&self, at: usize) -> &str {
        self.stances.clause(at).map_or("", |clause| &self.text.text[clause.span.clone()])
    }

    /// The folded words of the sentence around a position.
    fn sentence(&self, at: usize) -> &str {
        self.stances.clause(at).map_or("", |clause| &self.text.text[clause.sentence.clone()])
    }

    /// Is there little in the message besides this stretch?
    fn is_all(&self, span: &Span) -> bool {
        let rest = self.text.text.len().saturating_sub(span.len());
        rest <= 25 || self.text.text[..span.start].split_whitespace().count() + self.text.text[span.end..].split_whitespace().count() <= 4
    }
}
