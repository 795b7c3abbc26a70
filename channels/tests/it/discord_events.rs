//! What Discord sends beside its recorded examples: stickers, forwards, voice messages, selections, forms, notices.

use domain::channel::ChannelKind;
use serde_json::{Value, json};

use crate::decoding::differs;
use crate::world::Request;

fn check(payload: &Value, expected: &Value) {
    let events = channels::decode(ChannelKind::Discord, &Request::post(payload.to_string()).view()).unwrap();
    let found = serde_json::to_value(events).unwrap();
    let expected = if expected.is_array() { expected.clone() } else { json!([expected]) };
    assert_eq!(differs(&expected, Some(&found), ""), None, "{payload}\n{found}");
}

fn dispatch(kind: &str, part: &Value) -> Value {
    let mut event = json!({"id": "90071992547409931", "channel_id": "7", "author": {"id": "1033044521375764530", "username": "ana.r", "global_name": "Ana"},
        "content": "hi", "timestamp": "2026-01-05T00:50:00+00:00", "type": 0});
    event.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
    json!({"op": 0, "s": 1, "t": kind, "d": event})
}

fn said(part: Value, expected: Value) {
    check(&dispatch("MESSAGE_CREATE", &part), &expected);
}

#[test]
fn messages_of_people_are_read_with_everything_in_them() {
    said(
        json!({}),
        json!({"kind": "message", "sender": "1033044521375764530", "direct": true, "provider_message_id": "90071992547409931"}),
    );
    said(
        json!({"content": "", "sticker_items": [{"id": "9", "name": "wave", "format_type": 1}]}),
        json!({"kind": "message", "text": null, "media": [{"kind": "sticker", "provider_id": "9", "mime": "image/png"}]}),
    );
    said(
        json!({"content": "", "flags": 8192, "attachments": [{"id": "5", "filename": "voice-message.ogg", "content_type": "audio/ogg; codecs=opus", "url": "https://cdn.discordapp.com/v"}]}),
        json!({"kind": "message", "media": [{"kind": "audio", "voice": true, "mime": "audio/ogg", "provider_id": "5"}]}),
    );
    said(
        json!({"content": "look https://shop.test", "embeds": [{"type": "link", "title": "Shop"}]}),
        json!({"kind": "message", "text": "look https://shop.test", "media": []}),
    );
    said(
        json!({"content": "", "message_reference": {"type": 1, "message_id": "3"}, "message_snapshots": [{"message": {"content": "their words",
        "attachments": [{"id": "6", "filename": "a.pdf", "content_type": "application/pdf", "url": "https://x"}]}}]}),
        json!({"kind": "message", "forwarded": true, "text": "their words", "reply_to": null, "media": [{"kind": "document", "filename": "a.pdf"}]}),
    );
    said(
        json!({"type": 19, "message_reference": {"message_id": "3"}, "referenced_message": {"content": "blue or red?"}}),
        json!({"kind": "message", "reply_to": "3", "quoted": "blue or red?"}),
    );
    said(
        json!({"content": "", "poll": {"question": {"text": "Which?"}}}),
        json!({"kind": "message", "unsupported": "poll", "text": "Which?"}),
    );
    said(
        json!({"guild_id": "8", "member": {"nick": "Ani"}}),
        json!({"kind": "message", "guild": "8", "direct": false, "sender_name": "Ani", "chat": "7"}),
    );
    said(json!({"content": "STOP"}), json!({"kind": "message", "opt_out": true}));
}

#[test]
fn bots_webhooks_and_notices_are_ignored() {
    said(json!({"author": {"id": "2", "username": "b", "bot": true}}), json!({"kind": "ignored", "sender": "2"}));
    said(json!({"webhook_id": "4"}), json!({"kind": "ignored"}));
    for kind in [6, 7, 8, 18, 21] {
        said(json!({"type": kind, "content": ""}), json!({"kind": "ignored"}));
    }
    said(json!({"author": null}), json!({"kind": "ignored", "sender": null}));
    for name in ["TYPING_START", "GUILD_CREATE", "SOMETHING_NEW"] {
        check(&dispatch(name, &json!({})), &json!({"kind": "ignored"}));
    }
    check(&json!({"op": 11}), &json!({"kind": "ignored"}));
}

#[test]
fn edits_deletions_and_reactions_name_their_message() {
    let edited = json!({"content": "new", "edited_timestamp": "2026-01-05T01:00:00Z"});
    check(&dispatch("MESSAGE_UPDATE", &edited), &json!({"kind": "edited", "target": "90071992547409931", "text": "new"}));
    check(&dispatch("MESSAGE_UPDATE", &json!({"edited_timestamp": null})), &json!({"kind": "ignored"}));
    check(
        &json!({"op": 0, "t": "MESSAGE_DELETE_BULK", "d": {"ids": ["1", "2"], "channel_id": "7"}}),
        &json!([{"kind": "deleted", "target": "1"}, {"kind": "deleted", "target": "2"}]),
    );
    let reaction = json!({"user_id": "5", "message_id": "6", "emoji": {"id": "7", "name": "shrug"}});
    check(
        &json!({"op": 0, "t": "MESSAGE_REACTION_ADD", "d": reaction}),
        &json!({"kind": "reaction", "sender": "5", "target": "6", "emoji": "shrug"}),
    );
    check(&json!({"op": 0, "t": "MESSAGE_REACTION_REMOVE", "d": reaction}), &json!({"kind": "reaction", "emoji": null, "target": "6"}));
}

fn interaction(kind: u8, data: &Value, message: &Value) -> Value {
    json!({"id": "11", "application_id": "1", "type": kind, "token": "t", "version": 1, "channel_id": "7", "locale": "fr",
        "user": {"id": "5", "username": "ana.r", "global_name": "Ana"}, "data": data, "message": message})
}

#[test]
fn what_is_tapped_chosen_and_filled_in_is_read() {
    let menu = json!({"id": "3", "components": [{"type": 1, "components": [{"type": 3, "custom_id": "colour",
        "options": [{"label": "Moss green", "value": "moss"}, {"label": "Sand", "value": "sand"}]}]}]});
    check(
        &interaction(3, &json!({"custom_id": "colour", "component_type": 3, "values": ["moss", "sand"]}), &menu),
        &json!({"kind": "postback", "payload": "colour", "values": ["moss", "sand"], "text": "Moss green, Sand", "reply_to": "3", "provider_message_id": "11"}),
    );
    let boxed = json!({"id": "3", "components": [{"type": 17, "components": [{"type": 9, "accessory": {"type": 2, "custom_id": "buy", "label": "Buy"}}]}]});
    check(
        &interaction(3, &json!({"custom_id": "buy", "component_type": 2}), &boxed),
        &json!({"kind": "postback", "payload": "buy", "text": "Buy", "values": []}),
    );
    let labelled = json!({"custom_id": "lead", "components": [{"type": 18, "component": {"type": 4, "custom_id": "email", "value": " a@b.example "}},
        {"type": 18, "component": {"type": 3, "custom_id": "size", "values": ["L"]}}]});
    check(
        &interaction(5, &labelled, &Value::Null),
        &json!({"kind": "message", "structured": {"email": "a@b.example", "size": ["L"]}, "payload": "lead"}),
    );
}

#[test]
fn a_command_is_something_said() {
    let command = |data: Value, expected: Value| check(&interaction(2, &data, &Value::Null), &expected);
    command(
        json!({"name": "link", "options": [{"name": "code", "type": 3, "value": "RAP-7KQ2-9XDM"}]}),
        json!({"kind": "message", "text": "RAP-7KQ2-9XDM", "command": "link"}),
    );
    command(json!({"name": "hours"}), json!({"kind": "message", "text": "/hours", "direct": true, "locale": "fr"}));
    command(
        json!({"name": "order", "options": [{"name": "status", "type": 1, "options": [{"name": "number", "type": 4, "value": 4411}]}]}),
        json!({"kind": "message", "text": "4411"}),
    );
    command(
        json!({"name": "Ask about this", "type": 3, "target_id": "9", "resolved": {"messages": {"9": {"content": "my chair squeaks", "attachments": [{"id": "77", "filename": "a.png", "content_type": "image/png", "url": "https://x"}]}}}}),
        json!({"kind": "message", "text": "my chair squeaks", "reply_to": "9", "media": [{"kind": "image", "provider_id": "77"}]}),
    );
    command(
        json!({"name": "photo", "options": [{"name": "file", "type": 11, "value": "77"}], "resolved": {"attachments": {"77": {"id": "77", "filename": "a.png", "content_type": "image/png", "url": "https://x"}}}}),
        json!({"kind": "message", "text": null, "media": [{"kind": "image", "provider_id": "77"}]}),
    );
    check(&interaction(4, &json!({"name": "ask"}), &Value::Null), &json!({"kind": "ignored"}));
    check(&interaction(9, &json!({}), &Value::Null), &json!({"kind": "ignored"}));
}
