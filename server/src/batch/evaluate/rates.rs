//! Rates per kind: right, wrong, abstained; found, false and missed per name.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Task;

/// Counts of outcomes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Rates {
    /// As labelled.
    pub right: usize,
    /// Otherwise.
    pub wrong: usize,
    /// Said nothing, or that it is not known.
    pub abstained: usize,
}

impl Rates {
    fn count(&self) -> usize {
        self.right + self.wrong + self.abstained
    }

    /// Share of right ones.
    pub fn right_share(&self) -> f64 {
        self.right as f64 / self.count().max(1) as f64
    }

    /// Share of wrong ones.
    pub fn wrong_share(&self) -> f64 {
        self.wrong as f64 / self.count().max(1) as f64
    }
}

/// Found, false and missed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Found {
    /// Labelled and found.
    pub found: usize,
    /// Found, not labelled.
    pub false_alarm: usize,
    /// Labelled, not found.
    pub missed: usize,
}

/// What one kind of labels came to.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Which kind.
    pub task: &'static str,
    /// All and groups of rows.
    pub groups: BTreeMap<String, Rates>,
    /// Per rule, predicate or sort of failure.
    pub names: BTreeMap<String, Found>,
    /// Things labelled as not to be read, over all rows.
    #[serde(skip)]
    pub forbidden: usize,
    /// What it must reach, and what it reached.
    pub bars: Vec<Bar>,
    /// Rows that are not right: id and why.
    pub faults: Vec<(String, String)>,
}

/// A figure that must be reached.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bar {
    /// Of what.
    pub what: &'static str,
    /// What it came to.
    pub reached: f64,
    /// What it must come to.
    pub bound: f64,
    /// Is the bound the least that will do, or the most?
    pub is_least: bool,
}

impl Bar {
    fn least(what: &'static str, reached: f64, bound: f64) -> Self {
        Self { what, reached, bound, is_least: true }
    }

    fn most(what: &'static str, reached: f64, bound: f64) -> Self {
        Self { what, reached, bound, is_least: false }
    }

    /// Is it reached?
    pub fn is_met(&self) -> bool {
        if self.is_least { self.reached >= self.bound } else { self.reached <= self.bound }
    }
}

/// Counted like a predicate: what the label says must not be read.
pub(super) const FORBIDDEN: &str = "(forbidden)";
/// An impostor heard what is somebody else's.
pub(super) const TOLD_IMPOSTOR: &str = "(told an impostor)";
/// What was known was asked for.
pub(super) const ASKED_AGAIN: &str = "(asked again)";

/// Facts that are labelled as forbidden and may be stated all the same: two of 71.
const FORBIDDEN_STATED: f64 = 2.0 / 71.0;
/// So far may French be behind everything together.
const FRENCH_BEHIND: f64 = 0.10;

/// The group of everything.
const ALL: &str = "all";

impl Report {
    pub(super) fn new(task: Task) -> Self {
        Self { task: task.name(), groups: BTreeMap::new(), names: BTreeMap::new(), forbidden: 0, bars: Vec::new(), faults: Vec::new() }
    }

    /// Counts a row in all and in its groups.
    pub(super) fn row(&mut self, groups: &[String], count: impl Fn(&mut Rates)) {
        count(self.groups.entry(ALL.to_owned()).or_default());
        for group in groups {
            count(self.groups.entry(group.clone()).or_default());
        }
    }

    pub(super) fn name(&mut self, name: &str) -> &mut Found {
        self.names.entry(name.to_owned()).or_default()
    }

    pub(super) fn fault(&mut self, id: &str, why: String) {
        self.faults.push((id.to_owned(), why.replace('\n', " / ")));
    }

    /// Holds the counts against what this kind must reach.
    pub(super) fn judged(mut self, task: Task) -> Self {
        let (right, wrong) = self.groups.get(ALL).map_or((0.0, 0.0), |all| (all.right_share(), all.wrong_share()));
        let share_of = |group: &str| self.groups.get(group).map(Rates::right_share);
        let missed = |name: &str| self.names.get(name).map_or(0, |found| found.missed) as f64;
        self.bars = match task {
            Task::Questions => {
                let mut bars = vec![Bar::least("right", right, 0.85), Bar::most("wrong", wrong, 0.04)];
                bars.extend(share_of("lang:fr").map(|french| Bar::most("French behind", right - french, FRENCH_BEHIND)));
                bars
            }
            Task::Escalation => {
                let mut bars = vec![Bar::least("micro F1", self.micro_f1(), 0.90)];
                bars.extend(share_of("quiet").map(|quiet| Bar::least("quiet on negatives", quiet, 0.95)));
                bars
            }
            Task::Signals => {
                let stated = self.names.get(FORBIDDEN).map_or(0, |found| found.false_alarm) as f64;
                let of = self.forbidden.max(1) as f64;
                vec![Bar::least("micro F1", self.micro_f1(), 0.80), Bar::most("forbidden facts stated", stated / of, FORBIDDEN_STATED)]
            }
            Task::Journeys => vec![
                Bar::least("steps right", share_of("steps").unwrap_or_default(), 0.90),
                Bar::most("told an impostor", missed(TOLD_IMPOSTOR), 0.0),
                Bar::most("asked again", missed(ASKED_AGAIN), 0.0),
            ],
        };
        self
    }

    /// Over all names together; of what is counted twice, only the first.
    fn micro_f1(&self) -> f64 {
        let mut all = Found::default();
        for (_, found) in self.names.iter().filter(|(name, _)| name.as_str() != FORBIDDEN) {
            all.found += found.found;
            all.false_alarm += found.false_alarm;
            all.missed += found.missed;
        }
        let told = 2 * all.found + all.false_alarm + all.missed;
        if told == 0 { 1.0 } else { 2.0 * all.found as f64 / told as f64 }
    }

    /// Is everything reached that must be?
    pub fn passed(&self) -> bool {
        !self.groups.is_empty() && self.bars.iter().all(Bar::is_met)
    }

    /// A table for people.
    pub fn table(&self) -> String {
        let percent =
            |part: usize, whole: usize| if whole == 0 { "    -".to_owned() } else { format!("{:5.1}", 100.0 * part as f64 / whole as f64) };
        let mut text = format!("{:<34}{:>6}{:>8}{:>8}{:>11}\n", self.task, "n", "right", "wrong", "abstained");
        for (group, rates) in &self.groups {
            let n = rates.count();
            text += &format!(
                "  {group:<32}{n:>6}{:>8}{:>8}{:>11}\n",
                percent(rates.right, n),
                percent(rates.wrong, n),
                percent(rates.abstained, n)
            );
        }
        if !self.names.is_empty() {
            text += &format!("  {:<32}{:>6}{:>8}{:>8}{:>11}{:>9}\n", "", "found", "false", "missed", "precision", "recall");
        }
        for (name, found) in &self.names {
            text += &format!(
                "  {name:<32}{:>6}{:>8}{:>8}{:>11}{:>9}\n",
                found.found,
                found.false_alarm,
                found.missed,
                percent(found.found, found.found + found.false_alarm),
                percent(found.found, found.found + found.missed),
            );
        }
        for bar in &self.bars {
            // Counts are told as they are, shares by the hundred.
            let shown = |value: f64| if bar.bound == 0.0 { format!("{value:.0}") } else { format!("{:.1} %", value * 100.0) };
            let (side, verdict) = (if bar.is_least { "at least" } else { "at most" }, if bar.is_met() { "met" } else { "MISSED" });
            text += &format!("  {} {}, the bar is {side} {}: {verdict}\n", bar.what, shown(bar.reached), shown(bar.bound));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_passes_where_all_its_bars_are_met() {
        let report = |right: usize, wrong: usize, abstained: usize| {
            let mut report = Report::new(Task::Questions);
            (0..right).for_each(|_| report.row(&["lang:en".to_owned()], |rates| rates.right += 1));
            (0..wrong).for_each(|_| report.row(&[], |rates| rates.wrong += 1));
            (0..abstained).for_each(|_| report.row(&[], |rates| rates.abstained += 1));
            report
        };
        assert!(report(85, 4, 11).judged(Task::Questions).passed());
        assert!(!report(84, 4, 12).judged(Task::Questions).passed(), "too few are right");
        let wrong = report(90, 5, 5).judged(Task::Questions);
        assert!(!wrong.passed(), "too many are wrong");
        assert!(wrong.table().contains("wrong 5.0 %, the bar is at most 4.0 %: MISSED"), "{}", wrong.table());
        let mut french = report(90, 0, 0);
        (0..10).for_each(|_| french.row(&["lang:fr".to_owned()], |rates| rates.abstained += 1));
        assert!(!french.judged(Task::Questions).passed(), "French is too far behind");
    }

    #[test]
    fn one_thing_told_an_impostor_or_asked_again_is_too_much() {
        let mut report = Report::new(Task::Journeys);
        report.row(&["steps".to_owned()], |rates| rates.right += 1);
        assert!(report.clone().judged(Task::Journeys).passed());
        for fault in [TOLD_IMPOSTOR, ASKED_AGAIN] {
            let mut report = report.clone();
            report.name(fault).missed += 1;
            assert!(!report.judged(Task::Journeys).passed(), "{fault}");
        }
    }

    #[test]
    fn rules_and_facts_are_judged_by_what_is_found_and_by_what_must_not_be() {
        let mut report = Report::new(Task::Signals);
        report.row(&[], |rates| rates.right += 1);
        *report.name("budget") = Found { found: 8, false_alarm: 2, missed: 2 };
        report.forbidden = 71;
        *report.name(FORBIDDEN) = Found { false_alarm: 2, ..Found::default() };
        assert!(report.clone().judged(Task::Signals).passed());
        *report.name(FORBIDDEN) = Found { false_alarm: 3, ..Found::default() };
        assert!(!report.judged(Task::Signals).passed());
        let mut report = Report::new(Task::Escalation);
        *report.name("human-asked-for") = Found { found: 9, false_alarm: 1, missed: 1 };
        (0..19).for_each(|_| report.row(&["quiet".to_owned()], |rates| rates.right += 1));
        report.row(&["quiet".to_owned()], |rates| rates.wrong += 1);
        assert!(report.clone().judged(Task::Escalation).passed());
        report.row(&["quiet".to_owned()], |rates| rates.wrong += 1);
        assert!(!report.judged(Task::Escalation).passed());
    }
}
