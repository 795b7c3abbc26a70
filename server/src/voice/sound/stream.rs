//! `GET /voice/{connection}/media/{token}`: one call as a vendor's media stream.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use axum::Extension;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use channels::voice::g711::Law;
use channels::voice::media::{self, Media, Order};
use domain::MonotonicTime;
use domain::ports::{FRAME, Listening, SAMPLES_A_SECOND};
use engine::calls::sound::Given;
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::super::relay::{Knocked, PATIENCE, open};
use super::super::switchboard::Pass;
use super::super::talk::talk;
use super::super::webhooks::Place;
use super::super::wire::{Ended, Wire, text_of};
use super::{Brought, Line, Sound};
use crate::app::App;
use crate::auth::peer::Peer;
use crate::problem::Problem;

/// Frames that wait to be sent: a minute of sound with its marks. A line that is further behind is broken.
const MOST_WAITING: usize = 4_096;
/// Sound may come so much faster than time goes, in samples: a network that stalls catches up.
const AHEAD: u64 = 60 * SAMPLES_A_SECOND as u64;

/// Opens the line: only for the vendor, only with a key, only once.
pub async fn handle(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    Path((connection, token)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let knocked = Knocked { peer, connection: &connection, token: &token, uri: &uri, headers: &headers, is_sound: true };
    open(&app, &knocked, upgrade, |place, pass, socket| async move { serve(place, pass, socket).await })
}

async fn serve(place: Place, pass: Pass, socket: WebSocket) {
    let Some(speech) = place.speech.clone() else { return };
    let mut stream = Stream::new(&place.app, socket);
    let started = tokio::time::timeout(PATIENCE, stream.start(&pass.vendor_id)).await;
    let ended = started.unwrap_or(Err(Ended::Close(1008, "nobody said who is there"))).err();
    if let Some(ended) = ended {
        place.app.switchboard.connect(&place.connection, &pass.vendor_id, false);
        return stream.close(ended).await;
    }
    let how = Listening { language: pass.language.clone(), hints: place.line.hints() };
    let mut sound = Sound::new(App::clone(&place.app), stream, &speech, how);
    let ended = talk(&place, &pass, &mut sound).await;
    sound.close(ended).await;
    place.app.switchboard.connect(&place.connection, &pass.vendor_id, false);
}

/// A vendor's socket. What goes out is written beside the call, so that nobody waits for a slow network.
pub(super) struct Stream {
    app: App,
    incoming: SplitStream<WebSocket>,
    outgoing: mpsc::Sender<(u64, Message)>,
    /// Counts what was cleared: sound of before is not sent any more.
    cleared: Arc<AtomicU64>,
    writer: JoinHandle<()>,
    name: String,
    law: Law,
    order: Order,
    left_over: Vec<i16>,
    began: MonotonicTime,
    heard: u64,
}

async fn write(mut socket: SplitSink<WebSocket, Message>, mut waiting: mpsc::Receiver<(u64, Message)>, cleared: Arc<AtomicU64>) {
    while let Some((of, message)) = waiting.recv().await {
        let is_last = matches!(message, Message::Close(_));
        if !is_last && of < cleared.load(Ordering::Acquire) {
            continue;
        }
        if socket.send(message).await.is_err() || is_last {
            return;
        }
    }
}

impl Stream {
    pub(super) fn new(app: &App, socket: WebSocket) -> Self {
        let (out, incoming) = socket.split();
        let (outgoing, waiting) = mpsc::channel(MOST_WAITING);
        let cleared = Arc::new(AtomicU64::new(0));
        let writer = tokio::spawn(write(out, waiting, Arc::clone(&cleared)));
        Self {
            app: App::clone(app),
            incoming,
            outgoing,
            cleared,
            writer,
            name: String::new(),
            law: Law::Mu,
            order: Order::default(),
            left_over: Vec::new(),
            began: app.steady(),
            heard: 0,
        }
    }

    async fn frame(&mut self) -> Result<Media, Ended> {
        let Some(text) = text_of(self.incoming.next().await)? else { return Ok(Media::Unknown) };
        Ok(media::read(&text).unwrap_or_else(|error| {
            tracing::warn!(%error, "a frame was left aside");
            Media::Unknown
        }))
    }

    /// The first frames say which call this is: it must be the one that the key was made for.
    async fn start(&mut self, call: &str) -> Result<(), Ended> {
        loop {
            match self.frame().await? {
                Media::Start { stream, call: named, law } if named == call => {
                    let Some(law) = law else { return Err(Ended::Close(1003, "sound that is not read")) };
                    (self.name, self.law, self.began) = (stream, law, self.app.steady());
                    return Ok(());
                }
                Media::Start { .. } => return Err(Ended::Close(1008, "another call")),
                Media::Stop => return Err(Ended::Gone),
                Media::Sound { .. } | Media::Key(_) | Media::Mark(_) => return Err(Ended::Close(1002, "nothing comes before the start")),
                Media::Unknown => {}
            }
        }
    }

    fn frames(&mut self, chunk: Option<u64>, bytes: Vec<u8>) -> Result<Vec<Vec<i16>>, Ended> {
        for bytes in self.order.take(chunk, bytes) {
            self.heard += bytes.len() as u64;
            self.left_over.extend(self.law.decode(&bytes));
        }
        let due = self.app.steady().since(self.began).as_millis() * SAMPLES_A_SECOND as u128 / 1_000;
        if u128::from(self.heard) > due + u128::from(AHEAD) {
            return Err(Ended::Close(1008, "more sound than time"));
        }
        let whole = self.left_over.len() / FRAME * FRAME;
        Ok(self.left_over.drain(..whole).collect::<Vec<i16>>().chunks(FRAME).map(<[i16]>::to_vec).collect())
    }

    fn put(&self, text: String) -> Result<(), Ended> {
        let sent = self.outgoing.try_send((self.cleared.load(Ordering::Acquire), Message::Text(text.into())));
        sent.map_err(|_| Ended::Close(1013, "the line takes nothing"))
    }
}

#[async_trait]
impl Line for Stream {
    async fn next(&mut self) -> Result<Brought, Ended> {
        Ok(match self.frame().await? {
            Media::Sound { chunk, bytes } => Brought::Frames(self.frames(chunk, bytes)?),
            Media::Key(key) => Brought::Key(key),
            Media::Mark(name) => name.parse().map_or(Brought::Nothing, Brought::Mark),
            Media::Stop => return Err(Ended::Gone),
            Media::Start { .. } => return Err(Ended::Close(1002, "it has started already")),
            Media::Unknown => Brought::Nothing,
        })
    }

    fn give(&mut self, given: Given) -> Result<(), Ended> {
        self.put(match given {
            Given::Frame(samples) => media::sound(&self.name, &self.law.encode(&samples)),
            Given::Mark(number) => media::mark(&self.name, &number.to_string()),
        })
    }

    fn clear(&mut self) -> Result<(), Ended> {
        self.cleared.fetch_add(1, Ordering::AcqRel);
        self.put(media::clear(&self.name))
    }

    async fn close(&mut self, ended: Ended) {
        let (code, reason) = match ended {
            Ended::Close(code, reason) => (code, reason),
            Ended::Over | Ended::Mute => (1000, "over"),
            Ended::Gone => return self.writer.abort(),
        };
        let frame = CloseFrame { code, reason: reason.into() };
        // A line that takes nothing is cut.
        if self.outgoing.try_send((u64::MAX, Message::Close(Some(frame)))).is_err()
            || tokio::time::timeout(PATIENCE, &mut self.writer).await.is_err()
        {
            self.writer.abort();
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.writer.abort();
    }
}
