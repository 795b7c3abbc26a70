//! Files that people send: fetched with the vendor's own proof, within limits, and from nowhere inside.

use domain::channel::ChannelKind;
use domain::event::Media;
use domain::ports::{FetchError, Fetched};
use serde_json::json;

use crate::sending::at;
use crate::stub::{Asked, Script, Stub};
use crate::world::{settings, with_value};

const PNG: &str = "PNG bytes, as far as this goes";

fn file(headers: &'static str) -> Script {
    Script::Answer { status: 200, headers, body: PNG.to_owned() }
}

async fn fetch(kind: ChannelKind, scripts: Vec<Script>, media: impl Fn(&str) -> Media) -> (Result<Fetched, FetchError>, Vec<Asked>) {
    let stub = Stub::playing_in_turn(scripts).await;
    let settings = with_value(settings(kind), "webhook_url", stub.base.clone());
    let found = at(&stub, settings).fetch(&media(&stub.base), 1_000).await;
    (found, stub.asked())
}

fn lies_at(path: &'static str) -> impl Fn(&str) -> Media {
    move |base| Media { url: Some(format!("{base}/{path}")), ..Media::default() }
}

#[tokio::test]
async fn each_vendor_gets_its_own_proof() {
    let whatsapp = fetch(ChannelKind::Whatsapp, vec![file("content-type: image/png; x=y\r\n")], lies_at("file")).await;
    let found = whatsapp.0.unwrap();
    assert_eq!((&*found.content.0, found.mime.as_deref()), (PNG.as_bytes(), Some("image/png")));
    assert!(whatsapp.1[0].header("authorization").unwrap().starts_with("Bearer "));

    let place = Script::json(200, &json!({"ok": true, "result": {"file_id": "F", "file_path": "photos/file_7.jpg"}}));
    let named = |_: &str| Media { provider_id: Some("F".to_owned()), ..Media::default() };
    let telegram = fetch(ChannelKind::Telegram, vec![place, file("")], named).await;
    assert_eq!(&*telegram.0.unwrap().content.0, PNG.as_bytes());
    assert!(telegram.1[0].line.contains("/getFile") && telegram.1[1].line.starts_with("GET /file/bot"), "{}", telegram.1[1].line);

    for kind in [ChannelKind::Sms, ChannelKind::Rcs] {
        let twilio = fetch(kind, vec![file("")], lies_at("2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1")).await;
        assert!(twilio.0.is_ok());
        assert!(twilio.1[0].header("authorization").unwrap().starts_with("Basic "));
    }
    for kind in [ChannelKind::Messenger, ChannelKind::Instagram, ChannelKind::Discord, ChannelKind::Api] {
        let (found, asked) = fetch(kind, vec![file("")], lies_at("attachments/1/2/a.png")).await;
        assert!(found.is_ok(), "{kind}: {found:?}");
        assert_eq!(asked[0].header("authorization"), None, "{kind}");
    }
}

#[tokio::test]
async fn what_google_keeps_for_us_is_fetched_without_a_proof_and_nothing_is_fetched_of_a_mail_that_brought_it() {
    let google = crate::rcs::google("http://127.0.0.1:1/token");
    let stub = Stub::playing(file("content-type: image/jpeg\r\n")).await;
    let door = at(&stub, google);
    let media = Media { url: Some(format!("{}/files/a.jpg", stub.base)), mime: Some("image/png".to_owned()), ..Media::default() };
    let found = door.fetch(&media, 1_000).await.unwrap();
    assert_eq!((&*found.content.0, found.mime.as_deref()), (PNG.as_bytes(), Some("image/jpeg")));
    assert_eq!(stub.asked()[0].header("authorization"), None, "the address itself is the secret");
    assert!(matches!(door.fetch(&Media::default(), 1_000).await, Err(FetchError::Never(_))), "no address");
    assert!(matches!(door.fetch(&media, 5).await, Err(FetchError::Never(_))), "too large");

    let mail = crate::world::door(ChannelKind::Email);
    let raw = "From: ana@example.com\r\nTo: support@shop.test\r\nMessage-ID: <1@example.com>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
               --b\r\n\r\nsee this\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\
               Content-Transfer-Encoding: base64\r\n\r\nJVBERi0=\r\n--b--\r\n";
    let events = mail.decode(&crate::world::Request::post(raw).view()).unwrap();
    let domain::event::InboundEvent::Message(message) = &events[0] else { panic!("{events:?}") };
    assert_eq!(message.media[0].content.as_ref().map(|content| &*content.0), Some(b"%PDF-".as_slice()), "the file is in the mail");
    assert!(matches!(mail.fetch(&message.media[0], 1_000).await, Err(FetchError::Never(_))), "there is nowhere else to get it from");
}

#[tokio::test]
async fn a_file_is_not_followed_inside_by_any_hop() {
    for location in [
        "location: http://127.0.0.1:4222/\r\n",
        "location: https://127.0.0.1/\r\n",
        "location: http://169.254.169.254/latest/meta-data/\r\n",
        "location: https://localhost/\r\n",
        "location: file:///etc/passwd\r\n",
        "",
    ] {
        let away = Script::Answer { status: 302, headers: location, body: String::new() };
        let (found, asked) = fetch(ChannelKind::Sms, vec![away], lies_at("Media/ME1")).await;
        assert!(matches!(found, Err(FetchError::Never(_))), "{location}: {found:?}");
        assert_eq!(asked.len(), 1, "{location}");
    }
    let around = Script::Answer { status: 302, headers: "location: /again\r\n", body: String::new() };
    let (found, asked) = fetch(ChannelKind::Sms, vec![around], lies_at("Media/ME1")).await;
    assert!(matches!(found, Err(FetchError::Never(_))));
    assert_eq!(asked.len(), 4);
}

#[tokio::test]
async fn what_is_too_large_gone_or_cut_off_says_so() {
    let never = |found: &Result<Fetched, FetchError>| matches!(found, Err(FetchError::Never(_)));
    let large = Script::Answer { status: 200, headers: "", body: "x".repeat(1_001) };
    assert!(never(&fetch(ChannelKind::Sms, vec![large], lies_at("x")).await.0));
    assert!(never(&fetch(ChannelKind::Sms, vec![Script::Endless], lies_at("x")).await.0));
    for status in [401, 403, 404, 410] {
        let gone = Script::Answer { status, headers: "", body: String::new() };
        assert!(never(&fetch(ChannelKind::Sms, vec![gone], lies_at("x")).await.0), "{status}");
    }
    for script in [Script::CutOff, Script::HangUp, Script::Answer { status: 503, headers: "", body: String::new() }] {
        let found = fetch(ChannelKind::Sms, vec![script], lies_at("x")).await.0;
        assert!(matches!(found, Err(FetchError::NotNow(_))), "{found:?}");
    }
    let expired = Script::json(400, &json!({"error": {"code": 100, "message": "does not exist"}}));
    let named = |_: &str| Media { provider_id: Some("12".to_owned()), ..Media::default() };
    assert!(never(&fetch(ChannelKind::Whatsapp, vec![expired], named).await.0));
    let path = Script::json(200, &json!({"ok": true, "result": {"file_path": "../../bot/getMe"}}));
    assert!(never(&fetch(ChannelKind::Telegram, vec![path], named).await.0), "a place outside is none");
}
