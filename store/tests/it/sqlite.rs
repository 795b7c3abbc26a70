//! The contract on SQLite, and what a restart does there.

use std::sync::Arc;
use std::time::Duration;

use domain::Secret;
use domain::message::DeliveryState;
use domain::ports::{Desk, Turns};
use store::contract::{CASES, Stage};
use store::{Location, OpenError, Settings, Storage};

pub fn settings(location: Location) -> Settings {
    Settings::new(location, Secret::new([7; 32]))
}

pub async fn at(folder: &std::path::Path) -> Arc<Storage> {
    store::open(settings(Location::Sqlite { folder: folder.to_owned() })).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_keeps_the_contract() {
    for (name, case) in CASES {
        println!("{name}");
        case(store::open(settings(Location::SqliteMemory)).await.unwrap()).await;
    }
}

#[tokio::test]
async fn a_restart_frees_what_was_leased_and_doubts_what_was_being_sent() {
    let folder = tempfile::tempdir().unwrap();
    let sarah = store::contract::person("+33612345678");
    let (asked, answered) = {
        let stage = Stage::new(at(folder.path()).await);
        stage.says(&sarah, "One").await;
        let answered = stage.turn("First").await.replies[0].message.id;
        assert!(stage.delivery().await.is_some());
        let asked = stage.says(&sarah, "Two").await;
        assert!(stage.claim().await.is_some());
        (asked, answered)
    };
    let stage = Stage::new(at(folder.path()).await);
    let early = domain::MonotonicTime::from_micros(1);
    let claim = stage.store.claim(early, Duration::from_mins(1)).await.unwrap().unwrap();
    assert_eq!((claim.messages[0].message.id, claim.messages[0].attempts), (asked.message, 2));
    let message = stage.store.message(&stage.workspace, answered).await.unwrap().unwrap();
    assert_eq!(message.delivery, Some(DeliveryState::Unknown));
    assert_eq!(message.delivery_reason.as_deref(), Some("interrupted while it was being sent"));
}

#[tokio::test]
async fn a_restart_ends_what_was_being_said_and_answers_again() {
    let folder = tempfile::tempdir().unwrap();
    let sarah = store::contract::person("+33612345678");
    let reply = {
        let stage = Stage::new(at(folder.path()).await);
        stage.says(&sarah, "What does it cost?").await;
        let claim = stage.claim().await.unwrap();
        let context = stage.context(&claim).await;
        let record = stage.record(&claim, &context, "It costs 349 EUR.");
        let reply = record.replies[0].clone();
        let speech = domain::turn::Speech {
            workspace: stage.workspace.clone(),
            lease: claim.lease,
            customer_version: record.customer_version,
            answers: vec![claim.messages[0].message.id],
            reply: reply.clone(),
            at: stage.now(),
        };
        stage.store.speak(speech).await.unwrap();
        reply
    };
    let stage = Stage::new(at(folder.path()).await);
    let message = stage.store.message(&stage.workspace, reply.message.id).await.unwrap().unwrap();
    assert_eq!(message.delivery, Some(DeliveryState::Queued));
    assert_eq!(message.delivery_reason.as_deref(), Some("cut short: the conversation went on"));
    assert_eq!(stage.delivery().await.unwrap().id, reply.delivery, "what was said leaves");
    let early = domain::MonotonicTime::from_micros(1);
    assert!(stage.store.claim(early, Duration::from_mins(1)).await.unwrap().is_some(), "and the message is answered");
}

#[tokio::test]
async fn an_older_program_refuses_a_newer_database() {
    let folder = tempfile::tempdir().unwrap();
    drop(at(folder.path()).await);
    let file = rusqlite::Connection::open(folder.path().join("rapport.db")).unwrap();
    file.execute("insert into schema_version (version, name, at) values (99, 'future', 0)", ()).unwrap();
    drop(file);
    let refused = store::open(settings(Location::Sqlite { folder: folder.path().to_owned() })).await;
    assert!(matches!(refused, Err(OpenError::Newer { found: 99, .. })), "{refused:?}");
}
