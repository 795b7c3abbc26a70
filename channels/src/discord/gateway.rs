//! The gateway: one connection over which Discord tells what people write. Heartbeats, resuming, reconnecting and the
//! limits of sending are the library's; ours is that an event is durable before the place moves past it.
//!
//! <https://discord.com/developers/docs/events/gateway>

use std::sync::PoisonError;
use std::task::Poll;
use std::time::Duration;

use domain::ports::{HungUp, Inlet};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use twilight_gateway::error::ReceiveMessageError;
use twilight_gateway::queue::InMemoryQueue;
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

/// The places of all connections, one for each shard: each hears a part of the servers, the first one the direct messages.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Places {
    shards: Vec<Option<Place>>,
}

impl Places {
    /// What was kept, unless the number of shards is another one by now: then the sessions begin anew.
    fn kept(text: Option<&str>, shards: usize) -> Self {
        let anew = || Self { shards: vec![None; shards] };
        let Some(text) = text else { return anew() };
        let known =
            serde_json::from_str::<Self>(text).or_else(|_| serde_json::from_str(text).map(|place| Self { shards: vec![Some(place)] }));
        known.ok().filter(|known| known.shards.len() == shards).unwrap_or_else(anew)
    }
}

/// How many connections Discord wants of this bot, and how fast they may be opened.
/// <https://discord.com/developers/docs/events/gateway#get-gateway-bot>
#[derive(Debug, PartialEq, Eq)]
struct Plan {
    shards: u32,
    at_once: u16,
    remaining: u32,
    total: u32,
    reset_after: Duration,
}

/// Nobody has so many connections to keep in one process.
const MOST_SHARDS: u32 = 64;

impl Plan {
    fn read(answer: &Value) -> Self {
        let number = |path: &[&str], usual: u32| answer.integer(path).and_then(|number| u32::try_from(number).ok()).unwrap_or(usual);
        let start = "session_start_limit";
        let total = number(&[start, "total"], 1_000);
        Self {
            shards: number(&["shards"], 1).clamp(1, MOST_SHARDS),
            at_once: u16::try_from(number(&[start, "max_concurrency"], 1)).unwrap_or(1).max(1),
            remaining: number(&[start, "remaining"], total).min(total),
            total,
            reset_after: Duration::from_millis(u64::from(number(&[start, "reset_after"], 86_400_000))),
        }
    }

    /// Asks Discord; where it does not tell, one connection serves.
    async fn asked(door: &Discord) -> Result<Self, HungUp> {
        let answer = call::once(door.call(reqwest::Method::GET, "/gateway/bot"), door.deadline).await;
        match answer {
            Ok(answer) if answer.is_success() => Ok(Self::read(&answer.body)),
            Ok(answer) if answer.status == 401 => Err(HungUp::Refused(fatal(4004).unwrap_or_default().to_owned())),
            Ok(_) | Err(_) => Ok(Self::read(&Value::Null)),
        }
    }
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
    let plan = match Plan::asked(door).await {
        Ok(plan) => plan,
        Err(hung_up) => return hung_up,
    };
    let mut places = Places::kept(kept.as_deref(), plan.shards as usize);
    let mut shards = open(door, &plan, &places);
    let mut last = 0;
    loop {
        let (number, next) = next(&mut shards, last + 1).await;
        last = number;
        match next {
            Some(Ok(Message::Text(text))) => {
                inlet.heard();
                let shard = &shards[number];
                places.shards[number] = shard.session().map(|session| Place {
                    session: session.id().to_owned(),
                    sequence: session.sequence(),
                    url: shard.resume_url().map(str::to_owned),
                });
                if let Err(hung_up) = taken(door, inlet, &places, number, &text).await {
                    return hung_up;
                }
            }
            Some(Ok(Message::Close(frame))) => {
                let code = frame.map(|frame| frame.code);
                if let Some(why) = code.and_then(fatal) {
                    return HungUp::Refused(why.to_owned());
                }
                // The number of connections that Discord wants has grown: it is asked anew.
                if code.is_some_and(is_about_shards) {
                    return HungUp::Lost("Discord wants more connections".to_owned());
                }
                tracing::info!(?code, "Discord closed the connection, it is opened again");
            }
            Some(Err(error)) => tracing::warn!(kind = ?error.kind(), "the connection to Discord failed, it is opened again"),
            None => return HungUp::Lost("the connection to Discord ended".to_owned()),
        }
    }
}

fn open(door: &Discord, plan: &Plan, places: &Places) -> Vec<Shard> {
    // All connections of a bot identify through one queue, as many at once as Discord allows in five seconds.
    let queue = InMemoryQueue::new(plan.at_once, plan.remaining, plan.reset_after, plan.total);
    let config = |place: &Option<Place>| {
        let mut config =
            ConfigBuilder::new(door.token.expose().clone(), intents()).proxy_url(door.gateway_url.clone()).queue(queue.clone());
        if let Some(place) = place {
            config = config.session(Session::new(place.sequence, place.session.clone()));
            if let Some(url) = place.url.as_ref().filter(|url| is_socket(url)) {
                config = config.resume_url(url.clone());
            }
        }
        config.build()
    };
    let numbered = (0..plan.shards).zip(&places.shards);
    numbered.map(|(number, place)| Shard::with_config(ShardId::new(number, plan.shards), config(place))).collect()
}

/// What comes next on any of the connections; each has its turn to be looked at first.
async fn next(shards: &mut [Shard], first: usize) -> (usize, Option<Result<Message, ReceiveMessageError>>) {
    std::future::poll_fn(|context| {
        for step in 0..shards.len() {
            let number = (first + step) % shards.len();
            if let Poll::Ready(item) = shards[number].poll_next_unpin(context) {
                return Poll::Ready((number, item));
            }
        }
        Poll::Pending
    })
    .await
}

/// One payload. Its event is accepted before the place behind it is kept.
async fn taken(door: &Discord, inlet: &dyn Inlet, places: &Places, number: usize, text: &str) -> Result<(), HungUp> {
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
    if places.shards.get(number).is_some_and(Option::is_some) {
        let text = serde_json::to_string(places).unwrap_or_default();
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
        4012 => "Discord no longer speaks this version of the gateway: update Rapport",
        4013 => "Discord does not know what we asked to be told: update Rapport",
        4014 => "the bot may not read messages: switch on Message Content Intent in the developer portal, page Bot",
        _ => return None,
    })
}

/// The connection does not have its right part of the servers.
fn is_about_shards(code: u16) -> bool {
    matches!(code, 4010 | 4011)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn as_many_connections_are_opened_as_discord_wants() {
        let told = json!({"url": "wss://gateway.discord.gg/", "shards": 9,
            "session_start_limit": {"total": 1000, "remaining": 999, "reset_after": 14_400_000, "max_concurrency": 16}});
        let expected = Plan { shards: 9, at_once: 16, remaining: 999, total: 1_000, reset_after: Duration::from_hours(4) };
        assert_eq!(Plan::read(&told), expected);
        let usual = Plan::read(&Value::Null);
        assert_eq!((usual.shards, usual.at_once, usual.remaining, usual.total), (1, 1, 1_000, 1_000));
        let odd = json!({"shards": 0, "session_start_limit": {"total": 5, "remaining": 50, "max_concurrency": 0}});
        assert_eq!((Plan::read(&odd).shards, Plan::read(&odd).at_once, Plan::read(&odd).remaining), (1, 1, 5));
    }

    #[test]
    fn places_are_kept_for_as_many_connections_as_there_were() {
        let place = Place { session: "s".to_owned(), sequence: 7, url: None };
        let two = Places { shards: vec![Some(place.clone()), None] };
        let text = serde_json::to_string(&two).expect("text");
        assert_eq!(Places::kept(Some(&text), 2), two);
        assert_eq!(Places::kept(Some(&text), 3).shards, vec![None; 3]);
        let before = serde_json::to_string(&place).expect("text");
        assert_eq!(Places::kept(Some(&before), 1).shards, [Some(place)], "as it was kept before there were several");
        assert_eq!(Places::kept(Some("nonsense"), 1).shards, [None]);
    }
}
