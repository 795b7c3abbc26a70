//! Nothing a customer said or is lies in the files in clear.

use domain::fact::Predicate;
use domain::ports::{Desk, Intake, People, Quarantine, StoreError};
use domain::{ConnectionId, Secret};
use store::contract::{Stage, person};
use store::{Location, Settings};

use crate::sqlite::at;

fn holds(folder: &std::path::Path, word: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let wide: Vec<u8> = word.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for form in [word.as_bytes(), &wide] {
            if bytes.windows(form.len()).any(|window| window == form) {
                found.push(format!("{word} in {}", path.display()));
            }
        }
    }
    found
}

#[tokio::test]
async fn a_byte_search_over_the_folder_finds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::new(at(folder.path()).await);
    let sarah = person("+33612345678").named("Saralinde Millerova");
    stage.teaches(&sarah, Predicate::Name, "Saralinde Millerova").await;
    stage.says(&sarah, "The zebrafinch order is late").await;
    stage.turn("We look for the zebrafinch").await;
    let delivery = stage.delivery().await.unwrap();
    let sent = domain::ports::Settled::Sent { provider_message_id: Some("wamid.HBgLMzM2MTIzNDU2Nzg".to_owned()) };
    domain::ports::Outbox::settle(&*stage.store, &stage.workspace, &delivery, sent, stage.now()).await.unwrap();
    let raw = Quarantine {
        workspace: stage.workspace.clone(),
        connection: ConnectionId::from("whatsapp"),
        body: b"zebrafinch {".to_vec(),
        reason: "unreadable zebrafinch".to_owned(),
        at: stage.now(),
    };
    stage.store.quarantine(raw).await.unwrap();
    let mut found = Vec::new();
    for word in ["zebrafinch", "Saralinde", "Millerova", "saralinde", "33612345678", "612345", "wamid.HBg"] {
        found.extend(holds(folder.path(), word));
    }
    assert!(found.is_empty(), "{found:?}");
    assert!(!holds(folder.path(), "msg_").is_empty(), "the search itself works");
}

#[tokio::test]
async fn a_sealed_value_moved_to_another_row_does_not_open() {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::new(at(folder.path()).await);
    let sarah = person("+33612345678");
    let first = stage.says(&sarah, "One").await;
    let second = stage.says(&sarah, "Two").await;
    let file = rusqlite::Connection::open(folder.path().join("rapport.db")).unwrap();
    let (from, to) = (first.message.to_string(), second.message.to_string());
    file.execute("update message set body = (select body from message where id = $1) where id = $2", (from, to)).unwrap();
    assert_eq!(stage.store.message(&stage.workspace, first.message).await.unwrap().unwrap().text, "One");
    let moved = stage.store.message(&stage.workspace, second.message).await;
    assert!(matches!(moved, Err(StoreError::Corrupt(_))), "{moved:?}");
}

#[tokio::test]
async fn without_the_master_key_the_files_are_noise() {
    let folder = tempfile::tempdir().unwrap();
    let customer = {
        let stage = Stage::new(at(folder.path()).await);
        stage.says(&person("+33612345678"), "One").await.customer
    };
    let location = Location::Sqlite { folder: folder.path().to_owned() };
    let stranger = store::open(Settings::new(location, Secret::new([8; 32]))).await.unwrap();
    let stage = Stage::new(stranger);
    let read = stage.store.customer(&stage.workspace, customer).await;
    assert!(matches!(read, Err(StoreError::Corrupt(_))), "{read:?}");
}
