//! Phone calls: kept once, ended once, and only what was heard was said.

use std::sync::Arc;

use domain::attachment::About;
use domain::call::{Attestation, Call, CallAbout, CallDirection, CallState};
use domain::channel::ChannelKind;
use domain::event::{Content, Media};
use domain::fact::{Consent, ConsentState, Promise, PromiseStatus, Promiser};
use domain::identifier::{IdentifierKind, Trust};
use domain::message::{DeliveryState, Direction, TimelineEvent};
use domain::ports::{Accepted, Outbox};
use domain::ports::{
    Attachments, CallEnding, Calls, Desk, NewAttachment, People, Privacy, Recorded, RecordingBegun, RecordingStopped, Settled, Tasks,
};
use domain::turn::{Timer, TimerKind};
use domain::{AttachmentId, MessageId, Timestamp, WorkspaceId};

use super::stage::{Person, Stage, seen};
use crate::Storage;

fn caller(number: &str) -> Person {
    Person {
        name: None,
        channel: ChannelKind::Voice,
        sender: vec![seen(IdentifierKind::Phone, "", number, Trust::ChannelAsserted)],
        address: "CA1".to_owned(),
    }
}

async fn rings(stage: &Stage, person: &Person, vendor_id: &str) -> (Call, Accepted) {
    let accepted = stage.says(person, "Do you deliver to Lyon?").await;
    let message = stage.store.message(&stage.workspace, accepted.message).await.unwrap().unwrap();
    let about = CallAbout {
        vendor_id: vendor_id.to_owned(),
        number: Some("+33612345678".to_owned()),
        attestation: Attestation::Full,
        language: "en".to_owned(),
        ..CallAbout::default()
    };
    let call = Call {
        id: stage.id(),
        connection: person.connection(),
        strand: message.strand,
        conversation: accepted.conversation,
        direction: CallDirection::Inbound,
        state: CallState::Ringing,
        at: message.at,
        ended_at: None,
        about,
    };
    assert!(stage.store.open_call(&stage.workspace, call.clone()).await.unwrap());
    (call, accepted)
}

async fn ids(store: &Storage, workspace: &WorkspaceId, call: &Call) -> Vec<MessageId> {
    store.call_messages(workspace, call, 10).await.unwrap().iter().map(|message| message.id).collect()
}

pub async fn a_call_is_kept_once_and_ends_once(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let person = caller("+33612345678");
    let (call, accepted) = rings(&stage, &person, "CA1").await;
    let workspace = &stage.workspace;
    let again = Call { id: stage.id(), ..call.clone() };
    assert!(!store.open_call(workspace, again).await.unwrap(), "the vendor tells twice");
    assert_eq!(store.call(workspace, &call.connection, "CA1").await.unwrap(), Some(call.clone()));
    assert_eq!(store.call(workspace, &call.connection, "CA2").await.unwrap(), None);
    assert_eq!(store.call_by_id(workspace, call.id).await.unwrap(), Some((call.clone(), accepted.customer)));
    assert!(store.move_call(workspace, call.id, &[CallState::Ringing], CallState::Live, None).await.unwrap());
    assert!(!store.move_call(workspace, call.id, &[CallState::Ringing], CallState::Live, None).await.unwrap());
    let about = CallAbout { farewell: Some("I put you through.".to_owned()), ..call.about.clone() };
    assert_eq!(ids(&store, workspace, &call).await, [accepted.message]);
    let later = Call { at: Timestamp::from_micros(call.at.as_micros() + 1), ..call.clone() };
    assert_eq!(ids(&store, workspace, &later).await, [], "what was said before it rang is no part of it");
    let other = Call { connection: "another".into(), ..call.clone() };
    assert_eq!(ids(&store, workspace, &other).await, [], "nor what was said on another door");
    let from = [CallState::Cut, CallState::Live];
    assert!(store.move_call(workspace, call.id, &from, CallState::Transferring, Some(about.clone())).await.unwrap());
    let open = store.open_calls().await.unwrap();
    assert_eq!((open.len(), open[0].1.state, &open[0].1.about), (1, CallState::Transferring, &about));

    let beside = store.message(workspace, accepted.message).await.unwrap().unwrap();
    let mut event = stage.entry(&beside, "Phone call, 3 s");
    event.direction = Direction::Event;
    event.delivery = None;
    event.event = Some(TimelineEvent { kind: "call".to_owned(), data: serde_json::json!({"call": call.id}) });
    let at = stage.now();
    let promise = Promise {
        id: stage.id(),
        strand: call.strand,
        by: Promiser::Us,
        what: "call you back".to_owned(),
        due_at: Some(at),
        status: PromiseStatus::Open,
        source_message: None,
        channel: ChannelKind::Voice,
        at,
    };
    let ending = CallEnding {
        call: call.id,
        about,
        event,
        task: Some(stage.task(accepted.customer, "call back", Some(at))),
        timer: Some(Timer {
            key: "promise".to_owned(),
            due_at: at,
            customer: accepted.customer,
            what: TimerKind::PromiseDue { promise: promise.id },
        }),
        promise: Some(promise),
        at,
    };
    assert!(store.end_call(workspace, ending.clone()).await.unwrap());
    assert!(!store.end_call(workspace, ending).await.unwrap(), "it ends once");
    assert!(!store.move_call(workspace, call.id, &from, CallState::Live, None).await.unwrap(), "and for good");
    assert_eq!(store.open_calls().await.unwrap(), []);
    let record = store.customer(workspace, accepted.customer).await.unwrap().unwrap();
    assert_eq!(record.promises.len(), 1);
    assert_eq!(store.tasks(workspace, 10).await.unwrap().len(), 1);
    let timeline = store.timeline(workspace, accepted.customer, None, 10).await.unwrap();
    assert_eq!(timeline.items.iter().filter(|entry| entry.event.is_some()).count(), 1);
}

pub async fn what_was_not_heard_was_not_said(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let workspace = &stage.workspace;
    let person = caller("+33612345678");
    let (_, accepted) = rings(&stage, &person, "CA1").await;
    let record = stage.turn("It costs €349. Delivery is free.").await;
    let message = record.replies[0].message.id;
    let delivery = stage.delivery().await.unwrap();
    store.settle(workspace, &delivery, Settled::Sent { provider_message_id: None }, stage.now()).await.unwrap();
    assert!(!store.heard(workspace, message, "Something else", stage.now()).await.unwrap());
    assert!(!store.heard(workspace, accepted.message, "Do you", stage.now()).await.unwrap(), "only words of ours");
    assert!(store.heard(workspace, message, "It costs €349.", stage.now()).await.unwrap());
    let said = store.message(workspace, message).await.unwrap().unwrap();
    assert_eq!((said.text.as_str(), said.delivery), ("It costs €349.", Some(DeliveryState::Sent)));
    assert_eq!(said.delivery_reason.as_deref(), Some("interrupted, not heard: Delivery is free."));
    assert!(!store.heard(workspace, message, "It costs €349.", stage.now()).await.unwrap(), "nothing is left to cut");
    assert!(store.heard(workspace, message, "", stage.now()).await.unwrap());
    let unsaid = store.message(workspace, message).await.unwrap().unwrap();
    assert_eq!((unsaid.text.as_str(), unsaid.delivery), ("", Some(DeliveryState::Refused)));
}

pub async fn an_erased_caller_leaves_no_call(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let person = caller("+33612345678");
    let (call, accepted) = rings(&stage, &person, "CA1").await;
    store.erase(&stage.workspace, accepted.customer, stage.now()).await.unwrap();
    assert_eq!(store.call_by_id(&stage.workspace, call.id).await.unwrap(), None);
    assert_eq!(store.call(&stage.workspace, &call.connection, "CA1").await.unwrap(), None);
    assert_eq!(store.open_calls().await.unwrap(), []);
}

pub async fn a_recording_hangs_on_its_call_and_is_kept_for_its_time(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let (workspace, person) = (&stage.workspace, caller("+33612345699"));
    let (call, accepted) = rings(&stage, &person, "CA9").await;
    let id: AttachmentId = stage.id();
    let about = CallAbout { rang: Some(accepted.message), recording: Some(id), ..call.about.clone() };
    let at = stage.now();
    let consent = Consent {
        id: stage.id(),
        strand: call.strand,
        purpose: "recording".to_owned(),
        channel: Some(ChannelKind::Voice),
        state: ConsentState::Given,
        wording: "yes".to_owned(),
        at,
        source_message: None,
    };
    let media = Media { kind: "audio".to_owned(), ..Media::default() };
    let content = Some(Content(vec![1, 2].into()));
    let file = NewAttachment { id, about: About { media, ..About::default() }, content, link_until: None };
    let begun = RecordingBegun { call: call.id, about: about.clone(), file, consent };
    assert!(store.begin_recording(workspace, begun.clone()).await.unwrap());
    assert!(store.write_recording(workspace, id, 1, vec![5], 3).await.unwrap());
    assert!(store.write_recording(workspace, id, 2, vec![6, 7], 5).await.unwrap());
    assert!(store.write_recording(workspace, id, 0, vec![3, 4], 5).await.unwrap(), "the head is written anew");
    assert_eq!(store.recorded(workspace, id).await.unwrap(), Some(Recorded { part: 2, size: 5 }), "whoever goes on knows where");
    assert_eq!(store.attachment_content(workspace, id).await.unwrap(), Some(vec![3, 4, 5, 6, 7]));
    let (kept, whose, _) = store.attachment(workspace, id).await.unwrap().unwrap();
    assert_eq!((kept.size, whose), (Some(5), accepted.customer));
    let record = store.customer(workspace, accepted.customer).await.unwrap().unwrap();
    assert_eq!(record.consents.iter().filter(|consent| consent.purpose == "recording").count(), 1);

    let beside = store.message(workspace, accepted.message).await.unwrap().unwrap();
    let mut event = stage.entry(&beside, "Phone call, 3 s");
    event.direction = Direction::Event;
    event.delivery = None;
    event.event = Some(TimelineEvent { kind: "call".to_owned(), data: serde_json::json!({"call": call.id}) });
    let ending = CallEnding { call: call.id, about, event, task: None, promise: None, timer: None, at };
    assert!(store.end_call(workspace, ending).await.unwrap());
    assert!(
        !store
            .begin_recording(workspace, RecordingBegun { file: NewAttachment { id: stage.id(), ..begun.file.clone() }, ..begun })
            .await
            .unwrap(),
        "it is over"
    );
    assert_eq!(store.drop_recordings(at, 10).await.unwrap(), 0, "not yet");
    assert_eq!(store.drop_recordings(Timestamp::from_micros(at.as_micros() + 1), 10).await.unwrap(), 1);
    assert_eq!(store.attachment_content(workspace, id).await.unwrap(), None);
    assert_eq!(store.call_by_id(workspace, call.id).await.unwrap().unwrap().0.about.recording, None);
    assert!(!store.write_recording(workspace, id, 3, vec![8], 6).await.unwrap(), "what is gone stays gone");
    assert_eq!(store.recorded(workspace, id).await.unwrap(), None);
    one_that_is_stopped_is_gone_while_its_call_goes_on(store.clone()).await;
}

async fn one_that_is_stopped_is_gone_while_its_call_goes_on(store: Arc<Storage>) {
    let stage = Stage::in_workspace(store.clone(), "another");
    let (workspace, person) = (&stage.workspace, caller("+33612345698"));
    let (call, accepted) = rings(&stage, &person, "CA8").await;
    let id: AttachmentId = stage.id();
    let about = CallAbout { rang: Some(accepted.message), recording: Some(id), ..call.about.clone() };
    let consent = |state: ConsentState| Consent {
        id: stage.id(),
        strand: call.strand,
        purpose: "recording".to_owned(),
        channel: Some(ChannelKind::Voice),
        state,
        wording: "no".to_owned(),
        at: stage.now(),
        source_message: None,
    };
    let media = Media { kind: "audio".to_owned(), ..Media::default() };
    let content = Some(Content(vec![1, 2].into()));
    let file = NewAttachment { id, about: About { media, ..About::default() }, content, link_until: None };
    let begun = RecordingBegun { call: call.id, about, file, consent: consent(ConsentState::Given) };
    assert!(store.begin_recording(workspace, begun).await.unwrap());
    assert!(store.write_recording(workspace, id, 1, vec![5], 3).await.unwrap());
    let stopped = RecordingStopped { call: call.id, about: call.about.clone(), consent: consent(ConsentState::Withdrawn) };
    assert!(store.stop_recording(workspace, stopped.clone()).await.unwrap());
    assert_eq!(store.recorded(workspace, id).await.unwrap(), None);
    assert_eq!(store.attachment_content(workspace, id).await.unwrap(), None);
    assert!(!store.write_recording(workspace, id, 2, vec![6], 4).await.unwrap(), "nothing more of it is kept");
    let (found, _) = store.call_by_id(workspace, call.id).await.unwrap().unwrap();
    assert_eq!((found.state, found.about.recording), (CallState::Ringing, None), "the call goes on");
    let record = store.customer(workspace, accepted.customer).await.unwrap().unwrap();
    let states: Vec<ConsentState> =
        record.consents.iter().filter(|consent| consent.purpose == "recording").map(|consent| consent.state).collect();
    assert_eq!(states, [ConsentState::Given, ConsentState::Withdrawn]);
    assert!(!store.stop_recording(workspace, RecordingStopped { call: stage.id(), ..stopped }).await.unwrap(), "no such call");
    let agreed = Consent { purpose: "call".to_owned(), ..consent(ConsentState::Given) };
    assert!(store.agree_to_calls(workspace, accepted.customer, agreed.clone()).await.unwrap());
    let record = store.customer(workspace, accepted.customer).await.unwrap().unwrap();
    assert!(record.consents.contains(&agreed), "{:?}", record.consents);
}
