//! Tasks: what was promised and what is owed, whose it is, and what becomes of the promise.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::doors::{form, until};
use crate::server::{Server, Session, read};

async fn by(server: &Server, session: &Session, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
    let request = server.http.request(method, format!("{}/api/v1{path}", server.base)).header("cookie", &session.cookie);
    read(request.header("x-rapport-csrf", &session.csrf).json(&body)).await
}

/// Somebody writes through the form; their conversation and who they are.
async fn says(server: &Server, id: &str, text: &str) -> (String, String) {
    let body = json!({ "connection": "form", "id": id, "text": text,
        "from": { "external_id": format!("u-{id}"), "name": "Anna Berger", "email": format!("{id}@studio.example") } });
    let (status, taken) = read(form(server, id, &body)).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{taken}");
    until(server, "/api/v1/ledger", |ledger| ledger["counts"]["open"] == 0).await;
    (taken["conversation"].as_str().expect("an id").to_owned(), taken["customer"].as_str().expect("an id").to_owned())
}

#[tokio::test]
async fn what_a_teammate_promises_is_their_task_and_kept_when_it_is_done() {
    let server = Server::start().await;
    let owner = server.sign_in(&server.teammate("one", "owner").await).await;
    let (conversation, customer) = says(&server, "m1", "Hello").await;
    let reply = json!({ "text": "I will send you the quote by Friday." });
    let (status, told) = by(&server, &owner, Method::POST, &format!("/conversations/{conversation}/reply"), reply).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    let (_, mine) = by(&server, &owner, Method::GET, "/tasks?view=mine", json!({})).await;
    let task = &mine["items"][0];
    assert!(task["what"].as_str().is_some_and(|what| what.contains("quote")), "{mine}");
    assert_eq!((&task["conversation"], &task["customer"]["id"], &task["promised"]), (&json!(conversation), &json!(customer), &json!(true)));
    assert_eq!(task["assignee"]["id"], by(&server, &owner, Method::GET, "/session", json!({})).await.1["teammate"]["id"]);
    assert!(task["due_at"].is_string(), "{task}");
    assert_eq!(mine["counts"]["mine"], 1);

    let path = format!("/tasks/{}", task["id"].as_str().expect("an id"));
    let promise = async || {
        let (_, record) = by(&server, &owner, Method::GET, &format!("/customers/{customer}"), json!({})).await;
        record["promises"].as_array().expect("promises").iter().find(|one| one["by"] == "us").expect("ours")["status"].clone()
    };
    assert_eq!(promise().await, "open");
    let (status, done) = by(&server, &owner, Method::PATCH, &path, json!({ "done": true })).await;
    assert_eq!(status, StatusCode::OK, "{done}");
    assert!(done["done_at"].is_string(), "{done}");
    assert_eq!(promise().await, "kept");
    assert_eq!(by(&server, &owner, Method::GET, "/tasks?view=mine", json!({})).await.1["items"], json!([]));
    assert_eq!(by(&server, &owner, Method::GET, "/tasks?view=done", json!({})).await.1["items"][0]["id"], task["id"]);
    assert_eq!(by(&server, &owner, Method::PATCH, &path, json!({ "done": false })).await.0, StatusCode::OK);
    assert_eq!(promise().await, "open");
}

#[tokio::test]
async fn what_the_ai_promises_is_the_teams_task_with_its_day() {
    let server = Server::start().await;
    let (conversation, customer) = says(&server, "m1", "Could you send me the data sheet by Tuesday?").await;
    let (status, about) = server.admin(Method::GET, &format!("/api/v1/tasks?customer={customer}"), None).await;
    assert_eq!(status, StatusCode::OK, "{about}");
    let task = about["items"].as_array().expect("items").iter().find(|task| task["promised"] == json!(true)).expect("a promise");
    assert_eq!((&task["conversation"], &task["assignee"]), (&json!(conversation), &Value::Null), "{task}");
    assert!(task["due_at"].is_string(), "{task}");
    // Whoever takes the conversation has its tasks.
    let owner = server.sign_in(&server.teammate("one", "owner").await).await;
    assert_eq!(by(&server, &owner, Method::GET, "/tasks?view=mine", json!({})).await.1["items"], json!([]));
    by(&server, &owner, Method::POST, &format!("/conversations/{conversation}/take"), json!({})).await;
    assert_eq!(by(&server, &owner, Method::GET, "/tasks?view=mine", json!({})).await.1["items"][0]["id"], task["id"]);
}

#[tokio::test]
async fn a_task_is_written_put_off_and_given_to_somebody_who_is_here() {
    let server = Server::start().await;
    let owner = server.sign_in(&server.teammate("one", "owner").await).await;
    let mate = server.sign_in(&server.teammate("one", "teammate").await).await;
    let mate_id = by(&server, &mate, Method::GET, "/session", json!({})).await.1["teammate"]["id"].clone();
    let (_, customer) = says(&server, "m1", "Hello").await;
    let (elsewhere, _) = says(&server, "m2", "Hello").await;
    let write = async |body: Value| by(&server, &owner, Method::POST, "/tasks", body).await;
    assert_eq!(write(json!({ "customer": customer, "what": "  " })).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(write(json!({ "customer": "cus_none", "what": "Call" })).await.0, StatusCode::NOT_FOUND);
    let anothers = json!({ "customer": customer, "what": "Call", "conversation": elsewhere });
    assert_eq!(write(anothers).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, task) = write(json!({ "customer": customer, "what": "Call Anna", "due_at": "2020-01-01T09:00:00Z" })).await;
    assert_eq!(status, StatusCode::CREATED, "{task}");
    assert_eq!((&task["customer"]["name"], &task["promised"]), (&json!("Anna Berger"), &json!(false)), "{task}");
    let (_, all) = by(&server, &owner, Method::GET, "/tasks", json!({})).await;
    assert_eq!((&all["counts"]["open"], &all["counts"]["mine_overdue"]), (&json!(1), &json!(1)), "{all}");

    let path = format!("/tasks/{}", task["id"].as_str().expect("an id"));
    let change = async |body: Value| by(&server, &owner, Method::PATCH, &path, body).await;
    assert_eq!(change(json!({ "assignee": "tmt_none" })).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(change(json!({ "due_at": "soon" })).await.0, StatusCode::BAD_REQUEST);
    let (_, given) = change(json!({ "assignee": mate_id, "due_at": "2999-01-01T09:00:00Z" })).await;
    assert_eq!((&given["assignee"]["id"], &given["due_at"]), (&mate_id, &json!("2999-01-01T09:00:00Z")), "{given}");
    assert_eq!(by(&server, &mate, Method::GET, "/tasks?view=mine", json!({})).await.1["items"][0]["id"], task["id"]);
    let (_, nobodys) = change(json!({ "assignee": null, "due_at": null })).await;
    assert_eq!((&nobodys["assignee"], &nobodys["due_at"]), (&Value::Null, &Value::Null), "{nobodys}");
    let analyst = server.sign_in(&server.teammate("one", "analyst").await).await;
    let (_, masked) = by(&server, &analyst, Method::GET, "/tasks", json!({})).await;
    assert!(!masked.to_string().contains("Berger") && !masked.to_string().contains("Anna"), "{masked}");
    assert_eq!(by(&server, &analyst, Method::PATCH, &path, json!({ "done": true })).await.0, StatusCode::FORBIDDEN);
}
