//! `rapport resolve`: who is who, JSON lines in, JSON lines out.

use std::io::{BufRead, Write};

use anyhow::Context;

use crate::batch::resolve::Resolve;
use crate::time::SystemRandomness;

pub fn run() -> anyhow::Result<()> {
    let random = SystemRandomness::default();
    let mut people = Resolve::new(&random);
    for (number, line) in (1_usize..).zip(std::io::stdin().lock().lines()) {
        let line = line?;
        if !line.trim().is_empty() {
            people.take(&line).with_context(|| format!("line {number} cannot be read"))?;
        }
    }
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for answer in people.finish() {
        writeln!(out, "{answer}")?;
    }
    Ok(out.flush()?)
}
