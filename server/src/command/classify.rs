//! `rapport classify`: intents from examples, JSON lines in, JSON lines out.

use std::io::{BufRead, Write};

use crate::batch::classify::Classify;

pub fn run() -> anyhow::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut lines = Classify::default();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        if let Some(answer) = lines.answer(&line) {
            writeln!(out, "{answer}")?;
            out.flush()?;
        }
    }
    Ok(())
}
