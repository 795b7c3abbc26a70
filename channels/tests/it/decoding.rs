//! Every recorded payload becomes what its expectation says, and what the vendor does not record is covered by hand.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use channels::UNREADABLE_ITEM;
use domain::Timestamp;
use domain::channel::ChannelKind;
use domain::event::InboundEvent;
use serde_json::{Value, json};

use crate::world::{Request, fixture, form};

/// An absent key is not checked; `null`, `[]` and `false` mean absent or empty; times are compared as instants.
pub(crate) fn differs(expected: &Value, found: Option<&Value>, path: &str) -> Option<String> {
    let is_empty = |value: &Value| matches!(value, Value::Null | Value::Bool(false)) || value == &json!([]);
    let found = found.filter(|value| !is_empty(value));
    if is_empty(expected) {
        return found.map(|found| format!("{path}: expected nothing, found {found}"));
    }
    let Some(found) = found else { return Some(format!("{path}: expected {expected}, found nothing")) };
    match (expected, found) {
        (Value::Object(keys), Value::Object(_)) => {
            keys.iter().find_map(|(key, value)| differs(value, found.get(key), &format!("{path}.{key}")))
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            let mut pairs = items.iter().zip(others).enumerate();
            pairs.find_map(|(place, (item, other))| differs(item, Some(other), &format!("{path}[{place}]")))
        }
        (Value::String(one), Value::String(other)) if path.ends_with(".timestamp") => {
            let same = Timestamp::parse_rfc3339(one) == Timestamp::parse_rfc3339(other);
            (!same).then(|| format!("{path}: expected {one}, found {other}"))
        }
        _ => (expected != found).then(|| format!("{path}: expected {expected}, found {found}")),
    }
}

fn request_of(kind: ChannelKind, payload: &Value) -> Request {
    if kind == ChannelKind::Rcs && payload.get("MessageSid").is_none() {
        return Request::post(envelope(payload).to_string());
    }
    if kind == ChannelKind::Voice && payload.get("CallSid").is_some() {
        return Request::post(form(payload)).header("content-type", "application/x-www-form-urlencoded");
    }
    if matches!(kind, ChannelKind::Sms | ChannelKind::Rcs) {
        return Request::post(form(payload)).header("content-type", "application/x-www-form-urlencoded");
    }
    match payload["raw"].as_str() {
        Some(raw) if kind == ChannelKind::Email => Request::post(raw),
        _ => Request::post(payload.to_string()),
    }
}

pub(crate) fn events(kind: ChannelKind, payload: &Value) -> Vec<InboundEvent> {
    channels::decode(kind, &request_of(kind, payload).view()).unwrap()
}

/// An event of RCS as Google posts it.
pub(crate) fn envelope(event: &Value) -> Value {
    json!({"message": {"data": STANDARD.encode(event.to_string()), "messageId": "1"}, "subscription": "projects/p/subscriptions/s"})
}

fn check_folder(kind: ChannelKind, folder: &str, without_events: &[&str], at_least: usize) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(folder);
    let mut wrong = Vec::new();
    let mut checked = 0;
    for file in std::fs::read_dir(path).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let Some(case) = name.strip_suffix(".json").filter(|case| !case.ends_with(".expect") && !case.ends_with(".sent")) else { continue };
        if without_events.contains(&case) {
            continue;
        }
        let expected = fixture(&format!("{folder}/{case}.expect.json"));
        let found = serde_json::to_value(events(kind, &fixture(&format!("{folder}/{name}")))).unwrap();
        wrong.extend(differs(&expected["events"], Some(&found), case));
        let back: Result<Vec<InboundEvent>, _> = serde_json::from_value(found);
        assert!(back.is_ok(), "{case} cannot be read back");
        checked += 1;
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(checked >= at_least, "{folder} has only {checked} cases");
}

#[test]
fn every_recorded_whatsapp_webhook_is_understood() {
    check_folder(ChannelKind::Whatsapp, "whatsapp", &["verify-get-query"], 48);
}

#[test]
fn every_frame_and_form_of_a_call_is_understood() {
    check_folder(ChannelKind::Voice, "voice", &[], 27);
}

#[test]
fn every_recorded_telegram_update_is_understood() {
    check_folder(ChannelKind::Telegram, "telegram", &[], 19);
}

#[test]
fn every_recorded_sms_form_is_understood() {
    check_folder(ChannelKind::Sms, "sms", &["api-error-21610"], 13);
}

#[test]
fn rcs_in_the_webhook_of_sms_is_understood() {
    check_folder(ChannelKind::Sms, "sms-rcs", &[], 6);
    check_folder(ChannelKind::Rcs, "sms-rcs", &[], 6);
    check_folder(ChannelKind::Rcs, "sms", &["api-error-21610"], 13);
}

#[test]
fn every_recorded_messenger_webhook_is_understood() {
    check_folder(ChannelKind::Messenger, "messenger", &[], 25);
}

#[test]
fn every_recorded_instagram_webhook_is_understood() {
    check_folder(ChannelKind::Instagram, "instagram", &[], 15);
}

#[test]
fn every_recorded_event_of_googles_rcs_is_understood() {
    check_folder(ChannelKind::Rcs, "rbm", &["envelope-signed", "verify-post"], 8);
    let envelope = fixture("rbm/envelope-signed.json");
    let request = Request::post(envelope["body"].to_string());
    let found = serde_json::to_value(channels::decode(ChannelKind::Rcs, &request.view()).unwrap()).unwrap();
    assert_eq!((&found[0]["text"], &found[0]["sender"]), (&json!("Hello"), &json!("+16505551234")));
    let handshake = Request::post(fixture("rbm/verify-post.json")["body"].to_string());
    assert_eq!(channels::decode(ChannelKind::Rcs, &handshake.view()), Ok(Vec::new()));
}

#[test]
fn every_recorded_mail_is_understood() {
    check_folder(ChannelKind::Email, "email", &[], 9);
}

#[test]
fn every_recorded_discord_event_is_understood() {
    check_folder(ChannelKind::Discord, "discord", &[], 22);
}

#[test]
fn a_name_belongs_only_to_whoever_wrote() {
    let message = |from: &str| json!({"from": from, "id": format!("w{from}"), "type": "text", "text": {"body": "hi"}});
    let scoped = json!({"from_user_id": "US.9", "id": "w9", "type": "text", "text": {"body": "hi"}});
    let contact = |name: &str, key: &str, id: &str| json!({"profile": {"name": name}, key: id});
    let contacts = [contact("Ben", "wa_id", "2"), contact("Ana", "wa_id", "1"), contact("Cy", "user_id", "US.9")];
    let value = json!({"contacts": contacts, "messages": [message("1"), message("2"), message("3"), scoped]});
    let found = serde_json::to_value(events(ChannelKind::Whatsapp, &whatsapp_field("messages", &value))).unwrap();
    let names: Vec<Option<&str>> = (0..4).map(|place| found[place]["sender_name"].as_str()).collect();
    assert_eq!(names, [Some("Ana"), Some("Ben"), None, Some("Cy")]);
}

/// One message around `part`, as Meta wraps it.
fn whatsapp(part: &Value) -> Value {
    let mut message = json!({"from": "16505551234", "id": "wamid.X", "timestamp": "1780000000"});
    message.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
    let value = json!({"metadata": {"phone_number_id": "1"}, "messages": [message]});
    json!({"object": "whatsapp_business_account", "entry": [{"changes": [{"field": "messages", "value": value}]}]})
}

fn whatsapp_field(field: &str, value: &Value) -> Value {
    json!({"object": "whatsapp_business_account", "entry": [{"changes": [{"field": field, "value": value}]}]})
}

pub(crate) fn check(kind: ChannelKind, payload: &Value, expected: &Value) {
    let found = serde_json::to_value(events(kind, payload)).unwrap();
    assert_eq!(differs(&json!([expected]), Some(&found), ""), None, "{payload}");
}

#[test]
fn whatsapp_kinds_without_a_recording_are_understood_too() {
    let check = |part: Value, expected: Value| check(ChannelKind::Whatsapp, &whatsapp(&part), &expected);
    check(
        json!({"type": "interactive", "interactive": {"type": "nfm_reply",
            "nfm_reply": {"name": "flow", "body": "Sent", "response_json": "{\"size\":\"L\"}"}}}),
        json!({"kind": "message", "text": null, "structured": {"size": "L"}}),
    );
    check(json!({"type": "text", "text": {"body": "hi"}, "group_id": "G"}), json!({"kind": "ignored"}));
    check(json!({"type": "text", "text": {"body": "hi"}, "timestamp": "99999999999999"}), json!({"kind": "message", "timestamp": null}));
    check(json!({"type": "text", "text": {"body": " STOP. "}}), json!({"kind": "message", "text": "STOP.", "opt_out": true}));
    check(json!({"type": "text", "text": {"body": "hi\u{0}\u{1b}[2J"}}), json!({"kind": "message", "text": "hi[2J", "opt_out": false}));
    check(json!({"type": "reaction_v9", "reaction_v9": {"x": 1}}), json!({"kind": "ignored", "sender": "16505551234"}));
    check(
        json!({"from": "5215512345678", "type": "text", "text": {"body": "hola"}}),
        json!({"kind": "message", "sender": "5215512345678", "sender_e164": "+525512345678"}),
    );
    check(
        json!({"from": "551187654321", "type": "text", "text": {"body": "oi"}}),
        json!({"kind": "message", "sender_e164": "+5511987654321"}),
    );
    check(
        json!({"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": {"response_json": "{"}}}),
        json!({"kind": "ignored", "reason": format!("{UNREADABLE_ITEM}: the answers of a form")}),
    );
}

#[test]
fn an_answer_in_metas_own_app_is_an_echo_to_the_customer() {
    let echo = json!({"from": "15550783881", "to": "16505551234", "id": "wamid.E", "timestamp": "1780000000",
        "type": "text", "text": {"body": "on it"}});
    let value = json!({"metadata": {"phone_number_id": "1"}, "message_echoes": [echo]});
    let expected = json!({"kind": "echo", "sender": "16505551234", "text": "on it", "provider_message_id": "wamid.E"});
    check(ChannelKind::Whatsapp, &whatsapp_field("smb_message_echoes", &value), &expected);
}

#[test]
fn templates_and_marketing_preferences_are_told() {
    let value = json!({"event": "REJECTED", "message_template_id": 7, "message_template_name": "welcome",
        "message_template_language": "en", "reason": "INVALID_FORMAT"});
    let expected = json!({"kind": "template_status", "status": "rejected", "name": "welcome", "language": "en"});
    check(ChannelKind::Whatsapp, &whatsapp_field("message_template_status_update", &value), &expected);

    let value = json!({"user_preferences": [{"wa_id": "16505551234", "value": "stop", "category": "marketing_messages"}]});
    let expected = json!({"kind": "opt_out", "sender": "16505551234", "scope": "marketing"});
    check(ChannelKind::Whatsapp, &whatsapp_field("user_preferences", &value), &expected);

    let unknown = json!({"kind": "ignored", "reason": "field account_update_v9"});
    check(ChannelKind::Whatsapp, &whatsapp_field("account_update_v9", &json!({})), &unknown);
}

#[test]
fn one_unreadable_message_of_a_thousand_spoils_only_itself() {
    let message = |n: u32| match n {
        500 => json!({"from": "16505551234", "type": "text", "text": {"body": "no id"}}),
        n => json!({"from": "16505551234", "id": format!("wamid.{n}"), "type": "text", "text": {"body": "hi"}}),
    };
    let value = json!({"messages": (1..=1_000).map(message).collect::<Vec<_>>()});
    let events = events(ChannelKind::Whatsapp, &whatsapp_field("messages", &value));
    let is_message = |event: &&InboundEvent| matches!(event, InboundEvent::Message(_));
    assert_eq!(events.len(), 1_000);
    assert_eq!(events.iter().filter(is_message).count(), 999);
    assert!(matches!(&events[499], InboundEvent::Ignored(ignored) if ignored.reason.starts_with(UNREADABLE_ITEM)));
}

#[test]
fn statuses_tell_whether_another_try_makes_sense() {
    let check = |code: i64, retryable: bool| {
        let report = json!({"id": "w", "status": "failed", "errors": [{"code": code}], "recipient_id": "1",
            "biz_opaque_callback_data": "dlv_1"});
        let payload = whatsapp_field("messages", &json!({"statuses": [report]}));
        let expected = json!({"kind": "status", "error_code": code.to_string(), "opaque": "dlv_1"});
        check(ChannelKind::Whatsapp, &payload, &expected);
        let InboundEvent::Status(status) = &events(ChannelKind::Whatsapp, &payload)[0] else { panic!("no status") };
        assert_eq!(status.retryable, Some(retryable), "{code}");
    };
    for code in [130_429, 131_048, 131_056, 131_000, 131_016] {
        check(code, true);
    }
    for code in [131_026, 131_047, 190, 131_031, 132_001] {
        check(code, false);
    }
}

/// One private message around `part`.
fn telegram(part: &Value) -> Value {
    let mut message = json!({"message_id": 5, "date": NOW, "from": {"id": 7, "first_name": "Ana"}, "chat": {"id": 7, "type": "private"}});
    message.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
    json!({"update_id": 1, "message": message})
}

const NOW: i64 = 1_780_000_000;

#[test]
fn a_contact_proves_a_number_only_when_it_is_the_senders_and_not_forwarded() {
    let check = |part: Value, verified: Value, cards: usize| {
        let payload = telegram(&part);
        let found = serde_json::to_value(events(ChannelKind::Telegram, &payload)).unwrap();
        assert_eq!(found[0]["verified_phone"], verified, "{part}");
        assert_eq!(found[0]["contact_cards"].as_array().unwrap().len(), cards, "{part}");
    };
    let own = json!({"phone_number": "34600111222", "first_name": "Ana", "user_id": 7});
    let others = json!({"phone_number": "+34600111222", "first_name": "Ana", "user_id": 8});
    let nobodys = json!({"phone_number": "+34600111222", "first_name": "Ana"});
    check(json!({"contact": own}), json!("+34600111222"), 0);
    check(json!({"contact": others}), Value::Null, 1);
    check(json!({"contact": nobodys}), Value::Null, 1);
    check(json!({"contact": own, "forward_origin": {"type": "user"}}), Value::Null, 1);
    check(json!({"contact": own, "forward_date": 1}), Value::Null, 1);
}

#[test]
fn a_start_parameter_counts_only_as_a_command_at_the_beginning() {
    let command = json!([{"offset": 0, "length": 6, "type": "bot_command"}]);
    let check = |part: Value, token: Option<&str>| {
        let found = serde_json::to_value(events(ChannelKind::Telegram, &telegram(&part))).unwrap();
        assert_eq!(found[0]["start_token"].as_str(), token, "{part}");
    };
    check(json!({"text": "/start abc_-1", "entities": command}), Some("abc_-1"));
    check(json!({"text": "/start@shop_bot abc", "entities": command}), Some("abc"));
    check(json!({"text": "/start abc"}), None);
    check(json!({"text": "see /start abc", "entities": [{"offset": 4, "length": 6, "type": "bot_command"}]}), None);
    check(json!({"text": "/start a b", "entities": command}), None);
    check(json!({"text": "/start", "entities": command}), None);
    check(json!({"text": format!("/start {}", "a".repeat(65)), "entities": command}), None);
    check(json!({"text": "/start abc", "entities": command, "forward_origin": {"type": "user"}}), None);
}

#[test]
fn what_telegram_sends_beside_messages_is_sorted_out() {
    let check = |payload: Value, expected: Value| check(ChannelKind::Telegram, &payload, &expected);
    check(telegram(&json!({"poll": {"id": "1"}})), json!({"kind": "message", "unsupported": "poll", "text": null}));
    check(telegram(&json!({"pinned_message": {}})), json!({"kind": "ignored"}));
    check(telegram(&json!({"from": {"id": 8, "is_bot": true}, "text": "beep"})), json!({"kind": "ignored"}));
    check(json!({"update_id": 1, "channel_post": {"text": "news"}}), json!({"kind": "ignored"}));
    check(json!({"update_id": 1, "story_v9": {}}), json!({"kind": "ignored"}));
    let person = json!({"id": 7, "first_name": "Ana"});
    let chat = json!({"id": 7, "type": "private"});
    check(
        json!({"update_id": 1, "my_chat_member": {"chat": chat, "from": person, "date": NOW,
            "old_chat_member": {"status": "kicked"}, "new_chat_member": {"status": "member"}}}),
        json!({"kind": "opt_in", "sender": "7"}),
    );
    check(
        json!({"update_id": 1, "message_reaction": {"chat": chat, "user": person, "message_id": 3, "date": NOW,
            "old_reaction": [{"type": "emoji", "emoji": "👍"}], "new_reaction": []}}),
        json!({"kind": "reaction", "emoji": null, "target": "3"}),
    );
}

#[test]
fn a_place_keeps_its_name_and_address() {
    let venue = json!({"title": "Café Rex", "address": "1 rue X", "location": {"latitude": 48.85, "longitude": 2.35}});
    let found = json!({"name": "Café Rex", "address": "1 rue X"});
    check(ChannelKind::Telegram, &telegram(&json!({"venue": venue})), &json!({"kind": "message", "place": found}));
    let place = json!({"latitude": 48.85, "longitude": 2.35, "name": "Café Rex", "address": "1 rue X"});
    let shared =
        json!({"messages": [{"from": "33612345678", "id": "w1", "timestamp": "1780000000", "type": "location", "location": place}]});
    let payload = json!({"object": "whatsapp_business_account", "entry": [{"changes": [{"field": "messages", "value": shared}]}]});
    check(ChannelKind::Whatsapp, &payload, &json!({"kind": "message", "place": found, "location": {"lat": 48.85, "lon": 2.35}}));
}

#[test]
fn what_a_business_account_on_telegram_says_names_the_account() {
    let chat = json!({"id": 7, "type": "private"});
    let message = json!({"message_id": 5, "date": NOW, "from": {"id": 7}, "chat": chat, "text": "hi", "business_connection_id": "bc1"});
    let check = |update: Value, expected: Value| check(ChannelKind::Telegram, &update, &expected);
    check(json!({"update_id": 1, "business_message": message}), json!({"kind": "message", "via": "bc1", "answer_to": "7 via bc1"}));
    check(json!({"update_id": 2, "edited_business_message": message}), json!({"kind": "edited", "via": "bc1", "target": "5"}));
    let gone = json!({"business_connection_id": "bc1", "chat": chat, "message_ids": [5]});
    check(json!({"update_id": 3, "deleted_business_messages": gone}), json!({"kind": "deleted", "via": "bc1", "target": "5"}));
    let tapped = json!({"id": "4382bfdwdsb323b2d9", "from": {"id": 7}, "data": "yes", "message": message});
    check(json!({"update_id": 4, "callback_query": tapped}), json!({"kind": "postback", "via": "bc1", "answer_to": "7 via bc1"}));
}

#[test]
fn sms_keywords_senders_and_prefixes() {
    let check = |fields: Value, expected: Value| {
        let mut form = json!({"MessageSid": "SM1", "From": "+15558675310", "To": "+15017122661", "SmsStatus": "received"});
        form.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        check(ChannelKind::Sms, &form, &expected);
    };
    check(json!({"Body": "please stop calling me Bob"}), json!({"kind": "message", "opt_out": false}));
    check(json!({"Body": "yes"}), json!({"kind": "message"}));
    check(json!({"Body": "YES", "OptOutType": "START"}), json!({"kind": "opt_in"}));
    check(json!({"Body": "ARRET", "OptOutType": "STOP"}), json!({"kind": "opt_out", "opt_out": true}));
    check(json!({"Body": "info"}), json!({"kind": "ignored"}));
    check(json!({"From": "MYBANK", "Body": "hi"}), json!({"kind": "ignored", "sender": "MYBANK"}));
    check(json!({"From": "40404", "Body": "hi"}), json!({"kind": "message", "sender": "40404", "sender_e164": null}));
    check(
        json!({"From": "rcs:+15558675310", "To": "rcs:acme_agent", "Body": "hi"}),
        json!({"kind": "message", "sender": "+15558675310", "connection": "rcs:acme_agent", "channel": "rcs"}),
    );
    check(json!({"Body": " \u{0} "}), json!({"kind": "message", "text": null}));
    check(json!({"SmsStatus": "", "MessageStatus": "delivery_v9"}), json!({"kind": "ignored"}));
}

#[test]
fn the_api_takes_what_its_description_says() {
    let payload = json!({"connection": "form", "id": "m-1", "at": "2026-05-28T20:26:40Z", "text": " hello ",
        "from": {"external_id": "user_42", "email": "ana@example.com", "phone": "+34 600 111 222", "name": "Ana"},
        "attachments": [{"url": "https://x.example/a.png", "mime": "image/png", "name": "a.png"}, {"base64": "aGk="}, {"base64": "aGk=", "name": "note.m4a"}]});
    let expected = json!({"kind": "message", "sender": "user_42", "sender_name": "Ana", "text": "hello",
        "provider_message_id": "m-1", "connection": "form", "timestamp": "2026-05-28T20:26:40Z", "verified_phone": null,
        "external_id": "user_42", "email": "ana@example.com", "email_verified": false, "phone_verified": false,
        "media": [{"kind": "image", "mime": "image/png", "filename": "a.png", "url": "https://x.example/a.png"},
            {"kind": "document", "url": "data:application/octet-stream;base64,aGk="},
            {"kind": "audio", "filename": "note.m4a"}]});
    check(ChannelKind::Api, &payload, &expected);
    check(
        ChannelKind::Api,
        &json!({"id": "m-2", "text": "hi", "from": {"phone": "+34 600 111 222", "phone_verified": true}}),
        &json!({"kind": "message", "sender": "+34 600 111 222", "verified_phone": "+34600111222"}),
    );
}
