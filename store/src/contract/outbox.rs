//! What we owe leaves once, in order.

use std::sync::Arc;

use domain::message::DeliveryState::{self, Delivered, Failed, Queued, Read, Refused, Sent, Unknown};
use domain::message::{Delivery, Rendered};
use domain::ports::{Claiming, ConversationFilter, Desk, DeskAct, Outbox, Settled, Turns, Way, Which};
use domain::{ChannelKind, ConnectionId, MessageId};

use super::stage::{MINUTE, Person, Stage};
use crate::Storage;

fn sent(id: &str) -> Settled {
    Settled::Sent { provider_message_id: Some(id.to_owned()) }
}

async fn state_of(stage: &Stage, message: MessageId) -> Option<DeliveryState> {
    stage.store.message(&stage.workspace, message).await.unwrap().unwrap().delivery
}

pub async fn replies_leave_in_order(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let (sarah, tom) = (Person::on_whatsapp("+33612345678"), Person::on_telegram("7"));
    stage.says(&sarah, "One").await;
    stage.turn("First").await;
    stage.says(&sarah, "Two").await;
    stage.turn("Second").await;
    stage.says(&tom, "Three").await;
    stage.turn("To Tom").await;
    let first = stage.delivery().await.unwrap();
    assert_eq!(first.rendered.text, "First");
    assert_eq!(stage.delivery().await.unwrap().rendered.text, "To Tom", "others do not wait");
    assert!(stage.delivery().await.is_none(), "nothing overtakes an unsettled one");
    let later = stage.mono().after(MINUTE);
    store.settle(&stage.workspace, &first, Settled::Again { at: later, why: "busy".to_owned() }, stage.now()).await.unwrap();
    assert!(stage.delivery().await.is_none(), "not even while it waits to be tried again");
    assert_eq!(state_of(&stage, first.message).await, Some(Queued));
    stage.wait(MINUTE);
    let again = stage.delivery().await.unwrap();
    assert_eq!((again.id, again.attempt), (first.id, 2));
    let unknown = Settled::Unknown { why: "no answer".to_owned() };
    store.settle(&stage.workspace, &again, unknown, stage.now()).await.unwrap();
    assert_eq!(state_of(&stage, first.message).await, Some(Unknown));
    let second = stage.delivery().await.unwrap();
    assert_eq!(second.rendered.text, "Second", "an unknown one holds up nobody");
    let refused = Settled::Refused { code: "131047".to_owned(), why: "window closed".to_owned(), suppress: false };
    store.settle(&stage.workspace, &second, refused, stage.now()).await.unwrap();
    let message = store.message(&stage.workspace, second.message).await.unwrap().unwrap();
    assert_eq!((message.delivery, message.delivery_reason.as_deref()), (Some(Refused), Some("131047: window closed")));
}

pub async fn once_a_door_works_again_what_failed_there_is_tried_at_once(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let (sarah, tom) = (Person::on_whatsapp("+33612345678"), Person::on_telegram("7"));
    for person in [&sarah, &tom] {
        stage.says(person, "Hello").await;
        stage.turn("Hello!").await;
        let first = stage.delivery().await.unwrap();
        let again = Settled::Again { at: stage.mono().after(MINUTE), why: "down".to_owned() };
        store.settle(&stage.workspace, &first, again, stage.now()).await.unwrap();
    }
    assert!(stage.delivery().await.is_none());
    store.try_now(&stage.workspace, &sarah.connection()).await.unwrap();
    let first = stage.delivery().await.unwrap();
    assert_eq!((first.channel, first.attempt), (ChannelKind::Whatsapp, 2));
    store.try_now(&stage.workspace, &sarah.connection()).await.unwrap();
    assert!(stage.delivery().await.is_none(), "what is under way stays so, and other doors wait for their own time");
}

pub async fn a_door_that_stays_down_holds_up_no_other(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let on_whatsapp = Person::on_whatsapp("+33612345678");
    let by_sms = Person { channel: ChannelKind::Sms, ..Person::on_whatsapp("+33612345678") };
    stage.says(&on_whatsapp, "One").await;
    stage.turn("First").await;
    stage.says(&by_sms, "Two").await;
    stage.turn("Second").await;
    stage.says(&on_whatsapp, "Three").await;
    stage.turn("Third").await;
    for attempt in 1..=3 {
        let first = stage.delivery().await.unwrap();
        assert_eq!((first.rendered.text.as_str(), first.attempt), ("First", attempt));
        assert!(stage.delivery().await.is_none(), "nothing overtakes it while it is on its way");
        let again = Settled::Again { at: stage.mono().after(MINUTE), why: "down".to_owned() };
        store.settle(&stage.workspace, &first, again, stage.now()).await.unwrap();
        if attempt < 3 {
            assert!(stage.delivery().await.is_none(), "a short failure keeps the order over all doors");
            stage.wait(MINUTE);
        }
    }
    let other = stage.delivery().await.unwrap();
    assert_eq!((other.rendered.text.as_str(), other.channel), ("Second", ChannelKind::Sms));
    store.settle(&stage.workspace, &other, sent("s1"), stage.now()).await.unwrap();
    assert!(stage.delivery().await.is_none(), "on its own door the order stays");
    stage.wait(MINUTE);
    let first = stage.delivery().await.unwrap();
    store.settle(&stage.workspace, &first, sent("m1"), stage.now()).await.unwrap();
    assert_eq!(stage.delivery().await.unwrap().rendered.text, "Third");
}

pub async fn a_reply_claimed_with_its_turn_is_nobody_elses(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let claiming = || Claiming { connection: sarah.connection(), now: stage.mono(), lease_for: MINUTE };
    let answered = async |text: &str, claiming: Claiming| {
        stage.says(&sarah, "Hello").await;
        let claim = stage.claim().await.unwrap();
        let record = stage.record(&claim, &stage.context(&claim).await, text);
        store.commit_claiming(record, Some(claiming)).await.unwrap().claimed
    };
    let first = answered("First", claiming()).await.unwrap();
    assert_eq!((first.rendered.text.as_str(), first.attempt, first.address.as_str()), ("First", 1, "33612345678"));
    assert!(stage.delivery().await.is_none(), "it is under way");
    assert_eq!(answered("Second", claiming()).await, None, "something older must leave first");
    store.settle(&stage.workspace, &first, sent("m1"), stage.now()).await.unwrap();
    assert_eq!(state_of(&stage, first.message).await, Some(Sent));
    let second = stage.delivery().await.unwrap();
    store.settle(&stage.workspace, &second, sent("m2"), stage.now()).await.unwrap();
    let elsewhere = Claiming { connection: ConnectionId::from("another"), ..claiming() };
    assert_eq!(answered("Third", elsewhere).await, None, "only on the door that has a place for it");
    let third = stage.delivery().await.unwrap();
    store.settle(&stage.workspace, &third, sent("m3"), stage.now()).await.unwrap();
    let fourth = answered("Fourth", claiming()).await.unwrap();
    stage.wait(MINUTE);
    assert!(stage.delivery().await.is_none());
    assert_eq!(state_of(&stage, fourth.message).await, Some(Unknown), "whoever had it is gone, it may have arrived");
}

pub async fn a_busy_door_keeps_its_own_waiting_and_no_other(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let (sarah, tom) = (Person::on_whatsapp("+33612345678"), Person::on_telegram("7"));
    stage.says(&sarah, "One").await;
    stage.turn("First").await;
    assert_eq!(store.waiting_by_door(&stage.workspace).await.unwrap(), [(sarah.connection(), 1)]);
    let busy = [ConnectionId::from("another"), sarah.connection()];
    let claim =
        async |busy: &[ConnectionId]| store.claim_delivery(stage.mono(), MINUTE, busy).await.unwrap().map(|(_, one)| one.rendered.text);
    assert_eq!(claim(&busy).await, None);
    assert_eq!(store.next_delivery(&busy).await.unwrap(), None, "nobody looks for it again before the door is free");
    stage.says(&tom, "Two").await;
    stage.turn("To Tom").await;
    assert!(store.next_delivery(&busy).await.unwrap().is_some());
    assert_eq!(claim(&busy).await.as_deref(), Some("To Tom"));
    assert!(store.next_delivery(&[]).await.unwrap().is_some());
    assert_eq!(claim(&busy[..1]).await.as_deref(), Some("First"));
}

pub async fn what_has_not_arrived_may_leave_by_another_door(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    stage.says(&sarah, "One").await;
    stage.turn("First").await;
    let (from, to) = (sarah.connection(), ConnectionId::from("sms"));
    let plain = |rendered: &Rendered| Rendered { text: format!("{}!", rendered.text), ..rendered.clone() };
    let reroute = async |id: &str| {
        let which = Which { connection: &from, delivery: None, provider_message_id: Some(id) };
        let way = Way { connection: &to, channel: ChannelKind::Sms, render: plain };
        store.reroute(&stage.workspace, which, way, stage.now()).await.unwrap()
    };
    let first = stage.delivery().await.unwrap();
    store.settle(&stage.workspace, &first, sent("m1"), stage.now()).await.unwrap();
    assert!(!reroute("m9").await, "nobody knows this id");
    assert!(reroute("m1").await);
    let again = stage.delivery().await.unwrap();
    assert_eq!((again.id, &again.connection, again.channel, again.attempt), (first.id, &to, ChannelKind::Sms, 1));
    assert_eq!((again.rendered.text.as_str(), &again.address), ("First!", &first.address));
    // Whoever sent it on the first door says so late: it has nothing to do with the second.
    store.settle(&stage.workspace, &first, sent("m1"), stage.now()).await.unwrap();
    assert_eq!(state_of(&stage, first.message).await, Some(Queued));
    store.settle(&stage.workspace, &again, sent("s1"), stage.now()).await.unwrap();
    assert!(!reroute("m1").await, "the first door no longer has it");
    let arrived = store.receipt(&stage.workspace, &to, Some("s1"), None, Delivered, None, stage.now()).await.unwrap();
    assert!(arrived);
    let which = Which { connection: &to, delivery: Some(first.id), provider_message_id: None };
    let back = Way { connection: &from, channel: ChannelKind::Whatsapp, render: plain };
    assert!(!store.reroute(&stage.workspace, which, back, stage.now()).await.unwrap(), "what has arrived stays");
}

pub async fn what_a_vendor_delays_waits_and_was_no_attempt(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    stage.says(&Person::on_whatsapp("+33612345678"), "One").await;
    stage.turn("First").await;
    for _ in 0..3 {
        let delivery = stage.delivery().await.unwrap();
        assert_eq!(delivery.attempt, 1);
        let delayed = Settled::Delayed { at: stage.mono().after(MINUTE), why: "slow down".to_owned() };
        store.settle(&stage.workspace, &delivery, delayed, stage.now()).await.unwrap();
        assert!(stage.delivery().await.is_none(), "it waits as long as the vendor asks");
        stage.wait(MINUTE);
    }
    let delivery = stage.delivery().await.unwrap();
    let again = Settled::Again { at: stage.mono(), why: "down".to_owned() };
    store.settle(&stage.workspace, &delivery, again, stage.now()).await.unwrap();
    assert_eq!(stage.delivery().await.unwrap().attempt, 2, "a failure of its own counts");
}

pub async fn drafts_wait_and_hold_up_nobody(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    stage.says(&sarah, "One").await;
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    let mut record = stage.record(&claim, &context, "A draft");
    record.replies[0].draft = true;
    let draft = record.replies[0].message.id;
    store.commit(record).await.unwrap();
    assert!(stage.delivery().await.is_none());
    stage.says(&sarah, "Two").await;
    stage.turn("Answered").await;
    let delivery = stage.delivery().await.unwrap();
    assert_eq!(delivery.rendered.text, "Answered");
    store.settle(&stage.workspace, &delivery, sent("a"), stage.now()).await.unwrap();
    assert!(store.resend(&stage.workspace, draft).await.unwrap(), "a teammate lets it go");
    assert_eq!(stage.delivery().await.unwrap().rendered.text, "A draft");
}

pub async fn a_draft_nobody_sends_leaves_no_word_behind(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let said = stage.says(&sarah, "One").await;
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    let mut record = stage.record(&claim, &context, "A draft");
    record.replies[0].draft = true;
    let draft = record.replies[0].message.id;
    store.commit(record).await.unwrap();
    let drafted = ConversationFilter { drafted: Some(true), ..ConversationFilter::default() };
    let page = store.conversations(&stage.workspace, &drafted, None, 10).await.unwrap();
    assert_eq!((page.items.len(), page.items[0].drafts), (1, 1));
    assert_eq!(store.view_counts(&stage.workspace, None).await.unwrap().approval, 1);
    assert_eq!(store.drafts(&stage.workspace, said.customer).await.unwrap()[0].id, draft);

    let discard = DeskAct::DiscardDrafts { drafts: vec![draft] };
    assert!(store.act(&stage.workspace, said.conversation, discard.clone(), stage.now()).await.unwrap());
    assert!(!store.act(&stage.workspace, said.conversation, discard, stage.now()).await.unwrap(), "it is gone already");
    assert!(store.message(&stage.workspace, draft).await.unwrap().is_none());
    assert!(!store.resend(&stage.workspace, draft).await.unwrap());
    assert!(store.conversations(&stage.workspace, &drafted, None, 10).await.unwrap().items.is_empty());
    assert!(stage.delivery().await.is_none());
}

pub async fn a_receipt_before_the_send_returned_counts(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    stage.says(&sarah, "One").await;
    stage.turn("First").await;
    let delivery = stage.delivery().await.unwrap();
    let door = sarah.connection();
    let tell = |id: &'static str, state| {
        let (store, workspace, door, at) = (store.clone(), stage.workspace.clone(), door.clone(), stage.now());
        async move { store.receipt(&workspace, &door, Some(id), None, state, None, at).await.unwrap() }
    };
    assert!(!tell("wamid.9", Delivered).await, "nobody knows it yet");
    assert!(!tell("wamid.9", Sent).await);
    store.settle(&stage.workspace, &delivery, sent("wamid.9"), stage.now()).await.unwrap();
    assert_eq!(state_of(&stage, delivery.message).await, Some(Delivered));
    assert!(tell("wamid.9", Read).await);
    assert_eq!(state_of(&stage, delivery.message).await, Some(Read));
    let elsewhere = ConnectionId::from("sms");
    let known = store.receipt(&stage.workspace, &elsewhere, Some("wamid.9"), None, Failed, None, stage.now()).await.unwrap();
    assert!(!known, "an id means something on its own door only");
}

pub async fn states_only_move_forward(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let door = sarah.connection();
    stage.says(&sarah, "One").await;
    stage.turn("First").await;
    let delivery = stage.delivery().await.unwrap();
    let opaque = delivery.id.to_string();
    store.settle(&stage.workspace, &delivery, sent("x"), stage.now()).await.unwrap();
    let steps =
        [(Sent, Sent), (Failed, Failed), (Sent, Failed), (Delivered, Delivered), (Failed, Delivered), (Read, Read), (Delivered, Read)];
    for (told, expected) in steps {
        let known = store.receipt(&stage.workspace, &door, None, Some(&opaque), told, Some("5"), stage.now()).await.unwrap();
        assert!(known);
        assert_eq!(state_of(&stage, delivery.message).await, Some(expected), "after {told}");
    }
}

/// A reply of which nobody has said in time what became of it.
async fn given_up(stage: &Stage, person: &Person) -> Delivery {
    stage.says(person, "One").await;
    stage.turn("First").await;
    let delivery = stage.delivery().await.unwrap();
    stage.wait(MINUTE * 2);
    assert!(stage.delivery().await.is_none(), "its worker never came back");
    assert_eq!(state_of(stage, delivery.message).await, Some(Unknown));
    delivery
}

pub async fn what_may_have_arrived_is_not_resent_by_itself(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let lost = given_up(&stage, &Person::on_whatsapp("+33612345678")).await;
    store.settle(&stage.workspace, &lost, Settled::Unknown { why: "late".to_owned() }, stage.now()).await.unwrap();
    assert!(store.resend(&stage.workspace, lost.message).await.unwrap());
    assert!(!store.resend(&stage.workspace, lost.message).await.unwrap(), "it waits already");
    let again = stage.delivery().await.unwrap();
    assert_eq!((again.id, again.attempt), (lost.id, 2));
    store.settle(&stage.workspace, &lost, sent("w1"), stage.now()).await.unwrap();
    assert_eq!(state_of(&stage, lost.message).await, Some(Queued), "what the first try says is not said of the second");
}

pub async fn what_was_given_up_too_early_is_known_to_be_sent(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let slow = given_up(&stage, &sarah).await;
    store.settle(&stage.workspace, &slow, sent("w1"), stage.now()).await.unwrap();
    assert_eq!(state_of(&stage, slow.message).await, Some(Sent));
    assert!(store.receipt(&stage.workspace, &sarah.connection(), Some("w1"), None, Read, None, stage.now()).await.unwrap());
}

pub async fn a_stopped_address_is_known(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let door = sarah.connection();
    let accepted = stage.says(&sarah, "STOP").await;
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    let mut record = stage.record(&claim, &context, "You will hear no more from us.");
    record.suppress = vec![(door.clone(), sarah.address.clone(), true)];
    store.commit(record).await.unwrap();
    assert!(store.is_suppressed(&stage.workspace, &door, &sarah.address).await.unwrap());
    assert!(!store.is_suppressed(&stage.workspace, &door, "somebody else").await.unwrap());
    assert!(store.doors(&stage.workspace, accepted.customer).await.unwrap()[0].stopped);
    stage.says(&sarah, "START").await;
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    let mut record = stage.record(&claim, &context, "Welcome back.");
    record.suppress = vec![(door.clone(), sarah.address.clone(), false)];
    store.commit(record).await.unwrap();
    assert!(!store.is_suppressed(&stage.workspace, &door, &sarah.address).await.unwrap());
    let delivery = stage.delivery().await.unwrap();
    let refused = Settled::Refused { code: "blocked".to_owned(), why: "blocked us".to_owned(), suppress: true };
    store.settle(&stage.workspace, &delivery, refused, stage.now()).await.unwrap();
    assert!(store.is_suppressed(&stage.workspace, &door, &sarah.address).await.unwrap());
}
