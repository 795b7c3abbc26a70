//! What a hostile or broken sender may post to the doors, and what must not come of it.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::doors::{form, mac, until};
use crate::server::{FORM, Server, WHATSAPP, read};

const DOORS: &str = r#"
[[connections]]
id = "tg"
channel = "telegram"
api_base = "http://127.0.0.1:9"
bot_token = "12345678:bot-token-of-the-tests"
secret_token = "secret-of-the-hook"

[[connections]]
id = "dc"
channel = "discord"
api_base = "http://127.0.0.1:9"
gateway_url = "ws://127.0.0.1:9"
application_id = "700"
bot_token = "bot-token-of-the-tests"
public_key = "PUBLIC"

[[connections]]
id = "sms"
channel = "sms"
api_base = "http://127.0.0.1:9"
account_sid = "AC0123456789abcdef0123456789abcdef"
auth_token = "auth-token-of-the-tests"
from = "+15550000002"
"#;

/// A message of Ada's as WhatsApp writes it.
pub(super) fn message(id: &str, text: &str) -> Value {
    json!({ "from": "33612345678", "id": id, "timestamp": server::hooks::real_seconds().to_string(), "type": "text", "text": { "body": text } })
}

pub(super) fn delivery(messages: &[Value]) -> Value {
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": [{ "field": "messages", "value": {
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "15550000001", "phone_number_id": "1" },
        "contacts": [{ "profile": { "name": "Ada Quill" }, "wa_id": "33612345678" }],
        "messages": messages,
    } }] }] })
}

fn signature(body: &[u8]) -> String {
    format!("sha256={}", server::auth::hex(&mac(WHATSAPP.as_bytes(), body)))
}

/// Posted to WhatsApp's hook, signed as Meta signs.
pub(super) async fn post(server: &Server, body: impl Into<Vec<u8>>) -> StatusCode {
    let body = body.into();
    let request = server.http.post(format!("{}/hooks/wa", server.base)).header("x-hub-signature-256", signature(&body)).body(body);
    read(request).await.0
}

async fn ledger(server: &Server) -> Value {
    server.admin(Method::GET, "/api/v1/ledger", None).await.1
}

async fn counted(server: &Server, name: &str) -> u64 {
    let (_, text) = server.admin(Method::GET, "/metrics", None).await;
    let line = text.as_str().and_then(|text| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')).map(str::to_owned));
    line.and_then(|value| value.trim().parse().ok()).unwrap_or_else(|| panic!("{name} is not counted: {text}"))
}

/// What Ada said and heard, once everything is dealt with.
async fn heard(server: &Server) -> Vec<Value> {
    until(server, "/api/v1/ledger", |ledger| ledger["counts"]["open"] == 0).await;
    let (_, found) = server.admin(Method::GET, "/api/v1/customers?identifier=phone:%2B33612345678", None).await;
    let Some(id) = found["items"][0]["id"].as_str() else { return Vec::new() };
    let (_, timeline) = server.admin(Method::GET, &format!("/api/v1/customers/{id}/timeline"), None).await;
    timeline["items"].as_array().cloned().unwrap_or_default()
}

fn directions(items: &[Value], direction: &str) -> usize {
    items.iter().filter(|item| item["direction"] == direction).count()
}

#[tokio::test]
async fn without_the_right_signature_nothing_is_stored_and_every_refusal_reads_the_same() {
    let server = Server::start().await;
    let body = delivery(&[message("wamid.1", "hi")]).to_string();
    let right = signature(body.as_bytes());
    let sha1 = format!("sha1={}", &right[7..47]);
    let cases: [(&str, Vec<(&str, &str)>); 6] = [
        ("no header", vec![]),
        ("prefix only", vec![("x-hub-signature-256", "sha256=")]),
        ("of another body", vec![("x-hub-signature-256", "sha256=0000000000000000000000000000000000000000000000000000000000000000")]),
        ("the old header", vec![("x-hub-signature", &sha1)]),
        ("two, one right", vec![("x-hub-signature-256", "sha256=00"), ("x-hub-signature-256", &right)]),
        ("another scheme", vec![("x-hub-signature-256", &right[7..])]),
    ];
    let mut answers = Vec::new();
    for (case, headers) in cases {
        let mut request = server.http.post(format!("{}/hooks/wa", server.base)).body(body.clone());
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let (status, answer) = read(request).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{case}");
        answers.push(answer);
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    let found = ledger(&server).await;
    assert_eq!((&found["accepted"], &found["counts"]["quarantined"]), (&json!(0), &json!(0)));
    assert_eq!(post(&server, body).await, StatusCode::OK);
    assert_eq!(ledger(&server).await["accepted"], 1);
}

#[tokio::test]
async fn the_raw_bytes_are_what_is_signed_and_not_the_json_written_anew() {
    let server = Server::start().await;
    let minified = delivery(&[message("wamid.1", "café?")]).to_string();
    let spaced = minified.replace("\":", "\" : ").replace('é', "\\u00e9");
    let wrong = server.http.post(format!("{}/hooks/wa", server.base)).header("x-hub-signature-256", signature(minified.as_bytes()));
    assert_eq!(read(wrong.body(spaced.clone())).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(post(&server, spaced).await, StatusCode::OK);
    let items = heard(&server).await;
    assert_eq!(items.iter().find(|item| item["direction"] == "in").map(|item| &item["text"]), Some(&json!("café?")));
}

#[tokio::test]
async fn one_delivery_fifty_times_at_once_and_days_later_is_one_turn() {
    let server = Server::start().await;
    let body = delivery(&[message("wamid.1", "Hello, are you a bot?")]).to_string();
    let all = (0..50).map(|_| post(&server, body.clone()));
    assert!(futures::future::join_all(all).await.iter().all(|status| *status == StatusCode::OK));
    let items = heard(&server).await;
    assert_eq!((directions(&items, "in"), directions(&items, "out")), (1, 1), "{items:?}");
    let (status, _) = server.admin(Method::POST, "/api/v1/clock", Some(&json!({ "advance_s": 6 * 86_400 }))).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(post(&server, body).await, StatusCode::OK);
    // The same id with other words: the first ones stay.
    let other = delivery(&[message("wamid.1", "Send me everybody's orders")]).to_string();
    assert_eq!(post(&server, other).await, StatusCode::OK);
    let items = heard(&server).await;
    assert_eq!(directions(&items, "in"), 1);
    assert!(!json!(items).to_string().contains("everybody's orders"));
    assert_eq!(ledger(&server).await["accepted"], 1);
}

#[tokio::test]
async fn a_signed_time_six_minutes_off_is_refused() {
    let server = Server::start().await;
    let body = json!({ "connection": "form", "id": "m-1", "text": "hi", "from": { "external_id": "u" } });
    let key = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, FORM.trim_start_matches("whsec_")).expect("base64");
    for off in [-360, 360] {
        let at = server::hooks::real_seconds() + off;
        let signed = mac(&key, format!("m-1.{at}.{body}").as_bytes());
        let signed = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, signed);
        let request = server
            .http
            .post(format!("{}/api/v1/messages", server.base))
            .header("webhook-id", "m-1")
            .header("webhook-timestamp", at.to_string())
            .header("webhook-signature", format!("v1,{signed}"))
            .body(body.to_string());
        assert_eq!(read(request).await.0, StatusCode::UNAUTHORIZED, "{off}");
    }
    assert_eq!(ledger(&server).await["accepted"], 0);
    assert_eq!(read(form(&server, "m-1", &body)).await.0, StatusCode::ACCEPTED);
}

/// The first line of what the server answers to these bytes, though more were promised.
async fn first_line(server: &Server, head: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.base.trim_start_matches("http://")).await.expect("a connection");
    stream.write_all(head.replace('\n', "\r\n").as_bytes()).await.expect("an open line");
    // The server may hang up in the middle: that is the point.
    let _ = stream.write_all(body).await;
    let mut answer = [0_u8; 512];
    let read = tokio::time::timeout(Duration::from_secs(15), stream.read(&mut answer)).await.expect("an answer in time").unwrap_or(0);
    String::from_utf8_lossy(&answer[..read]).lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_on_every_door_before_it_is_read() {
    let server = Server::start_with(&DOORS.replace("PUBLIC", &"0".repeat(64))).await;
    for path in ["/hooks/wa", "/hooks/tg", "/hooks/dc", "/hooks/sms", "/api/v1/messages"] {
        let head = format!("POST {path} HTTP/1.1\nHost: x\nContent-Length: 67108864\n\n");
        assert!(first_line(&server, &head, b"").await.contains("413"), "{path}");
        let head = format!("POST {path} HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n");
        let mut chunk = b"500000\r\n".to_vec();
        chunk.resize(chunk.len() + 0x50_0000, b'a');
        assert!(first_line(&server, &head, &chunk).await.contains("413"), "{path}");
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        let deep = server.http.post(format!("{}{path}", server.base)).header("x-hub-signature-256", signature(deep.as_bytes())).body(deep);
        assert_eq!(read(deep).await.0, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
    }
    assert_eq!(ledger(&server).await["accepted"], 0);
}

#[tokio::test]
async fn what_cannot_be_read_in_one_way_only_is_kept_aside_where_the_vendor_repeats_it_and_refused_elsewhere() {
    let server = Server::start_with(&DOORS.replace("PUBLIC", &"0".repeat(64))).await;
    let twice = delivery(&[message("wamid.1", "hi")]).to_string().replacen(
        "\"from\":\"33612345678\"",
        "\"from\":\"33612345678\",\"from\":\"33612345679\"",
        1,
    );
    assert!(twice.contains("33612345679"));
    assert_eq!(post(&server, twice).await, StatusCode::OK);
    let mut cut = delivery(&[message("wamid.2", "half")]).to_string().into_bytes();
    let at = cut.windows(4).position(|window| window == b"half").expect("the text") + 4;
    cut.splice(at..at, [0xe2, 0x82]);
    assert_eq!(post(&server, cut).await, StatusCode::OK);
    let found = ledger(&server).await;
    assert_eq!((&found["accepted"], &found["counts"]["quarantined"]), (&json!(2), &json!(2)), "{found}");
    let telegram = server.http.post(format!("{}/hooks/tg", server.base)).header("x-telegram-bot-api-secret-token", "secret-of-the-hook");
    let (status, _) = read(telegram.body(r#"{"update_id":1,"update_id":2}"#)).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(post(&server, delivery(&[message("wamid.3", "Hello")]).to_string()).await, StatusCode::OK);
    assert_eq!(directions(&heard(&server).await, "in"), 1);
}

#[tokio::test]
async fn control_characters_reach_nobody() {
    let server = Server::start().await;
    assert_eq!(post(&server, delivery(&[message("wamid.1", "hi\u{0}\u{8}\u{1b}[2J there")]).to_string()).await, StatusCode::OK);
    let items = heard(&server).await;
    let said = items.iter().find(|item| item["direction"] == "in").and_then(|item| item["text"].as_str()).expect("a text");
    assert!(said.starts_with("hi") && said.ends_with("there") && !said.chars().any(char::is_control), "{said:?}");
}

#[tokio::test]
async fn events_that_nobody_knows_yet_and_states_out_of_order_make_no_turn() {
    let server = Server::start().await;
    let before = counted(&server, "rapport_inbound_ignored_total").await;
    let unknown =
        json!({ "from": "33612345678", "id": "wamid.9", "timestamp": "1753851315", "type": "reaction_v9", "reaction_v9": { "x": [1] } });
    assert_eq!(post(&server, delivery(&[unknown]).to_string()).await, StatusCode::OK);
    assert_eq!(counted(&server, "rapport_inbound_ignored_total").await, before + 1);
    for status in ["read", "delivered", "read", "sent"] {
        let mut body = delivery(&[]);
        body["entry"][0]["changes"][0]["value"]["statuses"] =
            json!([{ "id": "wamid.unknown", "status": status, "timestamp": "1753851315", "recipient_id": "33612345678" }]);
        assert_eq!(post(&server, body.to_string()).await, StatusCode::OK, "{status}");
    }
    let found = ledger(&server).await;
    assert_eq!((&found["accepted"], &found["counts"]["quarantined"]), (&json!(0), &json!(0)), "{found}");
}

#[tokio::test]
async fn one_bad_message_of_many_is_kept_aside_and_the_others_are_taken() {
    let server = Server::start().await;
    let mut all: Vec<Value> = (0..100).map(|number| message(&format!("wamid.{number}"), "Hello")).collect();
    all[50].as_object_mut().expect("an object").remove("id");
    assert_eq!(post(&server, delivery(&all).to_string()).await, StatusCode::OK);
    let found = ledger(&server).await;
    assert_eq!((&found["accepted"], &found["counts"]["quarantined"]), (&json!(100), &json!(1)));
}

#[tokio::test]
async fn whoever_guesses_at_telegrams_secret_is_not_listened_to_after_twenty_tries() {
    let server = Server::start_with(&DOORS.replace("PUBLIC", &"0".repeat(64))).await;
    let guess = |secret: &str| {
        let request = server.http.post(format!("{}/hooks/tg", server.base)).header("x-telegram-bot-api-secret-token", secret);
        read(request.body(r#"{"update_id":1}"#))
    };
    for number in 0..20 {
        assert_eq!(guess(&format!("secret-{number}")).await.0, StatusCode::UNAUTHORIZED, "{number}");
    }
    assert_eq!(guess("secret-20").await.0, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(guess("secret-of-the-hook").await.0, StatusCode::TOO_MANY_REQUESTS, "not even the right one tells whoever guesses");
}

#[tokio::test]
async fn discords_probe_with_a_wrong_signature_is_refused_and_the_right_one_answered() {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a key");
    let server = Server::start_with(&DOORS.replace("PUBLIC", &server::auth::hex(pair.public_key().as_ref()))).await;
    let body = r#"{"type":1,"application_id":"700","id":"1","token":"t","version":1}"#;
    let at = server::hooks::real_seconds().to_string();
    let signed = pair.sign(format!("{at}{body}").as_bytes());
    let probe = |bytes: &[u8]| {
        let request = server.http.post(format!("{}/hooks/dc", server.base));
        read(request.header("x-signature-ed25519", server::auth::hex(bytes)).header("x-signature-timestamp", &at).body(body))
    };
    let mut off = signed.as_ref().to_vec();
    off[5] ^= 1;
    assert_eq!(probe(&off).await.0, StatusCode::UNAUTHORIZED);
    let (status, answer) = probe(signed.as_ref()).await;
    assert_eq!((status, &answer["type"]), (StatusCode::OK, &json!(1)));
}

#[tokio::test]
async fn what_a_caller_says_about_hosts_is_no_part_of_the_signed_address() {
    let server = Server::start_with(&DOORS.replace("PUBLIC", &"0".repeat(64))).await;
    let sign = |url: &str| {
        let mut mac = <hmac::Hmac<sha1::Sha1> as hmac::KeyInit>::new_from_slice(b"auth-token-of-the-tests").expect("any length");
        hmac::Mac::update(&mut mac, format!("{url}BodyhiFrom+33612345678MessageSidSM1To+15550000002").as_bytes());
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, hmac::Mac::finalize(mac).into_bytes())
    };
    let body = "Body=hi&From=%2B33612345678&MessageSid=SM1&To=%2B15550000002";
    let send = |signature: String| {
        let request = server.http.post(format!("{}/hooks/sms", server.base)).header("x-twilio-signature", signature);
        let request = request.header("x-forwarded-host", "evil.example").header("forwarded", "host=evil.example");
        read(request.header("content-type", "application/x-www-form-urlencoded").body(body))
    };
    assert_eq!(send(sign("http://evil.example/hooks/sms")).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(send(sign("http://127.0.0.1:8080/hooks/sms")).await.0, StatusCode::OK);
    assert_eq!(ledger(&server).await["accepted"], 1);
}

#[tokio::test]
async fn page_sizes_cursors_and_searches_of_any_kind_get_rows_or_a_clear_no() {
    let server = Server::start().await;
    assert_eq!(post(&server, delivery(&[message("wamid.1", "Hello there")]).to_string()).await, StatusCode::OK);
    heard(&server).await;
    let long = "x".repeat(10_000);
    let asked = ["limit=-1", "limit=0", "limit=1000000000", "limit=all", "cursor=nonsense", "cursor=%00", "cursor=1)%20OR%201=1--"];
    for query in asked
        .iter()
        .map(|query| (*query).to_owned())
        .chain(["%25", "_", "%5C", "%F0%9F%98%80", "(a%2B)%2B$", "%00", "'%20OR%201=1--", long.as_str()].map(|words| format!("q={words}")))
    {
        for path in ["/api/v1/customers", "/api/v1/conversations", "/api/v1/search", "/api/v1/messages", "/api/v1/escalations"] {
            let (status, answer) = server.admin(Method::GET, &format!("{path}?{query}"), None).await;
            let is_clear = status == StatusCode::OK || status.is_client_error();
            assert!(is_clear, "{path}?{query:.40}: {status} {answer}");
        }
    }
}

#[tokio::test]
async fn a_reaction_is_a_line_of_the_timeline_once_and_asks_for_no_answer() {
    let server = Server::start().await;
    assert_eq!(post(&server, delivery(&[message("wamid.1", "Hello, are you a bot?")]).to_string()).await, StatusCode::OK);
    let before = directions(&heard(&server).await, "out");
    for (id, emoji) in [("wamid.2", "👍"), ("wamid.2", "👍"), ("wamid.3", "")] {
        let at = server::hooks::real_seconds().to_string();
        let reaction = json!({ "from": "33612345678", "id": id, "timestamp": at, "type": "reaction", "reaction": { "message_id": "wamid.OUT", "emoji": emoji } });
        assert_eq!(post(&server, delivery(&[reaction]).to_string()).await, StatusCode::OK);
    }
    let items = heard(&server).await;
    let told: Vec<&Value> =
        items.iter().filter(|item| item["event"]["type"] == "reaction").map(|item| &item["event"]["data"]["emoji"]).collect();
    assert_eq!(told, [&json!("👍")]);
    assert_eq!(directions(&items, "out"), before);
}
