//! RCS on both ways: Google's events and signature, and what only RCS has.

use domain::channel::ChannelKind;
use domain::event::InboundEvent;
use domain::message::Delivery;
use domain::ports::{HookAnswer, Received, Refusal, SendError, Sent};
use domain::settings::ConnectionSettings;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};

use crate::decoding::{check, envelope};
use crate::sending::{BUTTONS, at, conforms, example, hello, send};
use crate::stub::{Asked, Script, Stub};
use crate::world::{NOW, Request, card, delivery, fixture, opened, settings, with_secret, with_value};

/// A key made for these tests; it opens nothing.
pub(crate) const KEY: &str = include_str!("../fixtures/keys/service-account.pem");

/// A connection straight to Google.
pub(crate) fn google(token_uri: &str) -> ConnectionSettings {
    let mut settings = settings(ChannelKind::Rcs);
    settings.values.clear();
    settings.secrets.clear();
    let account = json!({"type": "service_account", "client_email": "bot@rbm-x.iam.gserviceaccount.com", "private_key_id": "k1",
        "private_key": KEY, "token_uri": token_uri});
    let settings = with_value(with_value(settings, "provider", "google"), "agent_id", "acme_agent@rbm.goog");
    with_secret(with_secret(settings, "client_token", "SJENCPGJESMGUFPY"), "service_account", &account.to_string())
}

const ELSEWHERE: &str = "https://oauth2.googleapis.com/token";

/// An envelope around bytes, signed as Google does.
fn signed(event: &[u8]) -> Request {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    let mut mac = Hmac::<sha2::Sha512>::new_from_slice(b"SJENCPGJESMGUFPY").unwrap();
    mac.update(event);
    let body = json!({"message": {"data": STANDARD.encode(event)}});
    Request::post(body.to_string()).header("x-goog-signature", &STANDARD.encode(mac.finalize().into_bytes()))
}

#[test]
fn googles_vector_opens_the_door_and_another_body_does_not() {
    let vector = fixture("rbm/envelope-signed.json");
    let signature = vector["headers"]["X-Goog-Signature"].as_str().unwrap();
    let door = opened(&google(ELSEWHERE));
    let request = Request::post(vector["body"].to_string()).header("x-goog-signature", signature);
    let received = door.receive(&request.view(), NOW);
    assert!(matches!(&received, Ok(Received::Events { events, answer }) if events.len() == 1 && answer.status == 200), "{received:?}");
    let other = Request::post(envelope(&json!({"senderPhoneNumber": "+1", "text": "x"})).to_string());
    for request in [
        Request::post(vector["body"].to_string()),
        other.header("x-goog-signature", signature),
        Request::post(vector["body"].to_string()).header("x-goog-signature", "AAAA"),
        Request::post("{}").header("x-goog-signature", signature),
        Request::post("nothing").header("x-goog-signature", signature),
    ] {
        assert_eq!(door.receive(&request.view(), NOW), Err(Refusal::Signature));
    }
}

#[test]
fn a_former_client_token_still_opens_the_door() {
    let mut settings = google(ELSEWHERE);
    settings.secrets.remove("client_token");
    let settings = with_secret(with_secret(settings, "client_token", "the-new-one"), "client_token", "SJENCPGJESMGUFPY");
    let request = signed(br#"{"senderPhoneNumber":"+16505551234","text":"hi","agentId":"acme_agent@rbm.goog"}"#);
    assert!(opened(&settings).receive(&request.view(), NOW).is_ok());
}

#[test]
fn googles_handshake_gives_the_secret_back_only_for_the_right_token() {
    let case = fixture("rbm/verify-post.json");
    let door = opened(&google(ELSEWHERE));
    let answer = HookAnswer { status: 200, content_type: "text/plain", body: "1234567890".to_owned() };
    let asked = |body: &Value| door.receive(&Request::post(body.to_string()).view(), NOW);
    assert_eq!(asked(&case["body"]), Ok(Received::Handshake(answer)));
    assert_eq!(asked(&json!({"clientToken": "another", "secret": "1234567890"})), Err(Refusal::Signature));
    assert_eq!(asked(&json!({"clientToken": "SJENCPGJESMGUFPY", "secret": "x".repeat(257)})), Err(Refusal::Signature));
}

#[test]
fn signed_but_unreadable_events_of_google_are_quarantined() {
    let door = opened(&google(ELSEWHERE));
    for event in [&b"{"[..], b"[]", b"", b"\xff", br#"{"text":"a","text":"b","senderPhoneNumber":"+1"}"#] {
        let refused = door.receive(&signed(event).view(), NOW);
        assert!(matches!(refused, Err(Refusal::Quarantine(_))), "{refused:?} for {event:?}");
    }
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(1_000), "]".repeat(1_000));
    assert_eq!(door.receive(&signed(deep.as_bytes()).view(), NOW), Err(Refusal::TooLarge));
    let huge = Request::post(vec![b' '; 1024 * 1024 + 1]);
    assert_eq!(door.receive(&huge.view(), NOW), Err(Refusal::TooLarge));
}

#[test]
fn an_event_of_another_agent_is_not_answered_from_this_one() {
    let request = signed(br#"{"senderPhoneNumber":"+16505551234","text":"hi","agentId":"other@rbm.goog"}"#);
    let received = opened(&google(ELSEWHERE)).receive(&request.view(), NOW);
    let Ok(Received::Events { events, .. }) = received else { panic!("{received:?}") };
    assert!(matches!(events.as_slice(), [InboundEvent::Ignored(_)]), "{events:?}");
}

#[test]
fn what_else_google_sends_is_understood() {
    let with = |part: Value| {
        let mut event = json!({"senderPhoneNumber": "+16505551234", "agentId": "a", "sendTime": "2026-01-05T00:50:00.123456Z"});
        event.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
        event
    };
    let check = |part: Value, expected: Value| check(ChannelKind::Rcs, &with(part), &expected);
    check(json!({"text": "hi", "eventId": "E9"}), json!({"kind": "message", "text": "hi", "provider_message_id": "E9"}));
    check(json!({"text": "STOP", "messageId": "M"}), json!({"kind": "message", "text": "STOP", "opt_out": true}));
    check(json!({"eventType": "SUBSCRIBE", "eventId": "E5"}), json!({"kind": "opt_in", "sender": "+16505551234", "dedupe": "E5"}));
    check(
        json!({"suggestionResponse": {"postbackData": "call", "text": "Call us", "type": "ACTION"}, "messageId": "M"}),
        json!({"kind": "postback", "payload": "call", "text": "Call us", "timestamp": "2026-01-05T00:50:00.123456Z"}),
    );
    check(
        json!({"userFile": {"payload": {"mimeType": "audio/mp4; codecs=aac", "fileUri": "https://x.example/a"}}, "messageId": "M"}),
        json!({"kind": "message", "media": [{"kind": "audio", "mime": "audio/mp4", "url": "https://x.example/a"}]}),
    );
    check(json!({"hologram": {"x": 1}, "messageId": "M"}), json!({"kind": "message", "unsupported": "hologram"}));
    check(json!({"eventType": "AGENT_LAUNCH_EVENT"}), json!({"kind": "ignored", "sender": "+16505551234"}));
    check(json!({"senderPhoneNumber": null, "text": "x"}), json!({"kind": "ignored", "sender": null}));
}

#[test]
fn only_what_google_took_back_may_leave_by_another_way() {
    let expired = |kind: &str| {
        json!({"phoneNumber": "+16505551234", "agentId": "a", "messageId": "M", "eventId": "E", "eventType": kind,
            "sendTime": "2026-01-05T00:50:00Z"})
    };
    check(
        ChannelKind::Rcs,
        &expired("TTL_EXPIRATION_REVOKED"),
        &json!({"kind": "status", "status": "failed", "provider_message_id": "M", "error_code": "TTL_EXPIRATION_REVOKED", "retryable": true}),
    );
    check(
        ChannelKind::Rcs,
        &expired("TTL_EXPIRATION_REVOKE_FAILED"),
        &json!({"kind": "status", "status": "delayed", "provider_message_id": "M", "retryable": null}),
    );
}

#[test]
fn settings_of_google_that_cannot_work_are_named() {
    let error = |settings: &ConnectionSettings| channels::open(settings, &crate::world::http()).map(|_| ()).unwrap_err().to_string();
    for key in ["agent_id", "client_token", "service_account"] {
        let mut settings = google(ELSEWHERE);
        settings.values.remove(key);
        settings.secrets.remove(key);
        assert_eq!(error(&settings), format!("connection door: {key} is missing"));
    }
    for (file, why) in
        [("no json", "is no JSON"), ("{}", "holds no client_email"), (r#"{"client_email":"a","private_key":"x"}"#, "no RSA key")]
    {
        let mut settings = google(ELSEWHERE);
        settings.secrets.remove("service_account");
        let text = error(&with_secret(settings, "service_account", file));
        assert!(text.contains("service_account") && text.contains(why), "{text}");
    }
    assert!(error(&google("http://evil.example/token")).contains("service_account"));
    assert!(error(&with_value(google(ELSEWHERE), "provider", "carrier")).contains("provider"));
    let number = with_value(settings(ChannelKind::Rcs), "from", "+15017122661");
    assert!(error(&number).contains("from"), "a number sends SMS, not RCS");
}

/// The form of a send, its numbers as numbers.
fn typed(form: &Value) -> Value {
    let mut form = form.clone();
    if let Some(seconds) = form.get("ValidityPeriod").and_then(Value::as_str) {
        form["ValidityPeriod"] = seconds.parse::<u64>().unwrap().into();
    }
    form
}

#[tokio::test]
async fn a_messaging_service_falls_back_by_itself_and_an_agent_is_named_as_one() {
    let (result, asked) = send(example("twilio", "created"), &hello(ChannelKind::Rcs)).await;
    assert!(result.is_ok(), "{result:?}");
    let form = asked[0].form();
    assert_eq!(conforms("twilio", "messages", &form), Ok(()));
    assert_eq!((&form["To"], &form["MessagingServiceSid"]), (&json!("+15558675310"), &json!("MG00000000000000000000000000000001")));
    assert_eq!(form.get("ValidityPeriod"), None);

    let stub = Stub::playing(example("twilio", "created")).await;
    let agent = with_value(settings(ChannelKind::Rcs), "from", "rcs:acme_agent");
    at(&stub, with_value(agent, "expires_after_ms", 120_000)).deliver(&hello(ChannelKind::Rcs)).await.unwrap();
    let form = typed(&stub.asked()[0].form());
    assert_eq!(conforms("twilio", "messages", &form), Ok(()));
    assert_eq!((&form["To"], &form["From"]), (&json!("rcs:+15558675310"), &json!("rcs:acme_agent")));
    assert_eq!(form["ValidityPeriod"], 120);
}

#[tokio::test]
async fn suggestions_go_out_in_a_template_that_is_made_once() {
    let answer = json!({"sid": format!("HX{}", "a".repeat(32))});
    let stub = Stub::playing(Script::json(201, &answer)).await;
    let door = at(&stub, settings(ChannelKind::Rcs));
    for text in ["Which size?", "And now?"] {
        door.deliver(&delivery(ChannelKind::Rcs, "+15558675310", text, &BUTTONS[..3])).await.unwrap();
    }
    door.deliver(&delivery(ChannelKind::Rcs, "+15558675310", "Other", &BUTTONS[..2])).await.unwrap();
    let asked = stub.asked();
    let paths: Vec<&str> = asked.iter().map(|asked| asked.line.split('/').nth(2).unwrap()).collect();
    assert_eq!(paths, ["Content HTTP", "Accounts", "Accounts", "Content HTTP", "Accounts"]);
    let template = asked[0].json();
    assert_eq!(conforms("twilio", "content", &template), Ok(()));
    assert_eq!(template["types"]["twilio/quick-reply"]["actions"][2], json!({"type": "QUICK_REPLY", "title": "Three", "id": "p3"}));
    assert_eq!(template["types"]["twilio/text"]["body"], "{{1}}\n\n- One\n- Two\n- Three", "an SMS gets the same as a list");
    let form = asked[1].form();
    assert_eq!(conforms("twilio", "messages", &form), Ok(()));
    assert_eq!((&form["ContentSid"], form.get("Body")), (&answer["sid"], None));
    assert_eq!(form["ContentVariables"], r#"{"1":"Which size?"}"#);
}

#[tokio::test]
async fn suggestions_without_a_template_are_a_list() {
    let stub = Stub::playing(Script::json(400, &json!({"code": 20_001, "message": "no"}))).await;
    let delivery = delivery(ChannelKind::Rcs, "+15558675310", "Which size?", &BUTTONS[..2]);
    assert!(at(&stub, settings(ChannelKind::Rcs)).deliver(&delivery).await.is_err());
    assert_eq!(stub.asked()[1].form()["Body"], "Which size?\n\n- One\n- Two");
}

/// Google and its token server in one.
async fn sent_by_google(answers: Vec<Script>, delivery: &Delivery) -> (Result<Sent, SendError>, Vec<Asked>) {
    let stub = Stub::playing_in_turn(answers).await;
    let result = at(&stub, google(&format!("{}/token", stub.base))).deliver(delivery).await;
    (result, stub.asked())
}

#[tokio::test]
async fn google_is_asked_whether_it_lets_the_account_in() {
    let standing = async |script: Script| {
        let stub = Stub::playing(script).await;
        at(&stub, google(&format!("{}/token", stub.base))).standing().await
    };
    assert_eq!(standing(example("rbm", "token")).await.unwrap().unwrap().name.as_deref(), Some("acme_agent@rbm.goog"));
    let dead = standing(Script::json(400, &json!({"error": "invalid_grant"}))).await;
    assert!(matches!(&dead, Err(SendError::Refused { code, .. }) if door_of_google().is_the_owners(code)), "{dead:?}");
    assert_eq!(standing(Script::HangUp).await, Ok(None), "that proves nothing");
}

fn door_of_google() -> std::sync::Arc<dyn domain::ports::Channel> {
    opened(&google(ELSEWHERE))
}

#[tokio::test]
async fn googles_messages_carry_an_id_of_ours_and_end_in_time() {
    let delivery = delivery(ChannelKind::Rcs, "+16505551234", "Which size?", &BUTTONS[..12]);
    let (result, asked) = sent_by_google(vec![example("rbm", "token"), example("rbm", "200")], &delivery).await;
    let id = result.unwrap().provider_message_id.unwrap();
    assert_eq!(id.len(), 36);
    assert!(asked[0].line.starts_with("POST /token "), "{}", asked[0].line);
    let expected = format!("POST /v1/phones/+16505551234/agentMessages?messageId={id}&agentId=acme_agent%40rbm.goog HTTP/1.1");
    assert_eq!(asked[1].line, expected);
    assert_eq!(asked[1].header("authorization"), Some("Bearer ya29.x"));
    let body = asked[1].json();
    assert_eq!(conforms("rbm", "agentMessages", &body), Ok(()));
    assert_eq!(body["ttl"], "300s", "without an end the person could get it after the SMS");
    assert_eq!(body["contentMessage"]["suggestions"].as_array().map(Vec::len), Some(10));
    assert_eq!(body["contentMessage"]["suggestions"][0]["reply"], json!({"text": "One", "postbackData": "p1"}));
    let (again, _) = sent_by_google(vec![example("rbm", "token"), example("rbm", "409")], &delivery).await;
    assert_eq!(again.unwrap().provider_message_id, Some(id), "the same message has the same id, and was sent already");
}

#[tokio::test]
async fn cards_stand_with_the_answer_or_right_after_it() {
    let mut said = delivery(ChannelKind::Rcs, "+16505551234", "The Contour costs 449 EUR.", &BUTTONS[..2]);
    said.rendered.cards = vec![card("contour")];
    let answers = || vec![example("rbm", "token"), example("rbm", "200")];
    let (_, asked) = sent_by_google(answers(), &said).await;
    let body = asked[1].json();
    assert_eq!((asked.len(), conforms("rbm", "agentMessages", &body)), (2, Ok(())));
    let shown = &body["contentMessage"]["richCard"]["standaloneCard"]["cardContent"];
    assert_eq!(shown["description"], "The Contour costs 449 EUR.");
    assert_eq!(shown["media"]["contentInfo"]["fileUrl"], "https://shop.example/contour.jpg");
    assert_eq!(shown["suggestions"][0]["action"]["openUrlAction"]["url"], "https://shop.example/contour");
    assert_eq!(body["contentMessage"]["suggestions"].as_array().map(Vec::len), Some(2));
    // Several stand beside each other below the words.
    said.rendered.cards.push(card("stool"));
    let (sent, asked) = sent_by_google(answers(), &said).await;
    let (words, cards) = (asked[1].json(), asked[2].json());
    assert_eq!(words["contentMessage"], json!({"text": "The Contour costs 449 EUR."}));
    assert_eq!(conforms("rbm", "agentMessages", &cards), Ok(()));
    assert_eq!(cards["contentMessage"]["richCard"]["carouselCard"]["cardContents"].as_array().map(Vec::len), Some(2));
    assert_eq!(cards["contentMessage"]["suggestions"].as_array().map(Vec::len), Some(2), "shown below the last message only");
    let id = sent.unwrap().provider_message_id.unwrap();
    assert!(asked[1].line.contains(&id) && !asked[2].line.contains(&id));
    // Refused, they cost the answer nothing; lost, both are sent again under the same ids.
    let (refused, _) = sent_by_google(vec![example("rbm", "token"), example("rbm", "200"), example("rbm", "400")], &said).await;
    assert_eq!(refused.unwrap().provider_message_id, Some(id));
    let (lost, _) = sent_by_google(vec![example("rbm", "token"), example("rbm", "200"), Script::HangUp], &said).await;
    assert!(matches!(lost, Err(SendError::NotSent(_))), "{lost:?}");
}

#[tokio::test]
async fn the_assertion_names_the_account_and_is_signed_with_its_key() {
    let (_, asked) = sent_by_google(vec![example("rbm", "token"), example("rbm", "200")], &hello(ChannelKind::Rcs)).await;
    let form = asked[0].form();
    assert_eq!(form["grant_type"], "urn:ietf:params:oauth:grant-type:jwt-bearer");
    let assertion = form["assertion"].as_str().unwrap();
    let part = |place: usize| -> Value {
        use base64::Engine;
        let part = assertion.split('.').nth(place).unwrap();
        serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    assert_eq!((&part(0)["alg"], &part(0)["kid"]), (&json!("RS256"), &json!("k1")));
    let claims = part(1);
    assert_eq!(claims["scope"], "https://www.googleapis.com/auth/rcsbusinessmessaging");
    assert_eq!(claims["iss"], "bot@rbm-x.iam.gserviceaccount.com");
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3_600);
}

#[tokio::test]
async fn each_of_googles_answers_is_one_outcome() {
    let outcome = async |script, expected: &str| {
        let (result, asked) = sent_by_google(vec![example("rbm", "token"), script], &hello(ChannelKind::Rcs)).await;
        let found = match &result {
            Ok(_) => "sent".to_owned(),
            Err(SendError::RateLimited(_)) => "slow".to_owned(),
            Err(SendError::NotYet(_)) => "not asked".to_owned(),
            Err(SendError::NotSent(_)) => "not sent".to_owned(),
            Err(SendError::Unknown(_)) => "unknown".to_owned(),
            Err(SendError::Refused { code, .. }) => code.clone(),
        };
        assert_eq!((found.as_str(), asked.len()), (expected, 2), "{result:?}");
    };
    outcome(example("rbm", "404"), "unreachable").await;
    outcome(example("rbm", "400"), "400").await;
    outcome(Script::json(403, &json!({})), "403").await;
    outcome(Script::json(429, &json!({})), "slow").await;
    // The id is an idempotency key: what may have arrived is sent again and arrives once.
    outcome(Script::json(500, &json!({})), "not sent").await;
    outcome(Script::json(401, &json!({})), "not sent").await;
    outcome(Script::HangUp, "not sent").await;
    let (refused, _) = sent_by_google(vec![Script::json(400, &json!({"error": "invalid_grant"}))], &hello(ChannelKind::Rcs)).await;
    assert!(matches!(refused, Err(SendError::Refused { .. })), "{refused:?}");
    let (away, _) = sent_by_google(vec![Script::HangUp], &hello(ChannelKind::Rcs)).await;
    assert!(matches!(away, Err(SendError::NotSent(_))), "{away:?}");
}

#[tokio::test]
async fn reading_and_writing_are_shown_by_googles_events() {
    let stub = Stub::playing_in_turn(vec![example("rbm", "token"), example("rbm", "200")]).await;
    at(&stub, google(&format!("{}/token", stub.base))).typing("+16505551234", Some("MxhCqv1")).await;
    let asked = stub.asked();
    assert_eq!(asked.len(), 3, "one token serves both");
    let types: Vec<Value> = asked[1..].iter().map(|asked| asked.json()["eventType"].clone()).collect();
    assert_eq!(types, ["READ", "IS_TYPING"]);
    assert!(asked[1..].iter().all(|asked| conforms("rbm", "agentEvents", &asked.json()).is_ok()));
    assert_eq!(asked[1].json()["messageId"], "MxhCqv1");
}

#[test]
fn the_specification_refuses_what_google_refuses() {
    let suggestion = |text: &str| json!({"reply": {"text": text, "postbackData": "p"}});
    for refused in [
        json!({"text": "x"}),
        json!({"contentMessage": {"text": "x".repeat(3_073)}}),
        json!({"contentMessage": {"text": "x", "suggestions": vec![suggestion("a"); 12]}}),
        json!({"contentMessage": {"text": "x", "suggestions": [suggestion(&"a".repeat(26))]}}),
        json!({"contentMessage": {"text": "x"}, "ttl": "5 minutes"}),
    ] {
        assert!(conforms("rbm", "agentMessages", &refused).is_err(), "{refused}");
    }
}
