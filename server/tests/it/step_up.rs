//! A one-time code to a contact on file opens what a visitor asks for, and shows nothing to whoever has none.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::doors::{Socket, next, open, send};
use crate::server::Server;

/// Where text messages leave; what is sent there can be read.
pub async fn carrier() -> (String, mpsc::UnboundedReceiver<String>) {
    let (sent, received) = mpsc::unbounded_channel();
    let router = Router::new()
        .fallback(|State(sent): State<Arc<mpsc::UnboundedSender<String>>>, body: String| async move {
            let _ = sent.send(body);
            (StatusCode::CREATED, axum::Json(json!({ "sid": "SM00000000000000000000000000000009", "status": "queued" })))
        })
        .with_state(Arc::new(sent));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (base, received)
}

/// A server with a door for text messages, and an order of somebody whose number has been on file for four days.
async fn with_an_order() -> (Server, mpsc::UnboundedReceiver<String>) {
    let (base, sent) = carrier().await;
    let door = format!(
        "[[connections]]\nid = \"sms\"\nchannel = \"sms\"\napi_base = \"{base}\"\naccount_sid = \"AC00000000000000000000000000000001\"\n\
         auth_token = \"token-of-the-carrier\"\nfrom = \"+33755500101\""
    );
    let server = Server::start_with(&door).await;
    on_file(&server).await;
    (server, sent)
}

/// Somebody has an order, and a number that has been on file for four days.
pub async fn on_file(server: &Server) {
    let event = json!({ "type": "order.created", "customer": { "phone": "+33612345678" },
                        "data": { "order": "EC-51877", "status": "packed, leaves on Monday" } });
    let (status, answer) = server.admin(Method::POST, "/api/v1/events", Some(&event)).await;
    assert!(status.is_success(), "{answer}");
    let (status, answer) = server.admin(Method::POST, "/api/v1/clock", Some(&json!({ "advance_s": 4 * 86_400 }))).await;
    assert!(status.is_success(), "{answer}");
}

pub async fn page(server: &Server) -> Socket {
    let mut socket = open(server, Some("https://shop.example")).await.expect("a socket");
    send(&mut socket, json!({ "type": "hello", "session": null, "last_seq": 0 })).await;
    next(&mut socket, "welcome").await;
    socket
}

/// Says something on the page; the reply.
pub async fn says(socket: &mut Socket, id: &str, text: &str) -> String {
    send(socket, json!({ "type": "message", "id": id, "text": text })).await;
    loop {
        let message = next(socket, "message").await;
        if message["author"] != "customer" {
            return message["text"].as_str().expect("a text").to_owned();
        }
    }
}

pub async fn code(sent: &mut mpsc::UnboundedReceiver<String>) -> String {
    let body = tokio::time::timeout(std::time::Duration::from_secs(20), sent.recv()).await.expect("in time").expect("a message");
    body.split(|letter: char| !letter.is_ascii_digit()).find(|run| run.len() == 6).expect("a code").to_owned()
}

/// Everything that the API tells about everybody.
async fn everything(server: &Server) -> String {
    let (_, people) = server.admin(Method::GET, "/api/v1/customers?q=", None).await;
    let mut all = people.to_string();
    for person in people["items"].as_array().expect("a list") {
        let id = person["id"].as_str().expect("an id");
        for path in ["", "/timeline", "/export"] {
            let (_, told) = server.admin(Method::GET, &format!("/api/v1/customers/{id}{path}"), None).await;
            for turn in told["items"].as_array().into_iter().flatten().filter_map(|item| item["turn"].as_str()) {
                all.push_str(&server.admin(Method::GET, &format!("/api/v1/turns/{turn}"), None).await.1.to_string());
            }
            all.push_str(&told.to_string());
        }
    }
    all
}

#[tokio::test]
async fn a_code_to_the_number_on_file_opens_the_order_and_is_written_nowhere() {
    let (server, mut sent) = with_an_order().await;
    let mut page = page(&server).await;
    let reply = says(&mut page, "c-1", "Where is my order EC-51877? My number is +33 6 12 34 56 78").await;
    assert!(reply.contains("…78") && reply.contains("six-digit code"), "{reply}");
    let code = code(&mut sent).await;
    let wrong = if code == "111111" { "222222" } else { "111111" };
    let reply = says(&mut page, "c-2", wrong).await;
    assert!(reply.contains("left: 4") && !reply.contains("Monday"), "{reply}");
    let reply = says(&mut page, "c-3", &format!("the code is {code}, thanks")).await;
    assert!(reply.contains("confirmed") && reply.contains("Monday"), "{reply}");
    let notice = tokio::time::timeout(std::time::Duration::from_secs(20), sent.recv()).await.expect("in time").expect("a message");
    assert!(notice.contains("was+just+used") || notice.contains("was%20just%20used"), "whoever holds the number hears of it: {notice}");
    let (_, found) = server.admin(Method::GET, "/api/v1/customers?identifier=phone:%2B33612345678", None).await;
    let id = found["items"][0]["id"].as_str().expect("a customer").to_owned();
    let (_, timeline) = server.admin(Method::GET, &format!("/api/v1/customers/{id}/timeline"), None).await;
    let steps: Vec<&Value> = timeline["items"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|item| item["event"]["type"] == "step_up")
        .map(|item| &item["event"]["data"]["step"])
        .collect();
    assert_eq!(steps.len(), 3, "asked, wrong, confirmed: {steps:?}");
    let all = everything(&server).await;
    assert!(all.contains("EC-51877") && !all.contains(&code) && !all.contains(wrong), "a code is written somewhere");
}

#[tokio::test]
async fn whether_somebody_is_known_cannot_be_told_from_the_words() {
    let (server, mut sent) = with_an_order().await;
    let mut replies = Vec::new();
    for number in ["+33 6 12 34 56 78", "+33 6 99 98 76 78"] {
        let mut page = page(&server).await;
        let asked = says(&mut page, "c-1", &format!("Where is my order EC-51877? My number is {number}")).await;
        let mut heard = vec![asked];
        for (turn, text) in ["111111", "222222", "333333", "444444", "555555", "666666", "again"].into_iter().enumerate() {
            heard.push(says(&mut page, &format!("c-{}", turn + 2), text).await);
        }
        for turn in 0..2 {
            heard.push(says(&mut page, &format!("c-{}", turn + 20), "again").await);
        }
        let digits = number.replace(' ', "");
        replies.push(heard.into_iter().map(|reply| reply.replace(&digits, "NUMBER")).collect::<Vec<_>>());
    }
    assert_eq!(replies[0], replies[1]);
    assert!(replies[0].iter().all(|reply| !reply.contains("Monday")), "{replies:?}");
    assert!(replies[0].last().is_some_and(|reply| reply.contains("Too many")), "the fourth code within the hour: {replies:?}");
    assert_eq!((code(&mut sent).await.len(), code(&mut sent).await.len(), code(&mut sent).await.len()), (6, 6, 6));
}

#[tokio::test]
async fn what_a_code_opened_closes_after_half_an_hour() {
    let (server, mut sent) = with_an_order().await;
    let mut page = page(&server).await;
    says(&mut page, "c-1", "What is my address? My number is +33 6 12 34 56 78. Send me a code").await;
    let code = code(&mut sent).await;
    assert!(says(&mut page, "c-2", &code).await.contains("confirmed"));
    assert!(says(&mut page, "c-3", "Where is my order EC-51877?").await.contains("Monday"));
    assert!(!says(&mut page, "c-4", "Please send me a code").await.contains("one-time code"), "it holds");
    server.admin(Method::POST, "/api/v1/clock", Some(&json!({ "advance_s": 31 * 60 }))).await;
    assert!(says(&mut page, "c-5", "Please send me a code").await.contains("…78"), "it is over");
}
