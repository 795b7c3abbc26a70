//! Strangers at the door of SIP: how much of each is listened to, and what was refused. The internet scans every port 5060
//! all day, and whoever may call with a name and a word may do so from anywhere.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// So much a stranger has, and gets back each second.
const MOST: f64 = 100.0;
const A_SECOND: f64 = 10.0;
/// What a request costs: of a call, to begin one, what telephones seldom ask outside a call, and a wrong proof.
pub(super) const OF_A_CALL: f64 = 1.0;
pub(super) const FIRST: f64 = 5.0;
pub(super) const A_WRONG_PROOF: f64 = 20.0;
/// Strangers that are told from one another; more share what one has.
const MOST_STRANGERS: usize = 4_096;

/// Programs that look for telephone systems to break into, by how they call themselves.
const SCANNERS: &[&str] = &["friendly-scanner", "sipvicious", "sipcli", "sundayddr", "sip-scan", "pplsip", "vaxsipuseragent", "iwar"];

/// What was refused, since the trunk stands.
#[derive(Debug, Default)]
pub struct Refusals {
    strangers: AtomicU64,
    limited: AtomicU64,
    scanners: AtomicU64,
    proofs: AtomicU64,
    unreadable: AtomicU64,
    others: AtomicU64,
}

/// Why something was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// It comes from where nobody may call.
    Stranger,
    /// Too much came from there.
    Limited,
    /// A program that breaks in.
    Scanner,
    /// A proof that is none.
    Proof,
    /// A description of sound that is none, or of sound that is not spoken here.
    Unreadable,
    /// Anything else that a telephone may not ask, or not now.
    Other,
}

impl Refusals {
    fn of(&self, why: Why) -> &AtomicU64 {
        match why {
            Why::Stranger => &self.strangers,
            Why::Limited => &self.limited,
            Why::Scanner => &self.scanners,
            Why::Proof => &self.proofs,
            Why::Unreadable => &self.unreadable,
            Why::Other => &self.others,
        }
    }

    /// Each reason by its word, and how often it was one.
    pub fn all(&self) -> [(&'static str, u64); 6] {
        [
            ("stranger", Why::Stranger),
            ("limited", Why::Limited),
            ("scanner", Why::Scanner),
            ("proof", Why::Proof),
            ("unreadable", Why::Unreadable),
            ("other", Why::Other),
        ]
        .map(|(word, why)| (word, self.of(why).load(Ordering::Relaxed)))
    }
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Gate {
    pub(super) refusals: std::sync::Arc<Refusals>,
    left: Mutex<HashMap<Option<IpAddr>, (f64, Instant)>>,
}

impl Gate {
    /// Counts a refusal.
    pub(super) fn refused(&self, why: Why) {
        self.refusals.of(why).fetch_add(1, Ordering::Relaxed);
    }

    /// May this stranger say something more?
    pub(super) fn is_open(&self, address: IpAddr, now: Instant) -> bool {
        self.spend(address, 0.0, now)
    }

    /// Takes what a request costs. `false`: there was nothing left, and nobody answers.
    pub(super) fn spend(&self, address: IpAddr, cost: f64, now: Instant) -> bool {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let refilled = |(left, at): (f64, Instant)| (left + now.saturating_duration_since(at).as_secs_f64() * A_SECOND).min(MOST);
        if left.len() >= MOST_STRANGERS && !left.contains_key(&Some(address)) {
            left.retain(|_, known| refilled(*known) < MOST);
        }
        let is_known = left.len() < MOST_STRANGERS || left.contains_key(&Some(address));
        let known = left.entry(is_known.then_some(address)).or_insert((MOST, now));
        let has = refilled(*known);
        let may = has >= 1.0;
        *known = (if may { (has - cost).max(0.0) } else { has }, now);
        may
    }
}

/// Does a program call itself so that breaks into telephone systems?
pub(super) fn is_scanner(agent: &str) -> bool {
    let agent = agent.to_ascii_lowercase();
    SCANNERS.iter().any(|name| agent.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([203, 0, 113, last])
    }

    #[test]
    fn a_stranger_who_asks_too_much_is_not_listened_to_until_some_time_has_passed() {
        let (gate, now) = (Gate::default(), Instant::now());
        let taken = (0..200).filter(|_| gate.spend(address(1), FIRST, now)).count();
        assert_eq!(taken, 20);
        assert!(!gate.is_open(address(1), now) && gate.is_open(address(2), now), "each for themselves");
        assert!(gate.is_open(address(1), now + Duration::from_secs(1)));
        let later = now + Duration::from_secs(60);
        assert_eq!((0..200).filter(|_| gate.spend(address(1), A_WRONG_PROOF, later)).count(), 5);
    }

    #[test]
    fn a_telephone_in_a_call_is_listened_to_all_the_time() {
        let (gate, now) = (Gate::default(), Instant::now());
        assert!((0..600).all(|place: u32| gate.spend(address(1), OF_A_CALL, now + Duration::from_millis(120) * place)));
    }

    #[test]
    fn however_many_strangers_there_are_no_more_is_kept_of_them() {
        let (gate, now) = (Gate::default(), Instant::now());
        for number in 0..20_000_u32 {
            gate.spend(IpAddr::from(number.to_be_bytes()), FIRST, now);
        }
        assert!(gate.left.lock().expect("a lock").len() <= MOST_STRANGERS + 1);
        assert!(!gate.is_open(IpAddr::from([9, 9, 9, 9]), now), "those beyond share");
        assert!(gate.is_open(IpAddr::from([9, 9, 9, 9]), now + Duration::from_secs(60)));
    }

    #[test]
    fn programs_that_break_in_are_known_by_their_names() {
        for (agent, expected) in [("friendly-scanner", true), ("SIPVicious 0.3", true), ("Asterisk PBX 20", false), ("", false)] {
            assert_eq!(is_scanner(agent), expected, "{agent}");
        }
    }
}
