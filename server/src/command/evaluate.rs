//! `rapport evaluate`: labelled dialogues against the built-in engine.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::ValueEnum;

use super::{BadResult, runtime, say};
use crate::batch::evaluate::{Task, evaluate};

#[derive(Debug, clap::Args)]
pub struct Options {
    /// Folder with questions.jsonl, escalation.jsonl, signals.jsonl, journeys.jsonl, or some of them.
    folder: PathBuf,
    /// Only these kinds.
    #[arg(long, value_enum)]
    task: Vec<Kind>,
    /// Writes what the engine said there, one line each.
    #[arg(long, value_name = "FILE")]
    predictions: Option<PathBuf>,
    /// Tells this many rows that are not right.
    #[arg(long, value_name = "N", default_value_t = 0)]
    errors: usize,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Questions,
    Escalation,
    Signals,
    Journeys,
}

impl Kind {
    fn task(self) -> Task {
        match self {
            Self::Questions => Task::Questions,
            Self::Escalation => Task::Escalation,
            Self::Signals => Task::Signals,
            Self::Journeys => Task::Journeys,
        }
    }
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let wanted: Vec<Task> =
        if options.task.is_empty() { Task::ALL.to_vec() } else { options.task.iter().map(|kind| kind.task()).collect() };
    let done = runtime()?.block_on(evaluate(&options.folder, &wanted))?;
    if let Some(path) = &options.predictions {
        let file = std::fs::File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
        let mut out = std::io::BufWriter::new(file);
        for line in &done.predictions {
            writeln!(out, "{line}")?;
        }
        out.flush()?;
    }
    if options.json {
        say(&serde_json::to_string_pretty(&done.reports)?)?;
    } else {
        for report in &done.reports {
            say(&report.table())?;
            for (id, why) in report.faults.iter().take(options.errors) {
                say(&format!("  {id}  {}", super::escaped(why)))?;
            }
        }
    }
    if done.reports.iter().all(|report| report.passed()) { Ok(()) } else { Err(BadResult.into()) }
}
