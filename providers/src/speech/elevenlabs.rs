//! ElevenLabs: speech with the moment of each letter, over plain HTTP, because a piece is known whole when it is spoken.
//!
//! <https://elevenlabs.io/docs/api-reference/text-to-speech/stream-with-timestamps>

use std::collections::VecDeque;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::ports::{SAMPLES_A_SECOND, SpeechError, Tts, Voiced, Voicing};
use serde_json::{Value, json};

use super::SpeechSettings;
use super::openai::{failed, taken};
use super::sound::{Resampler, Samples};

/// The rate that is asked for: half of it is the telephone's.
const RATE: u32 = 16_000;
/// Nothing longer is read in one line.
const LONGEST_LINE: usize = 4 << 20;
/// Longest text that is spoken in one piece.
const LONGEST_TEXT: usize = 4_000;

pub(super) struct ElevenLabs {
    settings: SpeechSettings,
    http: reqwest::Client,
}

impl ElevenLabs {
    pub(super) fn new(settings: SpeechSettings, http: reqwest::Client) -> Self {
        Self { settings, http }
    }
}

#[async_trait]
impl Tts for ElevenLabs {
    fn id(&self) -> &str {
        &self.settings.id
    }

    async fn speak(&self, text: &str, language: &str) -> Result<Box<dyn Voicing>, SpeechError> {
        let voice = self.settings.voice.as_deref().unwrap_or_default();
        let text: String = text.chars().take(LONGEST_TEXT).collect();
        let model = if self.settings.model.is_empty() { "eleven_flash_v2_5" } else { &self.settings.model };
        let mut body = json!({"text": text, "model_id": model});
        if model.ends_with("_v2_5") {
            body["language_code"] = json!(language.get(..2).unwrap_or("en"));
        }
        let address = format!("{}/v1/text-to-speech/{voice}/stream/with-timestamps?output_format=pcm_{RATE}", self.settings.base_url);
        let mut call = self.http.post(address).timeout(self.settings.timeout).json(&body);
        if let Some(key) = &self.settings.api_key {
            call = call.header("xi-api-key", key.expose());
        }
        let answer = call.send().await.map_err(|error| failed(&error))?;
        taken(&answer)?;
        Ok(Box::new(Speaking { answer, lines: Vec::new(), reading: Reading::new()?, waiting: VecDeque::new(), has_ended: false }))
    }
}

struct Speaking {
    answer: reqwest::Response,
    lines: Vec<u8>,
    reading: Reading,
    waiting: VecDeque<Voiced>,
    has_ended: bool,
}

#[async_trait]
impl Voicing for Speaking {
    async fn next(&mut self) -> Result<Option<Voiced>, SpeechError> {
        loop {
            if let Some(voiced) = self.waiting.pop_front() {
                return Ok(Some(voiced));
            }
            if self.has_ended {
                return Ok(None);
            }
            match self.answer.chunk().await.map_err(|error| failed(&error))? {
                Some(piece) => self.lines.extend_from_slice(&piece),
                None => {
                    self.has_ended = true;
                    self.lines.push(b'\n');
                }
            }
            while let Some(end) = self.lines.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.lines.drain(..=end).collect();
                self.waiting.extend(self.reading.line(&line)?);
            }
            if self.lines.len() > LONGEST_LINE {
                return Err(SpeechError::Garbage("a line of sound does not end".to_owned()));
            }
            if self.has_ended {
                self.waiting.push_back(Voiced::Sound(self.reading.resampler.end()));
            }
        }
    }
}

/// Lines of sound and moments.
struct Reading {
    samples: Samples,
    resampler: Resampler,
    /// Letters and sound so far.
    letters: usize,
    given: usize,
    last: Duration,
}

impl Reading {
    fn new() -> Result<Self, SpeechError> {
        Ok(Self { samples: Samples::default(), resampler: Resampler::from(RATE)?, letters: 0, given: 0, last: Duration::ZERO })
    }

    fn line(&mut self, line: &[u8]) -> Result<Vec<Voiced>, SpeechError> {
        if line.iter().all(u8::is_ascii_whitespace) {
            return Ok(Vec::new());
        }
        let line: Value = serde_json::from_slice(line).map_err(|error| SpeechError::Garbage(error.to_string()))?;
        let mut voiced = Vec::new();
        let times = line["alignment"]["character_end_times_seconds"].as_array().map(Vec::as_slice).unwrap_or_default();
        let moment = |seconds: &Value| seconds.as_f64().filter(|seconds| (0.0..3_600.0).contains(seconds)).map(Duration::from_secs_f64);
        // Moments count from the beginning of all, or from that of their line.
        let so_far = Duration::from_micros((self.given * 1_000_000 / SAMPLES_A_SECOND) as u64);
        let is_of_line = times.first().and_then(moment).is_some_and(|first| first + Duration::from_millis(1) < self.last);
        for at in times.iter().filter_map(moment) {
            self.letters += 1;
            self.last = at + if is_of_line { so_far } else { Duration::ZERO };
            voiced.push(Voiced::Said { letters: self.letters, at: self.last });
        }
        if let Some(sound) = line["audio_base64"].as_str().filter(|sound| !sound.is_empty()) {
            let bytes = STANDARD.decode(sound).map_err(|_| SpeechError::Garbage("its sound cannot be read".to_owned()))?;
            let samples = self.resampler.take(&self.samples.take(&bytes));
            self.given += samples.len();
            voiced.push(Voiced::Sound(samples));
        }
        Ok(voiced)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(times: &[f64], milliseconds: usize) -> Vec<u8> {
        let audio = STANDARD.encode(vec![0; milliseconds * 32]);
        json!({"audio_base64": audio, "alignment": {"characters": vec!["x"; times.len()], "character_end_times_seconds": times}})
            .to_string()
            .into_bytes()
    }

    fn moments(voiced: &[Voiced]) -> Vec<(usize, u128)> {
        voiced
            .iter()
            .filter_map(|voiced| if let Voiced::Said { letters, at } = voiced { Some((*letters, at.as_millis())) } else { None })
            .collect()
    }

    #[test]
    fn letters_have_their_moments_however_they_are_counted() {
        let mut reading = Reading::new().expect("a rate");
        let first = reading.line(&line(&[0.1, 0.2, 0.5], 1_000)).expect("a line");
        assert_eq!(moments(&first), [(1, 100), (2, 200), (3, 500)]);
        let of_all = reading.line(&line(&[1.1, 1.2], 500)).expect("a line");
        assert_eq!(moments(&of_all), [(4, 1_100), (5, 1_200)]);
        let of_line = reading.line(&line(&[0.1, 0.2], 500)).expect("a line");
        let (letters, at) = moments(&of_line)[0];
        assert!(letters == 6 && (1_590..=1_600).contains(&at), "{at}");
    }

    #[test]
    fn what_is_no_line_is_refused_and_an_empty_one_is_nothing() {
        let mut reading = Reading::new().expect("a rate");
        assert_eq!(reading.line(b"\r\n"), Ok(Vec::new()));
        assert_eq!(reading.line(b"{}"), Ok(Vec::new()));
        assert!(reading.line(b"<html>").is_err());
        assert!(reading.line(br#"{"audio_base64":"?"}"#).is_err());
        assert_eq!(reading.line(br#"{"alignment":{"character_end_times_seconds":[-1,"x",1e300,null]}}"#), Ok(Vec::new()));
    }
}
