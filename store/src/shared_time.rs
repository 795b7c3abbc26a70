//! Time for leases, bursts and retries as every server on one database reads it.
//!
//! Callers speak of the monotonic time of their own process. On PostgreSQL it is put on the database's clock, so that
//! one server's lease means the same to all others; the embedded store has one process and needs nothing of it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use domain::MonotonicTime;

/// A moment on the shared clock, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shared(pub i64);

impl Shared {
    pub fn after(self, by: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX)))
    }
}

/// How far the shared clock is ahead of this process's.
#[derive(Debug, Default)]
pub(crate) struct Ahead(AtomicI64);

impl Ahead {
    /// The shared clock showed `shared` at some moment between `asked` and `answered`.
    pub fn keep(&self, asked: MonotonicTime, answered: MonotonicTime, shared: Shared) {
        let between = asked.after(answered.since(asked) / 2);
        self.0.store(shared.0.saturating_sub(micros(between)), Ordering::Relaxed);
    }

    pub fn shared(&self, local: MonotonicTime) -> Shared {
        Shared(micros(local).saturating_add(self.0.load(Ordering::Relaxed)))
    }

    pub fn local(&self, shared: Shared) -> MonotonicTime {
        let local = shared.0.saturating_sub(self.0.load(Ordering::Relaxed));
        MonotonicTime::from_micros(local.max(0).cast_unsigned())
    }
}

fn micros(time: MonotonicTime) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_processes_with_different_clocks_mean_the_same_moment() {
        let at = |seconds: u64| MonotonicTime::from_micros(seconds * 1_000_000);
        let (young, old) = (Ahead::default(), Ahead::default());
        young.keep(at(9), at(11), Shared(1_000_000_000));
        old.keep(at(70_000), at(70_000), Shared(1_000_000_000));
        assert_eq!(young.shared(at(40)), old.shared(at(70_030)));
        assert_eq!(old.local(young.shared(at(40))), at(70_030));
    }
}
