//! WhatsApp Business Cloud API.
//!
//! Meta signs every POST with the app's secret, sends batches, repeats for up to seven days and keeps no order.
//! A person is a number, a business-scoped id, or both. <https://developers.facebook.com/docs/whatsapp/cloud-api>

mod client;
mod receive;
mod status;
mod templates;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::Secret;
use domain::channel::{Buttons, Capabilities, ChannelKind, Files, Markup, Support, Text, Unit};
use domain::event::{Ignored, InboundEvent, Media};
use domain::message::{Delivery, Enclosure};
use domain::ports::{Channel, FetchError, Fetched, HookAnswer, HookRequest, Received, Refusal, SendError, Sent, Standing};
use domain::settings::ConnectionSettings;
use domain::template::Template;
use url::Url;

use crate::fetch::{self, Vendor};
use crate::hub::{self, Hub};
use crate::json::Field;
use crate::meta::lease::Lease;
use crate::multipart::Form;
use crate::pace::{Limits, Pace, Rate, Slower};
use crate::settings::Setup;
use crate::{Door, OpenError, call};

/// The line in the list of doors.
pub(crate) const DOOR: Door = Door { kind: ChannelKind::Whatsapp, capabilities: &CAPABILITIES, open, decode: receive::decode };

static CAPABILITIES: Capabilities = Capabilities {
    text: Text { longest: 4_096, counted_in: Unit::Characters },
    // Up to three are reply buttons, up to ten a list; the titles of reply buttons are the shorter ones.
    buttons: Buttons { support: Support::Native, most: 10, title: 20, payload: 200, below: 1_024 },
    markup: Markup::Whatsapp,
    typing: Support::Native,
    receipts: Support::Native,
    files: Files { support: Support::Native, at_once: 1, caption: 1_024 },
    service_window_hours: Some(24),
    writes_first: false,
    ..Capabilities::plain_text()
};

/// A number sends 80 messages a second unless Meta has given it more, and 45 at once to one person, then one in six seconds; each
/// is kept a little below. <https://developers.facebook.com/docs/whatsapp/cloud-api/overview#throughput>
const LIMITS: Limits = Limits {
    each: Some(Rate { every: Duration::from_secs(6), burst: 40 }),
    group: None,
    all: Some(Rate { every: Duration::from_millis(13), burst: 40 }),
};
/// Asked to slow down without being told for how long, everybody waits for so long.
const SLOWER: Duration = Duration::from_secs(5);

/// A hundred templates each.
const MOST_PAGES: usize = 20;

const DEFAULT_BASE: &str = "https://graph.facebook.com/v23.0";

/// What people send when they follow a link from the website; `{code}` is the code.
const LINK_TEXT: &str = "Hi! I would like to go on with our chat here. My code: {code}";

struct Whatsapp {
    http: reqwest::Client,
    base: String,
    messages_url: String,
    phone_number_id: String,
    account: Option<String>,
    access_token: Secret<String>,
    hub: Hub,
    public_number: Option<String>,
    link_text: String,
    list_button: String,
    pace: Pace,
    lease: Lease,
    deadline: Duration,
}

fn open(settings: &ConnectionSettings, http: &reqwest::Client) -> Result<Arc<dyn Channel>, OpenError> {
    let setup = Setup::new(settings);
    let base = setup.api_base(DEFAULT_BASE)?;
    let phone_number_id = setup.required("phone_number_id")?;
    let (access_token, app_secrets) = (setup.current_secret("access_token")?, setup.secrets("app_secret")?);
    let public_number = setup.optional("phone_number").or_else(|| setup.optional("display_phone_number"));
    Ok(Arc::new(Whatsapp {
        http: http.clone(),
        messages_url: format!("{base}/{phone_number_id}/messages"),
        pace: Pace::new(&setup, &base, LIMITS),
        phone_number_id,
        account: setup.optional("business_account_id"),
        lease: Lease::new(&setup, &base, &access_token, app_secrets.first()),
        base,
        access_token,
        hub: Hub { app_secrets, verify_tokens: setup.secrets("verify_token")? },
        public_number: public_number.map(|number| number.chars().filter(char::is_ascii_digit).collect()),
        link_text: setup.optional("link_text").unwrap_or_else(|| LINK_TEXT.to_owned()),
        list_button: setup.optional("list_button").unwrap_or_else(|| "Options".to_owned()),
        deadline: setup.deadline(),
    }))
}

impl Whatsapp {
    /// Leaves a file with WhatsApp; its id there. Nobody has got anything yet, so every failure may be tried again.
    async fn upload(&self, delivery: &Delivery, file: &Enclosure) -> Result<String, SendError> {
        let form = Form::new(&delivery.id.to_string()).field("messaging_product", "whatsapp").field("type", &file.mime).file("file", file);
        let request = self.http.post(format!("{}/{}/media", self.base, self.phone_number_id)).bearer_auth(self.access_token.expose());
        let answer = call::once(form.send_with(request), self.deadline).await.map_err(client::not_sent)?;
        match answer.body.id(&["id"]) {
            Some(id) if answer.is_success() => Ok(id),
            Some(_) | None => Err(client::outcome(&answer).map_or_else(client::not_sent, |_| client::without_id())),
        }
    }

    /// One app may have several numbers and one webhook: what came to another number is not answered from this one.
    fn only_ours(&self, event: InboundEvent) -> InboundEvent {
        match event.connection() {
            Some(other) if other != self.phone_number_id => InboundEvent::Ignored(Ignored {
                reason: "meant for another number of the same app".to_owned(),
                sender: None,
                connection: Some(other.to_owned()),
            }),
            _ => event,
        }
    }
}

#[async_trait]
impl Channel for Whatsapp {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Whatsapp
    }

    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
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
        let events = receive::decode(request)?.into_iter().map(|event| self.only_ours(event)).collect();
        Ok(Received::Events { events, answer: HookAnswer::ok() })
    }

    fn decode(&self, request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal> {
        receive::decode(request)
    }

    async fn deliver(&self, delivery: &Delivery) -> Result<Sent, SendError> {
        self.pace.pass(&delivery.address).await?;
        let file = match delivery.files.first() {
            Some(file) => Some((file, self.upload(delivery, file).await?)),
            None if delivery.rendered.text.trim().is_empty() => {
                return Err(call::refused("empty", "WhatsApp takes no message without text"));
            }
            None => None,
        };
        let body = match &file {
            None if delivery.rendered.template.is_some() => client::template(delivery),
            Some((file, id)) => client::with_file(delivery, file, id),
            None => client::message(delivery, &self.list_button),
        };
        let request = self.http.post(&self.messages_url).bearer_auth(self.access_token.expose()).json(&body);
        let answer = call::once(request, self.deadline).await?;
        let outcome = client::outcome(&answer);
        if let Err(SendError::RateLimited(after)) = &outcome {
            match client::slower(&answer) {
                Some(Slower::Each) => self.pace.hold(Slower::Each, &delivery.address, after.unwrap_or(SLOWER)),
                Some(Slower::All) => self.pace.hold(Slower::All, &delivery.address, after.unwrap_or(SLOWER)),
                None => {}
            }
        }
        outcome
    }

    /// <https://developers.facebook.com/docs/graph-api/reference/whats-app-business-account/message_templates/>
    async fn templates(&self) -> Result<Option<Vec<Template>>, SendError> {
        let Some(account) = &self.account else { return Ok(None) };
        let mut all = Vec::new();
        let mut after = String::new();
        for _ in 0..MOST_PAGES {
            let fields = "name,language,status,category,components,parameter_format";
            let asked = self.http.get(format!("{}/{account}/message_templates?limit=100&fields={fields}{after}", self.base));
            let answer = call::once(asked.bearer_auth(self.access_token.expose()), self.deadline).await?;
            if !answer.is_success() {
                return Err(client::outcome(&answer).err().unwrap_or_else(client::without_id));
            }
            all.extend(answer.body.items(&["data"]).iter().filter_map(templates::read));
            let next = answer.body.raw(&["paging", "cursors", "after"]);
            match next.filter(|_| answer.body.raw(&["paging", "next"]).is_some()) {
                Some(cursor) => after = format!("&after={}", percent_encoded(cursor)),
                None => break,
            }
        }
        all.sort_by(|a: &Template, b| (&a.name, &a.language).cmp(&(&b.name, &b.language)));
        Ok(Some(all))
    }

    /// <https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media#supported-media-types>
    fn takes(&self, media_type: &str, bytes: usize) -> bool {
        client::largest(media_type).is_some_and(|largest| bytes <= largest)
    }

    /// The webhook names a file by its id; where it lies is told for five minutes only.
    async fn fetch(&self, media: &Media, largest: usize) -> Result<Fetched, FetchError> {
        let proof = fetch::Proof::Bearer(&self.access_token);
        let vendor = Vendor { http: &self.http, base: &self.base, domains: &["fbsbx.com", "facebook.com", "whatsapp.net"], proof };
        let id = media.provider_id.as_deref().filter(|id| id.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let Some(id) = id else {
            let address = media.url.as_deref().ok_or_else(|| FetchError::Never("WhatsApp did not say where it is".to_owned()))?;
            return fetch::get(&vendor, address, largest).await;
        };
        let asked = self.http.get(format!("{}/{id}", self.base)).bearer_auth(self.access_token.expose());
        let answer = call::once(asked, self.deadline).await.map_err(|error| FetchError::NotNow(error.to_string()))?;
        if let Some(address) = answer.body.raw(&["url"]).filter(|_| answer.is_success()) {
            return fetch::get(&vendor, address, largest).await;
        }
        Err(match answer.status {
            429 | 500..=599 => FetchError::NotNow(format!("WhatsApp answered {}", answer.status)),
            status => FetchError::Never(format!("WhatsApp no longer has it ({status})")),
        })
    }

    async fn standing(&self) -> Result<Option<Standing>, SendError> {
        let fields = "verified_name,display_phone_number,quality_rating,status,messaging_limit_tier";
        let asked = self.http.get(format!("{}/{}?fields={fields}", self.base, self.phone_number_id));
        let answer = call::once(asked.bearer_auth(self.access_token.expose()), self.deadline).await;
        let Ok(answer) = answer else { return Ok(None) };
        if !answer.is_success() {
            return call::only_ours(client::outcome(&answer), |code| self.is_the_owners(code));
        }
        let said = |key: &str| answer.body.written(&[key]);
        let mut to_do = Vec::new();
        if let Some(state) = said("status").filter(|state| state != "CONNECTED") {
            to_do.push(format!("WhatsApp says that the number is {state}: look into the WhatsApp Manager"));
        }
        let quality = said("quality_rating").filter(|quality| quality != "UNKNOWN" && quality != "NA");
        if quality.as_deref() == Some("RED") {
            to_do.push("people block or report this number: write less and only to who asked for it".to_owned());
        }
        let name = said("verified_name").or_else(|| said("display_phone_number"));
        Ok(Some(Standing { name, quality, to_do, ends_at: self.lease.ends_at(&self.http, self.deadline).await }))
    }

    fn is_the_owners(&self, code: &str) -> bool {
        let account = |code: i64| matches!(code, 0 | 3 | 10 | 190 | 200..=299 | 368 | 131_005 | 131_031 | 131_042 | 131_045 | 133_010);
        code == "401" || code.parse().is_ok_and(account)
    }

    async fn typing(&self, _address: &str, message: Option<&str>) {
        // Typing can only be shown together with having read a message of theirs.
        let Some(message) = message else { return };
        let body = client::read_and_typing(message);
        let request = self.http.post(&self.messages_url).bearer_auth(self.access_token.expose()).json(&body);
        match call::once(request, call::BEST_EFFORT).await {
            Ok(answer) if answer.is_success() => {}
            Ok(answer) => tracing::debug!(status = answer.status, "WhatsApp did not show that we are writing"),
            Err(error) => tracing::debug!(%error, "WhatsApp did not show that we are writing"),
        }
    }

    fn continue_link(&self, code: &str) -> Option<String> {
        let number = self.public_number.as_deref().filter(|number| !number.is_empty())?;
        let mut link = Url::parse("https://wa.me").ok()?.join(number).ok()?;
        link.set_query(Some(&format!("text={}", percent_encoded(&self.link_text.replace("{code}", code)))));
        Some(link.into())
    }
}

/// Blanks as `%20`: a plus would stay a plus in the prefilled text on some phones.
fn percent_encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}
