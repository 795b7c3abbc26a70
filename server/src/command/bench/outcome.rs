//! What a measurement found: the table for people, JSON for machines, and whether the goals are met.

use std::collections::BTreeMap;

use rehearsal::bench::Figures;
use serde_json::{Value, json};

use super::Scenario;
use super::limits::{Limit, milliseconds};
use super::trials::Trial;

/// A figure's goal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Goal {
    /// No more than this.
    Most(f64),
    /// No less than this.
    Least(f64),
}

impl Goal {
    /// Is it met?
    pub(super) fn is_met(self, found: f64) -> bool {
        match self {
            Self::Most(most) => found <= most,
            Self::Least(least) => found >= least,
        }
    }

    pub(super) fn words(self) -> String {
        match self {
            Self::Most(most) => format!("≤ {most}"),
            Self::Least(least) => format!("≥ {least}"),
        }
    }
}

/// The product's goals, by the names of [`Outcome::figures`].
pub(super) const GOALS: [(&str, Goal); 21] = [
    ("cold_start_ms", Goal::Most(150.0)),
    ("idle_rss_mib", Goal::Most(40.0)),
    ("intake.share_of_limit", Goal::Least(0.7)),
    ("intake.ack_p50_ms", Goal::Most(5.0)),
    ("intake.ack_p99_ms", Goal::Most(25.0)),
    ("answer.share_of_limit", Goal::Least(0.17)),
    ("answer.cpu_us", Goal::Most(300.0)),
    ("answer.peak_rss_mib", Goal::Most(200.0)),
    ("answer.ack_p50_ms", Goal::Most(5.0)),
    ("answer.ack_p99_ms", Goal::Most(25.0)),
    ("answer.overhead_p50_ms", Goal::Most(10.0)),
    ("answer.overhead_p99_ms", Goal::Most(50.0)),
    ("recover_ms", Goal::Most(2_000.0)),
    ("duplicates.doubled", Goal::Most(0.0)),
    ("provider-down.others_p99_ratio", Goal::Most(1.2)),
    ("provider-down.drained_ratio", Goal::Most(2.0)),
    ("model-down.calls_per_message", Goal::Most(2.0)),
    ("crash.lost", Goal::Most(0.0)),
    ("crash.doubled", Goal::Most(0.0)),
    ("crash.back_ms", Goal::Most(2_000.0)),
    ("day.core_share", Goal::Most(0.01)),
];

/// One scenario's runs.
pub(super) struct Measured {
    pub(super) scenario: Scenario,
    /// Messages a second at most, when that was sought.
    pub(super) capacity: Option<f64>,
    pub(super) rate: f64,
    pub(super) runs: Vec<Figures>,
    pub(super) whole: Figures,
    pub(super) cpu_us: Vec<f64>,
    pub(super) load_cpu_us: Vec<f64>,
    pub(super) per_second: Vec<f64>,
    pub(super) written: Vec<f64>,
    pub(super) peak: u64,
}

impl Measured {
    pub(super) fn is_correct(&self) -> bool {
        self.whole.is_correct()
    }

    pub(super) fn json(&self) -> Value {
        let latency = |counts| {
            let [p50, p90, p99, max] = milliseconds(counts);
            json!({"p50_ms": p50, "p90_ms": p90, "p99_ms": p99, "max_ms": max, "count": counts.count()})
        };
        let runs: Vec<Value> = self
            .runs
            .iter()
            .map(|run| {
                json!({"sent": run.sent, "acked": run.acked, "shed": run.shed, "replied": run.replied,
            "correctness": run.correctness(), "ack": latency(&run.ack), "overhead": latency(&run.overhead)})
            })
            .collect();
        json!({"name": self.scenario, "rate": self.rate, "capacity": self.capacity, "runs": runs, "ack": latency(&self.whole.ack), "overhead": latency(&self.whole.overhead),
            "correctness": self.whole.correctness(), "server_cpu_us_per_message": median(&self.cpu_us), "load_cpu_us_per_message": median(&self.load_cpu_us),
            "messages_per_second": median(&self.per_second), "written_bytes_per_message": median(&self.written), "peak_rss_bytes": self.peak})
    }
}

/// Everything of one invocation.
pub(super) struct Outcome {
    pub(super) limits: Vec<Limit>,
    pub(super) cold_start_ms: Vec<f64>,
    /// From a power cut under load to the first reply, when that was measured.
    pub(super) recover_ms: Option<f64>,
    pub(super) idle_rss: u64,
    pub(super) scenarios: Vec<Measured>,
    pub(super) trials: Vec<Trial>,
}

impl Outcome {
    /// Nothing was lost, doubled or misaddressed, and no trial found fault.
    pub(super) fn is_correct(&self) -> bool {
        self.scenarios.iter().all(Measured::is_correct) && self.trials.iter().all(|trial| trial.wrong.is_empty())
    }

    /// Every figure by its name; times in milliseconds, shares of the limits measured in the same run.
    pub(super) fn figures(&self) -> BTreeMap<String, f64> {
        let mut figures = BTreeMap::from([
            ("cold_start_ms".to_owned(), median(&self.cold_start_ms)),
            ("idle_rss_mib".to_owned(), self.idle_rss as f64 / 1_048_576.0),
        ]);
        if let Some(recover) = self.recover_ms {
            figures.insert("recover_ms".to_owned(), recover);
        }
        for limit in &self.limits {
            figures.insert(format!("limit.{}.per_second", limit.name), limit.per_second);
            figures.insert(format!("limit.{}.p50_ms", limit.name), limit.p50_us / 1e3);
        }
        for measured in &self.scenarios {
            let mut add = |name: &str, value: f64| figures.insert(format!("{}.{name}", measured.scenario.name()), value);
            add("cpu_us", median(&measured.cpu_us));
            add("written_kib", median(&measured.written) / 1_024.0);
            add("peak_rss_mib", measured.peak as f64 / 1_048_576.0);
            for (name, counts) in [("ack", &measured.whole.ack), ("overhead", &measured.whole.overhead)] {
                if counts.count() > 0 {
                    add(&format!("{name}_p50_ms"), counts.at_ms(0.5));
                    add(&format!("{name}_p99_ms"), counts.at_ms(0.99));
                }
            }
            if let Some(capacity) = measured.capacity {
                add("per_second", capacity);
                let limit = match measured.scenario {
                    Scenario::Intake => "intake",
                    _ => "sqlite-e2e",
                };
                if let Some(limit) = self.limits.iter().find(|found| found.name == limit) {
                    add("share_of_limit", capacity / limit.per_second.max(1e-9));
                }
            }
        }
        for trial in &self.trials {
            figures.extend(trial.figures.iter().map(|(name, value)| (format!("{}.{name}", trial.scenario.name()), *value)));
        }
        figures
    }

    pub(super) fn json(&self) -> Value {
        let figures = self.figures();
        let goals: Vec<Value> = GOALS
            .iter()
            .filter_map(|(name, goal)| {
                figures.get(*name).map(|found| json!({"name": name, "goal": goal.words(), "found": found, "met": goal.is_met(*found)}))
            })
            .collect();
        json!({"schema": 2, "version": env!("CARGO_PKG_VERSION"), "machine": machine(), "limits": self.limits, "goals": goals, "figures": figures,
            "cold_start_ms": self.cold_start_ms, "idle_rss_bytes": self.idle_rss, "scenarios": self.scenarios.iter().map(Measured::json).collect::<Vec<_>>(),
            "trials": self.trials})
    }

    pub(super) fn table(&self) -> String {
        let mut text = format!("{}\n", machine_line());
        text += &limit_rows(&self.limits);
        text += &format!("\n{:<32}{:>12}{:>12}\n", "", "found", "goal");
        let figures = self.figures();
        for (name, goal) in GOALS {
            if let Some(found) = figures.get(name) {
                text += &format!("{name:<32}{found:>12.2}{:>12}  {}\n", goal.words(), if goal.is_met(*found) { "met" } else { "MISSED" });
            }
        }
        text +=
            &format!("\n{:<12}{:<10}{:>9}{:>9}{:>9}{:>9}{:>9}\n", "scenario", "measure", "p50 ms", "p90 ms", "p99 ms", "max ms", "count");
        for measured in &self.scenarios {
            for (name, counts) in [("ack", &measured.whole.ack), ("overhead", &measured.whole.overhead)] {
                if counts.count() > 0 {
                    let [p50, p90, p99, max] = milliseconds(counts);
                    text += &format!(
                        "{:<12}{name:<10}{p50:>9.2}{p90:>9.2}{p99:>9.2}{max:>9.2}{:>9}\n",
                        measured.scenario.name(),
                        counts.count()
                    );
                }
            }
        }
        for measured in &self.scenarios {
            text += &format!(
                "{:<12}{}{:.0} messages/s sent; server {:.0} µs of processor per message (load generator {:.0}), {:.1} KiB written each; {:.1} MiB at most; {}\n",
                measured.scenario.name(),
                measured.capacity.map_or_else(String::new, |most| format!("{most:.0} messages/s at most, ")),
                median(&measured.per_second),
                median(&measured.cpu_us),
                median(&measured.load_cpu_us),
                median(&measured.written) / 1_024.0,
                measured.peak as f64 / 1_048_576.0,
                wrongs(&measured.whole),
            );
        }
        for trial in &self.trials {
            let verdict = if trial.wrong.is_empty() { "nothing wrong".to_owned() } else { format!("FAILED: {}", trial.wrong.join("; ")) };
            text += &format!("{:<14}{}; {verdict}\n", trial.scenario.name(), trial.words);
        }
        text
    }
}

pub(super) fn wrongs(figures: &Figures) -> String {
    let found = figures.correctness();
    if figures.is_correct() {
        return "nothing lost, doubled or misaddressed".to_owned();
    }
    format!(
        "FAILED: refused {} lost {} doubled {} misaddressed {} without their token {}",
        found.refused, found.lost, found.duplicate, found.wrong, found.tokenless
    )
}

pub(super) fn limit_rows(found: &[Limit]) -> String {
    let mut text = format!("{:<12}{:>11}{:>11}{:>13}\n", "limit", "p50 µs", "p99 µs", "per second");
    for limit in found {
        text += &format!("{:<12}{:>11.1}{:>11.1}{:>13.0}  {}\n", limit.name, limit.p50_us, limit.p99_us, limit.per_second, limit.what);
    }
    text
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

fn machine() -> Value {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let memory: u64 = read("/proc/meminfo").split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or(0);
    json!({
        "cores": std::thread::available_parallelism().map_or(1, usize::from),
        "memory_mib": memory / 1_024,
        "kernel": read("/proc/sys/kernel/osrelease").trim(),
        "load": read("/proc/loadavg").split(' ').next().unwrap_or_default(),
    })
}

fn machine_line() -> String {
    let machine = machine();
    format!("{} cores, {} MiB, load {}", machine["cores"], machine["memory_mib"], machine["load"].as_str().unwrap_or_default())
}
