//! Deepgram Flux: a stream that hears words while they are said and judges by itself when somebody has finished.
//!
//! <https://developers.deepgram.com/docs/flux/state>, <https://developers.deepgram.com/docs/flux/force-end-turn>

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use domain::ports::{Ear, FRAME, Listening, Recognised, SpeechError, Stt};
use futures::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;

use super::SpeechSettings;
use super::socket::{self, Socket};

/// Sound goes out in pieces of 80 milliseconds, as the vendor asks.
const PIECE: usize = 4 * FRAME;
/// Pieces that wait for a slow network: five seconds.
const MOST_WAITING: usize = 64;
/// Longest transcript of one turn that is taken, in letters.
const LONGEST: usize = 4_000;

pub(super) struct Deepgram {
    settings: SpeechSettings,
}

impl Deepgram {
    pub(super) fn new(settings: SpeechSettings) -> Self {
        Self { settings }
    }

    fn address(&self, how: &Listening) -> String {
        let language = how.language.get(..2).unwrap_or("en");
        let model = match self.settings.model.as_str() {
            "" if language == "en" => "flux-general-en",
            "" => "flux-general-multi",
            model => model,
        };
        let mut query = reqwest::Url::parse("http://query/").map_or_else(
            |_| String::new(),
            |mut url| {
                let mut pairs = url.query_pairs_mut();
                pairs.append_pair("model", model).append_pair("encoding", "linear16").append_pair("sample_rate", "8000");
                if model.ends_with("-multi") {
                    pairs.append_pair("language_hint", language);
                }
                for hint in &how.hints {
                    pairs.append_pair("keyterm", hint);
                }
                drop(pairs);
                url.query().unwrap_or_default().to_owned()
            },
        );
        query.insert(0, '?');
        format!("{}/v2/listen{query}", self.settings.base_url)
    }
}

#[async_trait]
impl Stt for Deepgram {
    fn id(&self) -> &str {
        &self.settings.id
    }

    async fn listen(&self, how: &Listening) -> Result<Arc<dyn Ear>, SpeechError> {
        let key = self.settings.api_key.as_ref().map(|key| format!("Token {}", key.expose()));
        let socket = socket::open(&self.address(how), key).await?;
        let (said, sounds) = mpsc::channel(MOST_WAITING);
        // A recogniser that is not listened to waits.
        let (told, results) = mpsc::channel(64);
        let worker = tokio::spawn(talk(socket, sounds, told));
        Ok(Arc::new(Stream { left_over: Mutex::default(), said, results: tokio::sync::Mutex::new(results), worker }))
    }
}

enum Said {
    Sound(Vec<i16>),
    Finish,
}

struct Stream {
    left_over: Mutex<Vec<i16>>,
    said: mpsc::Sender<Said>,
    results: tokio::sync::Mutex<mpsc::Receiver<Recognised>>,
    worker: JoinHandle<()>,
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.worker.abort();
    }
}

impl Stream {
    fn send(&self, said: Said) -> Result<(), SpeechError> {
        self.said.try_send(said).map_err(|_| SpeechError::Full)
    }
}

#[async_trait]
impl Ear for Stream {
    fn hear(&self, sound: &[i16]) -> Result<(), SpeechError> {
        let mut left_over = self.left_over.lock().unwrap_or_else(PoisonError::into_inner);
        left_over.extend_from_slice(sound);
        if left_over.len() < PIECE {
            return Ok(());
        }
        self.send(Said::Sound(std::mem::take(&mut *left_over)))
    }

    fn finish(&self) -> Result<(), SpeechError> {
        let rest = std::mem::take(&mut *self.left_over.lock().unwrap_or_else(PoisonError::into_inner));
        if !rest.is_empty() {
            self.send(Said::Sound(rest))?;
        }
        self.send(Said::Finish)
    }

    async fn next(&self) -> Recognised {
        match self.results.lock().await.recv().await {
            Some(result) => result,
            None => Recognised::Fault(SpeechError::Unavailable("it stopped".to_owned())),
        }
    }
}

async fn talk(mut socket: Socket, mut sounds: mpsc::Receiver<Said>, told: mpsc::Sender<Recognised>) {
    let mut turn = Turn::default();
    loop {
        let results = tokio::select! {
            said = sounds.recv() => {
                let message = match said {
                    Some(Said::Sound(sound)) => Message::Binary(sound.iter().flat_map(|sample| sample.to_le_bytes()).collect::<Vec<u8>>().into()),
                    // Nobody spoke by its judgement: nothing would come back.
                    Some(Said::Finish) if !turn.is_under_way => {
                        if told.send(Recognised::Done).await.is_err() {
                            return;
                        }
                        continue;
                    }
                    Some(Said::Finish) => Message::text(r#"{"type":"ForceEndTurn"}"#),
                    None => return,
                };
                match socket.send(message).await {
                    Ok(()) => Vec::new(),
                    Err(_) => vec![broken("the line to it broke")],
                }
            }
            message = socket.next() => match message {
                Some(Ok(Message::Text(text))) => turn.take(&text),
                Some(Ok(Message::Close(_))) | None => vec![broken("it hung up")],
                Some(Ok(_)) => Vec::new(),
                Some(Err(_)) => vec![broken("the line from it broke")],
            },
        };
        for result in results {
            let is_last = matches!(result, Recognised::Fault(_));
            if told.send(result).await.is_err() || is_last {
                return;
            }
        }
    }
}

fn broken(why: &str) -> Recognised {
    Recognised::Fault(SpeechError::Unavailable(why.to_owned()))
}

/// Where a turn of the caller's stands.
#[derive(Debug, Default)]
struct Turn {
    is_under_way: bool,
}

impl Turn {
    /// What a message means. Kinds and events that we do not know change nothing.
    fn take(&mut self, text: &str) -> Vec<Recognised> {
        let Ok(message) = serde_json::from_str::<Value>(text) else { return Vec::new() };
        match message["type"].as_str() {
            Some("TurnInfo") => {}
            Some("Error") => return vec![broken("it reports an error")],
            _ => return Vec::new(),
        }
        let words: String = message["transcript"].as_str().unwrap_or_default().trim().chars().take(LONGEST).collect();
        match message["event"].as_str() {
            Some("EndOfTurn") => {
                self.is_under_way = false;
                let last = if words.is_empty() { Recognised::Done } else { Recognised::TurnEnd };
                vec![Recognised::Final { text: words, confidence: None }, last]
            }
            Some("StartOfTurn" | "Update" | "EagerEndOfTurn" | "TurnResumed") if !words.is_empty() => {
                self.is_under_way = true;
                vec![Recognised::Partial(words)]
            }
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(event: &str, transcript: &str) -> String {
        serde_json::json!({"type": "TurnInfo", "event": event, "turn_index": 0, "transcript": transcript, "words": [], "later": 1})
            .to_string()
    }

    #[test]
    fn a_turn_is_followed_from_its_first_word_to_its_end() {
        let mut turn = Turn::default();
        assert_eq!(turn.take(&info("Update", "")), []);
        assert!(!turn.is_under_way);
        for event in ["StartOfTurn", "Update", "EagerEndOfTurn", "TurnResumed"] {
            assert_eq!(turn.take(&info(event, "how much")), [Recognised::Partial("how much".to_owned())]);
        }
        assert!(turn.is_under_way);
        let end = turn.take(&info("EndOfTurn", "How much is it?"));
        assert_eq!(end, [Recognised::Final { text: "How much is it?".to_owned(), confidence: None }, Recognised::TurnEnd]);
        assert!(!turn.is_under_way);
        assert_eq!(turn.take(&info("EndOfTurn", "")).last(), Some(&Recognised::Done), "nothing was said after all");
    }

    #[test]
    fn an_error_is_a_fault_and_what_is_unknown_is_nothing() {
        let mut turn = Turn::default();
        assert!(matches!(&turn.take(r#"{"type":"Error","code":"x","description":"y"}"#)[..], [Recognised::Fault(_)]));
        for text in [
            "",
            "[]",
            "null",
            "{\"type\":7}",
            "{\"type\":\"Connected\"}",
            "{\"type\":\"TurnInfo\"}",
            "{\"type\":\"TurnInfo\",\"event\":\"Later\",\"transcript\":\"x\"}",
        ] {
            assert_eq!(turn.take(text), [], "{text}");
        }
    }
}
