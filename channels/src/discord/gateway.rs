//! The gateway: one connection over which Discord tells what people write. Heartbeats, resuming, reconnecting and the
//! limits of sending are the library's; ours is that an event is durable before the place moves past it.
//!
//! <https://discord.com/developers/docs/events/gateway>

use std::sync::PoisonError;

use domain::ports::{HungUp, Inlet};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use twilight_gateway::{ConfigBuilder, Intents, Message, Session, Shard, ShardId};

use super::{Discord, interactions, receive};
use crate::call;
use crate::json::{self, Field};

/// Where a session goes on after a restart: Discord sends again what came after `sequence`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    session: String,
    sequence: u64,
    url: Option<String>,
}

fn intents() -> Intents {
    Intents::GUILD_MESSAGES
        | Intents::DIRECT_MESSAGES
        | Intents::MESSAGE_CONTENT
        | Intents::GUILD_MESSAGE_REACTIONS
        | Intents::DIRECT_MESSAGE_REACTIONS
}

/// Listens until Discord refuses us or an event cannot be kept.
pub(super) async fn listen(door: &Discord, inlet: &dyn Inlet) -> HungUp {
    let Ok(kept) = inlet.kept().await else { return HungUp::Lost("messages cannot be taken right now".to_owned()) };
    let mut config = ConfigBuilder::new(door.token.expose().clone(), intents()).proxy_url(door.gateway_url.clone());
    if let Some(place) = kept.and_then(|text| serde_json::from_str::<Place>(&text).ok()) {
        config = config.session(Session::new(place.sequence, place.session));
        if let Some(url) = place.url.filter(|url| is_socket(url)) {
            config = config.resume_url(url);
        }
    }
    let mut shard = Shard::with_config(ShardId::ONE, config.build());
    while let Some(next) = shard.next().await {
        match next {
            Ok(Message::Text(text)) => {
                inlet.heard();
                let place = shard.session().map(|session| Place {
                    session: session.id().to_owned(),
                    sequence: session.sequence(),
                    url: shard.resume_url().map(str::to_owned),
                });
                if let Err(hung_up) = taken(door, inlet, place, &text).await {
                    return hung_up;
                }
            }
            Ok(Message::Close(frame)) => {
                let code = frame.map(|frame| frame.code);
                if let Some(why) = code.and_then(fatal) {
                    return HungUp::Refused(why.to_owned());
                }
                tracing::info!(?code, "Discord closed the connection, it is opened again");
            }
            Err(error) => tracing::warn!(kind = ?error.kind(), "the connection to Discord failed, it is opened again"),
        }
    }
    HungUp::Lost("the connection to Discord ended".to_owned())
}

/// One payload. Its event is accepted before the place behind it is kept.
async fn taken(door: &Discord, inlet: &dyn Inlet, place: Option<Place>, text: &str) -> Result<(), HungUp> {
    let not_now = |_| HungUp::Lost("messages cannot be taken right now".to_owned());
    let readable = json::bounded(text.as_bytes(), json::LARGEST * 4).ok().and_then(|()| json::strict(text.as_bytes()).ok());
    let Some(payload) = readable else {
        return inlet.put_aside(text.as_bytes(), "a payload of the gateway cannot be read").await.map_err(not_now);
    };
    if payload.raw(&["t"]) == Some("READY") {
        *door.own_user.lock().unwrap_or_else(PoisonError::into_inner) = payload.id(&["d", "user", "id"]);
    }
    if payload.integer(&["op"]) != Some(0) {
        return Ok(());
    }
    let events = door.ours(receive::dispatch(&payload));
    if !events.is_empty() {
        inlet.accept(events).await.map_err(not_now)?;
    }
    if payload.raw(&["t"]) == Some("INTERACTION_CREATE")
        && let Some(interaction) = payload.at(&["d"])
    {
        answer(door, inlet, interaction).await;
    }
    if let Some(place) = place {
        let text = serde_json::to_string(&place).unwrap_or_default();
        inlet.keep(&text).await.map_err(not_now)?;
    }
    Ok(())
}

/// Interactions come here when no address for them is set: then the first answer is a call of its own.
async fn answer(door: &Discord, inlet: &dyn Inlet, interaction: &Value) {
    let (Some(id), Some(token)) = (interaction.id(&["id"]), interaction.raw(&["token"])) else { return };
    let (told, is_awaited) = interactions::first_answer(interaction);
    if is_awaited {
        door.pending.put(interaction, inlet.real_seconds());
    }
    let path = format!("/interactions/{id}/{token}/callback");
    if let Err(error) = call::once(door.call(reqwest::Method::POST, &path).json(&told), call::BEST_EFFORT).await {
        tracing::warn!(%error, "Discord did not hear that its command was taken");
    }
}

fn is_socket(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| url.scheme() == "wss" || url.scheme() == "ws" && crate::settings::is_loopback(&url))
}

/// Codes after which connecting again changes nothing.
/// <https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes>
fn fatal(code: u16) -> Option<&'static str> {
    Some(match code {
        4004 => "Discord does not know this bot: renew bot_token in the developer portal, page Bot",
        4010 | 4011 => "the bot is in too many servers for one connection: ask us for sharding",
        4012 => "Discord no longer speaks this version of the gateway: update Rapport",
        4013 => "Discord does not know what we asked to be told: update Rapport",
        4014 => "the bot may not read messages: switch on Message Content Intent in the developer portal, page Bot",
        _ => return None,
    })
}
