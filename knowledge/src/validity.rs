//! What a source says about its own validity, and which of two sources speaks.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::civil::Date;
use regex::{Captures, Regex};

use crate::block::{Block, Document};
use domain::lexicon::{fold, stem, tokens};

/// The dates of a source, by its front matter or its first lines.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Validity {
    /// Valid from this day on.
    pub from: Option<Date>,
    /// Valid up to and including this day.
    pub to: Option<Date>,
    /// Last touched.
    pub updated: Option<Date>,
    /// The latest year in its title or file name.
    pub year: Option<i16>,
    /// It says so itself: archived, no longer valid.
    pub over: bool,
    /// What its title is about, without years.
    pub topic: BTreeSet<String>,
}

impl Validity {
    /// Reads what a document says about itself.
    pub fn of(document: &Document, path: &str, language: &str) -> Self {
        let mut validity = Self { topic: topic(document, path, language), ..Self::default() };
        let file = path.rsplit('/').next().unwrap_or(path);
        let titles = format!(
            "{} {} {}",
            document.heading().unwrap_or_default(),
            document.title.as_deref().unwrap_or_default(),
            file.replace(['-', '_', '.'], " ")
        );
        validity.year = years(&titles).max();
        for line in first_lines(document) {
            validity.read(&line);
        }
        for (keys, slot) in [
            (["valid_from", "from"], &mut validity.from),
            (["valid_to", "valid_until"], &mut validity.to),
            (["updated", "last_updated"], &mut validity.updated),
        ] {
            if let Some(date) = keys.iter().find_map(|key| document.head(key)).and_then(a_date) {
                *slot = Some(date);
            }
        }
        if document
            .head("status")
            .is_some_and(|status| matches!(status.to_lowercase().as_str(), "archived" | "outdated" | "obsolete" | "expired"))
        {
            validity.over = true;
        }
        validity
    }

    /// What one line (a title, a heading, a first sentence) says.
    pub fn read(&mut self, line: &str) {
        static OVER: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(
                r"\b(?:no longer (?:valid|applies|in force|current)|archived\b|superseded|obsolete|outdated|out of date|n'est plus valable|plus en vigueur|perime|nicht mehr gultig|veraltet|archiviert|ya no (?:es |esta )?(?:valid|vigente)|obsolet)",
            )
            .expect("a fixed expression")
        });
        let folded = fold(line).replace('’', "'");
        if OVER.is_match(&folded) {
            self.over = true;
        }
        for (start, date) in dates(&folded) {
            let before = &folded[..start];
            let sentence = before.rsplit(['.', '!', ';']).next().unwrap_or(before).trim_end();
            let clue = sentence.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '-' && c != '–').trim_end();
            let ends = |words: &[&str]| words.iter().any(|word| clue.ends_with(word));
            let speaks = [
                "valid",
                "appl",
                "effective",
                "force",
                "price",
                "rate",
                "fee",
                "gultig",
                "gelten",
                "preis",
                "valable",
                "vigueur",
                "tarif",
                "prix",
                "vigente",
                "vigor",
                "precio",
                "ended",
                "expire",
                "page",
                "terms",
                "conditions",
            ]
            .iter()
            .any(|word| sentence.contains(word));
            let ended = ends(&[
                "ended on",
                "ended",
                "expired on",
                "expired",
                "replaced on",
                "withdrawn on",
                "termine le",
                "expire le",
                "abgelaufen am",
            ]);
            let until = speaks
                && ends(&[
                    "until", "till", "through", "up to", " to", "jusqu'au", "bis", "bis zum", "hasta", "hasta el", " au", " al", "-", "–",
                ]);
            if ended || until {
                self.to = Some(date);
            } else if ends(&["before", "prior to", "avant le", "vor dem", "antes del"])
                && (sentence.contains("appl") || sentence.contains("page") || sentence.contains("galt") || sentence.contains("gilt"))
            {
                self.to = date.yesterday().ok();
            } else if ["updated", "mise a jour", "mis a jour", "aktualisiert", "stand", "actualizad", "revised", "version"]
                .iter()
                .any(|word| sentence.contains(word))
            {
                self.updated = Some(date);
            } else if ends(&[
                "from",
                "since",
                "as of",
                "starting",
                "effective",
                "a partir du",
                "depuis le",
                "ab",
                "ab dem",
                "desde",
                "desde el",
                "a partir del",
                "seit",
            ]) && speaks
            {
                self.from = Some(date);
            }
        }
    }

    /// Out of date by its own word on this day.
    pub fn is_over(&self, today: Date) -> bool {
        self.to.is_some_and(|to| to < today) || self.over && self.to.is_none_or(|to| to < today)
    }

    /// Not in force yet on this day.
    pub fn is_ahead(&self, today: Date) -> bool {
        self.from.is_some_and(|from| from > today)
    }

    /// Speaks `other` instead of this source? Both are about the same and the other one is newer.
    pub fn yields_to(&self, other: &Self, today: Date) -> bool {
        if other.is_over(today) || other.is_ahead(today) || self.topic.is_empty() || other.topic.is_empty() {
            return false;
        }
        let shared = self.topic.intersection(&other.topic).count();
        let same = shared > 0 && (self.topic.is_subset(&other.topic) || other.topic.is_subset(&self.topic));
        if !same {
            return false;
        }
        let past_year = self.year.filter(|year| *year < today.year());
        match (past_year, other.year) {
            (Some(mine), Some(theirs)) if theirs > mine => return true,
            (Some(_), None) => return true,
            _ => {}
        }
        self.topic == other.topic
            && match (self.from.or(self.updated), other.from.or(other.updated)) {
                (Some(mine), Some(theirs)) => mine < theirs,
                _ => false,
            }
    }
}

/// Title, first heading and the first three blocks of text, shortened.
fn first_lines(document: &Document) -> Vec<String> {
    let mut lines: Vec<String> = document.title.iter().cloned().collect();
    let mut taken = 0;
    for block in &document.blocks {
        match block {
            Block::Heading { text, level } if *level == 1 || lines.len() <= 1 => lines.push(text.clone()),
            Block::Heading { .. } => break,
            Block::Paragraph(text) => {
                lines.extend(text.split_inclusive(['.', '\n']).take(3).map(str::to_owned));
                taken += 1;
            }
            _ => taken += 1,
        }
        if taken >= 3 {
            break;
        }
    }
    lines
}

fn topic(document: &Document, path: &str, language: &str) -> BTreeSet<String> {
    const EMPTY: [&str; 14] =
        ["old", "archive", "archived", "list", "valid", "until", "longer", "the", "and", "our", "page", "new", "current", "from"];
    let stems = |text: &str| -> BTreeSet<String> {
        tokens(text)
            .into_iter()
            .filter(|token| token.folded.len() > 2 && !token.is_number() && !EMPTY.contains(&token.folded.as_str()))
            .map(|token| stem(&token.folded, language))
            .collect()
    };
    let heading = document.heading().unwrap_or_default();
    let heading = heading.split('(').next().unwrap_or(heading);
    let found = stems(heading);
    if !found.is_empty() {
        return found;
    }
    let file = path.rsplit('/').next().unwrap_or(path);
    stems(file.rsplit_once('.').map_or(file, |(name, _)| name))
}

fn years(text: &str) -> impl Iterator<Item = i16> + use<> {
    tokens(text)
        .into_iter()
        .filter(|token| token.folded.len() == 4)
        .filter_map(|token| token.folded.parse::<i16>().ok())
        .filter(|year| (1990..2100).contains(year))
        .collect::<Vec<_>>()
        .into_iter()
}

fn a_date(text: &str) -> Option<Date> {
    dates(&fold(text)).first().map(|(_, date)| *date)
}

const MONTHS: [&str; 12] = [
    "jan|janv|january|janvier|januar|janner|enero|janeiro",
    "feb|fev|february|fevrier|februar|febrero|fevereiro",
    "mar|march|mars|marz|marzo|marco",
    "apr|avr|april|avril|abril",
    "may|mai|mayo|maio",
    "jun|june|juin|juni|junio|junho",
    "jul|july|juillet|juli|julio|julho",
    "aug|august|aout|agosto",
    "sep|sept|september|septembre|septiembre|setembro",
    "oct|okt|october|octobre|oktober|octubre|outubro",
    "nov|november|novembre|noviembre|novembro",
    "dec|dez|december|decembre|dezember|diciembre|dezembro",
];

/// Dates of a folded text with where they begin.
fn dates(folded: &str) -> Vec<(usize, Date)> {
    static DATE: LazyLock<Regex> = LazyLock::new(|| {
        let months = MONTHS.join("|");
        Regex::new(&format!(
            r"(?-u:\b)(?:(?P<y1>[0-9]{{4}})-(?P<m1>[0-9]{{1,2}})-(?P<d1>[0-9]{{1,2}})|(?P<d2>[0-9]{{1,2}})[./](?P<m2>[0-9]{{1,2}})[./](?P<y2>[0-9]{{4}})|(?P<d3>[0-9]{{1,2}})(?:st|nd|rd|th|er|\.)?(?-u:\s)+(?:of(?-u:\s)+|de(?-u:\s)+)?(?P<n3>{months})\.?,?(?-u:\s)+(?:de(?-u:\s)+)?(?P<y3>[0-9]{{4}})|(?P<n4>{months})\.?(?-u:\s)+(?P<d4>[0-9]{{1,2}})(?:st|nd|rd|th)?,?(?-u:\s)+(?P<y4>[0-9]{{4}})|(?P<n5>{months})(?-u:\s)+(?:de(?-u:\s)+)?(?P<y5>[0-9]{{4}}))(?-u:\b)"
        ))
        .expect("a fixed expression")
    });
    DATE.captures_iter(folded).filter_map(|found| Some((found.get(0)?.start(), date_of(&found)?))).collect()
}

fn date_of(found: &Captures<'_>) -> Option<Date> {
    let number = |names: &[&str]| names.iter().find_map(|name| found.name(name)).and_then(|text| text.as_str().parse::<i16>().ok());
    let year = number(&["y1", "y2", "y3", "y4", "y5"])?;
    let month = match ["n3", "n4", "n5"].iter().find_map(|name| found.name(name)) {
        Some(name) => MONTHS.iter().position(|names| names.split('|').any(|known| known == name.as_str()))? as i16 + 1,
        None => number(&["m1", "m2"])?,
    };
    let day = number(&["d1", "d2", "d3", "d4"]).unwrap_or(1);
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}
