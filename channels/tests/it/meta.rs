//! Messenger and Instagram: what the vendor's description has and no recording shows, links, and sending.

use domain::channel::ChannelKind;
use domain::event::InboundEvent;
use domain::message::{Author, Card, Delivery, ServiceWindow};
use domain::ports::{Received, SendError, Sent};
use serde_json::{Value, json};

use crate::decoding::{check, events};
use crate::sending::Outcome::{NotSent, Refused, Slow, Unknown};
use crate::sending::{BUTTONS, at, check as check_outcome, conforms, example, hello, send};
use crate::stub::{Script, Stub};
use crate::world::{card, delivery, door, opened, settings};

const PERSON: &str = "5858005774265432";
const PAGE: &str = "1906385232743451";

/// One event of a page around `part`.
fn page(part: &Value) -> Value {
    json!({"object": "page", "entry": [{"id": PAGE, "time": 1, "messaging": [sided(part)]}]})
}

/// One event of an Instagram account.
fn account(part: &Value) -> Value {
    json!({"object": "instagram", "entry": [{"id": PAGE, "time": 1, "messaging": [sided(part)]}]})
}

fn sided(part: &Value) -> Value {
    let mut item = json!({"sender": {"id": PERSON}, "recipient": {"id": PAGE}, "timestamp": 1_780_000_000_000_i64});
    item.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
    item
}

fn attached(attachment: Value) -> Value {
    json!({"message": {"mid": "m_1", "attachments": [attachment]}})
}

#[test]
fn every_kind_of_attachment_is_understood() {
    let file = |kind: &str| json!({"type": kind, "payload": {"url": "https://cdn.example/f"}});
    let media = |kind: &str| json!({"kind": "message", "text": null, "media": [{"kind": kind, "url": "https://cdn.example/f"}]});
    for (theirs, ours) in [
        ("image", "image"),
        ("audio", "audio"),
        ("video", "video"),
        ("file", "document"),
        ("reel", "video"),
        ("ig_reel", "video"),
        ("share", "image"),
        ("ig_post", "image"),
    ] {
        check(ChannelKind::Messenger, &page(&attached(file(theirs))), &media(ours));
        check(ChannelKind::Instagram, &account(&attached(file(theirs))), &media(ours));
    }
    check(
        ChannelKind::Messenger,
        &page(&json!({"message": {"mid": "m_1", "sticker_id": 369_239_263_222_822_i64,
            "attachments": [{"type": "image", "payload": {"url": "https://cdn.example/like.png", "sticker_id": 369_239_263_222_822_i64}}]}})),
        &json!({"media": [{"kind": "sticker", "provider_id": "369239263222822", "url": "https://cdn.example/like.png"}]}),
    );
    check(
        ChannelKind::Messenger,
        &page(&attached(json!({"type": "location", "title": "Ana's place", "payload": {"coordinates": {"lat": 48.5, "long": 2.25}}}))),
        &json!({"kind": "message", "location": {"lat": 48.5, "lon": 2.25}, "media": []}),
    );
    check(
        ChannelKind::Messenger,
        &page(&json!({"message": {"mid": "m_1", "text": "look https://shop.example/x",
            "attachments": [{"type": "fallback", "title": "Chair", "url": "https://shop.example/x", "payload": null}]}})),
        &json!({"text": "look https://shop.example/x", "structured": {"title": "Chair", "url": "https://shop.example/x"}, "media": []}),
    );
    check(
        ChannelKind::Messenger,
        &page(&attached(json!({"type": "template", "payload": {"product": {"elements": [
            {"id": "998", "retailer_id": "CHAIR-1", "title": "Chair", "subtitle": "EUR 300", "image_url": "https://cdn.example/c"}]}}}))),
        &json!({"kind": "message", "referral": {"product_id": "CHAIR-1"}}),
    );
    check(
        ChannelKind::Instagram,
        &account(&attached(json!({"type": "hologram", "payload": {}}))),
        &json!({"kind": "message", "text": null, "media": [], "unsupported": "hologram"}),
    );
}

#[test]
fn where_people_come_from_is_kept_in_all_three_places() {
    let ad = json!({"ref": "spring", "source": "ADS", "type": "OPEN_THREAD", "ad_id": 6_045_246_247_433_i64,
        "ads_context_data": {"ad_title": "Spring chairs", "product_id": "CHAIR-1"}});
    let expected = json!({"ref": "spring", "source": "ADS", "ad_id": "6045246247433", "product_id": "CHAIR-1"});
    let message = json!({"message": {"mid": "m_1", "text": "hi", "referral": ad}});
    check(ChannelKind::Messenger, &page(&message), &json!({"kind": "message", "text": "hi", "referral": expected}));
    let postback = json!({"postback": {"mid": "m_1", "title": "Start", "payload": "GO", "referral": ad}});
    check(ChannelKind::Messenger, &page(&postback), &json!({"kind": "postback", "payload": "GO", "referral": expected}));
    check(ChannelKind::Messenger, &page(&json!({"referral": ad})), &json!({"kind": "referral", "referral": expected}));
    let product = json!({"message": {"mid": "m_1", "text": "is it there?", "referral": {"product": {"id": "77"}}}});
    check(ChannelKind::Instagram, &account(&product), &json!({"kind": "message", "referral": {"product_id": "77", "ref": null}}));
}

#[test]
fn what_the_page_itself_does_is_never_a_customers_word() {
    let ours = |part: Value| {
        let mut item = sided(&part);
        item["sender"]["id"] = PAGE.into();
        item["recipient"]["id"] = PERSON.into();
        json!({"object": "page", "entry": [{"id": PAGE, "messaging": [item]}]})
    };
    let expected = json!({"kind": "echo", "sender": PERSON, "connection": PAGE, "text": "on it"});
    check(ChannelKind::Messenger, &ours(json!({"message": {"mid": "m_1", "text": "on it"}})), &expected);
    for part in [
        json!({"reaction": {"mid": "m_1", "action": "react", "emoji": "❤"}}),
        json!({"message_edit": {"mid": "m_1", "text": "x"}}),
        json!({"read": {"watermark": 1_780_000_000_000_i64}}),
    ] {
        check(ChannelKind::Messenger, &ours(part), &json!({"kind": "ignored", "sender": PERSON}));
    }
    let unsent = ours(json!({"message": {"mid": "m_1", "is_echo": true, "is_deleted": true}}));
    check(ChannelKind::Messenger, &unsent, &json!({"kind": "deleted", "sender": PERSON, "target": "m_1"}));
    let with_file = ours(
        json!({"message": {"mid": "m_1", "is_echo": true, "attachments": [{"type": "image", "payload": {"url": "https://x.example/a"}}]}}),
    );
    check(ChannelKind::Messenger, &with_file, &json!({"kind": "echo", "media": [{"kind": "image"}], "text": null}));
    let to_itself = account(&json!({"message": {"mid": "m_1", "text": "note", "is_self": true}}));
    check(ChannelKind::Instagram, &to_itself, &json!({"kind": "ignored"}));
}

#[test]
fn who_holds_the_thread_is_told() {
    let cases = [
        (
            json!({"pass_thread_control": {"new_owner_app_id": "123", "previous_owner_app_id": "9", "metadata": "why"}}),
            "pass",
            json!("123"),
        ),
        (json!({"take_thread_control": {"previous_owner_app_id": 263_902_037_430_900_i64, "new_owner_app_id": "5"}}), "take", json!("5")),
        (json!({"request_thread_control": {"requested_owner_app_id": 123, "metadata": "m"}}), "request", json!("123")),
        (json!({"app_roles": {"123": ["primary_receiver"]}}), "roles", Value::Null),
    ];
    for (part, action, owner) in cases {
        let expected = json!({"kind": "thread_control", "sender": PERSON, "connection": PAGE, "action": action, "new_owner": owner,
            "timestamp": "2026-05-28T20:26:40Z"});
        check(ChannelKind::Messenger, &page(&part), &expected);
    }
}

#[test]
fn asking_for_messages_and_taking_it_back_are_told() {
    let optin = |status: &str| {
        json!({"optin": {"type": "notification_messages", "payload": "promo", "notification_messages_token": "T",
            "notification_messages_status": status, "topic": "Offers"}})
    };
    let expected = |kind: &str| json!({"kind": kind, "sender": PERSON, "payload": "promo", "scope": "marketing", "text": null});
    check(ChannelKind::Messenger, &page(&optin("RESUME_NOTIFICATIONS")), &expected("opt_in"));
    check(ChannelKind::Messenger, &page(&optin("STOP_NOTIFICATIONS")), &expected("opt_out"));
    let plugin = json!({"optin": {"ref": "RAP-7KQ2-9XDM"}});
    check(ChannelKind::Messenger, &page(&plugin), &json!({"kind": "opt_in", "referral": {"ref": "RAP-7KQ2-9XDM"}, "scope": null}));
    let nobody = json!({"object": "page", "entry": [{"id": PAGE, "messaging": [
        {"recipient": {"id": PAGE}, "timestamp": 1, "optin": {"ref": "x", "user_ref": "u"}}]}]});
    check(ChannelKind::Messenger, &nobody, &json!({"kind": "ignored", "sender": null, "connection": PAGE}));
}

#[test]
fn what_else_arrives_is_told_or_ignored_and_never_an_error() {
    let said = |text: &str| page(&json!({"message": {"mid": "m_1", "text": text}}));
    check(ChannelKind::Messenger, &said(" STOP. "), &json!({"kind": "message", "text": "STOP.", "opt_out": true}));
    check(ChannelKind::Messenger, &said("hi\u{0}\u{1b}[2J"), &json!({"kind": "message", "text": "hi[2J", "opt_out": false}));
    check(ChannelKind::Messenger, &said(" "), &json!({"kind": "message", "text": null, "unsupported": "unknown"}));
    let without_id = page(&json!({"message": {"text": "hi"}}));
    check(ChannelKind::Messenger, &without_id, &json!({"kind": "ignored", "reason": "unreadable: a message without id"}));
    let policy = page(&json!({"policy_enforcement": {"action": "block", "reason": "spam"}}));
    check(ChannelKind::Messenger, &policy, &json!({"kind": "error", "code": "block", "message": "spam"}));
    check(ChannelKind::Messenger, &page(&json!({"account_linking": {"status": "linked"}})), &json!({"kind": "ignored"}));
    check(ChannelKind::Messenger, &page(&json!({"holograms_v9": {"a": 1}})), &json!({"kind": "ignored"}));
    check(ChannelKind::Messenger, &page(&json!({})), &json!({"kind": "ignored", "sender": PERSON}));
    check(ChannelKind::Messenger, &page(&json!({"delivery": {}})), &json!({"kind": "ignored"}));
    let feed = json!({"object": "page", "entry": [{"id": PAGE, "changes": [{"field": "feed", "value": {"item": "comment"}}]}]});
    check(ChannelKind::Messenger, &feed, &json!({"kind": "ignored", "reason": "field \"feed\"", "connection": PAGE}));
    check(ChannelKind::Messenger, &account(&json!({})), &json!({"kind": "ignored"}));
    let edited = account(&json!({"message_edit": {"mid": "m_1", "text": "two", "num_edit": 2}}));
    check(ChannelKind::Instagram, &edited, &json!({"kind": "edited", "target": "m_1", "text": "two"}));
    let old_reaction = account(&json!({"reaction": {"mid": "m_1", "action": "react", "reaction": "love"}}));
    check(ChannelKind::Instagram, &old_reaction, &json!({"kind": "reaction", "emoji": "❤"}));
    let feedback = page(&json!({"messaging_feedback": {"feedback_screens": [{"screen_id": 0, "questions": {"q": {"payload": "5"}}}]}}));
    check(ChannelKind::Messenger, &feedback, &json!({"kind": "message", "text": null}));
}

#[test]
fn metas_own_sample_and_all_forms_of_time_are_understood() {
    let sample = json!({"object": "instagram", "entry": [{"id": "0", "time": 1_527_459_824, "changes": [{"field": "messages", "value": {
        "sender": {"id": "12334"}, "recipient": {"id": "23245"}, "timestamp": "1527459824",
        "message": {"mid": "random_mid", "text": "random_text"}}}]}]});
    check(
        ChannelKind::Instagram,
        &sample,
        &json!({"kind": "message", "sender": "12334", "connection": "23245", "text": "random_text", "timestamp": "2018-05-27T22:23:44Z"}),
    );
    for (written, expected) in [
        (json!(1_780_000_000), json!("2026-05-28T20:26:40Z")),
        (json!("1780000000123"), json!("2026-05-28T20:26:40.123Z")),
        (json!(-5), Value::Null),
        (json!(9_007_199_254_740_991_i64), Value::Null),
        (json!("soon"), Value::Null),
    ] {
        let payload = page(&json!({"timestamp": written, "message": {"mid": "m", "text": "x"}}));
        check(ChannelKind::Messenger, &payload, &json!({"kind": "message", "timestamp": expected}));
    }
}

#[test]
fn one_unreadable_message_of_a_batch_spoils_only_itself() {
    let item = |n: u32| match n {
        7 => sided(&json!({"message": {"text": "no id"}})),
        n => sided(&json!({"message": {"mid": format!("m_{n}"), "text": "hi"}})),
    };
    let payload = json!({"object": "page", "entry": [{"id": PAGE, "messaging": (1..=50).map(item).collect::<Vec<_>>()}]});
    let found = events(ChannelKind::Messenger, &payload);
    assert_eq!(found.iter().filter(|event| matches!(event, InboundEvent::Message(_))).count(), 49);
    assert!(matches!(&found[6], InboundEvent::Ignored(ignored) if ignored.reason.starts_with(channels::UNREADABLE_ITEM)));
}

#[test]
fn a_message_to_another_page_of_the_app_is_not_answered_from_this_one() {
    let body = json!({"object": "page", "entry": [{"id": "999", "messaging": [
        {"sender": {"id": "1"}, "recipient": {"id": "999"}, "message": {"mid": "m", "text": "x"}}]}]});
    let request = crate::refusing::signed(ChannelKind::Messenger, body.to_string().as_bytes());
    let received = door(ChannelKind::Messenger).receive(&request.view(), crate::world::NOW);
    let Ok(Received::Events { events, .. }) = received else { panic!("{received:?}") };
    assert!(matches!(events.as_slice(), [InboundEvent::Ignored(_)]), "{events:?}");
}

#[test]
fn links_carry_the_code_unseen() {
    let link = |kind| door(kind).continue_link("abcDEF_123-x");
    assert_eq!(link(ChannelKind::Messenger).as_deref(), Some("https://m.me/ergochairs?ref=abcDEF_123-x"));
    assert_eq!(link(ChannelKind::Instagram).as_deref(), Some("https://ig.me/m/ergo.chairs?ref=abcDEF_123-x"));
    assert_eq!(door(ChannelKind::Messenger).continue_link("not a code"), None);
    for (kind, expected) in [(ChannelKind::Messenger, Some("https://m.me/1906385232743451?ref=abc")), (ChannelKind::Instagram, None)] {
        let mut settings = settings(kind);
        settings.values.remove("username");
        assert_eq!(opened(&settings).continue_link("abc").as_deref(), expected, "{kind}");
    }
}

#[tokio::test]
async fn messages_satisfy_the_specification_of_each() {
    for (kind, vendor) in [(ChannelKind::Messenger, "messenger"), (ChannelKind::Instagram, "instagram")] {
        let longest = [("A title that is longer than any button may be", "é".repeat(600))];
        let longest: Vec<(&str, &str)> = longest.iter().map(|(title, payload)| (*title, payload.as_str())).collect();
        for (text, buttons) in [("hello", &BUTTONS[..0]), ("choose", &BUTTONS[..1]), ("choose", &BUTTONS[..12]), ("choose", &longest[..])] {
            let delivery = delivery(kind, PERSON, text, buttons);
            let (result, asked) = send(example(vendor, "200"), &delivery).await;
            assert_eq!(result, Ok(Sent { provider_message_id: Some("m_AG5Hz2Uq7tuwNEhXfYYKj8mJEM".to_owned()) }));
            assert_eq!(asked.len(), 1, "one message is sent once");
            assert!(asked[0].line.ends_with("/messages HTTP/1.1") && !asked[0].line.contains("token"), "{}", asked[0].line);
            assert_eq!(asked[0].header("authorization"), Some("Bearer EAAB"));
            let body = asked[0].json();
            assert_eq!(conforms(vendor, "messages", &body), Ok(()));
            assert_eq!((&body["recipient"]["id"], &body["messaging_type"]), (&json!(PERSON), &json!("RESPONSE")));
            assert_eq!(body["message"]["quick_replies"].as_array().map_or(0, Vec::len), buttons.len());
            let payloads = body["message"]["quick_replies"].as_array().into_iter().flatten();
            assert!(payloads.into_iter().all(|reply| reply["payload"].as_str().unwrap().len() <= 1_000), "counted in bytes");
            let metadata = (kind == ChannelKind::Messenger).then(|| json!(delivery.id.to_string()));
            assert_eq!(body["message"].get("metadata"), metadata.as_ref(), "our id comes back in the echo");
        }
    }
}

#[tokio::test]
async fn on_messenger_cards_follow_the_words_and_cost_them_nothing() {
    let mut said = delivery(ChannelKind::Messenger, PERSON, "The Contour costs 449 EUR.", &BUTTONS[..2]);
    said.rendered.cards = vec![card("contour"), card("stool"), Card { text: String::new(), picture: None, url: None, ..card("bare") }];
    let sent = async |answers: &[&str]| {
        let stub = Stub::playing_in_turn(answers.iter().map(|name| example("messenger", name)).collect()).await;
        let result = at(&stub, settings(ChannelKind::Messenger)).deliver(&said).await;
        (result, stub.asked().iter().map(crate::stub::Asked::json).collect::<Vec<Value>>())
    };
    let (first, asked) = sent(&["200"]).await;
    assert!(first.is_ok());
    let [words, cards] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!((conforms("messenger", "messages", words), conforms("messenger", "messages", cards)), (Ok(()), Ok(())));
    assert_eq!(words["message"].get("quick_replies"), None, "they are seen below the last message only");
    assert_eq!(cards["message"]["quick_replies"].as_array().map(Vec::len), Some(2));
    assert_eq!(cards["message"]["metadata"], words["message"]["metadata"], "their echo is known to be ours, too");
    let elements = cards["message"]["attachment"]["payload"]["elements"].as_array().unwrap();
    assert_eq!(elements.len(), 2, "a card that has only a title is none");
    assert_eq!(elements[0]["image_url"], "https://shop.example/contour.jpg");
    assert_eq!(elements[0]["default_action"], json!({"type": "web_url", "url": "https://shop.example/contour"}));
    let (refused, asked) = sent(&["200", "bad_param", "200"]).await;
    assert_eq!(refused, first, "the answer has been said");
    assert_eq!(asked.len(), 3);
    assert_eq!(
        asked[2]["message"]["attachment"]["payload"]["elements"][0].get("image_url"),
        None,
        "a picture may be what it could not take"
    );
    let (limited, asked) = sent(&["200", "rate"]).await;
    assert_eq!((limited, asked.len()), (first, 2), "what may be said twice is left");
    let (nothing, asked) = sent(&["bad_param"]).await;
    assert_eq!((nothing.is_err(), asked.len()), (true, 1));
}

#[tokio::test]
async fn after_a_day_only_a_persons_own_reply_leaves_and_says_so() {
    let delivery = Delivery { window: ServiceWindow::PeopleOnly, author: Author::Teammate, ..hello(ChannelKind::Messenger) };
    let (_, asked) = send(example("messenger", "200"), &delivery).await;
    let body = asked[0].json();
    assert_eq!(conforms("messenger", "messages", &body), Ok(()));
    assert_eq!((&body["messaging_type"], &body["tag"]), (&json!("MESSAGE_TAG"), &json!("HUMAN_AGENT")));
    let (_, asked) = send(example("messenger", "200"), &hello(ChannelKind::Messenger)).await;
    assert_eq!(asked[0].json().get("tag"), None);
}

#[test]
fn the_specification_refuses_what_meta_refuses() {
    let message = |message: Value| json!({"recipient": {"id": "1"}, "messaging_type": "RESPONSE", "message": message});
    let reply = |title: &str| json!({"content_type": "text", "title": title, "payload": "p"});
    for refused in [
        message(json!({"text": "x".repeat(2_001)})),
        message(json!({"text": "x", "quick_replies": vec![reply("t"); 14]})),
        message(json!({"text": "x", "quick_replies": [reply(&"t".repeat(21))]})),
        message(json!({"text": "x", "unknown": 1})),
        json!({"recipient": {"id": "not digits"}, "message": {"text": "x"}}),
        json!({"message": {"text": "x"}}),
    ] {
        assert!(conforms("messenger", "messages", &refused).is_err(), "{refused}");
    }
    assert!(conforms("instagram", "messages", &message(json!({"text": "x".repeat(1_001)}))).is_err());
}

#[tokio::test]
async fn reading_and_writing_are_shown() {
    for (kind, vendor) in [(ChannelKind::Messenger, "messenger"), (ChannelKind::Instagram, "instagram")] {
        let stub = Stub::playing(Script::json(200, &json!({"recipient_id": PERSON}))).await;
        at(&stub, settings(kind)).typing(PERSON, Some("m_1")).await;
        let asked = stub.asked();
        let actions: Vec<Value> = asked.iter().map(|asked| asked.json()["sender_action"].clone()).collect();
        assert_eq!(actions, ["mark_seen", "typing_on"]);
        assert!(asked.iter().all(|asked| conforms(vendor, "messages", &asked.json()).is_ok()));
    }
}

#[tokio::test]
async fn each_of_metas_answers_is_one_outcome() {
    for (kind, vendor) in [(ChannelKind::Messenger, "messenger"), (ChannelKind::Instagram, "instagram")] {
        let outcome = async |script, expected| check_outcome(kind, script, expected).await;
        outcome(example(vendor, "bad_param"), Refused("100")).await;
        outcome(example(vendor, "outside_window"), Refused("10")).await;
        outcome(example(vendor, "rate"), Slow(None)).await;
        outcome(example(vendor, "token"), Refused("190")).await;
        let error = |status, code: i64, subcode: i64| {
            Script::json(status, &json!({"error": {"message": "x", "type": "OAuthException", "code": code, "error_subcode": subcode}}))
        };
        outcome(error(400, 4, 0), Slow(None)).await;
        outcome(error(400, 551, 1_545_041), Refused("551")).await;
        outcome(error(400, 1_200, 0), NotSent).await;
        outcome(error(500, 1, 0), Unknown).await;
        outcome(error(500, 100, 0), Unknown).await;
        outcome(error(503, 2, 0), NotSent).await;
        let transient = json!({"error": {"message": "x", "code": 100, "is_transient": true}});
        outcome(Script::json(400, &transient), Unknown).await;
        outcome(Script::json(500, &json!("oops")), Unknown).await;
        outcome(Script::json(404, &json!({})), Refused("404")).await;
        outcome(Script::json(200, &json!({})), Unknown).await;
        outcome(Script::HangUp, Unknown).await;
        let busy = Script::Answer { status: 429, headers: "retry-after: 12\r\n", body: String::new() };
        outcome(busy, Slow(Some(12))).await;
    }
}

#[tokio::test]
async fn a_closed_window_is_said_in_words() {
    for subcode in [2_018_278, 2_534_022] {
        let body = json!({"error": {"message": "x", "code": 10, "error_subcode": subcode}});
        let (result, _) = send(Script::json(400, &body), &hello(ChannelKind::Messenger)).await;
        assert!(matches!(&result, Err(SendError::Refused { why, .. }) if why.starts_with("window closed")), "{result:?}");
    }
}
