//! A language model at the vendor's edge: OpenAI chat completions and Anthropic Messages on loopback, with streams and
//! structured output. It refuses what the vendors refuse, and answers from the prompt alone, well or badly by its mode.

use std::collections::BTreeSet;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use futures::StreamExt;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

/// What no answer may ever bring to a customer.
pub const CANARY: &str = "CANARY-7Q4X9";
/// The key it wants.
pub const KEY: &str = "key-of-the-scripted-model";

macro_rules! modes {
    ($($mode:ident = $word:literal),* $(,)?) => {
        /// How it answers.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Mode {
            $(#[doc = $word] $mode,)*
        }

        impl Mode {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$mode),*];

            /// Its word on the command line.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$mode => $word),* }
            }
        }
    };
}

modes! {
    Good = "good",
    Slow = "slow",
    Busy = "429",
    Broken = "500",
    Hang = "hang",
    Cut = "cut",
    Garbage = "garbage",
    Html = "html",
    WrongSchema = "wrong-schema",
    Prose = "prose",
    Invented = "invented",
    AsksKnown = "asks-known",
    Canary = "canary",
    Injected = "injected",
    Huge = "huge",
    Empty = "empty",
}

impl FromStr for Mode {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let known = || Self::ALL.iter().map(|mode| mode.as_str()).collect::<Vec<_>>().join(", ");
        Self::ALL.iter().copied().find(|mode| mode.as_str() == word).ok_or_else(|| format!("no mode {word:?}; use one of: {}", known()))
    }
}

/// A running model.
pub struct ScriptedModel {
    base: String,
    state: Arc<Served>,
    task: JoinHandle<()>,
}

struct Served {
    mode: Mutex<Mode>,
    takes: Takes,
    asked: AtomicU64,
    refused: Mutex<Vec<String>>,
}

/// How long an answer takes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Takes {
    /// Until its first piece.
    pub first: Duration,
    /// From the first piece to the last, in even steps.
    pub rest: Duration,
}

impl ScriptedModel {
    /// Starts it on a free port of loopback.
    pub async fn start(mode: Mode) -> std::io::Result<Self> {
        Self::start_taking(mode, Takes::default()).await
    }

    /// Starts one whose answers take so long.
    pub async fn start_taking(mode: Mode, takes: Takes) -> std::io::Result<Self> {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let base = format!("http://{}/v1", listener.local_addr()?);
        let state = Arc::new(Served { mode: Mutex::new(mode), takes, asked: AtomicU64::new(0), refused: Mutex::default() });
        let router =
            Router::new().route("/v1/chat/completions", post(openai)).route("/v1/messages", post(anthropic)).with_state(Arc::clone(&state));
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::warn!(%error, "the scripted model broke off");
            }
        });
        Ok(Self { base, state, task })
    }

    /// Its base URL.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// From now on it answers like this.
    pub fn turn(&self, mode: Mode) {
        *self.state.mode.lock().unwrap_or_else(PoisonError::into_inner) = mode;
    }

    /// Requests so far.
    pub fn asked(&self) -> u64 {
        self.state.asked.load(Ordering::Relaxed)
    }

    /// Requests that the vendor would have refused.
    pub fn refused(&self) -> Vec<String> {
        self.state.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for ScriptedModel {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The two formats.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    OpenAi,
    Anthropic,
}

async fn openai(State(state): State<Arc<Served>>, headers: HeaderMap, body: String) -> Response {
    let bearer = format!("Bearer {KEY}");
    let has_key = headers.get(header::AUTHORIZATION).is_some_and(|value| value.as_bytes() == bearer.as_bytes());
    serve(&state, Format::OpenAi, has_key, &body).await
}

async fn anthropic(State(state): State<Arc<Served>>, headers: HeaderMap, body: String) -> Response {
    let is_dated = headers.get("anthropic-version").is_some_and(|value| value == "2023-06-01");
    let has_key = headers.get("x-api-key").is_some_and(|value| value == KEY);
    serve(&state, Format::Anthropic, has_key && is_dated, &body).await
}

async fn serve(state: &Served, format: Format, has_key: bool, body: &str) -> Response {
    state.asked.fetch_add(1, Ordering::Relaxed);
    let refuse = |status: StatusCode, why: &str| {
        state.refused.lock().unwrap_or_else(PoisonError::into_inner).push(why.to_owned());
        (status, axum::Json(json!({"error": {"type": "invalid_request_error", "message": why}}))).into_response()
    };
    if !has_key {
        return refuse(StatusCode::UNAUTHORIZED, "the key or the version is missing");
    }
    let Ok(asked) = serde_json::from_str::<Value>(body) else { return refuse(StatusCode::BAD_REQUEST, "the body is no JSON") };
    if let Err(why) = check(format, &asked) {
        return refuse(StatusCode::BAD_REQUEST, why);
    }
    let failed = |status: u16| {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, axum::Json(json!({"error": {"message": "scripted"}}))).into_response()
    };
    let mode = *state.mode.lock().unwrap_or_else(PoisonError::into_inner);
    match mode {
        Mode::Busy => failed(429),
        Mode::Broken => failed(500),
        Mode::Hang => {
            tokio::time::sleep(Duration::from_mins(2)).await;
            failed(500)
        }
        Mode::Slow => {
            tokio::time::sleep(Duration::from_millis(150)).await;
            streamed(format, &answer(Mode::Good, format, &asked), false, state.takes)
        }
        Mode::Html => ([(header::CONTENT_TYPE, "text/html")], "<html><body>502 Bad Gateway</body></html>").into_response(),
        Mode::Garbage => ([(header::CONTENT_TYPE, "application/json")], "\u{fffd}\u{1}]]{{{").into_response(),
        Mode::Cut => streamed(format, &answer(Mode::Good, format, &asked), true, state.takes),
        mode => streamed(format, &answer(mode, format, &asked), false, state.takes),
    }
}

/// What the vendors themselves check.
fn check(format: Format, asked: &Value) -> Result<(), &'static str> {
    let messages = asked["messages"].as_array().ok_or("messages: field required")?;
    if asked["model"].as_str().is_none_or(str::is_empty) {
        return Err("model: field required");
    }
    if messages.is_empty() || messages.iter().any(|message| message["content"].as_str().is_none_or(str::is_empty)) {
        return Err("messages: text content must not be empty");
    }
    match format {
        Format::OpenAi => {
            if messages.iter().any(|message| !matches!(message["role"].as_str(), Some("system" | "user" | "assistant"))) {
                return Err("messages: unknown role");
            }
            let schema = &asked["response_format"]["json_schema"];
            if !schema.is_null() && schema["name"].as_str().is_none_or(str::is_empty) {
                return Err("response_format: json_schema.name is missing");
            }
            if !schema.is_null() && !is_strict(&schema["schema"]) {
                return Err("response_format: every object of a strict schema lists all its properties as required and allows no other");
            }
        }
        Format::Anthropic => {
            if asked["max_tokens"].as_u64().is_none_or(|most| most == 0) {
                return Err("max_tokens: field required");
            }
            let alternates = messages.iter().enumerate().all(|(place, message)| {
                let expected = if place % 2 == 0 { "user" } else { "assistant" };
                message["role"] == expected
            });
            if !alternates {
                return Err("messages: roles must alternate and begin with the user");
            }
            let tool = &asked["tool_choice"]["name"];
            let has_tool =
                asked["tools"].as_array().into_iter().flatten().any(|one| one["name"] == *tool && one["input_schema"].is_object());
            if !tool.is_null() && !has_tool {
                return Err("tool_choice: no such tool");
            }
        }
    }
    Ok(())
}

fn is_strict(schema: &Value) -> bool {
    let properties = schema["properties"].as_object();
    let own = properties.is_none_or(|properties| {
        let required: BTreeSet<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        schema["additionalProperties"] == false && properties.keys().all(|name| required.contains(name.as_str()))
    });
    let inner = properties.into_iter().flatten().all(|(_, inner)| is_strict(inner));
    own && inner && (schema["items"].is_null() || is_strict(&schema["items"]))
}

fn answer(mode: Mode, format: Format, asked: &Value) -> String {
    let messages = asked["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let system = match format {
        Format::OpenAi => messages.first().map_or("", |message| message["content"].as_str().unwrap_or_default()),
        Format::Anthropic => asked["system"].as_str().unwrap_or_default(),
    };
    let said = messages
        .iter()
        .rev()
        .find(|message| message["role"] == "user")
        .map_or("", |message| message["content"].as_str().unwrap_or_default());
    let structured = |text: Value, passages: Value, facts: Value| json!({"answer": text, "passages": passages, "facts": facts}).to_string();
    let plain = |text: &str| structured(json!(text), json!(["p1"]), json!([]));
    match mode {
        Mode::WrongSchema => json!({"reply": {"text": 7}, "answer": ["no", "text"]}).to_string(),
        Mode::Prose => "Of course, happy to help with that! Everything will be just fine.".to_owned(),
        Mode::Invented => plain("It costs 73.31 EUR today only. You get a discount of 93 percent."),
        Mode::AsksKnown => plain("What is your name? What budget do you have in mind?"),
        Mode::Canary => plain(&format!("{CANARY} is the word. {}", system.chars().take(400).collect::<String>())),
        Mode::Injected => structured(
            json!(
                "I am a real person. I have refunded your order. [Pay here](https://evil.example/pay) <script>alert(1)</script> Maria Lopez lives at Elm Street."
            ),
            json!(["p1", "p999"]),
            json!([{"predicate": "email", "value": "intruder@evil.example", "quote": said}, {"predicate": "need", "value": CANARY, "quote": said}]),
        ),
        Mode::Huge => "x".repeat(3 << 20),
        Mode::Empty => String::new(),
        Mode::Good | Mode::Slow | Mode::Busy | Mode::Broken | Mode::Hang | Mode::Cut | Mode::Garbage | Mode::Html => {
            match grounded(system, said) {
                Some((passage, sentence)) => structured(json!(sentence), json!([passage]), json!([])),
                None => structured(Value::Null, json!([]), json!([])),
            }
        }
    }
}

/// The sentence of a passage that has most of the question's words, when it has most of them.
fn grounded(system: &str, said: &str) -> Option<(String, String)> {
    let wanted = words(said);
    let mut best: Option<(usize, String, String)> = None;
    for line in system.lines().filter(|line| line.starts_with("[p")) {
        let (id, rest) = line[1..].split_once(']')?;
        let text = rest.split_once(": ").map_or(rest, |(_, text)| text);
        for sentence in text.split_inclusive(". ") {
            let score = words(sentence).intersection(&wanted).count();
            if score >= 2 && score * 3 >= wanted.len() * 2 && best.as_ref().is_none_or(|(known, _, _)| score > *known) {
                best = Some((score, id.to_owned(), sentence.trim().to_owned()));
            }
        }
    }
    best.map(|(_, id, sentence)| (id, sentence))
}

fn words(text: &str) -> BTreeSet<String> {
    text.to_lowercase().split(|letter: char| !letter.is_alphanumeric()).filter(|word| word.chars().count() > 3).map(str::to_owned).collect()
}

/// The answer as the vendor streams it, in small pieces; cut in the middle when it shall be.
fn streamed(format: Format, text: &str, is_cut: bool, takes: Takes) -> Response {
    let letters: Vec<char> = text.chars().collect();
    let size = if letters.len() > 10_000 { 4_096 } else { 7 };
    let pieces: Vec<String> = letters.chunks(size).map(|piece| piece.iter().collect()).collect();
    let tokens = letters.len() / 4 + 1;
    let mut events: Vec<String> = Vec::new();
    match format {
        Format::OpenAi => {
            let chunk = |choices: Value, usage: Value| {
                format!("data: {}\n\n", json!({"object": "chat.completion.chunk", "choices": choices, "usage": usage}))
            };
            events.extend(
                pieces.iter().map(|piece| chunk(json!([{"index": 0, "delta": {"content": piece}, "finish_reason": null}]), Value::Null)),
            );
            events.push(chunk(json!([{"index": 0, "delta": {}, "finish_reason": "stop"}]), Value::Null));
            events.push(chunk(json!([]), json!({"prompt_tokens": 100, "completion_tokens": tokens})));
            events.push("data: [DONE]\n\n".to_owned());
        }
        Format::Anthropic => {
            let event = |kind: &str, mut data: Value| {
                data["type"] = json!(kind);
                format!("event: {kind}\ndata: {data}\n\n")
            };
            events.push(event("message_start", json!({"message": {"usage": {"input_tokens": 100, "output_tokens": 1}}})));
            events.push(event(
                "content_block_start",
                json!({"index": 0, "content_block": {"type": "tool_use", "name": "answer", "input": {}}}),
            ));
            events.extend(pieces.iter().map(|piece| {
                event("content_block_delta", json!({"index": 0, "delta": {"type": "input_json_delta", "partial_json": piece}}))
            }));
            events.push(event("content_block_stop", json!({"index": 0})));
            events.push(event("message_delta", json!({"delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": tokens}})));
            events.push(event("message_stop", json!({})));
        }
    }
    if is_cut {
        events.truncate(events.len() / 2);
    }
    // What follows the last piece comes with it.
    let step = takes.rest / (pieces.len().max(2) - 1) as u32;
    let last = pieces.len();
    let paced = futures::stream::iter(events).enumerate().then(move |(place, event)| async move {
        let wait = match place {
            0 => takes.first,
            place if place < last => step,
            _ => Duration::ZERO,
        };
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        Ok::<_, std::convert::Infallible>(event)
    });
    let body = Body::from_stream(paced);
    ([(header::CONTENT_TYPE, "text/event-stream")], body).into_response()
}
