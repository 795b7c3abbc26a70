//! Discord bots: what people write comes through the gateway, what they tap and command as interactions, by HTTP or by
//! the gateway. Replies are posted into the channel, or put in the place of a command's "thinking…".
//!
//! <https://discord.com/developers/docs/interactions/receiving-and-responding>

mod client;
mod gateway;
mod interactions;
mod receive;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use domain::Secret;
use domain::channel::{Buttons, Capabilities, ChannelKind, Files, Markup, Support, Text, Unit};
use domain::event::{InboundEvent, Media};
use domain::message::Delivery;
use domain::ports::{Channel, FetchError, Fetched, HookRequest, HungUp, Inlet, Received, Refusal, SendError, Sent, Standing};
use domain::settings::ConnectionSettings;
use serde_json::{Value, json};

use self::interactions::Pending;
use crate::fetch::{self, Vendor};
use crate::json::Field;
use crate::pace::{Limits, Pace, Rate, Slower};
use crate::settings::Setup;
use crate::{Door, OpenError, call, signing};

/// The line in the list of doors.
pub(crate) const DOOR: Door = Door { kind: ChannelKind::Discord, capabilities: &CAPABILITIES, open, decode: receive::decode };

/// 2,000 is a bot's limit; the 4,000 of the published specification are for paying people.
static CAPABILITIES: Capabilities = Capabilities {
    text: Text { longest: 2_000, counted_in: Unit::Utf16 },
    buttons: Buttons { support: Support::Native, most: 25, title: 80, payload: 100, below: usize::MAX },
    cards: Support::Native,
    markup: Markup::Markdown,
    typing: Support::Native,
    files: Files { support: Support::Native, at_once: 10, caption: usize::MAX },
    ..Capabilities::plain_text()
};

const DEFAULT_BASE: &str = "https://discord.com/api/v10";
const DEFAULT_GATEWAY: &str = "wss://gateway.discord.gg";

/// Fifty calls a second of one bot; what a channel takes stands in the answers.
/// <https://discord.com/developers/docs/topics/rate-limits>
const LIMITS: Limits = Limits { each: None, group: None, all: Some(Rate { every: Duration::from_millis(22), burst: 40 }) };

struct Discord {
    http: reqwest::Client,
    base: String,
    gateway_url: String,
    /// Sent as `Bot …`.
    token: Secret<String>,
    application: String,
    public_key: Vec<u8>,
    /// Channels of servers in which it answers; empty: all that it can see.
    channels: Vec<String>,
    /// The bot's own user, as the gateway names it.
    own_user: Mutex<Option<String>>,
    pending: Pending,
    refusals: client::Refusals,
    pace: Pace,
    deadline: Duration,
}

fn open(settings: &ConnectionSettings, http: &reqwest::Client) -> Result<Arc<dyn Channel>, OpenError> {
    let setup = Setup::new(settings);
    let base = setup.api_base(DEFAULT_BASE)?;
    let gateway_url = setup.optional("gateway_url").unwrap_or_else(|| DEFAULT_GATEWAY.to_owned());
    setup.checked_socket("gateway_url", &gateway_url)?;
    let token = setup.current_secret("bot_token")?;
    let bare = token.expose().trim_start_matches("Bot ").to_owned();
    if !bare.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(setup.unusable("bot_token", "is no bot token: copy it from the developer portal, page Bot"));
    }
    let application = setup.required("application_id")?;
    if !application.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(setup.unusable("application_id", "is no application id: digits only"));
    }
    let public_key = signing::from_hex(&setup.required("public_key")?).filter(|key| key.len() == 32);
    let Some(public_key) = public_key else {
        return Err(setup.unusable("public_key", "is no key: 64 hexadecimal digits, from the developer portal, page General Information"));
    };
    let channels = settings.values.get("channels").and_then(Value::as_array).into_iter().flatten();
    Ok(Arc::new(Discord {
        pace: Pace::new(&setup, &base, LIMITS),
        http: http.clone(),
        base,
        gateway_url: gateway_url.trim_end_matches('/').to_owned(),
        token: Secret::new(format!("Bot {bare}")),
        application,
        public_key,
        channels: channels.filter_map(Value::as_str).map(str::to_owned).collect(),
        own_user: Mutex::default(),
        pending: Pending::default(),
        refusals: client::Refusals::default(),
        deadline: setup.deadline(),
    }))
}

impl Discord {
    fn call(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.base))
            .header("authorization", self.token.expose())
            .header("user-agent", concat!("DiscordBot (https://github.com/rapport-chat/rapport, ", env!("CARGO_PKG_VERSION"), ")"))
    }

    /// What is for us, as the engine takes it.
    ///
    /// In a server everybody sees every message: what is said to others is left alone, our own mention is no word of
    /// the question, and the address names the person too, so that one who says stop silences nobody else.
    fn ours(&self, events: Vec<InboundEvent>) -> Vec<InboundEvent> {
        let own = self.own_user.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let is_own = |id: &str| id == self.application || Some(id) == own.as_deref();
        events
            .into_iter()
            .filter_map(|mut event| {
                let (InboundEvent::Message(message) | InboundEvent::Postback(message)) = &mut event else { return Some(event) };
                if message.connection.is_none() {
                    message.connection = Some(self.application.clone());
                }
                if message.more.get("guild").is_none() {
                    return Some(event);
                }
                let channel = message.chat.clone().unwrap_or_default();
                let is_asked = message.more.contains_key("command") || message.payload.is_some();
                if !is_asked {
                    if !self.channels.is_empty() && !self.channels.contains(&channel) {
                        return None;
                    }
                    let text = message.text.take().unwrap_or_default();
                    let mut named = mentions(&text);
                    named.extend(message.more.get("answers").and_then(Value::as_str));
                    if !named.is_empty() && !named.iter().any(|id| is_own(id)) {
                        return None;
                    }
                    message.text = crate::text::written(&without_mentions(&text, &is_own));
                    // Without the intent for content there is nothing to answer.
                    if message.text.is_none() && message.media.is_empty() {
                        return None;
                    }
                }
                message.chat = Some(format!("{channel}:{}", message.sender));
                Some(event)
            })
            .collect()
    }
}

/// Users named in a text: `<@1>` and `<@!1>`.
fn mentions(text: &str) -> Vec<&str> {
    text.split("<@")
        .skip(1)
        .filter_map(|rest| rest.split_once('>'))
        .map(|(id, _)| id.trim_start_matches('!'))
        .filter(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()))
        .collect()
}

fn without_mentions(text: &str, is_own: &dyn Fn(&str) -> bool) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<@") {
        out.push_str(before);
        match after.split_once('>') {
            Some((id, behind)) if is_own(id.trim_start_matches('!')) => rest = behind,
            _ => {
                out.push_str("<@");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The channel of an address, which in servers names the person too.
fn channel_of(address: &str) -> &str {
    address.split(':').next().unwrap_or(address)
}

fn is_in_a_server(address: &str) -> bool {
    address.contains(':')
}

#[async_trait]
impl Channel for Discord {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Discord
    }

    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    fn receive(&self, request: &HookRequest<'_>, now_secs: i64) -> Result<Received, Refusal> {
        let received = interactions::receive(request, &self.public_key, &self.pending, now_secs)?;
        Ok(match received {
            Received::Events { events, answer } => Received::Events { events: self.ours(events), answer },
            handshake @ Received::Handshake(_) => handshake,
        })
    }

    fn decode(&self, request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal> {
        receive::decode(request)
    }

    async fn deliver(&self, delivery: &Delivery) -> Result<Sent, SendError> {
        if delivery.rendered.text.trim().is_empty() && delivery.files.is_empty() {
            return Err(call::refused("empty", "Discord takes no message without text"));
        }
        self.refusals.check()?;
        let place = channel_of(&delivery.address);
        self.pace.pass(place).await?;
        let waiting = delivery.thread.as_ref().and_then(|thread| thread.message.as_deref()).and_then(|id| self.pending.take(id));
        let body = match &waiting {
            Some(interactions::Waiting { is_first: true, .. }) => client::message(delivery, false),
            Some(interactions::Waiting { is_first: false, .. }) => client::follow_up(delivery, is_in_a_server(&delivery.address)),
            None => client::message(delivery, true),
        };
        let request = match waiting {
            // The place of "thinking…" is filled first; what follows it is a message of its own.
            Some(interactions::Waiting { token, is_first: true }) => {
                self.http.patch(format!("{}/webhooks/{}/{token}/messages/@original", self.base, self.application))
            }
            Some(interactions::Waiting { token, is_first: false }) => {
                self.http.post(format!("{}/webhooks/{}/{token}", self.base, self.application))
            }
            // A command in a server was answered for one person only: everybody must not read the rest.
            None if is_in_a_server(&delivery.address) && delivery.thread.as_ref().is_some_and(|thread| !thread.is_public) => {
                return Err(call::refused("expired", "the time to answer this command is over"));
            }
            None => {
                let path = format!("/channels/{place}/messages");
                self.call(reqwest::Method::POST, &path)
            }
        };
        let answer = call::once(client::with_files(request, delivery, &body), self.deadline).await?;
        self.refusals.count(answer.status);
        if let Some(after) = answer.full_for {
            self.pace.hold(Slower::Each, place, after);
        }
        let outcome = client::outcome(&answer);
        if let Err(SendError::RateLimited(Some(after))) = &outcome {
            let whom = if answer.body.is_true(&["global"]) { Slower::All } else { Slower::Each };
            self.pace.hold(whom, place, *after);
        }
        outcome
    }

    /// Any kind, up to 10 MiB for everybody. <https://discord.com/developers/docs/reference#uploading-files>
    fn takes(&self, _media_type: &str, bytes: usize) -> bool {
        bytes <= 10 * 1024 * 1024
    }

    async fn fetch(&self, media: &Media, largest: usize) -> Result<Fetched, FetchError> {
        let address = media.url.as_deref().ok_or_else(|| FetchError::Never("the vendor did not say where it is".to_owned()))?;
        let vendor = Vendor { http: &self.http, base: &self.base, domains: &[], proof: fetch::Proof::None };
        fetch::get(&vendor, address, largest).await
    }

    async fn standing(&self) -> Result<Option<Standing>, SendError> {
        let Ok(me) = call::once(self.call(reqwest::Method::GET, "/users/@me"), self.deadline).await else { return Ok(None) };
        if !me.is_success() {
            return call::only_ours(client::outcome(&me), |code| self.is_the_owners(code));
        }
        Ok(Some(Standing { name: me.body.written(&["username"]), ..Standing::default() }))
    }

    fn is_the_owners(&self, code: &str) -> bool {
        code == "401"
    }

    async fn typing(&self, address: &str, _message: Option<&str>) {
        let path = format!("/channels/{}/typing", channel_of(address));
        match call::once(self.call(reqwest::Method::POST, &path).body(""), call::BEST_EFFORT).await {
            Ok(answer) if answer.is_success() => {}
            Ok(answer) => tracing::debug!(status = answer.status, "Discord did not take a courtesy call"),
            Err(error) => tracing::debug!(%error, "Discord did not take a courtesy call"),
        }
    }

    /// The bot's profile, from which it is written to; the code is typed there, with `/link`.
    fn continue_link(&self, _code: &str) -> Option<String> {
        Some(format!("https://discord.com/users/{}", self.application))
    }

    fn listens(&self) -> bool {
        true
    }

    async fn listen(&self, inlet: &dyn Inlet) -> HungUp {
        self.make_commands().await;
        gateway::listen(self, inlet).await
    }
}

impl Discord {
    /// The command that takes a link code. Made anew it is the same one.
    async fn make_commands(&self) {
        let command = json!({
            "name": "link", "type": 1, "description": "Continue a conversation that you began elsewhere",
            "options": [{"type": 3, "name": "code", "description": "The code that you were shown", "required": true, "max_length": 20}],
        });
        let path = format!("/applications/{}/commands", self.application);
        match call::once(self.call(reqwest::Method::POST, &path).json(&command), call::BEST_EFFORT).await {
            Ok(answer) if answer.is_success() => {}
            Ok(answer) => tracing::warn!(
                status = answer.status,
                "Discord did not take the command /link: people cannot link their conversations there"
            ),
            Err(error) => tracing::warn!(%error, "Discord did not take the command /link: people cannot link their conversations there"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_mention_is_no_word_of_the_question() {
        let is_own = |id: &str| id == "1";
        let check = |text: &str, expected: &str| assert_eq!(without_mentions(text, &is_own), expected, "{text}");
        check("<@1> does it look like this?", "does it look like this?");
        check("hey <@!1> and <@2>", "hey and <@2>");
        check("<@1", "<@1");
        check("a <@&1> b", "a <@&1> b");
        assert_eq!(mentions("<@1> <@!2> <@&3> <@x> <@"), ["1", "2"]);
    }
}
