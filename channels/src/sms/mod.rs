//! SMS by Twilio; RCS that falls into the same webhook is understood too.
//!
//! Twilio signs the public URL together with the sorted form and wants TwiML back. It answers STOP and HELP itself.
//! <https://www.twilio.com/docs/messaging/guides/webhook-request>

mod client;
mod receive;
mod signature;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::Secret;
use domain::channel::{Buttons, Capabilities, ChannelKind, Markup, Support, Text, Unit};
use domain::event::InboundEvent;
use domain::message::Delivery;
use domain::ports::{Channel, HookAnswer, HookRequest, Received, Refusal, SendError, Sent};
use domain::settings::ConnectionSettings;
use url::Url;

use crate::settings::{Setup, is_loopback};
use crate::{Door, OpenError, call, json, text};

/// The line in the list of doors.
pub(crate) const DOOR: Door = Door { kind: ChannelKind::Sms, capabilities: &CAPABILITIES, open, decode: receive::decode };

static CAPABILITIES: Capabilities = Capabilities {
    text: Text { longest: 1_600, counted_in: Unit::Characters },
    buttons: Buttons { support: Support::Emulated, most: 9, title: 40, payload: 256 },
    markup: Markup::Plain,
    receipts: Support::Native,
    ..Capabilities::plain_text()
};

const DEFAULT_BASE: &str = "https://api.twilio.com";

/// What people send when they follow a link from the website; `{code}` is the code.
const LINK_TEXT: &str = "Hi! I would like to go on with our chat here. My code: {code}";

struct Sms {
    http: reqwest::Client,
    messages_url: String,
    /// Account or API key, and its secret.
    user: String,
    password: Secret<String>,
    sender: client::Sender,
    keys: signature::Keys,
    status_callback: Option<Url>,
    public_number: Option<String>,
    link_text: String,
    deadline: Duration,
}

fn open(settings: &ConnectionSettings, http: &reqwest::Client) -> Result<Arc<dyn Channel>, OpenError> {
    let setup = Setup::new(settings);
    let base = setup.api_base(DEFAULT_BASE)?;
    let account = setup.required("account_sid")?;
    if !account.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(setup.unusable("account_sid", "is no account SID: it looks like AC and 32 digits"));
    }
    let auth_tokens = setup.secrets("auth_token")?;
    let sender = match setup.optional("messaging_service_sid") {
        Some(service) => client::Sender::Service(service),
        None => client::Sender::of(&setup.required("from")?),
    };
    let (user, password) = match setup.optional("api_key_sid") {
        Some(key) => (key, setup.current_secret("api_key_secret")?),
        None => (account.clone(), auth_tokens[0].clone()),
    };
    let number = setup.optional("phone_number").or_else(|| setup.optional("from"));
    Ok(Arc::new(Sms {
        http: http.clone(),
        messages_url: format!("{base}/2010-04-01/Accounts/{account}/Messages.json"),
        user,
        password,
        sender,
        keys: signature::Keys { auth_tokens, shared_keys: setup.optional_secrets("webhook_key")? },
        status_callback: status_callback(settings, &base),
        public_number: number.as_deref().and_then(text::e164),
        link_text: setup.optional("link_text").unwrap_or_else(|| LINK_TEXT.to_owned()),
        deadline: setup.deadline(),
    }))
}

/// Where Twilio reports delivery. Twilio refuses a whole message whose callback it cannot reach, so a server that is
/// only on loopback names none, unless what it calls is on loopback as well.
fn status_callback(settings: &ConnectionSettings, base: &str) -> Option<Url> {
    let public = settings.public_url.trim_end_matches('/');
    let callback = Url::parse(&format!("{public}/hooks/{}", settings.id)).ok()?;
    let is_reachable = !is_loopback(&callback) || Url::parse(base).is_ok_and(|base| is_loopback(&base));
    (matches!(callback.scheme(), "http" | "https") && is_reachable).then_some(callback)
}

#[async_trait]
impl Channel for Sms {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Sms
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
        self.keys.verify(request)?;
        let answer = HookAnswer { status: 200, content_type: "text/xml", body: "<Response/>".to_owned() };
        Ok(Received::Events { events: receive::decode(request)?, answer })
    }

    fn decode(&self, request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal> {
        receive::decode(request)
    }

    async fn deliver(&self, delivery: &Delivery) -> Result<Sent, SendError> {
        if delivery.rendered.text.trim().is_empty() {
            return Err(call::refused("empty", "an SMS needs text"));
        }
        let form = client::message(delivery, &self.sender, self.status_callback.as_ref());
        let request = self.http.post(&self.messages_url).basic_auth(&self.user, Some(self.password.expose())).form(&form);
        client::outcome(&call::once(request, self.deadline).await?)
    }

    fn continue_link(&self, code: &str) -> Option<String> {
        let number = self.public_number.as_deref()?;
        let body = self.link_text.replace("{code}", code);
        let body = url::form_urlencoded::byte_serialize(body.as_bytes()).collect::<String>().replace('+', "%20");
        // `?body` is Android's form and `&body` that of older iPhones; together they work on both.
        Some(format!("sms:{number}?&body={body}"))
    }
}
