//! Messenger and Instagram direct messages: one API of Meta, two kinds of people.
//!
//! Meta signs every POST with the app's secret and sends what the page itself wrote back as echoes. A person is an id
//! that only this page or account knows. Free text goes out within a day of their last message; a teammate's own reply
//! within seven. <https://developers.facebook.com/docs/messenger-platform>

mod attachment;
mod client;
pub(crate) mod lease;
mod receive;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::Secret;
use domain::channel::{Buttons, Capabilities, ChannelKind, Files, Markup, Support, Text, Unit};
use domain::event::{Ignored, InboundEvent, Media};
use domain::message::Delivery;
use domain::ports::{Channel, FetchError, Fetched, HookAnswer, HookRequest, Received, Refusal, SendError, Sent, Standing};
use domain::settings::ConnectionSettings;
use serde_json::Value;
use url::Url;

use crate::fetch::{self, Vendor};
use crate::hub::{self, Hub};
use crate::json::Field;
use crate::meta::client::Pictures;
use crate::meta::lease::Lease;
use crate::pace::{Limits, Pace, Rate, Slower};
use crate::settings::Setup;
use crate::{Door, OpenError, call};

/// The line of Messenger in the list of doors.
pub(crate) const MESSENGER: Door =
    Door { kind: ChannelKind::Messenger, capabilities: &ON_MESSENGER, open: open_messenger, decode: receive::messenger };

/// The line of Instagram in the list of doors.
pub(crate) const INSTAGRAM: Door =
    Door { kind: ChannelKind::Instagram, capabilities: &ON_INSTAGRAM, open: open_instagram, decode: receive::instagram };

const QUICK_REPLIES: Buttons = Buttons {
    support: Support::Native,
    most: client::MOST_REPLIES,
    title: client::LONGEST_TITLE,
    payload: client::LONGEST_PAYLOAD,
    below: usize::MAX,
};

const MESSENGERS: Capabilities = Capabilities {
    text: Text { longest: 2_000, counted_in: Unit::Characters },
    buttons: QUICK_REPLIES,
    markup: Markup::Plain,
    // A file is a message of its own, which Meta fetches by its link.
    files: Files { support: Support::Native, at_once: 1, caption: 0 },
    typing: Support::Native,
    receipts: Support::Native,
    service_window_hours: Some(24),
    people_window_hours: Some(7 * 24),
    writes_first: false,
    ..Capabilities::plain_text()
};

static ON_MESSENGER: Capabilities = Capabilities { cards: Support::Native, ..MESSENGERS };

/// Instagram counts bytes, and tells what was read but not what was delivered. Its echoes carry no id of ours: cards, which are a
/// message without words, could not be told from what a person wrote in its own app.
static ON_INSTAGRAM: Capabilities = Capabilities { text: Text { longest: 1_000, counted_in: Unit::Bytes }, ..MESSENGERS };

const FACEBOOK_BASE: &str = "https://graph.facebook.com/v23.0";
const INSTAGRAM_BASE: &str = "https://graph.instagram.com/v23.0";

/// Three hundred texts a second of one page or account.
/// <https://developers.facebook.com/docs/graph-api/overview/rate-limiting>
const LIMITS: Limits = Limits { each: None, group: None, all: Some(Rate { every: Duration::from_millis(4), burst: 100 }) };
/// Asked to slow down without being told for how long, everybody waits for so long.
const SLOWER: Duration = Duration::from_secs(5);

/// The longest reference that a link may carry.
const LONGEST_REFERENCE: usize = 250;

struct Page {
    kind: ChannelKind,
    http: reqwest::Client,
    base: String,
    messages_url: String,
    account: String,
    access_token: Secret<String>,
    hub: Hub,
    username: Option<String>,
    pace: Pace,
    lease: Lease,
    /// Can Meta fetch files from here?
    is_reachable: bool,
    deadline: Duration,
}

fn open_messenger(settings: &ConnectionSettings, http: &reqwest::Client) -> Result<Arc<dyn Channel>, OpenError> {
    open(ChannelKind::Messenger, FACEBOOK_BASE, settings, http)
}

fn open_instagram(settings: &ConnectionSettings, http: &reqwest::Client) -> Result<Arc<dyn Channel>, OpenError> {
    open(ChannelKind::Instagram, INSTAGRAM_BASE, settings, http)
}

fn open(
    kind: ChannelKind,
    default_base: &str,
    settings: &ConnectionSettings,
    http: &reqwest::Client,
) -> Result<Arc<dyn Channel>, OpenError> {
    let setup = Setup::new(settings);
    let base = setup.api_base(default_base)?;
    let page_id = setup.required("page_id")?;
    if !page_id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(setup.unusable("page_id", "is no id of a page or account: it has digits only"));
    }
    let username = setup.optional("username");
    if username.as_deref().is_some_and(|name| !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_'))) {
        return Err(setup.unusable("username", "is no user name: write it without @ and without an address"));
    }
    let (access_token, app_secrets) = (setup.current_secret("access_token")?, setup.secrets("app_secret")?);
    Ok(Arc::new(Page {
        kind,
        http: http.clone(),
        messages_url: format!("{base}/{page_id}/messages"),
        pace: Pace::new(&setup, &base, LIMITS),
        lease: Lease::new(&setup, &base, &access_token, app_secrets.first()),
        base,
        account: page_id,
        access_token,
        hub: Hub { app_secrets, verify_tokens: setup.secrets("verify_token")? },
        username,
        is_reachable: settings.public_url.starts_with("https://"),
        deadline: setup.deadline(),
    }))
}

impl Page {
    fn decoded(&self, request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal> {
        if self.kind == ChannelKind::Instagram { receive::instagram(request) } else { receive::messenger(request) }
    }

    /// One app may serve several pages and one webhook: what came to another page is not answered from this one.
    fn only_ours(&self, event: InboundEvent) -> InboundEvent {
        match event.connection() {
            Some(other) if other != self.account => InboundEvent::Ignored(Ignored {
                reason: "meant for another page of the same app".to_owned(),
                sender: None,
                connection: Some(other.to_owned()),
            }),
            _ => event,
        }
    }

    /// The answer has been said: what becomes of its cards changes nothing about that.
    async fn show_cards(&self, delivery: &Delivery) {
        for pictures in [Pictures::Shown, Pictures::Left] {
            let Some(cards) = client::cards(delivery, pictures) else { return };
            if self.pace.pass(&delivery.address).await.is_err() {
                return;
            }
            match self.post(&cards, self.deadline).await.and_then(|answer| client::outcome(&answer)) {
                Err(SendError::Refused { code, .. }) => {
                    tracing::warn!(delivery = %delivery.id, code, ?pictures, "Meta did not take the cards")
                }
                Ok(_) => return,
                Err(error) => return tracing::warn!(delivery = %delivery.id, %error, "nothing says what became of the cards"),
            }
        }
    }

    async fn post(&self, body: &Value, deadline: Duration) -> Result<call::Answer, SendError> {
        call::once(self.http.post(&self.messages_url).bearer_auth(self.access_token.expose()).json(body), deadline).await
    }
}

#[async_trait]
impl Channel for Page {
    fn kind(&self) -> ChannelKind {
        self.kind
    }

    fn capabilities(&self) -> &Capabilities {
        if self.kind == ChannelKind::Instagram { &ON_INSTAGRAM } else { &ON_MESSENGER }
    }

    fn receive(&self, request: &HookRequest<'_>, _now_secs: i64) -> Result<Received, Refusal> {
        match request.method {
            "GET" => return Ok(Received::Handshake(self.hub.handshake(request.query))),
            "POST" => {}
            _ => return Err(Refusal::NotHere),
        }
        if request.body.len() > hub::LARGEST {
            return Err(Refusal::TooLarge);
        }
        self.hub.verify(request)?;
        let events = self.decoded(request)?.into_iter().map(|event| self.only_ours(event)).collect();
        Ok(Received::Events { events, answer: HookAnswer::ok() })
    }

    fn decode(&self, request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal> {
        self.decoded(request)
    }

    async fn deliver(&self, delivery: &Delivery) -> Result<Sent, SendError> {
        let has_metadata = self.kind == ChannelKind::Messenger;
        let body = match client::with_file(delivery, has_metadata) {
            Some(body) => body,
            None if delivery.rendered.text.trim().is_empty() => {
                return Err(call::refused("empty", "Meta takes no message without text"));
            }
            None => client::message(delivery, has_metadata),
        };
        self.pace.pass(&delivery.address).await?;
        let outcome = client::outcome(&self.post(&body, self.deadline).await?);
        if let Err(SendError::RateLimited(after)) = &outcome {
            self.pace.hold(Slower::All, &delivery.address, after.unwrap_or(SLOWER));
        }
        if outcome.is_ok() {
            self.show_cards(delivery).await;
        }
        outcome
    }

    fn takes(&self, media_type: &str, bytes: usize) -> bool {
        self.is_reachable && bytes <= client::largest(self.kind, media_type)
    }

    async fn fetch(&self, media: &Media, largest: usize) -> Result<Fetched, FetchError> {
        let address = media.url.as_deref().ok_or_else(|| FetchError::Never("the vendor did not say where it is".to_owned()))?;
        let vendor = Vendor { http: &self.http, base: &self.base, domains: &[], proof: fetch::Proof::None };
        fetch::get(&vendor, address, largest).await
    }

    async fn standing(&self) -> Result<Option<Standing>, SendError> {
        let asked = self.http.get(format!("{}/{}?fields=name", self.base, self.account)).bearer_auth(self.access_token.expose());
        let Ok(answer) = call::once(asked, self.deadline).await else { return Ok(None) };
        if !answer.is_success() {
            return call::only_ours(client::outcome(&answer), |code| self.is_the_owners(code));
        }
        let ends_at = self.lease.ends_at(&self.http, self.deadline).await;
        Ok(Some(Standing { name: answer.body.written(&["name"]), ends_at, ..Standing::default() }))
    }

    fn is_the_owners(&self, code: &str) -> bool {
        code == "401" || code.parse().is_ok_and(|code: i64| matches!(code, 0 | 3 | 190 | 200..=299 | 368))
    }

    async fn typing(&self, address: &str, _message: Option<&str>) {
        for action in ["mark_seen", "typing_on"] {
            match self.post(&client::action(address, action), call::BEST_EFFORT).await {
                Ok(answer) if answer.is_success() => {}
                Ok(answer) => tracing::debug!(status = answer.status, action, "Meta did not show what we are doing"),
                Err(error) => tracing::debug!(%error, action, "Meta did not show what we are doing"),
            }
        }
    }

    fn continue_link(&self, code: &str) -> Option<String> {
        let possible = code.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'=' | b'.'));
        if !possible || code.len() > LONGEST_REFERENCE {
            return None;
        }
        let (base, name) = match (self.kind, &self.username) {
            (ChannelKind::Instagram, name) => ("https://ig.me/m/", name.as_deref()?),
            // A page without a name of its own is reached by its id.
            (_, name) => ("https://m.me/", name.as_deref().unwrap_or(&self.account)),
        };
        let mut link = Url::parse(base).ok()?.join(name).ok()?;
        link.query_pairs_mut().append_pair("ref", code);
        Some(link.into())
    }
}
