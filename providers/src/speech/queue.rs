//! An ear that hands whole utterances to somebody who recognises them one by one, beside the call.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use domain::ports::{Ear, Recognised, SAMPLES_A_SECOND, SpeechError};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Nobody says more in one breath.
const LONGEST: usize = 60 * SAMPLES_A_SECOND;
/// The beginning of a word is heard before it counts as speech.
const BEFORE: usize = SAMPLES_A_SECOND * 2 / 5;
/// Utterances that wait.
const MOST_WAITING: usize = 4;

/// See the module.
pub(super) struct Utterances {
    heard: Mutex<VecDeque<i16>>,
    jobs: mpsc::Sender<Vec<i16>>,
    results: tokio::sync::Mutex<mpsc::Receiver<Recognised>>,
    worker: JoinHandle<()>,
}

impl Drop for Utterances {
    fn drop(&mut self) {
        self.worker.abort();
    }
}

impl Utterances {
    /// `recognise` takes what `jobs` brings and answers each with final words and `Done`, or with a fault.
    pub(super) fn new<F>(recognise: impl FnOnce(mpsc::Receiver<Vec<i16>>, mpsc::Sender<Recognised>) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (jobs, work) = mpsc::channel(MOST_WAITING);
        // Nobody hears of more than this at once; a recogniser waits.
        let (told, results) = mpsc::channel(16);
        let worker = tokio::spawn(recognise(work, told));
        Self { heard: Mutex::default(), jobs, results: tokio::sync::Mutex::new(results), worker }
    }
}

#[async_trait]
impl Ear for Utterances {
    fn hear(&self, sound: &[i16]) -> Result<(), SpeechError> {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.extend(sound);
        let surplus = heard.len().saturating_sub(LONGEST);
        heard.drain(..surplus);
        Ok(())
    }

    fn begin(&self) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let surplus = heard.len().saturating_sub(BEFORE);
        heard.drain(..surplus);
    }

    fn finish(&self) -> Result<(), SpeechError> {
        let heard: Vec<i16> = self.heard.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect();
        self.jobs.try_send(heard).map_err(|_| SpeechError::Full)
    }

    async fn next(&self) -> Recognised {
        match self.results.lock().await.recv().await {
            Some(result) => result,
            None => Recognised::Fault(SpeechError::Unavailable("it stopped".to_owned())),
        }
    }
}
