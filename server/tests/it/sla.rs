//! The team's own targets: clocks on conversations, alerts when one is missed, and figures.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::doors::form;
use crate::links::settled;
use crate::server::{Server, Session, read};

const TARGETS: &str = r#"
[[sla]]
name = "calls for a person"
priority = "urgent"
first_reply = "15m"
resolution = "1d"
hours = "always"
"#;

async fn conversation(server: &Server, id: &str) -> Value {
    let (status, found) = server.admin(Method::GET, &format!("/api/v1/conversations/{id}"), None).await;
    assert_eq!(status, StatusCode::OK, "{found}");
    found
}

async fn later(server: &Server, minutes: u64) {
    let moved = server.admin(Method::POST, "/api/v1/clock", Some(&json!({ "advance_s": minutes * 60 }))).await;
    assert_eq!(moved.0, StatusCode::OK, "{}", moved.1);
}

#[tokio::test]
async fn a_target_runs_while_somebody_waits_and_is_told_once_when_it_is_missed() {
    let server = Server::start_with(TARGETS).await;
    let mate = server.sign_in(&server.teammate("one", "teammate").await).await;
    let late = async || {
        let (status, alerts) = read(server.http.get(format!("{}/api/v1/alerts", server.base)).header("cookie", &mate.cookie)).await;
        assert_eq!(status, StatusCode::OK, "{alerts}");
        alerts["items"].as_array().expect("a list").iter().filter(|alert| alert["kind"] == "late").count()
    };
    let body = json!({ "connection": "form", "id": "m-1", "from": { "external_id": "u-1" }, "text": "I want to talk to a person" });
    let (_, taken) = read(form(&server, "m-1", &body)).await;
    settled(&server).await;
    let id = taken["conversation"].as_str().expect("an id");
    let clock = conversation(&server, id).await["sla"].clone();
    assert_eq!((&clock["policy"], &clock["target"]), (&json!("calls for a person"), &json!("first_reply")), "{clock}");
    later(&server, 14).await;
    assert_eq!(late().await, 0, "not before its time");
    later(&server, 2).await;
    later(&server, 2).await;
    assert_eq!(late().await, 1, "and once");
    let reply = server.admin(Method::POST, &format!("/api/v1/conversations/{id}/reply"), Some(&json!({ "text": "Here I am." }))).await;
    assert_eq!(reply.0, StatusCode::OK, "{}", reply.1);
    assert_eq!(conversation(&server, id).await["sla"]["target"], "resolution");
    assert_eq!(server.admin(Method::POST, &format!("/api/v1/conversations/{id}/resolve"), Some(&json!({}))).await.0, StatusCode::OK);
    assert_eq!(conversation(&server, id).await["sla"], Value::Null);
    let (_, report) = server.admin(Method::GET, "/api/v1/analytics/sla", None).await;
    let row = &report["tables"][0]["rows"][0];
    assert_eq!((&row["policy"], &row["first_reply"], &row["resolution"]), (&clock["policy"], &json!(0.0), &json!(1.0)), "{report}");
}

#[tokio::test]
async fn whoever_leads_the_team_that_has_it_is_told_in_particular_that_somebody_waits_too_long() {
    let server = Server::start_with(TARGETS).await;
    let (ana, ben) =
        (server.sign_in(&server.teammate("one", "admin").await).await, server.sign_in(&server.teammate("one", "teammate").await).await);
    let id = |session: &Session| session.object["teammate"]["id"].as_str().expect("an id").to_owned();
    let late = async |session: &Session| -> Vec<Value> {
        let (status, alerts) = read(server.http.get(format!("{}/api/v1/alerts", server.base)).header("cookie", &session.cookie)).await;
        assert_eq!(status, StatusCode::OK, "{alerts}");
        let items = alerts["items"].as_array().expect("a list").iter().filter(|alert| alert["kind"] == "late");
        items.map(|alert| alert["team"].clone()).collect()
    };
    let team = json!({ "name": "Sales", "members": [id(&ana), id(&ben)], "lead": id(&ana) });
    let (status, made) = server.admin(Method::POST, "/api/v1/teams", Some(&team)).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let routed = server.admin(Method::PATCH, "/api/v1/rules/human-asked-for", Some(&json!({ "team": made["id"] }))).await;
    assert_eq!(routed.0, StatusCode::OK, "{}", routed.1);
    let body = json!({ "connection": "form", "id": "m-1", "from": { "external_id": "u-1" }, "text": "I want to talk to a person" });
    assert_eq!(read(form(&server, "m-1", &body)).await.0, StatusCode::ACCEPTED);
    settled(&server).await;
    later(&server, 16).await;
    later(&server, 2).await;
    assert_eq!(late(&ana).await, [json!("Sales")], "once, and as the one who leads");
    assert_eq!(late(&ben).await, [Value::Null]);
}
