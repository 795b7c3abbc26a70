//! Pairs closed into clusters: if a is b and b is c, then a is c, unless something in the cluster speaks against it.

use std::collections::HashMap;

use super::Scoring;

/// A cluster larger than this is no person but a mistake.
const LARGEST: usize = 40;
/// Two clusters become one only if their records, taken all with all, are on average at least so likely one person's.
const COHESION: f64 = 0.1;
/// No two records of a cluster may be less likely one person's, whatever stands between them.
const WORST: f64 = 1e-5;

/// A pair joined only through a third record is at most so likely.
const THROUGH: f64 = 0.94;

/// Two records of one cluster.
pub(super) struct Pair {
    pub a: u32,
    pub b: u32,
    pub probability: f64,
    /// Do the two speak for themselves?
    pub by_itself: bool,
}

/// Records that belong together, with the pairs' probabilities.
pub(super) struct Clusters {
    /// By record: the cluster's first.
    of: Vec<u32>,
    members: HashMap<u32, Vec<u32>>,
    known: HashMap<(u32, u32), f64>,
    bar: f64,
}

impl Clusters {
    /// Joins along the likeliest pairs first.
    pub fn of(records: usize, edges: &[(u32, u32, f64)], scoring: &Scoring<'_>, bar: f64) -> Self {
        let mut clusters = Self { of: (0..records as u32).collect(), members: HashMap::new(), known: HashMap::new(), bar };
        let mut edges = edges.to_vec();
        edges.sort_by(|one, other| other.2.total_cmp(&one.2).then((one.0, one.1).cmp(&(other.0, other.1))));
        for (a, b, probability) in edges {
            clusters.known.insert(ordered(a, b), probability);
            let (one, other) = (clusters.of[a as usize], clusters.of[b as usize]);
            if one != other && clusters.may_join(one, other, scoring) {
                clusters.join(one.min(other), one.max(other));
            }
        }
        clusters
    }

    /// By record: whose it is.
    pub fn persons(&self) -> Vec<u32> {
        self.of.clone()
    }

    /// Every pair of every cluster.
    pub fn pairs(&self) -> Vec<Pair> {
        let mut pairs = Vec::new();
        for members in self.members.values() {
            for (at, a) in members.iter().enumerate() {
                for b in &members[at + 1..] {
                    let (a, b) = ordered(*a, *b);
                    let own = self.known.get(&(a, b)).copied().unwrap_or(0.0);
                    let by_itself = own >= self.bar;
                    let probability = if by_itself { own } else { self.through_another(a, b, members) };
                    pairs.push(Pair { a, b, probability, by_itself });
                }
            }
        }
        pairs
    }

    /// The likeliest way over one other record: never among the first, because nothing but the third speaks for it.
    fn through_another(&self, a: u32, b: u32, members: &[u32]) -> f64 {
        let likely = |a: u32, b: u32| self.known.get(&ordered(a, b)).copied().unwrap_or(0.0);
        let ways = members.iter().filter(|other| **other != a && **other != b).map(|other| likely(a, *other) * likely(*other, b));
        ways.fold(self.bar, f64::max).min(THROUGH.max(self.bar))
    }

    fn may_join(&mut self, one: u32, other: u32, scoring: &Scoring<'_>) -> bool {
        let (ours, theirs) = (self.members(one), self.members(other));
        if ours.len() + theirs.len() > LARGEST {
            return false;
        }
        let mut total = 0.0;
        for a in &ours {
            for b in &theirs {
                let comparison = scoring.compared(*a, *b);
                let known = *self.known.entry(ordered(*a, *b)).or_insert_with(|| scoring.probability(&comparison));
                // Two accounts of the business are joined by their own likeness, never by a third record's.
                if known < self.bar && (comparison.conflicting_ids() || known < WORST) {
                    return false;
                }
                total += known;
            }
        }
        let pairs = (ours.len() * theirs.len()) as f64;
        total / pairs >= COHESION
    }

    fn join(&mut self, kept: u32, gone: u32) {
        let mut theirs = self.members.remove(&gone).unwrap_or_else(|| vec![gone]);
        theirs.iter().for_each(|member| self.of[*member as usize] = kept);
        self.members.entry(kept).or_insert_with(|| vec![kept]).append(&mut theirs);
    }

    fn members(&self, cluster: u32) -> Vec<u32> {
        self.members.get(&cluster).cloned().unwrap_or_else(|| vec![cluster])
    }
}

const fn ordered(a: u32, b: u32) -> (u32, u32) {
    if a <= b { (a, b) } else { (b, a) }
}
