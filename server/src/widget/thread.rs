//! A visitor's own thread: what the page has, what it lacks.

use std::collections::{BTreeMap, BTreeSet};

use domain::attachment::Attachment;
use domain::id::StrandId;
use domain::message::{Author, DeliveryState, Direction, Message};
use domain::ports::{Store, Stored};
use domain::{ConversationId, CustomerId, MessageId, WorkspaceId};
use engine::memory::slots::sentences;
use serde_json::{Value, json};

/// Messages of a page that starts from the beginning.
const RECALLED: usize = 200;
/// Messages read at once.
const STEP: usize = 100;
/// Messages after one that waits; then it is no longer waited for.
const LONGEST_WAIT: usize = 200;

/// Whose thread it is.
#[derive(Debug, Clone, Copy)]
pub struct Whose<'a> {
    /// The business.
    pub workspace: &'a WorkspaceId,
    /// The person.
    pub customer: CustomerId,
    /// What they said and heard through this browser.
    pub strand: StrandId,
}

/// How far a page has come.
#[derive(Debug, Default)]
pub struct Thread {
    /// Everything up to here was shown.
    settled: i64,
    /// Shown beyond that, while an earlier one still waits to be sent.
    shown: BTreeSet<i64>,
    /// Sentences shown of what is still being said.
    heard: BTreeMap<MessageId, usize>,
    /// The conversation of the newest message that a page which comes back has.
    pub resumed: Option<ConversationId>,
}

/// What a page lacks.
pub enum News {
    /// A whole message, with the files that came or left with it.
    Message(Box<Message>, Vec<Attachment>),
    /// One sentence of a message that is still being said.
    Sentence {
        /// Of which.
        message: MessageId,
        /// In which conversation.
        conversation: ConversationId,
        /// Its place.
        index: usize,
        /// The sentence.
        text: String,
    },
}

/// Has it left? A reply that waits for a teammate's approval has not.
fn has_left(message: &Message) -> bool {
    message.direction != Direction::Out
        || !matches!(message.delivery, Some(DeliveryState::Speaking | DeliveryState::Queued | DeliveryState::Refused))
}

impl Thread {
    /// Starts after `last` when that is a number of this strand, else from the beginning.
    pub async fn resume(store: &dyn Store, whose: Whose<'_>, last: Option<i64>) -> Stored<Self> {
        let Whose { workspace, strand, .. } = whose;
        if let Some(last) = last {
            let there = store.strand_messages(workspace, strand, last - 1, 1).await?;
            if let Some(message) = there.first().filter(|message| message.seq == last) {
                return Ok(Self { settled: last, resumed: Some(message.conversation), ..Self::default() });
            }
        }
        let mut numbers: Vec<i64> = Vec::new();
        let mut after = 0;
        loop {
            let page = store.strand_messages(workspace, strand, after, STEP).await?;
            numbers.extend(page.iter().map(|message| message.seq));
            match page.last() {
                Some(message) if page.len() == STEP => after = message.seq,
                Some(_) | None => break,
            }
        }
        let settled = numbers.len().checked_sub(RECALLED + 1).and_then(|place| numbers.get(place)).copied().unwrap_or(0);
        Ok(Self { settled, ..Self::default() })
    }

    /// The newest number the page has.
    pub fn newest(&self) -> i64 {
        self.shown.last().copied().unwrap_or(self.settled)
    }

    /// What the page lacks now.
    pub async fn news(&mut self, store: &dyn Store, whose: Whose<'_>) -> Stored<Vec<News>> {
        let Whose { workspace, strand, .. } = whose;
        let mut news = Vec::new();
        let mut after = self.settled;
        let mut is_waiting = false;
        loop {
            let page = store.strand_messages(workspace, strand, after, STEP).await?;
            let count = page.len();
            let mut files = self.files(store, whose, &page).await?;
            for message in page {
                after = message.seq;
                let left = has_left(&message);
                is_waiting |= !left;
                let seq = message.seq;
                if left && !self.shown.contains(&seq) {
                    self.heard.remove(&message.id);
                    let files = files.remove(&message.id).unwrap_or_default();
                    news.push(News::Message(Box::new(message), files));
                    self.shown.insert(seq);
                } else if message.delivery == Some(DeliveryState::Speaking) {
                    self.listen(&message, &mut news);
                }
                if !is_waiting {
                    self.settled = seq;
                    self.shown.remove(&seq);
                }
            }
            if count < STEP {
                break;
            }
        }
        if self.shown.len() > LONGEST_WAIT {
            self.settled = self.newest();
            self.shown.clear();
        }
        Ok(news)
    }

    /// Files of those messages that will be shown; one look for all of them.
    async fn files(&self, store: &dyn Store, whose: Whose<'_>, page: &[Message]) -> Stored<BTreeMap<MessageId, Vec<Attachment>>> {
        // The AI sends no files.
        let by_people =
            |message: &&Message| matches!(message.author, Author::Teammate | Author::Customer) && !self.shown.contains(&message.seq);
        let new: Vec<&Message> = page.iter().filter(by_people).collect();
        let mut files: BTreeMap<MessageId, Vec<Attachment>> = BTreeMap::new();
        let (Some(first), Some(last)) = (new.first(), new.last()) else { return Ok(files) };
        for file in store.attachments_of(whose.workspace, whose.customer, first.seq, last.seq).await? {
            files.entry(file.message).or_default().push(file);
        }
        Ok(files)
    }

    /// The sentences that were added since the page last heard.
    fn listen(&mut self, message: &Message, news: &mut Vec<News>) {
        let heard = self.heard.entry(message.id).or_default();
        for (index, sentence) in sentences(&message.text).into_iter().enumerate().skip(*heard) {
            news.push(News::Sentence { message: message.id, conversation: message.conversation, index, text: sentence.trim().to_owned() });
            *heard = index + 1;
        }
    }
}

impl News {
    /// Its frame.
    pub fn frame(&self) -> Value {
        match self {
            Self::Message(message, files) => whole(message, files),
            Self::Sentence { message, conversation, index, text } => {
                json!({ "type": "sentence", "message": message, "conversation": conversation, "index": index, "text": text })
            }
        }
    }
}

/// A whole message.
fn whole(message: &Message, files: &[Attachment]) -> Value {
    json!({
        "type": "message",
        "seq": message.seq,
        "id": message.id,
        "conversation": message.conversation,
        "author": message.author,
        "name": message.author_name,
        "text": message.text,
        "at": message.at,
        "quick_replies": message.buttons,
        "cards": message.cards,
        "files": files.iter().filter_map(|file| Some(json!({
            "name": file.about.name(),
            "shown_as": file.about.seen_as,
            "size": file.size,
            "url": format!("/files/{}", file.about.link.as_ref()?),
        }))).collect::<Vec<_>>(),
        "sources": message.sources.iter().map(|source| json!({
            "title": if source.heading.is_empty() { &source.source } else { &source.heading },
            "url": null,
        })).collect::<Vec<_>>(),
    })
}
