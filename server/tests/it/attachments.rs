//! Files that people send: here, sealed, shown, and nobody else's.

use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};

use crate::doors::{form, mac};
use crate::server::{Server, WHATSAPP, read};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0crc!\0\0\0\0IENDcrc!";

/// The first file of a customer's timeline that is no longer waiting.
async fn file(server: &Server, customer: &str) -> Value {
    let path = format!("/api/v1/customers/{customer}/timeline");
    loop {
        let (_, timeline) = server.admin(Method::GET, &path, None).await;
        let files = timeline["items"].as_array().into_iter().flatten().filter_map(|item| item["attachments"].get(0).cloned());
        match files.into_iter().find(|file| file["state"] != "waiting") {
            Some(file) => return file,
            None => tokio::task::yield_now().await,
        }
    }
}

#[tokio::test]
async fn a_file_through_the_api_is_handed_out_by_its_bytes_and_never_run() {
    let server = Server::start().await;
    let page = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
    for (id, content, mime, shown_as) in [
        ("f-1", PNG, "image/png", json!("image/png")),
        ("f-2", page.as_bytes(), "image/svg+xml", Value::Null),
        ("f-3", b"GIF89a\x01\0\x01\0=alert(1)".as_slice(), "text/html", json!("image/gif")),
    ] {
        let attached = json!([{ "base64": STANDARD.encode(content), "name": "../shot \u{200b}1.png", "mime": mime }]);
        let body = json!({ "connection": "form", "id": id, "from": { "external_id": id }, "attachments": attached });
        let (status, taken) = read(form(&server, id, &body)).await;
        assert!(status.is_success(), "{taken}");
        let file = file(&server, taken["customer"].as_str().expect("an id")).await;
        assert_eq!((&file["state"], &file["size"], &file["shown_as"]), (&json!("kept"), &json!(content.len()), &shown_as), "{file}");
        let url = format!("{}{}", server.base, file["url"].as_str().expect("an address"));
        let refused = server.http.get(&url).send().await.expect("an answer");
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
        let answer = server.http.get(&url).bearer_auth(crate::server::ADMIN).send().await.expect("an answer");
        let said = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        assert_eq!(said("content-type"), shown_as.as_str().unwrap_or("application/octet-stream"));
        assert_eq!((said("x-content-type-options").as_str(), said("cache-control").as_str()), ("nosniff", "private, no-store"));
        assert!(said("content-security-policy").contains("sandbox"));
        assert_eq!(said("content-disposition"), "attachment; filename*=UTF-8''shot%201.png");
        assert_eq!(answer.bytes().await.expect("bytes"), Bytes::copy_from_slice(content));
    }
    let unknown = "/api/v1/attachments/att_00000000000000000000000000";
    assert_eq!(server.admin(Method::GET, unknown, None).await.0, StatusCode::NOT_FOUND);
}

/// A vendor that hands out one picture to whoever shows the token.
async fn vendor() -> String {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let place = base.clone();
    let router = Router::new()
        .route(
            "/v23.0/{id}",
            get(move |Path(id): Path<String>| {
                let url = format!("{place}/media/{id}");
                async move { axum::Json(json!({ "url": url, "mime_type": "image/png", "id": id })) }
            }),
        )
        .route(
            "/media/{id}",
            get(|headers: HeaderMap| async move {
                if headers.get(header::AUTHORIZATION).is_some_and(|value| value == "Bearer t1") {
                    ([(header::CONTENT_TYPE, "image/png")], PNG).into_response()
                } else {
                    StatusCode::UNAUTHORIZED.into_response()
                }
            }),
        );
    tokio::spawn(async move { axum::serve(listener, router).await });
    base
}

#[tokio::test]
async fn a_picture_on_whatsapp_is_fetched_kept_and_erased_with_the_person() {
    let base = vendor().await;
    let server = Server::start_with(&format!(
        "[[connections]]\nid = \"shop\"\nchannel = \"whatsapp\"\napi_base = \"{base}/v23.0\"\nphone_number_id = \"2\"\naccess_token = \"t1\"\n\
         app_secret = {{ env = \"WHATSAPP\" }}\nverify_token = \"hello-there\"\n"
    ))
    .await;
    let message = json!({ "from": "33612345678", "id": "wamid.P", "timestamp": "1780000000", "type": "image",
        "image": { "id": "777", "mime_type": "image/png", "caption": "my broken chair" } });
    let value = json!({ "metadata": { "phone_number_id": "2" }, "messages": [message] });
    let body = json!({ "object": "whatsapp_business_account", "entry": [{ "changes": [{ "field": "messages", "value": value }] }] });
    let signature = server::auth::hex(&mac(WHATSAPP.as_bytes(), body.to_string().as_bytes()));
    let hook = server.http.post(format!("{}/hooks/shop", server.base)).header("x-hub-signature-256", format!("sha256={signature}"));
    assert_eq!(read(hook.body(body.to_string())).await.0, StatusCode::OK);
    let found = server.admin(Method::GET, "/api/v1/customers?identifier=phone:%2B33612345678", None).await.1;
    let customer = found["items"][0]["id"].as_str().expect("a customer").to_owned();
    let file = file(&server, &customer).await;
    assert_eq!((&file["kind"], &file["state"], &file["why"]), (&json!("image"), &json!("kept"), &Value::Null), "{file}");
    let url = file["url"].as_str().expect("an address");
    let answer = server.http.get(format!("{}{url}", server.base)).bearer_auth(crate::server::ADMIN).send().await.expect("an answer");
    assert_eq!(answer.bytes().await.expect("bytes"), Bytes::from_static(PNG));
    let erased = server.admin(Method::DELETE, &format!("/api/v1/customers/{customer}?now=true"), None).await;
    assert!(erased.0.is_success(), "{}", erased.1);
    assert_eq!(server.admin(Method::GET, url, None).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_file_inside_our_own_network_is_not_fetched_and_the_message_goes_on() {
    let server = Server::start().await;
    let attached = json!([{ "url": "http://169.254.169.254/latest/meta-data/", "name": "x.png" }]);
    let body = json!({ "connection": "form", "id": "s-1", "from": { "external_id": "s-1" }, "text": "see this", "attachments": attached });
    let (status, taken) = read(form(&server, "s-1", &body)).await;
    assert!(status.is_success(), "{taken}");
    let file = file(&server, taken["customer"].as_str().expect("an id")).await;
    assert_eq!((&file["state"], &file["url"]), (&json!("lost"), &Value::Null), "{file}");
    assert!(file["why"].as_str().is_some_and(|why| !why.contains("169.254")), "{file}");
}

#[tokio::test]
async fn a_teammates_file_leaves_with_the_reply_and_opens_by_its_link_alone() {
    let server = Server::start().await;
    let body =
        json!({ "connection": "form", "id": "m1", "from": { "external_id": "anna", "name": "Anna" }, "text": "Please send me the offer" });
    let (_, taken) = read(form(&server, "m1", &body)).await;
    let (conversation, customer) = (taken["conversation"].as_str().expect("an id"), taken["customer"].as_str().expect("an id"));
    crate::doors::until(&server, "/api/v1/ledger", |ledger| ledger["counts"]["open"] == 0).await;
    let path = format!("/api/v1/conversations/{conversation}/reply");
    let reply = async |body: Value| server.admin(Method::POST, &path, Some(&body)).await;
    let sent = json!({ "name": "..\\offer.png", "base64": STANDARD.encode(PNG) });
    let (status, done) = reply(json!({ "files": [sent] })).await;
    assert_eq!(status, StatusCode::OK, "{done}");
    assert_eq!(done["messages"].as_array().map(Vec::len), Some(1));
    for (wrong, status) in [
        (json!({}), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({ "files": [{ "name": "a", "base64": "%" }] }), StatusCode::BAD_REQUEST),
        (json!({ "files": [{ "name": "a", "base64": "" }] }), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({ "files": vec![json!({ "name": "a", "base64": "YQ==" }); 11] }), StatusCode::UNPROCESSABLE_ENTITY),
        (
            json!({ "text": "x", "files": [{ "name": "a", "base64": STANDARD.encode(vec![1; 21 * 1024 * 1024]) }] }),
            StatusCode::PAYLOAD_TOO_LARGE,
        ),
    ] {
        let (got, problem) = reply(wrong).await;
        assert!(got == status || (status == StatusCode::PAYLOAD_TOO_LARGE && got == StatusCode::UNPROCESSABLE_ENTITY), "{got}: {problem}");
    }
    let shown = file(&server, customer).await;
    assert_eq!((&shown["name"], &shown["shown_as"]), (&json!("offer.png"), &json!("image/png")));
    assert!(!shown.to_string().contains("link"), "what opens it is not in the console's list: {shown}");
    let id = shown["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    let (kept, ..) = server.app.store().attachment(&"one".into(), id).await.expect("read").expect("kept");
    let link = kept.about.link.expect("a link");
    let get = async |link: &str| server.http.get(format!("{}/files/{link}", server.base)).send().await.expect("an answer");
    let answer = get(&link).await;
    assert_eq!(answer.headers()["content-type"], "image/png");
    assert_eq!(answer.headers()["cross-origin-resource-policy"], "cross-origin");
    assert!(answer.headers()["content-disposition"].to_str().is_ok_and(|value| value.starts_with("attachment")));
    assert_eq!(answer.bytes().await.expect("bytes"), PNG);
    assert_eq!(get("00000000000000000000000000000000").await.status(), StatusCode::NOT_FOUND);
    assert!(server.admin(Method::DELETE, &format!("/api/v1/customers/{customer}?now=true"), None).await.0.is_success());
    assert_eq!(get(&link).await.status(), StatusCode::NOT_FOUND, "it goes with its person");
}
