//! The phone: frames as the vendor writes them, signatures of sockets, calls as its specification has them.

use channels::voice::{Greeting, Line, Outgoing, Transfer, frames, media};
use domain::call::CallOut;
use domain::channel::ChannelKind;
use domain::ports::{HookRequest, Refusal};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::stub::{Script, Stub};
use crate::world::{fixture, http, settings, with_value};

fn line() -> Line {
    Line::of(&settings(ChannelKind::Voice), &http()).unwrap()
}

#[test]
fn what_we_say_is_written_as_the_vendor_shows_it() {
    let check = |file: &str, out: &CallOut, keys: &[&str]| {
        let shown = fixture(&format!("voice/{file}.sent.json"));
        let written: Value = serde_json::from_str(&frames::write(out)).unwrap();
        for key in keys {
            assert_eq!(written[*key], shown[*key], "{file} {key}");
        }
    };
    let say =
        |text: &str, last: bool| CallOut::Say { text: text.to_owned(), last, interruptible: true, language: Some("en-US".to_owned()) };
    check("out-text-last", &say("one moment.", true), &["type", "token", "last", "lang"]);
    check("out-text-token", &say("Sure, ", false), &["type", "token", "last"]);
    check("out-language", &CallOut::Language("es-ES".to_owned()), &["type", "ttsLanguage", "transcriptionLanguage"]);
    check("out-send-digits", &CallOut::Digits("9www4085551212".to_owned()), &["type", "digits"]);
    let note = fixture("voice/out-end-handoff.sent.json")["handoffData"].as_str().unwrap().to_owned();
    check("out-end-handoff", &CallOut::End { note }, &["type", "handoffData"]);
}

#[test]
fn a_socket_is_opened_only_by_whom_the_vendor_signed_for() {
    let line = line();
    let url = line.socket("0123456789abcdef");
    assert_eq!(url, "wss://chat.example.com/voice/door/relay/0123456789abcdef");
    let check = |signature: Option<String>, expected: Result<(), Refusal>| {
        let headers: Vec<(String, String)> = signature.into_iter().map(|value| ("x-twilio-signature".to_owned(), value)).collect();
        let request = HookRequest { method: "GET", url: &url, query: "", headers: &headers, body: b"" };
        assert_eq!(line.may_open(&request), expected);
    };
    let sign = |signed: &str| {
        use base64::Engine;
        use hmac::{Hmac, KeyInit, Mac};
        let mut mac = <Hmac<sha1::Sha1> as KeyInit>::new_from_slice(b"12345").unwrap();
        mac.update(signed.as_bytes());
        base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes())
    };
    check(Some(sign(&url)), Ok(()));
    check(Some(sign(&url.replacen("wss", "https", 1))), Err(Refusal::Signature));
    check(Some(sign("wss://elsewhere.example/relay")), Err(Refusal::Signature));
    check(None, Err(Refusal::Signature));
}

#[test]
fn a_number_that_is_none_is_refused_at_the_start() {
    let refused = |key: &'static str, value: &str| Line::of(&with_value(settings(ChannelKind::Voice), key, value), &http()).is_err();
    assert!(refused("from", "0150171226"));
    assert!(refused("transfer_to", "reception"));
    assert!(!refused("transfer_to", "+33180000102"));
    assert!(!refused("transfer_to", "sip:desk@shop.example"));
}

#[test]
fn a_caller_is_put_through_with_what_is_said_before() {
    let line = Line::of(&with_value(settings(ChannelKind::Voice), "transfer_to", "+33180000102"), &http()).unwrap();
    let transfer =
        Transfer { farewell: Some("I put you through.".to_owned()), language: "en-US".to_owned(), to: "+33180000102".to_owned() };
    let body = line.transfer(&transfer, "cal_1").body;
    let said = body.find("I put you through.").unwrap();
    assert!(said < body.find("<Dial").unwrap(), "{body}");
    assert!(body.contains("https://chat.example.com/voice/door/whisper/cal_1") && body.contains("/voice/door/dialled"), "{body}");
    let greeting = Greeting { text: Some("Hello & welcome".to_owned()), language: "en-US".to_owned() };
    let body = line.relay(&greeting, "key").body;
    assert!(
        body.contains("welcomeGreeting=\"Hello &amp; welcome\"") && body.contains("wss://chat.example.com/voice/door/relay/key"),
        "{body}"
    );
}

#[tokio::test]
async fn a_call_is_made_as_the_vendor_specifies() {
    let answer = json!({"sid": "CA00000000000000000000000000000009", "status": "queued"});
    let vendor = Stub::playing(Script::json(201, &answer)).await;
    let mut given = settings(ChannelKind::Voice);
    given.api_base = Some(vendor.base.clone());
    let line = Line::of(&given, &http()).unwrap();
    let call = line.ring(&Outgoing { to: "+33612345678".to_owned(), mark: "cal_1".to_owned() }).await;
    assert_eq!(call, Ok("CA00000000000000000000000000000009".to_owned()));
    let asked = vendor.asked().pop().unwrap();
    assert!(asked.line.starts_with("POST /2010-04-01/Accounts/AC00000000000000000000000000000001/Calls.json"), "{}", asked.line);
    for part in ["To=%2B33612345678", "From=%2B15017122661", "AsyncAmd=true", "StatusCallbackEvent=completed", "mark%3Dcal_1"] {
        assert!(asked.body.contains(part), "{part} in {}", asked.body);
    }
}

#[test]
fn the_sound_of_a_call_is_asked_for_and_written_as_the_vendor_shows_it() {
    let body = line().stream("key").body;
    assert!(
        body.contains(
            "<Connect action=\"https://chat.example.com/voice/door/action\"><Stream url=\"wss://chat.example.com/voice/door/media/key\"/>"
        ),
        "{body}"
    );
    let shown = fixture("voice/media-mark.json");
    let written: Value = serde_json::from_str(&media::mark("MZ11111111111111111111111111111111", "utt-7")).unwrap();
    for key in ["event", "streamSid", "mark"] {
        assert_eq!(written[key], shown[key], "{key}");
    }
    let silence = vec![0xff; 160];
    let written: Value = serde_json::from_str(&media::sound("MZ11111111111111111111111111111111", &silence)).unwrap();
    assert_eq!(written["media"]["payload"], fixture("voice/media-media.json")["media"]["payload"]);
    assert_eq!(serde_json::from_str::<Value>(&media::clear("MZ1")).unwrap(), json!({"event": "clear", "streamSid": "MZ1"}));
}

proptest! {
    #[test]
    fn no_frame_of_sound_breaks_the_line(event in "start|media|dtmf|mark|stop|later", key in "[a-zA-Z]{1,24}", value in "\\PC{0,40}", number in any::<i64>()) {
        for value in [json!(value), json!(number), json!(null), json!([value]), json!({"x": number, "payload": value, "chunk": number})] {
            let frame = json!({"event": event, "streamSid": value, event.clone(): {"payload": value, "chunk": value, "digit": value, "name": value, "callSid": value, "mediaFormat": value, key.clone(): value}});
            let _ = media::read(&frame.to_string());
            let frame = json!({"event": event, event.clone(): value});
            let _ = media::read(&frame.to_string());
        }
    }

    #[test]
    fn no_frame_breaks_the_line(frame in "\\PC{0,300}") {
        let _ = frames::read(&frame);
    }

    #[test]
    fn no_frame_of_the_right_kind_breaks_the_line(kind in "setup|prompt|interrupt|dtmf|error|later", key in "[a-zA-Z]{1,24}", value in "\\PC{0,40}", number in any::<i64>()) {
        for value in [json!(value), json!(number), json!(null), json!([value]), json!({"x": number})] {
            let frame = json!({"type": kind, "callSid": value, "voicePrompt": value, "digit": value, "last": value, "utteranceUntilInterrupt": value, key.clone(): value});
            let _ = frames::read(&frame.to_string());
        }
    }

    #[test]
    fn no_form_breaks_the_door(fields in proptest::collection::vec(("CallSid|From|To|CallStatus|Direction|StirVerstat|SessionStatus|Timestamp|[a-zA-Z]{1,12}", "\\PC{0,40}"), 0..12)) {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = HookRequest { method: "POST", url: "https://x/voice", query: "", headers: &[], body: body.as_bytes() };
        let _ = channels::decode(ChannelKind::Voice, &request);
    }
}
