//! What is left of a call besides its words: its summary on the timeline, and a mail with what was spoken about, where the
//! number sends one and the caller has a mailbox that we write to.

use domain::call::Call;
use domain::channel::ChannelKind;
use domain::customer::Customer;
use domain::fact::{ConsentState, PromiseStatus, Promiser};
use domain::id::WorkspaceId;
use domain::message::{Direction, Message};
use domain::ports::{ConversationRow, Stored};
use domain::settings::{Mode, WorkspaceSettings};

use crate::Engine;
use crate::rendering::phrases::Phrases;
use crate::rendering::{deeds, plan};

/// Messages of a call that are looked at.
const MOST_MESSAGES: usize = 500;
/// Questions that the mail repeats with their answers, the last ones.
const MOST_ANSWERS: usize = 6;
/// Letters of each.
const LONGEST: usize = 400;

/// Where a number says that a mail follows its calls.
const FOLLOWS: (&str, &str) = ("after_call", "mail");

impl Engine {
    /// What the conversation of a call was about, once somebody has said something on it.
    pub(crate) async fn summary_of_call(&self, workspace: &WorkspaceId, call: &Call) -> Stored<Option<String>> {
        let said = self.store.call_messages(workspace, call, MOST_MESSAGES).await?;
        if !said.iter().any(|message| message.direction == Direction::In && !message.text.trim().is_empty()) {
            return Ok(None);
        }
        let Some(row) = self.row_of(workspace, call, &said).await? else { return Ok(None) };
        Ok(self.summary(workspace, &row.conversation).await?.map(|summary| summary.text))
    }

    /// The talk may have moved on to another conversation since it rang.
    async fn row_of(&self, workspace: &WorkspaceId, call: &Call, said: &[Message]) -> Stored<Option<ConversationRow>> {
        let conversation = said.last().map_or(call.conversation, |message| message.conversation);
        self.store.conversation(workspace, conversation).await
    }

    /// The mail after a call. Written once, because a call ends once; a mail that cannot be written is missing, and logged.
    pub(crate) async fn follow_by_mail(
        &self,
        workspace: &WorkspaceId,
        settings: &WorkspaceSettings,
        call: &Call,
        of: &Customer,
    ) -> Stored<()> {
        let follows = self.doors.get(&call.connection).is_some_and(|door| door.settings.text(FOLLOWS.0) == Some(FOLLOWS.1));
        let newest = of.consents.iter().rev().find(|consent| matches!(consent.purpose.as_str(), "service" | "erasure"));
        if !follows || newest.is_some_and(|consent| consent.state != ConsentState::Given) {
            return Ok(());
        }
        let doors = self.store.doors(workspace, of.id).await?;
        let mailboxes = doors.iter().filter(|door| door.channel == ChannelKind::Email && !door.stopped);
        let Some(reachable) = mailboxes.max_by_key(|door| door.last_inbound) else { return Ok(()) };
        let Some(door) = self.doors.get(&reachable.connection).filter(|door| self.mode(&door.settings) == Mode::Answer) else {
            return Ok(());
        };
        let said = self.store.call_messages(workspace, call, MOST_MESSAGES).await?;
        let words = Phrases::new(call.about.language.get(..2).unwrap_or(&settings.locale));
        let Some(text) = self.in_writing(settings, call, of, &said, &words) else { return Ok(()) };
        let Some(row) = self.row_of(workspace, call, &said).await? else { return Ok(()) };
        let plan = plan::plan(&plan::Draft { parts: vec![text], ..plan::Draft::default() }, door.channel.capabilities(), &words);
        let Some(rendered) = plan.messages.into_iter().next() else { return Ok(()) };
        self.put(workspace, &row, reachable, plan.text, rendered, words.language().to_owned()).await
    }

    /// What was asked and answered, promised and done on a call; `None`: nothing was answered on it.
    fn in_writing(&self, settings: &WorkspaceSettings, call: &Call, of: &Customer, said: &[Message], words: &Phrases) -> Option<String> {
        let mut answers: Vec<String> = said
            .windows(2)
            .filter(|pair| pair[0].direction == Direction::In && pair[1].direction == Direction::Out)
            .filter(|pair| pair.iter().all(|message| !message.text.trim().is_empty()))
            .map(|pair| format!("– {}\n{}", short(&pair[0].text), short(&pair[1].text)))
            .collect();
        if answers.is_empty() {
            return None;
        }
        answers.drain(..answers.len().saturating_sub(MOST_ANSWERS));
        let mut parts = vec![words.with("call.mail.began", &[("business", &settings.name)])];
        parts.append(&mut answers);
        let is_new = |promise: &&domain::fact::Promise| {
            promise.by == Promiser::Us
                && promise.status == PromiseStatus::Open
                && promise.channel == ChannelKind::Voice
                && promise.at >= call.at
        };
        parts.extend(of.promises.iter().filter(is_new).map(|promise| words.with("call.mail.promised", &[("what", &promise.what)])));
        let url = self.doors.get(&call.connection).map(|door| door.settings.public_url.clone()).unwrap_or_default();
        let done = of.actions.iter().filter(|action| action.at >= call.at).map(|action| deeds::document(action, &url, words));
        parts.extend(done.filter(|document| !document.is_empty()));
        parts.push(words.say("call.mail.ends"));
        Some(parts.join("\n\n"))
    }
}

fn short(text: &str) -> String {
    let whole = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if whole.chars().count() <= LONGEST {
        return whole;
    }
    format!("{}…", whole.chars().take(LONGEST).collect::<String>().trim_end())
}
