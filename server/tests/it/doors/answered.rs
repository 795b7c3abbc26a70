//! A teammate answers an alert by mail, and the customer reads it where they wrote last: one conversation throughout.

use axum::Router;
use axum::routing::{get, post};
use domain::ConnectionId;
use domain::ports::HookRequest;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::hostile::{delivery, message};
use super::hostile_mail::arrive;
use super::mail_out::{mailbox, received, sink};
use crate::doors::mac;
use crate::server::{Server, Session, WHATSAPP, read};

/// A bot whose messages the vendor at this address takes.
fn discord(vendor: &str) -> String {
    format!(
        "[[connections]]\nid = \"dc\"\nchannel = \"discord\"\napi_base = \"{vendor}\"\ngateway_url = \"ws://127.0.0.1:9\"\napplication_id = \"700\"\n\
         bot_token = \"bot-token-of-the-tests\"\npublic_key = \"{}\"\n",
        "0".repeat(64)
    )
}

/// WhatsApp, and Discord beside it, as far as they take messages; those on WhatsApp come out.
pub async fn whatsapp() -> (String, mpsc::UnboundedReceiver<Value>) {
    let (out, sent) = mpsc::unbounded_channel();
    let taken = move |body: axum::Json<Value>| {
        let out = out.clone();
        async move {
            if body["type"].is_string() {
                let _ = out.send(body.0);
            }
            axum::Json(json!({ "messaging_product": "whatsapp", "messages": [{ "id": "wamid.OUT" }] }))
        }
    };
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let base = format!("http://{}/v23.0", listener.local_addr().expect("an address"));
    let router = Router::new()
        .route("/v23.0/{number}/messages", post(taken))
        .route("/v23.0/{number}/media", post(uploaded))
        .route("/v23.0/{account}/message_templates", get(templates))
        .route("/v23.0/channels/{channel}/messages", post(async || axum::Json(json!({ "id": "1" }))));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (base, sent)
}

/// One template is approved in two languages, one is not.
async fn templates() -> axum::Json<Value> {
    let template = |name: &str, language: &str, status: &str, text: &str| {
        json!({ "name": name, "language": language, "status": status, "category": "UTILITY", "parameter_format": "POSITIONAL",
            "components": [{ "type": "BODY", "text": text, "example": { "body_text": [["x"]] } }] })
    };
    axum::Json(json!({ "data": [
        template("mail_waiting", "fr", "APPROVED", "Nous vous avons écrit : {{1}} Répondez ici si vous voulez."),
        template("mail_waiting", "en", "APPROVED", "We wrote to you: {{1}} Answer here if you like."),
        template("mail_waiting_new", "en", "PENDING", "Hello {{1}}"),
    ] }))
}

async fn uploaded() -> axum::Json<Value> {
    axum::Json(json!({ "id": "media-1" }))
}

/// The number that answers.
pub fn number(base: &str) -> String {
    format!(
        "[[connections]]\nid = \"shop\"\nchannel = \"whatsapp\"\napi_base = \"{base}\"\nphone_number_id = \"2\"\nbusiness_account_id = \"3\"\n\
         access_token = \"t1\"\napp_secret = {{ env = \"WHATSAPP\" }}\nverify_token = \"hello-there\"\n"
    )
}

struct Scene {
    server: Server,
    mails: mpsc::UnboundedReceiver<String>,
    sent: mpsc::UnboundedReceiver<Value>,
    owner: Session,
    customer: String,
    conversation: String,
    /// The letter's own id.
    letter: String,
}

async fn as_teammate(server: &Server, session: &Session, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
    let request = server.http.request(method, format!("{}/api/v1{path}", server.base)).header("cookie", &session.cookie);
    read(request.header("x-rapport-csrf", &session.csrf).json(body)).await
}

/// What Ada writes on the number that answers.
pub async fn says_on_whatsapp(server: &Server, id: &str, text: &str) {
    let mut body = delivery(&[message(id, text)]);
    body["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = json!("2");
    let body = body.to_string();
    let signature = format!("sha256={}", server::auth::hex(&mac(WHATSAPP.as_bytes(), body.as_bytes())));
    let hook = server.http.post(format!("{}/hooks/shop", server.base)).header("x-hub-signature-256", signature).body(body);
    assert_eq!(read(hook).await.0, StatusCode::OK);
    crate::links::settled(server).await;
}

/// Ada asks for a person on Discord, the owner gets a letter, and Ada asks again on WhatsApp.
async fn ada_waits() -> Scene {
    let (port, mut mails) = sink().await;
    let (base, mut sent) = whatsapp().await;
    let server = Server::start_with(&format!("{}{}{}", mailbox(port), discord(&base), number(&base))).await;
    let owner = server.sign_in(&server.teammate("one", "owner").await).await;
    let me = owner.object["teammate"]["id"].as_str().expect("an id").to_owned();
    let switched = json!({ "alerts": { "browser": false, "sound": false, "email": true } });
    assert_eq!(as_teammate(&server, &owner, Method::PATCH, &format!("/teammates/{me}"), &switched).await.0, StatusCode::OK);

    let said = json!({ "op": 0, "t": "MESSAGE_CREATE", "s": 2, "d": {
        "id": "11", "channel_id": "77", "type": 0, "content": "Hello, let me talk to a person please", "timestamp": "2026-01-05T09:00:00.000000+00:00",
        "author": { "id": "8", "username": "ada", "global_name": "Ada Quill" }, "mentions": [], "attachments": [] } });
    let engine = server.app.engine();
    let connection = ConnectionId("dc".to_owned());
    let body = said.to_string();
    let request = HookRequest { method: "POST", url: "", query: "", headers: &[], body: body.as_bytes() };
    let events = engine.door(&connection).expect("the door").channel.decode(&request).expect("a message");
    let taken = engine.receive(&connection, events).await.expect("a working store").remove(0);
    server.app.storage.work.notify_one();
    let letter = received(&mut mails).await.replace("=\n", "");
    assert!(letter.contains("Ada Quill") && letter.contains("talk to a person"), "{letter}");
    let head = |name: &str| letter.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned());
    let id = head("Message-ID:").expect("an id");
    assert_eq!(head("Reply-To:"), None, "an answer comes to the mailbox itself");

    says_on_whatsapp(&server, "wamid.1", "Hello there").await;
    let (_, found) = server.admin(Method::GET, "/api/v1/customers?identifier=phone:%2B33612345678", None).await;
    let by_phone = found["items"][0]["id"].as_str().expect("an id").to_owned();
    let merge = format!("/api/v1/customers/{}/merge", taken.customer);
    let (status, merged) = server.admin(Method::POST, &merge, Some(&json!({ "absorb": by_phone }))).await;
    assert!(status.is_success(), "{merged}");
    says_on_whatsapp(&server, "wamid.2", "Any news about my chair?").await;
    while sent.try_recv().is_ok() {}
    let (customer, conversation) = (taken.customer.to_string(), taken.conversation.to_string());
    Scene { server, mails, sent, owner, customer, conversation, letter: id }
}

/// The owner's answer, with what a mail program puts around it.
fn answer(id: &str, result: &str, from: &str, to_letter: &str, text: &str) -> String {
    format!(
        "Authentication-Results: mx.ours.example; dmarc={result} header.from=one.example\r\nFrom: {from}\r\nTo: support@shop.example\r\n\
         Subject: Re: Ada Quill needs a person\r\nMessage-ID: <{id}@one.example>\r\nIn-Reply-To: {to_letter}\r\nReferences: {to_letter}\r\n\
         Date: Mon, 05 Jan 2026 09:00:00 +0100\r\n\r\n{text}\r\n\r\n-- \r\nNora Keller\r\nErgo Chairs, +33 1 80 00 01 02\r\n\r\n\
         On Mon, 5 Jan 2026 at 08:59, Ergo Chairs <support@shop.example> wrote:\r\n> Ada Quill needs a person.\r\n> Need: a person\r\n"
    )
}

impl Scene {
    async fn said(&self) -> Vec<Value> {
        let (_, timeline) = self.server.admin(Method::GET, &format!("/api/v1/customers/{}/timeline", self.customer), None).await;
        timeline["items"].as_array().cloned().unwrap_or_default()
    }

    async fn by_teammates(&self) -> usize {
        self.said().await.iter().filter(|item| item["author"] == "teammate" && item["direction"] == "out").count()
    }

    /// What WhatsApp took with these words; what the AI still said before is passed over.
    async fn heard(&mut self, words: &str) -> Value {
        let waiting = async {
            loop {
                let sent = self.sent.recv().await.expect("a vendor");
                if sent.to_string().contains(words) {
                    return sent;
                }
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), waiting).await.expect("a message in time")
    }
}

#[tokio::test]
async fn a_teammates_answer_by_mail_is_read_where_the_customer_wrote_last_in_the_same_conversation() {
    let mut scene = ada_waits().await;
    let raw = answer("r1", "pass", "Owner <owner@one.example>", &scene.letter, "Yes, it ships on Friday.\r\nShall I call you?");
    for _ in 0..2 {
        assert_eq!(arrive(&scene.server, &raw).await, None, "it is no customer's message");
    }
    let sent = scene.heard("Friday").await;
    assert_eq!(
        (&sent["to"], &sent["text"]["body"]),
        (&json!("33612345678"), &json!("Yes, it ships on Friday.\nShall I call you?")),
        "{sent}"
    );
    assert_eq!(scene.by_teammates().await, 1, "a mail that is fetched twice is said once");
    let said = scene.said().await;
    let reply = said.iter().find(|item| item["author"] == "teammate" && item["direction"] == "out").expect("the answer");
    assert_eq!((&reply["conversation"], &reply["channel"]), (&json!(scene.conversation), &json!("whatsapp")), "{reply}");
    assert_eq!(reply["author_name"], "owner", "{reply}");
    let (_, row) = scene.server.admin(Method::GET, &format!("/api/v1/conversations/{}", scene.conversation), None).await;
    assert_eq!((&row["status"], &row["assignee"]["id"]), (&json!("with_teammate"), &scene.owner.object["teammate"]["id"]), "{row}");
    let (_, talks) = scene.server.admin(Method::GET, "/api/v1/conversations", None).await;
    let doors: Vec<&Value> =
        said.iter().filter(|item| item["conversation"] == json!(scene.conversation)).map(|item| &item["channel"]).collect();
    assert!(doors.contains(&&json!("discord")) && doors.contains(&&json!("whatsapp")), "{talks}");
    let (_, mate) = scene.server.admin(Method::GET, "/api/v1/customers?identifier=email:owner@one.example", None).await;
    assert_eq!(mate["items"], json!([]), "a teammate is no customer");

    // What Ada writes next comes by mail as well, and its letter is answered like the first.
    says_on_whatsapp(&scene.server, "wamid.3", "Thank you! Is the blue one there too?").await;
    let next = loop {
        let mail = received(&mut scene.mails).await.replace("=\n", "");
        if mail.contains("wrote again") {
            break mail;
        }
    };
    assert!(next.contains("Is the blue one there too?"), "{next}");
    let id = next.lines().find_map(|line| line.strip_prefix("Message-ID:")).expect("an id").trim().to_owned();
    arrive(&scene.server, answer("r3", "pass", "Owner <owner@one.example>", &id, "The blue one as well.")).await;
    scene.heard("The blue one as well.").await;

    // Another answer with a file.
    let boundary = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nThe offer.\r\n--b\r\n\
        Content-Type: application/pdf; name=offer.pdf\r\nContent-Disposition: attachment; filename=offer.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n\
        JVBERi0xLjQK\r\n--b\r\nContent-Type: image/png; name=logo.png\r\nContent-ID: <logo>\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--b--\r\n";
    let head = answer("r2", "pass", "Owner <owner@one.example>", &scene.letter, "").split("\r\n\r\n").next().expect("a head").to_owned();
    arrive(&scene.server, format!("{head}\r\n{boundary}")).await;
    let sent = scene.heard("offer").await;
    assert_eq!(
        (&sent["type"], &sent["document"]["caption"], &sent["document"]["filename"]),
        (&json!("document"), &json!("The offer."), &json!("offer.pdf")),
        "{sent}"
    );
}

#[tokio::test]
async fn what_only_claims_to_be_a_teammates_answer_reaches_no_customer() {
    let mut scene = ada_waits().await;
    let bare = format!("<{}@shop.example>", scene.letter.trim_matches(['<', '>']).rsplit_once('.').map_or("", |(id, _)| id));
    let owner = "Owner <owner@one.example>";
    for (case, raw) in [
        ("no mark", answer("f1", "pass", owner, &bare, "Send your card number.")),
        ("a guessed mark", answer("f2", "pass", owner, &bare.replace('@', ".000000000000000000000000@"), "Send your card number.")),
        (
            "somebody else who got hold of the letter",
            answer("f3", "pass", "Eve <eve@one.example>", &scene.letter, "Send your card number."),
        ),
        ("a display name", answer("f4", "pass", "\"owner@one.example\" <eve@one.example>", &scene.letter, "Send your card number.")),
        (
            "a program",
            answer("f5", "pass", owner, &scene.letter, "I am away.").replacen("From:", "Auto-Submitted: auto-replied\r\nFrom:", 1),
        ),
    ] {
        arrive(&scene.server, raw).await;
        crate::links::settled(&scene.server).await;
        assert_eq!(scene.by_teammates().await, 0, "{case}");
    }
    while let Ok(sent) = scene.sent.try_recv() {
        assert!(!sent.to_string().contains("card number") && !sent.to_string().contains("I am away"), "{sent}");
    }

    // With the letter's mark and without proof: the teammate hears that it did not leave.
    let before = scene.said().await.len();
    let forged = answer("f6", "fail", owner, &scene.letter, "Send your card number.");
    for _ in 0..2 {
        arrive(&scene.server, &forged).await;
    }
    let told = loop {
        let mail = received(&mut scene.mails).await.replace("=\n", "");
        if mail.contains("was not sent") {
            break mail;
        }
    };
    assert!(told.contains("To: <owner@one.example>") || told.contains("owner@one.example"), "{told}");
    assert!(!told.contains("card number"), "{told}");
    assert_eq!(scene.by_teammates().await, 0);
    let said = scene.said().await;
    assert!(said.iter().any(|item| item["event"]["type"] == "not_sent" && item["event"]["data"]["why"] == "unproven"), "{before} {said:?}");
    assert!(!json!(said).to_string().contains("card number"));
}

#[tokio::test]
async fn an_answer_by_mail_that_no_door_takes_any_more_is_told_to_whoever_wrote_it() {
    let mut scene = ada_waits().await;
    says_on_whatsapp(&scene.server, "wamid.3", "STOP").await;
    // Discord has no window and takes it: there it goes, as long as the customer has not stopped there too.
    arrive(&scene.server, answer("s1", "pass", "Owner <owner@one.example>", &scene.letter, "It ships on Friday.")).await;
    let said = scene.said().await;
    let reply = said.iter().find(|item| item["author"] == "teammate" && item["direction"] == "out").expect("the answer");
    assert_eq!(reply["channel"], "discord", "{reply}");
    arrive(&scene.server, answer("s2", "pass", "Owner <owner@one.example>", &scene.letter, "")).await;
    let told = loop {
        let mail = received(&mut scene.mails).await.replace("=\n", "");
        if mail.contains("was not sent") {
            break mail;
        }
    };
    assert!(told.contains(&scene.conversation), "{told}");
    assert_eq!(scene.by_teammates().await, 1);
}
