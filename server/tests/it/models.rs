//! Models on the website: heard while they write, cut when the conversation goes on, left alone when their budget is spent.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::post;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::sync::{Mutex, mpsc, watch};
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
    asked: watch::Sender<usize>,
}

impl Model {
    async fn start() -> Self {
        let streams: Arc<Mutex<Vec<mpsc::UnboundedReceiver<String>>>> = Arc::default();
        let (served, asked) = (Arc::clone(&streams), watch::Sender::new(0));
        let counted = asked.clone();
        let router = Router::new().route(
            "/v1/chat/completions",
            post(move || {
                let served = Arc::clone(&served);
                counted.send_modify(|count| *count += 1);
                async move {
                    let words = served.lock().await.remove(0);
                    let events = UnboundedReceiverStream::new(words).map(|piece| {
                        let event = if piece.is_empty() {
                            let usage = json!({ "choices": [], "usage": { "prompt_tokens": 100, "completion_tokens": 50 } });
                            format!("data: {usage}\n\ndata: [DONE]\n\n")
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
        Self { base, streams, asked }
    }

    /// The next answer; it comes as it is sent.
    async fn answers(&self) -> mpsc::UnboundedSender<String> {
        let (words, stream) = mpsc::unbounded_channel();
        self.streams.lock().await.push(stream);
        words
    }

    async fn server(&self, folder: &tempfile::TempDir, extra: &str) -> Server {
        std::fs::write(folder.path().join("chairs.md"), CHAIRS).expect("a file");
        let server = Server::start_with(&format!(
            "[[models]]\nid = \"main\"\nkind = \"openai\"\nbase_url = \"{}\"\nmodel = \"m\"\n{extra}\n[agents]\nanswerer = [\"main\"]\nqualifier = [\"main\"]\n\n\
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
    let server = model.server(&folder, "").await;
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
async fn a_dozen_customers_wait_side_by_side_for_a_slow_model() {
    const CUSTOMERS: usize = 12;
    let folder = tempfile::tempdir().expect("a folder");
    let model = Model::start().await;
    let mut answers = Vec::new();
    for _ in 0..CUSTOMERS {
        answers.push(model.answers().await);
    }
    let server = model.server(&folder, "").await;
    let mut sockets = Vec::new();
    for _ in 0..CUSTOMERS {
        let mut socket = visitor(&server).await;
        asks(&mut socket, "c-1", "What does the Aeron Lite cost?").await;
        sockets.push(socket);
    }
    // It answers nobody until all of them were asked about.
    let mut asked = model.asked.subscribe();
    let all = asked.wait_for(|count| *count == CUSTOMERS);
    tokio::time::timeout(std::time::Duration::from_secs(20), all).await.expect("nobody waits for another's answer").expect("a model");
    for words in &answers {
        give(words, &format!("{{\"answer\": \"{FIRST}\", \"passages\": [\"p1\"], \"facts\": []}}"));
        give(words, "");
    }
    for socket in &mut sockets {
        let whole = next(socket, "message").await;
        assert!(text(&whole).contains(FIRST), "{whole}");
    }
}

#[tokio::test]
async fn what_is_being_said_ends_after_its_sentence_when_the_customer_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let model = Model::start().await;
    let words = model.answers().await;
    let server = model.server(&folder, "").await;
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

#[tokio::test]
async fn a_model_whose_budget_is_spent_is_not_asked_and_the_customer_is_answered() {
    let folder = tempfile::tempdir().expect("a folder");
    let model = Model::start().await;
    let words = model.answers().await;
    let prices = "input_price = \"1 EUR\"\noutput_price = \"2 EUR\"\ndaily_budget = \"0.000001 EUR\"\n";
    let server = model.server(&folder, prices).await;
    let mut socket = visitor(&server).await;
    asks(&mut socket, "c-1", "What does the Aeron Lite cost?").await;
    give(&words, &format!("{{\"answer\": \"{FIRST}\", \"passages\": [\"p1\"], \"facts\": []}}"));
    give(&words, "");
    let reply = next(&mut socket, "message").await;
    let turn = explained(&server, &reply).await;
    assert_eq!((&turn["cost"], &turn["engine"]), (&json!({"amount": 0.0002, "currency": "EUR"}), &json!("main")), "{turn}");
    asks(&mut socket, "c-2", "And what is the guarantee of the Aeron Lite?").await;
    let reply = next(&mut socket, "message").await;
    assert!(text(&reply).contains("12 years"), "{reply}");
    let turn = explained(&server, &reply).await;
    assert_eq!((&turn["cost"]["amount"], &turn["engine"]), (&json!(0.0), &json!("built-in")), "{turn}");
    assert_eq!(turn["model_calls"][0]["outcome"], "its budget for today is spent");
}

#[tokio::test]
async fn a_model_reads_what_code_does_not_and_only_in_the_messages_own_words() {
    let folder = tempfile::tempdir().expect("a folder");
    let model = Model::start().await;
    let words = model.answers().await;
    let server = model.server(&folder, "").await;
    let mut socket = visitor(&server).await;
    asks(&mut socket, "c-1", "Mostly it would live in the caravan with the dog").await;
    let facts = json!([
        { "predicate": "constraint", "value": "caravan", "quote": "live in the caravan" },
        { "predicate": "budget", "value": "900 EUR", "quote": "live in the caravan" },
        { "predicate": "company", "value": "Dog Ltd", "quote": "with the dog" },
    ]);
    give(&words, &json!({ "answer": "I love caravans and dogs.", "passages": [], "facts": facts }).to_string());
    give(&words, "");
    let reply = next(&mut socket, "message").await;
    assert!(!text(&reply).contains("I love"), "its answer was not asked for: {reply}");
    let (_, list) = server.admin(Method::GET, "/api/v1/conversations", None).await;
    let customer = list["items"][0]["customer"]["id"].as_str().expect("a customer").to_owned();
    let (_, record) = server.admin(Method::GET, &format!("/api/v1/customers/{customer}"), None).await;
    let known: Vec<_> = record["facts"].as_array().expect("facts").iter().map(|fact| (&fact["predicate"], &fact["value"])).collect();
    assert!(known.contains(&(&json!("constraint"), &json!("caravan"))), "{known:?}");
    assert!(known.iter().all(|(predicate, _)| *predicate != "budget" && *predicate != "company"), "{known:?}");
}

/// The explanation of the turn behind a message of the widget.
async fn explained(server: &Server, message: &Value) -> Value {
    let (_, list) = server.admin(Method::GET, "/api/v1/conversations", None).await;
    let customer = list["items"][0]["customer"]["id"].as_str().expect("a customer").to_owned();
    let (_, timeline) = server.admin(Method::GET, &format!("/api/v1/customers/{customer}/timeline"), None).await;
    let entry = timeline["items"].as_array().expect("items").iter().find(|entry| entry["id"] == message["id"]).expect("the message");
    let turn = entry["turn"].as_str().expect("a turn");
    server.admin(Method::GET, &format!("/api/v1/turns/{turn}"), None).await.1
}

#[tokio::test]
async fn a_model_is_tried_before_a_customer_meets_it_and_what_that_cost_is_counted() {
    let folder = tempfile::tempdir().expect("a folder");
    let model = Model::start().await;
    let words = model.answers().await;
    let prices = "input_price = \"1 EUR\"\noutput_price = \"2 EUR\"\n\n[[models]]\nid = \"spare\"\nkind = \"anthropic\"\n\
                  base_url = \"http://127.0.0.1:9\"\nmodel = \"s\"\ntimeout = \"2s\"\n";
    let server = model.server(&folder, prices).await;
    let listed = server.admin(Method::GET, "/api/v1/models", None).await.1;
    let item = &listed["items"][0];
    assert_eq!(
        (&item["id"], &item["answerer"], &item["input_price"], &item["currency"]),
        (&json!("main"), &json!(1), &json!(1.0), &json!("EUR"))
    );
    assert_eq!((&item["spent_today"], &item["server"]), (&json!(0.0), &json!("127.0.0.1")));
    assert_eq!((&listed["items"][1]["id"], &listed["items"][1]["answerer"]), (&json!("spare"), &Value::Null), "nobody asks it");
    give(&words, "Hello there!");
    give(&words, "");
    drop(words);
    let tested = server.admin(Method::POST, "/api/v1/models/main/test", Some(&json!({}))).await.1;
    assert_eq!((&tested["ok"], &tested["said"], &tested["input_tokens"]), (&json!(true), &json!("Hello there!"), &json!(100)), "{tested}");
    assert_eq!(tested["cost"], json!(0.0002));
    let listed = server.admin(Method::GET, "/api/v1/models", None).await.1;
    assert_eq!(listed["items"][0]["spent_today"], json!(0.0002));
    let down = server.admin(Method::POST, "/api/v1/models/spare/test", Some(&json!({}))).await.1;
    assert_eq!((&down["ok"], &down["said"]), (&json!(false), &Value::Null));
    assert!(down["trouble"].as_str().is_some_and(|why| why.contains("unavailable")), "{down}");
    assert_eq!(server.admin(Method::POST, "/api/v1/models/other/test", Some(&json!({}))).await.0, 404);
}

#[tokio::test]
async fn a_teammates_words_are_said_in_another_language_and_no_figure_of_them_changes() {
    let folder = tempfile::tempdir().expect("a folder");
    let model = Model::start().await;
    let server = model.server(&folder, "").await;
    let body = json!({ "connection": "form", "id": "m-1", "from": { "external_id": "u-1" }, "text": "Hello" });
    let (_, taken) = crate::server::read(crate::doors::form(&server, "m-1", &body)).await;
    crate::links::settled(&server).await;
    let path = format!("/api/v1/conversations/{}/reword", taken["conversation"].as_str().expect("an id"));
    let reworded = async |said: &str, body: Value| {
        let words = model.answers().await;
        give(&words, said);
        give(&words, "");
        server.admin(Method::POST, &path, Some(&body)).await
    };
    let text = "It costs 349 EUR.";
    let (status, said) = reworded("Il coûte 349 EUR.", json!({ "text": text, "language": "fr" })).await;
    assert_eq!((status, &said["text"]), (StatusCode::OK, &json!("Il coûte 349 EUR.")), "{said}");
    let (status, said) = reworded("Il coûte 249 EUR.", json!({ "text": text, "tone": "warm" })).await;
    assert_eq!((status, &said["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("not_reworded")), "{said}");
    let asked = *model.asked.borrow();
    for refused in
        [json!({ "text": text }), json!({ "text": text, "tone": "warm", "language": "fr" }), json!({ "text": text, "tone": "rude" })]
    {
        assert_eq!(server.admin(Method::POST, &path, Some(&refused)).await.0, StatusCode::BAD_REQUEST, "{refused}");
    }
    assert_eq!(*model.asked.borrow(), asked, "nobody is asked for what cannot be wished for");
}

#[tokio::test]
async fn without_a_model_nothing_is_reworded() {
    let server = Server::start().await;
    let body = json!({ "connection": "form", "id": "m-1", "from": { "external_id": "u-1" }, "text": "Hello" });
    let (_, taken) = crate::server::read(crate::doors::form(&server, "m-1", &body)).await;
    crate::links::settled(&server).await;
    let path = format!("/api/v1/conversations/{}/reword", taken["conversation"].as_str().expect("an id"));
    let (status, said) = server.admin(Method::POST, &path, Some(&json!({ "text": "Hello", "tone": "warm" }))).await;
    assert_eq!((status, &said["code"]), (StatusCode::CONFLICT, &json!("no_model")), "{said}");
}
