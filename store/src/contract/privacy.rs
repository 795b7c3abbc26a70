//! Export and erasure: everything is taken out, and nothing is left.

use std::sync::Arc;

use domain::channel::ChannelKind;
use domain::escalation::{Brief, Escalation, EscalationStatus, Evidence};
use domain::fact::{Predicate, Promise, PromiseStatus, Promiser};
use domain::identifier::{IdentifierKind, Trust};
use domain::ports::{
    ConversationFilter, Desk, Erasure, Intake, Link, Outbox, People, Placement, Privacy, Settled, StoreError, Tasks, Turns,
};
use domain::turn::{EscalationChange, FactChange, Gap, IdentityChange, TimerKind};
use domain::{ConnectionId, CustomerId, MergeId};

use super::stage::{MINUTE, Person, Stage, is_lost, is_stale, seen};
use crate::Storage;

/// What a person leaves behind on one door: a fact, a promise, an escalation, a task, a gap, a receipt, a stop.
async fn lives_here(stage: &Stage, person: &Person, name: &str) -> CustomerId {
    let accepted = stage.says(person, &format!("{name} asks for a zebrafinch")).await;
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    let mut record = stage.record(&claim, &context, &format!("We look for it, {name}"));
    let strand = claim.messages[0].message.strand;
    let mut fact = stage.fact(Some(strand), Predicate::Name, name);
    fact.source_message = Some(accepted.message);
    record.facts = vec![FactChange::Add(fact)];
    record.promises = vec![Promise {
        id: stage.id(),
        strand,
        by: Promiser::Us,
        what: "a call".to_owned(),
        due_at: None,
        status: PromiseStatus::Open,
        source_message: Some(accepted.message),
        channel: person.channel,
        at: record.at,
    }];
    record.escalation = Some(EscalationChange::Open(Box::new(Escalation {
        id: stage.id(),
        customer: accepted.customer,
        conversation: accepted.conversation,
        rule: "human-asked-for".to_owned(),
        also: Vec::new(),
        status: EscalationStatus::Open,
        evidence: vec![Evidence { rule: "human-asked-for".to_owned(), message: accepted.message, quote: name.to_owned() }],
        brief: Brief { name: name.to_owned(), ..Brief::default() },
        at: record.at,
        due_at: record.at.after(MINUTE * 30),
        turn: Some(record.id),
        team: None,
        way: None,
    })));
    record.tasks = vec![stage.task(accepted.customer, &format!("call {name}"), None)];
    record.gaps = vec![Gap {
        key: format!("zebrafinch {name}"),
        question: format!("Has {name} a zebrafinch?"),
        conversation: accepted.conversation,
        message: accepted.message,
    }];
    record.suppress = vec![(person.connection(), person.address.clone(), true)];
    stage.store.commit(record).await.unwrap();
    let delivery = stage.delivery().await.unwrap();
    let sent = Settled::Sent { provider_message_id: Some(format!("wamid.{}", person.address)) };
    stage.store.settle(&stage.workspace, &delivery, sent, stage.now()).await.unwrap();
    accepted.customer
}

async fn erase(stage: &Stage, customer: CustomerId) -> Erasure {
    stage.store.erase(&stage.workspace, customer, stage.now()).await.unwrap().unwrap()
}

async fn is_gone(stage: &Stage, customer: CustomerId, person: &Person) {
    let (store, workspace) = (&stage.store, &stage.workspace);
    assert!(store.customer(workspace, customer).await.unwrap().is_none());
    assert!(store.dossier(workspace, customer).await.unwrap().is_none());
    assert!(store.timeline(workspace, customer, None, 10).await.unwrap().items.is_empty());
    assert!(store.doors(workspace, customer).await.unwrap().is_empty());
    let sender = &person.sender[0];
    let holders = store.customers_by_identifier(workspace, sender.kind, None, &sender.value).await.unwrap();
    assert!(holders.is_empty(), "{holders:?}");
    assert!(!store.is_suppressed(workspace, &person.connection(), &person.address).await.unwrap());
}

async fn merge(stage: &Stage, kept: CustomerId, absorbed: CustomerId) -> MergeId {
    let id = stage.id();
    let change = IdentityChange::Merge { id, kept, absorbed, reasons: Vec::new(), by: "code".to_owned() };
    stage.store.change_identity(&stage.workspace, None, vec![change], stage.now()).await.unwrap();
    id
}

pub async fn a_dossier_holds_everything_of_every_strand(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let (phone, chat) = (Person::on_whatsapp("+33612345678").named("Saralinde"), Person::on_telegram("4711"));
    let (kept, absorbed) = (lives_here(&stage, &phone, "Saralinde").await, lives_here(&stage, &chat, "Sara").await);
    lives_here(&stage, &Person::on_telegram("1"), "Somebody else").await;
    merge(&stage, kept, absorbed).await;
    let dossier = store.dossier(&stage.workspace, absorbed).await.unwrap().unwrap();
    assert_eq!(dossier.customer.id, kept);
    assert_eq!((dossier.ids.len(), dossier.names_seen.as_slice()), (2, ["Saralinde".to_owned()].as_slice()));
    assert_eq!((dossier.messages.len(), dossier.turns.len(), dossier.conversations.len()), (4, 2, 2));
    assert_eq!((dossier.escalations.len(), dossier.tasks.len(), dossier.open_questions.len()), (2, 2, 2));
    assert_eq!((dossier.customer.promises.len(), dossier.customer.merges.len(), dossier.doors.len()), (2, 1, 2));
    assert!(dossier.messages.windows(2).all(|pair| pair[0].seq < pair[1].seq), "oldest first");
    assert!(dossier.messages.iter().all(|message| !message.text.contains("Somebody")), "nobody else's");
    assert_eq!(dossier, store.dossier(&stage.workspace, kept).await.unwrap().unwrap());
    let holdings = store.holdings(&stage.workspace, kept).await.unwrap().unwrap();
    assert_eq!((holdings.messages, holdings.turns, holdings.identifiers, holdings.memories), (4, 2, 2, 4));
}

pub async fn who_is_erased_is_met_as_a_stranger(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let (sarah, john) = (Person::on_whatsapp("+33612345678").named("Saralinde"), Person::on_telegram("1"));
    let customer = lives_here(&stage, &sarah, "Saralinde").await;
    let other = lives_here(&stage, &john, "John").await;
    let others = store.dossier(&stage.workspace, other).await.unwrap();
    let erasure = erase(&stage, customer).await;
    assert_eq!((erasure.customer, erasure.customers.len(), erasure.strands.len()), (customer, 1, 1));
    is_gone(&stage, customer, &sarah).await;
    assert!(store.search_customers(&stage.workspace, "Saralinde", None, 10).await.unwrap().items.is_empty());
    assert_eq!(store.conversations(&stage.workspace, &ConversationFilter::default(), None, 10).await.unwrap().items.len(), 1);
    assert_eq!(store.escalations(&stage.workspace, false, 10).await.unwrap().len(), 1);
    assert_eq!(store.tasks(&stage.workspace, 10).await.unwrap().len(), 1);
    assert_eq!(store.gaps(&stage.workspace, 10).await.unwrap().len(), 1);
    assert_eq!(store.dossier(&stage.workspace, other).await.unwrap(), others, "nobody else is touched");

    assert_eq!(erase(&stage, customer).await, erasure, "an erasure may be asked for again");
    assert_eq!(store.erasures().await.unwrap(), vec![erasure.clone()]);
    assert!(!store.erase_again(&erasure).await.unwrap());
    assert!(store.erase(&stage.workspace, stage.id(), stage.now()).await.unwrap().is_none());

    let back = stage.says(&sarah, "Hello").await;
    assert_ne!(back.customer, customer);
    let stranger = store.customer(&stage.workspace, back.customer).await.unwrap().unwrap();
    assert!(stranger.facts.is_empty() && stranger.promises.is_empty());
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    assert!(context.history.is_empty() && context.escalation.is_none() && !context.doors[0].stopped);
    store.commit(stage.record(&claim, &context, "Hello, who is this?")).await.unwrap();
}

pub async fn an_erased_customer_goes_with_every_record_that_was_joined(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let (phone, chat) = (Person::on_whatsapp("+33612345678"), Person::on_telegram("4711"));
    let (kept, absorbed) = (lives_here(&stage, &phone, "Saralinde").await, lives_here(&stage, &chat, "Sara").await);
    let merged = merge(&stage, kept, absorbed).await;
    let erasure = erase(&stage, absorbed).await;
    assert_eq!((erasure.customer, erasure.customers.len(), erasure.strands.len()), (kept, 2, 2));
    for (customer, person) in [(kept, &phone), (absorbed, &chat)] {
        is_gone(&stage, customer, person).await;
        assert_eq!(erase(&stage, customer).await, erasure);
    }
    assert!(store.merge_of(&stage.workspace, merged).await.unwrap().is_none());
    let undo = vec![IdentityChange::Unmerge { merge: merged, by: "teammate".to_owned() }];
    is_stale(store.change_identity(&stage.workspace, None, undo, stage.now()).await);
}

pub async fn who_parted_before_the_erasure_keeps_what_is_theirs(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let (phone, chat) = (Person::on_whatsapp("+33612345678"), Person::on_telegram("4711").named("Johannes"));
    let absorbed = lives_here(&stage, &chat, "Johannes").await;
    let kept = lives_here(&stage, &phone, "Saralinde").await;
    let merged = merge(&stage, kept, absorbed).await;
    // While they are taken for one, the other goes on in a conversation that began on the first one's strand.
    stage.says(&phone, "One more thing").await;
    stage.turn("Yes?").await;
    let again = stage.says(&chat, "Me again").await;
    let turn = stage.turn("Hello").await.id;
    let shared = store.conversation(&stage.workspace, again.conversation).await.unwrap().unwrap();
    assert_eq!(shared.conversation.channel, ChannelKind::Telegram);
    let undo = vec![IdentityChange::Unmerge { merge: merged, by: "teammate".to_owned() }];
    store.change_identity(&stage.workspace, None, undo, stage.now()).await.unwrap();
    erase(&stage, kept).await;
    is_gone(&stage, kept, &phone).await;
    let left = store.dossier(&stage.workspace, absorbed).await.unwrap().unwrap();
    assert_eq!(left.customer.name(), Some("Johannes"));
    assert!(left.messages.iter().any(|message| message.text == "Me again"));
    assert!(store.turn(&stage.workspace, turn).await.unwrap().is_none(), "what was sealed with a key that is gone is gone");
    assert!(!format!("{left:?}").contains("Saralinde"), "{left:?}");
    for message in &left.messages {
        assert!(store.conversation(&stage.workspace, message.conversation).await.unwrap().is_some(), "a message has its conversation");
    }
    assert!(store.search_customers(&stage.workspace, "Saralinde", None, 10).await.unwrap().items.is_empty());
    assert_eq!(store.search_customers(&stage.workspace, "Johannes", None, 10).await.unwrap().items.len(), 1);
    stage.says(&chat, "Still here").await;
    stage.turn("So are we").await;
}

pub async fn of_two_people_on_one_number_one_is_erased_alone(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let phone = Person::on_whatsapp("+33612345678");
    let john = lives_here(&stage, &phone, "John").await;
    let record = store.customer(&stage.workspace, john).await.unwrap().unwrap();
    let identifier = record.identifiers[0].id;
    let said = stage.says(&phone, "Sarah here").await;
    let (sarah, strand): (CustomerId, _) = (stage.id(), stage.id());
    let changes = vec![
        IdentityChange::MarkShared { identifier },
        IdentityChange::OpenStrand { identifier, strand, customer: sarah, moves: vec![said.message], conversation: None },
    ];
    store.change_identity(&stage.workspace, None, changes, stage.now()).await.unwrap();
    erase(&stage, john).await;
    assert!(store.customer(&stage.workspace, john).await.unwrap().is_none());
    let left = store.dossier(&stage.workspace, sarah).await.unwrap().unwrap();
    assert_eq!(left.customer.identifiers[0].value, "+33612345678", "the number is still hers, under a key of hers");
    assert_eq!(left.messages.iter().map(|message| message.text.as_str()).collect::<Vec<_>>(), ["Sarah here"]);
    let again = stage.says(&phone, "Hello?").await;
    assert_eq!(again.customer, sarah);
    stage.turn("Hello").await;
}

pub async fn a_turn_that_runs_while_its_customer_is_erased_comes_to_nothing(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let said = stage.says(&sarah, "Hello").await;
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    let record = stage.record(&claim, &context, "Hello Sarah");
    let placement = stage.placement(&sarah).await;
    assert!(matches!(placement, Placement::Known { .. }));
    erase(&stage, said.customer).await;
    is_lost(store.commit(record).await);
    assert!(stage.delivery().await.is_none(), "nothing is sent after");
    is_stale(store.accept(stage.letter(&sarah, "Again", placement)).await);
    is_gone(&stage, said.customer, &sarah).await;
    let act = domain::ports::DeskAct::Take { by: None };
    assert!(!store.act(&stage.workspace, said.conversation, act, stage.now()).await.unwrap());
    let missing = store.write_facts(&stage.workspace, said.customer, Vec::new(), None, stage.now()).await;
    assert!(matches!(missing, Err(StoreError::Stale(_))));
}

pub async fn whatever_comes_in_while_somebody_is_erased_leaves_nothing_behind(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    for round in 0..8 {
        let sarah = Person::on_whatsapp(&format!("+3361234567{round}"));
        let said = stage.says(&sarah, "Hello").await;
        let claim = stage.claim().await.unwrap();
        let context = stage.context(&claim).await;
        let record = stage.record(&claim, &context, "Hello Sarah");
        let letter = stage.letter(&sarah, "Again", stage.placement(&sarah).await);
        let (second, at) = (letter.message, stage.now());
        let erasing = || store.erase(&stage.workspace, said.customer, at);
        let (accepted, committed, one, other) = futures::join!(store.accept(letter), store.commit(record.clone()), erasing(), erasing());
        assert!(matches!(accepted, Ok(_) | Err(StoreError::Stale(_))), "{accepted:?}");
        assert!(matches!(committed, Ok(_) | Err(StoreError::LeaseLost | StoreError::Stale(_))), "{committed:?}");
        assert_eq!(one.unwrap(), other.unwrap(), "once is enough");
        is_gone(&stage, said.customer, &sarah).await;
        for message in [said.message, second, record.replies[0].message.id] {
            assert!(store.message(&stage.workspace, message).await.unwrap().is_none(), "round {round}");
        }
        assert!(store.turn(&stage.workspace, record.id).await.unwrap().is_none());
        assert!(stage.delivery().await.is_none() && stage.claim().await.is_none());
    }
    assert!(store.conversations(&stage.workspace, &ConversationFilter::default(), None, 10).await.unwrap().items.is_empty());
}

pub async fn links_and_visits_of_an_erased_customer_open_nothing(store: Arc<Storage>) {
    use domain::ports::Access;
    let stage = Stage::new(store.clone());
    let (workspace, door, now) = (&stage.workspace, ConnectionId::from("web"), stage.now());
    let (visitor, identifier): (CustomerId, _) = (stage.id(), stage.id());
    let web = vec![(seen(IdentifierKind::Visitor, "web", "v-1", Trust::Claimed), identifier, stage.id())];
    store.ensure_customer(workspace, visitor, web, now).await.unwrap();
    store.open_visitor(workspace, &door, "token", identifier, now).await.unwrap();
    let link = Link {
        id: stage.id(),
        code_hash: "hash".to_owned(),
        customer: visitor,
        identifier,
        channel: ChannelKind::Whatsapp,
        expires_at: now.after(MINUTE * 30),
        redeemed_by: None,
        shown_as: None,
        waits_for: None,
        merge: None,
        redeemed_at: None,
    };
    store.create_link(workspace, link.clone()).await.unwrap();
    assert_eq!(store.dossier(workspace, visitor).await.unwrap().unwrap().links.len(), 1);
    let sender = stage.says(&Person::on_whatsapp("+33612345678"), "RAP").await.customer;
    erase(&stage, visitor).await;
    assert!(store.visitor(workspace, &door, "token").await.unwrap().is_none());
    assert!(store.link(workspace, link.id).await.unwrap().is_none());
    assert!(store.link_by_code(workspace, "hash", sender, now).await.unwrap().is_none());
}

pub async fn who_only_claims_the_same_number_is_named_and_not_erased(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = stage.says(&Person::on_whatsapp("+33612345678"), "Hello").await.customer;
    let (visitor, now): (CustomerId, _) = (stage.id(), stage.now());
    let named = vec![
        (seen(IdentifierKind::Visitor, "web", "v-1", Trust::Claimed), stage.id(), stage.id()),
        (seen(IdentifierKind::Phone, "", "+33612345678", Trust::Claimed), stage.id(), stage.id()),
    ];
    store.ensure_customer(&stage.workspace, visitor, named, now).await.unwrap();
    assert_eq!(store.alike(&stage.workspace, sarah).await.unwrap(), vec![visitor]);
    erase(&stage, sarah).await;
    let left = store.customer(&stage.workspace, visitor).await.unwrap().unwrap();
    assert_eq!(left.identifiers.len(), 2);
    assert!(store.alike(&stage.workspace, visitor).await.unwrap().is_empty());
    erase(&stage, visitor).await;
    assert!(store.customer(&stage.workspace, visitor).await.unwrap().is_none());
}

pub async fn an_erasure_can_be_taken_back_until_it_is_due(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let customer = stage.says(&Person::on_telegram("1"), "Hello").await.customer;
    let due = stage.now().after(MINUTE * 10);
    assert_eq!(store.erase_later(&stage.workspace, customer, due).await.unwrap(), Some(due));
    assert_eq!(store.erase_later(&stage.workspace, customer, due.after(MINUTE)).await.unwrap(), Some(due), "asking again puts nothing off");
    assert!(store.due_timers(due.before(MINUTE), 10).await.unwrap().is_empty());
    assert!(store.keep(&stage.workspace, customer).await.unwrap());
    assert!(!store.keep(&stage.workspace, customer).await.unwrap());
    assert!(store.due_timers(due, 10).await.unwrap().is_empty());
    store.erase_later(&stage.workspace, customer, due).await.unwrap();
    let timers = store.due_timers(due, 10).await.unwrap();
    assert_eq!((timers.len(), &timers[0].1.what, timers[0].1.customer), (1, &TimerKind::Erase, customer));
    assert_eq!(store.erase_later(&stage.workspace, stage.id(), due).await.unwrap(), None);
}

pub async fn an_erasure_of_a_list_takes_exactly_whom_it_names(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let (phone, chat) = (Person::on_whatsapp("+33612345678"), Person::on_telegram("4711"));
    let (kept, absorbed) = (lives_here(&stage, &phone, "Saralinde").await, lives_here(&stage, &chat, "Johannes").await);
    let strand = store.customer(&stage.workspace, kept).await.unwrap().unwrap().strands[0].id;
    // Here they are one still; where the list was written they had parted before one of them was erased.
    merge(&stage, kept, absorbed).await;
    let erasure =
        Erasure { workspace: stage.workspace.clone(), customer: kept, customers: vec![kept], strands: vec![strand], at: stage.now() };
    assert!(store.erase_again(&erasure).await.unwrap());
    assert!(!store.erase_again(&erasure).await.unwrap());
    is_gone(&stage, kept, &phone).await;
    let left = store.dossier(&stage.workspace, absorbed).await.unwrap().unwrap();
    assert_eq!((left.customer.id, left.customer.name()), (absorbed, Some("Johannes")));
    assert_eq!((left.messages.len(), left.conversations.len()), (2, 1));
    stage.says(&chat, "Hello").await;
    stage.turn("Hello").await;
}
