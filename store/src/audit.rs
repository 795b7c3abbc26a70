//! The audit log. Each entry's hash covers the one before, so that altering or taking out any breaks all that follow;
//! checkpoints signed with the workspace's key tell a chain that was written anew, or cut short, from the real one.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::WorkspaceId;
use domain::ports::{Audit, AuditCheck, AuditEntry, AuditFilter, Audited, Page, StoreError, Stored};
use domain::time::Timestamp;
use sha2::{Digest, Sha256};

use crate::Storage;
use crate::db::{Conn, Row, Tx, args};
use crate::seal::Field;
use crate::sql::audit as sql;
use crate::sql::intake::LOCK_HASH;

/// Entries looked at in one go.
const STRIDE: usize = 1_000;
/// Hash before the first entry.
const BEFORE: &str = "";

/// SHA-256 over the hash before, a line break, and the entry as a JSON array without blanks.
fn hash_of(before: &str, workspace: &WorkspaceId, seq: u64, done: &Audited) -> String {
    let written = serde_json::json!([workspace.as_str(), seq, done.at.as_micros(), done.actor, done.act, done.subjects, done.outcome]);
    let mut hash = Sha256::new();
    hash.update(before.as_bytes());
    hash.update(b"\n");
    hash.update(written.to_string().as_bytes());
    hash.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
        hex.extend([byte >> 4, byte & 15].map(|nibble| char::from_digit(u32::from(nibble), 16).unwrap_or('0')));
        hex
    })
}

fn entry(row: &Row) -> Stored<AuditEntry> {
    let corrupt = |error: serde_json::Error| StoreError::Corrupt(error.to_string());
    Ok(AuditEntry {
        seq: row.int(0)?.unsigned_abs(),
        audited: Audited {
            at: row.time(1)?,
            actor: row.text(2)?,
            act: row.text(3)?,
            subjects: serde_json::from_str(&row.text(4)?).map_err(corrupt)?,
            outcome: u16::try_from(row.int(5)?).unwrap_or(u16::MAX),
        },
        hash: row.text(6)?,
    })
}

/// PostgreSQL: one writer at a time at the end of this chain.
async fn lock(tx: &mut Tx, workspace: &WorkspaceId) -> Stored<()> {
    if tx.is_lite() {
        return Ok(());
    }
    let digest = Sha256::digest(format!("rapport audit\n{}", workspace.as_str()).as_bytes());
    let number = digest[..8].iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    tx.one(LOCK_HASH, args![number.cast_signed()]).await.map(|_| ())
}

async fn add(tx: &mut Tx, workspace: &WorkspaceId, done: &[Audited]) -> Stored<()> {
    lock(tx, workspace).await?;
    let (mut seq, mut hash) = match tx.one(sql::LAST, args![workspace]).await? {
        Some(row) => (row.int(0)?, row.text(1)?),
        None => (0, BEFORE.to_owned()),
    };
    for one in done {
        seq += 1;
        hash = hash_of(&hash, workspace, seq.unsigned_abs(), one);
        let subjects = crate::rows::json(&one.subjects)?;
        let values = args![workspace, seq, one.at, &one.actor, &one.act, subjects, i64::from(one.outcome), &hash];
        tx.later(sql::ADD, values);
        for subject in &one.subjects {
            tx.later(sql::CONCERNS, args![workspace, subject, seq]);
        }
    }
    Ok(())
}

#[async_trait]
impl Audit for Storage {
    async fn audit(&self, workspace: &WorkspaceId, done: Vec<Audited>) -> Stored<()> {
        let workspace = workspace.clone();
        self.inner.write("audit.audit", move |tx| Box::pin(async move { add(tx, &workspace, &done).await })).await
    }

    async fn audited(&self, workspace: &WorkspaceId, filter: &AuditFilter, before: Option<u64>, limit: usize) -> Stored<Page<AuditEntry>> {
        let before = before.map_or(i64::MAX, u64::cast_signed);
        let from = filter.from.map_or(i64::MIN, Timestamp::as_micros);
        let to = filter.to.map_or(i64::MAX, Timestamp::as_micros);
        let mut values = args![workspace, before, filter.actor.as_deref(), from, to, limit + 1];
        let statement = match &filter.subject {
            Some(subject) => {
                values.extend(args![subject]);
                sql::PAGE_OF_SUBJECT
            }
            None => sql::PAGE,
        };
        let rows = self.inner.reader().await?.all(statement, values).await?;
        let mut items = rows.iter().map(entry).collect::<Stored<Vec<_>>>()?;
        let next = (items.len() > limit).then(|| items.truncate(limit)).and_then(|()| items.last().map(|last| last.seq.to_string()));
        Ok(Page { items, next })
    }

    async fn sign_audit(&self, workspace: &WorkspaceId, at: Timestamp) -> Stored<Option<AuditEntry>> {
        let rows = self.inner.reader().await?.all(sql::PAGE, args![workspace, i64::MAX, None::<&str>, i64::MIN, i64::MAX, 1]).await?;
        let Some(last) = rows.first().map(entry).transpose()? else { return Ok(None) };
        let (seq, hash) = (last.seq.cast_signed(), &last.hash);
        let key = self.inner.keys.workspace(workspace.as_str()).await?;
        let signature = key.lookups.hash(Field::Audit, &[&seq.to_string(), hash]);
        let is_new = self.inner.put(sql::SIGN, args![workspace, seq, at, hash, signature]).await? > 0;
        Ok(is_new.then_some(last))
    }

    async fn check_audit(&self, workspace: &WorkspaceId) -> Stored<AuditCheck> {
        let key = self.inner.keys.workspace(workspace.as_str()).await?;
        let is_signed = |seq: u64, hash: &str, signature: &str| key.lookups.hash(Field::Audit, &[&seq.to_string(), hash]) == signature;
        follow(&mut self.inner.reader().await?, workspace, is_signed).await
    }
}

/// Goes along a chain from its beginning and compares it with its checkpoints; `is_signed` judges their signatures.
pub(crate) async fn follow(conn: &mut Conn, workspace: &WorkspaceId, is_signed: impl Fn(u64, &str, &str) -> bool) -> Stored<AuditCheck> {
    let mut signed: BTreeMap<u64, String> = BTreeMap::new();
    let mut check = AuditCheck { entries: 0, broken: None, checkpoints: 0 };
    for row in conn.all(sql::CHECKPOINTS, args![workspace]).await? {
        let (seq, hash) = (row.int(0)?.unsigned_abs(), row.text(1)?);
        // Without its signature a checkpoint says nothing, and must not be there.
        let holds = is_signed(seq, &hash, &row.text(2)?);
        signed.insert(seq, if holds { hash } else { String::new() });
    }
    let mut hash = BEFORE.to_owned();
    loop {
        let rows = conn.all(sql::ONWARDS, args![workspace, check.entries.cast_signed(), STRIDE]).await?;
        for row in &rows {
            let expected = check.entries + 1;
            let sound = entry(row).ok().filter(|entry| {
                hash = hash_of(&hash, workspace, expected, &entry.audited);
                entry.seq == expected && entry.hash == hash && signed.get(&expected).is_none_or(|signed| *signed == hash)
            });
            if sound.is_none() {
                check.broken = Some(expected);
                return Ok(check);
            }
            check.checkpoints += u64::from(signed.contains_key(&expected));
            check.entries = expected;
        }
        if rows.len() < STRIDE {
            break;
        }
    }
    // What was signed and is not there was cut off.
    check.broken = signed.keys().find(|seq| **seq > check.entries).map(|_| check.entries + 1);
    Ok(check)
}
