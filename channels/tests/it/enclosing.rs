//! Files leave as the vendors want them.

use domain::channel::ChannelKind;
use domain::event::Content;
use domain::message::{Delivery, Enclosure};
use domain::ports::{SendError, Sent};
use domain::settings::ConnectionSettings;
use serde_json::{Value, json};

use crate::sending::{at, conforms, example, hello};
use crate::stub::{Asked, Script, Stub};
use crate::world::{opened, settings, with_value};

fn with_file(kind: ChannelKind, name: &str, mime: &str) -> Delivery {
    let content = Content(b"PNG\r\n--x".to_vec().into());
    let file = Enclosure { name: name.to_owned(), mime: mime.to_owned(), content, link: Some("https://x.test/files/1".to_owned()) };
    Delivery { files: vec![file], ..hello(kind) }
}

fn holds(asked: &Asked, parts: &[&str]) {
    for part in parts {
        assert!(asked.body.contains(part), "{part:?} is missing in {:?}", asked.body);
    }
}

#[tokio::test]
async fn whatsapp_gets_the_file_first_and_the_message_names_it() {
    let stub = Stub::playing_in_turn(vec![Script::json(200, &json!({"id": "4490709327384033"})), example("whatsapp", "200")]).await;
    let door = at(&stub, settings(ChannelKind::Whatsapp));
    assert!(door.deliver(&with_file(ChannelKind::Whatsapp, "offer \"1\".pdf", "application/pdf")).await.is_ok());
    let asked = stub.asked();
    assert_eq!(asked[0].line, "POST /106540352242922/media HTTP/1.1");
    holds(
        &asked[0],
        &[
            "name=\"messaging_product\"\r\n\r\nwhatsapp\r\n",
            "name=\"file\"; filename=\"offer %221%22.pdf\"\r\nContent-Type: application/pdf",
        ],
    );
    let body = asked[1].json();
    assert_eq!(body["document"], json!({"id": "4490709327384033", "caption": "hello", "filename": "offer \"1\".pdf"}));
    assert_eq!((&body["type"], &body["to"]), (&json!("document"), &json!("16505551234")));
}

#[tokio::test]
async fn a_file_that_whatsapp_did_not_take_is_tried_again_and_nothing_was_sent() {
    let stub = Stub::playing(Script::json(500, &json!({}))).await;
    let sent = at(&stub, settings(ChannelKind::Whatsapp)).deliver(&with_file(ChannelKind::Whatsapp, "a.png", "image/png")).await;
    assert!(matches!(sent, Err(SendError::NotSent(_))), "{sent:?}");
    assert_eq!(stub.asked().len(), 1);
}

#[tokio::test]
async fn telegram_gets_pictures_as_pictures_and_the_rest_as_documents() {
    for (mime, method, field) in
        [("image/png", "sendPhoto", "photo"), ("application/pdf", "sendDocument", "document"), ("text/csv", "sendDocument", "document")]
    {
        let stub = Stub::playing(Script::json(200, &json!({"ok": true, "result": {"message_id": 7}}))).await;
        let sent = at(&stub, settings(ChannelKind::Telegram)).deliver(&with_file(ChannelKind::Telegram, "a.bin", mime)).await;
        assert_eq!(sent, Ok(Sent { provider_message_id: Some("7".to_owned()) }));
        let asked = stub.asked();
        assert!(asked[0].line.ends_with(&format!("/{method} HTTP/1.1")), "{}", asked[0].line);
        holds(
            &asked[0],
            &["name=\"chat_id\"\r\n\r\n7527593\r\n", "name=\"caption\"\r\n\r\nhello\r\n", &format!("name=\"{field}\"; filename=\"a.bin\"")],
        );
    }
}

#[tokio::test]
async fn discord_gets_message_and_files_in_one_form() {
    let stub = Stub::playing(Script::json(200, &json!({"id": "9"}))).await;
    let delivery = Delivery { address: "811811811".to_owned(), ..with_file(ChannelKind::Discord, "a.png", "image/png") };
    assert!(at(&stub, settings(ChannelKind::Discord)).deliver(&delivery).await.is_ok());
    holds(
        &stub.asked()[0],
        &["name=\"payload_json\"\r\n\r\n{", "\"content\":\"hello\"", "name=\"files[0]\"; filename=\"a.png\"\r\nContent-Type: image/png"],
    );
}

#[test]
fn doors_say_which_files_they_take() {
    let check = |kind, mime: &str, bytes, expected| {
        assert_eq!(opened(&settings(kind)).takes(mime, bytes), expected, "{kind} {mime} {bytes}");
    };
    check(ChannelKind::Whatsapp, "image/jpeg", 4_000_000, true);
    check(ChannelKind::Whatsapp, "image/jpeg", 6_000_000, false);
    check(ChannelKind::Whatsapp, "application/zip", 10, false);
    check(ChannelKind::Telegram, "application/zip", 19_000_000, true);
    check(ChannelKind::Sms, "image/jpeg", 10, true);
    check(ChannelKind::Sms, "application/pdf", 10, false);
    check(ChannelKind::Widget, "application/zip", 19_000_000, true);
}

#[tokio::test]
async fn whatsapp_lists_its_templates_and_gets_one_by_name_with_its_gaps_filled() {
    let listed = json!({"data": [
        {"name": "hello", "language": "en", "status": "APPROVED", "category": "UTILITY", "components": [{"type": "BODY", "text": "Hello {{1}}"}]},
        {"name": "sale", "language": "en", "status": "REJECTED", "components": [{"type": "BODY", "text": "Sale"}]},
    ], "paging": {"cursors": {"after": "x"}}});
    let stub = Stub::playing_in_turn(vec![Script::json(200, &listed), example("whatsapp", "200")]).await;
    let door = at(&stub, with_value(settings(ChannelKind::Whatsapp), "business_account_id", "1022".to_owned()));
    let templates = door.templates().await.unwrap().unwrap();
    assert_eq!(templates.iter().map(|found| found.name.as_str()).collect::<Vec<_>>(), ["hello"]);
    let filled = templates[0].fill(&[("1".to_owned(), "Anna".to_owned())].into()).unwrap();
    let mut delivery = hello(ChannelKind::Whatsapp);
    delivery.rendered.text = templates[0].preview(&filled);
    delivery.rendered.template = Some(filled);
    assert!(door.deliver(&delivery).await.is_ok());
    let asked = stub.asked();
    assert!(asked[0].line.starts_with("GET /1022/message_templates?limit=100&fields=name"), "{}", asked[0].line);
    let parameters = json!([{"type": "body", "parameters": [{"type": "text", "text": "Anna"}]}]);
    let body = asked[1].json();
    assert_eq!(body["template"], json!({"name": "hello", "language": {"code": "en"}, "components": parameters}));
    assert_eq!((&body["type"], &body["to"]), (&json!("template"), &json!("16505551234")));
    assert!(body.get("text").is_none(), "the vendor writes the text");

    let without = opened(&settings(ChannelKind::Whatsapp));
    assert_eq!(without.templates().await, Ok(None), "no account is named");
}

#[tokio::test]
async fn vendors_that_fetch_files_get_their_links_in_messages_that_they_take() {
    for (kind, vendor) in [(ChannelKind::Messenger, "messenger"), (ChannelKind::Instagram, "instagram")] {
        let mut delivery = with_file(kind, "a.png", "image/png");
        delivery.rendered.text = String::new();
        let (sent, asked) = crate::sending::send(example(vendor, "200"), &delivery).await;
        assert!(sent.is_ok(), "{sent:?}");
        let body = asked[0].json();
        assert_eq!(conforms(vendor, "messages", &body), Ok(()));
        assert_eq!(body["message"]["attachment"]["payload"]["url"], "https://x.test/files/1");
        assert_eq!((asked.len(), &body["message"]["attachment"]["type"]), (1, &json!("image")));
    }
    let at_home = ConnectionSettings { public_url: "http://127.0.0.1:8080".to_owned(), ..settings(ChannelKind::Messenger) };
    assert!(opened(&settings(ChannelKind::Messenger)).takes("application/pdf", 9));
    assert!(!opened(&settings(ChannelKind::Instagram)).takes("application/pdf", 9), "Instagram shows no documents");
    assert!(!opened(&at_home).takes("image/png", 9), "nobody can fetch it from there");
}

/// A form as the specification sees it: a field that may come several times is a list.
fn listed(mut form: Value) -> Value {
    if let Some(url) = form.get_mut("MediaUrl") {
        *url = json!([url.take()]);
    }
    form
}

#[tokio::test]
async fn a_picture_is_an_mms_where_there_is_one_and_a_link_elsewhere() {
    let mut there = with_file(ChannelKind::Sms, "a.png", "image/png");
    let (_, asked) = crate::sending::send(example("twilio", "created"), &there).await;
    let form = listed(asked[0].form());
    assert_eq!(conforms("twilio", "messages", &form), Ok(()));
    assert_eq!((&form["MediaUrl"], &form["Body"]), (&json!(["https://x.test/files/1"]), &json!("hello")));
    there.address = "+33612345678".to_owned();
    let (_, asked) = crate::sending::send(example("twilio", "created"), &there).await;
    let form = asked[0].form();
    assert_eq!((form.get("MediaUrl"), &form["Body"]), (None, &json!("hello\na.png: https://x.test/files/1")));
}

#[tokio::test]
async fn a_file_over_rcs_is_a_message_of_its_own() {
    let mut delivery = with_file(ChannelKind::Rcs, "a.pdf", "application/pdf");
    delivery.rendered.text = String::new();
    let (sent, asked) = crate::sending::send(example("twilio", "created"), &delivery).await;
    assert!(sent.is_ok(), "{sent:?}");
    let form = listed(asked[0].form());
    assert_eq!(conforms("twilio", "messages", &form), Ok(()));
    assert_eq!((&form["MediaUrl"], form.get("Body")), (&json!(["https://x.test/files/1"]), None));
}
