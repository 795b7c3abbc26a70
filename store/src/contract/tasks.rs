//! Tasks: whose they are, in which order they stand, and the promises they keep.

use std::sync::Arc;

use domain::fact::{Promise, PromiseStatus, Promiser};
use domain::ports::{Desk, DeskAct, People, TaskChange, TaskList, Tasks};
use domain::time::Timestamp;
use domain::turn::Task;
use domain::{ChannelKind, TaskId};

use super::stage::{DAY, MINUTE, Person, Stage, where_of};
use crate::Storage;

async fn listed(stage: &Stage, list: TaskList) -> Vec<String> {
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let page = stage.store.task_page(&stage.workspace, list, cursor.as_deref(), 2).await.unwrap();
        found.extend(page.items.into_iter().map(|row| row.task.what));
        cursor = page.next;
        if cursor.is_none() {
            return found;
        }
    }
}

pub async fn a_task_stands_by_its_day_and_falls_to_whoever_has_the_conversation(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let accepted = stage.says(&Person::on_telegram("1"), "Hello").await;
    stage.turn("Hello.").await;
    let (customer, conversation) = where_of(&accepted);
    let (ana, ben, now) = (stage.id(), stage.id(), stage.now());
    let write = async |what: &str, due_at, assignee| {
        let task = Task { assignee, conversation: Some(conversation), ..stage.task(customer, what, due_at) };
        let id = task.id;
        store.add_task(&stage.workspace, task, now).await.unwrap();
        id
    };
    write("some day", None, Some(ben)).await;
    write("tomorrow", Some(now.after(DAY)), None).await;
    let late = write("late", Some(now.before(MINUTE)), Some(ana)).await;
    let open = TaskList::Open { of: None };
    assert_eq!(listed(&stage, open).await, ["late", "tomorrow", "some day"]);
    assert_eq!(listed(&stage, TaskList::About { customer }).await, ["late", "tomorrow", "some day"]);
    assert_eq!(listed(&stage, TaskList::About { customer: stage.id() }).await, [""; 0]);
    assert_eq!(listed(&stage, TaskList::Open { of: Some(ana) }).await, ["late"]);
    store.act(&stage.workspace, conversation, DeskAct::Take { by: Some(ana) }, now).await.unwrap();
    assert_eq!(listed(&stage, TaskList::Open { of: Some(ana) }).await, ["late", "tomorrow"]);
    let counts = store.task_counts(&stage.workspace, Some(ana), now).await.unwrap();
    assert_eq!((counts.open, counts.overdue, counts.mine, counts.mine_overdue), (3, 1, 2, 1));

    let due = async |after: Timestamp, by: Timestamp| {
        let rows = store.tasks_due(&stage.workspace, after, by, 10).await.unwrap();
        rows.into_iter().map(|row| (row.task.what, row.task.assignee)).collect::<Vec<_>>()
    };
    assert_eq!(due(now.before(DAY), now).await, [("late".to_owned(), Some(ana))]);
    assert_eq!(due(now, now.after(DAY)).await, [("tomorrow".to_owned(), Some(ana))], "it falls to whoever has the conversation");
    assert_eq!(due(now.after(DAY), now.after(DAY + DAY)).await, []);

    let put_off = TaskChange { due_at: Some(Some(now.after(DAY + DAY))), assignee: Some(Some(ben)), ..TaskChange::default() };
    assert!(store.change_task(&stage.workspace, late, put_off, now).await.unwrap());
    assert_eq!(listed(&stage, open).await, ["tomorrow", "late", "some day"]);
    let done = TaskChange { done: Some(true), ..TaskChange::default() };
    assert!(store.change_task(&stage.workspace, late, done, now).await.unwrap());
    assert_eq!(listed(&stage, open).await, ["tomorrow", "some day"]);
    assert_eq!(listed(&stage, TaskList::Done).await, ["late"]);
    let row = store.task(&stage.workspace, late).await.unwrap().unwrap();
    assert_eq!((row.task.customer, row.task.assignee, row.done_at), (customer, Some(ben), Some(now)));
    let unknown: TaskId = stage.id();
    assert!(!store.change_task(&stage.workspace, unknown, done, now).await.unwrap());
    assert!(!store.change_task(&"another".into(), late, done, now).await.unwrap());
}

pub async fn a_promise_is_kept_by_doing_its_task(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let (accepted, _) = stage.teaches(&Person::on_telegram("1"), domain::fact::Predicate::Need, "a desk").await;
    let strand = store.message(&stage.workspace, accepted.message).await.unwrap().unwrap().strand;
    let promise = Promise {
        id: stage.id(),
        strand,
        by: Promiser::Us,
        what: "send the quote".to_owned(),
        due_at: None,
        status: PromiseStatus::Open,
        source_message: Some(accepted.message),
        channel: ChannelKind::Telegram,
        at: stage.now(),
    };
    let task = Task { promise: Some(promise.id), ..stage.task(accepted.customer, "send the quote", None) };
    let id = task.id;
    store.write_promise(&stage.workspace, promise, task, None).await.unwrap();
    let status = async || store.customer(&stage.workspace, accepted.customer).await.unwrap().unwrap().promises[0].status;
    for (done, expected) in [(true, PromiseStatus::Kept), (false, PromiseStatus::Open)] {
        let change = TaskChange { done: Some(done), ..TaskChange::default() };
        assert!(store.change_task(&stage.workspace, id, change, stage.now()).await.unwrap());
        assert_eq!(status().await, expected);
    }
}
