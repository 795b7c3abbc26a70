//! What comes without sentences: orders, forms, cards, places, advertisements, and chats of a business's own account.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::doors::{mac, until};
use crate::server::{Server, WHATSAPP};

const TELEGRAM: &str = r#"
[[connections]]
id = "tg"
channel = "telegram"
api_base = "http://127.0.0.1:9"
bot_token = "123456:token-of-the-tests"
secret_token = "secret-of-the-hook"
"#;

const NUMBER: &str = "33612345678";

async fn whatsapp(server: &Server, id: &str, part: Value) {
    whatsapp_from(server, NUMBER, id, part).await;
}

async fn whatsapp_from(server: &Server, number: &str, id: &str, part: Value) {
    let mut message = json!({ "from": number, "id": id, "timestamp": server::hooks::real_seconds().to_string() });
    message.as_object_mut().expect("an object").extend(part.as_object().expect("an object").clone());
    let body = json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": [{ "field": "messages", "value": {
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "15550000001", "phone_number_id": "1" },
        "contacts": [{ "profile": { "name": "Ada Quill" }, "wa_id": number }],
        "messages": [message],
    } }] }] })
    .to_string();
    let signature = format!("sha256={}", server::auth::hex(&mac(WHATSAPP.as_bytes(), body.as_bytes())));
    let request = server.http.post(format!("{}/hooks/wa", server.base)).header("x-hub-signature-256", signature).body(body);
    assert_eq!(request.send().await.expect("an answer").status(), StatusCode::OK);
}

async fn telegram(server: &Server, update: Value) {
    let request = server.http.post(format!("{}/hooks/tg", server.base)).header("x-telegram-bot-api-secret-token", "secret-of-the-hook");
    assert_eq!(request.body(update.to_string()).send().await.expect("an answer").status(), StatusCode::OK);
}

/// Who has this identifier, once nothing waits any more, and what was said.
async fn seen(server: &Server, identifier: &str) -> (Value, Vec<Value>) {
    until(server, "/api/v1/ledger", |ledger| ledger["counts"]["open"] == 0).await;
    let (_, found) = server.admin(Method::GET, &format!("/api/v1/customers?identifier={identifier}"), None).await;
    let id = found["items"][0]["id"].as_str().expect("somebody").to_owned();
    let (_, customer) = server.admin(Method::GET, &format!("/api/v1/customers/{id}"), None).await;
    let (_, timeline) = server.admin(Method::GET, &format!("/api/v1/customers/{id}/timeline"), None).await;
    (customer, timeline["items"].as_array().expect("a list").clone())
}

async fn ada(server: &Server) -> (Value, Vec<Value>) {
    seen(server, &format!("phone:%2B{NUMBER}")).await
}

fn said<'a>(timeline: &'a [Value], direction: &str) -> Vec<&'a str> {
    let spoken = timeline.iter().filter(|item| item["direction"] == direction);
    spoken.map(|item| item["text"].as_str().unwrap_or_default()).collect()
}

#[tokio::test]
async fn a_filled_in_form_is_shown_and_learned_like_what_is_said() {
    let server = Server::start().await;
    let answers = r#"{"flow_token":"t","budget":"3000 EUR","need":"20 desk chairs","company":"Quill Ltd"}"#;
    let reply = json!({ "type": "nfm_reply", "nfm_reply": { "name": "flow", "body": "Sent", "response_json": answers } });
    whatsapp(&server, "w1", json!({ "type": "interactive", "interactive": reply })).await;
    let (customer, timeline) = ada(&server).await;
    assert_eq!(said(&timeline, "in"), ["budget: 3000 EUR\ncompany: Quill Ltd\nneed: 20 desk chairs"]);
    let known = customer["facts"].to_string();
    assert!(known.contains("3000") && known.contains("Quill Ltd"), "{known}");
}

#[tokio::test]
async fn an_order_a_card_a_place_and_a_poll_are_seen_by_the_team_and_a_card_is_nobody_elses() {
    let server = Server::start().await;
    let items = json!([{ "product_retailer_id": "CONTOUR-2", "quantity": 2, "item_price": 449, "currency": "EUR" }]);
    whatsapp(&server, "w1", json!({ "type": "order", "order": { "catalog_id": "c", "product_items": items } })).await;
    ada(&server).await;
    let card = json!([{ "name": { "formatted_name": "Bob Stone" }, "phones": [{ "phone": "+33687654399" }] }]);
    whatsapp(&server, "w2", json!({ "type": "contacts", "contacts": card })).await;
    ada(&server).await;
    let place = json!({ "latitude": 48.85, "longitude": 2.35, "name": "Café Rex", "address": "1 rue X" });
    whatsapp(&server, "w3", json!({ "type": "location", "location": place })).await;
    ada(&server).await;
    whatsapp(&server, "w4", json!({ "type": "unsupported", "errors": [{ "code": 131_051 }] })).await;
    let (customer, timeline) = ada(&server).await;
    let shown = said(&timeline, "in");
    assert_eq!(shown[0], "Order: 2 × CONTOUR-2 (449 EUR)");
    assert_eq!(shown[1], "Contact card: Bob Stone, +33687654399");
    assert_eq!(shown[2], "Place: Café Rex, 1 rue X (48.85000, 2.35000)");
    assert!(shown[3].contains("WhatsApp does not pass on"), "{shown:?}");
    let last = said(&timeline, "out");
    assert!(last[0].contains("I have noted it"), "{last:?}");
    assert!(last.last().is_some_and(|text| text.contains("does not reach us")), "{last:?}");
    let known = format!("{} {} {}", customer["facts"], customer["identifiers"], customer["name"]);
    assert!(!known.contains("Bob") && !known.contains("33687654399"), "{known}");
}

#[tokio::test]
async fn an_advertisement_and_a_product_are_shown_with_the_words() {
    let server = Server::start().await;
    let ad = json!({ "source_type": "ad", "source_id": "120", "headline": "Contour 2 sale" });
    whatsapp(&server, "w1", json!({ "type": "text", "text": { "body": "Hello" }, "referral": ad })).await;
    ada(&server).await;
    let product = json!({ "referred_product": { "catalog_id": "c", "product_retailer_id": "CONTOUR-2" } });
    whatsapp(&server, "w2", json!({ "type": "text", "text": { "body": "How much is this?" }, "context": product })).await;
    let (_, timeline) = ada(&server).await;
    assert_eq!(said(&timeline, "in"), ["Hello\nAdvertisement: Contour 2 sale", "How much is this?\nProduct: CONTOUR-2"]);
}

#[tokio::test]
async fn stop_promotions_withdraws_what_marketing_may_send_and_says_so() {
    let server = Server::start().await;
    let button = json!({ "text": "Stop promotions", "payload": "Stop promotions" });
    whatsapp(&server, "w1", json!({ "type": "button", "button": button })).await;
    let (customer, timeline) = ada(&server).await;
    let consents = customer["consents"].as_array().expect("a list");
    assert!(consents.iter().any(|one| one["purpose"] == "marketing" && one["state"] == "withdrawn"), "{consents:?}");
    let told = said(&timeline, "out");
    assert!(told.iter().any(|text| text.contains("no more advertising")), "{told:?}");
    whatsapp(&server, "w2", json!({ "type": "text", "text": { "body": "Are you open on Sundays?" } })).await;
    assert!(said(&ada(&server).await.1, "out").len() > told.len(), "whoever stops offers is still answered");
}

#[tokio::test]
async fn a_business_accounts_messages_are_no_repeats_of_the_bots_and_are_taken_back_alone() {
    let server = Server::start_with(TELEGRAM).await;
    let person = json!({ "id": 777, "is_bot": false, "first_name": "Ada" });
    let chat = json!({ "id": 777, "type": "private" });
    let now = server::hooks::real_seconds();
    let message = |text: &str| json!({ "message_id": 5, "from": person, "chat": chat, "date": now, "text": text });
    telegram(&server, json!({ "update_id": 1, "message": message("Hello, are you a bot?") })).await;
    seen(&server, "telegram:777").await;
    let mut second = message("What does the Contour cost?");
    second["business_connection_id"] = "bc1".into();
    for update in [2, 2, 3] {
        telegram(&server, json!({ "update_id": update, "business_message": second })).await;
    }
    let (_, timeline) = seen(&server, "telegram:777").await;
    assert_eq!(said(&timeline, "in"), ["Hello, are you a bot?", "What does the Contour cost?"], "both, and each once");
    let gone = json!({ "business_connection_id": "bc1", "chat": chat, "message_ids": [5] });
    telegram(&server, json!({ "update_id": 4, "deleted_business_messages": gone })).await;
    let (_, timeline) = seen(&server, "telegram:777").await;
    assert_eq!(said(&timeline, "in"), ["Hello, are you a bot?", ""]);
}

#[tokio::test]
async fn a_number_is_found_in_both_its_spellings_and_kept_as_it_was_written() {
    let server = Server::start().await;
    for (place, (written, spellings)) in
        [("5215512345678", ["+5215512345678", "+525512345678"]), ("551187654321", ["+551187654321", "+5511987654321"])]
            .into_iter()
            .enumerate()
    {
        whatsapp_from(&server, written, &format!("w{place}"), json!({ "type": "text", "text": { "body": "Hello" } })).await;
        let mut found = Vec::new();
        for spelling in spellings {
            let (customer, _) = seen(&server, &format!("phone:%2B{}", &spelling[1..])).await;
            assert!(customer["identifiers"].to_string().contains(written), "{}", customer["identifiers"]);
            found.push(customer["id"].clone());
        }
        assert_eq!(found[0], found[1], "{written}");
    }
}

#[tokio::test]
async fn what_a_message_answers_is_shown_below_it_and_is_not_the_writers_word() {
    let server = Server::start().await;
    whatsapp(&server, "w1", json!({ "type": "text", "text": { "body": "Our budget is 4,000 EUR." } })).await;
    ada(&server).await;
    whatsapp(&server, "w2", json!({ "type": "text", "text": { "body": "Hello, are you open on Sundays?" } })).await;
    ada(&server).await;
    whatsapp(&server, "w3", json!({ "type": "text", "text": { "body": "That is too much." }, "context": { "id": "w1" } })).await;
    let (_, timeline) = ada(&server).await;
    assert_eq!(said(&timeline, "in")[2], "That is too much.\nIn answer to: “Our budget is 4,000 EUR.”");
    // Somebody else's message is never shown.
    whatsapp_from(&server, "33611112222", "w4", json!({ "type": "text", "text": { "body": "Hello" } })).await;
    ada(&server).await;
    whatsapp_from(&server, "33611112222", "w5", json!({ "type": "text", "text": { "body": "And this?" }, "context": { "id": "w1" } }))
        .await;
    let (_, timeline) = seen(&server, "phone:%2B33611112222").await;
    assert_eq!(said(&timeline, "in"), ["Hello", "And this?"]);
}
