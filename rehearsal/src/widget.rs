//! The website's visitor: the widget's socket as a browser would use it.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::client::{ClientError, Target};

/// A frame that does not come within this is missing.
const PATIENCE: Duration = Duration::from_secs(15);

/// An open page with the chat on it.
#[derive(Debug)]
pub struct Page {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// The session token, to come back with.
    pub session: String,
    /// Newest sequence number seen.
    pub seq: i64,
    /// The greeting of the welcome frame.
    pub greeting: Option<String>,
    /// Messages that came with other frames.
    waiting: Vec<Value>,
}

impl Page {
    /// Opens the page; with a session and what was seen last it is the same visitor again, with a token the business vouches for who it is.
    pub async fn open(target: &Target, session: Option<(&str, i64)>, token: Option<&str>) -> Result<Self, ClientError> {
        let url = format!("{}/widget/{}/socket", target.base_url.replacen("http", "ws", 1), target.connection("widget"));
        let mut request = url.into_client_request().map_err(broken)?;
        let origin = target.public_url.parse().map_err(|_| ClientError::Socket("the public URL is no header".to_owned()))?;
        request.headers_mut().insert("origin", origin);
        let (socket, _) = tokio_tungstenite::connect_async(request).await.map_err(broken)?;
        let mut page = Self { socket, session: String::new(), seq: 0, greeting: None, waiting: Vec::new() };
        page.send(&json!({"type": "hello", "session": session.map(|(session, _)| session), "jwt": token, "last_seq": session.map_or(0, |(_, seq)| seq), "tag": null, "page": {"url": target.public_url, "title": "Rehearsal", "locale": "en"}})).await?;
        let welcome = page.frame("welcome").await?;
        welcome["session"].as_str().unwrap_or_default().clone_into(&mut page.session);
        page.seq = session.map_or(0, |(_, seq)| seq);
        page.greeting = welcome["greeting"].as_str().map(str::to_owned);
        Ok(page)
    }

    /// Says something; durable when it returns.
    pub async fn say(&mut self, target: &Target, text: &str) -> Result<(), ClientError> {
        let id = format!("00000000-0000-4000-8000-{:012}", target.next() % 1_000_000_000_000);
        self.send(&json!({"type": "message", "id": id, "text": text, "payload": null})).await?;
        self.frame("ack").await.map(|_| ())
    }

    /// The next reply from our side.
    pub async fn reply(&mut self) -> Result<String, ClientError> {
        loop {
            let message = match self.waiting.pop_front_message() {
                Some(message) => message,
                None => self.frame("message").await?,
            };
            self.seq = self.seq.max(message["seq"].as_i64().unwrap_or_default());
            if message["author"] != "customer" {
                return Ok(message["text"].as_str().unwrap_or_default().to_owned());
            }
        }
    }

    /// Keeps the page open and what comes for later; ends only with the connection. May be dropped at any moment.
    pub async fn stay(&mut self) -> ClientError {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => {
                    let frame: Option<Value> = serde_json::from_str(&text).ok();
                    self.waiting.extend(frame.filter(|frame| frame["type"] == "message"));
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return broken(error),
                None => return ClientError::Socket("closed".to_owned()),
            }
        }
    }

    /// Asks for a link to another door; answers the code.
    pub async fn code(&mut self, channel: &str) -> Result<String, ClientError> {
        self.send(&json!({"type": "continue", "channel": channel})).await?;
        let link = self.frame("link").await?;
        Ok(link["code"].as_str().unwrap_or_default().to_owned())
    }

    /// Leaves the page.
    pub async fn close(mut self) {
        // The server notices a closed socket either way.
        let _ = self.socket.close(None).await;
    }

    async fn send(&mut self, frame: &Value) -> Result<(), ClientError> {
        self.socket.send(Message::text(frame.to_string())).await.map_err(broken)
    }

    async fn frame(&mut self, kind: &str) -> Result<Value, ClientError> {
        let wanted = async {
            while let Some(frame) = self.socket.next().await {
                let Message::Text(text) = frame.map_err(broken)? else { continue };
                let frame: Value = serde_json::from_str(&text).map_err(|error| ClientError::Socket(error.to_string()))?;
                if frame["type"] == kind {
                    return Ok(frame);
                }
                if frame["type"] == "message" {
                    self.waiting.push(frame);
                } else if frame["type"] == "error" {
                    return Err(ClientError::Socket(frame["message"].as_str().unwrap_or_default().to_owned()));
                }
            }
            Err(ClientError::Socket("closed".to_owned()))
        };
        tokio::time::timeout(PATIENCE, wanted).await.map_err(|_| ClientError::Socket(format!("no {kind} frame came")))?
    }
}

/// First in, first out over the few frames that came early.
trait PopFront {
    fn pop_front_message(&mut self) -> Option<Value>;
}

impl PopFront for Vec<Value> {
    fn pop_front_message(&mut self) -> Option<Value> {
        (!self.is_empty()).then(|| self.remove(0))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "used as a function over errors")]
fn broken(error: tokio_tungstenite::tungstenite::Error) -> ClientError {
    ClientError::Socket(error.to_string())
}
