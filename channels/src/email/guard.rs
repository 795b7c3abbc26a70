//! Two machines that answer each other: neither says that it is one, so how they write tells.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use crate::signing;

/// Looked back so far, in seconds.
const WINDOW: i64 = 600;
/// The same words so often are a machine's.
const MOST_ALIKE: usize = 3;
/// Nobody writes so many mails in the window.
const MOST: usize = 40;
/// Correspondents remembered at once; the oldest are forgotten.
const MOST_SENDERS: usize = 10_000;

/// What correspondents wrote lately: hashes, no words.
#[derive(Default)]
pub(super) struct Guard {
    seen: Mutex<HashMap<Vec<u8>, VecDeque<(i64, Vec<u8>)>>>,
}

impl Guard {
    /// Counts a mail; is its writer a machine?
    pub(super) fn is_a_loop(&self, sender: &str, text: &str, now_secs: i64) -> bool {
        let words: String = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let said = signing::sha256(words.as_bytes());
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MOST_SENDERS {
            seen.retain(|_, mails| mails.back().is_some_and(|(at, _)| now_secs - at <= WINDOW));
        }
        if seen.len() >= MOST_SENDERS {
            seen.clear();
        }
        let mails = seen.entry(signing::sha256(sender.to_lowercase().as_bytes())).or_default();
        while mails.front().is_some_and(|(at, _)| now_secs - at > WINDOW) {
            mails.pop_front();
        }
        let alike = mails.iter().filter(|(_, earlier)| *earlier == said).count();
        mails.push_back((now_secs, said));
        alike >= MOST_ALIKE || mails.len() > MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_is_answered_three_times_and_a_person_always() {
        let guard = Guard::default();
        let mirrored: Vec<bool> = (0..5).map(|at| guard.is_a_loop("bot@x", "Thank you for your mail.", at)).collect();
        assert_eq!(mirrored, [false, false, false, true, true]);
        assert!(!guard.is_a_loop("bot@x", "Thank you for your mail.", 2_000), "after a while it is tried again");
        assert!((0..20).all(|at| !guard.is_a_loop("ana@x", &format!("question {at}"), at)));
        assert!((0..60).any(|at| guard.is_a_loop("flood@x", &format!("number {at}"), at)));
    }
}
