//! What the AI would answer, for a teammate to send: nothing is written or sent by asking.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::documents::give;
use crate::doors::{form, until};
use crate::server::{Server, read};

const CHAIRS: &str =
    "# Chairs\n\n## Warranty\n\nEvery chair has a warranty of ten years.\n\n## Delivery\n\nWe deliver to all of France within five days.\n";

async fn says(server: &Server, number: u32, text: &str) -> (String, String) {
    let body =
        json!({ "connection": "form", "id": format!("m{number}"), "text": text, "from": { "external_id": "u1", "name": "Ada Quill" } });
    let (status, taken) = read(form(server, &format!("m{number}"), &body)).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{taken}");
    until(server, "/api/v1/ledger", |ledger| ledger["counts"]["open"] == 0).await;
    let id = |key: &str| taken[key].as_str().expect("an id").to_owned();
    (id("conversation"), id("customer"))
}

#[tokio::test]
async fn a_draft_answers_the_last_words_from_the_sources_and_leaves_no_trace() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("chairs.md"), CHAIRS).expect("a file");
    let server = Server::start_with(&format!("[[knowledge]]\nid = \"site\"\npath = \"{}\"\n", folder.path().display())).await;
    server.app.synced.subscribe().wait_for(|done| *done).await.expect("the sources");
    let (conversation, customer) = says(&server, 1, "Hello").await;
    let draft = async || {
        let path = format!("/api/v1/conversations/{conversation}/draft");
        let (status, found) = server.admin(Method::POST, &path, Some(&json!({}))).await;
        assert_eq!(status, StatusCode::OK, "{found}");
        found
    };
    assert_eq!(draft().await["text"], Value::Null, "the AI has answered that");
    let take = format!("/api/v1/conversations/{conversation}/take");
    assert_eq!(server.admin(Method::POST, &take, Some(&json!({}))).await.0, StatusCode::OK);
    says(&server, 2, "How long is the warranty on a chair?").await;
    let everything = async || {
        let timeline = server.admin(Method::GET, &format!("/api/v1/customers/{customer}/timeline"), None).await.1;
        let record = server.admin(Method::GET, &format!("/api/v1/customers/{customer}"), None).await.1;
        let gaps = server.admin(Method::GET, "/api/v1/knowledge", None).await.1["gaps"].take();
        (timeline, record, gaps)
    };
    let before = everything().await;
    let found = draft().await;
    let text = found["text"].as_str().expect("a text");
    assert!(text.contains("ten years") && !text.contains("AI assistant"), "{text}");
    assert_eq!(found["sources"].as_array().map(Vec::is_empty), Some(false), "{found}");
    assert_eq!(draft().await, found, "it can be asked for again");
    assert_eq!(everything().await, before);
    // What the sources do not hold is no draft, and no gap either: nobody was told anything.
    says(&server, 3, "Do you also sell submarines with periscopes?").await;
    let before = everything().await;
    assert_eq!(draft().await["text"], Value::Null);
    assert_eq!(everything().await, before);
    let reply = json!({ "text": "We do not." });
    assert_eq!(server.admin(Method::POST, &format!("/api/v1/conversations/{conversation}/reply"), Some(&reply)).await.0, StatusCode::OK);
    assert_eq!(draft().await["text"], Value::Null, "a teammate has answered");
    let unknown = "/api/v1/conversations/con_00000000000000000000000000/draft";
    assert_eq!(server.admin(Method::POST, unknown, Some(&json!({}))).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_past_turn_is_answered_again_with_what_the_sources_say_today() {
    let server = Server::start().await;
    assert_eq!(give(&server, "chairs.md", CHAIRS).await.0, StatusCode::CREATED);
    let (_, customer) = says(&server, 1, "My budget is 900 EUR. How long is the warranty on a chair?").await;
    says(&server, 2, "Forget my budget, make it 1200 EUR. And do you deliver to Lyon?").await;
    let timeline = async || {
        let page = server.admin(Method::GET, &format!("/api/v1/customers/{customer}/timeline"), None).await.1;
        let entries = page["items"].as_array().expect("entries").iter();
        entries.map(|entry| (entry["turn"].clone(), entry["text"].clone())).collect::<Vec<_>>()
    };
    let before = timeline().await;
    let first = before[0].0.as_str().expect("a turn");
    let again = async || server.admin(Method::POST, &format!("/api/v1/turns/{first}/replay"), Some(&json!({}))).await;
    let (status, same) = again().await;
    assert_eq!(status, StatusCode::OK, "{same}");
    assert_eq!((&same["same"], &same["now"]), (&json!(true), &same["then"]), "nothing has changed");
    assert!(same["now"]["text"].as_str().is_some_and(|text| text.contains("ten years")), "{same}");
    assert_eq!(give(&server, "chairs.md", CHAIRS.replace("ten years", "twelve years")).await.0, StatusCode::OK);
    let (_, other) = again().await;
    assert_eq!((&other["same"], &other["then"]), (&json!(false), &same["then"]), "{other}");
    assert!(other["now"]["text"].as_str().is_some_and(|text| text.contains("twelve years") && !text.contains("1200")), "{other}");
    assert_eq!(timeline().await, before, "nothing was written or sent");
    let shown = server.admin(Method::GET, &format!("/api/v1/turns/{first}"), None).await.1;
    assert!(shown.get("memo").is_none(), "what the engine keeps for itself is not shown: {shown}");
    let unknown = "/api/v1/turns/trn_00000000000000000000000000/replay";
    assert_eq!(server.admin(Method::POST, unknown, Some(&json!({}))).await.0, StatusCode::NOT_FOUND);
}
