//! `rapport doctor` as an operator runs it: on nothing, on a healthy folder, on one with a planted fault; and what guards
//! a folder from a second server.

use std::path::Path;
use std::process::Command;

const CONFIGURATION: &str = r#"
[server]
listen = "127.0.0.1:0"
public_url = "http://127.0.0.1:8080"
data_dir = "data"
admin_token = { env = "ADMIN" }

[workspace]
id = "one"
name = "One"

[[connections]]
id = "web"
channel = "widget"
allowed_origins = ["https://shop.example"]
"#;

/// What it says, and whether it is content.
fn doctor(folder: &Path) -> (String, bool) {
    let answer = Command::new(env!("CARGO_BIN_EXE_rapport"))
        .args(["doctor", "--config"])
        .arg(folder.join("rapport.toml"))
        .env("ADMIN", super::server::ADMIN)
        .env_remove("RAPPORT_SERVER__DATABASE_URL")
        .output()
        .unwrap();
    (String::from_utf8_lossy(&answer.stdout).into_owned(), answer.status.success())
}

#[test]
fn the_doctor_names_each_invariant_and_a_planted_fault() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rapport.toml"), CONFIGURATION).unwrap();
    let (said, is_content) = doctor(folder.path());
    assert!(is_content && said.contains("nothing stored yet"), "{said}");
    let (said, is_content) = doctor(folder.path());
    assert!(is_content, "{said}");
    for number in 1..=8 {
        assert!(said.contains(&format!("ok    invariant  I{number}  ")), "I{number} is missing in\n{said}");
    }
    let file = rusqlite::Connection::open(folder.path().join("data/rapport.db")).unwrap();
    file.execute(
        "insert into burst (workspace, customer, connection, first_seq, ready_at, limit_at) values ('one', 'cus_nobody', 'web', 1, 0, 0)",
        (),
    )
    .unwrap();
    drop(file);
    let (said, is_content) = doctor(folder.path());
    assert!(!is_content, "{said}");
    assert!(said.contains("FAULT invariant  I2  ") && said.contains("1 violations, among them cus_nobody"), "{said}");
}

#[test]
fn a_second_server_on_the_same_folder_is_refused_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rapport.toml"), CONFIGURATION).unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let first = std::fs::File::create(data.join("rapport.lock")).unwrap();
    first.try_lock().unwrap();
    let second = Command::new(env!("CARGO_BIN_EXE_rapport"))
        .args(["serve", "--config"])
        .arg(folder.path().join("rapport.toml"))
        .env("ADMIN", super::server::ADMIN)
        .env_remove("RAPPORT_SERVER__DATABASE_URL")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(1), "{said}");
    assert!(said.contains("another server runs on the data folder") && said.contains("stop it first"), "{said}");
    assert!(!data.join("rapport.db").exists(), "nothing was touched");
}
