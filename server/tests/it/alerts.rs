//! What the team is told: by webhook, by mail and in the console.

use std::sync::{Arc, Mutex};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::doors::{form, mac, until};
use crate::server::{Server, Session, read};

const SECRET: &str = "a secret of the alerts, long enough";

/// A receiver of webhooks that refuses the first tries and checks every signature.
#[derive(Clone)]
struct Receiver {
    taken: watch::Sender<Vec<(String, Value)>>,
    refusals: Arc<Mutex<u32>>,
    port: u16,
}

impl Receiver {
    async fn start(refusals: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let receiver = Self { taken: watch::Sender::new(Vec::new()), refusals: Arc::new(Mutex::new(refusals)), port };
        let here = receiver.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let mut stream = BufReader::new(socket);
                let status = here.read(&mut stream).await;
                let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        receiver
    }

    async fn read(&self, stream: &mut BufReader<tokio::net::TcpStream>) -> u16 {
        let (mut headers, mut line) = (std::collections::HashMap::new(), String::new());
        while stream.read_line(&mut line).await.is_ok_and(|read| read > 2) {
            if let Some((name, value)) = line.trim().split_once(": ") {
                headers.insert(name.to_ascii_lowercase(), value.to_owned());
            }
            line.clear();
        }
        let mut body = vec![0; headers["content-length"].parse().expect("a length")];
        stream.read_exact(&mut body).await.expect("a body");
        let (id, at) = (&headers["webhook-id"], &headers["webhook-timestamp"]);
        let signed = mac(SECRET.as_bytes(), &[format!("{id}.{at}.").as_bytes(), &body].concat());
        let expected = format!("v1,{}", base64::Engine::encode(&base64::engine::general_purpose::STANDARD, signed));
        assert!(headers["webhook-signature"].split(' ').any(|one| one == expected), "the signature is ours");
        let mut refusals = self.refusals.lock().expect("a count");
        if *refusals > 0 {
            *refusals -= 1;
            return 503;
        }
        let body: Value = serde_json::from_slice(&body).expect("json");
        self.taken.send_modify(|taken| taken.push((id.clone(), body)));
        200
    }

    async fn hears(&self, count: usize) -> Vec<(String, Value)> {
        let mut taken = self.taken.subscribe();
        let wait = taken.wait_for(|taken| taken.len() >= count);
        tokio::time::timeout(std::time::Duration::from_secs(30), wait).await.expect("in time").expect("the receiver").clone()
    }
}

/// A mail server that takes everything.
pub async fn post_office() -> (u16, watch::Receiver<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (mails, hear) = watch::channel(Vec::new());
    let mails = Arc::new(mails);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let mails = Arc::clone(&mails);
            tokio::spawn(async move {
                let mut stream = BufReader::new(socket);
                let _ = stream.write_all(b"220 here\r\n").await;
                let mut line = String::new();
                while stream.read_line(&mut line).await.is_ok_and(|read| read > 0) {
                    let word = line.trim().to_ascii_uppercase();
                    line.clear();
                    if word.starts_with("DATA") {
                        let _ = stream.write_all(b"354 go on\r\n").await;
                        let mut mail = String::new();
                        while !mail.ends_with("\r\n.\r\n") && stream.read_line(&mut mail).await.is_ok_and(|read| read > 0) {}
                        mails.send_modify(|mails| mails.push(mail));
                    }
                    let _ = stream.write_all(if word.starts_with("EHLO") { b"250 8BITMIME\r\n" } else { b"250 ok\r\n" }).await;
                }
            });
        }
    });
    (port, hear)
}

fn tables(webhook: u16, smtp: u16) -> String {
    format!(
        r#"
[[workspace.alerts.webhooks]]
id = "team"
url = "http://127.0.0.1:{webhook}/hook"
secret = "{SECRET}"

[[connections]]
id = "mail"
channel = "email"
address = "hello@one.example"
imap = {{ host = "127.0.0.1", port = 9, password = "imap-of-the-tests" }}
smtp = {{ host = "127.0.0.1", port = {smtp} }}
"#
    )
}

async fn as_teammate(server: &Server, session: &Session, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
    let request = server.http.request(method, format!("{}/api/v1{path}", server.base)).header("cookie", &session.cookie);
    read(request.header("x-rapport-csrf", &session.csrf).json(body)).await
}

async fn asks(server: &Server, number: u32, text: &str) -> String {
    let body = json!({ "connection": "form", "id": format!("m{number}"), "text": text,
        "from": { "external_id": format!("u{number}"), "name": "Ada <!channel> Quill" } });
    let (status, taken) = read(form(server, &format!("m{number}"), &body)).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{taken}");
    taken["conversation"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn a_fired_rule_is_told_by_signed_webhook_and_by_mail_until_both_took_it() {
    let receiver = Receiver::start(1).await;
    let (smtp, mut mails) = post_office().await;
    let server = Server::start_with(&tables(receiver.port, smtp)).await;
    let owner = server.sign_in(&server.teammate("one", "owner").await).await;
    let mate = server.sign_in(&server.teammate("one", "teammate").await).await;
    let me = owner.object["teammate"]["id"].as_str().expect("an id").to_owned();
    assert_eq!(owner.object["teammate"]["alerts"], json!({ "browser": false, "sound": false, "email": false }), "off by default");
    let switched = json!({ "alerts": { "browser": true, "sound": false, "email": true } });
    let (status, shown) = as_teammate(&server, &owner, Method::PATCH, &format!("/teammates/{me}"), &switched).await;
    assert_eq!((status, &shown["alerts"]["email"]), (StatusCode::OK, &json!(true)), "{shown}");
    let (status, _) = as_teammate(&server, &mate, Method::PATCH, &format!("/teammates/{me}"), &switched).await;
    assert_eq!(status, StatusCode::FORBIDDEN);

    let conversation = asks(&server, 1, "Let me talk to a person please").await;
    let told = receiver.hears(1).await;
    let (id, body) = &told[0];
    assert!(id.starts_with("esc_") && id.ends_with("-team"), "{id}");
    assert_eq!((&body["type"], &body["data"]["conversation"]), (&json!("conversation.escalated"), &json!(conversation)));
    assert_eq!(body["data"]["escalation"]["rule"], "human-asked-for");
    let text = body["text"].as_str().expect("text");
    assert!(text.contains("Ada &lt;!channel&gt; Quill") && !text.contains("<!"), "{text}");
    let wait = mails.wait_for(|mails| !mails.is_empty());
    let mail = tokio::time::timeout(std::time::Duration::from_secs(30), wait).await.expect("in time").expect("mail")[0].clone();
    assert!(mail.contains("Auto-Submitted: auto-generated") && mail.contains("owner@one.example"), "{mail}");
    assert!(mail.contains(&format!("/inbox/all/{conversation}")), "{mail}");

    let list = as_teammate(&server, &owner, Method::GET, "/alerts", &json!(null)).await.1;
    assert_eq!((&list["items"][0]["kind"], &list["items"][0]["waits"]), (&json!("escalated"), &json!(true)), "{list}");
    until(&server, "/api/v1/alerts/ways", |ways| ways["items"][0]["last"]["state"] == "told").await;
    let ways = server.admin(Method::GET, "/api/v1/alerts/ways", None).await.1;
    assert!(ways["items"][0]["host"] == "127.0.0.1" && ways["items"][1]["kind"] == "email", "{ways}");

    // Given to the other one: she is told in the console, who has switched on no mail.
    let to = json!({ "teammate": mate.object["teammate"]["id"] });
    assert_eq!(as_teammate(&server, &owner, Method::POST, &format!("/conversations/{conversation}/assign"), &to).await.0, StatusCode::OK);
    let told = receiver.hears(2).await;
    assert_eq!(told[1].1["type"], "conversation.assigned");
    let list = as_teammate(&server, &mate, Method::GET, "/alerts", &json!(null)).await.1;
    assert_eq!(list["items"][0]["kind"], "assigned", "{list}");
    let tested = server.admin(Method::POST, "/api/v1/alerts/ways/webhook:team/test", Some(&json!({}))).await;
    assert_eq!(tested, (StatusCode::OK, json!({ "ok": true, "why": null })));
    assert_eq!(receiver.hears(3).await[2].1["type"], "alert.test");
    assert_eq!(server.admin(Method::POST, "/api/v1/alerts/ways/webhook:none/test", Some(&json!({}))).await.0, StatusCode::NOT_FOUND);
    assert_eq!(mails.borrow_and_update().len(), 1, "one letter for one firing");
}

#[tokio::test]
async fn what_escalates_goes_to_whoever_is_here_with_room_and_the_rest_when_somebody_is_free() {
    let server = Server::start_in_workspace("capacity = 1").await;
    let owner = server.sign_in(&server.teammate("one", "owner").await).await;
    let mate = server.sign_in(&server.teammate("one", "teammate").await).await;
    let analyst = server.sign_in(&server.teammate("one", "analyst").await).await;
    let id = |session: &Session| session.object["teammate"]["id"].as_str().expect("an id").to_owned();
    let here = async |session: &Session| as_teammate(&server, session, Method::POST, "/presence", &json!({ "conversation": null })).await.0;
    let mut talks = Vec::new();
    for number in 1..=3 {
        let body = json!({ "connection": "form", "id": format!("m{number}"), "text": "Let me talk to a person please",
            "from": { "external_id": format!("u{number}"), "name": format!("Person {number}") } });
        let (_, taken) = read(form(&server, &format!("m{number}"), &body)).await;
        talks.push(taken["conversation"].as_str().expect("an id").to_owned());
        until(&server, "/api/v1/escalations", |found| found["items"].as_array().is_some_and(|items| items.len() == number)).await;
    }
    let of =
        |found: &Value, who: &str| found["items"].as_array().expect("a list").iter().filter(|item| item["assignee"]["id"] == *who).count();
    let all = "/api/v1/conversations?view=all";
    let away = json!({ "away": true });
    assert_eq!(as_teammate(&server, &mate, Method::PATCH, &format!("/teammates/{}", id(&mate)), &away).await.0, StatusCode::OK);
    for session in [&analyst, &mate, &owner] {
        assert_eq!(here(session).await, StatusCode::OK);
    }
    let found = until(&server, all, |found| of(found, &id(&owner)) == 1).await;
    assert_eq!((of(&found, &id(&mate)), of(&found, &id(&analyst))), (0, 0), "one is away, one only reads");
    let first =
        found["items"].as_array().expect("a list").iter().find(|item| item["assignee"]["id"] == *id(&owner)).expect("one")["id"].clone();
    assert_eq!(first, json!(talks[0]), "who waits longest");
    let back = json!({ "away": false });
    assert_eq!(as_teammate(&server, &mate, Method::PATCH, &format!("/teammates/{}", id(&mate)), &back).await.0, StatusCode::OK);
    as_teammate(&server, &mate, Method::POST, "/presence", &json!({ "conversation": talks[0] })).await;
    let found = until(&server, all, |found| of(found, &id(&mate)) == 1).await;
    assert_eq!(of(&found, &id(&owner)), 1, "nobody gets more than there is room for");
    let told = as_teammate(&server, &mate, Method::GET, "/alerts", &json!(null)).await.1;
    assert!(told["items"].as_array().is_some_and(|items| items.iter().any(|item| item["kind"] == "assigned")), "{told}");
    assert_eq!(
        as_teammate(&server, &owner, Method::POST, &format!("/conversations/{}/resolve", talks[0]), &json!({})).await.0,
        StatusCode::OK
    );
    until(&server, all, |found| {
        found["items"]
            .as_array()
            .is_some_and(|items| items.iter().any(|item| item["id"] == *talks[2] && item["assignee"]["id"] == *id(&owner)))
    })
    .await;
}
