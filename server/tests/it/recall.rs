//! What was said long ago, on any door, is found again; and only by whom it belongs to.

use domain::customer::Context;
use reqwest::Method;
use serde_json::{Value, json};

use crate::doors::form;
use crate::server::{Server, read};

/// Somebody signed in at the business, by number.
struct Somebody(&'static str);

impl Somebody {
    fn from(&self) -> Value {
        json!({ "external_id": self.0 })
    }
}

struct Talk<'a> {
    server: &'a Server,
    count: usize,
}

impl<'a> Talk<'a> {
    fn on(server: &'a Server) -> Self {
        Self { server, count: 0 }
    }

    /// Says it and waits for the answer.
    async fn says(&mut self, who: &Somebody, text: &str) -> String {
        self.count += 1;
        let id = format!("m-{}-{}", who.0, self.count);
        let body = json!({ "connection": "form", "id": id, "text": text, "from": who.from() });
        let (status, taken) = read(form(self.server, &id, &body)).await;
        assert!(status.is_success(), "{taken}");
        let message = taken["message"].as_str().expect("an id").to_owned();
        let mut bell = self.server.app.hub.bell();
        let waited = async {
            loop {
                let (_, ledger) = self.server.admin(Method::GET, "/api/v1/ledger", None).await;
                if ledger["counts"]["open"] == 0 {
                    return;
                }
                bell.changed().await.expect("the server runs");
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), waited).await.expect("a settled ledger");
        self.turn_of(&message).await["reply"].as_str().unwrap_or_default().to_owned()
    }

    /// The turn that was taken last.
    async fn newest_turn(&self) -> Value {
        let (_, ledger) = self.server.admin(Method::GET, "/api/v1/ledger", None).await;
        let newest = ledger["items"].as_array().and_then(|items| items.first()).cloned().unwrap_or_default();
        self.turn_of(newest["id"].as_str().unwrap_or_default()).await
    }

    /// Says it; the older messages that were found for it.
    async fn recalls(&mut self, who: &Somebody, text: &str) -> Vec<String> {
        self.says(who, text).await;
        let turn = self.newest_turn().await;
        let recalled = turn["recalled"].as_array().cloned().unwrap_or_default();
        recalled.iter().filter(|item| item["found"] == true).filter_map(|item| item["text"].as_str().map(str::to_owned)).collect()
    }

    async fn advances(&self, days: u64) {
        let body = json!({ "advance_s": days * 86_400 });
        let (status, said) = self.server.admin(Method::POST, "/api/v1/clock", Some(&body)).await;
        assert!(status.is_success(), "{said}");
    }

    /// The turn that took a message.
    async fn turn_of(&self, message: &str) -> Value {
        let (_, found) = self.server.admin(Method::GET, "/api/v1/ledger", None).await;
        let items = found["items"].as_array().cloned().unwrap_or_default();
        let item = items.iter().find(|item| item["id"] == message).cloned().unwrap_or_default();
        let turn = item["turn"].as_str().unwrap_or_default();
        self.server.admin(Method::GET, &format!("/api/v1/turns/{turn}"), None).await.1
    }
}

const SMALL_TALK: [&str; 6] = ["hello", "thank you", "good morning", "ok thanks", "have a nice day", "great, thanks"];

#[tokio::test]
async fn what_was_said_long_ago_is_said_again_in_its_own_words_and_to_nobody_else() {
    let server = Server::start().await;
    let mut talk = Talk::on(&server);
    let (sarah, tom) = (Somebody("u-sarah"), Somebody("u-tom"));
    talk.says(&sarah, "My lower back hurts after two hours of sitting").await;
    talk.says(&tom, "My knee hurts on the stairs").await;
    talk.advances(30).await;
    for at in 0..24 {
        talk.says(&sarah, SMALL_TALK[at % SMALL_TALK.len()]).await;
    }
    let reply = talk.says(&sarah, "What did I tell you about my back?").await;
    assert!(reply.contains("My lower back hurts after two hours of sitting"), "{reply}");
    let stranger = talk.says(&tom, "What did I tell you about my back?").await;
    assert!(!stranger.contains("lower back") && !stranger.contains("two hours"), "{stranger}");
    let own = talk.says(&tom, "What did I tell you about my knee?").await;
    assert!(own.contains("My knee hurts on the stairs"), "{own}");
}

#[tokio::test]
async fn a_turn_shows_which_older_messages_it_was_given() {
    let server = Server::start().await;
    let mut talk = Talk::on(&server);
    let sarah = Somebody("u-sarah");
    talk.says(&sarah, "The parquet in our flat scratches easily").await;
    for at in 0..Context::EXCHANGES {
        talk.says(&sarah, SMALL_TALK[at % SMALL_TALK.len()]).await;
    }
    talk.says(&sarah, "Which castors are kind to parquet floors?").await;
    let turn = talk.newest_turn().await;
    let recalled = turn["recalled"].as_array().cloned().unwrap_or_default();
    let old = recalled.iter().find(|item| item["kind"] == "message" && item["found"] == true).cloned().unwrap_or_default();
    assert_eq!(old["text"], "The parquet in our flat scratches easily", "{recalled:?}");
    assert_eq!((old["author"].as_str(), old["channel"].as_str()), (Some("customer"), Some("api")));
    assert!(old["id"].as_str().is_some_and(|id| id.starts_with("msg_")) && old["at"].is_string());
}

/// A server with `/embeddings` that knows two meanings: wooden floors, and everything else.
async fn meanings() -> (String, tokio::task::AbortHandle) {
    let answer = |axum::Json(asked): axum::Json<Value>| async move {
        let is_floor = |text: &Value| text.as_str().is_some_and(|text| ["parquet", "wood"].iter().any(|word| text.contains(word)));
        let texts = asked["input"].as_array().cloned().unwrap_or_default();
        let vector = |text: &Value| if is_floor(text) { json!([1.0, 0.1]) } else { json!([0.0, 1.0]) };
        let items: Vec<Value> =
            texts.iter().enumerate().map(|(index, text)| json!({ "index": index, "embedding": vector(text) })).collect();
        axum::Json(json!({ "data": items }))
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/v1", listener.local_addr().expect("its address"));
    let router = axum::Router::new().route("/v1/embeddings", axum::routing::post(answer));
    let running = tokio::spawn(async move { axum::serve(listener, router).await });
    (url, running.abort_handle())
}

#[tokio::test]
async fn what_no_word_finds_is_found_by_its_meaning_and_without_vectors_a_turn_goes_on() {
    let (url, embedder) = meanings().await;
    let server = Server::start_with(&format!("[server.embedder]\nbase_url = \"{url}\"\nmodel = \"two-meanings\"\n")).await;
    let mut talk = Talk::on(&server);
    let sarah = Somebody("u-sarah");
    talk.says(&sarah, "The parquet in our flat scratches easily").await;
    for at in 0..Context::EXCHANGES {
        talk.says(&sarah, SMALL_TALK[at % SMALL_TALK.len()]).await;
    }
    let question = "Which castors are kind to something wooden?";
    let mut found = false;
    // The first question names the strand to the job; a later one finds what the job made.
    for _ in 0..40 {
        found = talk.recalls(&sarah, question).await.contains(&"The parquet in our flat scratches easily".to_owned());
        if found {
            break;
        }
        server.app.engine().embed_next().await.expect("the store works");
    }
    assert!(found, "nothing was found by its meaning");
    embedder.abort();
    let by_words = talk.recalls(&sarah, "Which castors are kind to parquet?").await;
    assert!(by_words.contains(&"The parquet in our flat scratches easily".to_owned()), "{by_words:?}");
}

#[tokio::test]
async fn a_conversation_says_in_a_few_words_what_it_was_about() {
    let server = Server::start().await;
    let mut talk = Talk::on(&server);
    let sarah = Somebody("u-sarah");
    let first = talk.says(&sarah, "Hello, I need a desk for my daughter, my budget is 300 EUR").await;
    assert!(!first.is_empty());
    talk.says(&sarah, "Do you sell purple umbrellas?").await;
    let (_, found) = server.admin(Method::GET, "/api/v1/conversations", None).await;
    let path = format!("/api/v1/conversations/{}", found["items"][0]["id"].as_str().unwrap_or_default());
    let (_, shown) = server.admin(Method::GET, &path, None).await;
    let summary = shown["summary"]["text"].as_str().unwrap_or_default();
    assert!(summary.contains("Asked, not answered yet: “Do you sell purple umbrellas?”"), "{summary}");
    assert!(summary.contains("300 EUR") && summary.contains("Api") | summary.contains("API"), "{summary}");
    assert!(shown["summary"]["messages"].as_array().is_some_and(|messages| messages.len() >= 2), "{shown}");
    assert!(summary.split_whitespace().count() <= 121, "{summary}");
}
