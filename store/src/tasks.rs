//! Tasks: what a person of the team should do for a customer, and by when.

use async_trait::async_trait;
use domain::fact::PromiseStatus;
use domain::ports::{Page, StoreError, Stored, TaskChange, TaskCounts, TaskList, TaskRow, Tasks};
use domain::time::Timestamp;
use domain::turn::Task;
use domain::{CustomerId, TaskId, TeammateId, WorkspaceId};

use crate::db::{Row, Tx, args};
use crate::desk::{cursor, cursor_of, page};
use crate::rows::place;
use crate::sql::{tasks as sql, turns as turns_sql};
use crate::{Inner, Storage};

/// Where a task without a day stands in the order of days.
const NEVER: i64 = i64::MAX;

impl Inner {
    /// Writes a new task of the record that answers for the customer.
    pub(crate) async fn write_task(&self, tx: &mut Tx, workspace: &WorkspaceId, customer: &str, task: &Task, at: Timestamp) -> Stored<()> {
        let id = task.id.to_string();
        let body = self.seal(customer, place(workspace, "task", "body", &id), &task.what).await?;
        let values = args![workspace, id, customer, task.due_at, at, body, task.conversation, task.promise, task.assignee];
        tx.later(sql::NEW, values);
        Ok(())
    }

    async fn task_row(&self, workspace: &WorkspaceId, row: &Row) -> Stored<TaskRow> {
        let (id, owner, root) = (row.text(0)?, row.text(1)?, row.text(9)?);
        let what = self.unseal(&owner, place(workspace, "task", "body", &id), &row.blob(3)?).await?;
        let card = self.open_card(workspace, &root, &row.blob(10)?).await?;
        let task = Task {
            id: row.word(0)?,
            customer: row.word(9)?,
            what,
            due_at: row.opt_time(2)?,
            conversation: row.opt_word(6)?,
            promise: row.opt_word(7)?,
            assignee: row.opt_word(8)?,
        };
        let customer_name = card.name.or_else(|| card.seen.last().cloned());
        Ok(TaskRow { task, customer_name, at: row.time(4)?, done_at: row.opt_time(5)? })
    }

    async fn change_task(&self, tx: &mut Tx, workspace: &WorkspaceId, id: TaskId, change: TaskChange, at: Timestamp) -> Stored<bool> {
        let Some(row) = tx.one(sql::FOR_CHANGE, args![workspace, id]).await? else { return Ok(false) };
        let was_done = row.int(0)? == 1;
        let is_done = change.done.unwrap_or(was_done);
        let done_at = match (was_done, is_done) {
            (true, true) => row.opt_time(1)?,
            (false, true) => Some(at),
            (_, false) => None,
        };
        let due_at = change.due_at.map_or_else(|| row.opt_time(2), Ok)?;
        let assignee: Option<TeammateId> = change.assignee.map_or_else(|| row.opt_word(3), Ok)?;
        tx.run(sql::CHANGE, args![workspace, id, i64::from(is_done), done_at, due_at, assignee]).await?;
        if was_done != is_done
            && let Some(promise) = row.opt_text(4)?
        {
            let status = if is_done { PromiseStatus::Kept } else { PromiseStatus::Open };
            tx.later(turns_sql::SET_STATUS, args![workspace, promise, status.as_str(), "promise"]);
        }
        let customer: CustomerId = row.word(5)?;
        tx.rings.note("customer.updated", workspace, at).customer(customer);
        Ok(true)
    }
}

#[async_trait]
impl Tasks for Storage {
    async fn task_page(&self, workspace: &WorkspaceId, list: TaskList, after: Option<&str>, limit: usize) -> Stored<Page<TaskRow>> {
        let (number, id) = cursor(after);
        let (statement, values) = match list {
            TaskList::Open { of } => (sql::OPEN, args![workspace, of, number, id, limit + 1]),
            TaskList::About { customer } => (sql::ABOUT, args![workspace, customer, number, id, limit + 1]),
            TaskList::Done => (sql::DONE, args![workspace, number, id, limit + 1]),
        };
        let rows = self.inner.reader().await?.all(statement, values).await?;
        let mut items = Vec::with_capacity(rows.len());
        for row in &rows {
            items.push(self.inner.task_row(workspace, row).await?);
        }
        Ok(page(items, limit, |row: &TaskRow| {
            let stands = if list == TaskList::Done { row.done_at } else { row.task.due_at };
            cursor_of(stands.map_or(NEVER, Timestamp::as_micros), &row.task.id.to_string())
        }))
    }

    async fn tasks_due(&self, workspace: &WorkspaceId, after: Timestamp, by: Timestamp, limit: usize) -> Stored<Vec<TaskRow>> {
        let rows = self.inner.reader().await?.all(sql::DUE, args![workspace, after, by, limit]).await?;
        let mut items = Vec::with_capacity(rows.len());
        for row in &rows {
            items.push(self.inner.task_row(workspace, row).await?);
        }
        Ok(items)
    }

    async fn task(&self, workspace: &WorkspaceId, id: TaskId) -> Stored<Option<TaskRow>> {
        match self.inner.reader().await?.one(sql::ONE, args![workspace, id]).await? {
            Some(row) => self.inner.task_row(workspace, &row).await.map(Some),
            None => Ok(None),
        }
    }

    async fn task_counts(&self, workspace: &WorkspaceId, teammate: Option<TeammateId>, now: Timestamp) -> Stored<TaskCounts> {
        let row = self.inner.reader().await?.one(sql::COUNTS, args![workspace, teammate, now]).await?;
        let Some(row) = row else { return Ok(TaskCounts::default()) };
        Ok(TaskCounts { open: row.int(0)?, overdue: row.int(1)?, mine: row.int(2)?, mine_overdue: row.int(3)? })
    }

    async fn add_task(&self, workspace: &WorkspaceId, task: Task, at: Timestamp) -> Stored<()> {
        let (inner, workspace) = (self.inner.clone(), workspace.clone());
        self.inner
            .write("tasks.add_task", move |tx| {
                Box::pin(async move {
                    let root = inner.root(tx, &workspace, &task.customer.to_string()).await?;
                    let root = root.ok_or(StoreError::Stale("the customer is not known"))?;
                    inner.write_task(tx, &workspace, &root, &task, at).await?;
                    tx.rings.note("customer.updated", &workspace, at).customer(task.customer);
                    Ok(())
                })
            })
            .await
    }

    async fn change_task(&self, workspace: &WorkspaceId, id: TaskId, change: TaskChange, at: Timestamp) -> Stored<bool> {
        let (inner, workspace) = (self.inner.clone(), workspace.clone());
        self.inner
            .write("tasks.change_task", move |tx| Box::pin(async move { inner.change_task(tx, &workspace, id, change, at).await }))
            .await
    }
}
