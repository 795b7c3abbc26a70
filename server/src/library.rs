//! The sources of all workspaces: one library per configured folder, searched together.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use domain::knowledge::{Conflict, Passage, Question, SourceState};
use domain::ports::Knowledge;
use domain::{Timestamp, WorkspaceId};

/// Libraries of a workspace, by the name of their source.
type Named = Vec<(String, Arc<knowledge::Library>)>;

/// See the module.
#[derive(Default)]
pub struct Sources {
    libraries: RwLock<HashMap<WorkspaceId, Named>>,
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
            libraries.retain(|(id, _)| configured.iter().any(|(owner, source, _)| owner == workspace && source == id));
        }
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

    fn sources(&self, workspace: &WorkspaceId) -> Vec<SourceState> {
        self.of(workspace).iter().flat_map(|library| library.sources(workspace)).collect()
    }
}
