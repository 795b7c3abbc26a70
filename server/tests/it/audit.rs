//! Every access leaves a line, and other AI tools reach what is known through `/mcp`, each call with its line.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::doors::{form, until};
use crate::server::{Server, read};

async fn sarah(server: &Server) -> String {
    let from = json!({ "external_id": "u-1", "email": "sarah@example.com", "email_verified": true, "name": "Sarah Miller" });
    let body = json!({ "connection": "form", "id": "m-1", "text": "I need twelve chairs, our budget is 4,000 EUR", "from": from });
    let (status, taken) = read(form(server, "m-1", &body)).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{taken}");
    until(server, "/api/v1/ledger", |ledger| ledger["counts"]["open"] == 0).await;
    taken["customer"].as_str().expect("an id").to_owned()
}

async fn token(server: &Server, scopes: &[&str]) -> (String, String) {
    let (status, made) = server.admin(Method::POST, "/api/v1/tokens", Some(&json!({ "name": "other tool", "scopes": scopes }))).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    (made["token"].as_str().expect("a token").to_owned(), format!("token:{}", made["id"].as_str().expect("an id")))
}

async fn log(server: &Server, query: &str) -> Vec<Value> {
    let (status, page) = server.admin(Method::GET, &format!("/api/v1/audit?{query}"), None).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    page["items"].as_array().expect("items").clone()
}

/// How so many tries to sign in ended; the line of a wrong one is written beside its answer.
pub async fn sign_ins(server: &Server, wanted: usize) -> Vec<u64> {
    let all = async {
        loop {
            let lines = log(server, "").await;
            let tries = lines.iter().filter(|entry| entry["act"] == "POST /api/v1/session");
            let outcomes: Vec<u64> = tries.filter_map(|entry| entry["outcome"].as_u64()).collect();
            if outcomes.len() >= wanted {
                return outcomes;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), all).await.expect("all lines")
}

async fn call(server: &Server, token: &str, method: &str, params: Value) -> (StatusCode, Value) {
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    server.program(token, Method::POST, "/mcp", Some(&body)).await
}

async fn tool(server: &Server, token: &str, name: &str, arguments: Value) -> Value {
    let (status, answer) = call(server, token, "tools/call", json!({ "name": name, "arguments": arguments })).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    answer["result"].clone()
}

#[tokio::test]
async fn whose_record_was_shown_to_whom_is_written_down_once_and_every_change_always() {
    let server = Server::start().await;
    let sarah = sarah(&server).await;
    let (reader, by_reader) = token(&server, &["read", "write"]).await;
    let path = format!("/api/v1/customers/{sarah}");
    for _ in 0..3 {
        server.program(&reader, Method::GET, &path, None).await;
    }
    server.program(&reader, Method::GET, "/api/v1/customers?q=sarah", None).await;
    for value in ["Sarah M.", "Sarah"] {
        let facts = json!({ "facts": { "preferred_name": value } });
        server.program(&reader, Method::PATCH, &path, Some(&facts)).await;
    }
    let hers = log(&server, &format!("subject={sarah}&actor={by_reader}")).await;
    let acts: Vec<&str> = hers.iter().map(|entry| entry["act"].as_str().expect("an act")).collect();
    let change = "PATCH /api/v1/customers/{id}";
    assert_eq!(acts, [change, change, "GET /api/v1/customers", "GET /api/v1/customers/{id}"]);
    assert!(
        log(&server, "actor=operator").await.iter().any(|entry| entry["act"] == "POST /api/v1/tokens"),
        "the admin token leaves its lines too"
    );

    let (_, check) = server.admin(Method::GET, "/api/v1/audit/check", None).await;
    assert_eq!((check["broken"].clone(), check["entries"].as_u64().is_some_and(|entries| entries > 4)), (Value::Null, true), "{check}");
    let (status, _) = server.program(&reader, Method::GET, "/api/v1/audit", None).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "the log is for those who administer");
    let (status, _) = server.admin(Method::GET, "/api/v1/audit?cursor=x", None).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn signing_in_leaves_a_line_right_or_wrong() {
    let server = Server::start().await;
    let email = server.teammate("one", "teammate").await;
    server.sign_in(&email).await;
    let wrong = json!({ "email": email, "password": "not this one, is it" });
    assert_eq!(read(server.http.post(format!("{}/api/v1/session", server.base)).json(&wrong)).await.0, StatusCode::UNAUTHORIZED);
    let outcomes = sign_ins(&server, 2).await;
    assert!(outcomes.contains(&200) && outcomes.contains(&401), "{outcomes:?}");
}

#[tokio::test]
async fn nothing_is_at_mcp_until_a_token_for_it_exists() {
    let server = Server::start().await;
    let (reader, _) = token(&server, &["read"]).await;
    for bearer in [reader.as_str(), crate::server::ADMIN, "wrong"] {
        assert_eq!(call(&server, bearer, "tools/list", json!({})).await.0, StatusCode::NOT_FOUND);
    }
    // An owner at the console makes one.
    let owner = server.sign_in(&server.teammate("one", "owner").await).await;
    let request = server.http.post(format!("{}/api/v1/tokens", server.base)).header("cookie", &owner.cookie);
    let request = request.header("x-rapport-csrf", &owner.csrf).json(&json!({ "name": "other tool", "scopes": ["mcp"] }));
    assert_eq!(read(request).await.0, StatusCode::CREATED);
    assert_eq!(call(&server, &reader, "tools/list", json!({})).await.0, StatusCode::FORBIDDEN);
    assert_eq!(call(&server, "wrong", "tools/list", json!({})).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn another_tool_asks_what_is_known_and_each_call_leaves_a_line() {
    let server = Server::start().await;
    let sarah = sarah(&server).await;
    let (other, by_other) = token(&server, &["mcp"]).await;
    let client = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" } });
    let (status, hello) = call(&server, &other, "initialize", client).await;
    assert_eq!((status, &hello["result"]["serverInfo"]["name"]), (StatusCode::OK, &json!("rapport")), "{hello}");
    let (_, listed) = call(&server, &other, "tools/list", json!({})).await;
    let tools = listed["result"]["tools"].as_array().expect("tools");
    assert_eq!(tools.len(), 6);
    assert!(tools.iter().all(|tool| tool["annotations"]["readOnlyHint"] == true && tool["inputSchema"]["type"] == "object"), "{listed}");

    let found = tool(&server, &other, "find_customers", json!({ "identifier": "email:sarah@example.com" })).await;
    assert_eq!(found["structuredContent"]["items"][0]["id"], json!(sarah), "{found}");
    let known = tool(&server, &other, "what_do_we_know", json!({ "customer": sarah, "question": "What is their budget?" })).await;
    let facts = known["structuredContent"]["facts"].as_array().expect("facts");
    assert!(facts.iter().any(|fact| fact["predicate"] == "budget"), "{known}");
    assert!(known["structuredContent"]["said_about_it"].to_string().contains("4,000 EUR"), "{known}");
    let timeline = tool(&server, &other, "read_timeline", json!({ "customer": sarah, "limit": 1 })).await;
    assert_eq!(timeline["structuredContent"]["items"].as_array().map(Vec::len), Some(1), "{timeline}");
    let answer = tool(&server, &other, "ask_knowledge", json!({ "question": "Do you ship to the moon?" })).await;
    assert_eq!((&answer["structuredContent"]["answer"], &answer["isError"]), (&Value::Null, &json!(false)), "no source tells: {answer}");
    assert_eq!(tool(&server, &other, "open_escalations", json!({})).await["isError"], false);

    for (name, arguments) in [
        ("what_do_we_know", json!({ "customer": "cus_00000000000000000000000000" })),
        ("what_do_we_know", json!({})),
        ("find_customers", json!({ "drop": "everything" })),
        ("read_timeline", json!({ "limit": 5 })),
    ] {
        assert_eq!(tool(&server, &other, name, arguments).await["isError"], true, "{name}");
    }
    let (_, unknown) = call(&server, &other, "tools/call", json!({ "name": "erase_everybody", "arguments": {} })).await;
    assert_eq!(unknown["error"]["code"], -32602, "{unknown}");

    let lines = log(&server, &format!("actor={by_other}")).await;
    assert_eq!(lines.len(), 9, "{lines:?}");
    let hers = log(&server, &format!("actor={by_other}&subject={sarah}")).await;
    assert_eq!(
        hers.iter().map(|line| &line["act"]).collect::<Vec<_>>(),
        ["mcp read_timeline", "mcp what_do_we_know", "mcp find_customers"]
    );
    // The rest of the API is shut to it.
    assert_eq!(server.program(&other, Method::GET, "/api/v1/customers", None).await.0, StatusCode::FORBIDDEN);
}
