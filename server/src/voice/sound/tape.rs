//! The recording of one call on its way to the store: part after part, written beside the call, so that nobody waits for a
//! disk, and so that what was recorded until a crash is there.

use std::time::Duration;

use channels::voice::g711::Law;
use domain::ports::FRAME;
use domain::{AttachmentId, WorkspaceId};
use engine::calls::recording::{Recorder, head};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::app::App;

/// Bytes of one part: eight seconds of both sides.
const PART: usize = 128 * 1024;
/// Parts that wait to be written; a store that is further behind loses sound, never a call.
const MOST_WAITING: usize = 32;
/// The last parts are waited for, but not longer.
const PATIENCE: Duration = Duration::from_secs(5);

struct Part {
    number: u32,
    bytes: Vec<u8>,
    size: u64,
}

/// See the module.
pub(super) struct Tape {
    recorder: Recorder,
    bytes: Vec<u8>,
    frames: u64,
    parts: u32,
    waiting: mpsc::Sender<Part>,
    writer: JoinHandle<()>,
}

async fn write(app: App, workspace: WorkspaceId, file: AttachmentId, mut waiting: mpsc::Receiver<Part>) {
    while let Some(part) = waiting.recv().await {
        match app.store().write_recording(&workspace, file, part.number, part.bytes, part.size).await {
            Ok(true) => {}
            // Erased meanwhile.
            Ok(false) => return,
            Err(error) => tracing::warn!(%error, "a part of a recording could not be written, it is missing there"),
        }
    }
}

impl Tape {
    /// Writes into this file, which has its head already.
    pub(super) fn start(app: &App, workspace: &WorkspaceId, file: AttachmentId) -> Self {
        let (waiting, parts) = mpsc::channel(MOST_WAITING);
        let writer = tokio::spawn(write(App::clone(app), workspace.clone(), file, parts));
        Self { recorder: Recorder::default(), bytes: Vec::new(), frames: 0, parts: 0, waiting, writer }
    }

    pub(super) fn heard(&mut self, frame: &[i16]) {
        let ripe = self.recorder.heard(frame);
        self.put(&ripe);
    }

    pub(super) fn given(&mut self, frame: &[i16]) {
        self.recorder.given(frame);
    }

    pub(super) fn cleared(&mut self) {
        self.recorder.cleared();
    }

    pub(super) fn key(&mut self) {
        self.recorder.key();
    }

    pub(super) fn begins(&mut self) {
        self.recorder.begins();
    }

    pub(super) fn understood(&mut self, is_secret: bool) {
        let ripe = self.recorder.understood(is_secret);
        self.put(&ripe);
    }

    fn put(&mut self, pairs: &[[Vec<i16>; 2]]) {
        for [theirs, ours] in pairs {
            let sides = Law::Mu.encode(theirs).into_iter().zip(Law::Mu.encode(ours));
            self.bytes.extend(sides.flat_map(|(left, right)| [left, right]));
            self.frames += 1;
        }
        if self.bytes.len() >= PART {
            self.send();
        }
    }

    fn send(&mut self) {
        self.parts += 1;
        let size = head(None).len() as u64 + self.frames * 2 * FRAME as u64;
        let part = Part { number: self.parts, bytes: std::mem::take(&mut self.bytes), size };
        if self.waiting.try_send(part).is_err() {
            tracing::warn!("the store is too far behind, a part of a recording is lost");
        }
    }

    /// The call is over: what is left is written, and how long it was.
    pub(super) async fn end(mut self) {
        let ripe = self.recorder.end();
        self.put(&ripe);
        if !self.bytes.is_empty() {
            self.send();
        }
        let size = head(None).len() as u64 + self.frames * 2 * FRAME as u64;
        let part = Part { number: 0, bytes: head(Some(self.frames)), size };
        let Self { waiting, mut writer, .. } = self;
        // A full queue leaves the head that says "to the end of the file".
        let _ = waiting.try_send(part);
        drop(waiting);
        if tokio::time::timeout(PATIENCE, &mut writer).await.is_err() {
            tracing::warn!("the end of a recording is still being written when its call is over");
        }
    }
}
