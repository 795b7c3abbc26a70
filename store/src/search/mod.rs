//! Search over everything ever said: a job lets an index of keyed hashes follow the timeline; what the index finds is
//! unsealed and compared before anybody sees it.
//!
//! The index is a file of each server's own (`search.db`), on PostgreSQL too. It is never in a backup; without it, or
//! with one that is ahead of the database because an older copy was restored, it is built anew.

mod index;
mod words;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use domain::WorkspaceId;
use domain::message::{DeliveryState, Message};
use domain::ports::{Hit, Hits, Search, StoreError, Stored, Wanted};

use self::index::{Index, Said, Step};
use crate::db::{Row, args};
use crate::seal::{Field, Lookups};
use crate::sql::{identity as identity_sql, intake as intake_sql, search as sql};
use crate::{Engine, Inner, Storage};

/// The index, beside the data.
pub(crate) const FILE: &str = "search.db";
/// Messages taken in at once.
const BATCH: usize = 400;
/// Several servers commit in another order than their numbers: so many places are looked at again.
const LOOK_BACK: i64 = 2_000;
const CHANGES_AGAIN: i64 = 100;
/// Messages unsealed for one page.
const MOST_READ: usize = 2_000;
const AT_ONCE: usize = 64;

/// The index of one server.
#[derive(Debug)]
pub(crate) struct Finder {
    index: Arc<Mutex<Index>>,
    recent: Mutex<Recent>,
    /// One step at a time.
    following: tokio::sync::Mutex<()>,
}

/// Places that need not be looked at again, on PostgreSQL.
#[derive(Debug, Default)]
struct Recent {
    said: BTreeSet<i64>,
    retold: BTreeSet<(i64, i64)>,
}

impl Finder {
    /// Opens the index at its path, in memory without one.
    pub fn open(path: Option<PathBuf>) -> Stored<Self> {
        Ok(Self { index: Arc::new(Mutex::new(Index::open(path)?)), recent: Mutex::default(), following: tokio::sync::Mutex::default() })
    }

    async fn with<T: Send + 'static>(&self, work: impl FnOnce(&mut Index) -> rusqlite::Result<T> + Send + 'static) -> Stored<T> {
        let index = Arc::clone(&self.index);
        let done = tokio::task::spawn_blocking(move || {
            let mut index = index.lock().unwrap_or_else(PoisonError::into_inner);
            match work(&mut index) {
                Err(error) if Index::is_damage(&error) => {
                    tracing::error!(%error, "the search index is damaged, it is made anew");
                    index.begin_anew().map(|()| None)
                }
                Err(error) => Err(StoreError::Database(format!("the search index: {error}").into())),
                Ok(done) => Ok(Some(done)),
            }
        });
        let done = done.await.map_err(|error| StoreError::Database(Box::new(error)))??;
        done.ok_or(StoreError::Stale("the search index is being made anew"))
    }

    /// Takes strands out at once, and empties the log.
    pub async fn forget(&self, strands: Vec<String>) -> Stored<()> {
        self.with(move |index| {
            let (reach, retold, _) = index.reach()?;
            index.take(&Step { gone_strands: strands, reach, retold, ..Step::default() })?;
            index.empty_log()
        })
        .await
    }

    fn recent(&self) -> std::sync::MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash(lookups: &Lookups, term: &str) -> i64 {
    // 64 bits are plenty: what is found is compared.
    let hashed = lookups.hash(Field::Said, &[term]);
    u64::from_str_radix(hashed.get(2..18).unwrap_or_default(), 16).unwrap_or_default().cast_signed()
}

/// A message at its place, read back.
struct Placed {
    message: Message,
    workspace: WorkspaceId,
    customer: String,
    is_draft: bool,
}

impl Placed {
    /// Words between people, or a note of the team; nothing that happened by itself.
    fn is_said(&self) -> bool {
        self.message.event.as_ref().is_none_or(|event| event.kind == "note")
    }

    fn waits(&self) -> bool {
        self.is_draft || self.message.delivery == Some(DeliveryState::Speaking)
    }
}

impl Inner {
    async fn placed(&self, rows: Vec<Vec<Row>>) -> Stored<Vec<Option<Placed>>> {
        let mut all = Vec::with_capacity(rows.len());
        for row in rows {
            let Some(row) = row.into_iter().next() else {
                all.push(None);
                continue;
            };
            let workspace = WorkspaceId(row.text(16)?);
            // Its key may be gone already: then it is erased.
            let message = match self.keys.find(workspace.as_str(), &row.text(1)?).await? {
                Some(_) => self.message(&workspace, &row).await?,
                None => {
                    all.push(None);
                    continue;
                }
            };
            all.push(Some(Placed { message, workspace, customer: row.text(15)?, is_draft: row.flag(17)? }));
        }
        Ok(all)
    }

    async fn at(&self, seqs: &[i64]) -> Stored<Vec<Option<Placed>>> {
        let asked = seqs.iter().map(|seq| (sql::AT, args![*seq])).collect();
        let rows = self.reader().await?.many(asked).await?;
        self.placed(rows).await
    }

    /// One step of the index; `true`: there is more.
    async fn follow(&self, finder: &Finder) -> Stored<bool> {
        let _step = finder.following.lock().await;
        let is_shared = matches!(self.engine, Engine::Pg { .. });
        let (mut reach, mut retold, pending) = finder.with(|index| index.reach()).await?;
        let (last, slack) = if is_shared { (sql::LAST, LOOK_BACK) } else { (intake_sql::LAST_SEQ, 0) };
        let last = self.reader().await?.one(last, args![]).await?.map_or(Ok(None), |row| row.opt_int(0))?.unwrap_or(0);
        if reach > last + slack {
            tracing::info!("the search index is ahead of what was said, it is made anew");
            finder.with(|index| index.begin_anew().map_err(|_| rusqlite::Error::InvalidQuery)).await?;
            (reach, retold) = (0, 0);
        }
        let (back, again) = if is_shared { (LOOK_BACK, CHANGES_AGAIN) } else { (0, 0) };
        let most = BATCH + usize::try_from(back).unwrap_or(0);
        let seqs = self.reader().await?.all(sql::SEQS, args![reach - back, most]).await?;
        let mut seqs = seqs.iter().map(|row| row.int(0)).collect::<Stored<Vec<_>>>()?;
        let changes = self.reader().await?.all(sql::RETOLD, args![retold - again, BATCH]).await?;
        let mut step = Step::default();
        let mut seen = Vec::new();
        let mut anew = Vec::new();
        for row in &changes {
            let (place, seq, strand) = (row.int(0)?, row.int(1)?, row.text(2)?);
            retold = retold.max(place);
            if is_shared && finder.recent().retold.contains(&(place, seq)) {
                continue;
            }
            seen.push((place, seq));
            if strand.is_empty() { anew.push(seq) } else { step.gone_strands.push(strand) }
        }
        if is_shared {
            let recent = finder.recent();
            seqs.retain(|seq| !recent.said.contains(seq));
        }
        let is_more = seqs.len() >= BATCH || changes.len() >= BATCH;
        seqs.truncate(BATCH);
        reach = reach.max(seqs.last().copied().unwrap_or(0));
        let wanted: Vec<i64> = seqs.iter().chain(&anew).chain(&pending).copied().collect::<BTreeSet<_>>().into_iter().collect();
        if wanted.is_empty() && seen.is_empty() {
            return Ok(false);
        }
        for (seq, placed) in wanted.iter().zip(self.at(&wanted).await?) {
            match placed {
                Some(placed) if placed.waits() => step.pending.push(*seq),
                Some(placed) if placed.is_said() && !placed.message.text.is_empty() => {
                    let key = self.keys.workspace(placed.workspace.as_str()).await?;
                    let hashes = words::terms(&placed.message.text).iter().map(|term| hash(&key.lookups, term)).collect();
                    step.put.push(Said { seq: *seq, strand: placed.message.strand.to_string(), hashes });
                }
                Some(_) | None => step.gone.push(*seq),
            }
        }
        (step.reach, step.retold) = (reach, retold);
        finder.with(move |index| index.take(&step)).await?;
        if is_shared {
            let mut recent = finder.recent();
            recent.said.extend(seqs);
            recent.said = recent.said.split_off(&(reach - LOOK_BACK));
            recent.retold.extend(seen);
            recent.retold = recent.retold.split_off(&(retold - CHANGES_AGAIN, 0));
        }
        Ok(is_more)
    }
}

fn fits(placed: &Placed, workspace: &WorkspaceId, customer: Option<&str>, wanted: &Wanted) -> bool {
    let message = &placed.message;
    placed.workspace == *workspace
        && placed.is_said()
        && !placed.waits()
        && customer.is_none_or(|customer| *customer == *placed.customer)
        && wanted.channel.is_none_or(|channel| channel == message.channel)
        && wanted.author.is_none_or(|author| author == message.author)
        && wanted.from.is_none_or(|from| message.at >= from)
        && wanted.to.is_none_or(|to| message.at < to)
}

#[cfg(any(test, feature = "contract"))]
impl Storage {
    /// How many messages the index holds.
    pub async fn indexed(&self) -> i64 {
        let Some(finder) = &self.inner.finder else { return 0 };
        finder.with(|index| index.len()).await.unwrap_or(-1)
    }
}

#[async_trait]
impl Search for Storage {
    async fn catch_up(&self) -> Stored<bool> {
        let Some(finder) = &self.inner.finder else { return Ok(false) };
        self.inner.follow(finder).await
    }

    async fn search(&self, workspace: &WorkspaceId, wanted: &Wanted) -> Stored<Hits> {
        let Some(finder) = &self.inner.finder else { return Ok(Hits::default()) };
        let search = words::Search::of(&wanted.words);
        let lookups = self.inner.keys.workspace(workspace.as_str()).await?;
        let hashes: Vec<i64> = search.terms().iter().map(|term| hash(&lookups.lookups, term)).collect();
        let mut hits = Hits { is_complete: true, ..Hits::default() };
        if hashes.is_empty() || wanted.limit == 0 {
            return Ok(hits);
        }
        let customer = match wanted.customer {
            Some(id) => match self.inner.reader().await?.one(identity_sql::ROOT, args![workspace, id]).await? {
                Some(row) => Some(row.text(0)?),
                None => return Ok(hits),
            },
            None => None,
        };
        let (reach, _, _) = finder.with(|index| index.reach()).await?;
        let behind = self.inner.reader().await?.all(sql::SEQS, args![reach, BATCH]).await?.len();
        hits.is_complete = behind < BATCH;
        let mut below = wanted.cursor.as_deref().and_then(|cursor| cursor.parse().ok()).unwrap_or(i64::MAX);
        let mut read = 0;
        loop {
            let asked = hashes.clone();
            let (places, next) = finder.with(move |index| index.places(&asked, below, AT_ONCE)).await?;
            read += places.len();
            for (seq, placed) in places.iter().zip(self.inner.at(&places).await?) {
                let Some(placed) = placed.filter(|placed| fits(placed, workspace, customer.as_deref(), wanted)) else { continue };
                let Some(excerpt) = search.excerpt(&placed.message.text, placed.message.language.as_deref()) else { continue };
                let customer = placed.customer.parse().map_err(|_| StoreError::Corrupt("a customer's id".to_owned()))?;
                hits.items.push(Hit { message: placed.message, customer, excerpt });
                if hits.items.len() == wanted.limit {
                    hits.next = Some(seq.to_string());
                    return Ok(hits);
                }
            }
            let Some(next) = next else { return Ok(hits) };
            below = next;
            if read >= MOST_READ || places.is_empty() {
                hits.next = Some(below.to_string());
                return Ok(hits);
            }
        }
    }
}
