//! "Continue on WhatsApp", sent after the page was closed.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::doors::{mac, next, open, send};
use crate::server::{Server, WHATSAPP, read};

const PHONE: &str = "33612345678";

pub async fn whatsapp(server: &Server, id: &str, text: &str) {
    let body = json!({
        "object": "whatsapp_business_account",
        "entry": [{ "id": "1", "changes": [{ "field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": "15550000001", "phone_number_id": "1" },
            "contacts": [{ "profile": { "name": "~" }, "wa_id": PHONE }],
            "messages": [{ "from": PHONE, "id": format!("wamid.{id}"), "timestamp": server::hooks::real_seconds().to_string(),
                           "type": "text", "text": { "body": text } }],
        } }] }],
    })
    .to_string();
    let signature = server::auth::hex(&mac(WHATSAPP.as_bytes(), body.as_bytes()));
    let hook =
        server.http.post(format!("{}/hooks/wa", server.base)).header("x-hub-signature-256", format!("sha256={signature}")).body(body);
    assert_eq!(read(hook).await.0, StatusCode::OK);
}

/// Waits until every message has been dealt with.
pub async fn settled(server: &Server) {
    let mut bell = server.app.hub.bell();
    let waited = async {
        loop {
            let (_, ledger) = server.admin(Method::GET, "/api/v1/ledger", None).await;
            if ledger["counts"]["open"] == 0 {
                return;
            }
            bell.changed().await.expect("the server runs");
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), waited).await.expect("a settled ledger");
}

async fn by_phone(server: &Server) -> Value {
    let (_, found) = server.admin(Method::GET, &format!("/api/v1/customers?identifier=phone:%2B{PHONE}"), None).await;
    let id = found["items"][0]["id"].as_str().expect("a customer").to_owned();
    server.admin(Method::GET, &format!("/api/v1/customers/{id}"), None).await.1
}

fn knows(customer: &Value, word: &str) -> bool {
    customer["facts"]
        .as_array()
        .is_some_and(|facts| facts.iter().any(|fact| fact["value"].as_str().is_some_and(|value| value.contains(word))))
}

/// A visitor tells what they want, takes a link, and closes the page. Gives the session and the code.
async fn a_visit_that_ended(server: &Server) -> (String, String) {
    let mut socket = open(server, Some("https://shop.example")).await.expect("a socket");
    send(&mut socket, json!({ "type": "hello", "session": null, "last_seq": 0 })).await;
    let session = next(&mut socket, "welcome").await["session"].as_str().expect("a token").to_owned();
    send(
        &mut socket,
        json!({ "type": "message", "id": "c-1", "text": "I need twelve standing desks for our office, my budget is 9,000 EUR" }),
    )
    .await;
    next(&mut socket, "message").await;
    send(&mut socket, json!({ "type": "continue", "channel": "whatsapp" })).await;
    let code = next(&mut socket, "link").await["code"].as_str().expect("a code").to_owned();
    socket.close(None).await.expect("closed");
    (session, code)
}

#[tokio::test]
async fn a_link_sent_after_the_page_was_closed_joins_at_the_next_visit() {
    let server = Server::start().await;
    let (session, code) = a_visit_that_ended(&server).await;
    whatsapp(&server, "1", &format!("Hello again {code}")).await;
    settled(&server).await;
    assert!(!knows(&by_phone(&server).await, "9,000"), "nothing is opened before the join");

    let mut socket = open(&server, Some("https://shop.example")).await.expect("a socket");
    send(&mut socket, json!({ "type": "hello", "session": session, "last_seq": 0 })).await;
    let connected = next(&mut socket, "connected").await;
    assert!(connected["as"].as_str().is_some_and(|shown| shown.ends_with("78") && !shown.contains("345")), "{connected}");
    let joined = by_phone(&server).await;
    assert!(knows(&joined, "9,000"), "{joined}");
    let visitor =
        joined["identifiers"].as_array().expect("identifiers").iter().find(|known| known["kind"] == "visitor").expect("the visitor");
    assert_eq!((&visitor["trust"], &visitor["origin"]), (&json!("verified"), &json!("link")));

    send(&mut socket, json!({ "type": "not_me", "link": connected["link"] })).await;
    next(&mut socket, "undone").await;
    assert!(!knows(&by_phone(&server).await, "9,000"), "one click takes the join back");
}

#[tokio::test]
async fn a_link_sent_after_the_page_was_closed_joins_with_one_fact_even_later() {
    let server = Server::start().await;
    let (_, code) = a_visit_that_ended(&server).await;
    for (id, text) in [("1", format!("Hi {code}")), ("2", "It is me from yesterday".to_owned())] {
        whatsapp(&server, id, &text).await;
        settled(&server).await;
        assert!(!knows(&by_phone(&server).await, "9,000"), "{text}");
    }
    whatsapp(&server, "3", "it was about the standing desks").await;
    settled(&server).await;
    assert!(knows(&by_phone(&server).await, "9,000"));
}
