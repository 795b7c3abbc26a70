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
    let (_, ledger) = server.admin(Method::GET, "/api/v1/ledger", None).await;
    let newest = ledger["items"].as_array().and_then(|items| items.first()).cloned().unwrap_or_default();
    let turn = talk.turn_of(newest["id"].as_str().unwrap_or_default()).await;
    let recalled = turn["recalled"].as_array().cloned().unwrap_or_default();
    let old = recalled.iter().find(|item| item["kind"] == "message" && item["found"] == true).cloned().unwrap_or_default();
    assert_eq!(old["text"], "The parquet in our flat scratches easily", "{recalled:?}");
    assert_eq!((old["author"].as_str(), old["channel"].as_str()), (Some("customer"), Some("api")));
    assert!(old["id"].as_str().is_some_and(|id| id.starts_with("msg_")) && old["at"].is_string());
}
