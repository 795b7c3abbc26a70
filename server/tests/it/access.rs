//! Who may do what.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::api::routes::ROUTES;
use server::api::session::setup;
use server::auth::scope::{Need, Scope};

use crate::doors::{form, until};
use crate::server::{ADMIN, PASSWORD, Server, read};

#[tokio::test]
async fn signing_in_opens_a_session_and_signing_out_ends_it() {
    let server = Server::start().await;
    let email = server.teammate("one", "owner").await;
    let session = server.sign_in(&email).await;
    assert_eq!(session.object["workspace"]["id"], "one");
    assert_eq!(session.object["demo"], false);
    let show = || server.http.get(format!("{}/api/v1/session", server.base)).header("cookie", &session.cookie);
    assert_eq!(read(show()).await.0, StatusCode::OK);
    let out = server
        .http
        .delete(format!("{}/api/v1/session", server.base))
        .header("cookie", &session.cookie)
        .header("x-rapport-csrf", &session.csrf);
    assert_eq!(read(out).await.0, StatusCode::NO_CONTENT);
    assert_eq!(read(show()).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_read_the_same() {
    let server = Server::start().await;
    let email = server.teammate("one", "owner").await;
    let mut answers = Vec::new();
    for (email, password) in [(email.as_str(), "something else entirely"), ("nobody@one.example", PASSWORD)] {
        let body = json!({ "email": email, "password": password });
        answers.push(read(server.http.post(format!("{}/api/v1/session", server.base)).json(&body)).await);
    }
    assert_eq!(answers[0].0, StatusCode::UNAUTHORIZED);
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0].1["code"], "wrong_login");
}

#[tokio::test]
async fn too_many_sign_ins_are_asked_to_wait() {
    let server = Server::start().await;
    let mut last = StatusCode::OK;
    for _ in 0..12 {
        let body = json!({ "email": "owner@one.example", "password": "x".repeat(1_000) });
        last = read(server.http.post(format!("{}/api/v1/session", server.base)).json(&body)).await.0;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_change_with_a_cookie_needs_the_consoles_word_and_origin() {
    let server = Server::start().await;
    let email = server.teammate("one", "owner").await;
    let session = server.sign_in(&email).await;
    let request = |csrf: &str, origin: Option<&str>| {
        let mut request = server
            .http
            .post(format!("{}/api/v1/tokens", server.base))
            .header("cookie", &session.cookie)
            .header("x-rapport-csrf", csrf)
            .json(&json!({ "name": "n", "scopes": ["read"] }));
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        request
    };
    assert_eq!(read(request("", None)).await.0, StatusCode::FORBIDDEN);
    assert_eq!(read(request(&session.csrf, Some("https://evil.example"))).await.0, StatusCode::FORBIDDEN);
    assert_eq!(read(request(&session.csrf, Some(&server.base))).await.0, StatusCode::CREATED);
}

#[tokio::test]
async fn no_route_answers_without_a_token_and_none_beyond_its_scope() {
    let server = Server::start().await;
    let mut tokens = Vec::new();
    for scope in [Scope::Read, Scope::Write] {
        let body = json!({ "name": scope.as_str(), "scopes": [scope.as_str()] });
        let (status, made) = server.admin(Method::POST, "/api/v1/tokens", Some(&body)).await;
        assert_eq!(status, StatusCode::CREATED);
        tokens.push((scope, made["token"].as_str().expect("a token").to_owned()));
    }
    for route in ROUTES.iter().filter(|route| route.need != Need::Nothing) {
        let method = Method::from_bytes(route.method.to_uppercase().as_bytes()).expect("a method");
        let path = route.full_path().replace("{id}", "cus_00000000000000000000000000");
        let body = route.body.map(|_| json!({}));
        let plain = server.http.request(method.clone(), format!("{}{path}", server.base)).json(&json!({}));
        assert_eq!(read(plain).await.0, StatusCode::UNAUTHORIZED, "{} {path}", route.method);
        for (scope, token) in &tokens {
            if route.need != Need::Scope(*scope) {
                let (status, problem) = server.program(token, method.clone(), &path, body.as_ref()).await;
                assert_eq!(status, StatusCode::FORBIDDEN, "{} {path} with {scope:?}", route.method);
                assert_eq!(problem["code"], "forbidden");
            }
        }
    }
}

#[tokio::test]
async fn a_malformed_or_foreign_id_is_not_found() {
    let server = Server::start().await;
    for path in [
        "/customers/x",
        "/customers/cus_00000000000000000000000000",
        "/conversations/cnv_00000000000000000000000000",
        "/turns/trn_1",
        "/nothing/here",
    ] {
        let (status, problem) = server.admin(Method::GET, &format!("/api/v1{path}"), None).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(problem["status"], 404);
        assert!(problem["title"].is_string() && problem["type"].is_string());
    }
}

/// The least body that a schema takes.
fn least(schemas: &Value, schema: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return least(schemas, &schemas[name]);
    }
    if let Some(first) = ["oneOf", "anyOf"].iter().find_map(|key| schema[*key].get(0)) {
        return least(schemas, first);
    }
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    match schema["type"].as_str().or_else(|| schema["type"][0].as_str()) {
        Some("object") => {
            let needed = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            needed.map(|key| (key.to_owned(), least(schemas, &schema["properties"][key]))).collect()
        }
        Some("array") => json!([]),
        Some("boolean") => json!(true),
        Some("integer" | "number") => json!(1),
        _ if schema["format"] == "date-time" => json!("2027-01-01T00:00:00Z"),
        _ => json!("x"),
    }
}

#[tokio::test]
async fn no_route_finds_an_id_of_another_workspace() {
    let server = Server::start_with_two().await;
    let body = json!({ "connection": "form", "id": "1", "from": { "external_id": "sarah" }, "text": "I want to talk to a person" });
    let (status, said) = read(form(&server, "1", &body)).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let text_of = |value: &Value| value.as_str().expect("an id").to_owned();
    let mut foreign = vec![text_of(&said["customer"]), text_of(&said["conversation"]), text_of(&said["message"])];
    let timeline = format!("/api/v1/customers/{}/timeline", foreign[0]);
    let turn = |seen: &Value| seen["items"].as_array().into_iter().flatten().find_map(|entry| entry["turn"].as_str().map(str::to_owned));
    foreign.extend(turn(&until(&server, &timeline, |seen| turn(seen).is_some()).await));
    let escalations = server.admin(Method::GET, "/api/v1/escalations", None).await.1;
    foreign.push(text_of(&escalations["items"][0]["id"]));
    assert_eq!(foreign.len(), 5);

    let described = server.admin(Method::GET, "/api/openapi.json", None).await.1;
    let schemas = &described["components"]["schemas"];
    for route in ROUTES.iter().filter(|route| route.path.contains('{')) {
        let method = Method::from_bytes(route.method.to_uppercase().as_bytes()).expect("a method");
        for id in &foreign {
            let path = route
                .full_path()
                .split('/')
                .map(|part| if part.starts_with('{') { id.as_str() } else { part })
                .collect::<Vec<_>>()
                .join("/");
            let operation = &described["paths"][route.full_path()][route.method]["requestBody"]["content"];
            let schema = operation.as_object().and_then(|kinds| kinds.values().next()).map(|kind| &kind["schema"]);
            let mut body = schema.map(|schema| least(schemas, schema));
            if let Some(absorbed) = body.as_mut().and_then(|body| body.get_mut("absorb")) {
                *absorbed = json!(id);
            }
            let mut request = server.http.request(method.clone(), format!("{}{path}", server.base)).bearer_auth(ADMIN);
            request = request.header("x-rapport-workspace", "two");
            if let Some(body) = &body {
                request = request.json(body);
            }
            assert_eq!(read(request).await.0, StatusCode::NOT_FOUND, "{} {path} {body:?}", route.method);
        }
    }
}

#[tokio::test]
async fn unknown_fields_and_parameters_are_refused() {
    let server = Server::start().await;
    let (status, _) = server.admin(Method::GET, "/api/v1/conversations?query_operator=OR", None).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let body = json!({ "name": "n", "scopes": ["read"], "workspace_id": "two" });
    assert_eq!(server.admin(Method::POST, "/api/v1/tokens", Some(&body)).await.0, StatusCode::BAD_REQUEST);
    let text =
        server.http.post(format!("{}/api/v1/tokens", server.base)).bearer_auth(ADMIN).header("content-type", "text/plain").body("{}");
    assert_eq!(read(text).await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn the_set_up_link_makes_one_owner_and_no_more() {
    let server = Server::start().await;
    let workspace = server.app.first_workspace();
    let link = setup::link(&server.app, &workspace).await.expect("a store").expect("an empty workspace");
    let token = link.split('#').next_back().expect("a token");
    let body = |token: &str| json!({ "token": token, "name": "Ada", "email": "ada@one.example", "password": PASSWORD });
    let send = |token: &str| server.http.post(format!("{}/api/v1/setup", server.base)).json(&body(token));
    assert_eq!(read(send("0".repeat(32).as_str())).await.0, StatusCode::NOT_FOUND);
    let (status, session) = read(send(token)).await;
    assert_eq!(status, StatusCode::CREATED, "{session}");
    assert_eq!(session["teammate"]["role"], "owner");
    assert_eq!(read(send(token)).await.0, StatusCode::NOT_FOUND);
    assert!(setup::link(&server.app, &workspace).await.expect("a store").is_none());
}

#[tokio::test]
async fn the_clock_moves_for_the_admin_token_only() {
    let server = Server::start().await;
    let body = json!({ "advance_s": 172_800 });
    let made = server.admin(Method::POST, "/api/v1/tokens", Some(&json!({ "name": "n", "scopes": ["admin"] }))).await.1;
    let token = made["token"].as_str().expect("a token");
    assert_eq!(server.program(token, Method::POST, "/api/v1/clock", Some(&body)).await.0, StatusCode::FORBIDDEN);
    let before = server.app.now();
    let (status, moved) = server.admin(Method::POST, "/api/v1/clock", Some(&body)).await;
    assert_eq!(status, StatusCode::OK, "{moved}");
    assert_eq!(moved["ran"], 0);
    assert!(server.app.now().since(before).as_secs() >= 172_800);
}

#[tokio::test]
async fn the_master_key_lies_in_a_file_of_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let server = Server::start().await;
    let found = std::fs::metadata(server.folder().join("master.key")).expect("a key");
    assert_eq!(found.permissions().mode() & 0o777, 0o600);
}
