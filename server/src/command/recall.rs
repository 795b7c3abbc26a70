//! `rapport recall`: which messages of a history answer a question, JSON lines in, JSON lines out; or how much is found.

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

use domain::Secret;
use domain::ports::Embedder;
use providers::embeddings::Remote;
use providers::local::Local;

use super::{BadResult, runtime, say};
use crate::batch::recall::{self, measure};
use crate::wiring::vendor_client;

/// The key of the server that makes vectors, where it wants one.
const KEY: &str = "EMBEDDER_API_KEY";

#[derive(Debug, clap::Args)]
pub struct Options {
    /// Measures instead: a folder with `messages.jsonl` and `questions.jsonl`, the evidence of each question marked.
    #[arg(long, value_name = "DIR")]
    measure: Option<PathBuf>,
    /// Per cent of the evidence that the first 10 and the first 30 messages must hold; below it the exit code is 1.
    #[arg(long, value_name = "R10/R30", default_value = "73/83", value_parser = bar, requires = "measure")]
    bar: (f64, f64),
    /// Adds likeness of meaning: a folder with a BERT-like sentence encoder, or the base URL of a server with `/embeddings` (its key, if any, in EMBEDDER_API_KEY).
    #[arg(long, value_name = "DIR|URL")]
    embedder: Option<String>,
    /// What that server calls its model; a folder needs none.
    #[arg(long, value_name = "NAME", requires = "embedder")]
    model: Option<String>,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    runtime()?.block_on(async {
        let embedder = options.embedder()?;
        let embedder = embedder.as_deref();
        match &options.measure {
            Some(folder) => measured(folder, options.bar, embedder).await,
            None => answered(embedder).await,
        }
    })
}

impl Options {
    fn embedder(&self) -> anyhow::Result<Option<Box<dyn Embedder>>> {
        let Some(place) = &self.embedder else { return Ok(None) };
        if !place.starts_with("http://") && !place.starts_with("https://") {
            let folder = Path::new(place);
            if !folder.is_dir() {
                anyhow::bail!("--embedder {place:?} is neither a folder nor the URL of a server with /embeddings");
            }
            return Ok(Some(Box::new(Local::open(folder)?)));
        }
        let Some(model) = &self.model else { anyhow::bail!("--embedder {place:?} is a server: --model says which of its models is meant") };
        let key = std::env::var(KEY).ok().map(Secret::new);
        Ok(Some(Box::new(Remote::new(place.trim_end_matches('/').to_owned(), model.clone(), key, vendor_client()?))))
    }
}

async fn measured(folder: &Path, (ten, thirty): (f64, f64), embedder: Option<&dyn Embedder>) -> anyhow::Result<()> {
    let measured = measure::measure(folder, embedder).await?;
    say(&measured.table())?;
    if measured.all.at(10) < ten || measured.all.at(30) < thirty { Err(BadResult.into()) } else { Ok(()) }
}

async fn answered(embedder: Option<&dyn Embedder>) -> anyhow::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        for answer in recall::answers(&line, embedder).await {
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
