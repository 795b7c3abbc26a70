//! What of older messages matters for this turn, as far as the conversation's proof opens it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::customer::{Context, Recollection};
use domain::id::WorkspaceId;
use domain::message::{Author, Message};
use domain::ports::{Posted, Stored};
use domain::settings::WorkspaceSettings;
use domain::turn::Claim;
use domain::{CustomerId, MessageId, StrandId, Timestamp};

use crate::Engine;
use crate::identity::level::Opening;
use crate::memory::recall::sayings::{self, Asked};
use crate::memory::recall::{Block, CUSTOMER, Hit, Line, Pages, Question, US, rank};

/// Messages that a turn is given, their neighbours not counted.
const WANTED: usize = 8;
/// Messages looked at when only those of some days count.
const LOOKED_AT: usize = 256;
/// Of what the message is about, a message and those around it must hold at least this much to be worth a look.
const LEAST: f32 = 0.2;
/// Or its meaning must be at least so near to what the message is about.
const ALIKE: f32 = 0.45;
/// A message with fewer words is read with the question that it answers.
const SHORT: usize = 4;
/// What is read of a strand at a time, and how many times in one turn, until all of it is in blocks.
const SLICE: usize = 1_024;
const SLICES: usize = 4;

/// What a turn looks for in the past.
pub(super) struct Wanted<'a> {
    /// What was said now.
    said: String,
    /// What they ask about things said, when they do.
    asked: Option<Asked>,
    /// What the conversation's proof opens.
    opening: &'a Opening,
    /// Is everything ever said in the history already?
    has_all: bool,
}

impl<'a> Wanted<'a> {
    /// For the messages of a turn.
    pub fn of(claim: &Claim, whole: &Context, settings: &WorkspaceSettings, opening: &'a Opening, now: Timestamp) -> Self {
        let texts: Vec<&str> = claim.messages.iter().map(|waiting| waiting.message.text.trim()).collect();
        let said = texts.join("\n");
        let asked = sayings::asked(&said, &now.in_zone(&settings.timezone));
        Self { said, asked, opening, has_all: whole.history.len() < Context::EXCHANGES }
    }

    /// What is looked for.
    fn text(&self, known: &Context) -> String {
        self.asked.as_ref().map_or_else(|| in_context(&self.said, known), |asked| asked.topic.clone())
    }
}

impl Engine {
    /// Older messages that matter for what was said now, in order. What the turn sees anyway is left out, unless they
    /// ask about things said: then the newest answer as well as the oldest.
    pub(super) async fn recall(&self, claim: &Claim, known: &Context, wanted: &Wanted<'_>) -> Stored<Vec<Recollection>> {
        if wanted.has_all && wanted.asked.is_none() {
            return Ok(Vec::new());
        }
        let before = claim.messages.iter().map(|waiting| waiting.message.seq).min().unwrap_or(i64::MAX);
        let opens = |strand: StrandId| wanted.opening.opens(strand);
        let pages = self.all_pages(&claim.workspace, claim.lease.customer, before, &opens).await?;
        let blocks: Vec<&Block> = pages.iter().flat_map(|pages| pages.blocks()).collect();
        let names: Vec<&str> = known.customer.name().into_iter().collect();
        let text = wanted.text(known);
        let likeness = self.likeness(&claim.workspace, &pages, &text, &names).await;
        let hits = choose(&blocks, known, wanted, &Asks { text: &text, names: &names, likeness: likeness.as_ref() });
        let mut said = self.store.said(&claim.workspace, claim.lease.customer, &ids(&hits)).await?;
        said.retain(|message| wanted.opening.admits(message));
        Ok(stretches(said, &hits))
    }

    /// What was ever said with a customer that answers the question, in order: for whoever may read all of it.
    pub async fn recollect(&self, workspace: &WorkspaceId, customer: CustomerId, question: &str) -> Stored<Vec<Recollection>> {
        let pages = self.all_pages(workspace, customer, i64::MAX, &|_| true).await?;
        let blocks: Vec<&Block> = pages.iter().flat_map(|pages| pages.blocks()).collect();
        let likeness = self.likeness(workspace, &pages, question, &[]).await;
        let hits = rank(&blocks, &Question { text: question, ..Question::default() }, likeness.as_ref(), WANTED);
        Ok(stretches(self.store.said(workspace, customer, &ids(&hits)).await?, &hits))
    }

    async fn all_pages(
        &self,
        workspace: &WorkspaceId,
        customer: CustomerId,
        before: i64,
        opens: &(dyn Fn(StrandId) -> bool + Sync),
    ) -> Stored<Vec<Arc<Pages>>> {
        let mut pages = Vec::new();
        for posted in self.store.posted(workspace, customer).await? {
            if opens(posted.strand) {
                pages.push(self.pages(workspace, posted, before).await?);
            }
        }
        Ok(pages)
    }

    /// Forgets what was read of these strands.
    pub(crate) fn forget(&self, strands: &[StrandId]) {
        self.shelf.forget(strands);
        if let Some(likeness) = &self.likeness {
            likeness.forget(strands);
        }
    }

    /// The words of a strand up to now: those at hand, and what came since. Old messages become blocks on the way.
    async fn pages(&self, workspace: &WorkspaceId, posted: Posted, before: i64) -> Stored<Arc<Pages>> {
        let at_hand = self.shelf.find(posted.strand, posted.version).filter(|pages| pages.posted.to <= posted.to);
        let mut pages = at_hand.as_deref().cloned().unwrap_or_else(|| Pages::new(posted));
        if pages.posted.to < posted.to {
            let postings = self.store.postings(workspace, posted.strand, pages.posted.to).await?;
            if let Err(error) = pages.keep(&postings) {
                tracing::warn!(strand = %posted.strand, %error, "the words of old messages are read anew");
                self.store.drop_postings(workspace, posted.strand).await?;
                pages = Pages::new(Posted { version: posted.version + 1, ..posted });
            }
        }
        for _ in 0..SLICES {
            let said = self.store.said_on(workspace, posted.strand, pages.read_to, before, SLICE).await?;
            pages.add(&lines(&said));
            while let Some((posting, after)) = pages.due() {
                if !self.store.keep_posting(workspace, pages.posted, &posting).await? {
                    break;
                }
                pages = after;
            }
            if said.len() < SLICE {
                break;
            }
        }
        let pages = Arc::new(pages);
        self.shelf.put(pages.clone());
        Ok(pages)
    }
}

fn lines(said: &[Message]) -> Vec<Line<'_>> {
    said.iter()
        .map(|message| Line {
            id: message.id.to_bits(),
            seq: message.seq,
            at: message.at,
            author: if message.author == Author::Customer { CUSTOMER } else { US },
            text: &message.text,
            language: message.language.as_deref(),
        })
        .collect()
}

/// The question as it is put to the history.
struct Asks<'a> {
    text: &'a str,
    names: &'a [&'a str],
    likeness: Option<&'a HashMap<u128, f32>>,
}

fn choose(blocks: &[&Block], known: &Context, wanted: &Wanted<'_>, asks: &Asks<'_>) -> Vec<Hit> {
    let seen: HashSet<u128> = match wanted.asked {
        Some(_) => HashSet::new(),
        None => known.history.iter().map(|message| message.id.to_bits()).collect(),
    };
    let of = wanted.asked.as_ref().and_then(|asked| asked.by.as_ref()).map(|by| if *by == Author::Customer { CUSTOMER } else { US });
    let question = Question { text: asks.text, language: None, of, names: asks.names };
    let days = wanted.asked.as_ref().and_then(|asked| asked.days);
    let is_then = |at: Timestamp| days.is_none_or(|(from, to)| (from..to).contains(&at));
    let by = |hit: &Hit| of.is_none_or(|of| hit.author == of);
    let is_about = |hit: &Hit| hit.covered >= LEAST || hit.near.is_some_and(|near| near >= ALIKE);
    let limit = if wanted.asked.is_some() { LOOKED_AT } else { WANTED + seen.len() };
    let mut hits = rank(blocks, &question, asks.likeness, limit);
    hits.retain(|hit| is_about(hit) && !seen.contains(&hit.id) && is_then(hit.at) && by(hit));
    hits.truncate(WANTED);
    hits
}

/// "Yes, the larger one": with what it answers.
fn in_context(said: &str, known: &Context) -> String {
    if said.split_whitespace().count() >= SHORT {
        return said.to_owned();
    }
    let ours = known.history.iter().rev().find(|message| message.event.is_none() && message.author != Author::Customer);
    ours.map_or_else(|| said.to_owned(), |message| format!("{} {said}", message.text))
}

/// The messages found and those beside them, each once.
fn ids(hits: &[Hit]) -> Vec<MessageId> {
    let mut ids: Vec<u128> = hits.iter().flat_map(|hit| [Some(hit.id), hit.around[0], hit.around[1]]).flatten().collect();
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter().map(MessageId::from_bits).collect()
}

/// Messages in order as the stretches they were said in.
fn stretches(said: Vec<Message>, hits: &[Hit]) -> Vec<Recollection> {
    let by_id: HashMap<u128, &Hit> = hits.iter().map(|hit| (hit.id, hit)).collect();
    let follows = |before: u128, after: u128| {
        by_id.get(&before).is_some_and(|hit| hit.around[1] == Some(after))
            || by_id.get(&after).is_some_and(|hit| hit.around[0] == Some(before))
    };
    let mut found: Vec<Recollection> = Vec::new();
    for message in said {
        let hit = by_id.get(&message.id.to_bits());
        let goes_on =
            found.last().and_then(|stretch| stretch.messages.last()).is_some_and(|last| follows(last.id.to_bits(), message.id.to_bits()));
        if !goes_on {
            found.push(Recollection { messages: Vec::new(), found: Vec::new(), covered: 0.0 });
        }
        let Some(stretch) = found.last_mut() else { continue };
        if let Some(hit) = hit {
            stretch.found.push(message.id);
            stretch.covered = stretch.covered.max(hit.covered);
        }
        stretch.messages.push(message);
    }
    found.retain(|stretch| !stretch.found.is_empty());
    found
}
