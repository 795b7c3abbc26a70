//! The store with its bells, as the server holds it.

use std::sync::Arc;

use domain::ports::{Change, Ring, Store};
use tokio::sync::{Notify, broadcast, watch};

/// Makes a receiver of live changes.
pub type Subscribe = Arc<dyn Fn() -> broadcast::Receiver<Arc<Change>> + Send + Sync>;

/// Makes a receiver of what this server rings for.
pub type Listen = Arc<dyn Fn() -> broadcast::Receiver<Arc<Ring>> + Send + Sync>;
/// Rings for what another server committed.
pub type RingHere = Arc<dyn Fn(Ring) + Send + Sync>;

/// Storage and what it rings.
#[derive(Clone)]
pub struct Storage {
    /// The port.
    pub store: Arc<dyn Store>,
    /// Rings when a burst may have become ready.
    pub work: Arc<Notify>,
    /// Rings when something is owed to a customer.
    pub post: Arc<Notify>,
    /// Rings when a timer was set.
    pub ticks: Arc<Notify>,
    /// Rings when a file has to be fetched.
    pub files: Arc<Notify>,
    /// Rings when the team is to be told something.
    pub alerts: Arc<Notify>,
    /// Why nothing is written any more.
    pub broken: watch::Receiver<Option<String>>,
    /// Changes for live pages.
    pub changes: Subscribe,
    /// Rings of this server, for those beside it.
    pub rings: Listen,
    /// The other way round.
    pub ring_here: RingHere,
}
