//! How vendors see our connections: what they refused of late that only the owner can mend, and what they say of us when
//! asked. Kept in memory: a start asks anew.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::ports::{SendError, Standing};
use domain::{ConnectionId, Timestamp};

use crate::{Engine, OpenDoor};

/// What lets us in is told to end so long before.
const TOLD: Duration = Duration::from_hours(30 * 24);
/// From here on it is an alarm.
const ALARM: Duration = Duration::from_hours(7 * 24);

/// How long what lets us in lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lease {
    /// For ever, for long, or nobody says.
    Lasts,
    /// Somebody should renew it.
    Ends(Timestamp),
    /// Somebody must renew it now.
    EndsSoon(Timestamp),
}

/// What a vendor said that is no matter of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The vendor's code.
    pub code: String,
    /// In words, with the remedy where it is known.
    pub why: String,
    /// When it was said last.
    pub at: Timestamp,
    /// Nothing leaves until the owner mends it.
    pub is_alarm: bool,
}

/// What is known of a connection's standing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// What is wrong now.
    pub trouble: Option<Trouble>,
    /// What the vendor said of us last.
    pub standing: Option<Standing>,
    /// When it was asked last.
    pub asked_at: Option<Timestamp>,
}

impl Known {
    /// How long what lets us in lasts.
    pub fn lease(&self, now: Timestamp) -> Lease {
        match self.standing.as_ref().and_then(|standing| standing.ends_at) {
            Some(ends) if ends <= now.after(ALARM) => Lease::EndsSoon(ends),
            Some(ends) if ends <= now.after(TOLD) => Lease::Ends(ends),
            Some(_) | None => Lease::Lasts,
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Standings(Mutex<HashMap<ConnectionId, Known>>);

impl Standings {
    fn change(&self, connection: &ConnectionId, change: impl FnOnce(&mut Known)) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(all.entry(connection.clone()).or_default());
    }
}

impl Engine {
    /// How a connection stands.
    pub fn standing(&self, connection: &ConnectionId) -> Known {
        self.standings.0.lock().unwrap_or_else(PoisonError::into_inner).get(connection).cloned().unwrap_or_default()
    }

    /// Asks a connection's vendor. `None`: there is no such connection.
    pub async fn ask_standing(&self, connection: &ConnectionId) -> Option<Known> {
        let door = self.doors.get(connection)?;
        let now = self.clock.now();
        let before = self.standing(connection).lease(now);
        match door.channel.standing().await {
            Ok(standing) => self.standings.change(connection, |known| {
                known.asked_at = Some(now);
                if standing.is_some() {
                    known.trouble = None;
                    known.standing = standing;
                }
            }),
            Err(error) => {
                self.standings.change(connection, |known| known.asked_at = Some(now));
                self.was_refused(door, &error);
            }
        }
        let known = self.standing(connection);
        // Said once for each stretch, and again after a start.
        match known.lease(now) {
            lease if std::mem::discriminant(&lease) == std::mem::discriminant(&before) => {}
            Lease::Lasts => {}
            Lease::Ends(at) => tracing::warn!(%connection, "the access token ends on {}: make a new one", at.to_rfc3339()),
            Lease::EndsSoon(at) => tracing::error!(%connection, "the access token ends on {}: make a new one now", at.to_rfc3339()),
        }
        Some(known)
    }

    /// A send or a question came back: is it the connection that is at fault?
    pub(crate) fn was_refused(&self, door: &OpenDoor, error: &SendError) {
        let SendError::Refused { code, why, .. } = error else { return };
        if !door.channel.is_the_owners(code) {
            return;
        }
        let connection = &door.settings.id;
        let is_new = self.standing(connection).trouble.is_none_or(|trouble| trouble.code != *code);
        if is_new {
            tracing::error!(%connection, code, "a vendor no longer takes what we send: {why}");
        }
        let trouble = Trouble { code: code.clone(), why: why.clone(), at: self.clock.now(), is_alarm: true };
        self.standings.change(connection, |known| known.trouble = Some(trouble));
    }

    /// A send was taken: whatever stood in the way is gone.
    pub(crate) fn was_taken(&self, connection: &ConnectionId) {
        if self.standing(connection).trouble.is_some() {
            self.standings.change(connection, |known| known.trouble = None);
        }
    }

    /// The vendor itself reported something that is no matter of one message.
    pub(crate) fn was_reported(&self, door: &OpenDoor, code: &str, words: Option<&str>) {
        let why = words.map_or_else(|| format!("the vendor reports error {code}"), str::to_owned);
        let trouble = Trouble { code: code.to_owned(), why, at: self.clock.now(), is_alarm: door.channel.is_the_owners(code) };
        self.standings.change(&door.settings.id, |known| known.trouble = Some(trouble));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_token_is_told_a_month_before_and_an_alarm_for_a_week() {
        let now = Timestamp::from_secs(1_790_000_000);
        let in_days = |days: u64| {
            let ends_at = Some(now.after(Duration::from_hours(24 * days)));
            Known { standing: Some(Standing { ends_at, ..Standing::default() }), ..Known::default() }.lease(now)
        };
        assert_eq!(in_days(60), Lease::Lasts);
        assert!(
            matches!(in_days(29), Lease::Ends(_)) && matches!(in_days(6), Lease::EndsSoon(_)) && matches!(in_days(0), Lease::EndsSoon(_))
        );
        assert_eq!(Known::default().lease(now), Lease::Lasts, "who is told nothing knows nothing");
    }
}
