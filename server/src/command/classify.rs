//! `rapport classify`: learns labels from examples, then labels texts. JSON lines in, JSON lines out.

use std::io::{BufRead, Write};

use anyhow::Context;
use engine::reasoning::builtin::sense::classifier::Classifier;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Train { train: Vec<Example> },
    Text { id: Value, text: String },
}

#[derive(Deserialize)]
struct Example {
    text: String,
    label: String,
}

pub fn run() -> anyhow::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut model: Option<Classifier> = None;
    for (number, line) in std::io::stdin().lock().lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        match serde_json::from_str(&line).with_context(|| format!("line {} cannot be read", number + 1))? {
            Line::Train { train } => {
                let examples: Vec<(String, String)> = train.into_iter().map(|example| (example.text, example.label)).collect();
                model = Some(Classifier::train(&examples));
            }
            Line::Text { id, text } => {
                let model = model.as_ref().context("the first line must be {\"train\": […]}")?;
                let (label, score, unknown) = model.classify(&text);
                writeln!(out, "{}", json!({ "id": id, "label": label, "score": score, "unknown": unknown }))?;
                out.flush()?;
            }
        }
    }
    Ok(())
}
