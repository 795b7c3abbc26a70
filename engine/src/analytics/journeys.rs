//! Ways over several doors: switches, touchpoints, purchases, stages.

use std::time::Duration;

use domain::Timestamp;
use domain::analytics::{Said, Story};

use super::marks::Count;
use super::reading::{Chapter, Told, is_asked};
use crate::decision::action::orders;
use crate::reasoning::orders::number;

/// A purchase is credited to what was said so long before it.
const CREDITED: Duration = Duration::from_hours(90 * 24);
/// A conversation counts as one that led to a purchase for so long.
const LEADS_TO: Duration = Duration::from_hours(30 * 24);
/// Another touch begins after so much silence.
const PAUSE: Duration = Duration::from_hours(12);
/// Whoever comes back after so long and buys was won back.
const LOST_FOR: Duration = Duration::from_hours(3 * 24);
/// A whole, in millionths.
const WHOLE: i64 = 1_000_000;

/// Something that was bought or booked.
pub(super) struct Purchase {
    pub at: Timestamp,
    /// In minor units, as far as it was told.
    pub amount: i64,
}

/// What the business told of purchases; what was cancelled or sent back is none.
pub(super) fn purchases(story: &Story) -> Vec<Purchase> {
    let orders = orders(&story.events);
    let mut all: Vec<Purchase> = orders
        .iter()
        .filter(|order| !order.is_closed)
        .map(|order| Purchase { at: order.placed, amount: order.total.unwrap_or(0) })
        .collect();
    let mut booked: Vec<String> = Vec::new();
    for event in &story.events {
        let kind = event.kind.as_str();
        let is_undone = ["cancel", "refund", "return", "fail", "abandon", "cart", "pending"].iter().any(|word| kind.contains(word));
        let named = number(event);
        let is_known = named.as_ref().is_some_and(|named| {
            orders.iter().any(|order| crate::decision::action::same(&order.number, named)) || booked.iter().any(|known| known == named)
        });
        let counts = ["order", "payment", "purchase", "checkout", "booking"].iter().any(|word| kind.starts_with(word));
        if counts && !is_undone && !is_known {
            booked.extend(named);
            all.push(Purchase { at: event.at, amount: crate::decision::action::total(event).unwrap_or(0) });
        }
    }
    all.sort_by_key(|purchase| purchase.at);
    all
}

/// Marks of the whole way.
pub(super) fn of(count: &mut Count<'_>, story: &Story, chapters: &[Chapter<'_>]) {
    switches(count, story, chapters);
    let purchases = purchases(story);
    for purchase in &purchases {
        credit(count, story, purchase);
    }
    for chapter in chapters {
        let Some(first) = chapter.asked().next() else { continue };
        let led = purchases.iter().any(|purchase| purchase.at >= first.at && purchase.at <= first.at.after(LEADS_TO));
        if led {
            count.add(chapter.talk.id, first.at, "talk.bought", (first.channel.as_str(), chapter.doors()), 0);
        }
        stages(count, chapter, first, led);
    }
}

/// From door to door, within a conversation and between two.
fn switches(count: &mut Count<'_>, story: &Story, chapters: &[Chapter<'_>]) {
    let mut before: Option<&Said> = None;
    for said in story.said.iter().filter(|said| is_asked(said)) {
        if let Some(before) = before.filter(|before| before.channel != said.channel) {
            let pause = i64::try_from(said.at.since(before.at).as_secs()).unwrap_or(i64::MAX);
            let way = (before.channel.as_str(), said.channel.as_str());
            count.add(said.conversation, said.at, "switch", way, pause);
            let talk = chapters.iter().find(|chapter| chapter.talk.id == said.conversation).map(|chapter| chapter.talk);
            if talk.is_some_and(|talk| talk.asked_again == 0 && talk.repeated == 0) {
                count.add(said.conversation, said.at, "switch.kept", way, pause);
            }
        }
        before = Some(said);
    }
}

/// What a purchase is credited to: the first touch, the last, and all of them alike.
fn credit(count: &mut Count<'_>, story: &Story, purchase: &Purchase) {
    let from = purchase.at.before(CREDITED);
    let mut touches: Vec<&Said> = Vec::new();
    let mut won_back = None;
    let mut before: Option<&Said> = None;
    for said in story.said.iter().filter(|said| is_asked(said) && said.at >= from && said.at <= purchase.at) {
        let pause = before.map(|before| said.at.since(before.at));
        if before.is_none_or(|before| before.channel != said.channel) || pause.is_some_and(|pause| pause >= PAUSE) {
            touches.push(said);
        }
        if pause.is_some_and(|pause| pause >= LOST_FOR) {
            won_back = Some(said);
        }
        before = Some(said);
    }
    let (Some(first), Some(last)) = (touches.first(), touches.last()) else { return };
    let way = (first.channel.as_str(), last.channel.as_str());
    count.add(last.conversation, purchase.at, "bought", way, purchase.amount);
    let number = i64::try_from(touches.len()).unwrap_or(i64::MAX);
    let doors = if touches.iter().any(|touch| touch.channel != first.channel) { "many" } else { "one" };
    let told = if number > 5 { "6+".to_owned() } else { number.to_string() };
    count.add(last.conversation, purchase.at, "touches", (&told, doors), number);
    for touch in &touches {
        count.add(touch.conversation, purchase.at, "touch", (touch.channel.as_str(), ""), WHOLE / number);
        count.add(touch.conversation, purchase.at, "touch.money", (touch.channel.as_str(), ""), purchase.amount / number);
    }
    if let Some(back) = won_back {
        count.add(back.conversation, purchase.at, "won_back", (back.channel.as_str(), ""), purchase.amount);
    }
}

/// How far a conversation came on each door.
fn stages(count: &mut Count<'_>, chapter: &Chapter<'_>, first: &Said, bought: bool) {
    let talk = chapter.talk.id;
    let mut reached: Vec<(String, &str)> = Vec::new();
    let mut reach = |count: &mut Count<'_>, channel: &str, stage: &'static str, at: Timestamp| {
        if !reached.iter().any(|(door, known)| door == channel && *known == stage) {
            reached.push((channel.to_owned(), stage));
            count.add(talk, at, "stage", (channel, stage), 0);
        }
    };
    for said in chapter.asked() {
        reach(count, said.channel.as_str(), "met", said.at);
    }
    for turn in &chapter.turns {
        let told = Told(&turn.trace);
        let channel = told.channel();
        if channel.is_empty() {
            continue;
        }
        if told.learned(&["need", "product_interest", "budget", "timeline"]) {
            reach(count, channel, "need", turn.at);
        }
        if told.is_useful() && turn.trace["passages"].as_array().is_some_and(|passages| !passages.is_empty()) {
            reach(count, channel, "answered", turn.at);
        }
        if told.learned(&["objection", "competitor"]) {
            reach(count, channel, "objection", turn.at);
        }
        if told.does("ready_to_buy") {
            reach(count, channel, "decision", turn.at);
        }
    }
    if bought {
        let last = chapter.asked().last().unwrap_or(first);
        reach(count, last.channel.as_str(), "bought", last.at);
    }
}
