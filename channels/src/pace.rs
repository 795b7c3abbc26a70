//! Limits of vendors that we keep by ourselves: whoever has to be refused each time is thought worse of.
//!
//! So many messages may leave at once, then one in each stretch of time (the generic cell rate algorithm): to one address, and to
//! all of them together. What a vendor says about its limits in an answer is kept to as well.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::ports::SendError;
use tokio::time::Instant;

use crate::settings::Setup;
use crate::signing;

/// Waited for in place; who has to wait longer is sent later.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// Addresses remembered at once; those that wait for nothing are forgotten first.
const MOST_ADDRESSES: usize = 50_000;

/// `burst` at once, then one in each `every`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    pub(crate) every: Duration,
    pub(crate) burst: u32,
}

impl Rate {
    /// So many in each second, as many at once.
    pub(crate) fn per_second(count: u32) -> Self {
        Self { every: Duration::from_secs(1) / count.max(1), burst: count.max(1) }
    }

    fn slack(self) -> Duration {
        self.every * self.burst.saturating_sub(1)
    }
}

/// What a vendor takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// To one address.
    pub(crate) each: Option<Rate>,
    /// To one address at which many people read.
    pub(crate) group: Option<Rate>,
    /// To all addresses of the connection.
    pub(crate) all: Option<Rate>,
}

impl Limits {
    /// None of our own: only what the vendor asks for, and what the owner states, is kept to.
    pub(crate) const NONE: Self = Self { each: None, group: None, all: None };
}

/// Who reads at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    One,
    Many,
}

/// Whom a vendor asked to slow down for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slower {
    /// This address alone.
    Each,
    /// Everybody.
    All,
}

/// Keeps to a vendor's limits in this process.
#[derive(Debug)]
pub(crate) struct Pace {
    limits: Limits,
    lanes: Mutex<Lanes>,
}

#[derive(Debug, Default)]
struct Lanes {
    all: Lane,
    each: HashMap<Vec<u8>, Lane>,
}

/// When the next message would be due if all came evenly, and until when the vendor wants none.
#[derive(Debug, Clone, Copy, Default)]
struct Lane {
    due: Option<Instant>,
    held_until: Option<Instant>,
}

impl Lane {
    /// How long the vendor wants nothing more.
    fn held(&self, now: Instant) -> Duration {
        self.held_until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now))
    }

    /// How long until the next one's turn.
    fn ahead(&self, rate: Option<Rate>, now: Instant) -> Duration {
        let ahead = self.due.map_or(Duration::ZERO, |due| due.saturating_duration_since(now));
        rate.map_or(Duration::ZERO, |rate| ahead.saturating_sub(rate.slack()))
    }

    fn take(&mut self, rate: Option<Rate>, now: Instant) {
        if let Some(rate) = rate {
            self.due = Some(self.due.map_or(now, |due| due.max(now)) + rate.every);
        }
    }

    fn is_idle(&self, now: Instant) -> bool {
        self.due.is_none_or(|due| due <= now) && self.held_until.is_none_or(|until| until <= now)
    }
}

impl Pace {
    /// The vendor's limits, with the throughput that the owner states. A stand-in for the vendor on this machine has none unless
    /// they are stated.
    pub(crate) fn new(setup: &Setup<'_>, base: &str, usual: Limits) -> Self {
        let stated = setup.optional("messages_per_second").and_then(|text| text.parse().ok()).filter(|count: &u32| *count > 0);
        let is_a_stand_in = url::Url::parse(base).is_ok_and(|url| crate::settings::is_loopback(&url));
        let limits = match stated {
            Some(count) => Limits { all: Some(Rate::per_second(count)), ..usual },
            None if is_a_stand_in => Limits::NONE,
            None => usual,
        };
        Self { limits, lanes: Mutex::default() }
    }

    /// Waits for a message's turn; one that would have to wait long is sent later.
    pub(crate) async fn pass(&self, address: &str) -> Result<(), SendError> {
        self.pass_for(Readers::One, address).await
    }

    /// The same where many may read.
    pub(crate) async fn pass_for(&self, readers: Readers, address: &str) -> Result<(), SendError> {
        let wait = self.take(readers, address, Instant::now())?;
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        Ok(())
    }

    /// A place among what may leave: after this short wait, or not before that long one.
    fn take(&self, readers: Readers, address: &str, now: Instant) -> Result<Duration, SendError> {
        let each = match readers {
            Readers::One => self.limits.each,
            Readers::Many => self.limits.group.or(self.limits.each),
        };
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let name = signing::sha256(address.as_bytes());
        let theirs = lanes.each.get(&name).copied().unwrap_or_default();
        // What the vendor asked for is told as its wish, our own turns as ours.
        let (held, held_all) = (theirs.held(now), lanes.all.held(now));
        if !held.is_zero() || held_all > LONGEST_WAIT {
            return Err(SendError::RateLimited(Some(held.max(held_all))));
        }
        let wait = theirs.ahead(each, now);
        if !wait.is_zero() {
            return Err(SendError::NotYet(wait));
        }
        let wait = lanes.all.ahead(self.limits.all, now).max(held_all);
        if wait > LONGEST_WAIT {
            return Err(SendError::NotYet(wait));
        }
        lanes.all.take(self.limits.all, now);
        if each.is_some() {
            lanes.lane(name, now).take(each, now);
        }
        Ok(wait)
    }

    /// The vendor asked to wait.
    pub(crate) fn hold(&self, whom: Slower, address: &str, after: Duration) {
        let now = Instant::now();
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let lane = match whom {
            Slower::All => &mut lanes.all,
            Slower::Each => lanes.lane(signing::sha256(address.as_bytes()), now),
        };
        lane.held_until = lane.held_until.max(Some(now + after));
    }
}

impl Lanes {
    fn lane(&mut self, name: Vec<u8>, now: Instant) -> &mut Lane {
        if self.each.len() >= MOST_ADDRESSES && !self.each.contains_key(&name) {
            self.each.retain(|_, lane| !lane.is_idle(now));
        }
        self.each.entry(name).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(each: Option<Rate>, all: Option<Rate>) -> Pace {
        Pace { limits: Limits { each, group: None, all }, lanes: Mutex::default() }
    }

    fn one(pace: &Pace, address: &str, now: Instant) -> Result<Duration, SendError> {
        pace.take(Readers::One, address, now)
    }

    const SIX: Duration = Duration::from_secs(6);

    #[test]
    fn a_burst_to_one_person_is_paid_back_before_the_next_and_others_do_not_wait() {
        let pace = pace(Some(Rate { every: SIX, burst: 3 }), None);
        let now = Instant::now();
        for _ in 0..3 {
            assert_eq!(one(&pace, "ada", now), Ok(Duration::ZERO));
        }
        assert_eq!(one(&pace, "ada", now), Err(SendError::NotYet(SIX)));
        assert_eq!(one(&pace, "bruno", now), Ok(Duration::ZERO));
        assert_eq!(one(&pace, "ada", now + SIX), Ok(Duration::ZERO));
        assert_eq!(one(&pace, "ada", now + SIX), Err(SendError::NotYet(SIX)));
        assert_eq!(one(&pace, "ada", now + SIX * 100), Ok(Duration::ZERO), "who has not written for long may write much again");
    }

    #[test]
    fn a_number_sends_no_faster_than_it_may_and_what_waits_long_is_sent_later() {
        let pace = pace(None, Some(Rate::per_second(10)));
        let now = Instant::now();
        let mut waits = Vec::new();
        while let Ok(wait) = one(&pace, &format!("person {}", waits.len()), now) {
            waits.push(wait);
        }
        assert_eq!(waits.iter().filter(|wait| wait.is_zero()).count(), 10, "{waits:?}");
        assert_eq!(waits.len(), 30, "as many as leave within two seconds: {waits:?}");
        assert!(waits.is_sorted());
        assert_eq!(one(&pace, "later", now + LONGEST_WAIT), Ok(Duration::from_millis(100)));
    }

    #[test]
    fn a_group_is_written_to_at_its_own_pace_and_never_more_than_twenty_times_in_a_minute() {
        let group = Rate { every: Duration::from_secs(4), burst: 5 };
        let pace = Pace { limits: Limits { each: Some(Rate::per_second(8)), group: Some(group), all: None }, lanes: Mutex::default() };
        let (now, mut sent) = (Instant::now(), 0);
        for tenth in 0..600 {
            sent += u32::from(pace.take(Readers::Many, "-100", now + Duration::from_millis(100) * tenth).is_ok());
        }
        assert!((18..=20).contains(&sent), "{sent}");
        assert!(matches!(pace.take(Readers::Many, "-100", now), Err(SendError::NotYet(_))));
        assert_eq!(one(&pace, "7", now), Ok(Duration::ZERO));
    }

    #[tokio::test]
    async fn what_the_vendor_asks_for_is_kept_to() {
        let pace = pace(None, None);
        pace.hold(Slower::Each, "ada", SIX);
        assert!(matches!(pace.pass("ada").await, Err(SendError::RateLimited(Some(after))) if after > SIX / 2));
        assert_eq!(pace.pass("bruno").await, Ok(()));
        pace.hold(Slower::All, "ada", SIX);
        assert!(matches!(pace.pass("bruno").await, Err(SendError::RateLimited(Some(_)))), "the vendor's wish is told as such");
    }
}
