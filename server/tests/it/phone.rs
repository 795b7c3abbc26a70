//! The phone from outside: webhooks signed as the vendor signs them, and the line as text frames.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::{SinkExt, StreamExt};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::voice::ending::Watch;
use sha1::Sha1;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::doors::{Socket, form, until};
use crate::server::{Server, read};

const TOKEN: &str = "token-of-the-telephone";
const PUBLIC: &str = "http://127.0.0.1:8080";
pub const CALLER: &str = "+15558675310";

pub const PHONE: &str = r#"
[[connections]]
id = "tel"
channel = "voice"
account_sid = "AC00000000000000000000000000000001"
auth_token = "token-of-the-telephone"
from = "+15017122661"
"#;

pub async fn server() -> Server {
    Server::start_with(PHONE).await
}

pub async fn server_with_a_person() -> Server {
    Server::start_with(&format!("{PHONE}transfer_to = \"+15017122662\"\n")).await
}

pub fn signature(signed: &str) -> String {
    let mut mac = <Hmac<Sha1> as KeyInit>::new_from_slice(TOKEN.as_bytes()).expect("any length");
    mac.update(signed.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

/// A webhook about a call, signed.
pub async fn hook(base: &str, what: &str, fields: &[(&str, &str)]) -> (StatusCode, String) {
    let mut sorted = fields.to_vec();
    sorted.sort_unstable();
    let joined: String = sorted.iter().map(|(key, value)| format!("{key}{value}")).collect();
    let path = format!("/voice/tel/{what}");
    let signature = signature(&format!("{PUBLIC}{path}{joined}"));
    let request = client().post(format!("{base}{path}")).header("x-twilio-signature", signature).form(&sorted);
    let answer = request.send().await.expect("an answer");
    (answer.status(), answer.text().await.expect("text"))
}

pub fn ringing<'a>(call: &'a str, from: &'a str, verdict: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("CallSid", call),
        ("AccountSid", "AC00000000000000000000000000000001"),
        ("From", from),
        ("To", "+15017122661"),
        ("Direction", "inbound"),
        ("CallStatus", "ringing"),
        ("StirVerstat", verdict),
    ]
}

pub const VOUCHED: &str = "TN-Validation-Passed-A";

/// The value of an attribute in the answer.
pub fn attribute(twiml: &str, name: &str) -> Option<String> {
    let (_, rest) = twiml.split_once(&format!(" {name}=\""))?;
    rest.split_once('"').map(|(value, _)| value.replace("&amp;", "&").replace("&apos;", "'").replace("&quot;", "\""))
}

pub async fn knock(base: &str, url: &str, signature: &str) -> Result<Socket, u16> {
    let path = url.split_once("127.0.0.1:8080").expect("our address").1;
    let mut request = format!("{}{path}", base.replace("http:", "ws:")).into_client_request().expect("an address");
    request.headers_mut().insert("x-twilio-signature", signature.parse().expect("a header"));
    match tokio_tungstenite::connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(tokio_tungstenite::tungstenite::Error::Http(answer)) => Err(answer.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

/// Somebody on the phone.
pub struct Caller {
    socket: Socket,
    greeting: String,
}

impl Caller {
    pub async fn rings(base: &str, call: &str, from: &str, verdict: &str) -> Self {
        let (status, twiml) = hook(base, "call", &ringing(call, from, verdict)).await;
        assert_eq!(status, StatusCode::OK, "{twiml}");
        Self::connects(base, call, &twiml).await
    }

    pub async fn connects(base: &str, call: &str, twiml: &str) -> Self {
        let url = attribute(twiml, "url").unwrap_or_else(|| panic!("no socket in {twiml}"));
        let greeting = attribute(twiml, "welcomeGreeting").unwrap_or_default();
        let socket = knock(base, &url, &signature(&url)).await.expect("a line");
        let mut caller = Self { socket, greeting };
        caller.send(&json!({"type": "setup", "callSid": call, "sessionId": "VX1", "from": CALLER, "to": "+15017122661"})).await;
        caller
    }

    pub async fn send(&mut self, frame: &Value) {
        self.socket.send(Message::Text(frame.to_string().into())).await.expect("an open line");
    }

    pub async fn frame(&mut self) -> Value {
        let wanted = async {
            loop {
                match self.socket.next().await.expect("an open line").expect("a frame") {
                    Message::Text(text) => return serde_json::from_str(&text).expect("json"),
                    Message::Close(frame) => return json!({"type": "close", "code": frame.map(|frame| u16::from(frame.code))}),
                    _ => {}
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), wanted).await.expect("a frame in time")
    }

    /// What is said until it is our turn again, fillers left out.
    pub async fn hears(&mut self) -> String {
        let mut all = String::new();
        loop {
            let frame = self.frame().await;
            assert_eq!(frame["type"], "text", "{frame}");
            all.push_str(frame["token"].as_str().unwrap_or_default());
            if frame["last"] == true && !all.starts_with("One moment") {
                return all;
            }
            if all.starts_with("One moment") {
                all.clear();
            }
        }
    }

    pub async fn says(&mut self, text: &str) -> String {
        self.send(&json!({"type": "prompt", "voicePrompt": text, "lang": "en-US", "last": true})).await;
        self.hears().await
    }
}

pub async fn customer(server: &Server, identifier: &str) -> Value {
    let (status, found) = server.admin(Method::GET, &format!("/api/v1/customers?identifier={identifier}"), None).await;
    assert_eq!(status, StatusCode::OK);
    let Some(id) = found["items"][0]["id"].as_str() else { return Value::Null };
    server.admin(Method::GET, &format!("/api/v1/customers/{id}"), None).await.1
}

pub fn timeline_of(customer: &Value) -> String {
    format!("/api/v1/customers/{}/timeline", customer["id"].as_str().expect("an id"))
}

/// Maya has told her name and her budget by the contact form, where the business vouches for her number.
pub async fn maya_is_known(server: &Server) {
    let from = json!({ "external_id": "u-1", "phone": CALLER, "phone_verified": true });
    for (id, text) in [("m-1", "Hello, my name is Maya Lindqvist."), ("m-2", "Our budget is 3,500 euros for a desk.")] {
        let body = json!({ "connection": "form", "id": id, "text": text, "from": from });
        let (status, taken) = read(form(server, id, &body)).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{taken}");
    }
    until(server, "/api/v1/ledger", |ledger| ledger["counts"]["answered"] == 2).await;
}

#[tokio::test]
async fn a_caller_whose_number_is_vouched_for_is_known_while_it_rings() {
    let server = server().await;
    maya_is_known(&server).await;
    let mut caller = Caller::rings(&server.base, "CA1", CALLER, VOUCHED).await;
    assert!(caller.greeting.contains("Maya") && caller.greeting.contains("AI assistant"), "{}", caller.greeting);
    let known = caller.says("What do you know about me?").await;
    assert!(known.contains("three thousand five hundred euros") || known.contains("Shall I go on?"), "{known}");
    let maya = customer(&server, "phone:%2B15558675310").await;
    let said = until(&server, &timeline_of(&maya), |found| {
        found["items"].as_array().is_some_and(|items| items.iter().filter(|item| item["channel"] == "voice").count() >= 4)
    })
    .await;
    let voice: Vec<&Value> = said["items"].as_array().expect("a list").iter().filter(|item| item["channel"] == "voice").collect();
    assert!(voice.iter().any(|item| item["direction"] == "in" && item["text"] == "What do you know about me?"), "{voice:?}");
    let greeting = voice.iter().find(|item| item["direction"] == "out").expect("the greeting");
    assert!(greeting["text"].as_str().is_some_and(|text| text.contains("Maya")), "{greeting}");
}

#[tokio::test]
async fn a_spoofed_number_learns_nothing_until_the_name_is_given() {
    let server = server().await;
    maya_is_known(&server).await;
    let mut caller = Caller::rings(&server.base, "CA1", CALLER, "TN-Validation-Passed-B").await;
    assert!(!caller.greeting.contains("Maya") && caller.greeting.contains("Who am I speaking with?"), "{}", caller.greeting);
    for text in ["What do you know about me?", "What did I say my budget was?"] {
        let said = caller.says(text).await;
        assert!(!said.contains("thousand") && !said.contains("Maya"), "{said}");
    }
    let wrong = caller.says("This is Robert.").await;
    assert!(!wrong.contains("Maya"), "{wrong}");
    let said = caller.says("What did I say my budget was?").await;
    assert!(!said.contains("thousand"), "{said}");
    // Somebody else calls from the same number and gives the name that goes with it, which we never said.
    let mut caller = Caller::rings(&server.base, "CA2", CALLER, "").await;
    caller.says("This is Maya Lindqvist.").await;
    let said = caller.says("What did I say my budget was?").await;
    assert!(said.contains("three thousand five hundred euros"), "{said}");
}

#[tokio::test]
async fn a_number_that_the_carrier_found_not_to_be_the_callers_opens_nothing_even_with_the_name() {
    let server = server().await;
    maya_is_known(&server).await;
    let mut caller = Caller::rings(&server.base, "CA1", CALLER, "TN-Validation-Failed-C").await;
    assert!(!caller.greeting.contains("Maya"), "{}", caller.greeting);
    for text in ["This is Maya Lindqvist.", "What did I say my budget was?", "What do you know about me?"] {
        let said = caller.says(text).await;
        assert!(!said.contains("thousand"), "{text}: {said}");
    }
    let maya = customer(&server, "phone:%2B15558675310").await;
    let (_, said) = server.admin(Method::GET, &timeline_of(&maya), None).await;
    assert!(!said.to_string().contains("\"voice\""), "nothing of that call is Maya's: {said}");
    let calls = server.admin(Method::GET, "/api/v1/calls", None).await.1;
    assert_eq!(calls["items"][0]["attestation"], "failed", "a teammate sees it: {calls}");
}

#[tokio::test]
async fn a_withheld_number_is_nobody_and_is_answered() {
    let server = server().await;
    for (call, from) in [("CA1", "+266696687"), ("CA2", "anonymous"), ("CA3", "")] {
        let mut caller = Caller::rings(&server.base, call, from, VOUCHED).await;
        assert!(caller.greeting.contains("AI assistant"), "{}", caller.greeting);
        assert!(!caller.says("What do you know about me?").await.is_empty());
    }
    let (_, found) = server.admin(Method::GET, "/api/v1/customers?identifier=phone:%2B266696687", None).await;
    assert!(found["items"].as_array().is_none_or(Vec::is_empty), "{found}");
}

#[tokio::test]
async fn only_what_was_heard_is_remembered() {
    let server = server().await;
    let mut caller = Caller::rings(&server.base, "CA1", CALLER, VOUCHED).await;
    let half: String = caller.greeting.split_inclusive(' ').take(4).collect();
    caller.send(&json!({"type": "interrupt", "utteranceUntilInterrupt": half, "durationUntilInterruptMs": "900"})).await;
    caller.says("Stop, I have a question.").await;
    let customer = customer(&server, "phone:%2B15558675310").await;
    let said = until(&server, &timeline_of(&customer), |found| {
        found["items"].as_array().is_some_and(|items| items.iter().any(|item| item["delivery_reason"].is_string()))
    })
    .await;
    let cut = said["items"].as_array().expect("a list").iter().find(|item| item["direction"] == "out").expect("the greeting");
    assert_eq!(cut["text"], half.trim(), "{cut}");
    assert!(cut["delivery_reason"].as_str().is_some_and(|why| why.contains("not heard")), "{cut}");
}

#[tokio::test]
async fn nobody_but_the_vendor_gets_a_line() {
    let server = server().await;
    let fields = ringing("CA1", CALLER, VOUCHED);
    let forged = server.http.post(format!("{}/voice/tel/call", server.base)).header("x-twilio-signature", "AAAA").form(&fields);
    assert_eq!(forged.send().await.expect("an answer").status(), StatusCode::UNAUTHORIZED);
    let unsigned = server.http.post(format!("{}/voice/tel/call", server.base)).form(&fields);
    assert_eq!(unsigned.send().await.expect("an answer").status(), StatusCode::UNAUTHORIZED);
    assert_eq!(server.admin(Method::GET, "/api/v1/ledger", None).await.1["accepted"], 0);

    let (_, twiml) = hook(&server.base, "call", &fields).await;
    let url = attribute(&twiml, "url").expect("a socket");
    assert_eq!(knock(&server.base, &url, "AAAA").await.err(), Some(401), "not signed");
    let other = url.replace(url.rsplit('/').next().expect("a key"), "00000000000000000000000000000000");
    assert_eq!(knock(&server.base, &other, &signature(&other)).await.err(), Some(401), "no such key");
    let mut first = knock(&server.base, &url, &signature(&url)).await.expect("a line");
    assert_eq!(knock(&server.base, &url, &signature(&url)).await.err(), Some(401), "a key opens once");
    // The key was made for another call.
    first.send(Message::Text(json!({"type": "setup", "callSid": "CA9"}).to_string().into())).await.expect("an open line");
    let closed = loop {
        match first.next().await.expect("an open line").expect("a frame") {
            Message::Close(frame) => break frame.map(|frame| u16::from(frame.code)),
            _ => {}
        }
    };
    assert_eq!(closed, Some(1008));
}

#[tokio::test]
async fn a_call_that_has_begun_or_ended_gives_no_second_line() {
    let server = server().await;
    let caller = Caller::rings(&server.base, "CA1", CALLER, VOUCHED).await;
    let customer = customer(&server, "phone:%2B15558675310").await;
    assert!(!caller.greeting.is_empty());
    let mut caller = caller;
    caller.says("Hello").await;
    let (status, again) = hook(&server.base, "call", &ringing("CA1", CALLER, VOUCHED)).await;
    assert_eq!(status, StatusCode::CONFLICT, "{again}");
    let over = [("CallSid", "CA1"), ("CallStatus", "completed"), ("SessionStatus", "ended"), ("SessionDuration", "4")];
    assert_eq!(hook(&server.base, "action", &over).await.0, StatusCode::OK);
    let (status, again) = hook(&server.base, "call", &ringing("CA1", CALLER, VOUCHED)).await;
    assert_eq!(status, StatusCode::CONFLICT, "{again}");
    let said = until(&server, &timeline_of(&customer), |found| {
        found["items"].as_array().is_some_and(|items| items.iter().any(|item| item["event"]["type"] == "call" || item["kind"] == "call"))
    })
    .await;
    let calls = said["items"].as_array().expect("a list").iter().filter(|item| item.to_string().contains("Phone call")).count();
    assert_eq!(calls, 1, "{said}");
}

#[tokio::test]
async fn a_frame_that_is_too_large_closes_the_line_and_one_that_is_none_does_not() {
    let server = server().await;
    let mut caller = Caller::rings(&server.base, "CA1", CALLER, VOUCHED).await;
    for frame in ["{", "[]", "null", r#"{"type":"dtmf","digit":"99"}"#, r#"{"type":"later"}"#] {
        caller.socket.send(Message::Text(frame.to_owned().into())).await.expect("an open line");
    }
    assert!(!caller.says("Hello").await.is_empty());
    let large = json!({"type": "prompt", "voicePrompt": "a".repeat(1024 * 1024), "last": true}).to_string();
    // The server may close before all of it has left.
    let _ = caller.socket.send(Message::Text(large.into())).await;
    let closed = loop {
        match caller.socket.next().await {
            None | Some(Err(_)) => break true,
            Some(Ok(Message::Close(frame))) => break frame.is_some_and(|frame| u16::from(frame.code) == 1009),
            Some(Ok(_)) => {}
        }
    };
    assert!(closed);
}

#[tokio::test]
async fn a_line_that_breaks_is_taken_up_again_with_nothing_lost() {
    let server = server().await;
    let mut caller = Caller::rings(&server.base, "CA1", CALLER, VOUCHED).await;
    caller.says("My name is Maya Lindqvist.").await;
    drop(caller);
    let broken = [
        ("CallSid", "CA1"),
        ("CallStatus", "in-progress"),
        ("SessionStatus", "failed"),
        ("ErrorCode", "64105"),
        ("ErrorMessage", "WebSocket ended abnormally"),
    ];
    let (status, twiml) = hook(&server.base, "action", &broken).await;
    assert_eq!(status, StatusCode::OK);
    let mut caller = Caller::connects(&server.base, "CA1", &twiml).await;
    assert!(caller.greeting.contains("the line broke"), "{}", caller.greeting);
    let said = caller.says("What is my name?").await;
    assert!(said.contains("Maya"), "{said}");
}

#[tokio::test]
async fn a_call_that_nobody_is_on_any_more_ends_with_the_promise_to_call_back() {
    let server = server().await;
    let mut caller = Caller::rings(&server.base, "CA1", CALLER, VOUCHED).await;
    caller.says("Do you deliver to Lyon?").await;
    drop(caller);
    until(&server, "/api/v1/ledger", |ledger| ledger["counts"]["open"] == 0).await;
    // The vendor tells nothing: the server was killed, or its network is gone.
    let mut watch = Watch::default();
    let mut now = std::time::Instant::now();
    assert_eq!(watch.look(&server.app, now).await.expect("a look"), 0, "it may come back");
    // The server may need a moment to notice that the line is gone.
    loop {
        now += Duration::from_secs(60);
        match watch.look(&server.app, now).await.expect("a look") {
            0 => tokio::task::yield_now().await,
            ended => break assert_eq!(ended, 1),
        }
    }
    let maya = customer(&server, "phone:%2B15558675310").await;
    let promised =
        maya["promises"].as_array().expect("a list").iter().any(|promise| promise["what"] == "call you back" && promise["by"] == "us");
    assert!(promised, "{maya}");
    let tasks = server.app.store().tasks(&"one".into(), 10).await.expect("tasks");
    assert!(tasks.iter().any(|task| task.what.contains("call back +15558675310") && task.what.contains("cut off")), "{tasks:?}");
    let (_, said) = server.admin(Method::GET, &timeline_of(&maya), None).await;
    assert!(said["items"].as_array().is_some_and(|items| items.iter().any(|item| item["text"] == "Do you deliver to Lyon?")), "{said}");
}

#[tokio::test]
async fn keys_are_words_too_and_zero_reaches_a_person() {
    let server = server_with_a_person().await;
    let mut caller = Caller::rings(&server.base, "CA1", CALLER, VOUCHED).await;
    for digit in ["2", "0", "4", "1", "7", "#"] {
        caller.send(&json!({"type": "dtmf", "digit": digit})).await;
    }
    caller.hears().await;
    for digit in ["0", "#"] {
        caller.send(&json!({"type": "dtmf", "digit": digit})).await;
    }
    let end = loop {
        let frame = caller.frame().await;
        if frame["type"] == "end" {
            break frame;
        }
    };
    assert_eq!(end["handoffData"], "transfer");
    let customer = customer(&server, "phone:%2B15558675310").await;
    let (_, said) = server.admin(Method::GET, &timeline_of(&customer), None).await;
    let text = said.to_string();
    assert!(text.contains("\"20417\"") && text.contains("human-asked-for"), "{text}");

    let ended = [("CallSid", "CA1"), ("CallStatus", "in-progress"), ("SessionStatus", "ended"), ("HandoffData", "transfer")];
    let (_, twiml) = hook(&server.base, "action", &ended).await;
    assert!(twiml.contains("<Dial") && twiml.contains("+15017122662") && twiml.contains("<Say"), "{twiml}");
    let whisper = attribute(&twiml, "url").expect("a whisper");
    let path = whisper.split_once("/voice/tel/").expect("our address").1.to_owned();
    let (_, brief) = hook(&server.base, &path, &[("CallSid", "CA8")]).await;
    assert!(brief.contains("<Say") && brief.len() > 100, "{brief}");

    // Nobody picks up: the caller comes back to us and is promised a call.
    let nobody = [("CallSid", "CA1"), ("CallStatus", "in-progress"), ("DialCallStatus", "no-answer")];
    let (_, twiml) = hook(&server.base, "dialled", &nobody).await;
    let mut caller = Caller::connects(&server.base, "CA1", &twiml).await;
    assert!(caller.greeting.contains("nobody is free") && caller.greeting.contains("calls you back"), "{}", caller.greeting);
    assert!(!caller.says("All right, thank you").await.is_empty());
    drop(caller);
    let over = [("CallSid", "CA1"), ("CallStatus", "completed"), ("SessionStatus", "ended")];
    hook(&server.base, "action", &over).await;
    let tasks = server.app.store().tasks(&"one".into(), 10).await.expect("tasks");
    assert!(tasks.iter().any(|task| task.what.contains("call back +15558675310")), "{tasks:?}");
}

#[tokio::test]
async fn where_the_assistant_does_not_speak_a_call_is_promised() {
    let server = server().await;
    let (status, _) = server.admin(Method::PATCH, "/api/v1/channels/tel", Some(&json!({ "mode": "off" }))).await;
    assert_eq!(status, StatusCode::OK);
    let (status, twiml) = hook(&server.base, "call", &ringing("CA1", CALLER, VOUCHED)).await;
    assert_eq!(status, StatusCode::OK);
    assert!(twiml.contains("<Hangup/>") && twiml.contains("calls you back"), "{twiml}");
    let tasks = server.app.store().tasks(&"one".into(), 10).await.expect("tasks");
    assert!(tasks.iter().any(|task| task.what.contains("call back +15558675310")), "{tasks:?}");
}

#[tokio::test]
async fn where_the_assistant_does_not_speak_a_message_is_taken_kept_and_answered_by_nobody() {
    let server = Server::start_with(&format!("{PHONE}voicemail = true\n")).await;
    let (status, _) = server.admin(Method::PATCH, "/api/v1/channels/tel", Some(&json!({ "mode": "off" }))).await;
    assert_eq!(status, StatusCode::OK);
    let mut caller = Caller::rings(&server.base, "CA1", CALLER, VOUCHED).await;
    assert!(caller.greeting.contains("press the hash key"), "{}", caller.greeting);
    for text in ["This is Maya Lindqvist.", "My chair arrived broken, my card is 4111 1111 1111 1111."] {
        caller.send(&json!({"type": "prompt", "voicePrompt": text, "lang": "en-US", "last": true})).await;
    }
    caller.send(&json!({"type": "dtmf", "digit": "#"})).await;
    let thanks = caller.frame().await;
    assert!(thanks["token"].as_str().is_some_and(|text| text.contains("has your message") && text.contains("calls you back")), "{thanks}");
    assert_eq!(caller.frame().await["handoffData"], "message");
    let over = [("CallSid", "CA1"), ("CallStatus", "in-progress"), ("SessionStatus", "ended"), ("HandoffData", "message")];
    let (status, _) = hook(&server.base, "action", &over).await;
    assert_eq!(status, StatusCode::OK);
    let tasks = server.app.store().tasks(&"one".into(), 10).await.expect("tasks");
    assert!(tasks.iter().any(|task| task.what.contains("call back +15558675310")), "{tasks:?}");
    until(&server, "/api/v1/ledger", |ledger| ledger["counts"]["open"] == 0).await;
    let maya = customer(&server, "phone:%2B15558675310").await;
    let (_, found) = server.admin(Method::GET, &timeline_of(&maya), None).await;
    let items = found["items"].as_array().expect("a list");
    let said: Vec<&str> = items.iter().filter(|item| item["direction"] == "in").filter_map(|item| item["text"].as_str()).collect();
    assert!(said.contains(&"This is Maya Lindqvist.") && said.iter().any(|text| text.contains("arrived broken")), "{found}");
    assert!(!found.to_string().contains("4111"), "{found}");
    assert!(!items.iter().any(|item| item["direction"] == "out"), "nobody answers: {found}");
}

#[tokio::test]
async fn who_wrote_in_french_is_greeted_in_french() {
    let server = server().await;
    let from = json!({ "external_id": "u-1", "phone": CALLER, "phone_verified": true });
    let text = "Bonjour, je m'appelle Camille Laurent et notre budget est de 3 500 euros pour un bureau.";
    let body = json!({ "connection": "form", "id": "m-1", "text": text, "from": from });
    read(form(&server, "m-1", &body)).await;
    until(&server, "/api/v1/ledger", |ledger| ledger["counts"]["answered"] == 1).await;
    let (_, twiml) = hook(&server.base, "call", &ringing("CA1", CALLER, VOUCHED)).await;
    assert_eq!(attribute(&twiml, "language").as_deref(), Some("fr-FR"), "{twiml}");
    let mut caller = Caller::connects(&server.base, "CA1", &twiml).await;
    assert!(caller.greeting.contains("l'assistant IA") && caller.greeting.contains("Camille"), "{}", caller.greeting);
    let said = caller.says("Quel était mon budget ?").await;
    assert!(said.contains("trois mille cinq cents"), "{said}");
}

/// The vendor's own switchboard: what it is asked, and that it takes it.
async fn switchboard() -> (String, tokio::sync::mpsc::Receiver<String>) {
    let (asked, asks) = tokio::sync::mpsc::channel(16);
    let vendor = axum::Router::new().fallback(axum::routing::any(move |uri: axum::http::Uri, body: String| {
        let asked = asked.clone();
        async move {
            asked.send(format!("{} {body}", uri.path())).await.expect("somebody looks");
            axum::Json(json!({"sid": "CA77", "status": "queued"}))
        }
    }));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, vendor).await });
    (base, asks)
}

/// Business time at which people are called on American numbers: by day on both coasts.
pub async fn by_day(server: &Server) {
    for _ in 0..24 {
        if (9..16).contains(&server.app.now().in_zone("America/Los_Angeles").hour()) {
            return;
        }
        server.admin(Method::POST, "/api/v1/clock", Some(&json!({ "advance_s": 3_600 }))).await;
    }
}

#[tokio::test]
async fn who_agreed_is_called_and_the_call_opens_with_where_things_stand() {
    let (vendor, mut asks) = switchboard().await;
    let server = Server::start_with(&format!("{PHONE}api_base = \"{vendor}\"\n")).await;
    maya_is_known(&server).await;
    by_day(&server).await;
    let maya = customer(&server, "phone:%2B15558675310").await;
    let wanted = json!({ "customer": maya["id"], "agreed": "Yes, please call me" });
    let (status, made) = server.admin(Method::POST, "/api/v1/calls", Some(&wanted)).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{made}");
    let agreed = customer(&server, "phone:%2B15558675310").await;
    let proof = agreed["consents"].as_array().expect("a list").iter().find(|consent| consent["purpose"] == "call").expect("a proof");
    assert_eq!((&proof["state"], &proof["wording"]), (&json!("given"), &json!("Yes, please call me")), "{agreed}");
    let asked = asks.recv().await.expect("a call");
    assert!(asked.contains("/Calls.json") && asked.contains("To=%2B15558675310") && asked.contains("AsyncAmd=true"), "{asked}");

    // The vendor asks what to say once they pick up.
    let fields = [
        ("CallSid", "CA77"),
        ("AccountSid", "AC00000000000000000000000000000001"),
        ("From", "+15017122661"),
        ("To", CALLER),
        ("Direction", "outbound-api"),
        ("CallStatus", "in-progress"),
    ];
    let (_, twiml) = hook(&server.base, "call?mark=1", &fields).await;
    let mut caller = Caller::connects(&server.base, "CA77", &twiml).await;
    assert!(caller.greeting.contains("Maya") && caller.greeting.contains("AI assistant"), "{}", caller.greeting);
    assert!(caller.says("What did I say my budget was?").await.contains("three thousand five hundred"));
    let (_, calls) = server.admin(Method::GET, "/api/v1/calls", None).await;
    assert_eq!((&calls["items"][0]["direction"], &calls["items"][0]["customer"]), (&json!("outbound"), &maya["id"]), "{calls}");
    let (status, busy) = server.admin(Method::POST, "/api/v1/calls", Some(&wanted)).await;
    assert_eq!((status, &busy["code"]), (StatusCode::CONFLICT, &json!("on_the_phone")));

    let path = format!("/api/v1/calls/{}/hang_up", calls["items"][0]["id"].as_str().expect("an id"));
    let (status, ended) = server.admin(Method::POST, &path, Some(&json!({}))).await;
    assert_eq!((status, &ended["state"]), (StatusCode::OK, &json!("ended")), "{ended}");
    assert!(asks.recv().await.expect("a hang-up").contains("Status=completed"));
    let (status, again) = server.admin(Method::POST, "/api/v1/calls", Some(&wanted)).await;
    assert_eq!((status, &again["code"]), (StatusCode::CONFLICT, &json!("called_already")), "once a day");
}

#[tokio::test]
async fn nobody_is_called_at_night_or_on_a_number_that_is_only_claimed() {
    let server = server().await;
    maya_is_known(&server).await;
    by_day(&server).await;
    let maya = customer(&server, "phone:%2B15558675310").await;
    let night = 24 - u64::try_from(server.app.now().in_zone("America/Los_Angeles").hour()).unwrap_or(0);
    server.admin(Method::POST, "/api/v1/clock", Some(&json!({ "advance_s": night * 3_600 }))).await;
    let wanted = json!({ "customer": maya["id"], "agreed": "Yes, call me" });
    let (status, refused) = server.admin(Method::POST, "/api/v1/calls", Some(&wanted)).await;
    assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("quiet_hours")), "{refused}");
    // It is the morning in Paris by then.
    server.admin(Method::POST, "/api/v1/clock", Some(&json!({ "advance_s": 3_600 }))).await;
    assert!((8..20).contains(&server.app.now().in_zone("Europe/Paris").hour()), "their day counts, not ours");
    assert_eq!(server.admin(Method::POST, "/api/v1/calls", Some(&wanted)).await.1["code"], "quiet_hours");
    let body = json!({ "connection": "form", "id": "m-9", "text": "Hello", "from": { "external_id": "u-9", "phone": "+15550001111" } });
    let (_, taken) = read(form(&server, "m-9", &body)).await;
    let wanted = json!({ "customer": taken["customer"], "agreed": "Yes, call me" });
    let (status, refused) = server.admin(Method::POST, "/api/v1/calls", Some(&wanted)).await;
    assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("no_number")), "{refused}");
}

#[tokio::test]
async fn a_machine_that_answers_is_not_talked_to() {
    let (vendor, mut asks) = switchboard().await;
    let server = Server::start_with(&format!("{PHONE}api_base = \"{vendor}\"\n")).await;
    maya_is_known(&server).await;
    let fields =
        [("CallSid", "CA77"), ("From", "+15017122661"), ("To", CALLER), ("Direction", "outbound-api"), ("CallStatus", "in-progress")];
    hook(&server.base, "call?mark=1", &fields).await;
    let (status, _) = hook(&server.base, "answered", &[("CallSid", "CA77"), ("AnsweredBy", "machine_start")]).await;
    assert_eq!(status, StatusCode::OK);
    assert!(asks.recv().await.expect("a hang-up").contains("Status=completed"));
    let (_, calls) = server.admin(Method::GET, "/api/v1/calls", None).await;
    assert_eq!(calls["items"], json!([]));
    let maya = customer(&server, "phone:%2B15558675310").await;
    let (_, said) = server.admin(Method::GET, &timeline_of(&maya), None).await;
    assert!(said.to_string().contains("not answered"), "{said}");
}

/// A server of its own process, killed like by a power cut when it is dropped.
struct Process(std::process::Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_server_killed_in_mid_call_keeps_every_word_and_promises_a_call() {
    let server = server().await;
    server.write_configuration();
    let folder = server.folder().join("killed");
    std::fs::create_dir(&folder).expect("a folder");
    let text = std::fs::read_to_string(server.folder().join("rapport.toml")).expect("the configuration");
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let text = text.replace("127.0.0.1:0", &free.to_string());
    std::fs::write(folder.join("rapport.toml"), &text).expect("a file");
    let process = std::process::Command::new(env!("CARGO_BIN_EXE_rapport"))
        .args(["serve", "--config"])
        .arg(folder.join("rapport.toml"))
        .envs([("ADMIN", crate::server::ADMIN), ("FORM", crate::server::FORM), ("WHATSAPP", crate::server::WHATSAPP)])
        .env_remove("RAPPORT_SERVER__DATABASE_URL")
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("the program");
    let process = Process(process);
    let base = format!("http://{free}");
    let ready = async {
        while !client().get(format!("{base}/readyz")).send().await.is_ok_and(|answer| answer.status().is_success()) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), ready).await.expect("a server");
    let mut caller = Caller::rings(&base, "CA1", CALLER, VOUCHED).await;
    caller.says("My name is Maya Lindqvist.").await;
    caller.says("Do you deliver to Lyon?").await;
    drop(process);

    let restarted = Server::restart(&folder, &text).await;
    let mut watch = Watch::default();
    let now = std::time::Instant::now();
    watch.look(&restarted.app, now).await.expect("a look");
    assert_eq!(watch.look(&restarted.app, now + Duration::from_secs(60)).await.expect("a look"), 1);
    let maya = customer(&restarted, "phone:%2B15558675310").await;
    assert_eq!(maya["name"], "Maya Lindqvist", "{maya}");
    assert!(maya["promises"].as_array().is_some_and(|all| all.iter().any(|promise| promise["what"] == "call you back")), "{maya}");
    let (_, said) = restarted.admin(Method::GET, &timeline_of(&maya), None).await;
    let items = said["items"].as_array().expect("a list");
    for text in ["My name is Maya Lindqvist.", "Do you deliver to Lyon?"] {
        assert_eq!(items.iter().filter(|item| item["text"] == text).count(), 1, "{said}");
    }
    assert!(items.iter().any(|item| item["text"].as_str().is_some_and(|text| text.contains("cut off"))), "{said}");
    let tasks = restarted.app.store().tasks(&"one".into(), 10).await.expect("tasks");
    assert!(tasks.iter().any(|task| task.what.contains("call back +15558675310")), "{tasks:?}");
}
