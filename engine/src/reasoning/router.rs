//! The router: puts the turn's reply together: who speaks, where we left off, answers, what was noted, one question.

use std::time::Duration;

use domain::conversation::Pending;
use domain::customer::{Context, Customer};
use domain::fact::Predicate;
use domain::message::{Button, Direction, Source};
use domain::settings::WorkspaceSettings;
use domain::signal::Act;
use domain::{ChannelKind, Timestamp};

use super::analyst::Reading;
use super::answerer::{Reply, ReplyKind};
use super::notes;
use super::qualifier::{self, Qualified};
use crate::decision::hours;
use crate::decision::rules::Firing;
use crate::memory::{recap, slots};
use crate::rendering::cards;
use crate::rendering::manner;
use crate::rendering::phrases::{self, Phrases, sentence};
use crate::rendering::plan::Draft;
use crate::rendering::spoken;

/// A silence after which somebody is welcomed back.
const GAP: Duration = Duration::from_hours(4);

/// Everything the reply is made of.
pub struct Situation<'a> {
    /// The workspace.
    pub settings: &'a WorkspaceSettings,
    /// What this conversation may know.
    pub context: &'a Context,
    /// The record after this turn's facts.
    pub after: &'a Customer,
    /// What was read.
    pub reading: &'a Reading,
    /// What the answerer found.
    pub replies: &'a [Reply],
    /// What was done for them, or could be.
    pub done: &'a Done<'a>,
    /// What the qualifier chose.
    pub qualified: &'a Qualified,
    /// Which rules fired.
    pub firing: &'a Firing,
    /// A question about identity that comes before anything personal.
    pub ask: Option<&'a Pending>,
    /// Facts learned in this turn, in words, new ones only.
    pub noted: &'a [(Predicate, String)],
    /// Things taken back or corrected.
    pub corrected: bool,
    /// The door.
    pub channel: ChannelKind,
    /// Its sender has just proven a number.
    pub contact_confirmed: bool,
    /// Their one-time code was right.
    pub proven: bool,
    /// This person could prove a number here, and has not.
    pub may_share_contact: bool,
    /// A released escalation that the customer has not been told about.
    pub released: bool,
    /// An escalation that nobody took in time, and this door has not been spoken on since.
    pub waiting: bool,
    /// What was attached, when nothing was said.
    pub media_only: bool,
    /// All that came is of a kind that the vendor does not pass on.
    pub unreadable_only: bool,
    /// A form or an order came.
    pub filled_in: bool,
    /// Files or pictures came that nobody here has looked into.
    pub unseen_files: bool,
    /// A call has just begun.
    pub rings: bool,
    /// The caller's number proves nothing: who is it?
    pub asks_name: bool,
    /// By when a person answers, for an escalation.
    pub due: Timestamp,
    /// Promise that this turn makes.
    pub promise: Option<Promised<'a>>,
    /// Phrases.
    pub words: &'a Phrases,
    /// Now.
    pub now: Timestamp,
}

/// What was done on their behalf, or could be, as it is said.
#[derive(Debug, Clone, Copy)]
pub struct Done<'a> {
    /// Sentences.
    pub say: &'a [String],
    /// Choices.
    pub buttons: &'a [Button],
    /// What we then wait for.
    pub pending: Option<&'a Pending>,
    /// What stands behind it.
    pub sources: &'a [Source],
    /// It is the answer to what was said.
    pub is_answer: bool,
}

/// A promise as it is said.
#[derive(Debug, Clone, Copy)]
pub struct Promised<'a> {
    /// The phrase.
    pub key: &'static str,
    /// What is promised.
    pub what: &'a str,
    /// By when, in words.
    pub when: &'a str,
}

/// The reply, and what has to be remembered of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Routed {
    /// What to say.
    pub draft: Draft,
    /// What the text is grounded in.
    pub sources: Vec<Source>,
    /// What we now wait for.
    pub pending: Option<Pending>,
    /// The slot asked for.
    pub asked: Option<Predicate>,
    /// Questions nobody could answer.
    pub gaps: Vec<String>,
    /// Has the AI said that it is one, on this door?
    pub disclosed: bool,
    /// What it came to, for the turn's explanation.
    pub decision: &'static str,
    /// Topic for the next ellipsis.
    pub topic: Option<String>,
    /// On the phone: what waits until the caller wants to hear more.
    pub rest: Option<String>,
}

/// Puts the reply together.
pub fn route(s: &Situation<'_>) -> Routed {
    let mut routed = Routed { decision: "reply", ..Routed::default() };
    let returning = is_returning(s);
    open(s, returning, &mut routed);
    if s.released {
        routed.draft.parts.push(s.words.say("escalate.released"));
    }
    if s.proven {
        routed.draft.parts.push(s.words.say("step.confirmed"));
    }
    if s.contact_confirmed {
        routed.draft.parts.push(s.words.say("ack.number"));
    }
    if let Some(ask) = s.ask {
        if matches!(ask, Pending::WereYouOnWebsite { .. }) {
            content(s, returning, &mut routed);
        } else {
            public_answers(s, &mut routed);
        }
        ask_identity(s, ask, &mut routed);
        return routed;
    }
    if s.waiting {
        wait(s, &mut routed);
        return routed;
    }
    if let Some(rule) = s.firing.names().first() {
        escalate(s, rule, &mut routed);
        return routed;
    }
    content(s, returning, &mut routed);
    routed
}

/// On another door while a person is awaited: where things stand, what the sources answer, and that nobody is forgotten.
fn wait(s: &Situation<'_>, routed: &mut Routed) {
    tell_story(s, routed);
    public_answers(s, routed);
    routed.draft.parts.push(s.words.say("escalate.waiting"));
}

/// First words: says that it is an AI on each new door of a conversation, and welcomes somebody we know.
fn open(s: &Situation<'_>, returning: bool, routed: &mut Routed) {
    // On the phone it is said at the beginning of every call.
    let must_disclose = s.rings || !s.context.conversation.disclosed_on.contains(&s.channel);
    let name = recap::called(s.after);
    let greets = s.reading.signals.acts.contains(&Act::Greeting);
    let key = match (must_disclose, returning, &name) {
        (true, true, Some(_)) => "greeting.back.named",
        (true, true, None) => "greeting.back",
        (true, false, _) => "greeting.new",
        (false, true, Some(_)) => "greeting.again.named",
        (false, true, None) => "greeting.again",
        (false, false, _) if greets && s.replies.is_empty() && s.noted.is_empty() => "greeting.again",
        (false, false, _) => "",
    };
    if !key.is_empty() {
        let name = name.unwrap_or_default();
        routed.draft.parts.push(manner::opening(s.settings, s.channel, key, &name, s.words));
    }
    routed.disclosed = must_disclose;
}

/// Somebody we know, after a gap or on another door.
fn is_returning(s: &Situation<'_>) -> bool {
    let Some(last) = s.context.history.iter().rev().find(|message| message.event.is_none()) else { return false };
    let other_door = s
        .context
        .history
        .iter()
        .rev()
        .find(|message| message.direction == Direction::In)
        .is_some_and(|message| message.channel != s.channel);
    s.ask.is_none() && (s.rings || s.now.since(last.at) >= GAP || other_door || said_who(s))
}

/// Who this is was asked and is settled now.
fn said_who(s: &Situation<'_>) -> bool {
    let pending = s.context.conversation.memo.pending.as_ref();
    s.ask.is_none() && matches!(pending, Some(Pending::WhoSpeaks { .. } | Pending::ConfirmJoin { .. } | Pending::WereYouOnWebsite { .. }))
}

/// The matter itself: what was asked, what was told, where we left off, the one question.
fn content(s: &Situation<'_>, returning: bool, routed: &mut Routed) {
    let acts = &s.reading.signals.acts;
    let has = |act: Act| acts.contains(&act);
    let before = routed.draft.parts.len();
    if wants_the_rest(s, routed) {
        breathe(s, before, routed);
        return;
    }
    assistant_matters(s, routed);
    let told_everything = routed.draft.parts.len() > before;
    let remembers = s.replies.iter().any(|reply| matches!(reply.kind, ReplyKind::Memory(_)));
    let wants_story = (returning && (has(Act::Continues) || s.replies.is_empty()))
        || s.replies.iter().any(|reply| reply.kind == ReplyKind::Vague)
        || has(Act::Continues);
    let mut story_told = false;
    if wants_story && !told_everything && !remembers {
        story_told = tell_story(s, routed);
    }
    notes::say(s, story_told, routed);
    answers(s, routed);
    if let Some(promise) = s.promise {
        routed.draft.parts.push(s.words.with(promise.key, &[("what", promise.what), ("when", promise.when)]));
    }
    if tell_done(s, routed) {
        return;
    }
    let answered = routed.draft.parts.len() > before;
    let shares = s.may_share_contact && before > 0 && !returning && s.ask.is_none();
    if !answered && !shares {
        small_words(s, routed);
    }
    if s.unseen_files && !s.media_only {
        routed.draft.parts.push(s.words.say("ack.file"));
    }
    if breathe(s, before, routed) {
        return;
    }
    if s.asks_name {
        routed.draft.parts.push(s.words.say("who.open"));
        routed.pending = Some(Pending::Slot { slot: Predicate::Name });
        return;
    }
    if shares {
        routed.draft.request_contact = true;
        if !answered {
            routed.draft.parts.push(s.words.say("greeting.help"));
        }
        routed.draft.parts.push(s.words.say("share.contact"));
        routed.draft.buttons.push(Button { title: s.words.say("share.button"), payload: "share_contact".to_owned() });
        return;
    }
    if let Some(slot) = s.qualified.ask.filter(|slot| qualifier::has_words(s.settings, *slot, s.words)) {
        let question = qualifier::wording(s.settings, slot, s.words, s.context.history.len());
        // A matter of the business's own is not what its words may sound like: "how many rooms?" asks for no quantity.
        let (kept, dropped) = if slot.is_own() { (question, Vec::new()) } else { slots::guard(&question, s.after) };
        if dropped.is_empty() && !kept.is_empty() {
            routed.draft.parts.push(kept);
            routed.asked = Some(slot);
            routed.pending = Some(Pending::Slot { slot });
        }
    } else if story_told && s.replies.iter().all(|reply| reply.kind == ReplyKind::Vague) {
        routed.draft.parts.push(s.words.say("greeting.go_on"));
    }
}

/// What was done for them, or could be; no question of ours comes after it. `true`: there was something.
fn tell_done(s: &Situation<'_>, routed: &mut Routed) -> bool {
    routed.draft.parts.extend(s.done.say.iter().cloned());
    // On the phone the choices stand in what is said.
    if s.channel != ChannelKind::Voice {
        routed.draft.buttons.extend(s.done.buttons.iter().cloned());
    }
    routed.pending = s.done.pending.cloned();
    for source in s.done.sources {
        if !routed.sources.contains(source) {
            routed.sources.push(source.clone());
        }
    }
    !s.done.say.is_empty()
}

/// The caller wants to hear what was kept back.
fn wants_the_rest(s: &Situation<'_>, routed: &mut Routed) -> bool {
    let has = |act: Act| s.reading.signals.acts.contains(&act);
    let Some(rest) = s.context.conversation.memo.rest.as_ref().filter(|_| s.channel == ChannelKind::Voice && !s.rings) else {
        return false;
    };
    let wants = s.replies.is_empty() && (has(Act::Yes) || has(Act::Continues)) && !has(Act::No);
    if wants {
        routed.draft.parts.push(rest.clone());
    }
    wants
}

/// On the phone only so much is said in one go; the rest waits. `true`: something waits.
fn breathe(s: &Situation<'_>, before: usize, routed: &mut Routed) -> bool {
    if s.channel != ChannelKind::Voice {
        return false;
    }
    let said = routed.draft.parts.split_off(before.min(routed.draft.parts.len())).join(" ");
    let portion = spoken::portion(&said);
    routed.draft.parts.push(portion.now);
    routed.rest = portion.rest;
    if routed.rest.is_some() {
        routed.draft.parts.push(s.words.say("call.go_on"));
    }
    routed.rest.is_some()
}

/// Questions about the assistant itself, about what it knows, and requests to forget.
fn assistant_matters(s: &Situation<'_>, routed: &mut Routed) {
    let has = |act: Act| s.reading.signals.acts.contains(&act);
    if has(Act::AsksErasure) {
        routed.draft.parts.push(s.words.say("erase.requested"));
        return;
    }
    if has(Act::AsksIfAi) {
        routed.draft.parts.push(s.words.say("ai.yes"));
    }
    if has(Act::AsksAboutAssistant) && !has(Act::AsksIfAi) && !has(Act::AsksWhatIsKnown) {
        routed.draft.parts.push(s.words.with("ai.about", &[("workspace", &s.settings.name)]));
    }
    if has(Act::AsksWhatIsKnown) {
        let lines = recap::everything(s.after, s.settings, s.words);
        if lines.is_empty() {
            routed.draft.parts.push(s.words.say("known.nothing"));
        } else {
            routed.draft.parts.push(s.words.say("known.intro"));
            routed.draft.parts.push(listed(&lines, s.channel));
            routed.draft.parts.push(s.words.say("known.correct"));
        }
    }
    if s.reading
        .signals
        .consents
        .iter()
        .any(|consent| consent.purpose == "marketing" && consent.state == domain::fact::ConsentState::Withdrawn)
    {
        routed.draft.parts.push(s.words.say("stop.marketing"));
    }
}

/// Where a line costs nothing, one matter a line; one sentence where text is counted or spoken.
fn listed(lines: &[String], channel: ChannelKind) -> String {
    match channel {
        ChannelKind::Sms | ChannelKind::Voice => format!("{}.", lines.join("; ")),
        _ => lines.iter().map(|line| format!("• {line}")).collect::<Vec<_>>().join("\n"),
    }
}

/// What a message on SMS has room for.
const MOST_ON_SMS: usize = 4;

fn tell_story(s: &Situation<'_>, routed: &mut Routed) -> bool {
    let mut story = recap::story(s.after, s.words);
    if story.is_empty()
        && let Some(answer) = recap::last_answer(s.context)
    {
        story.push(s.words.with("recap.answer", &[("what", &answer)]));
    }
    if !story.is_empty()
        && let Some(topic) = recap::asked_about(s.context, s.after)
    {
        story.insert(0, s.words.with("recap.asked", &[("what", &topic)]));
    }
    if s.channel == ChannelKind::Sms {
        story.truncate(MOST_ON_SMS);
    }
    if s.rings {
        // One open matter, and then it is the caller's turn.
        story.truncate(1);
    }
    if story.is_empty() {
        return false;
    }
    routed.draft.parts.push(format!("{} {}", s.words.say("recap.intro"), sentence(&story.join("; "))));
    true
}

fn answers(s: &Situation<'_>, routed: &mut Routed) {
    let mut unknown_said = false;
    let mut warm = manner::before_answers(s.settings, s.channel, s.reading.signals.sentiment, s.words);
    for reply in s.replies {
        match &reply.kind {
            ReplyKind::Sources(answer) | ReplyKind::Fitting(answer) => {
                let Some(text) = &answer.text else { continue };
                let text = &*manner::answer(s.settings, s.channel, text);
                routed.draft.parts.extend(warm.take());
                if !routed.draft.parts.iter().any(|part| part.contains(text.trim_end_matches('.'))) {
                    routed.draft.parts.retain(|part| !text.contains(part.trim_end_matches('.')));
                    routed.draft.parts.push(text.to_owned());
                }
                cite(answer, routed);
            }
            ReplyKind::Memory(text) | ReplyKind::Event(text) => {
                if !routed.draft.parts.contains(text) {
                    routed.draft.parts.push(text.clone());
                }
            }
            ReplyKind::Differ(answer) => {
                routed.gaps.push(reply.question.clone());
                let Some(text) = &answer.text else { continue };
                routed.draft.parts.push(s.words.with("answer.differ", &[("what", text)]));
                cite(answer, routed);
            }
            ReplyKind::Near(_) | ReplyKind::Unknown => {
                routed.gaps.push(reply.question.clone());
                if !unknown_said {
                    routed.draft.parts.push(s.words.say("answer.unknown"));
                    unknown_said = true;
                }
                if let ReplyKind::Near(answer) = &reply.kind
                    && let Some(text) = &answer.text
                {
                    routed.draft.parts.push(s.words.with("answer.near", &[("what", text)]));
                    cite(answer, routed);
                }
            }
            ReplyKind::Unclear(text) => {
                if !routed.draft.parts.contains(text) {
                    routed.draft.parts.push(text.clone());
                }
            }
            ReplyKind::Vague => {}
        }
    }
}

/// Only what the sources say to everybody.
fn public_answers(s: &Situation<'_>, routed: &mut Routed) {
    for reply in s.replies {
        if let ReplyKind::Sources(answer) = &reply.kind
            && let Some(text) = &answer.text
        {
            routed.draft.parts.push(text.clone());
            cite(answer, routed);
        }
    }
}

fn cite(answer: &domain::knowledge::Answer, routed: &mut Routed) {
    for passage in &answer.citations {
        let card = cards::of(passage).filter(|card| !routed.draft.cards.contains(card) && routed.draft.cards.len() < cards::MOST);
        routed.draft.cards.extend(card);
        let source = Source { source: passage.source.clone(), heading: passage.heading.clone() };
        if !routed.sources.contains(&source) {
            routed.sources.push(source);
        }
    }
    if answer.topic.is_some() {
        routed.topic.clone_from(&answer.topic);
    }
}

/// When there is nothing to answer and nothing to note.
fn small_words(s: &Situation<'_>, routed: &mut Routed) {
    let acts = &s.reading.signals.acts;
    let has = |act: Act| acts.contains(&act);
    let key = if s.unreadable_only {
        "ack.unreadable"
    } else if s.media_only {
        "ack.media"
    } else if s.filled_in {
        "ack.ok"
    } else if has(Act::RefusesToSay) || has(Act::NotSure) {
        "ack.refused"
    } else if has(Act::Thanks) {
        "ack.thanks"
    } else if has(Act::Solved) || s.reading.signals.sentiment > 0.5 {
        "ack.nice"
    } else if has(Act::Farewell) {
        "ack.bye"
    } else if has(Act::NotSolved) || s.reading.signals.sentiment < -0.4 {
        "ack.sorry"
    } else if has(Act::Greeting) || (s.reading.text.trim().is_empty() && !s.contact_confirmed) {
        "greeting.help"
    } else if has(Act::SmallTalk) {
        "ack.small"
    } else if has(Act::Yes) || has(Act::No) || s.contact_confirmed {
        "ack.ok"
    } else if is_unclear(s) {
        "ack.unclear"
    } else if !routed.draft.parts.is_empty() && s.context.history.is_empty() {
        "greeting.help"
    } else {
        "ack.ok"
    };
    if key != "greeting.help" || s.qualified.ask != Some(Predicate::Need) {
        routed.draft.parts.push(s.words.say(key));
    }
}

/// A word or two that are neither an answer to us nor anything we know.
fn is_unclear(s: &Situation<'_>) -> bool {
    let words = s.reading.text.split_whitespace().count();
    (1..=2).contains(&words)
        && (words == 1 || s.context.conversation.memo.pending.is_none())
        && s.noted.is_empty()
        && s.reading.signals.acts.iter().all(|act| matches!(act, Act::Statement))
}

/// One person on a shared number, or a visitor who gave this address.
fn ask_identity(s: &Situation<'_>, ask: &Pending, routed: &mut Routed) {
    routed.decision = "ask_identity";
    routed.pending = Some(ask.clone());
    match ask {
        Pending::WhoSpeaks { offered, .. } if offered.len() >= 2 => {
            let names = offered.join(&format!(" {} ", s.words.say("who.or")));
            routed.draft.parts.push(s.words.with("who.named", &[("names", &names)]));
            routed.draft.buttons = offered.iter().map(|name| Button { title: name.clone(), payload: name.clone() }).collect();
        }
        Pending::WhoSpeaks { .. } => routed.draft.parts.push(s.words.say("who.open")),
        Pending::WereYouOnWebsite { .. } => routed.draft.parts.push(s.words.say("who.website")),
        Pending::ConfirmJoin { .. } => routed.draft.parts.push(s.words.say("who.confirm")),
        Pending::Slot { .. }
        | Pending::Offer { .. }
        | Pending::Action { .. }
        | Pending::Details { .. }
        | Pending::Times { .. }
        | Pending::StepUp { .. } => {}
    }
}

/// A rule fired: what the sources answer, then who takes over and by when.
fn escalate(s: &Situation<'_>, rule: &str, routed: &mut Routed) {
    routed.decision = "escalate";
    public_answers(s, routed);
    let who = named_teammate(s).unwrap_or_else(|| s.words.say("escalate.team"));
    let when = hours::spoken(s.settings, s.due, s.now, s.words);
    let key = format!("escalate.{rule}");
    let key = if phrases::exists(&key) { key.as_str() } else { "escalate.other" };
    routed.draft.parts.push(s.words.with(key, &[("who", &who), ("when", &when)]));
}

/// The teammate whom the customer asked for by name.
fn named_teammate(s: &Situation<'_>) -> Option<String> {
    let text = s.reading.text.to_lowercase();
    let words: Vec<&str> = text.split(|letter: char| !letter.is_alphanumeric()).collect();
    s.settings
        .teammates
        .iter()
        .find(|name| name.split_whitespace().next().is_some_and(|first| words.contains(&first.to_lowercase().as_str())))
        .cloned()
}
