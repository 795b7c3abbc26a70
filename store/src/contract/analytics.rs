//! Figures: who is counted anew, what the marks add up to, and who stands behind.

use std::sync::Arc;

use domain::ConversationId;
use domain::analytics::{Mark, Recount};
use domain::ports::{Analytics, Counted, Days, Desk, DeskAct, People, Privacy, Recounting};

use super::stage::{DAY, Person, Stage};
use crate::Storage;

const ALWAYS: Days = Days { from: -100_000, to: 100_000 };

fn mark(conversation: ConversationId, measure: &'static str, kinds: (&str, &str), day: i64, value: i64) -> Mark {
    Mark { conversation, measure, a: kinds.0.to_owned(), b: kinds.1.to_owned(), day, value }
}

async fn waiting(stage: &Stage) -> Vec<Recounting> {
    stage.store.recounts(&stage.workspace, stage.now(), 10).await.unwrap()
}

/// Everybody who waits is counted: these marks, or none.
async fn count(stage: &Stage, marks: &[Mark]) {
    let recount = Recount { marks: marks.to_vec(), ..Recount::default() };
    let counted = waiting(stage).await.into_iter().map(|recounting| (recounting, recount.clone())).collect();
    stage.store.recounted(&stage.workspace, counted).await.unwrap();
}

async fn sums(stage: &Stage, measure: &str) -> Vec<(String, String, i64, i64)> {
    let found = stage.store.tallies(&stage.workspace, &[measure], ALWAYS, false).await.unwrap();
    found.into_iter().map(|tally| (tally.a, tally.b, tally.count, tally.total)).collect()
}

fn sum(a: &str, b: &str, count: i64, total: i64) -> (String, String, i64, i64) {
    (a.to_owned(), b.to_owned(), count, total)
}

pub async fn whoever_changes_is_counted_anew_until_it_has_been_said(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let said = stage.says(&sarah, "Hello").await;
    let first = waiting(&stage).await;
    assert_eq!(first.iter().map(|one| one.customer).collect::<Vec<_>>(), [said.customer]);
    let elsewhere = Stage::in_workspace(store.clone(), "other");
    assert!(waiting(&elsewhere).await.is_empty());
    // A turn meanwhile: what was counted stands, and she is counted once more.
    stage.turn("Good day").await;
    let talk = mark(said.conversation, "talk", ("whatsapp", "one"), 7, 1);
    let recount = Recount { marks: vec![talk.clone()], ..Recount::default() };
    store.recounted(&stage.workspace, vec![(first[0], recount.clone())]).await.unwrap();
    assert_eq!(sums(&stage, "talk").await, [sum("whatsapp", "one", 1, 1)]);
    let second = waiting(&stage).await;
    assert_eq!(second.len(), 1);
    // Whoever counts her later has the last word.
    store.recounted(&stage.workspace, vec![(first[0], Recount::default())]).await.unwrap();
    assert_eq!(sums(&stage, "talk").await, [sum("whatsapp", "one", 1, 1)]);
    store.recounted(&stage.workspace, vec![(second[0], recount)]).await.unwrap();
    assert!(waiting(&stage).await.is_empty());
    // Time alone may change it.
    stage.says(&sarah, "Are you there?").await;
    let third = waiting(&stage).await;
    let again_at = Some(stage.now().after(DAY));
    store.recounted(&stage.workspace, vec![(third[0], Recount { marks: vec![talk], from_day: None, again_at })]).await.unwrap();
    assert!(waiting(&stage).await.is_empty());
    stage.wait(DAY);
    assert_eq!(waiting(&stage).await.len(), 1);
}

pub async fn figures_are_sums_of_marks_and_name_their_conversations(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let mut talks = Vec::new();
    for number in 0..3 {
        let said = stage.says(&Person::on_telegram(&number.to_string()), "Hello").await;
        talks.push(said.conversation);
        let way = if number == 0 { ("telegram", "email") } else { ("telegram", "whatsapp") };
        count(&stage, &[mark(said.conversation, "switch", way, 10 + number, 5), mark(said.conversation, "talk", ("telegram", ""), 10, 1)])
            .await;
    }
    assert_eq!(sums(&stage, "switch").await, [sum("telegram", "email", 1, 5), sum("telegram", "whatsapp", 2, 10)]);
    let days = Days { from: 11, to: 11 };
    let found = store.tallies(&stage.workspace, &["switch", "talk"], days, true).await.unwrap();
    assert_eq!(found.iter().map(|tally| (tally.measure.as_str(), tally.day, tally.count)).collect::<Vec<_>>(), [("switch", Some(11), 1)]);
    let which = |a, b| Counted { measure: "switch", a, b, days: ALWAYS };
    assert_eq!(store.customers_behind(&stage.workspace, which(None, None)).await.unwrap(), 3);
    assert_eq!(store.customers_behind(&stage.workspace, which(None, Some("whatsapp"))).await.unwrap(), 2);
    let page = store.behind(&stage.workspace, which(Some("telegram"), Some("whatsapp")), None, 1).await.unwrap();
    assert_eq!((page.items[0].conversation, page.items[0].day), (talks[2], 12), "the latest day first");
    let rest = store.behind(&stage.workspace, which(Some("telegram"), Some("whatsapp")), page.next.as_deref(), 9).await.unwrap();
    assert_eq!(rest.items.iter().map(|marked| marked.conversation).collect::<Vec<_>>(), [talks[1]]);
    assert_eq!(rest.next, None);
    // Counted again, only from a day on: what lies before stands.
    stage.says(&Person::on_telegram("2"), "Again").await;
    for recounting in waiting(&stage).await {
        let recount = Recount { from_day: Some(11), marks: Vec::new(), again_at: None };
        store.recounted(&stage.workspace, vec![(recounting, recount)]).await.unwrap();
    }
    assert_eq!(sums(&stage, "switch").await, [sum("telegram", "email", 1, 5), sum("telegram", "whatsapp", 1, 5)]);
    assert_eq!(sums(&stage, "talk").await, [sum("telegram", "", 3, 3)]);
}

pub async fn a_story_is_one_persons_over_all_doors(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let (here, there) = (Person::on_whatsapp("+33612345678"), Person::on_telegram("7"));
    let first = stage.says(&here, "Hello").await;
    stage.turn("Good day").await;
    let second = stage.says(&there, "Hello").await;
    stage.turn("Good day").await;
    let long_ago = stage.now().before(DAY);
    let story = store.story(&stage.workspace, first.customer, long_ago).await.unwrap().unwrap();
    assert_eq!((story.since, story.talks.len(), story.said.len(), story.turns.len()), (None, 1, 2, 1));
    assert_eq!(story.met.map(|(_, channel)| channel), Some(here.channel));
    assert_eq!(story.turns[0].trace["answered"], "Good day");
    let merge = domain::turn::IdentityChange::Merge {
        id: stage.id(),
        kept: first.customer,
        absorbed: second.customer,
        reasons: Vec::new(),
        by: "teammate".to_owned(),
    };
    count(&stage, &[mark(first.conversation, "talk", ("x", ""), 1, 1)]).await;
    assert_eq!(sums(&stage, "talk").await, [sum("x", "", 2, 2)]);
    store.change_identity(&stage.workspace, None, vec![merge], stage.now()).await.unwrap();
    assert_eq!(waiting(&stage).await.len(), 2, "both records changed");
    assert!(store.story(&stage.workspace, second.customer, long_ago).await.unwrap().is_none());
    let story = store.story(&stage.workspace, first.customer, long_ago).await.unwrap().unwrap();
    assert_eq!((story.since, story.said.len()), (Some(long_ago), 4));
    let later = store.story(&stage.workspace, first.customer, stage.now()).await.unwrap().unwrap();
    assert!(later.said.is_empty() && later.talks.is_empty() && later.met.is_some());
}

pub async fn an_erased_customer_is_in_no_figure(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = stage.says(&Person::on_whatsapp("+33612345678"), "Hello").await;
    count(&stage, &[mark(sarah.conversation, "talk", ("whatsapp", "one"), 3, 4)]).await;
    let ben = stage.says(&Person::on_telegram("5"), "Hello").await;
    count(&stage, &[mark(ben.conversation, "talk", ("telegram", "one"), 3, 4)]).await;
    store.act(&stage.workspace, sarah.conversation, DeskAct::Resolve, stage.now()).await.unwrap();
    store.erase(&stage.workspace, sarah.customer, stage.now()).await.unwrap();
    assert_eq!(sums(&stage, "talk").await, [sum("telegram", "one", 1, 4)]);
    let which = Counted { measure: "talk", a: None, b: None, days: ALWAYS };
    let page = store.behind(&stage.workspace, which, None, 9).await.unwrap();
    assert_eq!(page.items.iter().map(|marked| marked.customer).collect::<Vec<_>>(), [ben.customer]);
    // Whoever was about to count them finds nobody.
    for recounting in waiting(&stage).await {
        assert!(store.story(&stage.workspace, recounting.customer, stage.now()).await.unwrap().is_none());
        store.recounted(&stage.workspace, vec![(recounting, Recount::default())]).await.unwrap();
    }
    assert!(waiting(&stage).await.is_empty());
}
