//! Which units answer: the best one, and what it leaves open as far as another one covers it.

use domain::knowledge::Passage;

use super::context::{Name, is_about_another};
use super::figures::says;
use super::matching::{Cover, TOWN, best, cover, gain, names_a_place, union};
use super::reading::{Ask, Reading};
use super::units::{Kind, Unit};
use domain::lexicon::{Concept, Term, concept, terms};

/// A unit with how it covers the question.
#[derive(Debug, Clone)]
pub struct Ranked {
    /// Index of the unit.
    pub unit: usize,
    /// Cover.
    pub cover: Cover,
    /// What it is ranked by.
    pub score: f32,
}

/// The units chosen, best first, with the cover of all of them.
#[derive(Debug, Clone)]
pub struct Choice {
    /// One to three units.
    pub units: Vec<Ranked>,
    /// Their common cover.
    pub cover: Cover,
    /// Units that are as good as the first, from the same list or table.
    pub ties: Vec<usize>,
}

/// The share of a question that one unit must cover, and the share without names of the catalogue.
const ENOUGH: f32 = 0.56;
const PREDICATE: f32 = 0.5;
/// What a further unit must add.
const WORTH: f32 = 0.16;

/// Chooses; `None` when the sources do not say.
pub fn choose(reading: &Reading, passages: &[Passage], units: &[Unit], names: &[Name<'_>], about: &[&Name<'_>]) -> Option<Choice> {
    let mut ranked = ranked(reading, passages, units, names, about);
    let first = ranked
        .iter()
        .take(6)
        .position(|candidate| is_enough(reading, candidate, &units[candidate.unit], &passages[units[candidate.unit].passage].language))?;
    if is_anybodys_guess(&ranked, first, units, passages) {
        return None;
    }
    let best_unit = ranked.remove(first);
    let ties = ties(&best_unit, &ranked, units, passages);
    let mut covered = best_unit.cover.clone();
    let mut chosen = vec![best_unit];
    // One thing asked is answered once; what else is about its words only seems to add something.
    let several = asks_several(reading);
    while chosen.len() < 3 {
        let further = ranked
            .iter()
            .filter(|candidate| !chosen.iter().any(|known| known.unit == candidate.unit))
            .filter(|candidate| candidate.cover.total >= 0.36 && candidate.cover.own > 0.15)
            .map(|candidate| {
                let same = units[candidate.unit].passage == units[chosen[0].unit].passage;
                (gain(reading, &covered, &candidate.cover) + if same { 0.04 } else { 0.0 }, candidate)
            })
            .filter(|(_, candidate)| several || is_beside(&units[candidate.unit], &units[chosen[0].unit], passages))
            .filter(|(more, candidate)| *more >= WORTH && !is_about_another(&units[candidate.unit].own, names, about))
            .max_by(|a, b| a.0.total_cmp(&b.0).then(a.1.score.total_cmp(&b.1.score)))
            .map(|(_, candidate)| candidate.clone());
        let Some(further) = further else { break };
        covered = union(reading, &covered, &further.cover);
        chosen.push(further);
    }
    Some(Choice { units: chosen, cover: covered, ties })
}

/// Three places that each hold the kind of fact and little else of the question: none of them is the answer.
fn is_anybodys_guess(ranked: &[Ranked], first: usize, units: &[Unit], passages: &[Passage]) -> bool {
    const AS_GOOD: f32 = 0.03;
    const SURE: f32 = 0.75;
    let best = &ranked[first];
    if best.cover.total >= SURE || best.cover.asks.is_empty() || matches!(units[best.unit].kind, Kind::Row(_)) {
        return false;
    }
    let mut places: Vec<(&str, &str, usize)> = Vec::new();
    for candidate in ranked.iter().filter(|candidate| best.score - candidate.score <= AS_GOOD && candidate.cover.words == best.cover.words)
    {
        let passage = &passages[units[candidate.unit].passage];
        let place = (passage.source.as_str(), passage.heading.as_str(), units[candidate.unit].passage);
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places.len() >= 3
}

/// All units, best first.
pub fn ranked(reading: &Reading, passages: &[Passage], units: &[Unit], names: &[Name<'_>], about: &[&Name<'_>]) -> Vec<Ranked> {
    let mut ranked: Vec<Ranked> = units
        .iter()
        .enumerate()
        .map(|(number, unit)| {
            let passage = &passages[unit.passage];
            let mut cover = cover(reading, unit, &passage.language);
            if let Kind::Row(_) = unit.kind {
                cover.predicate = cover.predicate.min(row_predicate(reading, unit, &passage.language));
            }
            let mut score = cover.total + 0.2 * cover.own + 0.12 * cover.heading + 0.1 * cover.predicate.min(1.0);
            score += 0.06 * focus(reading, unit, &passage.language);
            // "Is it part of Robin?" is answered by a sentence that gives it to others.
            let another = is_about_another(&unit.own, names, about);
            let others_only = another && reading.yes_no && cover.predicate >= 0.75 && !matches!(unit.kind, Kind::Row(_));
            if others_only {
                cover.total = cover.total.max(cover.predicate - 0.15);
            } else if another {
                score -= 0.3;
            }
            if matches!(unit.kind, Kind::Row(_))
                && reading.wanted.iter().any(|wanted| !wanted.term.places.is_empty())
                && reading.asks.iter().zip(&cover.asks).any(|(_, held)| *held > 0.0)
            {
                score += 0.05;
            }
            // "Do you deliver to Lyon?": a table of countries says so, a sentence that happens to name the town may not.
            if let Kind::Row(row) = &unit.kind
                && asks_of_a_place(reading)
                && reading.wanted.iter().any(|wanted| names_a_place(&wanted.term) && best(&wanted.term, &row.key_terms, false) >= TOWN)
            {
                score += 0.15;
            }
            if is_narrower(reading, unit, passage) {
                score -= 0.3;
                cover.total -= 0.1;
            }
            // May one, may one not: a sentence that says so answers before a figure of a table.
            if reading.yes_no && reading.asks.is_empty() && !matches!(unit.kind, Kind::Row(_)) && restricts(&unit.text) {
                score += 0.06;
            }
            if is_of_another_noun(reading, unit, &passage.language) {
                score -= 0.2;
                cover.total = cover.total.min(ENOUGH - 0.1);
            }
            if is_for_other_ages(reading, unit) {
                score -= 0.35;
                cover.total -= 0.2;
            }
            if begins_with_it(reading, unit, &passage.language) {
                score += 0.04;
            }
            if is_for_others(reading, unit, &passage.language) {
                score -= 0.15;
            }
            if is_another_act(reading, unit, &passage.language) {
                score -= 0.35;
                // "From other countries you pay the return" covers any place, and answers for none.
                cover.total -= if asks_of_a_place(reading) { 0.4 } else { 0.12 };
            }
            if another_is_asked(reading, unit, about) && cover.predicate < 0.85 {
                score -= 0.25;
                cover.total -= 0.12;
            }
            if reading.who && names_a_person(&unit.text) {
                score += 0.15;
            }
            if cover.predicate < 0.4 {
                score -= 0.3;
            }
            if let Kind::Row(row) = &unit.kind {
                let key: f32 = reading
                    .wanted
                    .iter()
                    .map(|wanted| best(&wanted.term, &row.key_terms, passage.language != reading.language))
                    .fold(0.0, f32::max);
                if !cover.asks.is_empty() && cover.asks[0] > 0.0 && super::tables::said(reading, row, &passage.language) >= 0.99 {
                    score += 0.2;
                }
                score -= 0.2 * named_elsewhere(reading, unit, units, passages);
                if reading.who {
                    score += if key < 0.75 { 0.15 } else { -0.15 };
                } else if reading.yes_no && key < 0.75 && row.cells.len() > 1 && !reading.which {
                    score -= 0.35;
                }
            }
            Ranked { unit: number, cover, score }
        })
        .collect();
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.unit.cmp(&b.unit)));
    ranked
}

/// Does it ask for more than one thing?
fn asks_several(reading: &Reading) -> bool {
    reading.asks.len() > 1
        || says(&reading.text, r"(?i)[?.;,]\s+\S+\s+\S+|\b(?:and|or|but|plus|also|with|et|ou|avec|und|oder|mit|y|o|con)\b")
}

/// The same section, or the same list.
fn is_beside(unit: &Unit, first: &Unit, passages: &[Passage]) -> bool {
    let (here, there) = (&passages[unit.passage], &passages[first.passage]);
    here.source == there.source && here.heading == there.heading && !matches!(first.kind, Kind::Pair)
}

/// Words that make another thing of what they stand before: an extended warranty is not the warranty.
const NARROWING: [&str; 24] = [
    "extended",
    "express",
    "premium",
    "additional",
    "optional",
    "emergency",
    "second",
    "lifetime",
    "advanced",
    "former",
    "etendue",
    "prolongee",
    "supplementaire",
    "optionnelle",
    "erweiterte",
    "erweiterten",
    "zusatzliche",
    "verlangerte",
    "ampliada",
    "adicional",
    "extendida",
    "pick",
    "pickup",
    "retrait",
];

/// Does the unit, or its section, speak of a narrower thing than was asked about?
fn is_narrower(reading: &Reading, unit: &Unit, passage: &Passage) -> bool {
    let section = terms(passage.heading.rsplit(" › ").next().unwrap_or_default(), &passage.language);
    let asked = terms(&reading.text, &reading.language);
    let said = match &unit.kind {
        Kind::Sentence(_) | Kind::Item => section.iter().chain(unit.own.iter().take(4)).collect::<Vec<_>>(),
        Kind::Pair | Kind::Row(_) => Vec::new(),
    };
    said.into_iter()
        .any(|term| NARROWING.contains(&term.token.folded.as_str()) && best(term, &asked, passage.language != reading.language) < 0.75)
}

/// What is done to an order or a booking: a sentence about one of them is no answer to a question about another.
const ACTS: [&str; 9] = ["cancel", "return", "exchange", "complaint", "refund", "no show", "pause", "late", "lose"];

/// "Online courses": a sentence on courses where only the test is online says nothing of them.
fn is_of_another_noun(reading: &Reading, unit: &Unit, language: &str) -> bool {
    if !reading.yes_no || !reading.asks.is_empty() || !matches!(unit.kind, Kind::Sentence(_) | Kind::Item) || reading.language == "fr" {
        return false;
    }
    let across = language != reading.language;
    let telling = |term: &Term| term.weight >= 0.9 && !term.phrase && !term.token.is_number();
    reading.wanted.windows(2).filter(|pair| !pair[0].inherited && !pair[1].inherited).any(|pair| {
        let (kind, noun) = (&pair[0].term, &pair[1].term);
        let adjacent = noun.token.start > kind.token.end && noun.token.start - kind.token.end <= 1;
        if !adjacent || !telling(kind) || !telling(noun) || best(noun, &unit.own, across) >= 0.75 {
            return false;
        }
        unit.own.windows(2).any(|told| {
            super::matching::same(kind, &told[0], across) >= 0.8
                && told[1].weight >= 0.9
                && told[1].token.start > told[0].token.end
                && told[1].token.start - told[0].token.end <= 1
        })
    })
}

/// What is said of children is not said of somebody of 82, nor what is said of seniors of a child.
fn is_for_other_ages(reading: &Reading, unit: &Unit) -> bool {
    let Some(age) = reading.age else { return false };
    let of = |label: &str| concept(label).is_some_and(|idea| unit.own.iter().any(|term| term.concepts.contains(&idea)));
    age > 18 && of("child") || age < 18 && of("senior")
}

/// Where the act that a sentence is about stands at the latest.
const BEGINS: usize = 45;

/// The price of a thing that is named is not the price of whatever a sentence speaks of that does not name it.
fn another_is_asked(reading: &Reading, unit: &Unit, about: &[&Name<'_>]) -> bool {
    reading.asks.contains(&Ask::Money)
        && !about.is_empty()
        && !about.iter().any(|name| name.stands_in(&unit.own) || name.stands_in(&unit.head) || name.stands_in(&unit.near))
}

/// "Do you deliver to Lyon?": whether something is done in a place.
fn asks_of_a_place(reading: &Reading) -> bool {
    reading.yes_no && reading.asks.is_empty() && reading.wanted.iter().any(|wanted| names_a_place(&wanted.term))
}

/// Is a sentence, or the section it stands in, about an act that nobody asked about?
fn is_another_act(reading: &Reading, unit: &Unit, language: &str) -> bool {
    if matches!(unit.kind, Kind::Row(_) | Kind::Pair) {
        return false;
    }
    let acts: Vec<Concept> = ACTS.iter().filter_map(|label| concept(label)).collect();
    let acts_of = |terms: &mut dyn Iterator<Item = &Term>| -> Vec<Concept> {
        terms.flat_map(|term| term.concepts.iter().copied()).filter(|idea| acts.contains(idea)).collect()
    };
    // What follows from something else stands at the end: "if it is damaged, …, we refund it".
    let section =
        unit.head.iter().rev().take_while(|term| !term.token.opening).chain(unit.head.iter().rev().find(|term| term.token.opening));
    let said = acts_of(&mut unit.own.iter().filter(|term| term.token.start < BEGINS).chain(section));
    if said.is_empty() || reading.asks.is_empty() && !asks_of_a_place(reading) {
        return false;
    }
    let all = terms(&reading.text, &reading.language);
    let across = language != reading.language;
    let asked = acts_of(&mut all.iter().chain(reading.wanted.iter().map(|wanted| &wanted.term)));
    // The act is asked about in other words: "send it back" for "return".
    let met = unit
        .own
        .iter()
        .chain(&unit.head)
        .filter(|term| term.concepts.iter().any(|idea| said.contains(idea)))
        .any(|term| best(term, &all, across) >= 0.75);
    !met && !said.iter().any(|idea| asked.contains(idea))
}

/// What holds for children, students or seniors only, where nobody spoke of them.
fn is_for_others(reading: &Reading, unit: &Unit, language: &str) -> bool {
    let groups: Vec<Concept> = ["child", "student", "senior", "age"].into_iter().filter_map(concept).collect();
    let across = language != reading.language;
    let of_group = |term: &Term| term.concepts.iter().any(|idea| groups.contains(idea));
    let section = || unit.head.iter().filter(|term| term.weight > 0.0);
    let speaks = unit.own.iter().any(of_group) || section().last().is_some_and(of_group);
    speaks
        && !reading
            .wanted
            .iter()
            .any(|wanted| of_group(&wanted.term) || wanted.term.token.is_number() && best(&wanted.term, &unit.own, across) >= 1.0)
}

/// What a row says beside the words that name it.
fn row_predicate(reading: &Reading, unit: &Unit, language: &str) -> f32 {
    let Kind::Row(row) = &unit.kind else { return 1.0 };
    let across = language != reading.language;
    let (mut all, mut got) = (0.0, 0.0);
    // In a table of features the name stands over a column, and the row is what is asked about it.
    let over_column = reading
        .wanted
        .iter()
        .any(|wanted| wanted.named && row.cells.iter().any(|cell| best(&wanted.term, &cell.column_terms, across) >= 0.8));
    for wanted in &reading.wanted {
        if wanted.named || !over_column && best(&wanted.term, &row.key_terms, across) >= 0.75 {
            continue;
        }
        all += wanted.weight;
        got += wanted.weight * best(&wanted.term, &unit.own, across).max(0.85 * best(&wanted.term, &unit.head, across));
    }
    for ask in &reading.asks {
        all += 0.8;
        got += 0.8 * super::matching::holds(*ask, &unit.text);
    }
    if all > 0.0 { got / all } else { 1.0 }
}

/// The weight of the words that name another row of the same table and have nothing to do with this one.
fn named_elsewhere(reading: &Reading, unit: &Unit, units: &[Unit], passages: &[Passage]) -> f32 {
    let home = &passages[unit.passage];
    let across = home.language != reading.language;
    reading
        .wanted
        .iter()
        .filter(|wanted| wanted.weight >= 0.3 && best(&wanted.term, &unit.own, across) < 0.8)
        .filter(|wanted| {
            units.iter().any(|other| {
                let there = &passages[other.passage];
                matches!(&other.kind, Kind::Row(row) if row.cells.len() > 1 && best(&wanted.term, &row.key_terms, across) >= 0.99)
                    && there.source == home.source
                    && there.heading == home.heading
            })
        })
        .map(|wanted| wanted.weight)
        .sum()
}

/// How much of the unit the question is about: short and to the point before long and by the way.
fn focus(reading: &Reading, unit: &Unit, language: &str) -> f32 {
    let across = language != reading.language;
    let words: Vec<_> = match &unit.kind {
        Kind::Row(row) => row.key_terms.iter().filter(|term| term.weight > 0.0).collect(),
        _ => unit.own.iter().filter(|term| term.weight > 0.0).collect::<Vec<_>>(),
    };
    if words.is_empty() {
        return 0.0;
    }
    let asked: Vec<_> = reading.wanted.iter().map(|wanted| wanted.term.clone()).collect();
    let said: f32 = words.iter().map(|word| best(word, &asked, across)).sum();
    let factor = if matches!(unit.kind, Kind::Row(_)) { 2.0 } else { 1.0 };
    factor * said / words.len() as f32
}

/// Is what was asked about the subject of the sentence?
fn begins_with_it(reading: &Reading, unit: &Unit, language: &str) -> bool {
    let first = unit.own.iter().find(|term| term.weight > 0.0);
    let across = language != reading.language;
    matches!(unit.kind, Kind::Sentence(_))
        && first.is_some_and(|first| {
            first.token.start <= 12
                && reading.wanted.iter().any(|wanted| wanted.weight >= 0.3 && super::matching::same(&wanted.term, first, across) >= 0.8)
        })
}

/// Does it forbid or limit something?
fn restricts(text: &str) -> bool {
    says(text, r"(?i)\b(?:only|not|no|cannot|never|except|outside|none|nur|nicht|seulement|uniquement|pas|solo|sólo)\b|n't\b")
}

/// "Dr Brunet", "Claire Vasseur".
fn names_a_person(text: &str) -> bool {
    says(text, r"\b(?:Dr|Mr|Mrs|Ms|Mme|Prof|Herr|Frau|Sra?)\b\.? \p{Lu}|\b\p{Lu}\p{Ll}+ \p{Lu}\p{Ll}+\b")
}

/// Of what is asked about somebody or something by name, is anything but the name there?
fn is_only_named(reading: &Reading, cover: &Cover) -> bool {
    let proper = |token: &domain::lexicon::Token| token.capital && !token.opening && reading.language != "de";
    if !reading.asks.is_empty() || reading.wanted.iter().all(|wanted| !proper(&wanted.term.token)) {
        return false;
    }
    let (mut all, mut got) = (0.0, 0.0);
    for (wanted, held) in reading.wanted.iter().zip(&cover.words) {
        if !proper(&wanted.term.token) && wanted.weight >= 0.3 && !matches!(wanted.term.token.folded.as_str(), "dr" | "docteur" | "doctor")
        {
            all += wanted.weight;
            got += wanted.weight * held;
        }
    }
    // "Is Dr Hahn leaving?": the name alone answers nothing.
    if all == 0.0 { reading.yes_no || reading.text.trim_end().ends_with('?') && !reading.who && !reading.which } else { got / all < 0.3 }
}

/// Proper names and places that nobody here knows.
fn strangers(reading: &Reading, cover: &Cover) -> bool {
    reading.wanted.iter().zip(&cover.words).filter(|(_, held)| **held < 0.5).any(|(wanted, _)| {
        let token = &wanted.term.token;
        wanted.unknown
            && !wanted.inherited
            && !token.is_number()
            && token.capital
            && !token.opening
            && wanted.term.weight >= 0.35
            && reading.language != "de"
            || wanted.unknown && !wanted.term.places.is_empty() && token.capital
    })
}

pub fn is_enough(reading: &Reading, candidate: &Ranked, unit: &Unit, language: &str) -> bool {
    let cover = &candidate.cover;
    let stranger = strangers(reading, cover);
    let restricts = restricts(&unit.text);
    if stranger && !(restricts && cover.total >= 0.5) {
        return false;
    }
    if is_only_named(reading, cover) {
        return false;
    }
    let all: f32 = reading.wanted.iter().map(|wanted| wanted.weight).sum::<f32>() + 0.8 * reading.asks.len() as f32;
    let mut needed = if all < 1.3 { 0.68 } else { ENOUGH };
    if reading.yes_no && reading.asks.is_empty() && reading.wanted.iter().any(|wanted| wanted.unknown && wanted.weight >= 0.9) && !restricts
    {
        needed += 0.06;
    }
    // A thing the dictionary knows and no source mentions: most likely there is none.
    if reading.yes_no
        && !restricts
        && reading.asks.is_empty()
        && reading.wanted.iter().any(|wanted| wanted.unknown && wanted.weight >= 0.9 && !wanted.term.concepts.is_empty())
    {
        needed = needed.max(0.68);
    }
    // A figure of the right kind with next to nothing of what it is asked about belongs to something else.
    let asked: f32 = reading.wanted.iter().map(|wanted| wanted.weight).sum();
    let met: f32 = reading.wanted.iter().zip(&cover.words).map(|(wanted, held)| wanted.weight * held).sum();
    if asked >= 0.9 && met / asked < 0.3 {
        return false;
    }
    // "What does it cost for three days": words that stand everywhere tell no price from another.
    // Who asks about cancelling is not answered by a figure of something else.
    let acts: Vec<Concept> = ["cancel", "return", "exchange", "pause"].iter().filter_map(|label| concept(label)).collect();
    let unmet_act = reading
        .wanted
        .iter()
        .zip(&cover.words)
        .any(|(wanted, held)| *held < 0.4 && wanted.weight >= 0.15 && wanted.term.concepts.iter().any(|idea| acts.contains(idea)));
    if unmet_act && !reading.asks.is_empty() && !matches!(unit.kind, Kind::Row(_)) && cover.total < 0.75 {
        return false;
    }
    // A figure whose neighbours only speak of the matter: it tells of something else, unless it leans on them.
    if !reading.asks.is_empty() && cover.firm < 0.3 && matches!(unit.kind, Kind::Sentence(_)) && !super::leans(&unit.text) {
        return false;
    }
    let is_everywhere = |(wanted, held): (&super::reading::Wanted, &f32)| *held < 0.5 || wanted.weight <= 0.62 * wanted.term.weight;
    let common = reading.wanted.iter().zip(&cover.words).all(is_everywhere);
    if !reading.asks.is_empty() && met < 0.4 && common && !matches!(unit.kind, Kind::Row(_)) {
        return false;
    }
    if reading.yes_no && reading.asks.is_empty() && matches!(&unit.kind, Kind::Row(row) if row.cells.len() > 1) {
        needed = needed.max(0.66);
    }
    let named_row = matches!(&unit.kind, Kind::Row(row) if super::tables::said(reading, row, language) >= 0.99);
    let all_held = !cover.asks.is_empty() && cover.asks[0] > 0.0;
    let predicate = if restricts && reading.yes_no {
        0.4
    } else if named_row && all_held && !reading.yes_no {
        0.46
    } else {
        PREDICATE
    };
    if cover.total < needed && !(stranger && restricts) || cover.predicate < predicate {
        return false;
    }
    // The kind of fact that is asked for first must be there, or a plain restriction that answers instead.
    let must = |ask: &Ask| !matches!(ask, Ask::Address);
    let held = reading.asks.iter().zip(&cover.asks).filter(|(ask, _)| must(ask)).map(|(_, held)| *held).fold(f32::NAN, f32::max);
    held.is_nan() || held > 0.0 || restricts && reading.yes_no && cover.total >= 0.6
}

/// Items or rows of the same list that are as good: then the list is the answer.
fn ties(chosen: &Ranked, ranked: &[Ranked], units: &[Unit], passages: &[Passage]) -> Vec<usize> {
    let unit = &units[chosen.unit];
    if matches!(unit.kind, Kind::Sentence(_) | Kind::Pair) {
        return Vec::new();
    }
    let home = &passages[unit.passage];
    ranked
        .iter()
        .filter(|candidate| chosen.cover.total - candidate.cover.total <= 0.02 && chosen.score - candidate.score <= 0.12)
        .filter(|candidate| {
            let other = &units[candidate.unit];
            let there = &passages[other.passage];
            there.source == home.source
                && there.heading == home.heading
                && std::mem::discriminant(&other.kind) == std::mem::discriminant(&unit.kind)
        })
        .map(|candidate| candidate.unit)
        .collect()
}
