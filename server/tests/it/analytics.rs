//! Reports: figures over days, and the conversations behind each.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::doors::{form, next, open, send};
use crate::links::{settled, whatsapp};
use crate::server::{Server, read};

async fn writes(server: &Server, id: &str, from: Value, text: &str) -> Value {
    let body = json!({ "connection": "form", "id": id, "from": from, "text": text });
    let (status, taken) = read(form(server, id, &body)).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{taken}");
    settled(server).await;
    taken
}

async fn report(server: &Server, name: &str) -> Value {
    let (status, report) = server.admin(Method::GET, &format!("/api/v1/analytics/{name}"), None).await;
    assert_eq!(status, StatusCode::OK, "{name}: {report}");
    assert_eq!(report["complete"], true, "{name}");
    report
}

fn figure<'a>(report: &'a Value, name: &str) -> &'a Value {
    let found = report["figures"].as_array().expect("a list").iter().find(|figure| figure["figure"] == name);
    found.unwrap_or_else(|| panic!("no figure {name} in {report}"))
}

fn rows<'a>(report: &'a Value, name: &str) -> &'a Vec<Value> {
    let found = report["tables"].as_array().expect("a list").iter().find(|table| table["table"] == name);
    found.unwrap_or_else(|| panic!("no table {name} in {report}"))["rows"].as_array().expect("rows")
}

async fn behind(server: &Server, link: &Value) -> Vec<Value> {
    let (status, found) = server.admin(Method::GET, link.as_str().expect("a link"), None).await;
    assert_eq!(status, StatusCode::OK, "{found}");
    found["items"].as_array().expect("a list").iter().map(|item| item["id"].clone()).collect()
}

#[tokio::test]
async fn a_report_says_which_there_are_and_which_days_it_cannot_read() {
    let server = Server::start().await;
    let (_, list) = server.admin(Method::GET, "/api/v1/analytics", None).await;
    let names: Vec<&str> = list["items"].as_array().expect("a list").iter().filter_map(|item| item["report"].as_str()).collect();
    assert!(names.contains(&"overview") && names.contains(&"switches"), "{names:?}");
    for name in &names {
        let report = report(&server, name).await;
        let days = report["from"].as_str().zip(report["to"].as_str()).expect("days");
        assert!(days.0 < days.1 && days.1.len() == 10, "{days:?}");
    }
    let (status, problem) = server.admin(Method::GET, "/api/v1/analytics/sales", None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(problem["detail"].as_str().is_some_and(|detail| names.iter().all(|name| detail.contains(name))), "{problem}");
    for (query, expected) in [
        ("from=yesterday", StatusCode::BAD_REQUEST),
        ("to=2026-02-30", StatusCode::BAD_REQUEST),
        ("since=2026-01-01", StatusCode::BAD_REQUEST),
        ("from=2026-03-02&to=2026-03-01", StatusCode::UNPROCESSABLE_ENTITY),
        ("from=1990-01-01&to=2026-03-01", StatusCode::UNPROCESSABLE_ENTITY),
        ("from=2026-03-01&to=2026-03-01", StatusCode::OK),
        ("from=2026-03-01T00:00:00Z&to=2026-03-31T12:00:00%2B02:00", StatusCode::OK),
    ] {
        let (status, answer) = server.admin(Method::GET, &format!("/api/v1/analytics/overview?{query}"), None).await;
        assert_eq!(status, expected, "{query}: {answer}");
    }
    let (status, problem) = server.admin(Method::GET, "/api/v1/analytics/switches/conversations?measure=cost", None).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("switch.kept")), "{problem}");
}

#[tokio::test]
async fn every_figure_opens_the_conversations_behind_it() {
    let server = Server::start().await;
    let from = json!({ "external_id": "u-1", "phone": "+33612345678", "phone_verified": true, "name": "Sarah Quill" });
    let taken = writes(&server, "m-1", from, "Hello, I need two chairs, my budget is 900 EUR").await;
    whatsapp(&server, "wamid.1", "Do they have arm rests?").await;
    settled(&server).await;
    let other = writes(&server, "m-2", json!({ "external_id": "u-2", "name": "Ben Okafor" }), "I want to talk to a person").await;
    let order = json!({ "type": "order.created", "customer": { "external_id": "u-1" }, "data": { "order": "EC-1", "total": 890 } });
    assert_eq!(server.admin(Method::POST, "/api/v1/events", Some(&order)).await.0, StatusCode::ACCEPTED);

    let switches = report(&server, "switches").await;
    let [row] = rows(&switches, "switches").as_slice() else { panic!("{switches}") };
    assert_eq!((&row["from"], &row["to"], &row["switches"]), (&json!("api"), &json!("whatsapp"), &json!(1.0)));
    let (_, found) = server.admin(Method::GET, row["conversations"].as_str().expect("a link"), None).await;
    assert_eq!(found["items"][0]["customer"]["id"], taken["customer"]);
    assert_eq!(figure(&switches, "kept")["value"], 1.0);

    let channels = report(&server, "channels").await;
    let form = rows(&channels, "channels").iter().find(|row| row["channel"] == "api").expect("the form");
    assert_eq!((&form["count"], &form["purchases"], &form["conversion"]), (&json!(2.0), &json!(1.0), &json!(0.5)));

    let attribution = report(&server, "attribution").await;
    assert_eq!((&figure(&attribution, "purchases")["value"], &figure(&attribution, "revenue")["value"]), (&json!(1.0), &json!(890.0)));
    let of = |door: &str| rows(&attribution, "channels").iter().find(|row| row["channel"] == door).cloned().expect("a door");
    assert_eq!((&of("api")["first_touch"], &of("api")["any_touch"]), (&json!(1.0), &json!(0.5)));
    assert_eq!((&of("whatsapp")["last_touch"], &of("whatsapp")["any_touch_revenue"]), (&json!(1.0), &json!(445.0)));

    let handoffs = report(&server, "handoffs").await;
    assert_eq!(behind(&server, &figure(&handoffs, "handoffs")["conversations"]).await, [other["conversation"].clone()]);
    assert_eq!(figure(&handoffs, "complete_briefs")["value"], 1.0, "{handoffs}");
    let rules = report(&server, "rules").await;
    assert_eq!(rows(&rules, "rules")[0]["rule"], "human-asked-for");

    let overview = report(&server, "overview").await;
    assert_eq!(figure(&overview, "conversations")["value"], 2.0);
    assert_eq!(figure(&overview, "conversations")["days"].as_array().map(Vec::len), Some(1));
    assert_eq!(behind(&server, &figure(&overview, "conversations")["conversations"]).await.len(), 2);
    assert_eq!(figure(&overview, "repeated")["value"], 0.0);

    // Nobody came to whoever asked for a person; and silence after an answer is taken for a resolution, as assumed.
    assert_eq!(figure(&overview, "unanswered")["value"], 0.0);
    assert_eq!(server.admin(Method::POST, "/api/v1/clock", Some(&json!({ "advance_s": 11 * 86_400 }))).await.0, StatusCode::OK);
    let overview = report(&server, "overview").await;
    assert_eq!(behind(&server, &figure(&overview, "unanswered")["conversations"]).await, [other["conversation"].clone()]);
    let resolution = report(&server, "resolution").await;
    assert_eq!(
        (&figure(&resolution, "assumed")["count"], &figure(&resolution, "for_good")["value"]),
        (&json!(1), &json!(1.0)),
        "{resolution}"
    );
}

#[tokio::test]
async fn an_analyst_reads_figures_and_no_names() {
    let server = Server::start().await;
    writes(&server, "m-1", json!({ "external_id": "u-1", "name": "Sarah Quill" }), "Hello, I am Sarah Quill").await;
    let analyst = server.sign_in(&server.teammate("one", "analyst").await).await;
    let get = async |path: &str| read(server.http.get(format!("{}{path}", server.base)).header("cookie", &analyst.cookie)).await;
    let (status, overview) = get("/api/v1/analytics/overview").await;
    assert_eq!(status, StatusCode::OK);
    let figure = figure(&overview, "conversations");
    assert_eq!(figure["value"], 1.0);
    assert_eq!(figure["days"][0]["day"].as_str().map(str::len), Some(10), "{figure}");
    let (status, found) = get(figure["conversations"].as_str().expect("a link")).await;
    assert_eq!((status, found["items"].as_array().map(Vec::len)), (StatusCode::OK, Some(1)), "{found}");
    assert!(!found.to_string().contains("Sarah"), "{found}");
}

#[tokio::test]
async fn stars_stand_in_the_thread_and_among_the_figures() {
    let server = Server::start().await;
    let mut socket = open(&server, Some("https://shop.example")).await.expect("a socket");
    send(&mut socket, json!({ "type": "hello", "session": null, "last_seq": 0 })).await;
    next(&mut socket, "welcome").await;
    send(&mut socket, json!({ "type": "message", "id": "c-1", "text": "Hello, do you sell chairs?" })).await;
    next(&mut socket, "ack").await;
    settled(&server).await;
    for value in [9, 2, 4] {
        send(&mut socket, json!({ "type": "rate", "value": value })).await;
    }
    assert_eq!(next(&mut socket, "error").await["code"], "out_of_range");
    send(&mut socket, json!({ "type": "ping" })).await;
    next(&mut socket, "pong").await;
    let (_, talks) = server.admin(Method::GET, "/api/v1/conversations", None).await;
    let customer = talks["items"][0]["customer"]["id"].as_str().expect("an id").to_owned();
    let (_, timeline) = server.admin(Method::GET, &format!("/api/v1/customers/{customer}/timeline"), None).await;
    let stars: Vec<&Value> = timeline["items"]
        .as_array()
        .expect("items")
        .iter()
        .filter(|item| item["event"]["type"] == "rated")
        .map(|item| &item["event"]["data"]["value"])
        .collect();
    assert_eq!(stars, [&json!(2), &json!(4)]);
    let report = report(&server, "resolution").await;
    assert_eq!(
        (&figure(&report, "rating")["value"], &figure(&report, "rating")["count"]),
        (&json!(4.0), &json!(1)),
        "the last word counts"
    );
    assert_eq!(rows(&report, "channels")[0]["rating"], json!(4.0));
    assert_eq!(behind(&server, &figure(&report, "rating")["conversations"]).await, [talks["items"][0]["id"].clone()]);
}
