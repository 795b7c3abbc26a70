//! Kinds of payloads that no recording shows: changed ids, business accounts, venues, cards, forms with files.

use domain::channel::ChannelKind;
use serde_json::{Value, json};

use crate::decoding::{check, differs, events};
use crate::sending::{conforms, send};
use crate::stub::Script;
use crate::world::delivery;

fn whatsapp(field: &str, value: &Value) -> Value {
    json!({"object": "whatsapp_business_account", "entry": [{"id": "9", "changes": [{"field": field, "value": value}]}]})
}

fn value(messages: &Value, contacts: &Value) -> Value {
    json!({"metadata": {"phone_number_id": "106"}, "messages": messages, "contacts": contacts})
}

#[test]
fn a_scoped_id_that_became_another_one_is_told_though_nobody_is_named_as_sender() {
    let system = json!({"type": "user_changed_user_id", "previous_user_id": "CO.12", "user_id": "MX.09", "body": "changed"});
    let message = json!({"id": "wamid.s", "timestamp": "1753851315", "type": "system", "system": system});
    let expected = json!({"kind": "identifier_changed", "sender": "CO.12", "old": "CO.12", "new": "MX.09", "connection": "106"});
    check(ChannelKind::Whatsapp, &whatsapp("messages", &value(&json!([message]), &Value::Null)), &expected);
    let system = json!({"type": "user_changed_number", "wa_id": "34600999888", "user_id": "ES.2", "body": "changed"});
    let message = json!({"from": "34600111222", "id": "wamid.s", "timestamp": "1753851315", "type": "system", "system": system});
    let expected = json!({"kind": "identifier_changed", "old": "34600111222", "new": "34600999888"});
    check(ChannelKind::Whatsapp, &whatsapp("messages", &value(&json!([message]), &Value::Null)), &expected);
}

#[test]
fn what_a_person_tapped_is_a_message_also_when_meta_left_it_out() {
    let message =
        json!({"from": "34600111222", "id": "wamid.i", "timestamp": "1753851315", "type": "interactive", "context": {"id": "wamid.q"}});
    let mut value = value(&json!([message]), &json!([{"profile": {"name": "Ana"}, "wa_id": "34600111222"}]));
    value["errors"] = json!([{"code": 131_000, "title": "Something went wrong"}]);
    let found = serde_json::to_value(events(ChannelKind::Whatsapp, &whatsapp("messages", &value))).unwrap();
    let expected = json!([
        {"kind": "message", "unsupported": "interactive", "reply_to": "wamid.q", "sender_name": "Ana"},
        {"kind": "error", "code": "131000"},
    ]);
    assert_eq!(differs(&expected, Some(&found), ""), None);
}

#[test]
fn a_profile_is_the_writers_when_there_is_one_message_and_one_profile() {
    let message = json!({"from": "5511987654321", "id": "w", "timestamp": "1753851315", "type": "text", "text": {"body": "oi"}});
    let contact = json!([{"profile": {"name": "Bia"}, "wa_id": "551187654321"}]);
    let expected = json!({"kind": "message", "sender": "5511987654321", "sender_name": "Bia"});
    check(ChannelKind::Whatsapp, &whatsapp("messages", &value(&json!([message]), &contact)), &expected);
}

#[test]
fn what_another_application_answers_is_kept_and_marked() {
    let message = json!({"from": "34600111222", "id": "w", "timestamp": "1753851315", "type": "text", "text": {"body": "hi"}});
    let expected = json!({"kind": "message", "text": "hi", "standby": true});
    check(ChannelKind::Whatsapp, &whatsapp("standby", &value(&json!([message]), &Value::Null)), &expected);
    let passed = json!({"metadata": {"phone_number_id": "106"}, "sender": {"phone_number": "34600111222"}, "timestamp": "1753851315",
        "control_passed": {"metadata": "to the shop"}});
    let expected = json!({"kind": "thread_control", "action": "pass", "sender": "34600111222", "metadata": "to the shop"});
    check(ChannelKind::Whatsapp, &whatsapp("messaging_handovers", &passed), &expected);
}

#[test]
fn what_our_own_side_takes_back_is_no_message() {
    let echo = json!({"from": "1", "to": "34600111222", "id": "w", "timestamp": "1753851315", "type": "revoke",
        "revoke": {"original_message_id": "wamid.O"}});
    let value = json!({"metadata": {"phone_number_id": "106"}, "message_echoes": [echo]});
    check(ChannelKind::Whatsapp, &whatsapp("smb_message_echoes", &value), &json!({"kind": "ignored"}));
}

fn update(kind: &str, part: &Value) -> Value {
    let mut message = json!({"message_id": 5, "date": 1_780_000_000, "chat": {"id": 7, "type": "private"},
        "from": {"id": 7, "is_bot": false, "first_name": "Ana"}});
    message.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
    json!({"update_id": 1, kind: message})
}

#[test]
fn telegram_places_cards_quotes_and_forms_are_read() {
    let check = |part: Value, expected: Value| check(ChannelKind::Telegram, &update("message", &part), &expected);
    check(
        json!({"venue": {"location": {"latitude": 1.5, "longitude": 2.5}, "title": "Cafe", "address": "St 1"}}),
        json!({"kind": "message", "location": {"lat": 1.5, "lon": 2.5}}),
    );
    check(
        json!({"text": "that one", "reply_to_message": {"message_id": 3}, "quote": {"text": "the red", "position": 4}}),
        json!({"kind": "message", "text": "that one", "reply_to": "3", "quoted": "the red"}),
    );
    check(
        json!({"web_app_data": {"data": "{\"size\":\"L\"}", "button_text": "Choose"}}),
        json!({"kind": "message", "structured": {"size": "L"}, "unsupported": null}),
    );
    check(json!({"web_app_data": {"data": "plain"}}), json!({"kind": "message", "structured": "plain"}));
    let card =
        "BEGIN:VCARD\r\nFN:Bo Li\r\nTEL;TYPE=CELL:+14155550100\r\nitem1.TEL:+1 415 555 0199\r\nEMAIL;TYPE=WORK:bo@x.test\r\nEND:VCARD";
    check(
        json!({"contact": {"phone_number": "+14155550100", "first_name": "Bo", "last_name": "Li", "user_id": 9, "vcard": card}}),
        json!({"kind": "message", "contact_cards": [
            {"name": "Bo Li", "phones": ["+14155550100", "+14155550199"], "emails": ["bo@x.test"]}]}),
    );
}

#[test]
fn a_business_account_is_answered_for_and_its_owner_is_our_side() {
    let written = update("business_message", &json!({"business_connection_id": "bc1", "text": "open today?"}));
    check(
        ChannelKind::Telegram,
        &written,
        &json!({"kind": "message", "sender": "7", "chat": "7", "text": "open today?", "answer_to": "7 via bc1"}),
    );
    let owner = json!({"business_connection_id": "bc1", "text": "Yes, until six.", "from": {"id": 99, "first_name": "Owner"}});
    let expected = json!({"kind": "echo", "sender": "7", "text": "Yes, until six.", "sender_name": null});
    check(ChannelKind::Telegram, &update("business_message", &owner), &expected);
    let own = json!({"business_connection_id": "bc1", "text": "x", "from": {"id": 99}, "sender_business_bot": {"id": 1, "is_bot": true}});
    check(ChannelKind::Telegram, &update("business_message", &own), &json!({"kind": "ignored"}));
    let edited = json!({"business_connection_id": "bc1", "text": "open tomorrow?", "edit_date": 1_780_000_100});
    let expected = json!({"kind": "edited", "sender": "7", "target": "5", "text": "open tomorrow?"});
    check(ChannelKind::Telegram, &update("edited_business_message", &edited), &expected);
    let gone = json!({"update_id": 1, "deleted_business_messages": {"business_connection_id": "bc1",
        "chat": {"id": 7, "type": "private"}, "message_ids": [3, 4]}});
    let found = serde_json::to_value(events(ChannelKind::Telegram, &gone)).unwrap();
    let expected = json!([{"kind": "deleted", "sender": "7", "target": "3"}, {"kind": "deleted", "target": "4"}]);
    assert_eq!(differs(&expected, Some(&found), ""), None);
}

#[tokio::test]
async fn an_answer_for_a_business_account_names_it() {
    let answer = delivery(ChannelKind::Telegram, "7 via bc1", "Until six.", &[]);
    let (sent, asked) = send(Script::json(200, &json!({"ok": true, "result": {"message_id": 8}})), &answer).await;
    assert!(sent.is_ok());
    let said = asked[0].json();
    assert_eq!((&said["chat_id"], &said["business_connection_id"]), (&json!(7), &json!("bc1")));
    conforms("telegram", "sendMessage", &said).unwrap();
}

#[test]
fn discord_options_keep_their_order_and_forms_their_files() {
    let user = json!({"id": "8", "username": "ana"});
    let options = json!([{"name": "status", "type": 1, "options": [
        {"name": "number", "type": 3, "value": "A1"}, {"name": "count", "type": 4, "value": 2}]}]);
    let command = json!({"id": "600", "application_id": "700", "type": 2, "user": user, "data": {"name": "order", "options": options}});
    check(ChannelKind::Discord, &command, &json!({"kind": "message", "text": "A1 2", "command": "order"}));
    let file = json!({"id": "55", "filename": "a.pdf", "content_type": "application/pdf", "url": "https://cdn/a.pdf"});
    let components = json!([{"type": 18, "component": {"type": 19, "custom_id": "files", "values": ["55"]}}]);
    let form = json!({"id": "600", "application_id": "700", "type": 5, "user": user,
        "data": {"custom_id": "form", "components": components, "resolved": {"attachments": {"55": file}}}});
    let expected = json!({"kind": "message", "structured": {"files": ["55"]}, "media": [{"kind": "document", "provider_id": "55"}]});
    check(ChannelKind::Discord, &form, &expected);
    let buttons = json!([{"type": 1, "components": [{"type": 2, "custom_id": "y", "emoji": {"name": "👍"}}]}]);
    let tapped = json!({"id": "600", "application_id": "700", "type": 3, "user": user, "data": {"custom_id": "y", "component_type": 2},
        "message": {"id": "50", "components": buttons}});
    check(ChannelKind::Discord, &tapped, &json!({"kind": "postback", "text": "👍", "payload": "y"}));
}

#[test]
fn a_place_on_the_equator_is_a_place() {
    let said = json!({"senderPhoneNumber": "+16505551234", "messageId": "M1", "agentId": "a", "location": {"longitude": 9.4}});
    let expected = json!({"kind": "message", "location": {"lat": 0.0, "lon": 9.4}, "unsupported": null});
    check(ChannelKind::Rcs, &said, &expected);
}

#[test]
fn answers_of_a_form_on_messenger_are_a_message_and_an_account_that_writes_to_itself_says_nothing() {
    let event = |part: Value| {
        let mut item = json!({"sender": {"id": "U"}, "recipient": {"id": "P"}, "timestamp": 1_780_000_000_000_i64});
        item.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
        json!({"object": "page", "entry": [{"id": "P", "messaging": [item]}]})
    };
    let answers = json!({"screens": [{"screen_id": "s", "responses": [{"key": "street", "value": "1 Road"}]}]});
    check(
        ChannelKind::Messenger,
        &event(json!({"messaging_customer_information": answers})),
        &json!({"kind": "message", "structured": answers}),
    );
    let itself = json!({"object": "instagram", "entry": [{"id": "I", "messaging": [{"sender": {"id": "I"}, "recipient": {"id": "I"},
        "timestamp": 1, "message": {"mid": "m", "text": "note", "is_echo": true, "is_self": true}}]}]});
    check(ChannelKind::Instagram, &itself, &json!({"kind": "ignored"}));
}

#[test]
fn an_answer_to_a_story_names_it_and_a_picture_counts_though_nobody_counted_it() {
    let answer = update("message", &json!({"text": "nice", "reply_to_story": {"chat": {"id": 1, "type": "private"}, "id": 9}}));
    check(ChannelKind::Telegram, &answer, &json!({"kind": "message", "text": "nice", "story": {"id": "9"}}));
    let form = json!({"MessageSid": "MM1", "From": "+15550101", "To": "+15550199", "Body": "look", "MediaContentType0": "image/jpeg",
        "MediaUrl0": "https://api.twilio.com/2010-04-01/Accounts/AC/Messages/MM1/Media/ME55"});
    let expected = json!({"kind": "message", "text": "look", "media": [{"kind": "image", "provider_id": "ME55", "mime": "image/jpeg"}]});
    check(ChannelKind::Sms, &form, &expected);
}
