//! One linear model over hashed word and letter sequences: learns intents from a handful of examples each, in seconds, always the same.
//!
//! Words (1–2 in a row), letters (2–5 in a row within a word) and what words mean (stems and the dictionary's ideas, alone
//! and in pairs) are weighted by how rare they are and scaled to a length each; a label's own name is an example of it;
//! one support vector machine per label tells it from all others (dual coordinate descent). The threshold under which a message
//! is "none of these" is chosen on the examples themselves, each scored by a model that did not see it.

use std::collections::HashMap;

use super::sentences::fold;
use domain::lexicon::{guess_language, terms};

/// A trained model.
pub struct Classifier {
    labels: Vec<String>,
    features: Features,
    weights: Weights,
    threshold: f32,
}

/// Each feature and how much it weighs by its rarity, in the order of the features.
type Features = Box<[(u32, f32)]>;

/// What was learned, in steps of a 32 767th of the largest weight: half the memory, and no answer differs by it.
struct Weights {
    /// By feature, then label.
    steps: Box<[i16]>,
    step: f32,
    biases: Box<[f32]>,
}

impl Weights {
    fn of(weights: &[f32], biases: Vec<f32>) -> Self {
        let largest = weights.iter().fold(f32::MIN_POSITIVE, |largest, weight| largest.max(weight.abs()));
        let step = largest / f32::from(i16::MAX);
        Self { steps: weights.iter().map(|weight| (weight / step).round() as i16).collect(), step, biases: biases.into() }
    }

    /// How much a text speaks for each label.
    fn scores(&self, row: &Row) -> Vec<f32> {
        let width = self.biases.len();
        let mut totals = vec![0.0; width];
        for (feature, value) in row {
            let from = *feature as usize * width;
            for (total, steps) in totals.iter_mut().zip(&self.steps[from..from + width]) {
                *total += value * f32::from(*steps);
            }
        }
        totals.iter().zip(&self.biases).map(|(total, bias)| total * self.step + bias).collect()
    }
}

type Row = Vec<(u32, f32)>;
/// A hashed sequence, how often it occurs, and its kind.
type Seen = (u32, f32, Kind);

/// Kinds of features; each is scaled to a length of its own, so that none drowns another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Kind {
    Words,
    Letters,
    Ideas,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Words, Self::Letters, Self::Ideas];

    const fn length(self) -> f32 {
        match self {
            Self::Words => WORDS,
            Self::Letters => 1.0,
            Self::Ideas => IDEAS,
        }
    }
}

/// What a wrong side costs: outside a label, and inside it, where examples are few.
const COST: f32 = 0.5;
const COST_INSIDE: f32 = 1.5;
/// Words and ideas count for less than letters, and rarity is damped: measured with ten examples per label.
const WORDS: f32 = 0.6;
const IDEAS: f32 = 0.5;
const RARITY: f32 = 0.4;
/// A right answer held back costs as much as two strangers let in.
const LOST: f32 = 2.5;
const ROUNDS: usize = 12;
const FOLDS: usize = 3;
const MANY: usize = 3_000;

impl Classifier {
    /// Learns from (text, label); rows labelled `oos`, `unknown` or `out_of_scope` teach what belongs to no label.
    pub fn train(examples: &[(String, String)]) -> Self {
        let mut labels: Vec<String> = examples.iter().map(|(_, label)| label.clone()).filter(|label| !is_outside(label)).collect();
        labels.sort();
        labels.dedup();
        let mut targets: Vec<Option<usize>> = examples.iter().map(|(_, label)| labels.binary_search(label).ok()).collect();
        let mut terms: Vec<Vec<Seen>> = examples.iter().map(|(text, _)| terms_of(text)).collect();
        // What a label is called is an example, too: "card_arrival", "refund-status".
        for (target, label) in labels.iter().enumerate().filter(|(_, label)| label.chars().filter(|sign| sign.is_alphabetic()).count() > 2)
        {
            targets.push(Some(target));
            terms.push(terms_of(&label.replace(['_', '-', '.'], " ")));
        }
        let features = rarity(&terms);
        let rows: Vec<Row> = terms.iter().map(|terms| row_of(terms, &features)).collect();
        let all: Vec<usize> = (0..rows.len()).collect();
        let (weights, biases) = fit(&rows, &targets, &all, labels.len(), features.len());
        let mut model = Self { labels, features, weights: Weights::of(&weights, biases), threshold: f32::MIN };
        drop(weights);
        model.threshold = model.choose_threshold(&rows, &targets, examples.len());
        model
    }

    /// The likeliest label, how sure (0..1, 0.5 at the threshold), and whether it is more likely none of them.
    pub fn classify(&self, text: &str) -> (String, f32, bool) {
        let row = row_of(&terms_of(text), &self.features);
        let (best, confidence) = ranked(&self.weights.scores(&row));
        let Some(label) = self.labels.get(best) else { return (String::new(), 0.0, true) };
        let score = 1.0 / (1.0 + (-4.0 * (confidence - self.threshold)).exp());
        (label.clone(), score, row.is_empty() || confidence < self.threshold)
    }

    /// The labels it knows.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    fn choose_threshold(&self, rows: &[Row], targets: &[Option<usize>], examples: usize) -> f32 {
        let mut inside = Vec::new();
        let mut outside = Vec::new();
        // Every k-th example of each label is left out in turn.
        let mut seen: HashMap<Option<usize>, usize> = HashMap::new();
        let fold_of: Vec<usize> = targets
            .iter()
            .map(|target| {
                let count = seen.entry(*target).or_insert(0);
                *count += 1;
                *count % FOLDS
            })
            .collect();
        // With many examples one part tells enough.
        let folds = if rows.len() > MANY && targets.iter().all(Option::is_some) { 1 } else { FOLDS };
        for fold in 0..folds {
            let kept: Vec<usize> = (0..rows.len()).filter(|at| *at >= examples || fold_of[*at] != fold).collect();
            let (weights, biases) = fit(rows, targets, &kept, self.labels.len(), self.features.len());
            let learned = Weights::of(&weights, biases);
            // The labels' own names, behind the examples, teach but are not asked.
            for at in (0..examples).filter(|at| fold_of[*at] == fold) {
                let (best, confidence) = ranked(&learned.scores(&rows[at]));
                match targets[at] {
                    Some(target) if target == best => inside.push(confidence),
                    Some(_) => {}
                    None => outside.push(confidence),
                }
            }
        }
        best_threshold(&mut inside, &outside)
    }
}

fn is_outside(label: &str) -> bool {
    matches!(label, "oos" | "unknown" | "out_of_scope")
}

/// With examples of the outside: the cut that tells both apart best, both sides counting alike; without: nineteen of twenty right answers stay in.
fn best_threshold(inside: &mut [f32], outside: &[f32]) -> f32 {
    inside.sort_by(f32::total_cmp);
    if inside.is_empty() {
        return f32::MIN;
    }
    if outside.is_empty() {
        return inside[inside.len() / 20];
    }
    let mut cuts: Vec<f32> = inside.iter().chain(outside).copied().collect();
    cuts.sort_by(f32::total_cmp);
    let gain = |cut: f32| {
        let caught = outside.iter().filter(|score| **score < cut).count() as f32 / outside.len() as f32;
        let lost = inside.iter().filter(|score| **score < cut).count() as f32 / inside.len() as f32;
        caught - LOST * lost
    };
    cuts.into_iter().max_by(|a, b| gain(*a).total_cmp(&gain(*b))).unwrap_or(f32::MIN)
}

/// The best label and its score.
fn ranked(scores: &[f32]) -> (usize, f32) {
    scores.iter().copied().enumerate().fold((0, f32::MIN), |best, (at, score)| if score > best.1 { (at, score) } else { best })
}

/// One machine per label; labels are shared out over the processors, each machine is computed by itself and thus always the same.
fn fit(rows: &[Row], targets: &[Option<usize>], kept: &[usize], labels: usize, features: usize) -> (Vec<f32>, Vec<f32>) {
    let lanes = std::thread::available_parallelism().map_or(1, usize::from).min(8).min(labels.max(1));
    let machines: Vec<(usize, Vec<f32>, f32)> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..lanes)
            .map(|lane| {
                scope.spawn(move || {
                    (lane..labels)
                        .step_by(lanes)
                        .map(|label| {
                            let (weights, bias) = separate(rows, targets, kept, label, features);
                            (label, weights, bias)
                        })
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        running.into_iter().flat_map(|lane| lane.join().expect("the arithmetic does not panic")).collect()
    });
    let mut weights = vec![0.0; features * labels];
    let mut biases = vec![0.0; labels];
    for (label, machine, bias) in machines {
        biases[label] = bias;
        for (feature, weight) in machine.into_iter().enumerate() {
            weights[feature * labels + label] = weight;
        }
    }
    (weights, biases)
}

/// Squared-hinge support vector machine of one label against the rest.
fn separate(rows: &[Row], targets: &[Option<usize>], kept: &[usize], label: usize, features: usize) -> (Vec<f32>, f32) {
    let mut weights = vec![0.0_f32; features];
    let mut bias = 0.0_f32;
    let mut alphas = vec![0.0_f32; kept.len()];

    let norms: Vec<f32> = kept.iter().map(|at| rows[*at].iter().map(|(_, value)| value * value).sum::<f32>() + 1.0).collect();
    let mut active: Vec<usize> = (0..kept.len()).collect();
    let mut state = 0x9e37_79b9_u64 + label as u64;
    for round in 0..ROUNDS {
        shuffle(&mut active, &mut state);
        let mut largest = 0.0_f32;
        let mut resting = Vec::new();
        for &place in &active {
            let at = kept[place];
            let sign = if targets[at] == Some(label) { 1.0 } else { -1.0 };
            let diagonal = 1.0 / (2.0 * if sign > 0.0 { COST_INSIDE } else { COST });
            let score: f32 = rows[at].iter().map(|(feature, value)| weights[*feature as usize] * value).sum::<f32>() + bias;
            let gradient = sign * score - 1.0 + diagonal * alphas[place];
            let projected = if alphas[place] == 0.0 { gradient.min(0.0) } else { gradient };
            if projected == 0.0 {
                resting.push(place);
                continue;
            }
            largest = largest.max(projected.abs());
            let updated = (alphas[place] - gradient / (norms[place] + diagonal)).max(0.0);
            let step = (updated - alphas[place]) * sign;
            alphas[place] = updated;
            if step != 0.0 {
                for (feature, value) in &rows[at] {
                    weights[*feature as usize] += step * value;
                }
                bias += step;
            }
        }
        if largest < 0.05 {
            break;
        }
        if round > 1 && round % 4 != 0 {
            active.retain(|place| !resting.contains(place));
        } else {
            active = (0..kept.len()).collect();
        }
    }
    (weights, bias)
}

fn shuffle(places: &mut [usize], state: &mut u64) {
    for at in (1..places.len()).rev() {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        places.swap(at, (*state >> 33) as usize % (at + 1));
    }
}

/// Hashed sequences with their counts.
fn terms_of(text: &str) -> Vec<Seen> {
    let folded = opened(&fold(text));
    let mut found: Vec<(u32, Kind)> = Vec::with_capacity(folded.len() * 6);
    let words: Vec<&str> = folded.split(|sign: char| !sign.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut padded = String::new();
    let mut edges: Vec<usize> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        found.push((hash(&[b"w", word.as_bytes()]), Kind::Words));
        if let Some(next) = words.get(at + 1) {
            found.push((hash(&[b"b", word.as_bytes(), b" ", next.as_bytes()]), Kind::Words));
        }
        padded.clear();
        padded.extend([" ", *word, " "]);
        edges.clear();
        edges.extend(padded.char_indices().map(|(edge, _)| edge).chain([padded.len()]));
        for length in 2..=5 {
            for piece in edges.windows(length + 1) {
                found.push((hash(&[b"c", &padded.as_bytes()[piece[0]..piece[length]]]), Kind::Letters));
            }
        }
    }
    let language = guess_language(text).unwrap_or("en");
    let ideas: Vec<Vec<String>> = terms(&folded, language)
        .into_iter()
        .filter(|term| term.weight > 0.0)
        .map(|term| {
            let mut names: Vec<String> = term.concepts.iter().map(|idea| format!("#{idea}")).collect();
            names.push(term.stem);
            names
        })
        .collect();
    for (at, own) in ideas.iter().enumerate() {
        for name in own {
            found.push((hash(&[b"k", name.as_bytes()]), Kind::Ideas));
            for other in ideas.iter().skip(at + 1).take(3).flatten() {
                let (first, second) = if name <= other { (name, other) } else { (other, name) };
                found.push((hash(&[b"p", first.as_bytes(), b" ", second.as_bytes()]), Kind::Ideas));
            }
        }
    }
    found.sort_unstable();
    found.chunk_by(|one, other| one == other).map(|same| (same[0].0, 1.0 + f32::ln(same.len() as f32), same[0].1)).collect()
}

/// Contractions opened, digits alike: "don't" is "do not", any year is "0000".
fn opened(folded: &str) -> String {
    let mut text = folded.to_owned();
    for (short, long) in [("n't", " not"), ("'m", " am"), ("'re", " are"), ("'ve", " have"), ("'ll", " will"), ("'d", " would")] {
        if text.contains(short) {
            text = text.replace(short, long);
        }
    }
    text.chars().map(|sign| if sign.is_ascii_digit() { '0' } else { sign }).collect()
}

fn hash(pieces: &[&[u8]]) -> u32 {
    let mut value = 0x811c_9dc5_u32;
    for byte in pieces.iter().copied().flatten() {
        value = (value ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    }
    value
}

/// Each term and its weight: rare terms weigh more.
fn rarity(texts: &[Vec<Seen>]) -> Features {
    let mut seen: HashMap<u32, f32> = HashMap::new();
    for (term, _, _) in texts.iter().flatten() {
        *seen.entry(*term).or_default() += 1.0;
    }
    let mut terms: Vec<(u32, f32)> = seen.into_iter().collect();
    terms.sort_unstable_by_key(|(term, _)| *term);
    let total = texts.len() as f32;
    terms.into_iter().map(|(term, count)| (term, (f32::ln((1.0 + total) / (1.0 + count)) + 1.0).powf(RARITY))).collect()
}

/// The text as weights.
fn row_of(terms: &[Seen], features: &Features) -> Row {
    let known = terms.iter().filter_map(|(term, count, kind)| {
        let place = features.binary_search_by_key(term, |(known, _)| *known).ok()?;
        Some((place as u32, count * features[place].1, *kind))
    });
    let mut row: Vec<Seen> = known.collect();
    for kind in Kind::ALL {
        let length = row.iter().filter(|entry| entry.2 == kind).map(|entry| entry.1 * entry.1).sum::<f32>().sqrt();
        if length > 0.0 {
            row.iter_mut().filter(|entry| entry.2 == kind).for_each(|entry| entry.1 *= kind.length() / length);
        }
    }
    row.sort_unstable_by_key(|entry| entry.0);
    row.into_iter().map(|(place, value, _)| (place, value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(text, label)| ((*text).to_owned(), (*label).to_owned())).collect()
    }

    #[test]
    fn a_few_examples_teach_an_intent() {
        let model = Classifier::train(&rows(&[
            ("how long is delivery", "delivery"),
            ("when will it be delivered", "delivery"),
            ("do you deliver on saturday", "delivery"),
            ("what does it cost", "price"),
            ("how much is the chair", "price"),
            ("price of the desk please", "price"),
        ]));
        assert_eq!(model.classify("is delivery possible on monday").0, "delivery");
        assert_eq!(model.classify("how much does the lamp cost").0, "price");
        assert!(model.classify("qqq zzz").2);
    }

    #[test]
    fn training_twice_gives_the_same_model() {
        let examples =
            rows(&[("a blue one", "x"), ("a red one", "y"), ("two blue ones", "x"), ("two red ones", "y"), ("weather today", "oos")]);
        let (first, second) = (Classifier::train(&examples), Classifier::train(&examples));
        assert_eq!((first.weights.steps, first.weights.step), (second.weights.steps, second.weights.step));
        assert!((first.threshold - second.threshold).abs() < f32::EPSILON);
    }
}
