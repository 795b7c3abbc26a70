//! Servers on one database, over a real NATS: what one commits the other notices at once.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use domain::WorkspaceId;
use domain::ports::Change;
use tokio::sync::broadcast::Receiver;
use tokio::sync::watch;

use crate::doors::form;
use crate::server::Server;

/// Only a bus that is broken takes so long.
const PATIENCE: Duration = Duration::from_secs(30);
const KEY: &str = "a key that both of these servers have";

/// A NATS server that ends with the value.
struct Nats(Child);

impl Drop for Nats {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Nats {
    /// `None`: there is none on this machine.
    fn start(port: u16) -> Option<Self> {
        let mut command = Command::new("nats-server");
        command.args(["-a", "127.0.0.1", "-p", &port.to_string(), "--user", "rapport", "--pass", "a word"]);
        match command.stdout(Stdio::null()).stderr(Stdio::null()).spawn() {
            Ok(child) => Some(Self(child)),
            Err(error) => {
                assert!(std::env::var_os("RAPPORT_REQUIRE_NATS").is_none(), "no nats-server on this machine: {error}");
                println!("SKIPPED: no nats-server on this machine; the bus was not tested");
                None
            }
        }
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr()).expect("a port").port()
}

/// The change of a kind, made by another server.
async fn change(changes: &mut Receiver<Arc<Change>>, kind: &str) -> Arc<Change> {
    let found = async {
        loop {
            if let Ok(change) = changes.recv().await
                && change.kind == kind
            {
                return change;
            }
        }
    };
    tokio::time::timeout(PATIENCE, found).await.expect("the bus tells it")
}

async fn reached(bell: &mut watch::Receiver<u64>, is_there: impl Fn() -> bool) {
    let found = async {
        while !is_there() {
            bell.changed().await.expect("a server");
        }
    };
    tokio::time::timeout(PATIENCE, found).await.expect("the bus tells it");
}

/// Says something to a server until the other has heard that somebody speaks: the bus connects when it can.
async fn joined(here: &Server, changes: &mut Receiver<Arc<Change>>) {
    let talking = async {
        for number in 0.. {
            let body = serde_json::json!({ "connection": "form", "id": format!("join-{number}"), "from": { "external_id": "u0" }, "text": "hello" });
            form(here, &format!("join-{number}"), &body).send().await.expect("an answer");
            if tokio::time::timeout(Duration::from_millis(200), change(changes, "message.created")).await.is_ok() {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, talking).await.expect("the bus connects");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_notices_at_once_what_another_on_its_database_does_and_comes_back_to_a_bus_that_was_gone() {
    let port = free_port();
    let Some(nats) = Nats::start(port) else { return };
    let url = format!("nats://rapport:a%20word@127.0.0.1:{port}");
    let (one, two) = (Server::start_on_bus(&url, KEY).await, Server::start_on_bus(&url, KEY).await);
    let stranger = Server::start_on_bus(&url, "the key of another installation, which is apart").await;
    let (mut changes, mut strange) = ((two.app.storage.changes)(), (stranger.app.storage.changes)());
    joined(&one, &mut changes).await;

    // A page at one server sees who looks at what at the other.
    let workspace = WorkspaceId::from("one");
    one.teammate("one", "admin").await;
    let session = one.sign_in("admin@one.example").await;
    let mut bell = two.app.presence.bell();
    let request = one.http.post(format!("{}/api/v1/presence", one.base)).header("cookie", &session.cookie);
    let answer = request.header("x-rapport-csrf", &session.csrf).json(&serde_json::json!({})).send().await.expect("an answer");
    assert!(answer.status().is_success(), "{}", answer.status());
    reached(&mut bell, || two.app.presence.here(&workspace).len() == 1).await;

    // Without the bus nothing stops; with it again both are heard again.
    drop(nats);
    let body = serde_json::json!({ "connection": "form", "id": "alone", "from": { "external_id": "u1" }, "text": "hello" });
    assert_eq!(form(&one, "alone", &body).send().await.expect("an answer").status().as_u16(), 202);
    let _nats = Nats::start(port);
    joined(&one, &mut changes).await;
    let mut back = (one.app.storage.changes)();
    joined(&two, &mut back).await;

    let heard = std::iter::from_fn(|| strange.try_recv().ok()).find(|change| change.kind == "message.created");
    assert_eq!(heard, None, "another installation on the same NATS hears nothing");
}
