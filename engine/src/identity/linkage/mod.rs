//! Which records may be one person's: Fellegi–Sunter linkage over blocks, for the review queue and `rapport link`.
//!
//! Pure. Records become profiles (`profile`), blocks give the pairs worth comparing (`blocks`), every field of a pair
//! agrees on a level (`compare`), the levels' weights are the shipped ones or, over 500 records, learned from the
//! records themselves (`weights`), and pairs above the bar are closed into clusters with checks (`closure`). What it
//! finds is for a person to judge: it joins nobody.
//!
//! Fellegi and Sunter, A Theory for Record Linkage, 1969: <https://doi.org/10.1080/01621459.1969.10501049>;
//! Winkler, Using the EM algorithm for weight computation, 2000.

mod blocks;
mod closure;
mod compare;
mod frequency;
mod likeness;
mod profile;
mod reasons;
#[cfg(test)]
mod tests;
mod weights;

use self::closure::Clusters;
use self::compare::{Comparison, Field, Level, compare, compare_while};
use self::frequency::Frequencies;
use self::profile::{Lexicon, Profile};
pub use self::reasons::Reason;
use self::weights::Model;

/// Pairs at least as likely are proposed.
pub const BAR: f64 = 0.8;
/// Pairs at least as likely stand first in the queue.
pub const FIRST: f64 = 0.95;
/// From so many records on, weights are learned from them.
const LEARNS_FROM: usize = 500;
/// A given name that differs beside everything else the same may be a twin or a spouse: a person decides, later.
const RELATIVE: f64 = 0.9;

/// What is known about somebody: a field's name and a value, as often as there are values.
///
/// Known names: `name`, `given_name`, `surname`, `birth_date`, `email`, `phone`, `external_id`, `address`, `street`,
/// `house_number`, `city`, `postcode`, `state` and their usual synonyms; others are compared as short texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// Name and value.
    pub fields: Vec<(String, String)>,
}

/// Two records that may be one person's.
#[derive(Debug, Clone, PartialEq)]
pub struct Likely {
    /// Place of the first record.
    pub a: usize,
    /// Place of the second, behind the first.
    pub b: usize,
    /// How likely, 0..1.
    pub probability: f64,
    /// What speaks for and against it, the weightiest first.
    pub reasons: Vec<Reason>,
}

/// How records are read and what is proposed.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// ISO 3166 country of phone numbers without a prefix.
    pub region: &'a str,
    /// Pairs at least as likely are proposed.
    pub bar: f64,
    /// Processors to use.
    pub lanes: usize,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { region: "FR", bar: BAR, lanes: 1 }
    }
}

/// Proposes pairs, the likeliest first: every pair of a cluster, also those joined only through a third record.
pub fn link(records: &[Record], options: Options<'_>) -> Vec<Likely> {
    let mut lexicon = Lexicon::default();
    let profiles: Vec<Profile> = records.iter().map(|record| Profile::read(record, options.region, &mut lexicon)).collect();
    lexicon.close();
    let pairs = blocks::pairs(&profiles, &lexicon);
    let mut model = Model::shipped(records.len());
    if records.len() >= LEARNS_FROM {
        model.learn(&sample(&pairs, &profiles, &lexicon, options.lanes), &profiles, &lexicon);
    }
    let candidates = promising(&pairs, &profiles, &lexicon, &model, options.lanes);
    drop(pairs);
    // Values are counted per person, not per record, once it is known roughly who is one.
    let everybody: Vec<u32> = (0..records.len() as u32).collect();
    let counted = Frequencies::count(&profiles, &lexicon, &everybody);
    let scoring = Scoring { profiles: &profiles, lexicon: &lexicon, model: &model, counted: &counted };
    let persons = Clusters::of(records.len(), &scoring.above(&candidates, FIRST), &scoring, options.bar).persons();
    let counted = Frequencies::count(&profiles, &lexicon, &persons);
    model.expect(&candidates);
    let scoring = Scoring { profiles: &profiles, lexicon: &lexicon, model: &model, counted: &counted };
    let clusters = Clusters::of(records.len(), &scoring.above(&candidates, options.bar), &scoring, options.bar);
    let mut found: Vec<Likely> = clusters
        .pairs()
        .into_iter()
        .map(|pair| {
            let mut reasons = scoring.reasons(&scoring.compared(pair.a, pair.b));
            if !pair.by_itself {
                reasons.insert(0, Reason { text: "both are likely the same person as a third record".to_owned(), weight: 0.0 });
            }
            Likely { a: pair.a as usize, b: pair.b as usize, probability: pair.probability, reasons }
        })
        .collect();
    found.sort_by(|one, other| other.probability.total_cmp(&one.probability).then((one.a, one.b).cmp(&(other.a, other.b))));
    found
}

/// A pair with the levels its fields agree on.
type Candidate = (u32, u32, u64);

/// Patterns of so many pairs are enough to learn from.
const SAMPLE: usize = 200_000;
/// What is less likely under the shipped prior than this is not looked at again.
const HOPELESS: f64 = -4.0;

fn sample(pairs: &[(u32, u32)], profiles: &[Profile], lexicon: &Lexicon, lanes: usize) -> Vec<u64> {
    let step = pairs.len().div_ceil(SAMPLE).max(1);
    let some: Vec<(u32, u32)> = pairs.iter().step_by(step).copied().collect();
    shared_out(&some, lanes, |(a, b)| Some(compare(&profiles[*a as usize], &profiles[*b as usize], lexicon).pattern()))
}

/// The pairs that may be worth proposing.
fn promising(pairs: &[(u32, u32)], profiles: &[Profile], lexicon: &Lexicon, model: &Model, lanes: usize) -> Vec<Candidate> {
    let best = model.best();
    shared_out(pairs, lanes, |(a, b)| {
        let (one, other) = (&profiles[*a as usize], &profiles[*b as usize]);
        let promises = |comparison: &Comparison, open: &[Field]| best.reach(comparison, open) >= HOPELESS;
        compare_while((one, other), lexicon, promises).map(|comparison| (*a, *b, comparison.pattern()))
    })
}

/// Does the work on several processors; the order is the same whatever their number.
fn shared_out<T: Sync, R: Send>(work: &[T], lanes: usize, one: impl Fn(&T) -> Option<R> + Sync) -> Vec<R> {
    let share = work.len().div_ceil(lanes.max(1)).max(1);
    std::thread::scope(|scope| {
        let one = &one;
        let running: Vec<_> = work.chunks(share).map(|part| scope.spawn(move || part.iter().filter_map(one).collect::<Vec<R>>())).collect();
        running.into_iter().flat_map(|lane| lane.join().expect("comparing does not panic")).collect()
    })
}

/// Everything a pair's probability depends on.
struct Scoring<'a> {
    profiles: &'a [Profile],
    lexicon: &'a Lexicon,
    model: &'a Model,
    counted: &'a Frequencies,
}

impl Scoring<'_> {
    fn compared(&self, a: u32, b: u32) -> Comparison {
        compare(&self.profiles[a as usize], &self.profiles[b as usize], self.lexicon)
    }

    /// Evidence of one field, in bits; rare values say more.
    fn weight(&self, comparison: &Comparison, field: Field) -> f64 {
        let level = comparison.level(field);
        match (level, comparison.value(field)) {
            (Level::Missing, _) => 0.0,
            // Who lives at the same address has the same postcode: it says nothing more.
            (Level::Exact, Some(_)) if field == Field::Postcode && comparison.level(Field::Address) == Level::Exact => 0.0,
            (Level::Exact, Some(value)) => self.model.exact(field, self.counted.of(field, value)),
            _ => self.model.beside(field, level, comparison.level(Field::Postcode)),
        }
    }

    fn probability(&self, comparison: &Comparison) -> f64 {
        let bits: f64 = self.model.prior() + Field::ALL.iter().map(|field| self.weight(comparison, *field)).sum::<f64>();
        let probability = 1.0 / (1.0 + (-bits).exp2());
        if comparison.may_be_relatives() { probability.min(RELATIVE) } else { probability }
    }

    /// Candidates at least as likely as the bar, with their probability.
    fn above(&self, candidates: &[Candidate], bar: f64) -> Vec<(u32, u32, f64)> {
        candidates
            .iter()
            .map(|(a, b, _)| (*a, *b, self.probability(&self.compared(*a, *b))))
            .filter(|(_, _, probability)| *probability >= bar)
            .collect()
    }

    fn reasons(&self, comparison: &Comparison) -> Vec<Reason> {
        reasons::told(comparison, |field| self.weight(comparison, field))
    }
}
