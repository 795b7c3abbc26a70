//! What is said while its turn still runs.

use std::sync::Arc;

use domain::message::{DeliveryState, Message};
use domain::ports::{Desk, Turns};
use domain::turn::{Claim, Speech, TurnRecord};

use super::stage::{MINUTE, Person, Stage, is_lost, is_stale};
use crate::Storage;

/// The record's one reply as a speech that has come so far.
fn speech(stage: &Stage, claim: &Claim, record: &TurnRecord, said: &str, spoken: bool) -> Speech {
    let mut reply = record.replies[0].clone();
    said.clone_into(&mut reply.message.text);
    said.clone_into(&mut reply.rendered.text);
    reply.spoken = spoken;
    Speech {
        workspace: stage.workspace.clone(),
        lease: claim.lease,
        customer_version: record.customer_version,
        answers: claim.messages.iter().map(|waiting| waiting.message.id).collect(),
        reply,
        at: stage.now(),
    }
}

async fn entry(stage: &Stage, record: &TurnRecord) -> Message {
    stage.store.message(&stage.workspace, record.replies[0].message.id).await.unwrap().unwrap()
}

pub async fn what_is_said_grows_and_leaves_with_the_commit(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    stage.says(&sarah, "What does it cost?").await;
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    let mut record = stage.record(&claim, &context, "It costs 349 EUR. Delivery is free.");
    store.speak(speech(&stage, &claim, &record, "It costs 349 EUR.", false)).await.unwrap();
    let begun = entry(&stage, &record).await;
    assert_eq!((begun.text.as_str(), begun.delivery), ("It costs 349 EUR.", Some(DeliveryState::Speaking)));
    assert!(stage.delivery().await.is_none(), "nothing leaves while it is being said");
    store.speak(speech(&stage, &claim, &record, "It costs 349 EUR. Delivery", true)).await.unwrap();
    assert_eq!(entry(&stage, &record).await.text, "It costs 349 EUR. Delivery");
    record.replies[0].spoken = true;
    store.commit(record.clone()).await.unwrap();
    let done = entry(&stage, &record).await;
    assert_eq!((done.text.as_str(), done.delivery), ("It costs 349 EUR. Delivery is free.", Some(DeliveryState::Queued)));
    assert_eq!(done.seq, begun.seq, "it keeps its place");
    assert_eq!(stage.delivery().await.unwrap().rendered.text, "It costs 349 EUR. Delivery is free.");
    assert!(stage.delivery().await.is_none(), "and leaves once");
}

pub async fn a_newer_message_ends_what_is_being_said(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    stage.says(&sarah, "What does it cost?").await;
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    let mut record = stage.record(&claim, &context, "It costs 349 EUR. Delivery is free.");
    store.speak(speech(&stage, &claim, &record, "It costs 349 EUR.", false)).await.unwrap();
    stage.says(&sarah, "In black, please.").await;
    is_stale(store.speak(speech(&stage, &claim, &record, "It costs 349 EUR. Delivery is free.", true)).await);
    record.replies[0].spoken = true;
    is_stale(store.commit(record.clone()).await);
    store.hush(&stage.workspace, record.replies[0].delivery, stage.now()).await.unwrap();
    store.hush(&stage.workspace, record.replies[0].delivery, stage.now()).await.unwrap();
    let cut = entry(&stage, &record).await;
    assert_eq!((cut.text.as_str(), cut.delivery), ("It costs 349 EUR.", Some(DeliveryState::Queued)));
    assert_eq!(cut.delivery_reason.as_deref(), Some("cut short: the conversation went on"));
    assert_eq!(stage.delivery().await.unwrap().rendered.text, "It costs 349 EUR.");
    store.unlease(&stage.workspace, claim.lease).await.unwrap();
    stage.wait(MINUTE);
    let again = stage.claim().await.unwrap();
    assert_eq!(again.messages.len(), 2, "the next turn answers both");
}

pub async fn a_lost_lease_says_nothing_more(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    stage.says(&sarah, "What does it cost?").await;
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    let record = stage.record(&claim, &context, "It costs 349 EUR.");
    stage.wait(MINUTE * 2);
    let other = stage.claim().await.expect("the lease ran out");
    is_lost(store.speak(speech(&stage, &claim, &record, "It costs 349 EUR.", false)).await);
    assert!(stage.store.message(&stage.workspace, record.replies[0].message.id).await.unwrap().is_none());
    store.unlease(&stage.workspace, other.lease).await.unwrap();
}

pub async fn what_a_dead_turn_was_saying_ends_with_the_next_claim(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    stage.says(&sarah, "What does it cost?").await;
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    let record = stage.record(&claim, &context, "It costs 349 EUR. Delivery is free.");
    store.speak(speech(&stage, &claim, &record, "It costs 349 EUR.", false)).await.unwrap();
    stage.wait(MINUTE * 2);
    let other = stage.claim().await.expect("the lease ran out");
    let cut = entry(&stage, &record).await;
    assert_eq!((cut.text.as_str(), cut.delivery), ("It costs 349 EUR.", Some(DeliveryState::Queued)));
    assert_eq!(stage.delivery().await.unwrap().rendered.text, "It costs 349 EUR.");
    is_lost(store.speak(speech(&stage, &claim, &record, "It costs 349 EUR. Delivery is free.", true)).await);
    store.unlease(&stage.workspace, other.lease).await.unwrap();
}
