//! The sources of all workspaces: one library per configured folder and one for what was given in the console, searched together.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use crate::app::Shared;
use domain::knowledge::{Conflict, Passage, Question, SourceState};
use domain::ports::{Knowledge, StoreError};
use domain::{Timestamp, WorkspaceId};
use knowledge::Given;

/// Passages near a cited one that are held against it.
const NEAR: usize = 8;

/// Libraries of a workspace, by the name of their source.
type Named = Vec<(String, Arc<knowledge::Library>)>;

/// The library of documents that were given in the console; no configured source can be called so.
const GIVEN: &str = "/given";

/// See the module.
#[derive(Default)]
pub struct Sources {
    libraries: RwLock<HashMap<WorkspaceId, Named>>,
    /// One look at the given documents at a time: an older one must not undo what a newer one has read.
    looking: tokio::sync::Mutex<()>,
}

/// Brings what was given in the console in line with the store; only what changed is read.
pub async fn follow_given(app: &Shared, workspace: &WorkspaceId) -> Result<(), StoreError> {
    let _alone = app.library.looking.lock().await;
    let kept = app.store().documents(workspace).await?;
    let library = app.library.library(workspace, GIVEN);
    let given: Vec<Given> = kept.iter().map(|one| Given { name: one.name.clone(), size: one.size, at: one.at }).collect();
    let lacking: Vec<&Given> = library.lacks(workspace, &given);
    let mut all = Vec::with_capacity(given.len());
    for (document, one) in kept.iter().zip(&given) {
        let content = if lacking.contains(&one) { app.store().document_content(workspace, document.id).await? } else { None };
        all.push((one.clone(), content));
    }
    let (workspace, now) = (workspace.clone(), app.now());
    let reading = tokio::task::spawn_blocking(move || {
        let report = library.take(&workspace, all, now);
        if report.changed {
            tracing::info!(%workspace, read = report.read, removed = report.removed, passages = report.passages, "given documents were read");
        }
    });
    if let Err(error) = reading.await {
        tracing::error!(%error, "reading the given documents failed, trying again");
    }
    Ok(())
}

impl Sources {
    /// Brings one source in line with its folder.
    pub fn sync(&self, workspace: &WorkspaceId, source: &str, folder: &Path, now: Timestamp) {
        let library = self.library(workspace, source);
        let report = library.sync(workspace, folder, now);
        if report.changed {
            tracing::info!(%workspace, source, read = report.read, removed = report.removed, passages = report.passages, skipped = report.skipped.len(), "sources were read");
        }
    }

    /// Forgets sources that are no longer configured.
    pub fn keep(&self, configured: &[(WorkspaceId, String, std::path::PathBuf)]) {
        let mut all = self.libraries.write().unwrap_or_else(PoisonError::into_inner);
        for (workspace, libraries) in all.iter_mut() {
            libraries.retain(|(id, _)| id == GIVEN || configured.iter().any(|(owner, source, _)| owner == workspace && source == id));
        }
    }

    /// How the sources stand, and whether each was given in the console.
    pub fn standing(&self, workspace: &WorkspaceId) -> Vec<(bool, SourceState)> {
        let all = self.libraries.read().unwrap_or_else(PoisonError::into_inner);
        let libraries = all.get(workspace).into_iter().flatten();
        libraries.flat_map(|(id, library)| library.sources(workspace).into_iter().map(move |state| (id == GIVEN, state))).collect()
    }

    fn library(&self, workspace: &WorkspaceId, source: &str) -> Arc<knowledge::Library> {
        let mut all = self.libraries.write().unwrap_or_else(PoisonError::into_inner);
        let libraries = all.entry(workspace.clone()).or_default();
        if let Some((_, known)) = libraries.iter().find(|(id, _)| id == source) {
            return Arc::clone(known);
        }
        let new = Arc::new(knowledge::Library::new());
        libraries.push((source.to_owned(), Arc::clone(&new)));
        new
    }

    fn of(&self, workspace: &WorkspaceId) -> Vec<Arc<knowledge::Library>> {
        let all = self.libraries.read().unwrap_or_else(PoisonError::into_inner);
        all.get(workspace).map(|libraries| libraries.iter().map(|(_, library)| Arc::clone(library)).collect()).unwrap_or_default()
    }
}

impl Knowledge for Sources {
    fn search(&self, workspace: &WorkspaceId, question: &Question, limit: usize) -> Vec<Passage> {
        let libraries = self.of(workspace);
        let mut found: Vec<Passage> = libraries.iter().flat_map(|library| library.search(workspace, question, limit)).collect();
        if libraries.len() > 1 {
            found.sort_by(|a, b| b.score.total_cmp(&a.score));
            found.truncate(limit);
        }
        found
    }

    fn names(&self, workspace: &WorkspaceId) -> Vec<String> {
        self.of(workspace).iter().flat_map(|library| library.names(workspace)).collect()
    }

    fn conflicts(&self, workspace: &WorkspaceId) -> Vec<Conflict> {
        let all: Vec<Passage> = self.of(workspace).iter().flat_map(|library| library.passages(workspace)).collect();
        knowledge::conflicts(&all)
    }

    fn differing(&self, workspace: &WorkspaceId, cited: &[Passage]) -> Vec<Conflict> {
        let is_cited = |passage: &Passage| cited.iter().any(|known| known.source == passage.source && known.text == passage.text);
        let mut near: Vec<Passage> = Vec::new();
        for passage in cited {
            let question = Question { text: passage.text.clone(), language: passage.language.clone(), ..Question::default() };
            for found in std::iter::once(passage.clone()).chain(self.search(workspace, &question, NEAR)) {
                if !near.iter().any(|known| known.source == found.source && known.text == found.text) {
                    near.push(found);
                }
            }
        }
        let mut found = knowledge::conflicts(&near);
        found.retain(|conflict| is_cited(&conflict.one) != is_cited(&conflict.other));
        found
    }

    fn sources(&self, workspace: &WorkspaceId) -> Vec<SourceState> {
        self.of(workspace).iter().flat_map(|library| library.sources(workspace)).collect()
    }
}
