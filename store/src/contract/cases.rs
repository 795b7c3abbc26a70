//! Intake, turns, ledger, timers.

use std::sync::Arc;
use std::time::Duration;

use domain::channel::ChannelKind;
use domain::customer::{Lead, LeadReason};
use domain::fact::{AskOutcome, FactStatus, Predicate};
use domain::identifier::IdentifierKind;
use domain::message::InboundState;
use domain::ports::{Accept, Desk, DeskAct, Intake, Matter, Outbox, People, Placement, Quarantine, Settled, Tasks, Turns};
use domain::turn::{Claim, FactChange, Gap, Timer, TimerKind};
use domain::{ConnectionId, EscalationId};

use super::stage::{DAY, MINUTE, Person, Stage, is_lost, is_stale, where_of};
use crate::Storage;

pub async fn a_message_goes_in_and_its_reply_goes_out(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678").named("Sarah Miller");
    let accepted = stage.says(&sarah, "Do you have the Aria in black?").await;
    assert!(!accepted.duplicate);

    let claim = stage.claim().await.unwrap();
    assert_eq!(claim.messages.len(), 1);
    assert_eq!(claim.messages[0].message.text, "Do you have the Aria in black?");
    assert_eq!(claim.messages[0].address, "33612345678");
    assert_eq!(claim.messages[0].attempts, 1);
    assert_eq!(claim.messages[0].inbound.sender_name.as_deref(), Some("Sarah Miller"));
    assert!(stage.claim().await.is_none(), "one turn at a time");

    let context = stage.context(&claim).await;
    assert_eq!(context.customer.id, accepted.customer);
    assert_eq!(context.conversation.id, accepted.conversation);
    assert!(context.history.is_empty());
    assert_eq!(context.doors.len(), 1);
    assert_eq!(context.doors[0].address, "33612345678");

    let record = stage.record(&claim, &context, "Yes, in black and grey.");
    let committed = store.commit(record.clone()).await.unwrap();
    assert_eq!(committed.replies, vec![record.replies[0].message.id]);
    let delivery = stage.delivery().await.unwrap();
    assert_eq!(delivery.rendered.text, "Yes, in black and grey.");
    assert_eq!((delivery.address.as_str(), delivery.attempt), ("33612345678", 1));
    assert!(delivery.last_inbound.is_some());
    let sent = Settled::Sent { provider_message_id: Some("wamid.1".to_owned()) };
    store.settle(&stage.workspace, &delivery, sent, stage.now()).await.unwrap();
    assert!(stage.delivery().await.is_none());

    let timeline = store.timeline(&stage.workspace, accepted.customer, None, 10).await.unwrap();
    let texts: Vec<_> = timeline.items.iter().map(|message| message.text.as_str()).collect();
    assert_eq!(texts, ["Do you have the Aria in black?", "Yes, in black and grey."]);
    assert_eq!(timeline.items[0].state, Some(InboundState::Answered));
    assert_eq!(timeline.items[0].turn, Some(record.id));
    assert!(timeline.items[0].seq < timeline.items[1].seq);
    let trace = store.turn(&stage.workspace, record.id).await.unwrap().unwrap();
    assert_eq!(trace["answered"], "Yes, in black and grey.");
}

pub async fn the_same_event_is_accepted_once(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let placement = stage.placement(&sarah).await;
    let letter = stage.letter(&sarah, "Hello", placement);
    let first = store.accept(letter.clone()).await.unwrap();
    let mut again = letter;
    again.message = stage.id();
    let second = store.accept(again).await.unwrap();
    assert_eq!(second.message, first.message);
    assert!(second.duplicate);
    let (counts, _) = store.ledger(&stage.workspace, None, None, 10).await.unwrap();
    assert_eq!(counts.accepted, 1);
}

pub async fn an_identifier_taken_meanwhile_makes_the_placement_stale(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let early = stage.placement(&sarah).await;
    stage.says(&sarah, "First").await;
    is_stale(store.accept(stage.letter(&sarah, "Second", early)).await);
    let wrong = Placement::Known { customer: stage.id(), strand: stage.id() };
    is_stale(store.accept(stage.letter(&sarah, "Third", wrong)).await);
    let (counts, _) = store.ledger(&stage.workspace, None, None, 10).await.unwrap();
    assert_eq!(counts.accepted, 1, "a stale message is not half written");
}

pub async fn a_conversation_goes_on_across_doors_until_it_is_resolved_or_old(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let mut sarah = Person::on_whatsapp("+33612345678");
    let first = stage.says(&sarah, "Hello").await;
    sarah.channel = ChannelKind::Sms;
    let second = stage.says(&sarah, "Now by text").await;
    assert_eq!(where_of(&first), where_of(&second));
    let row = store.conversation(&stage.workspace, first.conversation).await.unwrap().unwrap();
    assert_eq!(row.conversation.channels, [ChannelKind::Whatsapp, ChannelKind::Sms]);
    assert_eq!(row.conversation.channel, ChannelKind::Sms);
    store.act(&stage.workspace, first.conversation, DeskAct::Resolve, stage.now()).await.unwrap();
    let third = stage.says(&sarah, "One more thing").await;
    assert_ne!(third.conversation, first.conversation);
    stage.wait(DAY * 29);
    assert_eq!(stage.says(&sarah, "Still there?").await.conversation, third.conversation);
    stage.wait(DAY * 31);
    assert_ne!(stage.says(&sarah, "Long ago").await.conversation, third.conversation);
}

pub async fn a_message_goes_where_its_sender_put_it(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let says = async |person: &Person, matter: Matter| {
        let placement = stage.placement(person).await;
        store.accept(Accept { matter, ..stage.letter(person, "Hello", placement) }).await.unwrap().conversation
    };
    let first = says(&sarah, Matter::GoesOn).await;
    stage.wait(MINUTE);
    let second = says(&sarah, Matter::Another).await;
    assert_ne!(second, first);
    stage.wait(MINUTE);
    assert_eq!(says(&sarah, Matter::GoesOn).await, second, "the newest goes on");
    assert_eq!(says(&sarah, Matter::This(first)).await, first);
    let tom = Person::on_whatsapp("+33699999999");
    let his = says(&tom, Matter::This(first)).await;
    assert!(his != first && his != second, "nobody speaks in somebody else's conversation");
    store.act(&stage.workspace, first, DeskAct::Resolve, stage.now()).await.unwrap();
    assert_eq!(says(&sarah, Matter::This(first)).await, second, "what has ended is over");
}

pub async fn a_burst_ends_with_its_last_message_but_never_late(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let window = Duration::from_millis(1_500);
    let start = stage.mono();
    let placement = stage.placement(&sarah).await;
    let mut letter = stage.letter(&sarah, "One", placement);
    letter.ready_at = start.after(window);
    store.accept(letter).await.unwrap();
    let placement = stage.placement(&sarah).await;
    let mut letter = stage.letter(&sarah, "Two", placement);
    letter.ready_at = start.after(window * 2);
    let accepted = store.accept(letter).await.unwrap();
    assert!(store.claim(start.after(window), MINUTE).await.unwrap().is_none(), "the burst has moved");
    assert_eq!(store.next_ready().await.unwrap(), Some(start.after(window * 2)));
    store.prolong(&stage.workspace, accepted.customer, start.after(window * 40)).await.unwrap();
    let latest = start.after(window).after(Duration::from_secs(5));
    assert_eq!(store.next_ready().await.unwrap(), Some(latest), "never past the longest wait");
    let claim = store.claim(latest, MINUTE).await.unwrap().unwrap();
    let texts: Vec<_> = claim.messages.iter().map(|waiting| waiting.message.text.as_str()).collect();
    assert_eq!(texts, ["One", "Two"]);
}

pub async fn two_doors_of_one_customer_are_two_turns_in_order(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let mut sarah = Person::on_whatsapp("+33612345678");
    stage.says(&sarah, "On WhatsApp").await;
    sarah.channel = ChannelKind::Sms;
    stage.says(&sarah, "By text").await;
    sarah.channel = ChannelKind::Whatsapp;
    stage.says(&sarah, "On WhatsApp again").await;
    let claim = stage.claim().await.unwrap();
    let texts: Vec<_> = claim.messages.iter().map(|waiting| waiting.message.text.as_str()).collect();
    assert_eq!(texts, ["On WhatsApp", "On WhatsApp again"]);
    assert!(stage.claim().await.is_none(), "one turn at a time, over all doors");
    let context = stage.context(&claim).await;
    store.commit(stage.record(&claim, &context, "Hi")).await.unwrap();
    assert_eq!(stage.claim().await.unwrap().messages[0].message.text, "By text");
}

pub async fn a_lease_fences_off_the_worker_before(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let accepted = stage.says(&sarah, "Hello").await;
    let slow = stage.claim().await.unwrap();
    let context = stage.context(&slow).await;
    assert!(store.lease(&stage.workspace, accepted.customer, stage.mono(), MINUTE).await.unwrap().is_none());
    stage.wait(MINUTE * 2);
    let quick = stage.claim().await.unwrap();
    assert!(quick.lease.fence > slow.lease.fence);
    assert_eq!(quick.messages[0].attempts, 2);
    is_lost(store.commit(stage.record(&slow, &context, "Too late")).await);
    is_lost(store.release(&slow, "too late", stage.mono(), 5).await);
    store.commit(stage.record(&quick, &context, "In time")).await.unwrap();
    assert_eq!(stage.delivery().await.unwrap().rendered.text, "In time");
    let lease = store.lease(&stage.workspace, accepted.customer, stage.mono(), MINUTE).await.unwrap().unwrap();
    assert!(lease.fence > quick.lease.fence);
    store.unlease(&stage.workspace, lease).await.unwrap();
}

pub async fn a_stale_turn_writes_nothing(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let accepted = stage.says(&sarah, "Hello").await;
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    stage.says(&sarah, "Wait, one more").await;
    let mut record = stage.record(&claim, &context, "Premature");
    record.facts = vec![FactChange::Add(stage.fact(Some(claim.messages[0].message.strand), Predicate::Name, "Sarah"))];
    record.lead = Some(Lead { score: 40, reasons: Vec::new(), stage: "engaged".to_owned() });
    is_stale(store.commit(record).await);
    let customer = store.customer(&stage.workspace, accepted.customer).await.unwrap().unwrap();
    assert!(customer.facts.is_empty() && customer.lead == Lead::default());
    assert!(stage.delivery().await.is_none());
    store.unlease(&stage.workspace, claim.lease).await.unwrap();
    let both = stage.claim().await.unwrap();
    assert_eq!(both.messages.len(), 2);
    let context = stage.context(&both).await;
    store.commit(stage.record(&both, &context, "To both")).await.unwrap();
}

pub async fn one_failing_job_harms_nobody(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let mut letters = Vec::new();
    for number in 0..40 {
        let person = Person::on_telegram(&format!("{number}"));
        let placement = stage.placement(&person).await;
        letters.push(stage.letter(&person, &format!("Hello {number}"), placement));
    }
    // Every fourth carries the id of the one before: its own transaction must fail after it has written.
    for at in (3..40).step_by(4) {
        letters[at].message = letters[at - 1].message;
    }
    let results = futures::future::join_all(letters.into_iter().map(|letter| store.accept(letter))).await;
    let failed = results.iter().filter(|result| result.is_err()).count();
    assert_eq!(failed, 10);
    let (counts, page) = store.ledger(&stage.workspace, None, None, 100).await.unwrap();
    assert_eq!((counts.accepted, page.items.len()), (30, 30));
    for (number, result) in results.iter().enumerate() {
        let sender = Person::on_telegram(&format!("{number}")).sender;
        let evidence = store.evidence(&stage.workspace, &sender).await.unwrap();
        assert_eq!(evidence.held[0].is_some(), result.is_ok(), "a failed job leaves no identifier behind");
    }
    // Nor does one that fails alone, and the next one finds everything in order.
    let taken = results.into_iter().find_map(Result::ok).unwrap().message;
    let alone = Person::on_telegram("alone");
    let placement = stage.placement(&alone).await;
    let mut letter = stage.letter(&alone, "Hello", placement);
    letter.message = taken;
    assert!(store.accept(letter).await.is_err());
    assert!(store.evidence(&stage.workspace, &alone.sender).await.unwrap().held[0].is_none());
    stage.says(&alone, "Hello again").await;
    assert_eq!(store.ledger(&stage.workspace, None, None, 100).await.unwrap().0.accepted, 31);
}

pub async fn a_poison_message_is_quarantined_and_can_be_replayed(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let accepted = stage.says(&sarah, "Poison").await;
    for _ in 0..5 {
        let claim = stage.claim().await.unwrap();
        store.release(&claim, "the model answers nonsense", stage.mono(), 5).await.unwrap();
    }
    assert!(stage.claim().await.is_none());
    assert_eq!(store.next_ready().await.unwrap(), None);
    let (counts, page) = store.ledger(&stage.workspace, Some(InboundState::Quarantined), None, 10).await.unwrap();
    assert_eq!((counts.quarantined, counts.accepted), (1, 1));
    assert_eq!(page.items[0].reason.as_deref(), Some("the model answers nonsense"));
    assert!(store.replay(&stage.workspace, accepted.message, stage.mono()).await.unwrap());
    assert!(!store.replay(&stage.workspace, accepted.message, stage.mono()).await.unwrap());
    let claim = stage.claim().await.unwrap();
    assert_eq!((claim.messages[0].message.text.as_str(), claim.messages[0].attempts), ("Poison", 1));
}

pub async fn a_poison_message_takes_nothing_that_was_said_beside_it_along(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    for text in ["One", "Poison", "Three"] {
        stage.says(&sarah, text).await;
    }
    let texts = |claim: &Claim| claim.messages.iter().map(|waiting| waiting.message.text.clone()).collect::<Vec<_>>();
    for attempt in 1..=3 {
        let claim = stage.claim().await.unwrap();
        assert_eq!((texts(&claim), claim.messages[0].attempts), (vec!["One".to_owned(), "Poison".to_owned(), "Three".to_owned()], attempt));
        store.release(&claim, "it broke off", stage.mono(), 5).await.unwrap();
    }
    let said_meanwhile = stage.says(&sarah, "Four").await;
    let claim = stage.claim().await.unwrap();
    assert_eq!((texts(&claim), claim.messages[0].attempts), (vec!["One".to_owned()], 4));
    let record = stage.record(&claim, &stage.context(&claim).await, "To one");
    store.commit(record).await.unwrap();
    for attempt in 4..=5 {
        let claim = stage.claim().await.unwrap();
        assert_eq!((texts(&claim), claim.messages[0].attempts), (vec!["Poison".to_owned()], attempt));
        store.release(&claim, "it broke off", stage.mono(), 5).await.unwrap();
    }
    let claim = stage.claim().await.unwrap();
    assert_eq!(texts(&claim), ["Three"]);
    store.unclaim(&claim).await.unwrap();
    let claim = stage.claim().await.unwrap();
    assert_eq!((texts(&claim), claim.messages[0].attempts), (vec!["Three".to_owned()], 4));
    store.commit(stage.record(&claim, &stage.context(&claim).await, "To three")).await.unwrap();
    let claim = stage.claim().await.unwrap();
    assert_eq!((texts(&claim), claim.messages[0].attempts), (vec!["Four".to_owned()], 1), "{said_meanwhile:?}");
    store.commit(stage.record(&claim, &stage.context(&claim).await, "To four")).await.unwrap();
    assert!(stage.claim().await.is_none());
    let (counts, _) = store.ledger(&stage.workspace, None, None, 10).await.unwrap();
    assert_eq!((counts.quarantined, counts.answered, counts.open), (1, 3, 0));
}

pub async fn a_turn_that_came_to_nothing_through_nobodys_fault_is_no_attempt(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    stage.says(&sarah, "One").await;
    for _ in 0..3 {
        let claim = stage.claim().await.unwrap();
        assert_eq!(claim.messages[0].attempts, 1);
        store.unclaim(&claim).await.unwrap();
        store.unclaim(&claim).await.unwrap();
    }
    let claim = stage.claim().await.unwrap();
    store.release(&claim, "it broke off", stage.mono(), 5).await.unwrap();
    assert_eq!(stage.claim().await.unwrap().messages[0].attempts, 2);
}

pub async fn the_ledger_adds_up(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    for number in 0..7 {
        stage.says(&Person::on_telegram(&format!("{number}")), "Hello").await;
    }
    for state in [InboundState::Answered, InboundState::HandedOver, InboundState::IgnoredByRule] {
        let claim = stage.claim().await.unwrap();
        let context = stage.context(&claim).await;
        let mut record = stage.record(&claim, &context, "Hi");
        record.states[0].1 = state;
        store.commit(record).await.unwrap();
    }
    let automatic = Person::on_telegram("99");
    let placement = stage.placement(&automatic).await;
    let mut letter = stage.letter(&automatic, "Out of office", placement);
    letter.turn = false;
    store.accept(letter).await.unwrap();
    let raw = Quarantine {
        workspace: stage.workspace.clone(),
        connection: ConnectionId::from("whatsapp"),
        body: b"{broken".to_vec(),
        reason: "no JSON".to_owned(),
        at: stage.now(),
    };
    store.quarantine(raw).await.unwrap();
    let (counts, page) = store.ledger(&stage.workspace, None, None, 100).await.unwrap();
    assert_eq!((counts.open, counts.answered, counts.handed_over), (4, 1, 1));
    assert_eq!((counts.ignored_by_rule, counts.quarantined, counts.accepted), (2, 1, 9));
    assert_eq!(page.items.len(), 9);
    let quarantined = page.items.iter().find(|item| item.state == InboundState::Quarantined).unwrap();
    assert_eq!(quarantined.reason.as_deref(), Some("no JSON"));
    let mut pages = 0;
    let mut cursor = None;
    loop {
        let (_, page) = store.ledger(&stage.workspace, None, cursor.as_deref(), 2).await.unwrap();
        pages += page.items.len();
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(pages, 9);
    let late = Quarantine {
        workspace: stage.workspace.clone(),
        connection: ConnectionId::from("whatsapp"),
        body: Vec::new(),
        reason: "later".to_owned(),
        at: stage.now().after(DAY * 9),
    };
    store.quarantine(late).await.unwrap();
    let (_, page) = store.ledger(&stage.workspace, Some(InboundState::Quarantined), None, 10).await.unwrap();
    assert_eq!(page.items[1].reason.as_deref(), Some("unreadable request, dropped after seven days"));
}

pub async fn a_foreign_workspace_finds_nothing(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let other = Stage::in_workspace(store.clone(), "other");
    let sarah = Person::on_whatsapp("+33612345678").named("Sarah Miller");
    let accepted = stage.says(&sarah, "Hello").await;
    let record = stage.turn("Hi").await;
    let foreign = &other.workspace;
    assert!(store.customer(foreign, accepted.customer).await.unwrap().is_none());
    assert!(store.message(foreign, accepted.message).await.unwrap().is_none());
    assert!(store.conversation(foreign, accepted.conversation).await.unwrap().is_none());
    assert!(store.turn(foreign, record.id).await.unwrap().is_none());
    assert!(store.timeline(foreign, accepted.customer, None, 10).await.unwrap().items.is_empty());
    assert!(store.doors(foreign, accepted.customer).await.unwrap().is_empty());
    assert!(!store.act(foreign, accepted.conversation, DeskAct::Return, other.now()).await.unwrap());
    assert!(!store.resend(foreign, record.replies[0].message.id).await.unwrap());
    assert_eq!(store.evidence(foreign, &sarah.sender).await.unwrap().held, vec![None]);
    assert!(store.search_customers(foreign, "Sarah", None, 10).await.unwrap().items.is_empty());
    let found = store.customers_by_identifier(foreign, IdentifierKind::Phone, None, "+33612345678").await.unwrap();
    assert!(found.is_empty());
    let mine = other.says(&sarah, "Hello, other").await;
    assert_ne!(mine.customer, accepted.customer, "the same number is somebody else there");
}

pub async fn timers_come_due_once(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let accepted = stage.says(&sarah, "Hello").await;
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    let mut record = stage.record(&claim, &context, "Hi");
    let escalation: EscalationId = stage.id();
    let due = record.at.after(MINUTE * 30);
    let timer = Timer { key: "wait".to_owned(), due_at: due, customer: accepted.customer, what: TimerKind::EscalationWait { escalation } };
    record.timers = vec![timer.clone()];
    store.commit(record).await.unwrap();
    assert_eq!(store.next_timer().await.unwrap(), Some(due));
    assert!(store.due_timers(due.before(MINUTE), 10).await.unwrap().is_empty());
    let ready = store.due_timers(due, 10).await.unwrap();
    assert_eq!(ready, vec![(stage.workspace.clone(), timer.clone())]);
    assert!(store.due_timers(due, 10).await.unwrap().is_empty(), "claimed for a minute");
    assert_eq!(store.due_timers(due.after(MINUTE), 10).await.unwrap().len(), 1);
    store.finish_timer(&stage.workspace, &timer).await.unwrap();
    assert_eq!(store.next_timer().await.unwrap(), None);
}

pub async fn what_a_turn_learns_is_there_before_the_next(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let accepted = stage.says(&sarah, "I'm Sarah, budget 3,500 EUR").await;
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    let strand = claim.messages[0].message.strand;
    let mut record = stage.record(&claim, &context, "Thanks, Sarah.");
    let budget = stage.fact(Some(strand), Predicate::Budget, "3,500 EUR");
    record.facts = vec![FactChange::Add(stage.fact(Some(strand), Predicate::Name, "Sarah")), FactChange::Add(budget.clone())];
    record.asked = vec![(Predicate::Timeline, AskOutcome::Open)];
    let reasons = vec![LeadReason { text: "named a budget".to_owned(), points: 20 }];
    record.lead = Some(Lead { score: 20, reasons, stage: "engaged".to_owned() });
    record.conversation.memo.topics = vec!["Aria".to_owned()];
    record.conversation.asked_again = 1;
    let question = "Is it vegan?".to_owned();
    let (conversation, message) = where_and_what(&accepted);
    record.gaps = vec![Gap { key: "vegan".to_owned(), question, conversation, message }];
    record.tasks = vec![stage.task(accepted.customer, "Find out", None)];
    store.commit(record).await.unwrap();

    stage.says(&sarah, "Make that 4,000").await;
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    let customer = &context.customer;
    assert_eq!(customer.name(), Some("Sarah"));
    assert_eq!(customer.fact(Predicate::Budget).unwrap(), &budget);
    assert_eq!((customer.asked[0].times, customer.asked[0].outcome), (1, AskOutcome::Open));
    assert_eq!(customer.lead.score, 20);
    assert_eq!(context.conversation.memo.topics, ["Aria"]);
    assert_eq!(context.history.len(), 2);
    assert_eq!(store.asked_again(&stage.workspace, accepted.customer).await.unwrap(), 1);
    let row = store.conversation(&stage.workspace, accepted.conversation).await.unwrap().unwrap();
    assert_eq!((row.customer_name.as_deref(), row.score), (Some("Sarah"), 20));
    assert_eq!(store.gaps(&stage.workspace, 10).await.unwrap()[0].question, "Is it vegan?");
    assert_eq!(store.tasks(&stage.workspace, 10).await.unwrap()[0].what, "Find out");

    let mut record = stage.record(&claim, &context, "Noted.");
    let mut newer = stage.fact(Some(strand), Predicate::Budget, "4,000 EUR");
    newer.supersedes = Some(budget.id);
    let at = record.at;
    record.facts =
        vec![FactChange::End { fact: budget.id, status: FactStatus::Superseded, valid_to: Some(at), at }, FactChange::Add(newer)];
    record.asked = vec![(Predicate::Timeline, AskOutcome::Refused)];
    store.commit(record).await.unwrap();
    let customer = store.customer(&stage.workspace, accepted.customer).await.unwrap().unwrap();
    assert_eq!(customer.fact(Predicate::Budget).unwrap().value, "4,000 EUR");
    let old = customer.facts.iter().find(|fact| fact.id == budget.id).unwrap();
    assert_eq!((old.status, old.valid_to), (FactStatus::Superseded, Some(at)));
    assert_eq!(customer.asked[0].outcome, AskOutcome::Refused);
    let pinned = stage.fact(None, Predicate::Company, "Ergo Ltd");
    let mut tier = serde_json::Map::new();
    tier.insert("tier".to_owned(), "gold".into());
    let changes = vec![FactChange::Add(pinned)];
    store.write_facts(&stage.workspace, accepted.customer, changes, Some(tier), stage.now()).await.unwrap();
    let customer = store.customer(&stage.workspace, accepted.customer).await.unwrap().unwrap();
    assert_eq!(customer.fact(Predicate::Company).unwrap().value, "Ergo Ltd");
    assert_eq!(customer.attributes["tier"], "gold");
}

fn where_and_what(accepted: &domain::ports::Accepted) -> (domain::ConversationId, domain::MessageId) {
    (accepted.conversation, accepted.message)
}

pub async fn what_models_cost_adds_up_by_day_and_workspace(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    store.spend(&stage.workspace, "main", "2026-11-29", 150).await.unwrap();
    store.spend(&stage.workspace, "main", "2026-11-29", 350).await.unwrap();
    store.spend(&stage.workspace, "spare", "2026-11-29", 7).await.unwrap();
    store.spend(&stage.workspace, "main", "2026-11-30", 1).await.unwrap();
    let spent = store.spent(&stage.workspace, "2026-11-29").await.unwrap();
    assert_eq!(spent.into_iter().collect::<Vec<_>>(), [("main".to_owned(), 500), ("spare".to_owned(), 7)]);
    assert!(store.spent(&domain::WorkspaceId::from("other"), "2026-11-29").await.unwrap().is_empty());
}
