//! The table of doors in the manual is what the doors themselves say.

use std::fmt::Write;
use std::path::PathBuf;

use channels::Door;
use domain::channel::{Capabilities, ChannelKind, Markup, Support, Unit};
use domain::event::InboundEvent;
use domain::ports::{Received, Refusal};

use crate::toy;
use crate::world::{Request, delivery, http, settings, with_value};

fn word(support: Support) -> &'static str {
    match support {
        Support::Rejected => "rejected",
        Support::Dropped => "dropped",
        Support::Emulated => "emulated",
        Support::Native => "native",
    }
}

fn text(capabilities: &Capabilities) -> String {
    let unit = match capabilities.text.counted_in {
        Unit::Characters => "characters",
        Unit::Bytes => "bytes",
        Unit::Utf16 => "UTF-16 units",
    };
    format!("{} {unit}", capabilities.text.longest)
}

fn marks(markup: Markup) -> &'static str {
    match markup {
        Markup::Plain => "words alone",
        Markup::Whatsapp => "WhatsApp's",
        Markup::TelegramHtml => "HTML",
        Markup::Markdown => "Markdown",
        Markup::Spoken => "spoken",
    }
}

fn window(capabilities: &Capabilities) -> String {
    match (capabilities.service_window_hours, capabilities.people_window_hours) {
        (Some(hours), Some(people)) => format!("{hours} h, a person {people} h"),
        (Some(hours), None) => format!("{hours} h"),
        (None, _) => "none".to_owned(),
    }
}

fn table(doors: &[Door]) -> String {
    let mut out = String::from(
        "| door | text | buttons | cards | marks | files | asks for the contact | typing | receipts | streaming | window | may write first |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    let mut doors: Vec<_> = doors.iter().collect();
    doors.sort_by_key(|door| door.kind);
    for door in doors {
        let can = door.capabilities;
        let buttons = format!("{}, {} of {}", word(can.buttons.support), can.buttons.most, can.buttons.title);
        let shown = format!("{} | {}", word(can.cards), marks(can.markup));
        let rest = [can.files.support, can.contact_request, can.typing, can.receipts, can.streaming].map(word).join(" | ");
        let first = if can.writes_first { "yes" } else { "no" };
        writeln!(out, "| {} | {} | {buttons} | {shown} | {rest} | {} | {first} |", door.kind.label(), text(can), window(can)).unwrap();
    }
    out
}

#[test]
fn the_manual_shows_what_each_door_can_carry() {
    const FROM: &str = "<!-- doors: written by a test -->\n";
    const TO: &str = "<!-- end of doors -->\n";
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/doors.md");
    let manual = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = manual.split_once(FROM).expect("the manual has a place for the table");
    let (shown, after) = rest.split_once(TO).expect("the table has an end");
    let now = table(channels::DOORS);
    if shown != now {
        std::fs::write(&path, format!("{before}{FROM}{now}{TO}{after}")).unwrap();
        panic!("the table in docs/doors.md was out of date and has been written anew: look at the difference and commit it");
    }
}

/// A list of doors with one more line.
static WITH_A_TOY: &[Door] = &[toy::DOOR];

#[tokio::test]
async fn a_new_door_is_one_file_and_one_line() {
    let door = WITH_A_TOY.iter().find(|door| door.kind == ChannelKind::Api).unwrap();
    let unset = (door.open)(&settings(ChannelKind::Api), &http());
    assert_eq!(unset.err().unwrap().to_string(), "connection door: word is missing");
    let opened = (door.open)(&with_value(settings(ChannelKind::Api), "word", "sesame"), &http()).unwrap();
    let rings = Request::post("Ana: is anybody there?");
    assert_eq!(opened.receive(&rings.view(), 0), Err(Refusal::Signature));
    let rings = rings.header("x-word", "sesame");
    let Ok(Received::Events { events, .. }) = opened.receive(&rings.view(), 0) else { panic!("the bell is not heard") };
    assert_eq!(events, (door.decode)(&rings.view()).unwrap());
    assert!(matches!(&events[..], [InboundEvent::Message(message)] if message.sender == "Ana"));
    let sent = opened.deliver(&delivery(ChannelKind::Api, "Ana", "Coming!", &[])).await.unwrap();
    assert_eq!(sent.provider_message_id.as_deref(), Some("1"));
    assert!(
        table(WITH_A_TOY)
            .ends_with("| API | 40 characters | emulated, 9 of 40 | emulated | words alone | emulated | rejected | rejected | rejected | rejected | none | yes |\n"),
        "{}",
        table(WITH_A_TOY)
    );
}
