//! The brief: the package a teammate gets. No field is empty; what is unknown is said in words.

use domain::customer::{Context, Customer};
use domain::escalation::{Brief, Evidence};
use domain::fact::{Predicate, PromiseStatus, Promiser};
use domain::identifier::{IdentifierKind, Trust};
use domain::message::{Author, Direction};
use domain::settings::WorkspaceSettings;

use super::rules;
use crate::memory::recap::joined;
use crate::memory::slots;
use crate::rendering::phrases::admits_not_knowing;

const NOT_SAID: &str = "not said yet";

/// Writes the brief from the record as it is after the turn.
pub fn write(
    settings: &WorkspaceSettings,
    context: &Context,
    after: &Customer,
    said_now: &str,
    sentiment: f32,
    evidence: &[Evidence],
) -> Brief {
    let value = |predicate: Predicate| joined(after.facts_of(predicate).map(|fact| fact.value.as_str()));
    let need = [Predicate::Need, Predicate::ProductInterest, Predicate::Issue, Predicate::Order]
        .into_iter()
        .filter_map(|predicate| {
            value(predicate).map(|value| if predicate == Predicate::Order { format!("about order {value}") } else { value })
        })
        .collect::<Vec<_>>()
        .join(", ");
    let need = if need.is_empty() { said_now.chars().take(120).collect() } else { need };
    Brief {
        name: after.name().unwrap_or(NOT_SAID).to_owned(),
        contacts: contacts(after, context),
        summary: summary(settings, context, after, said_now),
        need,
        learned: learned(after),
        tried: tried(settings, context),
        emotion: emotion(sentiment).to_owned(),
        why: why(settings, evidence),
        next_step: next_step(after, evidence.first().map_or("", |item| item.rule.as_str())),
        promised: promised(after, settings),
    }
}

fn contacts(after: &Customer, context: &Context) -> Vec<String> {
    let mut lines: Vec<String> = after
        .identifiers
        .iter()
        .filter(|identifier| identifier.kind != IdentifierKind::Visitor)
        .map(|identifier| {
            let proof = match identifier.trust {
                Trust::Claimed => "claimed",
                Trust::ChannelAsserted => "channel-asserted",
                Trust::Verified => "verified",
            };
            format!("{} {} ({proof})", identifier.kind, identifier.value)
        })
        .collect();
    if lines.is_empty() {
        lines.push(format!("on {}", context.conversation.channel.label()));
    }
    lines
}

fn summary(settings: &WorkspaceSettings, context: &Context, after: &Customer, said_now: &str) -> String {
    let who = after.name().unwrap_or("The customer");
    let since = context.history.first().map_or_else(
        || format!("{who} writes for the first time, on {}.", context.conversation.channel.label()),
        |first| {
            let day = first.at.in_zone(&settings.timezone).strftime("%-d %B").to_string();
            let doors = context.conversation.channels.iter().map(|channel| channel.label()).collect::<Vec<_>>().join(", ");
            format!("{who} is in touch since {day} ({doors}).")
        },
    );
    let known = learned(after).into_iter().take(6).collect::<Vec<_>>().join("; ");
    let quote: String = said_now.chars().take(200).collect();
    format!("{since} Known: {known}. Said now: “{quote}”")
}

fn learned(after: &Customer) -> Vec<String> {
    let lines: Vec<String> = Predicate::ALL
        .iter()
        .filter_map(|predicate| {
            joined(after.facts_of(*predicate).map(|fact| fact.value.as_str()))
                .map(|value| format!("{}: {value}", predicate.as_str().replace('_', " ")))
        })
        .collect();
    if lines.is_empty() { vec!["nothing about them yet".to_owned()] } else { lines }
}

fn tried(settings: &WorkspaceSettings, context: &Context) -> Vec<String> {
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
            let verb = if admits_not_knowing(&text) { "could not answer" } else { "answered" };
            (text.split_whitespace().count() > 2).then(|| format!("The AI {verb} on {}: “{text}”", message.channel.label()))
        })
        .take(3)
        .collect();
    lines.reverse();
    if lines.is_empty() { vec!["nothing yet: the rule fired before the AI could answer anything".to_owned()] } else { lines }
}

fn emotion(sentiment: f32) -> &'static str {
    match sentiment {
        s if s <= -0.6 => "angry or distressed",
        s if s <= -0.2 => "displeased",
        s if s < 0.2 => "calm",
        s if s < 0.6 => "friendly",
        _ => "delighted",
    }
}

/// What happened, as a sentence, with the customer's own words.
fn why(settings: &WorkspaceSettings, evidence: &[Evidence]) -> String {
    let lines: Vec<String> = evidence
        .iter()
        .map(|item| {
            let own = settings.rules.iter().find(|rule| rule.name == item.rule).and_then(|rule| rule.sentence.clone());
            let built_in = rules::BUILT_IN.iter().find(|rule| rule.name == item.rule).map(|rule| rule.sentence.to_owned());
            let sentence = own.or(built_in).unwrap_or_else(|| format!("The rule “{}” fired.", item.rule.replace('-', " ")));
            format!("{} They wrote: “{}”", sentence.trim(), item.quote)
        })
        .collect();
    if lines.is_empty() { "A teammate took it over by hand.".to_owned() } else { lines.join(" ") }
}

fn next_step(after: &Customer, rule: &str) -> String {
    let budget = after.fact(Predicate::Budget).map(|fact| fact.value.clone());
    let product = after
        .fact(Predicate::ProductInterest)
        .or(after.fact(Predicate::Need))
        .map_or_else(|| "what they need".to_owned(), |fact| fact.value.clone());
    match rule {
        "budget-objection" => match budget {
            Some(budget) => format!("Show what is possible for {product} within {budget}, or a smaller scope."),
            None => format!("Ask what would be possible, then offer {product} in a smaller scope or in instalments."),
        },
        "competitor-named" => {
            let rival = after.fact(Predicate::Competitor).map_or_else(|| "the other offer".to_owned(), |fact| fact.value.clone());
            format!("Compare {product} with {rival} on what matters to them, then match or explain the difference.")
        }
        "three-unresolved-turns" => {
            "Answer the open question first; it was put several times. Then add the answer to the knowledge.".to_owned()
        }
        "human-asked-for" => "Introduce yourself and answer; they asked for a person.".to_owned(),
        "negative-emotion" => "Apologise, say what you will do and by when, then do it.".to_owned(),
        "refund-over-limit" => "Check the order and decide about the refund; it is above the limit.".to_owned(),
        "suspected-fraud" => "Verify who it is by another way before anything else; change nothing meanwhile.".to_owned(),
        _ => format!("Take over and settle {product}."),
    }
}

fn promised(after: &Customer, settings: &WorkspaceSettings) -> Vec<String> {
    let lines: Vec<String> = after
        .promises
        .iter()
        .filter(|promise| promise.by == Promiser::Us && promise.status == PromiseStatus::Open)
        .map(|promise| match promise.due_at {
            Some(due) => format!("{}, by {}", promise.what, due.in_zone(&settings.timezone).strftime("%-d %B %H:%M")),
            None => promise.what.clone(),
        })
        .collect();
    if lines.is_empty() { vec!["nothing promised yet".to_owned()] } else { lines }
}
