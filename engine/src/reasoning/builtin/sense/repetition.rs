//! The same question in other words, and whether a matter stays open over several turns.

use std::cell::OnceCell;
use std::fmt;
use std::str::FromStr;

use rust_stemmers::{Algorithm, Stemmer};

use super::Sensing;
use super::lexicon;
use super::reading::Reading;
use super::sentences;

/// Who said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The customer.
    Customer,
    /// We.
    Ours,
}

/// One turn of a dialogue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DialogueTurn<'a> {
    /// Who.
    pub role: Role,
    /// What.
    pub text: &'a str,
    /// We said that we do not know.
    pub was_unknown: bool,
}

/// What a question is about: its intent, what it asks and of which thing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QuestionKey {
    /// Built-in intent, when sure.
    pub intent: Option<String>,
    /// Stems that say what is asked.
    pub asked: Vec<String>,
    /// Names and figures it is asked of.
    pub things: Vec<String>,
}

impl fmt::Display for QuestionKey {
    fn fmt(&self, into: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(into, "{}|{}|{}", self.intent.as_deref().unwrap_or(""), self.asked.join(" "), self.things.join(" "))
    }
}

impl FromStr for QuestionKey {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut pieces = text.splitn(3, '|');
        let intent = pieces.next().filter(|name| !name.is_empty()).map(str::to_owned);
        let mut list = || pieces.next().unwrap_or("").split_whitespace().map(str::to_owned).collect();
        Ok(Self { intent, asked: list(), things: list() })
    }
}

/// The key of a question; words like "I asked whether" leave no trace in it.
pub fn question_key(question: &str, language: &str) -> QuestionKey {
    let mut key = stems(question, language);
    let (label, score, unknown) = super::intents::built_in().classify(question);
    if !unknown && score >= 0.6 && !matches!(label.as_str(), "greeting" | "thanks" | "goodbye" | "small_talk" | "complaint" | "human") {
        key.intent = Some(label);
    }
    key
}

/// What is asked and of what, the intent left out.
fn stems(question: &str, language: &str) -> QuestionKey {
    let lexicon = lexicon::for_text(question, language).pop().unwrap_or_else(|| lexicon::of(language));
    let stemmer = stemmer(lexicon.language);
    let mut key = QuestionKey::default();
    for sentence in sentences::read(question, lexicon.language) {
        for (at, word) in sentence.words.iter().enumerate() {
            if lexicon.is(&word.text, "filler") || word.text.chars().count() < 2 && !word.text.chars().all(|sign| sign.is_ascii_digit()) {
                continue;
            }
            let is_thing = word.text.contains(|sign: char| sign.is_ascii_digit())
                || word.is_capital && at > 0 && !word.is_shouted && lexicon.language != "de";
            let stem = stemmer.stem(&word.text).into_owned();
            let list = if is_thing { &mut key.things } else { &mut key.asked };
            if !list.contains(&stem) {
                list.push(stem);
            }
        }
    }
    key.asked.sort();
    key.things.sort();
    key
}

/// Do two questions ask the same of the same thing? An ellipsis ("where though?") asks what was asked before.
pub fn same_question(a: &QuestionKey, b: &QuestionKey) -> bool {
    let other_thing = !a.things.is_empty() && !b.things.is_empty() && !a.things.iter().any(|thing| b.things.contains(thing));
    let figures = |key: &QuestionKey| {
        key.things.iter().filter(|thing| thing.starts_with(|sign: char| sign.is_ascii_digit())).cloned().collect::<Vec<_>>()
    };
    let (of_a, of_b) = (figures(a), figures(b));
    let other_figure = !of_a.is_empty() && !of_b.is_empty() && !of_a.iter().any(|figure| of_b.contains(figure));
    if other_thing || other_figure {
        return false;
    }
    if a.asked.is_empty() || b.asked.is_empty() {
        let bare = if a.asked.is_empty() { a } else { b };
        let other = if a.asked.is_empty() { b } else { a };
        return bare.things.is_empty() || bare.things.iter().all(|thing| other.things.contains(thing));
    }
    let shared = shared(&a.asked, &b.asked);
    let smaller = a.asked.len().min(b.asked.len());
    let same_intent = a.intent.is_some() && a.intent == b.intent;
    shared * 2 >= smaller.max(1) && shared > 0 || same_intent && (shared > 0 || smaller <= 2)
}

fn shared(a: &[String], b: &[String]) -> usize {
    a.iter().filter(|word| b.iter().any(|other| alike(word, other))).count()
}

/// Equal, or one typing error apart in a long word.
fn alike(a: &str, b: &str) -> bool {
    a == b || a.len() >= 6 && b.len() >= 6 && strsim::osa_distance(a, b) <= 1
}

fn stemmer(language: &str) -> Stemmer {
    Stemmer::create(match language {
        "fr" => Algorithm::French,
        "de" => Algorithm::German,
        "es" => Algorithm::Spanish,
        "pt" => Algorithm::Portuguese,
        _ => Algorithm::English,
    })
}

/// A customer's turn, read as far as somebody asks: most talks need no more than the last one.
struct Said<'a> {
    text: &'a str,
    language: &'a str,
    key: OnceCell<QuestionKey>,
    heard: OnceCell<Heard>,
}

/// What a customer's turn says about the matter before it.
#[expect(clippy::struct_excessive_bools, reason = "several may hold of one turn")]
struct Heard {
    still_open: bool,
    third_time: bool,
    closes: bool,
    opens_new: bool,
    asks: bool,
}

impl<'a> Said<'a> {
    fn new(text: &'a str, language: &'a str) -> Self {
        Self { text, language, key: OnceCell::new(), heard: OnceCell::new() }
    }

    /// What it asks, without its intent.
    fn key(&self) -> &QuestionKey {
        self.key.get_or_init(|| stems(self.text, self.language))
    }

    fn whole_key(&self) -> QuestionKey {
        question_key(self.text, self.language)
    }

    fn heard(&self) -> &Heard {
        self.heard.get_or_init(|| listen(self.text, self.language))
    }

    fn quote(&self) -> String {
        self.text.trim().to_owned()
    }
}

/// The evidence that a matter stayed open over three turns, or was met twice with "I don't know".
pub fn unresolved(dialogue: &[DialogueTurn<'_>], language: &str) -> Option<String> {
    let recent = &dialogue[dialogue.len().saturating_sub(24)..];
    let turns: Vec<(usize, Said<'_>)> = recent
        .iter()
        .enumerate()
        .filter(|(_, turn)| turn.role == Role::Customer)
        .map(|(at, turn)| (at, Said::new(turn.text, language)))
        .collect();
    let (last_at, last) = turns.last()?;
    let heard = last.heard();
    if heard.third_time {
        return Some(last.quote());
    }
    if heard.closes && !heard.still_open {
        return None;
    }
    if let Some(quote) = twice_unknown(recent, &turns) {
        return Some(quote);
    }
    if heard.closes && !heard.asks && !heard.still_open || turns.len() < 3 {
        return None;
    }
    let names = names_of(recent);
    // Walk back while each turn keeps the matter of the one before it open.
    let mut chain = 1;
    for at in (1..turns.len()).rev() {
        let ((before_at, before), (after_at, after)) = (&turns[at - 1], &turns[at]);
        // "yes but when?" asks what was asked before it.
        let before_that = at.checked_sub(2).filter(|_| before.key().asked.is_empty()).map(|earlier| &turns[earlier].1);
        let reply = recent[*before_at + 1..*after_at].iter().rfind(|turn| turn.role == Role::Ours);
        let reply = reply.map(|turn| turn.text);
        if !keeps_open(before, after, reply, &names) && !before_that.is_some_and(|earlier| keeps_open(earlier, after, reply, &names)) {
            break;
        }
        chain += 1;
        if chain >= 3 {
            break;
        }
    }
    if chain >= 3 && (heard.still_open || heard.asks || *last_at > 0) {
        return Some(last.quote());
    }
    // The same question once more after other matters.
    let own = without(&last.key().asked, &names);
    if !heard.asks || own.len() < 2 {
        return None;
    }
    let mut repeated = turns[..turns.len() - 1]
        .iter()
        .filter(|(_, said)| shared(&without(&said.key().asked, &names), &own) * 3 >= own.len() * 2 && said.heard().asks);
    repeated.nth(1).map(|_| last.quote())
}

fn listen(text: &str, language: &str) -> Heard {
    let sensing = Sensing { currency: "", ..Sensing::alone(language) };
    let reading = Reading::new(text, &sensing);
    let third_time = reading.holds("acts.third_time");
    let first = reading.parts.first().and_then(|part| part.marked.first()).map(|marked| &marked.sentence);
    let head = first.and_then(|sentence| sentence.words.first()).map(|word| word.text.as_str());
    let solved = reading.places("acts.solved");
    let asks = !super::acts::questions(&reading).is_empty();
    Heard {
        still_open: third_time || reading.holds("acts.not_solved"),
        third_time,
        closes: solved.iter().any(|place| place.sentence == 0 && place.from <= 2) || reading.holds("acts.thanks") && !asks,
        opens_new: matches!(
            head,
            Some("and" | "also" | "et" | "aussi" | "und" | "y" | "e" | "another" | "one" | "last" | "next" | "autre")
        ),
        asks,
    }
}

/// Names with a capital and figures anywhere in the dialogue: sharing one is no sameness.
fn names_of(dialogue: &[DialogueTurn<'_>]) -> Vec<String> {
    let mut names = Vec::new();
    for turn in dialogue {
        for word in turn.text.split(|sign: char| !sign.is_alphanumeric()).skip(1) {
            if word.starts_with(char::is_uppercase) && word.chars().any(char::is_lowercase) && word.len() > 2 {
                names.push(sentences::fold(word));
            }
        }
    }
    names
}

fn without(words: &[String], names: &[String]) -> Vec<String> {
    words.iter().filter(|word| !names.iter().any(|name| name.starts_with(word.as_str()))).cloned().collect()
}

fn keeps_open(before: &Said<'_>, after: &Said<'_>, reply: Option<&str>, names: &[String]) -> bool {
    let was_asked_back = reply.is_some_and(|text| text.trim_end().ends_with('?'));
    let heard = after.heard();
    if heard.closes && !heard.still_open {
        return false;
    }
    let (asked_before, asked_after) = (before.key(), after.key());
    let earlier = without(&asked_before.asked, names);
    let later = without(&asked_after.asked, names);
    let overlap = shared(&earlier, &later);
    if was_asked_back {
        return heard.still_open && overlap > 0;
    }
    if heard.still_open {
        return true;
    }
    if heard.opens_new {
        return false;
    }
    let is_ellipsis = later.is_empty() && asked_after.things.is_empty();
    let other_thing = !asked_before.things.is_empty()
        && !asked_after.things.is_empty()
        && !asked_before.things.iter().any(|thing| asked_after.things.contains(thing));
    is_ellipsis && (heard.asks || after.text.split_whitespace().count() <= 4)
        || overlap > 0 && overlap * 2 >= earlier.len().min(later.len()) && !other_thing
}

/// Two "I don't know" to the same question.
fn twice_unknown(dialogue: &[DialogueTurn<'_>], turns: &[(usize, Said<'_>)]) -> Option<String> {
    let met: Vec<&Said<'_>> = dialogue
        .iter()
        .enumerate()
        .filter(|(_, turn)| turn.role == Role::Ours && turn.was_unknown)
        .filter_map(|(at, _)| turns.iter().rev().find(|(place, _)| *place < at).map(|(_, said)| said))
        .collect();
    let latest = met.last()?;
    let same = met[..met.len() - 1].iter().any(|earlier| {
        std::ptr::eq(*earlier, *latest) || latest.heard().still_open || same_question(&earlier.whole_key(), &latest.whole_key())
    });
    same.then(|| latest.quote())
}
