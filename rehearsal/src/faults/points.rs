//! Kills at named places: the server aborts itself when it passes one, so that each boundary is hit, not only the likely ones.

use std::time::{Duration, Instant};

use super::axe::{AxeError, Kills, Machine, ready, spawn};
use super::vendors::Vendors;
use crate::bench::Server;

/// A place that is not passed by then is not reached by this campaign.
const PATIENCE: Duration = Duration::from_secs(12);
/// Between two looks at the server.
const LOOK: Duration = Duration::from_millis(5);

/// Lets the server die at each of these places, so many times, and start again; the last life goes on. Also the places
/// at which it did not die.
///
/// `variable` is what arms a place; its value is `PLACE:PASS`.
pub async fn visit(
    machine: &Machine,
    vendors: &Vendors,
    variable: &'static str,
    places: &[String],
    passes: u64,
    mut struck: impl FnMut(&Kills),
) -> Result<(Server, Kills, Vec<String>), AxeError> {
    let (mut kills, mut missed) = (Kills::default(), Vec::new());
    live_once(machine, vendors).await?;
    for place in places {
        for pass in 1..=passes {
            let mut armed = machine.clone();
            armed.variables.push((variable, format!("{place}:{pass}")));
            let mut server = spawn(&armed, vendors)?;
            let spawned = Instant::now();
            while !server.has_ended() && spawned.elapsed() < PATIENCE {
                tokio::time::sleep(LOOK).await;
            }
            if server.has_ended() {
                kills.named += 1;
            } else {
                missed.push(format!("{place}:{pass}"));
            }
            kills.moments.push(Instant::now());
            server.kill();
            struck(&kills);
        }
    }
    Ok((raise(machine, vendors).await?, kills, missed))
}

/// Starts the server and waits until it is ready.
pub async fn raise(machine: &Machine, vendors: &Vendors) -> Result<Server, AxeError> {
    let mut server = spawn(machine, vendors)?;
    ready(machine, &mut server, &mut Kills::default()).await?;
    Ok(server)
}

/// One life, so that the folder is as after a first start.
pub async fn live_once(machine: &Machine, vendors: &Vendors) -> Result<(), AxeError> {
    raise(machine, vendors).await.map(Server::kill)
}

/// Starts on fresh folders that die at the first passage of the place, then at every so many later ones, until a start passes
/// them all; each folder must come up at the next start. How many died.
pub async fn births<E: From<AxeError>>(
    variable: &'static str,
    place: &str,
    every: u64,
    vendors: &Vendors,
    mut folder: impl FnMut(u64) -> Result<Machine, E>,
) -> Result<u64, E> {
    let mut died = 0;
    let mut pass = 1;
    loop {
        let machine = folder(pass)?;
        let mut armed = machine.clone();
        armed.variables.push((variable, format!("{place}:{pass}")));
        let mut server = spawn(&armed, vendors)?;
        let came_up = ready(&armed, &mut server, &mut Kills::default()).await.is_ok();
        server.kill();
        if came_up {
            return Ok(died);
        }
        died += 1;
        live_once(&machine, vendors).await?;
        pass += every.max(1);
    }
}
