//! A story whose every observable must be the same on both engines, and two servers on one database.

use std::collections::HashSet;
use std::fmt::Write;
use std::sync::Arc;

use domain::MonotonicTime;
use domain::fact::Predicate;
use domain::ports::{ConversationFilter, Desk, DeskAct, Monotonic, Outbox, People, Settled, Turns};
use domain::turn::IdentityChange;

use super::stage::{MINUTE, Person, Stage};
use crate::Storage;

/// Plays the story and tells everything that can be seen of it.
pub async fn story(store: Arc<Storage>) -> String {
    let stage = Stage::new(store.clone());
    let (phone, bot) = (Person::on_whatsapp("+33612345678").named("Sarah"), Person::on_telegram("7"));
    let (on_phone, _) = stage.teaches(&phone, Predicate::Name, "Sarah Miller").await;
    let (on_bot, _) = stage.teaches(&bot, Predicate::ProductInterest, "The Aria in black").await;
    for _ in 0..2 {
        let delivery = stage.delivery().await.unwrap();
        let sent = Settled::Sent { provider_message_id: Some(delivery.id.to_string()) };
        store.settle(&stage.workspace, &delivery, sent, stage.now()).await.unwrap();
    }
    let merge = stage.id();
    let reasons = vec!["link".to_owned()];
    let join = IdentityChange::Merge { id: merge, kept: on_phone.customer, absorbed: on_bot.customer, reasons, by: "code".to_owned() };
    store.change_identity(&stage.workspace, None, vec![join], stage.now()).await.unwrap();
    stage.says(&bot, "Is the Aria in stock?").await;
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    let mut told = String::new();
    let _ = writeln!(told, "{context:#?}");
    let by = stage.id();
    store.act(&stage.workspace, on_phone.conversation, DeskAct::Take { by: Some(by) }, stage.now()).await.unwrap();
    let _ = writeln!(told, "{:?}", store.commit(stage.record(&claim, &context, "Late")).await.map_err(|error| error.to_string()));
    let page = store.conversations(&stage.workspace, &ConversationFilter::default(), None, 10).await.unwrap();
    let _ = writeln!(told, "{page:#?}");
    let _ = writeln!(told, "{:#?}", store.timeline(&stage.workspace, on_bot.customer, None, 50).await.unwrap());
    let _ = writeln!(told, "{:#?}", store.ledger(&stage.workspace, None, None, 50).await.unwrap());
    let undo = IdentityChange::Unmerge { merge, by: "teammate".to_owned() };
    store.change_identity(&stage.workspace, None, vec![undo], stage.now()).await.unwrap();
    for customer in [on_phone.customer, on_bot.customer] {
        let _ = writeln!(told, "{:#?}", store.customer(&stage.workspace, customer).await.unwrap());
    }
    let _ = writeln!(told, "{:?}", store.view_counts(&stage.workspace, Some(by)).await.unwrap());
    told
}

/// Two servers share the work: each claim goes to one of them, and nobody's order is broken.
pub async fn two_servers(one: Arc<Storage>, other: Arc<Storage>) {
    let stage = Stage::new(one.clone());
    let people: Vec<Person> = (0..20).map(|number| Person::on_telegram(&number.to_string())).collect();
    let mut letters = Vec::new();
    for person in &people {
        let placement = stage.placement(person).await;
        let letter = stage.letter(person, "Hello", placement);
        letters.push((letter.clone(), letter));
    }
    // The vendor delivers each twice at the same time, once to each server.
    let accept = letters.into_iter().map(|(first, second)| {
        let (one, other) = (one.clone(), other.clone());
        async move {
            let both = futures::future::join(domain::ports::Intake::accept(&*one, first), domain::ports::Intake::accept(&*other, second));
            let (a, b) = both.await;
            usize::from(a.is_ok_and(|accepted| !accepted.duplicate)) + usize::from(b.is_ok_and(|accepted| !accepted.duplicate))
        }
    });
    let accepted: Vec<usize> = futures::future::join_all(accept).await;
    assert_eq!(accepted, vec![1; 20], "accepted once, whoever was faster");
    // Each has a clock of its own; the shared one makes them agree.
    one.keep_time(&At(stage.mono())).await.unwrap();
    other.keep_time(&At(stage.mono_of_another())).await.unwrap();
    let mut claimed = HashSet::new();
    loop {
        let (here, there) = (stage.mono(), stage.mono_of_another());
        let claims = (0..4).flat_map(|_| [one.claim(here, MINUTE), other.claim(there, MINUTE)]);
        let found: Vec<_> = futures::future::join_all(claims).await.into_iter().filter_map(Result::unwrap).collect();
        if found.is_empty() {
            break;
        }
        for claim in found {
            assert!(claimed.insert(claim.lease.customer), "one turn at a time, whichever server runs it");
        }
    }
    assert_eq!(claimed.len(), 20);
    stage.wait(MINUTE * 2);
    let again = other.claim(stage.mono_of_another(), MINUTE).await.unwrap();
    assert!(again.is_some(), "a lease ends for the other server too");
}

/// A steady clock that shows one moment.
struct At(MonotonicTime);

impl Monotonic for At {
    fn now(&self) -> MonotonicTime {
        self.0
    }
}
