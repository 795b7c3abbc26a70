//! Likeness of meaning in a turn, where there is an embedder. Without one, and whenever it fails, words alone decide.
//!
//! A turn reads the vectors that are kept and names the strands that have none yet; a job makes them, oldest first.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::id::WorkspaceId;
use domain::ports::{Embedder, ModelError, Posted, Stored};
use domain::time::MonotonicTime;

use crate::Engine;
use crate::memory::recall::{Meanings, Pages, Shelf, TOGETHER, likeness, meaning};

/// A customer waits for the vector of their question,
const IN_A_TURN: Duration = Duration::from_millis(400);
/// nobody for those of old messages.
const IN_A_JOB: Duration = Duration::from_mins(2);
/// An embedder that failed is left alone for so long.
const REST: Duration = Duration::from_secs(30);
/// Strands whose turn to get vectors has come; those that find no room are named again by their next message.
const ROOM: usize = 4_096;

/// The embedder, and what is known of it.
pub(crate) struct Likeness {
    embedder: Arc<dyn Embedder>,
    shelf: Shelf<Meanings>,
    due: Mutex<VecDeque<(WorkspaceId, Posted)>>,
    rests_until: Mutex<Option<MonotonicTime>>,
}

impl Likeness {
    pub(crate) fn of(embedder: Arc<dyn Embedder>) -> Self {
        Self { embedder, shelf: Shelf::default(), due: Mutex::default(), rests_until: Mutex::default() }
    }

    pub(crate) fn forget(&self, strands: &[domain::StrandId]) {
        self.shelf.forget(strands);
    }

    fn name_due(&self, workspace: &WorkspaceId, posted: Posted) {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        if due.len() < ROOM && !due.iter().any(|(_, known)| known.strand == posted.strand) {
            due.push_back((workspace.clone(), posted));
        }
    }

    fn next_due(&self) -> Option<(WorkspaceId, Posted)> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    fn rests(&self, now: MonotonicTime) -> bool {
        self.rests_until.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|until| now < until)
    }

    /// Vectors, or `None` when there are none in time; then it rests.
    async fn vectors(&self, now: MonotonicTime, texts: &[String], patience: Duration) -> Option<Vec<Vec<f32>>> {
        let made = self.embedder.embed(texts, patience).await;
        let made = made.and_then(|vectors| {
            let fits = vectors.len() == texts.len();
            fits.then_some(vectors).ok_or_else(|| ModelError::Garbage("there are fewer vectors than texts".to_owned()))
        });
        match made {
            Ok(vectors) => Some(vectors),
            Err(error) => {
                tracing::warn!(embedder = self.embedder.name(), %error, "no vectors, words alone decide");
                *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(now.after(REST));
                None
            }
        }
    }
}

impl Engine {
    /// How near the meaning of each older message is to a question; `None`: no vector of either is there.
    pub(super) async fn likeness(
        &self,
        workspace: &WorkspaceId,
        pages: &[Arc<Pages>],
        question: &str,
        names: &[&str],
    ) -> Option<HashMap<u128, f32>> {
        let likeness = self.likeness.as_ref()?;
        let now = self.monotonic.now();
        if likeness.rests(now) {
            return None;
        }
        let mut known = Vec::with_capacity(pages.len());
        for pages in pages {
            match self.meanings(likeness, workspace, pages).await {
                Ok(meanings) => known.push(meanings),
                Err(error) => tracing::warn!(strand = %pages.posted.strand, %error, "vectors could not be read"),
            }
        }
        if known.iter().all(|meanings| meanings.reach == 0) {
            return None;
        }
        let asked = likeness.vectors(now, &[likeness::without_names(question, names)], IN_A_TURN).await?;
        let mut near = HashMap::new();
        known.iter().for_each(|meanings| meanings.compare(&asked[0], &mut near));
        (!near.is_empty()).then_some(near)
    }

    /// The vectors of a strand as far as they are made; what has none yet is named to the job.
    async fn meanings(&self, likeness: &Likeness, workspace: &WorkspaceId, pages: &Pages) -> Stored<Arc<Meanings>> {
        let posted = pages.posted;
        let at_hand = likeness.shelf.find(posted.strand, posted.version);
        if let Some(meanings) = at_hand.as_ref().filter(|meanings| pages.behind(meanings.reach) < TOGETHER) {
            return Ok(Arc::clone(meanings));
        }
        let mut meanings = at_hand.as_deref().cloned().unwrap_or_else(|| Meanings::new(posted));
        let kept = self.store.meanings(workspace, posted.strand, likeness.embedder.name(), meanings.reach).await?;
        if let Err(error) = meanings.keep(&kept) {
            tracing::warn!(strand = %posted.strand, %error, "vectors cannot be read and are made anew");
            self.store.drop_postings(workspace, posted.strand).await?;
            meanings = Meanings::new(Posted { version: posted.version + 1, ..posted });
        }
        if pages.behind(meanings.reach) >= TOGETHER {
            likeness.name_due(workspace, posted);
        }
        let meanings = Arc::new(meanings);
        likeness.shelf.put(Arc::clone(&meanings));
        Ok(meanings)
    }

    /// Makes the vectors of some old messages of a strand that a turn named. `false`: none waits, or the embedder rests.
    pub async fn embed_next(&self) -> Stored<bool> {
        let Some(likeness) = &self.likeness else { return Ok(false) };
        let now = self.monotonic.now();
        if likeness.rests(now) {
            return Ok(false);
        }
        let Some((workspace, posted)) = likeness.next_due() else { return Ok(false) };
        let model = likeness.embedder.name();
        let reach = self.store.meanings(&workspace, posted.strand, model, 0).await?.last().map_or(0, |last| last.last_seq);
        let said = self.store.said_on(&workspace, posted.strand, reach, i64::MAX, TOGETHER).await?;
        let (Some(last), true) = (said.last(), said.len() == TOGETHER) else { return Ok(true) };
        let texts: Vec<String> = said.iter().map(|message| message.text.clone()).collect();
        let Some(vectors) = likeness.vectors(now, &texts, IN_A_JOB).await else { return Ok(false) };
        let ids: Vec<u128> = said.iter().map(|message| message.id.to_bits()).collect();
        if self.store.keep_meaning(&workspace, posted, model, reach, &meaning(last.seq, &ids, &vectors)).await? {
            likeness.name_due(&workspace, posted);
        }
        Ok(true)
    }
}
