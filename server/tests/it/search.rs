//! Everything ever said is found by its words, a moment after it was said.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::doors::{form, until};
use crate::server::{Server, read};

async fn says(server: &Server, number: u32, who: &str, text: &str) {
    let body = json!({ "connection": "form", "id": format!("m{number}"), "from": { "external_id": who, "name": who }, "text": text });
    assert_eq!(read(form(server, &format!("m{number}"), &body)).await.0, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn what_was_said_is_found_and_what_was_erased_is_not() {
    let server = Server::start().await;
    says(&server, 1, "anna", "When does my turquoise lampshade arrive? Call +43 660 123 41 07").await;
    says(&server, 2, "ben", "I sent the lampshade back").await;
    until(&server, "/api/v1/ledger", |ledger| ledger["counts"]["open"] == 0).await;
    while server.app.store().catch_up().await.expect("a step") {}
    let (_, found) = server.admin(Method::GET, "/api/v1/search?q=lampshade&author=customer", None).await;
    assert_eq!((found["items"].as_array().map(Vec::len), &found["complete"]), (Some(2), &json!(true)));
    let (_, found) = server.admin(Method::GET, "/api/v1/search?q=turquoise%20lampsh", None).await;
    assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{found}");
    let one = &found["items"][0];
    assert_eq!(one["customer"]["name"], "anna");
    assert!(
        one["excerpt"].as_array().is_some_and(|all| all.iter().any(|part| part["hit"] == true && part["text"] == "turquoise")),
        "{one}"
    );
    let (_, same) = server.admin(Method::GET, "/api/v1/messages?q=turquoise", None).await;
    assert_eq!(same["items"][0]["id"], one["id"]);
    for (path, status) in [
        ("/api/v1/search", StatusCode::BAD_REQUEST),
        ("/api/v1/search?q=a&channel=pigeon", StatusCode::BAD_REQUEST),
        ("/api/v1/search?q=lamp&customer=nobody", StatusCode::NOT_FOUND),
        ("/api/v1/search?q=lamp&from=yesterday", StatusCode::BAD_REQUEST),
        ("/api/v1/messages?q=lamp&conversation=x", StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(server.admin(Method::GET, path, None).await.0, status, "{path}");
    }
    let analyst = server.sign_in(&server.teammate("one", "analyst").await).await;
    let asked = server.http.get(format!("{}/api/v1/search?q=turquoise", server.base)).header("cookie", &analyst.cookie);
    let (_, masked) = read(asked).await;
    assert!(!masked.to_string().contains("660") && !masked.to_string().contains("anna"), "{masked}");
    assert_eq!(masked["items"][0]["id"], one["id"]);
    let customer = one["customer"]["id"].as_str().expect("an id");
    assert!(server.admin(Method::DELETE, &format!("/api/v1/customers/{customer}?now=true"), None).await.0.is_success());
    let (_, left) = server.admin(Method::GET, "/api/v1/search?q=turquoise", None).await;
    assert_eq!(left["items"], json!([]));
    let bytes = std::fs::read(server.folder().join("search.db")).expect("the index");
    assert!(!bytes.windows(9).any(|window| window == b"lampshade"), "no word is in the index in clear");
}
