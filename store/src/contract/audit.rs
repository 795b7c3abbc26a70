//! The audit log: a chain in which nothing changes unseen.

use std::sync::Arc;

use domain::ports::{Audit, AuditCheck, AuditFilter, Audited};

use super::stage::{MINUTE, Stage};
use crate::Storage;
use crate::db::args;

const ENTRIES: u64 = 24;

fn done(stage: &Stage, actor: &str, act: &str, subjects: &[&str]) -> Audited {
    let subjects = subjects.iter().map(|subject| (*subject).to_owned()).collect();
    Audited { at: stage.now(), actor: actor.to_owned(), act: act.to_owned(), subjects, outcome: 200 }
}

async fn chain(stage: &Stage) {
    for number in 0..ENTRIES {
        stage.wait(MINUTE);
        let subject = format!("cus_{number}");
        let actor = if number % 2 == 0 { "operator" } else { "token:tok_1" };
        stage.store.audit(&stage.workspace, vec![done(stage, actor, "GET /customers/{id}", &[&subject])]).await.unwrap();
    }
}

async fn broken(stage: &Stage) -> Option<u64> {
    stage.store.check_audit(&stage.workspace).await.unwrap().broken
}

pub async fn what_is_audited_is_found_by_who_whom_and_when(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let began = stage.now();
    chain(&stage).await;
    let seqs = async |filter: AuditFilter, before, limit| {
        let page = store.audited(&stage.workspace, &filter, before, limit).await.unwrap();
        (page.items.into_iter().map(|entry| entry.seq).collect::<Vec<_>>(), page.next)
    };
    assert_eq!(seqs(AuditFilter::default(), None, 2).await, (vec![24, 23], Some("23".to_owned())));
    assert_eq!(seqs(AuditFilter::default(), Some(3), 2).await, (vec![2, 1], None));
    let by = AuditFilter { actor: Some("operator".to_owned()), ..AuditFilter::default() };
    assert_eq!(seqs(by, None, 2).await.0, [23, 21]);
    let of = AuditFilter { subject: Some("cus_6".to_owned()), ..AuditFilter::default() };
    assert_eq!(seqs(of, None, 2).await, (vec![7], None));
    let when = AuditFilter { from: Some(began.after(MINUTE * 3)), to: Some(began.after(MINUTE * 5)), ..AuditFilter::default() };
    assert_eq!(seqs(when, None, 9).await, (vec![4, 3], None));
    let elsewhere = Stage::in_workspace(store.clone(), "other");
    assert!(store.audited(&elsewhere.workspace, &AuditFilter::default(), None, 9).await.unwrap().items.is_empty());
}

pub async fn every_altered_or_missing_entry_is_found_and_named(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    assert_eq!(store.check_audit(&stage.workspace).await.unwrap(), AuditCheck { entries: 0, broken: None, checkpoints: 0 });
    chain(&stage).await;
    store.sign_audit(&stage.workspace, stage.now()).await.unwrap();
    store.sign_audit(&stage.workspace, stage.now()).await.unwrap();
    let sound = AuditCheck { entries: ENTRIES, broken: None, checkpoints: 1 };
    assert_eq!(store.check_audit(&stage.workspace).await.unwrap(), sound);
    let raw = async |statement: &'static str, seq: u64| {
        assert_eq!(store.inner.put(statement, args![&stage.workspace, seq.cast_signed()]).await.unwrap(), 1, "{statement} {seq}");
    };
    for seq in 1..=ENTRIES {
        for (there, back) in [
            (
                "update audit set act = act || '!' where workspace = $1 and seq = $2",
                "update audit set act = replace(act, '!', '') where workspace = $1 and seq = $2",
            ),
            (
                "update audit set at = at + 1 where workspace = $1 and seq = $2",
                "update audit set at = at - 1 where workspace = $1 and seq = $2",
            ),
            (
                "update audit set outcome = outcome + 1 where workspace = $1 and seq = $2",
                "update audit set outcome = outcome - 1 where workspace = $1 and seq = $2",
            ),
            (
                "update audit set hash = hash || '0' where workspace = $1 and seq = $2",
                "update audit set hash = substr(hash, 1, 64) where workspace = $1 and seq = $2",
            ),
        ] {
            raw(there, seq).await;
            assert_eq!(broken(&stage).await, Some(seq), "{there}");
            raw(back, seq).await;
        }
    }
    assert_eq!(broken(&stage).await, None);
    // What is cut off at the end was signed.
    raw("delete from audit where workspace = $1 and seq = $2", ENTRIES).await;
    assert_eq!(broken(&stage).await, Some(ENTRIES));
    // And written anew it has another hash than the signed one.
    store.audit(&stage.workspace, vec![done(&stage, "operator", "nothing", &[])]).await.unwrap();
    assert_eq!(broken(&stage).await, Some(ENTRIES));
    raw("update audit_checkpoint set hash = (select hash from audit a where a.workspace = $1 and a.seq = $2) where workspace = $1 and seq = $2", ENTRIES).await;
    assert_eq!(broken(&stage).await, Some(ENTRIES), "a checkpoint that nobody signed holds nothing");
}
