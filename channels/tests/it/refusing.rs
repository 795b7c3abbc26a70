//! Which requests are not taken, and how the vendor learns it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::channel::ChannelKind;
use domain::ports::Refusal;
use hmac::{Hmac, KeyInit, Mac};

use crate::world::{API_SECRET, APP_SECRET, NOW, Request, door};

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The same body, correctly signed for a door.
pub(crate) fn signed(kind: ChannelKind, body: &[u8]) -> Request {
    let request = Request::post(body);
    match kind {
        ChannelKind::Whatsapp | ChannelKind::Messenger | ChannelKind::Instagram => {
            let mut mac = Hmac::<sha2::Sha256>::new_from_slice(APP_SECRET.as_bytes()).unwrap();
            mac.update(body);
            request.header("x-hub-signature-256", &format!("sha256={}", hex(&mac.finalize().into_bytes())))
        }
        ChannelKind::Telegram => request.header("x-telegram-bot-api-secret-token", "s3cret_TOKEN-1"),
        ChannelKind::Sms | ChannelKind::Rcs => {
            let mut mac = Hmac::<sha1::Sha1>::new_from_slice(b"12345").unwrap();
            let digest = <sha2::Sha256 as sha2::Digest>::digest(body);
            let url = format!("https://chat.example.com/hooks/door?bodySHA256={}", hex(&digest));
            mac.update(url.as_bytes());
            request.url(&url).header("x-twilio-signature", &STANDARD.encode(mac.finalize().into_bytes()))
        }
        _ => {
            let signed = channels::WebhookKeys::new([API_SECRET]).sign("m", NOW, body);
            request
                .header("webhook-id", &signed.id)
                .header("webhook-timestamp", &signed.timestamp)
                .header("webhook-signature", &signed.signature)
        }
    }
}

const DOORS: [ChannelKind; 7] = [
    ChannelKind::Whatsapp,
    ChannelKind::Telegram,
    ChannelKind::Sms,
    ChannelKind::Rcs,
    ChannelKind::Messenger,
    ChannelKind::Instagram,
    ChannelKind::Api,
];

/// Doors of a vendor that sends batches and repeats them for days.
const METAS: [ChannelKind; 3] = [ChannelKind::Whatsapp, ChannelKind::Messenger, ChannelKind::Instagram];

fn refusal(kind: ChannelKind, request: &Request) -> Refusal {
    match door(kind).receive(&request.view(), NOW) {
        Err(refusal) => refusal,
        Ok(received) => panic!("{kind} took {received:?}"),
    }
}

#[test]
fn a_request_without_signature_is_refused_on_every_door() {
    for kind in DOORS {
        assert_eq!(refusal(kind, &Request::post("{}")), Refusal::Signature, "{kind}");
    }
}

#[test]
fn a_signature_of_another_body_is_refused() {
    for kind in DOORS.into_iter().filter(|kind| *kind != ChannelKind::Telegram) {
        let request = Request { body: b"{ }".to_vec(), ..signed(kind, b"{}") };
        assert_eq!(refusal(kind, &request), Refusal::Signature, "{kind}");
    }
}

#[test]
fn the_raw_bytes_are_what_is_signed() {
    let raw = br#"{"object": "whatsapp_business_account", "entry": [], "x": "\u00e9"}"#;
    let minified = "{\"object\":\"whatsapp_business_account\",\"entry\":[],\"x\":\"é\"}".as_bytes();
    let over_minified = Request { body: raw.to_vec(), ..signed(ChannelKind::Whatsapp, minified) };
    assert_eq!(refusal(ChannelKind::Whatsapp, &over_minified), Refusal::Signature);
    assert!(door(ChannelKind::Whatsapp).receive(&signed(ChannelKind::Whatsapp, raw).view(), NOW).is_ok());
}

#[test]
fn half_signatures_old_signatures_and_two_signatures_are_refused() {
    let body = br#"{"object":"whatsapp_business_account","entry":[]}"#;
    let right = signed(ChannelKind::Whatsapp, body).headers[0].1.clone();
    let check = |headers: &[(&str, &str)]| {
        let mut request = Request::post(body.to_vec());
        for (name, value) in headers {
            request = request.header(name, value);
        }
        assert_eq!(refusal(ChannelKind::Whatsapp, &request), Refusal::Signature, "{headers:?}");
    };
    check(&[("x-hub-signature-256", "sha256=")]);
    check(&[("x-hub-signature-256", "sha256")]);
    check(&[("x-hub-signature-256", "")]);
    check(&[("x-hub-signature-256", &right[..right.len() - 2])]);
    check(&[("x-hub-signature-256", &format!("{right}é"))]);
    check(&[("x-hub-signature", "sha1=0000000000000000000000000000000000000000")]);
    check(&[("x-hub-signature-256", "sha256=00"), ("x-hub-signature-256", &right)]);
    check(&[("x-hub-signature-256", &right), ("x-hub-signature-256", &right)]);
}

#[test]
fn a_host_that_a_proxy_header_names_is_not_part_of_the_signed_url() {
    let body = b"MessageSid=SM1&From=%2B15558675310";
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(b"12345").unwrap();
    mac.update(b"https://evil.example/hooks/doorFrom+15558675310MessageSidSM1");
    let request = Request::post(body.to_vec())
        .header("content-type", "application/x-www-form-urlencoded")
        .header("x-forwarded-host", "evil.example")
        .header("x-twilio-signature", &STANDARD.encode(mac.finalize().into_bytes()));
    assert_eq!(refusal(ChannelKind::Sms, &request), Refusal::Signature);
}

#[test]
fn too_large_and_too_deep_bodies_are_refused_before_parsing() {
    for kind in DOORS {
        let largest = if METAS.contains(&kind) { 3 } else { 1 } * 1024 * 1024;
        let huge = Request::post(vec![b' '; largest + 1]);
        assert_eq!(refusal(kind, &huge), Refusal::TooLarge, "{kind}: no signature is computed over it");
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        let deep = if matches!(kind, ChannelKind::Sms | ChannelKind::Rcs) { format!("{{\"a\":{deep}}}") } else { deep };
        assert_eq!(refusal(kind, &signed(kind, deep.as_bytes())), Refusal::TooLarge, "{kind}");
    }
}

#[test]
fn signed_but_unreadable_is_quarantined_only_where_the_vendor_would_repeat_it_for_days() {
    let check = |body: &[u8]| {
        for kind in DOORS {
            let refused = refusal(kind, &signed(kind, body));
            let quarantined = matches!(refused, Refusal::Quarantine(_));
            let told = matches!(refused, Refusal::Unreadable(_));
            assert!(if METAS.contains(&kind) { quarantined } else { told }, "{kind}: {refused:?} for {body:?}");
        }
    };
    check(b"{");
    check(b"[]");
    check(br#"{"from":"A","from":"B","update_id":1,"MessageSid":"SM1","entry":[]}"#);
    check(b"{\"text\":\"\xe2\x82\",\"entry\":[]}");
    check(b"");
    for (kind, object) in
        [(ChannelKind::Whatsapp, "whatsapp_business_account"), (ChannelKind::Messenger, "page"), (ChannelKind::Instagram, "instagram")]
    {
        let body = format!("{{\"object\":\"{object}\"}}");
        assert!(matches!(refusal(kind, &signed(kind, body.as_bytes())), Refusal::Quarantine(_)), "{kind}");
    }
}

#[test]
fn a_form_field_that_is_there_twice_is_unreadable() {
    let request = Request::post("MessageSid=SM1&From=%2B1&From=%2B2");
    assert!(matches!(channels::decode(ChannelKind::Sms, &request.view()), Err(Refusal::Unreadable(_))));
}

#[test]
fn other_methods_and_the_widget_have_no_hook() {
    for kind in [ChannelKind::Telegram, ChannelKind::Sms, ChannelKind::Rcs, ChannelKind::Api, ChannelKind::Widget] {
        let request = Request { method: "GET", ..Request::post("") };
        assert_eq!(refusal(kind, &request), Refusal::NotHere, "{kind}");
    }
    let request = Request { method: "PUT", ..Request::post("") };
    for kind in METAS {
        assert_eq!(refusal(kind, &request), Refusal::NotHere, "{kind}");
    }
    assert_eq!(refusal(ChannelKind::Widget, &Request::post("{}")), Refusal::NotHere);
}

#[test]
fn a_message_to_another_number_of_the_app_is_not_answered_from_this_one() {
    use domain::event::InboundEvent;
    use domain::ports::Received;
    let body = br#"{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages","value":{
        "metadata":{"phone_number_id":"999"},"messages":[{"from":"1","id":"w","type":"text","text":{"body":"x"}}]}}]}]}"#;
    let received = door(ChannelKind::Whatsapp).receive(&signed(ChannelKind::Whatsapp, body).view(), NOW);
    let Ok(Received::Events { events, .. }) = received else { panic!("{received:?}") };
    assert!(matches!(events.as_slice(), [InboundEvent::Ignored(_)]), "{events:?}");
}

#[test]
fn the_api_says_what_is_wrong_with_a_message() {
    let check = |body: &str, why: &str| {
        let refused = refusal(ChannelKind::Api, &signed(ChannelKind::Api, body.as_bytes()));
        assert_eq!(refused, Refusal::Unreadable(why.to_owned()), "{body}");
    };
    check(r#"{"text":"x"}"#, "from needs an external_id, an email or a phone");
    check(r#"{"from":{"external_id":{"a":1}},"text":"x"}"#, "from.external_id must be text");
    check(r#"{"from":{"external_id":"u"}}"#, "text, fields or attachments is missing");
    check(r#"{"from":{"external_id":"u"},"text":["x"]}"#, "text must be text");
    check(r#"{"from":{"external_id":"u","email_verified":"yes"},"text":"x"}"#, "from.email_verified must be true or false");
    check(r#"{"from":{"external_id":"u"},"text":"x","at":"yesterday"}"#, "at must be an RFC 3339 time");
    check(r#"{"from":{"external_id":"u"},"attachments":[{"url":"file:///etc/passwd"}]}"#, "an attachment needs either a url or base64");
    check(r#"{"connection":"other","from":{"external_id":"u"},"text":"x"}"#, "connection names another connection");
}
