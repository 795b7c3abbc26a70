//! Who of the team is looking at what: kept in memory, told to live pages, forgotten when a page is silent.
//! Servers on one database tell each other over the bus; nothing here is a lock.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::{ConversationId, MonotonicTime, TeammateId, WorkspaceId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::{broadcast, watch};

/// A page that has said nothing for so long is gone.
const SILENCE: Duration = Duration::from_secs(40);
/// Sayings that servers beside this one may be behind.
const ABROAD: usize = 64;
/// Teammates that are remembered at most.
const MOST: usize = 2_000;

/// A teammate's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Here {
    /// The name others see.
    pub name: String,
    /// What is open.
    pub conversation: Option<ConversationId>,
    /// Is a reply being written there?
    pub is_typing: bool,
}

/// What a page said, as servers beside this one are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    workspace: WorkspaceId,
    teammate: TeammateId,
    here: Option<Here>,
}

/// All pages of all workspaces.
#[derive(Debug)]
pub struct Presence {
    pages: Mutex<HashMap<(WorkspaceId, TeammateId), (Here, MonotonicTime)>>,
    bell: watch::Sender<u64>,
    said: broadcast::Sender<Arc<Said>>,
}

impl Default for Presence {
    fn default() -> Self {
        Self { pages: Mutex::default(), bell: watch::Sender::new(0), said: broadcast::channel(ABROAD).0 }
    }
}

impl Presence {
    fn pages(&self) -> std::sync::MutexGuard<'_, HashMap<(WorkspaceId, TeammateId), (Here, MonotonicTime)>> {
        self.pages.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// A page says where it is; nothing: it is closed. Others are told only of changes.
    pub fn say(&self, workspace: &WorkspaceId, teammate: TeammateId, here: Option<Here>, now: MonotonicTime) {
        let said = Said { workspace: workspace.clone(), teammate, here };
        if self.said.receiver_count() > 0 {
            // The receiver may just have gone.
            let _ = self.said.send(Arc::new(said.clone()));
        }
        self.hear(said, now);
    }

    /// What pages of this server say from now on, for those beside it.
    pub fn said(&self) -> broadcast::Receiver<Arc<Said>> {
        self.said.subscribe()
    }

    /// Takes in what a page said here or at another server.
    pub fn hear(&self, said: Said, now: MonotonicTime) {
        let Said { workspace, teammate, here } = said;
        let key = (workspace, teammate);
        let mut pages = self.pages();
        let before = pages.get(&key).map(|(here, _)| here.clone());
        match &here {
            Some(here) if pages.len() < MOST || before.is_some() => {
                pages.insert(key, (here.clone(), now));
            }
            Some(_) => return,
            None => {
                pages.remove(&key);
            }
        }
        drop(pages);
        if before != here {
            self.bell.send_modify(|count| *count += 1);
        }
    }

    /// Forgets silent pages.
    pub fn sweep(&self, now: MonotonicTime) {
        let mut pages = self.pages();
        let before = pages.len();
        pages.retain(|_, (_, at)| now.since(*at) < SILENCE);
        let is_changed = pages.len() != before;
        drop(pages);
        if is_changed {
            self.bell.send_modify(|count| *count += 1);
        }
    }

    /// Rings with every change.
    pub fn bell(&self) -> watch::Receiver<u64> {
        self.bell.subscribe()
    }

    /// Who of a workspace is here, in order.
    pub fn here(&self, workspace: &WorkspaceId) -> Vec<TeammateId> {
        let mut here: Vec<TeammateId> = self.pages().keys().filter(|(of, _)| of == workspace).map(|(_, id)| *id).collect();
        here.sort();
        here
    }

    /// Everybody of a workspace, as live pages are told.
    pub fn of(&self, workspace: &WorkspaceId) -> Value {
        let pages = self.pages();
        let mut people: Vec<_> =
            pages.iter().filter(|((of, _), _)| of == workspace).map(|((_, id), (here, _))| (*id, here.clone())).collect();
        drop(pages);
        people.sort_by_key(|(id, _)| *id);
        let people: Vec<Value> = people
            .into_iter()
            .map(|(id, here)| json!({ "teammate": id, "name": here.name, "conversation": here.conversation, "typing": here.is_typing }))
            .collect();
        json!({ "people": people })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Timestamp;

    #[test]
    fn a_silent_page_is_forgotten_and_a_repeated_word_rings_nobody() {
        let presence = Presence::default();
        let (workspace, ana) = (WorkspaceId::from("one"), TeammateId::new(Timestamp::from_secs(1), 1));
        let here = || Some(Here { name: "Ana".to_owned(), conversation: None, is_typing: false });
        let at = |seconds: u64| MonotonicTime::from_micros(seconds * 1_000_000);
        let mut bell = presence.bell();
        presence.say(&workspace, ana, here(), at(0));
        assert!(bell.has_changed().expect("it rings"));
        bell.mark_unchanged();
        presence.say(&workspace, ana, here(), at(30));
        assert!(!bell.has_changed().expect("it is silent"));
        presence.sweep(at(60));
        assert_eq!(presence.of(&workspace)["people"][0]["name"], "Ana");
        assert_eq!(presence.of(&WorkspaceId::from("two"))["people"], json!([]));
        presence.sweep(at(71));
        assert!(bell.has_changed().expect("it rings"));
        assert_eq!(presence.of(&workspace)["people"], json!([]));
    }
}
