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

/// Statements that look at everything of their kind, and why they may.
const MAY_WALK: &[(&str, &str)] = &[
    ("delete from early_receipt where workspace = $1 and at < $2", "receipts that came before their send returned, kept a week"),
    ("delete from gap where", "questions that nobody wrote an answer to"),
    ("insert into link_event", "takes the last number of the log, which is the first of its index read backwards"),
    ("select seq, hash from audit where", "takes the last entry of the audit log, which is the first of its index read backwards"),
    ("select seq, hash, signature from audit_checkpoint", "signed ends of the audit log, one an hour, when all of it is looked through"),
    ("select (select count(*) from (select 1 from conversation v", "counts of the inbox, which end at a thousand"),
    ("select count(*) from (select 1 from conversation v", "counts of saved views, which end at a thousand"),
    ("select count(*) from (select 1 from (select * from conversation", "the newest ten thousand conversations, up to a thousand"),
    ("select c.kind, c.version, c.body", "what was chosen in the console, a few dozen changes in years"),
    ("select id, size, teammate, at, body from document", "documents that were given in the console, a few hundred at most"),
    ("select id, lead, body from team", "the business's teams"),
    ("select m.team, m.teammate from team_member", "who is in the business's teams"),
    ("update document set teammate = null", "the same, when a teammate leaves"),
    ("update team set lead = null", "the business's teams, when a teammate leaves"),
    ("select c.id, c.connection, c.strand", "calls that are under way"),
    ("select c.id, c.created_at from customer c", "the newest customers, read in order and a page long"),
    ("select connection, last_in, last_out from pulse", "one row for each connection"),
    ("select count(*) from quarantine", "what could not be read, kept a month"),
    ("update quarantine set body", "what could not be read, kept a month"),
    ("select e.id, v.customer, e.conversation", "escalations of one status, read in order and a page long"),
    ("select i.id, i.name, i.made_by", "imported files"),
    ("select m.id, m.status, m.key_owner, m.body, m.customer from memory m", "what waits for approval, from an index of those alone"),
    ("select t.id, t.customer, t.due_at, t.body", "tasks of the business, read in order and a page long"),
    ("select count(*), count(case when x.due_at", "tasks that are not done, counted up to a thousand"),
    ("select id, times, last_at, conversation, key_owner, body from gap", "questions that nobody wrote an answer to"),
    ("select rule, count(*), max(at) from firing", "counts of firings, from an index alone"),
    ("select s.id, s.a, s.b, s.probability", "open suggestions"),
    ("select v.id, v.customer, v.status", "conversations, read in order and a page long"),
    ("select workspace, customer, customers, strands, at from erasure", "erasures, once at start and for a backup"),
    ("select workspace, change from link_event", "the identity log, when all data is looked through"),
    ("select workspace, id, root from customer", "everybody, when all data is looked through"),
    ("select workspace, id, customer, home from strand", "everybody, when all data is looked through"),
    ("update customer set leased_until = 0, fence", "turns that were running when the server died"),
    ("update link_event set change = replace", "an erasure blinds the log of identity"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_keeps_the_contract() {
    let mut walks = std::collections::BTreeSet::new();
    for (name, case) in CASES {
        println!("{name}");
        let store = store::open(settings(Location::SqliteMemory)).await.unwrap();
        case(store.clone()).await;
        walks.extend(store.walks());
    }
    let unknown: Vec<String> = walks
        .iter()
        .filter(|(sql, _)| !MAY_WALK.iter().any(|(known, _)| sql.starts_with(known)))
        .map(|(sql, step)| format!("{}… {step}", sql.chars().take(90).collect::<String>()))
        .collect();
    assert!(unknown.is_empty(), "statements that walk through what grows with the business:\n{}", unknown.join("\n"));
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
    file.execute("insert into schema_version (version, name, at) values (9999, 'future', 0)", ()).unwrap();
    drop(file);
    let refused = store::open(settings(Location::Sqlite { folder: folder.path().to_owned() })).await;
    assert!(matches!(refused, Err(OpenError::Newer { found: 9999, .. })), "{refused:?}");
}

#[test]
fn the_database_that_comes_along_is_one_whose_log_is_sound() {
    // Before 3.51.3 two connections could damage the write-ahead log.
    assert!(rusqlite::version_number() >= 3_051_003, "{}", rusqlite::version());
}
