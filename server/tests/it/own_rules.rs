//! `[[rules]]`: the business's own conditions, in CEL.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::doors::form;
use crate::server::{Server, read};

const RULES: &str = r#"
[[rules]]
name = "gold-and-unhappy"
when = 'customer.attributes.tier == "gold" && signals.sentiment < 0.0'
route = "urgent"

[[rules]]
name = "large-budget"
when = 'facts.budget.max >= 50000'

[[rules]]
name = "human-asked-for"
when = 'message.text.contains("manager")'
"#;

async fn says(server: &Server, id: &str, from: &str, text: &str) -> Value {
    let body = json!({ "connection": "form", "id": id, "text": text, "from": { "external_id": from } });
    let (status, taken) = read(form(server, id, &body)).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{taken}");
    let mut bell = server.app.hub.bell();
    let waited = async {
        loop {
            if server.admin(Method::GET, "/api/v1/ledger", None).await.1["counts"]["open"] == 0 {
                return;
            }
            bell.changed().await.expect("the server runs");
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), waited).await.expect("a turn");
    taken
}

async fn fired(server: &Server) -> Vec<String> {
    let (_, list) = server.admin(Method::GET, "/api/v1/escalations?status=open", None).await;
    list["items"].as_array().expect("items").iter().map(|item| item["rule"].as_str().expect("a rule").to_owned()).collect()
}

#[tokio::test]
async fn an_own_rule_fires_when_its_condition_holds_and_not_for_lack_of_a_value() {
    let server = Server::start_with(RULES).await;
    let taken = says(&server, "m-1", "u-1", "This is disappointing, the parcel came late and broken, I am not happy").await;
    assert_eq!(fired(&server).await, Vec::<String>::new(), "the tier is not known");
    let path = format!("/api/v1/customers/{}", taken["customer"].as_str().expect("an id"));
    let (status, told) = server.admin(Method::PATCH, &path, Some(&json!({ "attributes": { "tier": "gold" } }))).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    says(&server, "m-2", "u-1", "Still nothing, this is really disappointing and sad").await;
    assert_eq!(fired(&server).await, ["gold-and-unhappy"]);
}

#[tokio::test]
async fn a_rule_over_what_is_known_fires_once_in_a_conversation() {
    let server = Server::start_with(RULES).await;
    let taken = says(&server, "m-1", "u-2", "Our budget is 60,000 EUR").await;
    says(&server, "m-2", "u-2", "It is for the Lyon office").await;
    assert_eq!(fired(&server).await, ["large-budget"]);
    let path = format!("/api/v1/conversations/{}/return", taken["conversation"].as_str().expect("an id"));
    assert!(server.admin(Method::POST, &path, Some(&json!({}))).await.0.is_success());
    says(&server, "m-3", "u-2", "We open in May").await;
    assert_eq!(fired(&server).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_own_rule_replaces_the_built_in_one_of_its_name() {
    let server = Server::start_with(RULES).await;
    says(&server, "m-1", "u-3", "I want to talk to a human please").await;
    assert_eq!(fired(&server).await, Vec::<String>::new());
    says(&server, "m-2", "u-3", "then your manager").await;
    assert_eq!(fired(&server).await, ["human-asked-for"]);
}

#[tokio::test]
async fn a_brief_is_written_in_the_language_of_the_business() {
    let server = Server::start_in("fr").await;
    says(&server, "m-1", "u-9", "Bonjour, je cherche un fauteuil ergonomique pour mon bureau.").await;
    says(&server, "m-2", "u-9", "Je veux parler à une vraie personne, s'il vous plaît.").await;
    let (_, list) = server.admin(Method::GET, "/api/v1/escalations?status=open", None).await;
    let brief = &list["items"][0]["brief"];
    assert_eq!(brief["name"], "pas encore dit");
    assert!(
        brief["why"].as_str().is_some_and(|why| why.starts_with("Le client veut parler à une personne. Ses mots : « Je veux")),
        "{brief}"
    );
    assert_eq!(brief["next_step"], "Se présenter et répondre : il a demandé une personne.");
    assert_eq!(brief["promised"][0].as_str().map(|line| line.contains(" yet")), Some(false), "{brief}");
}
