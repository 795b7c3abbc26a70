//! The committed description of the API is the one the server gives.

use std::path::Path;

use reqwest::Method;
use server::api::openapi::document;

use crate::server::Server;

#[test]
fn the_committed_description_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let now = format!("{:#}\n", document());
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    if committed != now {
        std::fs::write(&path, &now).expect("the description can be written");
        panic!("openapi.json was out of date and has been written anew: look at the difference and commit it");
    }
}

#[tokio::test]
async fn pages_and_health_answer_with_strict_headers() {
    let server = Server::start().await;
    for path in ["/", "/api/docs", "/healthz", "/api/openapi.json", "/metrics", "/widget.js"] {
        let answer = server.http.get(format!("{}{path}", server.base)).send().await.expect("an answer");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{path}");
        assert!(answer.headers().contains_key("content-security-policy"), "{path}");
    }
    let (status, _) = server.admin(Method::GET, "/playground", None).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn a_method_an_address_does_not_take_is_told_with_those_it_takes() {
    let server = Server::start().await;
    for (method, path, takes) in
        [(Method::PUT, "/hooks/wa", "POST"), (Method::DELETE, "/api/v1/ledger", "GET"), (Method::POST, "/healthz", "GET")]
    {
        let answer = server.http.request(method, format!("{}{path}", server.base)).send().await.expect("an answer");
        assert_eq!(answer.status(), 405, "{path}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{path}");
        assert!(answer.headers()["allow"].to_str().expect("text").contains(takes), "{path}");
        let problem: serde_json::Value = answer.json().await.expect("json");
        assert_eq!(problem["code"], "method_not_allowed", "{path}");
    }
}
