//! Connections, requests and deliveries as tests need them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use domain::channel::ChannelKind;
use domain::message::{Author, Button, Card, Delivery, Rendered, ServiceWindow};
use domain::ports::{Channel, HookRequest};
use domain::settings::{ConnectionSettings, Mode};
use domain::{CustomerId, DeliveryId, MessageId, Secret, Timestamp};
use serde_json::Value;

pub(crate) const NOW: i64 = 1_780_000_000;
pub(crate) const APP_SECRET: &str = "my_app_secret";
/// Of the published signature vectors.
pub(crate) const DISCORD_KEY: &str = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8";
pub(crate) const API_SECRET: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

pub(crate) fn http() -> reqwest::Client {
    // Another test of this process may have installed it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// A connection with working settings of its kind.
pub(crate) fn settings(kind: ChannelKind) -> ConnectionSettings {
    let mut settings = ConnectionSettings {
        id: "door".into(),
        workspace: "shop".into(),
        channel: kind,
        mode: Mode::Answer,
        api_base: None,
        values: BTreeMap::new(),
        secrets: BTreeMap::new(),
        public_url: "https://chat.example.com".to_owned(),
    };
    let values: &[(&str, &str)] = match kind {
        ChannelKind::Whatsapp => &[("phone_number_id", "106540352242922"), ("phone_number", "+1 555 078 3881")],
        ChannelKind::Telegram => &[("bot_username", "shop_bot")],
        ChannelKind::Messenger => &[("page_id", "1906385232743451"), ("username", "ergochairs")],
        ChannelKind::Instagram => &[("page_id", "17841405309211844"), ("username", "ergo.chairs")],
        ChannelKind::Rcs => &[("account_sid", "AC00000000000000000000000000000001"), ("from", "MG00000000000000000000000000000001")],
        ChannelKind::Email => &[("address", "support@shop.test"), ("imap.host", "127.0.0.1"), ("smtp.host", "127.0.0.1")],
        ChannelKind::Discord => &[("application_id", "1457469483726668048"), ("public_key", DISCORD_KEY)],
        ChannelKind::Sms | ChannelKind::Voice => &[("account_sid", "AC00000000000000000000000000000001"), ("from", "+15017122661")],
        _ => &[],
    };
    let secrets: &[(&str, &str)] = match kind {
        ChannelKind::Whatsapp | ChannelKind::Messenger | ChannelKind::Instagram => {
            &[("access_token", "EAAB"), ("app_secret", APP_SECRET), ("verify_token", "meatyhamhock")]
        }
        ChannelKind::Telegram => &[("bot_token", "123456:ABC-DEF"), ("secret_token", "s3cret_TOKEN-1")],
        ChannelKind::Email => &[("imap.password", "secret")],
        ChannelKind::Discord => &[("bot_token", "MTQ1.abc.def")],
        ChannelKind::Sms | ChannelKind::Rcs | ChannelKind::Voice => &[("auth_token", "12345")],
        ChannelKind::Api => &[("secret", API_SECRET)],
        _ => &[],
    };
    for (key, value) in values {
        settings.values.insert((*key).to_owned(), (*value).into());
    }
    for (key, secret) in secrets {
        settings = with_secret(settings, key, secret);
    }
    settings
}

pub(crate) fn with_secret(mut settings: ConnectionSettings, key: &str, secret: &str) -> ConnectionSettings {
    settings.secrets.entry(key.to_owned()).or_default().push(Secret::new(secret.to_owned()));
    settings
}

pub(crate) fn with_value(mut settings: ConnectionSettings, key: &str, value: impl Into<Value>) -> ConnectionSettings {
    settings.values.insert(key.to_owned(), value.into());
    settings
}

pub(crate) fn opened(settings: &ConnectionSettings) -> Arc<dyn Channel> {
    channels::open(settings, &http()).unwrap()
}

pub(crate) fn door(kind: ChannelKind) -> Arc<dyn Channel> {
    opened(&settings(kind))
}

/// A request that can be borrowed.
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn post(body: impl Into<Vec<u8>>) -> Self {
        let url = "https://chat.example.com/hooks/door".to_owned();
        Self { method: "POST", url, headers: Vec::new(), body: body.into() }
    }

    pub(crate) fn url(self, url: &str) -> Self {
        Self { url: url.to_owned(), ..self }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn view(&self) -> HookRequest<'_> {
        HookRequest {
            method: self.method,
            url: &self.url,
            query: self.url.split_once('?').map_or("", |(_, query)| query),
            headers: &self.headers,
            body: &self.body,
        }
    }
}

/// Form fields, written in a file as a JSON object, as Twilio posts them.
pub(crate) fn form(fields: &Value) -> Vec<u8> {
    let mut out = url::form_urlencoded::Serializer::new(String::new());
    for (key, value) in fields.as_object().unwrap() {
        let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for value in values {
            out.append_pair(key, &value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        }
    }
    out.finish().into_bytes()
}

pub(crate) fn fixture(path: &str) -> Value {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(path);
    serde_json::from_slice(&std::fs::read(&file).unwrap_or_else(|error| panic!("{path}: {error}"))).unwrap()
}

/// Something to send.
pub(crate) fn delivery(kind: ChannelKind, address: &str, text: &str, buttons: &[(&str, &str)]) -> Delivery {
    let at = Timestamp::from_secs(NOW);
    let button = |(title, payload): &(&str, &str)| Button { title: (*title).to_owned(), payload: (*payload).to_owned() };
    Delivery {
        id: DeliveryId::new(at, 7),
        message: MessageId::new(at, 8),
        customer: CustomerId::new(at, 9),
        connection: "door".into(),
        channel: kind,
        address: address.to_owned(),
        rendered: Rendered {
            text: text.to_owned(),
            buttons: buttons.iter().map(button).collect(),
            cards: Vec::new(),
            request_contact: false,
            encloses: false,
            template: None,
        },
        author: Author::Ai,
        attempt: 1,
        last_inbound: Some(at),
        window: ServiceWindow::Open,
        thread: None,
        files: Vec::new(),
    }
}

/// Something that can be looked at.
pub(crate) fn card(name: &str) -> Card {
    let at = |ending: &str| Some(format!("https://shop.example/{name}{ending}"));
    Card { title: name.to_owned(), text: "Price: 449 EUR".to_owned(), picture: at(".jpg"), url: at("") }
}
