//! Labelled dialogues against the built-in engine: what it says beside what a person wrote down as right.
//!
//! Questions, escalations and signals go through the functions that a turn calls; journeys through a whole engine over
//! a store in memory, with a clock of their own.

pub mod business;
mod escalation;
mod journeys;
mod questions;
mod rates;
mod signals;
mod spelling;
mod text;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use business::Businesses;
pub use rates::{Bar, Rates, Report};

/// The four kinds of labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// `questions.jsonl`.
    Questions,
    /// `escalation.jsonl`.
    Escalation,
    /// `signals.jsonl`.
    Signals,
    /// `journeys.jsonl`.
    Journeys,
}

impl Task {
    /// All, in the order in which they are told.
    pub const ALL: [Self; 4] = [Self::Questions, Self::Escalation, Self::Signals, Self::Journeys];

    /// The word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Questions => "questions",
            Self::Escalation => "escalation",
            Self::Signals => "signals",
            Self::Journeys => "journeys",
        }
    }
}

/// Labels of a folder that were found, and what the engine makes of them.
#[derive(Debug, Default)]
pub struct Evaluated {
    /// Per kind.
    pub reports: Vec<Report>,
    /// One line per row or step, in the spelling of the predictions.
    pub predictions: Vec<Value>,
}

/// Evaluates the kinds that the folder has.
pub async fn evaluate(folder: &Path, wanted: &[Task]) -> anyhow::Result<Evaluated> {
    let mut businesses = Businesses::new(folder);
    let mut done = Evaluated::default();
    for task in wanted.iter().copied() {
        let Some(file) = file_of(folder, task) else { continue };
        let (report, predictions) = match task {
            Task::Questions => questions::evaluate(&rows(&file)?, &mut businesses)?,
            Task::Escalation => escalation::evaluate(&rows(&file)?, &mut businesses)?,
            Task::Signals => signals::evaluate(&rows(&file)?, &mut businesses)?,
            Task::Journeys => journeys::evaluate(&rows(&file)?, &mut businesses).await?,
        };
        done.reports.push(report.judged(task));
        done.predictions.extend(predictions);
    }
    if done.reports.is_empty() {
        bail!("{} holds none of questions.jsonl, escalation.jsonl, signals.jsonl, journeys.jsonl", folder.display());
    }
    Ok(done)
}

fn file_of(folder: &Path, task: Task) -> Option<PathBuf> {
    let path = folder.join(format!("{}.jsonl", task.name()));
    path.is_file().then_some(path)
}

fn rows<T: DeserializeOwned>(file: &Path) -> anyhow::Result<Vec<T>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut rows = Vec::new();
    for (number, line) in (1_usize..).zip(text.lines()) {
        if !line.trim().is_empty() {
            rows.push(serde_json::from_str(line).with_context(|| format!("{}, line {number}", file.display()))?);
        }
    }
    Ok(rows)
}
