//! Text as the pieces of words that the model knows (WordPiece). <https://huggingface.co/learn/llm-course/chapter6/6>

use std::collections::HashMap;

use domain::lexicon::fold;
use serde::Deserialize;

/// A word longer than this is unknown.
const LONGEST_WORD: usize = 100;

/// The vocabulary.
pub struct Words {
    ids: HashMap<Box<str>, u32>,
    lower: bool,
    unknown: u32,
    first: u32,
    last: u32,
}

#[derive(Deserialize)]
struct Tokenizer {
    model: Kind,
    #[serde(default)]
    normalizer: Option<Normalizer>,
}

#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    vocab: serde_json::Value,
}

#[derive(Deserialize)]
struct Normalizer {
    #[serde(default)]
    lowercase: Option<bool>,
}

#[derive(Deserialize)]
struct Settings {
    do_lower_case: Option<bool>,
}

impl Words {
    /// `vocab.txt`: a piece a line.
    pub fn of_lines(text: &str, lower: bool) -> Result<Self, String> {
        Self::new(text.lines().zip(0..).map(|(word, id)| (word.trim_end().into(), id)).collect(), lower)
    }

    /// `tokenizer.json` with a WordPiece model.
    pub fn of_tokenizer(text: &str) -> Result<Self, String> {
        let read: Tokenizer = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let kind = read.model.kind.unwrap_or_else(|| "unnamed".to_owned());
        if kind != "WordPiece" {
            return Err(format!("its model is {kind}; only WordPiece is read"));
        }
        let ids: HashMap<Box<str>, u32> = serde_json::from_value(read.model.vocab).map_err(|error| error.to_string())?;
        Self::new(ids, read.normalizer.and_then(|normalizer| normalizer.lowercase).unwrap_or(true))
    }

    /// What `tokenizer_config.json` says of capitals.
    pub fn lowers(text: &str) -> bool {
        serde_json::from_str::<Settings>(text).ok().and_then(|settings| settings.do_lower_case).unwrap_or(true)
    }

    fn new(ids: HashMap<Box<str>, u32>, lower: bool) -> Result<Self, String> {
        let special = |word: &str| ids.get(word).copied().ok_or_else(|| format!("the vocabulary has no {word}"));
        let (unknown, first, last) = (special("[UNK]")?, special("[CLS]")?, special("[SEP]")?);
        Ok(Self { ids, lower, unknown, first, last })
    }

    /// How many ids there are, counted to the highest.
    pub fn len(&self) -> usize {
        self.ids.values().max().map_or(0, |most| *most as usize + 1)
    }

    /// The ids of a text with its bounds, at most `longest`.
    pub fn ids(&self, text: &str, longest: usize) -> Vec<u32> {
        let text = if self.lower { fold(text) } else { text.to_owned() };
        let mut ids = vec![self.first];
        for word in pieces(&text) {
            self.cut(word, &mut ids);
            if ids.len() + 1 >= longest {
                break;
            }
        }
        ids.truncate(longest.saturating_sub(1).max(1));
        ids.push(self.last);
        ids
    }

    /// The longest known piece first, the rest as its continuation.
    fn cut(&self, word: &str, ids: &mut Vec<u32>) {
        let begin = ids.len();
        let mut rest = word;
        let mut piece = String::new();
        while !rest.is_empty() && word.chars().count() <= LONGEST_WORD {
            let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8()).rev();
            let found = ends.into_iter().find_map(|end| {
                piece.clear();
                if rest.len() < word.len() {
                    piece.push_str("##");
                }
                piece.push_str(&rest[..end]);
                Some((end, *self.ids.get(piece.as_str())?))
            });
            let Some((end, id)) = found else { break };
            ids.push(id);
            rest = &rest[end..];
        }
        if !rest.is_empty() {
            ids.truncate(begin);
            ids.push(self.unknown);
        }
    }
}

/// Words, and each sign and each Chinese character by itself.
fn pieces(text: &str) -> Vec<&str> {
    let alone = |c: char| !c.is_alphanumeric() || ('\u{4e00}'..='\u{9fff}').contains(&c);
    let mut found = Vec::new();
    let mut begin = None;
    for (at, c) in text.char_indices() {
        if c.is_whitespace() || c.is_control() || alone(c) {
            if let Some(from) = begin.take() {
                found.push(&text[from..at]);
            }
            if !c.is_whitespace() && !c.is_control() {
                found.push(&text[at..at + c.len_utf8()]);
            }
        } else {
            begin.get_or_insert(at);
        }
    }
    found.extend(begin.map(|from| &text[from..]));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_into_the_longest_known_pieces() {
        let words = Words::of_lines("[PAD]\n[UNK]\n[CLS]\n[SEP]\nchair\n##s\nun\n##able\n,", true).unwrap();
        let check = |text: &str, expected: &[u32]| assert_eq!(words.ids(text, 64), expected, "{text}");
        check("Chairs, unable", &[2, 4, 5, 8, 6, 7, 3]);
        check("xyz chair", &[2, 1, 4, 3]);
        check("", &[2, 3]);
        assert_eq!(words.ids("chair chair chair chair", 4), [2, 4, 4, 3]);
        assert!(Words::of_lines("a\nb", true).is_err());
        assert!(Words::of_tokenizer(r#"{"model":{"type":"Unigram","vocab":[]}}"#).is_err_and(|what| what.contains("Unigram")));
    }
}
