//! What vendors tell about messages that are already there: edits, deletions, our own sends coming back, receipts for
//! everything up to a moment, and numbers that became others. No turn comes of it; whatever is known follows at once.

use domain::event::{IdentifierChange, InboundMessage, StatusEvent, TargetedEvent};
use domain::identifier::Origin;
use domain::message::{Author, DeliveryState, Direction, TimelineEvent, WaitingKind};
use domain::ports::{Amended, Amendment, ConversationFilter, DeskAct, Echoed, HeldIdentifier, Later, Quoted, Stored};
use domain::turn::IdentityChange;
use domain::{ChannelKind, IdentifierId, StrandId, Timestamp};

use super::{carries_phone, codes, dedupe_key, said_at, typed};
use crate::identity::normalise;
use crate::memory::facts::{self, Provenance};
use crate::reasoning::builtin::understand;
use crate::{Engine, OpenDoor};

/// Signs of one emoji, joined ones included; some doors give a name instead.
const LONGEST_EMOJI: usize = 32;

/// The keys under which a message may have been accepted that the vendor names so, and the name of one of ours.
fn named(sender: &str, via: Option<&str>, target: &str, now: Timestamp) -> (Vec<String>, String) {
    let mut concerned = InboundMessage {
        sender: sender.to_owned(),
        provider_message_id: Some(target.to_owned()),
        dedupe: None,
        ..InboundMessage::default()
    };
    if let Some(account) = via {
        concerned.more.insert("via".to_owned(), account.into());
    }
    let kinds = [WaitingKind::Message, WaitingKind::Postback];
    // What was said through an account of the business's own has the name of no other message.
    let kinds = if via.is_some() { &kinds[..0] } else { &kinds[..] };
    let mut keys: Vec<String> = kinds.iter().map(|kind| dedupe_key(&concerned, *kind, now)).collect();
    // Doors with redelivery keys of their own number messages per person.
    keys.push(dedupe_key(&InboundMessage { dedupe: Some(String::new()), ..concerned }, WaitingKind::Message, now));
    (keys, via.map_or_else(|| target.to_owned(), |account| format!("{account}/{target}")))
}

impl Engine {
    /// The message that this one answers, on doors where people pick one; mails carry their own quotes. Without it the words
    /// are taken all the same.
    pub(super) async fn quoted(&self, door: &OpenDoor, inbound: &InboundMessage) -> Option<Quoted> {
        let target = inbound.reply_to.as_deref().filter(|_| door.settings.channel != ChannelKind::Email)?;
        let via = inbound.more.get("via").and_then(serde_json::Value::as_str);
        let (keys, target) = named(&inbound.sender, via, target, self.clock.now());
        match self.store.quoted(&door.settings.workspace, &door.settings.id, &keys, &target).await {
            Ok(quoted) => quoted,
            Err(error) => {
                tracing::warn!(connection = %door.settings.id, %error, "which message is answered cannot be read, its words are taken alone");
                None
            }
        }
    }

    /// The author wrote something else instead: the timeline shows it, and what is known follows.
    pub(super) async fn edited(&self, door: &OpenDoor, event: TargetedEvent) -> Stored<()> {
        let Some(text) = event.text.clone() else { return Ok(()) };
        let mut inbound = InboundMessage { text: Some(text), ..InboundMessage::default() };
        codes::take_out(&mut inbound, door.settings.channel);
        let mut text = inbound.text.unwrap_or_default();
        if let Some(found) = typed::find(&text)
            && self.awaits_code(door, &event.sender).await?
        {
            text = typed::hidden(&text, &found);
        }
        let Some(amended) = self.concern(door, event, Later::Edited { text: text.clone() }).await? else { return Ok(()) };
        if amended.changed && !amended.is_open {
            self.learn_anew(door, &amended, &text).await?;
        }
        Ok(())
    }

    /// Is a one-time code awaited from this sender?
    async fn awaits_code(&self, door: &OpenDoor, sender: &str) -> Stored<bool> {
        let writer = InboundMessage { sender: sender.to_owned(), ..InboundMessage::default() };
        let Some(held) = self.holder(door, &writer).await? else { return Ok(false) };
        let open = self.store.challenge_of(&door.settings.workspace, held.identifier.strand, self.clock.now()).await?;
        Ok(open.is_some())
    }

    /// The author took it away: the words are erased.
    pub(super) async fn deleted(&self, door: &OpenDoor, event: TargetedEvent) -> Stored<()> {
        self.concern(door, event, Later::Deleted).await.map(|_| ())
    }

    async fn concern(&self, door: &OpenDoor, event: TargetedEvent, later: Later) -> Stored<Option<Amended>> {
        let Some(target) = event.target else { return Ok(None) };
        let now = self.clock.now();
        let (keys, target) = named(&event.sender, event.via.as_deref(), &target, now);
        let amendment = Amendment {
            workspace: door.settings.workspace.clone(),
            connection: door.settings.id.clone(),
            keys,
            target,
            later,
            at: said_at(self.clock.as_ref(), event.timestamp, now),
        };
        let amended = self.store.amend(amendment).await?;
        if amended.is_none() {
            tracing::debug!(connection = %door.settings.id, "a message we do not have was edited or deleted");
        }
        Ok(amended)
    }

    /// Reads the new words of a message whose turn is over, as that turn would have.
    async fn learn_anew(&self, door: &OpenDoor, amended: &Amended, text: &str) -> Stored<()> {
        let workspace = &door.settings.workspace;
        let Some(settings) = self.workspace(workspace) else { return Ok(()) };
        let Some(customer) = self.store.customer(workspace, amended.customer).await? else { return Ok(()) };
        let now = self.clock.now();
        let read = understand::understand(
            text,
            &understand::Reading { competitors: &settings.competitors, ..understand::Reading::alone(&settings, now) },
        );
        let from = Provenance {
            strand: Some(amended.strand),
            message: Some(amended.message),
            channel: Some(amended.channel),
            origin: Origin::Message,
            strength: domain::fact::Strength::Stated,
            extractor: "edit",
            at: now,
        };
        let changes = facts::learn(&customer, &read.learned, Some(text), from, &*self.random);
        if changes.is_empty() {
            return Ok(());
        }
        self.store.write_facts(workspace, amended.customer, changes, None, now).await
    }

    /// A message of our side came back. One that we did not send was written by a person in the vendor's own inbox: it
    /// goes on the timeline, and the conversation is theirs.
    pub(super) async fn echoed(&self, door: &OpenDoor, echo: InboundMessage) -> Stored<()> {
        let Some(held) = self.holder(door, &echo).await? else { return Ok(()) };
        let (workspace, connection) = (&door.settings.workspace, &door.settings.id);
        let now = self.clock.now();
        let text = echo.text.clone().unwrap_or_default();
        let ours = Echoed {
            provider_message_id: echo.provider_message_id.clone(),
            opaque: echo.more.get("metadata").and_then(serde_json::Value::as_str).map(str::to_owned),
            text: text.clone(),
        };
        if self.store.is_own_echo(workspace, connection, held.customer, &ours, now).await? {
            return Ok(());
        }
        let filter = ConversationFilter { customer: Some(held.customer), ..ConversationFilter::default() };
        let latest = self.store.conversations(workspace, &filter, None, 1).await?.items.into_iter().next();
        let Some(row) = latest else { return Ok(()) };
        let shown = if text.is_empty() { echo.media.first().map_or_else(String::new, |media| format!("[{}]", media.kind)) } else { text };
        let mut message = self.entry(&row, held.identifier.strand, Direction::Out, Author::Teammate, shown, now);
        message.channel = door.settings.channel;
        message.connection = connection.clone();
        message.at = said_at(self.clock.as_ref(), echo.timestamp, now);
        let echo = echo.provider_message_id.unwrap_or_else(|| message.at.as_micros().to_string());
        let conversation = row.conversation.id;
        self.store.act(workspace, conversation, DeskAct::Overheard { message: Box::new(message), echo }, now).await?;
        tracing::info!(%connection, %conversation, "a person answered in the vendor's own inbox, the AI is silent there");
        Ok(())
    }

    /// A person reacted to a message: a line of the timeline, which asks for no answer. What is taken back is no line of its own.
    pub(super) async fn reacted(&self, door: &OpenDoor, event: TargetedEvent) -> Stored<()> {
        let writer = InboundMessage { sender: event.sender.clone(), connection: event.connection.clone(), ..InboundMessage::default() };
        let Some(held) = self.holder(door, &writer).await? else { return Ok(()) };
        let workspace = &door.settings.workspace;
        let filter = ConversationFilter { customer: Some(held.customer), ..ConversationFilter::default() };
        let latest = self.store.conversations(workspace, &filter, None, 1).await?.items.into_iter().next();
        let Some(row) = latest else { return Ok(()) };
        let now = self.clock.now();
        let at = said_at(self.clock.as_ref(), event.timestamp, now);
        let Some(emoji) = event.emoji else { return Ok(()) };
        let emoji: String = emoji.chars().filter(|sign| !sign.is_control()).take(LONGEST_EMOJI).collect();
        let target = event.target.unwrap_or_default();
        let once = format!("{target}/{}/{}", emoji, event.provider_message_id.unwrap_or_else(|| at.as_micros().to_string()));
        let mut message = self.entry(&row, held.identifier.strand, Direction::Event, Author::System, emoji.clone(), now);
        message.channel = door.settings.channel;
        message.connection = door.settings.id.clone();
        message.at = at;
        message.event = Some(TimelineEvent { kind: "reaction".to_owned(), data: serde_json::json!({ "emoji": emoji }) });
        self.store.act(workspace, row.conversation.id, DeskAct::Noticed { message: Box::new(message), once }, now).await.map(|_| ())
    }

    /// A receipt that names a moment instead of messages.
    pub(super) async fn receipt_until(&self, door: &OpenDoor, status: &StatusEvent, state: DeliveryState) -> Stored<()> {
        let (Some(watermark), Some(sender)) = (status.watermark, &status.sender) else { return Ok(()) };
        let person = InboundMessage { sender: sender.clone(), connection: status.connection.clone(), ..InboundMessage::default() };
        let Some(held) = self.holder(door, &person).await? else { return Ok(()) };
        let until = self.clock.shift(watermark);
        self.store.receipt_until(&door.settings.workspace, &door.settings.id, held.customer, state, until).await?;
        Ok(())
    }

    /// The vendor says that a person's number became another: the same person has both from now on. Where somebody
    /// else holds the new one already, it stays theirs.
    pub(super) async fn identifier_changed(&self, door: &OpenDoor, change: IdentifierChange) -> Stored<()> {
        let (Some(old), Some(new)) = (change.old, change.new) else { return Ok(()) };
        if old == new {
            return Ok(());
        }
        let workspace = &door.settings.workspace;
        let Some(settings) = self.workspace(workspace) else { return Ok(()) };
        let named = |id: String| {
            let is_number = carries_phone(door.settings.channel) && id.bytes().all(|byte| byte.is_ascii_digit());
            let sender_e164 = is_number.then(|| understand::e164(&format!("+{id}"), &settings.region)).flatten();
            InboundMessage { sender: id, sender_e164, connection: change.connection.clone(), ..InboundMessage::default() }
        };
        let Some(held) = self.holder(door, &named(old)).await? else { return Ok(()) };
        let now = self.clock.now();
        let seen = normalise::sender(&door.settings, &named(new), &settings.region);
        let changes = seen.into_iter().map(|identifier| IdentityChange::Attach {
            customer: held.customer,
            identifier,
            id: IdentifierId::new(now, self.random.bits()),
            strand: StrandId::new(now, self.random.bits()),
        });
        self.store.change_identity(workspace, None, changes.collect(), now).await
    }

    /// Who is behind the id of an event on this door.
    async fn holder(&self, door: &OpenDoor, person: &InboundMessage) -> Stored<Option<HeldIdentifier>> {
        let workspace = &door.settings.workspace;
        let Some(settings) = self.workspace(workspace) else { return Ok(None) };
        let sender = normalise::sender(&door.settings, person, &settings.region);
        Ok(self.store.evidence(workspace, &sender).await?.held.into_iter().flatten().next())
    }
}
