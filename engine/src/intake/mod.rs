//! Intake: what a door decoded becomes rows that wait for a turn, durable before the vendor is answered.

mod answered;
mod burst;
pub mod codes;
pub(crate) mod files;
mod form;
mod later;
mod subject;
pub(crate) mod told;
pub mod typed;

use std::time::Duration;

use domain::challenge::TypedCode;
use domain::event::{InboundEvent, InboundMessage, StatusEvent};
use domain::id::ConnectionId;
use domain::message::{DeliveryState, WaitingKind};
use domain::ports::{Accept, DeskAct, Matter, Placement, StoreError, Stored};
use domain::{ChannelKind, ConversationId, MessageId, Timestamp};

use crate::identity::{normalise, resolve};
use crate::{Engine, OpenDoor, Taken};

/// No burst is prolonged past this.
const LONGEST_BURST: Duration = Duration::from_secs(5);
/// A vendor that retries for days still carries the time it was said; anything older is taken as said now.
const OLDEST_SAID: Duration = Duration::from_secs(7 * 24 * 3600);
/// As coarse as vendors' times are.
const COARSE: Duration = Duration::from_secs(1);
/// Evidence may change between reading and writing; after this many rounds the vendor is asked to come back.
const PLACEMENT_ROUNDS: usize = 8;

impl Engine {
    /// Accepts what a door decoded: durable when it returns. One entry per event that became a message.
    pub async fn receive(&self, connection: &ConnectionId, events: Vec<InboundEvent>) -> Stored<Vec<Taken>> {
        let Some(door) = self.doors.get(connection) else { return Ok(Vec::new()) };
        let mut taken = Vec::with_capacity(events.len());
        for event in events {
            match event {
                InboundEvent::Message(message) if answered::names(&message).is_some() => self.answered_letter(door, message).await?,
                InboundEvent::Message(message) => {
                    let is_a_loop = message.more.get("loop").and_then(serde_json::Value::as_bool) == Some(true);
                    let done = self.accept(door, message, WaitingKind::Message).await?;
                    if is_a_loop && !done.duplicate {
                        self.leave_to_people(door, &done).await?;
                    }
                    taken.push(done);
                }
                InboundEvent::Postback(message) => taken.push(self.accept(door, message, WaitingKind::Postback).await?),
                InboundEvent::Referral(message) => taken.push(self.accept(door, message, WaitingKind::Referral).await?),
                InboundEvent::OptOut(message) => taken.push(self.accept(door, message, WaitingKind::OptOut).await?),
                InboundEvent::OptIn(message) => taken.push(self.accept(door, message, WaitingKind::OptIn).await?),
                InboundEvent::Status(status) => self.receipt(door, &status).await?,
                InboundEvent::Edited(event) => self.edited(door, event).await?,
                InboundEvent::Deleted(event) => self.deleted(door, event).await?,
                InboundEvent::IdentifierChanged(change) => self.identifier_changed(door, change).await?,
                InboundEvent::Echo(echo) => self.echoed(door, echo).await?,
                InboundEvent::Reaction(event) => self.reacted(door, event).await?,
                InboundEvent::TemplateStatus(_) | InboundEvent::ThreadControl(_) | InboundEvent::Ignored(_) => {
                    tracing::debug!(%connection, "event makes no turn")
                }
                InboundEvent::Error(error) => {
                    tracing::warn!(%connection, code = error.code, "vendor reports an error");
                    self.was_reported(door, &error.code, error.message.as_deref());
                }
            }
        }
        Ok(taken)
    }

    async fn accept(&self, door: &OpenDoor, mut inbound: InboundMessage, kind: WaitingKind) -> Stored<Taken> {
        let settings = &door.settings;
        let attachments = files::taken_off(&mut inbound, settings.channel, self.clock.now(), &*self.random);
        let matter = matter_of(&mut inbound);
        let workspace =
            self.workspace(&settings.workspace).ok_or_else(|| StoreError::Corrupt("connection without a workspace".to_owned()))?;
        let now = self.clock.now();
        let found = codes::take_out(&mut inbound, settings.channel);
        subject::add(&mut inbound, settings.channel);
        // A tapped button stands below what it answers already.
        let mut quoted = if kind == WaitingKind::Message { self.quoted(door, &inbound).await } else { None };
        let sender = normalise::sender(settings, &inbound, &workspace.region);
        let dedupe = dedupe_key(&inbound, kind, now);
        let (at, address) = match self.way_back(door, &inbound, &workspace.region) {
            Some(way) => {
                form::put_into_words(&mut inbound, settings);
                (&way.door.settings, way.address)
            }
            None => (settings, address_of(&inbound)),
        };
        let text = told::put_into_words(&mut inbound, settings.channel, &workspace.locale);
        let window = burst::window(&workspace, at.channel, &text, kind);
        let mut accept = Accept {
            workspace: settings.workspace.clone(),
            connection: at.id.clone(),
            channel: at.channel,
            fetched_by: settings.id.clone(),
            dedupe,
            message: MessageId::new(now, self.random.bits()),
            conversation: ConversationId::new(now, self.random.bits()),
            matter,
            placement: resolve::nobody_yet(&sender, now, &*self.random),
            sender,
            text,
            kind,
            address,
            link_code: found.map(|code| codes::hash(&code)),
            typed_code: None,
            at: said_at(self.clock.as_ref(), inbound.timestamp, now),
            received_at: now,
            ready_at: self.monotonic.now().after(window),
            longest_wait: LONGEST_BURST,
            // Automatic mail, and what another app answers, is kept and not answered.
            turn: !["auto", "standby"].iter().any(|key| inbound.more.get(*key).and_then(serde_json::Value::as_bool) == Some(true)),
            inbound,
            attachments,
        };
        for _ in 0..PLACEMENT_ROUNDS {
            let evidence = self.store.evidence(&accept.workspace, &accept.sender).await?;
            let answers_ours = accept.inbound.more.get("answers_ours").and_then(serde_json::Value::as_bool) == Some(true);
            let name = accept.inbound.sender_name.as_deref();
            accept.placement = resolve::place_in_thread(&accept.sender, name, &evidence, answers_ours, now, &*self.random);
            self.take_out_typed(&mut accept, now).await?;
            // Only what stands in their own conversations is shown to whoever answers it.
            if let Placement::Known { customer, .. } = &accept.placement
                && let Some(quoted) = quoted.take_if(|quoted| quoted.customer == *customer)
            {
                told::add_quoted(&mut accept.inbound, &mut accept.text, &quoted, &workspace.locale);
            }
            match self.store.accept(accept.clone()).await {
                Ok(done) => {
                    if done.duplicate {
                        self.look_at_repeat(&accept, done.message).await?;
                    }
                    return Ok(Taken {
                        message: done.message,
                        customer: done.customer,
                        conversation: done.conversation,
                        duplicate: done.duplicate,
                        kind,
                    });
                }
                Err(StoreError::Stale(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Stale("the sender's identifiers keep changing"))
    }

    /// A machine answers us there: a person looks at it, and nothing more is said by itself.
    async fn leave_to_people(&self, door: &OpenDoor, taken: &Taken) -> Stored<()> {
        tracing::info!(conversation = %taken.conversation, "a correspondent answers like a machine, the team has the conversation");
        self.store.act(&door.settings.workspace, taken.conversation, DeskAct::Take { by: None }, self.clock.now()).await.map(|_| ())
    }

    /// A vendor repeats what it said. Other words under the same id are nobody's repeat: the first ones stay, and the log tells.
    async fn look_at_repeat(&self, repeat: &Accept, first: MessageId) -> Stored<()> {
        let Some(known) = self.store.message(&repeat.workspace, first).await? else { return Ok(()) };
        let had_code = known.text.contains(typed::HIDDEN);
        if known.changed.is_none() && !had_code && known.text != repeat.text {
            tracing::warn!(connection = %repeat.connection, message = %first, "a message came again with other words, the first ones are kept");
        }
        Ok(())
    }

    /// Digits may be a one-time code: while one is awaited from this sender, or was sent there, they leave the text.
    async fn take_out_typed(&self, accept: &mut Accept, now: Timestamp) -> Stored<()> {
        let Placement::Known { strand, .. } = &accept.placement else { return Ok(()) };
        let Some(found) = typed::find(&accept.text).filter(|_| accept.typed_code.is_none()) else { return Ok(()) };
        let Some(challenge) = self.store.challenge_of(&accept.workspace, *strand, now).await? else { return Ok(()) };
        accept.text = typed::hidden(&accept.text, &found);
        if let Some(text) = &mut accept.inbound.text {
            *text = typed::find(text).map_or_else(|| accept.text.clone(), |found| typed::hidden(text, &found));
        }
        accept.typed_code = Some(TypedCode { challenge, code: found.code });
        Ok(())
    }

    async fn receipt(&self, door: &OpenDoor, status: &StatusEvent) -> Stored<()> {
        let state = match status.status.as_str() {
            "sent" => DeliveryState::Sent,
            "delivered" => DeliveryState::Delivered,
            "read" | "played" => DeliveryState::Read,
            "failed" | "undelivered" => DeliveryState::Failed,
            _ => return Ok(()),
        };
        let at = said_at(self.clock.as_ref(), status.timestamp, self.clock.now());
        if status.provider_message_id.is_none() && status.provider_message_ids.is_empty() {
            return self.receipt_until(door, status, state).await;
        }
        let ids = status.provider_message_id.iter().chain(&status.provider_message_ids);
        for id in ids {
            // Taken back before it arrived: it leaves by the door's fallback, if it has one.
            if state == DeliveryState::Failed && status.retryable == Some(true) && self.reroute(door, None, Some(id)).await? {
                continue;
            }
            let known = self
                .store
                .receipt(
                    &door.settings.workspace,
                    &door.settings.id,
                    Some(id),
                    status.opaque.as_deref(),
                    state,
                    status.error_code.as_deref(),
                    at,
                )
                .await?;
            if !known {
                tracing::debug!(connection = %door.settings.id, "receipt for a message we do not know");
            }
        }
        Ok(())
    }

    /// The person is typing on this door: the burst waits a little longer.
    pub async fn typing(&self, connection: &ConnectionId, customer: domain::CustomerId) -> Stored<()> {
        let Some(door) = self.doors.get(connection) else { return Ok(()) };
        let Some(workspace) = self.workspace(&door.settings.workspace) else { return Ok(()) };
        let until = self.monotonic.now().after(workspace.join_window(door.settings.channel));
        self.store.prolong(&door.settings.workspace, customer, until).await
    }
}

/// Where its sender put it, on doors that show several conversations; the word is not kept.
fn matter_of(inbound: &mut InboundMessage) -> Matter {
    match inbound.more.remove("matter").as_ref().and_then(serde_json::Value::as_str) {
        None => Matter::GoesOn,
        Some("another") => Matter::Another,
        Some(named) => named.parse().map_or(Matter::GoesOn, Matter::This),
    }
}

/// Where the answer goes: what the door names for it, else the chat, else the sender.
fn address_of(inbound: &InboundMessage) -> String {
    let named = inbound.more.get("answer_to").and_then(serde_json::Value::as_str);
    named.or(inbound.chat.as_deref()).unwrap_or(&inbound.sender).to_owned()
}

/// The redelivery key: the vendor's own, else the message id, else a digest of what was said and when it arrived. A
/// message keeps its own id also where the vendor numbers its deliveries, so that an edit finds it again.
fn dedupe_key(inbound: &InboundMessage, kind: WaitingKind, now: Timestamp) -> String {
    if let (WaitingKind::Message, Some(_), Some(id)) = (kind, &inbound.dedupe, &inbound.provider_message_id) {
        // An account of the business's own numbers its messages itself.
        let account = inbound.more.get("via").and_then(serde_json::Value::as_str);
        return match account {
            Some(account) => format!("{}:{}:{account}:{id}", kind.as_str(), inbound.sender),
            None => format!("{}:{}:{id}", kind.as_str(), inbound.sender),
        };
    }
    if let Some(key) = inbound.dedupe.as_ref().or(inbound.provider_message_id.as_ref()) {
        return format!("{}:{key}", kind.as_str());
    }
    let at = inbound.timestamp.unwrap_or(now).as_micros();
    format!("{}:{}:{at}:{}", kind.as_str(), inbound.sender, inbound.text.as_deref().unwrap_or_default())
}

/// The vendor's time with the rehearsal's offset, never ahead of now and never older than the longest retry. Most vendors
/// cut it to seconds: what was said within the last one was said now, or it would stand before what was said a moment
/// earlier on a door that tells more.
fn said_at(clock: &dyn domain::ports::Clock, vendor: Option<Timestamp>, now: Timestamp) -> Timestamp {
    match vendor.map(|at| clock.shift(at)) {
        Some(at) if at <= now && now.since(at) >= COARSE && now.since(at) <= OLDEST_SAID => at,
        _ => now,
    }
}

/// Doors whose address is a phone number.
pub fn carries_phone(channel: ChannelKind) -> bool {
    match channel {
        ChannelKind::Whatsapp | ChannelKind::Sms | ChannelKind::Rcs | ChannelKind::Voice => true,
        ChannelKind::Widget
        | ChannelKind::Telegram
        | ChannelKind::Discord
        | ChannelKind::Email
        | ChannelKind::Instagram
        | ChannelKind::Messenger
        | ChannelKind::Api => false,
    }
}
