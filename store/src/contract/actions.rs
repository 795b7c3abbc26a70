//! What was done on customers' behalf is written with its turn, decided once, and goes with its person.

use std::sync::Arc;

use domain::StrandId;
use domain::action::{Action, ActionChange, ActionStatus, Deed, Taken};
use domain::customer::Customer;
use domain::ports::{Actions, ConversationFilter, Desk, People, Privacy, Turns};

use super::stage::{DAY, MINUTE, Person, Stage, is_stale};
use crate::Storage;

fn action(stage: &Stage, strand: StrandId, opener: &str, status: ActionStatus) -> Action {
    Action {
        id: stage.id(),
        number: format!("R-{opener}"),
        deed: Deed::Return { order: "EC-1".to_owned(), reason: Some("too small".to_owned()) },
        status,
        strand,
        conversation: stage.id(),
        message: None,
        because: None,
        by: None,
        opener: opener.to_owned(),
        language: "en".to_owned(),
        at: stage.now(),
        changed_at: stage.now(),
    }
}

/// A turn that writes these; the record afterwards.
async fn acts(stage: &Stage, person: &Person, changes: impl Fn(StrandId) -> Vec<ActionChange>) -> Customer {
    let accepted = stage.says(person, "I want to return it").await;
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    let mut record = stage.record(&claim, &context, "Here is your label");
    record.actions = changes(claim.messages[0].message.strand);
    for change in &mut record.actions {
        if let ActionChange::Add(action) = change {
            (action.conversation, action.message) = (record.conversation.id, Some(claim.messages[0].message.id));
        }
    }
    stage.store.commit(record).await.unwrap();
    stage.store.customer(&stage.workspace, accepted.customer).await.unwrap().unwrap()
}

pub async fn an_action_is_written_with_its_turn_and_opened_by_what_it_gave(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let done = |strand| vec![ActionChange::Add(action(&stage, strand, "opener-a", ActionStatus::Done))];
    let customer = acts(&stage, &sarah, done).await;
    let known = customer.actions[0].clone();
    assert_eq!((known.status, known.deed.order()), (ActionStatus::Done, Some("EC-1")));
    let (workspace, opened) = store.action_opened("opener-a").await.unwrap().unwrap();
    assert_eq!((workspace, opened), (stage.workspace.clone(), known.clone()));
    assert_eq!(store.action_opened("opener-b").await.unwrap(), None);
    let other = Stage::in_workspace(store.clone(), "other");
    assert_eq!(store.action(&other.workspace, known.id).await.unwrap(), None);

    let customer = acts(&stage, &sarah, |_| vec![ActionChange::Replace(known.id)]).await;
    assert_eq!(customer.actions[0].status, ActionStatus::Replaced);

    store.erase(&stage.workspace, customer.id, stage.now()).await.unwrap();
    assert_eq!(store.action_opened("opener-a").await.unwrap(), None);
    assert_eq!(store.action(&stage.workspace, known.id).await.unwrap(), None);
}

pub async fn what_waits_is_decided_once(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let (workspace, sarah) = (&stage.workspace, Person::on_whatsapp("+33612345678"));
    let waiting = |strand| vec![ActionChange::Add(action(&stage, strand, "opener-w", ActionStatus::Waiting))];
    let customer = acts(&stage, &sarah, waiting).await;
    let listed = store.waiting_actions(workspace, 10).await.unwrap();
    assert_eq!(listed.iter().map(|(owner, action)| (*owner, action.id)).collect::<Vec<_>>(), [(customer.id, customer.actions[0].id)]);
    let id = customer.actions[0].id;
    let waits = async || {
        let filter = ConversationFilter { drafted: Some(true), ..ConversationFilter::default() };
        let rows = store.conversations(workspace, &filter, None, 10).await.unwrap().items;
        let counts = store.view_counts(workspace, None).await.unwrap();
        assert_eq!(store.count_conversations(workspace, &filter).await.unwrap(), counts.approval);
        (rows.iter().map(|row| row.actions_waiting).collect::<Vec<_>>(), counts.approval)
    };
    assert_eq!(waits().await, (vec![1], 1), "its conversation is among those that need approval");
    let settle = |status| store.settle_action(workspace, id, status, "Nora", None, stage.now());
    let settled = settle(ActionStatus::Done).await.unwrap().unwrap();
    assert_eq!((settled.status, settled.by.as_deref()), (ActionStatus::Done, Some("Nora")));
    assert_eq!(settle(ActionStatus::Declined).await.unwrap(), None, "it was decided before");
    let (_, known) = store.action(workspace, id).await.unwrap().unwrap();
    assert_eq!(known, settled);
    assert!(store.waiting_actions(workspace, 10).await.unwrap().is_empty());
    assert_eq!(waits().await, (Vec::new(), 0));
}

pub async fn a_place_is_taken_once_and_free_again(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let (sarah, tom) = (Person::on_whatsapp("+33612345678"), Person::on_whatsapp("+33612345679"));
    let starts_at = stage.now().after(DAY);
    let booking = |strand, opener: &str| Action {
        deed: Deed::Booking {
            calendar: "consultation".to_owned(),
            what: "Consultation".to_owned(),
            starts_at,
            ends_at: starts_at.after(MINUTE * 30),
            place: 0,
        },
        ..action(&stage, strand, opener, ActionStatus::Done)
    };
    let record = acts(&stage, &sarah, |strand| vec![ActionChange::Add(booking(strand, "opener-s"))]).await;
    let taken = || store.taken(&stage.workspace, "consultation", stage.now(), starts_at.after(DAY));
    assert_eq!(taken().await.unwrap(), [Taken { starts_at, place: 0 }]);

    stage.says(&tom, "The same time please").await;
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    let mut late = stage.record(&claim, &context, "Booked");
    late.actions = vec![ActionChange::Add(booking(claim.messages[0].message.strand, "opener-t"))];
    is_stale(store.commit(late.clone()).await);

    store.unlease(&stage.workspace, claim.lease).await.unwrap();
    acts(&stage, &sarah, |_| vec![ActionChange::Cancel(record.actions[0].id)]).await;
    assert!(taken().await.unwrap().is_empty());

    acts(&stage, &sarah, |strand| vec![ActionChange::Add(booking(strand, "opener-u"))]).await;
    store.erase(&stage.workspace, record.id, stage.now()).await.unwrap();
    assert!(taken().await.unwrap().is_empty(), "the place of somebody who was erased is free");
}
