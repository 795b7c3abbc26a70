//! A booking for the customer's own calendar, as iCalendar (RFC 5545).

use domain::Timestamp;
use engine::Document;
use icalendar::{Calendar, Component, Event};

/// Writes the booking.
pub fn write(document: &Document, what: &str, starts_at: Timestamp, ends_at: Timestamp) -> Vec<u8> {
    let action = &document.action;
    let mut event = Event::new();
    event.uid(&action.id.to_string());
    event.summary(&format!("{what}, {}", document.business));
    event.description(&action.number);
    event.add_property("DTSTAMP", moment(action.changed_at));
    event.add_property("DTSTART", moment(starts_at));
    event.add_property("DTEND", moment(ends_at));
    Calendar::new().push(event.done()).done().to_string().into_bytes()
}

/// UTC, as the standard writes it: `20261201T140000Z`.
fn moment(at: Timestamp) -> String {
    at.in_zone("UTC").strftime("%Y%m%dT%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use domain::action::{Action, ActionStatus, Deed};
    use domain::{ActionId, ConversationId, StrandId};

    use super::*;

    #[test]
    fn a_booking_is_an_event_that_calendars_read() {
        let at = Timestamp::parse_rfc3339("2026-12-01T14:00:00Z").expect("a time");
        let action = Action {
            id: ActionId::new(at, 1),
            number: "B-1".to_owned(),
            deed: Deed::Booking {
                calendar: "consultation".to_owned(),
                what: "Consultation; long, really".to_owned(),
                starts_at: at,
                ends_at: at.after(std::time::Duration::from_mins(30)),
                place: 0,
            },
            status: ActionStatus::Done,
            strand: StrandId::new(at, 1),
            conversation: ConversationId::new(at, 1),
            message: None,
            because: None,
            by: None,
            opener: String::new(),
            language: "en".to_owned(),
            at,
            changed_at: at,
        };
        let document = Document { business: "Ergo Chairs".to_owned(), address: None, timezone: "Europe/Paris".to_owned(), action };
        let text = String::from_utf8(write(&document, "Consultation; long, really", at, at.after(std::time::Duration::from_mins(30))))
            .expect("text");
        for line in [
            "BEGIN:VCALENDAR",
            "DTSTART:20261201T140000Z",
            "DTEND:20261201T143000Z",
            "SUMMARY:Consultation\\; long\\, really\\, Ergo Chairs",
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
        assert!(text.contains("\r\n"));
    }
}
