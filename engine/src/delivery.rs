//! Delivery: the outbox empties through the doors; windows and stops are checked again at the moment of sending.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::Timestamp;
use domain::channel::{ChannelKind, Support};
use domain::event::Content;
use domain::message::{Author, Delivery, Enclosure, ServiceWindow};
use domain::ports::{SendError, Settled, Stored, Way, Which};
use domain::{ConnectionId, DeliveryId, MonotonicTime, WorkspaceId};

use crate::intake::carries_phone;
use crate::rendering::plan;
use crate::{Engine, OpenDoor};

/// A door's code for somebody who has not got it at all.
const UNREACHABLE: &str = "unreachable";
/// A send has at most this long before another worker may look at it; doors have shorter deadlines.
pub(crate) const LEASE: Duration = Duration::from_secs(120);
/// 128 bits, as they are written in a link.
const OPENER: usize = 22;
/// A message links to no more documents than this.
const MOST_DOCUMENTS: usize = 3;
/// Waits between attempts that certainly did not arrive.
const BACKOFF: [u64; 7] = [1, 4, 15, 60, 300, 900, 3_600];

/// Sends under way through a door at the same time; a door that does not answer holds up no other.
const AT_ONCE: usize = 16;
/// Mail servers take few connections of one sender.
const MAILS_AT_ONCE: usize = 4;

/// What is being sent now, by door.
#[derive(Debug, Default)]
pub(crate) struct Sending(Arc<Mutex<HashMap<ConnectionId, usize>>>);

/// Doors whose last send did not arrive.
#[derive(Debug, Default)]
pub(crate) struct Failing(Mutex<HashSet<ConnectionId>>);

impl Failing {
    fn failed(&self, connection: &ConnectionId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(connection.clone());
    }

    /// It works again. `true`: it did not before.
    fn worked(&self, connection: &ConnectionId) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(connection)
    }
}

/// A send under way.
#[derive(Debug)]
pub(crate) struct Leaving {
    sending: Arc<Mutex<HashMap<ConnectionId, usize>>>,
    connection: ConnectionId,
}

/// A reply that was claimed.
#[derive(Debug)]
pub struct Owed {
    workspace: WorkspaceId,
    delivery: Delivery,
    leaving: Leaving,
}

impl Owed {
    pub(crate) fn new(workspace: WorkspaceId, delivery: Delivery, leaving: Leaving) -> Self {
        Self { workspace, delivery, leaving }
    }
}

impl Leaving {
    pub fn connection(&self) -> &ConnectionId {
        &self.connection
    }
}

/// Sends at the same time that a door takes.
fn most(doors: &HashMap<ConnectionId, OpenDoor>, connection: &ConnectionId) -> usize {
    match doors.get(connection).map(|door| door.settings.channel) {
        Some(ChannelKind::Email) => MAILS_AT_ONCE,
        Some(_) | None => AT_ONCE,
    }
}

impl Sending {
    /// Doors that take no more for now.
    fn busy(&self, doors: &HashMap<ConnectionId, OpenDoor>) -> Vec<ConnectionId> {
        let sending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sending.iter().filter(|(connection, count)| **count >= most(doors, connection)).map(|(connection, _)| connection.clone()).collect()
    }

    fn enter(&self, connection: &ConnectionId) -> Leaving {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(connection.clone()).or_default() += 1;
        Leaving { sending: Arc::clone(&self.0), connection: connection.clone() }
    }

    /// A place on the door, unless it takes no more.
    fn reserve(&self, connection: &ConnectionId, most: usize) -> Option<Leaving> {
        let mut sending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = sending.entry(connection.clone()).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Leaving { sending: Arc::clone(&self.0), connection: connection.clone() })
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        if let Some(count) = self.sending.lock().unwrap_or_else(PoisonError::into_inner).get_mut(&self.connection) {
            *count -= 1;
        }
    }
}

impl Engine {
    /// Sends one reply that may leave. `false`: nothing to send.
    pub async fn run_delivery(&self) -> Stored<bool> {
        let Some(owed) = self.claim_delivery().await? else { return Ok(false) };
        self.run_claimed_delivery(owed).await?;
        Ok(true)
    }

    /// Claims the next reply that may leave, of the doors that are not busy; whoever does must send it.
    pub async fn claim_delivery(&self) -> Stored<Option<Owed>> {
        let claimed = self.store.claim_delivery(self.monotonic.now(), LEASE, &self.sending.busy(&self.doors)).await?;
        Ok(claimed.map(|(workspace, delivery)| Owed { workspace, leaving: self.sending.enter(&delivery.connection), delivery }))
    }

    /// A place for one send on the door; `None`: it takes no more for now.
    pub(crate) fn reserve(&self, connection: &ConnectionId) -> Option<Leaving> {
        self.sending.reserve(connection, most(&self.doors, connection))
    }

    /// When the next reply may leave, those of busy doors aside: whoever ends a send of theirs looks again.
    pub async fn next_delivery(&self) -> Stored<Option<MonotonicTime>> {
        self.store.next_delivery(&self.sending.busy(&self.doors)).await
    }

    /// Sends a claimed reply and notes what became of it.
    pub async fn run_claimed_delivery(&self, owed: Owed) -> Stored<()> {
        let Owed { workspace, mut delivery, leaving: _leaving } = owed;
        let Some(door) = self.doors.get(&delivery.connection) else {
            let gone =
                Settled::Refused { code: "no_door".to_owned(), why: "the connection is no longer configured".to_owned(), suppress: false };
            return self.store.settle(&workspace, &delivery, gone, self.clock.now()).await;
        };
        let stopped =
            delivery.author != Author::System && self.store.is_suppressed(&workspace, &delivery.connection, &delivery.address).await?;
        let now = self.clock.now();
        delivery.window = window(door, &delivery, now);
        self.enclose(&workspace, door, &mut delivery).await?;
        self.enclose_documents(door, &mut delivery).await?;
        let mut is_back = false;
        let settled = match refused_before_sending(door, &delivery, stopped, now) {
            Some(refused) => refused,
            None => match door.channel.deliver(&delivery).await {
                Ok(sent) => {
                    self.was_taken(&delivery.connection);
                    is_back = self.failing.worked(&delivery.connection);
                    Settled::Sent { provider_message_id: sent.provider_message_id }
                }
                Err(SendError::Refused { code, .. }) if code == UNREACHABLE && self.reroute(door, Some(delivery.id), None).await? => {
                    return Ok(());
                }
                Err(error) => {
                    self.was_refused(door, &error);
                    if matches!(error, SendError::NotSent(_)) {
                        self.failing.failed(&delivery.connection);
                    }
                    self.after_failure(error, delivery.attempt)
                }
            },
        };
        if !matches!(settled, Settled::Sent { .. }) {
            tracing::warn!(delivery = %delivery.id, channel = %delivery.channel, attempt = delivery.attempt, outcome = outcome(&settled), "delivery.settle");
        }
        self.store.settle(&workspace, &delivery, settled, self.clock.now()).await?;
        if is_back {
            self.store.try_now(&workspace, &delivery.connection).await?;
        }
        Ok(())
    }

    /// Puts the message's files with it: those that the door takes as they are, the others as links below the text.
    async fn enclose(&self, workspace: &WorkspaceId, door: &OpenDoor, delivery: &mut Delivery) -> Stored<()> {
        if !delivery.rendered.encloses {
            return Ok(());
        }
        let capabilities = door.channel.capabilities();
        let is_native = capabilities.files.support == Support::Native;
        let mut linked: Vec<(String, String)> = Vec::new();
        for file in self.store.attachments_with(workspace, delivery.message).await? {
            let public_url = door.settings.public_url.trim_end_matches('/');
            let link = file.about.link.as_ref().map(|link| format!("{public_url}/files/{link}"));
            let (name, mime) = (file.about.name().to_owned(), file.about.told_type().to_owned());
            let size = file.size.and_then(|size| usize::try_from(size).ok()).unwrap_or(usize::MAX);
            if is_native && door.channel.takes(&mime, size) {
                let Some(content) = self.store.attachment_content(workspace, file.id).await? else { continue };
                delivery.files.push(Enclosure { name, mime, content: Content(content.into()), link });
            } else if let Some(link) = link {
                linked.push((name, link));
            }
        }
        let links = linked.iter().map(|(name, link)| (name.as_str(), link.as_str()));
        delivery.rendered.text = plan::with_links(&delivery.rendered.text, links, capabilities, &self.locale(workspace));
        Ok(())
    }

    /// A mail that links to an action's document has it with it, too.
    async fn enclose_documents(&self, door: &OpenDoor, delivery: &mut Delivery) -> Stored<()> {
        let Some(write) = self.writes.get().filter(|_| door.settings.channel == ChannelKind::Email) else { return Ok(()) };
        let link = format!("{}/documents/", door.settings.public_url.trim_end_matches('/'));
        let text = std::mem::take(&mut delivery.rendered.text);
        for opener in text.split(link.as_str()).skip(1).filter_map(|rest| rest.get(..OPENER)).take(MOST_DOCUMENTS) {
            let Some(document) = self.document(opener).await? else { continue };
            let file = write(&document);
            if door.channel.takes(&file.mime, file.content.0.len()) {
                delivery.files.push(file);
            }
        }
        delivery.rendered.text = text;
        Ok(())
    }

    /// Sends by the door's fallback what certainly has not arrived on it. `false`: it has none, or it is too late.
    pub(crate) async fn reroute(&self, door: &OpenDoor, delivery: Option<DeliveryId>, vendors: Option<&str>) -> Stored<bool> {
        let Some(other) = door.settings.text("fallback").and_then(|id| self.doors.get(&ConnectionId::from(id))) else {
            return Ok(false);
        };
        let same_address = carries_phone(door.settings.channel) && carries_phone(other.settings.channel);
        if !same_address || other.settings.workspace != door.settings.workspace || other.settings.id == door.settings.id {
            return Ok(false);
        }
        let which = Which { connection: &door.settings.id, delivery, provider_message_id: vendors };
        let way = Way { connection: &other.settings.id, channel: other.settings.channel, render: plan::in_words };
        self.store.reroute(&door.settings.workspace, which, way, self.clock.now()).await
    }

    /// What a failed attempt means: only what certainly did not arrive is tried again, and only failures of their own
    /// count towards giving up. A vendor that asks to wait, however often, is waited for.
    fn after_failure(&self, error: SendError, attempt: u32) -> Settled {
        let place = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
        match error {
            SendError::RateLimited(after) => Settled::Delayed {
                at: self.jittered(after.unwrap_or(Duration::from_secs(5))),
                why: "the vendor asks to slow down".to_owned(),
            },
            SendError::NotYet(after) => {
                Settled::Delayed { at: self.jittered(after), why: "it waits for its turn, at the pace that the vendor takes".to_owned() }
            }
            SendError::NotSent(why) => match BACKOFF.get(place) {
                Some(seconds) => Settled::Again { at: self.jittered(Duration::from_secs(*seconds)), why },
                None => Settled::Refused { code: "gave_up".to_owned(), why, suppress: false },
            },
            SendError::Unknown(why) => Settled::Unknown { why },
            SendError::Refused { code, why, opted_out } => Settled::Refused { code, why, suppress: opted_out },
        }
    }

    fn jittered(&self, base: Duration) -> MonotonicTime {
        let percent = u32::try_from(self.random.bits() % 40).unwrap_or(0);
        self.monotonic.now().after(base + base * percent / 100)
    }
}

/// What forbids sending now, whatever was true when the reply was decided.
fn refused_before_sending(door: &OpenDoor, delivery: &Delivery, stopped: bool, now: Timestamp) -> Option<Settled> {
    let refused = |code: &str, why: String| Some(Settled::Refused { code: code.to_owned(), why, suppress: false });
    if stopped {
        return refused("stopped", "the customer said stop on this door".to_owned());
    }
    if delivery.rendered.text.trim().is_empty() && delivery.files.is_empty() {
        return refused("empty", "there is nothing to send".to_owned());
    }
    let closes = window_closes(door, delivery.author, delivery.last_inbound).filter(|closes| *closes <= now);
    if let Some(closed_at) = closes.filter(|_| delivery.rendered.template.is_none()) {
        return refused("window_closed", format!("the service window closed at {}", closed_at.to_rfc3339()));
    }
    None
}

/// When this author's free text may no longer be sent on this door; `None`: it has no window, or nobody wrote there yet.
/// Some vendors give a teammate's own reply longer than the AI's.
pub fn window_closes(door: &OpenDoor, author: Author, last_inbound: Option<Timestamp>) -> Option<Timestamp> {
    let capabilities = door.channel.capabilities();
    let hours = capabilities.service_window_hours?;
    let hours = capabilities.people_window_hours.filter(|_| author == Author::Teammate).unwrap_or(hours);
    last_inbound.map(|last| last.after(Duration::from_secs(u64::from(hours) * 3600)))
}

/// Is it only a person's own reply that may still leave?
fn window(door: &OpenDoor, delivery: &Delivery, now: Timestamp) -> ServiceWindow {
    let for_everybody = window_closes(door, Author::Ai, delivery.last_inbound);
    if for_everybody.is_some_and(|closes| closes <= now) { ServiceWindow::PeopleOnly } else { ServiceWindow::Open }
}

fn outcome(settled: &Settled) -> &'static str {
    match settled {
        Settled::Sent { .. } => "sent",
        Settled::Again { .. } => "again",
        Settled::Delayed { .. } => "delayed",
        Settled::Unknown { .. } => "unknown",
        Settled::Refused { .. } => "refused",
    }
}
