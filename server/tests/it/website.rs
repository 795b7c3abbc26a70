//! The website chat: files of visitors, several conversations, first words by page.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::doors::{Socket, form, next, open, send, until};
use crate::server::{Server, read};

const SHOP: &str = "https://shop.example";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0crc!\0\0\0\0IENDcrc!";

/// A visitor's page with their session.
struct Page {
    socket: Socket,
    session: String,
    welcome: Value,
}

impl Page {
    async fn open(server: &Server) -> Self {
        Self::at(server, Value::Null, "https://shop.example/").await
    }

    async fn at(server: &Server, session: Value, url: &str) -> Self {
        let mut socket = open(server, Some(SHOP)).await.expect("a socket");
        send(&mut socket, json!({ "type": "hello", "session": session, "last_seq": 0, "page": { "url": url, "locale": "en" } })).await;
        let welcome = next(&mut socket, "welcome").await;
        let session = welcome["session"].as_str().expect("a token").to_owned();
        Self { socket, session, welcome }
    }

    /// Says it in a conversation; the conversation it came to.
    async fn say(&mut self, id: &str, text: &str, conversation: Value) -> String {
        send(&mut self.socket, json!({ "type": "message", "id": id, "text": text, "conversation": conversation })).await;
        let ack = next(&mut self.socket, "ack").await;
        assert_eq!(ack["id"], id);
        ack["conversation"].as_str().expect("a conversation").to_owned()
    }
}

fn upload(server: &Server, session: &str, id: &str, name: &str, bytes: &[u8]) -> reqwest::RequestBuilder {
    server
        .http
        .post(format!("{}/widget/web/files", server.base))
        .header(header::ORIGIN, SHOP)
        .bearer_auth(session)
        .header("x-file-id", id)
        .header("x-file-name", name)
        .body(bytes.to_vec())
}

#[tokio::test]
async fn a_visitors_picture_is_kept_once_shown_on_both_sides_and_answered_honestly() {
    let server = Server::start().await;
    let mut page = Page::open(&server).await;
    let (status, taken) = read(upload(&server, &page.session, "f-1", "my%20chair.png", PNG)).await;
    assert_eq!(status, StatusCode::OK, "{taken}");
    let shown = next(&mut page.socket, "message").await;
    assert_eq!((&shown["author"], &shown["id"], &shown["seq"]), (&json!("customer"), &taken["message"], &taken["seq"]));
    let file = &shown["files"][0];
    assert_eq!((&file["name"], &file["shown_as"]), (&json!("my chair.png"), &json!("image/png")));
    let answer = next(&mut page.socket, "message").await;
    assert!(answer["text"].as_str().is_some_and(|text| text.contains("cannot see what is in it")), "{answer}");
    let (status, again) = read(upload(&server, &page.session, "f-1", "my%20chair.png", PNG)).await;
    assert_eq!((status, &again["message"]), (StatusCode::OK, &taken["message"]), "sent again, kept once");

    let url = format!("{}{}", server.base, file["url"].as_str().expect("an address"));
    let seen = server.http.get(&url).send().await.expect("an answer");
    assert_eq!(seen.headers()["cross-origin-resource-policy"], "cross-origin");
    assert_eq!(seen.bytes().await.expect("bytes"), PNG);
    let (_, found) = server.admin(Method::GET, "/api/v1/conversations", None).await;
    let customer = found["items"][0]["customer"]["id"].as_str().expect("a customer").to_owned();
    let (_, timeline) = server.admin(Method::GET, &format!("/api/v1/customers/{customer}/timeline"), None).await;
    let files: Vec<&Value> =
        timeline["items"].as_array().expect("a list").iter().flat_map(|item| item["attachments"].as_array()).flatten().collect();
    assert_eq!(files.len(), 1, "{timeline}");
    assert_eq!((&files[0]["kind"], &files[0]["state"]), (&json!("image"), &json!("kept")));
    assert!(!timeline.to_string().contains("/files/"), "what opens it for the visitor is not the team's");

    let mut back = Page::at(&server, json!(page.session), "https://shop.example/").await;
    assert_eq!(next(&mut back.socket, "message").await["files"], shown["files"], "and it is there after a reload");
    assert!(server.admin(Method::DELETE, &format!("/api/v1/customers/{customer}?now=true"), None).await.0.is_success());
    assert_eq!(server.http.get(&url).send().await.expect("an answer").status(), StatusCode::NOT_FOUND, "it goes with its person");
}

#[tokio::test]
async fn words_and_a_file_in_one_breath_are_both_answered() {
    let server = Server::start().await;
    // The customer's own program sends both at once; a page sends one after the other.
    let attached = json!([{ "base64": STANDARD.encode(b"%PDF-1.4 offer"), "name": "offer.pdf" }]);
    let body = json!({ "connection": "form", "id": "m-1", "text": "Hello, are you a bot?", "from": { "external_id": "u-1" }, "attachments": attached });
    let (status, taken) = read(form(&server, "m-1", &body)).await;
    assert!(status.is_success(), "{taken}");
    let heard = format!("/api/v1/messages?conversation={}", taken["conversation"].as_str().expect("an id"));
    let said = until(&server, &heard, |found| found["items"].as_array().is_some_and(|items| !items.is_empty())).await;
    let text = said["items"][0]["text"].as_str().expect("a text");
    assert!(text.contains("AI assistant") && text.contains("cannot see what is in the file"), "{text}");
}

#[tokio::test]
async fn a_file_that_is_not_taken_is_refused_with_the_reason_and_leaves_nothing() {
    let server = Server::start().await;
    let page = Page::open(&server).await;
    let elsewhere = server.http.post(format!("{}/widget/wa/files", server.base)).header(header::ORIGIN, SHOP);
    let elsewhere = elsewhere.bearer_auth(&page.session).header("x-file-id", "f").body(PNG);
    let foreign = server.http.post(format!("{}/widget/web/files", server.base)).header(header::ORIGIN, "https://evil.example");
    let foreign = foreign.bearer_auth(&page.session).header("x-file-id", "f").body(PNG);
    let without =
        server.http.post(format!("{}/widget/web/files", server.base)).bearer_auth(&page.session).header("x-file-id", "f").body(PNG);
    let large = vec![0x89; domain::attachment::LARGEST + 1];
    for (case, request, status, code) in [
        ("another website", foreign, StatusCode::FORBIDDEN, "forbidden"),
        ("no website", without, StatusCode::FORBIDDEN, "forbidden"),
        ("a made-up session", upload(&server, "AAAAAAAAAAAAAAAAAAAAAA", "f-1", "a.png", PNG), StatusCode::UNAUTHORIZED, "unauthorized"),
        ("another kind of door", elsewhere, StatusCode::NOT_FOUND, "not_found"),
        ("no id", upload(&server, &page.session, "", "a.png", PNG), StatusCode::BAD_REQUEST, "bad_request"),
        ("a page", upload(&server, &page.session, "f-2", "a.html", b"<script>alert(1)</script>"), StatusCode::UNPROCESSABLE_ENTITY, "kind"),
        ("a program", upload(&server, &page.session, "f-3", "a.txt", b"MZ\x90"), StatusCode::UNPROCESSABLE_ENTITY, "kind"),
        ("nothing", upload(&server, &page.session, "f-4", "a.png", b""), StatusCode::UNPROCESSABLE_ENTITY, "empty"),
        ("too much", upload(&server, &page.session, "f-5", "a.png", &large), StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
    ] {
        let (got, problem) = read(request).await;
        assert_eq!((got, &problem["code"]), (status, &json!(code)), "{case}: {problem}");
    }
    let (_, ledger) = server.admin(Method::GET, "/api/v1/ledger", None).await;
    assert_eq!(ledger["accepted"], 0);
    // Whoever floods is told to wait, and the session of somebody else is no way around it.
    let mut last = StatusCode::OK;
    for number in 0..20 {
        last = read(upload(&server, &page.session, &format!("n-{number}"), "a.png", PNG)).await.0;
        if last == StatusCode::TOO_MANY_REQUESTS {
            break;
        }
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    let other = Page::open(&server).await;
    assert_eq!(read(upload(&server, &other.session, "f-1", "a.png", PNG)).await.0, StatusCode::OK);
}

#[tokio::test]
async fn the_browser_of_an_allowed_page_may_send_a_file_and_no_others() {
    let server = Server::start().await;
    let ask = async |origin: &str| {
        let request = server.http.request(Method::OPTIONS, format!("{}/widget/web/files", server.base)).header(header::ORIGIN, origin);
        let answer = request.header("access-control-request-method", "POST").send().await.expect("an answer");
        answer.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN).and_then(|value| value.to_str().ok()).map(str::to_owned)
    };
    assert_eq!(ask(SHOP).await.as_deref(), Some(SHOP));
    assert_eq!(ask("https://evil.example").await, None);
    assert_eq!(ask("null").await, None);
    let own = server.base.clone();
    assert_eq!(ask(&own).await, Some(own), "the console shows the chat before any page may open it");
}

#[tokio::test]
async fn another_conversation_begins_beside_the_one_that_goes_on() {
    let server = Server::start().await;
    let mut page = Page::open(&server).await;
    let parcel = page.say("m-1", "Where is my parcel?", Value::Null).await;
    assert_eq!(page.say("m-2", "It has been a week.", Value::Null).await, parcel);
    let chairs = page.say("m-3", "Which chairs do you sell?", json!("another")).await;
    assert_ne!(chairs, parcel);
    assert_eq!(page.say("m-3", "Which chairs do you sell?", json!("another")).await, chairs, "sent again, begun once");
    assert_eq!(page.say("m-4", "Six of them.", Value::Null).await, chairs, "what is said goes on with the newest");
    assert_eq!(page.say("m-5", "Any news of it?", json!(parcel)).await, parcel, "or with the one that is named");
    // Somebody else's conversation is no place to speak in.
    let mut other = Page::open(&server).await;
    let own = other.say("m-1", "Hello", json!(parcel)).await;
    assert!(own != parcel && own != chairs);
    assert_eq!(other.say("m-2", "Hello again", json!("cnv_nonsense")).await, own);
    let (_, found) = server.admin(Method::GET, "/api/v1/conversations", None).await;
    assert_eq!(found["items"].as_array().map(Vec::len), Some(3), "{found}");
}

#[tokio::test]
async fn a_page_is_told_which_of_its_conversations_have_ended() {
    let server = Server::start().await;
    let mut page = Page::open(&server).await;
    let first = page.say("m-1", "Hello, are you a bot?", Value::Null).await;
    until(&server, "/api/v1/ledger", |ledger| ledger["counts"]["open"] == 0).await;
    let (status, _) = server.admin(Method::POST, &format!("/api/v1/conversations/{first}/resolve"), Some(&json!({}))).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(next(&mut page.socket, "resolved").await["conversation"], first.as_str());
    let mut back = Page::at(&server, json!(page.session), "https://shop.example/").await;
    assert_eq!(next(&mut back.socket, "message").await["conversation"], first.as_str());
    assert_eq!(next(&mut back.socket, "resolved").await["conversation"], first.as_str(), "also a page that comes later");
    let next_one = page.say("m-2", "One more thing", json!(first)).await;
    assert_ne!(next_one, first, "what has ended is over");
}

#[tokio::test]
async fn the_first_words_are_the_owners_for_this_page_and_say_when_people_answer() {
    let server = Server::start_with(
        "[[connections]]\nid = \"words\"\nchannel = \"widget\"\nallowed_origins = [\"https://shop.example\"]\ngreeting = \"Hello there.\"\n\
         greetings = { \"/pricing\" = \"Shall we compare plans?\" }\n",
    )
    .await;
    let words = async |url: &str| {
        let address = format!("{}/widget/words/socket", server.base.replace("http:", "ws:"));
        let mut request = tokio_tungstenite::tungstenite::client::IntoClientRequest::into_client_request(address).expect("an address");
        request.headers_mut().insert("origin", SHOP.parse().expect("a header"));
        let (mut socket, _) = tokio_tungstenite::connect_async(request).await.expect("a socket");
        send(&mut socket, json!({ "type": "hello", "session": null, "last_seq": 0, "page": { "url": url } })).await;
        next(&mut socket, "welcome").await
    };
    assert_eq!(words("https://shop.example/pricing?x=1").await["greeting"], "Shall we compare plans?");
    assert_eq!(words("https://shop.example/about").await["greeting"], "Hello there.");
    let page = Page::open(&server).await;
    assert!(page.welcome["greeting"].as_str().is_some_and(|text| !text.is_empty()));
    let settings = &page.welcome["settings"];
    assert_eq!((&settings["open_now"], &settings["person_within_s"]), (&json!(true), &json!(1_800)), "what an escalation promises");
    assert!(settings["person_by"].as_str().is_some_and(|by| by.ends_with('Z')), "{settings}");
}

#[tokio::test]
async fn an_answer_from_a_row_with_an_address_comes_with_its_card_and_elsewhere_with_the_address() {
    let folder = tempfile::tempdir().expect("a folder");
    let table = "# Chairs\n\n| Model | Price | Seat height | Picture | Page |\n|---|---|---|---|---|\n\
                 | Contour 2 | 449 EUR | 41-54 cm | https://shop.example/c2.jpg | https://shop.example/c2 |\n\
                 | Atlas | 689 EUR | 44-60 cm | https://shop.example/atlas.jpg | https://shop.example/atlas |\n";
    std::fs::write(folder.path().join("chairs.md"), table).expect("a file");
    let server = Server::start_with(&format!("[[knowledge]]\nid = \"shop\"\npath = \"{}\"\n", folder.path().display())).await;
    server.app.synced.subscribe().wait_for(|done| *done).await.expect("the sources");
    let mut page = Page::open(&server).await;
    page.say("m-1", "How much is the Contour 2?", Value::Null).await;
    let answer = next(&mut page.socket, "message").await;
    let card = json!({
        "title": "Contour 2",
        "text": "Price: 449 EUR, Seat height: 41-54 cm",
        "picture": "https://shop.example/c2.jpg",
        "url": "https://shop.example/c2",
    });
    assert_eq!(answer["cards"], json!([card]), "{answer}");
    let body = json!({ "connection": "form", "id": "m-1", "text": "How much is the Contour 2?", "from": { "external_id": "u-1" } });
    let (_, taken) = read(form(&server, "m-1", &body)).await;
    let heard = format!("/api/v1/messages?conversation={}", taken["conversation"].as_str().expect("an id"));
    let said = until(&server, &heard, |found| found["items"].as_array().is_some_and(|items| !items.is_empty())).await;
    let text = said["items"][0]["text"].as_str().expect("a text");
    assert!(text.contains("449 EUR") && text.ends_with("https://shop.example/c2"), "{text}");
}

#[tokio::test]
async fn one_address_does_not_take_the_places_of_everybody_elses_files() {
    let server = Server::start().await;
    let page = Page::open(&server).await;
    let host = server.base.trim_start_matches("http://").to_owned();
    let mut stalled = Vec::new();
    for number in 0..9 {
        let mut line = TcpStream::connect(&host).await.expect("a line");
        let head = format!(
            "POST /widget/web/files HTTP/1.1\r\nhost: {host}\r\norigin: {SHOP}\r\nauthorization: Bearer {}\r\nx-file-id: f-{number}\r\ncontent-length: 100\r\n\r\n",
            page.session
        );
        line.write_all(head.as_bytes()).await.expect("a head");
        stalled.push(line);
    }
    // Eight wait for the rest of their file; whichever came last is told to try again.
    let answers = stalled.iter_mut().map(|line| {
        Box::pin(async {
            let mut begin = [0_u8; 12];
            line.read_exact(&mut begin).await.expect("an answer");
            String::from_utf8_lossy(&begin).into_owned()
        })
    });
    let (first, ..) = futures::future::select_all(answers).await;
    assert_eq!(first, "HTTP/1.1 429");
    drop(stalled);
    until_taken(&server, &page.session).await;
}

/// Whoever has hung up holds no place: a file is taken again.
async fn until_taken(server: &Server, session: &str) {
    for number in 0..10 {
        let (status, _) = read(upload(server, session, &format!("g-{number}"), "a.png", PNG)).await;
        if status == StatusCode::OK {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("the places are not given back");
}
