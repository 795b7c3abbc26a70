//! What was said can be taken back, and what comes back is recognised.

use std::sync::Arc;

use domain::fact::{FactStatus, Predicate};
use domain::message::{Author, Changed, DeliveryState, Direction, InboundState};
use domain::ports::{
    Accepted, Amended, Amendment, Amends, ConversationFilter, Desk, DeskAct, Echoed, Intake, Later, Outbox, People, Settled, Turns,
};
use domain::turn::FactChange;

use super::stage::{MINUTE, Person, Stage, is_stale};
use crate::Storage;

/// The person writes a message that the vendor calls `id`.
async fn says(stage: &Stage, person: &Person, id: &str, text: &str) -> Accepted {
    let placement = stage.placement(person).await;
    let mut letter = stage.letter(person, text, placement);
    letter.dedupe = format!("message:{id}");
    stage.store.accept(letter).await.unwrap()
}

pub(super) async fn amend(stage: &Stage, person: &Person, target: &str, later: Later) -> Option<Amended> {
    let amendment = Amendment {
        workspace: stage.workspace.clone(),
        connection: person.connection(),
        keys: vec![format!("message:{target}"), format!("postback:{target}")],
        target: target.to_owned(),
        later,
        at: stage.now(),
    };
    stage.store.amend(amendment).await.unwrap()
}

fn edited(text: &str) -> Later {
    Later::Edited { text: text.to_owned() }
}

/// A turn learns a fact from everything that waits.
async fn learns(stage: &Stage, predicate: Predicate, value: &str, supersedes: Option<&domain::fact::Fact>) -> domain::fact::Fact {
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    let mut record = stage.record(&claim, &context, "Noted.");
    let mut fact = stage.fact(Some(claim.messages[0].message.strand), predicate, value);
    fact.source_message = Some(claim.messages[0].message.id);
    fact.supersedes = supersedes.map(|fact| fact.id);
    if let Some(old) = supersedes {
        let at = stage.now();
        record.facts.push(FactChange::End { fact: old.id, status: FactStatus::Superseded, valid_to: Some(at), at });
    }
    record.facts.push(FactChange::Add(fact.clone()));
    stage.store.commit(record).await.unwrap();
    fact
}

pub async fn a_deleted_message_leaves_no_word_behind(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    says(&stage, &sarah, "m1", "our budget is 3000").await;
    let first = learns(&stage, Predicate::Budget, "3000", None).await;
    let said = says(&stage, &sarah, "m2", "no, our budget is 9000").await;
    let second = learns(&stage, Predicate::Budget, "9000", Some(&first)).await;

    let amended = amend(&stage, &sarah, "m2", Later::Deleted).await.unwrap();
    assert_eq!((amended.message, amended.direction, amended.is_open, amended.changed), (said.message, Direction::In, false, true));
    let message = store.message(&stage.workspace, said.message).await.unwrap().unwrap();
    assert_eq!((message.text.as_str(), message.state), ("", Some(InboundState::Answered)));
    assert!(matches!(message.changed, Some(Changed::Deleted { .. })));
    let customer = store.customer(&stage.workspace, said.customer).await.unwrap().unwrap();
    let fact = |id| customer.facts.iter().find(|fact| fact.id == id).unwrap();
    assert_eq!((fact(second.id).status, fact(second.id).quote.as_str()), (FactStatus::Retracted, ""));
    assert_eq!(fact(first.id).status, FactStatus::Active, "what it had replaced holds again");
    let trace = store.turn(&stage.workspace, message.turn.unwrap()).await.unwrap().unwrap();
    assert!(trace.get("answered").is_none() && trace["erased"].is_string(), "{trace}");

    let again = amend(&stage, &sarah, "m2", Later::Deleted).await.unwrap();
    assert!(!again.changed, "told twice, done once");
    let late = amend(&stage, &sarah, "m2", edited("9000 after all")).await.unwrap();
    assert!(!late.changed, "what is gone is not written again");
    assert_eq!(amend(&stage, &sarah, "m9", Later::Deleted).await, None);
    let tom = Stage::in_workspace(store.clone(), "other");
    assert_eq!(amend(&tom, &sarah, "m1", Later::Deleted).await, None, "a foreign workspace finds nothing");
}

pub async fn what_was_said_elsewhere_too_is_still_known(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let first = says(&stage, &sarah, "m1", "we need six chairs").await;
    let fact = learns(&stage, Predicate::Need, "six chairs", None).await;
    let second = says(&stage, &sarah, "m2", "as I said: six chairs").await;
    stage.turn("Yes.").await;
    amend(&stage, &sarah, "m1", Later::Deleted).await.unwrap();
    let customer = store.customer(&stage.workspace, first.customer).await.unwrap().unwrap();
    let known = customer.facts.iter().find(|known| known.id == fact.id).unwrap();
    assert_eq!((known.status, known.source_message), (FactStatus::Active, Some(second.message)));
}

pub async fn a_message_deleted_before_its_turn_makes_none(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let said = says(&stage, &sarah, "m1", "forget this").await;
    assert!(amend(&stage, &sarah, "m1", Later::Deleted).await.unwrap().is_open);
    assert!(stage.claim().await.is_none());
    let message = store.message(&stage.workspace, said.message).await.unwrap().unwrap();
    assert_eq!((message.text.as_str(), message.state), ("", Some(InboundState::IgnoredByRule)));
    says(&stage, &sarah, "m2", "this one").await;
    assert_eq!(stage.claim().await.unwrap().messages.len(), 1);
}

pub async fn a_deletion_may_overtake_its_message(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    assert_eq!(amend(&stage, &sarah, "m1", Later::Deleted).await, None);
    let said = says(&stage, &sarah, "m1", "forget this").await;
    let message = store.message(&stage.workspace, said.message).await.unwrap().unwrap();
    assert_eq!((message.text.as_str(), message.state), ("", Some(InboundState::IgnoredByRule)));
    assert!(matches!(message.changed, Some(Changed::Deleted { .. })));
    assert!(stage.claim().await.is_none());
    says(&stage, &sarah, "m2", "this one").await;
    assert_eq!(stage.claim().await.unwrap().messages.len(), 1);
}

pub async fn an_edit_is_read_by_the_turn_that_has_not_run(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let said = says(&stage, &sarah, "m1", "I need a chair").await;
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    amend(&stage, &sarah, "m1", edited("I need TWO chairs")).await.unwrap();
    is_stale(store.commit(stage.record(&claim, &context, "One chair.")).await);
    store.unlease(&stage.workspace, claim.lease).await.unwrap();
    let claim = stage.claim().await.unwrap();
    assert_eq!(claim.messages[0].message.text, "I need TWO chairs");
    assert_eq!(claim.messages[0].inbound.text.as_deref(), Some("I need TWO chairs"));
    let message = store.message(&stage.workspace, said.message).await.unwrap().unwrap();
    assert!(matches!(message.changed, Some(Changed::Edited { .. })));
    assert!(!amend(&stage, &sarah, "m1", edited("I need TWO chairs")).await.unwrap().changed);
}

pub async fn our_own_message_that_was_unsent_shows_nothing(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    stage.says(&sarah, "Hello").await;
    stage.turn("Hi there").await;
    let delivery = stage.delivery().await.unwrap();
    let sent = Settled::Sent { provider_message_id: Some("m_out".to_owned()) };
    store.settle(&stage.workspace, &delivery, sent, stage.now()).await.unwrap();
    let amended = amend(&stage, &sarah, "m_out", Later::Deleted).await.unwrap();
    assert_eq!((amended.message, amended.direction), (delivery.message, Direction::Out));
    let message = store.message(&stage.workspace, delivery.message).await.unwrap().unwrap();
    assert_eq!(message.text, "");
}

pub async fn an_echo_of_ours_is_known_by_id_by_ours_or_by_its_words(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let said = stage.says(&sarah, "Hello").await;
    stage.turn("Hi  there").await;
    let delivery = stage.delivery().await.unwrap();
    let is_ours = async |id: Option<&str>, opaque: Option<&str>, text: &str| {
        let echo = Echoed { provider_message_id: id.map(str::to_owned), opaque: opaque.map(str::to_owned), text: text.to_owned() };
        store.is_own_echo(&stage.workspace, &sarah.connection(), said.customer, &echo, stage.now()).await.unwrap()
    };
    assert!(is_ours(Some("m_out"), None, "Hi there").await, "on its way: its words tell");
    assert!(is_ours(None, Some(&delivery.id.to_string()), "").await);
    assert!(!is_ours(Some("m_other"), None, "Carla here").await);
    assert!(!is_ours(Some("m_other"), Some("outbox:another"), "Carla here").await);
    let unknown = Settled::Unknown { why: "no answer".to_owned() };
    store.settle(&stage.workspace, &delivery, unknown, stage.now()).await.unwrap();
    assert!(is_ours(Some("m_out"), None, "Hi there").await);
    let message = store.message(&stage.workspace, delivery.message).await.unwrap().unwrap();
    assert_eq!(message.delivery, Some(DeliveryState::Sent), "it came back, so it had left");
}

pub async fn what_a_person_wrote_elsewhere_takes_the_conversation_once(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let said = stage.says(&sarah, "Hello").await;
    stage.turn("Hi").await;
    let filter = ConversationFilter { customer: Some(said.customer), ..ConversationFilter::default() };
    let row = store.conversations(&stage.workspace, &filter, None, 1).await.unwrap().items.remove(0);
    let mut message = stage.entry(&row.last_message.unwrap(), "Carla here");
    (message.author, message.delivery) = (Author::Teammate, None);
    let overheard = DeskAct::Overheard { message: Box::new(message.clone()), echo: "m_inbox".to_owned() };
    assert!(store.act(&stage.workspace, said.conversation, overheard, stage.now()).await.unwrap());
    message.id = stage.id();
    let again = DeskAct::Overheard { message: Box::new(message), echo: "m_inbox".to_owned() };
    assert!(!store.act(&stage.workspace, said.conversation, again, stage.now()).await.unwrap(), "told twice, written once");
    let timeline = store.timeline(&stage.workspace, said.customer, None, 10).await.unwrap();
    let texts: Vec<_> = timeline.items.iter().map(|message| message.text.as_str()).collect();
    assert_eq!(texts, ["Hello", "Hi", "Carla here"]);
    let row = store.conversation(&stage.workspace, said.conversation).await.unwrap().unwrap();
    assert!(row.conversation.ai_silent);
}

pub async fn a_receipt_up_to_a_moment_counts_for_all_before_it(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let said = stage.says(&sarah, "Hello").await;
    let mut messages = Vec::new();
    let mut between = stage.now();
    for (number, text) in ["One", "Two"].into_iter().enumerate() {
        if number > 0 {
            stage.says(&sarah, "And?").await;
        }
        stage.turn(text).await;
        let delivery = stage.delivery().await.unwrap();
        let sent = Settled::Sent { provider_message_id: Some(text.to_owned()) };
        store.settle(&stage.workspace, &delivery, sent, stage.now()).await.unwrap();
        messages.push(delivery.message);
        if number == 0 {
            between = stage.now();
        }
        stage.wait(MINUTE);
    }
    let state = async |place: usize| store.message(&stage.workspace, messages[place]).await.unwrap().unwrap().delivery.unwrap();
    let connection = sarah.connection();
    store.receipt_until(&stage.workspace, &connection, said.customer, DeliveryState::Read, between).await.unwrap();
    assert_eq!((state(0).await, state(1).await), (DeliveryState::Read, DeliveryState::Sent));
    store.receipt_until(&stage.workspace, &connection, said.customer, DeliveryState::Delivered, stage.now()).await.unwrap();
    assert_eq!((state(0).await, state(1).await), (DeliveryState::Read, DeliveryState::Delivered), "never backwards");
}
