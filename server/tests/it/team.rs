//! The team: invitations, roles, canned replies, replies that wait, mentions, presence.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::doors::{form, until};
use crate::server::{PASSWORD, Server, Session, read};

async fn as_teammate(server: &Server, session: &Session, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
    let mut request = server.http.request(method, format!("{}/api/v1{path}", server.base)).header("cookie", &session.cookie);
    request = request.header("x-rapport-csrf", &session.csrf);
    if let Some(body) = body {
        request = request.json(body);
    }
    read(request).await
}

/// Somebody writes through the form; their conversation and who they are.
async fn talk(server: &Server, number: u32) -> (String, String) {
    let body = json!({ "connection": "form", "id": format!("m{number}"),
        "from": { "external_id": format!("u{number}"), "name": "Anna Berger", "email": "anna@studio.example" },
        "text": "Hello, I am Anna Berger, call +43 660 123 41 07" });
    assert_eq!(read(form(server, &format!("m{number}"), &body)).await.0, StatusCode::ACCEPTED);
    let list = until(server, "/api/v1/conversations", |list| list["items"].as_array().is_some_and(|items| !items.is_empty())).await;
    let item = &list["items"][0];
    (item["id"].as_str().expect("an id").to_owned(), item["customer"]["id"].as_str().expect("an id").to_owned())
}

#[tokio::test]
async fn a_reply_can_be_taken_back_until_it_leaves_at_its_time() {
    let server = Server::start().await;
    let (conversation, customer) = talk(&server, 1).await;
    until(&server, "/api/v1/ledger", |ledger| ledger["counts"]["open"] == 0).await;
    let email = server.teammate("one", "teammate").await;
    let session = server.sign_in(&email).await;
    let act = format!("/conversations/{conversation}");
    let send = async |body: Value| as_teammate(&server, &session, Method::POST, &format!("{act}/reply"), Some(&body)).await;
    let timeline = format!("/api/v1/customers/{customer}/timeline");
    let said = async |text: &str| {
        let (_, found) = server.admin(Method::GET, &timeline, None).await;
        found["items"].as_array().expect("a list").iter().find(|item| item["text"] == text).cloned()
    };
    assert_eq!(send(json!({ "text": "Taken back", "hold_s": 10 })).await.0, StatusCode::OK);
    let waiting = said("Taken back").await.expect("it is shown");
    assert!(waiting["send_at"].is_string() && waiting["draft"] == false, "{waiting}");
    let back = format!("/drafts/{}/discard", waiting["id"].as_str().expect("an id"));
    assert_eq!(as_teammate(&server, &session, Method::POST, &back, Some(&json!({}))).await.0, StatusCode::OK);
    assert!(said("Taken back").await.is_none());
    assert_eq!(send(json!({ "text": "No time", "hold_s": 0 })).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(send(json!({ "text": "No time", "at": "2020-01-01T00:00:00Z" })).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let at = server.app.now().after(std::time::Duration::from_hours(20));
    assert_eq!(send(json!({ "text": "Good morning, Anna", "at": at })).await.0, StatusCode::OK);
    let (_, sent) = server.admin(Method::GET, &format!("/api/v1/messages?conversation={conversation}"), None).await;
    assert!(!sent.to_string().contains("Good morning, Anna"), "{sent}");
    assert_eq!(server.admin(Method::POST, "/api/v1/clock", Some(&json!({ "advance_s": 73_000 }))).await.0, StatusCode::OK);
    let found = until(&server, &timeline, |found| {
        found["items"]
            .as_array()
            .is_some_and(|items| items.iter().any(|item| item["text"] == "Good morning, Anna" && item["send_at"].is_null()))
    })
    .await;
    assert!(!found.to_string().contains("Taken back"));
}

#[tokio::test]
async fn an_invitation_lets_its_teammate_in_once() {
    let server = Server::start().await;
    let owner = server.sign_in(&server.teammate("one", "owner").await).await;
    let wanted = json!({ "name": "Ben", "email": "ben@one.example", "role": "teammate" });
    let (status, made) = as_teammate(&server, &owner, Method::POST, "/teammates", Some(&wanted)).await;
    assert_eq!((status, &made["invited"]), (StatusCode::CREATED, &json!(true)));
    let token = made["link"].as_str().and_then(|link| link.split('#').next_back()).expect("a link").to_owned();
    let login = |password: &str| {
        server.http.post(format!("{}/api/v1/session", server.base)).json(&json!({ "email": "ben@one.example", "password": password }))
    };
    assert_eq!(read(login("")).await.0, StatusCode::UNAUTHORIZED, "nobody comes in without a password");
    let join =
        |password: &str| server.http.post(format!("{}/api/v1/join", server.base)).json(&json!({ "token": token, "password": password }));
    assert_eq!(read(join("short")).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, session) = read(join(PASSWORD)).await;
    assert_eq!((status, &session["teammate"]["invited"]), (StatusCode::CREATED, &json!(false)), "{session}");
    assert_eq!(read(join(PASSWORD)).await.0, StatusCode::NOT_FOUND, "once");
    let ben = server.sign_in("ben@one.example").await;
    assert_eq!(as_teammate(&server, &ben, Method::DELETE, "/sessions", None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(as_teammate(&server, &ben, Method::GET, "/teammates", None).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn roles_change_by_those_who_may_and_the_last_owner_stays() {
    let server = Server::start().await;
    let owner = server.sign_in(&server.teammate("one", "owner").await).await;
    let admin = server.sign_in(&server.teammate("one", "admin").await).await;
    let mate = server.sign_in(&server.teammate("one", "teammate").await).await;
    let path = |session: &Session| format!("/teammates/{}", session.object["teammate"]["id"].as_str().expect("an id"));
    let change = async |by: &Session, of: &Session, body: Value| as_teammate(&server, by, Method::PATCH, &path(of), Some(&body)).await.0;
    assert_eq!(change(&mate, &owner, json!({ "name": "X" })).await, StatusCode::FORBIDDEN);
    assert_eq!(change(&mate, &mate, json!({ "role": "owner" })).await, StatusCode::FORBIDDEN);
    assert_eq!(change(&mate, &mate, json!({ "away": true })).await, StatusCode::OK);
    assert_eq!(change(&admin, &mate, json!({ "role": "owner" })).await, StatusCode::FORBIDDEN);
    assert_eq!(change(&admin, &owner, json!({ "role": "teammate" })).await, StatusCode::FORBIDDEN);
    assert_eq!(change(&owner, &owner, json!({ "role": "admin" })).await, StatusCode::CONFLICT);
    assert_eq!(change(&owner, &mate, json!({ "role": "analyst" })).await, StatusCode::OK);
    let (_, all) = as_teammate(&server, &owner, Method::GET, "/teammates", None).await;
    assert!(all["items"].as_array().expect("a list").iter().any(|one| one["role"] == "analyst" && one["away"] == true), "{all}");
    assert_eq!(as_teammate(&server, &owner, Method::DELETE, &path(&owner), None).await.0, StatusCode::CONFLICT);
    assert_eq!(as_teammate(&server, &owner, Method::DELETE, &path(&mate), None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(as_teammate(&server, &mate, Method::GET, "/teammates", None).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_analyst_sees_matters_and_nobodys_name_or_number() {
    let server = Server::start().await;
    let (conversation, customer) = talk(&server, 1).await;
    until(&server, "/api/v1/ledger", |ledger| ledger["counts"]["open"] == 0).await;
    let session = server.sign_in(&server.teammate("one", "analyst").await).await;
    for path in [
        "/conversations".to_owned(),
        format!("/conversations/{conversation}"),
        "/customers".to_owned(),
        format!("/customers/{customer}"),
        format!("/customers/{customer}/timeline"),
    ] {
        let (status, found) = as_teammate(&server, &session, Method::GET, &path, None).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        let text = found.to_string();
        for known in ["Anna", "Berger", "studio.example", "123 41 07", "43660"] {
            assert!(!text.contains(known), "{known} in {path}: {text}");
        }
    }
    assert_eq!(
        as_teammate(&server, &session, Method::POST, &format!("/conversations/{conversation}/take"), None).await.0,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn whoever_is_named_in_a_note_finds_it_among_their_mentions() {
    let server = Server::start().await;
    let (conversation, _) = talk(&server, 1).await;
    let ana = server.sign_in(&server.teammate("one", "teammate").await).await;
    let id = ana.object["teammate"]["id"].clone();
    let note = json!({ "text": "@teammate please look", "mentions": [id] });
    let path = format!("/api/v1/conversations/{conversation}/note");
    assert_eq!(server.admin(Method::POST, &path, Some(&note)).await.0, StatusCode::OK);
    let unknown = json!({ "text": "@nobody", "mentions": ["tea_00000000000000000000000000"] });
    assert_eq!(server.admin(Method::POST, &path, Some(&unknown)).await.0, StatusCode::NOT_FOUND);
    let mentions = async || as_teammate(&server, &ana, Method::GET, "/conversations?view=mentions", None).await.1;
    let found = mentions().await;
    assert_eq!((&found["items"][0]["id"], &found["counts"]["mentions"]), (&json!(conversation), &json!(1)));
    as_teammate(&server, &ana, Method::GET, &format!("/conversations/{conversation}"), None).await;
    assert_eq!(mentions().await["counts"]["mentions"], 0);
}

#[tokio::test]
async fn canned_replies_have_names_of_their_own() {
    let server = Server::start().await;
    let body = json!({ "name": "Hours", "text": "We are here from 9 to 6, {name}." });
    let (status, made) = server.admin(Method::POST, "/api/v1/canned", Some(&body)).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    assert_eq!(server.admin(Method::POST, "/api/v1/canned", Some(&json!({ "name": "HOURS", "text": "x" }))).await.0, StatusCode::CONFLICT);
    let path = format!("/api/v1/canned/{}", made["id"].as_str().expect("an id"));
    assert_eq!(server.admin(Method::PATCH, &path, Some(&json!({ "name": "hours", "text": "9 to 6." }))).await.0, StatusCode::OK);
    let (_, all) = server.admin(Method::GET, "/api/v1/canned", None).await;
    assert_eq!(all["items"][0]["text"], "9 to 6.");
    assert_eq!(server.admin(Method::DELETE, &path, None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(server.admin(Method::DELETE, &path, None).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_teammate_who_types_is_seen_until_their_page_is_closed() {
    let server = Server::start().await;
    let (conversation, _) = talk(&server, 1).await;
    let ana = server.sign_in(&server.teammate("one", "owner").await).await;
    let say = async |body: Value| as_teammate(&server, &ana, Method::POST, "/presence", Some(&body)).await;
    let (status, here) = say(json!({ "conversation": conversation, "typing": true })).await;
    assert_eq!((status, &here["people"][0]["typing"], &here["people"][0]["name"]), (StatusCode::OK, &json!(true), &json!("owner")));
    let (_, here) = say(json!({ "conversation": null, "leaving": true })).await;
    assert_eq!(here["people"], json!([]));
    assert_eq!(server.admin(Method::POST, "/api/v1/presence", Some(&json!({}))).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_comes_in_on_a_door_that_is_off_waits_for_a_person_until_the_dial_is_turned() {
    let server = Server::start().await;
    let dial = async |mode: &str| server.admin(Method::PATCH, "/api/v1/channels/form", Some(&json!({ "mode": mode }))).await.0;
    assert_eq!(dial("off").await, StatusCode::OK);
    let (conversation, _) = talk(&server, 1).await;
    let found =
        until(&server, "/api/v1/conversations?view=unassigned", |list| list["items"].as_array().is_some_and(|items| !items.is_empty()))
            .await;
    assert_eq!(
        (&found["items"][0]["id"], &found["counts"]["unassigned"], &found["counts"]["ai"]),
        (&json!(conversation), &json!(1), &json!(0))
    );
    assert_eq!(dial("answer").await, StatusCode::OK);
    let again = json!({ "connection": "form", "id": "m2", "from": { "external_id": "u1" }, "text": "Hello, anybody there?" });
    assert_eq!(read(form(&server, "m2", &again)).await.0, StatusCode::ACCEPTED);
    let found =
        until(&server, "/api/v1/conversations?view=ai", |list| list["items"].as_array().is_some_and(|items| !items.is_empty())).await;
    assert_eq!(found["counts"]["unassigned"], 0);
}

#[tokio::test]
async fn a_condition_is_tried_over_what_was_said_and_nothing_fires() {
    let server = Server::start().await;
    let (conversation, customer) = talk(&server, 1).await;
    until(&server, "/api/v1/ledger", |ledger| ledger["counts"]["open"] == 0).await;
    let tried = async |when: &str| server.admin(Method::POST, "/api/v1/rules/try", Some(&json!({ "when": when }))).await;
    let (status, found) = tried(r#"message.text.contains("call")"#).await;
    assert_eq!((status, &found["messages"], &found["fired"]), (StatusCode::OK, &json!(1), &json!(1)), "{found}");
    assert_eq!((&found["items"][0]["conversation"], &found["items"][0]["customer"]["id"]), (&json!(conversation), &json!(customer)));
    assert_eq!(tried(r#"message.channel == "whatsapp""#).await.1["fired"], 0);
    let (_, found) = tried(r#"customer.attributes.tier == "gold""#).await;
    assert_eq!((&found["fired"], &found["undecided"]), (&json!(0), &json!(1)));
    assert!(found["why_undecided"].is_string(), "{found}");
    for broken in ["message.text ==", "mesage.text == 'x'", "1 + 1", ""] {
        assert_eq!(tried(broken).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{broken}");
    }
    let named = async |rule: &str| server.admin(Method::POST, "/api/v1/rules/try", Some(&json!({ "rule": rule }))).await;
    let (status, found) = named("budget-objection").await;
    assert_eq!((status, &found["messages"], &found["fired"]), (StatusCode::OK, &json!(1), &json!(0)), "{found}");
    assert_eq!(named("low-confidence").await.1["code"], "not_in_words");
    assert_eq!(named("never-heard-of").await.0, StatusCode::NOT_FOUND);
    let both = json!({ "rule": "vip", "when": "true" });
    assert_eq!(server.admin(Method::POST, "/api/v1/rules/try", Some(&both)).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(server.admin(Method::GET, "/api/v1/escalations?status=all", None).await.1["items"], json!([]));
    // A built-in rule that fired is found again where it did, also once it is switched off.
    let body = json!({ "connection": "form", "id": "p1", "text": "Let me talk to a person please", "from": { "external_id": "p1", "name": "Pia" } });
    assert_eq!(read(form(&server, "p1", &body)).await.0, StatusCode::ACCEPTED);
    until(&server, "/api/v1/escalations", |found| found["items"].as_array().is_some_and(|items| items.len() == 1)).await;
    assert_eq!(named("human-asked-for").await.1["fired"], 1);
}

#[tokio::test]
async fn an_erasure_that_waits_is_shown_until_it_is_taken_back() {
    let server = Server::start().await;
    let (_, customer) = talk(&server, 1).await;
    let path = format!("/api/v1/customers/{customer}");
    let shown = async || server.admin(Method::GET, &path, None).await.1["erased_at"].clone();
    assert_eq!(shown().await, Value::Null);
    let (status, asked) = server.admin(Method::DELETE, &path, None).await;
    assert_eq!((status, shown().await), (StatusCode::ACCEPTED, asked["erase_at"].clone()));
    assert_eq!(server.admin(Method::POST, &format!("{path}/keep"), None).await.0, StatusCode::OK);
    assert_eq!(shown().await, Value::Null);
}

#[tokio::test]
async fn a_saved_view_counts_what_it_shows_and_is_its_owners_or_the_teams() {
    let server = Server::start().await;
    let (conversation, _) = talk(&server, 1).await;
    let owner = server.sign_in(&server.teammate("one", "owner").await).await;
    let mate = server.sign_in(&server.teammate("one", "teammate").await).await;
    let tag = json!({ "add": ["delivery"] });
    assert_eq!(
        as_teammate(&server, &owner, Method::POST, &format!("/conversations/{conversation}/tag"), Some(&tag)).await.0,
        StatusCode::OK
    );
    let save = async |session: &Session, body: Value| as_teammate(&server, session, Method::POST, "/views", Some(&body)).await;
    let mine = json!({ "name": "Near", "view": "all", "tag": "Delivery", "channel": "api" });
    let (status, saved) = save(&owner, mine.clone()).await;
    assert_eq!(
        (status, &saved["count"], &saved["tag"], &saved["shared"]),
        (StatusCode::CREATED, &json!(1), &json!("delivery"), &json!(false)),
        "{saved}"
    );
    assert_eq!(save(&owner, mine).await.0, StatusCode::CONFLICT);
    assert_eq!(save(&owner, json!({ "name": "None", "view": "everything" })).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(save(&owner, json!({ "name": "None", "view": "all", "channel": "pigeon" })).await.0, StatusCode::BAD_REQUEST);
    let (_, ours) = save(&owner, json!({ "name": "Ours", "view": "mine", "shared": true })).await;
    let (_, seen) = as_teammate(&server, &mate, Method::GET, "/views", None).await;
    assert_eq!(seen["items"].as_array().map(Vec::len), Some(1), "{seen}");
    assert_eq!(seen["items"][0]["id"], ours["id"]);
    let list = as_teammate(&server, &owner, Method::GET, "/conversations?view=all&tag=delivery&channel=api", None).await.1;
    assert_eq!(list["items"][0]["id"], json!(conversation));
    let none = as_teammate(&server, &owner, Method::GET, "/conversations?view=all&channel=sms", None).await.1;
    assert_eq!(none["items"], json!([]));
    let drop = |view: &Value| format!("/views/{}", view["id"].as_str().expect("an id"));
    assert_eq!(as_teammate(&server, &mate, Method::DELETE, &drop(&saved), None).await.0, StatusCode::NOT_FOUND, "another's own");
    assert_eq!(as_teammate(&server, &mate, Method::DELETE, &drop(&ours), None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(as_teammate(&server, &owner, Method::DELETE, &drop(&saved), None).await.0, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_canned_reply_does_what_it_says_it_does() {
    let server = Server::start().await;
    let (conversation, _) = talk(&server, 1).await;
    until(&server, "/api/v1/ledger", |ledger| ledger["counts"]["open"] == 0).await;
    let session = server.sign_in(&server.teammate("one", "teammate").await).await;
    let post = async |path: &str, body: Value| as_teammate(&server, &session, Method::POST, path, Some(&body)).await;
    let steps = json!([{ "do": "tag", "tag": "Delivery" }, { "do": "assign" }, { "do": "snooze", "minutes": 60 }]);
    let (status, made) = post("/canned", json!({ "name": "parcel", "text": "It left today, {name}.", "steps": steps })).await;
    assert_eq!((status, &made["steps"][0]["tag"]), (StatusCode::CREATED, &json!("delivery")), "{made}");
    let (status, silent) = post("/canned", json!({ "name": "done", "steps": [{ "do": "resolve" }] })).await;
    assert_eq!(status, StatusCode::CREATED, "{silent}");
    for (body, expected) in [
        (json!({ "name": "empty" }), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({ "name": "a", "text": "a", "steps": [{ "do": "tag", "tag": "anna@studio.example" }] }), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({ "name": "b", "text": "b", "steps": [{ "do": "snooze", "minutes": 0 }] }), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({ "name": "c", "text": "c", "steps": [{ "do": "fly" }] }), StatusCode::BAD_REQUEST),
        (
            json!({ "name": "d", "text": "d", "steps": [{ "do": "assign", "teammate": "tea_01m8mvvr1gpe164eh3tbhryp64" }] }),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
    ] {
        assert_eq!(post("/canned", body.clone()).await.0, expected, "{body}");
    }
    let run = format!("/conversations/{conversation}/run");
    let (status, after) = post(&run, json!({ "canned": made["id"] })).await;
    assert_eq!((status, &after["status"], &after["tags"]), (StatusCode::OK, &json!("snoozed"), &json!(["delivery"])), "{after}");
    assert_eq!(after["assignee"]["name"], "teammate");
    let (_, after) = post(&run, json!({ "canned": silent["id"] })).await;
    assert_eq!(after["status"], "resolved", "{after}");
    let (status, _) = server.admin(Method::POST, &format!("/api/v1{run}"), Some(&json!({ "canned": made["id"] }))).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "a program is nobody to assign to");
    assert_eq!(post(&run, json!({ "canned": conversation })).await.0, StatusCode::NOT_FOUND);
}
