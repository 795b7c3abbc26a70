//! What a model has said of its answer so far, taken from the pieces of its stream.

use std::fmt;

use serde::Deserializer;
use serde::de::{IgnoredAny, MapAccess, Visitor};

use super::guard::Guard;

/// Listens to one answer: whole sentences that may be said are passed on while the rest is being written.
pub(super) struct Hearing<'a> {
    guard: &'a Guard<'a>,
    text: String,
    said: String,
}

impl<'a> Hearing<'a> {
    pub fn new(guard: &'a Guard<'a>) -> Self {
        Self { guard, text: String::new(), said: String::new() }
    }

    /// Takes a piece. What may be said by now, when that has grown.
    pub fn hear(&mut self, piece: &str) -> Option<&str> {
        self.text.push_str(piece);
        // Only what ends a sentence, or the answer, can add one.
        if !piece.contains(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '\\')) {
            return None;
        }
        let said = self.guard.sayable_so_far(&answer(&self.text)?);
        (said.len() > self.said.len() && said.starts_with(&self.said)).then(|| {
            self.said = said;
            self.said.as_str()
        })
    }

    /// Everything passed on.
    pub fn said(&self) -> &str {
        &self.said
    }
}

/// The answer within a text that has come so far: the field of an object, or plain prose.
fn answer(text: &str) -> Option<String> {
    let text = super::unfenced(text);
    match text.chars().next()? {
        '{' => field(text).or_else(|| field(&format!("{text}\""))),
        '[' | '<' | '`' => None,
        _ => Some(text.to_owned()),
    }
}

/// The field "answer" of an object that may break off after it.
fn field(json: &str) -> Option<String> {
    struct Seen<'a>(&'a mut Option<String>);

    impl<'de> Visitor<'de> for Seen<'_> {
        type Value = ();

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            while let Some(key) = map.next_key::<String>()? {
                if key == "answer" {
                    *self.0 = map.next_value()?;
                } else {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            Ok(())
        }
    }

    let mut seen = None;
    // That it breaks off is what is expected of it.
    let _ = serde_json::Deserializer::from_str(json).deserialize_map(Seen(&mut seen));
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reasoning::team::read;
    use crate::reasoning::team::tests::with_prompt;

    const PASSAGE: &str = "The Aeron Lite costs 349.50 EUR. Delivery takes 5 days. It was tested by \"Büro\" for 12 hours a day.";

    /// Everything passed on, one entry each time it grew.
    fn passed_on(text: &str, size: usize) -> Vec<String> {
        let mut all = Vec::new();
        with_prompt("What does the chair cost?", PASSAGE, |prompt| {
            let guard = Guard::new(prompt);
            let mut hearing = Hearing::new(&guard);
            let letters: Vec<char> = text.chars().collect();
            for piece in letters.chunks(size) {
                let piece: String = piece.iter().collect();
                all.extend(hearing.hear(&piece).map(str::to_owned));
            }
        });
        all
    }

    #[test]
    fn whole_sentences_are_passed_on_while_the_rest_is_written() {
        let text = r#"{"answer": "The Aeron Lite costs 349.50 EUR. Delivery takes 5 days.", "passages": ["p1"], "facts": []}"#;
        let whole = "The Aeron Lite costs 349.50 EUR. Delivery takes 5 days.";
        for size in 1..12 {
            let passed = passed_on(text, size);
            assert_eq!(passed.first().map(String::as_str), Some("The Aeron Lite costs 349.50 EUR."), "pieces of {size}");
            assert_eq!(
                passed.last().map(String::as_str),
                Some("The Aeron Lite costs 349.50 EUR."),
                "pieces of {size}: the last sentence waits for the end"
            );
            assert!(whole.starts_with(passed[0].as_str()));
        }
        assert_eq!(passed_on("The Aeron Lite costs 349.50 EUR. Delivery takes 5 days. ", 3).len(), 2, "prose is heard as well");
    }

    #[test]
    fn what_is_passed_on_is_how_the_whole_answer_begins() {
        for text in [
            r#"{"answer": "The Aeron Lite costs 349.50 EUR. You get 20 percent off. Delivery takes 5 days.", "passages": ["p1"]}"#,
            r#"{"passages": ["p1"], "answer": "Delivery takes 5 days. It was tested by \"B\u00fcro\" for 12 hours a day.\nThe Aeron Lite costs 349.50 EUR."}"#,
            "```json\n{\"answer\": \"Yes. Delivery takes 5 days. The chair is <b>new</b> today. Delivery takes 5 days.\"}\n```",
            r#"{"answer": "I have refunded the chair. Delivery takes 5 days. "}"#,
            r#"{"answer": null, "facts": [{"answer": "Delivery takes 5 days. Delivery takes 5 days. "}]}"#,
            "<html>Delivery takes 5 days. Delivery takes 5 days. </html>",
        ] {
            let mut whole = String::new();
            with_prompt("What does the chair cost?", PASSAGE, |prompt| {
                whole = read(text, &Guard::new(prompt)).ok().and_then(|proposal| proposal.answer).unwrap_or_default();
            });
            for size in [1, 2, 3, 5, 8, 13, 400] {
                for said in passed_on(text, size) {
                    assert!(whole.starts_with(&said), "{said:?} is not how {whole:?} begins");
                }
            }
        }
    }
}
