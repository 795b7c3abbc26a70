//! The table of doors in the manual is what the doors themselves say.

use std::fmt::Write;
use std::path::PathBuf;

use domain::channel::{Capabilities, Support, Unit};

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

fn window(capabilities: &Capabilities) -> String {
    match (capabilities.service_window_hours, capabilities.people_window_hours) {
        (Some(hours), Some(people)) => format!("{hours} h, a person {people} h"),
        (Some(hours), None) => format!("{hours} h"),
        (None, _) => "none".to_owned(),
    }
}

fn table() -> String {
    let mut out = String::from(
        "| door | text | buttons | files | asks for the contact | typing | receipts | streaming | window | may write first |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    let mut doors: Vec<_> = channels::DOORS.iter().collect();
    doors.sort_by_key(|door| door.kind);
    for door in doors {
        let can = door.capabilities;
        let buttons = format!("{}, {} of {}", word(can.buttons.support), can.buttons.most, can.buttons.title);
        let rest = [can.files.support, can.contact_request, can.typing, can.receipts, can.streaming].map(word).join(" | ");
        let first = if can.writes_first { "yes" } else { "no" };
        writeln!(out, "| {} | {} | {buttons} | {rest} | {} | {first} |", door.kind.label(), text(can), window(can)).unwrap();
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
    let now = table();
    if shown != now {
        std::fs::write(&path, format!("{before}{FROM}{now}{TO}{after}")).unwrap();
        panic!("the table in docs/doors.md was out of date and has been written anew: look at the difference and commit it");
    }
}
