//! The program espeak-ng on this machine, for trying things out without anybody's account: it is understood, but nobody
//! wants to listen to it, and it is not meant for customers. It is under the GPL and therefore runs as a process of its own.
//!
//! <https://github.com/espeak-ng/espeak-ng>

use std::process::Stdio;
use std::time::Duration;

use async_trait::async_trait;
use domain::ports::{SpeechError, Tts, Voiced, Voicing};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdout, Command};

use super::SpeechSettings;
use super::sound::{Resampler, Samples, WavHead};

/// Words a minute.
const SPEED: &str = "160";
/// Longest text that is spoken in one piece, in letters.
const LONGEST_TEXT: usize = 2_000;
/// Nothing longer is read: two minutes.
const LARGEST_SOUND: usize = 6 << 20;

pub(super) struct Espeak {
    settings: SpeechSettings,
}

impl Espeak {
    pub(super) fn new(settings: SpeechSettings) -> Self {
        Self { settings }
    }

    fn voice(&self, language: &str) -> String {
        let of_language = match language.get(..2).unwrap_or("en") {
            "en" if language.eq_ignore_ascii_case("en-GB") => "en-gb",
            "fr" => "fr-fr",
            "de" => "de",
            "es" => "es",
            "pt" => "pt",
            "it" => "it",
            "nl" => "nl",
            _ => "en-us",
        };
        self.settings.voice.clone().unwrap_or_else(|| of_language.to_owned())
    }
}

#[async_trait]
impl Tts for Espeak {
    fn id(&self) -> &str {
        &self.settings.id
    }

    async fn speak(&self, text: &str, language: &str) -> Result<Box<dyn Voicing>, SpeechError> {
        let unavailable = |error: std::io::Error| SpeechError::Unavailable(format!("espeak-ng: {}", error.kind()));
        let mut command = Command::new("espeak-ng");
        // The words go in by a pipe: arguments are seen by everybody on the machine.
        command.args(["--stdin", "--stdout", "-s", SPEED, "-v", &self.voice(language)]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut child = command.spawn().map_err(unavailable)?;
        let (Some(mut words), Some(sound)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(SpeechError::Unavailable("espeak-ng: no pipe".to_owned()));
        };
        let text: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(LONGEST_TEXT).collect();
        // A pipe holds more than this, so that it never waits for what is read behind it.
        words.write_all(text.as_bytes()).await.map_err(unavailable)?;
        drop(words);
        let timeout = self.settings.timeout;
        Ok(Box::new(Speaking {
            _child: child,
            sound,
            head: Some(WavHead::default()),
            resampler: None,
            samples: Samples::default(),
            read: 0,
            timeout,
        }))
    }
}

struct Speaking {
    _child: Child,
    sound: ChildStdout,
    head: Option<WavHead>,
    resampler: Option<Resampler>,
    samples: Samples,
    read: usize,
    timeout: Duration,
}

#[async_trait]
impl Voicing for Speaking {
    async fn next(&mut self) -> Result<Option<Voiced>, SpeechError> {
        let mut piece = vec![0; 16 * 1024];
        loop {
            let reading = tokio::time::timeout(self.timeout, self.sound.read(&mut piece)).await;
            let size =
                reading.map_err(|_| SpeechError::TimedOut)?.map_err(|_| SpeechError::Unavailable("espeak-ng broke off".to_owned()))?;
            self.read += size;
            if self.read > LARGEST_SOUND {
                return Err(SpeechError::Garbage("the sound does not end".to_owned()));
            }
            if size == 0 {
                let Some(mut resampler) = self.resampler.take() else {
                    let is_unsaid = self.head.take().is_some();
                    return if is_unsaid { Err(SpeechError::Unavailable("espeak-ng said nothing".to_owned())) } else { Ok(None) };
                };
                return Ok(Some(Voiced::Sound(resampler.end())));
            }
            let mut bytes = piece[..size].to_vec();
            if let Some(head) = &mut self.head {
                let Some((rate, rest)) = head.take(&bytes)? else { continue };
                self.resampler = Some(Resampler::from(rate)?);
                self.head = None;
                bytes = rest;
            }
            let samples = self.samples.take(&bytes);
            let sound = self.resampler.as_mut().map(|resampler| resampler.take(&samples)).unwrap_or_default();
            if !sound.is_empty() {
                return Ok(Some(Voiced::Sound(sound)));
            }
        }
    }
}
