//! Intents learned from examples and found in texts: JSON lines in, JSON lines out.

use engine::reasoning::builtin::sense::classifier::Classifier;
use serde::Deserialize;
use serde_json::{Value, json};

/// A line of the input: examples, or a text.
#[derive(Debug, Deserialize)]
struct Line {
    #[serde(default)]
    train: Option<Vec<Example>>,
    #[serde(default)]
    id: Value,
    #[serde(default)]
    text: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Example {
    text: String,
    label: String,
}

/// Reads lines one after the other; examples come before the first text, and may come again.
#[derive(Default)]
pub struct Classify {
    model: Option<Classifier>,
}

impl Classify {
    /// The answer to one line; none to examples. A line that cannot be used is answered too.
    pub fn answer(&mut self, line: &str) -> Option<Value> {
        let parsed: Line = match serde_json::from_str(line) {
            Ok(parsed) => parsed,
            Err(error) => return Some(json!({"id": null, "error": format!("the line cannot be read: {error}")})),
        };
        if let Some(examples) = parsed.train {
            let pairs: Vec<(String, String)> = examples.into_iter().map(|example| (example.text, example.label)).collect();
            self.model = Some(Classifier::train(&pairs));
            return None;
        }
        let Some(text) = parsed.text else { return Some(json!({"id": parsed.id, "error": "the line has neither \"train\" nor \"text\""})) };
        let Some(model) = &self.model else { return Some(json!({"id": parsed.id, "error": "the first line must hold \"train\""})) };
        let (label, score, unknown) = model.classify(&text);
        Some(json!({"id": parsed.id, "label": label, "score": (f64::from(score) * 10_000.0).round() / 10_000.0, "unknown": unknown}))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_come_first_and_every_text_is_answered() {
        let mut lines = Classify::default();
        assert!(lines.answer(r#"{"id":"x0","text":"hello"}"#).is_some_and(|answer| answer["error"].is_string()));
        let train = json!({"train": [
            {"text": "how long is delivery", "label": "delivery"}, {"text": "when will it be delivered", "label": "delivery"},
            {"text": "what does it cost", "label": "price"}, {"text": "how much is the chair", "label": "price"}]});
        assert_eq!(lines.answer(&train.to_string()), None);
        let answer = lines.answer(r#"{"id":7,"text":"how much does the desk cost"}"#).unwrap_or_default();
        assert_eq!((answer["id"].clone(), answer["label"].clone()), (json!(7), json!("price")));
        assert!(answer["score"].is_number() && answer["unknown"].is_boolean());
    }

    #[test]
    fn a_broken_line_does_not_end_the_batch() {
        assert!(Classify::default().answer("{").is_some_and(|answer| answer["error"].is_string()));
    }
}
