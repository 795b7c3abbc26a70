//! RCS straight from Google.
//!
//! The id we give a message is its idempotency key, so a send whose answer was lost is simply sent again. What is not
//! delivered within its time to live is taken back by Google, which tells us so.
//! <https://developers.google.com/business-communications/rcs-business-messaging/reference/rest>

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::Secret;
use domain::channel::{Capabilities, ChannelKind};
use domain::event::{InboundEvent, Media};
use domain::message::{Button, Card, Delivery};
use domain::ports::{Channel, FetchError, Fetched, HookAnswer, HookRequest, Received, Refusal, SendError, Sent, Standing};
use domain::settings::ConnectionSettings;
use serde_json::{Value, json};
use url::Url;

use super::ON_GOOGLE;
use super::envelope::{self, Envelope};
use super::token::{ServiceAccount, Tokens};
use crate::call::Answer;
use crate::fetch::{self, Vendor};
use crate::json::{self, Field};
use crate::pace::{Limits, Pace, Slower};
use crate::settings::Setup;
use crate::{OpenError, call, signing, text};

const DEFAULT_BASE: &str = "https://rcsbusinessmessaging.googleapis.com";

/// How long Google may try to deliver when the owner says nothing else.
const DEFAULT_EXPIRY: Duration = Duration::from_mins(5);
/// Google takes back what is older only with some certainty if it had this long.
const SHORTEST_EXPIRY: Duration = Duration::from_secs(10);
/// Google's own limit.
const LONGEST_EXPIRY: Duration = Duration::from_hours(15 * 24);

/// Asked to slow down without being told for how long, everybody waits for so long.
const SLOWER: Duration = Duration::from_secs(5);

/// Words of a card, and cards beside each other.
const LONGEST_DESCRIPTION: usize = 2_000;
const MOST_CARDS: usize = 10;

/// The longest word of a handshake that is given back.
const LONGEST_SECRET: usize = 256;

struct Google {
    http: reqwest::Client,
    base: Url,
    agent_id: String,
    client_tokens: Vec<Secret<String>>,
    tokens: Tokens,
    expiry: Duration,
    pace: Pace,
    /// Can Google fetch files from here?
    is_reachable: bool,
    deadline: Duration,
}

pub(super) fn open(settings: &ConnectionSettings, http: &reqwest::Client) -> Result<Arc<dyn Channel>, OpenError> {
    let setup = Setup::new(settings);
    let base = setup.api_base(DEFAULT_BASE)?;
    let account = ServiceAccount::read(&setup.current_secret("service_account")?).map_err(|why| setup.unusable("service_account", why))?;
    let token_url = setup.checked_url("service_account", &account.token_uri)?;
    Ok(Arc::new(Google {
        http: http.clone(),
        base: setup.checked_url("api_base", &base)?,
        agent_id: setup.required("agent_id")?,
        client_tokens: setup.secrets("client_token")?,
        tokens: Tokens::new(http, account, token_url, setup.deadline()),
        expiry: setup.span("expires_after").unwrap_or(DEFAULT_EXPIRY).clamp(SHORTEST_EXPIRY, LONGEST_EXPIRY),
        // Google publishes no rate for an agent: what the owner states is kept to, and what Google asks for.
        pace: Pace::new(&setup, &base, Limits::NONE),
        is_reachable: settings.public_url.starts_with("https://"),
        deadline: setup.deadline(),
    }))
}

impl Google {
    /// `X-Goog-Signature` over the event as it was before it went into the envelope.
    fn verify(&self, request: &HookRequest<'_>, event: &[u8]) -> Result<(), Refusal> {
        let given = signing::single_header(request, "x-goog-signature")?;
        let given = STANDARD.decode(given.trim()).map_err(|_| Refusal::Signature)?;
        let valid = self
            .client_tokens
            .iter()
            .fold(false, |found, token| found | signing::same(&given, &signing::hmac_sha512(token.expose().as_bytes(), event)));
        if valid { Ok(()) } else { Err(Refusal::Signature) }
    }

    /// One agent's webhook may be shared by all of a partner's agents.
    fn only_ours(&self, event: InboundEvent) -> InboundEvent {
        match event.connection() {
            Some(other) if other != self.agent_id => InboundEvent::Ignored(domain::event::Ignored {
                reason: "meant for another agent of the same partner".to_owned(),
                sender: None,
                connection: Some(other.to_owned()),
            }),
            _ => event,
        }
    }

    fn url(&self, address: &str, resource: &str, id: (&str, &str)) -> Result<Url, SendError> {
        let mut url = self.base.clone();
        let number = text::e164(address).ok_or_else(|| call::refused("number", "this is no number that RCS could reach"))?;
        url.path_segments_mut()
            .map_err(|()| SendError::NotSent("the address of the vendor has no path".to_owned()))?
            .pop_if_empty()
            .extend(["v1", "phones", &number, resource]);
        url.query_pairs_mut().append_pair(id.0, id.1).append_pair("agentId", &self.agent_id);
        Ok(url)
    }

    async fn post(&self, url: Url, body: &Value, deadline: Duration) -> Result<Answer, SendError> {
        let token = self.tokens.current().await?;
        let answer = call::once(self.http.post(url).bearer_auth(token.expose()).json(body), deadline).await?;
        if answer.status == 401 {
            self.tokens.forget().await;
        }
        Ok(answer)
    }

    /// Says something under an id. The same id is taken once, so what may have arrived can be sent again without arriving twice.
    async fn say(&self, address: &str, id: String, content: Value) -> Result<Sent, SendError> {
        let url = self.url(address, "agentMessages", ("messageId", &id))?;
        // After this time it is taken back.
        let message = json!({"contentMessage": content, "ttl": format!("{}s", self.expiry.as_secs())});
        let answer = self.post(url, &message, self.deadline).await.map_err(|error| match error {
            SendError::Unknown(why) => SendError::NotSent(why),
            other => other,
        })?;
        let outcome = outcome(&answer, id);
        if let Err(SendError::RateLimited(after)) = &outcome {
            self.pace.hold(Slower::All, "", after.unwrap_or(SLOWER));
        }
        outcome
    }

    async fn show(&self, address: &str, event: &Value) {
        // The id only has to be new; it names what is shown, to whom and when.
        let seed = format!("{address} {event} {}", signing::real_now_secs());
        let id = uuid_of(&seed);
        let sent = match self.url(address, "agentEvents", ("eventId", &id)) {
            Ok(url) => self.post(url, event, call::BEST_EFFORT).await,
            Err(error) => Err(error),
        };
        match sent {
            Ok(answer) if answer.is_success() => {}
            Ok(answer) => tracing::debug!(status = answer.status, "Google did not show what we are doing"),
            Err(error) => tracing::debug!(%error, "Google did not show what we are doing"),
        }
    }
}

#[async_trait]
impl Channel for Google {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Rcs
    }

    fn capabilities(&self) -> &Capabilities {
        &ON_GOOGLE
    }

    fn receive(&self, request: &HookRequest<'_>, _now_secs: i64) -> Result<Received, Refusal> {
        if request.method != "POST" {
            return Err(Refusal::NotHere);
        }
        if request.body.len() > json::LARGEST {
            return Err(Refusal::TooLarge);
        }
        // Only the event inside is signed: an envelope that cannot be opened proves nothing.
        let opened = envelope::open(request.body).map_err(|refusal| match refusal {
            Refusal::TooLarge => Refusal::TooLarge,
            _ => Refusal::Signature,
        })?;
        match opened {
            Some(Envelope::SetUp { client_token, secret }) => {
                let known = signing::is_one_of(&client_token, &self.client_tokens) && secret.len() <= LONGEST_SECRET;
                if known { Ok(Received::Handshake(HookAnswer { body: secret, ..HookAnswer::ok() })) } else { Err(Refusal::Signature) }
            }
            Some(Envelope::Event(event)) => {
                self.verify(request, &event)?;
                let events = envelope::decode(request.body)?.into_iter().map(|event| self.only_ours(event)).collect();
                Ok(Received::Events { events, answer: HookAnswer::ok() })
            }
            None => Err(Refusal::Signature),
        }
    }

    fn decode(&self, request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal> {
        envelope::decode(request.body)
    }

    async fn deliver(&self, delivery: &Delivery) -> Result<Sent, SendError> {
        if let Some(link) = delivery.files.first().and_then(|file| file.link.as_deref()) {
            self.pace.pass("").await?;
            let content = json!({"contentInfo": {"fileUrl": link}});
            return self.say(&delivery.address, uuid_of(&delivery.id.to_string()), content).await;
        }
        if delivery.rendered.text.trim().is_empty() {
            return Err(call::refused("empty", "an RCS message needs text"));
        }
        self.pace.pass("").await?;
        let (first, second) = contents(delivery);
        let sent = self.say(&delivery.address, uuid_of(&delivery.id.to_string()), first).await?;
        if let Some(second) = second {
            match self.say(&delivery.address, uuid_of(&format!("{} cards", delivery.id)), second).await {
                Ok(_) => {}
                // The answer itself has been said.
                Err(SendError::Refused { code, .. }) => tracing::warn!(delivery = %delivery.id, code, "Google did not take the cards"),
                // Both are said again, and the first arrives once all the same.
                Err(error) => return Err(error),
            }
        }
        Ok(sent)
    }

    fn takes(&self, media_type: &str, bytes: usize) -> bool {
        self.is_reachable && super::is_carried(media_type, bytes)
    }

    async fn fetch(&self, media: &Media, largest: usize) -> Result<Fetched, FetchError> {
        let address = media.url.as_deref().ok_or_else(|| FetchError::Never("the vendor did not say where it is".to_owned()))?;
        let vendor = Vendor { http: &self.http, base: self.base.as_str(), domains: &[], proof: fetch::Proof::None };
        fetch::get(&vendor, address, largest).await
    }

    /// Whether Google lets the service account in; it tells nothing of the agent to whoever sends for it.
    async fn standing(&self) -> Result<Option<Standing>, SendError> {
        match self.tokens.current().await {
            Ok(_) => Ok(Some(Standing { name: Some(self.agent_id.clone()), ..Standing::default() })),
            Err(SendError::Refused { why, .. }) => Err(call::refused("403", why)),
            Err(_) => Ok(None),
        }
    }

    fn is_the_owners(&self, code: &str) -> bool {
        code == "403"
    }

    async fn typing(&self, address: &str, message: Option<&str>) {
        if let Some(message) = message {
            self.show(address, &json!({"eventType": "READ", "messageId": message})).await;
        }
        self.show(address, &json!({"eventType": "IS_TYPING"})).await;
    }
}

/// What is said, and a second message where the cards do not fit into the first: several beside each other have no room for
/// words. Suggestions are shown below the last message only.
/// <https://developers.google.com/business-communications/rcs-business-messaging/guides/build/messages/send>
fn contents(delivery: &Delivery) -> (Value, Option<Value>) {
    let rendered = &delivery.rendered;
    let text = json!({"text": rendered.text});
    let (mut first, mut second) = match rendered.cards.as_slice() {
        [] => (text, None),
        [one] if rendered.text.chars().count() <= LONGEST_DESCRIPTION => (standing(&card(one, &rendered.text)), None),
        [one] => (text, Some(standing(&card(one, &one.text)))),
        several => {
            let cards: Vec<Value> = several.iter().take(MOST_CARDS).map(|one| card(one, &one.text)).collect();
            (text, Some(json!({"richCard": {"carouselCard": {"cardWidth": "MEDIUM", "cardContents": cards}}})))
        }
    };
    if !rendered.buttons.is_empty() {
        let suggestions = rendered.buttons.iter().take(ON_GOOGLE.buttons.most).map(suggestion).collect();
        second.as_mut().unwrap_or(&mut first)["suggestions"] = suggestions;
    }
    (first, second)
}

fn standing(card: &Value) -> Value {
    json!({"richCard": {"standaloneCard": {"cardOrientation": "VERTICAL", "cardContent": card}}})
}

/// A card: its picture, its name, words about it, and the way to more.
fn card(card: &Card, words: &str) -> Value {
    let mut content = json!({"title": text::shortened(&card.title, 200)});
    if !words.is_empty() {
        content["description"] = text::shortened(words, LONGEST_DESCRIPTION).into();
    }
    if let Some(picture) = &card.picture {
        content["media"] = json!({"height": "MEDIUM", "contentInfo": {"fileUrl": picture}});
    }
    if let Some(url) = &card.url {
        let label = text::shortened(&card.title, 25);
        content["suggestions"] = json!([{"action": {"text": label, "postbackData": url, "openUrlAction": {"url": url}}}]);
    }
    content
}

fn suggestion(button: &Button) -> Value {
    let payload = if button.payload.is_empty() { &button.title } else { &button.payload };
    json!({"reply": {"text": text::shortened(&button.title, ON_GOOGLE.buttons.title), "postbackData": payload}})
}

/// The same words always give the same id, in the form of a UUID, which Google wants ids to have.
fn uuid_of(words: &str) -> String {
    let digest = signing::sha256(words.as_bytes());
    let text = digest.iter().take(16).fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    format!("{}-{}-{}-{}-{}", &text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..])
}

/// Which of the outcomes an answer is.
fn outcome(answer: &Answer, id: String) -> Result<Sent, SendError> {
    let said = || answer.body.written(&["error", "message"]);
    match answer.status {
        // Already there: the answer to the first try was lost.
        200..=299 | 409 => Ok(Sent { provider_message_id: Some(id) }),
        401 => Err(SendError::NotSent("Google wants a new access token".to_owned())),
        403 => Err(call::refused("403", "the service account may not send for this agent, or the agent is not launched at this carrier")),
        404 => Err(call::refused(UNREACHABLE, "this person cannot be reached over RCS")),
        408 => Err(SendError::NotSent("Google gave up waiting".to_owned())),
        429 => Err(SendError::RateLimited(answer.retry_after)),
        400..=499 => Err(call::refused(answer.status.to_string(), said().unwrap_or_else(|| "Google refused the message".to_owned()))),
        status => Err(SendError::NotSent(format!("Google answered {status}"))),
    }
}

/// The code of a person whose phone has no RCS: another door has to be taken.
const UNREACHABLE: &str = "unreachable";
