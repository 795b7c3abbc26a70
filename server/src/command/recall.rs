//! `rapport recall`: which messages of a history answer a question, JSON lines in, JSON lines out; or how much is found.

use std::io::{BufRead, Write};
use std::path::PathBuf;

use super::{BadResult, say};
use crate::batch::recall::{self, measure};

#[derive(Debug, clap::Args)]
pub struct Options {
    /// Measures instead: a folder with `messages.jsonl` and `questions.jsonl`, the evidence of each question marked.
    #[arg(long, value_name = "DIR")]
    measure: Option<PathBuf>,
    /// Per cent of the evidence that the first 10 and the first 30 messages must hold; below it the exit code is 1.
    #[arg(long, value_name = "R10/R30", default_value = "73/83", value_parser = bar, requires = "measure")]
    bar: (f64, f64),
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    if let Some(folder) = &options.measure {
        let measured = measure::measure(folder)?;
        say(&measured.table())?;
        let (ten, thirty) = options.bar;
        return if measured.all.at(10) < ten || measured.all.at(30) < thirty { Err(BadResult.into()) } else { Ok(()) };
    }
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        for answer in recall::answers(&line) {
            writeln!(out, "{answer}")?;
        }
        out.flush()?;
    }
    Ok(())
}

fn bar(text: &str) -> Result<(f64, f64), String> {
    let refused = || "two percentages, such as 73/83".to_owned();
    let (ten, thirty) = text.split_once('/').ok_or_else(refused)?;
    Ok((ten.trim().parse().map_err(|_| refused())?, thirty.trim().parse().map_err(|_| refused())?))
}
