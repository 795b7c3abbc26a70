//! What the team is told: once per cause and way, until it was taken.

use std::sync::Arc;
use std::time::Duration;

use domain::ports::{Access, AlertKind, AlertOutcome, Alerts, Desk, DeskAct, Teammate};
use domain::{TeammateId, Timestamp};

use super::stage::{MINUTE, Person, Stage};
use crate::Storage;

async fn teammate(stage: &Stage, name: &str) -> TeammateId {
    let teammate = Teammate {
        id: stage.id(),
        workspace: stage.workspace.clone(),
        name: name.to_owned(),
        email: format!("{name}@example.com"),
        role: "teammate".to_owned(),
        password_hash: String::new(),
        second: None,
        sso: false,
    };
    stage.store.put_teammate(&teammate, stage.now()).await.unwrap();
    teammate.id
}

pub async fn an_alert_is_told_by_every_way_until_it_was_taken(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let (ana, ben) = (teammate(&stage, "ana").await, teammate(&stage, "ben").await);
    let said = stage.says(&Person::on_telegram("1"), "Hello").await;
    let assign = |to, by| DeskAct::Assign { to, by };
    store.act(&stage.workspace, said.conversation, assign(Some(ana), Some(ben)), stage.now()).await.unwrap();
    // Again the same, by oneself, and to nobody: nothing new.
    for act in [assign(Some(ana), Some(ben)), assign(Some(ben), Some(ben)), assign(None, Some(ben))] {
        store.act(&stage.workspace, said.conversation, act, stage.now()).await.unwrap();
    }
    let offer = DeskAct::Offer { to: ben };
    assert!(!store.act(&stage.workspace, said.conversation, offer.clone(), stage.now()).await.unwrap(), "the AI answers there");
    let real = Timestamp::from_secs(1_000);
    let due = store.due_alerts(real, MINUTE, 10).await.unwrap();
    let [event] = due.as_slice() else { panic!("{due:?}") };
    assert_eq!((event.kind, event.teammate, event.target.as_str(), event.attempt), (AlertKind::Assigned, Some(ana), "", 1));
    assert!(store.due_alerts(real, MINUTE, 10).await.unwrap().is_empty(), "it is held");
    let again = store.due_alerts(real.after(MINUTE), MINUTE, 10).await.unwrap();
    assert_eq!((again[0].id.clone(), again[0].attempt), (event.id.clone(), 2), "who held it has died");
    let ways = ["webhook:team".to_owned(), "email:ana".to_owned()];
    for _ in 0..2 {
        store.spread_alert(event, &ways).await.unwrap();
    }
    let mut due = store.due_alerts(real, MINUTE, 10).await.unwrap();
    due.sort_by(|a, b| a.target.cmp(&b.target));
    assert_eq!(due.iter().map(|alert| alert.target.as_str()).collect::<Vec<_>>(), ["email:ana", "webhook:team"]);
    store.settle_alert(&due[0], AlertOutcome::Told).await.unwrap();
    let later = real.after(Duration::from_secs(5));
    store.settle_alert(&due[1], AlertOutcome::Again { at: later, why: "it answered 500".to_owned() }).await.unwrap();
    assert_eq!(store.next_alert().await.unwrap(), Some(later));
    let standing = store.standing_of(&stage.workspace, "webhook:team").await.unwrap().unwrap();
    assert_eq!((standing.state.as_str(), standing.why.as_deref()), ("waiting", Some("it answered 500")));
    let due = store.due_alerts(later, MINUTE, 10).await.unwrap();
    assert_eq!((due.len(), due[0].attempt), (1, 2));
    store.settle_alert(&due[0], AlertOutcome::Told).await.unwrap();
    assert_eq!(store.next_alert().await.unwrap(), None);
    assert_eq!(store.alerts_of(&stage.workspace, ana, 10).await.unwrap().len(), 1);
    assert!(store.alerts_of(&stage.workspace, ben, 10).await.unwrap().is_empty());
    assert!(store.alerts_of(&"another".into(), ana, 10).await.unwrap().is_empty());
    store.act(&stage.workspace, said.conversation, DeskAct::Take { by: None }, stage.now()).await.unwrap();
    assert!(store.act(&stage.workspace, said.conversation, offer.clone(), stage.now()).await.unwrap());
    assert!(!store.act(&stage.workspace, said.conversation, offer, stage.now()).await.unwrap(), "somebody has it");
    assert_eq!(store.alerts_of(&stage.workspace, ben, 10).await.unwrap().len(), 1);
    let due = store.due_alerts(later, MINUTE, 10).await.unwrap();
    store.spread_alert(&due[0], &[]).await.unwrap();
    for _ in 0..2 {
        store.write_to(&stage.workspace, "entry-1", AlertKind::Entry, ana, None, stage.now()).await.unwrap();
    }
    let due = store.due_alerts(later, MINUTE, 10).await.unwrap();
    assert_eq!((due.len(), due[0].conversation, due[0].teammate), (1, None, Some(ana)));
    store.spread_alert(&due[0], &[]).await.unwrap();
    store.forget_alerts(stage.now().after(MINUTE)).await.unwrap();
    assert!(store.alerts_of(&stage.workspace, ana, 10).await.unwrap().is_empty());
}
