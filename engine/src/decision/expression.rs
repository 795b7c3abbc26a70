//! The business's own rules: expressions in CEL (<https://cel.dev>) over what is known when a turn decides.
//!
//! An expression is compiled once, when it is configured; it has no loops without an end and reaches nothing outside its scope.

use std::collections::HashMap;
use std::sync::Arc;

use cel::objects::{Key, Map};
use cel::{Context as Variables, ExecutionError, Program, Value};
use domain::customer::Context;
use domain::fact::Predicate;
use domain::message::Direction;
use domain::settings::WorkspaceSettings;
use domain::signal::Signals;
use domain::{ChannelKind, Timestamp};
use serde_json::Value as Json;

/// What an expression may speak of.
pub const VARIABLES: [&str; 8] = ["message", "signals", "customer", "conversation", "facts", "order", "lead", "now"];
/// Predicates of which a customer has one at a time; the others are lists.
const SINGLE: [Predicate; 15] = [
    Predicate::Name,
    Predicate::PreferredName,
    Predicate::Language,
    Predicate::TimeZone,
    Predicate::Company,
    Predicate::CompanySize,
    Predicate::Quantity,
    Predicate::Role,
    Predicate::Address,
    Predicate::Budget,
    Predicate::Timeline,
    Predicate::Authority,
    Predicate::PreferredChannel,
    Predicate::Plan,
    Predicate::Stage,
];

/// Why an expression cannot be a rule.
#[derive(Debug, thiserror::Error)]
pub enum ExpressionError {
    /// It is no CEL.
    #[error("{0}")]
    Syntax(String),
    /// It names something that is not there.
    #[error("speaks of {0:?}, which is none of {list}", list = VARIABLES.join(", "))]
    Unknown(String),
    /// It is a figure or a text, not a condition.
    #[error("gives {0}, not true or false")]
    NoCondition(String),
}

/// A compiled expression.
#[derive(Debug)]
pub struct Expression {
    program: Program,
    reads_words: bool,
}

/// What an expression sees of a turn.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// The workspace.
    pub settings: &'a WorkspaceSettings,
    /// What is known.
    pub context: &'a Context,
    /// What was said.
    pub signals: &'a Signals,
    /// The turn's words, joined.
    pub text: &'a str,
    /// The door they came through.
    pub channel: ChannelKind,
    /// Now.
    pub now: Timestamp,
}

impl Expression {
    /// Compiles an expression and checks that it is a condition over known names.
    pub fn parse(source: &str) -> Result<Self, ExpressionError> {
        let program = Program::compile(source).map_err(|error| ExpressionError::Syntax(one_line(&error.to_string())))?;
        let unknown = {
            let references = program.references();
            let names = references.variables();
            let unknown = names.into_iter().find(|name| !VARIABLES.contains(name) && !is_bound(source, name));
            unknown.map(str::to_owned)
        };
        if let Some(name) = unknown {
            return Err(ExpressionError::Unknown(name));
        }
        let reads_words = ["message", "signals"].iter().any(|name| program.references().has_variable(name));
        let expression = Self { program, reads_words };
        match expression.program.execute(&specimen()) {
            Ok(Value::Bool(_)) | Err(_) => Ok(expression),
            Ok(other) => Err(ExpressionError::NoCondition(other.type_of().to_string())),
        }
    }

    /// Does it depend on what was said, so that each message is evidence of its own?
    pub fn reads_words(&self) -> bool {
        self.reads_words
    }

    /// Does it hold? `Err`: why it cannot be told, in words; something it needs is not known.
    pub fn holds(&self, scope: &Scope<'_>) -> Result<bool, String> {
        match self.program.execute(&variables(scope)) {
            Ok(Value::Bool(holds)) => Ok(holds),
            Ok(other) => Err(format!("gives {}, not true or false", other.type_of())),
            Err(ExecutionError::NoSuchKey(name)) => Err(format!("{name} is not known")),
            Err(error) => Err(one_line(&error.to_string())),
        }
    }
}

fn variables(scope: &Scope<'_>) -> Variables<'static, 'static> {
    let (customer, conversation) = (&scope.context.customer, &scope.context.conversation);
    let zone = scope.settings.timezone.as_str();
    let at = |moment: Timestamp| timestamp(moment, zone);
    let mut all = Variables::default();
    let mut set = |name: &str, value: Value| all.add_variable_from_value(name, value);
    set(
        "message",
        map([("text", text(scope.text)), ("channel", text(scope.channel.as_str())), ("length", number(scope.text.chars().count()))]),
    );
    set("signals", signals(scope.signals));
    set(
        "customer",
        map([
            ("id", text(&customer.id.to_string())),
            ("name", text(customer.name().unwrap_or_default())),
            ("language", text(customer.fact(Predicate::Language).map(|fact| fact.value.as_str()).unwrap_or_default())),
            ("identifiers", list(customer.identifiers.iter().map(|identifier| text(identifier.kind.as_str())))),
            ("since", at(customer.created_at)),
            ("attributes", value(&Json::Object(customer.attributes.clone()))),
        ]),
    );
    let said = scope.context.history.iter().filter(|message| message.direction == Direction::In).count();
    set(
        "conversation",
        map([
            ("status", text(conversation.status.as_str())),
            ("channel", text(conversation.channel.as_str())),
            ("channels", list(conversation.channels.iter().map(|channel| text(channel.as_str())))),
            ("messages", number(said)),
            ("since", at(conversation.created_at)),
        ]),
    );
    set("facts", facts(scope.context));
    let order = customer.events.iter().rev().find(|event| event.kind.starts_with("order."));
    set("order", order.map_or_else(|| map([]), |event| value(&event.data)));
    set("lead", map([("score", Value::Int(i64::from(customer.lead.score))), ("stage", text(&customer.lead.stage))]));
    set("now", at(scope.now));
    all
}

fn signals(signals: &Signals) -> Value {
    let acts = serde_json::to_value(&signals.acts).unwrap_or_default();
    map([
        ("language", text(signals.language.as_ref().map(|language| language.code.as_str()).unwrap_or_default())),
        ("intent", text(signals.intent.as_ref().map(|intent| intent.name.as_str()).unwrap_or_default())),
        ("acts", value(&acts)),
        ("sentiment", Value::Float(f64::from(signals.sentiment))),
        ("urgency", Value::Float(f64::from(signals.urgency))),
        ("questions", number(signals.questions.len())),
        ("alarms", list(signals.alarms.iter().map(|alarm| text(&alarm.rule)))),
        ("competitors", list(signals.learned.iter().filter(|fact| fact.predicate == Predicate::Competitor).map(|fact| text(&fact.value)))),
    ])
}

/// A budget is `{value, min, max, currency}` in whole units, other single facts are their text (figures where they are figures), the rest lists.
fn facts(context: &Context) -> Value {
    let mut known: Vec<(&str, Value)> = Vec::new();
    for fact in context.customer.facts.iter() {
        if known.iter().any(|(name, _)| *name == fact.predicate.as_str()) {
            continue;
        }
        let in_force: Vec<_> = context.customer.facts_of(fact.predicate).collect();
        let Some(newest) = in_force.last() else { continue };
        let told = match fact.predicate {
            Predicate::Budget => {
                let bound =
                    |name: &str| newest.data.get(name).and_then(Json::as_f64).map_or(Value::Null, |minor| Value::Float(minor / 100.0));
                let currency = newest.data.get("currency").and_then(Json::as_str).unwrap_or_default();
                map([("value", text(&newest.value)), ("min", bound("min")), ("max", bound("max")), ("currency", text(currency))])
            }
            single if SINGLE.contains(&single) => newest.value.parse().map_or_else(|_| text(&newest.value), Value::Int),
            _ => list(in_force.iter().map(|fact| text(&fact.value))),
        };
        known.push((fact.predicate.as_str(), told));
    }
    map(known)
}

/// An empty scope, by which a figure or a text is told from a condition when it is configured.
fn specimen() -> Variables<'static, 'static> {
    let mut all = Variables::default();
    for name in VARIABLES {
        all.add_variable_from_value(name, map([]));
    }
    all
}

/// Is the name bound by a macro of the expression itself: `xs.exists(x, …)`?
fn is_bound(source: &str, name: &str) -> bool {
    source.match_indices('(').any(|(at, _)| {
        let inside = source[at + 1..].trim_start();
        inside.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with(','))
    })
}

fn one_line(text: &str) -> String {
    text.lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or("cannot be read")
        .trim_start_matches("ERROR: ")
        .trim_start_matches("<input>:")
        .to_owned()
}

fn text(text: &str) -> Value {
    Value::String(Arc::new(text.to_owned()))
}

fn number(count: usize) -> Value {
    Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

fn list(items: impl Iterator<Item = Value>) -> Value {
    Value::List(Arc::new(items.collect()))
}

fn map<'a>(entries: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let entries: HashMap<Key, Value> = entries.into_iter().map(|(name, value)| (Key::from(name), value)).collect();
    Value::Map(Map { map: Arc::new(entries) })
}

fn timestamp(at: Timestamp, zone: &str) -> Value {
    let zoned = at.in_zone(zone);
    let offset = chrono::FixedOffset::east_opt(zoned.offset().seconds())
        .unwrap_or_else(|| chrono::FixedOffset::east_opt(0).expect("zero is an offset"));
    chrono::DateTime::from_timestamp_micros(at.as_micros()).map_or(Value::Null, |moment| Value::Timestamp(moment.with_timezone(&offset)))
}

/// Whole figures stay whole, whatever their sign.
fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(figure) => figure.as_i64().map_or_else(|| Value::Float(figure.as_f64().unwrap_or_default()), Value::Int),
        Json::String(words) => text(words),
        Json::Array(items) => list(items.iter().map(value)),
        Json::Object(fields) => map(fields.iter().map(|(name, field)| (name.as_str(), value(field)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_that_could_never_decide_is_refused_with_its_reason() {
        let refused = |source: &str, reason: &str| {
            let error = Expression::parse(source).expect_err(source).to_string();
            assert!(error.contains(reason), "{source}: {error}");
        };
        refused("customer.attributes.tier == ", "Syntax error");
        refused("client.tier == 'gold'", "speaks of \"client\"");
        refused("'gold'", "gives string");
        refused("1 + 1", "gives int");
    }

    #[test]
    fn names_bound_by_a_macro_are_known() {
        Expression::parse("signals.acts.exists(act, act == 'thanks')").expect("the macro binds its name");
        Expression::parse("has(customer.attributes.tier) && lead.score > 60").expect("has is a macro");
    }
}
