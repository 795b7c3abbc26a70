//! The bell: wakes workers and tells live pages, always after the commit. Losing a ring costs latency, never data.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::ports::{Change, Ring};
use domain::time::Timestamp;
use domain::{ConversationId, CustomerId, MessageId, WorkspaceId};
use tokio::sync::{Notify, broadcast, watch};

/// Who takes changes in for live pages and is further behind than this must read again.
const BACKLOG: usize = 512;

/// Rings that servers beside this one may be behind.
const ABROAD: usize = 256;

/// Rings after commits.
#[derive(Debug)]
pub(crate) struct Bell {
    pub work: Arc<Notify>,
    pub post: Arc<Notify>,
    pub ticks: Arc<Notify>,
    pub files: Arc<Notify>,
    pub alerts: Arc<Notify>,
    /// Why nothing is written any more.
    pub broken: Arc<watch::Sender<Option<String>>>,
    changes: broadcast::Sender<Arc<Change>>,
    /// What servers beside this one are told.
    abroad: broadcast::Sender<Arc<Ring>>,
    seq: AtomicU64,
}

/// What a transaction will ring for once it is durable.
#[derive(Debug, Default)]
pub(crate) struct Rings {
    pub work: bool,
    pub post: bool,
    pub ticks: bool,
    pub files: bool,
    pub alerts: bool,
    pub changes: Vec<Pending>,
}

/// A change before it has its number.
#[derive(Debug)]
pub(crate) struct Pending {
    pub kind: &'static str,
    pub workspace: WorkspaceId,
    pub conversation: Option<ConversationId>,
    pub customer: Option<CustomerId>,
    pub message: Option<MessageId>,
    pub at: Timestamp,
}

impl Rings {
    pub fn note(&mut self, kind: &'static str, workspace: &WorkspaceId, at: Timestamp) -> &mut Pending {
        self.changes.push(Pending { kind, workspace: workspace.clone(), conversation: None, customer: None, message: None, at });
        let last = self.changes.len() - 1;
        &mut self.changes[last]
    }

    pub fn absorb(&mut self, other: Self) {
        self.work |= other.work;
        self.post |= other.post;
        self.ticks |= other.ticks;
        self.files |= other.files;
        self.alerts |= other.alerts;
        self.changes.extend(other.changes);
    }
}

impl Pending {
    pub fn conversation(&mut self, id: ConversationId) -> &mut Self {
        self.conversation = Some(id);
        self
    }
    pub fn customer(&mut self, id: CustomerId) -> &mut Self {
        self.customer = Some(id);
        self
    }
    pub fn message(&mut self, id: MessageId) -> &mut Self {
        self.message = Some(id);
        self
    }
}

impl Bell {
    pub fn new() -> Self {
        let (changes, _) = broadcast::channel(BACKLOG);
        let (abroad, _) = broadcast::channel(ABROAD);
        let broken = Arc::new(watch::Sender::new(None));
        Self {
            work: Arc::default(),
            post: Arc::default(),
            ticks: Arc::default(),
            files: Arc::default(),
            alerts: Arc::default(),
            broken,
            changes,
            abroad,
            seq: AtomicU64::new(0),
        }
    }

    /// One that wakes nobody, but whose disk is the same.
    pub fn beside(&self) -> Self {
        Self { broken: Arc::clone(&self.broken), ..Self::new() }
    }

    pub fn changes(&self) -> broadcast::Receiver<Arc<Change>> {
        self.changes.subscribe()
    }

    /// Rings of this server from now on, for those beside it.
    pub fn rings(&self) -> broadcast::Receiver<Arc<Ring>> {
        self.abroad.subscribe()
    }

    /// Rings here and, when somebody tells the servers beside this one, there.
    pub fn ring(&self, rings: Rings) {
        let Rings { work, post, ticks, files, alerts, changes } = rings;
        let changes = changes.into_iter().map(|pending| {
            let Pending { kind, workspace, conversation, customer, message, at } = pending;
            Change { seq: 0, kind: kind.to_owned(), workspace, conversation, customer, message, at }
        });
        let ring = Ring { work, post, ticks, files, alerts, changes: changes.collect() };
        if self.abroad.receiver_count() > 0 && ring != Ring::default() {
            // The receiver may just have gone.
            let _ = self.abroad.send(Arc::new(ring.clone()));
        }
        self.ring_here(ring);
    }

    /// Rings here only; what was committed is another server's.
    pub fn ring_here(&self, ring: Ring) {
        let bells = [
            (ring.work, &self.work),
            (ring.post, &self.post),
            (ring.ticks, &self.ticks),
            (ring.files, &self.files),
            (ring.alerts, &self.alerts),
        ];
        for (_, bell) in bells.into_iter().filter(|(rings, _)| *rings) {
            bell.notify_one();
        }
        for change in ring.changes {
            let seq = self.seq.fetch_add(1, Ordering::Relaxed) + 1;
            // No receiver: nobody looks at a live page.
            let _ = self.changes.send(Arc::new(Change { seq, ..change }));
        }
    }
}
