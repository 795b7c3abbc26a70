//! `rapport link`: who may be one person, JSON lines in, JSON lines out.

use std::io::{BufRead, Write};

use anyhow::{Context, bail};
use engine::identity::linkage::{BAR, Options as Linkage};

use crate::batch::link::Link;

#[derive(Debug, clap::Args)]
pub struct Options {
    /// Least probability of a pair to be proposed, 0 to 1.
    #[arg(long, default_value_t = BAR)]
    bar: f64,
    /// Country of phone numbers without a prefix.
    #[arg(long, default_value = "FR")]
    region: String,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    if !(options.bar > 0.0 && options.bar < 1.0) {
        bail!("--bar is a probability between 0 and 1, not {}", options.bar);
    }
    let mut link = Link::default();
    for (number, line) in (1_usize..).zip(std::io::stdin().lock().lines()) {
        let line = line?;
        if !line.trim().is_empty() {
            link.take(&line).with_context(|| format!("line {number} cannot be used"))?;
        }
    }
    let lanes = std::thread::available_parallelism().map_or(1, usize::from);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for found in link.finish(Linkage { region: &options.region, bar: options.bar, lanes }) {
        writeln!(out, "{found}")?;
    }
    Ok(out.flush()?)
}
