//! The reports: which sums each reads, and the figures and tables it makes of them.

mod sums;
mod tables;

use std::collections::BTreeMap;

use domain::Timestamp;
use domain::analytics::Marked;
use domain::id::WorkspaceId;
use domain::ports::{Counted, Days, Page, Stored};
use serde::Serialize;

use self::sums::Sums;
use crate::Engine;

/// Every measure that is counted: what `a` and `b` of its marks say, and its value.
pub const MEASURES: &[(&str, &str)] = &[
    ("answer", "door; bucket of milliseconds until the first answer that helps"),
    ("bought", "first door; last door; what was paid, in minor units"),
    ("closed", "door; who dealt with a resolved conversation"),
    ("context", "door; level of proof of a turn"),
    ("cost", "model; door; millionths of what a call cost"),
    ("durable", "door; how resolved: nobody came back within a week"),
    ("handoff", "door; rule"),
    ("handoff.complete", "door; rule: every field of the brief says something"),
    ("handoff.solved", "door; rule"),
    ("handoff.taken", "door; bucket of milliseconds until a person wrote"),
    ("left", "reason; door: said what they need, went away and did not buy"),
    ("met", "door of the first message ever"),
    ("mood", "door; how the customer sounded last; in thousandths"),
    ("proof", "door; proof of the customer"),
    ("question", "intent; stage; 1 when nothing answers it"),
    ("rated", "door; stars, as the customer gave them"),
    ("repeat", "door; asked or repeated; how many times"),
    ("resolved", "door; confirmed or assumed"),
    ("returned", "door; how resolved: they came back within a week"),
    ("rule", "rule; door"),
    ("said", "door; author; messages of a day"),
    ("sla", "target of the team; first_reply or resolution, kept or missed"),
    ("stage", "door; stage reached"),
    ("stalled", "door; reason; score"),
    ("switch", "from door; to door; seconds between"),
    ("switch.kept", "the same, nothing asked or said again"),
    ("talk", "first door; one or many doors; messages of the customer"),
    ("talk.bought", "the same: a purchase within thirty days"),
    ("tokens", "model; door; tokens"),
    ("touch", "door; share of a purchase in millionths"),
    ("touch.money", "door; share of what was paid"),
    ("touches", "touchpoints before a purchase; one or many doors; how many"),
    ("turn", "door; engine; milliseconds"),
    ("unanswered", "door: waits for us for more than a day"),
    ("unknown", "door; intent: nothing answers it"),
    ("won_back", "door on which they came back; what was paid"),
];

/// A report that can be asked for.
pub struct Definition {
    /// Its name in the address.
    pub name: &'static str,
    /// What it tells, in a sentence.
    pub about: &'static str,
    /// What it reads.
    pub measures: &'static [&'static str],
    make: fn(&Sums, &mut Report),
}

/// All of them.
pub const REPORTS: &[Definition] = &[
    Definition {
        name: "overview",
        about: "The figures that matter most, each with the conversations behind it.",
        measures: &[
            "talk",
            "met",
            "switch",
            "switch.kept",
            "repeat",
            "answer",
            "handoff",
            "handoff.complete",
            "durable",
            "returned",
            "bought",
            "unanswered",
        ],
        make: tables::overview,
    },
    Definition {
        name: "channels",
        about: "What each door carries and what comes of it; doors that talk but do not sell.",
        measures: &["talk", "talk.bought", "said", "handoff", "resolved", "mood", "answer"],
        make: tables::channels,
    },
    Definition {
        name: "journeys",
        about: "How far conversations come on each door, and how many touches a purchase takes.",
        measures: &["met", "stage", "touches", "bought"],
        make: tables::journeys,
    },
    Definition {
        name: "switches",
        about: "From which door to which customers go, and whether they are picked up where they were.",
        measures: &["switch", "switch.kept"],
        make: tables::switches,
    },
    Definition {
        name: "attribution",
        about: "What purchases are credited to: the first door, the last, all alike; and the lift of ways over several doors.",
        measures: &["bought", "touch", "touch.money", "talk", "talk.bought"],
        make: tables::attribution,
    },
    Definition {
        name: "responses",
        about: "How long the first answer that helps takes, who waits for one, and which leads have stalled.",
        measures: &["talk", "answer", "unanswered", "stalled"],
        make: tables::responses,
    },
    Definition {
        name: "repeats",
        about: "Customers who were asked something known, or had to say it again.",
        measures: &["talk", "repeat"],
        make: tables::repeats,
    },
    Definition {
        name: "resolution",
        about: "Resolved because the customer said so, or assumed; and for good, when nobody came back within a week.",
        measures: &["talk", "resolved", "durable", "returned", "closed", "mood", "rated"],
        make: tables::resolution,
    },
    Definition {
        name: "handoffs",
        about: "What went to a person: with a complete brief, how fast it was taken, and whether it was solved.",
        measures: &["talk", "handoff", "handoff.complete", "handoff.taken", "handoff.solved"],
        make: tables::handoffs,
    },
    Definition {
        name: "leads",
        about: "Leads that stalled, why people who wanted something left, and those who were won back.",
        measures: &["stalled", "left", "won_back"],
        make: tables::leads,
    },
    Definition {
        name: "gaps",
        about: "Recurring questions by how far the lead was, and those that no source answers.",
        measures: &["question", "unknown"],
        make: tables::gaps,
    },
    Definition { name: "sla", about: "Whether the team kept its own targets, by target.", measures: &["sla"], make: tables::sla },
    Definition { name: "rules", about: "How often each rule fired, and on which door.", measures: &["rule"], make: tables::rules },
    Definition {
        name: "recognition",
        about: "How many of those who write are known, and how many turns had the full context open.",
        measures: &["proof", "context"],
        make: tables::recognition,
    },
    Definition {
        name: "cost",
        about: "What the models cost, per model and per conversation.",
        measures: &["cost", "tokens", "turn", "talk"],
        make: tables::cost,
    },
];

/// The report of a name.
pub fn named(name: &str) -> Option<&'static Definition> {
    REPORTS.iter().find(|report| report.name == name)
}

/// How a figure is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Whole things.
    Count,
    /// Of a whole, 0 to 1.
    Share,
    /// Seconds.
    Seconds,
    /// In the business's currency.
    Money,
    /// A plain number.
    Number,
    /// From -1 to 1.
    Mood,
}

/// The marks behind a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    /// Of what.
    pub measure: &'static str,
    /// Of this kind only.
    pub a: Option<String>,
    /// Of this other kind only.
    pub b: Option<String>,
}

impl Behind {
    /// All of a measure.
    pub fn all(measure: &'static str) -> Self {
        Self { measure, a: None, b: None }
    }

    fn which(&self, days: Days) -> Counted<'_> {
        Counted { measure: self.measure, a: self.a.as_deref(), b: self.b.as_deref(), days }
    }
}

/// One number.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Its name.
    pub figure: &'static str,
    /// What it says, in a sentence.
    pub about: &'static str,
    /// How it is written.
    pub unit: Unit,
    /// Nothing: there is nothing yet that could be counted.
    pub value: Option<f64>,
    /// How many marks are behind it.
    pub count: i64,
    /// Of how many.
    pub of: Option<i64>,
    /// The same in the stretch of days before.
    pub before: Option<f64>,
    /// Where its conversations are.
    pub behind: Behind,
    /// Marks by day, for days that have some.
    pub days: BTreeMap<i64, i64>,
    /// It counts customers instead of marks.
    pub(crate) is_customers: bool,
}

/// A row of a table: what it is about, figures by name, and what is behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What it is about, by the names of the table's kinds.
    pub kinds: Vec<(&'static str, String)>,
    /// Figures.
    pub figures: Vec<(&'static str, Option<f64>)>,
    /// Where its conversations are.
    pub behind: Behind,
}

/// A table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Its name.
    pub table: &'static str,
    /// Its rows, the largest first.
    pub rows: Vec<Row>,
}

/// What a report says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Report {
    /// Figures.
    pub figures: Vec<Figure>,
    /// Tables.
    pub tables: Vec<Table>,
}

/// Longest stretch that is also told day by day.
const BY_DAY: i64 = 400;

impl Engine {
    /// A report over days, beside the same stretch before.
    pub async fn report(&self, workspace: &WorkspaceId, definition: &Definition, days: Days) -> Stored<Report> {
        let length = days.to - days.from + 1;
        let earlier = Days { from: days.from - length, to: days.from - 1 };
        let (now, mut then) = (self.store.tallies(workspace, definition.measures, days, length <= BY_DAY).await?, Report::default());
        let before = self.store.tallies(workspace, definition.measures, earlier, false).await?;
        let sums = Sums::of(&now);
        let mut report = Report::default();
        (definition.make)(&sums, &mut report);
        (definition.make)(&Sums::of(&before), &mut then);
        let has_before = !before.is_empty();
        for figure in &mut report.figures {
            let mut same = then.figures.iter().find(|known| known.figure == figure.figure).and_then(|known| known.value);
            if figure.is_customers {
                figure.count = self.store.customers_behind(workspace, figure.behind.which(days)).await?;
                #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
                let value = figure.count as f64;
                figure.value = Some(value);
                #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
                let value = self.store.customers_behind(workspace, figure.behind.which(earlier)).await? as f64;
                same = Some(value);
            }
            figure.before = same.filter(|_| has_before);
            figure.days = sums.days(&figure.behind);
        }
        Ok(report)
    }

    /// The marks behind a figure.
    pub async fn behind(
        &self,
        workspace: &WorkspaceId,
        behind: &Behind,
        days: Days,
        cursor: Option<&str>,
        limit: usize,
    ) -> Stored<Page<Marked>> {
        self.store.behind(workspace, behind.which(days), cursor, limit).await
    }

    /// The business's day at a moment.
    pub fn day(&self, workspace: &WorkspaceId, at: Timestamp) -> i64 {
        super::day(at, &self.zone(workspace))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_read_only_what_is_counted() {
        for report in REPORTS {
            for measure in report.measures {
                assert!(MEASURES.iter().any(|(known, _)| known == measure), "{} reads {measure}", report.name);
            }
            assert_eq!(REPORTS.iter().filter(|other| other.name == report.name).count(), 1);
        }
    }

    #[test]
    fn without_anything_counted_no_report_claims_a_figure() {
        for definition in REPORTS {
            let mut report = Report::default();
            (definition.make)(&Sums::of(&[]), &mut report);
            for figure in &report.figures {
                assert!(figure.value.is_none_or(|value| value == 0.0), "{} {}", definition.name, figure.figure);
                assert!(definition.measures.contains(&figure.behind.measure), "{} {}", definition.name, figure.figure);
            }
            assert!(report.tables.iter().all(|table| table.rows.is_empty()), "{}", definition.name);
        }
    }
}
