//! SMS by Twilio; RCS that falls into the same webhook is understood too.
//!
//! <https://www.twilio.com/docs/messaging/guides/webhook-request>

use std::sync::Arc;

use async_trait::async_trait;
use domain::channel::{Buttons, Capabilities, ChannelKind, Files, Markup, Support, Text, Unit};
use domain::event::{InboundEvent, Media};
use domain::message::Delivery;
use domain::ports::{Channel, FetchError, Fetched, HookRequest, Received, Refusal, SendError, Sent, Standing};
use domain::settings::ConnectionSettings;

use crate::gsm;
use crate::settings::Setup;
use crate::twilio::client::{self, Sender};
use crate::twilio::{Account, receive};
use crate::{Door, OpenError, call, text};

/// The line in the list of doors.
pub(crate) const DOOR: Door = Door { kind: ChannelKind::Sms, capabilities: &CAPABILITIES, open, decode: receive::decode };

static CAPABILITIES: Capabilities = Capabilities {
    text: Text { longest: 1_600, counted_in: Unit::Characters },
    buttons: Buttons { support: Support::Emulated, most: 9, title: 40, payload: 256, below: usize::MAX },
    markup: Markup::Plain,
    // Pictures, where there is MMS; elsewhere their links.
    files: Files { support: Support::Native, at_once: 10, caption: usize::MAX },
    receipts: Support::Native,
    ..Capabilities::plain_text()
};

/// What people send when they follow a link from the website; `{code}` is the code.
const LINK_TEXT: &str = "Hi! I would like to go on with our chat here. My code: {code}";

struct Sms {
    account: Account,
    sender: Sender,
    public_number: Option<String>,
    link_text: String,
    /// Can Twilio fetch files from here?
    is_reachable: bool,
}

fn open(settings: &ConnectionSettings, http: &reqwest::Client) -> Result<Arc<dyn Channel>, OpenError> {
    let setup = Setup::new(settings);
    let account = Account::open(settings, http)?;
    let sender = match setup.optional("messaging_service_sid") {
        Some(service) => Sender::Service(service),
        None => Sender::of(&setup.required("from")?),
    };
    let number = setup.optional("phone_number").or_else(|| setup.optional("from"));
    Ok(Arc::new(Sms {
        account,
        sender,
        public_number: number.as_deref().and_then(text::e164),
        link_text: setup.optional("link_text").unwrap_or_else(|| LINK_TEXT.to_owned()),
        is_reachable: settings.public_url.starts_with("https://"),
    }))
}

impl Sms {
    /// MMS is a matter of the United States and Canada; a service knows only itself which number it sends from.
    /// <https://www.twilio.com/docs/messaging/guides/accepted-mime-types>
    fn carries_pictures(&self, address: &str) -> bool {
        let from_there = match &self.sender {
            Sender::Number(from) => from.starts_with("+1"),
            Sender::Agent(_) | Sender::Service(_) => false,
        };
        from_there && address.starts_with("+1")
    }
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
        self.account.receive(request)
    }

    fn decode(&self, request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal> {
        receive::decode(request)
    }

    async fn deliver(&self, delivery: &Delivery) -> Result<Sent, SendError> {
        let carried = if self.carries_pictures(&delivery.address) { client::media(delivery) } else { Vec::new() };
        let mut text = delivery.rendered.text.clone();
        if carried.is_empty() {
            text = client::with_links(&text, &delivery.files);
        }
        if text.trim().is_empty() && carried.is_empty() {
            return Err(call::refused("empty", "an SMS needs text"));
        }
        let mut form = client::message(delivery, &self.sender, self.account.status_callback());
        form.iter_mut().filter(|(key, _)| *key == "Body").for_each(|(_, body)| *body = gsm::preferred(&text));
        form.extend(carried);
        self.account.send(&form).await
    }

    /// Pictures that every carrier takes.
    fn takes(&self, media_type: &str, bytes: usize) -> bool {
        self.is_reachable && matches!(media_type, "image/jpeg" | "image/png" | "image/gif") && bytes <= 600_000
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
        let number = self.public_number.as_deref()?;
        Some(client::deep_link(number, &self.link_text.replace("{code}", code)))
    }
}
