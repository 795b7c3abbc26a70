//! What the doors behind Twilio share: the account, the signature of its webhooks, its forms and its answers.
//!
//! Twilio signs the public URL together with the sorted form and wants TwiML back. It answers STOP and HELP itself.
//! <https://www.twilio.com/docs/messaging/guides/webhook-request>

pub(crate) mod client;
pub(crate) mod receive;
mod signature;

use std::time::Duration;

use domain::Secret;
use domain::event::Media;
use domain::ports::{FetchError, Fetched, HookAnswer, HookRequest, Received, Refusal, SendError, Sent, Standing};
use domain::settings::ConnectionSettings;
use url::Url;

use crate::fetch::{self, Vendor};
use crate::json::Field;
use crate::pace::{Limits, Pace, Slower};
use crate::settings::{Setup, is_loopback};
use crate::{OpenError, call, json};

const DEFAULT_BASE: &str = "https://api.twilio.com";
/// Asked to slow down without being told for how long, everybody waits for so long.
const SLOWER: Duration = Duration::from_secs(5);

/// One account: what requests are signed with, and where messages are sent.
pub(crate) struct Account {
    http: reqwest::Client,
    base: String,
    account_url: String,
    messages_url: String,
    calls_url: String,
    /// Account or API key, and its secret.
    user: String,
    password: Secret<String>,
    keys: signature::Keys,
    status_callback: Option<Url>,
    pace: Pace,
    deadline: Duration,
}

impl Account {
    pub(crate) fn open(settings: &ConnectionSettings, http: &reqwest::Client) -> Result<Self, OpenError> {
        let setup = Setup::new(settings);
        let base = setup.api_base(DEFAULT_BASE)?;
        let account = setup.required("account_sid")?;
        if !account.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(setup.unusable("account_sid", "is no account SID: it looks like AC and 32 digits"));
        }
        let auth_tokens = setup.secrets("auth_token")?;
        let (user, password) = match setup.optional("api_key_sid") {
            Some(key) => (key, setup.current_secret("api_key_secret")?),
            None => (account.clone(), auth_tokens[0].clone()),
        };
        Ok(Self {
            // Twilio keeps a queue of its own; how fast a number sends is the owner's to say.
            pace: Pace::new(&setup, &base, Limits::NONE),
            http: http.clone(),
            base: base.clone(),
            account_url: format!("{base}/2010-04-01/Accounts/{account}.json"),
            messages_url: format!("{base}/2010-04-01/Accounts/{account}/Messages.json"),
            calls_url: format!("{base}/2010-04-01/Accounts/{account}/Calls"),
            user,
            password,
            keys: signature::Keys { auth_tokens, shared_keys: setup.optional_secrets("webhook_key")? },
            status_callback: status_callback(settings, &base),
            deadline: setup.deadline(),
        })
    }

    /// Verifies, then decodes; Twilio reads empty TwiML.
    pub(crate) fn receive(&self, request: &HookRequest<'_>) -> Result<Received, Refusal> {
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

    /// Is it signed by Twilio for this account?
    pub(crate) fn verify(&self, request: &HookRequest<'_>) -> Result<(), Refusal> {
        self.keys.verify(request)
    }

    /// Makes a call, or changes the one with this id.
    pub(crate) async fn post_call(&self, id: Option<&str>, form: &[(&'static str, String)]) -> Result<call::Answer, SendError> {
        let url = id.map_or_else(|| format!("{}.json", self.calls_url), |id| format!("{}/{id}.json", self.calls_url));
        call::once(self.http.post(url).basic_auth(&self.user, Some(self.password.expose())).form(form), self.deadline).await
    }

    /// Where Twilio reports the state of this message.
    pub(crate) fn status_callback(&self) -> Option<&Url> {
        self.status_callback.as_ref()
    }

    pub(crate) async fn send(&self, form: &[(&'static str, String)]) -> Result<Sent, SendError> {
        let request = self.http.post(&self.messages_url).basic_auth(&self.user, Some(self.password.expose())).form(form);
        self.pace.pass("").await?;
        let outcome = client::outcome(&call::once(request, self.deadline).await?);
        if let Err(SendError::RateLimited(after)) = &outcome {
            self.pace.hold(Slower::All, "", after.unwrap_or(SLOWER));
        }
        outcome
    }

    /// Twilio hands a file on to where it lies, and that place wants no password.
    pub(crate) async fn fetch(&self, media: &Media, largest: usize) -> Result<Fetched, FetchError> {
        let address = media.url.as_deref().ok_or_else(|| FetchError::Never("Twilio did not say where it is".to_owned()))?;
        let proof = fetch::Proof::Basic(&self.user, &self.password);
        fetch::get(&Vendor { http: &self.http, base: &self.base, domains: &["twilio.com"], proof }, address, largest).await
    }

    pub(crate) async fn standing(&self) -> Result<Option<Standing>, SendError> {
        let asked = self.http.get(&self.account_url).basic_auth(&self.user, Some(self.password.expose()));
        let Ok(answer) = call::once(asked, self.deadline).await else { return Ok(None) };
        if !answer.is_success() {
            return call::only_ours(client::outcome(&answer), is_the_owners);
        }
        let state = answer.body.written(&["status"]).filter(|state| state != "active");
        let to_do = state.map(|state| format!("Twilio says that the account is {state}")).into_iter().collect();
        Ok(Some(Standing { name: answer.body.written(&["friendly_name"]), to_do, ..Standing::default() }))
    }

    pub(crate) async fn post_json(&self, url: &str, body: &serde_json::Value) -> Result<call::Answer, SendError> {
        call::once(self.http.post(url).basic_auth(&self.user, Some(self.password.expose())).json(body), self.deadline).await
    }
}

/// Codes that are about the account or the connection's own number.
pub(crate) fn is_the_owners(code: &str) -> bool {
    let account = |code: i64| matches!(code, 20_003 | 20_005 | 20_404 | 21_212 | 21_603 | 21_606 | 21_659 | 30_002 | 401);
    code.parse().is_ok_and(account)
}

/// Where Twilio reports delivery. Twilio refuses a whole message whose callback it cannot reach, so a server that is
/// only on loopback names none, unless what it calls is on loopback as well.
fn status_callback(settings: &ConnectionSettings, base: &str) -> Option<Url> {
    let public = settings.public_url.trim_end_matches('/');
    let callback = Url::parse(&format!("{public}/hooks/{}", settings.id)).ok()?;
    let is_reachable = !is_loopback(&callback) || Url::parse(base).is_ok_and(|base| is_loopback(&base));
    (matches!(callback.scheme(), "http" | "https") && is_reachable).then_some(callback)
}
