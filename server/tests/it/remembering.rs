//! What is remembered of a person: corrected, taken back, settled, asked for as it was; and what the business tells of them.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::assistant::says;
use crate::server::{Server, Session, read};

async fn record(server: &Server, customer: &str, query: &str) -> (StatusCode, Value) {
    server.admin(Method::GET, &format!("/api/v1/customers/{customer}{query}"), None).await
}

async fn by(server: &Server, session: &Session, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
    let request = server.http.request(method, format!("{}{path}", server.base)).header("cookie", &session.cookie);
    read(request.header("x-rapport-csrf", &session.csrf).json(body)).await
}

/// Values of a predicate by their status.
fn values(record: &Value, predicate: &str, status: &str) -> Vec<String> {
    let facts = record["facts"].as_array().expect("a list").iter();
    let wanted = facts.filter(|fact| fact["predicate"] == predicate && fact["status"] == status);
    wanted.map(|fact| fact["value"].as_str().expect("a text").to_owned()).collect()
}

async fn advance(server: &Server, seconds: u64) {
    assert_eq!(server.admin(Method::POST, "/api/v1/clock", Some(&json!({ "advance_s": seconds }))).await.0, StatusCode::OK);
}

#[tokio::test]
async fn what_was_known_at_a_moment_is_a_query_and_what_was_before_is_told() {
    let server = Server::start().await;
    advance(&server, 1).await;
    let (_, customer) = says(&server, "u-1", "m-1", "Hello, our budget is 3,500 EUR").await;
    let (_, first) = record(&server, &customer, "").await;
    let since = first["facts"].as_array().expect("a list").iter().find(|fact| fact["predicate"] == "budget").expect("a budget");
    let since = since["recorded_at"].as_str().expect("a time").to_owned();
    advance(&server, 3 * 86_400).await;
    says(&server, "u-1", "m-2", "Sorry, not 3,500 but 4,000").await;
    let (_, now) = record(&server, &customer, "").await;
    assert_eq!(
        (values(&now, "budget", "active"), values(&now, "budget", "superseded")),
        (vec!["4,000 EUR".into()], vec!["3,500 EUR".into()])
    );

    let (status, then) = record(&server, &customer, &format!("?at={since}")).await;
    assert_eq!((status, values(&then, "budget", "active")), (StatusCode::OK, vec!["3,500 EUR".to_owned()]), "{then}");
    assert_eq!(values(&then, "budget", "superseded"), Vec::<String>::new());
    let day = &since[..10];
    let (status, then) = record(&server, &customer, &format!("?at={day}")).await;
    assert_eq!((status, values(&then, "budget", "active")), (StatusCode::OK, vec!["3,500 EUR".to_owned()]), "{then}");
    assert_eq!(record(&server, &customer, "?at=2001-01-01").await.0, StatusCode::NOT_FOUND, "nobody was known then");
    assert_eq!(record(&server, &customer, "?at=yesterday").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(record(&server, &customer, "?known=2027").await.0, StatusCode::BAD_REQUEST, "an unknown parameter is refused");

    let (said, _) = says(&server, "u-1", "m-3", "What was my budget before?").await;
    assert!(said.contains("4,000 EUR") && said.contains("3,500 EUR"), "{said}");
}

#[tokio::test]
async fn a_correction_takes_the_place_of_what_it_corrects() {
    let server = Server::start().await;
    let (_, customer) = says(&server, "u-1", "m-1", "Hi, I'm Bob. Our budget is 500 EUR and we need it by 1 March 2099.").await;
    says(&server, "u-1", "m-2", "My name is not Bob, it's Rob").await;
    says(&server, "u-1", "m-3", "nicht bei 500, sondern bei 700 Euro").await;
    says(&server, "u-1", "m-4", "my email is bob@old.example").await;
    says(&server, "u-1", "m-5", "That's not my email any more, it's rob@new.example").await;
    let (_, known) = record(&server, &customer, "").await;
    let is = |predicate: &str, value: &str| assert_eq!(values(&known, predicate, "active"), [value.to_owned()], "{known}");
    is("name", "Rob");
    is("budget", "700 EUR");
    is("email", "rob@new.example");
    assert_eq!(values(&known, "timeline", "active").len(), 1, "{known}");
    says(&server, "u-1", "m-6", "There is no deadline after all").await;
    says(&server, "u-1", "m-7", "and there's no budget limit any more").await;
    let (_, known) = record(&server, &customer, "").await;
    for predicate in ["timeline", "budget"] {
        assert_eq!(values(&known, predicate, "active"), Vec::<String>::new(), "{known}");
    }
}

#[tokio::test]
async fn who_is_not_to_be_called_and_where_they_like_to_be_written_to_stand_side_by_side() {
    let server = Server::start().await;
    let (_, customer) = says(&server, "u-1", "m-1", "Don't call me, only WhatsApp").await;
    let (_, known) = record(&server, &customer, "").await;
    let mut channels = values(&known, "preferred_channel", "active");
    channels.sort();
    assert_eq!(channels, ["not voice", "whatsapp"], "{known}");
    let (_, customer) = says(&server, "u-2", "m-2", "Bitte rufen Sie mich nicht an").await;
    let (_, list) = server.admin(Method::GET, "/api/v1/escalations", None).await;
    assert_eq!(list["items"], json!([]), "nobody asked for a person");
    let (_, known) = record(&server, &customer, "").await;
    assert_eq!(values(&known, "preferred_channel", "active"), ["not voice"], "{known}");
}

#[tokio::test]
async fn a_pinned_value_stands_firm_and_ends_what_was_in_dispute() {
    let server = Server::start().await;
    let owner = server.teammate("one", "owner").await;
    let session = server.sign_in(&owner).await;
    let (_, customer) = says(&server, "u-1", "m-1", "Our budget is 4,000 EUR").await;
    let pin = async |value: &str| {
        let path = format!("/api/v1/customers/{customer}");
        by(&server, &session, Method::PATCH, &path, &json!({ "facts": { "budget": value } })).await.1
    };
    let pinned = pin("4,000 EUR").await;
    let fact = pinned["facts"].as_array().expect("a list").iter().find(|fact| fact["predicate"] == "budget" && fact["status"] == "active");
    let fact = fact.expect("a budget");
    assert_eq!((&fact["pinned"], fact["quote"].as_str().is_some_and(|quote| !quote.is_empty())), (&json!(true), true), "{pinned}");

    says(&server, "u-1", "m-2", "Our budget is 5,000 EUR").await;
    let (_, known) = record(&server, &customer, "").await;
    assert_eq!(
        (values(&known, "budget", "active"), values(&known, "budget", "disputed")),
        (vec!["4,000 EUR".into()], vec!["5,000 EUR".into()])
    );
    let settled = pin("5,000 EUR").await;
    assert_eq!(
        (values(&settled, "budget", "active"), values(&settled, "budget", "disputed")),
        (vec!["5,000 EUR".into()], vec![]),
        "{settled}"
    );
}

#[tokio::test]
async fn two_records_that_contradict_leave_a_dispute_and_part_without_loss() {
    let server = Server::start().await;
    let (_, one) = says(&server, "u-1", "m-1", "Our budget is 500 EUR").await;
    let (_, other) = says(&server, "u-2", "m-2", "Our budget is 700 EUR").await;
    let (status, merged) = server.admin(Method::POST, &format!("/api/v1/customers/{one}/merge"), Some(&json!({ "absorb": other }))).await;
    assert_eq!(status, StatusCode::OK, "{merged}");
    let (_, known) = record(&server, &one, "").await;
    assert_eq!(
        (values(&known, "budget", "active"), values(&known, "budget", "disputed")),
        (vec!["700 EUR".into()], vec!["500 EUR".into()]),
        "{known}"
    );
    let merge = known["merges"][0]["id"].as_str().expect("a merge");
    assert_eq!(server.admin(Method::POST, &format!("/api/v1/merges/{merge}/undo"), Some(&json!({}))).await.0, StatusCode::OK);
    for (customer, value) in [(&one, "500 EUR"), (&other, "700 EUR")] {
        let (_, known) = record(&server, customer, "").await;
        assert_eq!((values(&known, "budget", "active"), values(&known, "budget", "disputed")), (vec![value.into()], vec![]), "{known}");
    }
}

#[tokio::test]
async fn an_event_told_again_under_its_own_id_counts_once_and_all_it_names_is_kept() {
    let server = Server::start().await;
    let (_, customer) = says(&server, "u-1", "m-1", "Hello").await;
    let event = |id: &str| {
        json!({ "id": id, "type": "payment.failed", "customer": { "external_id": "u-1", "email": "ada@shop.example" },
            "data": { "order": "EC-1", "amount": 449, "currency": "EUR" } })
    };
    let (status, first) = server.admin(Method::POST, "/api/v1/events", Some(&event("evt_1"))).await;
    assert_eq!((status, &first["customer"]), (StatusCode::ACCEPTED, &json!(customer)), "{first}");
    let (status, again) = server.admin(Method::POST, "/api/v1/events", Some(&event("evt_1"))).await;
    assert_eq!((status, &again), (StatusCode::ACCEPTED, &first), "the same answer");
    let (_, other) = server.admin(Method::POST, "/api/v1/events", Some(&event("evt_2"))).await;
    assert_ne!(other["id"], first["id"]);
    let (_, known) = record(&server, &customer, "").await;
    assert_eq!(known["events"].as_array().map(Vec::len), Some(2), "{known}");
    let email = known["identifiers"].as_array().expect("a list").iter().find(|identifier| identifier["kind"] == "email");
    assert_eq!(email.map(|email| (&email["value"], &email["trust"])), Some((&json!("ada@shop.example"), &json!("claimed"))), "{known}");
    let (said, _) = says(&server, "u-1", "m-2", "Did my payment go through?").await;
    assert!(said.contains("449 EUR") && said.contains("failed"), "{said}");
    let cart = json!({ "type": "cart.updated", "customer": { "external_id": "u-1" }, "data": { "items": [{ "product": "Heron", "quantity": 2 }] } });
    server.admin(Method::POST, "/api/v1/events", Some(&cart)).await;
    let (_, known) = record(&server, &customer, "").await;
    assert_eq!(values(&known, "product_interest", "active"), ["Heron"], "{known}");
    let (said, _) = says(&server, "u-1", "m-3", "What's in my cart?").await;
    assert!(said.contains("2 × Heron"), "{said}");
}

#[tokio::test]
async fn the_team_is_told_once_of_somebody_who_is_about_to_buy() {
    let server = Server::start().await;
    let owner = server.teammate("one", "owner").await;
    let session = server.sign_in(&owner).await;
    let hot = async || -> Vec<Value> {
        let (_, told) = by(&server, &session, Method::GET, "/api/v1/alerts", &json!({})).await;
        told["items"].as_array().expect("a list").iter().filter(|item| item["kind"] == "hot_lead").cloned().collect()
    };
    let (_, customer) = says(&server, "u-1", "m-1", "Hello, we need six desks").await;
    assert_eq!(hot().await.len(), 0);
    says(&server, "u-1", "m-2", "Our budget is 9,000 EUR, we need them by 1 March 2099 and I decide myself").await;
    let told = hot().await;
    let (_, known) = record(&server, &customer, "").await;
    assert_eq!((told.len(), &known["lead"]["stage"]), (1, &json!("hot")), "{known}");
    assert_eq!(told[0]["customer"]["id"], json!(customer));
    says(&server, "u-1", "m-3", "The price is an objection for us, it's too expensive").await;
    says(&server, "u-1", "m-4", "We take it anyway").await;
    assert_eq!(hot().await.len(), 1, "once for each customer");
}
