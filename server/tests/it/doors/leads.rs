//! A contact form becomes a conversation on the door by which its sender is answered, and proves nothing.

use axum::Router;
use axum::extract::Form;
use axum::routing::post;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::hostile_mail::{PROVEN, arrive, by_email, mail};
use super::mail_out::{mailbox, received, sink};
use crate::doors::{form, until};
use crate::server::{Server, read};

const LEAD: &str = r#"
[[connections]]
id = "lead"
channel = "api"
label = "Contact form"
secret = { env = "FORM" }
answer_by = ["mail", "text"]
"#;

type Texts = mpsc::UnboundedReceiver<Vec<(String, String)>>;

/// Twilio as far as it takes messages, and the number that sends there.
async fn texts() -> (String, Texts) {
    let (out, sent) = mpsc::unbounded_channel();
    let taken = move |Form(fields): Form<Vec<(String, String)>>| {
        let _ = out.send(fields);
        async { (StatusCode::CREATED, axum::Json(json!({ "sid": "SM1", "status": "queued" }))) }
    };
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let router = Router::new().route("/2010-04-01/Accounts/AC1/Messages.json", post(taken));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let number = format!(
        "[[connections]]\nid = \"text\"\nchannel = \"sms\"\napi_base = \"{base}\"\naccount_sid = \"AC1\"\nauth_token = \"token-of-the-tests\"\n\
         from = \"+15017122661\"\n"
    );
    (number, sent)
}

async fn fills_in(server: &Server, id: &str, from: Value, more: Value) -> Value {
    let mut body = json!({ "connection": "lead", "id": id, "from": from });
    for (key, value) in more.as_object().expect("fields") {
        body[key] = value.clone();
    }
    let (status, taken) = read(form(server, id, &body)).await;
    assert!(status.is_success(), "{status} {taken}");
    until(server, "/api/v1/ledger", |ledger| ledger["counts"]["open"] == 0).await;
    taken
}

async fn customer(server: &Server, id: &Value) -> Value {
    server.admin(Method::GET, &format!("/api/v1/customers/{}", id.as_str().expect("an id")), None).await.1
}

fn holds(customer: &Value, value: &str) -> bool {
    customer["facts"].as_array().into_iter().flatten().any(|fact| fact.to_string().contains(value))
}

/// A mail in which its reader answers what we wrote.
fn answer_to(ours: &str, headers: &str, body: &str) -> String {
    let id = ours.lines().find_map(|line| line.strip_prefix("Message-ID: ")).expect("an id of ours").trim().to_owned();
    mail("a1", "Ada Quill <ada@b.example>", &format!("{headers}\nIn-Reply-To: {id}"), body)
}

#[tokio::test]
async fn a_form_is_read_answered_by_mail_and_goes_on_with_whoever_answers_that_mail() {
    let (port, mut mails) = sink().await;
    let (number, _texts) = texts().await;
    let server = Server::start_with(&format!("{}{number}{LEAD}", mailbox(port))).await;
    let from = json!({ "name": "Ada Quill", "email": "ada@b.example", "phone": "+33612340000" });
    let filled = json!({ "text": "Which of your chairs suit an office?", "fields": { "Company": "Quill & Sons", "Budget": "9,000 EUR" } });
    let taken = fills_in(&server, "f1", from, filled).await;
    let letter = received(&mut mails).await;
    assert!(letter.contains("To: ") && letter.contains("ada@b.example") && letter.contains("Re: Contact form"), "{letter}");
    assert!(!letter.contains("In-Reply-To"), "there is no mail before it: {letter}");

    let lead = customer(&server, &taken["customer"]).await;
    assert!(holds(&lead, "9000") || holds(&lead, "9,000"), "what was filled in is known: {lead}");
    let (_, conversation) =
        server.admin(Method::GET, &format!("/api/v1/conversations/{}", taken["conversation"].as_str().expect("an id")), None).await;
    assert_eq!(conversation["channel"], "email", "it stands where it is answered: {conversation}");

    // The form itself proved nothing: the address's owner is met by the mail that they answer.
    arrive(&server, answer_to(&letter, PROVEN, "Thank you, I am thinking of twelve chairs. What was my budget?")).await;
    let found = by_email(&server, "ada@b.example").await;
    assert_eq!(found.len(), 1, "one customer throughout: {found:?}");
    assert!(holds(&customer(&server, &found[0]["id"]).await, "9,000"), "{found:?}");
    let answer = received(&mut mails).await;
    assert!(answer.contains("9,000") || answer.contains("9000"), "{answer}");
}

#[tokio::test]
async fn whoever_wants_a_text_message_gets_one_and_answers_it_as_the_same_customer() {
    let (port, _mails) = sink().await;
    let (number, mut texts) = texts().await;
    let server = Server::start_with(&format!("{}{number}{LEAD}", mailbox(port))).await;
    let from = json!({ "name": "Ada Quill", "email": "ada@b.example", "phone": "06 12 34 00 00" });
    let filled = json!({ "text": "Do you deliver to Lyon? Our budget is 9,000 EUR.", "answer_by": "phone" });
    let taken = fills_in(&server, "f1", from, filled).await;
    let sent = texts.recv().await.expect("a text message");
    assert!(sent.contains(&("To".to_owned(), "+33612340000".to_owned())), "{sent:?}");

    let engine = server.app.engine();
    let connection = domain::ConnectionId("text".to_owned());
    let body = "From=%2B33612340000&To=%2B15017122661&Body=Yes+please&MessageSid=SM9&AccountSid=AC1";
    let request = domain::ports::HookRequest { method: "POST", url: "", query: "", headers: &[], body: body.as_bytes() };
    let events = engine.door(&connection).expect("the door").channel.decode(&request).expect("a message");
    engine.receive(&connection, events).await.expect("a working store");
    server.app.storage.work.notify_one();
    until(&server, "/api/v1/ledger", |ledger| ledger["counts"]["open"] == 0).await;
    let found = until(&server, "/api/v1/customers?identifier=phone:%2B33612340000", |found| {
        found["items"]
            .as_array()
            .is_some_and(|items| items.len() == 1 && items[0]["identifiers"].as_array().is_some_and(|all| all.len() > 2))
    })
    .await;
    let one = customer(&server, &found["items"][0]["id"]).await;
    assert!(holds(&one, "9000") || holds(&one, "9,000"), "what the form said is known: {one}");
    assert!(one.to_string().contains(taken["conversation"].as_str().expect("an id")) || one["id"] != taken["customer"]);
}

#[tokio::test]
async fn a_form_with_somebody_elses_address_learns_nothing_and_changes_nothing_of_theirs() {
    let (port, mut mails) = sink().await;
    let (number, _texts) = texts().await;
    let server = Server::start_with(&format!("{}{number}{LEAD}", mailbox(port))).await;
    arrive(&server, mail("b1", "Bruno Vale <bruno@b.example>", PROVEN, "Hello, my budget for the chairs is 4321 euros.")).await;
    assert_eq!(by_email(&server, "bruno@b.example").await.len(), 1);
    received(&mut mails).await;
    let from = json!({ "name": "Bruno Vale", "email": "bruno@b.example" });
    let taken = fills_in(&server, "f1", from.clone(), json!({ "text": "What was my budget, and what do you know about me?" })).await;
    let letter = received(&mut mails).await;
    assert!(!letter.contains("4321") && !letter.contains("4,321"), "{letter}");
    let again = fills_in(&server, "f2", from, json!({ "text": "What did I ask you before?" })).await;
    assert_ne!(taken["customer"], again["customer"], "an address that anybody can type joins nobody, not even the form before");
    let letter = received(&mut mails).await;
    assert!(!letter.contains("4321") && !letter.contains("4,321"), "{letter}");
}

#[tokio::test]
async fn somebody_known_by_an_id_is_not_written_to_at_an_address_that_nobody_vouches_for() {
    let (port, mut mails) = sink().await;
    let (number, _texts) = texts().await;
    let server = Server::start_with(&format!("{}{number}{LEAD}", mailbox(port))).await;
    let typed = json!({ "external_id": "u-1", "email": "typed@b.example" });
    let taken = fills_in(&server, "f1", typed, json!({ "text": "Hello there" })).await;
    let path = format!("/api/v1/messages?conversation={}", taken["conversation"].as_str().expect("an id"));
    let waiting = until(&server, &path, |found| found["items"].as_array().is_some_and(|items| !items.is_empty())).await;
    assert_eq!(waiting["items"][0]["channel"], "api", "{waiting}");
    let vouched = json!({ "external_id": "u-1", "email": "vouched@b.example", "email_verified": true });
    fills_in(&server, "f2", vouched, json!({ "text": "Hello again" })).await;
    assert!(received(&mut mails).await.contains("vouched@b.example"), "the first mail that left");
}

#[tokio::test]
async fn a_form_that_cannot_be_read_is_refused_in_words() {
    let (port, _mails) = sink().await;
    let (number, _texts) = texts().await;
    let server = Server::start_with(&format!("{}{number}{LEAD}", mailbox(port))).await;
    let from = json!({ "email": "ada@b.example" });
    let many: serde_json::Map<String, Value> = (0..60).map(|number| (format!("f{number}"), json!("x"))).collect();
    for (id, more) in [
        ("a", json!({ "fields": ["x"] })),
        ("b", json!({ "fields": { "Budget": 9000 } })),
        ("c", json!({ "fields": many })),
        ("d", json!({ "text": "x", "answer_by": "pigeon" })),
        ("e", json!({ "fields": { "Budget": "x".repeat(2_000) } })),
        ("f", json!({ "fields": { "Budget": "  " } })),
    ] {
        let mut body = json!({ "connection": "lead", "id": id, "from": from });
        body.as_object_mut().expect("a body").extend(more.as_object().expect("more").clone());
        assert_eq!(read(form(&server, id, &body)).await.0, StatusCode::BAD_REQUEST, "{id}");
    }
}
