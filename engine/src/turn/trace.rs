//! The turn's explanation: what was recalled, which passages, rules and models, how long, what it cost.

use domain::conversation::Memo;
use domain::fact::FactStatus;
use domain::knowledge::Passage;
use domain::message::Source;
use domain::turn::Durations;
use serde_json::json;

use super::act::{Acting, journal};
use super::learn::After;
use super::record::Turn;
use crate::decision::rules::Firing;
use crate::reasoning::answerer::{self, ReplyKind};
use crate::reasoning::qualifier::Qualified;
use crate::reasoning::router::Routed;
use crate::reasoning::team::ModelCall;
use crate::rendering::plan::Plan;

impl Turn<'_> {
    #[expect(clippy::too_many_arguments, reason = "the explanation names every part of the turn")]
    pub(super) fn trace(
        &self,
        after: &After,
        acting: &Acting,
        replies: &[answerer::Reply],
        qualified: &Qualified,
        firing: &Firing,
        routed: &Routed,
        plan: &Plan,
        took: Durations,
        lead: &domain::customer::Lead,
    ) -> serde_json::Value {
        let ms = |part: std::time::Duration| (part.as_secs_f64() * 1_000_000.0).round() / 1_000.0;
        let recalled: Vec<_> = self
            .known
            .customer
            .facts
            .iter()
            .filter(|fact| fact.status == FactStatus::Active)
            .map(|fact| json!({"kind": "fact", "id": fact.id, "text": format!("{}: {}", fact.own_label().unwrap_or(fact.predicate.as_str()), fact.value), "channel": fact.channel, "at": fact.recorded_at}))
            .chain(self.known.customer.promises.iter().map(|promise| json!({"kind": "promise", "id": promise.id, "text": promise.what, "channel": promise.channel, "at": promise.at})))
            .chain(self.messages_known())
            .collect();
        let passages: Vec<_> = passages(replies)
            .map(|passage| json!({"source": passage.source, "heading": passage.heading, "text": passage.text, "score": passage.score, "used": true}))
            .collect();
        let learned: Vec<_> = self
            .reading
            .signals
            .learned
            .iter()
            .map(|fact| json!({"predicate": fact.predicate, "value": fact.value, "quote": fact.quote}))
            .collect();
        json!({
            "at": self.now,
            "conversation": self.whole.conversation.id,
            "customer": self.whole.customer.id,
            "channel": self.door.settings.channel,
            "engine": after.calls.iter().find(|call| call.outcome == "used").map_or("built-in", |call| call.model.as_str()),
            "level": format!("{:?}", self.level),
            "trigger": self.claim.messages.iter().map(|waiting| json!({"id": waiting.message.id, "text": waiting.message.text})).collect::<Vec<_>>(),
            "recalled": recalled,
            "passages": passages,
            "signals": {
                "language": self.reading.language,
                "intent": self.reading.signals.intent,
                "acts": self.reading.signals.acts,
                "sentiment": self.reading.signals.sentiment,
                "entities": learned.clone(),
            },
            "learned": learned,
            "actions": acting.changes.iter().map(journal).collect::<Vec<_>>(),
            "rules": firing.checked,
            "did_not_ask": qualified.did_not_ask.iter().map(|(slot, because)| json!({"slot": slot, "because": because})).collect::<Vec<_>>(),
            "asked": routed.asked,
            "gaps": routed.gaps.len(),
            "model_calls": after.calls.iter().map(called).collect::<Vec<_>>(),
            "decision": routed.decision,
            "reply": (routed.decision != "silent").then(|| plan.text.clone()),
            "rendered": plan.messages.iter().map(|message| json!({"channel": self.door.settings.channel, "text": message.text, "buttons": message.buttons})).collect::<Vec<_>>(),
            "lead": {"score": lead.score, "before": self.whole.customer.lead.score},
            "noted": after.noted.iter().map(|(predicate, value)| json!({"predicate": predicate, "value": value})).collect::<Vec<_>>(),
            "milliseconds": {
                "total": ms(took.recall + took.analyst + took.answerer + took.qualifier + took.rules + took.render),
                "recall": ms(took.recall),
                "analyst": ms(took.analyst),
                "answerer": ms(took.answerer),
                "qualifier": ms(took.qualifier),
                "rules": ms(took.rules),
                "render": ms(took.render),
            },
            "memo": self.memo_before(),
            "cost": {"amount": amount(after.calls.iter().map(|call| call.cost).sum()), "currency": self.cost_currency()},
        })
    }

    /// What we waited for and had said before this turn, for whoever replays it; what was proven is proven no more.
    fn memo_before(&self) -> Memo {
        Memo { stepped_up: None, joining: None, rest: None, ..self.whole.conversation.memo.clone() }
    }

    /// Messages behind the turn, older ones first, without their words: who edits or erases a message does so everywhere.
    fn messages_known(&self) -> impl Iterator<Item = serde_json::Value> {
        let recalled = self
            .known
            .recalled
            .iter()
            .flat_map(|stretch| stretch.messages.iter().map(|message| (message, Some(stretch.found.contains(&message.id)))));
        let is_recalled = |id| self.known.recalled.iter().any(|stretch| stretch.messages.iter().any(|message| message.id == id));
        let last: Vec<_> = self.known.history.iter().rev().take(6).filter(|message| !is_recalled(message.id)).collect();
        recalled.chain(last.into_iter().rev().map(|message| (message, None))).map(|(message, found)| {
            json!({
                "kind": "message",
                "id": message.id,
                "channel": message.channel,
                "author": message.author,
                "at": message.at,
                "found": found,
            })
        })
    }

    /// The currency of the models' prices, else the workspace's.
    fn cost_currency(&self) -> String {
        let models = self.engine.models.get(&self.claim.workspace);
        let priced = models.and_then(|models| models.answerer.iter().find_map(|member| member.price().currency()));
        priced.unwrap_or(&self.settings.currency).to_owned()
    }
}

fn passages(replies: &[answerer::Reply]) -> impl Iterator<Item = &Passage> {
    replies.iter().flat_map(|reply| match &reply.kind {
        ReplyKind::Sources(answer) | ReplyKind::Fitting(answer) | ReplyKind::Near(answer) | ReplyKind::Differ(answer) => {
            answer.citations.as_slice()
        }
        ReplyKind::Memory(_) | ReplyKind::Event(_) | ReplyKind::Unclear(_) | ReplyKind::Unknown | ReplyKind::Vague => &[],
    })
}

/// Where the passages behind these replies stand, each once.
pub(super) fn cited(replies: &[answerer::Reply]) -> Vec<Source> {
    let mut all: Vec<Source> = Vec::new();
    for passage in passages(replies) {
        let source = Source { source: passage.source.clone(), heading: passage.heading.clone() };
        if !all.contains(&source) {
            all.push(source);
        }
    }
    all
}

/// Millionths as a decimal figure.
fn amount(micros: i64) -> f64 {
    micros as f64 / 1_000_000.0
}

fn called(call: &ModelCall) -> serde_json::Value {
    json!({
        "model": call.model,
        "milliseconds": call.milliseconds,
        "input_tokens": call.input_tokens,
        "output_tokens": call.output_tokens,
        "cost": amount(call.cost),
        "outcome": call.outcome,
    })
}
