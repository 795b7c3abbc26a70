//! The bus: servers on one database ring each other's bells and show each other's teammates, over NATS.
//!
//! The store is the truth and everybody looks into it by themselves; what is lost here costs a moment, never a message.
//! Letters hold ids, and names of teammates; nothing that a customer said or is called.

use std::collections::HashMap;
use std::time::Duration;

use async_nats::{Client, ConnectOptions, Event};
use domain::ports::{Random, Ring};
use futures::StreamExt;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use url::Url;

use crate::app::{App, Shared};
use crate::metrics::Metrics;
use crate::presence::Said;
use crate::wiring;

/// How long a server that was not reachable is left alone.
const AGAIN: Duration = Duration::from_secs(2);
/// Peers whose numbers are kept; servers come and go with new names.
const PEERS: usize = 1_000;

/// What a server tells the others.
#[derive(Debug, Serialize, Deserialize)]
struct Letter {
    /// The server's name of this start.
    from: String,
    /// Grows by one: who misses one knows it.
    number: u64,
    says: Says,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Says {
    Ring(Ring),
    Presence(Said),
    /// Something was not told.
    Lost,
}

/// Runs as long as the server does, when there is a bus.
pub async fn run(app: App) {
    let Some(url) = &app.settings.nats_url else { return };
    let subject = match wiring::bus_subject(&app.settings) {
        Ok(subject) => subject,
        Err(error) => return tracing::error!("no bus: {error:#}"),
    };
    let (events, heard) = mpsc::channel(16);
    let Some((address, options)) = address_of(url.expose()) else { return tracing::error!("no bus: its address cannot be read") };
    let options = options
        .name("rapport")
        .retry_on_initial_connect()
        .reconnect_delay_callback(|attempts| if attempts > 1 { AGAIN } else { Duration::ZERO })
        .event_callback(move |event| {
            let events = events.clone();
            async move {
                // Who stops reading has stopped the server.
                let _ = events.send(event).await;
            }
        });
    let client = match options.connect(address.as_str()).await {
        Ok(client) => client,
        Err(error) => return tracing::error!(%error, "the bus cannot be used; this server looks for work of others every few seconds"),
    };
    let name = format!("{:032x}", app.random.bits());
    tokio::select! {
        () = tell(&app, &client, &subject, &name) => {}
        () = hear(&app, &client, &subject, &name) => {}
        () = watch(&app, heard) => {}
        () = app.stopped() => {}
    }
}

/// The address alone, and options with the name and the word that stood in it; a name without a word is a token.
fn address_of(text: &str) -> Option<(Url, ConnectOptions)> {
    let mut url = Url::parse(text).ok()?;
    let plain = |part: &str| percent_decode_str(part).decode_utf8().map(std::borrow::Cow::into_owned).ok();
    let (name, word) = (plain(url.username())?, url.password().map(plain));
    let options = match word {
        Some(word) => ConnectOptions::with_user_and_password(name, word?),
        None if name.is_empty() => ConnectOptions::new(),
        None => ConnectOptions::with_token(name),
    };
    // An address with a host takes both.
    let _ = (url.set_username(""), url.set_password(None));
    Some((url, options))
}

/// Tells the others what is rung here.
async fn tell(app: &Shared, client: &Client, subject: &str, name: &str) {
    let (mut rings, mut said) = ((app.storage.rings)(), app.presence.said());
    let mut number = 0;
    loop {
        let says = tokio::select! {
            ring = rings.recv() => ring.map(|ring| Says::Ring(Ring::clone(&ring))),
            said = said.recv() => said.map(|said| Says::Presence(Said::clone(&said))),
        };
        let says = match says {
            Ok(says) => says,
            Err(RecvError::Lagged(_)) => Says::Lost,
            Err(RecvError::Closed) => return,
        };
        number += 1;
        match serde_json::to_vec(&Letter { from: name.to_owned(), number, says }) {
            Ok(letter) => {
                // While there is no connection letters wait, and those that are too many are missed by their numbers.
                if let Err(error) = client.publish(subject.to_owned(), letter.into()).await {
                    tracing::debug!(%error, "a ring was not told to the other servers");
                }
            }
            Err(error) => tracing::error!(%error, "a ring cannot be written"),
        }
    }
}

/// Rings here what others tell.
async fn hear(app: &Shared, client: &Client, subject: &str, name: &str) {
    let mut letters = match client.subscribe(subject.to_owned()).await {
        Ok(letters) => letters,
        Err(error) => return tracing::error!(%error, "the bus is not heard"),
    };
    let mut peers: HashMap<String, u64> = HashMap::new();
    while let Some(message) = letters.next().await {
        let letter: Letter = match serde_json::from_slice(&message.payload) {
            Ok(letter) => letter,
            Err(error) => {
                tracing::warn!(%error, "something on the bus is no ring of ours");
                continue;
            }
        };
        if letter.from == name {
            continue;
        }
        Metrics::add(&app.metrics.rings_heard);
        if peers.len() >= PEERS {
            peers.clear();
        }
        let last = peers.insert(letter.from, letter.number);
        if last.is_some_and(|last| last + 1 != letter.number) {
            missed(app);
        }
        match letter.says {
            Says::Ring(ring) => (app.storage.ring_here)(ring),
            Says::Presence(said) => app.presence.hear(said, app.steady()),
            Says::Lost => missed(app),
        }
    }
}

/// Follows the connection.
async fn watch(app: &Shared, mut heard: mpsc::Receiver<Event>) {
    while let Some(event) = heard.recv().await {
        match event {
            Event::Connected => {
                tracing::info!("the bus is connected");
                missed(app);
            }
            Event::Disconnected => tracing::warn!("the bus is gone; this server looks for work of others every few seconds"),
            Event::SlowConsumer(_) => missed(app),
            other => tracing::debug!(%other, "the bus"),
        }
    }
}

/// Looks for everything: what was rung meanwhile is not known.
fn missed(app: &Shared) {
    (app.storage.ring_here)(Ring { work: true, post: true, ticks: true, files: true, alerts: true, changes: Vec::new() });
    app.hub.forget();
}
