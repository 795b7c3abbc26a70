//! What every handler and job shares.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use domain::ports::{Clock, Monotonic, Random, Store};
use domain::settings::WorkspaceSettings;
use domain::template::Template;
use domain::{ConnectionId, MonotonicTime, Timestamp, WorkspaceId};
use engine::Engine;

use crate::auth::limits::{Limiter, UnderWay};
use crate::auth::password::Passwords;
use crate::config::{Configuration, ServerSettings};
use crate::jobs::crew::Waits;
use crate::jobs::listening::Ears;
use crate::library::Sources;
use crate::live::Hub;
use crate::metrics::Metrics;
use crate::playground::Playground;
use crate::presence::Presence;
use crate::storage::Storage;
use crate::time::{BusinessClock, SteadyTime, SystemRandomness};
use crate::voice::Switchboard;

/// The server's state; cheap to clone.
pub type App = Arc<Shared>;

/// See [`App`].
pub struct Shared {
    /// The server's own settings.
    pub settings: ServerSettings,
    /// What is configured and wired now; replaced as a whole by a reload.
    pub wired: ArcSwap<Wired>,
    /// The store and its bells.
    pub storage: Storage,
    /// Sources of all workspaces.
    pub library: Arc<Sources>,
    /// Business time.
    pub clock: Arc<BusinessClock>,
    /// Time nobody moves.
    pub monotonic: Arc<SteadyTime>,
    /// Randomness.
    pub random: Arc<SystemRandomness>,
    /// Changes for live pages.
    pub hub: Hub,
    /// Who of the team is looking at what.
    pub presence: Presence,
    /// Doors that fetch by themselves.
    pub ears: Ears,
    /// Templates that vendors approved, by connection, and when they were asked.
    pub templates: std::sync::Mutex<HashMap<ConnectionId, (std::time::Instant, Arc<[Template]>)>>,
    /// Phone calls under way.
    pub switchboard: Arc<Switchboard>,
    /// Numbers that are reached straight over SIP.
    pub trunks: crate::voice::sip::Trunks,
    /// Counters.
    pub metrics: Metrics,
    /// Turns that wait for somebody else: a model, or the vendor that takes their reply.
    pub waiting_turns: Arc<Waits>,
    /// Hashing of passwords, a few at a time.
    pub passwords: Passwords,
    /// Wrong signatures, sign-ins and frames, per source.
    pub limits: Limits,
    /// Where teammates sign in besides here.
    pub oidc: Option<crate::auth::oidc::Provider>,
    /// Is this the demo?
    pub playground: Option<Arc<Playground>>,
    /// Has the first sync of the sources ended?
    pub synced: tokio::sync::watch::Sender<bool>,
    /// Tells every task to stop.
    pub stopping: tokio::sync::watch::Sender<bool>,
    /// When the process began to serve.
    pub started: std::time::Instant,
}

/// What is configured and wired together.
pub struct Wired {
    /// The engine over the configured doors.
    pub engine: Arc<Engine>,
    /// Workspaces in the order of the configuration.
    pub workspaces: Vec<WorkspaceId>,
    /// Sources: workspace, name, folder.
    pub knowledge: Vec<(WorkspaceId, String, PathBuf)>,
    /// What verifies the widget's signed tokens.
    pub tokens: HashMap<ConnectionId, channels::widget::Tokens>,
    /// Telephone numbers.
    pub lines: HashMap<ConnectionId, Arc<channels::voice::Line>>,
    /// Who listens and speaks on numbers whose sound comes here.
    pub speech: HashMap<ConnectionId, Arc<crate::voice::sound::Speech>>,
    /// Webhooks that are told what the team should know, by workspace and name.
    pub hooks: HashMap<(WorkspaceId, String), Arc<channels::AlertHook>>,
    /// The whole configuration.
    pub configuration: Configuration,
}

/// Limits against guessing and flooding.
pub struct Limits {
    /// Wrong signatures per address.
    pub signatures: Limiter,
    /// Sign-ins per address.
    pub sign_ins: Limiter,
    /// Sign-ins per account.
    pub accounts: Limiter,
    /// Frames per widget connection's address.
    pub frames: Limiter,
    /// Files per visitor of a website.
    pub files: Limiter,
    /// Files of visitors that one address sends at once.
    pub uploads: UnderWay,
    /// Megabytes of visitors' files per address.
    pub megabytes: Limiter,
    /// Readings of a record that are written down already.
    pub looks: Limiter,
    /// Open widget connections per address.
    pub sockets: std::sync::Mutex<HashMap<std::net::IpAddr, usize>>,
}

impl Shared {
    /// The engine.
    pub fn engine(&self) -> Arc<Engine> {
        Arc::clone(&self.wired.load().engine)
    }

    /// The store.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.storage.store
    }

    /// Business time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Time nobody moves.
    pub fn steady(&self) -> MonotonicTime {
        self.monotonic.now()
    }

    /// 128 random bits as 32 hexadecimal digits: opens something by being known.
    pub fn unguessable(&self) -> String {
        format!("{:032x}", self.random.bits())
    }

    /// The first workspace of the configuration.
    pub fn first_workspace(&self) -> WorkspaceId {
        self.wired.load().workspaces.first().cloned().unwrap_or_else(|| WorkspaceId::from("main"))
    }

    /// A workspace's settings.
    pub fn workspace(&self, id: &WorkspaceId) -> Option<Arc<WorkspaceSettings>> {
        self.wired.load().engine.workspace(id)
    }

    /// The languages that the workspaces answer in.
    pub fn languages(&self) -> Vec<String> {
        let wired = self.wired.load();
        wired.configuration.workspaces.iter().flat_map(|workspace| workspace.settings.languages.iter().cloned()).collect()
    }

    /// Resolves when the server stops.
    pub async fn stopped(&self) {
        let mut stopping = self.stopping.subscribe();
        // The sender lives as long as this value: an error means the same as a stop.
        let _ = stopping.wait_for(|stop| *stop).await;
    }
}
