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
    /// The least share of right ones.
    pub bar: f64,
    /// Rows that are not right: id and why.
    pub faults: Vec<(String, String)>,
}

/// The group of everything.
const ALL: &str = "all";

impl Report {
    pub(super) fn new(task: Task) -> Self {
        Self { task: task.name(), groups: BTreeMap::new(), names: BTreeMap::new(), bar: task.bar(), faults: Vec::new() }
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

    /// Is the share of right ones high enough?
    pub fn passed(&self) -> bool {
        self.groups.get(ALL).is_some_and(|all| all.right_share() >= self.bar)
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
        let share = self.groups.get(ALL).map_or(0.0, Rates::right_share);
        text += &format!(
            "  right {:.1} %, the bar is {:.0} %: {}\n",
            share * 100.0,
            self.bar * 100.0,
            if self.passed() { "met" } else { "MISSED" }
        );
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_passes_at_its_bar() {
        let mut report = Report::new(Task::Escalation);
        (0..7).for_each(|_| report.row(&["lang:en".to_owned()], |rates| rates.right += 1));
        (0..3).for_each(|_| report.row(&[], |rates| rates.wrong += 1));
        assert!(report.passed());
        report.row(&[], |rates| rates.wrong += 1);
        assert!(!report.passed());
        assert!(report.table().contains("lang:en"));
    }
}
