//! What a rehearsal came to: for people, and as JSON.

use serde::Serialize;

/// One line of the report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// Journey or pair.
    pub id: String,
    /// What was checked.
    pub title: String,
    /// Facts that replies and the API got right.
    pub known: u32,
    /// Facts told.
    pub told: u32,
    /// Questions about something known.
    pub reasked: u32,
    /// Facts told to the wrong person.
    pub leaked: u32,
    /// What failed, in words.
    pub failures: Vec<String>,
    /// Who said what, for reading a failure.
    pub transcript: Vec<String>,
}

impl Outcome {
    /// An empty one.
    pub fn new(id: &str, title: &str) -> Self {
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            known: 0,
            told: 0,
            reasked: 0,
            leaked: 0,
            failures: Vec::new(),
            transcript: Vec::new(),
        }
    }

    /// Did everything hold?
    pub fn passed(&self) -> bool {
        self.failures.is_empty() && self.known == self.told && self.reasked == 0 && self.leaked == 0
    }
}

/// All of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// One per journey or pair.
    pub outcomes: Vec<Outcome>,
    /// What vendors refused of our sends.
    pub refused: Vec<String>,
    /// Invariants of the stored data that were broken at the end.
    pub broken: Vec<String>,
}

impl Report {
    /// Did everything hold?
    pub fn passed(&self) -> bool {
        !self.outcomes.is_empty() && self.refused.is_empty() && self.broken.is_empty() && self.outcomes.iter().all(Outcome::passed)
    }

    /// Facts known ÷ facts told, in per cent; 100 when nothing had to be known.
    pub fn continuity(&self) -> f64 {
        let told: u32 = self.outcomes.iter().map(|outcome| outcome.told).sum();
        let known: u32 = self.outcomes.iter().map(|outcome| outcome.known).sum();
        if told == 0 { 100.0 } else { f64::from(known) * 100.0 / f64::from(told) }
    }

    /// Questions about something known.
    pub fn reasked(&self) -> u32 {
        self.outcomes.iter().map(|outcome| outcome.reasked).sum()
    }

    /// Facts told to the wrong person.
    pub fn leaked(&self) -> u32 {
        self.outcomes.iter().map(|outcome| outcome.leaked).sum()
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut lines = Vec::new();
        for outcome in &self.outcomes {
            let mark = if outcome.passed() { "ok  " } else { "FAIL" };
            let score = if outcome.told > 0 { format!("  known {}/{}", outcome.known, outcome.told) } else { String::new() };
            lines.push(format!("{mark} {}: {}{score}", outcome.id, outcome.title));
            lines.extend(outcome.failures.iter().map(|failure| format!("       {failure}")));
            if !outcome.passed() {
                lines.extend(outcome.transcript.iter().map(|line| format!("         | {line}")));
            }
        }
        lines.extend(self.refused.iter().map(|why| format!("FAIL a vendor refused what we sent: {why}")));
        lines.extend(self.broken.iter().map(|why| format!("FAIL the stored data breaks {why}")));
        let passed = self.outcomes.iter().filter(|outcome| outcome.passed()).count();
        lines.push(format!(
            "continuity {:.1} %, re-asked {}, leaked {}; {passed} of {} passed",
            self.continuity(),
            self.reasked(),
            self.leaked(),
            self.outcomes.len()
        ));
        lines.join("\n")
    }
}
