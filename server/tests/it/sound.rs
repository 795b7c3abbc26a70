//! The phone from outside, as sound: a carrier that sends what callers say in frames, plays what it gets, and says how
//! far it has come. What is recognised is scripted; voices are real recordings.

use std::collections::VecDeque;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::{SinkExt, StreamExt};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::doors::{Socket, until};
use crate::phone::{CALLER, PHONE, VOUCHED, attribute, customer, hook, knock, ringing, signature, timeline_of};
use crate::server::Server;

/// A server whose number hears by this script; `more` goes on with the number's settings.
async fn server(script: &Value, more: &str) -> (Server, tempfile::TempDir) {
    server_in("FR", script, more).await
}

/// The same in another region.
pub async fn server_in(region: &str, script: &Value, more: &str) -> (Server, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("script.json");
    std::fs::write(&path, script.to_string()).expect("a file");
    let mute = folder.path().join("mute.json");
    std::fs::write(&mute, r#"{"mute": true, "deaf": true}"#).expect("a file");
    let speech = format!(
        "{PHONE}{more}\n[[speech]]\nid = \"script\"\nkind = \"scripted\"\nscript = {:?}\n\n[[speech]]\nid = \"broken\"\nkind = \"scripted\"\nscript = {:?}\n",
        path.display().to_string(),
        mute.display().to_string()
    );
    (Server::start_in_region(region, &speech).await, folder)
}

pub const BOTH: &str = "hears = [\"script\"]\nspeaks = [\"script\"]\n";

/// A recording as the bytes of the line.
pub fn recording(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/voice/{name}.wav", env!("CARGO_MANIFEST_DIR"));
    let file = std::fs::read(path).expect("a recording");
    let at = file.windows(4).position(|name| name == b"data").expect("its sound");
    file[at + 8..].to_vec()
}

/// Somebody on the phone, behind a carrier.
pub struct Caller {
    socket: Socket,
    call: String,
    chunk: u64,
    /// Marks that the carrier has not given back, and frames of sound so far.
    marks: VecDeque<String>,
    frames: usize,
    clears: usize,
    /// Marks come back by themselves.
    plays: bool,
}

impl Caller {
    pub async fn rings(base: &str, call: &str) -> Self {
        let (status, twiml) = hook(base, "call", &ringing(call, CALLER, VOUCHED)).await;
        assert_eq!(status, StatusCode::OK, "{twiml}");
        assert!(twiml.contains("<Stream") && !twiml.contains("ConversationRelay"), "{twiml}");
        Self::connects(base, call, &twiml).await
    }

    pub async fn connects(base: &str, call: &str, twiml: &str) -> Self {
        let url = attribute(twiml, "url").expect("a socket");
        let socket = knock(base, &url, &signature(&url)).await.expect("a line");
        let (marks, call) = (VecDeque::new(), call.to_owned());
        let mut caller = Self { socket, call, chunk: 0, marks, frames: 0, clears: 0, plays: true };
        caller.send(&json!({"event": "connected", "protocol": "Call", "version": "1.0.0"})).await;
        let start = json!({"accountSid": "AC00000000000000000000000000000001", "streamSid": "MZ1", "callSid": caller.call, "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}, "customParameters": {}});
        caller.send(&json!({"event": "start", "sequenceNumber": "1", "start": start, "streamSid": "MZ1"})).await;
        caller
    }

    pub async fn send(&mut self, frame: &Value) {
        self.socket.send(Message::Text(frame.to_string().into())).await.expect("an open line");
    }

    pub async fn sound(&mut self, bytes: &[u8]) {
        for frame in bytes.chunks(160) {
            self.chunk += 1;
            let media = json!({"track": "inbound", "chunk": self.chunk.to_string(), "timestamp": (self.chunk * 20).to_string(), "payload": STANDARD.encode(frame)});
            self.send(&json!({"event": "media", "sequenceNumber": (self.chunk + 1).to_string(), "media": media, "streamSid": "MZ1"})).await;
        }
    }

    pub async fn silence(&mut self, milliseconds: usize) {
        self.sound(&vec![0xff; milliseconds * 8]).await;
    }

    pub async fn says(&mut self, recording_of: &str) {
        self.silence(300).await;
        self.sound(&recording(recording_of)).await;
        self.silence(1_300).await;
    }

    pub async fn presses(&mut self, keys: &str) {
        for key in keys.chars() {
            self.send(&json!({"event": "dtmf", "streamSid": "MZ1", "dtmf": {"track": "inbound_track", "digit": key.to_string()}})).await;
        }
    }

    async fn give_back(&mut self, marks: usize) {
        for _ in 0..marks {
            let Some(name) = self.marks.pop_front() else { return };
            self.send(&json!({"event": "mark", "streamSid": "MZ1", "mark": {"name": name}})).await;
        }
    }

    /// The next frame; the code of a close.
    pub async fn frame(&mut self) -> Result<Value, Option<u16>> {
        let next = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str::<Value>(&text).expect("json")),
                    Some(Ok(Message::Close(frame))) => return Err(frame.map(|frame| u16::from(frame.code))),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return Err(None),
                }
            }
        };
        let frame = tokio::time::timeout(Duration::from_secs(20), next).await.expect("a frame in time")?;
        assert_eq!(frame["streamSid"], "MZ1", "{frame}");
        match frame["event"].as_str() {
            Some("media") => {
                assert_eq!(STANDARD.decode(frame["media"]["payload"].as_str().expect("sound")).expect("base64").len(), 160);
                self.frames += 1;
            }
            Some("mark") => {
                self.marks.push_back(frame["mark"]["name"].as_str().expect("a name").to_owned());
                if self.plays {
                    self.give_back(1).await;
                }
            }
            Some("clear") => {
                self.clears += 1;
                // What was dropped comes back at once.
                let all = self.marks.len();
                self.give_back(all).await;
            }
            _ => panic!("{frame}"),
        }
        Ok(frame)
    }

    /// Listens until so many frames of sound have come in all.
    pub async fn hears(&mut self, frames: usize) {
        while self.frames < frames {
            self.frame().await.expect("an open line");
        }
    }

    async fn closed(&mut self) -> Option<u16> {
        loop {
            if let Err(code) = self.frame().await {
                return code;
            }
        }
    }

    /// The timeline once it has this. The carrier goes on playing meanwhile.
    pub async fn timeline(&mut self, server: &Server, wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let path = timeline_of(&customer(server, "phone:%2B15558675310").await);
        let found = async { until(server, &path, |found| found["items"].as_array().is_some_and(|items| wanted(items))).await };
        let playing = async {
            while self.frame().await.is_ok() {}
            std::future::pending::<()>().await;
        };
        tokio::select! {
            found = found => found["items"].as_array().expect("a list").clone(),
            () = playing => unreachable!("it is never over"),
        }
    }
}

pub fn has(items: &[Value], direction: &str, text: &str) -> bool {
    items.iter().any(|item| item["direction"] == direction && item["text"].as_str().is_some_and(|found| found.contains(text)))
}

#[tokio::test]
async fn a_caller_is_heard_and_answered_over_a_stream_of_sound_and_it_stands_in_the_timeline() {
    let script = json!({"says": [{"text": "My name is Maya Lindqvist."}, {"text": "What is my name?", "confidence": 0.9}]});
    let (server, _folder) = server(&script, BOTH).await;
    let mut caller = Caller::rings(&server.base, "CA1").await;
    caller.hears(50).await;
    caller.says("price1-a").await;
    caller.timeline(&server, |items| has(items, "in", "My name is Maya Lindqvist.") && items.len() >= 3).await;
    let before = caller.frames;
    caller.says("human1-a").await;
    let outbound = |items: &[Value]| items.iter().filter(|item| item["direction"] == "out").count();
    let items =
        caller.timeline(&server, |items| has(items, "in", "What is my name?") && has(items, "out", "Maya") && outbound(items) >= 3).await;
    caller.hears(before + 20).await;
    assert!(items.iter().all(|item| item["channel"] == "voice"), "{items:?}");
    // Hung up: nothing is left open.
    caller.send(&json!({"event": "stop", "streamSid": "MZ1", "stop": {"callSid": "CA1"}})).await;
    let (status, _) = hook(&server.base, "action", &[("CallSid", "CA1"), ("CallStatus", "completed")]).await;
    assert_eq!(status, StatusCode::OK);
    let (_, calls) = server.admin(Method::GET, "/api/v1/calls", None).await;
    assert_eq!(calls["items"], json!([]));
}

#[tokio::test]
async fn whoever_speaks_into_our_words_has_heard_only_what_the_carrier_played() {
    let script = json!({"says": [{"text": "Stop, I have a question."}]});
    let (server, _folder) = server(&script, BOTH).await;
    let mut caller = Caller::rings(&server.base, "CA1").await;
    caller.plays = false;
    caller.hears(60).await;
    // A second of it was played.
    caller.give_back(5).await;
    caller.says("human1-a").await;
    while caller.clears == 0 {
        caller.frame().await.expect("an open line");
    }
    caller.plays = true;
    let is_cut = |items: &[Value]| items.iter().any(|item| item["delivery_reason"].is_string());
    let items = caller.timeline(&server, |items| is_cut(items) && has(items, "in", "Stop, I have a question.")).await;
    let greeting = items.iter().find(|item| item["direction"] == "out").expect("the greeting");
    let heard = greeting["text"].as_str().expect("words");
    assert!("Hello, I am the AI".starts_with(heard) && heard.starts_with("Hello"), "{heard}");
    assert!(greeting["delivery_reason"].as_str().is_some_and(|why| why.contains("not heard")), "{greeting}");
}

#[tokio::test]
async fn a_murmur_into_our_words_is_no_message() {
    let script = json!({"says": [{"text": "uh huh", "partials": ["uh huh"]}, {"text": "Do you deliver to Lyon?"}]});
    let (server, _folder) = server(&script, BOTH).await;
    let mut caller = Caller::rings(&server.base, "CA1").await;
    caller.plays = false;
    caller.hears(60).await;
    caller.give_back(2).await;
    caller.says("yes1-a").await;
    caller.plays = true;
    let all = caller.marks.len();
    caller.give_back(all).await;
    caller.says("price1-a").await;
    let items = caller.timeline(&server, |items| has(items, "in", "Do you deliver to Lyon?")).await;
    assert!(!has(&items, "in", "uh huh"), "{items:?}");
}

#[tokio::test]
async fn nobody_but_the_vendor_gets_a_line_of_sound_and_what_is_too_large_closes_it() {
    let (server, _folder) = server(&json!({}), BOTH).await;
    let (_, twiml) = hook(&server.base, "call", &ringing("CA1", CALLER, VOUCHED)).await;
    let url = attribute(&twiml, "url").expect("a socket");
    assert!(url.contains("/voice/tel/media/"), "{url}");
    assert_eq!(knock(&server.base, &url, "AAAA").await.err(), Some(401), "not signed");
    let other = url.replace(url.rsplit('/').next().expect("a key"), "00000000000000000000000000000000");
    assert_eq!(knock(&server.base, &other, &signature(&other)).await.err(), Some(401), "no such key");
    let text = url.replace("/media/", "/relay/");
    assert_eq!(knock(&server.base, &text, &signature(&text)).await.err(), Some(401), "a key for sound opens no line of text");
    let (_, twiml) = hook(&server.base, "call", &ringing("CA2", CALLER, VOUCHED)).await;
    let mut caller = Caller::connects(&server.base, "CA2", &twiml).await;
    let large = json!({"event": "media", "media": {"payload": "A".repeat(1024 * 1024)}}).to_string();
    // The server may close before all of it has left.
    let _ = caller.socket.send(Message::Text(large.into())).await;
    assert!(matches!(caller.closed().await, Some(1009) | None));
    let (_, twiml) = hook(&server.base, "call", &ringing("CA3", CALLER, VOUCHED)).await;
    let mut caller = Caller::connects(&server.base, "CA9", &twiml).await;
    assert_eq!(caller.closed().await, Some(1008), "the key was made for another call");
}

#[tokio::test]
async fn a_stream_that_starts_twice_or_brings_sound_before_its_start_is_closed() {
    let (server, _folder) = server(&json!({}), BOTH).await;
    let mut caller = Caller::rings(&server.base, "CA1").await;
    caller.hears(20).await;
    // A mark on a line that closes would be one word too many.
    caller.plays = false;
    let start = json!({"accountSid": "AC00000000000000000000000000000001", "streamSid": "MZ2", "callSid": "CA1", "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}, "customParameters": {}});
    caller.send(&json!({"event": "start", "sequenceNumber": "2", "start": start, "streamSid": "MZ2"})).await;
    assert_eq!(caller.closed().await, Some(1002));
    let (_, twiml) = hook(&server.base, "call", &ringing("CA2", CALLER, VOUCHED)).await;
    let url = attribute(&twiml, "url").expect("a socket");
    let mut socket = knock(&server.base, &url, &signature(&url)).await.expect("a line");
    let media = json!({"event": "media", "sequenceNumber": "1", "streamSid": "MZ1",
        "media": {"track": "inbound", "chunk": "1", "timestamp": "20", "payload": STANDARD.encode([0xff; 160])}});
    socket.send(Message::Text(media.to_string().into())).await.expect("an open line");
    let code = loop {
        match socket.next().await {
            Some(Ok(Message::Close(frame))) => break frame.map(|frame| u16::from(frame.code)),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => break None,
        }
    };
    assert_eq!(code, Some(1002));
}

#[tokio::test]
async fn frames_that_are_none_change_nothing() {
    let script = json!({"says": [{"text": "Do you deliver to Lyon?"}]});
    let (server, _folder) = server(&script, BOTH).await;
    let mut caller = Caller::rings(&server.base, "CA1").await;
    for frame in
        ["{", "[]", "null", r#"{"event":"dtmf","dtmf":{"digit":"99"}}"#, r#"{"event":"later"}"#, r#"{"event":"mark","mark":{"name":"x"}}"#]
    {
        caller.socket.send(Message::Text(frame.to_owned().into())).await.expect("an open line");
    }
    caller.hears(50).await;
    caller.says("price1-a").await;
    caller.timeline(&server, |items| has(items, "in", "Do you deliver to Lyon?")).await;
}

#[tokio::test]
async fn where_nobody_listens_any_more_keys_lead_to_a_person() {
    for hears in ["broken", "script"] {
        // Nobody to begin with, or a recogniser that breaks whenever something is said.
        let fault = json!({"fault": true});
        let script = json!({"says": [fault, fault, fault]});
        let more = format!("transfer_to = \"+15017122662\"\nhears = [\"{hears}\"]\nspeaks = [\"script\"]\n");
        let (server, _folder) = server(&script, &more).await;
        let mut caller = Caller::rings(&server.base, "CA1").await;
        caller.hears(150).await;
        if hears == "script" {
            caller.says("price1-a").await;
        }
        // "I cannot understand you well on this line …" is long.
        let before = caller.frames;
        caller.hears(before + 200).await;
        caller.presses("0#").await;
        assert_eq!(caller.closed().await, Some(1000));
        let (_, twiml) = hook(&server.base, "action", &[("CallSid", "CA1"), ("CallStatus", "in-progress")]).await;
        assert!(twiml.contains("<Dial") && twiml.contains("+15017122662"), "{hears}: {twiml}");
    }
}

#[tokio::test]
async fn a_recogniser_that_breaks_is_followed_by_the_next() {
    let script = json!({"says": [{"text": "Do you deliver to Lyon?"}]});
    let (server, _folder) = server(&script, "hears = [\"broken\", \"script\"]\nspeaks = [\"broken\", \"script\"]\n").await;
    let mut caller = Caller::rings(&server.base, "CA1").await;
    caller.hears(50).await;
    caller.says("price1-a").await;
    caller.timeline(&server, |items| has(items, "in", "Do you deliver to Lyon?")).await;
}

#[tokio::test]
async fn without_any_voice_of_ours_the_vendor_speaks_and_promises_a_call() {
    let (server, _folder) = server(&json!({}), "hears = [\"script\"]\nspeaks = [\"broken\"]\n").await;
    let mut caller = Caller::rings(&server.base, "CA1").await;
    assert_eq!(caller.closed().await, Some(1000));
    let (_, twiml) = hook(&server.base, "action", &[("CallSid", "CA1"), ("CallStatus", "in-progress")]).await;
    assert!(twiml.contains("<Say") && twiml.contains("calls you back"), "{twiml}");
    let tasks = server.app.store().tasks(&"one".into(), 10).await.expect("tasks");
    assert!(tasks.iter().any(|task| task.what.contains("call back +15558675310")), "{tasks:?}");
}

#[tokio::test]
async fn a_stream_that_breaks_is_taken_up_again_with_nothing_lost() {
    let script = json!({"says": [{"text": "My name is Maya Lindqvist."}]});
    let (server, _folder) = server(&script, BOTH).await;
    let mut caller = Caller::rings(&server.base, "CA1").await;
    caller.hears(50).await;
    caller.says("price1-a").await;
    caller.timeline(&server, |items| has(items, "in", "My name is Maya Lindqvist.")).await;
    drop(caller);
    let (_, twiml) = hook(&server.base, "action", &[("CallSid", "CA1"), ("CallStatus", "in-progress")]).await;
    let mut caller = Caller::connects(&server.base, "CA1", &twiml).await;
    caller.hears(50).await;
    let maya = customer(&server, "phone:%2B15558675310").await;
    assert_eq!(maya["name"], "Maya Lindqvist", "{maya}");
}
