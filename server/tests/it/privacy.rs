//! Taking a person's data out and away, through HTTP and at a terminal.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::doors::{form, next, open, send, until};
use crate::server::{ADMIN, FORM, Server, WHATSAPP, read};

const CANARY: &str = "zebrafinch";

/// Ada writes through the form and is answered; her customer's id.
async fn ada_writes(server: &Server, id: &str) -> String {
    let body = json!({
        "connection": "form", "id": id, "text": format!("My name is Ada Quillfeather, is there a {CANARY}?"),
        "from": { "external_id": "u-7", "name": "Ada Quillfeather", "phone": "+33612345678", "phone_verified": true },
    });
    let (status, taken) = read(form(server, id, &body)).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{taken}");
    let customer = taken["customer"].as_str().expect("an id").to_owned();
    until(server, &format!("/api/v1/customers/{customer}/timeline"), |found| {
        found["items"].as_array().is_some_and(|items| items.iter().any(|item| item["direction"] == "out" && item["delivery"] != "queued"))
    })
    .await;
    customer
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

fn found_in(folder: &Path, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for path in files(folder) {
        let bytes = std::fs::read(&path).unwrap_or_default();
        for word in words {
            if bytes.windows(word.len()).any(|window| window == word.as_bytes()) {
                found.push(format!("{word} in {}", path.display()));
            }
        }
    }
    found
}

#[tokio::test]
async fn an_export_holds_everything_and_reads_the_same_each_time() {
    let server = Server::start().await;
    let customer = ada_writes(&server, "m-1").await;
    let path = format!("/api/v1/customers/{customer}/export");
    let (status, mut export) = server.admin(Method::GET, &path, None).await;
    assert_eq!(status, StatusCode::OK, "{export}");
    assert_eq!((&export["format"], &export["version"], &export["workspace"]), (&json!("rapport-export"), &json!(1), &json!("one")));
    assert_eq!(export["customer"]["name"], "Ada Quillfeather");
    let fact = &export["customer"]["facts"][0];
    assert!(fact["source_message"].is_string() && fact["quote"].is_string() && fact["strand"].is_string(), "{fact}");
    let said: Vec<&str> = export["timeline"].as_array().expect("a list").iter().filter_map(|entry| entry["text"].as_str()).collect();
    assert!(said[0].contains(CANARY), "{said:?}");
    let turn = export["timeline"][0]["turn"].as_str().expect("an answered message has its turn");
    assert!(export["turns"].as_array().expect("a list").iter().any(|known| known["id"] == turn && known["decision"].is_object()));
    let kinds: Vec<&Value> = export["customer"]["identifiers"].as_array().expect("a list").iter().map(|known| &known["kind"]).collect();
    assert!(kinds.contains(&&json!("phone")) && kinds.contains(&&json!("external_id")), "{kinds:?}");
    assert!(export["doors"][0]["address"].is_string() && export["conversations"][0]["id"].is_string());
    let (_, mut again) = server.admin(Method::GET, &path, None).await;
    for document in [&mut export, &mut again] {
        document["exported_at"] = json!(null);
    }
    assert_eq!(export.to_string(), again.to_string());
}

#[tokio::test]
async fn an_erased_customer_is_gone_at_once_and_comes_back_as_a_stranger() {
    let server = Server::start().await;
    let customer = ada_writes(&server, "m-1").await;
    let path = format!("/api/v1/customers/{customer}");
    let (status, erased) = server.admin(Method::DELETE, &format!("{path}?now=true"), None).await;
    assert_eq!(status, StatusCode::OK, "{erased}");
    assert_eq!((&erased["erased"], &erased["holds"]["conversations"]), (&json!(true), &json!(1)));
    assert!(erased["holds"]["messages"].as_i64().is_some_and(|count| count >= 2) && erased["erased_at"].is_string());
    for (method, path) in [(Method::GET, path.clone()), (Method::GET, format!("{path}/export")), (Method::GET, format!("{path}/timeline"))]
    {
        assert_eq!(server.admin(method, &path, None).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    let (_, found) = server.admin(Method::GET, "/api/v1/customers?identifier=phone:%2B33612345678", None).await;
    assert_eq!(found["items"], json!([]));
    let (_, list) = server.admin(Method::GET, "/api/v1/conversations", None).await;
    assert_eq!(list["items"], json!([]));
    let (status, again) = server.admin(Method::DELETE, &path, None).await;
    assert_eq!((status, &again["erased_at"], &again["holds"]), (StatusCode::OK, &erased["erased_at"], &json!(null)), "once is enough");
    assert_eq!(server.admin(Method::DELETE, "/api/v1/customers/cus_00000000000000000000000000", None).await.0, StatusCode::NOT_FOUND);
    let words = [CANARY, "Quillfeather", "quillfeather", "33612345678", "612345678"];
    assert_eq!(found_in(server.folder(), &words), Vec::<String>::new());

    let next = ada_writes(&server, "m-2").await;
    assert_ne!(next, customer);
    let (_, stranger) = server.admin(Method::GET, &format!("/api/v1/customers/{next}/export"), None).await;
    let heard = stranger["timeline"].as_array().expect("a list").iter().filter(|entry| entry["direction"] == "in").count();
    assert_eq!((heard, &stranger["ids"]), (1, &json!([next])));
}

#[tokio::test]
async fn an_erasure_waits_ten_minutes_in_which_it_can_be_taken_back() {
    let server = Server::start().await;
    let customer = ada_writes(&server, "m-1").await;
    let path = format!("/api/v1/customers/{customer}");
    let ask = || server.admin(Method::DELETE, &path, None);
    let keep = format!("{path}/keep");
    let (status, waiting) = ask().await;
    assert_eq!((status, &waiting["erased"]), (StatusCode::ACCEPTED, &json!(false)));
    assert!(waiting["erase_at"].is_string() && waiting["holds"]["turns"].as_i64().is_some_and(|count| count >= 1), "{waiting}");
    assert_eq!(ask().await.1["erase_at"], waiting["erase_at"], "asking again puts nothing off");
    assert_eq!(server.admin(Method::POST, &keep, Some(&json!({}))).await.0, StatusCode::OK);
    assert_eq!(server.admin(Method::POST, &keep, Some(&json!({}))).await.0, StatusCode::CONFLICT);
    let later = json!({ "advance_s": 601 });
    server.admin(Method::POST, "/api/v1/clock", Some(&later)).await;
    assert_eq!(server.admin(Method::GET, &path, None).await.0, StatusCode::OK, "it was taken back");
    ask().await;
    let (status, _) = server.admin(Method::POST, "/api/v1/clock", Some(&json!({ "advance_s": 590 }))).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(server.admin(Method::GET, &path, None).await.0, StatusCode::OK, "not before its time");
    server.admin(Method::POST, "/api/v1/clock", Some(&later)).await;
    let (status, gone) = ask().await;
    assert_eq!((status, &gone["erased"]), (StatusCode::OK, &json!(true)), "{gone}");
    assert_eq!(server.admin(Method::GET, &path, None).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_page_that_is_open_while_its_visitor_is_erased_goes_on_as_a_strangers() {
    let server = Server::start().await;
    let mut page = open(&server, Some("https://shop.example")).await.expect("a socket");
    send(&mut page, json!({ "type": "hello" })).await;
    let welcome = next(&mut page, "welcome").await;
    send(&mut page, json!({ "type": "message", "id": "1", "text": format!("Is there a {CANARY}?") })).await;
    next(&mut page, "ack").await;
    let (_, list) = server.admin(Method::GET, "/api/v1/customers?q=", None).await;
    let customer = list["items"][0]["id"].as_str().expect("an id").to_owned();
    let (status, _) = server.admin(Method::DELETE, &format!("/api/v1/customers/{customer}?now=true"), None).await;
    assert_eq!(status, StatusCode::OK);
    let anew = next(&mut page, "welcome").await;
    assert_ne!(anew["session"], welcome["session"], "what opened the person's thread opens nothing");
    assert_eq!(anew["name"], json!(null));
    send(&mut page, json!({ "type": "message", "id": "2", "text": "Hello" })).await;
    next(&mut page, "ack").await;
    let (_, list) = server.admin(Method::GET, "/api/v1/customers?q=", None).await;
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1), "{list}");
    assert_ne!(list["items"][0]["id"], json!(customer));
}

#[tokio::test]
async fn export_and_erasure_need_the_privacy_scope_and_stay_in_their_workspace() {
    let server = Server::start().await;
    let customer = ada_writes(&server, "m-1").await;
    let token = |scope: &'static str| {
        let server = &server;
        async move {
            let body = json!({ "name": scope, "scopes": [scope] });
            let made = server.admin(Method::POST, "/api/v1/tokens", Some(&body)).await.1;
            made["token"].as_str().expect("a token").to_owned()
        }
    };
    let (admin, privacy) = (token("admin").await, token("privacy").await);
    let paths = [(Method::GET, format!("/api/v1/customers/{customer}/export")), (Method::DELETE, format!("/api/v1/customers/{customer}"))];
    for (method, path) in paths {
        assert_eq!(server.program(&admin, method.clone(), &path, None).await.0, StatusCode::FORBIDDEN, "{method} {path}");
        assert!(server.program(&privacy, method.clone(), &path, None).await.0.is_success(), "{method} {path}");
    }
    let unknown = server.admin(Method::DELETE, &format!("/api/v1/customers/{customer}?later=true"), None).await;
    assert_eq!(unknown.0, StatusCode::BAD_REQUEST);
}

/// The program at a terminal, over the data folder of a server that runs.
fn rapport(server: &Server, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rapport"))
        .args(arguments)
        .args(["--config", &server.folder().join("rapport.toml").display().to_string()])
        .envs([("ADMIN", ADMIN), ("FORM", FORM), ("WHATSAPP", WHATSAPP), ("RAPPORT_LOG", "error")])
        .output()
        .expect("the program runs")
}

fn works(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_a_terminal_beside_the_running_server_a_person_is_exported_backed_up_erased_and_stays_erased() {
    let server = Server::start().await;
    server.write_configuration();
    let elsewhere = tempfile::tempdir().expect("a folder");
    let customer = ada_writes(&server, "m-1").await;
    let (file, copy) = (elsewhere.path().join("ada.json"), elsewhere.path().join("copy"));
    let who = ["--customer", "phone:+33612345678"];

    let text = works(&rapport(&server, &["export", who[0], who[1]]));
    let shown: Value = serde_json::from_str(&text).expect("a document");
    works(&rapport(&server, &["export", "--customer", &customer, "--out", &file.display().to_string()]));
    let written: Value = serde_json::from_slice(&std::fs::read(&file).expect("a file")).expect("a document");
    assert_eq!((&shown["customer"], &shown["timeline"]), (&written["customer"], &written["timeline"]));
    assert_eq!(shown["customer"]["id"], json!(customer));

    let told = works(&rapport(&server, &["backup", "--out", &copy.display().to_string(), "--json"]));
    let told: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(told["backup"]["files"].as_array().map(Vec::len), Some(3), "{told}");
    works(&rapport(&server, &["backup"]));
    // A copy that is carried away: no erasure reaches it.
    let carried = elsewhere.path().join("carried");
    std::fs::create_dir(&carried).expect("a folder");
    for name in ["rapport.db", "keys.db", "erasures.jsonl", "backup.json"] {
        std::fs::copy(copy.join(name), carried.join(name)).expect("a file");
    }

    let only_told = rapport(&server, &["erase", who[0], who[1]]);
    assert_eq!(only_told.status.code(), Some(1), "without --yes nothing happens");
    assert_eq!(server.admin(Method::GET, &format!("/api/v1/customers/{customer}"), None).await.0, StatusCode::OK);
    works(&rapport(&server, &["erase", who[0], who[1], "--yes"]));
    assert_eq!(server.admin(Method::GET, &format!("/api/v1/customers/{customer}"), None).await.0, StatusCode::NOT_FOUND);
    works(&rapport(&server, &["erase", "--customer", &customer, "--yes"]));
    assert_eq!(rapport(&server, &["erase", who[0], who[1], "--yes"]).status.code(), Some(1), "nobody has this number now");
    let next = ada_writes(&server, "m-2").await;
    assert_ne!(next, customer, "the running server meets a stranger");

    for (from, again) in [(&copy, 0), (&carried, 1)] {
        let into = elsewhere.path().join(format!("restored-{again}"));
        let paths = [from.display().to_string(), into.display().to_string()];
        let told = works(&rapport(&server, &["restore", &paths[0], "--into", &paths[1], "--json"]));
        let told: Value = serde_json::from_str(&told).expect("JSON");
        assert_eq!(told["erased_again"], json!(again), "{told}");
        let refused = rapport(&server, &["restore", &paths[0], "--into", &paths[1]]);
        assert_eq!(refused.status.code(), Some(1), "never over something");
        assert!(String::from_utf8_lossy(&refused.stderr).contains("not empty"));
        assert!(into.join("master.key").exists());
        let text = std::fs::read_to_string(server.folder().join("rapport.toml")).expect("a file");
        let moved = text.replace("data_dir = \".\"", &format!("data_dir = {:?}", into.display().to_string()));
        std::fs::write(elsewhere.path().join("rapport.toml"), moved).expect("a file");
        let asked = Command::new(env!("CARGO_BIN_EXE_rapport"))
            .args(["export", "--customer", &customer, "--config", &elsewhere.path().join("rapport.toml").display().to_string()])
            .envs([("ADMIN", ADMIN), ("FORM", FORM), ("WHATSAPP", WHATSAPP), ("RAPPORT_LOG", "error")])
            .output()
            .expect("the program runs");
        assert_eq!(asked.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&asked.stderr).contains("nobody has this id"), "{}", String::from_utf8_lossy(&asked.stderr));
    }
}
