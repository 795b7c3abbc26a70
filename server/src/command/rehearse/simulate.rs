//! `rapport rehearse --simulate`: the whole engine over a real database, with time, randomness, doors and deaths decided
//! by a seed.
//!
//! One world per seed: a few people write on doors that join them, vendors redeliver, turns are claimed and run between
//! other things, sends end in every way they can, clocks jump, teammates step in, workers come back after their lease
//! ended, and the process dies before or after any commit. Then everything is allowed to come to rest, and the books must
//! be in order. The same seed plays the same world.

mod crowd;
mod ground;
mod world;

use std::path::Path;
use std::time::Instant;

use anyhow::bail;
use domain::ports::Random;
use indicatif::{ProgressBar, ProgressStyle};

use self::world::{Counts, World};
use super::{Options, Scratch};
use crate::command::{runtime, say};
use crate::time::SystemRandomness;

pub fn run(options: &Options) -> anyhow::Result<()> {
    if !cfg!(debug_assertions) {
        bail!("a simulation needs a build with debug assertions: cargo build --profile ci");
    }
    let (first, seeds) = match options.seed {
        Some(seed) => (seed, options.seeds.unwrap_or(1)),
        None => (u64::try_from(SystemRandomness::default().bits() % 1_000_000).unwrap_or(1), options.seeds.unwrap_or(200)),
    };
    let folder = Scratch::make()?;
    let began = Instant::now();
    let bar = ProgressBar::new(seeds).with_style(ProgressStyle::with_template("{bar:32} {pos}/{len} worlds, {eta} left")?);
    let runtime = runtime()?;
    let played = runtime.block_on(play(first, seeds, &folder.0, &bar));
    bar.finish_and_clear();
    let (counts, broken) = played?;
    say(&format!("{} worlds from seed {first} in {:.0} s: {counts}; {} broken", seeds, began.elapsed().as_secs_f32(), broken.len()))?;
    for (seed, why) in &broken {
        say(&format!("  seed {seed}: {why}\n    again with: rapport rehearse --simulate --seed {seed}"))?;
    }
    if let Some(people) = options.crowd {
        let began = Instant::now();
        let here = folder.0.join("crowd");
        World::copy(&folder.0.join("fresh"), &here)?;
        let crowd = runtime.block_on(crowd::play(first, people, &here))?;
        say(&format!(
            "a crowd of {} in {:.0} s: {} messages, shuffled and repeated, {} of them poison, which alone were quarantined, vendors away for an hour: {} replies sent, each once and in order",
            crowd.people,
            began.elapsed().as_secs_f32(),
            crowd.messages,
            crowd.poison,
            crowd.sent
        ))?;
    }
    if broken.is_empty() { Ok(()) } else { Err(super::BadResult.into()) }
}

type Broken = Vec<(u64, String)>;

async fn play(first: u64, seeds: u64, folder: &Path, bar: &ProgressBar) -> anyhow::Result<(Counts, Broken)> {
    let mut counts = Counts::default();
    let mut broken = Vec::new();
    let fresh = folder.join("fresh");
    World::found(&fresh).await?;
    for seed in first..first + seeds {
        let here = folder.join(seed.to_string());
        World::copy(&fresh, &here)?;
        match World::play(seed, &here).await {
            Ok(world) => counts.add(&world),
            Err(why) => broken.push((seed, format!("{why:#}"))),
        }
        std::fs::remove_dir_all(&here)?;
        bar.inc(1);
    }
    Ok((counts, broken))
}
