//! Business hours: when people are there, and by when a person's answer can be promised.

use std::time::Duration;

use domain::settings::{BusinessHours, WorkspaceSettings};
use domain::{TeamId, Timestamp};
use jiff::ToSpan;

use crate::rendering::phrases::Phrases;

/// No more than this many days are searched for an opening.
const HORIZON_DAYS: i64 = 30;

/// Are people there now?
pub fn is_open(settings: &WorkspaceSettings, at: Timestamp) -> bool {
    is_open_for(settings, None, at)
}

/// Are the people of a team there now?
pub fn is_open_for(settings: &WorkspaceSettings, team: Option<TeamId>, at: Timestamp) -> bool {
    let local = at.in_zone(&settings.timezone);
    let minute = u16::try_from(local.hour()).unwrap_or(0) * 60 + u16::try_from(local.minute()).unwrap_or(0);
    spans(settings.hours_of(team), local.date()).iter().any(|(open, close)| (*open..*close).contains(&minute))
}

/// The moment when `business` time of opening hours has passed since `from`.
pub fn after(settings: &WorkspaceSettings, from: Timestamp, business: Duration) -> Timestamp {
    after_for(settings, None, from, business)
}

/// The moment when `business` time of a team's hours has passed since `from`.
pub fn after_for(settings: &WorkspaceSettings, team: Option<TeamId>, from: Timestamp, business: Duration) -> Timestamp {
    let hours = settings.hours_of(team);
    if hours.days.is_empty() && hours.holidays.is_empty() {
        return from.after(business);
    }
    let zone = jiff::tz::TimeZone::get(&settings.timezone).unwrap_or(jiff::tz::TimeZone::UTC);
    let start = from.in_zone(&settings.timezone);
    let mut left = i64::try_from(business.as_secs()).unwrap_or(i64::MAX);
    let mut date = start.date();
    for _ in 0..HORIZON_DAYS {
        for (open, close) in spans(hours, date) {
            let at = |minute: u16| {
                date.to_zoned(zone.clone())
                    .ok()
                    .and_then(|midnight| midnight.checked_add(i64::from(minute).minutes()).ok())
                    .map(|at| at.timestamp().as_second())
            };
            let (Some(open), Some(close)) = (at(open), at(close)) else { continue };
            let begin = open.max(from.as_micros() / 1_000_000);
            if begin >= close {
                continue;
            }
            if close - begin >= left {
                return Timestamp::from_secs(begin + left);
            }
            left -= close - begin;
        }
        let Ok(next) = date.tomorrow() else { break };
        date = next;
    }
    from.after(business)
}

/// The end of the next working day, 18:00 where the business is.
pub fn next_working_day(settings: &WorkspaceSettings, now: Timestamp) -> Timestamp {
    let mut date = now.in_zone(&settings.timezone).date();
    for _ in 0..HORIZON_DAYS {
        let Ok(next) = date.tomorrow() else { break };
        date = next;
        let weekend = settings.business_hours.days.is_empty() && date.weekday().to_monday_zero_offset() >= 5;
        if !weekend && !spans(&settings.business_hours, date).is_empty() {
            break;
        }
    }
    let end = date.at(18, 0, 0, 0).in_tz(&settings.timezone).ok();
    end.map_or_else(|| now.after(Duration::from_hours(24)), |at| Timestamp::from_micros(at.timestamp().as_microsecond()))
}

pub(super) fn spans(hours: &BusinessHours, date: jiff::civil::Date) -> Vec<(u16, u16)> {
    if hours.holidays.contains(&date.to_string()) {
        return Vec::new();
    }
    if hours.days.is_empty() {
        return vec![(0, 24 * 60)];
    }
    let weekday = u8::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
    hours.days.get(&weekday).cloned().unwrap_or_default()
}

/// "by 12:45", "by 09:30 on 23 November": a time as a customer reads it.
pub fn spoken(settings: &WorkspaceSettings, due: Timestamp, now: Timestamp, words: &Phrases) -> String {
    let (due, now) = (due.in_zone(&settings.timezone), now.in_zone(&settings.timezone));
    let time = due.strftime("%H:%M").to_string();
    if due.date() == now.date() {
        words.with("when.by", &[("time", &time)])
    } else {
        words.with("when.by.day", &[("time", &time), ("day", &civil(&due, words.language()))])
    }
}

/// "23 November", as it is written in the customer's language.
pub fn civil(at: &jiff::Zoned, language: &str) -> String {
    let month = month(at.date(), language);
    match language {
        "fr" if at.day() == 1 => format!("1er {month}"),
        "de" => format!("{}. {month}", at.day()),
        "es" | "pt" => format!("{} de {month}", at.day()),
        _ => format!("{} {month}", at.day()),
    }
}

/// "Tuesday 1 December, 15:00", as it is written in the customer's language.
pub fn appointment(at: Timestamp, zone: &str, words: &Phrases) -> String {
    let local = at.in_zone(zone);
    let names = words.say("weekdays");
    let weekday = usize::try_from(local.weekday().to_monday_zero_offset()).unwrap_or(0);
    let weekday = names.split(' ').nth(weekday).unwrap_or_default().to_owned();
    format!("{weekday} {}, {}", civil(&local, words.language()), local.strftime("%H:%M"))
}

/// "23 November 2026", as it is written in the customer's language.
pub fn dated(date: jiff::civil::Date, language: &str) -> String {
    let (day, month, year) = (date.day(), month(date, language), date.year());
    match language {
        "fr" if day == 1 => format!("1er {month} {year}"),
        "de" => format!("{day}. {month} {year}"),
        "es" | "pt" => format!("{day} de {month} de {year}"),
        _ => format!("{day} {month} {year}"),
    }
}

/// Is it the name of a month in any of the languages?
pub fn is_month(word: &str) -> bool {
    MONTHS.iter().any(|(_, names)| names.iter().any(|name| name.to_lowercase() == word))
}

const MONTHS: [(&str, [&str; 12]); 5] = [
    ("en", ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]),
    ("fr", ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"]),
    ("de", ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"]),
    ("es", ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"]),
    ("pt", ["janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"]),
];

fn month(date: jiff::civil::Date, language: &str) -> &'static str {
    let months = MONTHS.iter().find(|(known, _)| *known == language).map_or(&MONTHS[0].1, |(_, names)| names);
    months[usize::try_from(date.month()).unwrap_or(1).clamp(1, 12) - 1]
}
