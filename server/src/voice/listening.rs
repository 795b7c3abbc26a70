//! `GET /listen/{token}`: a teammate hears a call under way. Whoever made the key had the right to; it opens once.
//!
//! Each message is 20 milliseconds of both sides or more as µ-law, sample by sample: theirs, ours; what may hold a card's number waits
//! until it is known, and is silent. Nothing is taken from the listener.

use axum::Extension;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use channels::voice::g711::Law;
use tokio::sync::broadcast::error::RecvError;

use super::switchboard::Overheard;
use crate::app::App;
use crate::auth::peer::{self, Peer};
use crate::problem::Problem;

/// Read at a time; a listener has nothing to say.
const LARGEST: usize = 1_024;

/// Handles it.
pub async fn handle(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    Path(token): Path<String>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let address = peer::address(peer.0, &headers, &app.settings).to_string();
    if let Some(seconds) = app.limits.signatures.is_over(&address, app.steady()) {
        return Err(Problem::slow_down(seconds));
    }
    let upgrade = upgrade.map_err(|_| Problem::bad_request("This address is for WebSockets."))?;
    let Some(heard) = app.switchboard.listen(&token, app.steady()) else {
        return Err(app.limits.signatures.count(&address, app.steady()).map_or_else(Problem::unauthorized, Problem::slow_down));
    };
    Ok(upgrade.max_message_size(LARGEST).max_frame_size(LARGEST).on_upgrade(move |socket| serve(app, heard, socket)).into_response())
}

async fn serve(app: App, mut heard: Overheard, mut socket: WebSocket) {
    loop {
        tokio::select! {
            frame = heard.recv() => {
                let sides = match frame {
                    Ok(frame) => frame,
                    // A slow listener misses something.
                    Err(RecvError::Lagged(_)) => continue,
                    Err(RecvError::Closed) => break,
                };
                let samples: Vec<i16> = sides.iter().flatten().copied().collect();
                if socket.send(Message::Binary(Law::Mu.encode(&samples).into())).await.is_err() {
                    return;
                }
            }
            said = socket.recv() => match said {
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Text(_) | Message::Binary(_) | Message::Close(_)) | Err(_)) | None => return,
            },
            () = app.stopped() => break,
        }
    }
    // Whoever is gone needs no farewell.
    let _ = socket.send(Message::Close(Some(CloseFrame { code: 1000, reason: "over".into() }))).await;
}
