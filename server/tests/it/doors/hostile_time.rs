//! What a hostile visitor may do with time and with numbers of connections, and a server that dies at the worst moment.

use std::time::Duration;

use futures::StreamExt;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::hostile::{delivery, message, post};
use crate::doors::{Socket, next, send};
use crate::server::Server;

/// A head that never ends.
const HEAD: &[u8] = b"POST /hooks/wa HTTP/1.1\r\nHost: x\r\nX-Slow: ";
/// Headers sent so slowly take longer than anybody's patience.
const SLOW: usize = 300;

#[tokio::test]
async fn whoever_sends_headers_forever_is_hung_up_on_and_holds_up_nobody() {
    let server = Server::start().await;
    let address = server.base.trim_start_matches("http://").to_owned();
    let began = std::time::Instant::now();
    let slow = (0..SLOW).map(|_| {
        let address = address.clone();
        async move {
            let mut stream = TcpStream::connect(&address).await.expect("a connection");
            let (mut read, mut write) = stream.split();
            let mut drip = tokio::time::interval(Duration::from_secs(1));
            let mut head = HEAD.iter().copied().chain(std::iter::repeat(b'a'));
            let writing = async {
                loop {
                    drip.tick().await;
                    if write.write_all(&[head.next().unwrap_or(b'a')]).await.is_err() {
                        std::future::pending::<()>().await;
                    }
                }
            };
            let reading = async { while matches!(read.read(&mut [0; 256]).await, Ok(1..)) {} };
            tokio::select! {
                () = writing => {}
                () = reading => {}
            }
        }
    });
    let slow = tokio::spawn(futures::future::join_all(slow));
    let mut longest = Duration::ZERO;
    for number in 0..100 {
        let asked = std::time::Instant::now();
        assert_eq!(post(&server, delivery(&[message(&format!("wamid.{number}"), "Hello")]).to_string()).await, StatusCode::OK);
        longest = longest.max(asked.elapsed());
    }
    assert!(longest < Duration::from_secs(1), "another webhook waited {longest:?}");
    tokio::time::timeout(Duration::from_secs(15).saturating_sub(began.elapsed()), slow).await.expect("all are hung up on").expect("a task");
}

const PROXIED: &str = "trusted_proxies = [\"127.0.0.1/32\"]\nsockets_per_address = 3";

/// Opens a line as somebody whom our own proxy names.
async fn through_the_proxy(server: &Server, from: Option<&str>) -> Result<Socket, u16> {
    let mut request = format!("{}/widget/web/socket", server.base.replace("http:", "ws:")).into_client_request().expect("an address");
    request.headers_mut().insert("origin", "https://shop.example".parse().expect("a header"));
    if let Some(from) = from {
        request.headers_mut().insert("x-forwarded-for", from.parse().expect("a header"));
    }
    match tokio_tungstenite::connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(tokio_tungstenite::tungstenite::Error::Http(answer)) => Err(answer.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn one_address_opens_so_many_lines_and_one_that_says_no_hello_is_dropped() {
    let server = Server::start_in_server(PROXIED).await;
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(through_the_proxy(&server, Some("203.0.113.9")).await.expect("a line"));
    }
    assert_eq!(through_the_proxy(&server, Some("203.0.113.9")).await.err(), Some(429));
    assert_eq!(
        through_the_proxy(&server, Some("198.51.100.1, 203.0.113.9")).await.err(),
        Some(429),
        "what a caller says before our proxy counts for nothing"
    );
    assert!(through_the_proxy(&server, Some("203.0.113.10")).await.is_ok(), "another address has its own");
    for _ in 0..5 {
        open.push(through_the_proxy(&server, None).await.expect("this machine itself is free"));
    }
    let mut first = open.remove(0);
    let closed = tokio::time::timeout(Duration::from_secs(40), async {
        loop {
            match first.next().await {
                Some(Ok(Message::Close(frame))) => return frame.map(|frame| u16::from(frame.code)),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    });
    assert!(matches!(closed.await.expect("an end in time"), Some(1008) | None));
    drop(first);
    let again = async {
        while through_the_proxy(&server, Some("203.0.113.9")).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), again).await.expect("its place is free again");
}

/// A server of its own process, killed like by a power cut when it is dropped.
struct Process(std::process::Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Process {
    async fn start(configuration: &std::path::Path, base: &str, place_to_die: &str) -> Self {
        let child = std::process::Command::new(env!("CARGO_BIN_EXE_rapport"))
            .args(["serve", "--config"])
            .arg(configuration)
            .envs([("ADMIN", crate::server::ADMIN), ("FORM", crate::server::FORM), ("WHATSAPP", crate::server::WHATSAPP)])
            .env(store::fail::VARIABLE, place_to_die)
            .env_remove("RAPPORT_SERVER__DATABASE_URL")
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("the program");
        let process = Self(child);
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let ready = async {
            while !http.get(format!("{base}/readyz")).send().await.is_ok_and(|answer| answer.status().is_success()) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), ready).await.expect("a server");
        process
    }
}

#[tokio::test]
async fn what_was_not_acknowledged_when_the_server_died_is_sent_again_and_answered_once() {
    for place in ["intake.accept/before:1", "intake.accept/after:1"] {
        let server = Server::start().await;
        server.write_configuration();
        let folder = server.folder().join("killed");
        std::fs::create_dir(&folder).expect("a folder");
        let text = std::fs::read_to_string(server.folder().join("rapport.toml")).expect("the configuration");
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
        let text = text.replace("127.0.0.1:0", &free.to_string());
        std::fs::write(folder.join("rapport.toml"), &text).expect("a file");
        let process = Process::start(&folder.join("rapport.toml"), &format!("http://{free}"), place).await;

        let mut request = format!("ws://{free}/widget/web/socket").into_client_request().expect("an address");
        request.headers_mut().insert("origin", "https://shop.example".parse().expect("a header"));
        let (mut socket, _) = tokio_tungstenite::connect_async(request).await.expect("a line");
        send(&mut socket, json!({ "type": "hello", "session": null, "last_seq": 0 })).await;
        let session = next(&mut socket, "welcome").await["session"].as_str().expect("a token").to_owned();
        let said = json!({ "type": "message", "id": "c-1", "text": "Hello, are you a bot?" });
        send(&mut socket, said.clone()).await;
        let acknowledged = tokio::time::timeout(Duration::from_secs(30), async {
            while let Some(Ok(frame)) = socket.next().await {
                if matches!(&frame, Message::Text(text) if text.contains("\"ack\"")) {
                    return true;
                }
            }
            false
        });
        assert!(!acknowledged.await.expect("the server died"), "{place}: nothing is acknowledged before it is durable");
        drop(process);

        let restarted = Server::restart(&folder, &text.replace(&free.to_string(), "127.0.0.1:0")).await;
        let mut socket = crate::doors::open(&restarted, Some("https://shop.example")).await.expect("a line");
        send(&mut socket, json!({ "type": "hello", "session": session, "last_seq": 0 })).await;
        next(&mut socket, "welcome").await;
        for _ in 0..2 {
            send(&mut socket, said.clone()).await;
            next(&mut socket, "ack").await;
        }
        crate::links::settled(&restarted).await;
        let (_, ledger) = restarted.admin(Method::GET, "/api/v1/ledger", None).await;
        assert_eq!(ledger["accepted"], 1, "{place}: {ledger}");
        let (_, talks) = restarted.admin(Method::GET, "/api/v1/conversations", None).await;
        let customer = talks["items"][0]["customer"]["id"].as_str().expect("a customer");
        let (_, timeline) = restarted.admin(Method::GET, &format!("/api/v1/customers/{customer}/timeline"), None).await;
        let items = timeline["items"].as_array().expect("a list");
        for direction in ["in", "out"] {
            assert_eq!(items.iter().filter(|item| item["direction"] == direction).count(), 1, "{place}: {timeline}");
        }
    }
}
