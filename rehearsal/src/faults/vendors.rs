//! The sending side of three vendors with a plan of misbehaviour, and the ledger of every attempt they saw.
//!
//! Spoken over bare sockets, because a framework always answers: these must also stay silent and hang up.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};

use super::letters::Door;
use super::plan::Fault;

/// What vendors ask for when they ask to slow down.
pub const SLOW_DOWN: Duration = Duration::from_secs(1);
/// A slow vendor takes at most this long.
const SLOWEST: u64 = 120;
/// Larger requests than any reply.
const LARGEST: usize = 256 * 1024;

/// One attempt to send as the vendor saw it.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// Which life of the server made it; 1 is the first.
    pub life: u64,
    /// When it was here whole.
    pub at: Instant,
    /// Through which door.
    pub door: Door,
    /// To whom, as the vendor writes it.
    pub to: String,
    /// What it says.
    pub text: String,
    /// Our own opaque id of the delivery, on doors that carry one.
    pub opaque: Option<String>,
    /// What the vendor did.
    pub fault: Fault,
}

#[derive(Debug)]
struct Shared {
    seed: u64,
    ledger: Mutex<Vec<Attempt>>,
    life: AtomicU64,
    next: AtomicU64,
    odd: AtomicU64,
    arrived: Notify,
}

/// The running vendors; they stop when this is dropped.
#[derive(Debug)]
pub struct Vendors {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl Vendors {
    /// Starts them on a free loopback port.
    pub async fn start(seed: u64) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            seed,
            ledger: Mutex::default(),
            life: AtomicU64::new(0),
            next: AtomicU64::new(1),
            odd: AtomicU64::new(0),
            arrived: Notify::new(),
        });
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let server = tokio::spawn(listen(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, server })
    }

    /// `api_base` of a door.
    pub fn base(&self, door: Door) -> String {
        match door {
            Door::Whatsapp => format!("http://{}/v23.0", self.address),
            Door::Sms | Door::Telegram => format!("http://{}", self.address),
        }
    }

    /// A new life of the server begins.
    pub fn new_life(&self) -> u64 {
        self.shared.life.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// Waits until the next attempt is here.
    pub async fn arrival(&self) {
        self.shared.arrived.notified().await;
    }

    /// Every attempt so far, in the order in which they came.
    pub fn ledger(&self) -> Vec<Attempt> {
        self.shared.ledger.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Requests that no vendor would understand.
    pub fn odd(&self) -> u64 {
        self.shared.odd.load(Ordering::Relaxed)
    }
}

impl Drop for Vendors {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(talk(stream, Arc::clone(&shared)));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Answers on one connection until either side ends it.
async fn talk(mut stream: TcpStream, shared: Arc<Shared>) {
    let mut buffer = Vec::new();
    while let Some(request) = read(&mut stream, &mut buffer).await {
        let Some(answer) = answer(&shared, &request).await else { return };
        let text = format!(
            "HTTP/1.1 {} X\r\ncontent-type: application/json\r\n{}content-length: {}\r\n\r\n{}",
            answer.status,
            answer.retry_after.map(|after| format!("retry-after: {}\r\n", after.as_secs())).unwrap_or_default(),
            answer.body.len(),
            answer.body,
        );
        if stream.write_all(text.as_bytes()).await.is_err() {
            return;
        }
    }
}

struct Request {
    path: String,
    body: Vec<u8>,
}

/// The next whole request; `None` when the caller has gone.
async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Request> {
    loop {
        if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
            let length: usize = head
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                .and_then(|(_, value)| value.trim().parse().ok())
                .unwrap_or(0);
            if buffer.len() >= end + 4 + length {
                let body = buffer[end + 4..end + 4 + length].to_vec();
                buffer.drain(..end + 4 + length);
                return Some(Request { path: head.split(' ').nth(1)?.to_owned(), body });
            }
        }
        if buffer.len() > LARGEST || stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
}

struct Answer {
    status: u16,
    retry_after: Option<Duration>,
    body: String,
}

impl Answer {
    fn new(status: u16, body: &Value) -> Self {
        Self { status, retry_after: None, body: body.to_string() }
    }
}

/// What the request asks to be delivered.
struct Asked {
    door: Door,
    to: String,
    text: String,
    opaque: Option<String>,
}

fn asked(request: &Request) -> Option<Asked> {
    if request.path.ends_with("/Messages.json") {
        let form: HashMap<String, String> = url::form_urlencoded::parse(&request.body).into_owned().collect();
        return Some(Asked { door: Door::Sms, to: form.get("To")?.clone(), text: form.get("Body")?.clone(), opaque: None });
    }
    let body: Value = serde_json::from_slice(&request.body).ok()?;
    if request.path.ends_with("/sendMessage") {
        let to = body["chat_id"].as_i64().map_or_else(|| body["chat_id"].as_str().unwrap_or_default().to_owned(), |id| id.to_string());
        return Some(Asked { door: Door::Telegram, to, text: body["text"].as_str()?.to_owned(), opaque: None });
    }
    let text = body["text"]["body"].as_str().or(body["interactive"]["body"]["text"].as_str())?.to_owned();
    let opaque = body["biz_opaque_callback_data"].as_str().map(str::to_owned);
    Some(Asked { door: Door::Whatsapp, to: body["to"].as_str()?.trim_start_matches('+').to_owned(), text, opaque })
}

/// Marks of reading and typing are courtesies, nothing is delivered by them.
fn is_courtesy(request: &Request) -> bool {
    let is_read = serde_json::from_slice::<Value>(&request.body).is_ok_and(|body| body["status"] == "read");
    is_read || request.path.ends_with("/sendChatAction") || request.path.ends_with("/answerCallbackQuery")
}

/// Notes the attempt and does what the plan says; `None`: hangs up.
async fn answer(shared: &Shared, request: &Request) -> Option<Answer> {
    if is_courtesy(request) {
        return Some(Answer::new(200, &json!({"ok": true, "success": true, "result": true})));
    }
    let Some(asked) = asked(request) else {
        shared.odd.fetch_add(1, Ordering::Relaxed);
        return Some(Answer::new(400, &json!({"ok": false})));
    };
    let Asked { door, to, text, opaque } = asked;
    let fault = {
        let mut ledger = shared.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |known: &&Attempt| known.door == door && known.to == to && known.text == text && known.opaque == opaque;
        let before = ledger.iter().filter(same).count();
        let fault = Fault::drawn(shared.seed, &[door.channel(), &to, &text], before);
        let life = shared.life.load(Ordering::SeqCst);
        ledger.push(Attempt { life, at: Instant::now(), door, to, text: text.clone(), opaque, fault });
        fault
    };
    shared.arrived.notify_one();
    let number = shared.next.fetch_add(1, Ordering::Relaxed);
    match fault {
        Fault::None => Some(taken(door, number)),
        Fault::Slow => {
            tokio::time::sleep(Duration::from_millis(20 + super::dice::hash(shared.seed, &[&text]) % SLOWEST)).await;
            Some(taken(door, number))
        }
        Fault::SlowDown => Some(slow_down(door)),
        Fault::NotTaken => Some(not_taken(door)),
        Fault::Broken { .. } => Some(Answer::new(502, &json!({}))),
        Fault::Silent { .. } => std::future::pending().await,
        Fault::Dropped { .. } => None,
        Fault::Refused => Some(refused(door)),
    }
}

fn taken(door: Door, number: u64) -> Answer {
    match door {
        Door::Whatsapp => Answer::new(200, &json!({"messaging_product": "whatsapp", "messages": [{"id": format!("wamid.OUT{number}")}]})),
        Door::Sms => Answer::new(201, &json!({"sid": format!("SM{number:032x}"), "status": "queued", "error_code": null})),
        Door::Telegram => Answer::new(200, &json!({"ok": true, "result": {"message_id": number}})),
    }
}

fn slow_down(door: Door) -> Answer {
    let body = match door {
        Door::Whatsapp => json!({"error": {"code": 130_429, "message": "Rate limit hit"}}),
        Door::Sms => json!({"code": 20_429, "message": "Too Many Requests", "status": 429}),
        Door::Telegram => json!({"ok": false, "error_code": 429, "description": "Too Many Requests: retry after 1",
                                 "parameters": {"retry_after": SLOW_DOWN.as_secs()}}),
    };
    Answer { retry_after: Some(SLOW_DOWN), ..Answer::new(429, &body) }
}

fn not_taken(door: Door) -> Answer {
    match door {
        Door::Whatsapp => Answer::new(503, &json!({"error": {"code": 131_016, "message": "Service unavailable"}})),
        Door::Sms => Answer::new(503, &json!({"code": 20_503, "message": "Service unavailable", "status": 503})),
        Door::Telegram => Answer::new(500, &json!({"ok": false, "error_code": 500, "description": "Internal Server Error: restart"})),
    }
}

fn refused(door: Door) -> Answer {
    match door {
        Door::Whatsapp => Answer::new(400, &json!({"error": {"code": 131_026, "message": "Message undeliverable"}})),
        Door::Sms => Answer::new(400, &json!({"code": 21_211, "message": "Invalid 'To' Phone Number", "status": 400})),
        Door::Telegram => Answer::new(400, &json!({"ok": false, "error_code": 400, "description": "Bad Request: chat not found"})),
    }
}
