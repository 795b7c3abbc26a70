//! Times in the calendars of the business: offered, booked, moved, cancelled, within the turn that is asked for it.

use domain::action::{Action, ActionChange, ActionStatus, Deed, Taken};
use domain::conversation::Pending;
use domain::ports::Stored;
use domain::settings::CalendarSettings;
use domain::turn::{Timer, TimerKind};
use domain::{ActionId, Timestamp};
use jiff::ToSpan;
use jiff::civil::Date;

use super::act::{Acting, choice};
use super::record::Turn;
use crate::decision::hours::appointment;
use crate::decision::slots;
use crate::identity::level::Level;
use crate::reasoning::appointments::{self, Said};
use crate::reasoning::builtin::understand::Times;
use crate::rendering::deeds;
use crate::rendering::phrases::Phrases;

/// So many times are offered at once.
const OFFERED: usize = 3;
/// So many bookings may lie ahead of one customer, and of somebody of whom nothing is proven.
const MOST_AHEAD: usize = 3;
const MOST_UNPROVEN: usize = 1;
/// "On Tuesday" is one day; without a day, so many are looked at.
const LOOKED_AT: i32 = 21;

impl Turn<'_> {
    /// What the turn does about appointments; `None`: nothing was said of them.
    pub(super) async fn book(&self) -> Stored<Option<Acting>> {
        if self.settings.calendars.is_empty() {
            return Ok(None);
        }
        let pending = self.known.conversation.memo.pending.as_ref();
        let ahead = self.bookings_ahead();
        let Some(said) = appointments::read(self.reading, self.settings, pending, !ahead.is_empty(), self.now) else { return Ok(None) };
        let words = Phrases::new(&self.reading.language);
        let most = if self.level >= Level::Asserted { MOST_AHEAD } else { MOST_UNPROVEN };
        let (offered, moves) = match pending {
            Some(Pending::Times { calendar, offered, moves }) => (Some((calendar.as_str(), offered.as_slice())), *moves),
            _ => (None, None),
        };
        let calendar = |id: &str| self.settings.calendars.iter().find(|calendar| calendar.id == id);
        let acting = match said {
            Said::Refuses => Acting { say: vec![words.say("action.left")], is_answer: true, ..Acting::default() },
            Said::AsksWhen => self.tell_ahead(&ahead, &words),
            Said::Cancels => self.cancel(&ahead, &words),
            Said::Wants { .. } | Said::WantsSome if ahead.len() >= most => self.tell_ahead(&ahead, &words),
            Said::WantsSome => self.ask_of_what(&words),
            Said::Wants { calendar: id, times } => match calendar(&id) {
                Some(calendar) => self.find_time(calendar, &times, None, &words).await?,
                None => return Ok(None),
            },
            Said::Moves(times) => {
                let booked = ahead.iter().find(|booked| Some(booked.id) == moves).or(ahead.last());
                match booked.and_then(|booked| Some((booked, calendar(calendar_of(booked)?)?))) {
                    Some((booked, calendar)) => self.find_time(calendar, &times, Some(booked.id), &words).await?,
                    None => return Ok(None),
                }
            }
            Said::Picks(at) => match offered.and_then(|(id, _)| calendar(id)) {
                Some(calendar) => self.take_time(calendar, at, moves, &words).await?,
                None => return Ok(None),
            },
            Said::Later => match offered.and_then(|(id, times)| Some((calendar(id)?, *times.last()?))) {
                Some((calendar, last)) => self.offer_after(calendar, last, moves, &words).await?,
                None => return Ok(None),
            },
        };
        Ok(Some(Acting { is_appointment: true, ..acting }))
    }

    fn ask_of_what(&self, words: &Phrases) -> Acting {
        let names: Vec<&str> = self.settings.calendars.iter().map(|calendar| calendar.name.as_str()).collect();
        Acting {
            say: vec![words.with("booking.which.kind", &[("names", &names.join(", "))])],
            buttons: names.iter().map(|name| choice(name)).collect(),
            is_answer: true,
            ..Acting::default()
        }
    }

    /// What they have booked and is still to come, the next last.
    fn bookings_ahead(&self) -> Vec<&Action> {
        let mut ahead: Vec<&Action> = self
            .known
            .customer
            .actions
            .iter()
            .filter(|action| action.status == ActionStatus::Done && begins(action).is_some_and(|at| at > self.now))
            .collect();
        ahead.sort_by_key(|action| std::cmp::Reverse(begins(action)));
        ahead
    }

    /// An exact time is booked if it is free; else a few free ones are offered.
    async fn find_time(&self, calendar: &CalendarSettings, times: &Times, moves: Option<ActionId>, words: &Phrases) -> Stored<Acting> {
        let today = self.now.in_zone(&self.settings.timezone).date();
        let is_exact = times.minutes.len() == 1 && times.days.len() == 1 && times.days[0].0 == times.days[0].1;
        let days = times.days.first().copied().unwrap_or((today, later(today, LOOKED_AT)));
        let taken = self.taken(calendar).await?;
        let free = slots::free(calendar, &self.settings.timezone, &taken, days, self.now, 500);
        if is_exact {
            let wanted = free.iter().copied().find(|at| self.minute_of(*at) == times.minutes[0]);
            if let Some(at) = wanted {
                return Ok(self.booked(calendar, at, &taken, moves, words));
            }
        }
        let mut near: Vec<Timestamp> = match times.minutes.first() {
            Some(minute) => {
                let mut near = free.clone();
                near.sort_by_key(|at| self.minute_of(*at).abs_diff(*minute));
                near.truncate(OFFERED);
                near
            }
            None => slots::apart(&free, &self.settings.timezone, OFFERED),
        };
        near.sort();
        let mut say = Vec::new();
        if is_exact && !near.is_empty() {
            let (day, minute) = (times.days[0].0, times.minutes[0]);
            let at = day.at(0, 0, 0, 0).checked_add(i64::from(minute).minutes()).ok().and_then(|at| at.in_tz(&self.settings.timezone).ok());
            let at = at.map(|at| Timestamp::from_micros(at.timestamp().as_microsecond()));
            say.extend(at.map(|at| words.with("booking.taken", &[("when", &self.when(at, words))])));
        }
        if near.is_empty() {
            say.push(words.with("booking.none", &[("what", &calendar.name)]));
            near = slots::apart(
                &slots::free(calendar, &self.settings.timezone, &taken, (days.0, later(days.0, 120)), self.now, 60),
                &self.settings.timezone,
                OFFERED,
            );
        }
        Ok(self.offered(calendar, near, say, moves, words))
    }

    /// The time they picked, if nobody was faster.
    async fn take_time(&self, calendar: &CalendarSettings, at: Timestamp, moves: Option<ActionId>, words: &Phrases) -> Stored<Acting> {
        let taken = self.taken(calendar).await?;
        if at > self.now && slots::place(calendar, &taken, at).is_some() {
            return Ok(self.booked(calendar, at, &taken, moves, words));
        }
        let day = at.in_zone(&self.settings.timezone).date();
        let free = slots::free(calendar, &self.settings.timezone, &taken, (day, later(day, LOOKED_AT)), self.now, 60);
        let say = vec![words.with("booking.taken", &[("when", &self.when(at, words))])];
        Ok(self.offered(calendar, slots::apart(&free, &self.settings.timezone, OFFERED), say, moves, words))
    }

    async fn offer_after(&self, calendar: &CalendarSettings, last: Timestamp, moves: Option<ActionId>, words: &Phrases) -> Stored<Acting> {
        let taken = self.taken(calendar).await?;
        let day = last.in_zone(&self.settings.timezone).date();
        let mut free = slots::free(calendar, &self.settings.timezone, &taken, (day, later(day, LOOKED_AT)), self.now, 200);
        free.retain(|at| *at > last);
        Ok(self.offered(calendar, slots::apart(&free, &self.settings.timezone, OFFERED), Vec::new(), moves, words))
    }

    fn offered(
        &self,
        calendar: &CalendarSettings,
        times: Vec<Timestamp>,
        mut say: Vec<String>,
        moves: Option<ActionId>,
        words: &Phrases,
    ) -> Acting {
        if times.is_empty() {
            let task = Some(format!("{}: asked for a time, none is free", calendar.name));
            return Acting {
                say: vec![words.with("booking.full", &[("what", &calendar.name)])],
                task,
                is_answer: true,
                ..Acting::default()
            };
        }
        let named: Vec<String> = times.iter().map(|at| self.when(*at, words)).collect();
        say.push(words.with("booking.offer", &[("what", &calendar.name), ("times", &named.join("; "))]));
        Acting {
            say,
            buttons: named.iter().map(|title| choice(title)).collect(),
            pending: Some(Pending::Times { calendar: calendar.id.clone(), offered: times, moves }),
            is_answer: true,
            ..Acting::default()
        }
    }

    fn booked(&self, calendar: &CalendarSettings, at: Timestamp, taken: &[Taken], moves: Option<ActionId>, words: &Phrases) -> Acting {
        let place = slots::place(calendar, taken, at).unwrap_or(0);
        let deed = Deed::Booking {
            calendar: calendar.id.clone(),
            what: calendar.name.clone(),
            starts_at: at,
            ends_at: at.after(calendar.duration),
            place,
        };
        let action = self.action(deed, ActionStatus::Done, None, words.language());
        let zone = &self.settings.timezone;
        let first = if moves.is_some() { deeds::booking("booking.moved", &action, zone, words) } else { deeds::done(&action, zone, words) };
        let say = std::iter::once(first).chain(calendar.instructions.clone()).collect();
        let (say, elsewhere) = self.with_document(&action, say, words);
        let remind_at = calendar.remind.map(|before| at.before(before)).filter(|remind_at| *remind_at > self.now);
        let timers = remind_at
            .map(|due_at| Timer {
                key: format!("remind:{}", action.id),
                due_at,
                customer: self.whole.customer.id,
                what: TimerKind::Remind { action: action.id },
            })
            .into_iter()
            .collect();
        // The old place is free before the new one is taken: it may be the same time on another day.
        let changes = moves.map(ActionChange::Replace).into_iter().chain([ActionChange::Add(action)]).collect();
        Acting { changes, say, elsewhere, timers, is_answer: true, ..Acting::default() }
    }

    fn cancel(&self, ahead: &[&Action], words: &Phrases) -> Acting {
        let Some(booked) = ahead.last() else { return Acting::default() };
        Acting {
            changes: vec![ActionChange::Cancel(booked.id)],
            say: vec![deeds::booking("booking.cancelled", booked, &self.settings.timezone, words)],
            is_answer: true,
            ..Acting::default()
        }
    }

    fn tell_ahead(&self, ahead: &[&Action], words: &Phrases) -> Acting {
        let say = ahead.iter().rev().map(|booked| deeds::booking("booking.ahead", booked, &self.settings.timezone, words)).collect();
        Acting { say, is_answer: true, ..Acting::default() }
    }

    async fn taken(&self, calendar: &CalendarSettings) -> Stored<Vec<Taken>> {
        let until = slots::horizon(calendar, self.now);
        self.engine.store.taken(&self.claim.workspace, &calendar.id, self.now, until).await
    }

    fn when(&self, at: Timestamp, words: &Phrases) -> String {
        appointment(at, &self.settings.timezone, words)
    }

    fn minute_of(&self, at: Timestamp) -> u32 {
        let local = at.in_zone(&self.settings.timezone);
        u32::try_from(local.hour()).unwrap_or(0) * 60 + u32::try_from(local.minute()).unwrap_or(0)
    }
}

/// When a booking begins.
pub(crate) fn begins(action: &Action) -> Option<Timestamp> {
    match &action.deed {
        Deed::Booking { starts_at, .. } => Some(*starts_at),
        Deed::Return { .. } | Deed::Exchange { .. } | Deed::Call { .. } => None,
    }
}

fn calendar_of(action: &Action) -> Option<&str> {
    match &action.deed {
        Deed::Booking { calendar, .. } => Some(calendar),
        Deed::Return { .. } | Deed::Exchange { .. } | Deed::Call { .. } => None,
    }
}

fn later(day: Date, days: i32) -> Date {
    day.checked_add(days.days()).unwrap_or(day)
}
