//! Vendors that turn a reply away: what that costs, and what it must not cost.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::post;
use reqwest::Method;
use serde_json::json;

use crate::doors::form;
use crate::server::{Server, read};

/// More often than a reply is tried that a vendor cannot take.
const SLOW_DOWNS: usize = 9;

#[tokio::test]
async fn a_vendor_that_asks_to_wait_uses_up_no_attempt() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let vendor = Router::new().route(
        "/",
        post(move || {
            let number = counted.fetch_add(1, Ordering::SeqCst);
            async move {
                match number {
                    0..SLOW_DOWNS => (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "0")]).into_response(),
                    // Down for a moment after all that.
                    SLOW_DOWNS => StatusCode::SERVICE_UNAVAILABLE.into_response(),
                    _ => StatusCode::OK.into_response(),
                }
            }
        }),
    );
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, vendor).await });
    let server = Server::start_with(&format!(
        "[[connections]]\nid = \"desk\"\nchannel = \"api\"\nsecret = {{ env = \"FORM\" }}\nwebhook_url = \"{url}\"\n"
    ))
    .await;
    let body = json!({ "connection": "desk", "id": "one", "from": { "external_id": "u1" }, "text": "Hello" });
    let (status, taken) = read(form(&server, "one", &body)).await;
    assert!(status.is_success(), "{taken}");
    let path = format!("/api/v1/customers/{}/timeline", taken["customer"].as_str().expect("an id"));
    let reply = loop {
        let (_, timeline) = server.admin(Method::GET, &path, None).await;
        let items = timeline["items"].as_array().cloned().unwrap_or_default();
        let reply = items.into_iter().find(|item| item["direction"] == "out" && item["kind"] == "message");
        match reply {
            Some(reply) if reply["delivery"] != "queued" => break reply,
            Some(_) | None => tokio::task::yield_now().await,
        }
    };
    assert_eq!(reply["delivery"], "sent", "{reply}");
    assert_eq!(calls.load(Ordering::SeqCst), SLOW_DOWNS + 2);
}
