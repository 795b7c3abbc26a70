//! Search over everything ever said.

use std::sync::Arc;

use domain::message::Author;
use domain::ports::{DeskAct, Later, People, Privacy, Search, Wanted};
use domain::turn::IdentityChange;
use domain::{CustomerId, WorkspaceId};

use domain::ports::{Desk, Intake, Turns};

use super::amends::amend;
use super::stage::{Person, Stage};
use crate::Storage;

async fn caught_up(store: &Storage) {
    while store.catch_up().await.unwrap() {}
}

fn wanted(words: &str) -> Wanted {
    Wanted { words: words.to_owned(), limit: 10, ..Wanted::default() }
}

/// The texts that a search finds.
async fn found(store: &Storage, workspace: &WorkspaceId, words: &str) -> Vec<String> {
    caught_up(store).await;
    let hits = store.search(workspace, &wanted(words)).await.unwrap();
    assert!(hits.is_complete);
    hits.items.into_iter().map(|hit| hit.message.text).collect()
}

pub async fn whatever_was_said_is_found_by_its_words(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let (sarah, tom) = (Person::on_whatsapp("+33612345678"), Person::on_telegram("1"));
    let said = stage.says(&sarah, "When will the delivery of my Aria chair arrive?").await;
    stage.turn("Your Aria arrives on Tuesday.").await;
    stage.says(&tom, "I'd like an aria too, please").await;
    stage.turn("Noted.").await;
    let all = ["I'd like an aria too, please", "Your Aria arrives on Tuesday.", "When will the delivery of my Aria chair arrive?"];
    assert_eq!(found(&store, &stage.workspace, "aria").await, all, "of everybody and of us, newest first");
    assert_eq!(found(&store, &stage.workspace, "ARIA deliveries").await, all[2..]);
    assert_eq!(found(&store, &stage.workspace, "aria sofa").await, Vec::<String>::new());
    assert_eq!(found(&store, &stage.workspace, "\"my aria chair\"").await, all[2..]);
    let elsewhere = Stage::in_workspace(store.clone(), "other");
    assert!(found(&store, &elsewhere.workspace, "aria").await.is_empty(), "another workspace finds nothing");
    let hers = Wanted { customer: Some(said.customer), author: Some(Author::Ai), ..wanted("aria") };
    let hers = store.search(&stage.workspace, &hers).await.unwrap();
    assert_eq!(hers.items.iter().map(|hit| (hit.customer, hit.message.text.as_str())).collect::<Vec<_>>(), [(said.customer, all[1])]);
    assert!(hers.items[0].excerpt.iter().any(|stretch| stretch.hit && stretch.text == "Aria"));
    let unknown: CustomerId = stage.id();
    assert!(store.search(&stage.workspace, &Wanted { customer: Some(unknown), ..wanted("aria") }).await.unwrap().items.is_empty());
    let first = store.search(&stage.workspace, &Wanted { limit: 1, ..wanted("aria") }).await.unwrap();
    let second = store.search(&stage.workspace, &Wanted { cursor: first.next, limit: 5, ..wanted("aria") }).await.unwrap();
    assert_eq!(second.items.iter().map(|hit| hit.message.text.as_str()).collect::<Vec<_>>(), all[1..]);
}

pub async fn search_finds_no_draft_until_it_is_sent(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let said = stage.says(&Person::on_whatsapp("+33612345678"), "How much is it?").await;
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    let mut record = stage.record(&claim, &context, "A secret discount");
    record.replies[0].draft = true;
    let draft = record.replies[0].message.id;
    let (delivery, reply) = (stage.id(), record.replies[0].clone());
    store.commit(record).await.unwrap();
    assert!(found(&store, &stage.workspace, "discount").await.is_empty());
    let message = domain::message::Message { id: stage.id(), text: "An honest discount".to_owned(), ..reply.message };
    let act = DeskAct::AmendDrafts {
        drafts: vec![draft],
        message: Box::new(message),
        rendered: reply.rendered,
        address: reply.address,
        delivery,
    };
    assert!(store.act(&stage.workspace, said.conversation, act, stage.now()).await.unwrap());
    assert_eq!(found(&store, &stage.workspace, "discount").await, ["An honest discount"]);
}

pub async fn search_follows_edits_and_deletions(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let placement = stage.placement(&sarah).await;
    let mut letter = stage.letter(&sarah, "My back hurts", placement);
    letter.dedupe = "message:m1".to_owned();
    store.accept(letter).await.unwrap();
    stage.turn("Noted.").await;
    assert_eq!(found(&store, &stage.workspace, "back").await, ["My back hurts"]);
    let steps = [(Later::Edited { text: "My knee hurts".to_owned() }, vec!["My knee hurts"]), (Later::Deleted, vec![])];
    for (later, left) in steps {
        assert!(amend(&stage, &sarah, "m1", later).await.is_some_and(|amended| amended.changed));
        let before = store.search(&stage.workspace, &wanted("back")).await.unwrap();
        assert!(before.items.is_empty(), "even before the index has followed");
        assert_eq!(found(&store, &stage.workspace, "knee").await, left);
    }
    assert_eq!(found(&store, &stage.workspace, "noted").await, ["Noted."]);
}

pub async fn search_knows_whose_a_message_is_now(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let phone = Person::on_whatsapp("+33612345678");
    let first = stage.says(&phone, "Sarah here").await;
    stage.turn("Noted.").await;
    let second = stage.says(&phone, "Tom here, my knee hurts").await;
    stage.turn("Noted.").await;
    assert_eq!(found(&store, &stage.workspace, "knee").await.len(), 1);
    let identifier = store.customer(&stage.workspace, first.customer).await.unwrap().unwrap().identifiers[0].id;
    let (strand, tom) = (stage.id(), stage.id());
    let open = IdentityChange::OpenStrand { identifier, strand, customer: tom, moves: vec![second.message], conversation: None };
    store.change_identity(&stage.workspace, None, vec![IdentityChange::MarkShared { identifier }, open], stage.now()).await.unwrap();
    caught_up(&store).await;
    let hits = store.search(&stage.workspace, &Wanted { customer: Some(tom), ..wanted("knee") }).await.unwrap();
    assert_eq!(hits.items.len(), 1);
    assert!(store.search(&stage.workspace, &Wanted { customer: Some(first.customer), ..wanted("knee") }).await.unwrap().items.is_empty());
}

pub async fn an_erased_customer_is_swept_from_search(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let (sarah, tom) = (Person::on_whatsapp("+33612345678"), Person::on_telegram("1"));
    let said = stage.says(&sarah, "My back hurts").await;
    stage.turn("Noted.").await;
    stage.says(&tom, "My knee hurts").await;
    stage.turn("Noted too.").await;
    assert_eq!(found(&store, &stage.workspace, "hurts").await.len(), 2);
    let before = store.indexed().await;
    store.erase(&stage.workspace, said.customer, stage.now()).await.unwrap().unwrap();
    let after = store.indexed().await;
    assert_eq!((before, after), (4, 2), "nothing of hers is in the index, before it has followed");
    assert_eq!(found(&store, &stage.workspace, "hurts").await, ["My knee hurts"]);
    assert_eq!(store.indexed().await, 2);
}
