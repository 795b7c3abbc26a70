//! Days and stretches of days as people write them, resolved against "now" in the workspace's zone.

use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday, date};

use super::lexicon::{is_in, rows, whole, words};
use super::numbers;
use super::pattern::Captures;
use super::text::Span;
use super::topic::{Cue, Topic};

/// A stretch of days; what the words around it ("by", "from") make of it is decided later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct When {
    pub from: Date,
    pub to: Date,
    pub kind: Kind,
}

/// How the stretch was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A day of the calendar.
    Day,
    /// A weekday, "tomorrow".
    Near,
    /// A stretch: a week, a month, a season.
    Stretch,
    /// A stretch that has begun: "this quarter".
    Running,
    /// "within two weeks".
    Within,
    /// "in two weeks".
    After,
    /// "end of the month".
    End,
}

const MONTHS: [&str; 12] =
    ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const UNITS: [&str; 5] = ["day", "week", "month", "quarter", "year"];

/// How dates are written; the label of each says how it is resolved.
static RULES: LazyLock<Topic> = LazyLock::new(|| {
    let any = |lists: &[&str]| {
        let mut all: Vec<&str> = lists.iter().flat_map(|list| words(list).iter().copied()).collect();
        all.sort_by_key(|word| std::cmp::Reverse(word.len()));
        all.join("|")
    };
    let (months, weekdays, units) = (any(&MONTHS), any(&WEEKDAYS), any(&UNITS));
    let rules = rows(include_str!("data/dates.tsv")).filter_map(|fields| {
        let [kind, pattern] = fields[..] else { return None };
        let pattern = pattern.replace("{months}", &months).replace("{weekdays}", &weekdays).replace("{units}", &units);
        Some(Cue::new(kind, pattern))
    });
    Topic::new(rules.collect())
});

/// Every date of a folded text; where two overlap, the longer one.
pub(super) fn find(text: &str, today: Date, language: &str, month_first: bool) -> Vec<(Span, When)> {
    let mut found: Vec<(Span, When)> = Vec::new();
    for rule in RULES.possible(text) {
        for captures in rule.captures_iter() {
            let Some(when) = resolve(rule.label(), &captures, today, language, month_first) else { continue };
            if is_no_date(rule.label(), &captures, text) {
                continue;
            }
            let mut span = whole(&captures);
            if let Some(preposition) = captures.name("p") {
                span.start = preposition.end();
            }
            if let Some(after) = captures.name("after") {
                span.end = after.start();
            }
            match found.iter_mut().find(|(other, _)| other.start < span.end && span.start < other.end) {
                Some(other) if other.0.len() < span.len() => *other = (span, when),
                Some(_) => {}
                None => found.push((span, when)),
            }
        }
    }
    found.sort_by_key(|(span, _)| span.start);
    found.dedup_by(|later, earlier| later.0.start < earlier.0.end);
    found
}

/// Words that look like a date and are none: greetings, times past, figures with a unit.
fn is_no_date(kind: &str, captures: &Captures<'_>, text: &str) -> bool {
    let span = whole(captures);
    let before = text[..span.start].trim_end();
    let after = text[span.end..].trim_start();
    match kind {
        "tomorrow" => {
            let word = &text[span];
            (word.starts_with("morgen") && before.ends_with("guten"))
                || (word.starts_with("manana") && (before.ends_with("la") || before.ends_with("por") || before.ends_with("de la")))
        }
        "today" => text[span].starts_with("heute") && after.starts_with("morgen"),
        "dayonly" => {
            // "le 20", "the 20th": an ordinal, or nothing after it that would make it a count.
            let ordinal = captures.name("o").is_some_and(|o| o.as_str() != ".");
            let follows = captures.name("after").map_or("", |word| word.as_str().trim());
            let free = matches!(follows, "" | "au" | "if" | "please" | "at" | "at the" | "for" | "or" | "and" | "svp" | "bitte" | "so");
            let english = text[span.clone()].starts_with("the") && !ordinal;
            english || (!ordinal && !free) || after.starts_with(['%', ':', '/']) || text[span.end..].starts_with(['-', ','])
        }
        "weekday" | "nextweekday" => before.ends_with("last") || after.starts_with("dernier") || before.ends_with("letzten"),
        "month" | "monthyear" | "daymonth" => before.ends_with("last"),
        _ => false,
    }
}

fn resolve(kind: &str, captures: &Captures<'_>, today: Date, language: &str, month_first: bool) -> Option<When> {
    let text = |name: &str| captures.name(name).map(|found| found.as_str());
    let number = |name: &str| text(name).and_then(|digits| digits.parse::<i16>().ok());
    let year = number("y").map(|year| if year < 100 { year + 2000 } else { year });
    let exact = |day: Date| Some(When { from: day, to: day, kind: Kind::Day });
    let near = |day: Date| Some(When { from: day, to: day, kind: Kind::Near });
    let stretch = |(from, to): (Date, Date), kind: Kind| Some(When { from, to, kind });
    match kind {
        "iso" => exact(Date::new(year?, number("m")? as i8, number("d")? as i8).ok()?),
        "numeric" | "shortnumeric" | "shortgerman" => {
            let (mut day, mut month) = (number("d")?, number("m")?);
            if month > 12 || (month_first && day <= 12) {
                std::mem::swap(&mut day, &mut month);
            }
            exact(day_of(today, year, i8::try_from(month).ok()?, i8::try_from(day).ok()?)?)
        }
        "daymonth" | "monthday" => exact(day_of(today, year, month_number(text("m")?)?, number("d")? as i8)?),
        "daymonthword" => {
            const ORDINALS: [&str; 10] = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
            let day = ORDINALS.iter().position(|known| Some(*known) == text("o"))? as i8 + 1;
            exact(day_of(today, year, month_number(text("m")?)?, day)?)
        }
        "month" | "monthyear" => {
            let month = month_number(text("m")?)?;
            let first = month_of(today, year, month)?;
            let kind = if text("p").is_some_and(|p| p.trim() == "this") { Kind::Running } else { Kind::Stretch };
            if text("p").is_some_and(|p| p.trim() == "early" || p.trim() == "debut") {
                return stretch((first, first.checked_add(9.days()).ok()?), Kind::Stretch);
            }
            stretch((first, first.last_of_month()), kind)
        }
        "end" | "late" => {
            let (_, last) = span_of(text("u")?, today, year, 0)?;
            Some(When { from: last, to: last, kind: Kind::End })
        }
        "nextend" => {
            let (_, last) = span_of(text("u")?, today, year, 1)?;
            Some(When { from: last, to: last, kind: Kind::End })
        }
        "start" => {
            let is_month = month_number(text("u")?).is_some();
            let (first, last) = span_of(text("u")?, today, year, i32::from(!is_month))?;
            let length = (last - first).get_days().max(6) / 3;
            stretch((first, first.checked_add(length.min(9).days()).ok()?), Kind::Stretch)
        }
        "middle" => {
            let (first, last) = span_of(text("u")?, today, year, 0)?;
            let half = first.until(last).ok()?.get_days() / 2;
            near(first.checked_add(half.days()).ok()?)
        }
        "weekday" => near(next_weekday(today, weekday(text("w")?)?)),
        "nextweekday" => {
            let monday = next_weekday(today, Weekday::Monday);
            let wanted = weekday(text("w")?)?;
            near(if wanted == Weekday::Monday { monday } else { next_weekday(monday, wanted) })
        }
        "weekend" | "nextweekend" => {
            let saturday = if today.weekday() == Weekday::Saturday { today } else { next_weekday(today, Weekday::Saturday) };
            let saturday = if kind == "weekend" { saturday } else { saturday.checked_add(7.days()).ok()? };
            stretch((saturday, saturday.tomorrow().ok()?), Kind::Stretch)
        }
        "next" => stretch(span_of(text("u")?, today, None, 1)?, Kind::Stretch),
        "this" => stretch(span_of(text("u")?, today, None, 0)?, Kind::Running),
        "in" | "within" => {
            let count = amount(text("n")?, language)?;
            let unit = text("u")?;
            let day = if is_in("day", unit) {
                today.checked_add(count.days())
            } else if is_in("week", unit) {
                today.checked_add(count.weeks())
            } else if is_in("month", unit) {
                today.checked_add(count.months())
            } else if is_in("quarter", unit) {
                today.checked_add((count * 3).months())
            } else {
                today.checked_add(count.years())
            }
            .ok()?;
            let kind = if kind == "within" { Kind::Within } else { Kind::After };
            Some(When { from: day, to: day, kind })
        }
        "today" => near(today),
        "tomorrow" => near(today.tomorrow().ok()?),
        "dayafter" => near(today.checked_add(2.days()).ok()?),
        "quarter" => {
            let quarter = match text("q")? {
                word if word.starts_with(['2', 's', 'z']) || word.starts_with("deux") => 2,
                word if word.starts_with(['3', 'd']) || word.starts_with("th") || word.starts_with("troi") || word.starts_with("ter") => 3,
                word if word.starts_with(['4', 'l', 'v', 'c']) || word.starts_with("fo") || word.starts_with("qua") => 4,
                _ => 1,
            };
            let month = quarter * 3 - 2;
            let mut first = Date::new(year.unwrap_or(today.year()), month, 1).ok()?;
            let mut last = first.checked_add(2.months()).ok()?.last_of_month();
            if last < today && year.is_none() {
                first = first.checked_add(1.year()).ok()?;
                last = last.checked_add(1.year()).ok()?.last_of_month();
            }
            stretch((first, last), Kind::Stretch)
        }
        "easter" => {
            let this = easter(today.year())?;
            exact(if this < today { easter(today.year() + 1)? } else { this })
        }
        "dayonly" => {
            let day = number("d")? as i8;
            (0..3)
                .find_map(|ahead| {
                    let month = today.first_of_month().checked_add(i32::from(ahead as i8).months()).ok()?;
                    Date::new(month.year(), month.month(), day).ok().filter(|found| *found >= today)
                })
                .and_then(exact)
        }
        "year" => {
            let year = year?;
            (year >= today.year()).then_some(())?;
            stretch((date(year, 1, 1), date(year, 12, 31)), Kind::Stretch)
        }
        _ => {
            if let Some(day) = kind.strip_prefix("holiday") {
                let (month, day) = day.split_once('-')?;
                return exact(day_of(today, None, month.parse().ok()?, day.parse().ok()?)?);
            }
            let month = kind.strip_prefix("season")?.parse().ok()?;
            let mut first = Date::new(today.year(), month, 1).ok()?;
            let mut last = first.checked_add(2.months()).ok()?.last_of_month();
            if last < today {
                first = first.checked_add(1.year()).ok()?;
                last = last.checked_add(1.year()).ok()?.last_of_month();
            }
            stretch((first, last), Kind::Stretch)
        }
    }
}

/// First and last day of a month by name, or of the week, month, quarter or year `ahead` of today's.
fn span_of(unit: &str, today: Date, year: Option<i16>, ahead: i32) -> Option<(Date, Date)> {
    if let Some(month) = month_number(unit) {
        let first = month_of(today, year, month)?;
        return Some((first, first.last_of_month()));
    }
    if is_in("week", unit) {
        let monday = today.checked_sub(i32::from(today.weekday().to_monday_zero_offset()).days()).ok()?.checked_add(ahead.weeks()).ok()?;
        return Some((monday, monday.checked_add(6.days()).ok()?));
    }
    if is_in("month", unit) {
        let first = today.first_of_month().checked_add(ahead.months()).ok()?;
        return Some((first, first.last_of_month()));
    }
    if is_in("quarter", unit) {
        let first = Date::new(today.year(), (today.month() - 1) / 3 * 3 + 1, 1).ok()?.checked_add((ahead * 3).months()).ok()?;
        return Some((first, first.checked_add(2.months()).ok()?.last_of_month()));
    }
    if is_in("year", unit) {
        let year = today.year() + i16::try_from(ahead).ok()?;
        return Some((date(year, 1, 1), date(year, 12, 31)));
    }
    None
}

fn amount(text: &str, language: &str) -> Option<i32> {
    if let Ok(count) = text.parse() {
        return Some(count).filter(|count| *count < 1000);
    }
    match text {
        "a" | "an" | "one" | "un" | "une" | "ein" | "einer" | "einem" | "eine" | "una" | "um" | "uma" => Some(1),
        "a few" => Some(3),
        "couple of" | "a couple of" => Some(2),
        _ => numbers::word(text, language)
            .or_else(|| ["fr", "de", "es", "pt"].into_iter().find_map(|language| numbers::word(text, language)))
            .map(|value| value as i32),
    }
}

fn month_number(word: &str) -> Option<i8> {
    MONTHS.iter().position(|list| is_in(list, word)).map(|index| index as i8 + 1)
}

fn weekday(word: &str) -> Option<Weekday> {
    let index = WEEKDAYS.iter().position(|list| is_in(list, word))?;
    Weekday::from_monday_zero_offset(index as i8).ok()
}

/// The next such weekday after today.
fn next_weekday(today: Date, wanted: Weekday) -> Date {
    let ahead = (wanted.to_monday_zero_offset() - today.weekday().to_monday_zero_offset()).rem_euclid(7);
    let ahead = if ahead == 0 { 7 } else { ahead };
    today.checked_add(i32::from(ahead).days()).unwrap_or(today)
}

/// The day in the given year, or the next one that lies not before today.
fn day_of(today: Date, year: Option<i16>, month: i8, day: i8) -> Option<Date> {
    if let Some(year) = year {
        return Date::new(year, month, day).ok();
    }
    (0..5).filter_map(|ahead| Date::new(today.year() + ahead, month, day).ok()).find(|found| *found >= today)
}

fn month_of(today: Date, year: Option<i16>, month: i8) -> Option<Date> {
    let first = Date::new(year.unwrap_or(today.year()), month, 1).ok()?;
    if year.is_none() && first.last_of_month() < today { first.checked_add(1.year()).ok() } else { Some(first) }
}

/// Easter Sunday of the western churches (Gauss, after Butcher).
fn easter(year: i16) -> Option<Date> {
    let year_number = i32::from(year);
    let golden = year_number % 19;
    let century = year_number / 100;
    let rest = year_number % 100;
    let epact = (19 * golden + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (rest / 4) - epact - rest % 4) % 7;
    let shift = (golden + 11 * epact + 22 * weekday) / 451;
    let sum = epact + weekday - 7 * shift + 114;
    Date::new(year, i8::try_from(sum / 31).ok()?, i8::try_from(sum % 31 + 1).ok()?).ok()
}

/// "15 March 2027".
pub(super) fn written(day: Date) -> String {
    day.strftime("%-d %B %Y").to_string()
}
