//! Live pages: changes of the store as server-sent events, resumable by number.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use domain::ports::Change;
use domain::{CustomerId, WorkspaceId};
use futures::stream::{self, Stream};
use serde_json::json;
use tokio::sync::{broadcast, watch};

use crate::app::App;
use crate::auth::caller::{Caller, identify};
use crate::time::real_now;

/// Changes that can be caught up with.
const REMEMBERED: usize = 4_096;
/// How often a live page's right to be here is looked at again.
const RECHECK: Duration = Duration::from_secs(4);
/// How often a live page is told that its line stands. A comment keeps proxies quiet, but a page cannot see it: only silence that
/// it can notice tells it that the line has died.
const BEAT: Duration = Duration::from_secs(10);

/// A change with the number live pages know.
#[derive(Debug, Clone)]
pub struct Numbered {
    /// Grows over restarts too, so that a page that was away notices.
    pub seq: u64,
    /// The change.
    pub change: Arc<Change>,
}

/// The last changes, and bells for those who wait for the next one.
pub struct Hub {
    ring: Mutex<Ring>,
    bell: watch::Sender<u64>,
    // A bell for each customer whose pages are open: ten thousand of them must not wake when one writes.
    bells: Mutex<HashMap<CustomerId, watch::Sender<u64>>>,
}

/// The bell of one customer, rung by what concerns that customer or everybody; given back when dropped.
pub struct Following {
    app: App,
    customer: CustomerId,
    bell: Option<watch::Receiver<u64>>,
}

impl Following {
    /// Starts with a ring, so that nothing between a look and this is missed.
    pub fn start(app: &App, customer: CustomerId) -> Self {
        Self { app: App::clone(app), customer, bell: Some(app.hub.follow(customer)) }
    }

    /// Whose bell it is.
    pub fn customer(&self) -> CustomerId {
        self.customer
    }

    /// Waits for the next ring.
    pub async fn rung(&mut self) {
        if let Some(bell) = &mut self.bell
            && bell.changed().await.is_ok()
        {
            return;
        }
        // The sender stays as long as somebody follows.
        std::future::pending().await
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        if let Some(bell) = self.bell.take() {
            self.app.hub.leave(self.customer, bell);
        }
    }
}

struct Ring {
    events: VecDeque<Arc<Numbered>>,
    newest: u64,
}

/// What a page that was away missed.
pub enum Missed {
    /// These.
    Events(Vec<Arc<Numbered>>),
    /// Too much: read everything again; the newest number.
    TooMuch(u64),
}

impl Default for Hub {
    fn default() -> Self {
        let start = u64::try_from(real_now().as_micros()).unwrap_or(0);
        Self { ring: Mutex::new(Ring { events: VecDeque::new(), newest: start }), bell: watch::Sender::new(start), bells: Mutex::default() }
    }
}

impl Hub {
    /// Takes in changes until the sender is gone. Bounded: who falls behind reads everything again.
    pub async fn run(&self, mut changes: broadcast::Receiver<Arc<Change>>) {
        loop {
            match changes.recv().await {
                Ok(change) => self.push(change),
                Err(broadcast::error::RecvError::Lagged(_)) => self.forget(),
                Err(broadcast::error::RecvError::Closed) => return,
            }
        }
    }

    fn ring(&self) -> std::sync::MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn bells(&self) -> std::sync::MutexGuard<'_, HashMap<CustomerId, watch::Sender<u64>>> {
        self.bells.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn follow(&self, customer: CustomerId) -> watch::Receiver<u64> {
        let mut bell = self.bells().entry(customer).or_insert_with(|| watch::Sender::new(0)).subscribe();
        bell.mark_changed();
        bell
    }

    fn leave(&self, customer: CustomerId, bell: watch::Receiver<u64>) {
        let mut bells = self.bells();
        drop(bell);
        if bells.get(&customer).is_some_and(|bell| bell.receiver_count() == 0) {
            bells.remove(&customer);
        }
    }

    /// Rings for whoever looks at the whole workspace, and for all pages or those of one customer.
    fn ring_for(&self, customer: Option<CustomerId>, seq: u64) {
        self.bell.send_replace(seq);
        let bells = self.bells();
        let concerned = bells.iter().filter(|_| customer.is_none()).map(|(_, bell)| bell);
        for bell in concerned.chain(customer.and_then(|customer| bells.get(&customer))) {
            bell.send_replace(seq);
        }
    }

    fn push(&self, change: Arc<Change>) {
        let customer = change.customer;
        let seq = {
            let mut ring = self.ring();
            ring.newest += 1;
            let seq = ring.newest;
            if ring.events.len() == REMEMBERED {
                ring.events.pop_front();
            }
            ring.events.push_back(Arc::new(Numbered { seq, change }));
            seq
        };
        self.ring_for(customer, seq);
    }

    /// Lets every page read everything again: what changed is not known.
    pub fn forget(&self) {
        let seq = {
            let mut ring = self.ring();
            ring.events.clear();
            ring.newest += 2;
            ring.newest
        };
        self.ring_for(None, seq);
    }

    /// The newest number.
    pub fn newest(&self) -> u64 {
        self.ring().newest
    }

    /// Rings with every change.
    pub fn bell(&self) -> watch::Receiver<u64> {
        self.bell.subscribe()
    }

    /// What came after `last`.
    pub fn after(&self, last: u64) -> Missed {
        let ring = self.ring();
        if last > ring.newest {
            return Missed::TooMuch(ring.newest);
        }
        let oldest = ring.events.front().map_or(ring.newest + 1, |event| event.seq);
        if last + 1 < oldest {
            return Missed::TooMuch(ring.newest);
        }
        let first = ring.events.partition_point(|event| event.seq <= last);
        Missed::Events(ring.events.range(first..).cloned().collect())
    }
}

struct Follower {
    app: App,
    workspace: WorkspaceId,
    headers: HeaderMap,
    last: u64,
    waiting: VecDeque<Event>,
    bell: watch::Receiver<u64>,
    presence: watch::Receiver<u64>,
    stopping: watch::Receiver<bool>,
    spoken: Instant,
}

/// `GET /api/v1/live`.
pub async fn follow(State(app): State<App>, caller: Caller, headers: HeaderMap) -> Response {
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()).map(str::trim);
    let newest = app.hub.newest();
    let mut waiting = VecDeque::from([Event::default().comment("here")]);
    waiting.push_back(presence(&app, &caller.workspace));
    let last = match last {
        None | Some("") => newest,
        Some(written) => written.parse().unwrap_or_else(|_| {
            waiting.push_back(reset(newest));
            newest
        }),
    };
    let follower = Follower {
        bell: app.hub.bell(),
        presence: app.presence.bell(),
        stopping: app.stopping.subscribe(),
        workspace: caller.workspace,
        headers,
        last,
        waiting,
        spoken: Instant::now(),
        app,
    };
    let mut response = Sse::new(events(follower)).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))).into_response();
    response.headers_mut().insert("x-accel-buffering", axum::http::HeaderValue::from_static("no"));
    response
}

/// Who is here now; without a number, because it is not resumed.
fn presence(app: &App, workspace: &WorkspaceId) -> Event {
    Event::default().event("presence").data(app.presence.of(workspace).to_string())
}

fn reset(seq: u64) -> Event {
    Event::default().id(seq.to_string()).event("reset").data("{}")
}

fn events(follower: Follower) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(follower, |mut follower| async move {
        loop {
            if let Some(event) = follower.waiting.pop_front() {
                follower.spoken = Instant::now();
                return Some((Ok(event), follower));
            }
            if *follower.stopping.borrow() {
                return None;
            }
            follower.bell.mark_unchanged();
            follower.gather();
            if !follower.waiting.is_empty() {
                continue;
            }
            tokio::select! {
                rung = follower.bell.changed() => rung.ok()?,
                _ = follower.stopping.changed() => return None,
                changed = follower.presence.changed() => {
                    changed.ok()?;
                    follower.waiting.push_back(presence(&follower.app, &follower.workspace));
                }
                () = tokio::time::sleep(RECHECK) => {
                    follower.app.presence.sweep(follower.app.steady());
                    // A session that was ended closes its live page within seconds.
                    let still = identify(&follower.app, &follower.headers).await.ok().flatten();
                    still.filter(|caller| caller.workspace == follower.workspace)?;
                    if follower.spoken.elapsed() >= BEAT {
                        follower.waiting.push_back(Event::default().event("beat").data("{}"));
                    }
                }
            }
        }
    })
}

impl Follower {
    fn gather(&mut self) {
        match self.app.hub.after(self.last) {
            Missed::TooMuch(newest) => {
                self.waiting.push_back(reset(newest));
                self.last = newest;
            }
            Missed::Events(events) => {
                for event in events {
                    self.last = event.seq;
                    if event.change.workspace == self.workspace {
                        self.waiting.push_back(shown(&event));
                    }
                }
            }
        }
    }
}

fn shown(event: &Numbered) -> Event {
    let change = &event.change;
    let data = json!({
        "seq": event.seq,
        "kind": change.kind,
        "conversation": change.conversation,
        "customer": change.customer,
        "message": change.message,
        "at": change.at,
    });
    Event::default().id(event.seq.to_string()).event("change").data(data.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Timestamp;

    fn change() -> Change {
        Change {
            seq: 1,
            kind: "message.created".to_owned(),
            workspace: WorkspaceId::from("w"),
            conversation: None,
            customer: None,
            message: None,
            at: Timestamp::from_secs(1),
        }
    }

    #[test]
    fn a_page_wakes_for_its_own_customer_and_for_what_concerns_everybody() {
        let hub = Hub::default();
        let (sarah, john) = (CustomerId::from_bits(1), CustomerId::from_bits(2));
        let (mut hers, mut other, mut his) = (hub.follow(sarah), hub.follow(sarah), hub.follow(john));
        for bell in [&mut hers, &mut other, &mut his] {
            assert!(bell.has_changed().expect("open"), "the first look is never missed");
            bell.mark_unchanged();
        }
        hub.push(Arc::new(Change { customer: Some(sarah), ..change() }));
        assert!(hers.has_changed().expect("open") && other.has_changed().expect("open"));
        assert!(!his.has_changed().expect("open"), "another customer's page sleeps on");
        hub.push(Arc::new(change()));
        assert!(his.has_changed().expect("open"));
        hub.leave(sarah, hers);
        assert_eq!(hub.bells().len(), 2, "her other page is still open");
        hub.leave(sarah, other);
        hub.leave(john, his);
        assert!(hub.bells().is_empty());
    }

    #[test]
    fn a_page_that_was_away_catches_up_or_is_told_to_read_again() {
        let hub = Hub::default();
        let start = hub.newest();
        hub.push(Arc::new(change()));
        hub.push(Arc::new(change()));
        assert!(matches!(hub.after(start), Missed::Events(events) if events.len() == 2));
        assert!(matches!(hub.after(start + 2), Missed::Events(events) if events.is_empty()));
        assert!(matches!(hub.after(start - 1), Missed::TooMuch(_)));
        assert!(matches!(hub.after(start + 3), Missed::TooMuch(_)));
        hub.forget();
        assert!(matches!(hub.after(start + 2), Missed::TooMuch(_)));
    }
}
