//! Where nothing answers: what the sources say on the matter, quoted whole and never put as an answer.

use domain::knowledge::{Answer, Passage, Question};

use super::choice::{Ranked, ranked};
use super::context::{Name, is_about_another};
use super::figures::has_money;
use super::matching::best;
use super::reading::Reading;
use super::units::{Kind, Unit, sentences};
use super::wording;
use domain::lexicon::{Concept, concept, label, terms};

/// What of the question a unit must meet at the least, and the weight of one word that says what it is about.
const MET: f32 = 0.45;
const TELLING: f32 = 0.45;
/// A second passage that is about as near.
const ABOUT_AS_NEAR: f32 = 0.8;
/// More than this is no quotation any more.
const LONGEST: usize = 450;

/// Up to two passages on the matter of the question; `None` where the sources do not speak of it.
pub fn nearest(reading: &Reading, passages: &[Passage], units: &[Unit], names: &[Name<'_>], about: &[&Name<'_>]) -> Option<Answer> {
    let mut near: Vec<(f32, Ranked)> = ranked(reading, passages, units, names, about)
        .into_iter()
        .filter(|candidate| !is_about_another(&units[candidate.unit].own, names, about))
        .filter_map(|candidate| Some((nearness(reading, &candidate, &units[candidate.unit], passages)?, candidate)))
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.unit.cmp(&b.1.unit)));
    let top = near.first()?.0;
    let mut quoted: Vec<usize> = Vec::new();
    let mut said: Vec<String> = Vec::new();
    for (nearness, candidate) in &near {
        let unit = &units[candidate.unit];
        if quoted.len() >= 2 || *nearness < top * ABOUT_AS_NEAR {
            break;
        }
        let text = quote(reading, &passages[unit.passage], unit);
        if quoted.contains(&unit.passage) || text.chars().count() > LONGEST || said.contains(&text) {
            continue;
        }
        quoted.push(unit.passage);
        said.push(text);
    }
    if said.is_empty() {
        return None;
    }
    let text = said.iter().map(|part| wording::ended(part)).collect::<Vec<_>>().join("\n");
    let commits = has_money(&text);
    let citations = quoted.into_iter().map(|passage| passages[passage].clone()).collect();
    Some(Answer { text: Some(text), citations, confidence: (0.15 * top).min(0.5), commits, topic: None })
}

/// Words that say nothing of what they are said about: whether it is allowed, accepted, possible.
pub fn is_general(ideas: &[Concept]) -> bool {
    const GENERAL: [&str; 12] =
        ["allow", "accept", "possible", "include", "required", "forbidden", "happen", "available", "suitable", "begin", "end", "change"];
    !ideas.is_empty() && GENERAL.iter().filter_map(|label| concept(label)).any(|idea| ideas.contains(&idea))
}

/// How much of what is asked a unit meets; `None` when that is nothing that tells.
fn nearness(reading: &Reading, candidate: &Ranked, unit: &Unit, passages: &[Passage]) -> Option<f32> {
    let across = passages[unit.passage].language != reading.language;
    let words = || reading.wanted.iter().zip(&candidate.cover.words);
    let met: f32 = words().map(|(wanted, held)| wanted.weight * held).sum();
    let telling = words().any(|(wanted, held)| {
        wanted.weight >= TELLING && *held >= 0.75 && !wanted.term.token.is_number() && !is_general(&wanted.term.concepts)
    });
    let heading = terms(passages[unit.passage].heading.rsplit(" › ").next().unwrap_or_default(), &passages[unit.passage].language);
    let headed: f32 = words().map(|(wanted, _)| wanted.weight * best(&wanted.term, &heading, across)).sum();
    if met < MET || !telling || candidate.cover.own <= 0.02 && headed < MET {
        return None;
    }
    // A row that the question does not name says nothing about it.
    if let Kind::Row(row) = &unit.kind
        && row.cells.len() > 1
        && !words().any(|(wanted, _)| best(&wanted.term, &row.key_terms, across) >= 0.75)
    {
        return None;
    }
    let asks: f32 = candidate.cover.asks.iter().sum();
    Some(met + 0.4 * asks + 0.4 * headed + 0.2 * candidate.score)
}

/// What applies to a matter of service (sending back, cancelling …): the section about it, or the sentence that begins with it.
pub fn on_matter(idea: Concept, language: &str, search: &dyn Fn(&Question, usize) -> Vec<Passage>) -> Option<Answer> {
    let asked = Question { text: label(idea, language)?.to_owned(), language: language.to_owned(), ..Question::default() };
    let found = search(&asked, 12);
    let is_about_it = |text: &str, of: &str, first: usize| {
        terms(text, of).iter().filter(|term| term.weight > 0.0).take(first).any(|term| term.concepts.contains(&idea))
    };
    let section = found.iter().find(|passage| {
        let heading = passage.heading.rsplit(" › ").next().unwrap_or_default();
        !super::is_row(&passage.text) && is_about_it(heading, &passage.language, 3) && passage.text.chars().count() <= LONGEST
    });
    let (text, passage) = match section {
        Some(passage) => (passage.text.replace('\n', " "), passage),
        None => found.iter().filter(|passage| !super::is_row(&passage.text)).find_map(|passage| {
            let sentence = sentences(&passage.text).into_iter().find(|sentence| is_about_it(sentence, &passage.language, 2))?;
            Some((sentence, passage))
        })?,
    };
    let text = wording::quote(text.strip_prefix("Q: ").unwrap_or(&text), &passage.language, language);
    Some(Answer { text: Some(text), citations: vec![passage.clone()], confidence: 0.5, commits: false, topic: None })
}

/// A section, an item with its lead, a row with all its cells.
fn quote(reading: &Reading, passage: &Passage, unit: &Unit) -> String {
    match &unit.kind {
        Kind::Row(row) => {
            let cells: Vec<usize> = (0..row.cells.len()).collect();
            wording::row(row, &cells, &passage.language, &reading.language)
        }
        Kind::Pair => passage.text.strip_prefix("Q: ").unwrap_or(&passage.text).replace("\nA: ", " "),
        Kind::Item => match passage.text.split_once("\n- ") {
            Some((lead, item)) => format!("{}: {item}", lead.trim_end_matches(':')),
            None => unit.text.clone(),
        },
        Kind::Sentence(place) => {
            let prose = super::units::prose(&passage.text);
            if prose.chars().count() <= LONGEST { prose.replace('\n', " ") } else { super::around(prose, *place) }
        }
    }
}
