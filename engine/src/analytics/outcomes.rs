//! How a conversation came out: answered, resolved (said so, or assumed), for good, or left.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::Timestamp;
use domain::analytics::Story;
use domain::conversation::StatusKind;
use domain::escalation::EscalationStatus;
use domain::message::{Author, Direction, InboundState};

use super::journeys::purchases;
use super::marks::Count;
use super::reading::{Chapter, Told, explained, is_asked};

/// After an answer and so much silence it is assumed that it helped.
const QUIET: Duration = Duration::from_hours(3 * 24);
/// Who has not come back after so long was helped for good.
const FOR_GOOD: Duration = Duration::from_hours(7 * 24);
/// Whoever waits for longer was forgotten.
const FORGOTTEN: Duration = Duration::from_hours(24);
/// A lead of whom nothing was heard for so long has stalled.
const STALLED: Duration = Duration::from_hours(3 * 24);
/// From this score on a lead means it.
const MEANS_IT: i64 = 50;

/// Marks of one conversation.
pub(super) fn of(count: &mut Count<'_>, story: &Story, chapter: &Chapter<'_>) {
    let talk = chapter.talk.id;
    let Some(last) = chapter.said.last() else { return };
    let channel = chapter.asked().last().map_or(last.channel, |said| said.channel).as_str();
    match resolution(chapter, count.now) {
        Ok(resolved) => {
            count.add(talk, resolved.at, "resolved", (channel, resolved.how), 0);
            count.add(talk, resolved.at, "closed", (channel, if chapter.has_teammate() { "team" } else { "ai" }), 0);
            if comes_back(story, resolved.at) {
                count.add(talk, resolved.at, "returned", (channel, resolved.how), 0);
            } else if count.has_come(resolved.at.after(FOR_GOOD)) {
                count.add(talk, resolved.at, "durable", (channel, resolved.how), 0);
            }
        }
        Err(again) => {
            if let Some(again) = again {
                count.again(again);
            }
            if let Some(since) = forgotten_since(story, chapter)
                && count.has_come(since.after(FORGOTTEN))
            {
                count.add(talk, since, "unanswered", (channel, ""), 0);
            }
        }
    }
    left(count, story, chapter, channel);
}

/// The event of a rating, and where its stars stand.
const RATED: &str = "conversation.rated";

/// How customers rated conversations: the last word on each counts, on the door on which they wrote last.
pub(super) fn ratings(count: &mut Count<'_>, story: &Story, chapters: &[Chapter<'_>]) {
    let mut last = BTreeMap::new();
    for event in story.events.iter().filter(|event| event.kind == RATED) {
        let Some(stars) = event.data["value"].as_i64().filter(|stars| (1..=5).contains(stars)) else { continue };
        let before =
            chapters.iter().flat_map(|chapter| chapter.asked().filter(|said| said.at <= event.at).last()).max_by_key(|said| said.at);
        let Some(before) = before else { continue };
        last.insert(before.conversation, (event.at, before.channel.as_str(), stars));
    }
    for (talk, (at, channel, stars)) in last {
        count.add(talk, at, "rated", (channel, &stars.to_string()), stars);
    }
}

/// How it was resolved.
pub(super) struct Resolved {
    pub at: Timestamp,
    /// `confirmed`: the customer said so. `assumed`: nobody did.
    pub how: &'static str,
}

/// When and how it was resolved; else when silence alone will have resolved it, if it can.
pub(super) fn resolution(chapter: &Chapter<'_>, now: Timestamp) -> Result<Resolved, Option<Timestamp>> {
    let said_so = chapter.turns.iter().rev().find(|turn| Told(&turn.trace).does("solved"));
    let taken_back = |at: Timestamp| chapter.turns.iter().any(|turn| turn.at > at && !Told(&turn.trace).is_parting());
    let confirmed = said_so.filter(|turn| !taken_back(turn.at));
    match chapter.talk.status {
        StatusKind::Resolved => {
            let at = chapter.talk.updated_at;
            return Ok(Resolved { at, how: if said_so.is_some() { "confirmed" } else { "assumed" } });
        }
        StatusKind::WithTeammate | StatusKind::Snoozed => return Err(None),
        StatusKind::Open | StatusKind::Waiting => {}
    }
    if let Some(turn) = confirmed {
        return Ok(Resolved { at: turn.at, how: "confirmed" });
    }
    let Some(last) = chapter.said.last() else { return Err(None) };
    let was_helped = last.direction == Direction::Out && chapter.turns.last().is_none_or(|turn| Told(&turn.trace).is_useful());
    if !was_helped {
        return Err(None);
    }
    if last.at.after(QUIET) <= now { Ok(Resolved { at: last.at, how: "assumed" }) } else { Err(Some(last.at.after(QUIET))) }
}

/// Does the customer write again within a week, and more than thanks?
fn comes_back(story: &Story, resolved: Timestamp) -> bool {
    let turns = explained(story);
    story.said.iter().any(|said| {
        is_asked(said)
            && said.at > resolved
            && said.at <= resolved.after(FOR_GOOD)
            && said.turn.and_then(|turn| turns.get(&turn)).is_none_or(|told| !told.is_parting())
    })
}

/// Since when somebody waits for us: their last message was not answered, or a person was called and did not come.
fn forgotten_since(story: &Story, chapter: &Chapter<'_>) -> Option<Timestamp> {
    let last = chapter.said.last()?;
    let is_open = |state: Option<InboundState>| match state {
        Some(InboundState::Open | InboundState::HandedOver | InboundState::Quarantined) => true,
        Some(InboundState::Answered | InboundState::IgnoredByRule) | None => false,
    };
    if is_asked(last) && is_open(last.state) {
        return Some(last.at);
    }
    let waits = story.escalations.iter().find(|escalation| {
        escalation.conversation == chapter.talk.id && matches!(escalation.status, EscalationStatus::Open | EscalationStatus::Released)
    })?;
    let came = chapter.said.iter().any(|said| said.author == Author::Teammate && said.at >= waits.at);
    (!came).then_some(waits.at)
}

/// Whoever said what they need and went away without buying, and why as far as one can see.
fn left(count: &mut Count<'_>, story: &Story, chapter: &Chapter<'_>, channel: &str) {
    let Some(last) = chapter.said.last() else { return };
    let wants = chapter.turns.iter().any(|turn| Told(&turn.trace).learned(&["need", "product_interest", "budget", "timeline"]));
    let means_it = story.score >= MEANS_IT && story.said.last().is_some_and(|newest| newest.conversation == chapter.talk.id);
    let first = chapter.asked().next().map_or(last.at, |said| said.at);
    let bought = purchases(story).iter().any(|purchase| purchase.at >= first);
    let goes_on = story.said.iter().any(|said| said.conversation != chapter.talk.id && said.at > last.at);
    if !(wants || means_it) || bought || goes_on || !count.has_come(last.at.after(STALLED)) {
        return;
    }
    let reason = reason(story, chapter);
    count.add(chapter.talk.id, last.at, "left", (reason, channel), 0);
    if means_it && chapter.talk.status != StatusKind::Resolved {
        count.add(chapter.talk.id, last.at, "stalled", (channel, reason), story.score);
    }
}

fn reason(story: &Story, chapter: &Chapter<'_>) -> &'static str {
    let fired = |rule: &str| {
        story.escalations.iter().any(|escalation| {
            escalation.conversation == chapter.talk.id && (escalation.rule == rule || escalation.also.iter().any(|also| also == rule))
        })
    };
    let learned = |predicate: &str| chapter.turns.iter().any(|turn| Told(&turn.trace).learned(&[predicate]));
    if forgotten_since(story, chapter).is_some() {
        "waited_for_us"
    } else if fired("budget-objection") {
        "price"
    } else if fired("competitor-named") || learned("competitor") {
        "competitor"
    } else if learned("objection") {
        "objection"
    } else if chapter.turns.last().is_some_and(|turn| Told(&turn.trace).has_gap()) {
        "no_answer"
    } else {
        "went_silent"
    }
}
