//! What a vendor does to an attempt to send, drawn from the seed; and what that must mean for the reply.

use super::dice::hash;

/// What a vendor does with one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Takes it and says so.
    None,
    /// Takes it at once and says so late.
    Slow,
    /// Asks to slow down, and for how long (429, `Retry-After`).
    SlowDown,
    /// Says in its own words that it did not take it.
    NotTaken,
    /// An error of its own (5xx) that says nothing about the message.
    Broken {
        /// Whether it was delivered all the same.
        taken: bool,
    },
    /// No answer in time.
    Silent {
        /// Whether it was delivered all the same.
        taken: bool,
    },
    /// The connection ends without an answer.
    Dropped {
        /// Whether it was delivered before.
        taken: bool,
    },
    /// Refuses for good.
    Refused,
}

/// What the server can know after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// It was taken: never again.
    Sent,
    /// It was not taken: again, not before this long.
    Again,
    /// Nobody knows: never again by itself, and shown.
    Unknown,
    /// Never again, and shown.
    Refused,
}

impl Fault {
    /// The vendor's draw for attempt number `attempt` (0 is the first) of what `key` names. The third attempt always
    /// goes well, so that a campaign ends.
    pub fn drawn(seed: u64, key: &[&str], attempt: usize) -> Self {
        let roll = hash(seed, key).wrapping_add(hash(seed, &[&attempt.to_string()]));
        let taken = roll & (1 << 40) != 0;
        match (attempt, roll % 100) {
            (0, 0..8) => Self::SlowDown,
            (0, 8..14) => Self::NotTaken,
            (0, 14..18) => Self::Broken { taken },
            (0, 18..20) => Self::Silent { taken },
            (0, 20..26) => Self::Dropped { taken },
            (0, 26..29) => Self::Refused,
            (0, 29..39) => Self::Slow,
            (1, 0..15) => Self::SlowDown,
            (1, 15..25) => Self::NotTaken,
            (1, 25..30) => Self::Dropped { taken },
            _ => Self::None,
        }
    }

    /// Does the message reach the customer?
    pub fn is_taken(self) -> bool {
        match self {
            Self::None | Self::Slow => true,
            Self::SlowDown | Self::NotTaken | Self::Refused => false,
            Self::Broken { taken } | Self::Silent { taken } | Self::Dropped { taken } => taken,
        }
    }

    /// What it must mean for the reply.
    pub fn meaning(self) -> Meaning {
        match self {
            Self::None | Self::Slow => Meaning::Sent,
            Self::SlowDown | Self::NotTaken => Meaning::Again,
            Self::Broken { .. } | Self::Silent { .. } | Self::Dropped { .. } => Meaning::Unknown,
            Self::Refused => Meaning::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_comes_up_and_the_third_attempt_goes_well() {
        let drawn: Vec<Fault> = (0..2_000).map(|number: u64| Fault::drawn(3, &["wa", &number.to_string()], 0)).collect();
        let all = [
            Fault::None,
            Fault::Slow,
            Fault::SlowDown,
            Fault::NotTaken,
            Fault::Broken { taken: true },
            Fault::Broken { taken: false },
            Fault::Silent { taken: true },
            Fault::Silent { taken: false },
            Fault::Dropped { taken: true },
            Fault::Dropped { taken: false },
            Fault::Refused,
        ];
        for fault in all {
            assert!(drawn.contains(&fault), "{fault:?} never came up");
        }
        assert!((0..500_u64).all(|number| Fault::drawn(3, &["wa", &number.to_string()], 2) == Fault::None));
    }
}
