//! Who may call without being a trunk: a name and a word, never sent in clear, and no answer counts twice.
//!
//! <https://www.rfc-editor.org/rfc/rfc7616>

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SecureRandom;

/// A question is answered within this time.
const LIVES: Duration = Duration::from_secs(60);
/// Questions that wait for an answer; older ones are forgotten.
const MOST: usize = 4_096;
/// Our realm.
pub(super) const REALM: &str = "rapport";

/// Questions that were put.
#[derive(Debug, Default)]
pub(super) struct Questions {
    open: Mutex<HashMap<String, Instant>>,
}

impl Questions {
    /// A new one, as the header of a refusal. `None`: the system gives no randomness.
    pub(super) fn put(&self, now: Instant) -> Option<String> {
        let mut bytes = [0; 24];
        ring::rand::SystemRandom::new().fill(&mut bytes).ok()?;
        let nonce = URL_SAFE_NO_PAD.encode(bytes);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, at| now.saturating_duration_since(*at) < LIVES);
        if open.len() >= MOST {
            open.clear();
        }
        open.insert(nonce.clone(), now);
        Some(format!("Digest realm=\"{REALM}\", nonce=\"{nonce}\", algorithm=MD5, qop=\"auth\""))
    }

    /// Was this question put, lately, and is it the first answer to it?
    pub(super) fn take(&self, nonce: &str, now: Instant) -> bool {
        let put = self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(nonce);
        put.is_some_and(|at| now.saturating_duration_since(at) < LIVES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_answered_once_and_in_time() {
        let (questions, now) = (Questions::default(), Instant::now());
        let nonce = |header: String| header.split('"').nth(3).expect("a nonce").to_owned();
        let first = nonce(questions.put(now).expect("a question"));
        assert!(questions.take(&first, now) && !questions.take(&first, now));
        let second = nonce(questions.put(now).expect("a question"));
        assert!(!questions.take(&second, now + LIVES) && !questions.take("another", now));
    }
}
