//! Tools of the business within a turn: a model proposes, code decides, what only looks up is asked at once, and what has an effect
//! waits for the customer's or a teammate's yes.

use domain::action::{Action, ActionChange, ActionStatus, Deed};
use domain::conversation::Pending;
use domain::knowledge::Passage;
use domain::ports::{Approval, Needed, Stored, ToolError};
use domain::signal::Act;
use serde_json::Value;

use super::act::{Acting, choice};
use super::record::Turn;
use crate::Engine;
use crate::decision::tool::{self, Grounds, Proposed, Use, Verdict};
use crate::reasoning::team::Prompt;
use crate::rendering::deeds;
use crate::rendering::phrases::Phrases;

/// So much of an answer is read.
const LONGEST_ANSWER: usize = 2_000;

impl Engine {
    /// Uses a tool for an action that somebody approved; the action's id is the key under which it happens once.
    pub(crate) async fn carry_out(&self, workspace: &domain::WorkspaceId, action: &Action) -> Result<(), ToolError> {
        let Deed::Call { name, arguments, .. } = &action.deed else { return Ok(()) };
        let Some(tools) = self.tools.get(workspace) else { return Err(ToolError::Refused("there are no tools any more".to_owned())) };
        tools.call(name, arguments, &format!("rapport-{}", action.id)).await.map(|_| ())
    }
}

impl Turn<'_> {
    /// What becomes of a model's proposal.
    pub(super) fn judged(&self, proposed: &Proposed, prompt: &Prompt<'_>) -> Verdict {
        let Some(tools) = self.engine.tools.get(&self.claim.workspace).filter(|_| !self.is_dry) else { return Verdict::No("no tools") };
        let mut said: String = prompt.said.to_owned();
        for text in prompt.history.iter().chain(prompt.recalled.iter().flat_map(|stretch| &stretch.messages)).map(|message| &message.text) {
            said.push(' ');
            said.push_str(text);
        }
        for fact in prompt.customer.facts.iter().filter(|fact| fact.holds) {
            said.push(' ');
            said.push_str(&fact.value);
        }
        tool::judge(proposed, &Grounds { tools: &**tools, specs: prompt.tools, level: self.level, customer: prompt.customer, said: &said })
    }

    /// Looks something up; the passage that the answer then stands on, or why there is none.
    pub(super) async fn look_up(&self, wanted: &Use, words: &Phrases) -> Result<Passage, String> {
        let Some(tools) = self.engine.tools.get(&self.claim.workspace) else { return Err("no tools".to_owned()) };
        let key = format!("rapport-{}-look", self.id);
        let found = tools.call(&wanted.tool, &wanted.arguments, &key).await.map_err(|error| error.to_string())?;
        let mut text = String::new();
        told(&found, "", &mut text);
        Ok(Passage {
            source: wanted.tool.clone(),
            heading: wanted.about.clone(),
            text: text.chars().take(LONGEST_ANSWER).collect(),
            score: 1.0,
            language: words.language().to_owned(),
            outdated: false,
        })
    }

    /// Does this tool want a one-time code of its own?
    async fn wants_own_proof(&self, tool: &str) -> bool {
        let Some(tools) = self.engine.tools.get(&self.claim.workspace) else { return false };
        tools.specs().await.iter().any(|spec| spec.name == tool && spec.needs == Needed::Fresh)
    }

    /// What a proposal with an effect leads to: nothing is done yet.
    pub(super) async fn proposed_use(&self, verdict: Verdict, words: &Phrases) -> Stored<Option<Acting>> {
        Ok(match verdict {
            Verdict::AskCustomer(wanted) => {
                let deed = wanted.deed();
                Some(Acting {
                    say: vec![words.with("tool.offer", &[("what", &deeds::what(&deed))])],
                    buttons: ["action.button.yes", "action.button.no"].iter().map(|key| choice(&words.say(key))).collect(),
                    pending: Some(Pending::Action { deed }),
                    is_answer: true,
                    ..Acting::default()
                })
            }
            Verdict::AskTeammate(wanted) => {
                let spends_proof = self.wants_own_proof(&wanted.tool).await;
                let action = self.action(wanted.deed(), ActionStatus::Waiting, Some("always_asked"), words.language());
                Some(Acting { changes: vec![ActionChange::Add(action)], waits: true, is_answer: true, spends_proof, ..Acting::default() })
            }
            Verdict::Already(before) => {
                let key = if before.status == ActionStatus::Waiting { "tool.waiting" } else { "tool.already" };
                let say = words.with(key, &[("what", &deeds::what(&before.deed)), ("number", &before.number)]);
                Some(Acting { say: vec![say], is_answer: true, ..Acting::default() })
            }
            Verdict::NeedsProof => self.ask_proof(self.reading.text.trim().to_owned(), words).await?,
            Verdict::LookUp(_) | Verdict::No(_) => None,
        })
    }

    /// The customer's yes or no to what we would do with a tool.
    pub(super) async fn confirmed_use(&self) -> Stored<Option<Acting>> {
        let Some(Pending::Action { deed: deed @ Deed::Call { name, arguments, .. } }) = &self.known.conversation.memo.pending else {
            return Ok(None);
        };
        let words = Phrases::new(&self.reading.language);
        let has = |act: Act| self.reading.signals.acts.contains(&act);
        if has(Act::No) {
            return Ok(Some(Acting { say: vec![words.say("action.left")], is_answer: true, ..Acting::default() }));
        }
        let Some(tools) = self.engine.tools.get(&self.claim.workspace).filter(|_| has(Act::Yes)) else { return Ok(None) };
        let specs = tools.specs().await;
        let spec = specs.iter().find(|spec| spec.name == *name);
        let spends_proof = spec.is_some_and(|spec| spec.needs == Needed::Fresh);
        let is_open = spec.is_some_and(|spec| spec.approval == Approval::Customer && tool::is_open(spec.needs, self.level));
        if !is_open {
            return self.ask_proof(String::new(), &words).await;
        }
        // A turn that is run again asks under the same key.
        let message = self.claim.messages.last().map(|waiting| waiting.message.id.to_string()).unwrap_or_default();
        let (status, because, key) = match tools.call(name, arguments, &format!("rapport-{message}")).await {
            Ok(_) => (ActionStatus::Done, None, "tool.done"),
            Err(ToolError::Declined(_) | ToolError::Refused(_)) => (ActionStatus::Declined, Some("tool_refused"), "tool.refused"),
            Err(ToolError::Unknown(_)) => (ActionStatus::Waiting, Some("no_answer"), "tool.unknown"),
        };
        let action = self.action(deed.clone(), status, because, words.language());
        let say = words.with(key, &[("what", &deeds::what(deed)), ("number", &action.number)]);
        let task = (status != ActionStatus::Done).then(|| format!("{}: {}", because.unwrap_or_default(), deeds::what(deed)));
        Ok(Some(Acting {
            changes: vec![ActionChange::Add(action)],
            say: vec![say],
            task,
            is_answer: true,
            spends_proof,
            ..Acting::default()
        }))
    }
}

/// An answer as lines: "order status: shipped".
fn told(value: &Value, name: &str, out: &mut String) {
    let line = |out: &mut String, text: &str| {
        let name = name.replace(['_', '-'], " ");
        out.push_str(&if name.is_empty() { format!("{text}. ") } else { format!("{name}: {text}. ") });
    };
    match value {
        Value::Null => {}
        Value::String(text) => line(out, text.trim_end_matches('.')),
        Value::Number(number) => line(out, &number.to_string()),
        Value::Bool(flag) => line(out, if *flag { "yes" } else { "no" }),
        Value::Array(items) => items.iter().for_each(|item| told(item, name, out)),
        Value::Object(fields) => fields.iter().for_each(|(field, item)| told(item, field, out)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_is_read_as_lines() {
        let mut out = String::new();
        told(
            &json!({"order": "EC-1", "status": "on its way", "boxes": 2, "signed_for": true, "notes": ["fragile."], "x": null}),
            "",
            &mut out,
        );
        for part in ["order: EC-1. ", "status: on its way. ", "boxes: 2. ", "signed for: yes. ", "notes: fragile. "] {
            assert!(out.contains(part), "{out}");
        }
    }
}
