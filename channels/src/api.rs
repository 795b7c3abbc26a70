//! The API door: any program of the business's own, both ways under Standard Webhooks.
//!
//! In: the body of `POST /messages`. The business signs it, so its `external_id` is verified; email and phone are
//! claims unless it says otherwise. What was filled into a form comes as `fields`, and is read as lines of its text. Out: a signed POST to `webhook_url`, or nothing, since replies wait in the store.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::channel::{Buttons, Capabilities, ChannelKind, Files, Markup, Support, Text, Unit};
use domain::event::{InboundEvent, InboundMessage, Media};
use domain::message::Delivery;
use domain::ports::{Channel, FetchError, Fetched, HookAnswer, HookRequest, Received, Refusal, SendError, Sent};
use domain::settings::ConnectionSettings;
use domain::time::Timestamp;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};
use url::Url;

use crate::call::{self, Answer};
use crate::fetch::{self, Vendor};
use crate::json::{self, Field};
use crate::settings::Setup;
use crate::standard_webhooks::Keys;
use crate::{Door, OpenError, signing, text};

/// The line in the list of doors.
pub(crate) const DOOR: Door = Door { kind: ChannelKind::Api, capabilities: &CAPABILITIES, open, decode };

static CAPABILITIES: Capabilities = Capabilities {
    text: Text { longest: 20_000, counted_in: Unit::Characters },
    buttons: Buttons { support: Support::Native, most: 10, title: 40, payload: 256, below: usize::MAX },
    markup: Markup::Plain,
    files: Files { support: Support::Native, at_once: 10, caption: usize::MAX },
    ..Capabilities::plain_text()
};

/// More attachments than one message needs.
const MOST_ATTACHMENTS: usize = 20;
/// More fields than one form has, and longer ones than are filled in.
const MOST_FIELDS: usize = 40;
const LONGEST_FIELD: usize = 1_000;

struct Api {
    http: reqwest::Client,
    connection: String,
    keys: Keys,
    webhook_url: Option<Url>,
    deadline: Duration,
}

fn open(settings: &ConnectionSettings, http: &reqwest::Client) -> Result<Arc<dyn Channel>, OpenError> {
    let setup = Setup::new(settings);
    setup.secrets("secret")?;
    let secrets = setup.optional_chosen_secrets("secret")?;
    let webhook_url = match setup.optional("webhook_url") {
        Some(url) => Some(setup.checked_url("webhook_url", &url)?),
        None => None,
    };
    Ok(Arc::new(Api {
        http: http.clone(),
        connection: settings.id.to_string(),
        keys: Keys::new(secrets.iter().map(|secret| secret.expose().as_str())),
        webhook_url,
        deadline: setup.deadline(),
    }))
}

#[async_trait]
impl Channel for Api {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Api
    }

    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    fn receive(&self, request: &HookRequest<'_>, now_secs: i64) -> Result<Received, Refusal> {
        if request.method != "POST" {
            return Err(Refusal::NotHere);
        }
        if request.body.len() > json::LARGEST {
            return Err(Refusal::TooLarge);
        }
        self.keys.verify(request, now_secs)?;
        let events = decode(request)?;
        for event in &events {
            if let InboundEvent::Message(message) = event
                && message.connection.as_deref().is_some_and(|named| named != self.connection)
            {
                return Err(Refusal::Unreadable("connection names another connection".to_owned()));
            }
        }
        let answer = HookAnswer { status: 202, content_type: "application/json", body: "{}".to_owned() };
        Ok(Received::Events { events, answer })
    }

    fn decode(&self, request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal> {
        decode(request)
    }

    async fn deliver(&self, delivery: &Delivery) -> Result<Sent, SendError> {
        let Some(url) = &self.webhook_url else {
            return Ok(Sent { provider_message_id: None });
        };
        let body = message(delivery).to_string();
        let signed = self.keys.sign(&delivery.id.to_string(), signing::real_now_secs(), body.as_bytes());
        let request = self
            .http
            .post(url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", signed.id)
            .header("webhook-timestamp", signed.timestamp)
            .header("webhook-signature", signed.signature)
            .body(body);
        outcome(&call::once(request, self.deadline).await?)
    }

    /// By their links.
    fn takes(&self, _media_type: &str, _bytes: usize) -> bool {
        true
    }

    fn is_the_owners(&self, code: &str) -> bool {
        matches!(code, "401" | "403" | "404" | "410")
    }

    /// The business's own files may lie beside its webhook; anything else only on the open internet.
    async fn fetch(&self, media: &Media, largest: usize) -> Result<Fetched, FetchError> {
        let address = media.url.as_deref().ok_or_else(|| FetchError::Never("nothing says where it is".to_owned()))?;
        let base = self.webhook_url.as_ref().map_or("", Url::as_str);
        fetch::get(&Vendor { http: &self.http, base, domains: &[], proof: fetch::Proof::None }, address, largest).await
    }
}

/// What a webhook receiver gets. `data.id` and the `webhook-id` header are the same on every try.
fn message(delivery: &Delivery) -> Value {
    let rendered = &delivery.rendered;
    json!({
        "type": "message.created",
        "data": {
            "id": delivery.id,
            "message": delivery.message,
            "connection": delivery.connection,
            "customer": delivery.customer,
            "to": delivery.address,
            "author": delivery.author,
            "text": rendered.text,
            "buttons": rendered.buttons,
            "request_contact": rendered.request_contact,
            "attachments": delivery.files.iter().map(|file| json!({ "url": file.link, "name": file.name, "mime": file.mime })).collect::<Vec<_>>(),
        },
    })
}

fn outcome(answer: &Answer) -> Result<Sent, SendError> {
    match answer.status {
        200..=299 => Ok(Sent { provider_message_id: answer.body.id(&["id"]) }),
        429 => Err(SendError::RateLimited(answer.retry_after)),
        // The receiver says itself that it did not take it, and drops repeats by the webhook id.
        500..=599 => Err(SendError::NotSent(format!("the webhook answered {}", answer.status))),
        400..=407 | 409..=499 => Err(call::refused(answer.status.to_string(), format!("the webhook answered {}", answer.status))),
        status => Err(SendError::Unknown(format!("the webhook answered {status}"))),
    }
}

/// One message of the documented API.
fn decode(request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal> {
    json::bounded(request.body, json::LARGEST)?;
    let body = json::strict(request.body).map_err(|error| Refusal::Unreadable(error.to_string()))?;
    let message = decode_message(&body, request.header("webhook-id")).map_err(|why| Refusal::Unreadable(why.to_owned()))?;
    Ok(vec![InboundEvent::Message(message)])
}

fn decode_message(body: &Value, webhook_id: Option<&str>) -> Result<InboundMessage, &'static str> {
    let external_id = optional_text(body, &["from", "external_id"], "from.external_id must be text")?;
    let email = optional_text(body, &["from", "email"], "from.email must be text")?;
    let phone = optional_text(body, &["from", "phone"], "from.phone must be text")?;
    let name = optional_text(body, &["from", "name"], "from.name must be text")?;
    let sender = external_id.clone().or_else(|| email.clone()).or_else(|| phone.clone());
    let sender = sender.ok_or("from needs an external_id, an email or a phone")?;
    let phone_verified = flag(body, &["from", "phone_verified"], "from.phone_verified must be true or false")?;
    let email_verified = flag(body, &["from", "email_verified"], "from.email_verified must be true or false")?;
    let at = optional_text(body, &["at"], "at must be an RFC 3339 time")?;
    let timestamp = match at {
        Some(at) => Some(Timestamp::parse_rfc3339(&at).ok_or("at must be an RFC 3339 time")?),
        None => None,
    };
    let mut message = InboundMessage {
        sender,
        sender_name: name,
        text: with_fields(optional_text(body, &["text"], "text must be text")?, body.at(&["fields"]))?,
        media: attachments(body)?,
        provider_message_id: optional_text(body, &["id"], "id must be text")?.or_else(|| webhook_id.map(str::to_owned)),
        timestamp,
        connection: optional_text(body, &["connection"], "connection must be text")?,
        verified_phone: phone.as_deref().filter(|_| phone_verified).and_then(text::e164),
        ..InboundMessage::default()
    };
    if message.text.is_none() && message.media.is_empty() {
        return Err("text, fields or attachments is missing");
    }
    let answer_by = optional_text(body, &["answer_by"], "answer_by must be email or phone")?;
    if answer_by.as_deref().is_some_and(|by| !matches!(by, "email" | "phone")) {
        return Err("answer_by must be email or phone");
    }
    for (key, value) in [("external_id", external_id), ("email", email), ("phone", phone), ("answer_by", answer_by)] {
        if let Some(value) = value {
            message.more.insert(key.to_owned(), value.into());
        }
    }
    message.more.insert("email_verified".to_owned(), email_verified.into());
    message.more.insert("phone_verified".to_owned(), phone_verified.into());
    Ok(message)
}

fn optional_text(body: &Value, path: &[&str], why: &'static str) -> Result<Option<String>, &'static str> {
    match body.at(path) {
        None => Ok(None),
        Some(Value::String(found)) => Ok(text::written(found)),
        Some(_) => Err(why),
    }
}

/// The text, and what was filled in below it: a line each.
fn with_fields(text: Option<String>, fields: Option<&Value>) -> Result<Option<String>, &'static str> {
    let Some(fields) = fields else { return Ok(text) };
    let fields = fields.as_object().ok_or("fields must be a table of texts")?;
    if fields.len() > MOST_FIELDS {
        return Err("too many fields");
    }
    let mut lines = Vec::new();
    for (label, value) in fields {
        let value = value.as_str().ok_or("fields must be a table of texts")?;
        if label.len() > LONGEST_FIELD || value.len() > LONGEST_FIELD {
            return Err("a field is too long");
        }
        let on_one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let (label, value) = (on_one_line(label), on_one_line(value));
        if !label.is_empty() && !value.is_empty() {
            lines.push(format!("{label}: {value}"));
        }
    }
    let filled = (!lines.is_empty()).then(|| lines.join("\n"));
    Ok(text.into_iter().chain(filled).reduce(|text, filled| format!("{text}\n\n{filled}")))
}

fn flag(body: &Value, path: &[&str], why: &'static str) -> Result<bool, &'static str> {
    match body.at(path) {
        None => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(why),
    }
}

fn attachments(body: &Value) -> Result<Vec<Media>, &'static str> {
    let Some(attachments) = body.at(&["attachments"]) else { return Ok(Vec::new()) };
    let attachments = attachments.as_array().ok_or("attachments must be a list")?;
    if attachments.len() > MOST_ATTACHMENTS {
        return Err("too many attachments");
    }
    attachments.iter().map(attachment).collect()
}

/// An address, or the content itself as a `data:` address.
fn attachment(attachment: &Value) -> Result<Media, &'static str> {
    let mime = attachment.raw(&["mime"]).and_then(text::mime);
    let url = match (attachment.raw(&["url"]), attachment.raw(&["base64"])) {
        (Some(url), None) if Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "https" | "http")) => url.to_owned(),
        (None, Some(content)) if STANDARD.decode(content).is_ok() => {
            format!("data:{};base64,{content}", mime.as_deref().unwrap_or("application/octet-stream"))
        }
        _ => return Err("an attachment needs either a url or base64"),
    };
    let filename = attachment.written(&["name"]);
    Ok(Media {
        kind: text::kind_of_file(mime.as_deref(), filename.as_deref()).to_owned(),
        mime,
        filename,
        url: Some(url),
        ..Media::default()
    })
}
