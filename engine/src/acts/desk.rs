//! What teammates do to a conversation.

use std::time::Duration;

use domain::attachment::{self, About};
use domain::channel::Markup;
use domain::conversation::StatusKind;
use domain::customer::ReachableDoor;
use domain::event::{Content, Media};
use domain::fact::{Promise, PromiseStatus, Promiser};
use domain::id::WorkspaceId;
use domain::identifier::SeenIdentifier;
use domain::message::{Author, DeliveryState, Direction, Message, TimelineEvent};
use domain::ports::{ConversationFilter, ConversationRow, DeskAct, Hands, NewAttachment, Stored, WorkTeam};
use domain::template::Filled;
use domain::turn::{Task, Timer, TimerKind};
use domain::{
    AttachmentId, ChannelKind, ConnectionId, ConversationId, DeliveryId, MessageId, PromiseId, StrandId, TaskId, TeamId, TeammateId,
    Timestamp,
};

use super::ReplyRefused;
use crate::Engine;
use crate::delivery::window_closes;
use crate::intake::files::LINKS_OPEN_FOR;
use crate::reasoning::builtin::understand;
use crate::reasoning::requests;
use crate::rendering::plan;

/// As many of those who wait longest are looked at in one round.
const HANDED_OUT_AT_ONCE: usize = 100;

/// Who says how it was, and of what.
#[derive(Debug, Clone)]
pub struct Rating {
    /// The visitor.
    pub who: SeenIdentifier,
    /// What they said and heard through that browser.
    pub strand: StrandId,
    /// The conversation before their eyes.
    pub conversation: Option<ConversationId>,
}

/// What a teammate, or a program for its people, says to a customer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wording<'a> {
    /// Who; nobody by name when a program does it.
    pub by: Option<TeammateId>,
    /// The name shown beside it.
    pub name: &'a str,
    /// What.
    pub text: &'a str,
    /// On which door; nothing: the last one used.
    pub channel: Option<ChannelKind>,
    /// From which of the business's own addresses on it, where there are several; nothing: the conversation's, else the last one used.
    pub connection: Option<&'a ConnectionId>,
    /// When it may leave; nothing: now. Until then it can be taken back like a draft.
    pub send_at: Option<Timestamp>,
    /// Files that go with it.
    pub files: &'a [Media],
    /// A template of the vendor's that says it, for a door whose service window has closed. It leaves at once and alone.
    pub template: Option<&'a Filled>,
    /// Names what was written where it may come twice; it is said once.
    pub once: Option<&'a str>,
}

/// The door by which a reply leaves: the named connection and no other, else the conversation's own, else one of the channel.
pub fn sender<'a>(
    doors: &'a [ReachableDoor],
    channel: Option<ChannelKind>,
    connection: Option<&ConnectionId>,
    row: &ConversationRow,
) -> Option<&'a ReachableDoor> {
    if let Some(named) = connection {
        return doors.iter().find(|door| door.connection == *named && channel.is_none_or(|wanted| wanted == door.channel));
    }
    let wanted = channel.unwrap_or(row.conversation.channel);
    let own = doors.iter().find(|door| door.channel == wanted && door.connection == row.conversation.connection);
    own.or_else(|| doors.iter().find(|door| door.channel == wanted))
}

impl Engine {
    /// A teammate, or a program for its people, takes a conversation: the AI is silent from now on.
    pub async fn take(&self, workspace: &WorkspaceId, conversation: ConversationId, by: Option<TeammateId>) -> Stored<bool> {
        self.store.act(workspace, conversation, DeskAct::Take { by }, self.clock.now()).await
    }

    /// Hands it back to the AI.
    pub async fn give_back(&self, workspace: &WorkspaceId, conversation: ConversationId) -> Stored<bool> {
        self.store.act(workspace, conversation, DeskAct::Return, self.clock.now()).await
    }

    /// Ends it.
    pub async fn resolve(&self, workspace: &WorkspaceId, conversation: ConversationId) -> Stored<bool> {
        self.store.act(workspace, conversation, DeskAct::Resolve, self.clock.now()).await
    }

    /// Puts it off.
    pub async fn snooze(&self, workspace: &WorkspaceId, conversation: ConversationId, until: Timestamp) -> Stored<bool> {
        self.store.act(workspace, conversation, DeskAct::Snooze { until }, self.clock.now()).await
    }

    /// Gives it to a teammate or to nobody.
    pub async fn assign(
        &self,
        workspace: &WorkspaceId,
        conversation: ConversationId,
        to: Option<TeammateId>,
        by: Option<TeammateId>,
    ) -> Stored<bool> {
        self.store.act(workspace, conversation, DeskAct::Assign { to, by }, self.clock.now()).await
    }

    /// Gives it to a team, or to everybody.
    pub async fn assign_team(&self, workspace: &WorkspaceId, conversation: ConversationId, to: Option<TeamId>) -> Stored<bool> {
        self.store.act(workspace, conversation, DeskAct::AssignTeam { to }, self.clock.now()).await
    }

    /// Gives what nobody has to teammates who are here and have room: the one who waits longest first, to the one with the least to
    /// do. What a team has goes to its own people; a team without any is no team. How many were given.
    pub async fn hand_out(&self, workspace: &WorkspaceId, here: &[TeammateId], teams: &[WorkTeam], capacity: i64) -> Stored<usize> {
        let mut room = Vec::new();
        for teammate in here {
            let theirs = ConversationFilter { assignee: Some(*teammate), hands: Some(Hands::Teammate), ..ConversationFilter::default() };
            let load = self.store.count_conversations(workspace, &theirs).await?;
            if load < capacity {
                room.push((load, *teammate));
            }
        }
        let mut given = 0;
        if room.is_empty() {
            return Ok(given);
        }
        let waiting = ConversationFilter { escalated: Some(true), ..ConversationFilter::default() };
        let waiting = self.store.conversations(workspace, &waiting, None, HANDED_OUT_AT_ONCE).await?.items;
        let nobodys = |row: &&ConversationRow| row.conversation.assignee.is_none() && row.conversation.status == StatusKind::WithTeammate;
        let teamless = ConversationFilter { hands: Some(Hands::Nobody), ..ConversationFilter::default() };
        let teamless = self.store.conversations(workspace, &teamless, None, HANDED_OUT_AT_ONCE).await?.items;
        // What a person must answer without a rule goes to whose team it is; without one somebody takes it.
        let given_to_a_team = teamless.iter().rev().filter(|row| row.team.is_some() && row.escalation.is_none());
        for row in waiting.iter().filter(nobodys).chain(given_to_a_team) {
            room.sort();
            let team = teams.iter().find(|team| Some(team.id) == row.team && !team.members.is_empty());
            let may = |who: &TeammateId| team.is_none_or(|team| team.members.contains(who));
            let free = room.iter_mut().find(|(load, who)| *load < capacity && may(who));
            // Somebody of another team may have room for those who wait behind.
            let Some((load, to)) = free else { continue };
            if self.store.act(workspace, row.conversation.id, DeskAct::Offer { to: *to }, self.clock.now()).await? {
                *load += 1;
                given += 1;
            }
        }
        Ok(given)
    }

    /// Two talks of one customer are one matter from now on. `false`: they are not two talks of one customer.
    pub async fn merge_conversations(&self, workspace: &WorkspaceId, kept: ConversationId, absorb: ConversationId) -> Stored<bool> {
        self.store.act(workspace, kept, DeskAct::Merge { absorb }, self.clock.now()).await
    }

    /// What was said from a message on is another matter: its conversation. `None`: nothing of the customer's would stay behind, or
    /// the message is not of this conversation.
    pub async fn split_conversation(
        &self,
        workspace: &WorkspaceId,
        conversation: ConversationId,
        from: MessageId,
    ) -> Stored<Option<ConversationId>> {
        let now = self.clock.now();
        let into = ConversationId::new(now, self.random.bits());
        let done = self.store.act(workspace, conversation, DeskAct::Split { from, into }, now).await?;
        Ok(done.then_some(into))
    }

    /// The team's labels: some on, then some off.
    pub async fn tag(&self, workspace: &WorkspaceId, conversation: ConversationId, add: Vec<String>, remove: Vec<String>) -> Stored<bool> {
        self.store.act(workspace, conversation, DeskAct::Tag { add, remove }, self.clock.now()).await
    }

    /// A teammate has seen it.
    pub async fn read(&self, workspace: &WorkspaceId, conversation: ConversationId) -> Stored<bool> {
        self.store.act(workspace, conversation, DeskAct::Read, self.clock.now()).await
    }

    /// A teammate writes to the customer, on the given door or the last one used: in as many messages as the door needs for it.
    /// What they promise is remembered.
    pub async fn reply(
        &self,
        workspace: &WorkspaceId,
        conversation: ConversationId,
        wording: Wording<'_>,
    ) -> Stored<Result<Vec<MessageId>, ReplyRefused>> {
        let Wording { by, name, text, channel, connection, send_at, files, template, once } = wording;
        let Some(row) = self.store.conversation(workspace, conversation).await? else { return Ok(Err(ReplyRefused::NotFound)) };
        let doors = self.store.doors(workspace, row.conversation.customer).await?;
        let Some(reachable) = sender(&doors, channel, connection, &row) else { return Ok(Err(ReplyRefused::NoDoor)) };
        let Some(door) = self.doors.get(&reachable.connection) else { return Ok(Err(ReplyRefused::NoDoor)) };
        let now = self.clock.now();
        if reachable.stopped {
            return Ok(Err(ReplyRefused::Stopped));
        }
        let is_closed = window_closes(door, Author::Teammate, Some(reachable.last_inbound)).is_some_and(|closes| closes <= now);
        if is_closed && template.is_none() {
            return Ok(Err(ReplyRefused::WindowClosed));
        }
        let (capabilities, mut written) = (door.channel.capabilities(), Vec::new());
        if !files.is_empty() && capabilities.markup == Markup::Spoken {
            return Ok(Err(ReplyRefused::NoFiles));
        }
        let files: Vec<NewAttachment> = files.iter().map(|media| self.outgoing(media, now)).collect();
        let mut pieces = plan::enclose(plan::verbatim(text, capabilities, &self.locale(workspace)), files.len(), capabilities);
        if let Some(filled) = template {
            pieces = vec![(plan::approved(text, filled), 0..0)];
        }
        for (place, (rendered, with)) in pieces.into_iter().enumerate() {
            let mut message = self.entry(&row, reachable.strand, Direction::Out, Author::Teammate, rendered.text.clone(), now);
            if place == 0 && rendered.text.len() >= text.trim().len() {
                text.trim().clone_into(&mut message.text);
            }
            message.author_name = Some(name.to_owned());
            message.channel = reachable.channel;
            message.connection = reachable.connection.clone();
            message.delivery = Some(DeliveryState::Queued);
            let id = message.id;
            let act = DeskAct::Reply {
                by,
                message: Box::new(message),
                rendered,
                address: reachable.address.clone(),
                delivery: DeliveryId::new(now, self.random.bits()),
                // What waits leaves in the order in which it was written.
                send_at: send_at.map(|at| at.after(Duration::from_micros(place as u64))),
                files: files.get(with).unwrap_or_default().to_vec(),
                once: once.map(|name| format!("{name}/{place}")),
            };
            let is_new = self.store.act(workspace, conversation, act, now).await?;
            if is_new || once.is_none() {
                written.push(id);
            }
        }
        if let Some(message) = written.first().copied().filter(|_| send_at.is_none() && !text.is_empty()) {
            self.remember_promises(workspace, &row, by, reachable.strand, reachable.channel, message, text, now).await?;
        }
        Ok(if written.is_empty() && once.is_none() { Err(ReplyRefused::NotFound) } else { Ok(written) })
    }

    /// A file of a teammate's, with what opens it by being known.
    fn outgoing(&self, media: &Media, now: Timestamp) -> NewAttachment {
        let content = media.content.as_ref().map(|content| Content(attachment::without_place(content.0.to_vec()).into()));
        let seen_as = content.as_ref().and_then(|content| attachment::seen_as(&content.0)).map(str::to_owned);
        let mut about = About { seen_as, link: Some(format!("{:032x}", self.random.bits())), ..About::from(media) };
        attachment::kind_of(about.told_type()).clone_into(&mut about.media.kind);
        about.media.mime = Some(about.told_type().to_owned());
        NewAttachment { id: AttachmentId::new(now, self.random.bits()), about, content, link_until: Some(now.after(LINKS_OPEN_FOR)) }
    }

    /// The time of a teammate's message has come: it leaves now, on the door it was written for. Where nothing can be said any more
    /// it stays, and the team is told why.
    pub(crate) async fn send_now(&self, workspace: &WorkspaceId, waiting: MessageId) -> Stored<()> {
        let Some(message) = self.store.message(workspace, waiting).await? else { return Ok(()) };
        let Some(row) = self.store.conversation(workspace, message.conversation).await? else { return Ok(()) };
        let name = message.author_name.as_deref().unwrap_or_default();
        let now = self.clock.now();
        match self.amend(workspace, waiting, name, &message.text).await? {
            // Taken back, or sent already.
            None => Ok(()),
            Some(Ok(_)) => {
                self.remember_promises(workspace, &row, None, message.strand, message.channel, message.id, &message.text, now).await
            }
            Some(Err(why)) => {
                let mut entry = self.entry(&row, message.strand, Direction::Event, Author::System, String::new(), now);
                entry.event = Some(TimelineEvent { kind: "not_sent".to_owned(), data: serde_json::json!({ "why": why.as_str() }) });
                let act = DeskAct::Note { message: Box::new(entry), mentions: Vec::new() };
                self.store.act(workspace, message.conversation, act, now).await.map(|_| ())
            }
        }
    }

    /// A teammate lets a draft go as it is, with all messages of its turn. `None`: it is no draft (any more).
    pub async fn approve(&self, workspace: &WorkspaceId, draft: MessageId) -> Stored<Option<ConversationId>> {
        let Some((conversation, drafts)) = self.drafts_with(workspace, draft).await? else { return Ok(None) };
        let mut went = false;
        for message in drafts {
            went |= self.store.resend(workspace, message.id).await?;
        }
        Ok(went.then_some(conversation))
    }

    /// A teammate throws a draft away, with all messages of its turn.
    pub async fn discard(&self, workspace: &WorkspaceId, draft: MessageId) -> Stored<Option<ConversationId>> {
        let Some((conversation, drafts)) = self.drafts_with(workspace, draft).await? else { return Ok(None) };
        let drafts = drafts.iter().map(|message| message.id).collect();
        let gone = self.store.act(workspace, conversation, DeskAct::DiscardDrafts { drafts }, self.clock.now()).await?;
        Ok(gone.then_some(conversation))
    }

    /// A teammate's own wording goes out on the draft's door instead of it; the AI goes on talking.
    pub async fn amend(
        &self,
        workspace: &WorkspaceId,
        draft: MessageId,
        name: &str,
        text: &str,
    ) -> Stored<Option<Result<ConversationId, ReplyRefused>>> {
        let Some((conversation, drafts)) = self.drafts_with(workspace, draft).await? else { return Ok(None) };
        let Some(row) = self.store.conversation(workspace, conversation).await? else { return Ok(None) };
        let doors = self.store.doors(workspace, row.conversation.customer).await?;
        let wanted = drafts.first().map(|message| &message.connection);
        let Some(reachable) = doors.iter().find(|door| Some(&door.connection) == wanted) else {
            return Ok(Some(Err(ReplyRefused::NoDoor)));
        };
        let Some(door) = self.doors.get(&reachable.connection) else { return Ok(Some(Err(ReplyRefused::NoDoor))) };
        let now = self.clock.now();
        if reachable.stopped {
            return Ok(Some(Err(ReplyRefused::Stopped)));
        }
        if window_closes(door, Author::Teammate, Some(reachable.last_inbound)).is_some_and(|closes| closes <= now) {
            return Ok(Some(Err(ReplyRefused::WindowClosed)));
        }
        let mut gone: Vec<MessageId> = drafts.iter().map(|message| message.id).collect();
        let mut pieces = plan::verbatim(text, door.channel.capabilities(), &self.locale(workspace));
        if self.carries_files(workspace, &drafts).await? {
            match pieces.last_mut() {
                Some(last) => last.encloses = true,
                None => pieces.push(plan::wordless()),
            }
        }
        // Files hang on the message that takes the drafts' place, which is the first one.
        if let Some(at) = pieces.iter().position(|piece| piece.encloses).filter(|at| *at > 0) {
            pieces.rotate_left(at);
        }
        for rendered in pieces {
            let mut message = self.entry(&row, reachable.strand, Direction::Out, Author::Teammate, rendered.text.clone(), now);
            message.author_name = Some(name.to_owned());
            message.channel = reachable.channel;
            message.connection = reachable.connection.clone();
            message.delivery = Some(DeliveryState::Queued);
            let (address, delivery) = (reachable.address.clone(), DeliveryId::new(now, self.random.bits()));
            let act = if gone.is_empty() {
                DeskAct::Say { message: Box::new(message), rendered, address, delivery }
            } else {
                DeskAct::AmendDrafts { drafts: std::mem::take(&mut gone), message: Box::new(message), rendered, address, delivery }
            };
            if !self.store.act(workspace, conversation, act, now).await? {
                return Ok(None);
            }
        }
        Ok(gone.is_empty().then_some(Ok(conversation)))
    }

    async fn carries_files(&self, workspace: &WorkspaceId, drafts: &[Message]) -> Stored<bool> {
        for draft in drafts.iter().filter(|draft| draft.author == Author::Teammate) {
            if !self.store.attachments_with(workspace, draft.id).await?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The drafts of the turn that wrote this one; nothing when it is no draft.
    async fn drafts_with(&self, workspace: &WorkspaceId, draft: MessageId) -> Stored<Option<(ConversationId, Vec<Message>)>> {
        let Some(message) = self.store.message(workspace, draft).await? else { return Ok(None) };
        let Some(row) = self.store.conversation(workspace, message.conversation).await? else { return Ok(None) };
        let mut drafts = self.store.drafts(workspace, row.conversation.customer).await?;
        if !drafts.iter().any(|one| one.id == draft) {
            return Ok(None);
        }
        drafts.retain(|one| one.id == draft || (one.turn.is_some() && one.turn == message.turn));
        Ok(Some((message.conversation, drafts)))
    }

    /// "I will send you the quote by Thursday": a teammate's promise goes on the ledger, and is their task.
    #[expect(clippy::too_many_arguments, reason = "who said it, where and when")]
    async fn remember_promises(
        &self,
        workspace: &WorkspaceId,
        row: &ConversationRow,
        by: Option<TeammateId>,
        strand: StrandId,
        channel: ChannelKind,
        message: MessageId,
        text: &str,
        now: Timestamp,
    ) -> Stored<()> {
        let Some(settings) = self.workspace(workspace) else { return Ok(()) };
        let read = understand::understand(text, &understand::Reading::alone(&settings, now));
        for said in read.promises {
            let promise = Promise {
                id: PromiseId::new(now, self.random.bits()),
                strand,
                by: Promiser::Us,
                what: requests::as_promised(&said.what, now, &settings),
                due_at: said.due,
                status: PromiseStatus::Open,
                source_message: Some(message),
                channel,
                at: now,
            };
            let timer = promise.due_at.map(|due_at| Timer {
                key: format!("promise:{}", promise.id),
                due_at,
                customer: row.conversation.customer,
                what: TimerKind::PromiseDue { promise: promise.id },
            });
            let task = Task {
                id: TaskId::new(now, self.random.bits()),
                customer: row.conversation.customer,
                what: promise.what.clone(),
                due_at: promise.due_at,
                conversation: Some(row.conversation.id),
                promise: Some(promise.id),
                assignee: by,
            };
            self.store.write_promise(workspace, promise, task, timer).await?;
        }
        Ok(())
    }

    /// A note for teammates; those it names find the conversation among their mentions.
    pub async fn note(
        &self,
        workspace: &WorkspaceId,
        conversation: ConversationId,
        name: &str,
        text: &str,
        mentions: Vec<TeammateId>,
    ) -> Stored<bool> {
        let Some(row) = self.store.conversation(workspace, conversation).await? else { return Ok(false) };
        let doors = self.store.doors(workspace, row.conversation.customer).await?;
        let Some(door) = doors.iter().find(|door| door.connection == row.conversation.connection).or(doors.first()) else {
            return Ok(false);
        };
        let now = self.clock.now();
        let mut message = self.entry(&row, door.strand, Direction::Event, Author::Teammate, text.to_owned(), now);
        message.author_name = Some(name.to_owned());
        message.event = Some(TimelineEvent { kind: "note".to_owned(), data: serde_json::Value::Null });
        self.store.act(workspace, conversation, DeskAct::Note { message: Box::new(message), mentions }, now).await
    }

    /// The customer says how it was, in stars: told like everything the website tells, and seen where it was said. A
    /// conversation that is not theirs, or none: their newest.
    pub async fn rated(&self, workspace: &WorkspaceId, visitor: &Rating, stars: i64) -> Stored<()> {
        let data = serde_json::json!({ "value": stars });
        let who = vec![visitor.who.clone()];
        let (_, customer) = self.business_event(workspace, "conversation.rated", who, data.clone(), None).await?;
        let strand = visitor.strand;
        let named = match visitor.conversation {
            Some(id) => self.store.conversation(workspace, id).await?.filter(|row| row.conversation.customer == customer),
            None => None,
        };
        let latest = ConversationFilter { customer: Some(customer), ..ConversationFilter::default() };
        let row = match named {
            Some(row) => Some(row),
            None => self.store.conversations(workspace, &latest, None, 1).await?.items.pop(),
        };
        let Some(row) = row.filter(|row| row.last_message.is_some()) else { return Ok(()) };
        let now = self.clock.now();
        let mut entry = self.entry(&row, strand, Direction::Event, Author::System, String::new(), now);
        entry.event = Some(TimelineEvent { kind: "rated".to_owned(), data });
        let act = DeskAct::Note { message: Box::new(entry), mentions: Vec::new() };
        self.store.act(workspace, row.conversation.id, act, now).await.map(|_| ())
    }

    /// A timeline entry of a conversation, on its last door.
    pub(crate) fn entry(
        &self,
        row: &ConversationRow,
        strand: StrandId,
        direction: Direction,
        author: Author,
        text: String,
        now: Timestamp,
    ) -> Message {
        Message {
            id: MessageId::new(now, self.random.bits()),
            strand,
            conversation: row.conversation.id,
            turn: None,
            channel: row.conversation.channel,
            connection: row.conversation.connection.clone(),
            direction,
            author,
            author_name: None,
            text,
            buttons: Vec::new(),
            sources: Vec::new(),
            cards: Vec::new(),
            event: None,
            at: now,
            state: None,
            delivery: None,
            delivery_reason: None,
            seq: 0,
            language: row.last_message.as_ref().and_then(|message| message.language.clone()),
            changed: None,
        }
    }
}
