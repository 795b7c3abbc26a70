//! Somebody on the phone: the vendor's webhooks about a call, and its relay of speech as text frames.

use std::time::{Duration, Instant};

use base64::Engine as _;
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::client::{ClientError, Target, twilio_signature};

/// A reply that does not come within this is missing.
const PATIENCE: Duration = Duration::from_secs(20);
/// How we ask whether to go on, and what is said while something is looked up.
const ASKS: &str = "Shall I go on?";
const FILLER: &str = "One moment, I am looking.";
/// A caller listens on so many times.
const MOST_BREATHS: usize = 6;

/// An open call.
#[derive(Debug)]
pub struct Handset {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// The vendor's id of the call.
    pub call: String,
    /// The first words.
    pub greeting: String,
}

#[expect(clippy::needless_pass_by_value, reason = "used as a function over errors")]
fn broken(error: tokio_tungstenite::tungstenite::Error) -> ClientError {
    ClientError::Socket(error.to_string())
}

/// A value in the answer to a webhook.
fn attribute(twiml: &str, name: &str) -> Option<String> {
    let (_, rest) = twiml.split_once(&format!(" {name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    let plain = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    Some(plain.iter().fold(value.to_owned(), |text, (from, to)| text.replace(from, to)))
}

/// Rings from a number; `vouched`: the carrier knows that it is the caller's. The vendor's id of the call, and what the
/// vendor is told to do with it.
pub(crate) async fn ring(target: &Target, number: &str, vouched: bool) -> Result<(String, String), ClientError> {
    let call = format!("CA{:032}", target.next());
    let verdict = if vouched { "TN-Validation-Passed-A" } else { "No-TN-Validation" };
    let fields = [
        ("CallSid", call.as_str()),
        ("AccountSid", target.secrets.twilio_account.as_str()),
        ("From", number),
        ("To", target.secrets.twilio_from.as_str()),
        ("Direction", "inbound"),
        ("CallStatus", "ringing"),
        ("StirVerstat", verdict),
    ];
    let twiml = target.voice("call", &fields).await?;
    Ok((call, twiml))
}

/// Opens the line that the vendor was told of; the first words besides, where the vendor says them.
pub(crate) async fn open(target: &Target, twiml: &str) -> Result<(WebSocketStream<MaybeTlsStream<TcpStream>>, String), ClientError> {
    let url = attribute(twiml, "url").ok_or_else(|| ClientError::Socket(format!("the call was not taken: {twiml}")))?;
    let greeting = attribute(twiml, "welcomeGreeting").unwrap_or_default();
    let path = url.splitn(4, '/').nth(3).unwrap_or_default().to_owned();
    let address = format!("{}/{path}", target.base_url.replacen("http", "ws", 1));
    let mut request = address.into_client_request().map_err(broken)?;
    let signature = base64::engine::general_purpose::STANDARD.encode(twilio_signature(&target.secrets.twilio_token, &url));
    let signature = signature.parse().map_err(|_| ClientError::Socket("the signature is no header".to_owned()))?;
    request.headers_mut().insert("x-twilio-signature", signature);
    let (socket, _) = tokio_tungstenite::connect_async(request).await.map_err(broken)?;
    Ok((socket, greeting))
}

/// What is said into an open call, apart from what is heard.
#[derive(Debug)]
pub struct Mouth {
    sink: SplitSink<WebSocketStream<MaybeTlsStream<TcpStream>>, Message>,
    /// The vendor's id of the call.
    pub call: String,
}

impl Mouth {
    /// Says something.
    pub async fn say(&mut self, text: &str) -> Result<(), ClientError> {
        let frame = json!({"type": "prompt", "voicePrompt": text, "lang": "en-US", "last": true});
        self.sink.send(Message::text(frame.to_string())).await.map_err(broken)
    }

    /// Hangs up; the vendor tells.
    pub async fn hang_up(mut self, target: &Target) -> Result<(), ClientError> {
        // The server notices a closed line either way.
        let _ = self.sink.close().await;
        target.hung_up(&self.call).await
    }
}

/// What is heard on an open call, whenever it is said.
#[derive(Debug)]
pub struct Ear {
    stream: SplitStream<WebSocketStream<MaybeTlsStream<TcpStream>>>,
}

impl Ear {
    /// Everything said in one go; `None`: the call is over.
    pub async fn next(&mut self) -> Option<String> {
        let mut heard = String::new();
        loop {
            let Ok(Message::Text(text)) = self.stream.next().await? else { continue };
            let frame: Value = serde_json::from_str(&text).ok()?;
            match frame["type"].as_str() {
                Some("text") => heard.push_str(frame["token"].as_str().unwrap_or_default()),
                Some("end") => return Some(heard).filter(|heard| !heard.is_empty()),
                _ => continue,
            }
            if frame["last"] == true {
                return Some(heard);
            }
        }
    }
}

impl Handset {
    /// Speaks and listens apart, so that whatever is said is heard when it is said.
    pub fn apart(self) -> (Mouth, Ear) {
        let (sink, stream) = self.socket.split();
        (Mouth { sink, call: self.call }, Ear { stream })
    }

    /// Rings from a number; `vouched`: the carrier knows that it is the caller's.
    pub async fn ring(target: &Target, number: &str, vouched: bool) -> Result<Self, ClientError> {
        let (call, twiml) = ring(target, number, vouched).await?;
        Self::connect(target, call, &twiml).await
    }

    /// Takes up a call as the vendor was told to.
    pub async fn connect(target: &Target, call: String, twiml: &str) -> Result<Self, ClientError> {
        let (socket, greeting) = open(target, twiml).await?;
        let mut handset = Self { socket, call, greeting };
        let setup = json!({
            "type": "setup", "sessionId": format!("VX{}", &handset.call[2..]), "accountSid": target.secrets.twilio_account,
            "callSid": handset.call, "from": "", "to": target.secrets.twilio_from, "direction": "inbound", "callStatus": "RINGING",
            "customParameters": {},
        });
        handset.send(&setup).await?;
        Ok(handset)
    }

    /// Says something and listens until it is the caller's turn again; more is listened to as often as it is offered.
    pub async fn say(&mut self, text: &str) -> Result<String, ClientError> {
        let mut heard = self.exchange(text).await?;
        for _ in 0..MOST_BREATHS {
            let Some(so_far) = heard.strip_suffix(ASKS) else { break };
            let more = self.exchange("Yes, please.").await?;
            heard = format!("{so_far}{more}");
        }
        Ok(heard)
    }

    /// Says something and listens once.
    pub async fn once(&mut self, text: &str) -> Result<String, ClientError> {
        self.exchange(text).await
    }

    async fn exchange(&mut self, text: &str) -> Result<String, ClientError> {
        self.send(&json!({"type": "prompt", "voicePrompt": text, "lang": "en-US", "last": true})).await?;
        self.listen().await
    }

    /// Says something: how long until the first words come back, and until the last.
    pub async fn timed(&mut self, text: &str) -> Result<(Duration, Duration), ClientError> {
        let said = Instant::now();
        self.send(&json!({"type": "prompt", "voicePrompt": text, "lang": "en-US", "last": true})).await?;
        let mut first = None;
        let whole = async {
            loop {
                let frame = self.frame().await?;
                if frame["type"] != "text" || frame["token"] == FILLER {
                    continue;
                }
                let first = *first.get_or_insert_with(|| said.elapsed());
                if frame["last"] == true {
                    return Ok((first, said.elapsed()));
                }
            }
        };
        tokio::time::timeout(PATIENCE, whole).await.map_err(|_| ClientError::Socket("nothing was said in time".to_owned()))?
    }

    /// A key.
    pub async fn press(&mut self, key: char) -> Result<(), ClientError> {
        self.send(&json!({"type": "dtmf", "digit": key.to_string()})).await
    }

    /// Speaks into our words after so much of them.
    pub async fn interrupt(&mut self, heard: &str) -> Result<(), ClientError> {
        self.send(&json!({"type": "interrupt", "utteranceUntilInterrupt": heard, "durationUntilInterruptMs": 900})).await
    }

    /// Everything said until nothing more belongs to it.
    pub async fn listen(&mut self) -> Result<String, ClientError> {
        let whole = async {
            let mut heard = String::new();
            loop {
                let frame = self.frame().await?;
                match frame["type"].as_str() {
                    Some("text") => heard.push_str(frame["token"].as_str().unwrap_or_default()),
                    Some("end") => return Ok(heard),
                    _ => continue,
                }
                if frame["last"] == true {
                    if heard != FILLER {
                        return Ok(heard);
                    }
                    heard.clear();
                }
            }
        };
        tokio::time::timeout(PATIENCE, whole).await.map_err(|_| ClientError::Socket("nothing was said in time".to_owned()))?
    }

    async fn frame(&mut self) -> Result<Value, ClientError> {
        loop {
            let frame = self.socket.next().await.ok_or_else(|| ClientError::Socket("the line is closed".to_owned()))?;
            match frame.map_err(broken)? {
                Message::Text(text) => return serde_json::from_str(&text).map_err(|error| ClientError::Socket(error.to_string())),
                Message::Close(_) => return Err(ClientError::Socket("the line was closed".to_owned())),
                _ => {}
            }
        }
    }

    async fn send(&mut self, frame: &Value) -> Result<(), ClientError> {
        self.socket.send(Message::text(frame.to_string())).await.map_err(broken)
    }

    /// Hangs up; the vendor tells.
    pub async fn hang_up(mut self, target: &Target) -> Result<(), ClientError> {
        // The server notices a closed line either way.
        let _ = self.socket.close(None).await;
        target.hung_up(&self.call).await
    }
}

impl Target {
    /// Tells that the caller hung up.
    async fn hung_up(&self, call: &str) -> Result<(), ClientError> {
        let fields = [
            ("CallSid", call),
            ("AccountSid", self.secrets.twilio_account.as_str()),
            ("CallStatus", "completed"),
            ("SessionStatus", "ended"),
            ("SessionDuration", "60"),
        ];
        self.voice("action", &fields).await.map(|_| ())
    }

    /// A webhook about a call, signed as Twilio signs; what it was answered.
    pub async fn voice(&self, what: &str, fields: &[(&str, &str)]) -> Result<String, ClientError> {
        let mut sorted = fields.to_vec();
        sorted.sort_unstable();
        let path = format!("/voice/{}/{what}", self.connection("voice"));
        let joined: String = sorted.iter().map(|(key, value)| format!("{key}{value}")).collect();
        let signature = twilio_signature(&self.secrets.twilio_token, &format!("{}{path}{joined}", self.public_url));
        let signature = base64::engine::general_purpose::STANDARD.encode(signature);
        self.post_form(&path, &sorted, &signature).await
    }
}
