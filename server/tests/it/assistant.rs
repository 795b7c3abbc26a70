//! How the assistant speaks and what it asks, as chosen in the console.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::doors::form;
use crate::links::settled;
use crate::server::{Server, read};

async fn admin(server: &Server, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
    server.admin(method, &format!("/api/v1{path}"), Some(&body)).await
}

/// Somebody writes through the form; what was said to them last, if anything was, and who they are.
pub async fn says(server: &Server, person: &str, message: &str, text: &str) -> (String, String) {
    let body = json!({ "connection": "form", "id": message, "from": { "external_id": person }, "text": text });
    let (status, taken) = read(form(server, message, &body)).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{taken}");
    settled(server).await;
    let conversation = taken["conversation"].as_str().expect("an id");
    let (_, said) = server.admin(Method::GET, &format!("/api/v1/messages?conversation={conversation}"), None).await;
    let last = said["items"].as_array().and_then(|items| items.last()).map_or("", |item| item["text"].as_str().expect("a text"));
    (last.to_owned(), taken["customer"].as_str().expect("an id").to_owned())
}

async fn fact(server: &Server, customer: &str, predicate: &str) -> Value {
    let (_, record) = server.admin(Method::GET, &format!("/api/v1/customers/{customer}"), None).await;
    let found = record["facts"].as_array().expect("a list").iter().find(|fact| fact["predicate"] == predicate).cloned();
    found.map_or(Value::Null, |fact| fact["value"].clone())
}

#[tokio::test]
async fn the_assistant_speaks_under_its_name_and_in_the_businesss_words_from_the_next_message() {
    let server = Server::start().await;
    let (before, _) = says(&server, "u-1", "m-1", "Hello").await;
    assert!(before.starts_with("Hello, I am the AI assistant of One."), "{before}");
    let manner = json!({ "name": "Mia", "doors": { "api": { "sign_off": "Kind regards, One", "greeting": " " } } });
    let (status, kept) = admin(&server, Method::PATCH, "/manner", manner).await;
    assert_eq!((status, &kept["name"], &kept["doors"]["api"]["greeting"]), (StatusCode::OK, &json!("Mia"), &Value::Null), "{kept}");
    let (said, _) = says(&server, "u-2", "m-2", "Hello").await;
    assert!(said.starts_with("Hello, I am Mia, the AI assistant of One.") && said.ends_with("Kind regards, One"), "{said}");

    let greeting = json!({ "name": "Mia", "doors": { "api": { "greeting": "Hi, and welcome!" } } });
    assert_eq!(admin(&server, Method::PATCH, "/manner", greeting).await.0, StatusCode::OK);
    let (said, _) = says(&server, "u-3", "m-3", "Hello").await;
    assert!(said.starts_with("Hi, and welcome! I am Mia, the AI assistant of One."), "an AI says that it is one: {said}");
    let (said, _) = says(&server, "u-4", "m-4", "Bonjour, je cherche un bureau pour deux personnes").await;
    assert!(said.starts_with("Bonjour, je suis Mia"), "the business wrote no French: {said}");
    let long = json!({ "name": "M".repeat(41) });
    assert_eq!(admin(&server, Method::PATCH, "/manner", long).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(admin(&server, Method::PATCH, "/manner", json!({ "tone": "rude" })).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_manner_is_read_on_every_door_before_it_is_kept() {
    let server = Server::start().await;
    let manner = json!({ "name": "Mia", "tone": "short", "doors": { "whatsapp": { "tone": "warm", "sign_off": "See you!" } } });
    let (status, tried) =
        admin(&server, Method::POST, "/manner/preview", json!({ "question": "Do you deliver to Lyon?", "manner": manner })).await;
    assert_eq!(status, StatusCode::OK, "{tried}");
    let on = |channel: &str| {
        let items = tried["items"].as_array().expect("a list");
        items.iter().find(|item| item["channel"] == channel).and_then(|item| item["text"].as_str()).expect("a text").to_owned()
    };
    assert!(on("widget").starts_with("I am Mia, the AI assistant of One."), "{tried}");
    assert!(on("whatsapp").starts_with("Hello, I am Mia, the AI assistant of One.") && on("whatsapp").ends_with("See you!"), "{tried}");
    assert!(!on("api").contains("See you!"), "{tried}");
    let (_, kept) = server.admin(Method::GET, "/api/v1/manner", None).await;
    assert_eq!((&kept["name"], &kept["tone"]), (&Value::Null, &Value::Null), "nothing was kept");
    assert_eq!(admin(&server, Method::POST, "/manner/preview", json!({ "question": " " })).await.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn the_businesss_own_questions_are_asked_in_their_order_one_at_a_time_and_never_what_is_known() {
    let server = Server::start().await;
    let (status, shown) = server.admin(Method::GET, "/api/v1/questions", None).await;
    let slots = |shown: &Value| -> Vec<String> {
        shown["items"].as_array().expect("a list").iter().map(|item| item["slot"].as_str().expect("a slot").to_owned()).collect()
    };
    assert_eq!((status, slots(&shown)), (StatusCode::OK, ["need", "timeline", "budget", "authority"].map(str::to_owned).to_vec()));
    let own = json!({ "items": [
        { "slot": "constraint", "wording": { "en": "What does it have to fit into?" } },
        { "slot": "company", "wording": { "en": "Which company is it for?" } },
        { "slot": "timeline" },
    ] });
    let (status, kept) = admin(&server, Method::PATCH, "/questions", own).await;
    assert_eq!((status, &kept["chosen"]), (StatusCode::OK, &json!(true)), "{kept}");
    let (said, customer) = says(&server, "u-1", "m-1", "Hello, I am looking for an ergonomic chair").await;
    assert!(said.ends_with("What does it have to fit into?") && said.matches('?').count() == 1, "{said}");
    let (said, _) = says(&server, "u-1", "m-2", "A room of two by three metres").await;
    assert!(said.ends_with("Which company is it for?") && said.matches('?').count() == 1, "{said}");
    assert_eq!(fact(&server, &customer, "constraint").await, "A room of two by three metres");
    let (said, _) = says(&server, "u-1", "m-3", "Acme Robotics").await;
    assert_eq!(fact(&server, &customer, "company").await, "Acme Robotics");
    assert!(!said.contains("Which company") && said.contains('?'), "by when is asked next: {said}");
    let (said, _) = says(&server, "u-1", "m-4", "We need it by 15 March").await;
    assert!(!said.contains('?'), "nothing is left to ask: {said}");
}

#[tokio::test]
async fn a_matter_of_the_businesss_own_is_asked_for_in_its_words_and_its_answer_stands_on_the_person_under_its_name() {
    let server = Server::start().await;
    let own = json!({ "items": [
        { "label": "Breed", "wording": { "en": "Which breed is your dog?", "fr": "De quelle race est votre chien ?" } },
        { "slot": "timeline" },
        { "label": "Rooms", "wording": { "en": "How many rooms do you have?" } },
    ] });
    let (status, kept) = admin(&server, Method::PATCH, "/questions", own).await;
    let items = &kept["items"];
    assert_eq!(
        (status, &items[0]["slot"], &items[0]["label"], &items[1]["label"]),
        (StatusCode::OK, &json!("own_1"), &json!("Breed"), &Value::Null),
        "{kept}"
    );
    assert_eq!((&items[2]["slot"], &items[2]["label"]), (&json!("own_2"), &json!("Rooms")), "{kept}");
    let (said, customer) = says(&server, "u-1", "m-1", "Hello, I am looking for an ergonomic chair").await;
    assert!(said.ends_with("Which breed is your dog?") && said.matches('?').count() == 1, "{said}");
    let (said, _) = says(&server, "u-1", "m-2", "A golden retriever, three years old").await;
    assert_eq!(fact(&server, &customer, "own_1").await, "A golden retriever, three years old");
    assert!(!said.contains("breed") && said.matches('?').count() == 1, "by when is asked next: {said}");
    let (said, _) = says(&server, "u-1", "m-3", "We need four of them by 15 March").await;
    assert!(said.ends_with("How many rooms do you have?"), "how many chairs is known, how many rooms is not: {said}");
    let (said, _) = says(&server, "u-1", "m-4", "Five, and a kitchen").await;
    assert_eq!(fact(&server, &customer, "own_2").await, "Five, and a kitchen");
    assert!(!said.contains('?'), "nothing is left to ask: {said}");
    let (said, _) = says(&server, "u-1", "m-5", "What do you know about me?").await;
    assert!(said.contains("Breed: A golden retriever") && said.contains("Rooms: Five"), "{said}");
    let (_, record) = server.admin(Method::GET, &format!("/api/v1/customers/{customer}"), None).await;
    let breed = record["facts"].as_array().expect("facts").iter().find(|fact| fact["predicate"] == "own_1").expect("a fact");
    assert_eq!(breed["data"]["label"], "Breed");

    let (said, other) = says(&server, "u-2", "m-6", "Bonjour, je cherche une chaise ergonomique").await;
    assert!(said.ends_with("De quelle race est votre chien ?"), "{said}");
    let (said, _) = says(&server, "u-2", "m-7", "Je préfère ne pas le dire").await;
    assert!(!said.contains("race") && fact(&server, &other, "own_1").await.is_null(), "refused is not asked again: {said}");
    let pinned = json!({ "facts": { "own_1": "Poodle" } });
    assert_eq!(admin(&server, Method::PATCH, &format!("/customers/{other}"), pinned).await.0, StatusCode::OK);
    assert_eq!(fact(&server, &other, "own_1").await, "Poodle");
}

#[tokio::test]
async fn another_matter_takes_a_place_that_had_no_name_before() {
    let server = Server::start().await;
    let ask = |label: &str| json!({ "label": label, "wording": { "en": format!("{label}?") } });
    let put = async |items: Value| admin(&server, Method::PATCH, "/questions", json!({ "items": items })).await;
    assert_eq!(put(json!([ask("Breed")])).await.1["items"][0]["slot"], "own_1");
    assert_eq!(put(json!([ask("Rooms")])).await.1["items"][0]["slot"], "own_2");
    let kept = json!({ "slot": "own_2", "label": "Number of rooms", "wording": { "en": "How many rooms?" } });
    let (_, both) = put(json!([ask("Garden"), kept])).await;
    assert_eq!((&both["items"][0]["slot"], &both["items"][1]["label"]), (&json!("own_3"), &json!("Number of rooms")), "{both}");
    for items in [
        json!([{ "wording": { "en": "Which?" } }]),
        json!([{ "label": "L".repeat(41), "wording": { "en": "Which?" } }]),
        json!([ask("Breed"), ask("Breed")]),
        json!([{ "slot": "own_1", "wording": { "en": "Which?" } }]),
        json!([{ "label": "Breed" }]),
    ] {
        assert_eq!(put(items.clone()).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{items}");
    }
    let many: Vec<Value> = (0..13).map(|number| ask(&format!("Matter {number}"))).collect();
    assert_eq!(put(json!(many)).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(put(json!(many[..12])).await.0, StatusCode::OK, "places are given anew once all had a name");
}

#[tokio::test]
async fn a_question_needs_words_that_ask() {
    let server = Server::start().await;
    let refused = async |items: Value| admin(&server, Method::PATCH, "/questions", json!({ "items": items })).await.0;
    for items in [
        json!([{ "slot": "company", "wording": { "en": "Tell me your company" } }]),
        json!([{ "slot": "role" }]),
        json!([{ "slot": "timeline" }, { "slot": "timeline" }]),
        json!([{ "slot": "email", "wording": { "en": "Your email?" } }]),
        json!([{ "slot": "timeline", "wording": { "english": "When?" } }]),
    ] {
        assert_eq!(refused(items.clone()).await, StatusCode::UNPROCESSABLE_ENTITY, "{items}");
    }
    assert_eq!(refused(json!([{ "slot": "budget" }])).await, StatusCode::OK);
    let (status, back) = admin(&server, Method::PATCH, "/questions", json!({ "items": null })).await;
    assert_eq!((status, &back["chosen"], back["items"].as_array().map(Vec::len)), (StatusCode::OK, &json!(false), Some(4)));
}

#[tokio::test]
async fn only_who_administers_sees_what_is_entered_at_the_vendor() {
    let server = Server::start().await;
    let (status, setup) = server.admin(Method::GET, "/api/v1/channels/wa/setup", None).await;
    assert_eq!((status, &setup["verify_token"]), (StatusCode::OK, &json!("hello-there")), "{setup}");
    assert_eq!(setup["hook"], "http://127.0.0.1:8080/hooks/wa");
    assert_eq!(server.admin(Method::GET, "/api/v1/channels/nothing/setup", None).await.0, StatusCode::NOT_FOUND);
    let (_, list) = server.admin(Method::GET, "/api/v1/channels", None).await;
    assert_eq!(list["public_url"], "http://127.0.0.1:8080");
    assert!(!list.to_string().contains("hello-there"), "the list is for everybody");
    let mate = server.sign_in(&server.teammate("one", "teammate").await).await;
    let asked = server.http.get(format!("{}/api/v1/channels/wa/setup", server.base)).header("cookie", &mate.cookie);
    assert_eq!(read(asked).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn only_who_administers_sees_where_documents_are_put() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start_with(&format!("[[knowledge]]\nid = \"help\"\npath = \"{}\"\n", folder.path().display())).await;
    let (status, shown) = server.admin(Method::GET, "/api/v1/knowledge", None).await;
    assert_eq!((status, &shown["folders"]), (StatusCode::OK, &json!([{ "id": "help", "path": folder.path() }])), "{shown}");
    let mate = server.sign_in(&server.teammate("one", "teammate").await).await;
    let (status, shown) = read(server.http.get(format!("{}/api/v1/knowledge", server.base)).header("cookie", &mate.cookie)).await;
    assert_eq!((status, &shown["folders"]), (StatusCode::OK, &json!([])), "{shown}");
}
