//! Tasks: what a person of the team should do for a customer, and by when.

use async_trait::async_trait;

use super::{Page, Stored};
use crate::id::{CustomerId, TaskId, TeammateId, WorkspaceId};
use crate::time::Timestamp;
use crate::turn::Task;

/// Which tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskList {
    /// Not done yet: the one that is due first comes first, those without a day last. Of one teammate, or everybody's.
    Open {
        /// Whose; a task of nobody's own is that of whoever has its conversation.
        of: Option<TeammateId>,
    },
    /// Not done yet and about one customer, in the same order.
    About {
        /// Whom.
        customer: CustomerId,
    },
    /// Done, the latest first.
    Done,
}

/// A task as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRow {
    /// The task; its customer is the record that answers for them now, its assignee whoever it falls to.
    pub task: Task,
    /// Name in force.
    pub customer_name: Option<String>,
    /// Since when.
    pub at: Timestamp,
    /// When it was done.
    pub done_at: Option<Timestamp>,
}

/// How many tasks are not done, up to a thousand looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TaskCounts {
    /// Everybody's.
    pub open: i64,
    /// Of these, past their time.
    pub overdue: i64,
    /// The asking teammate's.
    pub mine: i64,
    /// Of these, past their time.
    pub mine_overdue: i64,
}

/// What becomes of a task; what is `None` stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TaskChange {
    /// Done, or not after all. A promise that it keeps is kept with it, or open again.
    pub done: Option<bool>,
    /// Another time, or none.
    pub due_at: Option<Option<Timestamp>>,
    /// Another teammate, or nobody.
    pub assignee: Option<Option<TeammateId>>,
}

/// The tasks of a workspace.
#[async_trait]
pub trait Tasks: Sync {
    /// Those that are not done, the first so many.
    async fn tasks(&self, workspace: &WorkspaceId, limit: usize) -> Stored<Vec<Task>> {
        let page = self.task_page(workspace, TaskList::Open { of: None }, None, limit).await?;
        Ok(page.items.into_iter().map(|row| row.task).collect())
    }

    /// A page of them.
    async fn task_page(&self, workspace: &WorkspaceId, list: TaskList, cursor: Option<&str>, limit: usize) -> Stored<Page<TaskRow>>;

    /// Those not done whose day came after the first moment, and by the second: the first so many.
    async fn tasks_due(&self, workspace: &WorkspaceId, after: Timestamp, by: Timestamp, limit: usize) -> Stored<Vec<TaskRow>>;

    /// One.
    async fn task(&self, workspace: &WorkspaceId, id: TaskId) -> Stored<Option<TaskRow>>;

    /// How many there are at a moment.
    async fn task_counts(&self, workspace: &WorkspaceId, teammate: Option<TeammateId>, now: Timestamp) -> Stored<TaskCounts>;

    /// Writes a new one.
    async fn add_task(&self, workspace: &WorkspaceId, task: Task, at: Timestamp) -> Stored<()>;

    /// Changes one. `false`: there is none.
    async fn change_task(&self, workspace: &WorkspaceId, id: TaskId, change: TaskChange, at: Timestamp) -> Stored<bool>;
}
