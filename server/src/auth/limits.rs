//! Limits against guessing and flooding: so many in so long, per source. Real time only.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use domain::MonotonicTime;

/// Sources that are remembered at most; the oldest window goes first when it is full.
const MOST_SOURCES: usize = 20_000;

/// At most `most` in a window of `window`, per key.
pub struct Limiter {
    most: u32,
    window: Duration,
    seen: Mutex<HashMap<String, Window>>,
}

#[derive(Clone, Copy)]
struct Window {
    since: MonotonicTime,
    count: u32,
}

impl Limiter {
    /// A limiter.
    pub fn new(most: u32, window: Duration) -> Self {
        Self { most, window, seen: Mutex::new(HashMap::new()) }
    }

    /// Is the limit reached? Counts nothing. Seconds until it is over.
    pub fn is_over(&self, key: &str, now: MonotonicTime) -> Option<u64> {
        let seen = self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let window = seen.get(key)?;
        let passed = now.since(window.since);
        (passed < self.window && window.count >= self.most).then(|| self.window.saturating_sub(passed).as_secs() + 1)
    }

    /// Counts one; seconds to wait when it was one too many.
    pub fn count(&self, key: &str, now: MonotonicTime) -> Option<u64> {
        self.spend(key, 1, now)
    }

    /// Counts so many; seconds to wait when it was too many.
    pub fn spend(&self, key: &str, cost: u32, now: MonotonicTime) -> Option<u64> {
        let mut seen = self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if seen.len() >= MOST_SOURCES && !seen.contains_key(key) {
            let width = self.window;
            seen.retain(|_, window| now.since(window.since) < width);
            if seen.len() >= MOST_SOURCES {
                seen.clear();
            }
        }
        let window = seen.entry(key.to_owned()).or_insert(Window { since: now, count: 0 });
        if now.since(window.since) >= self.window {
            *window = Window { since: now, count: 0 };
        }
        window.count = window.count.saturating_add(cost);
        (window.count > self.most).then(|| self.window.saturating_sub(now.since(window.since)).as_secs() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_too_many_waits_until_the_window_is_over() {
        let limiter = Limiter::new(2, Duration::from_mins(1));
        let at = |seconds: u64| MonotonicTime::from_micros(seconds * 1_000_000);
        assert_eq!(limiter.count("a", at(0)), None);
        assert_eq!(limiter.count("a", at(1)), None);
        assert_eq!(limiter.count("a", at(10)), Some(51));
        assert_eq!(limiter.count("b", at(10)), None);
        assert!(limiter.is_over("a", at(59)).is_some());
        assert_eq!(limiter.count("a", at(60)), None);
    }
}
