//! Which times of a calendar are free.

use domain::Timestamp;
use domain::action::Taken;
use domain::settings::CalendarSettings;
use jiff::ToSpan;
use jiff::civil::Date;

use super::hours::spans;

/// So many days are looked at, at the most.
const MOST_DAYS: usize = 400;

/// When times of a calendar begin on a day, taken or not, the earliest first.
fn grid(calendar: &CalendarSettings, zone: &str, date: Date) -> Vec<Timestamp> {
    let step = i64::try_from(calendar.duration.as_secs() / 60).unwrap_or(30).max(1);
    let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let Ok(midnight) = date.to_zoned(zone) else { return Vec::new() };
    let mut times = Vec::new();
    for (open, close) in spans(&calendar.hours, date) {
        let mut minute = i64::from(open);
        while minute + step <= i64::from(close) {
            if let Ok(at) = midnight.datetime().checked_add(minute.minutes()).and_then(|at| midnight.time_zone().to_zoned(at)) {
                times.push(Timestamp::from_micros(at.timestamp().as_microsecond()));
            }
            minute += step;
        }
    }
    times
}

/// The first place that is free at a time.
pub fn place(calendar: &CalendarSettings, taken: &[Taken], starts_at: Timestamp) -> Option<u32> {
    (0..calendar.places).find(|place| !taken.iter().any(|other| other.starts_at == starts_at && other.place == *place))
}

/// Until when a calendar can be booked.
pub fn horizon(calendar: &CalendarSettings, now: Timestamp) -> Timestamp {
    now.after(calendar.horizon)
}

/// The free times from one day to another, the earliest first, as many as are wanted.
pub fn free(calendar: &CalendarSettings, zone: &str, taken: &[Taken], days: (Date, Date), now: Timestamp, most: usize) -> Vec<Timestamp> {
    let (earliest, latest) = (now.after(calendar.notice), horizon(calendar, now));
    let mut found = Vec::new();
    let mut date = days.0.max(now.in_zone(zone).date());
    for _ in 0..MOST_DAYS {
        if date > days.1 || found.len() >= most {
            break;
        }
        let open = grid(calendar, zone, date).into_iter().filter(|at| *at >= earliest && *at <= latest);
        found.extend(open.filter(|at| place(calendar, taken, *at).is_some()).take(most - found.len()));
        let Ok(next) = date.tomorrow() else { break };
        date = next;
    }
    found
}

/// A few of many that lie apart: at most one in the morning and one in the afternoon of a day, before more of the same half.
pub fn apart(free: &[Timestamp], zone: &str, most: usize) -> Vec<Timestamp> {
    let mut seen = Vec::new();
    let (mut first, mut rest) = (Vec::new(), Vec::new());
    for at in free {
        let local = at.in_zone(zone);
        let half = (local.date(), local.hour() >= 12);
        if seen.contains(&half) {
            rest.push(*at);
        } else {
            seen.push(half);
            first.push(*at);
        }
    }
    let mut chosen: Vec<Timestamp> = first.into_iter().chain(rest).take(most).collect();
    chosen.sort();
    chosen
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::settings::BusinessHours;
    use jiff::civil::date;

    use super::*;

    const ZONE: &str = "Europe/Paris";

    fn calendar() -> CalendarSettings {
        let hours = BusinessHours { days: [(0, vec![(600, 720), (840, 930)]), (1, vec![(600, 720)])].into(), holidays: Vec::new() };
        CalendarSettings {
            id: "consultation".to_owned(),
            name: "Consultation".to_owned(),
            duration: Duration::from_mins(30),
            hours,
            notice: Duration::from_hours(2),
            horizon: Duration::from_hours(60 * 24),
            places: 1,
            instructions: None,
            remind: None,
        }
    }

    fn at(day: i8, hour: i8, minute: i8) -> Timestamp {
        let zoned = date(2026, 11, day).at(hour, minute, 0, 0).in_tz(ZONE).expect("a moment");
        Timestamp::from_micros(zoned.timestamp().as_microsecond())
    }

    #[test]
    fn times_lie_within_the_hours_and_what_is_taken_or_too_soon_is_not_free() {
        // Monday, 30 November 2026, nine o'clock.
        let (calendar, now) = (calendar(), at(30, 9, 0));
        let days = (date(2026, 11, 30), date(2026, 11, 30));
        let free_times = free(&calendar, ZONE, &[], days, now, 20);
        assert_eq!(free_times, [at(30, 11, 0), at(30, 11, 30), at(30, 14, 0), at(30, 14, 30), at(30, 15, 0)]);
        let taken = [Taken { starts_at: at(30, 11, 0), place: 0 }];
        assert_eq!(free(&calendar, ZONE, &taken, days, now, 1), [at(30, 11, 30)]);
        let two = CalendarSettings { places: 2, ..calendar };
        assert_eq!(place(&two, &taken, at(30, 11, 0)), Some(1));
    }

    #[test]
    fn what_is_offered_lies_apart() {
        let (calendar, now) = (calendar(), at(29, 9, 0));
        let all = free(&calendar, ZONE, &[], (date(2026, 11, 29), date(2026, 12, 3)), now, 50);
        let offered = apart(&all, ZONE, 3);
        let hours: Vec<_> = offered.iter().map(|at| (at.in_zone(ZONE).day(), at.in_zone(ZONE).hour())).collect();
        assert_eq!(hours, [(30, 10), (30, 14), (1, 10)]);
    }
}
