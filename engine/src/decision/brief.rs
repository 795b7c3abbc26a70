//! The brief: the package a teammate gets, in the language of the business. No field is empty; what is unknown is said in words.

use domain::customer::{Context, Customer};
use domain::escalation::{Brief, Evidence};
use domain::fact::{Fact, Predicate, PromiseStatus, Promiser};
use domain::identifier::{IdentifierKind, Trust};
use domain::message::{Author, Direction};
use domain::settings::{Way, WorkspaceSettings};
use domain::time::Timestamp;

use super::routing;
use crate::memory::recap::joined;
use crate::memory::slots;
use crate::rendering::phrases::{self, Phrases, admits_not_knowing};

/// Writes the brief from the record as it is after the turn.
pub fn write(
    settings: &WorkspaceSettings,
    context: &Context,
    after: &Customer,
    said_now: &str,
    sentiment: f32,
    evidence: &[Evidence],
) -> Brief {
    let say = Phrases::new(&settings.locale);
    let value = |predicate: Predicate| joined(after.facts_of(predicate).map(|fact| fact.value.as_str()));
    let need = [Predicate::Need, Predicate::ProductInterest, Predicate::Issue, Predicate::Order]
        .into_iter()
        .filter_map(|predicate| {
            let value = value(predicate)?;
            Some(if predicate == Predicate::Order { say.with("brief.about_order", &[("order", &value)]) } else { value })
        })
        .collect::<Vec<_>>()
        .join(", ");
    let need = if need.is_empty() { said_now.chars().take(120).collect() } else { need };
    Brief {
        name: after.name().map_or_else(|| say.say("brief.not_said"), str::to_owned),
        contacts: contacts(&say, after, context),
        summary: summary(&say, settings, context, after, said_now),
        need,
        learned: learned(&say, after),
        tried: tried(&say, settings, context),
        emotion: say.say(emotion(sentiment)),
        why: why(&say, settings, evidence),
        next_step: next_step(&say, settings, after, evidence),
        promised: promised(&say, after, settings),
    }
}

fn contacts(say: &Phrases, after: &Customer, context: &Context) -> Vec<String> {
    let mut lines: Vec<String> = after
        .identifiers
        .iter()
        .filter(|identifier| identifier.kind != IdentifierKind::Visitor)
        .map(|identifier| {
            let proof = match identifier.trust {
                Trust::Claimed => "brief.proof.claimed",
                Trust::ChannelAsserted => "brief.proof.channel_asserted",
                Trust::Verified => "brief.proof.verified",
            };
            format!("{} {} ({})", identifier.kind, identifier.value, say.say(proof))
        })
        .collect();
    if lines.is_empty() {
        lines.push(say.with("brief.on", &[("channel", context.conversation.channel.label())]));
    }
    lines
}

fn summary(say: &Phrases, settings: &WorkspaceSettings, context: &Context, after: &Customer, said_now: &str) -> String {
    let who = after.name().map_or_else(|| say.say("brief.the_customer"), str::to_owned);
    let since = context.history.first().map_or_else(
        || say.with("brief.first_time", &[("who", &who), ("channel", context.conversation.channel.label())]),
        |first| {
            let doors = context.conversation.channels.iter().map(|channel| channel.label()).collect::<Vec<_>>().join(", ");
            say.with("brief.since", &[("who", &who), ("day", &day(say, settings, first.at)), ("channels", &doors)])
        },
    );
    let known = learned(say, after).into_iter().take(6).collect::<Vec<_>>().join("; ");
    let quote: String = said_now.chars().take(200).collect();
    format!("{since} {}", say.with("brief.known_and_said", &[("known", &known), ("quote", &quote)]))
}

/// "15 March".
fn day(say: &Phrases, settings: &WorkspaceSettings, at: Timestamp) -> String {
    let at = at.in_zone(&settings.timezone);
    let months = say.say("brief.months");
    let month = usize::try_from(at.month() - 1).ok().and_then(|place| months.split(' ').nth(place));
    format!("{} {}", at.day(), month.unwrap_or_default())
}

fn learned(say: &Phrases, after: &Customer) -> Vec<String> {
    let lines: Vec<String> = Predicate::ALL
        .iter()
        .filter_map(|predicate| {
            let value = joined(after.facts_of(*predicate).map(|fact| fact.value.as_str()))?;
            let own = after.fact(*predicate).and_then(Fact::own_label).map(str::to_owned);
            let label = own.unwrap_or_else(|| say.say(&format!("brief.fact.{}", predicate.as_str())));
            Some(say.with("brief.labelled", &[("label", &label), ("value", &value)]))
        })
        .collect();
    if lines.is_empty() { vec![say.say("brief.nothing_learned")] } else { lines }
}

fn tried(say: &Phrases, settings: &WorkspaceSettings, context: &Context) -> Vec<String> {
    let mut lines: Vec<String> = context
        .history
        .iter()
        .rev()
        .filter(|message| {
            message.direction == Direction::Out && message.author == Author::Ai && message.conversation == context.conversation.id
        })
        .filter_map(|message| {
            // Greetings and questions of ours are no attempt to help.
            let said: Vec<&str> = slots::sentences(&message.text)
                .into_iter()
                .filter(|sentence| !sentence.trim_end().ends_with('?') && !sentence.contains(settings.name.as_str()))
                .collect();
            let text: String = said.concat().split_whitespace().collect::<Vec<_>>().join(" ").chars().take(140).collect();
            let text = text.trim().to_owned();
            let what = if admits_not_knowing(&text) { "brief.could_not_answer" } else { "brief.answered" };
            let values = [("channel", message.channel.label()), ("text", text.as_str())];
            (text.split_whitespace().count() > 2).then(|| say.with(what, &values))
        })
        .take(3)
        .collect();
    lines.reverse();
    if lines.is_empty() { vec![say.say("brief.nothing_tried")] } else { lines }
}

fn emotion(sentiment: f32) -> &'static str {
    match sentiment {
        s if s <= -0.6 => "brief.emotion.angry",
        s if s <= -0.2 => "brief.emotion.displeased",
        s if s < 0.2 => "brief.emotion.calm",
        s if s < 0.6 => "brief.emotion.friendly",
        _ => "brief.emotion.delighted",
    }
}

/// What happened, as a sentence, with the customer's own words.
fn why(say: &Phrases, settings: &WorkspaceSettings, evidence: &[Evidence]) -> String {
    let lines: Vec<String> = evidence
        .iter()
        .map(|item| {
            let own = settings.rules.iter().find(|rule| rule.name == item.rule).and_then(|rule| rule.sentence.clone());
            let key = format!("brief.why.{}", item.rule);
            let sentence = own.unwrap_or_else(|| match phrases::exists(&key) {
                true => say.say(&key),
                false => say.with("brief.why", &[("rule", &item.rule.replace('-', " "))]),
            });
            say.with("brief.evidence", &[("sentence", sentence.trim()), ("quote", &item.quote)])
        })
        .collect();
    if lines.is_empty() { say.say("brief.by_hand") } else { lines.join(" ") }
}

fn next_step(say: &Phrases, settings: &WorkspaceSettings, after: &Customer, evidence: &[Evidence]) -> String {
    let rule = evidence.first().map_or("", |item| item.rule.as_str());
    let way = routing::of(settings, evidence.iter().map(|item| item.rule.as_str())).way;
    let fact = |predicate: Predicate| after.fact(predicate).map(|fact| fact.value.clone());
    let product = fact(Predicate::ProductInterest).or_else(|| fact(Predicate::Need)).unwrap_or_else(|| say.say("brief.what_they_need"));
    let rival = fact(Predicate::Competitor).unwrap_or_else(|| say.say("brief.the_other_offer"));
    let budget = fact(Predicate::Budget);
    let key = match (rule, &budget) {
        ("budget-objection", Some(_)) => "brief.next.budget-objection.known".to_owned(),
        _ => format!("brief.next.{rule}"),
    };
    let key = if phrases::exists(&key) { key.as_str() } else { "brief.next" };
    let step = say.with(key, &[("product", &product), ("rival", &rival), ("budget", budget.as_deref().unwrap_or_default())]);
    match way {
        Some(Way::Urgent) => format!("{} {step}", say.say("brief.way.urgent")),
        Some(Way::Email) => format!("{} {step}", say.say("brief.way.email")),
        Some(Way::SameChannel) | None => step,
    }
}

fn promised(say: &Phrases, after: &Customer, settings: &WorkspaceSettings) -> Vec<String> {
    let lines: Vec<String> = after
        .promises
        .iter()
        .filter(|promise| promise.by == Promiser::Us && promise.status == PromiseStatus::Open)
        .map(|promise| match promise.due_at {
            Some(due) => {
                let time = due.in_zone(&settings.timezone).strftime("%H:%M").to_string();
                say.with("brief.due", &[("what", &promise.what), ("day", &day(say, settings, due)), ("time", &time)])
            }
            None => promise.what.clone(),
        })
        .collect();
    if lines.is_empty() { vec![say.say("brief.nothing_promised")] } else { lines }
}
