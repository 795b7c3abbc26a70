//! What an agreement is worth: how often it is seen in one person (m) and in two (u), shipped or learned.

use std::collections::HashMap;

use super::Candidate;
use super::compare::{Comparison, FIELDS, Field, Level, compare, level_in};
use super::profile::{Lexicon, Profile};

/// Rounds of estimation; the figures stand still before.
const ROUNDS: usize = 25;
/// So many made-up pairs stand behind the shipped figures when others are learned.
const BELIEF: f64 = 40.0;
/// Random pairs that show how strangers agree.
const STRANGERS: usize = 100_000;
/// Before anything is known, so many others of every record are the same person.
const OTHERS_EACH: f64 = 0.2;
/// Frequencies weigh like so many more records.
const SMOOTHING: f64 = 20.0;

/// How the addresses of two who live in one postcode agree, shipped: not said, exact, close, near, variant, different.
const NEIGHBOURS: [f64; 6] = [0.0, 0.01, 0.03, 0.16, 0.35, 0.45];

type Table = [[f64; 6]; FIELDS];

/// The figures in use.
#[derive(Debug, Clone)]
pub(super) struct Model {
    same: Table,
    strangers: Table,
    /// How the addresses of strangers agree who live in one postcode, whose town and code both say.
    neighbours: [f64; 6],
    /// Bits of the odds that any two records are one person's.
    prior: f64,
    records: f64,
}

impl Model {
    /// Figures of everyday customer records.
    pub fn shipped(records: usize) -> Self {
        let mut same = [[0.0; 6]; FIELDS];
        let mut strangers = [[0.0; 6]; FIELDS];
        for field in Field::ALL {
            let (one, two) = shipped(field);
            same[field.place()][1..].copy_from_slice(&one);
            strangers[field.place()][1..].copy_from_slice(&two);
        }
        let mut model = Self { same, strangers, neighbours: NEIGHBOURS, prior: 0.0, records: records as f64 };
        model.set_prior(OTHERS_EACH * records as f64);
        model
    }

    /// Bits of evidence of a level.
    pub fn weight(&self, field: Field, level: Level) -> f64 {
        if level == Level::Missing {
            return 0.0;
        }
        (self.same[field.place()][level as usize] / self.strangers[field.place()][level as usize]).log2()
    }

    /// The same beside the level of the postcode: what neighbours have in common is no evidence twice.
    pub fn beside(&self, field: Field, level: Level, postcode: Level) -> f64 {
        if field == Field::Address && postcode == Level::Exact && level != Level::Missing {
            return (self.same[field.place()][level as usize] / self.neighbours[level as usize]).log2();
        }
        self.weight(field, level)
    }

    /// Bits of evidence of a shared value that `holders` other persons have, too.
    pub fn exact(&self, field: Field, holders: f64) -> f64 {
        if is_personal(field) && holders > 2.5 {
            // An office's mailbox, a household's telephone, a placeholder: it tells nobody from nobody.
            return 0.0;
        }
        let expected = (holders + SMOOTHING * rarest(field)) / (self.records + SMOOTHING);
        (self.same[field.place()][Level::Exact as usize] / expected.max(rarest(field))).log2()
    }

    pub fn prior(&self) -> f64 {
        self.prior
    }

    /// The most a level can be worth, values of the rarest kind.
    fn at_best(&self, field: Field, level: Level) -> f64 {
        match level {
            Level::Exact => self.exact(field, 0.0).max(self.weight(field, level)),
            _ => self.weight(field, level).max(self.beside(field, level, Level::Exact)),
        }
    }

    /// The most every level can be worth, to tell hopeless pairs early.
    pub fn best(&self) -> Best {
        let mut weights = [[0.0; 6]; FIELDS];
        for field in Field::ALL {
            for level in Level::ALL {
                weights[field.place()][level as usize] = self.at_best(field, level);
            }
        }
        Best { prior: self.prior, weights }
    }

    /// Learns from the records: strangers from random pairs, the same person by expectation and maximisation.
    pub fn learn(&mut self, patterns: &[u64], profiles: &[Profile], lexicon: &Lexicon) {
        self.meet_strangers(profiles, lexicon);
        let patterns = counted(patterns.iter().copied());
        // Within blocks strangers agree more than elsewhere: they have figures of their own, used here only.
        let mut near = self.strangers;
        let mut near_by = self.neighbours;
        let mut share = 0.1_f64;
        let shipped = self.same;
        for _ in 0..ROUNDS {
            let (mut same, mut other, mut around) = ([[0.0; 6]; FIELDS], [[0.0; 6]; FIELDS], [0.0; 6]);
            let (mut matches, mut total) = (0.0, 0.0);
            for (pattern, count) in &patterns {
                let mut bits = (share / (1.0 - share)).log2();
                let is_near_by = level_in(*pattern, Field::Postcode) == Level::Exact;
                for field in Field::ALL {
                    let level = level_in(*pattern, field) as usize;
                    let strangers = if is_near_by && field == Field::Address { &near_by } else { &near[field.place()] };
                    if level > 0 {
                        bits += (self.same[field.place()][level] / strangers[level]).log2();
                    }
                }
                let probability = 1.0 / (1.0 + (-bits).exp2());
                matches += probability * count;
                total += count;
                for field in Field::ALL {
                    let level = level_in(*pattern, field) as usize;
                    same[field.place()][level] += probability * count;
                    other[field.place()][level] += (1.0 - probability) * count;
                    if is_near_by && field == Field::Address {
                        around[level] += (1.0 - probability) * count;
                    }
                }
            }
            share = (matches / f64::max(total, 1.0)).clamp(1e-6, 0.999);
            for field in Field::ALL {
                let place = field.place();
                settle(&mut self.same[place], &same[place], &shipped[place]);
                settle(&mut near[place], &other[place], &self.strangers[place]);
                self.keep_telling_apart(field, shipped[place][Level::Different as usize]);
            }
            settle(&mut near_by, &around, &NEIGHBOURS);
        }
        self.neighbours = near_by;
    }

    /// Where many strangers look like one person, a difference would learn to mean nothing, and they would look like one
    /// all the more: it keeps at least half of the evidence that is shipped.
    fn keep_telling_apart(&mut self, field: Field, shipped: f64) {
        let (same, strangers) = (&mut self.same[field.place()], self.strangers[field.place()][Level::Different as usize]);
        let most = (shipped * strangers).sqrt();
        let found = same[Level::Different as usize];
        if found > most && shipped > 0.0 {
            same[Level::Different as usize] = most;
        }
    }

    /// How many of the candidates are one person, by the figures in use.
    pub fn expect(&mut self, candidates: &[Candidate]) {
        for _ in 0..3 {
            let matches: f64 =
                counted(candidates.iter().map(|candidate| candidate.2)).iter().map(|(pattern, count)| count * self.likely(*pattern)).sum();
            self.set_prior(matches.max(1.0));
        }
    }

    fn likely(&self, pattern: u64) -> f64 {
        let bits = self.prior
            + Field::ALL
                .iter()
                .map(|field| self.beside(*field, level_in(pattern, *field), level_in(pattern, Field::Postcode)))
                .sum::<f64>();
        1.0 / (1.0 + (-bits).exp2())
    }

    /// Random pairs, each counting as far as it is no match.
    fn meet_strangers(&mut self, profiles: &[Profile], lexicon: &Lexicon) {
        let mut seen = [[0.0; 6]; FIELDS];
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % profiles.len()
        };
        for _ in 0..STRANGERS {
            let (a, b) = (next(), next());
            if a == b {
                continue;
            }
            let pattern = compare(&profiles[a], &profiles[b], lexicon).pattern();
            let stranger = 1.0 - self.likely(pattern);
            for field in Field::ALL {
                seen[field.place()][level_in(pattern, field) as usize] += stranger;
            }
        }
        let shipped = self.strangers;
        for field in Field::ALL {
            settle(&mut self.strangers[field.place()], &seen[field.place()], &shipped[field.place()]);
        }
    }

    fn set_prior(&mut self, matches: f64) {
        let pairs = (self.records * (self.records - 1.0) / 2.0).max(2.0);
        let share = (matches / pairs).clamp(1e-12, 0.5);
        self.prior = (share / (1.0 - share)).log2();
    }
}

/// Upper bounds of evidence.
pub(super) struct Best {
    prior: f64,
    weights: Table,
}

impl Best {
    /// The most a comparison can come to when the open fields agree.
    pub fn reach(&self, comparison: &Comparison, open: &[Field]) -> f64 {
        let said = Field::ALL.iter().map(|field| self.weights[field.place()][comparison.level(*field) as usize]).sum::<f64>();
        self.prior + said + open.iter().map(|field| self.weights[field.place()][Level::Exact as usize].max(0.0)).sum::<f64>()
    }
}

/// Figures from counts, the shipped ones standing behind them.
fn settle(figures: &mut [f64; 6], counts: &[f64; 6], shipped: &[f64; 6]) {
    let total: f64 = counts[1..].iter().sum();
    for level in 1..6 {
        if shipped[level] > 0.0 {
            figures[level] = (counts[level] + BELIEF * shipped[level]) / (total + BELIEF);
        }
    }
}

fn counted(found: impl Iterator<Item = u64>) -> Vec<(u64, f64)> {
    let mut counts: HashMap<u64, f64> = HashMap::new();
    for pattern in found {
        *counts.entry(pattern).or_default() += 1.0;
    }
    let mut patterns: Vec<(u64, f64)> = counts.into_iter().collect();
    // Sums of fractions depend on their order.
    patterns.sort_unstable_by_key(|(pattern, _)| *pattern);
    patterns
}

/// Belongs to one person, as a rule.
const fn is_personal(field: Field) -> bool {
    matches!(field, Field::Email | Field::Phone | Field::External)
}

/// The share of people who have a value nobody else in the records has.
const fn rarest(field: Field) -> f64 {
    match field {
        Field::Given => 3e-3,
        Field::Surname => 5e-4,
        Field::Birth => 5e-5,
        Field::Email | Field::Phone | Field::External => 1e-6,
        Field::Number => 1e-2,
        Field::Postcode => 3e-4,
        Field::Address => 1e-4,
        Field::Order | Field::Other(_) => 2e-2,
    }
}

/// One person's and two persons' shares of exact, close, near, variant, different.
const fn shipped(field: Field) -> ([f64; 5], [f64; 5]) {
    match field {
        Field::Given => ([0.78, 0.08, 0.05, 0.03, 0.06], [0.01, 0.004, 0.02, 0.006, 0.96]),
        Field::Surname => ([0.80, 0.08, 0.05, 0.01, 0.06], [0.005, 0.003, 0.017, 0.002, 0.973]),
        Field::Order => ([0.95, 1e-9, 1e-9, 1e-9, 0.05], [0.97, 1e-9, 1e-9, 1e-9, 0.03]),
        Field::Birth => ([0.80, 0.07, 0.05, 0.04, 0.04], [0.0001, 0.0015, 0.012, 0.02, 0.966]),
        Field::Email => ([0.62, 0.06, 0.07, 0.02, 0.23], [0.00001, 0.00001, 0.0004, 0.0001, 0.9994]),
        Field::Phone => ([0.65, 0.04, 0.03, 1e-9, 0.28], [0.00001, 0.00001, 0.0001, 1e-9, 0.9998]),
        Field::External => ([0.92, 0.04, 0.02, 1e-9, 0.02], [0.00001, 0.00005, 0.0005, 1e-9, 0.9994]),
        Field::Number => ([0.75, 0.1, 1e-9, 1e-9, 0.15], [0.015, 0.15, 1e-9, 1e-9, 0.835]),
        Field::Postcode => ([0.78, 0.1, 1e-9, 1e-9, 0.12], [0.003, 0.02, 1e-9, 1e-9, 0.977]),
        Field::Address => ([0.5, 0.22, 0.12, 0.06, 0.1], [0.003, 0.0005, 0.002, 0.02, 0.9745]),
        Field::Other(_) => ([0.75, 0.1, 0.05, 1e-9, 0.1], [0.05, 0.01, 0.02, 1e-9, 0.92]),
    }
}
