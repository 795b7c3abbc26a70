//! What a hostile page may do on the website's line.

use std::time::Duration;

use futures::StreamExt;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use crate::doors::{Socket, next, open, send};
use crate::server::Server;

const SHOP: Option<&str> = Some("https://shop.example");

/// A line whose frames are written by hand.
struct Raw(TcpStream);

impl Raw {
    async fn open(server: &Server) -> Self {
        let mut stream = TcpStream::connect(server.base.trim_start_matches("http://")).await.expect("a connection");
        let head = "GET /widget/web/socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Extensions: permessage-deflate\r\nOrigin: https://shop.example\r\n\r\n";
        stream.write_all(head.as_bytes()).await.expect("an open line");
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            let mut byte = [0_u8];
            assert_eq!(stream.read(&mut byte).await.expect("an answer"), 1);
            answer.push(byte[0]);
        }
        let answer = String::from_utf8(answer).expect("text").to_lowercase();
        assert!(answer.starts_with("http/1.1 101"), "{answer}");
        assert!(!answer.contains("permessage-deflate"), "nothing is inflated: {answer}");
        Self(stream)
    }

    /// A frame with these first bits; masked with zeros unless it is not.
    async fn frame(&mut self, first: u8, payload: &[u8], masked: bool) {
        let mut bytes = vec![first];
        let mask = if masked { 0x80 } else { 0 };
        match payload.len() {
            length @ 0..=125 => bytes.push(mask | length as u8),
            length => {
                bytes.push(mask | 126);
                bytes.extend((length as u16).to_be_bytes());
            }
        }
        if masked {
            bytes.extend([0; 4]);
        }
        bytes.extend(payload);
        // The server may hang up in the middle: that is the point.
        let _ = self.0.write_all(&bytes).await;
    }

    /// The code with which the line is closed; none when it just ends.
    async fn code(&mut self) -> Option<u16> {
        let mut all = Vec::new();
        let reading = async {
            let mut part = [0_u8; 256];
            while let Ok(read @ 1..) = self.0.read(&mut part).await {
                all.extend_from_slice(&part[..read]);
            }
        };
        tokio::time::timeout(Duration::from_secs(15), reading).await.expect("an end in time");
        let at = all.windows(2).position(|pair| pair[0] == 0x88 && pair[1] >= 2)?;
        Some(u16::from_be_bytes([*all.get(at + 2)?, *all.get(at + 3)?]))
    }
}

const HELLO: &[u8] = br#"{"type":"hello","session":null,"last_seq":0}"#;

#[tokio::test]
async fn frames_that_break_the_protocol_close_the_line_and_nobody_elses() {
    let server = Server::start().await;
    let mut raw = Raw::open(&server).await;
    raw.frame(0x81, &[b'"', 0xc3, 0x28, b'"'], true).await;
    assert!(matches!(raw.code().await, Some(1007) | None), "invalid UTF-8");
    let mut raw = Raw::open(&server).await;
    raw.frame(0x81, HELLO, false).await;
    assert!(matches!(raw.code().await, Some(1002) | None), "an unmasked frame");
    let mut raw = Raw::open(&server).await;
    raw.frame(0xc1, &[0xff; 100], true).await;
    assert!(matches!(raw.code().await, Some(1002) | None), "compressed, though nobody agreed on it");
    let mut raw = Raw::open(&server).await;
    raw.frame(0x01, b"{", true).await;
    for _ in 0..100_000 {
        raw.frame(0x00, b"x", true).await;
    }
    assert!(matches!(raw.code().await, Some(1008 | 1009) | None), "fragments without an end");
    let mut socket = visit(&server).await.0;
    send(&mut socket, json!({ "type": "message", "id": "c", "text": "Hello, are you a bot?" })).await;
    next(&mut socket, "ack").await;
}

/// A visitor and their session.
async fn visit(server: &Server) -> (Socket, String) {
    let mut socket = open(server, SHOP).await.expect("a socket");
    send(&mut socket, json!({ "type": "hello", "session": null, "last_seq": 0 })).await;
    let session = next(&mut socket, "welcome").await["session"].as_str().expect("a token").to_owned();
    (socket, session)
}

/// All frames until the line rests on a pong.
async fn until_pong(socket: &mut Socket) -> String {
    send(socket, json!({ "type": "ping" })).await;
    let reading = async {
        let mut all = String::new();
        while let Some(Ok(frame)) = socket.next().await {
            let Message::Text(text) = frame else { continue };
            all.push_str(&text);
            if serde_json::from_str::<Value>(&text).is_ok_and(|frame| frame["type"] == "pong") {
                break;
            }
        }
        all
    };
    tokio::time::timeout(Duration::from_secs(15), reading).await.expect("an answer in time")
}

#[tokio::test]
async fn nothing_a_page_sends_opens_another_visitors_thread_or_raises_who_it_is() {
    let server = Server::start().await;
    let (mut bruno, _) = visit(&server).await;
    send(&mut bruno, json!({ "type": "message", "id": "b-1", "text": "My budget is 4321 euros" })).await;
    next(&mut bruno, "ack").await;
    let (_, found) = server.admin(Method::GET, "/api/v1/conversations", None).await;
    let theirs = found["items"][0]["id"].as_str().expect("a conversation").to_owned();
    let customer = found["items"][0]["customer"]["id"].as_str().unwrap_or_default().to_owned();
    for frame in [
        json!({ "type": "subscribe", "conversation": theirs }),
        json!({ "type": "hello", "session": theirs, "last_seq": 0 }),
        json!({ "type": "hello", "session": customer, "last_seq": 0, "conversation": theirs }),
        json!({ "type": "hello", "session": null, "last_seq": 1_000_000_000_000_000_i64, "customer": customer }),
        json!({ "type": "setUser", "email": "bruno@b.example" }),
        json!({ "type": "identify", "jwt": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJicnVubyJ9." }),
        json!({ "__proto__": { "isTeammate": true }, "constructor": { "prototype": {} } }),
        json!({ "type": "read", "seq": -1 }),
        json!({ "type": "not_me", "link": theirs }),
    ] {
        let mut socket = open(&server, SHOP).await.expect("a socket");
        send(&mut socket, json!({ "type": "hello", "session": null, "last_seq": 0 })).await;
        next(&mut socket, "welcome").await;
        send(&mut socket, frame.clone()).await;
        let answer = until_pong(&mut socket).await;
        assert!(!answer.contains("4321") && !answer.contains(&theirs), "{frame}: {answer}");
        drop(socket);
        // As the very first frame too.
        let mut socket = open(&server, SHOP).await.expect("a socket");
        send(&mut socket, frame.clone()).await;
        let answer = until_pong(&mut socket).await;
        assert!(!answer.contains("4321"), "{frame}: {answer}");
    }
    let (_, found) = server.admin(Method::GET, "/api/v1/customers?identifier=email:bruno@b.example", None).await;
    assert_eq!(found["items"], json!([]));
}

#[tokio::test]
async fn only_websockets_pass_the_line_and_nothing_is_uploaded_without_a_session() {
    let server = Server::start().await;
    for (method, path) in [
        (Method::POST, "/widget/web/upload"),
        (Method::POST, "/widget/web/attachments"),
        (Method::PUT, "/widget/web/files/a.png"),
        (Method::POST, "/widget/web/files"),
        (Method::POST, "/widget/web/socket"),
        (Method::GET, "/widget/web/socket"),
    ] {
        let request = server.http.request(method, format!("{}{path}", server.base)).header("origin", "https://shop.example");
        let status = request.body("GIF89a").send().await.expect("an answer").status();
        let refused = [
            StatusCode::BAD_REQUEST,
            StatusCode::UNAUTHORIZED,
            StatusCode::FORBIDDEN,
            StatusCode::NOT_FOUND,
            StatusCode::METHOD_NOT_ALLOWED,
        ];
        assert!(refused.contains(&status), "{path}: {status}");
    }
    let (_, ledger) = server.admin(Method::GET, "/api/v1/ledger", None).await;
    assert_eq!(ledger["accepted"], 0);
}
