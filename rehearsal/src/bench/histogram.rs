//! A histogram of microseconds with three significant digits: percentiles of merged runs, never averages of percentiles.

/// Up to here every microsecond has its own cell.
const EXACT: u64 = 2_048;
/// Cells per power of two above.
const CELLS: u64 = 1_024;

/// Counts of durations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram {
    cells: Vec<u64>,
    count: u64,
    largest: u64,
}

impl Histogram {
    /// Adds a duration.
    pub fn add(&mut self, taken: std::time::Duration) {
        let micros = u64::try_from(taken.as_micros()).unwrap_or(u64::MAX >> 1);
        let cell = usize::try_from(cell_of(micros)).unwrap_or(usize::MAX);
        if self.cells.len() <= cell {
            self.cells.resize(cell + 1, 0);
        }
        self.cells[cell] += 1;
        self.count += 1;
        self.largest = self.largest.max(micros);
    }

    /// Adds another run's counts.
    pub fn merge(&mut self, other: &Self) {
        if self.cells.len() < other.cells.len() {
            self.cells.resize(other.cells.len(), 0);
        }
        for (own, theirs) in self.cells.iter_mut().zip(&other.cells) {
            *own += theirs;
        }
        self.count += other.count;
        self.largest = self.largest.max(other.largest);
    }

    /// How many.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The longest, in milliseconds.
    pub fn max_ms(&self) -> f64 {
        self.largest as f64 / 1_000.0
    }

    /// The value under which this share (0..1) of all lies, in milliseconds; 0 when empty.
    pub fn at_ms(&self, share: f64) -> f64 {
        let wanted = ((self.count as f64 * share).ceil() as u64).clamp(1, self.count.max(1));
        let mut seen = 0;
        for (cell, count) in self.cells.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return value_of(cell as u64).min(self.largest) as f64 / 1_000.0;
            }
        }
        0.0
    }
}

fn cell_of(micros: u64) -> u64 {
    if micros < EXACT {
        return micros;
    }
    let shift = u64::from(63 - micros.leading_zeros()) - 10;
    EXACT + (shift - 1) * CELLS + ((micros >> shift) - CELLS)
}

fn value_of(cell: u64) -> u64 {
    if cell < EXACT {
        return cell;
    }
    let shift = (cell - EXACT) / CELLS + 1;
    (((cell - EXACT) % CELLS + CELLS + 1) << shift) - 1
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn percentiles_keep_three_digits() {
        let mut counts = Histogram::default();
        (1..=1_000).for_each(|value| counts.add(Duration::from_micros(value * 100)));
        let near = |found: f64, wanted: f64| assert!((found - wanted).abs() <= wanted * 0.001 + 0.001, "{found} for {wanted}");
        near(counts.at_ms(0.5), 50.0);
        near(counts.at_ms(0.99), 99.0);
        near(counts.max_ms(), 100.0);
    }

    #[test]
    fn cells_are_in_order_without_gaps() {
        let mut last = 0;
        for micros in 0..200_000 {
            let cell = cell_of(micros);
            assert!(cell == last || cell == last + 1, "{micros}");
            assert!(value_of(cell) >= micros);
            last = cell;
        }
    }

    #[test]
    fn merged_runs_count_together() {
        let (mut one, mut other) = (Histogram::default(), Histogram::default());
        one.add(Duration::from_millis(1));
        other.add(Duration::from_millis(9));
        one.merge(&other);
        assert_eq!((one.count(), one.max_ms() as u64), (2, 9));
    }
}
