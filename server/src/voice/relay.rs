//! `GET /voice/{connection}/relay/{token}`: one call as text frames; and what every line of a call has in common.

use std::time::Duration;

use axum::Extension;
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use channels::voice::frames;
use domain::call::{Call, CallIn, CallOut, CallState};
use domain::ports::{HookRequest, Stored};
use engine::calls::{HeardPart, Input, Session, Step, Why};
use engine::{Engine, Utterance};

use super::switchboard::{Decided, Pass, Replies};
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
/// How long a call that was picked up without its record is waited for.
const PLACING: Duration = Duration::from_secs(20);
/// Between two looks for it.
const LOOK: Duration = Duration::from_millis(50);
/// A message that cannot be stored is tried again so often before the line is given up.
const TRIES: u32 = 5;

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

/// One stretch of a call, from its first frame to its end.
struct Talk<'a> {
    place: &'a Place,
    call: Call,
    /// Tells this stretch from others of the same call.
    stretch: String,
}

/// Talks on a line that stands, until it ends.
pub(super) async fn talk(place: &Place, pass: &Pass, wire: &mut dyn Wire) -> Ended {
    let app = &place.app;
    let Some(replies) = app.switchboard.expect(&place.connection, &pass.vendor_id) else { return Ended::Close(1013, "too many calls") };
    app.switchboard.connect(&place.connection, &pass.vendor_id, true);
    let call = match placed(place, pass).await {
        Ok(call) => call,
        Err(ended) => return ended,
    };
    let mut session = Session::new(&pass.language, app.steady());
    if let Some(greeting) = &pass.greeting {
        session.greeted(greeting.message, &greeting.text, app.steady());
        if let Err(ended) = wire.greet(&greeting.text).await {
            return ended;
        }
    }
    let talk = Talk { place, call, stretch: app.unguessable() };
    match talk.go_on(&mut session, &replies, wire).await {
        Ok(()) => Ended::Over,
        Err(ended) => {
            if let Ended::Mute = ended {
                app.switchboard.note(&place.connection, &pass.vendor_id, "mute");
            }
            ended
        }
    }
}

/// The record of the call, which may still be on its way when it was picked up without it.
async fn placed(place: &Place, pass: &Pass) -> Result<Call, Ended> {
    let app = &place.app;
    let looking = async {
        loop {
            if let Some(call) = app.store().call(&place.workspace, &place.connection, &pass.vendor_id).await? {
                return Stored::Ok(call);
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    let call = tokio::time::timeout(PLACING, looking).await.map_err(|_| Ended::Close(1013, "try again later"))??;
    let from = [CallState::Ringing, CallState::Cut, CallState::Live];
    if app.store().move_call(&place.workspace, call.id, &from, CallState::Live, None).await? {
        Ok(call)
    } else {
        Err(Ended::Close(1008, "the call is over"))
    }
}

impl Talk<'_> {
    fn app(&self) -> &App {
        &self.place.app
    }

    fn engine(&self) -> std::sync::Arc<Engine> {
        self.app().engine()
    }

    async fn go_on(&self, session: &mut Session, replies: &Replies, wire: &mut dyn Wire) -> Result<(), Ended> {
        loop {
            let wakes_in = session.wakes_at().since(self.app().steady());
            let input = tokio::select! {
                () = self.app().stopped() => return Err(Ended::Close(1001, "restarting")),
                heard = wire.next() => match heard? {
                    Some(heard) => {
                        if let CallIn::Fault(_) = &heard {
                            tracing::warn!(call = %self.call.id, "the vendor reports a fault on a call");
                        }
                        Input::Line(heard)
                    }
                    None => continue,
                },
                decided = replies.next() => {
                    if self.transfers(&decided).await? {
                        wire.send(&CallOut::End { note: "transfer".to_owned() }).await?;
                        return Ok(());
                    }
                    Input::Decided { message: decided.message, text: decided.text, is_whole: decided.is_whole }
                }
                () = tokio::time::sleep(wakes_in) => Input::Tick,
            };
            for step in session.on(input, self.app().steady()) {
                if self.carry_out(step, wire).await? {
                    return Ok(());
                }
            }
        }
    }

    /// `true`: our part is over.
    async fn carry_out(&self, step: Step, wire: &mut dyn Wire) -> Result<bool, Ended> {
        match step {
            Step::Send(out) => wire.send(&out).await?,
            Step::Take { text, raw, by_keys, number } => {
                let key = format!("{}:{number}", self.stretch);
                self.take(Utterance { key, text, raw, by_keys, wants_person: false }).await?;
            }
            Step::Person { number } => {
                let key = format!("{}:{number}", self.stretch);
                self.take(Utterance { key, text: String::new(), raw: None, by_keys: true, wants_person: true }).await?;
            }
            Step::Heard(parts) => self.heard(parts).await?,
            Step::Finish(why) => {
                let note = match why {
                    Why::Silent => "silent",
                    Why::TooLong => "too_long",
                    Why::Deaf => "deaf",
                };
                self.app().switchboard.note(&self.place.connection, &self.call.about.vendor_id, note);
                wire.send(&CallOut::End { note: note.to_owned() }).await?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Something was said: durable, or the line is given up so that nothing said is lost unnoticed.
    async fn take(&self, said: Utterance) -> Result<(), Ended> {
        let mut tries = 0;
        loop {
            match self.engine().said_on_call(&self.call, said.clone()).await {
                Ok(taken) => {
                    if taken.is_some() {
                        Metrics::add(&self.app().metrics.accepted);
                        self.app().storage.work.notify_one();
                    }
                    return Ok(());
                }
                Err(error) if tries + 1 >= TRIES => return Err(error.into()),
                Err(error) => {
                    tries += 1;
                    tracing::warn!(?error, tries, "what was said could not be stored, trying again");
                    tokio::time::sleep(LOOK * tries).await;
                }
            }
        }
    }

    async fn heard(&self, parts: Vec<HeardPart>) -> Stored<()> {
        for part in parts {
            self.engine().heard_on_call(&self.place.workspace, part.message, &part.heard).await?;
        }
        Ok(())
    }

    /// A rule handed this call over and a person can be rung: the words that say so are the vendor's to say, because our
    /// part ends with them.
    async fn transfers(&self, decided: &Decided) -> Result<bool, Ended> {
        // Nobody was free a moment ago: the caller is not sent there again.
        let was_tried = self.call.about.farewell.is_some();
        if self.place.line.transfer_to().is_none() || !decided.is_whole || was_tried {
            return Ok(false);
        }
        let workspace = &self.place.workspace;
        let Some(handover) = self.engine().handover(workspace, &self.call).await? else { return Ok(false) };
        let about =
            domain::call::CallAbout { farewell: Some(decided.text.clone()), whisper: Some(handover.whisper), ..self.call.about.clone() };
        Ok(self.app().store().move_call(workspace, self.call.id, &[CallState::Live], CallState::Transferring, Some(about)).await?)
    }
}
