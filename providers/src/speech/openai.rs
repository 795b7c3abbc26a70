//! OpenAI-compatible speech: hosted, and servers of one's own that speak the same (speaches, vLLM, LocalAI).
//!
//! <https://platform.openai.com/docs/api-reference/audio>
//!
//! Recognition takes whole utterances, so that nothing is known before somebody has finished.

use std::sync::Arc;

use async_trait::async_trait;
use domain::ports::{Ear, Listening, Recognised, SpeechError, Stt, Tts, Voiced, Voicing};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::SpeechSettings;
use super::queue::Utterances;
use super::sound::{Resampler, Samples, wav};

/// Nothing longer is read as words.
const LARGEST_TEXT: usize = 256 * 1024;
/// Nothing longer is read as sound of one piece: two minutes at 48 kHz.
const LARGEST_SOUND: usize = 12 << 20;
/// Longest text that is spoken in one piece. <https://platform.openai.com/docs/api-reference/audio/createSpeech>
const LONGEST_TEXT: usize = 4_096;
/// A boundary that no WAV file of a telephone has.
const BOUNDARY: &str = "rapport-7Q2xVb9LmT4wZk";

pub(super) struct OpenAi {
    settings: SpeechSettings,
    http: reqwest::Client,
}

impl OpenAi {
    pub(super) fn new(settings: SpeechSettings, http: reqwest::Client) -> Self {
        Self { settings, http }
    }

    fn post(&self, path: &str) -> reqwest::RequestBuilder {
        let call = self.http.post(format!("{}{path}", self.settings.base_url)).timeout(self.settings.timeout);
        match &self.settings.api_key {
            Some(key) => call.bearer_auth(key.expose()),
            None => call,
        }
    }
}

/// The form of one utterance.
fn form(model: &str, how: &Listening, sound: &[i16]) -> Vec<u8> {
    let mut body = Vec::new();
    let mut field = |name: &str, value: &str| {
        // Values end a part by a line of their own only; hints come from the configuration.
        let value = value.replace(['\r', '\n'], " ");
        body.extend_from_slice(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").as_bytes());
    };
    field("model", model);
    field("response_format", "json");
    if let Some(language) = how.language.get(..2) {
        field("language", language);
    }
    if !how.hints.is_empty() {
        field("prompt", &how.hints.join(", "));
    }
    body.extend_from_slice(
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"said.wav\"\r\nContent-Type: audio/wav\r\n\r\n")
            .as_bytes(),
    );
    body.extend_from_slice(&wav(sound, 8_000));
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    body
}

#[async_trait]
impl Stt for OpenAi {
    fn id(&self) -> &str {
        &self.settings.id
    }

    async fn listen(&self, how: &Listening) -> Result<Arc<dyn Ear>, SpeechError> {
        let speech = Self::new(self.settings.clone(), self.http.clone());
        let how = how.clone();
        let recognise = |mut work: mpsc::Receiver<Vec<i16>>, told: mpsc::Sender<Recognised>| async move {
            while let Some(sound) = work.recv().await {
                let results = match speech.recognise(&how, &sound).await {
                    Ok(text) => vec![Recognised::Final { text, confidence: None }, Recognised::Done],
                    Err(error) => vec![Recognised::Fault(error)],
                };
                for result in results {
                    if told.send(result).await.is_err() {
                        return;
                    }
                }
            }
        };
        Ok(Arc::new(Utterances::new(recognise)))
    }
}

impl OpenAi {
    async fn recognise(&self, how: &Listening, sound: &[i16]) -> Result<String, SpeechError> {
        let call = self.post("/audio/transcriptions");
        let call = call.header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"));
        let mut answer = call.body(form(&self.settings.model, how, sound)).send().await.map_err(|error| failed(&error))?;
        taken(&answer)?;
        let mut read = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(|error| failed(&error))? {
            read.extend_from_slice(&piece);
            if read.len() > LARGEST_TEXT {
                return Err(SpeechError::Garbage("the answer is too long".to_owned()));
            }
        }
        let answer: Value = serde_json::from_slice(&read).map_err(|error| SpeechError::Garbage(error.to_string()))?;
        let text = answer["text"].as_str().ok_or_else(|| SpeechError::Garbage("an answer without a text".to_owned()))?;
        Ok(text.trim().to_owned())
    }
}

#[async_trait]
impl Tts for OpenAi {
    fn id(&self) -> &str {
        &self.settings.id
    }

    async fn speak(&self, text: &str, _language: &str) -> Result<Box<dyn Voicing>, SpeechError> {
        let text: String = text.trim().chars().take(LONGEST_TEXT).collect();
        let voice = self.settings.voice.as_deref().unwrap_or("alloy");
        let body = json!({"model": self.settings.model, "input": text, "voice": voice, "response_format": "pcm"});
        let answer = self.post("/audio/speech").json(&body).send().await.map_err(|error| failed(&error))?;
        taken(&answer)?;
        let resampler = Resampler::from(self.settings.sample_rate)?;
        Ok(Box::new(Speaking { answer, resampler, samples: Samples::default(), read: 0, has_ended: false }))
    }
}

struct Speaking {
    answer: reqwest::Response,
    resampler: Resampler,
    samples: Samples,
    read: usize,
    has_ended: bool,
}

#[async_trait]
impl Voicing for Speaking {
    async fn next(&mut self) -> Result<Option<Voiced>, SpeechError> {
        loop {
            if self.has_ended {
                return Ok(None);
            }
            let sound = match self.answer.chunk().await.map_err(|error| failed(&error))? {
                Some(piece) => {
                    self.read += piece.len();
                    if self.read > LARGEST_SOUND {
                        return Err(SpeechError::Garbage("the sound does not end".to_owned()));
                    }
                    let samples = self.samples.take(&piece);
                    self.resampler.take(&samples)
                }
                None => {
                    self.has_ended = true;
                    self.resampler.end()
                }
            };
            if !sound.is_empty() {
                return Ok(Some(Voiced::Sound(sound)));
            }
        }
    }
}

pub(super) fn taken(answer: &reqwest::Response) -> Result<(), SpeechError> {
    if !answer.status().is_success() {
        return Err(SpeechError::Unavailable(format!("status {}", answer.status().as_u16())));
    }
    Ok(())
}

pub(super) fn failed(error: &reqwest::Error) -> SpeechError {
    if error.is_timeout() {
        SpeechError::TimedOut
    } else if error.is_connect() {
        SpeechError::Unavailable("cannot connect".to_owned())
    } else {
        SpeechError::Unavailable("the connection broke off".to_owned())
    }
}
