//! RCS through Twilio.
//!
//! With a messaging service Twilio falls back to SMS under the same id, so nothing arrives twice; with an agent alone
//! (`rcs:…`) people without RCS are not reached. Suggestions need a template, which is made once for each set of them.
//! <https://www.twilio.com/docs/rcs> <https://www.twilio.com/docs/content/twilio-quick-reply>

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use domain::channel::{Capabilities, ChannelKind};
use domain::event::{InboundEvent, Media};
use domain::message::{Button, Delivery};
use domain::ports::{Channel, FetchError, Fetched, HookRequest, Received, Refusal, SendError, Sent, Standing};
use domain::settings::ConnectionSettings;
use serde_json::{Value, json};

use super::CAPABILITIES;
use crate::json::Field;
use crate::settings::Setup;
use crate::twilio::client::{self, Sender};
use crate::twilio::{Account, receive};
use crate::{OpenError, call, text};

const CONTENT_BASE: &str = "https://content.twilio.com";

/// More sets of suggestions than one business shows; past it the oldest knowledge is dropped and made anew.
const MOST_TEMPLATES: usize = 512;

/// Limits of Twilio's own queue.
const SHORTEST_EXPIRY: Duration = Duration::from_secs(6);
const LONGEST_EXPIRY: Duration = Duration::from_hours(10);

struct Rcs {
    account: Account,
    sender: Sender,
    content_url: String,
    expiry: Option<Duration>,
    public_number: Option<String>,
    link_text: Option<String>,
    /// Ids of templates by the suggestions in them.
    templates: Mutex<BTreeMap<String, String>>,
    /// Can Twilio fetch files from here?
    is_reachable: bool,
}

pub(super) fn open(settings: &ConnectionSettings, http: &reqwest::Client) -> Result<Arc<dyn Channel>, OpenError> {
    let setup = Setup::new(settings);
    let account = Account::open(settings, http)?;
    let sender = match setup.optional("messaging_service_sid") {
        Some(service) => Sender::Service(service),
        None => Sender::of(&setup.required("from")?),
    };
    if let Sender::Number(_) = &sender {
        return Err(setup.unusable("from", "is neither a messaging service (MG…) nor an agent (rcs:…)"));
    }
    Ok(Arc::new(Rcs {
        account,
        sender,
        content_url: format!("{}/v1/Content", setup.api_base(CONTENT_BASE)?),
        expiry: setup.span("expires_after").map(|span| span.clamp(SHORTEST_EXPIRY, LONGEST_EXPIRY)),
        public_number: setup.optional("phone_number").as_deref().and_then(text::e164),
        link_text: setup.optional("link_text"),
        templates: Mutex::default(),
        is_reachable: settings.public_url.starts_with("https://"),
    }))
}

impl Rcs {
    fn form(&self, delivery: &Delivery) -> Vec<(&'static str, String)> {
        let mut form = client::message(delivery, &self.sender, self.account.status_callback());
        if let Some(expiry) = self.expiry {
            form.push(("ValidityPeriod", expiry.as_secs().to_string()));
        }
        form
    }

    /// The template of these suggestions, made if need be; `None` when Twilio does not take it.
    async fn template(&self, buttons: &[Button]) -> Result<Option<String>, SendError> {
        let template = template(buttons);
        let key = template["types"].to_string();
        let known = self.templates.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if known.is_some() {
            return Ok(known);
        }
        let answer = match self.account.post_json(&self.content_url, &template).await {
            Ok(answer) => answer,
            // Nothing was sent to anybody yet, whatever became of the template.
            Err(SendError::Unknown(why)) => return Err(SendError::NotSent(why)),
            Err(error) => return Err(error),
        };
        let Some(id) = answer.body.id(&["sid"]).filter(|_| answer.is_success()) else {
            return match answer.status {
                429 => Err(SendError::RateLimited(answer.retry_after)),
                500..=599 => Err(SendError::NotSent(format!("Twilio's templates answered {}", answer.status))),
                status => {
                    tracing::warn!(status, "Twilio does not take a template: suggestions go out as a list");
                    Ok(None)
                }
            };
        };
        let mut templates = self.templates.lock().unwrap_or_else(PoisonError::into_inner);
        if templates.len() >= MOST_TEMPLATES {
            templates.clear();
        }
        templates.insert(key, id.clone());
        Ok(Some(id))
    }
}

#[async_trait]
impl Channel for Rcs {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Rcs
    }

    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    fn receive(&self, request: &HookRequest<'_>, _now_secs: i64) -> Result<Received, Refusal> {
        self.account.receive(request)
    }

    fn decode(&self, request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal> {
        receive::decode(request)
    }

    async fn deliver(&self, delivery: &Delivery) -> Result<Sent, SendError> {
        let rendered = &delivery.rendered;
        let mut form = self.form(delivery);
        let media = client::media(delivery);
        if !media.is_empty() {
            form.retain(|(key, body)| *key != "Body" || !body.trim().is_empty());
            form.extend(media);
            return self.account.send(&form).await;
        }
        if rendered.text.trim().is_empty() {
            return Err(call::refused("empty", "an RCS message needs text"));
        }
        if rendered.buttons.is_empty() {
            return self.account.send(&form).await;
        }
        if let Some(template) = self.template(&rendered.buttons).await? {
            form.retain(|(key, _)| *key != "Body");
            form.push(("ContentSid", template));
            form.push(("ContentVariables", json!({"1": rendered.text}).to_string()));
        } else {
            let titles = rendered.buttons.iter().map(|button| button.title.as_str());
            let listed = text::with_words(&rendered.text, titles, CAPABILITIES.text.longest);
            form.iter_mut().filter(|(key, _)| *key == "Body").for_each(|(_, body)| body.clone_from(&listed));
        }
        self.account.send(&form).await
    }

    fn takes(&self, media_type: &str, bytes: usize) -> bool {
        self.is_reachable && super::is_carried(media_type, bytes)
    }

    async fn fetch(&self, media: &Media, largest: usize) -> Result<Fetched, FetchError> {
        self.account.fetch(media, largest).await
    }

    async fn standing(&self) -> Result<Option<Standing>, SendError> {
        self.account.standing().await
    }

    fn is_the_owners(&self, code: &str) -> bool {
        crate::twilio::is_the_owners(code)
    }

    fn continue_link(&self, code: &str) -> Option<String> {
        let words = self.link_text.as_deref().unwrap_or("Hi! I would like to go on with our chat here. My code: {code}");
        Some(client::deep_link(self.public_number.as_deref()?, &words.replace("{code}", code)))
    }
}

/// Suggestions for RCS, and the same as a list of words for whoever gets an SMS instead. The text itself is a variable.
fn template(buttons: &[Button]) -> Value {
    let buttons = &buttons[..buttons.len().min(CAPABILITIES.buttons.most)];
    let action = |button: &Button| {
        let payload = if button.payload.is_empty() { &button.title } else { &button.payload };
        let payload = text::within_bytes(payload, CAPABILITIES.buttons.payload);
        json!({"type": "QUICK_REPLY", "title": text::shortened(&button.title, CAPABILITIES.buttons.title), "id": payload})
    };
    let actions: Vec<Value> = buttons.iter().map(action).collect();
    let listed = text::with_words("{{1}}", buttons.iter().map(|button| button.title.as_str()), CAPABILITIES.text.longest);
    json!({
        "friendly_name": "rapport_suggestions",
        "language": "en",
        "variables": {"1": "…"},
        "types": {
            "twilio/quick-reply": {"body": "{{1}}", "actions": actions},
            "twilio/text": {"body": listed},
        },
    })
}
