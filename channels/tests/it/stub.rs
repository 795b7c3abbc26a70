//! A vendor on a loopback port that answers as it is told and remembers what it was asked.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the vendor does with a request.
#[derive(Clone)]
pub(crate) enum Script {
    /// Answers.
    Answer { status: u16, headers: &'static str, body: String },
    /// Reads the request and hangs up.
    HangUp,
    /// Reads the request and says nothing.
    Silence,
    /// Promises more than it sends.
    CutOff,
    /// Never stops talking.
    Endless,
}

impl Script {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::Answer { status, headers: "", body: body.to_string() }
    }
}

/// What the vendor was asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// A form, as an object of its fields.
    pub(crate) fn form(&self) -> Value {
        let pairs = url::form_urlencoded::parse(self.body.as_bytes());
        Value::Object(pairs.map(|(key, value)| (key.into_owned(), Value::from(value.into_owned()))).collect())
    }
}

/// The vendor; ends with the test.
pub(crate) struct Stub {
    pub(crate) base: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: JoinHandle<()>,
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Stub {
    pub(crate) async fn playing(script: Script) -> Self {
        Self::playing_in_turn(vec![script]).await
    }

    /// Answers the first request with the first script and so on; the last one answers all that follow.
    pub(crate) async fn playing_in_turn(scripts: Vec<Script>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let seen = asked.clone();
        let task = tokio::spawn(async move {
            let mut silent = Vec::new();
            let mut place = 0;
            while let Ok((mut stream, _)) = listener.accept().await {
                let Some(request) = read(&mut stream).await else { continue };
                seen.lock().unwrap().push(request);
                let script = &scripts[place.min(scripts.len() - 1)];
                place += 1;
                match script {
                    Script::Answer { status, headers, body } => {
                        let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n", body.len());
                        let _ = stream.write_all((head + body).as_bytes()).await;
                    }
                    Script::HangUp => drop(stream),
                    Script::Silence => silent.push(stream),
                    Script::CutOff => {
                        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"mess").await;
                    }
                    Script::Endless => {
                        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
                        let chunk = format!("4000\r\n{}\r\n", " ".repeat(0x4000));
                        while stream.write_all(chunk.as_bytes()).await.is_ok() {}
                    }
                }
            }
        });
        Self { base, asked, task }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(place) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break place;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
    let mut lines = head.lines();
    let line = lines.next()?.to_owned();
    let header = |line: &str| line.split_once(':').map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
    let headers: Vec<_> = lines.filter_map(header).collect();
    let length = headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, value)| value.parse().unwrap());
    while bytes.len() < head_end + 4 + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    Some(Asked { line, headers, body: String::from_utf8(bytes[head_end + 4..].to_vec()).unwrap() })
}
