//! Who may know whom: everybody knows `domain`, nobody knows a sibling, `server` introduces them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const CRATES: [&str; 8] = ["domain", "engine", "channels", "providers", "knowledge", "store", "rehearsal", "server"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Crates of ours that a section of a manifest names.
fn named(manifest: &str, section: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut inside = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.trim() == section;
        } else if inside {
            let name = line.split(['.', '=', ' ']).next().unwrap_or_default();
            if CRATES.contains(&name) {
                names.insert(name.to_owned());
            }
        }
    }
    names
}

fn manifest(of: &str) -> String {
    std::fs::read_to_string(root().join(of).join("Cargo.toml")).expect("each crate has a manifest")
}

fn sources(of: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(of).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").filter_map(Result::ok) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push((path.clone(), std::fs::read_to_string(&path).expect("a source file")));
            }
        }
    }
    found
}

#[test]
fn nobody_but_the_server_knows_a_sibling() {
    for one in CRATES.into_iter().filter(|one| *one != "server") {
        let known = named(&manifest(one), "[dependencies]");
        let expected: BTreeSet<String> = if one == "domain" { BTreeSet::new() } else { ["domain".to_owned()].into() };
        assert_eq!(known, expected, "{one}");
    }
}

#[test]
fn tests_look_sideways_only_at_store_and_rehearsal() {
    for one in CRATES {
        let known = named(&manifest(one), "[dev-dependencies]");
        let allowed: BTreeSet<String> = ["domain", "store", "rehearsal", one].map(str::to_owned).into();
        assert!(known.is_subset(&allowed), "{one} knows {known:?}");
    }
}

#[test]
fn the_domain_does_no_input_or_output() {
    let manifest = manifest("domain");
    for forbidden in ["tokio", "sqlx", "reqwest", "axum", "hyper"] {
        assert!(!manifest.lines().any(|line| line.starts_with(forbidden)), "{forbidden}");
    }
    for (path, text) in sources("domain") {
        for forbidden in ["std::fs", "std::net", "SystemTime", "Instant::now"] {
            assert!(!text.contains(forbidden), "{} uses {forbidden}", path.display());
        }
    }
}

#[test]
fn decisions_speak_no_sql_and_no_http() {
    for (path, text) in sources("engine") {
        for forbidden in ["sqlx", "reqwest", "axum", "SystemTime"] {
            assert!(!text.contains(forbidden), "{} uses {forbidden}", path.display());
        }
    }
}
