//! A visitor's conversations as their page shows them: which of them have ended.

use std::collections::BTreeMap;

use domain::conversation::StatusKind;
use domain::ports::{Change, Store, Stored};
use domain::{ConversationId, WorkspaceId};
use serde_json::{Value, json};

/// What the page was told of each conversation it shows.
#[derive(Debug, Default)]
pub struct Matters {
    /// Has it ended?
    known: BTreeMap<ConversationId, bool>,
    /// To be looked at.
    stale: Vec<ConversationId>,
}

impl Matters {
    /// The page shows something of it: a message that comes opens it again.
    pub fn shown(&mut self, conversation: ConversationId) {
        if self.known.insert(conversation, false) != Some(false) {
            self.stale.push(conversation);
        }
    }

    /// Something changed.
    pub fn changed(&mut self, change: &Change) {
        let Some(conversation) = change.conversation.filter(|id| self.known.contains_key(id)) else { return };
        if change.kind == "conversation.updated" && !self.stale.contains(&conversation) {
            self.stale.push(conversation);
        }
    }

    /// So much changed that nobody knows what.
    pub fn changed_all(&mut self) {
        self.stale = self.known.keys().copied().collect();
    }

    /// Frames for those that have ended since.
    pub async fn news(&mut self, store: &dyn Store, workspace: &WorkspaceId) -> Stored<Vec<Value>> {
        let mut frames = Vec::new();
        for conversation in std::mem::take(&mut self.stale) {
            let row = store.conversation(workspace, conversation).await?;
            let ended = row.is_some_and(|row| row.conversation.status == StatusKind::Resolved);
            if self.known.insert(conversation, ended) != Some(ended) && ended {
                frames.push(json!({ "type": "resolved", "conversation": conversation }));
            }
        }
        Ok(frames)
    }
}
