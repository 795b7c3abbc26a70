//! What the built-in engine says, in the customer's language; one table of phrases as data.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Columns of the table.
const LANGUAGES: [&str; 5] = ["en", "fr", "de", "es", "pt"];

static TABLE: LazyLock<HashMap<&'static str, [&'static str; 5]>> = LazyLock::new(|| {
    let mut table = HashMap::new();
    for line in include_str!("phrases.tsv").lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        let mut cells = line.split('\t');
        let key = cells.next().unwrap_or_default();
        let english = cells.next().unwrap_or_default();
        let mut row = [english; 5];
        for (place, cell) in cells.enumerate().take(4) {
            if !cell.trim().is_empty() {
                row[place + 1] = cell;
            }
        }
        table.insert(key, row);
    }
    table
});

/// A phrase in a language; English where the language or the cell is missing, the key itself when there is no such phrase.
pub fn phrase(language: &str, key: &str) -> String {
    let column = LANGUAGES.iter().position(|known| *known == language).unwrap_or(0);
    TABLE.get(key).map_or_else(|| key.rsplit('.').next().unwrap_or(key).replace('_', " "), |row| row[column].to_owned())
}

/// Is there such a phrase?
pub fn exists(key: &str) -> bool {
    TABLE.contains_key(key)
}

/// Phrases of one language.
#[derive(Debug, Clone)]
pub struct Phrases {
    language: String,
}

impl Phrases {
    /// In this language.
    pub fn new(language: &str) -> Self {
        Self { language: language.to_owned() }
    }

    /// The language.
    pub fn language(&self) -> &str {
        &self.language
    }

    /// A phrase as it is.
    pub fn say(&self, key: &str) -> String {
        phrase(&self.language, key)
    }

    /// One of the ways to say it: `key`, `key.1`, `key.2`, …; the same `turn` says the same.
    pub fn varied(&self, key: &str, turn: usize) -> String {
        let ways = 1 + (1..).take_while(|number| exists(&format!("{key}.{number}"))).count();
        match turn % ways {
            0 => self.say(key),
            number => self.say(&format!("{key}.{number}")),
        }
    }

    /// A phrase with `{name}` replaced by values.
    pub fn with(&self, key: &str, values: &[(&str, &str)]) -> String {
        filled(self.say(key), values)
    }
}

/// A phrase with its places filled in.
pub fn filled(phrase: String, values: &[(&str, &str)]) -> String {
    values.iter().fold(phrase, |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

/// Ends as a sentence does, with one sign.
pub fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with(['.', '!', '?', '…']) { text.to_owned() } else { format!("{text}.") }
}

/// Did this text of ours admit that we do not know? In any language.
pub fn admits_not_knowing(text: &str) -> bool {
    static MARKS: LazyLock<Vec<&'static str>> =
        LazyLock::new(|| TABLE.get("answer.unknown.mark").map(|row| row.to_vec()).unwrap_or_default());
    MARKS.iter().any(|mark| text.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_placeholder_survives_translation() {
        for (key, row) in TABLE.iter() {
            let names = |text: &str| {
                let mut names: Vec<String> =
                    text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name.to_owned())).collect();
                names.sort();
                names
            };
            for cell in row {
                assert_eq!(names(row[0]), names(cell), "{key}: {cell}");
            }
        }
    }

    #[test]
    fn every_phrase_is_named_once_and_a_label_stands_alone() {
        let lines = include_str!("phrases.tsv").lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
        assert_eq!(lines.count(), TABLE.len());
        for (key, row) in TABLE.iter().filter(|(key, _)| key.starts_with("label.")) {
            assert!(!row.concat().contains('{'), "{key}");
        }
    }

    #[test]
    fn a_phrase_with_several_ways_is_said_in_turn() {
        let words = Phrases::new("en");
        assert_ne!(words.varied("ack.noted", 0), words.varied("ack.noted", 1));
        assert_eq!(words.varied("ack.bye", 0), words.varied("ack.bye", 7));
    }

    #[test]
    fn an_unknown_language_is_answered_in_english() {
        assert_eq!(Phrases::new("xx").say("greeting.help"), phrase("en", "greeting.help"));
    }
}
