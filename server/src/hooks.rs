//! `/hooks/{connection}`: vendor webhooks, raw; durable before the answer.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::ConnectionId;
use domain::event::InboundEvent;
use domain::ports::{HookAnswer, HookRequest, Quarantine, Received, Refusal};
use engine::OpenDoor;
use futures::StreamExt;

use crate::app::{App, Shared};
use crate::auth::peer::{self, Peer};
use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::time::real_now;

/// Largest request that is read: about three megabytes is what vendors send at most.
const LARGEST: usize = 4 * 1024 * 1024;
/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(12);
/// Most headers and bytes of headers that are handed to a door.
const MOST_HEADERS: usize = 128;
/// Deepest nesting of JSON that is looked into.
const DEEPEST: usize = 100;

/// Real time, seconds since 1970, for signed timestamps.
pub fn real_seconds() -> i64 {
    real_now().as_micros() / 1_000_000
}

/// A vendor's request that nobody has read yet.
pub struct Knock {
    peer: Peer,
    parts: Parts,
    body: Body,
}

impl FromRequest<App> for Knock {
    type Rejection = Problem;

    async fn from_request(request: Request, _app: &App) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let peer = parts.extensions.get().copied().ok_or_else(Problem::internal)?;
        Ok(Self { peer, parts, body })
    }
}

impl Knock {
    /// Reads it within the limits; an address that guesses at signatures is not listened to.
    pub async fn read(self, app: &Shared, door: &OpenDoor) -> Result<Heard, Problem> {
        let Self { peer, parts, body } = self;
        let address = peer::address(peer.0, &parts.headers, &app.settings).to_string();
        if let Some(seconds) = app.limits.signatures.is_over(&address, app.steady()) {
            return Err(Problem::slow_down(seconds));
        }
        Ok(Heard {
            address,
            // Vendors sign the address that they were given: never what a proxy or the caller says about hosts.
            url: format!("{}{}", door.settings.public_url, parts.uri.path_and_query().map_or("", |path| path.as_str())),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            body: read_body(&parts.headers, body).await?,
            headers: flat_headers(&parts.headers)?,
            method: parts.method,
        })
    }
}

/// A vendor's request as it came.
pub struct Heard {
    /// Who asks, as limits count it.
    pub address: String,
    /// Its raw bytes.
    pub body: Bytes,
    method: Method,
    url: String,
    query: String,
    headers: Vec<(String, String)>,
}

impl Heard {
    /// What a door verifies.
    pub fn request(&self) -> HookRequest<'_> {
        HookRequest { method: self.method.as_str(), url: &self.url, query: &self.query, headers: &self.headers, body: &self.body }
    }
}

/// Handles both the handshake and the events.
pub async fn handle(State(app): State<App>, Path(connection): Path<String>, knock: Knock) -> Result<Response, Problem> {
    let connection = ConnectionId(connection);
    let engine = app.engine();
    let Some(door) = engine.door(&connection) else { return Err(Problem::not_found()) };
    let heard = knock.read(&app, door).await?;
    match door.channel.receive(&heard.request(), real_seconds()) {
        Ok(Received::Handshake(answer)) => Ok(answered(answer)),
        Ok(Received::Events { events, answer }) => {
            accept(&app, &connection, door, events, &heard.body).await?;
            Ok(answered(answer))
        }
        Err(refusal) => match refused(&app, door, &refusal, &heard.body, &heard.address).await? {
            Some(problem) => Err(problem),
            None => Ok(answered(HookAnswer::ok())),
        },
    }
}

async fn accept(app: &Shared, connection: &ConnectionId, door: &OpenDoor, events: Vec<InboundEvent>, bytes: &Bytes) -> Result<(), Problem> {
    for event in &events {
        let InboundEvent::Ignored(ignored) = event else { continue };
        Metrics::add(&app.metrics.ignored);
        // One item of a batch could not be read: the others go on, this one is kept for a person.
        if ignored.reason.starts_with(channels::UNREADABLE_ITEM) {
            quarantine(app, door, bytes, &ignored.reason).await?;
        }
    }
    let taken = app.engine().receive(connection, events).await?;
    for _ in &taken {
        Metrics::add(&app.metrics.accepted);
    }
    Ok(())
}

async fn quarantine(app: &Shared, door: &OpenDoor, bytes: &Bytes, reason: &str) -> Result<(), Problem> {
    let item = Quarantine {
        workspace: door.settings.workspace.clone(),
        connection: door.settings.id.clone(),
        body: bytes.to_vec(),
        reason: reason.to_owned(),
        at: app.now(),
    };
    app.store().quarantine(item).await?;
    tracing::warn!(connection = %door.settings.id, "a signed request could not be read and was put into quarantine");
    Ok(())
}

/// What a refusal means to the vendor; `None`: 200, because it would come back for days.
pub async fn refused(app: &Shared, door: &OpenDoor, refusal: &Refusal, bytes: &Bytes, address: &str) -> Result<Option<Problem>, Problem> {
    Metrics::add(&app.metrics.refused);
    Ok(match refusal {
        Refusal::Signature => {
            let over = app.limits.signatures.count(address, app.steady());
            tracing::warn!(connection = %door.settings.id, "a request with a wrong signature was refused");
            Some(over.map_or_else(Problem::unauthorized, Problem::slow_down))
        }
        Refusal::TooLarge => Some(Problem::too_large()),
        Refusal::Quarantine(reason) => {
            quarantine(app, door, bytes, reason).await?;
            None
        }
        Refusal::Unreadable(reason) => {
            tracing::warn!(connection = %door.settings.id, "a signed request could not be read and was refused");
            Some(Problem::bad_request(format!("The request cannot be read: {reason}.")))
        }
        Refusal::NotHere => Some(Problem::not_found()),
    })
}

/// The answer in the vendor's own form.
pub fn answered(answer: HookAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    (status, [(header::CONTENT_TYPE, answer.content_type)], answer.body).into_response()
}

/// Reads a body up to the limit; what says that it is larger is refused unread.
pub async fn read_body(headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    let bytes = read_within(headers, body, LARGEST, PATIENCE).await?;
    if is_too_deep(&bytes) {
        return Err(Problem::too_large());
    }
    Ok(bytes)
}

/// Reads a body of at most so many bytes in at most so long.
pub async fn read_within(headers: &HeaderMap, body: Body, largest: usize, patience: Duration) -> Result<Bytes, Problem> {
    let announced: Option<u64> =
        headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()).and_then(|value| value.parse().ok());
    if announced.is_some_and(|length| length > largest as u64) {
        return Err(Problem::too_large());
    }
    let reading = async {
        let mut chunks = body.into_data_stream();
        let mut read = Vec::new();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| Problem::bad_request("The body did not arrive whole."))?;
            if read.len() + chunk.len() > largest {
                return Err(Problem::too_large());
            }
            read.extend_from_slice(&chunk);
        }
        Ok(Bytes::from(read))
    };
    tokio::time::timeout(patience, reading).await.map_err(|_| Problem::bad_request("The body took too long to arrive."))?
}

/// Is it JSON nested deeper than anything a vendor sends? Looked at before any parser.
fn is_too_deep(bytes: &[u8]) -> bool {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if !matches!(first, Some(b'{' | b'[')) {
        return false;
    }
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => {
                depth += 1;
                if depth > DEEPEST {
                    return true;
                }
            }
            b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// Header names in lower case, in order.
pub fn flat_headers(headers: &HeaderMap) -> Result<Vec<(String, String)>, Problem> {
    if headers.len() > MOST_HEADERS {
        return Err(Problem::bad_request("The request has too many headers."));
    }
    Ok(headers.iter().map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_nesting_is_seen_before_any_parser() {
        assert!(is_too_deep("[".repeat(100_000).as_bytes()));
        assert!(!is_too_deep(br#"{"a":[1,{"b":"[[[[[["}]}"#));
        assert!(!is_too_deep("[[]]".repeat(500).as_bytes()));
        assert!(!is_too_deep(b"Body=%5B%5B&From=1"));
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_refused() {
        let headers = HeaderMap::new();
        let refused = read_body(&headers, Body::from(vec![b'a'; LARGEST + 1])).await;
        assert_eq!(refused.err().map(|problem| problem.status), Some(StatusCode::PAYLOAD_TOO_LARGE));
        assert!(read_body(&headers, Body::from("small")).await.is_ok());
    }
}
