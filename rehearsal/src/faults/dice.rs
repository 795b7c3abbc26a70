//! Seeded randomness of a campaign.

/// A seeded sequence of numbers (`splitmix64`).
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// The sequence of this seed for one purpose; purposes do not disturb each other.
    pub fn new(seed: u64, purpose: &str) -> Self {
        Self(hash(seed, &[purpose]))
    }

    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number below `limit`; 0 when that is 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.roll() % limit.max(1)
    }

    /// True in so many of a hundred cases.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// A number that depends on a seed and on words only.
pub fn hash(seed: u64, words: &[&str]) -> u64 {
    let mut state = mix(seed ^ 0x51_7c_c1_b7_27_22_0a_95);
    for word in words {
        for byte in word.bytes() {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        state = mix(state);
    }
    state
}

fn mix(mut state: u64) -> u64 {
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_numbers_and_purposes_differ() {
        let rolls = |seed, purpose| {
            (0..8)
                .map({
                    let mut dice = Dice::new(seed, purpose);
                    move |_| dice.roll()
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(rolls(7, "a"), rolls(7, "a"));
        assert_ne!(rolls(7, "a"), rolls(7, "b"));
        assert_ne!(rolls(7, "a"), rolls(8, "a"));
    }

    #[test]
    fn chances_come_about_as_often_as_they_say() {
        let mut dice = Dice::new(1, "chance");
        let hits = (0..10_000).filter(|_| dice.chance(20)).count();
        assert!((1_700..2_300).contains(&hits), "{hits}");
    }
}
