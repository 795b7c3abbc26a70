//! The invariants that `rapport doctor` looks at: silent on a healthy store, red on a planted fault, harmless on a live one.

use std::path::Path;

use domain::message::DeliveryState;
use domain::ports::{Audit, Audited, Desk, Outbox, Settled};
use store::contract::{Stage, person};
use store::{Finding, Location, OpenError, examine};

use crate::sqlite::{at, settings};

async fn look(folder: &Path) -> Vec<Finding> {
    examine(&settings(Location::Sqlite { folder: folder.to_owned() })).await.unwrap().unwrap()
}

/// Two people with answered messages, one message that waits and one reply that waits.
async fn lived_in(folder: &Path) {
    let stage = Stage::new(at(folder).await);
    for number in ["+33612345678", "+33612345679"] {
        for text in ["One", "Two"] {
            stage.says(&person(number), text).await;
            stage.turn(&format!("About {text}")).await;
            let delivery = stage.delivery().await.unwrap();
            let sent = Settled::Sent { provider_message_id: Some(format!("{number}-{text}")) };
            stage.store.settle(&stage.workspace, &delivery, sent, stage.now()).await.unwrap();
        }
    }
    stage.says(&person("+33612345678"), "Three").await;
    stage.turn("About three").await;
    stage.says(&person("+33612345679"), "Four").await;
    let done = || Audited { at: stage.now(), actor: "operator".to_owned(), act: "looked".to_owned(), subjects: Vec::new(), outcome: 200 };
    stage.store.audit(&stage.workspace, vec![done(), done()]).await.unwrap();
}

#[tokio::test]
async fn a_healthy_store_breaks_no_invariant() {
    let folder = tempfile::tempdir().unwrap();
    let nothing = examine(&settings(Location::Sqlite { folder: folder.path().to_owned() })).await.unwrap();
    assert_eq!(nothing, None, "nothing is stored yet, and nothing was made");
    assert!(!folder.path().join("rapport.db").exists());
    lived_in(folder.path()).await;
    let found = look(folder.path()).await;
    let names: Vec<&str> = found.iter().map(|finding| finding.name).collect();
    assert_eq!(names, ["I1", "I2", "I3", "I4", "I5", "I6", "I6", "I7", "I7", "I8"]);
    assert!(found.iter().all(Finding::holds), "{found:#?}");
}

#[tokio::test]
async fn a_crowd_for_measurements_breaks_no_invariant() {
    let folder = tempfile::tempdir().unwrap();
    {
        let stage = Stage::new(at(folder.path()).await);
        stage.says(&person("+33612345678"), "One").await;
        stage.turn("About one").await;
        let delivery = stage.delivery().await.unwrap();
        let sent = Settled::Sent { provider_message_id: Some("wamid.1".to_owned()) };
        stage.store.settle(&stage.workspace, &delivery, sent, stage.now()).await.unwrap();
    }
    let mut told = Vec::new();
    store::crowd(folder.path(), 0..3, 5, &mut |done| told.push(done)).unwrap();
    store::crowd(folder.path(), 3..7, 5, &mut |done| told.push(done)).unwrap();
    assert_eq!(told, [3, 4]);
    let found = look(folder.path()).await;
    assert!(found.iter().all(Finding::holds), "{found:#?}");
    let stage = Stage::new(at(folder.path()).await);
    let ledger = stage.store.ledger(&stage.workspace, None, None, 100).await.unwrap();
    assert_eq!((ledger.0.accepted, ledger.0.answered), (1 + 7 * 5, 1 + 7 * 5));
}

#[tokio::test]
async fn each_planted_fault_turns_its_invariant_red() {
    let planted: [(&str, &str); 18] = [
        ("I1", "drop index message_dedupe; update message set dedupe = 'x' where direction = 'in'"),
        ("I1", "update message set dedupe = null where id = (select min(id) from message where direction = 'in')"),
        ("I2", "delete from burst"),
        ("I2", "update message set inbound = null where state = 'open'"),
        ("I3", "delete from turn where id = (select min(id) from turn)"),
        ("I3", "update message set turn = null where state = 'answered'"),
        ("I3", "delete from outbox where id = (select min(id) from outbox)"),
        ("I4", "update outbox set vendor_hash = 'x' where state = 'settled'"),
        ("I4", "update message set delivery = 'queued' where direction = 'out'"),
        ("I5", "update outbox set seq = seq + 1000 where id = (select min(id) from outbox)"),
        ("I5", "update message set seq = 1 where direction = 'in'"),
        ("I6", "update outbox set customer = 'cus_somebody'"),
        ("I6", "update message set workspace = 'elsewhere' where id = (select min(id) from message where direction = 'out')"),
        ("I6", "delete from conversation where id = (select min(id) from conversation)"),
        (
            "I6",
            "insert into link_event (workspace, seq, change, at) select s.workspace, 999, '{\"change\":\"move_strand\",\"strand\":\"' || s.id \
            || '\",\"to\":\"cus_somebody\"}', 0 from strand s limit 1",
        ),
        ("I7", "update audit set actor = 'somebody else' where seq = 1"),
        ("I7", "delete from audit where seq = 1"),
        ("I8", "update message set state = 'forgotten' where state = 'open'"),
    ];
    for (name, sql) in planted {
        let folder = tempfile::tempdir().unwrap();
        lived_in(folder.path()).await;
        let file = rusqlite::Connection::open(folder.path().join("rapport.db")).unwrap();
        file.execute_batch(sql).unwrap();
        drop(file);
        let found = look(folder.path()).await;
        let is_red = found.iter().any(|finding| finding.name == name && finding.violations > 0 && !finding.examples.is_empty());
        assert!(is_red, "{name} stays green after: {sql}\n{found:#?}");
    }
}

#[tokio::test]
async fn a_file_that_is_damaged_is_named() {
    let folder = tempfile::tempdir().unwrap();
    lived_in(folder.path()).await;
    let path = folder.path().join("rapport.db");
    let file = rusqlite::Connection::open(&path).unwrap();
    // A row that its own table forbids: every query still answers, only the engine's own check sees it.
    let redefine = |from: &str, to: &str| {
        file.execute_batch(&format!(
            "pragma writable_schema = on; update sqlite_schema set sql = replace(sql, '{from}', '{to}') where name = 'workspace'; \
             pragma writable_schema = reset"
        ))
        .unwrap();
    };
    redefine("name text not null", "name text");
    file.execute("insert into workspace (id, name, created_at) values ('nameless', null, 0)", ()).unwrap();
    redefine("name text,", "name text not null,");
    drop(file);
    let found = look(folder.path()).await;
    assert!(found.iter().any(|finding| finding.name == "I7" && finding.violations > 0), "{found:#?}");
}

#[tokio::test]
async fn looking_at_a_live_store_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::new(at(folder.path()).await);
    stage.says(&person("+33612345678"), "One").await;
    let reply = stage.turn("First").await.replies[0].message.id;
    let being_sent = stage.delivery().await.unwrap();
    assert!(look(folder.path()).await.iter().all(Finding::holds));
    let sent = Settled::Sent { provider_message_id: Some("a".to_owned()) };
    stage.store.settle(&stage.workspace, &being_sent, sent, stage.now()).await.unwrap();
    let message = stage.store.message(&stage.workspace, reply).await.unwrap().unwrap();
    assert_eq!(message.delivery, Some(DeliveryState::Sent), "what is being sent is not put in doubt by a look");
}

#[tokio::test]
async fn a_newer_database_is_not_judged_by_an_older_program() {
    let folder = tempfile::tempdir().unwrap();
    lived_in(folder.path()).await;
    let file = rusqlite::Connection::open(folder.path().join("rapport.db")).unwrap();
    file.execute("insert into schema_version (version, name, at) values (9999, 'future', 0)", ()).unwrap();
    drop(file);
    let refused = examine(&settings(Location::Sqlite { folder: folder.path().to_owned() })).await;
    assert!(matches!(refused, Err(OpenError::Newer { found: 9999, .. })), "{refused:?}");
}
