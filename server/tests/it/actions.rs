//! What the assistant does for a customer, seen through the API.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::doors::{form, until};
use crate::server::{Server, read};

pub const CALENDARS: &str = r#"
[[calendars]]
name = "Fitting"
hours = { mon-fri = "09:00-17:00", sat-sun = "09:00-17:00" }

[[calendars]]
name = "Consultation"
hours = { mon-fri = "09:00-17:00", sat-sun = "09:00-17:00" }
"#;

async fn says(server: &Server, id: &str, from: &str, text: &str) -> Value {
    let body = json!({ "connection": "form", "id": id, "text": text, "from": { "external_id": from } });
    let (status, taken) = read(form(server, id, &body)).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{taken}");
    until(server, "/api/v1/ledger", |ledger| ledger["counts"]["open"] == 0).await;
    let path = format!("/api/v1/customers/{}", taken["customer"].as_str().expect("an id"));
    server.admin(Method::GET, &path, None).await.1
}

async fn last_words(server: &Server, customer: &Value) -> String {
    let path = format!("/api/v1/customers/{}/timeline", customer["id"].as_str().expect("an id"));
    let (_, timeline) = server.admin(Method::GET, &path, None).await;
    let ours = timeline["items"].as_array().expect("items").iter().rfind(|item| item["direction"] == "out");
    ours.expect("an answer")["text"].as_str().expect("a text").to_owned()
}

async fn ordered(server: &Server, from: &str) {
    let event = json!({ "type": "order.delivered", "customer": { "external_id": from }, "data": { "order": "EC-7", "total": 900 } });
    let (status, told) = server.admin(Method::POST, "/api/v1/events", Some(&event)).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{told}");
}

#[tokio::test]
async fn what_waits_is_approved_once_and_its_document_opens_for_whoever_has_the_link() {
    let server = Server::start().await;
    ordered(&server, "u-1").await;
    let customer = says(&server, "m-1", "u-1", "I want to return order EC-7").await;
    assert_eq!(customer["actions"][0]["status"], "waiting", "no source says within how many days: {customer}");
    let (_, listed) = server.admin(Method::GET, "/api/v1/actions", None).await;
    assert_eq!(
        (listed["items"][0]["id"].clone(), &listed["items"][0]["customer"]),
        (customer["actions"][0]["id"].clone(), &customer["id"])
    );
    let id = customer["actions"][0]["id"].as_str().expect("an id");

    let path = format!("/api/v1/actions/{id}/approve");
    let (status, done) = server.admin(Method::POST, &path, Some(&json!({}))).await;
    assert_eq!((status, &done["status"]), (StatusCode::OK, &json!("done")), "{done}");
    let (status, problem) = server.admin(Method::POST, &path, Some(&json!({}))).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("not_waiting")));
    let (status, _) = server.admin(Method::POST, "/api/v1/actions/act_00000000000000000000000000/decline", Some(&json!({}))).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(last_words(&server, &customer).await.contains("/documents/"));

    let document = done["document"].as_str().expect("a document");
    let get = |path: &str| server.http.get(format!("{}{path}", server.base)).send();
    let found = get(document).await.unwrap();
    assert_eq!((found.status(), found.headers()["content-type"].to_str().unwrap()), (StatusCode::OK, "application/pdf"));
    for wrong in ["/documents/AAAAAAAAAAAAAAAAAAAAAA", "/documents/x", "/documents/..%2F..%2Fetc"] {
        assert_eq!(get(wrong).await.unwrap().status(), StatusCode::NOT_FOUND, "{wrong}");
    }
}

#[tokio::test]
async fn somebody_elses_order_is_nothing_to_act_on() {
    let server = Server::start().await;
    ordered(&server, "u-1").await;
    let customer = says(&server, "m-1", "u-2", "I want to return order EC-7, send me the return label").await;
    assert_eq!(customer["actions"], json!([]));
}

#[tokio::test]
async fn of_several_calendars_it_is_asked_which() {
    let server = Server::start_with(CALENDARS).await;
    let customer = says(&server, "m-1", "u-1", "I would like to book an appointment").await;
    let asked = last_words(&server, &customer).await;
    assert!(asked.contains("Fitting") && asked.contains("Consultation"), "{asked}");
    let customer = says(&server, "m-2", "u-1", "Consultation").await;
    assert!(last_words(&server, &customer).await.contains("For Consultation I can offer"));
    let customer = says(&server, "m-3", "u-1", "the first one").await;
    assert_eq!((&customer["actions"][0]["tool"], &customer["actions"][0]["status"]), (&json!("booking.create"), &json!("done")));
}
