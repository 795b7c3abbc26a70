//! The sending side of WhatsApp, as quick as it can be: notes when each reply arrived and what it said.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinHandle;

/// A reply that arrived.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// When its last byte was here.
    pub at: Instant,
    /// To whom, in digits.
    pub to: String,
    /// What it said.
    pub text: String,
}

#[derive(Debug)]
struct Shared {
    token: String,
    arrivals: Mutex<Vec<Arrival>>,
    refused: AtomicU64,
    next: AtomicU64,
    places: Arc<Semaphore>,
}

/// The running provider; stops when it is dropped.
#[derive(Debug)]
pub struct Provider {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
    leave: Option<oneshot::Sender<()>>,
}

impl Provider {
    /// Starts on a free loopback port; every call must bear this token.
    pub async fn start(token: &str) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            token: format!("Bearer {token}"),
            arrivals: Mutex::default(),
            refused: AtomicU64::default(),
            next: AtomicU64::default(),
            places: Arc::new(Semaphore::new(0)),
        });
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (server, leave) = serve(listener, &shared);
        Ok(Self { address, shared, server, leave: Some(leave) })
    }

    /// Ends what it has begun and is gone: whoever calls is refused.
    pub async fn goes_away(&mut self) {
        if let Some(leave) = self.leave.take() {
            // Who serves has ended by itself when nobody hears this.
            let _ = leave.send(());
        }
        let _ = (&mut self.server).await;
    }

    /// Is there again, at the same address.
    pub async fn comes_back(&mut self) -> std::io::Result<()> {
        let (server, leave) = serve(TcpListener::bind(self.address).await?, &self.shared);
        (self.server, self.leave) = (server, Some(leave));
        Ok(())
    }

    /// `api_base` of the connection.
    pub fn base(&self) -> String {
        format!("http://{}/v23.0", self.address)
    }

    /// Leave for one more message with every reply that arrives: so many are under way at the same time from now on.
    pub fn places(&self, under_way: usize) -> Arc<Semaphore> {
        let places = &self.shared.places;
        places.forget_permits(places.available_permits());
        places.add_permits(under_way);
        Arc::clone(places)
    }

    /// How many replies have arrived since they were last taken.
    pub fn count(&self) -> usize {
        self.shared.arrivals.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Takes what has arrived.
    pub fn take(&self) -> Vec<Arrival> {
        std::mem::take(&mut *self.shared.arrivals.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Calls that a vendor would have refused.
    pub fn refused(&self) -> u64 {
        self.shared.refused.load(Ordering::Relaxed)
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn serve(listener: TcpListener, shared: &Arc<Shared>) -> (JoinHandle<()>, oneshot::Sender<()>) {
    let app = Router::new().route("/v23.0/{number}/messages", post(send)).with_state(Arc::clone(shared));
    let (leave, left) = oneshot::channel::<()>();
    let server = tokio::spawn(async move {
        let gone = async {
            // Also when the value that could say so is dropped.
            let _ = left.await;
        };
        if let Err(error) = axum::serve(listener, app).with_graceful_shutdown(gone).await {
            tracing::error!(%error, "the provider stopped");
        }
    });
    (server, leave)
}

async fn send(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> (StatusCode, String) {
    let at = Instant::now();
    let bearer = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let parsed: Option<Value> = serde_json::from_slice(&body).ok().filter(|_| bearer == shared.token);
    let Some(body) = parsed.filter(|body| body["messaging_product"] == "whatsapp") else {
        shared.refused.fetch_add(1, Ordering::Relaxed);
        return (StatusCode::BAD_REQUEST, json!({"error": {"code": 100}}).to_string());
    };
    if body["status"] == "read" {
        return (StatusCode::OK, json!({"success": true}).to_string());
    }
    let text = body["text"]["body"].as_str().or(body["interactive"]["body"]["text"].as_str()).unwrap_or_default().to_owned();
    let to = body["to"].as_str().unwrap_or_default().trim_start_matches('+').to_owned();
    let number = shared.next.fetch_add(1, Ordering::Relaxed);
    let answer = json!({"messaging_product": "whatsapp", "contacts": [{"input": to, "wa_id": to}], "messages": [{"id": format!("wamid.OUT{number}")}]});
    shared.arrivals.lock().unwrap_or_else(PoisonError::into_inner).push(Arrival { at, to, text });
    shared.places.add_permits(1);
    (StatusCode::OK, answer.to_string())
}
