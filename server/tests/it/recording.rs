//! Recordings of calls: told or asked first, both sides, without what nobody should hear again, and not for ever.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::doors::until;
use crate::phone::{customer, hook};
use crate::server::{ADMIN, Server};
use crate::sound::{BOTH, Caller, has, recording, server_in};

async fn call_of(server: &Server) -> Value {
    server.admin(Method::GET, "/api/v1/calls", None).await.1["items"][0].clone()
}

fn consents(person: &Value) -> Vec<(String, String)> {
    let all = person["consents"].as_array().expect("a list").iter().filter(|consent| consent["purpose"] == "recording");
    all.map(|consent| (consent["state"].to_string(), consent["wording"].to_string())).collect()
}

async fn hangs_up(server: &Server, caller: &mut Caller, call: &Value) -> Value {
    caller.send(&json!({"event": "stop", "streamSid": "MZ1", "stop": {"callSid": "CA1"}})).await;
    let (status, _) = hook(&server.base, "action", &[("CallSid", "CA1"), ("CallStatus", "completed")]).await;
    assert_eq!(status, StatusCode::OK);
    let path = format!("/api/v1/calls/{}", call["id"].as_str().expect("an id"));
    until(server, &path, |whole| whole["state"] == "ended").await
}

/// A call in which one question is asked and nothing is said about being recorded; the call when it is over.
async fn a_call_about_lyon(region: &str, mode: &str) -> (Server, tempfile::TempDir, Value) {
    let script = json!({"says": [{"text": "Do you deliver to Lyon?"}]});
    let (server, folder) = server_in(region, &script, &format!("{BOTH}record = \"{mode}\"\n")).await;
    let mut caller = Caller::rings(&server.base, "CA1").await;
    caller.hears(50).await;
    let call = call_of(&server).await;
    caller.says("price1-a").await;
    caller.timeline(&server, |items| has(items, "in", "Do you deliver to Lyon?") && has(items, "out", "passed")).await;
    let whole = hangs_up(&server, &mut caller, &call).await;
    (server, folder, whole)
}

/// The bytes of a recording, once its head says how long it is.
async fn bytes_of(server: &Server, whole: &Value) -> Vec<u8> {
    let path = whole["recording"]["url"].as_str().expect("an address").to_owned();
    for _ in 0..400 {
        let request = server.http.get(format!("{}{path}", server.base)).bearer_auth(ADMIN);
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["content-type"], "audio/wav");
        let bytes = answer.bytes().await.expect("bytes").to_vec();
        if bytes[54..58] != [0xff; 4] {
            return bytes;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the recording does not end");
}

/// In how many frames of 20 milliseconds each side is loud: the caller, and we.
fn loud(bytes: &[u8]) -> (usize, usize) {
    let is_loud = |frame: &[u8], side: usize| frame.iter().skip(side).step_by(2).any(|sample| !matches!(sample, 0xff | 0x7f | 0xfe | 0x7e));
    let frames: Vec<&[u8]> = bytes[58..].chunks(320).collect();
    (frames.iter().filter(|frame| is_loud(frame, 0)).count(), frames.iter().filter(|frame| is_loud(frame, 1)).count())
}

#[tokio::test]
async fn in_europe_a_caller_is_asked_and_after_a_yes_both_sides_are_kept_without_the_card_for_thirty_days() {
    let script =
        json!({"says": [{"text": "Yes, please."}, {"text": "My card is 4111 1111 1111 1111."}, {"text": "Do you deliver to Lyon?"}]});
    let (server, _folder) = server_in("FR", &script, &format!("{BOTH}record = \"announce\"\n")).await;
    let mut caller = Caller::rings(&server.base, "CA1").await;
    caller.hears(50).await;
    let call = call_of(&server).await;
    assert_eq!(call["recording"], Value::Null, "nothing begins by itself");
    caller.says("price1-a").await;
    let path = format!("/api/v1/calls/{}", call["id"].as_str().expect("an id"));
    let playing = async { while caller.frame().await.is_ok() {} };
    tokio::select! {
        _ = until(&server, &path, |whole| whole["recording"]["running"] == true) => {}
        () = playing => unreachable!("it is never over"),
    }
    caller.says("price1-a").await;
    caller.timeline(&server, |items| has(items, "in", "My card is [card number].")).await;
    caller.says("price1-a").await;
    let items = caller.timeline(&server, |items| has(items, "in", "Do you deliver to Lyon?") && has(items, "out", "passed")).await;
    assert!(!has(&items, "in", "Yes, please."), "the answer is no message: {items:?}");
    let whole = hangs_up(&server, &mut caller, &call).await;
    assert_eq!(whole["recording"]["running"], false);
    let bytes = bytes_of(&server, &whole).await;
    assert_eq!((bytes.len() - 58) % 320, 0);
    let (theirs, ours) = loud(&bytes);
    let once =
        recording("price1-a").chunks(160).filter(|frame| frame.iter().any(|sample| !matches!(sample, 0xff | 0x7f | 0xfe | 0x7e))).count();
    assert!(theirs > once / 2 && theirs <= once + 5, "one of the two things said since then is heard again: {theirs} of {once}");
    assert!(ours > 20, "{ours}");
    let person = customer(&server, "phone:%2B15558675310").await;
    let known = consents(&person);
    assert!(known.len() == 1 && known[0].0.contains("given") && known[0].1.contains("Yes, please."), "{known:?}");
    // It goes with everything else into the person's own copy.
    let export = format!("/api/v1/customers/{}/export", person["id"].as_str().expect("an id"));
    assert!(server.admin(Method::GET, &export, None).await.1.to_string().contains("call.wav"));
    server.admin(Method::POST, "/api/v1/clock", Some(&json!({ "advance_s": 29 * 86_400 }))).await;
    assert_eq!(server::jobs::calls::sweep(&server.app).await.expect("a sweep"), 0);
    server.admin(Method::POST, "/api/v1/clock", Some(&json!({ "advance_s": 2 * 86_400 }))).await;
    server::jobs::calls::sweep(&server.app).await.expect("a sweep");
    let gone = server.admin(Method::GET, &path, None).await.1;
    assert_eq!(gone["recording"], Value::Null, "{gone}");
    assert_eq!(server.admin(Method::GET, whole["recording"]["url"].as_str().expect("an address"), None).await.0, StatusCode::NOT_FOUND);
    assert!(!gone["transcript"].as_array().expect("lines").is_empty(), "what was said stays");
}

#[tokio::test]
async fn whoever_says_no_is_not_recorded_and_is_served_all_the_same() {
    let script = json!({"says": [{"text": "No, thank you."}, {"text": "Do you deliver to Lyon?"}]});
    let (server, _folder) = server_in("US", &script, &format!("{BOTH}record = \"ask\"\n")).await;
    let mut caller = Caller::rings(&server.base, "CA1").await;
    caller.hears(50).await;
    let call = call_of(&server).await;
    caller.says("price1-a").await;
    caller.says("price1-a").await;
    caller.timeline(&server, |items| has(items, "in", "Do you deliver to Lyon?") && has(items, "out", "passed")).await;
    let whole = hangs_up(&server, &mut caller, &call).await;
    assert_eq!(whole["recording"], Value::Null);
    let known = consents(&customer(&server, "phone:%2B15558675310").await);
    assert!(known.len() == 1 && known[0].0.contains("withdrawn"), "{known:?}");
}

#[tokio::test]
async fn whoever_speaks_of_something_else_has_agreed_to_nothing_and_is_answered() {
    let (server, _folder, whole) = a_call_about_lyon("FR", "ask").await;
    assert_eq!(whole["recording"], Value::Null);
    assert_eq!(consents(&customer(&server, "phone:%2B15558675310").await), []);
}

#[tokio::test]
async fn where_telling_is_enough_a_recording_begins_once_it_was_heard() {
    let (server, _folder, whole) = a_call_about_lyon("US", "announce").await;
    assert!(bytes_of(&server, &whole).await.len() > 58, "{whole}");
    let known = consents(&customer(&server, "phone:%2B15558675310").await);
    assert!(known.len() == 1 && known[0].1.contains("This call is recorded."), "{known:?}");
}

#[tokio::test]
async fn whoever_objects_in_mid_call_is_not_recorded_any_more_and_what_was_is_deleted() {
    let script = json!({"says": [
        {"text": "Do you deliver to Lyon?"},
        {"text": "I do not consent to being recorded, stop recording."},
        {"text": "My name is Maya Lindqvist."},
    ]});
    let (server, _folder) = server_in("US", &script, &format!("{BOTH}record = \"announce\"\n")).await;
    let mut caller = Caller::rings(&server.base, "CA1").await;
    caller.hears(50).await;
    let call = call_of(&server).await;
    let path = format!("/api/v1/calls/{}", call["id"].as_str().expect("an id"));
    caller.says("price1-a").await;
    caller.timeline(&server, |items| has(items, "in", "Do you deliver to Lyon?") && has(items, "out", "passed")).await;
    let running = server.admin(Method::GET, &path, None).await.1;
    assert_eq!(running["recording"]["running"], true, "{running}");
    let file = running["recording"]["attachment"].as_str().expect("a file").to_owned();
    caller.says("price1-a").await;
    let playing = async { while caller.frame().await.is_ok() {} };
    tokio::select! {
        _ = until(&server, &path, |whole| whole["recording"].is_null()) => {}
        () = playing => unreachable!("it is never over"),
    }
    let url = running["recording"]["url"].as_str().expect("an address");
    assert_eq!(server.admin(Method::GET, url, None).await.0, StatusCode::NOT_FOUND);
    caller.says("price1-a").await;
    let items = caller.timeline(&server, |items| has(items, "in", "My name is Maya Lindqvist.")).await;
    assert!(!has(&items, "in", "consent"), "the objection is no message: {items:?}");
    let whole = hangs_up(&server, &mut caller, &call).await;
    assert_eq!(whole["recording"], Value::Null);
    let left = server.app.store().recorded(&"one".into(), file.parse().expect("an id")).await.expect("a working store");
    assert_eq!(left, None, "no part of it is left");
    let known = consents(&customer(&server, "phone:%2B15558675310").await);
    assert!(known.iter().any(|(state, wording)| state.contains("withdrawn") && wording.contains("stop recording")), "{known:?}");
}

type Listener = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

/// What a listener hears next: whole frames of both sides.
async fn next_of(heard: &mut Listener) -> Vec<u8> {
    let next = tokio::time::timeout(std::time::Duration::from_secs(20), futures::StreamExt::next(heard));
    match next.await.expect("sound in time").expect("an open line").expect("a frame") {
        tokio_tungstenite::tungstenite::Message::Binary(frames) => {
            assert!(!frames.is_empty() && frames.len() % 320 == 0);
            frames.to_vec()
        }
        other => panic!("{other:?}"),
    }
}

async fn listens(server: &Server, call: &Value) -> Listener {
    let path = format!("/api/v1/calls/{}/listen", call["id"].as_str().expect("an id"));
    let (status, key) = server.admin(Method::POST, &path, Some(&json!({}))).await;
    assert_eq!(status, StatusCode::OK, "{key}");
    let url = format!("{}{}", server.base.replace("http:", "ws:"), key["path"].as_str().expect("a path"));
    tokio_tungstenite::connect_async(&url).await.expect("a listener").0
}

#[tokio::test]
async fn whoever_listens_in_does_not_hear_a_cards_number() {
    let script = json!({"says": [{"text": "My card is 4111 1111 1111 1111."}, {"text": "Do you deliver to Lyon?"}]});
    let (server, _folder) = server_in("FR", &script, BOTH).await;
    let mut caller = Caller::rings(&server.base, "CA1").await;
    caller.hears(50).await;
    let call = call_of(&server).await;
    let mut heard = listens(&server, &call).await;
    caller.says("price1-a").await;
    caller.timeline(&server, |items| has(items, "in", "My card is [card number].")).await;
    caller.says("price1-a").await;
    caller.timeline(&server, |items| has(items, "in", "Do you deliver to Lyon?")).await;
    let whole = hangs_up(&server, &mut caller, &call).await;
    assert_eq!(whole["recording"], Value::Null, "nothing is recorded here");
    let mut bytes = vec![0; 58];
    while let Some(Ok(tokio_tungstenite::tungstenite::Message::Binary(frames))) = futures::StreamExt::next(&mut heard).await {
        bytes.extend_from_slice(&frames);
    }
    let once =
        recording("price1-a").chunks(160).filter(|frame| frame.iter().any(|sample| !matches!(sample, 0xff | 0x7f | 0xfe | 0x7e))).count();
    let (theirs, _) = loud(&bytes);
    assert!(theirs > once / 2 && theirs <= once + 5, "one of the two things said is heard: {theirs} of {once}");
}

#[tokio::test]
async fn a_line_that_breaks_is_recorded_further_in_the_same_file_and_each_place_is_still_its_moment() {
    // Each line hears from the beginning.
    let script = json!({"says": [{"text": "Yes, please."}, {"text": "My name is Maya Lindqvist."}]});
    let (server, _folder) = server_in("FR", &script, &format!("{BOTH}record = \"ask\"\n")).await;
    let mut caller = Caller::rings(&server.base, "CA1").await;
    caller.hears(50).await;
    let call = call_of(&server).await;
    let path = format!("/api/v1/calls/{}", call["id"].as_str().expect("an id"));
    caller.says("price1-a").await;
    let playing = async { while caller.frame().await.is_ok() {} };
    tokio::select! {
        _ = until(&server, &path, |whole| whole["recording"]["running"] == true) => {}
        () = playing => unreachable!("it is never over"),
    }
    caller.says("price1-a").await;
    caller.timeline(&server, |items| has(items, "in", "My name is Maya Lindqvist.")).await;
    drop(caller);
    // Nobody is there for a minute.
    server.admin(Method::POST, "/api/v1/clock", Some(&json!({ "advance_s": 60 }))).await;
    let (_, twiml) = hook(&server.base, "action", &[("CallSid", "CA1"), ("CallStatus", "in-progress")]).await;
    let mut caller = Caller::connects(&server.base, "CA1", &twiml).await;
    caller.hears(50).await;
    caller.says("price1-a").await;
    caller.timeline(&server, |items| has(items, "in", "Yes, please.")).await;
    let whole = hangs_up(&server, &mut caller, &call).await;
    let bytes = bytes_of(&server, &whole).await;
    let once =
        recording("price1-a").chunks(160).filter(|frame| frame.iter().any(|sample| !matches!(sample, 0xff | 0x7f | 0xfe | 0x7e))).count();
    let (theirs, _) = loud(&bytes);
    assert!(theirs > once && theirs <= 2 * once + 10, "what was said on both lines is in it: {theirs}, once {once}");
    let after_a_minute = &bytes[58 + 50 * 320 * 58..];
    let (later, _) = loud(&[&bytes[..58], after_a_minute].concat());
    assert!(later > once / 2 && later <= once + 5, "the second line begins where the clock says: {later} of {once}");
    assert_eq!(u32::from_le_bytes(bytes[54..58].try_into().expect("four")) as usize, bytes.len() - 58, "the head knows the whole");
}

#[tokio::test]
async fn whoever_is_erased_is_erased_from_recordings_too_also_while_one_runs() {
    let script = json!({"says": [{"text": "Yes, please."}, {"text": "Do you deliver to Lyon?"}, {"text": "Thank you."}]});
    let (server, folder) = server_in("FR", &script, &format!("{BOTH}record = \"ask\"\n")).await;
    let mut caller = Caller::rings(&server.base, "CA1").await;
    caller.hears(50).await;
    let call = call_of(&server).await;
    let path = format!("/api/v1/calls/{}", call["id"].as_str().expect("an id"));
    caller.says("price1-a").await;
    let playing = async { while caller.frame().await.is_ok() {} };
    let running = tokio::select! {
        whole = until(&server, &path, |whole| whole["recording"]["running"] == true) => whole,
        () = playing => unreachable!("it is never over"),
    };
    caller.says("price1-a").await;
    caller.timeline(&server, |items| has(items, "in", "Do you deliver to Lyon?")).await;
    let person = customer(&server, "phone:%2B15558675310").await;
    let (status, erased) =
        server.admin(Method::DELETE, &format!("/api/v1/customers/{}?now=true", person["id"].as_str().expect("an id")), None).await;
    assert!(status.is_success(), "{status} {erased}");
    // The call goes on for a moment; nothing of it is written any more.
    let file = running["recording"]["attachment"].as_str().expect("a file").to_owned();
    let url = running["recording"]["url"].as_str().expect("an address");
    caller.says("price1-a").await;
    assert_eq!(server.admin(Method::GET, url, None).await.0, StatusCode::NOT_FOUND);
    drop(caller);
    hook(&server.base, "action", &[("CallSid", "CA1"), ("CallStatus", "completed")]).await;
    assert_eq!(server.admin(Method::GET, url, None).await.0, StatusCode::NOT_FOUND);
    let left = server.app.store().recorded(&"one".into(), file.parse().expect("an id")).await.expect("a working store");
    assert_eq!(left, None, "no part of it is left");
    drop(folder);
}

#[tokio::test]
async fn a_teammate_hears_both_sides_with_a_key_that_is_good_once() {
    let (server, _folder) = server_in("FR", &json!({"says": [{"text": "Do you deliver to Lyon?"}]}), BOTH).await;
    let mut caller = Caller::rings(&server.base, "CA1").await;
    caller.hears(50).await;
    let call = call_of(&server).await;
    let path = format!("/api/v1/calls/{}/listen", call["id"].as_str().expect("an id"));
    let (status, key) = server.admin(Method::POST, &path, Some(&json!({}))).await;
    assert_eq!(status, StatusCode::OK, "{key}");
    let url = format!("{}{}", server.base.replace("http:", "ws:"), key["path"].as_str().expect("a path"));
    let (mut heard, _) = tokio_tungstenite::connect_async(&url).await.expect("a listener");
    assert!(tokio_tungstenite::connect_async(&url).await.is_err(), "a key opens once");
    assert!(tokio_tungstenite::connect_async(url.replace(url.rsplit('/').next().expect("a key"), "0")).await.is_err());
    // What is said comes once it was understood, with ours beside it.
    let heard_so_far = async |heard: &mut Listener, wanted: usize| {
        let mut bytes = vec![0; 58];
        while loud(&bytes).0 < wanted {
            bytes.extend(next_of(heard).await);
        }
        bytes
    };
    caller.says("price1-a").await;
    let bytes = heard_so_far(&mut heard, 20).await;
    assert!(loud(&bytes).1 > 5, "ours are heard too: {:?}", loud(&bytes));
    hangs_up(&server, &mut caller, &call).await;
    loop {
        match futures::StreamExt::next(&mut heard).await {
            Some(Ok(tokio_tungstenite::tungstenite::Message::Binary(_))) => {}
            Some(Ok(tokio_tungstenite::tungstenite::Message::Close(_))) | None => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(server.admin(Method::POST, &path, Some(&json!({}))).await.1["code"], "call_over");
}
