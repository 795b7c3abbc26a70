//! Doors that fetch by themselves: mailboxes and gateways. Each has a task of its own that listens, pauses and listens
//! again; what it finds is accepted like any webhook, durable before the door's place moves on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use domain::event::InboundEvent;
use domain::ports::{HungUp, Inlet, NotNow, Quarantine};
use domain::{ConnectionId, Timestamp};
use engine::{Engine, OpenDoor};
use tokio::task::JoinSet;

use crate::app::App;
use crate::hooks::real_seconds;
use crate::metrics::Metrics;

/// Pauses between attempts, in seconds; the last one stays.
const PAUSES: [u64; 6] = [1, 2, 5, 15, 30, 60];
/// After a refusal only new settings help; it is tried again all the same.
const AFTER_REFUSAL: Duration = Duration::from_secs(300);
/// A connection that held so long was a good one.
const HELD: Duration = Duration::from_secs(60);
/// Not heard of for so long, a door is an alarm.
const ALARM: Duration = Duration::from_secs(15 * 60);
/// How often the wiring and the alarms are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// How doors that listen are, by connection.
#[derive(Debug, Default)]
pub struct Ears {
    all: Mutex<HashMap<ConnectionId, Ear>>,
}

/// How one of them is.
#[derive(Debug, Clone)]
pub struct Ear {
    /// When its vendor was heard last, business time.
    pub heard_at: Option<Timestamp>,
    /// The same on real time; when it began to listen, if never.
    heard: Instant,
    /// Why it does not listen now, with the remedy.
    pub trouble: Option<String>,
    /// Only new settings help.
    pub is_refused: bool,
    alarmed: bool,
}

impl Ear {
    /// How long nothing was heard.
    pub fn silence(&self) -> Duration {
        self.heard.elapsed()
    }

    /// Does somebody have to look?
    pub fn is_alarming(&self) -> bool {
        self.is_refused || self.silence() > ALARM
    }
}

impl Ears {
    /// How a door is; `None`: it does not listen.
    pub fn of(&self, connection: &ConnectionId) -> Option<Ear> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).get(connection).cloned()
    }

    /// All of them.
    pub fn all(&self) -> Vec<(ConnectionId, Ear)> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = all.iter().map(|(connection, ear)| (connection.clone(), ear.clone())).collect();
        all.sort_by(|one, other| one.0.0.cmp(&other.0.0));
        all
    }

    fn change(&self, connection: &ConnectionId, change: impl FnOnce(&mut Ear)) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Ear { heard_at: None, heard: Instant::now(), trouble: None, is_refused: false, alarmed: false };
        change(all.entry(connection.clone()).or_insert_with(new));
    }

    fn keep_only(&self, kept: &[ConnectionId]) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).retain(|connection, _| kept.contains(connection));
    }

    /// Doors that have just become an alarm.
    fn alarms(&self) -> Vec<(ConnectionId, Duration)> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let new = all.iter_mut().filter(|(_, ear)| !ear.alarmed && ear.silence() > ALARM);
        new.map(|(connection, ear)| {
            ear.alarmed = true;
            (connection.clone(), ear.silence())
        })
        .collect()
    }
}

/// Runs until the server stops; a new configuration ends what listens and begins anew.
pub async fn run(app: App) {
    let mut wired: Option<Arc<Engine>> = None;
    let mut tasks = JoinSet::new();
    loop {
        let engine = app.engine();
        if !wired.as_ref().is_some_and(|known| Arc::ptr_eq(known, &engine)) {
            tasks.shutdown().await;
            let doors: Vec<ConnectionId> = listening(&app, &engine);
            app.ears.keep_only(&doors);
            for connection in doors {
                tasks.spawn(keep_listening(App::clone(&app), Arc::clone(&engine), connection));
            }
            wired = Some(engine);
        }
        for (connection, silence) in app.ears.alarms() {
            tracing::error!(%connection, ?silence, "nothing has been fetched for too long, messages may be waiting at the vendor");
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = app.stopped() => break,
        }
    }
    tasks.shutdown().await;
}

fn listening(app: &App, engine: &Engine) -> Vec<ConnectionId> {
    let workspaces = app.wired.load_full().workspaces.clone();
    let doors = workspaces.iter().flat_map(|workspace| engine.doors_of(workspace));
    doors.filter(|door| door.channel.listens()).map(|door| door.settings.id.clone()).collect()
}

async fn keep_listening(app: App, engine: Arc<Engine>, connection: ConnectionId) {
    let Some(door) = engine.door(&connection) else { return };
    app.ears.change(&connection, |_| {});
    let inlet = Mouth { app: App::clone(&app), engine: Arc::clone(&engine), connection: connection.clone() };
    let mut failures = 0;
    loop {
        let began = Instant::now();
        let hung_up = door.channel.listen(&inlet).await;
        failures = if began.elapsed() > HELD { 0 } else { failures + 1 };
        let pause = match &hung_up {
            HungUp::Lost(why) => {
                tracing::warn!(%connection, why, "a door lost its vendor, trying again");
                Duration::from_secs(PAUSES[(failures.max(1) - 1).min(PAUSES.len() - 1)])
            }
            HungUp::Refused(why) => {
                tracing::error!(%connection, why, "a door is refused by its vendor");
                AFTER_REFUSAL
            }
        };
        let (HungUp::Lost(why) | HungUp::Refused(why)) = hung_up.clone();
        app.ears.change(&connection, |ear| {
            ear.trouble = Some(why);
            ear.is_refused = matches!(hung_up, HungUp::Refused(_));
        });
        tokio::time::sleep(pause).await;
    }
}

/// What a door speaks into.
struct Mouth {
    app: App,
    engine: Arc<Engine>,
    connection: ConnectionId,
}

impl Mouth {
    fn door(&self) -> Result<&OpenDoor, NotNow> {
        self.engine.door(&self.connection).ok_or(NotNow)
    }

    fn note(&self) -> Result<String, NotNow> {
        Ok(format!("place:{}:{}", self.door()?.settings.workspace, self.connection))
    }
}

#[async_trait]
impl Inlet for Mouth {
    async fn accept(&self, events: Vec<InboundEvent>) -> Result<(), NotNow> {
        for event in &events {
            if matches!(event, InboundEvent::Ignored(_)) {
                Metrics::add(&self.app.metrics.ignored);
            }
        }
        let taken = self.engine.receive(&self.connection, events).await.map_err(|error| {
            tracing::warn!(connection = %self.connection, %error, "what a door fetched cannot be stored, it is fetched again");
            NotNow
        })?;
        for _ in &taken {
            Metrics::add(&self.app.metrics.accepted);
        }
        Ok(())
    }

    async fn put_aside(&self, raw: &[u8], why: &str) -> Result<(), NotNow> {
        let item = Quarantine {
            workspace: self.door()?.settings.workspace.clone(),
            connection: self.connection.clone(),
            body: raw.to_vec(),
            reason: why.to_owned(),
            at: self.app.now(),
        };
        self.app.store().quarantine(item).await.map_err(|_| NotNow)?;
        tracing::warn!(connection = %self.connection, "what a door fetched could not be read and was put into quarantine");
        Ok(())
    }

    async fn kept(&self) -> Result<Option<String>, NotNow> {
        self.app.store().note(&self.note()?).await.map_err(|_| NotNow)
    }

    async fn keep(&self, place: &str) -> Result<(), NotNow> {
        self.app.store().put_note(&self.note()?, Some(place)).await.map_err(|_| NotNow)
    }

    fn heard(&self) {
        let now = self.app.now();
        self.app.ears.change(&self.connection, |ear| {
            *ear = Ear { heard_at: Some(now), heard: Instant::now(), trouble: None, is_refused: false, alarmed: false };
        });
    }

    fn real_seconds(&self) -> i64 {
        real_seconds()
    }
}
