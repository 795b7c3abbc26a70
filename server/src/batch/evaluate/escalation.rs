//! Dialogues and the rules that should have fired by their end.

use engine::reasoning::builtin::{sense, understand};
use engine::rendering::phrases::admits_not_knowing;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Task;
use super::business::{Business, Businesses};
use super::rates::Report;

/// The rule that looks at several turns.
const UNRESOLVED: &str = "three-unresolved-turns";

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    id: String,
    #[serde(default)]
    business: Option<String>,
    #[serde(default)]
    lang: String,
    turns: Vec<Turn>,
    #[serde(default)]
    fires: Vec<String>,
    #[serde(default)]
    kind: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Turn {
    role: String,
    text: String,
}

pub(super) fn evaluate(rows: &[Row], businesses: &mut Businesses) -> anyhow::Result<(Report, Vec<Value>)> {
    let mut report = Report::new(Task::Escalation);
    let mut predictions = Vec::with_capacity(rows.len());
    for row in rows {
        let fired = fired(businesses.of(row.business.as_deref())?, &row.turns);
        for rule in &fired {
            if row.fires.contains(rule) {
                report.name(rule).found += 1;
            } else {
                report.name(rule).false_alarm += 1;
            }
        }
        for rule in row.fires.iter().filter(|rule| !fired.contains(rule)) {
            report.name(rule).missed += 1;
        }
        let mut groups = vec![format!("lang:{}", row.lang), if row.fires.is_empty() { "quiet".to_owned() } else { "fires".to_owned() }];
        groups.extend(row.kind.as_ref().map(|kind| format!("quiet:{kind}")));
        let exact = fired.len() == row.fires.len() && fired.iter().all(|rule| row.fires.contains(rule));
        if exact {
            report.row(&groups, |rates| rates.right += 1);
        } else {
            report.row(&groups, |rates| rates.wrong += 1);
            let last = row.turns.last().map_or("", |turn| turn.text.as_str());
            report.fault(&row.id, format!("wanted {:?}, fired {fired:?}: {last}", row.fires));
        }
        predictions.push(json!({"id": row.id, "fired": fired}));
    }
    Ok((report, predictions))
}

/// Rules fired by any of the customer's turns, each once, read as the analyst reads a turn.
fn fired(business: &Business, turns: &[Turn]) -> Vec<String> {
    let settings = &business.settings;
    let mut language = settings.locale.clone();
    let mut fired: Vec<String> = Vec::new();
    let mut earlier: Vec<String> = Vec::new();
    let mut last_ours: Option<&str> = None;
    let mut dialogue: Vec<sense::DialogueTurn<'_>> = Vec::new();
    for turn in turns {
        if turn.role == "agent" {
            last_ours = Some(&turn.text);
            dialogue.push(sense::DialogueTurn { role: sense::Role::Ours, text: &turn.text, was_unknown: admits_not_knowing(&turn.text) });
            continue;
        }
        if let Some(found) = understand::language_of(&turn.text, Some(&language)).filter(|found| found.confidence >= 0.6) {
            language = found.code;
        }
        let sensed = sense::sense(
            &turn.text,
            &sense::Sensing {
                language: &language,
                competitors: &settings.competitors,
                teammates: &settings.teammates,
                refund_limit: settings.refund_limit,
                currency: &settings.currency,
                last_ours,
                earlier_customer: &earlier,
                products: &business.catalogue,
            },
        );
        dialogue.push(sense::DialogueTurn { role: sense::Role::Customer, text: &turn.text, was_unknown: false });
        let unresolved = sense::unresolved(&dialogue, &language).map(|_| UNRESOLVED.to_owned());
        for rule in sensed.alarms.into_iter().map(|alarm| alarm.rule).chain(unresolved) {
            if !fired.contains(&rule) {
                fired.push(rule);
            }
        }
        earlier.push(turn.text.clone());
    }
    fired
}
