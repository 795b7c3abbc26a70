//! Figures: whose count is out of date, the marks that stand behind each figure, and their sums by day.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::analytics::{Explained, Mark, Marked, Recount, Said, Story, Talk, Tally};
use domain::identifier::Proof;
use domain::ports::{Analytics, Counted, Days, Page, Recounting, StoreError, Stored};
use domain::time::Timestamp;
use domain::{CustomerId, WorkspaceId};
use sha2::{Digest, Sha256};

use crate::Storage;
use crate::bell::Rings;
use crate::db::{Arg, Row, Tx, args};
use crate::rows::place;
use crate::sql::intake::LOCK_HASH;
use crate::sql::{analytics as sql, record as record_sql};

/// Changes after which somebody is counted anew.
const COUNTED: [&str; 5] = ["message.created", "conversation.updated", "customer.updated", "identity.updated", "escalation.updated"];

impl Tx {
    /// Whoever this transaction changes is counted anew; the last thing that it writes.
    pub(crate) fn retell(&mut self) {
        for (workspace, customer) in changed(&self.rings) {
            self.later(sql::RETELL, args![workspace, customer]);
        }
    }
}

/// Whom a transaction changes, each once and always in the same order, so that two never wait for each other.
fn changed(rings: &Rings) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = rings
        .changes
        .iter()
        .filter(|change| COUNTED.contains(&change.kind))
        .filter_map(|change| Some((change.workspace.as_str().to_owned(), change.customer?.to_string())))
        .collect();
    all.sort();
    all.dedup();
    all
}

fn proof(level: Option<i64>) -> Proof {
    match level.unwrap_or(0) {
        3 => Proof::Verified,
        2 => Proof::ChannelAsserted,
        1 => Proof::Claimed,
        _ => Proof::Anonymous,
    }
}

fn talk(row: &Row) -> Stored<Talk> {
    Ok(Talk {
        id: row.word(0)?,
        status: row.word(1)?,
        assignee: row.opt_word(2)?,
        created_at: row.time(3)?,
        updated_at: row.time(4)?,
        asked_again: u32::try_from(row.int(5)?).unwrap_or(0),
        repeated: u32::try_from(row.int(6)?).unwrap_or(0),
    })
}

fn said(row: &Row) -> Stored<Said> {
    Ok(Said {
        id: row.word(0)?,
        conversation: row.word(1)?,
        turn: row.opt_word(2)?,
        channel: row.word(3)?,
        direction: row.word(4)?,
        author: row.word(5)?,
        at: row.time(6)?,
        state: row.opt_word(7)?,
    })
}

fn tally(measure: &str, row: &Row, by_day: bool) -> Stored<Tally> {
    Ok(Tally {
        measure: measure.to_owned(),
        day: if by_day { Some(row.int(4)?) } else { None },
        a: row.text(0)?,
        b: row.text(1)?,
        count: row.int(2)?,
        total: row.int(3)?,
    })
}

/// Is it what stands there already?
fn is_same(rows: &[Row], marks: &[Mark]) -> Stored<bool> {
    if rows.len() != marks.len() {
        return Ok(false);
    }
    for (row, mark) in rows.iter().zip(marks) {
        let same = row.text(0)? == mark.conversation.to_string()
            && row.text(1)? == mark.measure
            && row.text(2)? == mark.a
            && row.text(3)? == mark.b
            && row.int(4)? == mark.day
            && row.int(5)? == mark.value;
        if !same {
            return Ok(false);
        }
    }
    Ok(true)
}

/// PostgreSQL: sums of one workspace are changed by one writer at a time.
async fn lock(tx: &mut Tx, workspace: &WorkspaceId) -> Stored<()> {
    if tx.is_lite() {
        return Ok(());
    }
    let digest = Sha256::digest(format!("rapport figures\n{}", workspace.as_str()).as_bytes());
    let number = digest[..8].iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    tx.one(LOCK_HASH, args![number.cast_signed()]).await.map(|_| ())
}

/// What marks add up to: how many and how much, by measure, day and kinds.
type Sums = BTreeMap<(&'static str, i64, String, String), (i64, i64)>;

/// The marks of one customer in the place of the old ones; what they add goes to the sums.
async fn settle(tx: &mut Tx, workspace: &WorkspaceId, recounting: Recounting, recount: Recount, sums: &mut Sums) -> Stored<()> {
    let customer = recounting.customer;
    // Somebody else counts them by now.
    let Some(row) = tx.one(sql::TAKEN, args![workspace, customer, recounting.ticket]).await? else { return Ok(()) };
    let has_changed = row.int(0)? == 0;
    let from = recount.from_day.unwrap_or(i64::MIN);
    let mut marks = recount.marks;
    marks.retain(|mark| mark.day >= from);
    marks.sort_by_key(|mark| mark.day);
    let stand = tx.all(sql::MARKS, args![workspace, customer, from]).await?;
    if !is_same(&stand, &marks)? {
        if !stand.is_empty() {
            tx.later(sql::SUBTRACT, args![workspace, customer, from]);
            tx.later(sql::UNMARK, args![workspace, customer, from]);
        }
        for (place, mark) in marks.into_iter().enumerate() {
            let here = args![workspace, customer, mark.day, place, mark.conversation, mark.measure, &mark.a, &mark.b, mark.value];
            tx.later(sql::MARK, here);
            let sum = sums.entry((mark.measure, mark.day, mark.a, mark.b)).or_default();
            sum.0 += 1;
            sum.1 = sum.1.saturating_add(mark.value);
        }
    }
    match recount.again_at {
        _ if has_changed => {}
        Some(at) => tx.later(sql::PUT_OFF, args![workspace, customer, at]),
        None => tx.later(sql::DONE, args![workspace, customer]),
    }
    Ok(())
}

fn asked(workspace: &WorkspaceId, which: &Counted<'_>) -> Vec<Arg> {
    args![workspace, which.measure, which.days.from, which.days.to, which.a, which.b]
}

#[async_trait]
impl Analytics for Storage {
    async fn recounts(&self, workspace: &WorkspaceId, now: Timestamp, limit: usize) -> Stored<Vec<Recounting>> {
        // Mostly nobody waits, and then nothing is written.
        if self.inner.reader().await?.one(sql::DUE, args![workspace, now, 1]).await?.is_none() {
            return Ok(Vec::new());
        }
        let workspace = workspace.clone();
        self.inner
            .write_briefly("analytics.recounts", move |tx| {
                Box::pin(async move {
                    let rows = tx.all(sql::DUE, args![&workspace, now, limit]).await?;
                    let mut taken = Vec::with_capacity(rows.len());
                    for row in rows {
                        taken.push(Recounting { customer: row.word::<CustomerId>(0)?, ticket: row.int(1)? + 1 });
                    }
                    // In the order in which every other transaction touches them, so that two never wait for each other.
                    taken.sort_by_key(|one| one.customer);
                    for one in &taken {
                        tx.later(sql::TAKE, args![&workspace, one.customer]);
                    }
                    Ok(taken)
                })
            })
            .await
    }

    async fn story(&self, workspace: &WorkspaceId, customer: CustomerId, since: Timestamp) -> Stored<Option<Story>> {
        let mut conn = self.inner.reader().await?;
        let Some(record) = conn.one(sql::RECORD, args![workspace, customer]).await? else { return Ok(None) };
        if record.text(0)? != customer.to_string() {
            return Ok(None);
        }
        let is_counted = conn.one(sql::IS_COUNTED, args![workspace, customer]).await?.is_some();
        let since = is_counted.then_some(since);
        let from = since.map_or(i64::MIN, Timestamp::as_micros);
        let answers = conn
            .many(vec![
                (sql::PROOF, args![workspace, customer]),
                (sql::MET, args![workspace, customer]),
                (sql::TALKS, args![workspace, customer, from]),
                (sql::SAID, args![workspace, customer, from]),
                (sql::TURNS, args![workspace, customer, from]),
                (record_sql::ESCALATIONS, args![workspace, customer]),
                (record_sql::EVENTS, args![workspace, customer]),
            ])
            .await?;
        drop(conn);
        let [best, met, talks, messages, turns, escalations, events] = answers.as_slice() else {
            return Err(StoreError::Corrupt("a story has seven parts".to_owned()));
        };
        let mut story = Story {
            customer,
            proof: proof(best.first().map(|row| row.opt_int(0)).transpose()?.flatten()),
            score: record.int(1)?,
            met: met.first().map(|row| Ok::<_, StoreError>((row.time(0)?, row.word(1)?))).transpose()?,
            since,
            talks: talks.iter().map(talk).collect::<Stored<_>>()?,
            said: messages.iter().map(said).collect::<Stored<_>>()?,
            turns: Vec::with_capacity(turns.len()),
            escalations: Vec::new(),
            events: Vec::new(),
        };
        for row in turns {
            let id = row.text(0)?;
            let trace = self.inner.unseal(&row.text(3)?, place(workspace, "turn", "body", &id), &row.blob(4)?).await?;
            story.turns.push(Explained { id: row.word(0)?, conversation: row.word(1)?, at: row.time(2)?, trace });
        }
        for row in escalations {
            story.escalations.push(self.inner.escalation(workspace, row).await?);
        }
        for row in events.iter().rev() {
            let id = row.text(0)?;
            story.events.push(self.inner.unseal(&row.text(1)?, place(workspace, "memory", "body", &id), &row.blob(2)?).await?);
        }
        Ok(Some(story))
    }

    async fn recounted(&self, workspace: &WorkspaceId, counted: Vec<(Recounting, Recount)>) -> Stored<()> {
        let workspace = workspace.clone();
        self.inner
            .write_briefly("analytics.recounted", move |tx| {
                Box::pin(async move {
                    lock(tx, &workspace).await?;
                    let mut sums = Sums::new();
                    for (recounting, recount) in counted {
                        settle(tx, &workspace, recounting, recount, &mut sums).await?;
                    }
                    for ((measure, day, a, b), (times, total)) in sums {
                        tx.later(sql::ADD, args![&workspace, measure, day, a, b, times, total]);
                    }
                    Ok(())
                })
            })
            .await
    }

    async fn tallies(&self, workspace: &WorkspaceId, measures: &[&str], days: Days, by_day: bool) -> Stored<Vec<Tally>> {
        let statement = if by_day { sql::SUMS_BY_DAY } else { sql::SUMS };
        let statements = measures.iter().map(|measure| (statement, args![workspace, *measure, days.from, days.to])).collect();
        let answers = self.inner.reader().await?.many(statements).await?;
        let mut all = Vec::new();
        for (measure, rows) in measures.iter().zip(&answers) {
            for row in rows {
                all.push(tally(measure, row, by_day)?);
            }
        }
        Ok(all)
    }

    async fn customers_behind(&self, workspace: &WorkspaceId, which: Counted<'_>) -> Stored<i64> {
        let row = self.inner.reader().await?.one(sql::CUSTOMERS, asked(workspace, &which)).await?;
        row.map_or(Ok(0), |row| row.int(0))
    }

    async fn behind(&self, workspace: &WorkspaceId, which: Counted<'_>, cursor: Option<&str>, limit: usize) -> Stored<Page<Marked>> {
        let mut parts = cursor.unwrap_or_default().splitn(3, '~');
        let day: Option<i64> = parts.next().and_then(|day| day.parse().ok());
        let customer = parts.next().unwrap_or_default();
        let at: i64 = parts.next().and_then(|at| at.parse().ok()).unwrap_or(0);
        let mut values = asked(workspace, &which);
        values.extend(args![day, customer, at, limit + 1]);
        let mut rows = self.inner.reader().await?.all(sql::BEHIND, values).await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let mut next = None;
        let mut items = Vec::with_capacity(rows.len());
        for row in &rows {
            if more {
                next = Some(format!("{}~{}~{}", row.int(4)?, row.text(0)?, row.int(6)?));
            }
            items.push(Marked {
                customer: row.word(0)?,
                conversation: row.word(1)?,
                a: row.text(2)?,
                b: row.text(3)?,
                day: row.int(4)?,
                value: row.int(5)?,
            });
        }
        Ok(Page { items, next })
    }
}
