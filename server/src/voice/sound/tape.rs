//! The recording of one call on its way to the store: part after part, written beside the call, so that nobody waits for a
//! disk, and so that what was recorded until a crash is there. A line that takes a broken one's place goes on in the same file,
//! behind so much silence as nobody was there, so that each place in it is still the moment of the call.

use std::sync::Arc;
use std::time::Duration;

use channels::voice::g711::Law;
use domain::ports::{FRAME, SAMPLES_A_SECOND};
use domain::{AttachmentId, Timestamp, WorkspaceId};
use engine::calls::recording::{HEAD, Recorder, head};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

use crate::app::App;

/// Bytes of one part: eight seconds of both sides.
const PART: usize = 128 * 1024;
/// A store that is so many bytes behind loses sound, never a call.
const MOST_BEHIND: usize = 64 * PART;
/// Parts that wait to be written.
const MOST_WAITING: usize = 32;
/// The last parts are waited for, but not longer; so is the line before.
const PATIENCE: Duration = Duration::from_secs(5);
/// Nobody is away for longer in one call: more silence than this is not written.
const LONGEST_GAP: Duration = Duration::from_mins(30);
/// Bytes of a frame of both sides.
const PAIR: usize = 2 * FRAME;
/// Silence as µ-law.
const SILENCE: u8 = 0xff;

/// Which file is written, and by whom one after the other.
pub(super) struct Reel {
    pub(super) workspace: WorkspaceId,
    pub(super) file: AttachmentId,
    /// When the recording began, where another line began it.
    pub(super) from: Option<Timestamp>,
    pub(super) taping: Arc<Mutex<()>>,
}

/// See the module.
pub(super) struct Tape {
    recorder: Recorder,
    bytes: Vec<u8>,
    waiting: mpsc::Sender<Vec<u8>>,
    writer: JoinHandle<()>,
}

/// What is written so far.
struct Written {
    app: App,
    reel: Reel,
    part: u32,
    frames: u64,
}

impl Written {
    /// `false`: it was erased meanwhile.
    async fn put(&mut self, part: u32, bytes: Vec<u8>) -> bool {
        let size = HEAD as u64 + self.frames * PAIR as u64;
        match self.app.store().write_recording(&self.reel.workspace, self.reel.file, part, bytes, size).await {
            Ok(is_there) => is_there,
            Err(error) => {
                tracing::warn!(%error, "a part of a recording could not be written, it is missing there");
                true
            }
        }
    }

    async fn add(&mut self, bytes: Vec<u8>) -> bool {
        self.part += 1;
        self.frames += (bytes.len() / PAIR) as u64;
        self.put(self.part, bytes).await
    }

    /// As much silence as belongs before what is heard from now on.
    async fn bridge(&mut self, now: Timestamp) -> bool {
        let away = self.reel.from.map_or(Duration::ZERO, |from| now.since(from).min(LONGEST_GAP));
        let passed = u64::try_from(away.as_millis()).unwrap_or_default() * SAMPLES_A_SECOND as u64 / 1_000 / FRAME as u64;
        let mut missing = usize::try_from(passed.saturating_sub(self.frames)).unwrap_or_default() * PAIR;
        while missing > 0 {
            let some = missing.min(PART - PART % PAIR);
            if !self.add(vec![SILENCE; some]).await {
                return false;
            }
            missing -= some;
        }
        true
    }
}

async fn write(app: App, reel: Reel, now: Timestamp, mut waiting: mpsc::Receiver<Vec<u8>>) {
    let taping = Arc::clone(&reel.taping);
    // A line that is gone and still writes is left behind: what it has not written by then is missing.
    let _alone = tokio::time::timeout(PATIENCE, taping.lock()).await;
    let known = match app.store().recorded(&reel.workspace, reel.file).await {
        Ok(Some(known)) => known,
        Ok(None) => return,
        Err(error) => {
            tracing::warn!(%error, "a recording could not be begun");
            return;
        }
    };
    let frames = known.size.saturating_sub(HEAD as u64) / PAIR as u64;
    let mut written = Written { app, reel, part: known.part, frames };
    // How long it is, which the line before wrote, is open again.
    let goes_on = written.reel.from.is_some();
    if goes_on && !(written.put(0, head(None)).await && written.bridge(now).await) {
        return;
    }
    while let Some(bytes) = waiting.recv().await {
        if !written.add(bytes).await {
            return;
        }
    }
    let whole = head(Some(written.frames));
    written.put(0, whole).await;
}

impl Tape {
    /// Writes into a file which has its head already.
    pub(super) fn start(app: &App, reel: Reel) -> Self {
        let (waiting, parts) = mpsc::channel(MOST_WAITING);
        let writer = tokio::spawn(write(App::clone(app), reel, app.now(), parts));
        Self { recorder: Recorder::default(), bytes: Vec::new(), waiting, writer }
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
        }
        if self.bytes.len() >= PART {
            self.send();
        }
    }

    fn send(&mut self) {
        match self.waiting.try_send(std::mem::take(&mut self.bytes)) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(bytes)) if bytes.len() < MOST_BEHIND => self.bytes = bytes,
            Err(_) => tracing::warn!("the store is too far behind, a part of a recording is lost"),
        }
    }

    /// Nothing more is written, nor what waits to be.
    pub(super) fn drop_all(self) {
        self.writer.abort();
    }

    /// The call is over: what is left is written, and how long it was.
    pub(super) async fn end(mut self) {
        let ripe = self.recorder.end();
        self.put(&ripe);
        if !self.bytes.is_empty() {
            self.send();
        }
        let Self { waiting, mut writer, .. } = self;
        drop(waiting);
        if tokio::time::timeout(PATIENCE, &mut writer).await.is_err() {
            tracing::warn!("the end of a recording is still being written when its call is over");
        }
    }
}
