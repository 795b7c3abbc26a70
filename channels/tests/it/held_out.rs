//! Payloads that were written from the vendors' specifications by somebody who did not look at the decoders: sender, text, kind
//! of media, the vendor's id, time and what is answered come out right.

use std::path::PathBuf;

use serde_json::Value;

use crate::decoding::{differs, events};

#[test]
fn payloads_nobody_built_the_doors_for_come_out_right() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/held_out.jsonl");
    let (mut wrong, mut seen) = (Vec::new(), std::collections::BTreeMap::<String, usize>::new());
    for line in std::fs::read_to_string(path).unwrap().lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let (channel, name) = (case["channel"].as_str().unwrap(), case["case"].as_str().unwrap());
        let found = serde_json::to_value(events(channel.parse().unwrap(), &case["payload"])).unwrap();
        wrong.extend(differs(&case["events"], Some(&found), &format!("{channel}, {name}: ")));
        *seen.entry(channel.to_owned()).or_default() += 1;
    }
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(seen.len() == 8 && seen.values().all(|count| *count >= 12), "{seen:?}");
}
