//! Every case of hostile input at a text door has a test that is there: none can be forgotten or renamed away.

use std::collections::BTreeSet;
use std::path::PathBuf;

/// Numbered cases: prefix and last number.
const WHOLE: [(&str, u32); 3] = [("WH", 27), ("WS", 20), ("EM", 27)];
/// Cases of other surfaces that concern the doors.
const BESIDES: [&str; 5] = ["KB-02", "CF-10", "CS-04", "CS-05", "CS-08"];

#[test]
fn every_hostile_case_of_the_text_doors_has_its_test() {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let table = std::fs::read_to_string(here.join("tests/hostile.tsv")).expect("the table");
    let mut found = BTreeSet::new();
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [code, case, tests] = fields.as_slice() else { panic!("{line:?} is no row") };
        assert!(found.insert((*code).to_owned()), "{code} stands there twice");
        assert!(!case.is_empty() && !tests.is_empty(), "{code} says nothing");
        for test in tests.split(' ') {
            let (file, name) = test.split_once(':').unwrap_or_else(|| panic!("{code}: {test} names no test"));
            let text = std::fs::read_to_string(here.join("..").join(file)).unwrap_or_else(|error| panic!("{code}: {file}: {error}"));
            let is_there = if file.ends_with(".mjs") {
                text.contains(&format!("promise(\"{}\"", name.replace('_', " ")))
            } else {
                text.contains(&format!("fn {name}("))
            };
            assert!(is_there, "{code}: {file} has no test {name}");
        }
    }
    let numbered = WHOLE.iter().flat_map(|(prefix, last)| (1..=*last).map(move |number| format!("{prefix}-{number:02}")));
    let wanted: BTreeSet<String> = numbered.chain(BESIDES.map(str::to_owned)).collect();
    assert_eq!(found, wanted);
}
