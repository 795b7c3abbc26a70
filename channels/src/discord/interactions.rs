//! The interactions endpoint: signed with Ed25519, answered within three seconds, the reply itself follows.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::ports::{HookAnswer, HookRequest, Received, Refusal};
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::{Value, json};

use super::receive;
use crate::json::{self, Field};
use crate::signing;

/// An interaction's token is good for fifteen minutes; the last one is left for the way there.
const GOOD_FOR: i64 = 14 * 60;
/// Interactions waiting at once; the oldest are answered as ordinary messages.
const MOST: usize = 10_000;
const EPHEMERAL: u32 = 64;

/// Commands whose reply is awaited, by interaction. Lost with a restart: then the reply is an ordinary message.
#[derive(Default)]
pub(super) struct Pending {
    waiting: Mutex<HashMap<String, Held>>,
}

struct Held {
    token: String,
    since: i64,
    is_answered: bool,
}

/// A place for a reply.
pub(super) struct Waiting {
    pub token: String,
    pub is_first: bool,
}

impl Pending {
    pub(super) fn put(&self, interaction: &Value, now_secs: i64) {
        let (Some(id), Some(token)) = (interaction.id(&["id"]), interaction.raw(&["token"])) else { return };
        let is_token = token.len() <= 500 && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~=".contains(&byte));
        if !is_token {
            return;
        }
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, held| now_secs - held.since < GOOD_FOR);
        if waiting.len() < MOST {
            waiting.insert(id, Held { token: token.to_owned(), since: now_secs, is_answered: false });
        }
    }

    pub(super) fn take(&self, interaction: &str) -> Option<Waiting> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let held = waiting.get_mut(interaction)?;
        let is_first = !std::mem::replace(&mut held.is_answered, true);
        Some(Waiting { token: held.token.clone(), is_first })
    }
}

/// What Discord is told at once; the second: a reply is awaited in the interaction's place.
pub(super) fn first_answer(interaction: &Value) -> (Value, bool) {
    match interaction.integer(&["type"]) {
        Some(1) => (json!({"type": 1}), false),
        Some(3) => (json!({"type": 6}), false),
        Some(4) => (json!({"type": 8, "data": {"choices": []}}), false),
        // In a server only the person who asked sees the answer.
        _ if interaction.at(&["guild_id"]).is_some() => (json!({"type": 5, "data": {"flags": EPHEMERAL}}), true),
        _ => (json!({"type": 5}), true),
    }
}

/// Verifies over the raw bytes, then reads.
pub(super) fn receive(request: &HookRequest<'_>, public_key: &[u8], pending: &Pending, now_secs: i64) -> Result<Received, Refusal> {
    if request.method != "POST" {
        return Err(Refusal::NotHere);
    }
    if request.body.len() > json::LARGEST {
        return Err(Refusal::TooLarge);
    }
    let signature = signing::from_hex(signing::single_header(request, "x-signature-ed25519")?).ok_or(Refusal::Signature)?;
    let signed = [signing::single_header(request, "x-signature-timestamp")?.as_bytes(), request.body].concat();
    UnparsedPublicKey::new(&ED25519, public_key).verify(&signed, &signature).map_err(|_| Refusal::Signature)?;
    let events = receive::decode(request)?;
    let interaction = json::strict(request.body).map_err(|error| Refusal::Unreadable(error.to_string()))?;
    let (told, is_awaited) = first_answer(&interaction);
    let answer = HookAnswer { status: 200, content_type: "application/json", body: told.to_string() };
    if matches!(interaction.integer(&["type"]), Some(1 | 4)) {
        return Ok(Received::Handshake(answer));
    }
    if is_awaited {
        pending.put(&interaction, now_secs);
    }
    Ok(Received::Events { events, answer })
}
