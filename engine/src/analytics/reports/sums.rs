//! Sums of marks, as reports ask for them.

use std::collections::{BTreeMap, BTreeSet};

use domain::analytics::Tally;

use super::{Behind, Figure, Report, Row, Table, Unit};

/// How many marks, and their values together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    pub count: i64,
    pub total: i64,
}

impl Sum {
    /// Value per mark; nothing where there is none.
    pub fn mean(self) -> Option<f64> {
        ratio(self.total, self.count)
    }
}

type Kinds = BTreeMap<(String, String), Sum>;

/// Sums by measure and kinds.
pub struct Sums {
    by: BTreeMap<String, Kinds>,
    daily: Vec<Tally>,
}

#[expect(clippy::cast_precision_loss, reason = "figures are shown with a few digits")]
pub fn number(value: i64) -> f64 {
    value as f64
}

/// One of another; nothing of nothing is nothing.
pub fn ratio(part: i64, whole: i64) -> Option<f64> {
    (whole != 0).then(|| number(part) / number(whole))
}

impl Sums {
    pub fn of(tallies: &[Tally]) -> Self {
        let mut by: BTreeMap<String, Kinds> = BTreeMap::new();
        for tally in tallies {
            let sum = by.entry(tally.measure.clone()).or_default().entry((tally.a.clone(), tally.b.clone())).or_default();
            sum.count += tally.count;
            sum.total += tally.total;
        }
        Self { by, daily: tallies.iter().filter(|tally| tally.day.is_some()).cloned().collect() }
    }

    fn kinds(&self, measure: &str) -> impl Iterator<Item = (&str, &str, Sum)> {
        self.by.get(measure).into_iter().flatten().map(|((a, b), sum)| (a.as_str(), b.as_str(), *sum))
    }

    /// Of these kinds.
    pub fn sum(&self, measure: &str, a: Option<&str>, b: Option<&str>) -> Sum {
        self.kinds(measure)
            .filter(|(known, other, _)| a.is_none_or(|a| a == *known) && b.is_none_or(|b| b == *other))
            .fold(Sum::default(), |all, (_, _, sum)| Sum { count: all.count + sum.count, total: all.total + sum.total })
    }

    pub fn all(&self, measure: &str) -> Sum {
        self.sum(measure, None, None)
    }

    /// Of which kinds there are any, over several measures.
    pub fn a_of(&self, measures: &[&str]) -> Vec<String> {
        let found: BTreeSet<&str> = measures.iter().flat_map(|measure| self.kinds(measure)).map(|(a, _, _)| a).collect();
        found.into_iter().map(str::to_owned).collect()
    }

    pub fn b_of(&self, measure: &str) -> Vec<String> {
        let found: BTreeSet<&str> = self.kinds(measure).map(|(_, b, _)| b).collect();
        found.into_iter().map(str::to_owned).collect()
    }

    pub fn pairs(&self, measure: &str) -> Vec<(String, String)> {
        self.kinds(measure).map(|(a, b, _)| (a.to_owned(), b.to_owned())).collect()
    }

    /// What lies at a share of all values, where `b` names their buckets: the mean of the bucket it falls into.
    pub fn quantile(&self, measure: &str, a: Option<&str>, share: f64) -> Option<f64> {
        let mut buckets: BTreeMap<&str, Sum> = BTreeMap::new();
        for (known, bucket, sum) in self.kinds(measure) {
            if a.is_none_or(|a| a == known) {
                let all = buckets.entry(bucket).or_default();
                all.count += sum.count;
                all.total += sum.total;
            }
        }
        let whole: i64 = buckets.values().map(|sum| sum.count).sum();
        let wanted = (number(whole) * share).ceil().max(1.0);
        let mut seen = 0;
        for sum in buckets.values() {
            seen += sum.count;
            if number(seen) >= wanted {
                return sum.mean();
            }
        }
        None
    }

    /// Marks by day.
    pub fn days(&self, behind: &Behind) -> BTreeMap<i64, i64> {
        let mut days = BTreeMap::new();
        for tally in &self.daily {
            let fits = tally.measure == behind.measure
                && behind.a.as_ref().is_none_or(|a| *a == tally.a)
                && behind.b.as_ref().is_none_or(|b| *b == tally.b);
            if let Some(day) = tally.day.filter(|_| fits) {
                *days.entry(day).or_default() += tally.count;
            }
        }
        days
    }
}

impl Report {
    /// A figure as it is written.
    pub fn figure(&mut self, figure: &'static str, about: &'static str, unit: Unit, value: Option<f64>, behind: Behind) -> &mut Figure {
        self.figures.push(Figure {
            figure,
            about,
            unit,
            value,
            count: 0,
            of: None,
            before: None,
            behind,
            days: BTreeMap::new(),
            is_customers: false,
        });
        let last = self.figures.len() - 1;
        &mut self.figures[last]
    }

    /// How many there are.
    pub fn count(&mut self, figure: &'static str, about: &'static str, sum: Sum, behind: Behind) {
        self.figure(figure, about, Unit::Count, Some(number(sum.count)), behind).count = sum.count;
    }

    /// How many of how many.
    pub fn share(&mut self, figure: &'static str, about: &'static str, part: i64, whole: i64, behind: Behind) {
        let made = self.figure(figure, about, Unit::Share, ratio(part, whole), behind);
        made.count = part;
        made.of = Some(whole);
    }

    /// How many customers.
    pub fn customers(&mut self, figure: &'static str, about: &'static str, behind: Behind) {
        self.figure(figure, about, Unit::Count, None, behind).is_customers = true;
    }

    /// A table, the largest rows first.
    pub fn table(&mut self, table: &'static str, mut rows: Vec<Row>) {
        let first = |row: &Row| row.figures.first().and_then(|(_, value)| *value).unwrap_or(0.0);
        rows.sort_by(|one, other| first(other).total_cmp(&first(one)));
        self.tables.push(Table { table, rows });
    }
}

/// A row about one kind.
pub fn row(kind: &'static str, name: &str, figures: Vec<(&'static str, Option<f64>)>, measure: &'static str) -> Row {
    Row { kinds: vec![(kind, name.to_owned())], figures, behind: Behind { measure, a: Some(name.to_owned()), b: None } }
}
