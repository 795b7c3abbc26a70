//! The customers: an open stream of messages over many people, with redelivery, parallel duplicates and, between
//! people, any order. One person's own messages follow each other, so that their order is known.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinSet;

use super::dice::Dice;
use super::letters::{Letter, Post, Writer};
use crate::bench::sender::knock;

/// Percent of messages that their vendor delivers again later although they were acknowledged.
const REDELIVERED: u64 = 20;
/// Percent of messages that come twice at once.
const PARALLEL: u64 = 5;
/// A redelivery comes at most so much later.
const LATEST_COPY: u64 = 1_500;
/// Between two tries of a vendor that got no acknowledgement.
const RETRY: Duration = Duration::from_millis(25);
/// A message that nobody acknowledged for so long is given up.
const PATIENCE: Duration = Duration::from_mins(1);
/// Messages of one person that may wait for their turn to be posted; beyond it the stream waits.
const WAITING: usize = 1_000;

/// How much is written.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// The seed.
    pub seed: u64,
    /// Messages a second over all people.
    pub rate: f64,
    /// People who write.
    pub writers: u64,
}

/// What became of one letter.
#[derive(Debug, Clone)]
pub struct Posted {
    /// Its number.
    pub number: u64,
    /// Who wrote.
    pub writer: u64,
    /// What its text holds.
    pub token: String,
    /// Did any copy of it get a 2xx?
    pub acknowledged: bool,
}

/// What the stream shares with the axe.
#[derive(Debug, Default)]
pub struct Pulse {
    /// Rung by each acknowledgement.
    pub acknowledged: Notify,
    /// Requests sent, copies included.
    pub requests: AtomicU64,
}

/// Writes until `stop` is true; then until everything written has been acknowledged.
pub async fn write(post: Post, load: Load, pulse: Arc<Pulse>, stop: watch::Receiver<bool>) -> Vec<Posted> {
    let mut people = Vec::new();
    let mut running = JoinSet::new();
    for writer in 0..load.writers {
        let (ready, letters) = mpsc::channel(WAITING);
        people.push(ready);
        let dice = Dice::new(load.seed, &format!("writer {writer}"));
        running.spawn(person(post.address, letters, dice, Arc::clone(&pulse)));
    }
    let mut dice = Dice::new(load.seed, "stream");
    let start = Instant::now();
    let mut number = 0;
    while !*stop.borrow() {
        number += 1;
        let due = start + Duration::from_secs_f64(number as f64 / load.rate);
        tokio::time::sleep_until(due.into()).await;
        let writer = dice.below(load.writers);
        let doors = Writer::numbered(writer).doors;
        let door = doors[usize::try_from(dice.below(doors.len() as u64)).unwrap_or(0)];
        let to = usize::try_from(writer).unwrap_or(0);
        if people[to].send(post.letter(number, writer, door)).await.is_err() {
            break;
        }
    }
    drop(people);
    let mut posted = Vec::new();
    while let Some(done) = running.join_next().await {
        posted.extend(done.unwrap_or_default());
    }
    posted.sort_by_key(|posted| posted.number);
    posted
}

/// One person: letter after letter, each until it is acknowledged.
async fn person(address: SocketAddr, mut letters: mpsc::Receiver<Letter>, mut dice: Dice, pulse: Arc<Pulse>) -> Vec<Posted> {
    let mut posted = Vec::new();
    let mut copies = JoinSet::new();
    while let Some(letter) = letters.recv().await {
        let bytes = Arc::new(letter.bytes);
        let started = Instant::now();
        let mut acknowledged = false;
        if dice.chance(PARALLEL) {
            let (one, other) = tokio::join!(knocked(address, &bytes, &pulse), knocked(address, &bytes, &pulse));
            acknowledged = one || other;
        }
        while !acknowledged && started.elapsed() < PATIENCE {
            acknowledged = knocked(address, &bytes, &pulse).await;
            if !acknowledged {
                tokio::time::sleep(RETRY).await;
            }
        }
        if acknowledged && dice.chance(REDELIVERED) {
            let (later, copy, pulse) = (Duration::from_millis(dice.below(LATEST_COPY)), Arc::clone(&bytes), Arc::clone(&pulse));
            copies.spawn(async move {
                tokio::time::sleep(later).await;
                knocked(address, &copy, &pulse).await
            });
        }
        posted.push(Posted { number: letter.number, writer: letter.writer, token: letter.token, acknowledged });
    }
    while copies.join_next().await.is_some() {}
    posted
}

async fn knocked(address: SocketAddr, bytes: &[u8], pulse: &Pulse) -> bool {
    pulse.requests.fetch_add(1, Ordering::Relaxed);
    let is_acknowledged = knock(address, bytes).await.is_some_and(|status| (200..300).contains(&status));
    if is_acknowledged {
        pulse.acknowledged.notify_one();
    }
    is_acknowledged
}
