//! Customers who may be one person, from a message to the review queue.

use domain::WorkspaceId;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::jobs::duplicates;

use crate::doors::form;
use crate::server::{Server, read};

/// Waits until every message has been dealt with.
async fn settled(server: &Server) {
    let mut bell = server.app.hub.bell();
    tokio::time::timeout(std::time::Duration::from_secs(20), async {
        loop {
            let (_, ledger) = server.admin(Method::GET, "/api/v1/ledger", None).await;
            if ledger["counts"]["open"] == 0 {
                return;
            }
            bell.changed().await.expect("the server runs");
        }
    })
    .await
    .expect("in time");
}

#[tokio::test]
async fn who_may_be_one_person_is_proposed_once_and_joined_only_by_a_person() {
    let server = Server::start().await;
    let said = [
        ("m-1", json!({ "external_id": "u-1", "name": "Sarah Lindqvist" }), "Hello, my number is 06 12 34 56 78"),
        ("m-2", json!({ "phone": "+33612345678", "phone_verified": true, "name": "Sara Lindqvist" }), "Hello, do you sell lamps?"),
        ("m-3", json!({ "external_id": "u-3", "name": "Tom Brown" }), "Hello"),
    ];
    for (id, from, text) in &said {
        let body = json!({ "connection": "form", "id": id, "text": text, "from": from });
        assert_eq!(read(form(&server, id, &body)).await.0, StatusCode::ACCEPTED);
    }
    settled(&server).await;
    let workspace = WorkspaceId::from("one");
    let count = async |path: &str| -> Vec<Value> {
        let (_, found) = server.admin(Method::GET, path, None).await;
        found["items"].as_array().expect("a list").clone()
    };
    assert_eq!(count("/api/v1/customers?q=Lindqvist").await.len(), 2, "a claim joins nothing");

    duplicates::round(&server.app, &workspace).await.expect("a round");
    let proposed = count("/api/v1/suggestions").await;
    assert_eq!(proposed.len(), 1, "{proposed:?}");
    assert!(proposed[0]["probability"].as_f64().is_some_and(|probability| probability <= 0.9), "one side only claims the number");
    assert!(proposed[0]["reasons"].as_array().is_some_and(|reasons| reasons.len() >= 2), "{proposed:?}");
    duplicates::round(&server.app, &workspace).await.expect("a round");
    assert_eq!(count("/api/v1/suggestions").await.len(), 1, "what waits is not proposed again");

    let path = format!("/api/v1/suggestions/{}/accept", proposed[0]["id"].as_str().expect("an id"));
    let (status, settled) = server.admin(Method::POST, &path, Some(&json!({}))).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(count("/api/v1/customers?q=Lindqvist").await.len(), 1);
    let undo = format!("/api/v1/merges/{}/undo", settled["merge"].as_str().expect("a merge"));
    assert_eq!(server.admin(Method::POST, &undo, Some(&json!({}))).await.0, StatusCode::OK);
    assert_eq!(duplicates::round(&server.app, &workspace).await.expect("a round"), 0, "whom a person has parted stays two");
    assert_eq!(count("/api/v1/customers?q=Lindqvist").await.len(), 2);
}
