//! Customers: who they are, what is known, their timeline, joins, export and erasure.

pub mod erase;
pub mod export;
pub mod list;
pub mod merge;
pub mod pin;
pub mod show;
pub mod timeline;

use domain::customer::Customer;
use domain::ports::ConversationFilter;
use domain::{ConversationId, CustomerId, WorkspaceId};
use serde_json::{Value, json};

use super::views;
use crate::app::Shared;
use crate::problem::Problem;

/// A customer of the caller's workspace, or 404; an absorbed id finds the survivor.
pub async fn find(app: &Shared, workspace: &WorkspaceId, written: &str) -> Result<Customer, Problem> {
    let id: CustomerId = super::answer::id(written)?;
    let mut customer = app.store().customer(workspace, id).await?.ok_or_else(Problem::not_found)?;
    customer.reconcile();
    Ok(customer)
}

/// The record as the API shows it.
pub async fn view(app: &Shared, workspace: &WorkspaceId, customer: &Customer) -> Result<Value, Problem> {
    let filter = ConversationFilter { customer: Some(customer.id), ..ConversationFilter::default() };
    let page = app.store().conversations(workspace, &filter, None, 100).await?;
    let conversations: Vec<ConversationId> = page.items.iter().map(|row| row.conversation.id).collect();
    let mut view = views::customer(customer, &conversations);
    view["erased_at"] = json!(app.store().erased_at(workspace, customer.id).await?);
    Ok(view)
}
