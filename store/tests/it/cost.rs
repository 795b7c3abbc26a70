//! What a message costs the store: counted in rows and steps, never timed, and the same however long the history is.

use std::collections::BTreeMap;
use std::path::Path;

use domain::ports::{Outbox, Posting, Recall, Settled, Turns};
use store::Taken;
use store::contract::{Stage, person};

use crate::sqlite::at;

/// Puts older messages, deliveries and turns behind what a customer has said.
fn age(folder: &Path, messages: usize) {
    let file = rusqlite::Connection::open(folder.join("rapport.db")).unwrap();
    let filled = |sql: &str| {
        let sql = format!("with recursive n (i) as (select 1 union all select i + 1 from n where i < ?1) {sql}");
        file.execute(&sql, [i64::try_from(messages).unwrap()]).unwrap()
    };
    let copied = filled(
        "insert into message (workspace, id, customer, strand, conversation, seq, channel, connection, direction, author, at, state, body) \
         select workspace, 'msg_old' || i, customer, strand, conversation, -i, channel, connection, direction, author, at - i, \
         'answered', body from n, message where seq = 1",
    );
    assert_eq!(copied, messages);
    filled(
        "insert into outbox (workspace, id, message, customer, strand, connection, channel, author, seq, state, settled_at, body) \
         select workspace, 'dlv_old' || i, message, customer, strand, connection, channel, author, -i, 'settled', settled_at, body \
         from n, outbox where outbox.id = (select min(id) from outbox)",
    );
    filled(
        "insert into turn (workspace, id, conversation, at, key_owner, body) \
         select workspace, 'trn_old' || i, conversation, at - i, key_owner, body from n, turn where turn.id = (select min(id) from turn)",
    );
}

/// One message from its arrival to its receipt, with a history of this many messages.
async fn message(folder: &Path, history: usize) -> BTreeMap<&'static str, Taken> {
    let stage = Stage::new(at(folder).await);
    let sarah = person("+33612345678");
    // As many as a turn looks back at, so that what lies behind is never opened.
    for _ in 0..20 {
        exchange(&stage, &sarah).await;
    }
    age(folder, history);
    // What is prepared and cached now would be counted only once.
    exchange(&stage, &sarah).await;
    stage.store.toll();
    exchange(&stage, &sarah).await;
    stage.store.toll()
}

async fn exchange(stage: &Stage, who: &store::contract::Person) {
    stage.says(who, "How much is Aria?").await;
    stage.turn("It is 459 EUR.").await;
    let delivery = stage.delivery().await.unwrap();
    let sent = Settled::Sent { provider_message_id: Some(delivery.id.to_string()) };
    stage.store.settle(&stage.workspace, &delivery, sent, stage.now()).await.unwrap();
    assert!(stage.claim().await.is_none() && stage.delivery().await.is_none());
    assert!(stage.store.next_ready().await.unwrap().is_none() && stage.store.next_delivery(&[]).await.unwrap().is_none());
}

#[tokio::test]
async fn a_message_reads_no_more_of_ten_thousand_old_ones_than_of_a_hundred() {
    let (young, old) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (few, many) = (message(young.path(), 100).await, message(old.path(), 10_000).await);
    for (sql, taken) in &many {
        assert_eq!(few.get(sql), Some(taken), "this statement costs more with a longer history: {sql}");
    }
    let statements: u64 = many.values().map(|taken| taken.statements).sum();
    let rows: u64 = many.values().map(|taken| taken.rows).sum();
    println!("{statements} statements and {rows} rows a message");
    assert!(statements <= 80, "{statements} statements for one message");
}

/// What recall asks in a turn once the blocks of the history have been read, with this many messages in them.
async fn recall(folder: &Path, history: usize) -> BTreeMap<&'static str, Taken> {
    let stage = Stage::new(at(folder).await);
    let sarah = person("+33612345678");
    let customer = stage.says(&sarah, "How much is Aria?").await.customer;
    stage.turn("It is 459 EUR.").await;
    let sent = stage.delivery().await.unwrap();
    stage.store.settle(&stage.workspace, &sent, Settled::Sent { provider_message_id: None }, stage.now()).await.unwrap();
    for _ in 0..20 {
        exchange(&stage, &sarah).await;
    }
    let (store, workspace) = (&stage.store, &stage.workspace);
    let strand = store.posted(workspace, customer).await.unwrap()[0].strand;
    age(folder, history);
    for block in 1..=i64::try_from(history / 256).unwrap() {
        let posted = store.posted(workspace, customer).await.unwrap()[0];
        let posting = Posting { last_seq: block, messages: 256, words: vec![7; 4_096] };
        assert!(store.keep_posting(workspace, posted, &posting).await.unwrap());
    }
    let read_to = store.said_on(workspace, strand, 0, i64::MAX, 100).await.unwrap().last().unwrap().seq;
    exchange(&stage, &sarah).await;
    stage.store.toll();
    let posted = store.posted(workspace, customer).await.unwrap();
    assert!(store.postings(workspace, strand, posted[0].to).await.unwrap().is_empty(), "what is at hand is not read again");
    let said = store.said_on(workspace, strand, read_to, i64::MAX, 64).await.unwrap();
    assert_eq!(said.len(), 2);
    assert_eq!(store.said(workspace, customer, &[said[0].id]).await.unwrap(), said[..1]);
    stage.store.toll()
}

#[tokio::test]
async fn recall_reads_no_more_of_ten_thousand_old_messages_than_of_a_hundred() {
    let (young, old) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (few, many) = (recall(young.path(), 100).await, recall(old.path(), 10_000).await);
    for (sql, taken) in &many {
        assert_eq!(few.get(sql), Some(taken), "this statement costs more with a longer history: {sql}");
    }
    assert!(many.values().map(|taken| taken.statements).sum::<u64>() <= 4);
}

/// Another customer for each number, with a message that waits: what a server has before it when many write at once.
fn crowd(folder: &Path, people: usize) {
    let file = rusqlite::Connection::open(folder.join("rapport.db")).unwrap();
    let filled = |sql: &str| {
        let sql = format!("with recursive n (i) as (select 1 union all select i + 1 from n where i < ?1) {sql}");
        assert_eq!(file.execute(&sql, [i64::try_from(people).unwrap()]).unwrap(), people);
    };
    filled(
        "insert into customer (workspace, id, root, version, fence, leased_until, created_at, card, score) \
         select workspace, 'cus_' || i, 'cus_' || i, 0, 0, 0, created_at - i, card, 0 from n, (select * from customer limit 1)",
    );
    filled(
        "insert into message (workspace, id, customer, strand, conversation, seq, channel, connection, direction, author, at, state, body) \
         select workspace, 'msg_' || i, 'cus_' || i, strand, conversation, 1000000 + i, channel, connection, direction, author, at, 'open', \
         body from n, (select * from message where seq = 1)",
    );
    filled(
        "insert into burst (workspace, customer, connection, first_seq, ready_at, limit_at) \
         select workspace, 'cus_' || i, connection, 1000000 + i, 8000000000000000000, 8000000000000000000 \
         from n, (select * from message where seq = 1)",
    );
}

/// What one message costs while this many others wait.
async fn message_among(folder: &Path, waiting: usize) -> BTreeMap<&'static str, Taken> {
    let stage = Stage::new(at(folder).await);
    let sarah = person("+33612345678");
    exchange(&stage, &sarah).await;
    crowd(folder, waiting);
    // What is prepared and cached now would be counted only once.
    said_and_answered(&stage, &sarah).await;
    stage.store.toll();
    said_and_answered(&stage, &sarah).await;
    stage.store.toll()
}

async fn said_and_answered(stage: &Stage, who: &store::contract::Person) {
    stage.says(who, "How much is Aria?").await;
    stage.turn("It is 459 EUR.").await;
    let delivery = stage.delivery().await.unwrap();
    let sent = Settled::Sent { provider_message_id: Some(delivery.id.to_string()) };
    stage.store.settle(&stage.workspace, &delivery, sent, stage.now()).await.unwrap();
}

#[tokio::test]
async fn a_message_reads_no_more_when_ten_thousand_wait_than_when_a_hundred_do() {
    let (quiet, busy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (few, many) = (message_among(quiet.path(), 100).await, message_among(busy.path(), 10_000).await);
    assert!(many.len() > 20, "the statements of a message were counted");
    for (sql, taken) in &many {
        assert_eq!(few.get(sql), Some(taken), "this statement costs more the more wait: {sql}");
    }
}

#[tokio::test]
async fn no_statement_of_a_message_walks_through_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::new(at(folder.path()).await);
    exchange(&stage, &person("+33612345678")).await;
    // At its start the server looks at what was under way, and for erasures to finish.
    let at_start = ["update customer set leased_until = 0", "select workspace, customer, customers, strands, at from erasure"];
    let walks = stage.store.walks();
    let of_message: Vec<_> = walks.iter().filter(|(sql, _)| !at_start.iter().any(|known| sql.starts_with(known))).collect();
    assert!(of_message.is_empty(), "{of_message:#?}");
}
