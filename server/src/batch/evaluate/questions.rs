//! Questions a customer asks, answered from the business's sources.

use domain::knowledge::Question;
use domain::ports::Knowledge;
use engine::reasoning::builtin::{answer, understand};
use engine::rendering::phrases::Phrases;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Task;
use super::business::{Business, Businesses};
use super::rates::Report;
use super::text::{LONGEST, Plain, abstains};

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    id: String,
    #[serde(default)]
    business: Option<String>,
    #[serde(default)]
    lang: String,
    text: String,
    #[serde(default)]
    history: Vec<Turn>,
    #[serde(default = "yes")]
    answerable: bool,
    #[serde(default)]
    must_contain: Vec<Vec<String>>,
    #[serde(default)]
    must_not_contain: Vec<String>,
    #[serde(default)]
    may_answer: Vec<String>,
    #[serde(default)]
    why: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Turn {
    #[serde(default)]
    role: String,
    #[serde(default)]
    text: String,
}

fn yes() -> bool {
    true
}

enum Outcome {
    Right,
    Wrong(String),
    Abstained,
}

pub(super) fn evaluate(rows: &[Row], businesses: &mut Businesses) -> anyhow::Result<(Report, Vec<Value>)> {
    let mut report = Report::new(Task::Questions);
    let mut predictions = Vec::with_capacity(rows.len());
    for row in rows {
        let business = businesses.of(row.business.as_deref())?;
        let (said, sure) = ask(business, row).map_or((None, 0.0), |(said, sure)| (Some(said), sure));
        let mut groups =
            vec![format!("lang:{}", row.lang), if row.answerable { "answerable".to_owned() } else { "unanswerable".to_owned() }];
        groups.extend(row.business.as_ref().map(|name| format!("business:{name}")));
        groups.extend(row.why.as_ref().map(|why| format!("unanswerable:{why}")));
        match judge(row, said.as_deref().unwrap_or_default()) {
            Outcome::Right => report.row(&groups, |rates| rates.right += 1),
            Outcome::Abstained => {
                report.row(&groups, |rates| rates.abstained += 1);
                report.fault(&row.id, format!("abstained: {}", row.text));
            }
            Outcome::Wrong(why) => {
                report.row(&groups, |rates| rates.wrong += 1);
                report.fault(&row.id, format!("{why}: {} → {}", row.text, said.as_deref().unwrap_or("nothing")));
            }
        }
        predictions.push(json!({"id": row.id, "answer": said, "confidence": sure}));
    }
    Ok((report, predictions))
}

/// What the answerer finds: the question as it was asked, with what the customer said before.
fn ask(business: &Business, row: &Row) -> Option<(String, f32)> {
    let locale = &business.settings.locale;
    let language = understand::language_of(&row.text, Some(locale)).map_or_else(|| locale.clone(), |found| found.code);
    let before = row.history.iter().filter(|turn| turn.role != "agent").map(|turn| turn.text.clone()).collect();
    let question = Question { text: row.text.clone(), before, language, topics: Vec::new() };
    let search = |question: &Question, limit: usize| business.sources.search(&business.settings.id, question, limit);
    let words = Phrases::new(&question.language);
    let mut said: Vec<String> = Vec::new();
    let mut sure = 1.0_f32;
    for (_, found) in answer::find_all(&question, &search, &business.catalogue) {
        match found {
            answer::Found::Answer(found) => {
                sure = sure.min(found.confidence);
                said.extend(found.text);
            }
            answer::Found::Nearest(near) => {
                sure = 0.0;
                let near = near.text.map(|what| words.with("answer.near", &[("what", &what)]));
                said.push(words.say("answer.unknown"));
                said.extend(near);
            }
            answer::Found::Unclear | answer::Found::Nothing => {}
        }
    }
    (!said.is_empty()).then(|| (said.join(" "), sure))
}

fn judge(row: &Row, said: &str) -> Outcome {
    let plain = Plain::of(said);
    let forbidden: Vec<&str> = row.must_not_contain.iter().filter(|text| plain.says(text)).map(String::as_str).collect();
    if !row.answerable {
        let fine = abstains(said) || row.may_answer.iter().any(|text| plain.says(text));
        return if fine && forbidden.is_empty() { Outcome::Right } else { Outcome::Wrong("should not be answered".to_owned()) };
    }
    if said.trim().is_empty() {
        return Outcome::Abstained;
    }
    let missing: Vec<&Vec<String>> = row.must_contain.iter().filter(|group| !group.iter().any(|text| plain.says(text))).collect();
    if !missing.is_empty() && abstains(said) {
        return Outcome::Abstained;
    }
    if missing.is_empty() && forbidden.is_empty() && said.chars().count() <= LONGEST {
        return Outcome::Right;
    }
    Outcome::Wrong(format!("missing {missing:?} forbidden {forbidden:?}"))
}
