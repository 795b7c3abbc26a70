//! Teams: what a rule hands over goes to its team; rules and targets of the console.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::doors::{form, until};
use crate::links::settled;
use crate::server::{Server, Session, read};

async fn by(server: &Server, session: &Session, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
    let request = server.http.request(method, format!("{}/api/v1{path}", server.base)).header("cookie", &session.cookie);
    read(request.header("x-rapport-csrf", &session.csrf).json(&body)).await
}

async fn admin(server: &Server, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
    server.admin(method, &format!("/api/v1{path}"), Some(&body)).await
}

/// Somebody with a page of the console open.
async fn here(server: &Server, role: &str) -> (Session, String) {
    let session = server.sign_in(&server.teammate("one", role).await).await;
    assert_eq!(by(server, &session, Method::POST, "/presence", json!({ "conversation": null })).await.0, StatusCode::OK);
    let id = session.object["teammate"]["id"].as_str().expect("an id").to_owned();
    (session, id)
}

async fn says(server: &Server, person: &str, message: &str, text: &str) -> String {
    let body = json!({ "connection": "form", "id": message, "from": { "external_id": person }, "text": text });
    let (status, taken) = read(form(server, message, &body)).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{taken}");
    settled(server).await;
    taken["conversation"].as_str().expect("an id").to_owned()
}

async fn wants_a_person(server: &Server, number: u32) -> String {
    says(server, &format!("u-{number}"), &format!("m-{number}"), "I want to talk to a person").await
}

async fn shown(server: &Server, conversation: &str) -> Value {
    server.admin(Method::GET, &format!("/api/v1/conversations/{conversation}"), None).await.1
}

async fn team(server: &Server, name: &str, members: &[&str]) -> String {
    let (status, made) = admin(server, Method::POST, "/teams", json!({ "name": name, "members": members })).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    made["id"].as_str().expect("an id").to_owned()
}

async fn assigned(server: &Server, conversation: &str, to: &str) -> Value {
    until(server, &format!("/api/v1/conversations/{conversation}"), |found| found["assignee"]["id"] == to).await
}

#[tokio::test]
async fn what_a_rule_hands_over_goes_to_its_team_and_waits_for_it() {
    let server = Server::start_in_workspace("capacity = 1").await;
    let (_, ana) = here(&server, "admin").await;
    let (_, ben) = here(&server, "teammate").await;
    let billing = team(&server, "Billing", &[&ana]).await;
    let route = json!({ "team": billing, "way": "email" });
    let (status, rule) = admin(&server, Method::PATCH, "/rules/human-asked-for", route).await;
    assert_eq!((status, &rule["team"]["name"], &rule["way"]), (StatusCode::OK, &json!("Billing"), &json!("email")), "{rule}");

    let first = wants_a_person(&server, 1).await;
    let found = assigned(&server, &first, &ana).await;
    assert_eq!(found["team"], json!({ "id": billing, "name": "Billing" }));
    let escalation = &found["escalations"][0];
    assert_eq!((&escalation["team"], &escalation["way"]), (&json!(billing), &json!("email")));
    assert!(escalation["brief"]["next_step"].as_str().is_some_and(|step| step.starts_with("Answer by email")), "{escalation}");

    // Ana has all she can; Ben is free and not of that team, and takes what is everybody's.
    let second = wants_a_person(&server, 2).await;
    let angry = says(&server, "u-9", "m-9", "This is a disgrace! I am furious, you are thieves, answer me NOW!!!").await;
    assigned(&server, &angry, &ben).await;
    assert_eq!(shown(&server, &second).await["assignee"], Value::Null);
    let path = format!("/conversations?team={billing}&view=unassigned");
    let (_, waiting) = server.admin(Method::GET, &format!("/api/v1{path}"), None).await;
    assert_eq!((waiting["items"].as_array().map(Vec::len), &waiting["items"][0]["id"]), (Some(1), &json!(second)));
    let (_, teams) = server.admin(Method::GET, "/api/v1/teams", None).await;
    assert_eq!((&teams["items"][0]["waiting"], &teams["items"][0]["answering"]), (&json!(1), &json!(1)), "{teams}");
    assert_eq!(admin(&server, Method::POST, &format!("/conversations/{first}/resolve"), json!({})).await.0, StatusCode::OK);
    assigned(&server, &second, &ana).await;
}

#[tokio::test]
async fn what_a_team_of_nobody_would_get_is_everybodys() {
    let server = Server::start_in_workspace("capacity = 5").await;
    let (session, ben) = here(&server, "teammate").await;
    let empty = team(&server, "Legal", &[]).await;
    assert_eq!(admin(&server, Method::PATCH, "/rules/human-asked-for", json!({ "team": empty })).await.0, StatusCode::OK);
    let first = wants_a_person(&server, 1).await;
    assert_eq!(assigned(&server, &first, &ben).await["team"], Value::Null);
    assert_eq!(by(&server, &session, Method::POST, "/presence", json!({ "conversation": null, "leaving": true })).await.0, StatusCode::OK);

    // A team whose last member leaves the business while something waits for it.
    let (_, ana) = here(&server, "admin").await;
    assert_eq!(by(&server, &session, Method::POST, "/presence", json!({ "conversation": null })).await.0, StatusCode::OK);
    let body = json!({ "name": "Legal", "members": [ana] });
    assert_eq!(admin(&server, Method::PATCH, &format!("/teams/{empty}"), body).await.0, StatusCode::OK);
    let away = json!({ "away": true });
    assert_eq!(admin(&server, Method::PATCH, &format!("/teammates/{ana}"), away).await.0, StatusCode::OK);
    let second = wants_a_person(&server, 2).await;
    let waits = shown(&server, &second).await;
    assert_eq!((&waits["team"]["id"], &waits["assignee"]), (&json!(empty), &Value::Null));
    assert_eq!(server.admin(Method::DELETE, &format!("/api/v1/teammates/{ana}"), None).await.0, StatusCode::NO_CONTENT);
    assigned(&server, &second, &ben).await;
}

#[tokio::test]
async fn a_conversation_is_given_to_a_team_and_found_by_it() {
    let server = Server::start().await;
    let (_, ana) = here(&server, "admin").await;
    let billing = team(&server, "Billing", &[&ana]).await;
    let id = wants_a_person(&server, 1).await;
    let assign = async |body: Value| admin(&server, Method::POST, &format!("/conversations/{id}/assign"), body).await;
    assert_eq!(assign(json!({ "team": "tem_00000000000000000000000000" })).await.0, StatusCode::NOT_FOUND);
    let (status, given) = assign(json!({ "team": billing })).await;
    assert_eq!((status, &given["team"]["name"]), (StatusCode::OK, &json!("Billing")));
    let (_, saved) = admin(&server, Method::POST, "/views", json!({ "name": "Bills", "view": "all", "team": billing })).await;
    assert_eq!((&saved["team"], &saved["count"]), (&json!(billing), &json!(1)), "{saved}");
    assert_eq!(assign(json!({ "teammate": ana })).await.1["team"]["name"], "Billing", "whoever has it has it for the team");
    assert_eq!(assign(json!({ "team": null })).await.1["team"], Value::Null);
    let (_, list) = server.admin(Method::GET, &format!("/api/v1/conversations?team={billing}"), None).await;
    assert_eq!(list["items"], json!([]));
}

#[tokio::test]
async fn teams_have_names_of_their_own_and_people_who_answer() {
    let server = Server::start().await;
    let (session, ben) = here(&server, "teammate").await;
    let analyst = server.sign_in(&server.teammate("one", "analyst").await).await;
    let hours = json!({ "mon": ["09:00-12:00", "14:00-18:00"] });
    let made = json!({ "name": "Night", "members": [ben], "lead": ben, "hours": hours });
    let (status, made) = admin(&server, Method::POST, "/teams", made).await;
    assert_eq!((status, &made["hours"], &made["lead"]), (StatusCode::CREATED, &hours, &json!(ben)));
    let refused = async |body: Value| admin(&server, Method::POST, "/teams", body).await.0;
    assert_eq!(refused(json!({ "name": "NIGHT" })).await, StatusCode::CONFLICT);
    assert_eq!(refused(json!({ "name": "urgent" })).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused(json!({ "name": "A", "members": [analyst.object["teammate"]["id"]] })).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused(json!({ "name": "A", "hours": { "mon": ["18:00-09:00"] } })).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(by(&server, &session, Method::POST, "/teams", json!({ "name": "Mine" })).await.0, StatusCode::FORBIDDEN);
    let path = format!("/api/v1/teams/{}", made["id"].as_str().expect("an id"));
    assert_eq!(server.admin(Method::DELETE, &path, None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(server.admin(Method::DELETE, &path, None).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_rule_written_in_the_console_fires_from_the_next_message_and_keeps_what_it_said() {
    let server = Server::start().await;
    let fired = async |conversation: &str| shown(&server, conversation).await["escalation"]["rule"].clone();
    let body = json!({ "name": "asks-for-steel", "when": "message.text.contains(\"steel\")", "sentence": "Somebody wants steel." });
    let (status, rule) = admin(&server, Method::POST, "/rules", body.clone()).await;
    assert_eq!((status, &rule["origin"], &rule["version"]), (StatusCode::CREATED, &json!("console"), &json!(1)), "{rule}");
    assert_eq!(admin(&server, Method::POST, "/rules", body).await.0, StatusCode::CONFLICT);
    let id = says(&server, "u-1", "m-1", "Have you got anything in steel?").await;
    assert_eq!(fired(&id).await, "asks-for-steel");
    let why = shown(&server, &id).await["escalations"][0]["brief"]["why"].clone();
    assert!(why.as_str().is_some_and(|why| why.starts_with("Somebody wants steel.")), "{why}");

    let change = async |name: &str, body: Value| admin(&server, Method::PATCH, &format!("/rules/{name}"), body).await;
    let (_, rule) = change("asks-for-steel", json!({ "when": "message.text.contains(\"iron\")" })).await;
    assert_eq!((&rule["version"], &rule["firings"]), (&json!(2), &json!(1)), "{rule}");
    let id = says(&server, "u-2", "m-2", "Have you got anything in steel?").await;
    assert_eq!(fired(&id).await, Value::Null);
    assert_eq!(change("asks-for-steel", json!({ "enabled": false })).await.1["enabled"], false);
    let id = says(&server, "u-3", "m-3", "And in iron?").await;
    assert_eq!(fired(&id).await, Value::Null);
    let (_, kept) = server.admin(Method::GET, "/api/v1/rules/asks-for-steel/versions", None).await;
    let kept: Vec<_> = kept["items"].as_array().expect("a list").iter().map(|item| item["when"].as_str().expect("a condition")).collect();
    assert_eq!(kept, ["message.text.contains(\"iron\")", "message.text.contains(\"steel\")"]);

    assert_eq!(change("budget-objection", json!({ "when": "true" })).await.0, StatusCode::CONFLICT, "built in");
    assert_eq!(change("human-asked-for", json!({ "enabled": false })).await.0, StatusCode::CONFLICT, "always on");
    assert_eq!(change("nobody-knows", json!({ "enabled": true })).await.0, StatusCode::NOT_FOUND);
    for broken in ["message.text ==", ""] {
        let body = json!({ "name": "x", "when": broken });
        assert_eq!(admin(&server, Method::POST, "/rules", body).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{broken}");
    }
    assert_eq!(server.admin(Method::DELETE, "/api/v1/rules/asks-for-steel", None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(server.admin(Method::DELETE, "/api/v1/rules/vip", None).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_built_in_rule_that_is_off_fires_no_more() {
    let server = Server::start().await;
    let off = async |off: bool| admin(&server, Method::PATCH, "/rules/budget-objection", json!({ "enabled": !off })).await.0;
    assert_eq!(off(true).await, StatusCode::OK);
    let id = says(&server, "u-1", "m-1", "That is too expensive, it is over our budget").await;
    assert_eq!(shown(&server, &id).await["escalation"], Value::Null);
    assert_eq!(off(false).await, StatusCode::OK);
    let id = says(&server, "u-2", "m-2", "That is too expensive, it is over our budget").await;
    assert_eq!(shown(&server, &id).await["escalation"]["rule"], "budget-objection");
}

#[tokio::test]
async fn a_rule_of_the_configuration_names_its_team() {
    let rules = "[[rules]]\nname = \"bulk\"\nwhen = 'message.text.contains(\"pallet\")'\nroute = \"Wholesale\"\n";
    let server = Server::start_with(rules).await;
    let (_, ana) = here(&server, "admin").await;
    team(&server, "wholesale", &[&ana]).await;
    let id = says(&server, "u-1", "m-1", "What does a pallet cost?").await;
    assert_eq!(shown(&server, &id).await["team"]["name"], "wholesale");
}

#[tokio::test]
async fn a_target_of_the_console_counts_for_its_team_before_those_of_the_file() {
    let file = "[[sla]]\nname = \"file\"\nfirst_reply = \"2h\"\nhours = \"always\"\n";
    let server = Server::start_with(file).await;
    let (_, ana) = here(&server, "admin").await;
    let billing = team(&server, "Billing", &[&ana]).await;
    let targets = json!({ "items": [{ "name": "bills", "team": billing, "first_reply": 15, "always": true }] });
    let (status, kept) = admin(&server, Method::PATCH, "/targets", targets).await;
    assert_eq!((status, &kept["configured"][0]["first_reply"]), (StatusCode::OK, &json!(120)), "{kept}");
    let id = wants_a_person(&server, 1).await;
    assert_eq!(shown(&server, &id).await["sla"]["policy"], "file");
    assert_eq!(admin(&server, Method::POST, &format!("/conversations/{id}/assign"), json!({ "team": billing })).await.0, StatusCode::OK);
    assert_eq!(shown(&server, &id).await["sla"]["policy"], "bills");
    for broken in [
        json!({ "name": "x" }),
        json!({ "name": "x", "first_reply": 0 }),
        json!({ "name": "x", "first_reply": 5, "team": "Nobody knows" }),
        json!({ "name": "x", "first_reply": 5, "rule": "nobody-knows" }),
    ] {
        let (status, why) = admin(&server, Method::PATCH, "/targets", json!({ "items": [broken] })).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{why}");
    }
}

#[tokio::test]
async fn what_was_chosen_stays_over_a_restart() {
    let server = Server::start().await;
    let (_, ana) = here(&server, "admin").await;
    let billing = team(&server, "Billing", &[&ana]).await;
    let body = json!({ "name": "asks-for-steel", "when": "message.text.contains(\"steel\")" });
    assert_eq!(admin(&server, Method::POST, "/rules", body).await.0, StatusCode::CREATED);
    assert_eq!(admin(&server, Method::PATCH, "/rules/asks-for-steel", json!({ "team": billing })).await.0, StatusCode::OK);
    server.write_configuration();
    let text = std::fs::read_to_string(server.folder().join("rapport.toml")).expect("a configuration");
    server.app.stopping.send_replace(true);
    let again = Server::restart(server.folder(), &text).await;
    let id = says(&again, "u-1", "m-1", "Have you got anything in steel?").await;
    let found = shown(&again, &id).await;
    assert_eq!((&found["escalation"]["rule"], &found["team"]["id"]), (&json!("asks-for-steel"), &json!(billing)));
}
