//! Somebody on the phone whose carrier brings their sound: frames in real time, and marks given back when what came before
//! them has been played.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::client::{ClientError, Target};
use crate::phone;

/// A frame.
const FRAME: Duration = Duration::from_millis(20);
/// What does not come within this is missing.
const PATIENCE: Duration = Duration::from_secs(30);
/// Silence and a voice, in the law of the line.
const SILENCE: u8 = 0xff;
const VOICE: [u8; 8] = [0x9b, 0x93, 0x9b, 0xa8, 0x1b, 0x13, 0x1b, 0x28];

/// An open call.
#[derive(Debug)]
pub struct Headset {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    call: String,
    chunk: u64,
    marks: VecDeque<(Instant, String)>,
    plays_until: Instant,
    due: tokio::time::Interval,
}

/// What came over the line.
enum Came {
    Sound,
    Clear,
    Nothing,
}

impl Headset {
    /// Rings from a number that is vouched for.
    pub async fn ring(target: &Target, number: &str) -> Result<Self, ClientError> {
        let (call, twiml) = phone::ring(target, number, true).await?;
        let (socket, _) = phone::open(target, &twiml).await?;
        let mut due = tokio::time::interval(FRAME);
        due.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
        let mut headset = Self { socket, call, chunk: 0, marks: VecDeque::new(), plays_until: Instant::now(), due };
        headset.send(&json!({"event": "connected", "protocol": "Call", "version": "1.0.0"})).await?;
        let start = json!({"accountSid": target.secrets.twilio_account, "streamSid": "MZ1", "callSid": headset.call, "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}, "customParameters": {}});
        headset.send(&json!({"event": "start", "sequenceNumber": "1", "start": start, "streamSid": "MZ1"})).await?;
        Ok(headset)
    }

    /// Listens until nothing is said any more.
    pub async fn listen(&mut self) -> Result<(), ClientError> {
        let until = Instant::now() + PATIENCE;
        let mut quiet = 0;
        while quiet < 10 {
            if Instant::now() > until {
                return Err(ClientError::Socket("they do not stop talking".to_owned()));
            }
            self.step(false).await?;
            let is_quiet = self.marks.is_empty() && self.plays_until <= Instant::now();
            quiet = if is_quiet { quiet + 1 } else { 0 };
        }
        Ok(())
    }

    /// Speaks for so long, then is silent: how long after that the first sound of theirs came.
    pub async fn turn(&mut self, speech: Duration) -> Result<Duration, ClientError> {
        let end = Instant::now() + speech;
        while Instant::now() < end {
            self.step(true).await?;
        }
        let spoken = Instant::now();
        while spoken.elapsed() < PATIENCE {
            if let Came::Sound = self.step(false).await? {
                return Ok(spoken.elapsed());
            }
        }
        Err(ClientError::Socket("nothing was said in time".to_owned()))
    }

    /// Speaks into their words after so much of them: how long until they are cut off.
    pub async fn interrupt(&mut self, after: Duration) -> Result<Duration, ClientError> {
        let mut since = None;
        while since.is_none_or(|at: Instant| at.elapsed() < after) {
            if let Came::Sound = self.step(false).await? {
                since.get_or_insert_with(Instant::now);
            }
        }
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(3) {
            if let Came::Clear = self.step(true).await? {
                return Ok(began.elapsed());
            }
        }
        Err(ClientError::Socket("nobody was cut off".to_owned()))
    }

    /// Until the next frame is due: what came meanwhile; the frame and the marks that are due are sent.
    async fn step(&mut self, speaks: bool) -> Result<Came, ClientError> {
        loop {
            tokio::select! {
                biased;
                frame = self.socket.next() => {
                    let frame = frame.ok_or_else(|| ClientError::Socket("the line is closed".to_owned()))?;
                    match self.take(frame.map_err(|error| ClientError::Socket(error.to_string()))?).await? {
                        Came::Nothing => {}
                        other => return Ok(other),
                    }
                }
                _ = self.due.tick() => break,
            }
        }
        let payload: Vec<u8> = if speaks { VOICE.iter().copied().cycle().take(160).collect() } else { vec![SILENCE; 160] };
        self.chunk += 1;
        let media = json!({"track": "inbound", "chunk": self.chunk.to_string(), "payload": STANDARD.encode(payload)});
        self.send(&json!({"event": "media", "media": media, "streamSid": "MZ1"})).await?;
        while self.marks.front().is_some_and(|(at, _)| *at <= Instant::now()) {
            if let Some((_, name)) = self.marks.pop_front() {
                self.give_back(&name).await?;
            }
        }
        Ok(Came::Nothing)
    }

    async fn take(&mut self, message: Message) -> Result<Came, ClientError> {
        let Message::Text(text) = message else { return Ok(Came::Nothing) };
        let frame: Value = serde_json::from_str(&text).map_err(|error| ClientError::Socket(error.to_string()))?;
        match frame["event"].as_str() {
            Some("media") => {
                self.plays_until = self.plays_until.max(Instant::now()) + FRAME;
                Ok(Came::Sound)
            }
            Some("mark") => {
                self.marks.push_back((self.plays_until, frame["mark"]["name"].as_str().unwrap_or_default().to_owned()));
                Ok(Came::Nothing)
            }
            Some("clear") => {
                self.plays_until = Instant::now();
                while let Some((_, name)) = self.marks.pop_front() {
                    self.give_back(&name).await?;
                }
                Ok(Came::Clear)
            }
            _ => Ok(Came::Nothing),
        }
    }

    async fn give_back(&mut self, name: &str) -> Result<(), ClientError> {
        self.send(&json!({"event": "mark", "streamSid": "MZ1", "mark": {"name": name}})).await
    }

    async fn send(&mut self, frame: &Value) -> Result<(), ClientError> {
        self.socket.send(Message::text(frame.to_string())).await.map_err(|error| ClientError::Socket(error.to_string()))
    }

    /// Hangs up; the vendor tells.
    pub async fn hang_up(mut self, target: &Target) -> Result<(), ClientError> {
        // The server notices a closed line either way.
        let _ = self.socket.close(None).await;
        target.voice("action", &[("CallSid", self.call.as_str()), ("CallStatus", "completed")]).await.map(|_| ())
    }
}
