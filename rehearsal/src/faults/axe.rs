//! Kills the server as a power cut would, at moments drawn from the seed, and starts it again.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::dice::Dice;
use super::stream::Pulse;
use super::vendors::Vendors;
use crate::bench::Server;
use crate::bench::sender::knock;

/// A server that has not answered by then will not.
const START: Duration = Duration::from_secs(30);
/// A moment that has not come by then is taken as come.
const WAIT: Duration = Duration::from_millis(600);

/// Why the campaign cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum AxeError {
    /// The program cannot be run.
    #[error("cannot start {binary}")]
    Spawn {
        /// Which.
        binary: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It ended by itself, or was not ready in time.
    #[error("the server did not come up after kill {kills}: {log}")]
    Start {
        /// How often it had been killed.
        kills: u64,
        /// The last line of its log.
        log: String,
    },
}

/// How to run the server.
#[derive(Debug, Clone)]
pub struct Machine {
    /// The program.
    pub binary: PathBuf,
    /// Its configuration.
    pub config: PathBuf,
    /// Its environment besides ours.
    pub variables: Vec<(&'static str, String)>,
    /// Where its log goes.
    pub log: PathBuf,
    /// Where it listens.
    pub address: SocketAddr,
}

/// When the server is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    /// Before it is ready.
    Start,
    /// At any time.
    Any,
    /// Shortly after an acknowledgement: intake or turn.
    Turn,
    /// Shortly after an attempt to send has arrived at a vendor.
    Delivery,
}

/// How often, and drawn from which seed.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    /// The seed.
    pub seed: u64,
    /// Kills.
    pub cycles: u64,
}

/// What the axe has done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kills {
    /// While starting.
    pub starting: u64,
    /// At any time.
    pub running: u64,
    /// Right after an acknowledgement.
    pub turning: u64,
    /// While a vendor held an attempt.
    pub delivering: u64,
    /// By itself, at a place it was told.
    pub named: u64,
    /// The longest start that was let finish.
    pub slowest_start: Duration,
    /// The moment of each.
    pub moments: Vec<Instant>,
}

impl Kills {
    /// All of them.
    pub fn all(&self) -> u64 {
        self.starting + self.running + self.turning + self.delivering + self.named
    }
}

/// Starts, kills and starts the server, so many times; the last life goes on.
pub async fn swing(
    machine: &Machine,
    vendors: &Vendors,
    pulse: &Arc<Pulse>,
    schedule: Schedule,
    mut struck: impl FnMut(&Kills),
) -> Result<(Server, Kills), AxeError> {
    let mut dice = Dice::new(schedule.seed, "axe");
    let mut kills = Kills::default();
    let mut server = spawn(machine, vendors)?;
    // The first start makes the databases and is let finish.
    ready(machine, &mut server, &mut kills).await?;
    while kills.all() < schedule.cycles {
        let moment = match dice.below(4) {
            0 if kills.all() > 0 => Moment::Start,
            0 | 1 => Moment::Any,
            2 => Moment::Turn,
            _ => Moment::Delivery,
        };
        let later = dice.below(1_000);
        match moment {
            Moment::Start => {
                // Whatever the machine's speed, a start is hit early, in the middle and late.
                let usual = u64::try_from(kills.slowest_start.as_millis()).unwrap_or(u64::MAX).clamp(20, 3_000);
                tokio::time::sleep(Duration::from_millis(later * usual / 1_000)).await;
            }
            Moment::Any => {
                ready(machine, &mut server, &mut kills).await?;
                tokio::time::sleep(Duration::from_millis(later * 4 / 10)).await;
            }
            Moment::Turn => {
                ready(machine, &mut server, &mut kills).await?;
                // When none comes, now is as good.
                let _ = tokio::time::timeout(WAIT, pulse.acknowledged.notified()).await;
                tokio::time::sleep(Duration::from_millis(later * 60 / 1_000)).await;
            }
            Moment::Delivery => {
                ready(machine, &mut server, &mut kills).await?;
                let _ = tokio::time::timeout(WAIT, vendors.arrival()).await;
                tokio::time::sleep(Duration::from_millis(later * 15 / 1_000)).await;
            }
        }
        if server.has_ended() {
            return Err(ended(machine, &kills));
        }
        kills.moments.push(Instant::now());
        server.kill();
        match moment {
            Moment::Start => kills.starting += 1,
            Moment::Any => kills.running += 1,
            Moment::Turn => kills.turning += 1,
            Moment::Delivery => kills.delivering += 1,
        }
        struck(&kills);
        server = spawn(machine, vendors)?;
    }
    ready(machine, &mut server, &mut kills).await?;
    Ok((server, kills))
}

/// Kills the very first start on a fresh folder after so long, then wants the second one to come up: files and tables
/// that are only half made must not keep the server from ever starting.
pub async fn birth(machine: &Machine, vendors: &Vendors, after: Duration) -> Result<(), AxeError> {
    let server = spawn(machine, vendors)?;
    tokio::time::sleep(after).await;
    server.kill();
    let mut server = spawn(machine, vendors)?;
    ready(machine, &mut server, &mut Kills { starting: 1, ..Kills::default() }).await
}

pub(super) fn spawn(machine: &Machine, vendors: &Vendors) -> Result<Server, AxeError> {
    vendors.new_life();
    Server::spawn(&machine.binary, &machine.config, &machine.variables, &machine.log)
        .map_err(|source| AxeError::Spawn { binary: machine.binary.clone(), source })
}

/// Waits until the server says that it is ready.
pub(super) async fn ready(machine: &Machine, server: &mut Server, kills: &mut Kills) -> Result<(), AxeError> {
    let request = format!("GET /readyz HTTP/1.1\r\nhost: {}\r\n\r\n", machine.address);
    let asked = Instant::now();
    while asked.elapsed() < START {
        if knock(machine.address, request.as_bytes()).await == Some(200) {
            kills.slowest_start = kills.slowest_start.max(server.spawned.elapsed());
            return Ok(());
        }
        if server.has_ended() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    Err(ended(machine, kills))
}

fn ended(machine: &Machine, kills: &Kills) -> AxeError {
    let log = std::fs::read_to_string(&machine.log).unwrap_or_default();
    AxeError::Start { kills: kills.all(), log: log.lines().last().unwrap_or("its log is empty").to_owned() }
}
