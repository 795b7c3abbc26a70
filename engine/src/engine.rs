//! The engine and what it is made of.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use domain::id::{ConnectionId, WorkspaceId};
use domain::message::{Enclosure, WaitingKind};
use domain::ports::{Channel, Clock, Embedder, Knowledge, Monotonic, Random, Store, Tools};
use domain::settings::{ConnectionSettings, Mode, WorkspaceSettings};
use domain::{ConversationId, CustomerId, IdentifierId, MessageId};

use crate::acts::Document;
use crate::decision::rules::OwnRule;
use crate::delivery::{Failing, Sending};
use crate::memory::recall::{Pages, Shelf};
use crate::reasoning::team::Member;
use crate::standing::Standings;
use crate::turn::meanings::Likeness;

/// A configured door, opened.
#[derive(Clone)]
pub struct OpenDoor {
    /// Its settings.
    pub settings: ConnectionSettings,
    /// Its side of the port.
    pub channel: Arc<dyn Channel>,
}

/// Language models per agent, in fallback order; the built-in engine is always last.
#[derive(Clone, Default)]
pub struct Models {
    /// For answers.
    pub answerer: Vec<Arc<Member>>,
    /// For analysis and qualification.
    pub qualifier: Vec<Arc<Member>>,
}

/// Everything the engine is given.
pub struct Parts {
    /// Storage.
    pub store: Arc<dyn Store>,
    /// The business's own sources.
    pub knowledge: Arc<dyn Knowledge>,
    /// Business time.
    pub clock: Arc<dyn Clock>,
    /// Time nobody moves.
    pub monotonic: Arc<dyn Monotonic>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Doors.
    pub doors: Vec<OpenDoor>,
    /// Workspaces.
    pub workspaces: Vec<WorkspaceSettings>,
    /// Models by workspace; absent: the built-in engine alone.
    pub models: HashMap<WorkspaceId, Models>,
    /// Tools by workspace; absent: none.
    pub tools: HashMap<WorkspaceId, Arc<dyn Tools>>,
    /// Makes vectors for recall; absent: words alone.
    pub embedder: Option<Arc<dyn Embedder>>,
}

/// What became of one event of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The stored message.
    pub message: MessageId,
    /// Whose.
    pub customer: CustomerId,
    /// Where.
    pub conversation: ConversationId,
    /// It had been accepted before.
    pub duplicate: bool,
    /// What kind.
    pub kind: WaitingKind,
}

/// Which visitors have the page open right now: a link redeemed meanwhile joins at once.
#[derive(Debug, Default)]
pub struct Presence {
    open: Mutex<HashMap<IdentifierId, usize>>,
}

impl Presence {
    /// A page of this visitor was opened.
    pub fn enter(&self, visitor: IdentifierId) {
        *self.open.lock().unwrap_or_else(PoisonError::into_inner).entry(visitor).or_default() += 1;
    }

    /// A page of this visitor was closed.
    pub fn leave(&self, visitor: IdentifierId) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&visitor) {
            *count -= 1;
            if *count == 0 {
                open.remove(&visitor);
            }
        }
    }

    /// Is any page of this visitor open?
    pub fn is_open(&self, visitor: IdentifierId) -> bool {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&visitor)
    }
}

/// Writes an action's document as a file.
pub type Write = fn(&Document) -> Enclosure;

/// A business as it is configured, and as it stands with what was chosen in the console.
struct Business {
    configured: Arc<WorkspaceSettings>,
    settings: Arc<WorkspaceSettings>,
    own_rules: Arc<[OwnRule]>,
}

impl Business {
    fn of(configured: Arc<WorkspaceSettings>, settings: Arc<WorkspaceSettings>) -> Self {
        let own_rules = own_rules(&settings).into();
        Self { configured, settings, own_rules }
    }
}

/// The engine: decisions between the doors and the store.
pub struct Engine {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) knowledge: Arc<dyn Knowledge>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) monotonic: Arc<dyn Monotonic>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) doors: HashMap<ConnectionId, OpenDoor>,
    businesses: RwLock<HashMap<WorkspaceId, Business>>,
    pub(crate) models: HashMap<WorkspaceId, Models>,
    pub(crate) tools: HashMap<WorkspaceId, Arc<dyn Tools>>,
    pub(crate) presence: Presence,
    /// What was read of people's histories lately.
    pub(crate) shelf: Shelf<Pages>,
    /// Likeness of meaning, where there is an embedder.
    pub(crate) likeness: Option<Likeness>,
    /// Trust dials that a teammate turned; the configuration says the rest.
    dials: Mutex<HashMap<ConnectionId, Mode>>,
    pub(crate) standings: Standings,
    pub(crate) sending: Sending,
    pub(crate) failing: Failing,
    /// Writes a document of an action, where somebody can.
    pub(crate) writes: OnceLock<Write>,
}

impl Engine {
    /// Puts the engine together.
    pub fn new(parts: Parts) -> Arc<Self> {
        let businesses = parts.workspaces.into_iter().map(|settings| {
            let (id, settings) = (settings.id.clone(), Arc::new(settings));
            (id, Business::of(Arc::clone(&settings), settings))
        });
        Arc::new(Self {
            store: parts.store,
            knowledge: parts.knowledge,
            clock: parts.clock,
            monotonic: parts.monotonic,
            random: parts.random,
            doors: parts.doors.into_iter().map(|door| (door.settings.id.clone(), door)).collect(),
            businesses: RwLock::new(businesses.collect()),
            models: parts.models,
            tools: parts.tools,
            presence: Presence::default(),
            shelf: Shelf::default(),
            likeness: parts.embedder.map(Likeness::of),
            dials: Mutex::default(),
            standings: Standings::default(),
            sending: Sending::default(),
            failing: Failing::default(),
            writes: OnceLock::new(),
        })
    }

    /// From now on documents leave with mails; a second writer changes nothing.
    pub fn write_documents(&self, write: Write) {
        let _ = self.writes.set(write);
    }

    /// The business's zone.
    pub(crate) fn zone(&self, workspace: &WorkspaceId) -> String {
        self.workspace(workspace).map(|settings| settings.timezone.clone()).unwrap_or_default()
    }

    /// How far the AI goes on a door now.
    pub fn mode(&self, door: &ConnectionSettings) -> Mode {
        self.dials.lock().unwrap_or_else(PoisonError::into_inner).get(&door.id).copied().unwrap_or(door.mode)
    }

    /// Turns a door's trust dial; `None`: back to what is configured. The next turn obeys.
    pub fn turn_dial(&self, door: &ConnectionId, mode: Option<Mode>) {
        let mut dials = self.dials.lock().unwrap_or_else(PoisonError::into_inner);
        match mode {
            Some(mode) => dials.insert(door.clone(), mode),
            None => dials.remove(door),
        };
    }

    /// A configured door.
    pub fn door(&self, id: &ConnectionId) -> Option<&OpenDoor> {
        self.doors.get(id)
    }

    /// All doors of a workspace, by id.
    pub fn doors_of(&self, workspace: &WorkspaceId) -> Vec<&OpenDoor> {
        let mut doors: Vec<_> = self.doors.values().filter(|door| door.settings.workspace == *workspace).collect();
        doors.sort_by(|a, b| a.settings.id.cmp(&b.settings.id));
        doors
    }

    /// A workspace's settings: what is configured, with what was chosen in the console.
    pub fn workspace(&self, id: &WorkspaceId) -> Option<Arc<WorkspaceSettings>> {
        self.businesses.read().unwrap_or_else(PoisonError::into_inner).get(id).map(|business| Arc::clone(&business.settings))
    }

    /// What the configuration alone says.
    pub fn configured(&self, id: &WorkspaceId) -> Option<Arc<WorkspaceSettings>> {
        self.businesses.read().unwrap_or_else(PoisonError::into_inner).get(id).map(|business| Arc::clone(&business.configured))
    }

    /// From the next turn on a workspace goes by these settings, which were made from [`Engine::configured`].
    pub fn go_by(&self, settings: WorkspaceSettings) {
        let mut businesses = self.businesses.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(business) = businesses.get_mut(&settings.id) {
            *business = Business::of(Arc::clone(&business.configured), Arc::new(settings));
        }
    }

    /// The workspace's own rules, compiled.
    pub(crate) fn own_rules(&self, id: &WorkspaceId) -> Arc<[OwnRule]> {
        let businesses = self.businesses.read().unwrap_or_else(PoisonError::into_inner);
        businesses.get(id).map_or_else(|| Arc::from([]), |business| Arc::clone(&business.own_rules))
    }

    /// The language a workspace speaks where nothing else is known.
    pub(crate) fn locale(&self, id: &WorkspaceId) -> String {
        self.workspace(id).map_or_else(|| "en".to_owned(), |settings| settings.locale.clone())
    }

    /// The store, for reading.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The knowledge, for reading.
    pub fn knowledge(&self) -> &Arc<dyn Knowledge> {
        &self.knowledge
    }

    /// Which visitors have the page open.
    pub fn presence(&self) -> &Presence {
        &self.presence
    }

    /// Business time now.
    pub fn now(&self) -> domain::Timestamp {
        self.clock.now()
    }
}

/// The rules of a workspace that can fire; the others are told about once.
fn own_rules(settings: &WorkspaceSettings) -> Vec<OwnRule> {
    OwnRule::all(settings)
        .into_iter()
        .filter_map(|rule| rule.inspect_err(|(name, error)| tracing::error!(rule = %name, %error, "this rule never fires")).ok())
        .collect()
}
