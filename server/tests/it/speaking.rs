//! A model's answer on the website: heard while it is being written, cut when the conversation goes on.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::post;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::{Mutex, mpsc};
use tokio_stream::StreamExt;
use tokio_stream::wrappers::UnboundedReceiverStream;

use crate::doors::{Socket, next, open, send};
use crate::server::Server;

const CHAIRS: &str =
    "# Chairs\n\nThe Aeron Lite costs 349 EUR. The Aeron Lite is delivered within 5 days. The Aeron Lite is guaranteed for 12 years.\n";
const FIRST: &str = "The Aeron Lite costs 349 EUR.";
const SECOND: &str = "The Aeron Lite is delivered within 5 days.";

/// A model whose words the test gives it, one answer per stream, in order.
struct Model {
    base: String,
    streams: Arc<Mutex<Vec<mpsc::UnboundedReceiver<String>>>>,
}

impl Model {
    async fn start() -> Self {
        let streams: Arc<Mutex<Vec<mpsc::UnboundedReceiver<String>>>> = Arc::default();
        let served = Arc::clone(&streams);
        let router = Router::new().route(
            "/v1/chat/completions",
            post(move || {
                let served = Arc::clone(&served);
                async move {
                    let words = served.lock().await.remove(0);
                    let events = UnboundedReceiverStream::new(words).map(|piece| {
                        let event = if piece.is_empty() {
                            "data: [DONE]\n\n".to_owned()
                        } else {
                            let chunk = json!({ "choices": [{ "index": 0, "delta": { "content": piece }, "finish_reason": null }] });
                            format!("data: {chunk}\n\n")
                        };
                        Ok::<_, std::convert::Infallible>(event)
                    });
                    ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(events)).into_response()
                }
            }),
        );
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let base = format!("http://{}/v1", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { base, streams }
    }

    /// The next answer; it comes as it is sent.
    async fn answers(&self) -> mpsc::UnboundedSender<String> {
        let (words, stream) = mpsc::unbounded_channel();
        self.streams.lock().await.push(stream);
        words
    }

    async fn server(&self, folder: &tempfile::TempDir) -> Server {
        std::fs::write(folder.path().join("chairs.md"), CHAIRS).expect("a file");
        let server = Server::start_with(&format!(
            "[[models]]\nid = \"main\"\nkind = \"openai\"\nbase_url = \"{}\"\nmodel = \"m\"\n\n[agents]\nanswerer = [\"main\"]\n\n\
             [[knowledge]]\nid = \"site\"\npath = \"{}\"\n",
            self.base,
            folder.path().display()
        ))
        .await;
        server.app.synced.subscribe().wait_for(|done| *done).await.expect("the sources");
        server
    }
}

fn give(words: &mpsc::UnboundedSender<String>, piece: &str) {
    words.send(piece.to_owned()).expect("a listener");
}

async fn visitor(server: &Server) -> Socket {
    let mut socket = open(server, Some("https://shop.example")).await.expect("a socket");
    send(&mut socket, json!({ "type": "hello", "session": null, "last_seq": 0 })).await;
    next(&mut socket, "welcome").await;
    socket
}

async fn asks(socket: &mut Socket, id: &str, text: &str) {
    send(socket, json!({ "type": "message", "id": id, "text": text })).await;
    next(socket, "ack").await;
}

fn text(frame: &Value) -> &str {
    frame["text"].as_str().expect("text")
}

/// The next sentence that says this.
async fn hears(socket: &mut Socket, said: &str) -> Value {
    loop {
        let sentence = next(socket, "sentence").await;
        if text(&sentence) == said {
            return sentence;
        }
    }
}

#[tokio::test]
async fn a_sentence_is_shown_while_the_next_is_being_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let model = Model::start().await;
    let words = model.answers().await;
    let server = model.server(&folder).await;
    let mut socket = visitor(&server).await;
    asks(&mut socket, "c-1", "What does the Aeron Lite cost, and when is it delivered?").await;
    give(&words, &format!("{{\"answer\": \"{FIRST} "));
    let first = hears(&mut socket, FIRST).await;
    give(&words, &format!("{SECOND} The"));
    let second = hears(&mut socket, SECOND).await;
    assert_eq!(second["message"], first["message"]);
    assert_eq!(second["index"].as_u64(), first["index"].as_u64().map(|index| index + 1));
    give(&words, " Aeron Lite is guaranteed for 93 years.\", \"passages\": [\"p1\"], \"facts\": []}");
    give(&words, "");
    let whole = next(&mut socket, "message").await;
    assert_eq!(whole["id"], first["message"]);
    assert!(text(&whole).contains(&format!("{FIRST} {SECOND}")) && !text(&whole).contains("93"), "{whole}");
    assert_eq!(whole["sources"][0]["title"], "Chairs");
    let counts = server.admin(Method::GET, "/api/v1/ledger", None).await.1["counts"].clone();
    assert_eq!((&counts["answered"], &counts["open"]), (&json!(1), &json!(0)));
}

#[tokio::test]
async fn what_is_being_said_ends_after_its_sentence_when_the_customer_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let model = Model::start().await;
    let words = model.answers().await;
    let server = model.server(&folder).await;
    let mut socket = visitor(&server).await;
    asks(&mut socket, "c-1", "What does the Aeron Lite cost?").await;
    give(&words, &format!("{{\"answer\": \"{FIRST} "));
    let first = hears(&mut socket, FIRST).await;
    let again = model.answers().await;
    asks(&mut socket, "c-2", "Sorry, when is the Aeron Lite delivered?").await;
    give(&words, &format!("{SECOND} The"));
    let cut = next(&mut socket, "message").await;
    assert_eq!(cut["id"], first["message"]);
    assert!(text(&cut).ends_with(FIRST), "{cut}");
    give(&again, &format!("{{\"answer\": \"{SECOND}\", \"passages\": [\"p1\"], \"facts\": []}}"));
    give(&again, "");
    let reply = next(&mut socket, "message").await;
    assert_ne!(reply["id"], first["message"]);
    assert!(text(&reply).contains(SECOND), "{reply}");
    let counts = server.admin(Method::GET, "/api/v1/ledger", None).await.1["counts"].clone();
    assert_eq!((&counts["answered"], &counts["open"]), (&json!(2), &json!(0)));
}
