//! What vendors tell later: edits, deletions, and people who answer in the vendor's own inbox.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::doors::{mac, until};
use crate::server::{Server, WHATSAPP};

const PAGE: &str = r#"
[[connections]]
id = "msg"
channel = "messenger"
api_base = "http://127.0.0.1:9/v23.0"
page_id = "555"
access_token = "t1"
app_secret = "app-secret-of-the-page"
verify_token = "hello-there"
"#;

const PERSON: &str = "5858005774265432";

async fn post(server: &Server, kind: &str, part: Value) {
    let now = server::hooks::real_seconds() * 1_000;
    let mut item = json!({ "sender": { "id": PERSON }, "recipient": { "id": "555" }, "timestamp": now });
    item.as_object_mut().expect("an object").extend(part.as_object().expect("an object").clone());
    if part["message"]["is_echo"] == true {
        item["sender"]["id"] = "555".into();
        item["recipient"]["id"] = PERSON.into();
    }
    let body = json!({ "object": "page", "entry": [{ "id": "555", "time": now, kind: [item] }] }).to_string();
    let hex: String = mac(b"app-secret-of-the-page", body.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    let request = server.http.post(format!("{}/hooks/msg", server.base)).header("x-hub-signature-256", format!("sha256={hex}"));
    let answer = request.body(body).send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
}

async fn says(server: &Server, mid: &str, text: &str) {
    post(server, "messaging", json!({ "message": { "mid": mid, "text": text } })).await;
}

async fn customer(server: &Server) -> Value {
    let (_, found) = server.admin(Method::GET, &format!("/api/v1/customers?identifier=messenger:{PERSON}"), None).await;
    let id = found["items"][0]["id"].as_str().expect("somebody").to_owned();
    server.admin(Method::GET, &format!("/api/v1/customers/{id}"), None).await.1
}

/// The timeline once nothing waits for a turn any more.
async fn timeline(server: &Server) -> Vec<Value> {
    until(server, "/api/v1/ledger", |ledger| ledger["counts"]["open"] == 0).await;
    let id = customer(server).await["id"].as_str().expect("an id").to_owned();
    let (_, found) = server.admin(Method::GET, &format!("/api/v1/customers/{id}/timeline"), None).await;
    found["items"].as_array().expect("a list").clone()
}

fn said_by<'a>(timeline: &'a [Value], author: &str) -> Vec<&'a str> {
    timeline.iter().filter(|item| item["author"] == author).map(|item| item["text"].as_str().unwrap_or_default()).collect()
}

/// Active values of a predicate.
fn values(customer: &Value, predicate: &str) -> Vec<String> {
    let facts = customer["facts"].as_array().expect("a list");
    let active = facts.iter().filter(|fact| fact["predicate"] == predicate && fact["status"] == "active");
    active.map(|fact| fact["value"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn a_deleted_message_is_erased_with_what_was_learned_from_it() {
    let server = Server::start_with(PAGE).await;
    says(&server, "m_1", "Our budget is 4,000 EUR.").await;
    timeline(&server).await;
    says(&server, "m_2", "No wait, our budget is 9,000 EUR.").await;
    timeline(&server).await;
    assert!(values(&customer(&server).await, "budget")[0].contains("9,000"));
    post(&server, "messaging", json!({ "message": { "mid": "m_2", "is_deleted": true } })).await;
    let seen = timeline(&server).await;
    assert_eq!(said_by(&seen, "customer"), ["Our budget is 4,000 EUR.", ""]);
    let deleted = seen.iter().find(|item| item["changed"]["how"] == "deleted").expect("marked");
    assert_eq!(deleted["direction"], "in");
    let known = customer(&server).await;
    assert!(values(&known, "budget")[0].contains("4,000"), "what it had replaced holds again: {}", known["facts"]);
    let turn = deleted["turn"].as_str().expect("a turn");
    let (status, turn) = server.admin(Method::GET, &format!("/api/v1/turns/{turn}"), None).await;
    assert_eq!(status, StatusCode::OK, "{turn}");
    assert!(!turn.to_string().contains("9,000"), "{turn}");
}

#[tokio::test]
async fn an_edit_changes_what_is_known_and_is_shown() {
    let server = Server::start_with(PAGE).await;
    says(&server, "m_1", "Our budget is 4,000 EUR.").await;
    timeline(&server).await;
    let edit = json!({ "message_edit": { "mid": "m_1", "text": "Our budget is 6,000 EUR.", "num_edit": 1 } });
    post(&server, "messaging", edit).await;
    let seen = timeline(&server).await;
    assert_eq!(said_by(&seen, "customer"), ["Our budget is 6,000 EUR."]);
    assert_eq!(seen[0]["changed"]["how"], "edited");
    let budgets = values(&customer(&server).await, "budget");
    assert!(budgets.len() == 1 && budgets[0].contains("6,000"), "{budgets:?}");
}

#[tokio::test]
async fn whoever_answers_in_the_vendors_inbox_silences_the_ai() {
    let server = Server::start_with(PAGE).await;
    says(&server, "m_1", "Hello, who am I talking to?").await;
    let before = said_by(&timeline(&server).await, "ai").len();
    assert!(before > 0);
    let carla =
        json!({ "message": { "mid": "m_9", "is_echo": true, "app_id": 263_902_037_430_900_i64, "text": "Carla here, one moment" } });
    for _ in 0..2 {
        post(&server, "messaging", carla.clone()).await;
    }
    says(&server, "m_2", "Who are you?").await;
    let seen = timeline(&server).await;
    assert_eq!(said_by(&seen, "teammate"), ["Carla here, one moment"], "told twice, shown once");
    assert_eq!(said_by(&seen, "ai").len(), before, "the AI is silent");
    let last = seen.iter().rfind(|item| item["direction"] == "in").expect("a message");
    assert_eq!(last["state"], "handed_over");
    let conversation = last["conversation"].as_str().expect("an id");
    let (_, shown) = server.admin(Method::GET, &format!("/api/v1/conversations/{conversation}"), None).await;
    assert_eq!(shown["status"], "with_teammate");
}

#[tokio::test]
async fn our_own_words_coming_back_change_nothing() {
    let server = Server::start_with(PAGE).await;
    says(&server, "m_1", "Hello, who am I talking to?").await;
    let reply = said_by(&timeline(&server).await, "ai")[0].to_owned();
    post(&server, "messaging", json!({ "message": { "mid": "m_out", "is_echo": true, "text": reply } })).await;
    says(&server, "m_2", "Are you open on Sundays?").await;
    let seen = timeline(&server).await;
    assert!(said_by(&seen, "teammate").is_empty());
    assert!(said_by(&seen, "ai").len() > 1, "the AI goes on: {seen:?}");
}

#[tokio::test]
async fn what_another_app_answers_is_kept_and_not_answered() {
    let server = Server::start_with(PAGE).await;
    post(&server, "standby", json!({ "message": { "mid": "m_1", "text": "are you there" } })).await;
    let seen = timeline(&server).await;
    assert_eq!((seen.len(), &seen[0]["state"]), (1, &json!("ignored_by_rule")));
}

#[tokio::test]
async fn stopping_offers_stops_no_answers() {
    let server = Server::start_with(PAGE).await;
    says(&server, "m_1", "Hello, who am I talking to?").await;
    timeline(&server).await;
    let stop =
        json!({ "optin": { "type": "notification_messages", "payload": "offers", "notification_messages_status": "STOP_NOTIFICATIONS" } });
    post(&server, "messaging", stop).await;
    says(&server, "m_2", "Who am I talking to?").await;
    let seen = timeline(&server).await;
    assert!(said_by(&seen, "ai").len() > 1, "{seen:?}");
    let known = customer(&server).await;
    let consents = known["consents"].as_array().expect("a list");
    assert!(consents.iter().any(|consent| consent["purpose"] == "marketing" && consent["state"] == "withdrawn"), "{consents:?}");
}

/// A message of WhatsApp, signed as Meta does.
async fn whatsapp(server: &Server, part: Value) {
    let mut message = json!({ "from": "33612345678", "timestamp": server::hooks::real_seconds().to_string() });
    message.as_object_mut().expect("an object").extend(part.as_object().expect("an object").clone());
    let value = json!({ "messaging_product": "whatsapp", "metadata": { "phone_number_id": "1" }, "messages": [message] });
    let body =
        json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": [{ "field": "messages", "value": value }] }] });
    let body = body.to_string();
    let hex: String = mac(WHATSAPP.as_bytes(), body.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    let request = server.http.post(format!("{}/hooks/wa", server.base)).header("x-hub-signature-256", format!("sha256={hex}"));
    assert_eq!(request.body(body).send().await.expect("an answer").status(), StatusCode::OK);
}

#[tokio::test]
async fn who_changes_the_number_stays_the_same_person() {
    let server = Server::start().await;
    let text = |id: &str, from: &str, body: &str| json!({ "from": from, "id": id, "type": "text", "text": { "body": body } });
    whatsapp(&server, text("w1", "33612345678", "Our budget is 4,000 EUR.")).await;
    let changed = json!({ "id": "w2", "type": "system",
        "system": { "type": "user_changed_number", "wa_id": "33698765432", "body": "changed the number" } });
    whatsapp(&server, changed.clone()).await;
    whatsapp(&server, changed).await;
    whatsapp(&server, text("w3", "33698765432", "Hello again")).await;
    until(&server, "/api/v1/ledger", |ledger| ledger["counts"]["open"] == 0).await;
    let mut found = Vec::new();
    for number in ["33612345678", "33698765432"] {
        let (_, list) = server.admin(Method::GET, &format!("/api/v1/customers?identifier=phone:%2B{number}"), None).await;
        found.push(list["items"][0]["id"].as_str().expect("somebody").to_owned());
    }
    assert_eq!(found[0], found[1]);
    let (_, seen) = server.admin(Method::GET, &format!("/api/v1/customers/{}/timeline", found[0]), None).await;
    let said = said_by(seen["items"].as_array().expect("a list"), "customer").len();
    assert_eq!(said, 2, "a change of number is no word of theirs");
}
