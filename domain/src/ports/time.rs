//! Time and randomness come from ports.

use crate::time::{MonotonicTime, Timestamp};

/// Business time: movable in rehearsals.
pub trait Clock: Send + Sync {
    /// Now, with the rehearsal's offset.
    fn now(&self) -> Timestamp;

    /// A real time that a vendor wrote, as business time: the rehearsal's offset added.
    fn shift(&self, real: Timestamp) -> Timestamp {
        real
    }
}

/// Time that nobody moves: leases, deadlines, tokens, rate limits.
pub trait Monotonic: Send + Sync {
    /// Microseconds since an arbitrary start.
    fn now(&self) -> MonotonicTime;
}

/// Randomness for ids and whatever opens something by being known.
pub trait Random: Send + Sync {
    /// 128 random bits; cryptographically strong in the server, seeded in tests.
    fn bits(&self) -> u128;
}
