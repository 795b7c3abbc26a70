//! What conversations were about, for teammates and for models.

use domain::conversation::Conversation;
use domain::customer::Customer;
use domain::id::WorkspaceId;
use domain::ports::{ConversationFilter, Stored};
use domain::{ConversationId, MessageId};

use crate::Engine;
use crate::memory::summary::{self, Summary};
use crate::rendering::phrases::Phrases;

/// Earlier conversations that a model is told about.
const EARLIER: usize = 5;

impl Engine {
    /// What a conversation was about, in the language of the business.
    pub async fn summary(&self, workspace: &WorkspaceId, conversation: &Conversation) -> Stored<Option<Summary>> {
        let Some(customer) = self.store.customer(workspace, conversation.customer).await? else { return Ok(None) };
        let said = self.store.said(workspace, customer.id, &summary::quoted(conversation)).await?;
        let words = Phrases::new(&self.locale(workspace));
        Ok(Some(summary::of(conversation, &customer, &said, &self.zone(workspace), &words)))
    }

    /// What the conversations before this one were about, the newest first, in the language of prompts.
    pub(crate) async fn earlier(&self, workspace: &WorkspaceId, customer: &Customer, now: ConversationId) -> Stored<Vec<String>> {
        let filter = ConversationFilter { customer: Some(customer.id), ..ConversationFilter::default() };
        let rows = self.store.conversations(workspace, &filter, None, EARLIER + 1).await?.items;
        let before: Vec<Conversation> =
            rows.into_iter().map(|row| row.conversation).filter(|conversation| conversation.id != now).collect();
        let quoted: Vec<MessageId> = before.iter().flat_map(summary::quoted).collect();
        let said = self.store.said(workspace, customer.id, &quoted).await?;
        let (zone, words) = (self.zone(workspace), Phrases::new("en"));
        Ok(before.iter().map(|conversation| summary::of(conversation, customer, &said, &zone, &words).text).collect())
    }
}
