//! `POST /widget/{connection}/files`: a file of a visitor's. It is a message of its own, durable when it is acknowledged.
//!
//! The page is another origin, so browsers ask first (`OPTIONS`); the session comes in a header and never in an address,
//! and so does the name, which may be somebody's.

use std::time::Duration;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::attachment::{self, About};
use domain::event::{Content, InboundEvent, InboundMessage, Media};
use domain::{ChannelKind, ConnectionId};
use serde_json::json;
use tokio::sync::Semaphore;

use super::socket::is_allowed;
use crate::app::App;
use crate::auth::peer::{self, Peer};
use crate::hooks;
use crate::metrics::Metrics;
use crate::problem::Problem;

/// The page's own id of it.
const ID: HeaderName = HeaderName::from_static("x-file-id");
/// Its name, encoded as in an address.
const NAME: HeaderName = HeaderName::from_static("x-file-name");
/// Which conversation it belongs to.
const CONVERSATION: HeaderName = HeaderName::from_static("x-conversation");
/// Longest name.
const LONGEST_NAME: usize = 200;
/// How long a file may take to arrive: 20 MB over a poor line of a phone.
const PATIENCE: Duration = Duration::from_mins(5);
/// Files that arrive at once; each of them is in memory until it is kept.
const AT_ONCE: usize = 16;
/// One megabyte, the measure of what an address may send.
const MEGABYTE: usize = 1024 * 1024;

static ARRIVING: Semaphore = Semaphore::const_new(AT_ONCE);

/// May the page ask? Answered without looking at who it is.
pub async fn preflight(State(app): State<App>, Path(connection): Path<String>, headers: HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    open_to(&app, &ConnectionId(connection), &headers, &mut response);
    response
}

/// Takes a file.
pub async fn take(State(app): State<App>, Extension(peer): Extension<Peer>, Path(connection): Path<String>, request: Request) -> Response {
    let connection = ConnectionId(connection);
    let (parts, body) = request.into_parts();
    let address = peer::address(peer.0, &parts.headers, &app.settings).to_string();
    let mut response = match taken(&app, &connection, &address, &parts.headers, body).await {
        Ok(answer) => answer,
        Err(problem) => problem.into_response(),
    };
    open_to(&app, &connection, &parts.headers, &mut response);
    response
}

/// Pages that may open the chat may read the answer too.
fn open_to(app: &App, connection: &ConnectionId, headers: &HeaderMap, response: &mut Response) {
    let engine = app.engine();
    let Some(door) = engine.door(connection) else { return };
    let Some(origin) = headers.get(header::ORIGIN).filter(|_| is_allowed(app, headers, door.settings.values.get("allowed_origins"))) else {
        return;
    };
    let out = response.headers_mut();
    out.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    out.insert(header::VARY, HeaderValue::from_static("origin"));
    out.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    out.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("authorization, content-type, x-file-id, x-file-name, x-conversation"),
    );
    out.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    out.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
}

async fn taken(
    app: &App,
    connection: &ConnectionId,
    address: &str,
    headers: &HeaderMap,
    body: axum::body::Body,
) -> Result<Response, Problem> {
    let engine = app.engine();
    let door = engine.door(connection).filter(|door| door.settings.channel == ChannelKind::Widget).ok_or_else(Problem::not_found)?;
    if !is_allowed(app, headers, door.settings.values.get("allowed_origins")) {
        return Err(Problem::forbidden("This website may not open the chat."));
    }
    if let Some(seconds) = app.limits.signatures.is_over(address, app.steady()) {
        return Err(Problem::slow_down(seconds));
    }
    let token = said(headers, &header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer ")).filter(|token| token.len() <= 200);
    let visitor = match token {
        Some(token) => engine.known_visitor(connection, token).await?,
        None => None,
    };
    let Some(visitor) = visitor else {
        app.limits.signatures.count(address, app.steady());
        return Err(Problem::unauthorized());
    };
    let id = said(headers, &ID).filter(|id| !id.is_empty() && id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_graphic()));
    let id = id.ok_or_else(|| Problem::bad_request("x-file-id names no file."))?.to_owned();
    let limited = |limiter: &crate::auth::limits::Limiter, who: &str, cost: u32| limiter.spend(who, cost, app.steady());
    if let Some(seconds) = limited(&app.limits.files, &visitor.value, 1) {
        return Err(Problem::slow_down(seconds));
    }
    // One address must not take the places of all others.
    let own = app.limits.uploads.begin(address).ok_or_else(|| Problem::slow_down(1))?;
    let place = ARRIVING.try_acquire().map_err(|_| Problem::unavailable("Too many files arrive at once."))?;
    let bytes = hooks::read_within(headers, body, attachment::LARGEST, PATIENCE).await?;
    let megabytes = u32::try_from(bytes.len().div_ceil(MEGABYTE)).unwrap_or(u32::MAX);
    if let Some(seconds) = limited(&app.limits.megabytes, address, megabytes) {
        return Err(Problem::slow_down(seconds));
    }
    let media = described(said(headers, &NAME).unwrap_or_default(), &bytes)?;
    let mut more = serde_json::Map::new();
    if let Some(conversation) = said(headers, &CONVERSATION).filter(|word| !word.is_empty() && word.len() <= 64) {
        more.insert("matter".to_owned(), json!(conversation));
    }
    let message = InboundMessage {
        sender: visitor.value.clone(),
        dedupe: Some(format!("{}/{id}", visitor.value)),
        provider_message_id: Some(id),
        media: vec![media],
        more,
        ..InboundMessage::default()
    };
    let all = engine.receive(connection, vec![InboundEvent::Message(message)]).await?;
    drop((own, place));
    let Some(done) = all.first() else { return Err(Problem::internal()) };
    Metrics::add(&app.metrics.accepted);
    app.storage.work.notify_one();
    let stored = app.store().message(&door.settings.workspace, done.message).await?;
    let answer = json!({ "message": done.message, "conversation": done.conversation, "seq": stored.map(|message| message.seq) });
    Ok(axum::Json(answer).into_response())
}

fn said<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// What it is, by its bytes before its name; what nobody needs to send to a shop is refused with the reason.
fn described(name: &str, bytes: &Bytes) -> Result<Media, Problem> {
    if bytes.is_empty() {
        return Err(Problem::unprocessable("empty", "The file is empty."));
    }
    let name: String = percent_decoded(name).chars().filter(|letter| !letter.is_control()).take(LONGEST_NAME).collect();
    let media = Media { filename: Some(name).filter(|name| !name.is_empty()), ..Media::default() };
    let about = About { seen_as: attachment::seen_as(bytes).map(str::to_owned), media, ..About::default() };
    let told = about.told_type().to_owned();
    if told == "application/octet-stream" || attachment::is_program(bytes) {
        return Err(Problem::unprocessable("kind", "Files of this kind are not taken here."));
    }
    Ok(Media {
        kind: attachment::kind_of(&told).to_owned(),
        mime: Some(told),
        content: Some(Content(bytes.to_vec().into())),
        ..about.media
    })
}

fn percent_decoded(text: &str) -> String {
    url::form_urlencoded::parse(format!("n={}", text.replace('+', "%2B")).as_bytes())
        .next()
        .map(|(_, name)| name.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_taken_by_what_it_is_and_refused_with_the_reason() {
        let check = |name: &str, bytes: &[u8], expected: Result<(&str, &str), &str>| {
            let got = described(name, &Bytes::copy_from_slice(bytes));
            let got = got.map(|media| (media.kind, media.filename.unwrap_or_default())).map_err(|problem| problem.code.to_owned());
            assert_eq!(got, expected.map(|(kind, name)| (kind.to_owned(), name.to_owned())).map_err(str::to_owned), "{name}");
        };
        check("my%20chair.png", b"\x89PNG\r\n\x1a\n", Ok(("image", "my chair.png")));
        check("chair.exe", b"\x89PNG\r\n\x1a\n", Ok(("image", "chair.exe")));
        check("order.pdf", b"%PDF-1.4", Ok(("document", "order.pdf")));
        check("a+b.txt", b"hello", Ok(("document", "a+b.txt")));
        check("", b"\xff\xd8\xff\xe0", Ok(("image", "")));
        check("page.html", b"<script>", Err("kind"));
        check("draw.svg", b"<svg onload='x'/>", Err("kind"));
        check("setup.txt", b"MZ\x90\0", Err("kind"));
        check("run.txt", b"\x7fELF", Err("kind"));
        check("run.csv", b"#!/bin/sh", Err("kind"));
        check("nothing.png", b"", Err("empty"));
    }
}
