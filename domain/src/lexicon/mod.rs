//! What words mean the same: stems, stop words, concepts across languages, and towns for their countries.
//!
//! The dictionary is data (`concepts.txt`, `stopwords.txt`, `places.txt`), written for common trade and service
//! vocabulary and for no business in particular.

mod table;
mod text;

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use self::table::Table;
pub use self::text::{Token, cognate, fold, mistyped, stem, tokens};

/// An idea of the dictionary, by its line.
pub type Concept = u16;

/// A word with its meanings.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// As written.
    pub token: Token,
    /// Its stem in the text's language.
    pub stem: String,
    /// The ideas it may stand for.
    pub concepts: Vec<Concept>,
    /// The country it lies in, for a town of a question.
    pub places: Vec<Concept>,
    /// 0 for a function word, 0.35 for a light one, 1 for a content word.
    pub weight: f32,
    /// Part of a phrase of the dictionary (`money back`).
    pub phrase: bool,
}

/// Languages with columns of their own in the dictionary.
pub const LANGUAGES: [&str; 4] = ["en", "fr", "de", "es"];

/// The phrases of a language by the stem of their first word, the longest first.
struct Phrases {
    firsts: Table<Phrase>,
    /// The stems after the first of all of them, each followed by a blank.
    rests: Box<str>,
}

struct Phrase {
    /// Where its further stems stand.
    rest: (u32, u32),
    idea: Concept,
}

/// The words of a language.
struct Column {
    /// Single words: stem to ideas.
    single: Table<Concept>,
    /// Single words as they are written: an exact form wins over a stem (`garer` is no `gare`).
    exact: Table<Concept>,
    phrases: Phrases,
}

struct Words {
    columns: [Column; 4],
    /// By idea, then language; empty where there is none.
    labels: Vec<[&'static str; 4]>,
    by_label: HashMap<&'static str, Concept>,
    /// Function words of a language, and light ones.
    small: Vec<(&'static str, Small)>,
    places: Table<Concept>,
    countries: HashSet<Concept>,
}

struct Small {
    stop: Table<()>,
    light: Table<()>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut draft = Draft::default();
    draft.read_concepts(include_str!("concepts.txt"));
    draft.read_stop_words(include_str!("stopwords.txt"));
    draft.read_places(include_str!("places.txt"));
    draft.finish()
});

/// A map while it is read.
type Entered<V> = BTreeMap<String, Vec<V>>;

/// The dictionary while it is read.
#[derive(Default)]
struct Draft {
    columns: [Forms; 4],
    labels: Vec<[&'static str; 4]>,
    by_label: HashMap<&'static str, Concept>,
    small: BTreeMap<&'static str, [Entered<()>; 2]>,
    places: Entered<Concept>,
    countries: HashSet<Concept>,
}

#[derive(Default)]
struct Forms {
    single: Entered<Concept>,
    exact: Entered<Concept>,
    /// The further stems of a phrase with what it means.
    phrases: Entered<(Vec<String>, Concept)>,
}

impl Draft {
    fn read_concepts(&mut self, data: &'static str) {
        for line in data.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
            let id = self.labels.len() as Concept;
            let mut labels = [""; 4];
            for (column, forms) in line.split('|').enumerate().take(LANGUAGES.len()) {
                for form in forms.split(',').map(str::trim).filter(|form| !form.is_empty()) {
                    if labels[column].is_empty() {
                        labels[column] = form;
                    }
                    self.enter(column, form, id);
                }
            }
            if !labels[0].is_empty() {
                self.by_label.entry(labels[0]).or_insert(id);
            }
            self.labels.push(labels);
        }
    }

    fn enter(&mut self, column: usize, form: &str, id: Concept) {
        let language = LANGUAGES[column];
        let forms = &mut self.columns[column];
        let parts = tokens(form);
        let mut stems: Vec<String> = parts.iter().map(|part| stem(&part.folded, language)).collect();
        if stems.is_empty() {
            return;
        }
        let first = stems.remove(0);
        if stems.is_empty() {
            let ids = forms.exact.entry(parts[0].folded.clone()).or_default();
            if !ids.contains(&id) {
                ids.push(id);
            }
            // "Fitness" is not "fit": what a stemmer leaves of a word may be another word.
            if first.len() <= 3 && parts[0].folded.len() >= first.len() + 4 {
                return;
            }
            let ids = forms.single.entry(first).or_default();
            if !ids.contains(&id) {
                ids.push(id);
            }
            return;
        }
        // "Check out" is written "checkout" too.
        let short = parts.len() == 2 && parts.iter().all(|part| part.folded.len() >= 2) && language == "en";
        if short || parts.iter().any(|part| part.hyphen) {
            let joined = stem(&parts.iter().map(|part| part.folded.as_str()).collect::<String>(), language);
            forms.single.entry(joined).or_default().push(id);
        }
        forms.phrases.entry(first).or_default().push((stems, id));
    }

    fn read_stop_words(&mut self, data: &'static str) {
        for line in data.lines().filter(|line| !line.starts_with('#')) {
            let Some((head, list)) = line.split_once(':') else { continue };
            let (language, kind) = head.strip_suffix('~').map_or((head, 0), |language| (language, 1));
            let words = list.split_whitespace().map(|word| (fold(word), Vec::new()));
            self.small.entry(language).or_default()[kind].extend(words);
        }
    }

    fn read_places(&mut self, data: &'static str) {
        for line in data.lines().filter(|line| !line.starts_with('#')) {
            let Some((country, towns)) = line.split_once(':') else { continue };
            let id = self.by_label.get(country).copied().unwrap_or_else(|| {
                let id = self.labels.len() as Concept;
                self.labels.push([country, "", "", ""]);
                self.by_label.insert(country, id);
                self.enter(0, country, id);
                id
            });
            self.countries.insert(id);
            for town in towns.split(',').map(|town| fold(town.trim())) {
                self.places.entry(town).or_default().push(id);
            }
        }
        // A town of a country lies where the country does.
        let around: HashMap<Concept, Vec<Concept>> =
            self.by_label.iter().filter_map(|(label, id)| Some((*id, self.places.get(&fold(label))?.clone()))).collect();
        for places in self.places.values_mut() {
            let wider: Vec<Concept> = places.iter().filter_map(|place| around.get(place)).flatten().copied().collect();
            places.extend(wider);
            places.sort_unstable();
            places.dedup();
        }
    }

    fn finish(self) -> Words {
        let small = self.small.into_iter().map(|(language, [stop, light])| (language, Small { stop: stop.into(), light: light.into() }));
        Words {
            columns: self.columns.map(Column::from),
            labels: self.labels,
            by_label: self.by_label,
            small: small.collect(),
            places: self.places.into(),
            countries: self.countries,
        }
    }
}

impl From<Forms> for Column {
    fn from(forms: Forms) -> Self {
        let mut rests = String::new();
        let mut firsts = Entered::new();
        for (first, mut phrases) in forms.phrases {
            phrases.sort_by_key(|(stems, _)| Reverse(stems.len()));
            let packed = phrases.into_iter().map(|(stems, idea)| {
                let from = rests.len() as u32;
                stems.iter().for_each(|stem| rests.extend([stem, " "]));
                Phrase { rest: (from, rests.len() as u32), idea }
            });
            firsts.insert(first, packed.collect());
        }
        let phrases = Phrases { firsts: firsts.into(), rests: rests.into() };
        Self { single: forms.single.into(), exact: forms.exact.into(), phrases }
    }
}

impl Phrases {
    /// The phrases that begin with this stem: their further stems, and what they mean.
    fn begun_by(&self, first: &str) -> impl Iterator<Item = (impl Iterator<Item = &str> + Clone, Concept)> {
        let phrases = self.firsts.get(first).unwrap_or_default().iter();
        phrases.map(|phrase| (self.rests[phrase.rest.0 as usize..phrase.rest.1 as usize].split_terminator(' '), phrase.idea))
    }
}

impl Words {
    fn column(&self, language: &str) -> Option<&Column> {
        LANGUAGES.iter().position(|known| *known == language).map(|place| &self.columns[place])
    }

    fn small(&self, language: &str) -> Option<&Small> {
        self.small.iter().find(|(known, _)| *known == language).map(|(_, words)| words)
    }
}

/// The idea whose English label is `label`.
pub fn concept(label: &str) -> Option<Concept> {
    WORDS.by_label.get(label).copied()
}

/// Is it a country, an island or another place that things are sent to?
pub fn is_place(idea: Concept) -> bool {
    WORDS.countries.contains(&idea)
}

/// The label of an idea in a language, when the dictionary has one.
pub fn label(concept: Concept, language: &str) -> Option<&'static str> {
    let column = LANGUAGES.iter().position(|known| *known == language)?;
    WORDS.labels.get(concept as usize).map(|labels| labels[column]).filter(|label| !label.is_empty())
}

/// Is it a function word of the language?
pub fn is_stop_word(folded: &str, language: &str) -> bool {
    WORDS.small(language).is_some_and(|words| words.stop.contains(folded))
}

/// Does the dictionary have the word in this language?
pub fn knows(folded: &str, language: &str) -> bool {
    let Some(column) = WORDS.column(language) else { return false };
    column.exact.contains(folded) || folded.len() >= 4 && column.single.contains(&stem(folded, language))
}

/// Does the word tell something of its language without carrying the subject?
pub fn is_light_word(folded: &str, language: &str) -> bool {
    WORDS.small(language).is_some_and(|words| words.light.contains(folded))
}

/// The language whose function words a text uses most; `None` when no word tells.
pub fn guess_language(text: &str) -> Option<&'static str> {
    let words = tokens(text);
    let count = |language: &str| words.iter().filter(|word| is_stop_word(&word.folded, language)).count();
    ["en", "fr", "de", "es", "pt", "it", "nl"]
        .into_iter()
        .map(|language| (count(language), language))
        .filter(|(hits, _)| *hits > 0)
        .max_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(a.1)))
        .map(|(_, language)| language)
}

/// The terms of a text in a language: words with stems and ideas, phrases recognised over their words.
pub fn terms(text: &str, language: &str) -> Vec<Term> {
    let column = dictionary_language(language);
    let mut found: Vec<Term> = tokens(text)
        .into_iter()
        .map(|token| {
            let stemmed = stem(&token.folded, language);
            let concepts = meanings(&token.folded, &stemmed, language, column);
            let weight = if token.folded.chars().count() == 1 && !token.is_number() || is_stop_word(&token.folded, language) {
                0.0
            } else if is_light_word(&token.folded, language) {
                0.35
            } else {
                1.0
            };
            let places = WORDS.places.get(&token.folded).unwrap_or_default().to_vec();
            Term { token, stem: stemmed, concepts, places, weight, phrase: false }
        })
        .collect();
    mark_phrases(&mut found, column);
    mark_joined(&mut found, column);
    mark_ranges(&mut found, &DAYS);
    mark_ranges(&mut found, &MONTHS);
    mark_every_day(&mut found);
    mark_seasons(&mut found);
    found
}

fn dictionary_language(language: &str) -> &'static str {
    match language {
        "pt" => "es",
        other => LANGUAGES.into_iter().find(|known| *known == other).unwrap_or("en"),
    }
}

fn meanings(folded: &str, stemmed: &str, language: &str, column: &'static str) -> Vec<Concept> {
    let Some(words) = WORDS.column(column) else { return Vec::new() };
    if let Some(found) = words.exact.get(folded) {
        return found.to_vec();
    }
    let found = if language == column { words.single.get(stemmed) } else { words.single.get(&stem(folded, column)) };
    if let Some(found) = found {
        return found.to_vec();
    }
    if column == "de" && folded.len() >= 8 {
        let parts = compound(folded, &words.single);
        if !parts.is_empty() {
            return parts;
        }
    }
    if column != "en" && !is_stop_word(folded, language) {
        let english = WORDS.column("en").and_then(|english| english.single.get(&stem(folded, "en")));
        return english.unwrap_or_default().to_vec();
    }
    Vec::new()
}

/// A German compound of two known words (`Rückgabefrist`), with an `s` between them where there is one.
fn compound(folded: &str, words: &Table<Concept>) -> Vec<Concept> {
    let known = |part: &str| words.get(&stem(part, "de"));
    for cut in (4..=folded.len().saturating_sub(4)).rev() {
        if !folded.is_char_boundary(cut) {
            continue;
        }
        let (head, tail) = folded.split_at(cut);
        let head = known(head).or_else(|| head.strip_suffix('s').and_then(known));
        if let (Some(head), Some(tail)) = (head, known(tail)) {
            return head.iter().chain(tail).copied().collect();
        }
    }
    Vec::new()
}

fn mark_phrases(found: &mut [Term], column: &'static str) {
    let Some(phrases) = WORDS.column(column).map(|words| &words.phrases) else { return };
    let mut at = 0;
    while at < found.len() {
        let stem_of =
            |place: usize| found.get(place).map(|term| if column == "en" { stem(&term.token.folded, "en") } else { term.stem.clone() });
        let Some(first) = stem_of(at) else { break };
        let hit = phrases.begun_by(&first).find_map(|(rest, idea)| Some((places(rest, at, found, &stem_of)?, idea)));
        let Some((places, id)) = hit else {
            at += 1;
            continue;
        };
        let length = places.len();
        // The content words of a phrase share one weight; a phrase of function words alone ("have to") hardly counts.
        let content = places.iter().filter(|place| found[**place].weight > 0.0).count();
        for place in &places {
            let term = &mut found[*place];
            if !term.concepts.contains(&id) {
                term.concepts.push(id);
            }
            if content == 0 {
                term.weight = 0.2 / length as f32;
            } else if term.weight > 0.0 {
                term.weight = term.weight.max(0.6) / content as f32;
            }
            term.phrase = true;
        }
        at = places.last().map_or(at, |last| *last) + 1;
    }
}

/// Where the words of a phrase stand, an article between two of them aside: "without an appointment".
fn places<'p>(
    rest: impl Iterator<Item = &'p str>,
    at: usize,
    found: &[Term],
    stem_of: &dyn Fn(usize) -> Option<String>,
) -> Option<Vec<usize>> {
    const ARTICLES: [&str; 18] =
        ["a", "an", "the", "my", "your", "our", "un", "une", "le", "la", "les", "ein", "eine", "einen", "der", "die", "das", "el"];
    let mut places = vec![at];
    let mut next = at + 1;
    for wanted in rest {
        if stem_of(next).as_deref() != Some(wanted) {
            let skipped = found.get(next).is_some_and(|term| ARTICLES.contains(&term.token.folded.as_str()));
            if !skipped || stem_of(next + 1).as_deref() != Some(wanted) {
                return None;
            }
            next += 1;
        }
        places.push(next);
        next += 1;
    }
    Some(places)
}

/// `check-up`, `head rest`: two tokens that the dictionary knows as one word.
fn mark_joined(found: &mut [Term], column: &'static str) {
    let Some(words) = WORDS.column(column) else { return };
    for at in 1..found.len() {
        if found[at].phrase || found[at - 1].phrase || found[at].token.is_number() || found[at - 1].token.is_number() {
            continue;
        }
        if !found[at - 1].token.hyphen && found[at - 1].token.folded.len() + found[at].token.folded.len() < 7 {
            continue;
        }
        let joined = stem(&format!("{}{}", found[at - 1].token.folded, found[at].token.folded), column);
        if let Some(ids) = words.single.get(&joined) {
            for term in &mut found[at - 1..=at] {
                term.concepts.extend(ids.iter().copied());
                term.weight = 0.5;
            }
        }
    }
}

static DAYS: LazyLock<Vec<Concept>> = LazyLock::new(|| {
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"].into_iter().filter_map(concept).collect()
});

static MONTHS: LazyLock<Vec<Concept>> = LazyLock::new(|| {
    let months = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];
    months.into_iter().filter_map(concept).collect()
});

/// Is it a day of the week or a month of the year?
pub fn is_calendar(idea: Concept) -> bool {
    DAYS.contains(&idea) || MONTHS.contains(&idea)
}

/// A season is its months too: who asks about the summer is answered by what is said of August. So is a weekend its days.
fn mark_seasons(found: &mut [Term]) {
    static SEASONS: LazyLock<Vec<(Concept, Vec<Concept>)>> = LazyLock::new(|| {
        let months = |names: &[&str]| names.iter().filter_map(|name| concept(name)).collect::<Vec<_>>();
        [
            ("spring", months(&["april", "may"])),
            ("summer", months(&["july", "august"])),
            ("autumn", months(&["october", "november"])),
            ("winter", months(&["december", "january", "february"])),
            ("weekend", months(&["saturday", "sunday"])),
        ]
        .into_iter()
        .filter_map(|(season, months)| Some((concept(season)?, months)))
        .collect()
    });
    for term in found {
        if let Some((_, months)) = SEASONS.iter().find(|(season, _)| term.concepts.contains(season)) {
            term.concepts.extend(months.iter().copied());
        }
    }
}

/// `every day`, `tous les jours`: each of them.
fn mark_every_day(found: &mut [Term]) {
    for at in 0..found.len() {
        let before = at.checked_sub(1).map(|before| found[before].token.folded.clone()).unwrap_or_default();
        let every = match found[at].token.folded.as_str() {
            "daily" | "taglich" | "diario" => true,
            "day" => before == "every" || before == "each",
            "jours" => before == "les" && at >= 2 && found[at - 2].token.folded == "tous",
            "tag" | "tage" => before == "jeden" || before == "alle",
            "dias" => before == "los" && at >= 2 && found[at - 2].token.folded == "todos",
            _ => false,
        };
        if every {
            found[at].concepts.extend(DAYS.iter().copied());
        }
    }
}

/// `Monday to Friday` holds Wednesday too: what lies between is added to the last one's ideas.
fn mark_ranges(found: &mut [Term], cycle: &[Concept]) {
    let day_of = |term: &Term| cycle.iter().position(|day| term.concepts.contains(day));
    for at in 1..found.len() {
        let Some(last) = day_of(&found[at]) else { continue };
        let from = if let Some(first) = day_of(&found[at - 1]) {
            // "Tuesday–Friday" leaves no token between, "Tuesday, Friday" neither: only a dash is a range.
            found[at - 1].token.hyphen.then_some(first)
        } else if at >= 2 && matches!(found[at - 1].token.folded.as_str(), "to" | "through" | "until" | "till" | "bis" | "au" | "a" | "al")
        {
            day_of(&found[at - 2])
        } else {
            None
        };
        let Some(first) = from else { continue };
        let mut day = (first + 1) % cycle.len();
        while day != last {
            found[at].concepts.push(cycle[day]);
            day = (day + 1) % cycle.len();
        }
    }
}
