//! Results beside goals and beside each other.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail};
use serde::Deserialize;

use super::outcome::{GOALS, Goal};
use crate::command::{BadResult, say};

/// Worse by more than this share is a regression; processor time, which noise spoils least, by half of it.
const WORSE: f64 = 0.10;

#[derive(Deserialize)]
struct Saved {
    figures: BTreeMap<String, f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    most: Option<f64>,
    least: Option<f64>,
}

fn figures(path: &Path) -> anyhow::Result<BTreeMap<String, f64>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let saved: Saved =
        serde_json::from_str(&text).with_context(|| format!("{} is no result of `rapport bench run --out`", path.display()))?;
    Ok(saved.figures)
}

/// Prints each goal with what was found; fails when one is missed or was not measured.
pub(super) fn check(result: &Path, goals: Option<&Path>) -> anyhow::Result<()> {
    let figures = figures(result)?;
    let goals = match goals {
        Some(path) => goals_of(path)?,
        None => GOALS.iter().map(|(name, goal)| ((*name).to_owned(), *goal)).collect(),
    };
    let mut missed = 0;
    for (name, goal) in &goals {
        let (found, verdict) = match figures.get(name) {
            Some(found) if goal.is_met(*found) => (format!("{found:.2}"), "met"),
            Some(found) => (format!("{found:.2}"), "MISSED"),
            None => ("—".to_owned(), "NOT MEASURED"),
        };
        missed += usize::from(verdict != "met");
        say(&format!("{name:<26}{found:>14}{:>12}  {verdict}", goal.words()))?;
    }
    if missed == 0 { Ok(()) } else { Err(BadResult.into()) }
}

fn goals_of(path: &Path) -> anyhow::Result<Vec<(String, Goal)>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let written: BTreeMap<String, Written> = toml::from_str(&text).with_context(|| format!("{} holds no goals", path.display()))?;
    written
        .into_iter()
        .map(|(name, goal)| match goal {
            Written { most: Some(most), least: None } => Ok((name, Goal::Most(most))),
            Written { most: None, least: Some(least) } => Ok((name, Goal::Least(least))),
            _ => bail!("{}: {name} wants either most or least", path.display()),
        })
        .collect()
}

/// Prints what changed; fails when something became worse.
pub(super) fn compare(old: &Path, new: &Path) -> anyhow::Result<()> {
    let (old, new) = (figures(old)?, figures(new)?);
    let mut worse = 0;
    for (name, after) in &new {
        let Some(before) = old.get(name).filter(|before| **before > 0.0) else { continue };
        let verdict = judged(name, *before, *after);
        worse += usize::from(verdict == "WORSE");
        say(&format!("{name:<30}{before:>14.2}{after:>14.2}{:>+9.1} %  {verdict}", (after / before - 1.0) * 100.0))?;
    }
    if worse == 0 { Ok(()) } else { Err(BadResult.into()) }
}

/// Limits are the machine's and never a regression.
fn judged(name: &str, before: f64, after: f64) -> &'static str {
    let share = if name.ends_with("cpu_us") { WORSE / 2.0 } else { WORSE };
    let more_is_better = name.ends_with("per_second") || name.ends_with("share_of_limit");
    let change = if more_is_better { before / after.max(1e-9) } else { after / before };
    match name {
        _ if name.starts_with("limit.") => "",
        _ if change > 1.0 + share => "WORSE",
        _ if change < 1.0 / (1.0 + share) => "better",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_worse_depends_on_the_figure() {
        assert_eq!(judged("answer.overhead_p50_ms", 10.0, 11.5), "WORSE");
        assert_eq!(judged("answer.overhead_p50_ms", 10.0, 10.9), "");
        assert_eq!(judged("answer.cpu_us", 100.0, 106.0), "WORSE");
        assert_eq!(judged("answer.per_second", 100.0, 80.0), "WORSE");
        assert_eq!(judged("answer.per_second", 100.0, 180.0), "better");
        assert_eq!(judged("limit.fsync.per_second", 100.0, 10.0), "");
    }

    #[test]
    fn a_result_is_checked_against_goals_of_ones_own() {
        let folder = tempfile::tempdir().expect("made");
        let (result, goals) = (folder.path().join("result.json"), folder.path().join("goals.toml"));
        std::fs::write(&result, r#"{"figures": {"cold_start_ms": 60.0}}"#).expect("written");
        std::fs::write(&goals, "cold_start_ms = { most = 100 }").expect("written");
        check(&result, Some(&goals)).expect("the goal is met");
        std::fs::write(&goals, "cold_start_ms = { most = 50 }").expect("written");
        assert!(check(&result, Some(&goals)).is_err());
        std::fs::write(&goals, "\"answer.cpu_us\" = { most = 50 }").expect("written");
        assert!(check(&result, Some(&goals)).is_err(), "what was not measured is not met");
        std::fs::write(&goals, "cold_start_ms = { most = 50, least = 1 }").expect("written");
        assert!(check(&result, Some(&goals)).is_err_and(|error| error.to_string().contains("either")));
    }
}
