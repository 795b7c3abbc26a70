//! Doors from outside.

mod answered;
mod covered;
mod hostile;
mod hostile_mail;
mod hostile_socket;
mod hostile_time;
mod hostile_words;
mod leads;
mod mail_out;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::{SinkExt, StreamExt};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::server::{FORM, Server, WHATSAPP, read};

pub fn mac(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("any length");
    mac.update(bytes);
    mac.finalize().into_bytes().to_vec()
}

pub fn form(server: &Server, id: &str, body: &Value) -> reqwest::RequestBuilder {
    let key = STANDARD.decode(FORM.trim_start_matches("whsec_")).expect("base64");
    let at = server::hooks::real_seconds();
    let signature = STANDARD.encode(mac(&key, format!("{id}.{at}.{body}").as_bytes()));
    server
        .http
        .post(format!("{}/api/v1/messages", server.base))
        .header("webhook-id", id)
        .header("webhook-timestamp", at.to_string())
        .header("webhook-signature", format!("v1,{signature}"))
        .header("content-type", "application/json")
        .body(body.to_string())
}

#[tokio::test]
async fn a_signed_message_is_taken_once_and_answered() {
    let server = Server::start().await;
    let body = json!({
        "connection": "form", "id": "m-1", "text": "Hello, who am I talking to?",
        "from": { "external_id": "u-7", "name": "Ada Quill" },
    });
    let (status, taken) = read(form(&server, "m-1", &body)).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{taken}");
    let (status, again) = read(form(&server, "m-1", &body)).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(again, taken);
    let conversation = taken["conversation"].as_str().expect("an id");
    let mut bell = server.app.hub.bell();
    let replies = tokio::time::timeout(std::time::Duration::from_secs(20), async {
        loop {
            let path = format!("/api/v1/messages?conversation={conversation}");
            let (status, list) = server.admin(Method::GET, &path, None).await;
            assert_eq!(status, StatusCode::OK, "{list}");
            if list["items"].as_array().is_some_and(|items| !items.is_empty()) {
                return list;
            }
            bell.changed().await.expect("the server runs");
        }
    })
    .await
    .expect("an answer in time");
    assert!(replies["items"][0]["text"].as_str().is_some_and(|text| !text.is_empty()), "{replies}");
    let (_, found) = server.admin(Method::GET, "/api/v1/customers?identifier=external_id:u-7", None).await;
    assert_eq!(found["items"][0]["id"], taken["customer"]);
    assert_eq!(found["items"][0]["proof"], "verified");
    let (_, ledger) = server.admin(Method::GET, "/api/v1/ledger", None).await;
    assert_eq!(ledger["accepted"], 1);
}

/// Waits until what a request answers is as wanted; rings with every change. The end of patience is for what never comes:
/// a machine that is busy with other things may take its time.
pub async fn until(server: &Server, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let mut bell = server.app.hub.bell();
    tokio::time::timeout(std::time::Duration::from_secs(90), async {
        loop {
            let (status, found) = server.admin(Method::GET, path, None).await;
            assert_eq!(status, StatusCode::OK, "{found}");
            if wanted(&found) {
                return found;
            }
            bell.changed().await.expect("the server runs");
        }
    })
    .await
    .expect("in time")
}

#[tokio::test]
async fn on_a_door_for_drafts_a_teammate_has_the_last_word() {
    let server = Server::start().await;
    let (status, door) = server.admin(Method::PATCH, "/api/v1/channels/form", Some(&json!({ "mode": "draft" }))).await;
    assert_eq!((status, &door["mode"], &door["configured_mode"]), (StatusCode::OK, &json!("draft"), &json!("answer")));
    for (number, act) in ["approve", "amend", "discard"].into_iter().enumerate() {
        let id = format!("m-{number}");
        let body = json!({ "connection": "form", "id": id, "text": "Hello, who am I talking to?", "from": { "external_id": format!("u-{number}") } });
        let (_, taken) = read(form(&server, &id, &body)).await;
        let customer = taken["customer"].as_str().expect("an id");
        let timeline = format!("/api/v1/customers/{customer}/timeline");
        let said = until(&server, &timeline, |found| {
            found["items"].as_array().is_some_and(|items| items.iter().any(|item| item["draft"] == true))
        })
        .await;
        let draft = said["items"].as_array().expect("a list").iter().find(|item| item["draft"] == true).expect("a draft");
        let (_, waiting) = server.admin(Method::GET, "/api/v1/conversations?view=approval", None).await;
        assert_eq!((&waiting["items"][0]["drafts"], &waiting["counts"]["approval"]), (&json!(1), &json!(1)), "{act}");
        let (path, body) = match act {
            "discard" => ("discard", json!({})),
            "amend" => ("approve", json!({ "text": "Nora here." })),
            _ => ("approve", json!({})),
        };
        let path = format!("/api/v1/drafts/{}/{path}", draft["id"].as_str().expect("an id"));
        let (status, conversation) = server.admin(Method::POST, &path, Some(&body)).await;
        assert_eq!((status, &conversation["drafts"], &conversation["status"]), (StatusCode::OK, &json!(0), &json!("open")), "{act}");
        let (status, _) = server.admin(Method::POST, &path, Some(&body)).await;
        assert!(matches!(status, StatusCode::CONFLICT | StatusCode::NOT_FOUND), "{act}: once only");
        let heard = format!("/api/v1/messages?conversation={}", taken["conversation"].as_str().expect("an id"));
        let (_, sent) = server.admin(Method::GET, &heard, None).await;
        let sent = sent["items"].as_array().expect("a list");
        match act {
            "discard" => assert!(sent.is_empty(), "{sent:?}"),
            "amend" => assert_eq!((&sent[0]["text"], &sent[0]["author"]), (&json!("Nora here."), &json!("teammate"))),
            _ => assert_eq!((&sent[0]["text"], &sent[0]["author"]), (&draft["text"], &json!("ai"))),
        }
    }
}

#[tokio::test]
async fn a_wrong_signature_stores_nothing() {
    let server = Server::start().await;
    let body = json!({ "connection": "form", "id": "m-1", "text": "hi", "from": { "external_id": "u" } });
    for connection in ["form", "nowhere"] {
        let mut changed = body.clone();
        changed["connection"] = json!(connection);
        let request = form(&server, "m-1", &body).body(changed.to_string() + " ");
        assert_eq!(read(request).await.0, StatusCode::UNAUTHORIZED, "{connection}");
    }
    let hook = server.http.post(format!("{}/hooks/wa", server.base)).header("x-hub-signature-256", "sha256=").body("{}");
    assert_eq!(read(hook).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(server.admin(Method::GET, "/api/v1/ledger", None).await.1["accepted"], 0);
}

#[tokio::test]
async fn signed_but_unreadable_is_kept_and_acknowledged() {
    let server = Server::start().await;
    let body = r#"{"object":"whatsapp_business_account","entry":5}"#;
    let signature = server::auth::hex(&mac(WHATSAPP.as_bytes(), body.as_bytes()));
    let hook =
        server.http.post(format!("{}/hooks/wa", server.base)).header("x-hub-signature-256", format!("sha256={signature}")).body(body);
    assert_eq!(read(hook).await.0, StatusCode::OK);
    assert_eq!(server.admin(Method::GET, "/api/v1/ledger", None).await.1["counts"]["quarantined"], 1);
}

#[tokio::test]
async fn what_is_too_large_or_too_deep_is_refused_unread() {
    let server = Server::start().await;
    let deep = server.http.post(format!("{}/hooks/wa", server.base)).body("[".repeat(100_000));
    assert_eq!(read(deep).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    let unknown = server.http.post(format!("{}/hooks/nowhere", server.base)).body("{}");
    assert_eq!(read(unknown).await.0, StatusCode::NOT_FOUND);
}

pub type Socket = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

pub async fn open(server: &Server, origin: Option<&str>) -> Result<Socket, u16> {
    let address = format!("{}/widget/web/socket", server.base.replace("http:", "ws:"));
    let mut request = address.into_client_request().expect("an address");
    if let Some(origin) = origin {
        request.headers_mut().insert("origin", origin.parse().expect("a header"));
    }
    match tokio_tungstenite::connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(tokio_tungstenite::tungstenite::Error::Http(answer)) => Err(answer.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

pub async fn next(socket: &mut Socket, kind: &str) -> Value {
    let wanted = async {
        loop {
            let message = socket.next().await.expect("an open socket").expect("a frame");
            let Message::Text(text) = message else { continue };
            let frame: Value = serde_json::from_str(&text).expect("json");
            if frame["type"] == kind {
                return frame;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), wanted).await.unwrap_or_else(|_| panic!("no {kind} came"))
}

pub async fn send(socket: &mut Socket, frame: Value) {
    socket.send(Message::Text(frame.to_string().into())).await.expect("an open socket");
}

#[tokio::test]
async fn only_listed_websites_open_the_chat() {
    let server = Server::start().await;
    for origin in [None, Some("null"), Some("https://evil.example"), Some("https://shop.example.evil.example")] {
        assert_eq!(open(&server, origin).await.err(), Some(403), "{origin:?}");
    }
    assert!(open(&server, Some("https://shop.example")).await.is_ok());
}

#[tokio::test]
async fn a_visitor_is_answered_and_resumes_without_loss() {
    let server = Server::start().await;
    let mut socket = open(&server, Some("https://shop.example")).await.expect("a socket");
    send(&mut socket, json!({ "type": "hello", "session": null, "last_seq": 0 })).await;
    let welcome = next(&mut socket, "welcome").await;
    let session = welcome["session"].as_str().expect("a token").to_owned();
    let message = json!({ "type": "message", "id": "c-1", "text": "Hello, are you a bot?" });
    send(&mut socket, message.clone()).await;
    let ack = next(&mut socket, "ack").await;
    assert_eq!(ack["id"], "c-1");
    let reply = next(&mut socket, "message").await;
    assert_eq!(reply["author"], "ai");
    drop(socket);

    let mut socket = open(&server, Some("https://shop.example")).await.expect("a socket");
    send(&mut socket, json!({ "type": "hello", "session": session, "last_seq": 0 })).await;
    assert_eq!(next(&mut socket, "welcome").await["session"], session.as_str());
    assert_eq!(next(&mut socket, "message").await["author"], "customer");
    assert_eq!(next(&mut socket, "message").await["id"], reply["id"]);
    send(&mut socket, message).await;
    assert_eq!(next(&mut socket, "ack").await["message"], ack["message"]);
}

#[tokio::test]
async fn a_frame_over_the_limit_closes_the_line() {
    let server = Server::start().await;
    let mut socket = open(&server, Some("https://shop.example")).await.expect("a socket");
    send(&mut socket, json!({ "type": "message", "id": "c", "text": "x".repeat(1024 * 1024 + 1) })).await;
    let closed = tokio::time::timeout(std::time::Duration::from_secs(10), async {
        loop {
            match socket.next().await {
                Some(Ok(Message::Close(frame))) => return frame.map(|frame| u16::from(frame.code)),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    })
    .await
    .expect("an end");
    assert!(closed.is_none_or(|code| code == 1009), "{closed:?}");
}

#[tokio::test]
async fn a_conversation_is_split_merged_and_tagged_by_program() {
    let server = Server::start().await;
    let say = async |id: &str, text: &str| {
        let body = json!({ "connection": "form", "id": id, "text": text, "from": { "external_id": "u-1" } });
        read(form(&server, id, &body)).await.1
    };
    let first = say("m-1", "Where is my parcel?").await;
    let talk = first["conversation"].as_str().expect("an id").to_owned();
    let heard = format!("/api/v1/messages?conversation={talk}");
    until(&server, &heard, |found| found["items"].as_array().is_some_and(|items| !items.is_empty())).await;
    let second = say("m-2", "And do you sell lamps?").await;
    let act = async |id: &str, act: &str, body: Value| {
        server.admin(Method::POST, &format!("/api/v1/conversations/{id}/{act}"), Some(&body)).await
    };
    let (status, problem) = act(&talk, "split", json!({ "from": first["message"] })).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("nothing_left")));
    let (status, lamps) = act(&talk, "split", json!({ "from": second["message"] })).await;
    assert_eq!((status, &lamps["status"]), (StatusCode::OK, &json!("open")));
    let lamps = lamps["id"].as_str().expect("an id").to_owned();
    let (status, tagged) = act(&lamps, "tag", json!({ "add": ["Lamps", "later"], "remove": ["later"] })).await;
    assert_eq!((status, &tagged["tags"]), (StatusCode::OK, &json!(["lamps"])));
    let (status, _) = act(&lamps, "tag", json!({ "add": ["+33 6 12 34 56 78"] })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "a tag is no place for a number");
    let (_, found) = server.admin(Method::GET, "/api/v1/conversations?tag=lamps", None).await;
    assert_eq!(found["items"].as_array().expect("a list").len(), 1);
    let (status, _) = act(&talk, "merge", json!({ "absorb": talk })).await;
    assert_eq!(status, StatusCode::CONFLICT);
    let (status, one) = act(&talk, "merge", json!({ "absorb": lamps })).await;
    assert_eq!((status, &one["id"], &one["tags"]), (StatusCode::OK, &json!(talk), &json!(["lamps"])));
}
