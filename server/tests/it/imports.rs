//! Customers from a business's own list: imported twice is imported once, nothing is trusted more, and all of it can be undone.

use reqwest::Method;
use serde_json::{Value, json};

use crate::server::Server;

const LIST: &str = "Name;Mobile;E-mail;Customer ID;Tier;workspace_id\n\
    Mia Cooke;06 12 34 56 78;mia@house.example;C-1;gold;other\n\
    Leon Adler;+49 30 901820;leon@adler.example;C-2;;\n\
    <script>1</script>;;odd@house.example;C-3;=1+1;\n\
    Broken;1.5551E+10;;C-4;;\n\
    Ragged;+33612345679\n\
    Mia C.;06 12 34 56 78;;C-1;platinum;\n";

async fn import(server: &Server, dry_run: bool) -> Value {
    let body = json!({ "name": "list.csv", "csv": LIST, "dry_run": dry_run });
    let (status, told) = server.admin(Method::POST, "/api/v1/imports", Some(&body)).await;
    assert_eq!(status, if dry_run { 200 } else { 201 }, "{told}");
    told
}

async fn customers(server: &Server) -> usize {
    let (_, told) = server.admin(Method::GET, "/api/v1/customers", None).await;
    told["items"].as_array().map_or(0, Vec::len)
}

fn counts(told: &Value) -> [u64; 5] {
    ["rows", "created", "updated", "unchanged", "refused"].map(|key| told["result"][key].as_u64().expect("a count"))
}

#[tokio::test]
async fn a_list_is_imported_once_and_taken_back_whole() {
    let server = Server::start().await;
    let before = customers(&server).await;
    let dry = import(&server, true).await;
    assert_eq!(counts(&dry)[0], 6);
    assert_eq!(customers(&server).await, before, "a dry run changes nothing");

    let told = import(&server, false).await;
    assert_eq!(counts(&told), [6, 3, 1, 0, 2], "{told:#}");
    assert_eq!(told["lines"][3]["outcome"], "refused");
    assert_eq!(told["lines"][4]["line"], 6);
    assert!(told["lines"][5]["notes"][0].as_str().is_some_and(|note| note.contains("line 2")), "{told:#}");
    assert_eq!(customers(&server).await, before + 3);

    let (_, mia) = server.admin(Method::GET, "/api/v1/customers?identifier=phone:%2B33612345678", None).await;
    let mia = &mia["items"][0];
    let identifiers = mia["identifiers"].as_array().expect("identifiers");
    assert!(identifiers.iter().all(|known| known["trust"] == "claimed" && known["origin"] == "import"), "{mia:#}");

    let again = import(&server, false).await;
    assert_eq!(counts(&again)[1], 0, "{again:#}");
    assert_eq!(customers(&server).await, before + 3);

    for report in [&again, &told] {
        let id = report["result"]["import"].as_str().expect("an id");
        let (status, done) = server.admin(Method::POST, &format!("/api/v1/imports/{id}/undo"), Some(&json!({}))).await;
        assert_eq!(status, 200, "{done}");
    }
    assert_eq!(customers(&server).await, before);
    let (_, list) = server.admin(Method::GET, "/api/v1/imports", None).await;
    assert!(list["items"].as_array().is_some_and(|items| items.iter().all(|import| import["undone_at"].is_string())), "{list:#}");
}

#[tokio::test]
async fn whoever_wrote_before_keeps_what_is_theirs_when_an_import_goes() {
    let server = Server::start().await;
    let event = json!({ "type": "order.created", "customer": { "email": "bruno@b.example" }, "data": { "order": "A-1" } });
    let (status, told) = server.admin(Method::POST, "/api/v1/events", Some(&event)).await;
    assert_eq!(status, 202, "{told}");
    let bruno = told["customer"].as_str().expect("an id").to_owned();
    let path = format!("/api/v1/customers/{bruno}");
    let (_, before) = server.admin(Method::GET, &path, None).await;
    let body = json!({ "name": "crm.csv", "csv": "email,phone,company,tier\nbruno@b.example,+33612340099,Bruno SA,gold\n" });
    let (status, told) = server.admin(Method::POST, "/api/v1/imports", Some(&body)).await;
    assert_eq!(status, 201, "{told}");
    assert_eq!(counts(&told), [1, 0, 1, 0, 0]);
    let (_, after) = server.admin(Method::GET, &path, None).await;
    let phone = after["identifiers"].as_array().and_then(|all| all.iter().find(|known| known["kind"] == "phone")).expect("a phone");
    assert_eq!(phone["trust"], "claimed", "an import never raises trust");
    assert!(after["facts"].as_array().is_some_and(|facts| facts.iter().any(|fact| fact["value"] == "Bruno SA")));
    let id = told["result"]["import"].as_str().expect("an id");
    let (_, done) = server.admin(Method::POST, &format!("/api/v1/imports/{id}/undo"), Some(&json!({}))).await;
    assert_eq!(done, json!({ "removed": 0, "restored": 1, "kept": 0 }));
    let (_, now) = server.admin(Method::GET, &path, None).await;
    for key in ["identifiers", "facts"] {
        assert_eq!(now[key], before[key], "{key}");
    }
}

#[tokio::test]
async fn a_file_that_names_nobody_is_refused_with_its_columns() {
    let server = Server::start().await;
    for (csv, columns) in [("shoe,hat\n1,2\n", json!({})), ("phone\n+33612345678\n", json!({ "fax": "phone" })), ("", json!({}))] {
        let body = json!({ "name": "x.csv", "csv": csv, "columns": columns });
        let (status, told) = server.admin(Method::POST, "/api/v1/imports", Some(&body)).await;
        assert_eq!(status, 422, "{told}");
    }
}
