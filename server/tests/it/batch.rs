//! The batch commands and the load generator, as somebody at a terminal uses them.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn rapport(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rapport"))
        .args(arguments)
        .env("RAPPORT_LOG", "error")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("it reads");
    child.wait_with_output().expect("it ends")
}

fn lines(output: &Output) -> Vec<Value> {
    String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
}

fn shop(folder: &Path, expected: &str) {
    let knowledge = folder.join("shop/knowledge");
    std::fs::create_dir_all(&knowledge).expect("a folder");
    std::fs::write(folder.join("shop/workspace.toml"), "[workspace]\nname = \"Shop\"\ntimezone = \"Europe/Paris\"\ncurrency = \"EUR\"\n")
        .expect("a file");
    std::fs::write(knowledge.join("delivery.md"), "# Delivery\n\nDelivery within France takes 3 to 5 working days and costs 9 euros.\n")
        .expect("a file");
    let row = format!(
        r#"{{"id":"q1","business":"shop","lang":"en","text":"How long does delivery take?","answerable":true,"must_contain":[["{expected}"]]}}"#
    );
    std::fs::write(folder.join("questions.jsonl"), row).expect("a file");
}

#[test]
fn texts_are_labelled_after_the_examples() {
    let input = r#"{"train":[{"text":"where is my parcel","label":"order"},{"text":"my parcel is late","label":"order"},{"text":"what does it cost","label":"price"},{"text":"how much is it","label":"price"}]}
{"id":"x1","text":"how much does it cost"}
{"id":"x2","text":"is my parcel late"}
"#;
    let answers = lines(&rapport(&["classify"], input));
    let labels: Vec<&Value> = answers.iter().map(|answer| &answer["label"]).collect();
    assert_eq!(labels, ["price", "order"]);
}

#[test]
fn records_of_one_person_are_proposed_and_a_broken_line_is_named() {
    let input = r#"{"id":"r1","fields":{"name":"Mia Cooke","email":"mia@house.example","birth_date":"1984-03-07"}}
{"id":"r2","fields":{"name":"Leon Adler","email":"leon@adler.example"}}
{"id":"r3","fields":{"name":"Cook, Mia","email":"mia@house.example","birth_date":"07/03/1984"}}
"#;
    let found = lines(&rapport(&["link"], input));
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0]["a"], &found[0]["b"]), (&serde_json::json!("r1"), &serde_json::json!("r3")));
    assert!(found[0]["probability"].as_f64().is_some_and(|likely| likely > 0.9));
    let broken = rapport(&["link"], "{\"id\":1,\"fields\":{}}\n{\"id\":1}\n");
    assert_eq!(broken.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&broken.stderr).contains("line 2"));
    assert_eq!(rapport(&["link", "--bar", "2"], "").status.code(), Some(1));
}

#[test]
fn one_number_is_one_customer_and_a_claim_is_none() {
    let input = r#"{"account":"whatsapp:1","channel":"whatsapp","display_name":"Mia","verified":{"phone":"+33612345678"},"claimed":{},"text":"Hello","day":0}
{"account":"call:2","channel":"call","display_name":null,"verified":{"phone":"06 12 34 56 78"},"claimed":{},"text":"Hello","day":1}
{"account":"webchat:3","channel":"webchat","display_name":"Mia","verified":{},"claimed":{"phone":"+33612345678"},"text":"It is me","day":2}
"#;
    let answers = lines(&rapport(&["resolve"], input));
    let customers: Vec<&Value> = answers.iter().take(3).map(|answer| &answer["customer"]).collect();
    assert_eq!(customers, ["c1", "c1", "c2"]);
    assert_eq!(answers[3]["suggest"], serde_json::json!(["whatsapp:1", "webchat:3"]));
}

#[test]
fn an_evaluation_below_the_bar_ends_with_one() {
    for (expected, code) in [("3 to 5", 0), ("tomorrow", 1)] {
        let folder = tempfile::tempdir().expect("a folder");
        shop(folder.path(), expected);
        let file = folder.path().join("said.jsonl");
        let output = rapport(&["evaluate", &folder.path().to_string_lossy(), "--predictions", &file.to_string_lossy()], "");
        assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stdout));
        let said: Value = serde_json::from_str(&std::fs::read_to_string(&file).expect("predictions")).expect("a line");
        assert_eq!(said["id"], "q1");
    }
}

#[test]
fn under_load_nothing_is_lost_or_doubled_also_over_a_power_cut() {
    let output = rapport(&["bench", "run", "--correctness", "--rate", "20", "--secs", "2"], "");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn a_fault_campaign_that_could_not_fail_is_refused() {
    for arguments in [["--cycles", "0"], ["--writers", "0"]] {
        let output = rapport(&["rehearse", "--faults", arguments[0], arguments[1]], "");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(arguments[0]), "{arguments:?}");
    }
}

#[test]
fn what_was_said_is_found_again() {
    let input = r#"{"customer":"c1","messages":[{"id":"m1","at":"2027-03-01T09:00:00Z","channel":"widget","author":"Sarah","text":"My back hurts after two hours of sitting"},{"id":"m2","at":"2027-03-08T09:01:00Z","channel":"email","author":"agent","text":"The desk comes in oak and in walnut"}],"queries":[{"id":"q1","text":"What about her back?"},{"id":"q2","text":"Which desks are there?"}],"limit":1}
"#;
    let answers = lines(&rapport(&["recall"], input));
    let found: Vec<&Value> = answers.iter().map(|answer| &answer["ids"][0]).collect();
    assert_eq!(found, ["m1", "m2"]);
    assert_eq!(answers[1]["query"], "q2");
}

#[test]
fn recall_below_the_bar_ends_with_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let message = r#"{"id":"a","conv":"c","ts":"2027-03-01T09:00:00","speaker":"Ida","text":"The oak desk arrives on Monday"}"#;
    std::fs::write(folder.path().join("messages.jsonl"), message).expect("a file");
    for (evidence, code) in [("a", 0), ("b", 1)] {
        let question = format!(r#"{{"conv":"c","category":"one","question":"When does the desk arrive?","evidence":["{evidence}"]}}"#);
        std::fs::write(folder.path().join("questions.jsonl"), question).expect("a file");
        let output = rapport(&["recall", "--measure", &folder.path().to_string_lossy()], "");
        assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stdout));
        assert!(String::from_utf8_lossy(&output.stdout).contains("R@30"));
    }
}
