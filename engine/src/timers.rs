//! Timers in business time: an escalation that nobody takes never turns into silence for good.

use domain::action::ActionStatus;
use domain::customer::ReachableDoor;
use domain::escalation::EscalationStatus;
use domain::id::WorkspaceId;
use domain::message::{Author, DeliveryState, Direction, Message, Rendered};
use domain::ports::{ConversationRow, DeskAct, Stored};
use domain::turn::{Timer, TimerKind};
use domain::{ActionId, ChannelKind, ConversationId, CustomerId, DeliveryId, EscalationId, MessageId};

use crate::delivery::window_closes;
use crate::rendering::phrases::Phrases;
use crate::rendering::{deeds, plan};
use crate::turn::begins;
use crate::{Engine, OpenDoor};

/// So many timers are taken at once.
const BATCH: usize = 64;

impl Engine {
    /// Runs the timers due in business time; how many ran.
    pub async fn run_timers(&self) -> Stored<usize> {
        let due = self.store.due_timers(self.clock.now(), BATCH).await?;
        let ran = due.len();
        for (workspace, timer) in due {
            self.run_timer(&workspace, &timer).await?;
            self.store.finish_timer(&workspace, &timer).await?;
        }
        Ok(ran)
    }

    async fn run_timer(&self, workspace: &WorkspaceId, timer: &Timer) -> Stored<()> {
        match &timer.what {
            TimerKind::EscalationWait { escalation } => self.tell_once_more(workspace, timer.customer, *escalation).await,
            TimerKind::EscalationRelease { escalation } => self.release(workspace, timer.customer, *escalation).await,
            TimerKind::SnoozeEnd { conversation } => self.wake(workspace, *conversation).await,
            TimerKind::Erase => self.erase(workspace, timer.customer).await.map(|_| ()),
            TimerKind::SendLater { message } => self.send_now(workspace, *message).await,
            TimerKind::Remind { action } => self.remind(workspace, *action).await,
            TimerKind::UnansweredMail { conversation } => self.ask_elsewhere(workspace, *conversation).await,
            // Its task tells whoever it falls to, as any task does whose day has come.
            TimerKind::PromiseDue { .. } => Ok(()),
        }
    }

    /// Nobody took it in time: the customer is told once more, honestly.
    async fn tell_once_more(&self, workspace: &WorkspaceId, customer: CustomerId, id: EscalationId) -> Stored<()> {
        let Some(row) = self.waiting(workspace, customer, id).await? else { return Ok(()) };
        self.say(workspace, &row, "escalate.wait").await
    }

    /// Nobody took it for a day: the AI may answer again; the escalation stays on top of the queue.
    async fn release(&self, workspace: &WorkspaceId, customer: CustomerId, id: EscalationId) -> Stored<()> {
        let Some(row) = self.waiting(workspace, customer, id).await? else { return Ok(()) };
        let act = DeskAct::Escalation { id, status: EscalationStatus::Released, ai_silent: false };
        self.store.act(workspace, row.conversation.id, act, self.clock.now()).await?;
        Ok(())
    }

    /// What they booked comes near: said where they can be reached now.
    async fn remind(&self, workspace: &WorkspaceId, id: ActionId) -> Stored<()> {
        let Some((_, action)) = self.store.action(workspace, id).await? else { return Ok(()) };
        if action.status != ActionStatus::Done || begins(&action).is_none_or(|starts_at| starts_at <= self.clock.now()) {
            return Ok(());
        }
        let zone = self.zone(workspace);
        let Some(row) = self.store.conversation(workspace, action.conversation).await? else { return Ok(()) };
        self.tell(workspace, &row, Some(&action.language), |words, _| vec![deeds::booking("booking.remind", &action, &zone, words)]).await
    }

    /// It was put off until now.
    async fn wake(&self, workspace: &WorkspaceId, conversation: ConversationId) -> Stored<()> {
        self.store.act(workspace, conversation, DeskAct::Wake, self.clock.now()).await?;
        Ok(())
    }

    /// The conversation of an escalation that still waits for a teammate.
    async fn waiting(&self, workspace: &WorkspaceId, customer: CustomerId, id: EscalationId) -> Stored<Option<ConversationRow>> {
        let Some(customer) = self.store.customer(workspace, customer).await? else { return Ok(None) };
        let open = self.store.escalations(workspace, true, 1_000).await?;
        let Some(found) = open.into_iter().find(|escalation| escalation.id == id && escalation.status == EscalationStatus::Open) else {
            return Ok(None);
        };
        if found.customer != customer.id {
            tracing::debug!(escalation = %id, "escalation moved with its customer");
        }
        self.store.conversation(workspace, found.conversation).await
    }

    async fn say(&self, workspace: &WorkspaceId, row: &ConversationRow, key: &str) -> Stored<()> {
        self.tell(workspace, row, None, |words, _| vec![words.say(key)]).await
    }

    /// The AI's own word outside a turn, on the door used last, in this language or the one spoken last.
    pub(crate) async fn tell(
        &self,
        workspace: &WorkspaceId,
        row: &ConversationRow,
        language: Option<&str>,
        parts: impl Fn(&Phrases, &OpenDoor) -> Vec<String> + Send + Sync,
    ) -> Stored<()> {
        let doors = self.store.doors(workspace, row.conversation.customer).await?;
        let last = |door: &&ReachableDoor| door.connection != row.conversation.connection;
        // Nobody hears a word on a call that is over.
        let mut by_use: Vec<&ReachableDoor> = doors.iter().filter(|door| !door.stopped && door.channel != ChannelKind::Voice).collect();
        by_use.sort_by_key(last);
        let open = |reachable: &&ReachableDoor| {
            let Some(door) = self.doors.get(&reachable.connection) else { return None };
            let closes = window_closes(door, Author::Ai, Some(reachable.last_inbound));
            closes.is_none_or(|closes| closes > self.clock.now()).then_some(door)
        };
        // Where no window is open, the last door says why it was not sent.
        let chosen = by_use.iter().find_map(|reachable| Some((*reachable, open(reachable)?)));
        let fallback = || by_use.first().and_then(|reachable| Some((*reachable, self.doors.get(&reachable.connection)?)));
        let Some((reachable, door)) = chosen.or_else(fallback) else { return Ok(()) };
        let spoken = || row.last_message.as_ref().and_then(|message| message.language.clone());
        let language = language
            .map(str::to_owned)
            .or_else(spoken)
            .unwrap_or_else(|| self.workspace(workspace).map(|settings| settings.locale.clone()).unwrap_or_default());
        let words = Phrases::new(&language);
        let draft = plan::Draft { parts: parts(&words, door), ..plan::Draft::default() };
        let plan = plan::plan(&draft, door.channel.capabilities(), &words);
        let Some(rendered) = plan.messages.into_iter().next() else { return Ok(()) };
        self.put(workspace, row, reachable, plan.text, rendered, language).await
    }

    /// Writes the AI's own word outside a turn, to leave by this door.
    pub(crate) async fn put(
        &self,
        workspace: &WorkspaceId,
        row: &ConversationRow,
        reachable: &ReachableDoor,
        text: String,
        rendered: Rendered,
        language: String,
    ) -> Stored<()> {
        let now = self.clock.now();
        let message = Message {
            id: MessageId::new(now, self.random.bits()),
            strand: reachable.strand,
            conversation: row.conversation.id,
            turn: None,
            channel: reachable.channel,
            connection: reachable.connection.clone(),
            direction: Direction::Out,
            author: Author::Ai,
            author_name: None,
            text,
            buttons: Vec::new(),
            sources: Vec::new(),
            cards: Vec::new(),
            event: None,
            at: now,
            state: None,
            delivery: Some(DeliveryState::Queued),
            delivery_reason: None,
            seq: 0,
            language: Some(language),
            changed: None,
        };
        let act = DeskAct::Say {
            message: Box::new(message),
            rendered,
            address: reachable.address.clone(),
            delivery: DeliveryId::new(now, self.random.bits()),
        };
        self.store.act(workspace, row.conversation.id, act, now).await?;
        Ok(())
    }
}
