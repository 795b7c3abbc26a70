//! Speech: one file per wire format. Nothing is opened before somebody is on a line.

mod deepgram;
mod elevenlabs;
mod espeak;
mod openai;
mod queue;
mod scripted;
mod socket;
pub mod sound;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use domain::Secret;
use domain::ports::{Stt, Tts};

/// A configured recogniser or voice.
#[derive(Debug, Clone)]
pub struct SpeechSettings {
    /// Its id.
    pub id: String,
    /// Wire format.
    pub kind: SpeechKind,
    /// Base URL, without a slash at the end; empty where there is none.
    pub base_url: String,
    /// The vendor's name of the model that listens or speaks; empty where there is none.
    pub model: String,
    /// The vendor's name of the voice.
    pub voice: Option<String>,
    /// Key, when one is needed.
    pub api_key: Option<Secret<String>>,
    /// Samples of a second that come back, where the format does not say it.
    pub sample_rate: u32,
    /// Longest wait for one answer.
    pub timeout: Duration,
    /// What is recognised in rehearsals.
    pub script: Option<PathBuf>,
}

/// Wire formats of speech.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpeechKind {
    /// OpenAI-compatible `/audio/transcriptions` and `/audio/speech`.
    OpenAi,
    /// Deepgram Flux, which listens.
    Deepgram,
    /// ElevenLabs, which speaks.
    ElevenLabs,
    /// The program espeak-ng on this machine.
    Espeak,
    /// A file that says what is recognised; tones are spoken.
    Scripted,
}

impl SpeechKind {
    /// Can it listen?
    pub fn listens(self) -> bool {
        matches!(self, Self::OpenAi | Self::Deepgram | Self::Scripted)
    }

    /// Can it speak?
    pub fn speaks(self) -> bool {
        matches!(self, Self::OpenAi | Self::ElevenLabs | Self::Espeak | Self::Scripted)
    }

    /// Where the vendor is, unless another address is configured.
    pub fn base_url(self) -> &'static str {
        match self {
            Self::Deepgram => "https://api.deepgram.com",
            Self::ElevenLabs => "https://api.elevenlabs.io",
            Self::OpenAi | Self::Espeak | Self::Scripted => "",
        }
    }
}

/// Speech that cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It does not recognise.
    #[error("speech {0:?} does not listen: name one of another kind in `hears`")]
    DoesNotListen(String),
    /// It does not speak.
    #[error("speech {0:?} does not speak: name one of another kind in `speaks`")]
    DoesNotSpeak(String),
    /// Its script cannot be read.
    #[error("the script of speech {id:?} cannot be read: {why}")]
    Script {
        /// Of which.
        id: String,
        /// In words.
        why: String,
    },
}

/// Opens what listens.
pub fn open_stt(settings: &SpeechSettings, http: &reqwest::Client) -> Result<Arc<dyn Stt>, OpenError> {
    match settings.kind {
        SpeechKind::OpenAi => Ok(Arc::new(openai::OpenAi::new(settings.clone(), http.clone()))),
        SpeechKind::Scripted => Ok(Arc::new(scripted::Scripted::open(settings)?)),
        SpeechKind::Deepgram => Ok(Arc::new(deepgram::Deepgram::new(settings.clone()))),
        SpeechKind::Espeak | SpeechKind::ElevenLabs => Err(OpenError::DoesNotListen(settings.id.clone())),
    }
}

/// A voice for the moment in which no other speaks: a program that may be on this machine, and says so when it is not. It is
/// nobody's choice, but it is understood.
pub fn last_resort() -> Arc<dyn Tts> {
    Arc::new(espeak::Espeak::new(SpeechSettings {
        id: "espeak-ng, as a last resort".to_owned(),
        kind: SpeechKind::Espeak,
        base_url: String::new(),
        model: String::new(),
        voice: None,
        api_key: None,
        sample_rate: 0,
        timeout: Duration::from_secs(5),
        script: None,
    }))
}

/// Opens what speaks.
pub fn open_tts(settings: &SpeechSettings, http: &reqwest::Client) -> Result<Arc<dyn Tts>, OpenError> {
    match settings.kind {
        SpeechKind::OpenAi => Ok(Arc::new(openai::OpenAi::new(settings.clone(), http.clone()))),
        SpeechKind::Scripted => Ok(Arc::new(scripted::Scripted::open(settings)?)),
        SpeechKind::ElevenLabs => Ok(Arc::new(elevenlabs::ElevenLabs::new(settings.clone(), http.clone()))),
        SpeechKind::Deepgram => Err(OpenError::DoesNotSpeak(settings.id.clone())),
        SpeechKind::Espeak => Ok(Arc::new(espeak::Espeak::new(settings.clone()))),
    }
}
