//! The ports of speech: sound into words, words into sound. Sound is 16 bits, one channel, 8000 samples a second, as on
//! the telephone; whoever needs another rate converts inside.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

/// Samples of a second.
pub const SAMPLES_A_SECOND: usize = 8_000;
/// Samples of one frame, 20 milliseconds.
pub const FRAME: usize = 160;

/// Why speech does not work. What is meant for people says no word of a customer's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpeechError {
    /// Cannot be reached, or broke off. Another try may help.
    #[error("speech is unavailable: {0}")]
    Unavailable(String),
    /// Takes too long.
    #[error("speech did not come in time")]
    TimedOut,
    /// It takes less than it is given.
    #[error("speech takes less than it is given")]
    Full,
    /// What came cannot be used; another try gives the same.
    #[error("speech cannot be used: {0}")]
    Garbage(String),
}

/// How a call is listened to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listening {
    /// Language tag.
    pub language: String,
    /// Words that should be expected.
    pub hints: Vec<String>,
}

/// What became of sound.
#[derive(Debug, Clone, PartialEq)]
pub enum Recognised {
    /// So far, since the last final words; it may still change.
    Partial(String),
    /// These words stay.
    Final {
        /// In words.
        text: String,
        /// From 0 to 1, where it is known.
        confidence: Option<f32>,
    },
    /// Everything heard before [`Ear::finish`] has been given.
    Done,
    /// Whoever spoke has said all of it, by the recogniser's own judgement; final words came before it.
    TurnEnd,
    /// It hears nothing any more.
    Fault(SpeechError),
}

/// Speech into words.
#[async_trait]
pub trait Stt: Send + Sync {
    /// The id from the configuration.
    fn id(&self) -> &str;

    /// Begins to listen to one call. Must answer or fail within a second; may be tried again.
    async fn listen(&self, how: &Listening) -> Result<Arc<dyn Ear>, SpeechError>;
}

/// Listens to one call; dropping it ends that.
#[async_trait]
pub trait Ear: Send + Sync {
    /// Takes sound, some frames at most. Never waits: what does not fit into a bounded queue is an error, and whoever
    /// gets one opens another ear.
    fn hear(&self, sound: &[i16]) -> Result<(), SpeechError>;

    /// Somebody has begun to speak a moment ago. Whoever takes whole utterances forgets the silence before.
    fn begin(&self) {}

    /// Whoever speaks has fallen silent: what is still held back is wanted now, then [`Recognised::Done`].
    fn finish(&self) -> Result<(), SpeechError>;

    /// What was understood next; waits for it. Nothing is lost when the waiting is given up.
    async fn next(&self) -> Recognised;
}

/// Words into sound.
#[async_trait]
pub trait Tts: Send + Sync {
    /// The id from the configuration.
    fn id(&self) -> &str;

    /// Begins to speak a clause or a few sentences. Whoever gives up waiting ends it. May be tried again.
    async fn speak(&self, text: &str, language: &str) -> Result<Box<dyn Voicing>, SpeechError>;
}

/// Something that is being spoken; dropping it ends that.
#[async_trait]
pub trait Voicing: Send {
    /// What comes next; `None`: all of it has come. Each wait has a deadline of its own.
    async fn next(&mut self) -> Result<Option<Voiced>, SpeechError>;
}

/// A piece of speech.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Voiced {
    /// Sound, of any length.
    Sound(Vec<i16>),
    /// When so many letters of the text have been said, counted from the beginning of its sound.
    Said {
        /// Letters of the text, white space and signs included.
        letters: usize,
        /// How long after the beginning.
        at: Duration,
    },
}
