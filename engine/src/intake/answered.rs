//! A teammate answers a letter of ours by mail: their words go to the customer, in the conversation that the letter told of.
//!
//! The mark in the letter is bound to the address that it went to: it says which conversation is meant, and that the writer has
//! the letter. Who writes is proven as a customer's mail is. Nothing of such a mail is ever taken for a customer's words, and what
//! does not leave is told to the teammate and stands in the conversation.

use domain::conversation::Conversation;
use domain::event::{InboundMessage, Media};
use domain::message::{Author, Direction, TimelineEvent};
use domain::ports::{AlertKind, ConversationRow, DeskAct, Stored, Teammate};
use domain::{ChannelKind, ConversationId, MessageId, WorkspaceId};

use crate::{Engine, OpenDoor, Wording};

/// More files than a teammate adds to a reply.
const MOST_FILES: usize = 10;

/// The conversation whose letter this mail answers.
pub(super) fn names(message: &InboundMessage) -> Option<ConversationId> {
    message.more.get("answers_letter")?.as_str()?.parse().ok()
}

fn says(message: &InboundMessage, key: &str) -> bool {
    message.more.get(key).and_then(serde_json::Value::as_bool) == Some(true)
}

/// The mail's name on every fetch of it.
fn once(message: &InboundMessage) -> &str {
    let key = message.dedupe.as_deref().or(message.provider_message_id.as_deref()).unwrap_or_default();
    // The digest over all that was written; the id before it is the sender's own.
    key.rsplit(':').next().unwrap_or(key)
}

/// What the teammate attached; pictures that stand in the text are those of signatures.
fn files(message: &InboundMessage) -> Vec<Media> {
    let inline: Vec<u64> = message
        .more
        .get("inline")
        .and_then(serde_json::Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(serde_json::Value::as_u64)
        .collect();
    let attached = message.media.iter().enumerate().filter(|(place, media)| media.content.is_some() && !inline.contains(&(*place as u64)));
    attached.map(|(_, media)| media.clone()).take(MOST_FILES).collect()
}

/// Who answers in a conversation by mail.
fn by_mail(conversation: ConversationId) -> String {
    format!("answers_by_mail.{conversation}")
}

impl Engine {
    /// The customer wrote in a conversation that a teammate has: whoever answers there by mail reads it by mail. Told before the
    /// turn is committed, under the message's name, so that a turn that is run again tells it once.
    pub(crate) async fn write_on(&self, workspace: &WorkspaceId, conversation: &Conversation, message: MessageId) -> Stored<()> {
        let Some(teammate) = conversation.assignee.filter(|_| conversation.ai_silent) else { return Ok(()) };
        if self.store.note(&by_mail(conversation.id)).await? != Some(teammate.to_string()) {
            return Ok(());
        }
        self.store
            .write_to(workspace, &format!("wrote-{message}"), AlertKind::Wrote, teammate, Some(conversation.id), self.clock.now())
            .await
    }

    /// Takes a mail that answers a letter of ours. It may come twice and is said once.
    pub(super) async fn answered_letter(&self, door: &OpenDoor, message: InboundMessage) -> Stored<()> {
        let workspace = &door.settings.workspace;
        let Some(conversation) = names(&message) else { return Ok(()) };
        if says(&message, "auto") {
            tracing::info!(%conversation, "a program answered a letter to a teammate");
            return Ok(());
        }
        let team = self.store.teammates(workspace).await?;
        let writer = team.into_iter().find(|one| one.email.eq_ignore_ascii_case(&message.sender) && one.role != "analyst");
        let (Some(writer), Some(row)) = (writer, self.store.conversation(workspace, conversation).await?) else {
            tracing::warn!(%conversation, "whoever answered a letter is no teammate any more, or its conversation is gone");
            return Ok(());
        };
        let is_proven = message.more.get("dmarc").and_then(serde_json::Value::as_str) == Some("pass");
        let why = if is_proven { self.say_by_mail(workspace, &row, &writer, &message).await? } else { Some("unproven") };
        match why {
            None => Ok(()),
            Some(why) => self.tell_unsent(workspace, &row, &writer, once(&message), why).await,
        }
    }

    /// Writes to the customer where they were heard last, else where they can be written to at all. Why it did not leave, if so.
    async fn say_by_mail(
        &self,
        workspace: &WorkspaceId,
        row: &ConversationRow,
        writer: &Teammate,
        message: &InboundMessage,
    ) -> Stored<Option<&'static str>> {
        let (text, files) = (message.text.as_deref().unwrap_or_default(), files(message));
        if text.trim().is_empty() && files.is_empty() {
            return Ok(Some("empty"));
        }
        let mut doors = self.store.doors(workspace, row.conversation.customer).await?;
        // Nobody hears a word on a call that is over.
        doors.retain(|door| door.channel != ChannelKind::Voice);
        doors.sort_by_key(|door| std::cmp::Reverse(door.last_inbound));
        let channels = doors.iter().map(|door| door.channel);
        let mut first = None;
        let mut tried = Vec::new();
        for channel in channels {
            if tried.contains(&channel) {
                continue;
            }
            tried.push(channel);
            let wording = Wording {
                by: Some(writer.id),
                name: &writer.name,
                text,
                channel: Some(channel),
                files: &files,
                once: Some(once(message)),
                ..Wording::default()
            };
            match self.reply(workspace, row.conversation.id, wording).await? {
                Ok(_) => {
                    self.store.put_note(&by_mail(row.conversation.id), Some(&writer.id.to_string())).await?;
                    return Ok(None);
                }
                Err(refused) => {
                    first.get_or_insert(refused.as_str());
                }
            }
        }
        Ok(Some(first.unwrap_or("no_door")))
    }

    /// The conversation says why, and a letter to the teammate says that it does.
    async fn tell_unsent(
        &self,
        workspace: &WorkspaceId,
        row: &ConversationRow,
        writer: &Teammate,
        once: &str,
        why: &'static str,
    ) -> Stored<()> {
        tracing::warn!(conversation = %row.conversation.id, why, "what a teammate answered by mail does not leave");
        let (now, conversation) = (self.clock.now(), row.conversation.id);
        let doors = self.store.doors(workspace, row.conversation.customer).await?;
        if let Some(strand) =
            doors.iter().find(|door| door.connection == row.conversation.connection).or(doors.first()).map(|door| door.strand)
        {
            let mut entry = self.entry(row, strand, Direction::Event, Author::System, String::new(), now);
            entry.event = Some(TimelineEvent { kind: "not_sent".to_owned(), data: serde_json::json!({ "why": why, "by": "mail" }) });
            self.store.act(workspace, conversation, DeskAct::Note { message: Box::new(entry), mentions: Vec::new() }, now).await?;
        }
        self.store.write_to(workspace, &format!("unsent-{once}"), AlertKind::Unsent, writer.id, Some(conversation), now).await
    }
}
