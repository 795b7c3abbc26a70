//! Telegram bots.
//!
//! The webhook is not signed: a secret token in a header is all there is. A bot cannot write first and gets no
//! receipts; a taken message counts as sent. <https://core.telegram.org/bots/api>

mod client;
mod html;
mod receive;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::Secret;
use domain::channel::{Buttons, Capabilities, ChannelKind, Files, Markup, Support, Text, Unit};
use domain::event::{InboundEvent, Media};
use domain::message::Delivery;
use domain::ports::{Channel, FetchError, Fetched, HookAnswer, HookRequest, Received, Refusal, SendError, Sent, Standing};
use domain::settings::ConnectionSettings;
use serde_json::{Value, json};

use crate::fetch::{self, Vendor};
use crate::json::Field;
use crate::pace::{Limits, Pace, Rate, Slower};
use crate::settings::Setup;
use crate::{Door, OpenError, call, json, signing};

/// The line in the list of doors.
pub(crate) const DOOR: Door = Door { kind: ChannelKind::Telegram, capabilities: &CAPABILITIES, open, decode: receive::decode };

static CAPABILITIES: Capabilities = Capabilities {
    text: Text { longest: 4_096, counted_in: Unit::Utf16 },
    buttons: Buttons { support: Support::Native, most: 20, title: 40, payload: 64, below: usize::MAX },
    markup: Markup::TelegramHtml,
    contact_request: Support::Native,
    files: Files { support: Support::Native, at_once: 1, caption: 1_024 },
    typing: Support::Native,
    writes_first: false,
    ..Capabilities::plain_text()
};

const DEFAULT_BASE: &str = "https://api.telegram.org";

/// One message a second to a chat, with short bursts, twenty a minute to a group, and thirty a second to all.
/// <https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this>
const LIMITS: Limits = Limits {
    each: Some(Rate { every: Duration::from_secs(1), burst: 8 }),
    group: Some(Rate { every: Duration::from_secs(4), burst: 5 }),
    all: Some(Rate { every: Duration::from_millis(34), burst: 25 }),
};

struct Telegram {
    http: reqwest::Client,
    base: String,
    /// Ends in the token.
    bot_url: Secret<String>,
    /// The same.
    files_url: Secret<String>,
    secret_tokens: Vec<Secret<String>>,
    bot_username: Option<String>,
    link_template: Option<String>,
    hook_url: String,
    contact_button: Option<String>,
    pace: Pace,
    deadline: Duration,
}

fn open(settings: &ConnectionSettings, http: &reqwest::Client) -> Result<Arc<dyn Channel>, OpenError> {
    let setup = Setup::new(settings);
    let base = setup.api_base(DEFAULT_BASE)?;
    let token = setup.current_secret("bot_token")?;
    let stands_in_a_path = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '-');
    if !token.expose().chars().all(stands_in_a_path) {
        return Err(setup.unusable("bot_token", "is no bot token: it looks like 123456:ABC-DEF"));
    }
    let secret_tokens = setup.secrets("secret_token")?;
    let possible = |secret: &Secret<String>| {
        let secret = secret.expose();
        secret.len() <= 256 && secret.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
    };
    if !secret_tokens.iter().all(possible) {
        return Err(setup.unusable("secret_token", "must be 1 to 256 letters, digits, _ or -"));
    }
    Ok(Arc::new(Telegram {
        http: http.clone(),
        bot_url: Secret::new(format!("{base}/bot{}", token.expose())),
        files_url: Secret::new(format!("{base}/file/bot{}", token.expose())),
        pace: Pace::new(&setup, &base, LIMITS),
        base,
        secret_tokens,
        bot_username: setup.optional("bot_username").map(|name| name.trim_start_matches('@').to_owned()),
        link_template: setup.optional("link"),
        hook_url: format!("{}/hooks/{}", settings.public_url.trim_end_matches('/'), settings.id),
        contact_button: setup.optional("contact_button"),
        deadline: setup.deadline(),
    }))
}

impl Telegram {
    fn call(&self, method: &str, parameters: &Value) -> reqwest::RequestBuilder {
        self.http.post(format!("{}/{method}", self.bot_url.expose())).json(parameters)
    }

    async fn best_effort(&self, method: &'static str, parameters: Value) {
        match call::once(self.call(method, &parameters), call::BEST_EFFORT).await {
            Ok(answer) if answer.is_success() => {}
            Ok(answer) => tracing::debug!(method, status = answer.status, "Telegram did not take a courtesy call"),
            Err(error) => tracing::debug!(method, %error, "Telegram did not take a courtesy call"),
        }
    }
}

#[async_trait]
impl Channel for Telegram {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Telegram
    }

    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    fn receive(&self, request: &HookRequest<'_>, _now_secs: i64) -> Result<Received, Refusal> {
        if request.method != "POST" {
            return Err(Refusal::NotHere);
        }
        if request.body.len() > json::LARGEST {
            return Err(Refusal::TooLarge);
        }
        let given = signing::single_header(request, "x-telegram-bot-api-secret-token")?;
        if !signing::is_one_of(given, &self.secret_tokens) {
            return Err(Refusal::Signature);
        }
        Ok(Received::Events { events: receive::decode(request)?, answer: HookAnswer::ok() })
    }

    fn decode(&self, request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal> {
        receive::decode(request)
    }

    async fn deliver(&self, delivery: &Delivery) -> Result<Sent, SendError> {
        let request = match delivery.files.first() {
            Some(file) => {
                let (method, form) = client::with_file(delivery, file);
                form.send_with(self.http.post(format!("{}/{method}", self.bot_url.expose())))
            }
            None if delivery.rendered.text.trim().is_empty() => {
                return Err(call::refused("empty", "Telegram takes no message without text"));
            }
            None => self.call("sendMessage", &client::message(delivery, self.contact_button.as_deref())),
        };
        self.pace.pass_for(client::readers(&delivery.address), &delivery.address).await?;
        let outcome = client::outcome_at(&call::once(request, self.deadline).await?, &delivery.address);
        if let Err(SendError::RateLimited(Some(after))) = &outcome {
            self.pace.hold(Slower::Each, &delivery.address, *after);
        }
        outcome
    }

    /// Any kind, up to 50 MB. <https://core.telegram.org/bots/api#senddocument>
    fn takes(&self, _media_type: &str, bytes: usize) -> bool {
        bytes <= 50_000_000
    }

    /// Telegram names the place of a file for an hour, and of none over 20 MB.
    async fn fetch(&self, media: &Media, largest: usize) -> Result<Fetched, FetchError> {
        let id = media.provider_id.as_deref().ok_or_else(|| FetchError::Never("Telegram did not name it".to_owned()))?;
        let asked = self.call("getFile", &json!({"file_id": id}));
        let answer = call::once(asked, self.deadline).await.map_err(|error| FetchError::NotNow(error.to_string()))?;
        let path = answer.body.raw(&["result", "file_path"]).filter(|_| answer.is_success());
        let is_plain = |path: &&str| !path.split('/').any(|part| part == "..") && !path.contains(['?', '#', '\\']);
        let Some(path) = path.filter(is_plain) else {
            return Err(match answer.status {
                429 | 500..=599 => FetchError::NotNow(format!("Telegram answered {}", answer.status)),
                status => FetchError::Never(format!("Telegram does not hand it out ({status}): it may be over 20 MB")),
            });
        };
        let vendor = Vendor { http: &self.http, base: &self.base, domains: &[], proof: fetch::Proof::None };
        fetch::get(&vendor, &format!("{}/{path}", self.files_url.expose()), largest).await
    }

    /// Who the bot is, and whether Telegram calls this server.
    async fn standing(&self) -> Result<Option<Standing>, SendError> {
        let Ok(me) = call::once(self.call("getMe", &json!({})), self.deadline).await else { return Ok(None) };
        if !me.is_success() {
            return call::only_ours(client::outcome(&me), |code| self.is_the_owners(code));
        }
        let mut to_do = Vec::new();
        if let Ok(hook) = call::once(self.call("getWebhookInfo", &json!({})), self.deadline).await
            && hook.is_success()
        {
            match hook.body.written(&["result", "url"]) {
                None => to_do.push(format!("Telegram calls nobody yet: set the webhook to {}", self.hook_url)),
                Some(url) if url != self.hook_url => to_do.push(format!("Telegram calls {url}: set the webhook to {}", self.hook_url)),
                Some(_) => to_do.extend(hook.body.written(&["result", "last_error_message"]).map(|why| format!("Telegram says: {why}"))),
            }
        }
        Ok(Some(Standing { name: me.body.written(&["result", "username"]).map(|name| format!("@{name}")), to_do, ..Standing::default() }))
    }

    fn is_the_owners(&self, code: &str) -> bool {
        matches!(code, "401" | "404")
    }

    /// `message` is the id of what is being answered. When that is a tapped button it is also acknowledged, because
    /// the button spins on the person's phone until it is.
    async fn typing(&self, address: &str, message: Option<&str>) {
        if let Some(query) = message.filter(|id| receive::is_callback_id(id)) {
            self.best_effort("answerCallbackQuery", json!({"callback_query_id": query})).await;
        }
        let mut parameters = json!({"chat_id": client::chat_id(address), "action": "typing"});
        if let Some(account) = client::business_connection(address) {
            parameters["business_connection_id"] = account.into();
        }
        self.best_effort("sendChatAction", parameters).await;
    }

    fn continue_link(&self, code: &str) -> Option<String> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if code.is_empty() || code.len() > 64 || !code.chars().all(allowed) {
            return None;
        }
        match &self.bot_username {
            Some(name) => Some(format!("https://t.me/{name}?start={code}")),
            None => self.link_template.as_ref().map(|template| template.replace("{code}", code)),
        }
    }
}
