//! Published and computed signature vectors, and what a signature must not let through.

use domain::channel::ChannelKind;
use domain::ports::{Channel, HookAnswer, Received, Refusal};
use serde_json::Value;

use crate::world::{API_SECRET, NOW, Request, door, fixture, form, opened, settings, with_secret};

fn is_signed(door: &dyn Channel, request: &Request) -> bool {
    door.receive(&request.view(), NOW) != Err(Refusal::Signature)
}

#[test]
fn meta_vectors() {
    for kind in [ChannelKind::Whatsapp, ChannelKind::Messenger, ChannelKind::Instagram] {
        let door = door(kind);
        for vector in fixture("signatures/meta-x-hub-signature-256.json").as_array().unwrap() {
            let request = Request::post(vector["raw_body"].as_str().unwrap());
            let request = request.header("x-hub-signature-256", vector["header"].as_str().unwrap());
            assert_eq!(is_signed(&*door, &request), vector["valid"] == true, "{kind}: {vector}");
        }
    }
}

#[test]
fn telegram_vectors() {
    for vector in fixture("signatures/telegram-secret-token.json").as_array().unwrap() {
        let mut request = Request::post(r#"{"update_id":1}"#);
        if let Some(token) = vector["X-Telegram-Bot-Api-Secret-Token"].as_str() {
            request = request.header("x-telegram-bot-api-secret-token", token);
        }
        assert_eq!(is_signed(&*door(ChannelKind::Telegram), &request), vector["valid"] == true, "{vector}");
    }
}

#[test]
fn twilio_vectors() {
    for kind in [ChannelKind::Sms, ChannelKind::Rcs] {
        check_twilio_vectors(kind);
    }
}

fn check_twilio_vectors(kind: ChannelKind) {
    for vector in fixture("signatures/twilio.json").as_array().unwrap() {
        let mut settings = settings(kind);
        settings.secrets.clear();
        let settings = with_secret(settings, "auth_token", vector["auth_token"].as_str().unwrap());
        let (body, content_type) = match (&vector["body"], &vector["params"]) {
            (Value::String(body), _) => (body.clone().into_bytes(), "application/json"),
            (_, params) => (form(params), "application/x-www-form-urlencoded"),
        };
        let mut request = Request::post(body)
            .url(vector["url"].as_str().unwrap())
            .header("content-type", content_type)
            .header("x-twilio-signature", vector["signature"].as_str().unwrap());
        if let Some(signed) = vector["headers"]["X-Twilio-Webhooks-Signature-Settings"].as_str() {
            request = request.header("x-twilio-webhooks-signature-settings", signed);
        }
        assert_eq!(is_signed(&*opened(&settings), &request), vector["valid"] == true, "{vector}");
    }
}

#[test]
fn a_twilio_body_outside_the_form_must_match_the_hash_in_the_signed_url() {
    let vectors = fixture("signatures/twilio.json");
    let vector = vectors.as_array().unwrap().iter().find(|vector| vector["name"] == "json body").unwrap();
    let request = Request::post(r#"{"a":2}"#)
        .url(vector["url"].as_str().unwrap())
        .header("content-type", "application/json")
        .header("x-twilio-signature", vector["signature"].as_str().unwrap());
    assert!(!is_signed(&*door(ChannelKind::Sms), &request));
}

#[test]
fn twilio_shared_keys_replace_the_auth_token_under_their_header_only() {
    let vectors = fixture("signatures/twilio.json");
    let vector = vectors.as_array().unwrap().iter().find(|vector| vector["headers"].is_object()).unwrap();
    let settings = with_secret(settings(ChannelKind::Sms), "webhook_key", "shared-key-secret");
    let request = |name: &str, algorithm: &str| {
        Request::post(form(&vector["params"]))
            .url(vector["url"].as_str().unwrap())
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-twilio-signature", vector["signature"].as_str().unwrap())
            .header(name, algorithm)
    };
    let header = "x-twilio-webhooks-signature-settings";
    assert!(is_signed(&*opened(&settings), &request(header, "key=k,algorithm=HMAC_SHA256")));
    assert!(!is_signed(&*opened(&settings), &request(header, "key=k,algorithm=NONE")));
    assert!(!is_signed(&*opened(&settings), &request("x-other", "")));
}

fn standard(id: &str, timestamp: &str, signature: &str, body: &str) -> Request {
    Request::post(body).header("webhook-id", id).header("webhook-timestamp", timestamp).header("webhook-signature", signature)
}

#[test]
fn standard_webhook_vectors_and_their_five_minutes() {
    for vector in fixture("signatures/standard-webhooks.json").as_array().unwrap() {
        let text = |key: &str| vector[key].as_str().unwrap();
        let request = standard(text("webhook-id"), text("webhook-timestamp"), text("webhook-signature"), text("payload"));
        let door = door(ChannelKind::Api);
        let at = |now: i64| door.receive(&request.view(), now) != Err(Refusal::Signature);
        assert!(at(NOW) && at(NOW + 299) && at(NOW - 299));
        assert!(!at(NOW + 360) && !at(NOW - 360));
        let both =
            standard(text("webhook-id"), text("webhook-timestamp"), &format!("v1,AAAA {}", text("webhook-signature")), text("payload"));
        assert!(is_signed(&*door, &both), "one of several signatures is enough");
        for (id, timestamp) in [("msg_2", text("webhook-timestamp")), ("msg_1", "1780000001"), ("msg_1", "x")] {
            assert!(!is_signed(&*door, &standard(id, timestamp, text("webhook-signature"), text("payload"))));
        }
    }
}

#[test]
fn what_we_sign_we_accept_and_a_former_secret_still_opens() {
    let former = "the-former-secret-of-this-connection";
    let body = r#"{"text":"hi","from":{"external_id":"u"}}"#;
    let rotating = with_secret(settings(ChannelKind::Api), "secret", former);
    for secret in [API_SECRET, former] {
        let signed = channels::WebhookKeys::new([secret]).sign("msg_9", NOW, body.as_bytes());
        let request = standard(&signed.id, &signed.timestamp, &signed.signature, body);
        assert!(matches!(opened(&rotating).receive(&request.view(), NOW), Ok(Received::Events { .. })), "{secret}");
    }
    let stranger = channels::WebhookKeys::new(["another-secret-that-nobody-configured"]).sign("msg_9", NOW, body.as_bytes());
    assert!(!is_signed(&*opened(&rotating), &standard(&stranger.id, &stranger.timestamp, &stranger.signature, body)));
}

#[test]
fn former_secrets_open_every_door() {
    let whatsapp = with_secret(settings(ChannelKind::Whatsapp), "app_secret", "former");
    let body = r#"{"object":"whatsapp_business_account","entry":[]}"#;
    // HMAC-SHA256("former", body), computed with Python's hmac.
    let request = Request::post(body).header("x-hub-signature-256", FORMER_SIGNATURE);
    assert!(is_signed(&*opened(&whatsapp), &request));
    assert!(!is_signed(&*door(ChannelKind::Whatsapp), &request));

    let telegram = with_secret(settings(ChannelKind::Telegram), "secret_token", "former");
    let request = Request::post(r#"{"update_id":1}"#).header("x-telegram-bot-api-secret-token", "former");
    assert!(is_signed(&*opened(&telegram), &request));
    assert!(!is_signed(&*door(ChannelKind::Telegram), &request));
}

const FORMER_SIGNATURE: &str = "sha256=23ac222f8de88810f8007d2d01bc11e4b4c3b069a77ea751cc572eaea77e6b7c";

#[test]
fn metas_handshake_gives_the_challenge_back_only_for_the_right_token() {
    let query = fixture("whatsapp/verify-get-query.json");
    let kinds = [ChannelKind::Whatsapp, ChannelKind::Messenger, ChannelKind::Instagram];
    let check = |token: &str, mode: &str, status: u16, body: &str| {
        let challenge = query["hub.challenge"].as_str().unwrap();
        let url = format!("https://chat.example.com/hooks/door?hub.mode={mode}&hub.challenge={challenge}&hub.verify_token={token}");
        let request = Request { method: "GET", ..Request::post("").url(&url) };
        let answer = HookAnswer { status, content_type: "text/plain", body: body.to_owned() };
        for kind in kinds {
            assert_eq!(door(kind).receive(&request.view(), NOW), Ok(Received::Handshake(answer.clone())), "{kind} {token}");
        }
    };
    check(query["hub.verify_token"].as_str().unwrap(), "subscribe", 200, "1158201444");
    check("another", "subscribe", 403, "");
    check("", "subscribe", 403, "");
    check(query["hub.verify_token"].as_str().unwrap(), "unsubscribe", 403, "");
}

#[test]
fn twilio_reads_empty_twiml() {
    let body = form(&fixture("sms/in-text.json"));
    let request = Request::post(body).header("content-type", "application/x-www-form-urlencoded");
    let request = request.header("x-twilio-signature", "zaNG/4rArxVPACEB9ySp8YTnia0=");
    let received = door(ChannelKind::Sms).receive(&request.view(), NOW);
    let Ok(Received::Events { events, answer }) = received else { panic!("{received:?}") };
    assert_eq!(events.len(), 1);
    assert_eq!((answer.status, answer.content_type, answer.body.as_str()), (200, "text/xml", "<Response/>"));
}
