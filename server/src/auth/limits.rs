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

/// What each source has under way: at most so many at a time.
pub struct UnderWay {
    most: u32,
    begun: Mutex<HashMap<String, u32>>,
}

impl UnderWay {
    /// So many at a time.
    pub fn new(most: u32) -> Self {
        Self { most, begun: Mutex::new(HashMap::new()) }
    }

    /// Begins one, which ends with the value; `None`: as many as may be are under way.
    pub fn begin(&self, key: &str) -> Option<Begun<'_>> {
        let mut begun = self.begun.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let count = begun.get(key).copied().unwrap_or(0);
        if count >= self.most {
            return None;
        }
        begun.insert(key.to_owned(), count + 1);
        Some(Begun { all: self, key: key.to_owned() })
    }
}

/// One that is under way.
pub struct Begun<'a> {
    all: &'a UnderWay,
    key: String,
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        let mut begun = self.all.begun.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let left = begun.get(&self.key).copied().unwrap_or(0).saturating_sub(1);
        if left == 0 {
            begun.remove(&self.key);
        } else {
            begun.insert(self.key.clone(), left);
        }
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

    #[test]
    fn what_is_under_way_is_counted_for_each_source_until_it_ends() {
        let uploads = UnderWay::new(2);
        let (one, two) = (uploads.begin("a"), uploads.begin("a"));
        assert!(one.is_some() && two.is_some() && uploads.begin("a").is_none() && uploads.begin("b").is_some());
        drop(one);
        assert!(uploads.begin("a").is_some());
        drop(two);
        assert!(uploads.begun.lock().expect("no panic").is_empty(), "nothing is remembered of who is gone");
    }
}
