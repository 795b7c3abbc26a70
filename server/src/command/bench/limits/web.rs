//! What a web server on the same framework does at best, asked by the same client.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use rehearsal::bench::Histogram;
use rehearsal::bench::sender::{self, Pace};
use rehearsal::bench::webhooks::{QUESTIONS, Vendor, person};
use ring::hmac;
use serde_json::Value;
use tokio::sync::oneshot;

use super::{Limit, counted, database};

/// How long each is asked.
const LENGTH: Duration = Duration::from_millis(800);
/// Requests at the same time.
const CONNECTIONS: usize = 32;
const SECRET: &str = "the secret of a measured webhook";

/// Signed webhooks, echoed as JSON.
pub(super) async fn http() -> anyhow::Result<Limit> {
    let echo = Router::new().fallback(post(|body: Bytes| async move {
        let parsed: Result<Value, _> = serde_json::from_slice(&body);
        parsed.map_or((StatusCode::BAD_REQUEST, String::new()), |value| (StatusCode::OK, value.to_string()))
    }));
    ask("http", "JSON echoed by a bare server", echo).await
}

/// Signed webhooks verified, parsed, kept once and on the disk before they are answered, as many together as there are.
pub(super) async fn intake(folder: &Path) -> anyhow::Result<Limit> {
    let conn = database::open(folder, "intake")?;
    let (queue, waiting) = std::sync::mpsc::channel::<Received>();
    let writer = std::thread::spawn(move || -> rusqlite::Result<()> {
        while let Ok(first) = waiting.recv() {
            let together: Vec<Received> = std::iter::once(first).chain(waiting.try_iter().take(499)).collect();
            conn.execute_batch("begin immediate")?;
            for one in &together {
                database::receive(&conn, &one.id, &one.body)?;
            }
            conn.execute_batch("commit")?;
            for one in together {
                // Whoever asked may have gone.
                let _ = one.kept.send(());
            }
        }
        Ok(())
    });
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let app = Router::new().fallback(post(take)).with_state(Arc::new(Reference { key, queue }));
    let limit = ask("intake", "signed webhooks verified, parsed, kept once, on the disk, answered", app).await?;
    tokio::task::spawn_blocking(|| writer.join()).await?.ok().context("the writer broke off")??;
    Ok(limit)
}

struct Received {
    id: String,
    body: Bytes,
    kept: oneshot::Sender<()>,
}

struct Reference {
    key: hmac::Key,
    queue: std::sync::mpsc::Sender<Received>,
}

async fn take(State(reference): State<Arc<Reference>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers.get("x-hub-signature-256").and_then(|value| value.to_str().ok()?.strip_prefix("sha256="));
    let signature = signature.and_then(bytes_of).unwrap_or_default();
    if hmac::verify(&reference.key, &body, &signature).is_err() {
        return StatusCode::UNAUTHORIZED;
    }
    let parsed: Value = serde_json::from_slice(&body).unwrap_or_default();
    let Some(id) = parsed["entry"][0]["changes"][0]["value"]["messages"][0]["id"].as_str().map(str::to_owned) else {
        return StatusCode::BAD_REQUEST;
    };
    let (kept, done) = oneshot::channel();
    if reference.queue.send(Received { id, body, kept }).is_err() || done.await.is_err() {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    StatusCode::OK
}

fn bytes_of(digits: &str) -> Option<Vec<u8>> {
    digits.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// Asks a server as fast as it answers.
async fn ask(name: &'static str, what: &'static str, app: Router) -> anyhow::Result<Limit> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let address: SocketAddr = listener.local_addr()?;
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let vendor =
        Vendor { connection: "wa".to_owned(), app_secret: SECRET.to_owned(), number_id: "1".to_owned(), address, questions: QUESTIONS };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let prepared = Arc::new((0..20_000_u64).map(|number| vendor.prepare(number, &person(number), now)).collect::<Vec<_>>());
    let start = Instant::now();
    let sent = sender::send(address, prepared, Pace::Closed(LENGTH), CONNECTIONS).await;
    let took = start.elapsed();
    server.abort();
    // Its end drops what it shared.
    let _ = server.await;
    let mut counts = Histogram::default();
    for one in sent.iter().filter(|one| one.is_acknowledged()) {
        counts.add(one.answered.unwrap_or(one.due).saturating_duration_since(one.due));
    }
    Ok(counted(name, what, &counts, took))
}
