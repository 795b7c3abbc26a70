//! From one core answer to what a door sends: degraded by capability in this one place.

use std::ops::Range;

use domain::channel::{Buttons, Capabilities, Markup, Support, Text};
use domain::message::{Button, Card, Rendered};
use domain::template::Filled;

use super::phrases::Phrases;
use super::spoken::SpokenText;
use super::{markdown, split};

/// The core answer of a turn, the same for every medium.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    /// Sentences and short paragraphs, in order; a line break separates them where the medium has them.
    pub parts: Vec<String>,
    /// Choices that go with the answer.
    pub buttons: Vec<Button>,
    /// Ask for the sender's own contact, where the door can.
    pub request_contact: bool,
    /// The business's own last words.
    pub sign_off: Option<String>,
    /// What can be looked at.
    pub cards: Vec<Card>,
}

/// The answer for one door.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The text as the timeline keeps it.
    pub text: String,
    /// One or more messages in the door's form; buttons and cards on the last one.
    pub messages: Vec<Rendered>,
    /// Choices that a typed number stands for, where buttons are emulated.
    pub choices: Vec<Button>,
}

/// Writes a draft for a door.
pub fn plan(draft: &Draft, door: &Capabilities, words: &Phrases) -> Plan {
    let parts: Vec<&str> = draft.parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
    let mut text = match door.markup {
        Markup::Plain | Markup::Spoken => flowing(&parts),
        Markup::Whatsapp | Markup::TelegramHtml | Markup::Markdown => parts.join("\n"),
    };
    let (buttons, choices) = buttons(&draft.buttons, &door.buttons);
    if !choices.is_empty() {
        let listed: Vec<String> = choices
            .iter()
            .enumerate()
            .map(|(place, choice)| words.with("choice.reply", &[("number", &(place + 1).to_string()), ("title", &choice.title)]))
            .collect();
        text = format!("{text} {}.", listed.join(", "));
    }
    let cards = if door.cards == Support::Native { draft.cards.clone() } else { Vec::new() };
    if door.cards == Support::Emulated {
        text = with_address(&text, &draft.cards);
    }
    if let Some(last) = &draft.sign_off {
        text.push_str(match door.markup {
            Markup::Plain | Markup::Spoken => " ",
            Markup::Whatsapp | Markup::TelegramHtml | Markup::Markdown => "\n\n",
        });
        text.push_str(last);
    }
    let request_contact = draft.request_contact && door.contact_request == Support::Native;
    let mut pieces = pieces(&text, door, words.language());
    // What stands above buttons may have to be shorter: the end of it does.
    if let Some(long) = pieces.pop_if(|last| !buttons.is_empty() && split::length(last, door.text.counted_in) > door.buttons.below) {
        pieces.extend(split::split(&long, Text { longest: door.buttons.below, ..door.text }));
    }
    let last = pieces.len().saturating_sub(1);
    let messages = pieces
        .into_iter()
        .enumerate()
        .map(|(place, piece)| Rendered {
            text: piece,
            buttons: if place == last { buttons.clone() } else { Vec::new() },
            cards: if place == last { cards.clone() } else { Vec::new() },
            request_contact: request_contact && place == last,
            encloses: false,
            template: None,
        })
        .collect();
    Plan { text, messages, choices }
}

/// Where there is more of what is talked about, below the text.
fn with_address(text: &str, cards: &[Card]) -> String {
    match cards.iter().find_map(|card| card.url.as_deref()).filter(|url| !text.contains(url)) {
        Some(url) => format!("{text}\n{url}"),
        None => text.to_owned(),
    }
}

/// Plain text runs on; a list in it keeps lines of its own.
fn flowing(parts: &[&str]) -> String {
    let mut text = String::new();
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            let listed = part.contains('\n') || parts[place - 1].contains('\n');
            text.push(if listed { '\n' } else { ' ' });
        }
        text.push_str(part);
    }
    text
}

/// A teammate's text for a door: split and in the door's markup, or as it is said in a language; nothing else changed.
pub fn verbatim(text: &str, door: &Capabilities, language: &str) -> Vec<Rendered> {
    pieces(text, door, language)
        .into_iter()
        .map(|piece| Rendered {
            text: piece,
            buttons: Vec::new(),
            cards: Vec::new(),
            request_contact: false,
            encloses: false,
            template: None,
        })
        .collect()
}

/// A message that the vendor approved, shown as it reads.
pub fn approved(text: &str, filled: &Filled) -> Rendered {
    Rendered {
        text: text.to_owned(),
        buttons: Vec::new(),
        cards: Vec::new(),
        request_contact: false,
        encloses: false,
        template: Some(filled.clone()),
    }
}

/// A message of files and no words.
pub fn wordless() -> Rendered {
    Rendered { text: String::new(), buttons: Vec::new(), cards: Vec::new(), request_contact: false, encloses: true, template: None }
}

/// Which of so many files leave with which message: as few messages as the door's limits allow, in order. A text that is
/// too long to stand beside a file leaves before it.
pub fn enclose(mut messages: Vec<Rendered>, files: usize, door: &Capabilities) -> Vec<(Rendered, Range<usize>)> {
    let at_once = door.files.at_once.max(1);
    let beside = door.files.support == Support::Native && door.files.caption < usize::MAX;
    let mut begun = 0;
    if let Some(last) = messages.last_mut().filter(|last| files > 0 && (!beside || last.text.encode_utf16().count() <= door.files.caption))
    {
        last.encloses = true;
        begun = files.min(at_once);
    }
    let last = messages.len().saturating_sub(1);
    let mut all: Vec<(Rendered, Range<usize>)> =
        messages.into_iter().enumerate().map(|(place, message)| (message, if place == last { 0..begun } else { 0..0 })).collect();
    while begun < files {
        let end = files.min(begun + at_once);
        all.push((wordless(), begun..end));
        begun = end;
    }
    all
}

/// The links of files below a text, for a door that does not carry them.
pub fn with_links<'a>(text: &str, files: impl Iterator<Item = (&'a str, &'a str)>, door: &Capabilities, language: &str) -> String {
    let lines: Vec<String> = files.map(|(name, link)| marked(&format!("{name}: {link}"), door.markup, language)).collect();
    [text, &lines.join("\n")].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

/// A message whose choices are words at its end, for a door that it was not written for: no markup, no buttons, and of its
/// cards the first one's address.
pub fn in_words(rendered: &Rendered) -> Rendered {
    let titles: Vec<String> = rendered.buttons.iter().map(|button| format!("- {}", button.title)).collect();
    let mut text = with_address(&rendered.text, &rendered.cards);
    if !titles.is_empty() {
        text = format!("{text}\n\n{}", titles.join("\n"));
    }
    Rendered { text, buttons: Vec::new(), cards: Vec::new(), request_contact: false, encloses: rendered.encloses, template: None }
}

/// Escaping makes text longer: HTML doors get a little less.
fn room(door: &Capabilities) -> Text {
    match door.markup {
        Markup::TelegramHtml => Text { longest: door.text.longest - door.text.longest / 8, ..door.text },
        Markup::Plain | Markup::Spoken | Markup::Whatsapp | Markup::Markdown => door.text,
    }
}

/// A text in pieces that the door takes, in its markup. Tags must not be cut through, so there they are written last.
fn pieces(text: &str, door: &Capabilities, language: &str) -> Vec<String> {
    match door.markup {
        Markup::TelegramHtml | Markup::Spoken => {
            split::split(text, room(door)).iter().map(|piece| marked(piece, door.markup, language)).collect()
        }
        Markup::Plain | Markup::Whatsapp | Markup::Markdown => split::split(&markdown::written(text, door.markup), room(door)),
    }
}

fn marked(text: &str, markup: Markup, language: &str) -> String {
    match markup {
        Markup::Spoken => SpokenText::of(&markdown::written(text, Markup::Plain), language).text(),
        Markup::Plain | Markup::Whatsapp | Markup::TelegramHtml | Markup::Markdown => markdown::written(text, markup),
    }
}

/// Buttons within the door's limits, or numbered choices where it has none.
fn buttons(wanted: &[Button], limits: &Buttons) -> (Vec<Button>, Vec<Button>) {
    let within: Vec<Button> = wanted
        .iter()
        .take(limits.most)
        .map(|button| Button { title: shortened(&button.title, limits.title), payload: button.payload.clone() })
        .filter(|button| button.payload.len() <= limits.payload)
        .collect();
    match limits.support {
        Support::Native => (within, Vec::new()),
        Support::Emulated => (Vec::new(), within),
        Support::Rejected | Support::Dropped => (Vec::new(), Vec::new()),
    }
}

fn shortened(title: &str, longest: usize) -> String {
    if title.chars().count() <= longest {
        return title.to_owned();
    }
    let mut short: String = title.chars().take(longest.saturating_sub(1)).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::channel::Files;

    fn draft() -> Draft {
        Draft {
            parts: vec!["Am I speaking with John or Sarah?".to_owned()],
            buttons: ["John", "Sarah"].map(|name| Button { title: name.to_owned(), payload: name.to_lowercase() }).to_vec(),
            request_contact: true,
            sign_off: None,
            cards: Vec::new(),
        }
    }

    #[test]
    fn a_card_is_an_address_where_there_are_none_and_nothing_where_words_are_heard() {
        let card = |url: &str| Card { title: "Atlas".to_owned(), text: String::new(), picture: None, url: Some(url.to_owned()) };
        let cards = vec![card("https://shop.example/atlas"), card("https://shop.example/stool")];
        let draft = Draft { parts: vec!["The Atlas.".to_owned()], cards, ..Draft::default() };
        let check = |support: Support, text: &str, cards: usize| {
            let door = Capabilities { cards: support, ..Capabilities::plain_text() };
            let plan = plan(&draft, &door, &Phrases::new("en"));
            assert_eq!((plan.text.as_str(), plan.messages[0].cards.len()), (text, cards), "{support:?}");
        };
        check(Support::Native, "The Atlas.", 2);
        check(Support::Emulated, "The Atlas.\nhttps://shop.example/atlas", 0);
        check(Support::Dropped, "The Atlas.", 0);
    }

    #[test]
    fn a_text_too_long_to_stand_above_buttons_leaves_in_pieces_and_they_stay_below_the_last() {
        let limits = Buttons { support: Support::Native, most: 3, title: 20, payload: 200, below: 40 };
        let door = Capabilities { buttons: limits, ..Capabilities::plain_text() };
        let long = Draft { parts: vec!["The chair costs 389 EUR. Delivery takes three days. Whom do I speak with?".to_owned()], ..draft() };
        let plan = plan(&long, &door, &Phrases::new("en"));
        let shown: Vec<(&str, usize)> = plan.messages.iter().map(|one| (one.text.as_str(), one.buttons.len())).collect();
        assert_eq!(shown, [("The chair costs 389 EUR.", 0), ("Delivery takes three days.", 0), ("Whom do I speak with?", 2)]);
        assert!(plan.choices.is_empty());
    }

    #[test]
    fn buttons_become_numbered_choices_where_there_are_none() {
        let plan = plan(&draft(), &Capabilities::plain_text(), &Phrases::new("en"));
        assert_eq!(plan.choices.len(), 2);
        assert!(plan.text.contains("Reply 1 for John"));
        assert!(plan.messages[0].buttons.is_empty());
        assert!(!plan.messages[0].request_contact);
    }

    #[test]
    fn files_leave_in_as_few_messages_as_the_door_allows() {
        let check = |text: &str, files: usize, support: Support, at_once: usize, expected: &[(bool, usize)]| {
            let door = Capabilities { files: Files { support, at_once, caption: 10 }, ..Capabilities::plain_text() };
            let all = enclose(verbatim(text, &door, "en"), files, &door);
            let got: Vec<(bool, usize)> = all.iter().map(|(message, files)| (!message.text.is_empty(), files.len())).collect();
            assert_eq!(got, expected, "{text:?} with {files} files, {at_once} at once");
            assert!(all.iter().all(|(message, files)| message.encloses != files.is_empty()));
        };
        check("Hello", 0, Support::Native, 1, &[(true, 0)]);
        check("Hello", 2, Support::Native, 1, &[(true, 1), (false, 1)]);
        check("Hello", 3, Support::Native, 10, &[(true, 3)]);
        check("Hello everybody", 1, Support::Native, 1, &[(true, 0), (false, 1)]);
        check("Hello everybody", 2, Support::Emulated, 10, &[(true, 2)]);
        check("", 1, Support::Native, 1, &[(false, 1)]);
    }

    #[test]
    fn text_for_an_html_door_is_escaped_once() {
        let door = Capabilities { markup: Markup::TelegramHtml, ..Capabilities::plain_text() };
        let draft = Draft { parts: vec!["a < b & c".to_owned()], ..Draft::default() };
        let plan = plan(&draft, &door, &Phrases::new("en"));
        assert_eq!(plan.messages[0].text, "a &lt; b &amp; c");
        assert_eq!(plan.text, "a < b & c");
    }
}
