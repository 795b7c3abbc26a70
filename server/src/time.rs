//! The server's side of the time and randomness ports.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use domain::ports::{Clock, Monotonic, Random};
use domain::{MonotonicTime, Timestamp};
use ring::rand::SecureRandom;

/// Real time, microseconds since 1970.
pub fn real_now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// Business time: real time plus the offset of a rehearsal.
#[derive(Debug, Default)]
pub struct BusinessClock {
    offset: AtomicI64,
}

impl BusinessClock {
    /// Starts with an offset kept from before.
    pub fn with_offset(offset: Duration) -> Self {
        Self { offset: AtomicI64::new(i64::try_from(offset.as_micros()).unwrap_or(0)) }
    }

    /// How far business time is ahead of real time.
    pub fn offset(&self) -> Duration {
        Duration::from_micros(u64::try_from(self.offset.load(Ordering::Acquire)).unwrap_or(0))
    }

    /// Moves business time forward.
    pub fn advance(&self, by: Duration) {
        self.offset.fetch_add(i64::try_from(by.as_micros()).unwrap_or(0), Ordering::AcqRel);
    }
}

impl Clock for BusinessClock {
    fn now(&self) -> Timestamp {
        real_now().after(self.offset())
    }

    fn shift(&self, real: Timestamp) -> Timestamp {
        real.after(self.offset())
    }
}

/// A time as the name of a folder: `2027-03-15T09:30:00.123456Z` is `20270315T093000123456`.
pub fn stamp(at: Timestamp) -> String {
    at.to_rfc3339().chars().filter(|letter| letter.is_ascii_digit() || *letter == 'T').collect()
}

/// Monotonic time that goes on over restarts: it starts from real time, or from the last value kept if that is later.
#[derive(Debug)]
pub struct SteadyTime {
    base: MonotonicTime,
    started: Instant,
}

impl SteadyTime {
    /// Starts not before `kept`.
    pub fn starting_from(kept: Option<MonotonicTime>) -> Self {
        let real = MonotonicTime::from_micros(u64::try_from(real_now().as_micros()).unwrap_or(0));
        Self { base: kept.map_or(real, |kept| kept.max(real)), started: Instant::now() }
    }
}

impl Monotonic for SteadyTime {
    fn now(&self) -> MonotonicTime {
        self.base.after(self.started.elapsed())
    }
}

/// Cryptographically strong randomness of the system.
#[derive(Debug)]
pub struct SystemRandomness {
    source: ring::rand::SystemRandom,
}

impl Default for SystemRandomness {
    fn default() -> Self {
        Self { source: ring::rand::SystemRandom::new() }
    }
}

impl Random for SystemRandomness {
    fn bits(&self) -> u128 {
        let mut bytes = [0; 16];
        self.source.fill(&mut bytes).expect("the system's random source never fails once it is seeded");
        u128::from_le_bytes(bytes)
    }
}
