//! What carries a call as text: a vendor's relay, or sound that is made into text here.

use std::time::Duration;

use async_trait::async_trait;
use axum::extract::ws::{Message, WebSocket};
use channels::voice::frames;
use domain::call::{CallIn, CallOut};
use domain::ports::StoreError;
use domain::{AttachmentId, Timestamp, WorkspaceId};

use super::switchboard::Sounding;
use crate::app::App;

/// Why a line ends.
pub(super) enum Ended {
    /// The other side is gone.
    Gone,
    /// We close it.
    Close(u16, &'static str),
    /// We have said that our part is over.
    Over,
    /// There is no voice: the vendor's has to speak.
    Mute,
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        tracing::error!(?error, "the store failed under a call, its line is closed so that the vendor asks again");
        Self::Close(1013, "try again later")
    }
}

/// See the module.
#[async_trait]
pub(super) trait Wire: Send {
    /// What the call tells next; nothing for what carries nothing. Nothing is lost when the waiting is given up.
    async fn next(&mut self) -> Result<Option<CallIn>, Ended>;

    /// Tells the call.
    async fn send(&mut self, out: &CallOut) -> Result<(), Ended>;

    /// From the last sound of the other side until their words were there, where the line knows.
    fn ears_took(&self) -> Option<Duration> {
        None
    }

    /// From our first words since this was asked until their first sound went out, where the line knows. Told once.
    fn voice_took(&mut self) -> Option<Duration> {
        None
    }

    /// Whoever listens in hears it here. Lines without sound have nothing to hear.
    fn may_be_overheard(&mut self, _sounding: Option<Sounding>) {}

    /// Records what is heard and said from now on into this file. Lines without sound have nothing to record.
    fn record(&mut self, _workspace: &WorkspaceId, _file: AttachmentId) {}

    /// Records nothing any more, and writes nothing of what it has recorded and not written yet.
    fn record_no_more(&mut self) {}

    /// Goes on with a recording that began then on another line of the same call.
    fn record_further(&mut self, _workspace: &WorkspaceId, _file: AttachmentId, _from: Timestamp) {}

    /// The first words of this stretch, where nobody says them by themselves.
    async fn greet(&mut self, text: &str) -> Result<(), Ended>;

    /// The line is over: what is being said is said to its end if `ended` is [`Ended::Over`], then it closes.
    async fn close(&mut self, ended: Ended);
}

/// What a message of a socket says; nothing for one that carries nothing.
pub(super) fn text_of(message: Option<Result<Message, axum::Error>>) -> Result<Option<String>, Ended> {
    match message {
        None | Some(Ok(Message::Close(_))) => Err(Ended::Gone),
        Some(Ok(Message::Text(text))) => Ok(Some(text.as_str().to_owned())),
        Some(Ok(Message::Binary(_))) => Err(Ended::Close(1003, "text only")),
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(None),
        Some(Err(error)) => {
            let text = error.to_string().to_lowercase();
            let is_too_large = ["too long", "too large", "too big", "limit"].iter().any(|words| text.contains(words));
            Err(if is_too_large { Ended::Close(1009, "too large") } else { Ended::Close(1002, "not understood") })
        }
    }
}

/// A vendor's relay: it listens and speaks, we read and write.
pub(super) struct Relay {
    pub(super) app: App,
    pub(super) vendor_id: String,
    pub(super) socket: WebSocket,
}

impl Relay {
    /// What the next frame says.
    pub(super) async fn frame(&mut self) -> Result<Option<CallIn>, Ended> {
        let text = text_of(self.socket.recv().await)?;
        Ok(text.map(|text| {
            frames::read(&text).unwrap_or_else(|error| {
                tracing::warn!(%error, "a frame was left aside");
                CallIn::Unknown
            })
        }))
    }
}

#[async_trait]
impl Wire for Relay {
    async fn next(&mut self) -> Result<Option<CallIn>, Ended> {
        let heard = self.frame().await?;
        if heard.is_some() && self.app.limits.frames.count(&self.vendor_id, self.app.steady()).is_some() {
            return Err(Ended::Close(1008, "too many frames"));
        }
        Ok(heard)
    }

    async fn send(&mut self, out: &CallOut) -> Result<(), Ended> {
        self.socket.send(Message::Text(frames::write(out).into())).await.map_err(|_| Ended::Gone)
    }

    /// The vendor says them.
    async fn greet(&mut self, _text: &str) -> Result<(), Ended> {
        Ok(())
    }

    async fn close(&mut self, ended: Ended) {
        if let Ended::Close(code, reason) = ended {
            // Whoever is gone needs no farewell.
            let _ = self.socket.send(Message::Close(Some(axum::extract::ws::CloseFrame { code, reason: reason.into() }))).await;
        }
    }
}
