//! What leaves by mail, as a mail server receives it.

use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::answered::{number, says_on_whatsapp, whatsapp};
use super::hostile::{delivery, message, post};
use super::hostile_mail::{PROVEN, arrive, by_email, mail};
use crate::actions::CALENDARS;
use crate::doors::until;
use crate::phone::{CALLER, Caller, PHONE, VOUCHED, customer, hook, timeline_of};
use crate::server::Server;

/// A mail server that takes everything; the mails it took come out.
pub async fn sink() -> (u16, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (out, mails) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let out = out.clone();
            tokio::spawn(async move {
                let (read, mut write) = stream.into_split();
                let mut lines = BufReader::new(read).lines();
                let mut data: Option<String> = None;
                write.write_all(b"220 sink\r\n").await.expect("an open line");
                while let Ok(Some(line)) = lines.next_line().await {
                    let answer = match data.take() {
                        Some(whole) if line == "." => {
                            let _ = out.send(whole);
                            "250 taken\r\n"
                        }
                        Some(whole) => {
                            data = Some(format!("{whole}{line}\n"));
                            continue;
                        }
                        None if line == "DATA" => {
                            data = Some(String::new());
                            "354 go on\r\n"
                        }
                        None if line == "QUIT" => "221 bye\r\n",
                        None => "250 ok\r\n",
                    };
                    write.write_all(answer.as_bytes()).await.expect("an open line");
                }
            });
        }
    });
    (port, mails)
}

pub fn mailbox(smtp: u16) -> String {
    format!(
        r#"
[[connections]]
id = "mail"
channel = "email"
address = "support@shop.example"
authserv_id = "mx.ours.example"
imap = {{ host = "127.0.0.1", port = 9, username = "support", password = "password-of-the-mailbox" }}
smtp = {{ host = "127.0.0.1", port = {smtp} }}
"#
    )
}

pub async fn received(mails: &mut mpsc::UnboundedReceiver<String>) -> String {
    tokio::time::timeout(std::time::Duration::from_secs(20), mails.recv()).await.expect("a mail in time").expect("a mail server")
}

#[tokio::test]
async fn a_returns_label_leaves_with_the_mail_that_tells_of_it() {
    let (port, mut mails) = sink().await;
    let server = Server::start_with(&mailbox(port)).await;
    let event = json!({ "type": "order.delivered", "customer": { "email": "bruno@b.example" }, "data": { "order": "EC-7", "total": 900 } });
    let (status, told) = server.admin(Method::POST, "/api/v1/events", Some(&event)).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{told}");
    arrive(&server, mail("r1", "Bruno Vale <bruno@b.example>", PROVEN, "I want to return order EC-7")).await;
    by_email(&server, "bruno@b.example").await;
    let waits = until(&server, "/api/v1/actions", |found| found["items"].as_array().is_some_and(|items| !items.is_empty())).await;
    let first = received(&mut mails).await;
    assert!(!first.contains("application/pdf"), "{first}");
    let path = format!("/api/v1/actions/{}/approve", waits["items"][0]["id"].as_str().expect("an id"));
    let (status, done) = server.admin(Method::POST, &path, Some(&json!({}))).await;
    assert_eq!((status, &done["status"]), (StatusCode::OK, &json!("done")), "{done}");
    let second = received(&mut mails).await;
    assert!(second.contains("application/pdf") && second.contains(".pdf"), "{second}");
    assert!(second.replace("=\n", "").contains("/documents/"), "the link stays for whoever prints elsewhere: {second}");
}

const ELSEWHERE: &str = r#"
[workspace.unanswered_mail]
after = "4h"
"#;

#[tokio::test]
async fn a_question_by_mail_that_stays_unanswered_goes_on_on_whatsapp_by_day_and_once() {
    let (port, mut mails) = sink().await;
    let server = Server::start_with(&(mailbox(port) + ELSEWHERE + CALENDARS)).await;
    arrive(&server, mail("u1", "Ada Quill <bruno@b.example>", PROVEN, "Hello, are you a bot?")).await;
    let by_mail = by_email(&server, "bruno@b.example").await[0]["id"].as_str().expect("an id").to_owned();
    received(&mut mails).await;
    assert_eq!(post(&server, delivery(&[message("wamid.1", "Hello there")]).to_string()).await, StatusCode::OK);
    until(&server, "/api/v1/ledger", |ledger| ledger["counts"]["open"] == 0).await;
    let (_, found) = server.admin(Method::GET, "/api/v1/customers?identifier=phone:%2B33612345678", None).await;
    let customer = found["items"][0]["id"].as_str().expect("an id").to_owned();
    let merge = format!("/api/v1/customers/{customer}/merge");
    let (status, merged) = server.admin(Method::POST, &merge, Some(&json!({ "absorb": by_mail }))).await;
    assert!(status.is_success(), "{merged}");
    arrive(&server, mail("u2", "Ada Quill <bruno@b.example>", PROVEN, "I would like to book an appointment")).await;
    until(&server, "/api/v1/ledger", |ledger| ledger["counts"]["open"] == 0).await;

    // The next moment of a day at which the time for an answer is over and WhatsApp's window still open.
    let hour = i64::from(server.app.now().in_zone("Europe/Paris").hour());
    let ahead = match hour {
        0..8 => 14 - hour,
        8..12 => 19 - hour,
        _ => 34 - hour,
    };
    for (hours, expected) in [(2, 0), (ahead - 2, 1), (24, 1), (48, 1)] {
        let (status, moved) = server.admin(Method::POST, "/api/v1/clock", Some(&json!({ "advance_s": hours * 3_600 }))).await;
        assert_eq!(status, StatusCode::OK, "{moved}");
        let (_, timeline) = server.admin(Method::GET, &format!("/api/v1/customers/{customer}/timeline"), None).await;
        let told = timeline["items"].as_array().expect("a list").iter().filter(|item| {
            item["direction"] == "out"
                && item["channel"] == "whatsapp"
                && item["text"].as_str().is_some_and(|text| text.contains("by email"))
        });
        assert_eq!(told.count(), expected, "after {hours} hours: {timeline}");
    }
}

#[tokio::test]
async fn no_line_of_a_header_that_somebody_wrote_becomes_a_header_of_ours() {
    let (port, mut mails) = sink().await;
    let server = Server::start_with(&mailbox(port)).await;
    for (number, subject) in [
        "=?utf-8?Q?hi=0D=0ABcc:_all@b.example?=",
        "=?utf-8?B?aGkNCkJjYzogYWxsQGIuZXhhbXBsZQ==?=",
        "hi\r\n Bcc: all@b.example",
        "=?utf-8?Q?hi=0ATo:_all@b.example=0A=0Abody?=",
    ]
    .iter()
    .enumerate()
    {
        let raw = mail(
            &format!("h{number}"),
            "=?utf-8?Q?Bruno=0D=0ABcc:_x@b.example?= <bruno@b.example>",
            PROVEN,
            ["Hello, are you a bot?", "Do you deliver to Lyon?", "How long is the warranty?", "Can I talk to a person?"][number],
        );
        arrive(&server, raw.replace("Subject: My order", &format!("Subject: {subject}"))).await;
        let sent = received(&mut mails).await;
        let head = sent.split("\n\n").next().expect("a head");
        let names: Vec<&str> = head
            .lines()
            .filter(|line| !line.starts_with([' ', '\t']))
            .filter_map(|line| line.split_once(':'))
            .map(|(name, _)| name)
            .collect();
        for name in ["To", "Subject", "From"] {
            assert_eq!(names.iter().filter(|known| known.eq_ignore_ascii_case(name)).count(), 1, "{subject}: {head}");
        }
        assert!(!names.iter().any(|name| name.eq_ignore_ascii_case("bcc") || name.eq_ignore_ascii_case("cc")), "{subject}: {head}");
        let to = head.lines().find(|line| line.starts_with("To:")).expect("an address");
        assert!(to.contains("bruno@b.example") && !to.contains("all@"), "{to}");
    }
}

#[tokio::test]
async fn a_question_by_mail_goes_on_outside_whatsapps_window_by_the_approved_template_in_the_customers_language() {
    let (port, mut mails) = sink().await;
    let (base, mut sent) = whatsapp().await;
    let play = "[workspace.unanswered_mail]\nafter = \"30h\"\ntemplate = \"mail_waiting\"\n";
    let server = Server::start_with(&format!("{}{}{play}{CALENDARS}", mailbox(port), number(&base))).await;
    arrive(&server, mail("t1", "Ada Quill <bruno@b.example>", PROVEN, "Hello, are you a bot?")).await;
    let by_mail = by_email(&server, "bruno@b.example").await[0]["id"].as_str().expect("an id").to_owned();
    received(&mut mails).await;
    says_on_whatsapp(&server, "wamid.1", "Hello there").await;
    let (_, found) = server.admin(Method::GET, "/api/v1/customers?identifier=phone:%2B33612345678", None).await;
    let customer = found["items"][0]["id"].as_str().expect("an id").to_owned();
    let merge = format!("/api/v1/customers/{customer}/merge");
    assert!(server.admin(Method::POST, &merge, Some(&json!({ "absorb": by_mail }))).await.0.is_success());
    arrive(&server, mail("t2", "Ada Quill <bruno@b.example>", PROVEN, "I would like to book an appointment")).await;
    until(&server, "/api/v1/ledger", |ledger| ledger["counts"]["open"] == 0).await;
    let asked = received(&mut mails).await;
    assert!(asked.contains('?'), "{asked}");
    while sent.try_recv().is_ok() {}

    let advance = async |hours: i64| {
        let (status, moved) = server.admin(Method::POST, "/api/v1/clock", Some(&json!({ "advance_s": hours * 3_600 + 60 }))).await;
        assert_eq!(status, StatusCode::OK, "{moved}");
    };
    advance(25).await;
    assert!(sent.try_recv().is_err(), "it is too early");
    // The next moment of a day at which the time for an answer is over.
    let hour = (i64::from(server.app.now().in_zone("Europe/Paris").hour()) + 5) % 24;
    advance(if (9..18).contains(&hour) { 5 } else { 5 + (24 + 10 - hour) % 24 }).await;
    let told = tokio::time::timeout(std::time::Duration::from_secs(20), sent.recv()).await.expect("a message in time").expect("a vendor");
    let template = &told["template"];
    assert_eq!(
        (&told["type"], &template["name"], &template["language"]["code"]),
        (&json!("template"), &json!("mail_waiting"), &json!("en")),
        "{told}"
    );
    let question = template["components"][0]["parameters"][0]["text"].as_str().expect("the question");
    assert!(question.ends_with('?') && asked.replace("=\n", "").contains(question), "{question}: {asked}");
    let (_, timeline) = server.admin(Method::GET, &format!("/api/v1/customers/{customer}/timeline"), None).await;
    assert!(timeline.to_string().contains(&format!("We wrote to you: {question}")), "the thread shows what the template says: {timeline}");
    advance(48).await;
    assert!(sent.try_recv().is_err(), "asked once");
}

#[tokio::test]
async fn after_a_call_what_was_spoken_about_goes_by_mail_where_the_number_says_so_and_once() {
    let (port, mut mails) = sink().await;
    let phone = |follows: &str| format!("{}{PHONE}after_call = \"{follows}\"\n", mailbox(port));
    for (follows, is_expected) in [("mail", true), ("nothing", false)] {
        let server = Server::start_with(&phone(follows)).await;
        arrive(&server, mail("u1", "Maya Lindqvist <maya@b.example>", PROVEN, "Hello, do you deliver to Lyon?")).await;
        let by_mail = by_email(&server, "maya@b.example").await[0]["id"].as_str().expect("an id").to_owned();
        received(&mut mails).await;
        let mut caller = Caller::rings(&server.base, "CA1", CALLER, VOUCHED).await;
        let maya = customer(&server, "phone:%2B15558675310").await;
        let merge = format!("/api/v1/customers/{}/merge", maya["id"].as_str().expect("an id"));
        let (status, merged) = server.admin(Method::POST, &merge, Some(&json!({ "absorb": by_mail }))).await;
        assert!(status.is_success(), "{merged}");
        let said = caller.says("Are you a bot?").await;
        assert!(!said.is_empty());
        drop(caller);
        let over = [("CallSid", "CA1"), ("CallStatus", "completed"), ("SessionStatus", "ended")];
        for _ in 0..2 {
            assert_eq!(hook(&server.base, "action", &over).await.0, StatusCode::OK);
        }
        let path = timeline_of(&maya);
        let told = until(&server, &path, |found| found.to_string().contains("Phone call")).await;
        let event = told["items"].as_array().expect("a list").iter().find(|item| item["event"]["type"] == "call").expect("the call");
        assert!(event["text"].as_str().is_some_and(|text| text.contains("Are you a bot?")), "its summary: {event}");
        assert!(event["event"]["data"]["summary"].as_str().is_some_and(|text| text.contains("Are you a bot?")), "{event}");
        if is_expected {
            let text = received(&mut mails).await.replace("=\n", "");
            assert!(text.contains("To: maya@b.example") || text.contains("<maya@b.example>"), "{text}");
            assert!(text.contains("Are you a bot?") && text.contains("on the phone"), "{text}");
        }
        until(&server, "/api/v1/ledger", |ledger| ledger["counts"]["open"] == 0).await;
        assert!(mails.try_recv().is_err(), "{follows}: no more than that");
    }
}
