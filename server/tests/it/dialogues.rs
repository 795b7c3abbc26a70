//! Businesses of our own, asked in other words than their pages use: what the built-in engine answers, admits and hears.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

fn share(folder: &str, task: &str, group: &str) -> (f64, f64, String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(folder);
    let output = Command::new(env!("CARGO_BIN_EXE_rapport"))
        .args(["evaluate", &folder.to_string_lossy(), "--task", task, "--json"])
        .env("RAPPORT_LOG", "error")
        .output()
        .expect("the program starts");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let report: Value = serde_json::from_str(&told).expect("JSON");
    let rates = &report[0]["groups"][group];
    let count = |key: &str| rates[key].as_f64().expect("a count");
    let all = count("right") + count("wrong") + count("abstained");
    (count("right") / all, count("wrong") / all, report[0]["faults"].to_string())
}

#[test]
fn questions_in_other_words_than_the_pages_are_answered_or_admitted() {
    let (right, wrong, faults) = share("dialogues", "questions", "all");
    assert!(right >= 0.85 && wrong <= 0.05, "{right:.3} right, {wrong:.3} wrong: {faults}");
    let (french, _, faults) = share("dialogues", "questions", "lang:fr");
    assert!(french >= right - 0.1, "{french:.3} right in French: {faults}");
}

#[test]
fn a_talk_over_several_doors_is_pleasant_and_forgets_nothing() {
    let (right, _, faults) = share("dialogues", "journeys", "steps");
    assert!(right >= 0.9, "{right:.3} of the steps right: {faults}");
}

/// Businesses of unlike kinds: hire of bicycles, a bakery in French, a plumber in German, a hotel, software, a school, a broker.
#[test]
fn other_kinds_of_business_are_answered_as_well() {
    for folder in ["dialogues-wider", "dialogues-apart"] {
        let (right, wrong, faults) = share(folder, "questions", "all");
        assert!(right >= 0.88 && wrong <= 0.05, "{folder}: {right:.3} right, {wrong:.3} wrong: {faults}");
    }
}

#[test]
fn rules_and_facts_are_heard_in_other_kinds_of_business() {
    for folder in ["dialogues-wider", "dialogues-apart"] {
        for (task, bar) in [("escalation", 0.90), ("signals", 0.80)] {
            let (right, _, faults) = share(folder, task, "all");
            assert!(right >= bar, "{folder} {task}: {right:.3} right: {faults}");
        }
    }
}
