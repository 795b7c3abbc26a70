//! `GET /voice/{connection}/relay/{token}`: one call as text frames.

use std::time::Duration;

use axum::Extension;
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use channels::voice::frames;
use domain::call::CallIn;
use domain::ports::HookRequest;

use super::switchboard::Pass;
use super::talk::talk;
use super::webhooks::Place;
use super::wire::{Ended, Relay, Wire};
use crate::app::App;
use crate::auth::peer::{self, Peer};
use crate::hooks::flat_headers;
use crate::metrics::Metrics;
use crate::problem::Problem;

/// Read at a time; a frame may be larger.
const READ_AHEAD: usize = 1_024;
/// The vendor says who is there within this time.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Opens the line: only for the vendor, only with a key, only once.
pub async fn handle(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    Path((connection, token)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let knocked = Knocked { peer, connection: &connection, token: &token, uri: &uri, headers: &headers, is_sound: false };
    open(&app, &knocked, upgrade, |place, pass, socket| async move { serve(place, pass, socket).await })
}

/// Somebody wants to open a line.
pub(super) struct Knocked<'a> {
    pub(super) peer: Peer,
    pub(super) connection: &'a str,
    pub(super) token: &'a str,
    pub(super) uri: &'a Uri,
    pub(super) headers: &'a HeaderMap,
    /// For sound, or for text.
    pub(super) is_sound: bool,
}

/// Refused before it opens: an open socket would spend the owner's money.
pub(super) fn open<F: Future<Output = ()> + Send + 'static>(
    app: &App,
    knocked: &Knocked<'_>,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
    serve: impl FnOnce(Place, Pass, WebSocket) -> F + Send + 'static,
) -> Result<Response, Problem> {
    let place = Place::of(app, knocked.connection).ok_or_else(Problem::not_found)?;
    if knocked.is_sound && place.speech.is_none() {
        return Err(Problem::not_found());
    }
    let address = peer::address(knocked.peer.0, knocked.headers, &app.settings).to_string();
    if let Some(seconds) = app.limits.signatures.is_over(&address, app.steady()) {
        return Err(Problem::slow_down(seconds));
    }
    let refuse = || {
        Metrics::add(&app.metrics.refused);
        tracing::warn!(connection = %place.connection, "a socket without a right to a call was refused");
        app.limits.signatures.count(&address, app.steady()).map_or_else(Problem::unauthorized, Problem::slow_down)
    };
    let flat = flat_headers(knocked.headers)?;
    let query = knocked.uri.query().unwrap_or_default();
    let socket = if knocked.is_sound { place.line.media_socket(knocked.token) } else { place.line.socket(knocked.token) };
    let url = format!("{socket}{}{query}", if query.is_empty() { "" } else { "?" });
    let request = HookRequest { method: "GET", url: &url, query, headers: &flat, body: b"" };
    if place.line.may_open(&request).is_err() {
        return Err(refuse());
    }
    let upgrade = upgrade.map_err(|_| Problem::bad_request("This address is for WebSockets."))?;
    let pass = app.switchboard.redeem(knocked.token, &place.connection, app.steady());
    let Some(pass) = pass.filter(|pass| pass.is_sound == knocked.is_sound) else { return Err(refuse()) };
    Ok(upgrade
        .read_buffer_size(READ_AHEAD)
        .max_message_size(frames::LARGEST)
        .max_frame_size(frames::LARGEST)
        .on_upgrade(move |socket| serve(place, pass, socket))
        .into_response())
}

async fn serve(place: Place, pass: Pass, socket: WebSocket) {
    let mut relay = Relay { app: App::clone(&place.app), vendor_id: pass.vendor_id.clone(), socket };
    let ended = match tokio::time::timeout(PATIENCE, setup(&pass, &mut relay)).await {
        Ok(Ok(())) => talk(&place, &pass, &mut relay).await,
        Ok(Err(ended)) => ended,
        Err(_) => Ended::Close(1008, "nobody said who is there"),
    };
    place.app.switchboard.connect(&place.connection, &pass.vendor_id, false);
    relay.close(ended).await;
}

/// The first frame says which call this is: it must be the one that the key was made for.
async fn setup(pass: &Pass, relay: &mut Relay) -> Result<(), Ended> {
    loop {
        match relay.frame().await? {
            Some(CallIn::Setup { call, .. }) if call == pass.vendor_id => return Ok(()),
            Some(_) => return Err(Ended::Close(1008, "another call")),
            None => {}
        }
    }
}
