//! Proactive flows: a mail of ours that asks something and stays unanswered goes on where the customer reads sooner.
//!
//! Once for each mail, only on a door that the customer has written on and not stopped, by day, within the door's window
//! or by a template that the vendor approved, and never when they have written anywhere since.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::channel::ChannelKind;
use domain::customer::ReachableDoor;
use domain::id::WorkspaceId;
use domain::message::{Author, Direction, Message, Rendered};
use domain::ports::Stored;
use domain::settings::{Mode, UnansweredMail};
use domain::template::Filled;
use domain::turn::{Reply, Timer, TimerKind};
use domain::{ConversationId, CustomerId, Timestamp};

use crate::delivery::window_closes;
use crate::rendering::phrases::Phrases;
use crate::rendering::plan;
use crate::{Engine, OpenDoor};

/// Where a question goes on, the most wanted first.
const SOONER: [ChannelKind; 4] = [ChannelKind::Whatsapp, ChannelKind::Telegram, ChannelKind::Rcs, ChannelKind::Sms];
/// Hours of the day in which we write first, in the business's zone.
const DAY: std::ops::Range<i8> = 8..20;
/// A question of a mail is told in no more characters.
const LONGEST_QUESTION: usize = 300;

/// Reminds us of a reply by mail that asks something.
pub fn timer(
    play: Option<&UnansweredMail>,
    zone: &str,
    replies: &[Reply],
    customer: CustomerId,
    conversation: ConversationId,
    now: Timestamp,
) -> Option<Timer> {
    let play = play?;
    let asks = replies.iter().any(|reply| reply.message.channel == ChannelKind::Email && question(&reply.message.text).is_some());
    asks.then(|| Timer {
        key: "unanswered_mail".to_owned(),
        due_at: by_day(now.after(play.after), zone),
        customer,
        what: TimerKind::UnansweredMail { conversation },
    })
}

/// This moment, or the next morning's beginning when it lies in the night.
fn by_day(at: Timestamp, zone: &str) -> Timestamp {
    let local = at.in_zone(zone);
    let hours = if local.hour() < DAY.start {
        DAY.start - local.hour()
    } else if local.hour() >= DAY.end {
        24 - local.hour() + DAY.start
    } else {
        return at;
    };
    let minutes = i64::from(hours) * 60 - i64::from(local.minute());
    at.after(Duration::from_secs(u64::try_from(minutes).unwrap_or(0) * 60))
}

/// The last question of a text, on one line.
fn question(text: &str) -> Option<String> {
    let end = text.rfind('?')?;
    let before = &text[..end];
    let start =
        before.rfind(['.', '!', '?', '\n', '¿']).map_or(0, |place| place + before[place..].chars().next().map_or(1, char::len_utf8));
    let words = before[start..].split_whitespace().collect::<Vec<_>>().join(" ");
    (words.len() > 3 && words.chars().count() <= LONGEST_QUESTION).then(|| format!("{words}?"))
}

/// What is said on the other door.
struct Said {
    text: String,
    rendered: Rendered,
}

impl Engine {
    /// The time for an answer to our mail is over.
    pub(crate) async fn ask_elsewhere(&self, workspace: &WorkspaceId, conversation: ConversationId) -> Stored<()> {
        let Some(settings) = self.workspace(workspace) else { return Ok(()) };
        let Some(play) = settings.unanswered_mail.as_ref() else { return Ok(()) };
        let Some(row) = self.store.conversation(workspace, conversation).await? else { return Ok(()) };
        let Some(asked) = row.last_message.clone().filter(|last| is_unanswered(last)) else { return Ok(()) };
        let Some(question) = question(&asked.text) else { return Ok(()) };
        let doors = self.store.doors(workspace, row.conversation.customer).await?;
        let has_written_since = doors.iter().any(|door| door.last_inbound > asked.at);
        if has_written_since || row.conversation.ai_silent {
            return Ok(());
        }
        if !DAY.contains(&self.clock.now().in_zone(&settings.timezone).hour()) {
            tracing::info!(%conversation, why = "quiet_hours", "a mail stays unanswered and is not asked about elsewhere");
            return Ok(());
        }
        let language = asked.language.clone().unwrap_or_else(|| settings.locale.clone());
        for kind in SOONER {
            let theirs = doors.iter().filter(|door| door.channel == kind && !door.stopped);
            for reachable in theirs {
                let Some(door) = self.doors.get(&reachable.connection).filter(|door| self.mode(&door.settings) == Mode::Answer) else {
                    continue;
                };
                let Some(said) = self.worded(play, &settings.name, door, reachable, &question, &language).await else { continue };
                return self.put(workspace, &row, reachable, said.text, said.rendered, language).await;
            }
        }
        tracing::info!(%conversation, why = "no_open_door", "a mail stays unanswered and is not asked about elsewhere");
        Ok(())
    }

    /// In free words while the door's window is open, else by the approved template.
    async fn worded(
        &self,
        play: &UnansweredMail,
        business: &str,
        door: &OpenDoor,
        reachable: &ReachableDoor,
        question: &str,
        language: &str,
    ) -> Option<Said> {
        let closes = window_closes(door, Author::Ai, Some(reachable.last_inbound));
        if closes.is_none_or(|closes| closes > self.clock.now()) {
            let words = Phrases::new(language);
            let text = words.with("mail.elsewhere", &[("business", business), ("question", question)]);
            let plan = plan::plan(&plan::Draft { parts: vec![text], ..plan::Draft::default() }, door.channel.capabilities(), &words);
            let rendered = plan.messages.into_iter().next()?;
            return Some(Said { text: plan.text, rendered });
        }
        let name = play.template.as_deref()?;
        let known = door.channel.templates().await.ok()??;
        let of_language = |code: &str| code.get(..2).is_some_and(|code| language.starts_with(code));
        let mut fitting: Vec<_> = known.iter().filter(|template| template.name == name).collect();
        fitting.sort_by_key(|template| !of_language(&template.language));
        let template = fitting.first()?;
        let given: BTreeMap<String, String> = match template.gaps().as_slice() {
            [] => BTreeMap::new(),
            [gap] => BTreeMap::from([(gap.clone(), question.to_owned())]),
            _ => return None,
        };
        let filled: Filled = template.fill(&given).ok()?;
        let text = template.preview(&filled);
        Some(Said { rendered: plan::approved(&text, &filled), text })
    }
}

/// Is it a mail of ours that nobody has spoken after?
fn is_unanswered(last: &Message) -> bool {
    last.direction == Direction::Out && last.channel == ChannelKind::Email
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_question_of_a_mail_is_the_one_that_waits() {
        let check = |text: &str, expected: Option<&str>| assert_eq!(question(text).as_deref(), expected, "{text}");
        check("Thank you. Which colour would you like? Best, Ergo", Some("Which colour would you like?"));
        check("Hello\n\nWhat is your order\nnumber?", Some("number?"));
        check("Gracias. ¿Qué color prefiere?", Some("Qué color prefiere?"));
        check("We have sent it today.", None);
        check("?", None);
    }

    #[test]
    fn nobody_is_written_to_at_night() {
        let at = |text: &str| Timestamp::parse_rfc3339(text).expect("a time");
        let check = |given: &str, expected: &str| assert_eq!(by_day(at(given), "Europe/Paris"), at(expected), "{given}");
        check("2026-11-20T10:00:00Z", "2026-11-20T10:00:00Z");
        check("2026-11-20T22:30:00Z", "2026-11-21T07:00:00Z");
        check("2026-11-20T02:15:00Z", "2026-11-20T07:00:00Z");
    }
}
