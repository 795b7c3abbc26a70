//! May a tool be used as a model proposes? Name, arguments, level and approval are decided here, and nothing a model writes adds to
//! what was loaded for this person.

use domain::action::{Action, ActionStatus, Deed};
use domain::customer::Customer;
use domain::identifier::{IdentifierKind, Trust};
use domain::ports::{Approval, Needed, Own, ToolSpec, Tools};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::identity::level::Level;

/// No argument is longer.
const LONGEST: usize = 500;

/// A use of a tool as a model proposes it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct Proposed {
    /// The tool's name.
    pub tool: String,
    /// Its arguments: an object, or the text of one.
    pub arguments: Value,
}

/// A use of a tool that code has checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The tool's name.
    pub tool: String,
    /// What it does.
    pub about: String,
    /// Every argument, those of the person's own record among them.
    pub arguments: Value,
}

impl Use {
    /// The same as something done on the customer's behalf.
    pub fn deed(self) -> Deed {
        Deed::Call { name: self.tool, about: self.about, arguments: self.arguments }
    }
}

/// What becomes of a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It only looks up: now.
    LookUp(Use),
    /// The customer is asked, in our words.
    AskCustomer(Use),
    /// A teammate has to approve it.
    AskTeammate(Use),
    /// Who they are has to be proven first.
    NeedsProof,
    /// It was asked for before.
    Already(Box<Action>),
    /// No, and why, without a word of the model's.
    No(&'static str),
}

/// What a proposal is held against.
pub struct Grounds<'a> {
    /// The tools.
    pub tools: &'a dyn Tools,
    /// Those that can be used now.
    pub specs: &'a [ToolSpec],
    /// The conversation's level.
    pub level: Level,
    /// The record as this conversation may know it.
    pub customer: &'a Customer,
    /// Everything that was said here and that the model was given.
    pub said: &'a str,
}

/// Does the conversation's level open it?
pub fn is_open(needs: Needed, level: Level) -> bool {
    level
        >= match needs {
            Needed::Anonymous => Level::Anonymous,
            Needed::Asserted => Level::Asserted,
            Needed::Proven => Level::Proven,
            Needed::Fresh => Level::Fresh,
        }
}

/// The arguments that a model is told of: those of the person's own record are none of its business.
pub fn shown(spec: &ToolSpec) -> Value {
    let mut arguments = spec.arguments.clone();
    let is_own = |name: &str| spec.own.iter().any(|(own, _)| own == name);
    if let Some(properties) = arguments["properties"].as_object_mut() {
        properties.retain(|name, _| !is_own(name));
    }
    if let Some(required) = arguments["required"].as_array_mut() {
        required.retain(|name| name.as_str().is_none_or(|name| !is_own(name)));
    }
    arguments
}

/// Decides.
pub fn judge(proposed: &Proposed, grounds: &Grounds<'_>) -> Verdict {
    let Some(spec) = grounds.specs.iter().find(|spec| spec.name == proposed.tool) else { return Verdict::No("no such tool") };
    if !is_open(spec.needs, grounds.level) {
        return Verdict::NeedsProof;
    }
    let Some(mut arguments) = read(&proposed.arguments) else { return Verdict::No("the arguments are no object") };
    arguments.retain(|name, value| !value.is_null() && !spec.own.iter().any(|(own, _)| own == name));
    if !arguments.values().all(|value| is_grounded(value, grounds.said)) {
        return Verdict::No("an argument stands nowhere in what was said");
    }
    for (name, own) in &spec.own {
        let Some(value) = of_record(grounds.customer, *own) else { return Verdict::No("their record lacks what the tool needs") };
        arguments.insert(name.clone(), Value::String(value));
    }
    let arguments = Value::Object(arguments);
    if grounds.tools.check(&spec.name, &arguments).is_err() {
        return Verdict::No("the arguments do not fit");
    }
    let wanted = Use { tool: spec.name.clone(), about: spec.about.clone(), arguments };
    match spec.approval {
        Approval::Nobody => Verdict::LookUp(wanted),
        Approval::Customer | Approval::Teammate => {
            let deed = wanted.clone().deed();
            let is_same = |action: &&Action| action.deed == deed && matches!(action.status, ActionStatus::Waiting | ActionStatus::Done);
            match grounds.customer.actions.iter().rev().find(is_same) {
                Some(before) => Verdict::Already(Box::new(before.clone())),
                None if spec.approval == Approval::Customer => Verdict::AskCustomer(wanted),
                None => Verdict::AskTeammate(wanted),
            }
        }
    }
}

fn read(arguments: &Value) -> Option<Map<String, Value>> {
    match arguments {
        Value::Object(fields) => Some(fields.clone()),
        Value::String(text) if text.trim().is_empty() => Some(Map::new()),
        Value::String(text) => serde_json::from_str(text).ok(),
        Value::Null => Some(Map::new()),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    }
}

/// Does every word and figure of it stand in what was said? A model carries nothing from elsewhere into another system.
fn is_grounded(value: &Value, said: &str) -> bool {
    let plain = |text: &str| text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    match value {
        Value::Null | Value::Bool(_) => true,
        Value::Number(number) => {
            let figure = number.to_string();
            said.split(|letter: char| !letter.is_ascii_digit() && letter != '.').any(|run| run == figure)
        }
        Value::String(text) => {
            let known: Vec<String> = said.split_whitespace().map(plain).collect();
            let whole = plain(said);
            let words: Vec<String> = text.split_whitespace().map(plain).filter(|word| !word.is_empty()).collect();
            let is_known = |word: &String| known.contains(word) || word.chars().count() >= 6 && whole.contains(word.as_str());
            text.chars().count() <= LONGEST && !words.is_empty() && words.iter().all(is_known)
        }
        Value::Array(items) => items.len() <= 20 && items.iter().all(|item| is_grounded(item, said)),
        Value::Object(fields) => fields.len() <= 20 && fields.values().all(|field| is_grounded(field, said)),
    }
}

/// The person's own value; what they only said is none.
fn of_record(customer: &Customer, own: Own) -> Option<String> {
    let kind = match own {
        Own::ExternalId => IdentifierKind::ExternalId,
        Own::Email => IdentifierKind::Email,
        Own::Phone => IdentifierKind::Phone,
    };
    let mut theirs = customer.identifiers.iter().filter(|known| known.kind == kind && known.trust > Trust::Claimed && !known.shared);
    let found = theirs.next()?.value.clone();
    // Two of them: which one is meant cannot be told.
    theirs.next().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use domain::ports::ToolError;
    use domain::{CustomerId, Timestamp};
    use serde_json::json;

    use super::*;

    /// Tools that take what their schema's properties name, and fail a test that reaches them.
    struct Shop(Vec<ToolSpec>);

    #[async_trait]
    impl Tools for Shop {
        async fn specs(&self) -> std::sync::Arc<[ToolSpec]> {
            self.0.clone().into()
        }

        fn check(&self, name: &str, arguments: &Value) -> Result<(), ToolError> {
            let refused = || ToolError::Refused("no".to_owned());
            let spec = self.0.iter().find(|spec| spec.name == name).ok_or_else(refused)?;
            let fields = arguments.as_object().ok_or_else(refused)?;
            let known = spec.arguments["properties"].as_object().ok_or_else(refused)?;
            let has_all = known.keys().all(|name| fields.contains_key(name));
            let is_text = fields.iter().all(|(name, value)| known.contains_key(name) && value.is_string());
            if has_all && is_text { Ok(()) } else { Err(refused()) }
        }

        async fn call(&self, name: &str, _: &Value, _: &str) -> Result<Value, ToolError> {
            panic!("{name} was used")
        }
    }

    fn spec(name: &str, needs: Needed, approval: Approval) -> ToolSpec {
        ToolSpec {
            name: name.to_owned(),
            about: "Something".to_owned(),
            arguments: json!({"type": "object", "properties": {"order": {"type": "string"}}, "required": ["order"]}),
            own: Vec::new(),
            needs,
            approval,
        }
    }

    fn shop() -> Shop {
        Shop(vec![
            spec("shop.track", Needed::Asserted, Approval::Nobody),
            spec("shop.pause", Needed::Asserted, Approval::Customer),
            spec("shop.cancel", Needed::Asserted, Approval::Teammate),
            spec("shop.secret", Needed::Proven, Approval::Nobody),
            spec("shop.bank", Needed::Fresh, Approval::Teammate),
        ])
    }

    const SAID: &str = "Please cancel order EC-1, I paid 42 euros";

    fn judged(tool: &str, arguments: Value, level: Level) -> Verdict {
        let customer = Customer::unknown(CustomerId::new(Timestamp::from_secs(1), 1), Timestamp::from_secs(1));
        let grounds = Grounds { tools: &shop(), specs: &shop().0, level, customer: &customer, said: SAID };
        judge(&Proposed { tool: tool.to_owned(), arguments }, &grounds)
    }

    #[test]
    fn who_has_to_say_yes_is_decided_by_the_tool_and_never_by_the_model() {
        let order = || json!({"order": "EC-1"});
        assert!(matches!(judged("shop.track", order(), Level::Asserted), Verdict::LookUp(_)));
        assert!(matches!(judged("shop.pause", order(), Level::Proven), Verdict::AskCustomer(_)));
        assert!(matches!(judged("shop.cancel", order(), Level::Proven), Verdict::AskTeammate(_)));
        assert!(matches!(judged("shop.cancel", json!("{\"order\": \"ec 1\"}"), Level::Proven), Verdict::No(_) | Verdict::AskTeammate(_)));
        assert_eq!(judged("shop.track", order(), Level::Claimed), Verdict::NeedsProof);
        assert_eq!(judged("shop.secret", order(), Level::Asserted), Verdict::NeedsProof);
        assert_eq!(judged("shop.bank", order(), Level::Proven), Verdict::NeedsProof);
        assert!(matches!(judged("shop.bank", order(), Level::Fresh), Verdict::AskTeammate(_)));
    }

    #[test]
    fn what_was_not_said_reaches_no_tool() {
        for arguments in [
            json!({"order": "CANARY-7Q4X9"}),
            json!({"order": "EC-2"}),
            json!({"order": "EC-1", "approval": "nobody"}),
            json!({"order": ["EC-1", "CANARY"]}),
            json!({"order": ""}),
            json!({"order": "x".repeat(600)}),
            json!({}),
            json!([]),
            json!("not json"),
            json!(7),
        ] {
            assert!(matches!(judged("shop.track", arguments.clone(), Level::Proven), Verdict::No(_)), "{arguments}");
        }
        assert_eq!(judged("shop.refund", json!({"order": "EC-1"}), Level::Proven), Verdict::No("no such tool"));
    }

    #[test]
    fn whose_record_it_is_comes_from_the_conversation_and_not_from_the_model() {
        let mut own = spec("shop.mine", Needed::Asserted, Approval::Nobody);
        own.own = vec![("order".to_owned(), Own::ExternalId)];
        assert_eq!(shown(&own)["properties"], json!({}));
        let customer = Customer::unknown(CustomerId::new(Timestamp::from_secs(1), 1), Timestamp::from_secs(1));
        let tools = Shop(vec![own]);
        let grounds = Grounds { tools: &tools, specs: &tools.0, level: Level::Proven, customer: &customer, said: SAID };
        let proposed = Proposed { tool: "shop.mine".to_owned(), arguments: json!({"order": "EC-1"}) };
        assert_eq!(judge(&proposed, &grounds), Verdict::No("their record lacks what the tool needs"));
    }

    #[test]
    fn ten_thousand_proposals_of_a_hostile_model_reach_nothing_out_of_scope() {
        let pieces = [
            "shop.track",
            "shop.cancel",
            "shop.secret",
            "shop.refund",
            "../admin",
            "EC-1",
            "EC-9",
            "CANARY-7Q4X9",
            "order",
            "42",
            "approve",
            "",
        ];
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 40).unwrap_or(0)
        };
        let mut seen = 0;
        for _ in 0..10_000 {
            let (tool, key, value) = (pieces[next() % 5], pieces[next() % pieces.len()], pieces[next() % pieces.len()]);
            let key = if next() % 2 == 0 { "order" } else { key };
            let mut arguments = json!({key: value});
            if next() % 3 == 0 {
                arguments["note"] = json!(pieces[next() % pieces.len()]);
            }
            if next() % 5 == 0 {
                arguments = json!(arguments.to_string());
            }
            let level = [Level::Anonymous, Level::Claimed, Level::Asserted, Level::Proven][next() % 4];
            match judged(tool, arguments, level) {
                Verdict::LookUp(wanted) | Verdict::AskCustomer(wanted) | Verdict::AskTeammate(wanted) => {
                    seen += 1;
                    assert!(level >= Level::Asserted, "{wanted:?}");
                    assert!(wanted.tool != "shop.secret" || level == Level::Proven, "{wanted:?}");
                    let text = wanted.arguments.to_string();
                    assert!(!text.contains("CANARY") && !text.contains("EC-9"), "{text}");
                    assert_eq!(wanted.arguments.as_object().map(Map::len), Some(1), "{text}");
                }
                Verdict::NeedsProof | Verdict::No(_) | Verdict::Already(_) => {}
            }
        }
        assert!(seen > 100, "what is in scope goes on: {seen}");
    }
}
