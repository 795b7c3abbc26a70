//! `GET /analytics`: reports by name, their figures over days, and the conversations behind each figure.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use axum::extract::{Path, State};
use domain::WorkspaceId;
use domain::ports::Days;
use engine::analytics::reports::{self, Behind, Definition, Figure, REPORTS, Row, Table};
use jiff::civil::Date;
use jiff::{ToSpan, Unit};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::answer::{Answer, Asked, limit, ok, time};
use super::views;
use crate::app::{App, Shared};
use crate::auth::caller::Caller;
use crate::problem::Problem;

/// Days of a report when nothing is asked for, this one within.
const USUAL: i64 = 30;
/// Longest stretch.
const LONGEST: i64 = 3_660;
/// A report waits so long for customers to be counted; it says when others are still waiting.
const PATIENCE: Duration = Duration::from_secs(3);
/// Questions without an answer that a report names.
const MOST_QUESTIONS: usize = 50;

/// Which days.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    from: Option<String>,
    to: Option<String>,
}

/// Which conversations.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BehindQuery {
    from: Option<String>,
    to: Option<String>,
    measure: Option<String>,
    a: Option<String>,
    b: Option<String>,
    cursor: Option<String>,
    limit: Option<String>,
}

/// The reports that there are.
pub async fn list(State(_app): State<App>, _caller: Caller) -> Answer {
    let items: Vec<Value> = REPORTS
        .iter()
        .map(|report| json!({ "report": report.name, "about": report.about, "url": format!("/api/v1/analytics/{}", report.name) }))
        .collect();
    ok(&json!({ "items": items, "next": null }))
}

fn find(name: &str) -> Result<&'static Definition, Problem> {
    reports::named(name).ok_or_else(|| {
        let known: Vec<&str> = REPORTS.iter().map(|report| report.name).collect();
        Problem { detail: format!("There is no report {name:?}; there are {}.", known.join(", ")), ..Problem::not_found() }
    })
}

fn epoch() -> Date {
    Date::constant(1970, 1, 1)
}

fn number_of(date: Date) -> i64 {
    epoch().until((Unit::Day, date)).map_or(0, |span| i64::from(span.get_days()))
}

fn date_of(day: i64) -> String {
    epoch().checked_add(day.days()).map(|date| date.to_string()).unwrap_or_default()
}

/// A day of the business: a date, or the day of a moment.
fn day(app: &Shared, workspace: &WorkspaceId, written: &str, field: &str) -> Result<i64, Problem> {
    if let Ok(date) = written.parse::<Date>()
        && written.len() == 10
    {
        return Ok(number_of(date));
    }
    time(written, field)
        .map(|at| app.engine().day(workspace, at))
        .map_err(|_| Problem::bad_request(format!("{field} must be a date such as 2026-11-30, or an RFC 3339 time.")))
}

fn days(app: &Shared, workspace: &WorkspaceId, from: Option<&str>, to: Option<&str>) -> Result<Days, Problem> {
    let to = match to {
        Some(written) => day(app, workspace, written, "to")?,
        None => app.engine().day(workspace, app.now()),
    };
    let from = match from {
        Some(written) => day(app, workspace, written, "from")?,
        None => to - USUAL + 1,
    };
    if from > to {
        return Err(Problem::unprocessable("no_days", "from is later than to."));
    }
    if to - from >= LONGEST {
        return Err(Problem::unprocessable("too_long", "from and to are more than ten years apart."));
    }
    Ok(Days { from, to })
}

/// Everybody who changed is counted before a report speaks, as far as that does not take long. Is that so?
async fn catch_up(app: &Shared, workspace: &WorkspaceId) -> Result<bool, Problem> {
    let began = Instant::now();
    while app.engine().count_anew(workspace).await? > 0 {
        if began.elapsed() > PATIENCE {
            return Ok(false);
        }
    }
    Ok(true)
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

fn link(report: &str, behind: &Behind, days: Days) -> String {
    let mut url =
        format!("/api/v1/analytics/{report}/conversations?measure={}&from={}&to={}", behind.measure, date_of(days.from), date_of(days.to));
    for (name, kind) in [("a", &behind.a), ("b", &behind.b)] {
        if let Some(kind) = kind {
            url += &format!("&{name}={}", encoded(kind));
        }
    }
    url
}

fn figure(report: &str, figure: &Figure, days: Days) -> Value {
    json!({
        "figure": figure.figure,
        "about": figure.about,
        "unit": figure.unit,
        "value": figure.value,
        "count": figure.count,
        "of": figure.of,
        "before": figure.before,
        "days": figure.days.iter().map(|(day, count)| json!({ "day": date_of(*day), "count": count })).collect::<Vec<_>>(),
        "conversations": link(report, &figure.behind, days),
    })
}

fn row(report: &str, row: &Row, days: Days) -> Value {
    let mut fields = Map::new();
    for (name, kind) in &row.kinds {
        fields.insert((*name).to_owned(), json!(kind));
    }
    for (name, value) in &row.figures {
        fields.insert((*name).to_owned(), json!(value));
    }
    fields.insert("conversations".to_owned(), json!(link(report, &row.behind, days)));
    Value::Object(fields)
}

fn table(report: &str, table: &Table, days: Days) -> Value {
    json!({ "table": table.table, "rows": table.rows.iter().map(|one| row(report, one, days)).collect::<Vec<_>>() })
}

/// A report.
pub async fn show(State(app): State<App>, caller: Caller, Path(name): Path<String>, Asked(query): Asked<Query>) -> Answer {
    let definition = find(&name)?;
    let workspace = &caller.workspace;
    let days = days(&app, workspace, query.from.as_deref(), query.to.as_deref())?;
    let is_complete = catch_up(&app, workspace).await?;
    let report = app.engine().report(workspace, definition, days).await?;
    let settings = app.workspace(workspace);
    let mut answer = json!({
        "report": definition.name,
        "about": definition.about,
        "from": date_of(days.from),
        "to": date_of(days.to),
        "as_of": app.now(),
        "complete": is_complete,
        "currency": settings.as_ref().map(|settings| settings.currency.clone()),
        "figures": report.figures.iter().map(|one| figure(definition.name, one, days)).collect::<Vec<_>>(),
        "tables": report.tables.iter().map(|one| table(definition.name, one, days)).collect::<Vec<_>>(),
    });
    if definition.name == "gaps" {
        let gaps = app.store().gaps(workspace, MOST_QUESTIONS).await?;
        let asked = gaps.iter().filter(|gap| (days.from..=days.to).contains(&app.engine().day(workspace, gap.last_at)));
        answer["questions"] = asked
            .map(|gap| json!({ "question": gap.question, "times": gap.times, "last_at": gap.last_at, "conversation": gap.conversation }))
            .collect();
    }
    ok(&answer)
}

/// The conversations behind a figure, the latest day first.
pub async fn behind(State(app): State<App>, caller: Caller, Path(name): Path<String>, Asked(query): Asked<BehindQuery>) -> Answer {
    let definition = find(&name)?;
    let workspace = &caller.workspace;
    let days = days(&app, workspace, query.from.as_deref(), query.to.as_deref())?;
    let measure =
        match &query.measure {
            None => definition.measures[0],
            Some(wanted) => definition.measures.iter().copied().find(|known| known == wanted).ok_or_else(|| {
                Problem::bad_request(format!("measure must be one of this report's: {}.", definition.measures.join(", ")))
            })?,
        };
    let size = limit(query.limit.as_deref())?;
    catch_up(&app, workspace).await?;
    let wanted = Behind { measure, a: query.a, b: query.b };
    let page = app.engine().behind(workspace, &wanted, days, query.cursor.as_deref(), size).await?;
    let teammates = app.store().teammates(workspace).await?;
    let settings = app.workspace(workspace);
    // The last mark of each conversation stands for it.
    let mut seen = BTreeSet::new();
    let mut items = Vec::new();
    for marked in &page.items {
        if !seen.insert(marked.conversation) {
            continue;
        }
        let Some(conversation) = app.store().conversation(workspace, marked.conversation).await? else { continue };
        let mut view = views::conversation(&conversation, &teammates, settings.as_deref());
        view["marked"] = json!({ "day": date_of(marked.day), "a": marked.a, "b": marked.b, "value": marked.value });
        items.push(view);
    }
    ok(&json!({ "items": items, "next": page.next }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_as_it_was_read() {
        for written in ["1970-01-01", "2026-11-30", "1969-12-31", "2024-02-29"] {
            assert_eq!(date_of(number_of(written.parse().expect("a date"))), written);
        }
    }

    #[test]
    fn what_stands_behind_a_figure_has_an_address() {
        let behind = Behind { measure: "handoff", a: None, b: Some("a & b".to_owned()) };
        let found = link("handoffs", &behind, Days { from: 0, to: 1 });
        assert_eq!(found, "/api/v1/analytics/handoffs/conversations?measure=handoff&from=1970-01-01&to=1970-01-02&b=a%20%26%20b");
    }
}
