//! `GET /widget/{connection}/socket`: who may open it, how many, how large.

use std::net::IpAddr;
use std::time::Duration;

use axum::Extension;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use domain::{ChannelKind, ConnectionId};
use serde_json::Value;

use super::frames::{self, FromPage};
use super::visit::Visit;
use crate::app::{App, Shared};
use crate::auth::cookie::is_own_origin;
use crate::auth::peer::{self, Peer};
use crate::metrics::Metrics;
use crate::problem::Problem;

/// Read at a time; a frame may be larger. The library's own measure, 128 KiB, is most of what an open chat takes.
const READ_AHEAD: usize = 1_024;
/// A page that does not say hello is dropped.
const PATIENCE: Duration = Duration::from_secs(30);
/// A page that says nothing at all for so long is gone.
const SILENCE: Duration = Duration::from_mins(2);
/// How often a silent page is asked whether it is there.
const PULSE: Duration = Duration::from_secs(30);

/// Opens the socket.
pub async fn handle(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    Path(connection): Path<String>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let connection = ConnectionId(connection);
    let engine = app.engine();
    let door = engine.door(&connection).filter(|door| door.settings.channel == ChannelKind::Widget);
    let Some(door) = door else { return Err(Problem::not_found()) };
    if !is_allowed(&app, &headers, door.settings.values.get("allowed_origins")) {
        return Err(Problem::forbidden("This website may not open the chat."));
    }
    let upgrade = upgrade.map_err(|_| Problem::bad_request("This address is for WebSockets."))?;
    let address = peer::address(peer.0, &headers, &app.settings);
    let place = Place::take(&app, address).ok_or_else(|| Problem::slow_down(30))?;
    Ok(upgrade
        .read_buffer_size(READ_AHEAD)
        .max_message_size(frames::LARGEST)
        .max_frame_size(frames::LARGEST)
        .on_upgrade(move |socket| async move { serve(App::clone(&place.app), connection, socket, address).await })
        .into_response())
}

/// The exact allow list, and our own pages: an owner sees the chat there before any page of theirs may open it.
pub(super) fn is_allowed(app: &Shared, headers: &HeaderMap, allowed: Option<&Value>) -> bool {
    let Some(origin) = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok()) else { return false };
    let listed = allowed.and_then(Value::as_array).is_some_and(|all| all.iter().any(|one| one.as_str() == Some(origin)));
    listed || (origin != "null" && is_own_origin(headers, &app.settings.public_url))
}

/// A place among the open sockets of an address; given back when dropped.
struct Place {
    app: App,
    address: IpAddr,
}

impl Place {
    fn take(app: &App, address: IpAddr) -> Option<Self> {
        let mut sockets = app.limits.sockets.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let open = sockets.entry(address).or_insert(0);
        if *open >= app.settings.sockets_per_address && !address.is_loopback() {
            return None;
        }
        *open += 1;
        Metrics::add(&app.metrics.sockets);
        Some(Self { app: App::clone(app), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut sockets = self.app.limits.sockets.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(open) = sockets.get_mut(&self.address) {
            *open = open.saturating_sub(1);
            if *open == 0 {
                sockets.remove(&self.address);
            }
        }
        self.app.metrics.sockets.fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
    }
}

/// The line to the page.
pub struct Line {
    socket: WebSocket,
}

/// The page is gone.
pub struct Gone;

impl Line {
    /// Sends a frame.
    pub async fn send(&mut self, frame: &Value) -> Result<(), Gone> {
        self.socket.send(Message::Text(frame.to_string().into())).await.map_err(|_| Gone)
    }

    async fn close(mut self, code: u16, reason: &'static str) {
        let frame = CloseFrame { code, reason: reason.into() };
        // Whoever is gone needs no farewell.
        let _ = self.socket.send(Message::Close(Some(frame))).await;
    }
}

enum Heard {
    Frame(FromPage),
    Unreadable,
    Nothing,
    Over(u16, &'static str),
}

fn heard(message: Option<Result<Message, axum::Error>>) -> Heard {
    match message {
        None | Some(Ok(Message::Close(_))) => Heard::Over(1000, ""),
        Some(Ok(Message::Text(text))) => frames::read(&text).map_or(Heard::Unreadable, Heard::Frame),
        Some(Ok(Message::Binary(_))) => Heard::Over(1003, "text only"),
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Heard::Nothing,
        Some(Err(error)) => {
            let text = error.to_string().to_lowercase();
            if text.contains("too long") || text.contains("too large") || text.contains("limit") {
                Heard::Over(1009, "too large")
            } else if text.contains("utf-8") || text.contains("utf8") {
                Heard::Over(1007, "not UTF-8")
            } else {
                Heard::Over(1002, "not understood")
            }
        }
    }
}

async fn serve(app: App, connection: ConnectionId, socket: WebSocket, address: IpAddr) {
    let mut line = Line { socket };
    let hello = tokio::time::timeout(PATIENCE, async {
        loop {
            match heard(line.socket.recv().await) {
                Heard::Frame(hello @ FromPage::Hello { .. }) => return Ok(hello),
                Heard::Frame(FromPage::Ping) | Heard::Nothing => {}
                Heard::Frame(_) | Heard::Unreadable => return Err((1008, "say hello first")),
                Heard::Over(code, reason) => return Err((code, reason)),
            }
        }
    })
    .await;
    let hello = match hello {
        Ok(Ok(hello)) => hello,
        Ok(Err((code, reason))) => return line.close(code, reason).await,
        Err(_) => return line.close(1008, "no hello").await,
    };
    let mut visit = match Visit::begin(App::clone(&app), connection, hello, &mut line).await {
        Ok(visit) => visit,
        Err(Ended::Gone) => return,
        Err(Ended::Failed) => return line.close(1013, "try again later").await,
    };
    let mut pulse = tokio::time::interval(PULSE);
    let mut last_heard = std::time::Instant::now();
    loop {
        let step = tokio::select! {
            () = app.stopped() => return line.close(1001, "restarting").await,
            message = line.socket.recv() => {
                last_heard = std::time::Instant::now();
                let over = app.limits.frames.count(&format!("{address}/{}", visit.name()), app.steady()).is_some();
                match heard(message) {
                    Heard::Over(code, reason) => return line.close(code, reason).await,
                    Heard::Frame(_) | Heard::Unreadable if over => return line.close(1008, "too many frames").await,
                    Heard::Frame(frame) => visit.hear(frame, &mut line).await,
                    Heard::Unreadable => visit.refuse("unreadable", "This frame cannot be read.", &mut line).await,
                    Heard::Nothing => Ok(()),
                }
            }
            () = visit.rung() => visit.look(&mut line).await,
            _ = pulse.tick() => {
                if last_heard.elapsed() > SILENCE {
                    return line.close(1001, "silent").await;
                }
                visit.stay();
                line.socket.send(Message::Ping(bytes::Bytes::new())).await.map_err(|_| Ended::Gone)
            }
        };
        match step {
            Ok(()) => {}
            Err(Ended::Gone) => return,
            Err(Ended::Failed) => return line.close(1013, "try again later").await,
        }
    }
}

/// Why a visit ends.
pub enum Ended {
    /// The page is gone.
    Gone,
    /// The store failed; the page comes back and resumes.
    Failed,
}

impl From<Gone> for Ended {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

impl From<domain::ports::StoreError> for Ended {
    fn from(error: domain::ports::StoreError) -> Self {
        tracing::error!(?error, "the store failed under a widget connection, closing it so that the page resumes");
        Self::Failed
    }
}
