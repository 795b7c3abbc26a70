//! The extractive answerer: quotes the business's own words, cites them, and is silent where they do not say.
//!
//! A question is read for its words and for the kind of fact it wants; passages become units that can be said; the unit
//! that covers the question answers it, rows of tables answer by their cells, and what one unit leaves open another may add.
//! Nothing is composed that no source says, besides differences, sums and small multiples of its prices.

mod bounds;
mod capacity;
mod choice;
mod context;
mod figures;
mod limits;
mod matching;
mod nearest;
mod reading;
mod tables;
mod units;
mod wording;

#[cfg(test)]
mod tests;

use domain::knowledge::{Answer, Passage, Question};
use domain::lexicon;

use self::choice::{Choice, choose};
use self::context::Name;
use self::reading::{Ask, Reading};
use self::units::{Kind, Unit, leans, units};

/// How many passages a question is answered from.
const BREADTH: usize = 16;

/// What the sources have for a question.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// An answer.
    Answer(Answer),
    /// No answer, but what they say on the matter.
    Nearest(Answer),
    /// It is asked how much, how long or when, but not of what.
    Unclear,
    /// Nothing.
    Nothing,
}

/// The answer the sources give, or none.
///
/// `search` returns public, current passages, best first; it is called a few times with parts of the question.
/// `names` are the products and plans of the catalogue.
pub fn answer(question: &Question, search: &dyn Fn(&Question, usize) -> Vec<Passage>, names: &[String]) -> Answer {
    for question in [Some(question.clone()), leaning(question)].into_iter().flatten() {
        if let Found::Answer(answer) = find(&question, search, names) {
            return answer;
        }
    }
    Answer::default()
}

/// "I have a fitting on Thursday. How long does it take?": the last sentence asks, and what it asks of was told before it.
fn leaning(question: &Question) -> Option<Question> {
    let text = question.text.trim_end();
    let (told, asked) = text.trim_end_matches(['?', '.', '!', ' ']).rsplit_once(['.', '!', '\n'])?;
    let asked = format!("{}?", asked.trim());
    let leans = text.ends_with('?') && told.contains(char::is_alphabetic) && reading::points_back(&asked, &question.language);
    leans.then(|| Question {
        text: asked,
        before: question.before.iter().cloned().chain([told.trim().to_owned()]).collect(),
        ..question.clone()
    })
}

/// The answer, or else what the sources say on the matter, which must not be put as an answer.
pub fn find(question: &Question, search: &dyn Fn(&Question, usize) -> Vec<Passage>, names: &[String]) -> Found {
    if limits::limit(&question.text).is_some() {
        return Found::Nothing;
    }
    let names = context::names(names);
    let mut reading = reading::read(question);
    let about = context::resolve(question, &mut reading, &names);
    weigh(&mut reading, search);
    if reading.wanted.is_empty() && reading.asks.is_empty() {
        return Found::Nothing;
    }
    let of_something = |ask: &Ask| matches!(ask, Ask::Money | Ask::Duration | Ask::Moment | Ask::Count);
    if reading.wanted.iter().all(|wanted| wanted.weight < 0.2)
        && reading.extreme.is_none()
        && !reading.asks.is_empty()
        && reading.asks.iter().all(of_something)
    {
        return Found::Unclear;
    }
    // "Is that allowed?": of what, nobody has said.
    let says_nothing = |wanted: &reading::Wanted| wanted.weight < 0.2 || nearest::is_general(&wanted.term.concepts) && !wanted.inherited;
    if reading.asks.is_empty() && !reading.wanted.is_empty() && reading.wanted.iter().all(says_nothing) && reading::points_at(&reading.text)
    {
        return Found::Unclear;
    }
    let passages = gather(question, &reading, &about, search);
    let units = units(&passages);
    let answer = if let Some(worked) = work_out(&reading, &passages, &units) {
        let citations: Vec<Passage> = worked.passages.iter().map(|passage| passages[*passage].clone()).collect();
        finish(worked.text, citations, worked.confidence, worked.topic)
    } else if let Some(choice) = choose(&reading, &passages, &units, &names, &about) {
        let chosen = put(&reading, &passages, &units, &choice, &about);
        // "The lightest desk" is none of the desks that some sentence happens to speak of.
        // Rows told side by side leave the choice to whoever reads them.
        let is_list = !choice.ties.is_empty() && matches!(units[choice.units[0].unit].kind, Kind::Row(_));
        let keeps = is_list || chosen.text.as_deref().is_some_and(|text| reading::keeps_extreme(&reading, text));
        if keeps { chosen } else { Answer::default() }
    } else {
        Answer::default()
    };
    if answer.text.is_some() {
        return Found::Answer(answer);
    }
    if let Some(general) = without_what_it_is(question, &reading, search, &names) {
        return Found::Answer(general);
    }
    nearest::nearest(&reading, &passages, &units, &names, &about).map_or(Found::Nothing, Found::Nearest)
}

/// "How many days do I have to return it?" of a chair: where nothing is said of the chair, what is said of everything holds.
fn without_what_it_is(
    question: &Question,
    reading: &Reading,
    search: &dyn Fn(&Question, usize) -> Vec<Passage>,
    names: &[Name<'_>],
) -> Option<Answer> {
    let is_of_a_name = reading.wanted.iter().any(|wanted| wanted.inherited && wanted.named);
    let own: f32 = reading.wanted.iter().filter(|wanted| !wanted.inherited && !wanted.named).map(|wanted| wanted.weight).sum();
    if !is_of_a_name || own < 0.5 || reading.asks.is_empty() {
        return None;
    }
    let plain = Question { before: Vec::new(), topics: Vec::new(), ..question.clone() };
    let every: Vec<String> = names.iter().map(|name| name.text.to_owned()).collect();
    let Found::Answer(found) = find(&plain, search, &every) else { return None };
    let says = |text: &str| context::named(&lexicon::terms(text, "en"), names).is_empty();
    let is_general = found.text.as_deref().is_some_and(says) && found.citations.iter().all(|passage| says(&passage.heading));
    is_general.then_some(found)
}

/// The same for a question that may ask two things: what one answer cannot hold is looked up in parts.
pub fn find_all(question: &Question, search: &dyn Fn(&Question, usize) -> Vec<Passage>, names: &[String]) -> Vec<(String, Found)> {
    let whole = find(question, search, names);
    let parts = reading::clauses(&question.text);
    if matches!(whole, Found::Answer(_)) || parts.len() < 2 {
        return vec![(question.text.clone(), whole)];
    }
    let mut before = question.before.clone();
    let mut found = Vec::new();
    for part in parts {
        let asked = Question { text: part.clone(), before: before.clone(), ..question.clone() };
        found.push((part.clone(), find(&asked, search, names)));
        before.push(part);
    }
    if found.iter().any(|(_, found)| matches!(found, Found::Answer(_))) { found } else { vec![(question.text.clone(), whole)] }
}

pub use self::nearest::on_matter;

/// Rare words count more; words that no source and no dictionary knows are marked.
fn weigh(reading: &mut Reading, search: &dyn Fn(&Question, usize) -> Vec<Passage>) {
    const MANY: f32 = 40.0;
    for wanted in &mut reading.wanted {
        let text = wanted.term.token.folded.clone();
        let passages = search(&Question { text: text.clone(), language: reading.language.clone(), ..Question::default() }, MANY as usize);
        let found = passages.len();
        // A town that is known by its country only is a stranger to the sources all the same.
        wanted.unknown =
            found == 0 || !wanted.term.places.is_empty() && !passages.iter().any(|passage| lexicon::fold(&passage.text).contains(&text));
        if !wanted.named {
            wanted.weight *= 1.0 - 0.45 * ((1.0 + found as f32).ln() / (1.0 + MANY).ln()).min(1.0);
        }
    }
}

fn gather(question: &Question, reading: &Reading, about: &[&Name<'_>], search: &dyn Fn(&Question, usize) -> Vec<Passage>) -> Vec<Passage> {
    let mut found: Vec<Passage> = Vec::new();
    let mut add = |passages: Vec<Passage>| {
        for passage in passages {
            if !found.iter().any(|known| known.text == passage.text && known.source == passage.source && known.heading == passage.heading) {
                found.push(passage);
            }
        }
    };
    let ask = |text: &str, language: &str| Question { text: text.to_owned(), language: language.to_owned(), ..Question::default() };
    add(search(&Question { text: reading.text.clone(), language: reading.language.clone(), ..question.clone() }, BREADTH));
    if reading.wanted.iter().any(|wanted| wanted.inherited) {
        let words: Vec<&str> = reading.wanted.iter().map(|wanted| wanted.term.token.folded.as_str()).collect();
        add(search(&ask(&words.join(" "), &reading.language), BREADTH));
    }
    // What is the cheapest, or within a limit, is found in a table by its subject and its column.
    if reading.extreme.is_some() || reading.bound.is_some() {
        let subject: Vec<&str> = reading.wanted.iter().map(|wanted| wanted.term.token.folded.as_str()).collect();
        for column in ["price", "weight"] {
            add(search(&ask(&format!("{} {column}", subject.join(" ")), &reading.language), BREADTH));
        }
    }
    for part in parts(&reading.text) {
        add(search(&ask(&part, &reading.language), 6));
    }
    for name in about {
        add(search(&ask(name.text, "en"), 5));
    }
    for list in matching::lists_of(reading) {
        add(search(&ask(list, "en"), 5));
    }
    // The tables that were touched, with all their rows.
    let touched: Vec<Passage> = found.iter().filter(|passage| is_row(&passage.text)).cloned().collect();
    let mut seen: Vec<(String, String)> = Vec::new();
    for row in touched {
        let place = (row.source.clone(), row.heading.clone());
        if seen.len() >= 5 || seen.contains(&place) {
            continue;
        }
        let columns: Vec<&str> = row.text.split(" | ").filter_map(|cell| cell.split_once(": ")).map(|cell| cell.0).collect();
        let text = format!("{} {}", row.heading.rsplit(" › ").next().unwrap_or_default(), columns.join(" "));
        for passage in search(&ask(&text, &row.language), 80) {
            let same = passage.source == row.source && passage.heading == row.heading && is_row(&passage.text);
            if same
                && !found
                    .iter()
                    .any(|known| known.text == passage.text && known.source == passage.source && known.heading == passage.heading)
            {
                found.push(passage);
            }
        }
        seen.push(place);
    }
    found
}

fn is_row(text: &str) -> bool {
    text.contains(" | ") && !text.contains('\n')
}

/// The parts of a question that asks two things.
fn parts(text: &str) -> Vec<String> {
    let mut parts = vec![text.to_owned()];
    for joint in ["? ", ". ", " and ", " et ", " und ", " y ", ", "] {
        parts = parts.iter().flat_map(|part| part.split(joint).map(str::to_owned).collect::<Vec<_>>()).collect();
    }
    if parts.len() < 2 { Vec::new() } else { parts.into_iter().filter(|part| part.split_whitespace().count() >= 2).take(4).collect() }
}

fn work_out(reading: &Reading, passages: &[Passage], units: &[Unit]) -> Option<tables::Worked> {
    let place = |passage: usize| {
        let passage = &passages[passage];
        (passage.source.as_str(), passage.heading.as_str(), passage.language.as_str())
    };
    let tables = tables::tables(units, &place);
    if let Some(worked) = capacity::which_holds(reading, &tables) {
        return Some(worked);
    }
    if let Some(worked) = bounds::within(reading, &tables) {
        return Some(worked);
    }
    if reading.extreme.is_some() {
        return tables::extreme(reading, &tables).or_else(|| tables::side_by_side(reading, &tables));
    }
    tables::side_by_side(reading, &tables)
}

/// Puts the chosen units into words.
fn put(reading: &Reading, passages: &[Passage], units: &[Unit], choice: &Choice, about: &[&Name<'_>]) -> Answer {
    let mut citations: Vec<usize> = Vec::new();
    let mut said: Vec<String> = Vec::new();
    let first = &units[choice.units[0].unit];
    if (1..=7).contains(&choice.ties.len()) && choice.units.len() == 1 {
        let mut all = choice.ties.clone();
        all.push(choice.units[0].unit);
        all.sort_by_key(|unit| units[*unit].passage);
        // The search keeps the source's own order among equals.
        let lines: Vec<String> = all.iter().map(|unit| say(reading, &passages[units[*unit].passage], &units[*unit])).collect();
        citations.extend(all.iter().map(|unit| units[*unit].passage));
        said.push(lines.iter().map(|line| format!("- {}", line.trim_end_matches('.'))).collect::<Vec<_>>().join("\n"));
    } else if choice.ties.len() > 7 {
        return Answer::default();
    } else {
        for ranked in &choice.units {
            let unit = &units[ranked.unit];
            if citations.contains(&unit.passage) && !matches!(unit.kind, Kind::Sentence(_)) {
                continue;
            }
            let text = say(reading, &passages[unit.passage], unit);
            if !said.iter().any(|known| known.contains(text.trim_end_matches('.'))) {
                said.push(text);
            }
            if !citations.contains(&unit.passage) {
                citations.push(unit.passage);
            }
        }
    }
    // A list ends as it is; sentences that follow each other are told apart.
    let text = if said.len() > 1 { said.iter().map(|part| wording::ended(part)).collect::<Vec<_>>().join(" ") } else { said.concat() };
    let topic = match (&first.kind, about.last()) {
        (Kind::Row(row), _) if !row.column.is_empty() => Some(row.key.clone()),
        (_, Some(name)) => Some(name.text.to_owned()),
        _ => passages[first.passage].heading.rsplit(" › ").next().map(str::to_owned),
    };
    let confidence = (0.35 * choice.cover.total + 0.4 * choice.cover.predicate + 0.25 * choice.units[0].cover.own).clamp(0.0, 1.0);
    finish(text, citations.into_iter().map(|passage| passages[passage].clone()).collect(), confidence, topic)
}

/// One unit in words.
fn say(reading: &Reading, passage: &Passage, unit: &Unit) -> String {
    let across = passage.language != reading.language;
    match &unit.kind {
        Kind::Row(row) => {
            if let Some(text) = tables::columns_that_do(reading, row).filter(|_| tables::cells_for(reading, row, across).is_empty()) {
                return text;
            }
            let mut cells = tables::cells_for(reading, row, across);
            if cells.is_empty() {
                cells = (0..row.cells.len()).collect();
            }
            let mut text = wording::row(row, &cells, &passage.language, &reading.language);
            if let [only] = cells.as_slice()
                && let Some(product) = tables::times(reading, row, *only, across)
            {
                text = format!("{text}; {product}");
            }
            wording::ended(&text)
        }
        Kind::Pair => {
            let answer = if has_other_figure(&reading.text, &passage.text) { without_yes(&unit.text) } else { unit.text.clone() };
            wording::quote(&answer, &passage.language, &reading.language)
        }
        Kind::Item => {
            let lead = passage.text.split_once("\n- ").map(|(lead, _)| lead.trim_end_matches(':'));
            let text = wording::ended(&lead.map_or_else(|| unit.text.clone(), |lead| format!("{lead}: {}", unit.text)));
            wording::quote(&text, &passage.language, &reading.language)
        }
        Kind::Sentence(place) => wording::quote(&around(units::prose(&passage.text), *place), &passage.language, &reading.language),
    }
}

/// A short section whole; of a longer one the sentence, with the one before where it leans on it and the one after that limits it.
fn around(text: &str, place: usize) -> String {
    let sentences = units::sentences(text);
    if text.chars().count() <= 300 && sentences.len() <= 3 {
        return sentences.join(" ");
    }
    let Some(sentence) = sentences.get(place) else { return text.to_owned() };
    let mut said = sentence.clone();
    if place > 0 && leans(sentence) {
        said = format!("{} {said}", sentences[place - 1]);
    }
    if let Some(next) = sentences.get(place + 1)
        && (leans(next) || figures::says(next, r"(?i)\b(?:only|except|not|cannot|outside|unless|but)\b"))
        && next.chars().count() <= 160
    {
        said = format!("{said} {next}");
    }
    said
}

/// The question names a figure that the answer's own question does not: its "yes" may be meant for another one.
fn has_other_figure(asked: &str, pair: &str) -> bool {
    lexicon::tokens(asked).iter().any(|token| token.is_number() && !lexicon::tokens(pair).iter().any(|known| known.folded == token.folded))
}

fn without_yes(answer: &str) -> String {
    for begin in ["Yes, ", "No, ", "Yes. ", "No. ", "Oui, ", "Non, "] {
        if let Some(rest) = answer.strip_prefix(begin) {
            let mut letters = rest.chars();
            return letters.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str());
        }
    }
    answer.to_owned()
}

fn finish(text: String, citations: Vec<Passage>, confidence: f32, topic: Option<String>) -> Answer {
    if text.trim().is_empty() || text.chars().count() > 900 {
        return Answer::default();
    }
    let commits = figures::has_money(&text)
        || figures::has_percent(&text)
        || figures::says(
            &text,
            r"(?i)\b(?:refund\w*|rembours\w*|erstatt\w*|reembols\w*|book(?:ed|ing)?|reserv\w+|guarantee\w*|within \d+|by \d{1,2} \w+|\d{4}-\d{2}-\d{2}|january|february|april|june|july|august|september|october|november|december)\b",
        );
    Answer { text: Some(text), citations, confidence, commits, topic }
}
