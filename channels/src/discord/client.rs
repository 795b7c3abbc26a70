//! What we send to Discord, and which of the outcomes its answer is.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::message::{Button, Card, Delivery};
use domain::ports::{SendError, Sent};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::call::{self, Answer};
use crate::json::Field;
use crate::multipart::Form;
use crate::{signing, text};

/// Buttons of one row.
const IN_A_ROW: usize = 5;
/// Embeds of one message. <https://discord.com/developers/docs/resources/message#create-message>
const MOST_EMBEDS: usize = 10;
const EPHEMERAL: u32 = 64;

/// A message. `in_channel`: posted there, under a key that Discord keeps from being posted twice.
pub(super) fn message(delivery: &Delivery, in_channel: bool) -> Value {
    let rendered = &delivery.rendered;
    // Whatever a text says, it calls nobody: not everybody, no role, no person.
    let mut body = json!({"content": rendered.text, "allowed_mentions": {"parse": []}});
    if !rendered.buttons.is_empty() {
        let rows: Vec<Value> = rendered
            .buttons
            .chunks(IN_A_ROW)
            .map(|row| json!({"type": 1, "components": row.iter().map(button).collect::<Vec<_>>()}))
            .collect();
        body["components"] = rows.into();
    }
    if !rendered.cards.is_empty() {
        body["embeds"] = rendered.cards.iter().take(MOST_EMBEDS).map(embed).collect();
    }
    if in_channel {
        body["nonce"] = nonce(&delivery.id.to_string()).into();
        body["enforce_nonce"] = true.into();
        if let Some(thread) = delivery.thread.as_ref().filter(|thread| thread.is_public)
            && let Some(answered) = &thread.message
        {
            body["message_reference"] = json!({"message_id": answered, "fail_if_not_exists": false});
        }
    }
    body
}

/// A further answer to a command, seen like the first one by nobody else.
pub(super) fn follow_up(delivery: &Delivery, is_in_a_server: bool) -> Value {
    let mut body = message(delivery, false);
    if is_in_a_server {
        body["flags"] = EPHEMERAL.into();
    }
    body
}

/// The body of a message, with its files where there are any.
pub(super) fn with_files(request: RequestBuilder, delivery: &Delivery, body: &Value) -> RequestBuilder {
    if delivery.files.is_empty() {
        return request.json(body);
    }
    let mut form = Form::new(&delivery.id.to_string()).field("payload_json", &body.to_string());
    for (place, file) in delivery.files.iter().enumerate() {
        form = form.file(&format!("files[{place}]"), file);
    }
    form.send_with(request)
}

fn button(button: &Button) -> Value {
    let payload = if button.payload.is_empty() { &button.title } else { &button.payload };
    json!({"type": 2, "style": 2, "label": button.title, "custom_id": text::within_bytes(payload, 100)})
}

/// A card. <https://discord.com/developers/docs/resources/message#embed-object>
fn embed(card: &Card) -> Value {
    let mut embed = json!({"title": text::shortened(&card.title, 256)});
    if !card.text.is_empty() {
        embed["description"] = text::shortened(&card.text, 4_096).into();
    }
    if let Some(url) = &card.url {
        embed["url"] = url.as_str().into();
    }
    if let Some(picture) = &card.picture {
        embed["image"] = json!({"url": picture});
    }
    embed
}

/// 25 characters at most.
fn nonce(id: &str) -> String {
    signing::sha256(id.as_bytes()).iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

/// Which of the outcomes an answer is.
pub(super) fn outcome(answer: &Answer) -> Result<Sent, SendError> {
    if answer.is_success() {
        return match answer.body.id(&["id"]) {
            Some(id) => Ok(Sent { provider_message_id: Some(id) }),
            None => Err(SendError::Unknown("Discord's answer holds no message id".to_owned())),
        };
    }
    let said = answer.body.written(&["message"]).unwrap_or_default();
    let said = text::within_bytes(&said, 200);
    let code = answer.body.integer(&["code"]).filter(|code| *code != 0).unwrap_or(i64::from(answer.status)).to_string();
    Err(match (answer.status, code.as_str()) {
        (429, _) => {
            let seconds = answer.body.at(&["retry_after"]).and_then(Value::as_f64).filter(|seconds| (0.0..=86_400.0).contains(seconds));
            SendError::RateLimited(seconds.map(Duration::from_secs_f64).or(answer.retry_after))
        }
        (401, _) => call::refused(code, "Discord does not know this bot: renew the bot token"),
        (_, "50007" | "50278") => call::refused_for_good(code, "this person takes no direct messages from the bot"),
        (_, "50001" | "50013") => {
            call::refused(code, "the bot may not write in this channel: give it the permission to see it and to send messages")
        }
        (_, "10003") => call::refused(code, "this channel is gone"),
        (_, "10015" | "50027") => call::refused(code, "the time to answer this command is over"),
        (400..=499, _) => call::refused(code, format!("Discord refused the message ({said})")),
        // The key of the message keeps a second attempt from being a second message.
        (500 | 502 | 503 | 504, _) => SendError::NotSent(format!("Discord is unwell ({})", answer.status)),
        (status, _) => SendError::Unknown(format!("Discord answered {status}")),
    })
}

/// Ten thousand refused calls in ten minutes and Discord bans the machine's address: we stop long before.
#[derive(Default)]
pub(super) struct Refusals {
    window: Mutex<Option<(Instant, u32)>>,
}

const WINDOW: Duration = Duration::from_secs(600);
const MOST_REFUSALS: u32 = 2_000;

impl Refusals {
    pub(super) fn check(&self) -> Result<(), SendError> {
        let window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        match *window {
            Some((since, count)) if count >= MOST_REFUSALS && since.elapsed() < WINDOW => {
                Err(SendError::NotYet(WINDOW.saturating_sub(since.elapsed())))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn count(&self, status: u16) {
        if !matches!(status, 401 | 403 | 429) {
            return;
        }
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        *window = Some(match *window {
            Some((since, count)) if since.elapsed() < WINDOW => (since, count + 1),
            _ => (Instant::now(), 1),
        });
    }
}
