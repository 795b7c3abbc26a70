//! Who listens to one call: the first recogniser that works, another when it breaks, and keys when none is left.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use domain::ports::{Ear, FRAME, Listening, Recognised, SAMPLES_A_SECOND, SpeechError, Stt};
use tokio::task::JoinHandle;

/// A recogniser that takes longer to begin is not waited for.
const PATIENCE: Duration = Duration::from_secs(3);
/// What was said last is told to the next recogniser again: so many frames of it.
const AGAIN: usize = 3 * SAMPLES_A_SECOND / FRAME;
/// A recogniser that breaks is taken up again so often on one call, before the next one is asked.
const TRIES: u32 = 2;

enum State {
    Opening(JoinHandle<Result<Arc<dyn Ear>, SpeechError>>),
    Listening(Arc<dyn Ear>),
    /// Nobody is left.
    Deaf,
}

/// What was heard.
pub(super) enum Heard {
    /// In words, or in part.
    Words(Recognised),
    /// Nobody listens any more.
    Deaf,
}

/// See the module.
pub(super) struct Ears {
    all: Vec<Arc<dyn Stt>>,
    how: Listening,
    /// Which one, and how often it has broken.
    at: usize,
    broken: u32,
    state: State,
    again: VecDeque<Vec<i16>>,
    has_begun: bool,
    is_finishing: bool,
}

impl Drop for Ears {
    fn drop(&mut self) {
        if let State::Opening(task) = &self.state {
            task.abort();
        }
    }
}

impl Ears {
    /// Begins to listen.
    pub(super) fn open(all: Vec<Arc<dyn Stt>>, how: Listening) -> Self {
        let mut ears =
            Self { all, how, at: 0, broken: 0, state: State::Deaf, again: VecDeque::new(), has_begun: false, is_finishing: false };
        ears.begin_to_open();
        ears
    }

    fn begin_to_open(&mut self) {
        let Some(stt) = self.all.get(self.at).cloned() else {
            self.state = State::Deaf;
            return;
        };
        let how = self.how.clone();
        self.state = State::Opening(tokio::spawn(async move {
            tokio::time::timeout(PATIENCE, stt.listen(&how)).await.unwrap_or(Err(SpeechError::TimedOut))
        }));
    }

    /// A frame of the caller's voice.
    pub(super) fn hear(&mut self, frame: Vec<i16>) {
        let result = match &self.state {
            State::Listening(ear) => ear.hear(&frame),
            State::Opening(_) | State::Deaf => Ok(()),
        };
        self.again.push_back(frame);
        if self.again.len() > AGAIN {
            self.again.pop_front();
        }
        if let Err(error) = result {
            self.breaks(&error);
        }
    }

    /// Somebody has begun to speak.
    pub(super) fn begin(&mut self) {
        self.has_begun = true;
        if let State::Listening(ear) = &self.state {
            ear.begin();
        }
    }

    /// They have fallen silent.
    pub(super) fn finish(&mut self) {
        self.is_finishing = true;
        let result = match &self.state {
            State::Listening(ear) => ear.finish(),
            State::Opening(_) | State::Deaf => Ok(()),
        };
        if let Err(error) = result {
            self.breaks(&error);
        }
    }

    fn breaks(&mut self, error: &SpeechError) {
        let id = self.all.get(self.at).map(|stt| stt.id()).unwrap_or_default();
        tracing::warn!(speech = id, %error, "a recogniser broke in the middle of a call");
        self.broken += 1;
        if self.broken >= TRIES {
            self.at += 1;
            self.broken = 0;
        }
        self.begin_to_open();
    }

    /// What is understood next; waits for it, for ever when nobody listens and that was told.
    pub(super) async fn next(&mut self) -> Heard {
        loop {
            match &mut self.state {
                State::Deaf if self.at == usize::MAX => std::future::pending().await,
                State::Deaf => {
                    // Told once.
                    self.at = usize::MAX;
                    return Heard::Deaf;
                }
                State::Opening(task) => {
                    let opened = task.await.unwrap_or_else(|_| Err(SpeechError::Unavailable("it stopped".to_owned())));
                    match opened {
                        Ok(ear) => self.take_up(ear),
                        Err(error) => {
                            // What cannot even begin is not tried twice.
                            self.broken = TRIES;
                            self.breaks(&error);
                        }
                    }
                }
                State::Listening(ear) => match ear.next().await {
                    Recognised::Fault(error) => self.breaks(&error),
                    what => {
                        if matches!(what, Recognised::Done | Recognised::TurnEnd) {
                            (self.has_begun, self.is_finishing) = (false, false);
                        }
                        return Heard::Words(what);
                    }
                },
            }
        }
    }

    /// Another one listens: it hears again what was being said.
    fn take_up(&mut self, ear: Arc<dyn Ear>) {
        let mut result = Ok(());
        if self.has_begun {
            ear.begin();
            result = self.again.iter().try_for_each(|frame| ear.hear(frame));
        }
        if self.is_finishing && result.is_ok() {
            result = ear.finish();
        }
        self.state = State::Listening(ear);
        if let Err(error) = result {
            self.breaks(&error);
        }
    }
}
