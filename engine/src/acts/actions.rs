//! What teammates decide about actions that wait for them, and what opens an action's document.

use domain::action::{Action, ActionStatus, Deed};
use domain::escalation::EscalationStatus;
use domain::id::WorkspaceId;
use domain::message::{Author, Direction, TimelineEvent};
use domain::ports::{DeskAct, Stored, ToolError};
use domain::{ActionId, ChannelKind, ConversationId, CustomerId};

use crate::Engine;
use crate::decision::action::is_about;
use crate::rendering::deeds;
use crate::turn::noted;

/// The rule by which an action came before a person.
const RULE: &str = "irreversible-action";

/// A document of an action, for whoever has its link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The business.
    pub business: String,
    /// Where things are sent back to.
    pub address: Option<String>,
    /// The business's zone.
    pub timezone: String,
    /// The action.
    pub action: Action,
}

impl Engine {
    /// A teammate says yes: it is done, the customer is told, and the AI may go on. `None`: it does not wait any more. Where a tool
    /// of the business does not do it, it waits on, and may be approved again: the tool takes it once.
    pub async fn approve_action(&self, workspace: &WorkspaceId, id: ActionId, by: &str) -> Stored<Option<Result<Action, ToolError>>> {
        let Some((customer, waiting)) = self.store.action(workspace, id).await? else { return Ok(None) };
        if waiting.status != ActionStatus::Waiting {
            return Ok(None);
        }
        if let Err(error) = self.carry_out(workspace, &waiting).await {
            tracing::warn!(action = %id, %error, "a tool did not do what a teammate approved");
            return Ok(Some(Err(error)));
        }
        let replaced = self.replaced_by(workspace, customer, &waiting).await?;
        let settled = self
            .store
            .settle_action(workspace, id, ActionStatus::Done, by, replaced.as_ref().map(|action| action.id), self.clock.now())
            .await?;
        let Some(action) = settled else { return Ok(None) };
        let zone = self.zone(workspace);
        self.tell_decision(workspace, &action, |words, door| {
            let mut parts = vec![words.say("action.approved"), deeds::done(&action, &zone, words)];
            parts.extend(replaced.as_ref().map(|replaced| words.with("action.replaced", &[("number", &replaced.number)])));
            if door.settings.channel != ChannelKind::Voice && !matches!(action.deed, Deed::Call { .. }) {
                parts.push(deeds::document(&action, &door.settings.public_url, words));
            }
            parts
        })
        .await?;
        Ok(Some(Ok(action)))
    }

    /// A teammate says no. `None`: it does not wait any more.
    pub async fn decline_action(&self, workspace: &WorkspaceId, id: ActionId, by: &str) -> Stored<Option<Action>> {
        let settled = self.store.settle_action(workspace, id, ActionStatus::Declined, by, None, self.clock.now()).await?;
        let Some(action) = settled else { return Ok(None) };
        let zone = self.zone(workspace);
        self.tell_decision(workspace, &action, |words, _| vec![deeds::declined(&action, &zone, words)]).await?;
        Ok(Some(action))
    }

    /// Those that wait, with whose they are.
    pub async fn waiting_actions(&self, workspace: &WorkspaceId, most: usize) -> Stored<Vec<(CustomerId, Action)>> {
        self.store.waiting_actions(workspace, most).await
    }

    /// The document that this opens; `None`: nothing, or nothing any more.
    pub async fn document(&self, opener: &str) -> Stored<Option<Document>> {
        let Some((workspace, action)) = self.store.action_opened(opener).await? else { return Ok(None) };
        let has_paper = action.status == ActionStatus::Done && !matches!(action.deed, Deed::Call { .. });
        let Some(settings) = self.workspace(&workspace).filter(|_| has_paper) else { return Ok(None) };
        Ok(Some(Document {
            business: settings.name.clone(),
            address: settings.actions.return_address.clone(),
            timezone: settings.timezone.clone(),
            action,
        }))
    }

    /// An earlier action about the same order, of the other kind, that gives way.
    async fn replaced_by(&self, workspace: &WorkspaceId, customer: CustomerId, action: &Action) -> Stored<Option<Action>> {
        let Some(order) = action.deed.order() else { return Ok(None) };
        let record = self.store.customer(workspace, customer).await?;
        Ok(record.and_then(|record| {
            record.actions.into_iter().find(|other| {
                other.id != action.id && is_about(&other.deed, order) && matches!(other.status, ActionStatus::Done | ActionStatus::Waiting)
            })
        }))
    }

    /// Where the wait for approval was the only reason for a person, the AI goes on; the customer hears what was decided.
    async fn tell_decision(
        &self,
        workspace: &WorkspaceId,
        action: &Action,
        parts: impl Fn(&crate::rendering::phrases::Phrases, &crate::OpenDoor) -> Vec<String> + Send + Sync,
    ) -> Stored<()> {
        if self.waited_only_for_approval(workspace, action.conversation).await? {
            self.give_back(workspace, action.conversation).await?;
        }
        let Some(row) = self.store.conversation(workspace, action.conversation).await? else { return Ok(()) };
        let mut entry = self.entry(&row, action.strand, Direction::Event, Author::System, action.number.clone(), action.changed_at);
        entry.event = Some(TimelineEvent { kind: "action".to_owned(), data: noted(action) });
        let note = DeskAct::Note { message: Box::new(entry), mentions: Vec::new() };
        self.store.act(workspace, action.conversation, note, action.changed_at).await?;
        self.tell(workspace, &row, Some(&action.language), parts).await
    }

    async fn waited_only_for_approval(&self, workspace: &WorkspaceId, conversation: ConversationId) -> Stored<bool> {
        let Some(row) = self.store.conversation(workspace, conversation).await? else { return Ok(false) };
        let open = row.escalation.filter(|escalation| escalation.status == EscalationStatus::Open);
        Ok(row.conversation.assignee.is_none() && open.is_some_and(|escalation| escalation.rule == RULE && escalation.also.is_empty()))
    }
}
