//! Email against a real mail server: what is sent arrives and looks right, what arrives is heard at once and only once.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use domain::channel::ChannelKind;
use domain::event::{InboundEvent, InboundMessage};
use domain::message::Thread;
use domain::ports::{Channel, HungUp, Inlet, NotNow, SendError};
use mail_parser::{HeaderValue, MessageParser};
use tokio::sync::Notify;

use crate::name_server::{self, KEY, SIGNED};
use crate::postoffice::PostOffice;
use crate::world::{delivery, opened, with_value};

/// Remembers what a door found.
#[derive(Default)]
pub(crate) struct Ear {
    pub(crate) events: Mutex<Vec<InboundEvent>>,
    pub(crate) aside: Mutex<Vec<String>>,
    pub(crate) place: Mutex<Option<String>>,
    pub(crate) bell: Notify,
}

#[async_trait]
impl Inlet for Ear {
    async fn accept(&self, events: Vec<InboundEvent>) -> Result<(), NotNow> {
        self.events.lock().unwrap().extend(events);
        self.bell.notify_one();
        Ok(())
    }
    async fn put_aside(&self, _: &[u8], why: &str) -> Result<(), NotNow> {
        self.aside.lock().unwrap().push(why.to_owned());
        self.bell.notify_one();
        Ok(())
    }
    async fn kept(&self) -> Result<Option<String>, NotNow> {
        Ok(self.place.lock().unwrap().clone())
    }
    async fn keep(&self, place: &str) -> Result<(), NotNow> {
        *self.place.lock().unwrap() = Some(place.to_owned());
        Ok(())
    }
    fn heard(&self) {
        self.bell.notify_one();
    }
    fn real_seconds(&self) -> i64 {
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64
    }
}

impl Ear {
    pub(crate) fn messages(&self) -> Vec<InboundMessage> {
        let events = self.events.lock().unwrap();
        let message = |event: &InboundEvent| match event {
            InboundEvent::Message(message) => Some(message.clone()),
            _ => None,
        };
        events.iter().filter_map(message).collect()
    }

    /// Waits until it holds; a server that stays silent fails the test.
    pub(crate) async fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let waiting = async {
            while !holds(self) {
                self.bell.notified().await;
            }
        };
        assert!(tokio::time::timeout(Duration::from_secs(30), waiting).await.is_ok(), "waited in vain for {what}");
    }
}

/// A door that listens until the test ends.
pub(crate) struct Listening(tokio::task::JoinHandle<HungUp>);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.abort();
    }
}

pub(crate) fn listen(door: &Arc<dyn Channel>, ear: &Arc<Ear>) -> Listening {
    let (door, ear) = (Arc::clone(door), Arc::clone(ear));
    Listening(tokio::spawn(async move { door.listen(&*ear).await }))
}

fn mail(id: &str, text: &str) -> String {
    format!(
        "From: Ana Ruiz <ana@example.com>\r\nTo: support@shop.test\r\nSubject: Order 4411\r\nMessage-ID: <{id}@example.com>\r\nDate: Mon, 05 Jan 2026 09:00:00 +0100\r\n\r\n{text}\r\n"
    )
}

#[tokio::test]
async fn a_reply_arrives_as_a_mail_that_every_program_reads() {
    let Some(office) = PostOffice::open().await else { return };
    let door = opened(&office.door("support@shop.test"));
    let mut reply = delivery(
        ChannelKind::Email,
        "ana@example.com",
        "Hello Ana,\nit ships today: https://shop.test/t/1\n- one chair\n- zwei Stühle",
        &[],
    );
    reply.thread = Some(Thread {
        message: Some("<a2@example.com>".to_owned()),
        subject: Some("Re: Order 4411".to_owned()),
        references: vec!["<a1@example.com>".to_owned()],
        is_public: false,
    });
    let sent = door.deliver(&reply).await.unwrap();
    let raw = office.arrived("ana@example.com", 1).await.remove(0);
    let mail = MessageParser::default().parse(raw.as_bytes()).unwrap();
    assert_eq!(mail.subject(), Some("Re: Order 4411"));
    assert_eq!(mail.message_id().map(|id| format!("<{id}>")), sent.provider_message_id);
    assert_eq!(mail.in_reply_to().as_text(), Some("a2@example.com"));
    let HeaderValue::TextList(references) = mail.references() else { panic!("{:?}", mail.references()) };
    assert_eq!(references, &["a1@example.com", "a2@example.com"]);
    assert_eq!(mail.header_raw("Auto-Submitted").map(str::trim), Some("auto-replied"));
    assert_eq!(mail.header_raw("Precedence").map(str::trim), Some("auto_reply"));
    assert!(mail.content_type().is_some_and(|kind| kind.subtype() == Some("alternative")));
    assert!(mail.body_text(0).unwrap().contains("zwei Stühle"));
    let html = mail.body_html(0).unwrap();
    assert!(html.contains("<li>zwei Stühle</li>") && html.contains("<a href=\"https://shop.test/t/1\""), "{html}");
    assert!(raw.is_ascii(), "old servers take only ASCII");
    let from = mail.from().and_then(|from| from.first()).unwrap();
    assert_eq!((from.name.as_deref(), from.address.as_deref()), (Some("Ergo Chairs"), Some("support@shop.test")));
}

use mail_parser::MimeHeaders;

#[tokio::test]
async fn what_the_server_says_decides_about_another_try() {
    let Some(office) = PostOffice::open().await else { return };
    let door = opened(&office.door("support@shop.test"));
    let outcome = |to: &str, subject: &str| {
        let mut reply = delivery(ChannelKind::Email, to, "hello", &[]);
        reply.thread = Some(Thread { subject: Some(subject.to_owned()), ..Thread::default() });
        let door = Arc::clone(&door);
        async move { door.deliver(&reply).await }
    };
    let refused = outcome("nobody-here@example.com", "x").await;
    assert!(matches!(&refused, Err(SendError::Refused { code, opted_out: true, .. }) if code == "5.1.1"), "{refused:?}");
    let later = outcome("greylisted@example.com", "x").await;
    assert!(matches!(later, Err(SendError::RateLimited(Some(_)))), "{later:?}");
    let spam = outcome("ana@example.com", "spam").await;
    assert!(matches!(&spam, Err(SendError::Refused { opted_out: false, .. })), "{spam:?}");
    let nowhere = outcome("no address", "x").await;
    assert!(matches!(nowhere, Err(SendError::Refused { .. })), "{nowhere:?}");
    let settings = with_value(office.door("support@shop.test"), "smtp", serde_json::json!({"host": "127.0.0.1", "port": 1, "tls": false}));
    let absent = opened(&settings).deliver(&delivery(ChannelKind::Email, "ana@example.com", "hello", &[])).await;
    assert!(matches!(absent, Err(SendError::NotSent(_))), "{absent:?}");
}

#[tokio::test]
async fn mail_is_heard_when_it_arrives_and_survives_new_numbers() {
    let Some(mut office) = PostOffice::open().await else { return };
    let door = opened(&office.door("support@shop.test"));
    let ear = Arc::new(Ear::default());
    office.post("ana@example.com", "support@shop.test", &mail("m1", "first")).await;
    office.arrived("support@shop.test", 1).await;
    let listening = listen(&door, &ear);
    ear.until("the mail that was there", |ear| ear.messages().len() == 1).await;
    office.post("ana@example.com", "support@shop.test", &mail("m2", "second")).await;
    ear.until("the mail that came", |ear| ear.messages().len() == 2).await;
    office
        .post(
            "x@example.com",
            "support@shop.test",
            &format!("From: x@example.com\r\nSubject: deep\r\n{}", "Content-Type: message/rfc822\r\n\r\n".repeat(500)),
        )
        .await;
    ear.until("the mail that cannot be read", |ear| ear.aside.lock().unwrap().len() == 1).await;
    drop(listening);
    let texts: Vec<_> = ear.messages().iter().map(|message| message.text.clone().unwrap()).collect();
    assert_eq!(texts, ["first", "second"]);
    let keys: Vec<_> = ear.messages().iter().map(|message| message.dedupe.clone()).collect();

    // After a restart it goes on behind what it has read.
    let again = listen(&door, &ear);
    office.post("ana@example.com", "support@shop.test", &mail("m3", "third")).await;
    ear.until("the third mail", |ear| ear.messages().len() == 3).await;
    drop(again);

    // A server that gives all mails new numbers offers them again, and each is recognised as the one it was.
    let before = ear.place.lock().unwrap().clone();
    office.renumber("support@shop.test").await;
    let _renumbered = listen(&door, &ear);
    ear.until("all mails anew", |ear| ear.messages().len() == 6).await;
    assert_ne!(before, ear.place.lock().unwrap().clone());
    let mut again: Vec<_> = ear.messages()[3..].iter().map(|message| message.dedupe.clone()).collect();
    again.sort();
    assert!(keys.iter().all(|key| again.contains(key)), "{keys:?} {again:?}");
}

#[tokio::test]
async fn several_mailboxes_are_read_apart_and_a_wrong_password_is_said() {
    let Some(office) = PostOffice::open().await else { return };
    let (support, sales) = (opened(&office.door("support@shop.test")), opened(&office.door("sales@shop.test")));
    let (one, other) = (Arc::new(Ear::default()), Arc::new(Ear::default()));
    let _listening = (listen(&support, &one), listen(&sales, &other));
    office.post("ana@example.com", "sales@shop.test", &mail("s1", "an offer please").replace("To: support@", "To: sales@")).await;
    other.until("the mail to sales", |ear| ear.messages().len() == 1).await;
    assert_eq!(other.messages()[0].connection.as_deref(), Some("sales@shop.test"));
    assert!(one.messages().is_empty());
    let mut wrong = office.door("support@shop.test");
    wrong.secrets.clear();
    let wrong = opened(&crate::world::with_secret(wrong, "imap.password", "guessed"));
    assert!(support.standing().await.unwrap().is_some(), "the server that mail leaves by lets us in");
    let hung_up = wrong.listen(&Ear::default()).await;
    assert!(matches!(&hung_up, HungUp::Refused(why) if why.contains("imap.password")), "{hung_up:?}");
}

#[tokio::test]
async fn an_answer_to_our_mail_is_known_by_our_own_mark() {
    let Some(office) = PostOffice::open().await else { return };
    let door = opened(&office.door("support@shop.test"));
    let sent = door.deliver(&delivery(ChannelKind::Email, "ana@example.com", "hello", &[])).await.unwrap();
    let id = sent.provider_message_id.unwrap();
    let ear = Arc::new(Ear::default());
    let _listening = listen(&door, &ear);
    office
        .post("ana@example.com", "support@shop.test", &mail("r1", "yes").replace("Subject", &format!("In-Reply-To: {id}\r\nSubject")))
        .await;
    ear.until("the answer", |ear| ear.messages().len() == 1).await;
    let eve = mail("e1", "yes").replace("ana@example.com>", "eve@evil.test>").replace("Subject", &format!("In-Reply-To: {id}\r\nSubject"));
    office.post("eve@evil.test", "support@shop.test", &eve).await;
    ear.until("the stranger's mail", |ear| ear.messages().len() == 2).await;
    let marks: Vec<_> = ear.messages().iter().map(|message| message.more.contains_key("answers_ours")).collect();
    assert_eq!(marks, [true, false]);
    assert!(ear.messages().iter().all(|message| message.more["dmarc"] == "none"), "nobody has looked at who wrote");
}

#[tokio::test]
async fn where_no_server_of_ours_has_told_the_senders_own_signature_is_looked_at() {
    let Some(office) = PostOffice::open().await else { return };
    let names = name_server::open(&[KEY], false).await.to_string();
    for (dns, found) in [(names.as_str(), "pass"), ("127.0.0.1:9", "none")] {
        let door = opened(&with_value(office.door("support@shop.test"), "dns", dns));
        let ear = Arc::new(Ear::default());
        office.post("joe@football.example.com", "support@shop.test", SIGNED).await;
        let _listening = listen(&door, &ear);
        ear.until("the signed mail", |ear| !ear.messages().is_empty()).await;
        assert_eq!(ear.messages()[0].more["dmarc"], found, "{dns}");
    }
}
