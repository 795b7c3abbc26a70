//! From a customer's story to the marks that are counted. The words of the measures are listed at [`super::reports::MEASURES`].

use std::collections::BTreeMap;

use domain::ChannelKind;
use domain::Timestamp;
use domain::analytics::{Mark, Recount, Story};
use domain::escalation::{Brief, Escalation};
use domain::id::ConversationId;
use domain::message::{Author, Direction};
use domain::settings::WorkspaceSettings;

use super::reading::{Chapter, Told, chapters, explained, is_asked};
use super::{day, journeys, outcomes};
use crate::decision::sla::{self, Target};

/// What is being counted.
pub(super) struct Count<'a> {
    pub settings: &'a WorkspaceSettings,
    pub now: Timestamp,
    pub recount: Recount,
}

impl Count<'_> {
    pub fn add(&mut self, conversation: ConversationId, at: Timestamp, measure: &'static str, kinds: (&str, &str), value: i64) {
        let (a, b) = (kinds.0.to_owned(), kinds.1.to_owned());
        self.recount.marks.push(Mark { conversation, measure, a, b, day: day(at, &self.settings.timezone), value });
    }

    /// Time alone changes something then.
    pub fn again(&mut self, at: Timestamp) {
        self.recount.again_at = Some(self.recount.again_at.map_or(at, |known| known.min(at)));
    }

    /// Has this time come? Else they are counted again when it has.
    pub fn has_come(&mut self, at: Timestamp) -> bool {
        let come = at <= self.now;
        if !come {
            self.again(at);
        }
        come
    }
}

/// Counts a customer.
pub fn count(story: &Story, settings: &WorkspaceSettings, now: Timestamp) -> Recount {
    let mut count = Count { settings, now, recount: Recount::default() };
    let chapters = chapters(story);
    if let Some((at, channel)) = story.met
        && let Some(first) = story.said.iter().find(|said| is_asked(said))
    {
        count.add(first.conversation, at, "met", (channel.as_str(), ""), 0);
    }
    for chapter in &chapters {
        volume(&mut count, story, chapter);
        answer(&mut count, story, chapter);
        reasoning(&mut count, chapter);
        outcomes::of(&mut count, story, chapter);
    }
    handoffs(&mut count, story, &chapters);
    journeys::of(&mut count, story, &chapters);
    outcomes::ratings(&mut count, story, &chapters);
    count.recount
}

/// How much was said, on which doors, by whom, and by how well known a person.
fn volume(count: &mut Count<'_>, story: &Story, chapter: &Chapter<'_>) {
    let Some(first) = chapter.asked().next() else { return };
    let (talk, channel) = (chapter.talk, first.channel.as_str());
    let asked = i64::try_from(chapter.asked().count()).unwrap_or(i64::MAX);
    count.add(talk.id, first.at, "talk", (channel, chapter.doors()), asked);
    count.add(talk.id, first.at, "proof", (channel, story.proof.as_str()), 0);
    let mut by: BTreeMap<(i64, &str, &str), (Timestamp, i64)> = BTreeMap::new();
    for said in &chapter.said {
        let entry = by.entry((day(said.at, &count.settings.timezone), said.channel.as_str(), said.author.as_str())).or_insert((said.at, 0));
        entry.1 += 1;
    }
    for ((_, channel, author), (at, times)) in by {
        count.add(talk.id, at, "said", (channel, author), times);
    }
    for (times, why) in [(talk.asked_again, "asked"), (talk.repeated, "repeated")] {
        if times > 0 {
            count.add(talk.id, first.at, "repeat", (channel, why), i64::from(times));
        }
    }
}

/// How long the first answer that helps took.
fn answer(count: &mut Count<'_>, story: &Story, chapter: &Chapter<'_>) {
    let turns = explained(story);
    let Some(first) = chapter.asked().next() else { return };
    let helps = chapter.said.iter().find(|said| {
        said.direction == Direction::Out
            && said.at >= first.at
            && match said.author {
                Author::Teammate => true,
                Author::Ai => said.turn.and_then(|turn| turns.get(&turn)).is_none_or(Told::is_useful),
                Author::Customer | Author::System => false,
            }
    });
    let Some(helps) = helps else { return };
    let took = i64::try_from(helps.at.since(first.at).as_millis()).unwrap_or(i64::MAX);
    count.add(chapter.talk.id, first.at, "answer", (first.channel.as_str(), &bucket(took)), took);
}

/// A quarter of a doubling: what lies in one is near enough to be told by its mean.
pub(super) fn bucket(value: i64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a logarithm of what fits into 64 bits is small")]
    let place = ((value.max(0) as f64 + 1.0).log2() * 4.0) as i64;
    format!("{place:03}")
}

/// What the AI made of it: questions, doubts, proof, models, money, mood.
fn reasoning(count: &mut Count<'_>, chapter: &Chapter<'_>) {
    let talk = chapter.talk.id;
    let mut mood = None;
    for turn in &chapter.turns {
        let told = Told(&turn.trace);
        let channel = told.channel();
        if channel.is_empty() {
            continue;
        }
        if told.does("question") || told.has_gap() {
            let intent = told.intent().unwrap_or("other");
            count.add(talk, turn.at, "question", (intent, told.stage()), i64::from(told.has_gap()));
        }
        if told.has_gap() {
            count.add(talk, turn.at, "unknown", (channel, told.intent().unwrap_or("other")), 1);
        }
        let level = turn.trace["level"].as_str().unwrap_or("Anonymous").to_lowercase();
        count.add(talk, turn.at, "context", (channel, &level), 0);
        let engine = turn.trace["engine"].as_str().unwrap_or("built-in");
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a turn")]
        let took = turn.trace["milliseconds"]["total"].as_f64().unwrap_or(0.0) as i64;
        count.add(talk, turn.at, "turn", (channel, engine), took);
        for call in turn.trace["model_calls"].as_array().into_iter().flatten() {
            let model = call["model"].as_str().unwrap_or("unknown");
            let tokens = call["input_tokens"].as_i64().unwrap_or(0) + call["output_tokens"].as_i64().unwrap_or(0);
            #[expect(clippy::cast_possible_truncation, reason = "millionths of what a call costs")]
            let cost = (call["cost"].as_f64().unwrap_or(0.0) * 1_000_000.0).round() as i64;
            count.add(talk, turn.at, "cost", (model, channel), cost);
            count.add(talk, turn.at, "tokens", (model, channel), tokens);
        }
        if let Some(sentiment) = told.sentiment() {
            mood = Some((turn.at, channel, sentiment));
        }
    }
    if let Some((at, channel, sentiment)) = mood {
        let sounds = match sentiment {
            200.. => "good",
            -199.. => "even",
            _ => "bad",
        };
        count.add(talk, at, "mood", (channel, sounds), sentiment);
    }
}

/// Every field of the brief says something.
fn is_complete(brief: &Brief) -> bool {
    [&brief.name, &brief.summary, &brief.need, &brief.emotion, &brief.why, &brief.next_step].iter().all(|field| !field.trim().is_empty())
}

/// Were the team's own targets kept?
fn targets(count: &mut Count<'_>, escalation: &Escalation, chapter: &Chapter<'_>, channel: Option<ChannelKind>, taken: Option<Timestamp>) {
    let settings = count.settings;
    let rules: Vec<String> = std::iter::once(&escalation.rule).chain(&escalation.also).cloned().collect();
    let case = channel.map(|channel| sla::Case { channel, rules: &rules, team: escalation.team });
    let Some(policy) = case.and_then(|case| sla::policy(settings, &case)) else { return };
    let ended = outcomes::resolution(chapter, count.now).ok().map(|resolved| resolved.at);
    for (target, done, kept, missed) in [
        (Target::FirstReply, taken.or(ended), "first_reply.kept", "first_reply.missed"),
        (Target::Resolution, ended, "resolution.kept", "resolution.missed"),
    ] {
        let Some(due) = sla::due(settings, policy, escalation.team, target, escalation.at) else { continue };
        let how = match done {
            Some(done) if done <= due => kept,
            Some(_) => missed,
            None if count.has_come(due) => missed,
            None => continue,
        };
        count.add(chapter.talk.id, escalation.at, "sla", (&policy.name, how), 0);
    }
}

/// What went to a person: by which rule, with what story, how fast it was taken, and whether it was solved.
fn handoffs(count: &mut Count<'_>, story: &Story, chapters: &[Chapter<'_>]) {
    for escalation in &story.escalations {
        let Some(chapter) = chapters.iter().find(|chapter| chapter.talk.id == escalation.conversation) else { continue };
        let before = chapter.asked().take_while(|said| said.at <= escalation.at).last().or_else(|| chapter.asked().next());
        let Some(channel) = before.map(|said| said.channel.as_str()) else { continue };
        let (talk, rule) = (chapter.talk.id, escalation.rule.as_str());
        for fired in std::iter::once(&escalation.rule).chain(&escalation.also) {
            count.add(talk, escalation.at, "rule", (fired, channel), 0);
        }
        count.add(talk, escalation.at, "handoff", (channel, rule), 0);
        if is_complete(&escalation.brief) {
            count.add(talk, escalation.at, "handoff.complete", (channel, rule), 0);
        }
        let taken = chapter.said.iter().find(|said| said.author == Author::Teammate && said.at >= escalation.at);
        targets(count, escalation, chapter, before.map(|said| said.channel), taken.map(|said| said.at));
        if let Some(taken) = taken {
            let took = i64::try_from(taken.at.since(escalation.at).as_millis()).unwrap_or(i64::MAX);
            count.add(talk, escalation.at, "handoff.taken", (channel, &bucket(took)), took);
            if outcomes::resolution(chapter, count.now).is_ok() {
                count.add(talk, escalation.at, "handoff.solved", (channel, rule), 0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::analytics::{Explained, Said, Talk};
    use domain::conversation::StatusKind;
    use domain::event::BusinessEvent;
    use domain::id::Named;
    use domain::identifier::Proof;
    use domain::message::InboundState;
    use domain::{ChannelKind, Id};
    use serde_json::{Value, json};

    use super::*;

    const HOUR: i64 = 3_600;

    fn id<T: Named>(number: u128) -> Id<T> {
        Id::new(Timestamp::from_secs(0), number)
    }

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_secs(1_790_000_000 + hours * HOUR)
    }

    fn story() -> Story {
        let talk =
            Talk { id: id(1), status: StatusKind::Open, assignee: None, created_at: at(0), updated_at: at(0), asked_again: 0, repeated: 0 };
        Story {
            customer: id(1),
            proof: Proof::Verified,
            score: 0,
            met: Some((at(0), ChannelKind::Widget)),
            since: None,
            talks: vec![talk],
            said: Vec::new(),
            turns: Vec::new(),
            escalations: Vec::new(),
            events: Vec::new(),
        }
    }

    /// The customer writes, and a minute later gets an answer whose turn says this.
    fn exchange(story: &mut Story, hours: i64, channel: ChannelKind, trace: &Value) {
        let number = u128::try_from(story.said.len()).unwrap_or(0) + 1;
        let asked = Said {
            id: id(number),
            conversation: id(1),
            turn: Some(id(number)),
            channel,
            direction: Direction::In,
            author: Author::Customer,
            at: at(hours),
            state: Some(InboundState::Answered),
        };
        let answer = Said {
            id: id(number + 1),
            direction: Direction::Out,
            author: Author::Ai,
            at: Timestamp::from_micros(at(hours).as_micros() + 60_000_000),
            state: None,
            ..asked.clone()
        };
        let mut trace = trace.clone();
        trace["channel"] = json!(channel);
        story.turns.push(Explained { id: id(number), conversation: id(1), at: at(hours), trace });
        story.said.extend([asked, answer]);
    }

    fn settings() -> WorkspaceSettings {
        WorkspaceSettings::named("one".into(), "One")
    }

    fn marks(story: &Story, hours: i64, measure: &str) -> Vec<(String, String, i64)> {
        let counted = count(story, &settings(), at(hours));
        counted.marks.into_iter().filter(|mark| mark.measure == measure).map(|mark| (mark.a, mark.b, mark.value)).collect()
    }

    fn mark(a: &str, b: &str, value: i64) -> (String, String, i64) {
        (a.to_owned(), b.to_owned(), value)
    }

    #[test]
    fn a_rating_counts_once_for_its_conversation_and_the_last_word_holds() {
        let mut story = story();
        let rate = |hours: i64, value: Value| BusinessEvent {
            id: id(u128::try_from(hours).unwrap_or(0)),
            kind: "conversation.rated".to_owned(),
            data: json!({ "value": value }),
            at: at(hours),
        };
        story.events.push(rate(0, json!(5)));
        assert!(marks(&story, 9, "rated").is_empty(), "nothing was said that could be rated");
        exchange(&mut story, 1, ChannelKind::Widget, &json!({ "decision": "reply", "gaps": 0 }));
        story.events.extend([rate(2, json!(2)), rate(3, json!(4)), rate(4, json!(9)), rate(5, json!("5"))]);
        assert_eq!(marks(&story, 9, "rated"), [mark("widget", "4", 4)]);
    }

    #[test]
    fn an_answer_that_admits_ignorance_is_not_the_first_that_helps() {
        let mut story = story();
        exchange(&mut story, 0, ChannelKind::Widget, &json!({ "decision": "reply", "gaps": 1 }));
        assert!(marks(&story, 1, "answer").is_empty());
        exchange(&mut story, 1, ChannelKind::Widget, &json!({ "decision": "reply", "gaps": 0 }));
        let took = (HOUR + 60) * 1_000;
        assert_eq!(marks(&story, 2, "answer"), [mark("widget", &bucket(took), took)]);
        assert_eq!(marks(&story, 2, "unknown"), [mark("widget", "other", 1)]);
    }

    #[test]
    fn a_switch_is_kept_where_nothing_was_asked_or_said_again() {
        let mut story = story();
        exchange(&mut story, 0, ChannelKind::Widget, &json!({}));
        exchange(&mut story, 48, ChannelKind::Whatsapp, &json!({}));
        assert_eq!(marks(&story, 49, "switch"), [mark("widget", "whatsapp", 48 * HOUR)]);
        assert_eq!(marks(&story, 49, "switch.kept").len(), 1);
        assert_eq!(marks(&story, 49, "talk"), [mark("widget", "many", 2)]);
        story.talks[0].asked_again = 2;
        assert!(marks(&story, 49, "switch.kept").is_empty());
        assert_eq!(marks(&story, 49, "repeat"), [mark("widget", "asked", 2)]);
    }

    #[test]
    fn said_so_and_assumed_are_told_apart_and_for_good_needs_a_week() {
        let useful = json!({ "decision": "reply", "gaps": 0 });
        let solved = json!({ "decision": "reply", "gaps": 0, "signals": { "acts": ["thanks", "solved"] } });
        for (last, how) in [(&useful, "assumed"), (&solved, "confirmed")] {
            let mut story = story();
            exchange(&mut story, 0, ChannelKind::Sms, &useful);
            exchange(&mut story, 1, ChannelKind::Sms, last);
            let soon = marks(&story, 2, "resolved");
            assert_eq!(soon.is_empty(), how == "assumed", "silence alone says nothing after an hour");
            assert_eq!(marks(&story, 24 * 4, "resolved"), [mark("sms", how, 0)]);
            assert!(marks(&story, 24 * 4, "durable").is_empty());
            assert!(count(&story, &settings(), at(24 * 4)).again_at.is_some(), "they are counted again in time");
            assert_eq!(marks(&story, 24 * 9, "durable"), [mark("sms", how, 0)]);
            exchange(&mut story, 24 * 5, ChannelKind::Sms, &json!({ "decision": "reply", "signals": { "acts": ["question"] } }));
            assert!(marks(&story, 24 * 6, "resolved").is_empty(), "it goes on");
        }
    }

    #[test]
    fn a_purchase_is_credited_to_the_first_touch_the_last_and_all_alike() {
        let mut story = story();
        for (hours, channel) in [(0, ChannelKind::Widget), (1, ChannelKind::Widget), (30, ChannelKind::Email), (200, ChannelKind::Widget)] {
            exchange(&mut story, hours, channel, &json!({}));
        }
        let order = |kind: &str, data: Value, hours: i64| BusinessEvent { id: id(1), kind: kind.to_owned(), data, at: at(hours) };
        story.events = vec![
            order("cart.updated", json!({ "total": 1 }), 200),
            order("order.created", json!({ "order": "A1", "total": 900 }), 201),
            order("payment.succeeded", json!({ "order": "A1", "amount": 900 }), 202),
            order("order.created", json!({ "order": "A2", "total": 50 }), 203),
            order("order.cancelled", json!({ "order": "A2" }), 204),
        ];
        assert_eq!(marks(&story, 300, "bought"), [mark("widget", "widget", 90_000)]);
        assert_eq!(marks(&story, 300, "touches"), [mark("3", "many", 3)]);
        assert_eq!(marks(&story, 300, "touch").len(), 3);
        assert_eq!(marks(&story, 300, "won_back"), [mark("widget", "", 90_000)]);
        assert_eq!(marks(&story, 300, "talk.bought"), [mark("widget", "many", 0)]);
    }

    #[test]
    fn whoever_waits_for_us_is_forgotten_after_a_day_and_not_before() {
        let mut story = story();
        exchange(&mut story, 0, ChannelKind::Email, &json!({ "learned": [{ "predicate": "need" }] }));
        story.said.truncate(1);
        story.said[0].state = Some(InboundState::HandedOver);
        assert!(marks(&story, 23, "unanswered").is_empty());
        assert_eq!(count(&story, &settings(), at(23)).again_at, Some(at(24)));
        assert_eq!(marks(&story, 24, "unanswered"), [mark("email", "", 0)]);
        assert_eq!(marks(&story, 24 * 4, "left"), [mark("waited_for_us", "email", 0)]);
    }
}
