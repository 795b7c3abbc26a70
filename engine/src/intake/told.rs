//! What is told without sentences: an order, a filled-in form, a place, a card, an advertisement that was followed. A
//! teammate reads it on the timeline, and what tells something of the writer is read as if it had been said.

use domain::event::{ContactCard, InboundMessage, Referral};
use domain::message::{Message, Waiting, WaitingKind};
use domain::ports::Quoted;
use domain::{ChannelKind, MessageId};
use serde_json::{Map, Value, json};

use crate::rendering::phrases::Phrases;

/// Under this key a message carries what was added to its words: as it is shown, and as it is read.
const KEY: &str = "told";
/// More lines than a form has.
const MOST_LINES: usize = 60;
/// Longest line, in characters.
const LONGEST_LINE: usize = 600;
/// How deep the answers of a form are nested.
const DEEPEST: usize = 8;
/// Names of what a vendor adds to the answers for itself.
const NOT_ANSWERS: [&str; 12] = [
    "flow_token",
    "wa_flow_response_params",
    "screen_id",
    "catalog_id",
    "type",
    "id",
    "template_type",
    "image_url",
    "retailer_id",
    "flow_id",
    "metadata",
    "signature",
];

/// What a message tells besides its text.
#[derive(Debug, Default)]
struct Told {
    /// As a teammate reads it.
    shown: Vec<String>,
    /// As the writer would have said it.
    read: Vec<String>,
}

impl Told {
    fn both(&mut self, line: String) {
        self.read.push(line.clone());
        self.shown.push(line);
    }
}

/// The text of a message for the timeline: its own, and what it tells besides. How that is read is kept with the message.
pub(super) fn put_into_words(inbound: &mut InboundMessage, channel: ChannelKind, language: &str) -> String {
    let own = inbound.text.clone().unwrap_or_default();
    let told = told(inbound, &own, channel, &Phrases::new(language));
    if told.shown.is_empty() {
        return own;
    }
    let joined = |lines: &[String]| lines.iter().take(MOST_LINES).map(|line| clipped(line)).collect::<Vec<_>>().join("\n");
    let (shown, read) = (joined(&told.shown), joined(&told.read));
    inbound.more.insert(KEY.to_owned(), json!({ "shown": shown, "read": read }));
    if own.is_empty() { shown } else { format!("{own}\n{shown}") }
}

/// Under this key a message names the one that it answers.
const ANSWERS: &str = "answers_message";
/// Of what is answered a teammate sees so many characters.
const LONGEST_QUOTE: usize = 120;

/// Names the message that this one answers. Its words are not the writer's: they are shown and not read as theirs.
pub(super) fn add_quoted(inbound: &mut InboundMessage, text: &mut String, quoted: &Quoted, language: &str) {
    inbound.more.insert(ANSWERS.to_owned(), quoted.message.to_string().into());
    let words = quoted.text.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() {
        return;
    }
    let clipped = match words.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    };
    let line = Phrases::new(language).with("told.answers", &[("what", &clipped)]);
    let before = inbound.more.remove(KEY);
    let part = |key: &str| before.as_ref().and_then(|told| told.get(key)).and_then(Value::as_str).unwrap_or_default().to_owned();
    let shown = [part("shown"), line.clone()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n");
    inbound.more.insert(KEY.to_owned(), json!({ "shown": shown, "read": part("read") }));
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(&line);
}

/// Brings what these messages answer to the end of what is known to have been said: "that one" is meant by it.
pub fn bring_forward(history: &mut Vec<Message>, messages: &[Waiting]) {
    let named = |waiting: &Waiting| waiting.inbound.more.get(ANSWERS)?.as_str()?.parse::<MessageId>().ok();
    for id in messages.iter().filter_map(named) {
        if let Some(place) = history.iter().position(|message| message.id == id) {
            let mut quoted = history.remove(place);
            // It is taken up now, however long ago it was said.
            quoted.at = history.last().map_or(quoted.at, |last| last.at.max(quoted.at));
            history.push(quoted);
        }
    }
}

/// What is read of a message: its own words, and what it told of its writer. The number on somebody else's card is not
/// the writer's.
pub fn read(waiting: &Waiting) -> String {
    let text = waiting.message.text.trim();
    let told = waiting.inbound.more.get(KEY);
    let part = |key: &str| told.and_then(|told| told.get(key)).and_then(Value::as_str).unwrap_or_default();
    // Once it was edited, its words are all there is.
    match text.strip_suffix(part("shown")).filter(|_| told.is_some()) {
        // Where somebody comes from is nothing that they said.
        Some(own) if waiting.kind == WaitingKind::Referral => own.trim().to_owned(),
        Some(own) => [own.trim(), part("read")].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n"),
        None => text.to_owned(),
    }
}

/// Is it of a kind that the vendor does not pass on?
pub fn is_unreadable(inbound: &InboundMessage) -> bool {
    inbound.unsupported.is_some() && inbound.text.is_none() && inbound.media.is_empty()
}

fn told(inbound: &InboundMessage, own: &str, channel: ChannelKind, words: &Phrases) -> Told {
    let mut told = Told::default();
    if let Some(structured) = &inbound.structured {
        add_structured(&mut told, structured, own, words);
    }
    if let Some(referral) = &inbound.referral {
        add_source(&mut told, inbound, referral, words);
    }
    add_place(&mut told, inbound, words);
    for card in &inbound.contact_cards {
        told.shown.push(words.with("told.card", &[("what", &on_card(card))]));
    }
    if let Some(kind) = inbound.unsupported.as_deref().filter(|_| is_unreadable(inbound)) {
        told.shown.push(words.with("told.unsupported", &[("door", channel.label()), ("what", &kind.replace('_', " "))]));
    }
    told
}

fn add_structured(told: &mut Told, structured: &Value, own: &str, words: &Phrases) {
    if let Some(items) = structured.get("product_items").and_then(Value::as_array) {
        add_order(told, items, words);
        return;
    }
    if let Some(products) = structured.get("elements").and_then(Value::as_array) {
        for product in products {
            if let Some(title) = written(product, "title") {
                let line = [Some(title), written(product, "subtitle")].into_iter().flatten().collect::<Vec<_>>().join(", ");
                told.both(words.with("told.product", &[("what", &line)]));
            }
        }
        return;
    }
    if let Some(product) = written(structured, "product_retailer_id") {
        told.both(words.with("told.product", &[("what", &product)]));
        return;
    }
    // A page that was shared: its address is the text already.
    if structured.get("url").is_some() && structured.as_object().is_some_and(|object| object.len() <= 2) {
        told.shown.extend(written(structured, "title").filter(|title| !own.contains(title.as_str())));
        return;
    }
    if let Value::String(text) = structured {
        told.both(text.trim().to_owned());
        return;
    }
    let mut lines = Vec::new();
    answers(structured, None, 0, &mut lines);
    for line in lines.into_iter().filter(|line| !own.contains(line.as_str())) {
        told.both(line);
    }
}

/// What was put into a shop's cart and sent.
fn add_order(told: &mut Told, items: &[Value], words: &Phrases) {
    let (mut shown, mut wanted) = (Vec::new(), Vec::new());
    for item in items {
        let Some(product) = written(item, "product_retailer_id") else { continue };
        let count = written(item, "quantity").unwrap_or_else(|| "1".to_owned());
        let price = written(item, "item_price").map(|price| match written(item, "currency") {
            Some(currency) => format!("{price} {currency}"),
            None => price,
        });
        shown.push(match price {
            Some(price) => format!("{count} × {product} ({price})"),
            None => format!("{count} × {product}"),
        });
        wanted.push(format!("{count} {product}"));
    }
    if !shown.is_empty() {
        told.shown.push(words.with("told.order", &[("what", &shown.join(", "))]));
        told.read.push(words.with("told.wants", &[("what", &wanted.join(", "))]));
    }
}

/// Where somebody comes from: an advertisement or a product that was tapped.
fn add_source(told: &mut Told, inbound: &InboundMessage, referral: &Referral, words: &Phrases) {
    let named = |key: &str| inbound.more.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    match (named("headline").or_else(|| named("ad_title")), &referral.ad_id, &referral.product_id) {
        (Some(title), _, _) => told.both(words.with("told.ad", &[("what", title)])),
        (None, Some(ad), _) => told.shown.push(words.with("told.ad", &[("what", ad)])),
        (None, None, Some(product)) if inbound.structured.is_none() => told.both(words.with("told.product", &[("what", product)])),
        (None, None, _) => {}
    }
}

fn add_place(told: &mut Told, inbound: &InboundMessage, words: &Phrases) {
    let Some(location) = &inbound.location else { return };
    let named = inbound.more.get("place");
    let parts = ["name", "address"].into_iter().filter_map(|key| written(named?, key));
    let called = parts.collect::<Vec<_>>().join(", ");
    let at = format!("{:.5}, {:.5}", location.lat, location.lon);
    // How a place is called says nothing of its sender, not even which language they speak.
    let what = if called.is_empty() { at } else { format!("{called} ({at})") };
    told.shown.push(words.with("told.place", &[("what", &what)]));
}

fn on_card(card: &ContactCard) -> String {
    let parts = std::iter::once(&card.name).chain(&card.phones).chain(&card.emails);
    parts.filter(|part| !part.trim().is_empty()).map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// The answers of a form as lines, each behind the name of its question.
fn answers(value: &Value, name: Option<&str>, depth: usize, lines: &mut Vec<String>) {
    if depth > DEEPEST || lines.len() >= MOST_LINES {
        return;
    }
    match value {
        Value::Object(object) => {
            // Some vendors write a list of questions and answers.
            let question = object.get("key").and_then(Value::as_str).or(name);
            if let Some(answer) = ["value", "payload"].into_iter().find_map(|key| object.get(key)) {
                answers(answer, question, depth + 1, lines);
            }
            nested(object, name, depth, lines);
        }
        Value::Array(items) if items.iter().all(|item| !item.is_object() && !item.is_array()) => {
            let all: Vec<String> = items.iter().filter_map(plain).collect();
            add_answer(name, &all.join(", "), lines);
        }
        Value::Array(items) => items.iter().for_each(|item| answers(item, name, depth + 1, lines)),
        Value::Null => {}
        scalar => add_answer(name, &plain(scalar).unwrap_or_default(), lines),
    }
}

fn nested(object: &Map<String, Value>, name: Option<&str>, depth: usize, lines: &mut Vec<String>) {
    let is_answer = object.contains_key("value") || object.contains_key("payload");
    for (key, value) in object {
        let is_wrapped = matches!(key.as_str(), "value" | "payload" | "key");
        if is_wrapped && is_answer || NOT_ANSWERS.contains(&key.as_str()) {
            continue;
        }
        let named = if is_answer { name } else { Some(key.as_str()) };
        if !is_answer || value.is_object() || value.is_array() {
            answers(value, named.or(Some(key)), depth + 1, lines);
        }
    }
}

fn add_answer(name: Option<&str>, answer: &str, lines: &mut Vec<String>) {
    let answer = without_place(answer);
    if answer.is_empty() || answer.starts_with("data:") {
        return;
    }
    lines.push(match name.map(question).filter(|name| !name.is_empty()) {
        Some(name) => format!("{name}: {answer}"),
        None => answer,
    });
}

/// A question's name as a person reads it: Meta's builder writes `screen_0_Your_budget_1`.
fn question(name: &str) -> String {
    let mut name = name;
    if let Some(rest) = name.strip_prefix("screen_") {
        name = rest.split_once('_').filter(|(number, _)| is_number(number)).map_or(name, |(_, rest)| rest);
        name = name.rsplit_once('_').filter(|(_, number)| is_number(number)).map_or(name, |(rest, _)| rest);
    }
    name.replace('_', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A choice as a person reads it: Meta's builder writes `0_Yes_please`.
fn without_place(answer: &str) -> String {
    let one = |answer: &str| match answer.split_once('_') {
        Some((number, rest)) if is_number(number) && number.len() <= 2 => rest.replace('_', " "),
        Some(_) | None => answer.to_owned(),
    };
    let all = answer.split_whitespace().collect::<Vec<_>>().join(" ");
    all.split(", ").map(one).collect::<Vec<_>>().join(", ")
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(true) => Some("✓".to_owned()),
        Value::Bool(false) => Some("✗".to_owned()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn written(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(plain)
}

fn clipped(line: &str) -> String {
    match line.char_indices().nth(LONGEST_LINE) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use domain::event::Location;

    use super::*;

    /// As it is shown, and as it is read.
    fn check(inbound: InboundMessage, shown: &str, read_as: &str) {
        let mut inbound = inbound;
        assert_eq!(put_into_words(&mut inbound, ChannelKind::Whatsapp, "en"), shown);
        let told = inbound.more.get(KEY).and_then(|told| told["read"].as_str()).unwrap_or_default();
        assert_eq!(told, read_as, "{shown}");
    }

    fn structured(value: Value) -> InboundMessage {
        InboundMessage { structured: Some(value), ..InboundMessage::default() }
    }

    #[test]
    fn an_order_is_shown_with_its_prices_and_read_as_a_wish() {
        let items = json!([{ "product_retailer_id": "CONTOUR-2", "quantity": 2, "item_price": 449, "currency": "EUR" }]);
        check(
            structured(json!({ "catalog_id": "c", "product_items": items })),
            "Order: 2 × CONTOUR-2 (449 EUR)",
            "I would like 2 CONTOUR-2.",
        );
    }

    #[test]
    fn the_answers_of_a_form_are_lines() {
        let form = json!({ "flow_token": "t", "screen_0_Your_budget_1": "3000 EUR", "screen_1_Urgent_0": "0_Yes_please", "colours": ["moss", "sand"] });
        let lines = "colours: moss, sand\nYour budget: 3000 EUR\nUrgent: Yes please";
        check(structured(form), lines, lines);
        let screens = json!({ "screens": [{ "screen_id": "s", "responses": [{ "key": "email", "value": "ada@a.example" }] }] });
        check(structured(screens), "email: ada@a.example", "email: ada@a.example");
        let feedback = json!({ "feedback_screens": [{ "screen_id": 0, "questions": { "rating": { "type": "csat", "payload": "4", "follow_up": { "type": "free_form", "payload": "Slow" } } } }] });
        check(structured(feedback), "rating: 4\nrating: Slow", "rating: 4\nrating: Slow");
    }

    #[test]
    fn a_shared_page_is_named_and_its_address_stands_there_once() {
        let page = structured(json!({ "title": "Contour 2", "url": "https://shop.example/c2" }));
        check(InboundMessage { text: Some("https://shop.example/c2".to_owned()), ..page }, "https://shop.example/c2\nContour 2", "");
    }

    #[test]
    fn a_card_is_shown_whole_and_nothing_of_it_is_the_writers() {
        let card = ContactCard { name: "Bob Stone".to_owned(), phones: vec!["+33612345678".to_owned()], emails: Vec::new() };
        let inbound = InboundMessage { contact_cards: vec![card], ..InboundMessage::default() };
        check(inbound, "Contact card: Bob Stone, +33612345678", "");
    }

    #[test]
    fn a_place_an_advertisement_and_what_does_not_arrive_are_named() {
        let mut place = InboundMessage { location: Some(Location { lat: 48.85, lon: 2.35 }), ..InboundMessage::default() };
        check(place.clone(), "Place: 48.85000, 2.35000", "");
        place.more.insert("place".to_owned(), json!({ "name": "Café Rex", "address": "1 rue X" }));
        check(place, "Place: Café Rex, 1 rue X (48.85000, 2.35000)", "");
        let mut ad = InboundMessage { text: Some("hi".to_owned()), referral: Some(Referral::default()), ..InboundMessage::default() };
        ad.more.insert("headline".to_owned(), "Contour 2 sale".into());
        check(ad, "hi\nAdvertisement: Contour 2 sale", "Advertisement: Contour 2 sale");
        let poll = InboundMessage { unsupported: Some("poll".to_owned()), ..InboundMessage::default() };
        check(poll, "Something came that WhatsApp does not pass on (poll).", "");
        check(InboundMessage { text: Some("hello".to_owned()), ..InboundMessage::default() }, "hello", "");
    }
}
