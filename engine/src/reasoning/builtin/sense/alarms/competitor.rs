//! A rival is named as a firm: misspelt or not, but not the ordinary word of the same spelling.

use std::collections::HashSet;
use std::sync::LazyLock;

use domain::signal::Alarm;

use super::super::lexicon::Lexicon;
use super::super::reading::Reading;
use super::super::sentences::{Sentence, Word, fold};

/// The rule.
pub const RULE: &str = "competitor-named";

static ORDINARY: LazyLock<HashSet<&'static str>> = LazyLock::new(|| include_str!("../data/ordinary.txt").split_whitespace().collect());

/// Words before a name that make it a place one buys at, comes from or compares with.
const BEFORE: &[&str] = &[
    "from",
    "at",
    "with",
    "by",
    "than",
    "vs",
    "versus",
    "use",
    "using",
    "used",
    "like",
    "against",
    "leave",
    "leaving",
    "left",
    "to",
    "and",
    "or",
    "between",
    "called",
    "on",
    "via",
    "quit",
    "beats",
    "match",
    "matching",
    "beat",
    "undercut",
    "choose",
    "chose",
    "ditched",
    "of",
    "tried",
    "try",
    "chez",
    "avec",
    "utilise",
    "utilisons",
    "entre",
    "et",
    "ou",
    "que",
    "quitter",
    "quitte",
    "contre",
    "bei",
    "mit",
    "von",
    "als",
    "oder",
    "zu",
    "und",
    "benutzen",
    "nutzen",
    "con",
    "en",
    "de",
    "uso",
    "usamos",
    "com",
    "na",
    "no",
    "da",
    "do",
    "y",
    "o",
    "a",
];

/// Words after a name that only a firm takes.
const AFTER: &[&str] = &[
    "quoted",
    "quote",
    "offers",
    "offered",
    "offer",
    "charges",
    "charged",
    "charge",
    "sells",
    "sell",
    "told",
    "said",
    "says",
    "has",
    "have",
    "is",
    "was",
    "are",
    "were",
    "does",
    "did",
    "do",
    "costs",
    "wants",
    "asked",
    "gave",
    "gives",
    "delivers",
    "delivered",
    "promised",
    "promises",
    "never",
    "can",
    "could",
    "will",
    "would",
    "'s",
    "for",
    "on",
    "in",
    "about",
    "which",
    "who",
    "because",
    "before",
    "since",
    "right",
    "already",
    "now",
    "customer",
    "customers",
    "app",
    "store",
    "shop",
    "website",
    "instead",
    "propose",
    "proposent",
    "m",
    "me",
    "est",
    "sont",
    "a",
    "ont",
    "fait",
    "vend",
    "depuis",
    "pour",
    "mais",
    "hat",
    "ist",
    "bietet",
    "kostet",
    "verlangt",
    "seit",
    "es",
    "tiene",
    "ofrece",
    "cobra",
    "y",
    "tem",
    "oferece",
];

/// Words before an ordinary name that keep it ordinary.
const ORDINARY_BEFORE: &[&str] = &[
    "a", "an", "my", "your", "our", "his", "her", "their", "some", "more", "very", "stay", "stays", "sit", "sits", "keep", "keeps", "me",
    "it", "back", "so", "really", "for", "un", "une", "mon", "ma", "le", "la", "les", "ein", "eine", "una", "um", "uma", "in", "too",
    "back to",
];

/// Articles that firms put before an ordinary word.
const ARTICLES: &[&str] = &["the", "le", "la", "les", "der", "die", "das", "el", "los", "las", "o", "os", "as"];

/// Words before "to" after which a verb follows: "had to pivot", "how to match".
const BEFORE_VERB: &[&str] = &[
    "had", "have", "has", "need", "needs", "needed", "want", "wants", "wanted", "going", "able", "try", "tries", "trying", "tried",
    "decide", "decided", "forced", "ready", "plan", "planning", "planned", "hard", "time", "how", "used", "like", "love", "us", "them",
    "you", "me", "order", "chose", "began", "started", "supposed", "hope", "hoping", "refuse", "wish", "ought", "way", "chance", "reason",
];

/// The first place where a competitor is named.
pub fn find(reading: &Reading<'_>) -> Option<Alarm> {
    for part in &reading.parts {
        for marked in &part.marked {
            if !names_in(reading.sensing.competitors, &marked.sentence, part.lexicon).is_empty() {
                let quote = reading.text[marked.sentence.start..marked.sentence.end].to_owned();
                return Some(Alarm { rule: RULE.to_owned(), score: 0.9, quote });
            }
        }
    }
    None
}

/// Is this a word of everyday English that firms like to take as their name?
pub fn is_ordinary_word(word: &str) -> bool {
    ORDINARY.contains(word)
}

/// Where competitors are named: first word and length.
pub fn names_in(competitors: &[String], sentence: &Sentence, lexicon: &Lexicon) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for competitor in competitors {
        let name = Name::new(competitor);
        if name.joined.len() < 2 {
            continue;
        }
        for at in 0..sentence.words.len() {
            for length in 1..=(name.words.len() + 1).min(sentence.words.len() - at) {
                if name.is_named(sentence, at, length, lexicon) {
                    found.push((at, length));
                    break;
                }
            }
        }
    }
    found
}

struct Name {
    words: Vec<String>,
    joined: String,
    is_ordinary: bool,
    /// Glued from two ordinary words (clear + water).
    is_compound: bool,
}

impl Name {
    fn new(written: &str) -> Self {
        let folded = fold(written);
        let words: Vec<String> = folded
            .split(|sign: char| !sign.is_alphanumeric())
            .filter(|word| !word.is_empty() && *word != "and" && *word != "et")
            .map(str::to_owned)
            .collect();
        let joined = words.concat();
        // A name of one word that glues ordinary words by capitals (DeskHaus) is coined; a name of several ordinary words is not.
        let has_inner_capital = words.len() == 1 && written.chars().skip(1).any(char::is_uppercase);
        // "La Palme": an article makes the word after it look like any noun.
        let has_article = words.len() == 2 && ARTICLES.contains(&words[0].as_str());
        let is_ordinary = !has_inner_capital
            && (has_article
                || words.iter().all(|word| is_ordinary_word(word) || word.len() <= 2)
                || words.len() > 1 && LANGUAGES.iter().any(|language| words.iter().all(|word| is_of_language(word, language))));
        let is_compound = !has_inner_capital
            && words.len() == 1
            && joined.char_indices().skip(3).any(|(cut, _)| is_ordinary_word(&joined[..cut]) && is_ordinary_word(&joined[cut..]));
        Self { words, joined, is_ordinary, is_compound }
    }

    fn is_named(&self, sentence: &Sentence, at: usize, length: usize, lexicon: &Lexicon) -> bool {
        let span = &sentence.words[at..at + length];
        let parts: Vec<&Word> = span.iter().filter(|word| !matches!(word.text.as_str(), "and" | "et" | "'s")).collect();
        if parts.is_empty()
            || parts.len() < span.len() && length <= self.words.len()
            || matches!(span[0].text.as_str(), "and" | "et" | "'s")
            || span.iter().skip(1).any(|word| word.follows_pause)
        {
            return false;
        }
        let said: String = parts.iter().map(|word| word.text.as_str()).collect();
        let bare =
            if said.len() > 4 && length == 1 { said.strip_suffix('s').filter(|stem| *stem == self.joined).unwrap_or(&said) } else { &said };
        let signs = self.joined.chars().count();
        let allowed = match signs {
            0..=4 => 0,
            5..=7 => 1,
            _ => 2,
        };
        let may_be = bare.chars().next() == self.joined.chars().next() && bare.chars().count().abs_diff(signs) <= allowed;
        let distance = match bare == self.joined {
            true => 0,
            false if may_be => strsim::osa_distance(bare, &self.joined),
            false => return false,
        };
        if distance > allowed {
            return false;
        }
        let is_capital = parts.iter().all(|word| word.is_capital);
        let shouting = sentence.words.iter().filter(|word| word.is_shouted).count() * 2 > sentence.words.len();
        let starts = at == 0 && sentence.words.len() > 1;
        let capital_tells = is_capital && !shouting && !(starts && self.words.len() == 1);
        if distance > 0 {
            let misread = parts.len() == 1 && (is_ordinary_word(&said) || lexicon.is(&said, "filler") || lexicon.is(&said, "small"));
            let differs_by_ending = parts.len() == 1 && (said.starts_with(&self.joined) || self.joined.starts_with(&said));
            if misread || self.is_ordinary && !capital_tells {
                return false;
            }
            return capital_tells
                || self.stands_as_firm(sentence, at, length) && !(differs_by_ending && self.joined.len() < 7)
                || !differs_by_ending && said.len() >= 7 && distance == 1 && !is_dictionary_like(&said);
        }
        // "the pedal works loose": two words after an article are no firm written apart.
        let after_article =
            at > 0 && (sentence.words[at - 1].text == "the" || ORDINARY_BEFORE.contains(&sentence.words[at - 1].text.as_str()));
        if parts.len() > self.words.len() && !parts[0].is_capital && after_article {
            return false;
        }
        let is_split = parts.len() > self.words.len() && parts.iter().all(|word| is_ordinary_word(&word.text));
        // "Bien croustillant": written small, a word that ends like an adjective is one unless it stands where a firm stands.
        let is_adjective = parts.len() == 1 && !is_capital && ends_like_an_adjective(&self.joined);
        if is_adjective && !self.is_ordinary {
            return self.stands_as_firm(sentence, at, length);
        }
        if !self.is_ordinary && !self.is_compound && !is_split {
            return !Self::is_verb(sentence, at);
        }
        capital_tells && !Self::is_idiom(sentence, at) || self.stands_as_firm(sentence, at, length) && !Self::is_idiom(sentence, at)
    }

    /// "back to square one", "a bright smile": the words, not the firm.
    fn is_idiom(sentence: &Sentence, at: usize) -> bool {
        let before = |back: usize| at.checked_sub(back).map(|place| sentence.words[place].text.as_str());
        let is_lower = !sentence.words[at].is_capital;
        Self::is_verb(sentence, at)
            || matches!((before(2), before(1)), (Some("back"), Some("to" | "at" | "on" | "in")))
            || is_lower && before(1).is_some_and(|word| ORDINARY_BEFORE.contains(&word))
    }

    /// "we had to pivot": what follows "had to" is something one does, unless it is written as a name.
    fn is_verb(sentence: &Sentence, at: usize) -> bool {
        let before = |back: usize| at.checked_sub(back).map_or("", |place| sentence.words[place].text.as_str());
        !sentence.words[at].is_capital && before(1) == "to" && BEFORE_VERB.contains(&before(2))
    }

    /// Stands where a firm stands: "from …", "… quoted me".
    fn stands_as_firm(&self, sentence: &Sentence, at: usize, length: usize) -> bool {
        let before = at.checked_sub(1).map(|place| sentence.words[place].text.as_str());
        let follower = sentence.words.get(at + length);
        let after = follower.map(|word| word.text.as_str());
        let ends = follower.is_none_or(|word| word.follows_pause) || after.is_some_and(|word| AFTER.contains(&word));
        let introduced = before.is_some_and(|word| BEFORE.contains(&word));
        let begins_and_acts = at == 0 && after.is_some_and(|word| AFTER.contains(&word) && !matches!(word, "in" | "on" | "for" | "me"));
        if self.words.len() == 1 { introduced && ends || begins_and_acts } else { introduced || begins_and_acts }
    }
}

/// Languages whose ordinary words firms take as names, besides English.
const LANGUAGES: [&str; 3] = ["fr", "de", "es"];

fn is_of_language(word: &str, language: &str) -> bool {
    domain::lexicon::is_stop_word(word, language) || domain::lexicon::knows(word, language)
}

fn ends_like_an_adjective(word: &str) -> bool {
    word.len() >= 7
        && ["ant", "ante", "eux", "euse", "ique", "able", "ible", "ible", "lich", "isch", "ente"].iter().any(|tail| word.ends_with(tail))
}

/// Ends like an inflected ordinary word.
fn is_dictionary_like(word: &str) -> bool {
    ["ing", "ed", "ly", "tion", "ment", "ness", "able", "ible", "ment", "ique"].iter().any(|tail| word.ends_with(tail))
}
