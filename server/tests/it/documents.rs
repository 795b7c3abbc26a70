//! Documents given in the console: answered from at once, replaced and taken away, refused with the reason.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::crawl::printed;
use crate::server::{ADMIN, Server, Session, read};

pub async fn give(server: &Server, name: &str, content: impl Into<reqwest::Body>) -> (StatusCode, Value) {
    let address = format!("{}/api/v1/knowledge/documents", server.base);
    read(server.http.post(address).query(&[("name", name)]).bearer_auth(ADMIN).body(content)).await
}

async fn answer(server: &Server, question: &str) -> (Value, Value) {
    let asked = reqwest::Url::parse_with_params("http://x/api/v1/knowledge/ask", [("q", question)]).expect("an address");
    let (status, said) = server.admin(Method::GET, &format!("{}?{}", asked.path(), asked.query().expect("a question")), None).await;
    assert_eq!(status, StatusCode::OK, "{said}");
    (said["answer"].clone(), said["citations"][0]["source"].clone())
}

#[tokio::test]
async fn a_given_document_is_answered_from_at_once_and_no_more_once_it_is_taken_away() {
    let server = Server::start().await;
    let (status, given) = give(&server, "../repairs.md", "# Repairs\n\nRepairing a lamp takes nine days.").await;
    assert_eq!((status, &given["name"], &given["title"]), (StatusCode::CREATED, &json!("repairs.md"), &json!("Repairs")), "{given}");
    assert_eq!((&given["passages"], &given["audience"], &given["skipped"]), (&json!(1), &json!("public"), &Value::Null), "{given}");
    let (said, source) = answer(&server, "How long does repairing a lamp take?").await;
    assert!(said.as_str().is_some_and(|said| said.contains("nine days")) && source == "repairs.md", "{said}");
    let (_, known) = server.admin(Method::GET, "/api/v1/knowledge", None).await;
    assert_eq!(known["sources"][0]["document"], given["id"], "{known}");

    let (status, newer) = give(&server, "repairs.md", "# Repairs\n\nRepairing a lamp takes two days.").await;
    assert_eq!((status, &newer["id"]), (StatusCode::OK, &given["id"]), "{newer}");
    let (said, _) = answer(&server, "How long does repairing a lamp take?").await;
    assert!(said.as_str().is_some_and(|said| said.contains("two days")), "{said}");

    let path = format!("/api/v1/knowledge/documents/{}", given["id"].as_str().expect("an id"));
    assert_eq!(server.admin(Method::DELETE, &path, None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(server.admin(Method::DELETE, &path, None).await.0, StatusCode::NOT_FOUND);
    assert_eq!(answer(&server, "How long does repairing a lamp take?").await.0, Value::Null);
}

#[tokio::test]
async fn documents_of_every_kind_are_taken_and_what_is_internal_is_never_an_answer() {
    let server = Server::start().await;
    let table = "Lamp,Price\nMoon lamp,40 EUR\nSun lamp,60 EUR\n";
    for (name, content) in [
        ("care.pdf", printed(&["Cleaning a lamp needs a dry cloth.", "Never use water."])),
        ("prices.csv", table.into()),
        ("delivery.html", "<h1>Delivery</h1><p>Delivery to Lyon takes five working days.</p>".into()),
        ("internal.md", "---\naudience: internal\n---\n# Margins\n\nThe margin on a lamp is 70 percent.".into()),
    ] {
        let (status, given) = give(&server, name, content).await;
        assert_eq!((status, &given["skipped"]), (StatusCode::CREATED, &Value::Null), "{name}: {given}");
    }
    for (question, expected) in [
        ("How do I clean a lamp?", "dry cloth"),
        ("What does the Moon lamp cost?", "40"),
        ("How long does delivery to Lyon take?", "five working days"),
    ] {
        let (said, _) = answer(&server, question).await;
        assert!(said.as_str().is_some_and(|said| said.contains(expected)), "{question}: {said}");
    }
    assert_eq!(answer(&server, "What is the margin on a lamp?").await.0, Value::Null);
}

#[tokio::test]
async fn what_nobody_could_read_is_refused_with_the_reason_and_not_kept() {
    let server = Server::start().await;
    for (name, content, why) in [
        ("photo.png", b"\x89PNG\r\n\x1a\n".to_vec(), "not Markdown, HTML, Word, PDF or CSV"),
        ("renamed.md", b"\x89PNG\r\n\x1a\n\0\0\0".to_vec(), "it is no text"),
        ("empty.md", Vec::new(), "there are no words in it"),
        ("broken.pdf", b"%PDF-1.4 nothing".to_vec(), "damaged"),
        ("broken.docx", b"PK".to_vec(), "it is no Word document"),
    ] {
        let (status, problem) = give(&server, name, content).await;
        assert_eq!((status, &problem["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("unreadable")), "{name}: {problem}");
        assert!(problem["detail"].as_str().is_some_and(|text| text.starts_with(name) && text.contains(why)), "{name}: {problem}");
    }
    assert_eq!(give(&server, "long.txt", vec![b'a'; 20 * 1024 * 1024 + 1]).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(give(&server, "/", "words").await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let (_, known) = server.admin(Method::GET, "/api/v1/knowledge", None).await;
    assert_eq!((&known["sources"], &known["skipped"]), (&json!([]), &json!([])), "{known}");
}

#[tokio::test]
async fn only_who_administers_gives_documents_and_the_data_folder_does_not_show_their_words() {
    let server = Server::start().await;
    let email = server.teammate("one", "teammate").await;
    let Session { cookie, csrf, .. } = server.sign_in(&email).await;
    let address = format!("{}/api/v1/knowledge/documents?name=a.md", server.base);
    let request = server.http.post(address).header("cookie", cookie).header("x-rapport-csrf", csrf).body("# A\n\nWords.");
    assert_eq!(read(request).await.0, StatusCode::FORBIDDEN);

    let sentence = "Quokkas polish every lamp.";
    assert_eq!(give(&server, "quokkas.md", format!("# Quokkas\n\n{sentence}")).await.0, StatusCode::CREATED);
    for file in std::fs::read_dir(server.folder()).expect("a folder") {
        let path = file.expect("a file").path();
        let bytes = if path.is_file() { std::fs::read(&path).expect("a file") } else { Vec::new() };
        let shows = |words: &str| bytes.windows(words.len()).any(|window| window == words.as_bytes());
        assert!(!shows(sentence) && !shows("quokkas.md"), "{}", path.display());
    }
}
