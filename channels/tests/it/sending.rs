//! What we send satisfies the vendor's own specification, and each of its answers is the right one of the outcomes.

use std::sync::Arc;
use std::time::Duration;

use domain::channel::ChannelKind;
use domain::message::Delivery;
use domain::ports::{Channel, SendError, Sent};
use domain::settings::ConnectionSettings;
use serde_json::{Value, json};

use crate::stub::{Asked, Script, Stub};
use crate::world::{NOW, Request, delivery, door, fixture, opened, settings, with_secret, with_value};

/// Checks a request against the vendor's schema.
pub(crate) fn conforms(vendor: &str, operation: &str, request: &Value) -> Result<(), String> {
    let mut schema = fixture(&format!("specs/{vendor}.json"));
    let mut root = schema["requests"][operation].take();
    root["$defs"] = schema["$defs"].take();
    let validator = jsonschema::validator_for(&root).unwrap();
    validator.validate(request).map_err(|error| format!("{error} in {request}"))
}

/// The vendor's own example of an answer.
pub(crate) fn example(vendor: &str, name: &str) -> Script {
    let example = &fixture(&format!("specs/{vendor}.json"))["answers"][name];
    Script::json(u16::try_from(example["status"].as_u64().unwrap()).unwrap(), &example["body"])
}

pub(crate) fn at(stub: &Stub, mut settings: ConnectionSettings) -> Arc<dyn Channel> {
    settings.api_base = Some(stub.base.clone());
    opened(&settings)
}

pub(crate) async fn send(script: Script, delivery: &Delivery) -> (Result<Sent, SendError>, Vec<Asked>) {
    let stub = Stub::playing(script).await;
    let settings = with_value(settings(delivery.channel), "webhook_url", stub.base.clone());
    let result = at(&stub, settings).deliver(delivery).await;
    (result, stub.asked())
}

pub(crate) fn hello(kind: ChannelKind) -> Delivery {
    let address = match kind {
        ChannelKind::Whatsapp => "16505551234",
        ChannelKind::Telegram => "7527593",
        ChannelKind::Messenger | ChannelKind::Instagram => "5858005774265432",
        _ => "+15558675310",
    };
    delivery(kind, address, "hello", &[])
}

pub(crate) const BUTTONS: [(&str, &str); 12] = [
    ("One", "p1"),
    ("Two", "p2"),
    ("Three", "p3"),
    ("Four", "p4"),
    ("Five", "p5"),
    ("Six", "p6"),
    ("Seven", "p7"),
    ("Eight", "p8"),
    ("Nine", "p9"),
    ("Ten", "p10"),
    ("Eleven", "p11"),
    ("Twelve", "p12"),
];

#[tokio::test]
async fn whatsapp_messages_satisfy_metas_specification() {
    let long_title = [("A title that is longer than any button may be", "p")];
    let long_text = "x".repeat(1_025);
    let cases = [
        ("16505551234", "hello", &BUTTONS[..0], "text"),
        ("US.13491208655302741918", "hello", &BUTTONS[..0], "text"),
        ("16505551234", "choose", &BUTTONS[..1], "interactive"),
        ("16505551234", "choose", &BUTTONS[..3], "interactive"),
        ("16505551234", "choose", &BUTTONS[..4], "interactive"),
        ("16505551234", "choose", &BUTTONS[..12], "interactive"),
        ("16505551234", "choose", &long_title[..], "interactive"),
        ("16505551234", long_text.as_str(), &BUTTONS[..2], "text"),
    ];
    for (address, text, buttons, kind) in cases {
        let delivery = delivery(ChannelKind::Whatsapp, address, text, buttons);
        let (result, asked) = send(example("whatsapp", "200"), &delivery).await;
        let id = "wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBJCOTY3NDc0NDFDRUI3NTA0Q0UA".to_owned();
        assert_eq!(result, Ok(Sent { provider_message_id: Some(id) }));
        assert_eq!(asked.len(), 1, "one message is sent once");
        assert_eq!(asked[0].line, "POST /106540352242922/messages HTTP/1.1");
        assert_eq!(asked[0].header("authorization"), Some("Bearer EAAB"));
        let body = asked[0].json();
        assert_eq!(conforms("whatsapp", "messages", &body), Ok(()));
        assert_eq!(body["type"], kind, "{body}");
        assert_eq!(body["biz_opaque_callback_data"], delivery.id.to_string());
        let key = if address.contains('.') { "recipient" } else { "to" };
        assert_eq!(body[key], address);
    }
}

#[tokio::test]
async fn a_text_too_long_for_buttons_still_names_the_choices() {
    let delivery = delivery(ChannelKind::Whatsapp, "16505551234", &"x".repeat(1_025), &BUTTONS[..2]);
    let (_, asked) = send(example("whatsapp", "200"), &delivery).await;
    let body = asked[0].json();
    assert!(body["text"]["body"].as_str().unwrap().ends_with("\n\n1. One\n2. Two"), "{body}");
}

#[test]
fn the_specification_refuses_what_meta_refuses() {
    let refused = |body: Value| assert!(conforms("whatsapp", "messages", &body).is_err(), "{body}");
    refused(json!({"to": "1", "type": "text", "text": {"body": "x"}}));
    refused(json!({"messaging_product": "whatsapp", "to": "1", "type": "text", "text": {"body": "x".repeat(4_097)}}));
    refused(json!({"messaging_product": "whatsapp", "to": "1", "type": "text", "text": "x"}));
    assert!(conforms("telegram", "sendMessage", &json!({"chat_id": 1, "text": "x".repeat(4_097)})).is_err());
    assert!(conforms("twilio", "messages", &json!({"From": "+1", "Body": "x"})).is_err());
}

#[tokio::test]
async fn whatsapp_shows_reading_and_typing_in_one_call() {
    let stub = Stub::playing(Script::json(200, &json!({"success": true}))).await;
    let door = at(&stub, settings(ChannelKind::Whatsapp));
    door.typing("16505551234", Some("wamid.X")).await;
    door.typing("16505551234", None).await;
    let asked = stub.asked();
    assert_eq!(asked.len(), 1, "without a message there is nothing to show");
    assert_eq!(conforms("whatsapp", "messages", &asked[0].json()), Ok(()));
    assert_eq!(asked[0].json()["typing_indicator"]["type"], "text");
}

#[tokio::test]
async fn telegram_messages_satisfy_the_bot_api() {
    let mut with_contact = hello(ChannelKind::Telegram);
    with_contact.rendered.request_contact = true;
    let deliveries = [
        hello(ChannelKind::Telegram),
        delivery(ChannelKind::Telegram, "7527593", "1 < 2 & <b>bold", &BUTTONS[..3]),
        delivery(ChannelKind::Telegram, "-1001234567890", "x", &[("T", &"é".repeat(60))]),
        with_contact,
    ];
    for delivery in &deliveries {
        let (result, asked) = send(example("telegram", "200"), delivery).await;
        assert_eq!(result, Ok(Sent { provider_message_id: Some("501".to_owned()) }));
        assert_eq!(asked[0].line, "POST /bot123456:ABC-DEF/sendMessage HTTP/1.1");
        let body = asked[0].json();
        assert_eq!(conforms("telegram", "sendMessage", &body), Ok(()));
        assert_eq!(body["chat_id"].to_string(), delivery.address, "ids are numbers");
        let data = body["reply_markup"]["inline_keyboard"][0][0]["callback_data"].as_str();
        assert!(data.is_none_or(|data| data.len() <= 64), "callback data is counted in bytes");
    }
    let (_, asked) = send(example("telegram", "200"), &deliveries[1]).await;
    assert_eq!(asked[0].json()["text"], "1 &lt; 2 &amp; <b>bold</b>");
    let (_, asked) = send(example("telegram", "200"), &deliveries[3]).await;
    assert_eq!(asked[0].json()["reply_markup"]["keyboard"][0][0]["request_contact"], true);
}

#[tokio::test]
async fn a_contact_is_asked_for_in_one_row_and_never_for_a_business_account() {
    let buttons = [("Meine Nummer teilen", "share_contact"), ("Kontaktformular", "form")];
    let asks = |address: &str| {
        let mut asks = delivery(ChannelKind::Telegram, address, "hello", &buttons);
        asks.rendered.request_contact = true;
        asks
    };
    let (_, asked) = send(example("telegram", "200"), &asks("7527593")).await;
    let rows = json!([[{"text": "Meine Nummer teilen", "request_contact": true}], [{"text": "Kontaktformular"}]]);
    assert_eq!(asked[0].json()["reply_markup"]["keyboard"], rows);
    let (sent, asked) = send(example("telegram", "200"), &asks("7527593 via bc1")).await;
    let body = asked[0].json();
    assert_eq!(conforms("telegram", "sendMessage", &body), Ok(()));
    assert_eq!((&body["business_connection_id"], &body["reply_markup"]["keyboard"]), (&json!("bc1"), &Value::Null));
    assert_eq!(body["reply_markup"]["inline_keyboard"], json!([[{"text": "Kontaktformular", "callback_data": "form"}]]));
    assert_eq!(sent, Ok(Sent { provider_message_id: Some("bc1/501".to_owned()) }), "a business account has numbers of its own");
}

#[tokio::test]
async fn telegram_acknowledges_a_tapped_button_and_shows_typing() {
    let stub = Stub::playing(Script::json(200, &json!({"ok": true, "result": true}))).await;
    let door = at(&stub, settings(ChannelKind::Telegram));
    door.typing("7527593", Some("1011")).await;
    door.typing("7527593", Some("4382bfdwdsb323b2d9")).await;
    let asked = stub.asked();
    let methods: Vec<&str> = asked.iter().map(|asked| asked.line.split(['/', ' ']).nth(3).unwrap()).collect();
    assert_eq!(methods, ["sendChatAction", "answerCallbackQuery", "sendChatAction"]);
    for (method, asked) in methods.iter().zip(&asked) {
        assert_eq!(conforms("telegram", method, &asked.json()), Ok(()));
    }
    assert_eq!(asked[1].json()["callback_query_id"], "4382bfdwdsb323b2d9");
}

#[tokio::test]
async fn sms_forms_satisfy_twilios_specification() {
    let delivery = hello(ChannelKind::Sms);
    let (result, asked) = send(example("twilio", "created"), &delivery).await;
    assert_eq!(result, Ok(Sent { provider_message_id: Some(format!("SM{}", "a".repeat(32))) }));
    assert_eq!(asked[0].line, "POST /2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json HTTP/1.1");
    assert_eq!(asked[0].header("authorization"), Some("Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMToxMjM0NQ=="));
    let form = asked[0].form();
    assert_eq!(conforms("twilio", "messages", &form), Ok(()));
    let callback = format!("https://chat.example.com/hooks/door?delivery={}", delivery.id);
    assert_eq!(form, json!({"To": "+15558675310", "From": "+15017122661", "Body": "hello", "StatusCallback": callback}));
}

#[tokio::test]
async fn sms_may_leave_by_a_messaging_service_and_an_api_key() {
    let stub = Stub::playing(example("twilio", "created")).await;
    let service = "MG00000000000000000000000000000001";
    let settings = with_value(settings(ChannelKind::Sms), "from", service);
    let settings = with_secret(with_value(settings, "api_key_sid", "SK1"), "api_key_secret", "s");
    at(&stub, settings).deliver(&hello(ChannelKind::Sms)).await.unwrap();
    let asked = stub.asked();
    assert_eq!(asked[0].form()["MessagingServiceSid"], service);
    assert_eq!(asked[0].form().get("From"), None);
    assert_eq!(asked[0].header("authorization"), Some("Basic U0sxOnM="));
    assert_eq!(conforms("twilio", "messages", &asked[0].form()), Ok(()));
}

#[tokio::test]
async fn our_id_comes_back_in_twilios_report() {
    let (_, asked) = send(example("twilio", "created"), &hello(ChannelKind::Sms)).await;
    let callback = asked[0].form()["StatusCallback"].as_str().unwrap().to_owned();
    let request = Request::post("MessageSid=SM1&MessageStatus=delivered&To=%2B15558675310").url(&callback);
    let events = serde_json::to_value(channels::decode(ChannelKind::Sms, &request.view()).unwrap()).unwrap();
    assert_eq!(events[0]["opaque"], hello(ChannelKind::Sms).id.to_string());
}

#[tokio::test]
async fn api_replies_are_signed_for_their_receiver() {
    let delivery = delivery(ChannelKind::Api, "user_42", "hello", &BUTTONS[..1]);
    let (result, asked) = send(Script::json(200, &json!({"id": "theirs"})), &delivery).await;
    assert_eq!(result, Ok(Sent { provider_message_id: Some("theirs".to_owned()) }));
    assert_eq!(asked[0].header("webhook-id"), Some(delivery.id.to_string().as_str()));
    let signed_at: i64 = asked[0].header("webhook-timestamp").unwrap().parse().unwrap();
    let mut request = Request::post(asked[0].body.as_str());
    request.headers = asked[0].headers.clone();
    let keys = channels::WebhookKeys::new([crate::world::API_SECRET]);
    assert_eq!(keys.verify(&request.view(), signed_at), Ok(delivery.id.to_string().as_str()));
    assert!(signed_at > NOW - 400_000_000, "real time: {signed_at}");
    let data = &asked[0].json()["data"];
    assert_eq!((&data["to"], &data["text"], &data["author"]), (&json!("user_42"), &json!("hello"), &json!("ai")));
    assert_eq!(data["buttons"], json!([{"title": "One", "payload": "p1"}]));
}

#[tokio::test]
async fn doors_whose_mailbox_is_the_store_have_sent_at_once() {
    for kind in [ChannelKind::Api, ChannelKind::Widget] {
        assert_eq!(door(kind).deliver(&hello(kind)).await, Ok(Sent { provider_message_id: None }), "{kind}");
    }
}

/// Which outcome it is, without its words.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    Slow(Option<u64>),
    NotSent,
    Unknown,
    Refused(&'static str),
    Suppressed(&'static str),
}
use Outcome::{NotSent, Refused, Slow, Suppressed, Unknown};

pub(crate) async fn check(kind: ChannelKind, script: Script, expected: Outcome) {
    let what = match &script {
        Script::Answer { status, body, .. } => format!("{kind} {status} {body}"),
        _ => kind.to_string(),
    };
    let (result, asked) = send(script, &hello(kind)).await;
    let matches = match (&result, &expected) {
        (Err(SendError::RateLimited(after)), Slow(seconds)) => *after == seconds.map(Duration::from_secs),
        (Err(SendError::NotSent(_)), NotSent) | (Err(SendError::Unknown(_)), Unknown) => true,
        (Err(SendError::Refused { code, opted_out, why }), Refused(wanted)) => code == wanted && !opted_out && !why.is_empty(),
        (Err(SendError::Refused { code, opted_out, .. }), Suppressed(wanted)) => code == wanted && *opted_out,
        _ => false,
    };
    assert!(matches, "{what}: expected {expected:?}, found {result:?}");
    assert_eq!(asked.len(), 1, "{what}: never tried again inside");
}

#[tokio::test]
async fn each_of_metas_answers_is_one_outcome() {
    let check = |script, expected| check(ChannelKind::Whatsapp, script, expected);
    check(example("whatsapp", "bad_param"), Refused("100")).await;
    check(example("whatsapp", "outside_window"), Refused("131047")).await;
    check(example("whatsapp", "undeliverable"), Refused("131026")).await;
    check(example("whatsapp", "rate"), Slow(None)).await;
    check(example("whatsapp", "pair_rate"), Slow(Some(6))).await;
    check(example("whatsapp", "template_missing"), Refused("132001")).await;
    check(example("whatsapp", "401"), Refused("190")).await;
    let error = |status, code: i64| Script::json(status, &json!({"error": {"message": "x", "code": code}}));
    check(error(400, 131_048), Slow(Some(3_600))).await;
    check(error(403, 131_031), Refused("131031")).await;
    check(error(500, 131_000), Unknown).await;
    check(error(503, 131_016), NotSent).await;
    check(error(500, 100), Unknown).await;
    check(Script::json(500, &json!("oops")), Unknown).await;
    check(Script::json(404, &json!({})), Refused("404")).await;
    check(Script::json(200, &json!({})), Unknown).await;
    check(Script::json(302, &json!({})), Unknown).await;
    let busy = Script::Answer { status: 429, headers: "retry-after: 12\r\n", body: String::new() };
    check(busy, Slow(Some(12))).await;
}

#[tokio::test]
async fn a_closed_window_is_said_in_words() {
    let (result, _) = send(example("whatsapp", "outside_window"), &hello(ChannelKind::Whatsapp)).await;
    assert!(matches!(result, Err(SendError::Refused { why, .. }) if why.starts_with("window closed")));
}

#[tokio::test]
async fn each_of_telegrams_answers_is_one_outcome() {
    let check = |script, expected| check(ChannelKind::Telegram, script, expected);
    let error = |code: u16, said: &str| Script::json(code, &json!({"ok": false, "error_code": code, "description": said}));
    check(example("telegram", "400"), Refused("400")).await;
    check(example("telegram", "401"), Refused("401")).await;
    check(example("telegram", "429"), Slow(Some(7))).await;
    check(error(403, "Forbidden: bot was blocked by the user"), Suppressed("403")).await;
    check(error(403, "Forbidden: user is deactivated"), Suppressed("403")).await;
    check(error(403, "Forbidden: bot can't initiate conversation with a user"), Refused("403")).await;
    check(error(400, "Bad Request: chat not found"), Refused("400")).await;
    check(error(500, "Internal Server Error: restart"), NotSent).await;
    check(error(502, "Bad Gateway"), Unknown).await;
    check(Script::json(200, &json!({"ok": true})), Unknown).await;
}

#[tokio::test]
async fn each_of_twilios_answers_is_one_outcome() {
    let check = |script, expected| check(ChannelKind::Sms, script, expected);
    check(Script::json(400, &fixture("sms/api-error-21610.json")), Suppressed("21610")).await;
    let error = |status, code: i64| Script::json(status, &json!({"code": code, "message": "x", "status": status}));
    check(error(400, 21_211), Refused("21211")).await;
    check(error(400, 21_614), Refused("21614")).await;
    check(error(401, 20_003), Refused("20003")).await;
    check(error(429, 20_429), Slow(None)).await;
    check(error(400, 14_107), Slow(None)).await;
    check(error(503, 20_503), NotSent).await;
    check(error(500, 20_500), Unknown).await;
    check(Script::json(502, &json!("bad gateway")), Unknown).await;
    check(Script::json(201, &json!({"sid": "SM1", "status": "failed", "error_code": 30_007})), Refused("30007")).await;
}

#[tokio::test]
async fn each_of_a_webhooks_answers_is_one_outcome() {
    let check = |status, expected| check(ChannelKind::Api, Script::json(status, &json!({})), expected);
    check(410, Refused("410")).await;
    check(503, NotSent).await;
    check(408, Unknown).await;
    check(429, Slow(None)).await;
}

const SENDERS: [ChannelKind; 4] = [ChannelKind::Whatsapp, ChannelKind::Telegram, ChannelKind::Sms, ChannelKind::Api];

#[tokio::test]
async fn nothing_was_sent_where_nobody_listens() {
    // Held, so that nobody else gets the port, but not listened on.
    let held = tokio::net::TcpSocket::new_v4().unwrap();
    held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let base = format!("http://{}", held.local_addr().unwrap());
    for kind in SENDERS {
        let mut settings = with_value(settings(kind), "webhook_url", base.clone());
        settings.api_base = Some(base.clone());
        let result = opened(&settings).deliver(&hello(kind)).await;
        assert!(matches!(result, Err(SendError::NotSent(_))), "{kind}: {result:?}");
    }
}

#[tokio::test]
async fn a_connection_cut_after_the_request_leaves_it_unknown() {
    for kind in SENDERS {
        check(kind, Script::HangUp, Unknown).await;
    }
    for kind in [ChannelKind::Whatsapp, ChannelKind::Telegram, ChannelKind::Sms] {
        check(kind, Script::CutOff, Unknown).await;
        check(kind, Script::Endless, Unknown).await;
    }
}

#[tokio::test]
async fn silence_past_the_deadline_leaves_it_unknown() {
    for kind in SENDERS {
        let stub = Stub::playing(Script::Silence).await;
        let settings = with_value(with_value(settings(kind), "webhook_url", stub.base.clone()), "deadline_ms", 200);
        let result = at(&stub, settings).deliver(&hello(kind)).await;
        assert!(matches!(result, Err(SendError::Unknown(_))), "{kind}: {result:?}");
    }
}

#[tokio::test]
async fn an_error_never_holds_the_bots_token() {
    for script in [Script::HangUp, Script::json(401, &json!({"ok": false, "error_code": 401, "description": "Unauthorized"}))] {
        let (result, _) = send(script, &hello(ChannelKind::Telegram)).await;
        assert!(!format!("{result:?}").contains("ABC-DEF"), "{result:?}");
    }
}

#[tokio::test]
async fn a_message_without_text_is_not_sent() {
    for kind in [ChannelKind::Whatsapp, ChannelKind::Telegram, ChannelKind::Sms] {
        let (result, asked) = send(Script::HangUp, &delivery(kind, "1", "  ", &[])).await;
        assert!(matches!(result, Err(SendError::Refused { .. })), "{kind}: {result:?}");
        assert_eq!(asked.len(), 0);
    }
}
