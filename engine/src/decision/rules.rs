//! Named rules: which fire on a turn. A detector finds evidence in the words; a rule fires once per evidence.

use domain::customer::{Context, Fired};
use domain::escalation::Evidence;
use domain::settings::WorkspaceSettings;
use domain::signal::{Act, Alarm, Signals};
use domain::{ChannelKind, MessageId, Timestamp};
use serde::Serialize;

use super::expression::{Expression, ExpressionError, Scope};

/// A rule that exists without being configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltIn {
    /// Its name, public interface.
    pub name: &'static str,
    /// What it says, for people.
    pub sentence: &'static str,
}

/// In the order in which the first of several firing rules is chosen.
pub const BUILT_IN: [BuiltIn; 10] = [
    BuiltIn { name: "budget-objection", sentence: "The customer says that the price stands in the way." },
    BuiltIn { name: "competitor-named", sentence: "The customer names one of our competitors." },
    BuiltIn { name: "three-unresolved-turns", sentence: "The same question was put three times, or answered twice with \"I don't know\"." },
    BuiltIn { name: "human-asked-for", sentence: "The customer wants a person." },
    BuiltIn { name: "negative-emotion", sentence: "The customer is very angry or distressed, at us, now." },
    BuiltIn { name: "refund-over-limit", sentence: "The customer asks for more money back than the refund limit." },
    BuiltIn { name: "suspected-fraud", sentence: "Somebody tries to obtain money, goods, access or papers by deceit." },
    BuiltIn { name: "vip", sentence: "A customer marked VIP needs something that a person does better." },
    BuiltIn { name: "irreversible-action", sentence: "An action that cannot be undone waits for approval." },
    BuiltIn { name: "low-confidence", sentence: "An answer that would commit the business is not certain enough." },
];

/// A rule of the business's own, compiled.
#[derive(Debug)]
pub struct OwnRule {
    name: String,
    when: Expression,
}

impl OwnRule {
    /// Compiles the workspace's rules. A rule that cannot be compiled never fires; the configuration refuses it before it comes here.
    pub fn all(settings: &WorkspaceSettings) -> Vec<Result<Self, (String, ExpressionError)>> {
        settings
            .rules
            .iter()
            .map(|rule| match Expression::parse(&rule.when) {
                Ok(when) => Ok(Self { name: rule.name.clone(), when }),
                Err(error) => Err((rule.name.clone(), error)),
            })
            .collect()
    }
}

/// How one rule was checked, for the turn's explanation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Checked {
    /// The rule.
    pub rule: String,
    /// Did it fire?
    pub fired: bool,
    /// Why or why not, in words.
    pub reason: String,
    /// The words, when it fired.
    pub evidence: Option<String>,
}

/// What a turn's rules came to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Firing {
    /// Rules that fired, the first in order first, with their evidence.
    pub evidence: Vec<Evidence>,
    /// How each was checked.
    pub checked: Vec<Checked>,
}

impl Firing {
    /// Names in order, each once.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for item in &self.evidence {
            if !names.contains(&item.rule) {
                names.push(item.rule.clone());
            }
        }
        names
    }
}

/// What rules look at.
pub struct Situation<'a> {
    /// The workspace.
    pub settings: &'a WorkspaceSettings,
    /// Its own rules.
    pub own: &'a [OwnRule],
    /// The door.
    pub channel: ChannelKind,
    /// What is known.
    pub context: &'a Context,
    /// What was said.
    pub signals: &'a Signals,
    /// The turn's messages and their texts.
    pub messages: &'a [(MessageId, String)],
    /// Evidence of three unresolved turns.
    pub unresolved: Option<String>,
    /// An answer that would commit us is below its threshold.
    pub doubtful_commitment: bool,
    /// An action waits for a teammate.
    pub waits_for_approval: bool,
    /// A question could not be answered.
    pub unanswered: bool,
    /// Now.
    pub now: Timestamp,
}

/// Checks every rule.
pub fn check(situation: &Situation<'_>) -> Firing {
    let mut firing = Firing::default();
    for rule in BUILT_IN {
        if situation.settings.rules_off.contains(rule.name) {
            record(&mut firing, rule.name, Err("it is switched off".to_owned()), situation);
            continue;
        }
        match situation.own.iter().find(|own| own.name == rule.name) {
            Some(own) => check_own(&mut firing, own, situation),
            None => record(&mut firing, rule.name, find(rule.name, situation).map_err(str::to_owned), situation),
        }
    }
    for own in situation.own.iter().filter(|own| !BUILT_IN.iter().any(|rule| rule.name == own.name)) {
        if situation.settings.rules_off.contains(&own.name) {
            record(&mut firing, &own.name, Err("it is switched off".to_owned()), situation);
            continue;
        }
        check_own(&mut firing, own, situation);
    }
    firing
}

/// An expression over the words fires once for each message; one over what is known, once in a conversation.
fn check_own(firing: &mut Firing, own: &OwnRule, situation: &Situation<'_>) {
    let words: Vec<&str> = situation.messages.iter().map(|(_, text)| text.as_str()).collect();
    let text = words.join("\n");
    let scope = Scope {
        settings: situation.settings,
        context: situation.context,
        signals: situation.signals,
        text: &text,
        channel: situation.channel,
        now: situation.now,
    };
    let begun = situation.context.conversation.created_at;
    let fired_here = || situation.context.fired.iter().any(|past| past.rule == own.name && past.at >= begun);
    let found = match own.when.holds(&scope) {
        Ok(true) if !own.when.reads_words() && fired_here() => Err("it has fired in this conversation".to_owned()),
        Ok(true) => Ok(words.last().copied().unwrap_or_default().to_owned()),
        Ok(false) => Err("its condition does not hold".to_owned()),
        Err(unknown) => Err(unknown),
    };
    record(firing, &own.name, found, situation);
}

fn find(rule: &str, situation: &Situation<'_>) -> Result<String, &'static str> {
    match rule {
        "three-unresolved-turns" => situation.unresolved.clone().ok_or("no question is open for three turns"),
        "vip" => {
            let is_vip = situation.context.customer.attributes.get("vip").is_some_and(|value| value == true || value == "true");
            let a_person_can_do_more =
                situation.unanswered || situation.signals.sentiment < -0.2 || situation.signals.acts.contains(&Act::ReadyToBuy);
            match (is_vip, a_person_can_do_more) {
                (true, true) => Ok(situation.messages.first().map(|(_, text)| text.clone()).unwrap_or_default()),
                (true, false) => Err("a VIP, but nothing a person could do better"),
                (false, _) => Err("not marked VIP"),
            }
        }
        "irreversible-action" if situation.waits_for_approval => {
            Ok(situation.messages.first().map(|(_, text)| text.clone()).unwrap_or_default())
        }
        "irreversible-action" => Err("no action waits for approval"),
        "low-confidence" if situation.doubtful_commitment => {
            Ok(situation.messages.first().map(|(_, text)| text.clone()).unwrap_or_default())
        }
        "low-confidence" => Err("nothing uncertain that would commit us"),
        _ => alarm(situation.signals, rule).map(|alarm| alarm.quote.clone()).ok_or("no evidence in the words"),
    }
}

fn alarm<'a>(signals: &'a Signals, rule: &str) -> Option<&'a Alarm> {
    signals.alarms.iter().filter(|alarm| alarm.rule == rule).max_by(|a, b| a.score.total_cmp(&b.score))
}

fn record(firing: &mut Firing, rule: &str, found: Result<String, String>, situation: &Situation<'_>) {
    let mut checked = Checked { rule: rule.to_owned(), fired: false, reason: String::new(), evidence: None };
    match found {
        Err(reason) => checked.reason = reason,
        Ok(quote) => {
            let message =
                situation.messages.iter().find(|(_, text)| text.contains(&quote)).or(situation.messages.last()).map(|(id, _)| *id);
            match message {
                Some(message) if already(&situation.context.fired, rule, message) => {
                    "this evidence has fired the rule before".clone_into(&mut checked.reason);
                }
                Some(message) => {
                    checked.fired = true;
                    "evidence in the words".clone_into(&mut checked.reason);
                    checked.evidence = Some(quote.clone());
                    firing.evidence.push(Evidence { rule: rule.to_owned(), message, quote });
                }
                None => "no message carries the evidence".clone_into(&mut checked.reason),
            }
        }
    }
    firing.checked.push(checked);
}

fn already(fired: &[Fired], rule: &str, message: MessageId) -> bool {
    let key = message.to_string();
    fired.iter().any(|past| past.rule == rule && past.evidence.contains(&key))
}
