//! What the pages of the console stand on: the sender of a reply, orders, the directory, what is due, and what an analyst sees.

use domain::WorkspaceId;
use futures::StreamExt;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::doors::{form, until};
use crate::server::{Server, read};

const OFFICE: &str = r#"
[[connections]]
id = "office"
channel = "api"
label = "The office"
secret = { env = "FORM" }
"#;

async fn says(server: &Server, number: u32, connection: &str, body: Value) -> (String, String) {
    let mut body = body;
    (body["id"], body["connection"]) = (json!(format!("m{number}")), json!(connection));
    let (status, taken) = read(form(server, &format!("m{number}"), &body)).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{taken}");
    let conversation = taken["conversation"].as_str().expect("an id").to_owned();
    let path = format!("/api/v1/conversations/{conversation}");
    let found = until(server, &path, |found| found["last_message"]["author"] == "ai").await;
    (conversation, found["customer"]["id"].as_str().expect("an id").to_owned())
}

fn hello(name: &str) -> Value {
    json!({ "text": "Hello", "from": { "external_id": name, "name": name } })
}

#[tokio::test]
async fn a_reply_leaves_by_the_address_it_names_and_by_no_other() {
    let server = Server::start_with(OFFICE).await;
    let (conversation, customer) = says(&server, 1, "form", hello("Ada Quill")).await;
    let (_, other) = says(&server, 2, "office", hello("Ada Quill")).await;
    if other != customer {
        let joined = json!({ "absorb": other });
        assert_eq!(server.admin(Method::POST, &format!("/api/v1/customers/{customer}/merge"), Some(&joined)).await.0, StatusCode::OK);
    }
    let path = format!("/api/v1/conversations/{conversation}");
    let shown = until(&server, &path, |found| found["doors"].as_array().is_some_and(|doors| doors.len() == 2)).await;
    assert!(shown["doors"].as_array().expect("a list").iter().all(|door| door.get("closes_at").is_some()), "{shown}");
    let from = async |connection: Option<&str>| {
        let body = json!({ "text": "From here", "connection": connection });
        let (status, answer) = server.admin(Method::POST, &format!("{path}/reply"), Some(&body)).await;
        let Some(id) = answer["message"].as_str() else { return (status, answer["code"].as_str().unwrap_or_default().to_owned()) };
        let message = server.app.store().message(&WorkspaceId::from("one"), id.parse().expect("an id")).await.expect("a store");
        (status, message.expect("a message").connection.to_string())
    };
    assert_eq!(from(Some("office")).await, (StatusCode::OK, "office".to_owned()));
    assert_eq!(from(Some("form")).await, (StatusCode::OK, "form".to_owned()));
    let own = shown["connection"].as_str().expect("a connection").to_owned();
    assert_eq!(from(None).await, (StatusCode::OK, own), "the conversation's own");
    assert_eq!(from(Some("nowhere")).await, (StatusCode::CONFLICT, "no_door".to_owned()));
}

#[tokio::test]
async fn a_persons_orders_stand_with_number_products_amount_and_state_and_their_messages_are_counted() {
    let server = Server::start().await;
    let (_, customer) = says(&server, 1, "form", hello("Lena Ott")).await;
    let data = json!({ "order": "EC-1", "items": [{ "name": "Chair", "quantity": 2 }], "total": "258.00 EUR" });
    for (kind, data) in [("order.created", data), ("order.shipped", json!({ "order": "EC-1", "carrier": "DHL", "tracking": "TR-9" }))] {
        let body = json!({ "type": kind, "customer": { "external_id": "Lena Ott" }, "data": data });
        let (status, taken) = server.admin(Method::POST, "/api/v1/events", Some(&body)).await;
        assert_eq!((status, taken["customer"].as_str()), (StatusCode::ACCEPTED, Some(customer.as_str())), "{taken}");
    }
    let (_, shown) = server.admin(Method::GET, &format!("/api/v1/customers/{customer}"), None).await;
    let order = &shown["orders"][0];
    assert_eq!((&order["number"], &order["state"], &order["total_minor"]), (&json!("EC-1"), &json!("shipped"), &json!(25_800)), "{order}");
    assert_eq!(order["products"], json!([{ "name": "Chair", "quantity": 2 }]));
    assert_eq!((&order["currency"], &order["carrier"], &order["tracking"]), (&json!("EUR"), &json!("DHL"), &json!("TR-9")));
    assert_eq!(shown["messages"], 2, "one each way");
}

#[tokio::test]
async fn the_directory_goes_on_page_by_page_and_is_narrowed_and_ordered() {
    let server = Server::start().await;
    for number in 1..=3 {
        says(&server, number, "form", hello(&format!("Person {number}"))).await;
    }
    let all = async |query: &str| {
        let (mut names, mut cursor) = (Vec::new(), String::new());
        loop {
            let (status, page) = server.admin(Method::GET, &format!("/api/v1/customers?limit=2{query}{cursor}"), None).await;
            assert_eq!(status, StatusCode::OK, "{page}");
            names.extend(page["items"].as_array().expect("a list").iter().map(|one| one["name"].as_str().unwrap_or_default().to_owned()));
            let Some(next) = page["next"].as_str() else { return names };
            cursor = format!("&cursor={next}");
        }
    };
    assert_eq!(all("").await, ["Person 3", "Person 2", "Person 1"]);
    assert_eq!(all("&order=score").await.len(), 3);
    assert_eq!(all("&channel=api").await.len(), 3);
    assert_eq!(all("&channel=whatsapp").await, [""; 0]);
    assert_eq!(all("&score=100").await, [""; 0]);
    for wrong in ["channel=pigeon", "proof=perhaps", "score=many", "order=best"] {
        assert_eq!(server.admin(Method::GET, &format!("/api/v1/customers?{wrong}"), None).await.0, StatusCode::BAD_REQUEST, "{wrong}");
    }
}

#[tokio::test]
async fn a_task_whose_day_has_come_alerts_whoever_it_falls_to_once() {
    let server = Server::start().await;
    let owner = server.sign_in(&server.teammate("one", "owner").await).await;
    let mate = server.sign_in(&server.teammate("one", "teammate").await).await;
    let (conversation, customer) = says(&server, 1, "form", hello("Ida Lund")).await;
    let due_at = server.app.now().after(std::time::Duration::from_hours(5));
    let body = json!({ "customer": customer, "what": "Send the quote", "due_at": due_at, "assignee": owner.object["teammate"]["id"] });
    let (status, task) = server.admin(Method::POST, "/api/v1/tasks", Some(&body)).await;
    assert_eq!(status, StatusCode::CREATED, "{task}");
    let told = async |session: &crate::server::Session| {
        let (_, found) = read(server.http.get(format!("{}/api/v1/alerts", server.base)).header("cookie", &session.cookie)).await;
        found["items"].as_array().expect("a list").iter().filter(|item| item["kind"] == "due").cloned().collect::<Vec<_>>()
    };
    let on = async |hours: u64| {
        let moved = server.admin(Method::POST, "/api/v1/clock", Some(&json!({ "advance_s": hours * 3_600 }))).await;
        assert_eq!(moved.0, StatusCode::OK);
    };
    on(4).await;
    assert_eq!(told(&owner).await.len(), 0);
    on(2).await;
    let heard = told(&owner).await;
    assert_eq!((heard.len(), &heard[0]["conversation"]), (1, &json!(conversation)), "{heard:?}");
    on(2).await;
    assert_eq!((told(&owner).await.len(), told(&mate).await.len()), (1, 0), "once, and to nobody else");
    let later = json!({ "due_at": server.app.now().after(std::time::Duration::from_hours(1)) });
    let path = format!("/api/v1/tasks/{}", task["id"].as_str().expect("an id"));
    assert_eq!(server.admin(Method::PATCH, &path, Some(&later)).await.0, StatusCode::OK);
    on(2).await;
    assert_eq!(told(&owner).await.len(), 2, "another day is another alert");
}

#[tokio::test]
async fn an_analyst_gets_no_file_of_a_customer_and_reads_whole_words() {
    let server = Server::start().await;
    let analyst = server.sign_in(&server.teammate("one", "analyst").await).await;
    let picture = json!([{ "base64": "iVBORw0KGgo=", "name": "Ada at home.png", "mime": "image/png" }]);
    let mut body = hello("Ada Quill");
    body["text"] = json!("Hello, adaptable chairs for ADA please");
    body["attachments"] = picture;
    let (_, customer) = says(&server, 1, "form", body).await;
    let (_, whole) = server.admin(Method::GET, &format!("/api/v1/customers/{customer}/timeline"), None).await;
    let file = whole["items"][0]["attachments"][0]["url"].as_str().expect("a file").to_owned();
    let get = |path: &str| server.http.get(format!("{}{path}", server.base)).header("cookie", &analyst.cookie);
    let (status, refused) = read(get(&file)).await;
    assert_eq!((status, &refused["code"]), (StatusCode::FORBIDDEN, &json!("forbidden")));
    let (_, masked) = read(get(&format!("/api/v1/customers/{customer}/timeline"))).await;
    assert_eq!(masked["items"][0]["text"], "Hello, adaptable chairs for ••• please");
    assert_eq!(masked["items"][0]["attachments"][0]["url"], Value::Null);
}

#[tokio::test]
async fn a_live_page_can_see_that_its_line_stands() {
    let server = Server::start().await;
    let owner = server.sign_in(&server.teammate("one", "owner").await).await;
    let live = server.http.get(format!("{}/api/v1/live", server.base)).header("cookie", &owner.cookie).send().await.expect("a line");
    let mut heard = String::new();
    let mut pieces = live.bytes_stream();
    let beat = async {
        while let Some(piece) = pieces.next().await {
            heard.push_str(&String::from_utf8_lossy(&piece.expect("a piece")));
            if heard.contains("event: beat") {
                return true;
            }
        }
        false
    };
    assert!(tokio::time::timeout(std::time::Duration::from_secs(40), beat).await.expect("in time"));
}
