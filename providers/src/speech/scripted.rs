//! Speech by a script, for tests and rehearsals: what is recognised stands in a file, one utterance after the other on
//! every call, and what is spoken is a tone of the length that the words would take.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use domain::ports::{Ear, Listening, Recognised, SpeechError, Stt, Tts, Voiced, Voicing};
use serde::Deserialize;
use tokio::sync::mpsc;

use super::{OpenError, SpeechSettings};

/// How long a letter takes.
const A_LETTER: Duration = Duration::from_millis(66);
/// Samples of it.
const SAMPLES_A_LETTER: usize = 528;

/// The file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Script {
    /// What is recognised.
    says: Vec<Line>,
    /// Nobody can listen.
    deaf: bool,
    /// Nobody can speak.
    mute: bool,
}

/// One utterance.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Line {
    text: String,
    /// What is known while it is said.
    partials: Vec<String>,
    confidence: Option<f32>,
    /// The recogniser breaks instead.
    fault: bool,
}

pub(super) struct Scripted {
    id: String,
    script: Script,
}

impl Scripted {
    pub(super) fn open(settings: &SpeechSettings) -> Result<Self, OpenError> {
        let refused = |why: String| OpenError::Script { id: settings.id.clone(), why };
        let script = match &settings.script {
            Some(path) => {
                let text = std::fs::read(path).map_err(|error| refused(error.to_string()))?;
                serde_json::from_slice(&text).map_err(|error| refused(error.to_string()))?
            }
            None => Script::default(),
        };
        Ok(Self { id: settings.id.clone(), script })
    }
}

#[async_trait]
impl Stt for Scripted {
    fn id(&self) -> &str {
        &self.id
    }

    async fn listen(&self, _how: &Listening) -> Result<Arc<dyn Ear>, SpeechError> {
        if self.script.deaf {
            return Err(SpeechError::Unavailable("the script is deaf".to_owned()));
        }
        // Everything of a script fits, however much of it comes at once.
        let room = self.script.says.iter().map(|line| line.partials.len() + 3).sum::<usize>() + 64;
        let (told, results) = mpsc::channel(room);
        let lines = Mutex::new(self.script.says.iter().cloned().collect());
        Ok(Arc::new(Listener { lines, told, results: tokio::sync::Mutex::new(results) }))
    }
}

struct Listener {
    lines: Mutex<VecDeque<Line>>,
    told: mpsc::Sender<Recognised>,
    results: tokio::sync::Mutex<mpsc::Receiver<Recognised>>,
}

impl Listener {
    fn tell(&self, what: Recognised) -> Result<(), SpeechError> {
        self.told.try_send(what).map_err(|_| SpeechError::Full)
    }
}

#[async_trait]
impl Ear for Listener {
    fn hear(&self, _sound: &[i16]) -> Result<(), SpeechError> {
        Ok(())
    }

    fn begin(&self) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        for partial in lines.front_mut().map(|line| std::mem::take(&mut line.partials)).unwrap_or_default() {
            // There is room for all of them.
            let _ = self.tell(Recognised::Partial(partial));
        }
    }

    fn finish(&self) -> Result<(), SpeechError> {
        let line = self.lines.lock().unwrap_or_else(PoisonError::into_inner).pop_front().unwrap_or_default();
        if line.fault {
            return self.tell(Recognised::Fault(SpeechError::Unavailable("the script breaks here".to_owned())));
        }
        self.tell(Recognised::Final { text: line.text, confidence: line.confidence })?;
        self.tell(Recognised::Done)
    }

    async fn next(&self) -> Recognised {
        match self.results.lock().await.recv().await {
            Some(result) => result,
            None => Recognised::Fault(SpeechError::Unavailable("it stopped".to_owned())),
        }
    }
}

#[async_trait]
impl Tts for Scripted {
    fn id(&self) -> &str {
        &self.id
    }

    async fn speak(&self, text: &str, _language: &str) -> Result<Box<dyn Voicing>, SpeechError> {
        if self.script.mute {
            return Err(SpeechError::Unavailable("the script is mute".to_owned()));
        }
        let letters = text.chars().count();
        let mut pieces = VecDeque::new();
        for (place, letter) in text.chars().enumerate() {
            if letter == ' ' || place + 1 == letters {
                let said = place + 1;
                pieces.push_back(Voiced::Said { letters: said, at: A_LETTER * u32::try_from(said).unwrap_or(u32::MAX) });
            }
        }
        let tone = (0..letters * SAMPLES_A_LETTER).map(|place| if place % 16 < 8 { 3_000 } else { -3_000 }).collect();
        pieces.push_back(Voiced::Sound(tone));
        Ok(Box::new(Tone(pieces)))
    }
}

struct Tone(VecDeque<Voiced>);

#[async_trait]
impl Voicing for Tone {
    async fn next(&mut self) -> Result<Option<Voiced>, SpeechError> {
        Ok(self.0.pop_front())
    }
}
