//! The knowledge port.

use crate::id::WorkspaceId;
use crate::knowledge::{Conflict, Passage, Question, SourceState};

/// The business's own sources, searchable. Never holds anything about customers.
pub trait Knowledge: Send + Sync {
    /// The passages that may answer the question, best first; internal and outdated sources are never among them.
    fn search(&self, workspace: &WorkspaceId, question: &Question, limit: usize) -> Vec<Passage>;

    /// What products and names the sources know, for typo-tolerant recognition: catalogue spelling.
    fn names(&self, workspace: &WorkspaceId) -> Vec<String>;

    /// Where two current sources differ in their figures.
    fn conflicts(&self, workspace: &WorkspaceId) -> Vec<Conflict>;

    /// What other passages say otherwise than these.
    fn differing(&self, _workspace: &WorkspaceId, _cited: &[Passage]) -> Vec<Conflict> {
        Vec::new()
    }

    /// How each source stands.
    fn sources(&self, workspace: &WorkspaceId) -> Vec<SourceState>;
}
