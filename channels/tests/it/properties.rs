//! Whatever bytes arrive, a door answers with events or a refusal and never falls over.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use domain::channel::ChannelKind;
use domain::event::InboundEvent;
use domain::ports::Channel;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::decoding::envelope;
use crate::world::{NOW, Request, door, fixture};

const KINDS: [ChannelKind; 8] = [
    ChannelKind::Whatsapp,
    ChannelKind::Telegram,
    ChannelKind::Sms,
    ChannelKind::Rcs,
    ChannelKind::Messenger,
    ChannelKind::Instagram,
    ChannelKind::Api,
    ChannelKind::Widget,
];
/// What can be decoded, also without a door that is opened here.
const READ: [ChannelKind; 11] = [
    KINDS[0],
    KINDS[1],
    KINDS[2],
    KINDS[3],
    KINDS[4],
    KINDS[5],
    KINDS[6],
    KINDS[7],
    ChannelKind::Email,
    ChannelKind::Discord,
    ChannelKind::Voice,
];

/// Opened once: a door costs more to open than a request to refuse.
static DOORS: LazyLock<BTreeMap<ChannelKind, Arc<dyn Channel>>> =
    LazyLock::new(|| KINDS.into_iter().map(|kind| (kind, door(kind))).collect());

fn decode_everywhere(body: &[u8]) {
    let request = Request::post(body).header("content-type", "application/x-www-form-urlencoded");
    for kind in READ {
        if let Ok(events) = channels::decode(kind, &request.view()) {
            let printed = serde_json::to_value(&events).expect("events can be printed");
            let back: Vec<InboundEvent> = serde_json::from_value(printed).expect("and read back");
            assert_eq!(back, events);
        }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let keys = prop::sample::select(vec![
        "object",
        "entry",
        "changes",
        "value",
        "field",
        "messages",
        "statuses",
        "errors",
        "contacts",
        "from",
        "id",
        "type",
        "text",
        "body",
        "timestamp",
        "context",
        "system",
        "interactive",
        "reaction",
        "update_id",
        "message",
        "chat",
        "date",
        "entities",
        "offset",
        "contact",
        "user_id",
        "photo",
        "callback_query",
        "data",
        "MessageSid",
        "From",
        "NumMedia",
        "MediaUrl0",
        "attachments",
        "url",
        "at",
        "wa_id",
        "phones",
        "location",
        "latitude",
        "messaging",
        "standby",
        "sender",
        "recipient",
        "mid",
        "is_echo",
        "reply_to",
        "story",
        "payload",
        "postback",
        "referral",
        "ref",
        "read",
        "delivery",
        "mids",
        "watermark",
        "optin",
        "pass_thread_control",
        "senderPhoneNumber",
        "eventType",
        "suggestionResponse",
        "userFile",
        "sendTime",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        ".{0,12}".prop_map(Value::from),
        prop::sample::select(vec![
            "whatsapp_business_account",
            "page",
            "instagram",
            "messages",
            "text",
            "system",
            "private",
            "interactive",
            "image",
            "template",
            "fallback",
            "UNSUBSCRIBE",
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((keys.clone(), inner), 0..6)
                .prop_map(|pairs| Value::Object(pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())),
        ]
    })
}

/// What mails are made of.
fn piece() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "From: a@b.c\r\n",
        "To: s@shop.test\r\n",
        "Subject: =?utf-8?Q?=C3?=\r\n",
        "Content-Type: multipart/mixed; boundary=b\r\n",
        "Content-Type: multipart/alternative; boundary=\"c\"\r\n",
        "Content-Type: text/html; charset=utf-16\r\n",
        "Content-Type: message/rfc822\r\n",
        "Content-Type: text/plain; format=flowed; delsp=yes\r\n",
        "Content-Transfer-Encoding: base64\r\n",
        "Content-Transfer-Encoding: quoted-printable\r\n",
        "Content-Disposition: attachment; filename*0*=utf-8''%C3\r\n",
        "Content-Type: message/delivery-status\r\n",
        "\r\n",
        "--b\r\n",
        "--c\r\n",
        "--b--\r\n",
        "--c--\r\n",
        "Action: failed\r\n",
        "Status: 5.1.1\r\n",
        "On 1 Jan x wrote:\r\n",
        "> q\r\n",
        ">> r\r\n",
        "-- \r\n",
        "=\r\n",
        "<blockquote>",
        "</blockquote>",
        "<div id=divRplyFwdMsg>",
        "<table><tr><td>",
        "<p style='display:none'>",
        "\u{1}quote-below\r\n",
        "From: x\r\nSent: y\r\nSubject: z\r\n",
        "charset=utf-7",
        "é",
        "\u{0}",
    ]);
    prop_oneof![8 => known.prop_map(str::to_owned), 1 => ".{0,20}"]
}

/// Replaces one value somewhere in a recorded payload.
fn replace(value: &mut Value, place: &mut usize, with: &Value) {
    if *place == 0 {
        *value = with.clone();
    }
    *place = place.wrapping_sub(1);
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, place, with)),
        Value::Object(fields) => fields.values_mut().for_each(|field| replace(field, place, with)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn random_bytes_are_survived(body in prop::collection::vec(any::<u8>(), 0..400)) {
        decode_everywhere(&body);
    }

    #[test]
    fn random_json_with_known_keys_is_survived(body in any_json()) {
        decode_everywhere(body.to_string().as_bytes());
        decode_everywhere(envelope(&body).to_string().as_bytes());
        let entry = json!({"id": "1", "messaging": [body], "changes": [{"field": "messages", "value": body}]});
        for object in ["page", "instagram"] {
            decode_everywhere(json!({"object": object, "entry": [entry]}).to_string().as_bytes());
        }
    }

    #[test]
    fn recorded_payloads_with_one_value_changed_are_survived(
        place in 0_usize..60,
        with in any_json(),
        name in prop::sample::select(vec![
            "whatsapp/in-text-message.json", "whatsapp/in-order-message.json", "whatsapp/in-pywa-edited-image.json",
            "whatsapp/in-contact-sharing-message.json", "whatsapp/status-batch-mixed.json", "whatsapp/in-system-message.json",
            "telegram/in-contact-own.json", "telegram/in-callback-query.json", "telegram/in-photo-caption.json",
            "telegram/in-blocked-bot.json", "telegram/in-reaction.json", "sms/in-mms.json", "sms/status-undelivered.json",
            "messenger/in-two-attachments-with-text.json", "messenger/in-postback-get-started-with-ref.json",
            "messenger/in-delivery.json", "messenger/in-optin-notification.json", "messenger/in-echo-own-app.json",
            "instagram/in-vc-story-reply.json", "instagram/in-share.json", "instagram/in-instagram-login-variant.json",
            "sms-rcs/in-button.json", "rbm/in-suggestion.json", "rbm/in-file.json", "rbm/ev-delivered.json",
            "discord/in-vc-button-click-hello.json", "discord/int-modal-submit.json", "discord/int-slash-in-dm.json",
            "discord/gw-message-create-guild-reply-attachment.json", "discord/in-vc-gateway-reaction-add.json",
        ]),
    ) {
        let mut payload = fixture(name);
        replace(&mut payload, &mut { place }, &with);
        decode_everywhere(payload.to_string().as_bytes());
        decode_everywhere(envelope(&payload).to_string().as_bytes());
    }

    #[test]
    fn mails_of_random_pieces_are_survived(pieces in prop::collection::vec(piece(), 0..30)) {
        decode_everywhere(pieces.concat().as_bytes());
    }

    #[test]
    fn recorded_mails_with_bytes_changed_are_survived(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        name in prop::sample::select(vec![
            "email/in-bounce-dsn.json", "email/in-attachment.json", "email/in-html-only-outlook.json", "email/in-reply-quoted.json",
        ]),
    ) {
        let mut raw = fixture(name)["raw"].as_str().unwrap().as_bytes().to_vec();
        for (place, byte) in changes {
            let place = place.index(raw.len());
            raw[place] = byte;
        }
        decode_everywhere(&raw);
    }

    #[test]
    fn random_signatures_never_open_a_door(signature in "[ -~]{0,80}", body in "[ -~]{0,40}") {
        for (kind, name) in [
            (ChannelKind::Whatsapp, "x-hub-signature-256"),
            (ChannelKind::Telegram, "x-telegram-bot-api-secret-token"),
            (ChannelKind::Sms, "x-twilio-signature"),
            (ChannelKind::Rcs, "x-twilio-signature"),
            (ChannelKind::Messenger, "x-hub-signature-256"),
            (ChannelKind::Instagram, "x-hub-signature-256"),
            (ChannelKind::Api, "webhook-signature"),
        ] {
            let request = Request::post(body.as_str()).header(name, &signature);
            let request = request.header("webhook-id", "m").header("webhook-timestamp", &NOW.to_string());
            prop_assert!(DOORS[&kind].receive(&request.view(), NOW).is_err());
        }
    }
}
