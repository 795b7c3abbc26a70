//! Posting blocks, and the few messages that they find.

use std::sync::Arc;

use domain::ports::{Accepted, Desk, DeskAct, Intake, Later, Meaning, People, Posted, Posting, Privacy, Recall, Turns};
use domain::turn::IdentityChange;
use domain::{CustomerId, MessageId};

use super::amends::amend;
use super::stage::{Person, Stage};
use crate::Storage;

fn posting(last_seq: i64, words: &str) -> Posting {
    Posting { last_seq, messages: 2, words: words.as_bytes().to_vec() }
}

async fn posted(stage: &Stage, customer: CustomerId) -> Posted {
    stage.store.posted(&stage.workspace, customer).await.unwrap()[0]
}

/// Says it, answers it; the message and its place in the order.
async fn exchange(stage: &Stage, person: &Person, text: &str) -> (Accepted, i64) {
    let accepted = stage.says(person, text).await;
    stage.turn("Noted.").await;
    let message = stage.store.message(&stage.workspace, accepted.message).await.unwrap().unwrap();
    (accepted, message.seq)
}

pub async fn blocks_are_kept_in_their_order_and_once(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let (said, seq) = exchange(&stage, &sarah, "My back hurts").await;
    let none = posted(&stage, said.customer).await;
    assert_eq!(none.to, 0);
    assert!(store.keep_posting(&stage.workspace, none, &posting(seq, "back hurt")).await.unwrap());
    assert!(!store.keep_posting(&stage.workspace, none, &posting(seq, "back hurt")).await.unwrap(), "its place is taken");
    let (_, later) = exchange(&stage, &sarah, "And my neck").await;
    let one = posted(&stage, said.customer).await;
    assert_eq!((one.to, one.version), (seq, none.version));
    assert!(store.keep_posting(&stage.workspace, one, &posting(later, "neck")).await.unwrap());
    let all = store.postings(&stage.workspace, none.strand, 0).await.unwrap();
    assert_eq!(all, [posting(seq, "back hurt"), posting(later, "neck")]);
    assert_eq!(store.postings(&stage.workspace, none.strand, seq).await.unwrap(), all[1..]);
    let elsewhere = Stage::in_workspace(store.clone(), "other");
    assert!(store.postings(&elsewhere.workspace, none.strand, 0).await.unwrap().is_empty(), "another workspace finds nothing");
    assert!(store.posted(&elsewhere.workspace, said.customer).await.unwrap().is_empty());
    store.drop_postings(&stage.workspace, none.strand).await.unwrap();
    let anew = posted(&stage, said.customer).await;
    assert_eq!((anew.to, anew.version), (0, none.version + 1));
    assert!(
        !store.keep_posting(&stage.workspace, Posted { to: 0, ..none }, &posting(seq, "x")).await.unwrap(),
        "what was read before is void"
    );
    assert!(store.postings(&stage.workspace, none.strand, 0).await.unwrap().is_empty());
}

pub async fn what_was_said_is_read_in_slices_and_by_id(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let (sarah, tom) = (Person::on_whatsapp("+33612345678"), Person::on_telegram("1"));
    let (first, seq) = exchange(&stage, &sarah, "My back hurts").await;
    let (second, _) = exchange(&stage, &sarah, "And my neck").await;
    let (foreign, _) = exchange(&stage, &tom, "I am Tom").await;
    let strand = posted(&stage, first.customer).await.strand;
    let texts = |said: Vec<domain::message::Message>| said.into_iter().map(|message| message.text).collect::<Vec<_>>();
    let slice = async |after, before, limit| texts(store.said_on(&stage.workspace, strand, after, before, limit).await.unwrap());
    assert_eq!(slice(0, i64::MAX, 10).await, ["My back hurts", "Noted.", "And my neck", "Noted."]);
    assert_eq!(slice(seq, i64::MAX, 2).await, ["Noted.", "And my neck"]);
    assert_eq!(slice(0, seq, 10).await, Vec::<String>::new());
    let ids = [second.message, foreign.message, first.message];
    let found = texts(store.said(&stage.workspace, first.customer, &ids).await.unwrap());
    assert_eq!(found, ["My back hurts", "And my neck"], "in order, and nobody else's");
}

pub async fn a_draft_is_nothing_that_was_said(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let said = stage.says(&sarah, "How much is Aria?").await;
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    let mut record = stage.record(&claim, &context, "A draft");
    record.replies[0].draft = true;
    let draft: MessageId = record.replies[0].message.id;
    store.commit(record).await.unwrap();
    assert!(store.said(&stage.workspace, said.customer, &[draft]).await.unwrap().is_empty());
    let none = posted(&stage, said.customer).await;
    assert!(store.keep_posting(&stage.workspace, none, &posting(i64::MAX - 1, "draft")).await.unwrap());
    let discard = DeskAct::DiscardDrafts { drafts: vec![draft] };
    assert!(store.act(&stage.workspace, said.conversation, discard, stage.now()).await.unwrap());
    assert!(store.postings(&stage.workspace, none.strand, 0).await.unwrap().is_empty(), "its words went with it");
    assert_eq!(posted(&stage, said.customer).await.version, none.version + 1);
}

pub async fn a_message_that_moves_to_another_person_takes_its_words_along(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let phone = Person::on_whatsapp("+33612345678");
    let (first, seq) = exchange(&stage, &phone, "Sarah here").await;
    let (second, later) = exchange(&stage, &phone, "Tom here, my knee hurts").await;
    let before = posted(&stage, first.customer).await;
    assert!(store.keep_posting(&stage.workspace, before, &posting(seq, "sarah")).await.unwrap());
    let reach = posted(&stage, first.customer).await;
    assert!(store.keep_posting(&stage.workspace, reach, &posting(later + 1, "tom knee")).await.unwrap());
    let identifier = store.customer(&stage.workspace, first.customer).await.unwrap().unwrap().identifiers[0].id;
    let (strand, tom) = (stage.id(), stage.id());
    let open = IdentityChange::OpenStrand { identifier, strand, customer: tom, moves: vec![second.message], conversation: None };
    let changes = vec![IdentityChange::MarkShared { identifier }, open];
    store.change_identity(&stage.workspace, None, changes, stage.now()).await.unwrap();
    let left = store.postings(&stage.workspace, before.strand, 0).await.unwrap();
    assert_eq!(left, [posting(seq, "sarah")], "blocks from his message on are made anew");
    let now = posted(&stage, first.customer).await;
    assert_eq!((now.to, now.version), (seq, before.version + 1));
    assert!(store.said(&stage.workspace, first.customer, &[second.message]).await.unwrap().is_empty());
    assert_eq!(store.said(&stage.workspace, tom, &[second.message]).await.unwrap().len(), 1);
}

pub async fn an_edited_message_leaves_no_words(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let placement = stage.placement(&sarah).await;
    let mut letter = stage.letter(&sarah, "My back hurts", placement);
    letter.dedupe = "message:m1".to_owned();
    let said = store.accept(letter).await.unwrap();
    stage.turn("Noted.").await;
    let seq = store.message(&stage.workspace, said.message).await.unwrap().unwrap().seq;
    let none = posted(&stage, said.customer).await;
    assert!(store.keep_posting(&stage.workspace, none, &posting(seq, "back hurt")).await.unwrap());
    for (later, version) in [(Later::Edited { text: "My knee hurts".to_owned() }, 1), (Later::Deleted, 2)] {
        assert!(amend(&stage, &sarah, "m1", later).await.is_some_and(|amended| amended.changed));
        assert!(store.postings(&stage.workspace, none.strand, 0).await.unwrap().is_empty());
        let now = posted(&stage, said.customer).await;
        assert_eq!((now.to, now.version), (0, none.version + version));
        assert!(store.keep_posting(&stage.workspace, now, &posting(seq, "again")).await.unwrap());
    }
}

pub async fn an_erased_customer_leaves_no_words(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let (sarah, tom) = (Person::on_whatsapp("+33612345678"), Person::on_telegram("1"));
    let (said, seq) = exchange(&stage, &sarah, "My back hurts").await;
    let (other, others) = exchange(&stage, &tom, "My knee").await;
    let (hers, his) = (posted(&stage, said.customer).await, posted(&stage, other.customer).await);
    assert!(store.keep_posting(&stage.workspace, hers, &posting(seq, "back hurt")).await.unwrap());
    assert!(store.keep_posting(&stage.workspace, his, &posting(others, "knee")).await.unwrap());
    store.erase(&stage.workspace, said.customer, stage.now()).await.unwrap().unwrap();
    assert!(store.postings(&stage.workspace, hers.strand, 0).await.unwrap().is_empty());
    assert!(store.posted(&stage.workspace, said.customer).await.unwrap().is_empty());
    assert_eq!(store.postings(&stage.workspace, his.strand, 0).await.unwrap(), [posting(others, "knee")]);
}

fn meaning(last_seq: i64, vectors: &[u8]) -> Meaning {
    Meaning { last_seq, messages: 2, vectors: vectors.to_vec() }
}

pub async fn vectors_follow_each_other_and_are_of_one_model(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let (said, seq) = exchange(&stage, &sarah, "My back hurts").await;
    let (_, later) = exchange(&stage, &sarah, "And my neck").await;
    let now = posted(&stage, said.customer).await;
    let workspace = &stage.workspace;
    assert!(store.keep_meaning(workspace, now, "small", 0, &meaning(seq, &[1, 2])).await.unwrap());
    assert!(!store.keep_meaning(workspace, now, "small", 0, &meaning(seq, &[1, 2])).await.unwrap(), "its place is taken");
    assert!(store.keep_meaning(workspace, now, "small", seq, &meaning(later, &[3, 4])).await.unwrap());
    let all = store.meanings(workspace, now.strand, "small", 0).await.unwrap();
    assert_eq!(all, [meaning(seq, &[1, 2]), meaning(later, &[3, 4])]);
    assert_eq!(store.meanings(workspace, now.strand, "small", seq).await.unwrap(), all[1..]);
    assert!(store.meanings(workspace, now.strand, "large", 0).await.unwrap().is_empty(), "another model's are not comparable");
    assert!(store.meanings(&Stage::in_workspace(store.clone(), "other").workspace, now.strand, "small", 0).await.unwrap().is_empty());
    assert!(store.keep_meaning(workspace, now, "large", 0, &meaning(seq, &[5])).await.unwrap(), "another model begins anew");
    assert!(store.meanings(workspace, now.strand, "small", 0).await.unwrap().is_empty());
    store.drop_postings(workspace, now.strand).await.unwrap();
    assert!(!store.keep_meaning(workspace, now, "large", seq, &meaning(later, &[6])).await.unwrap(), "what was read before is void");
}

pub async fn what_is_unsaid_or_erased_leaves_no_vectors(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let (first, seq) = exchange(&stage, &sarah, "My back hurts").await;
    let placement = stage.placement(&sarah).await;
    let mut letter = stage.letter(&sarah, "And my neck", placement);
    letter.dedupe = "message:m2".to_owned();
    let second = store.accept(letter).await.unwrap();
    stage.turn("Noted.").await;
    let later = store.message(&stage.workspace, second.message).await.unwrap().unwrap().seq;
    let now = posted(&stage, first.customer).await;
    assert!(store.keep_meaning(&stage.workspace, now, "small", 0, &meaning(seq, &[1])).await.unwrap());
    assert!(store.keep_meaning(&stage.workspace, now, "small", seq, &meaning(later, &[2])).await.unwrap());
    assert!(amend(&stage, &sarah, "m2", Later::Deleted).await.is_some_and(|amended| amended.changed));
    let left = store.meanings(&stage.workspace, now.strand, "small", 0).await.unwrap();
    assert_eq!(left, [meaning(seq, &[1])], "vectors from the deleted message on are made anew");
    store.erase(&stage.workspace, first.customer, stage.now()).await.unwrap().unwrap();
    assert!(store.meanings(&stage.workspace, now.strand, "small", 0).await.unwrap().is_empty());
}
