//! A teammate's words in another tone or language, by a model where there is one.

use domain::WorkspaceId;
use domain::ports::Stored;

use crate::Engine;
use crate::reasoning::team::{self, Purse, Wish};

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reworded {
    /// The same in other words.
    Said(String),
    /// There is no model to ask.
    NoModel,
    /// No model said the same in other words.
    Unusable,
}

impl Engine {
    /// Can anybody be asked to reword a text?
    pub fn rewords(&self, workspace: &WorkspaceId) -> bool {
        self.models.get(workspace).is_some_and(|models| !models.answerer.is_empty())
    }

    /// Says a text as wished. Nothing is sent; it costs what an answer costs.
    pub async fn reword(&self, workspace: &WorkspaceId, text: &str, wish: &Wish) -> Stored<Reworded> {
        let (Some(models), Some(settings)) = (self.models.get(workspace), self.workspace(workspace)) else {
            return Ok(Reworded::NoModel);
        };
        if models.answerer.is_empty() {
            return Ok(Reworded::NoModel);
        }
        let day = self.clock.now().in_zone(&settings.timezone).date().to_string();
        let purse = Purse { spent: self.store.spent(workspace, &day).await?, day };
        let (said, calls) = team::reword(&models.answerer, text, wish, &purse, &*self.monotonic).await;
        for call in calls.iter().filter(|call| call.cost > 0) {
            self.store.spend(workspace, &call.model, &purse.day, call.cost).await?;
        }
        Ok(said.map_or(Reworded::Unusable, Reworded::Said))
    }
}
