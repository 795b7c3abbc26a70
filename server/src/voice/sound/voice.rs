//! Who speaks on one call: piece after piece, by the first voice that works, and none when none does.

use std::sync::Arc;
use std::time::Duration;

use domain::ports::{SpeechError, Tts, Voiced};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Pieces that wait to be spoken; more is never said in one go.
const MOST_PIECES: usize = 128;
/// Sound that waits for the line; a voice that is faster waits.
const MOST_SOUND: usize = 32;
/// A voice that says nothing for so long is not waited for.
const PATIENCE: Duration = Duration::from_secs(4);

/// What became of a piece.
pub(super) enum Spoken {
    /// Sound of it, or where its words stand in that.
    Voiced(u64, Voiced),
    /// All of it.
    Done(u64),
    /// Nobody speaks it.
    Failed(u64),
}

struct Job {
    piece: u64,
    text: String,
    language: String,
}

/// See the module.
pub(super) struct Voice {
    all: Vec<Arc<dyn Tts>>,
    language: String,
    jobs: mpsc::Sender<Job>,
    spoken: mpsc::Receiver<Spoken>,
    worker: JoinHandle<()>,
}

impl Drop for Voice {
    fn drop(&mut self) {
        self.worker.abort();
    }
}

impl Voice {
    pub(super) fn open(all: Vec<Arc<dyn Tts>>, language: String) -> Self {
        let (jobs, spoken, worker) = start(all.clone());
        Self { all, language, jobs, spoken, worker }
    }

    /// Another language from now on.
    pub(super) fn language(&mut self, language: String) {
        self.language = language;
    }

    /// Speaks a piece after those before it. `false`: there is no room for it.
    pub(super) fn speak(&self, piece: u64, text: String) -> bool {
        self.jobs.try_send(Job { piece, text, language: self.language.clone() }).is_ok()
    }

    /// Nothing of it is wanted any more.
    pub(super) fn hush(&mut self) {
        self.worker.abort();
        (self.jobs, self.spoken, self.worker) = start(self.all.clone());
    }

    /// What comes next; waits for it, for ever while nothing is spoken.
    pub(super) async fn next(&mut self) -> Spoken {
        match self.spoken.recv().await {
            Some(spoken) => spoken,
            None => std::future::pending().await,
        }
    }
}

fn start(all: Vec<Arc<dyn Tts>>) -> (mpsc::Sender<Job>, mpsc::Receiver<Spoken>, JoinHandle<()>) {
    let (jobs, mut work) = mpsc::channel::<Job>(MOST_PIECES);
    let (told, spoken) = mpsc::channel(MOST_SOUND);
    let worker = tokio::spawn(async move {
        while let Some(job) = work.recv().await {
            let end = if speak(&all, &job, &told).await { Spoken::Done(job.piece) } else { Spoken::Failed(job.piece) };
            if told.send(end).await.is_err() {
                return;
            }
        }
    });
    (jobs, spoken, worker)
}

/// `false`: nobody could. What has been heard of a voice that breaks is not said again by another.
async fn speak(all: &[Arc<dyn Tts>], job: &Job, told: &mpsc::Sender<Spoken>) -> bool {
    for tts in all {
        let mut has_sound = false;
        match one(tts.as_ref(), job, told, &mut has_sound).await {
            Ok(()) => return true,
            Err(error) => {
                tracing::warn!(speech = tts.id(), %error, "a voice failed on a call");
                if has_sound {
                    return false;
                }
            }
        }
    }
    false
}

async fn one(tts: &dyn Tts, job: &Job, told: &mpsc::Sender<Spoken>, has_sound: &mut bool) -> Result<(), SpeechError> {
    let late = |_| SpeechError::TimedOut;
    let mut voicing = tokio::time::timeout(PATIENCE, tts.speak(&job.text, &job.language)).await.map_err(late)??;
    while let Some(voiced) = tokio::time::timeout(PATIENCE, voicing.next()).await.map_err(late)?? {
        *has_sound |= matches!(voiced, Voiced::Sound(_));
        if told.send(Spoken::Voiced(job.piece, voiced)).await.is_err() {
            break;
        }
    }
    Ok(())
}
