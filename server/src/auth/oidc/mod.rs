//! Sign-in through an identity provider: OpenID Connect's authorisation code flow with PKCE, state and nonce.
//! <https://openid.net/specs/openid-connect-core-1_0.html>, <https://www.rfc-editor.org/rfc/rfc7636>

mod token;

use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use reqwest::RequestBuilder;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;
use url::Url;

pub use token::Person;
use token::{About, Expected};

use super::hash;
use crate::config::OidcSettings;

/// No provider's answer is larger.
const LARGEST: usize = 512 * 1024;
/// How long one call may take: somebody waits.
const DEADLINE: Duration = Duration::from_secs(10);
/// How long what the provider says about itself is used.
const FRESH: Duration = Duration::from_hours(1);

/// What a browser keeps while its teammate is at the provider; everything that ties the two ends together follows from it.
pub struct Attempt {
    kept: String,
}

impl Attempt {
    /// From what the browser keeps.
    pub fn of(kept: &str) -> Self {
        Self { kept: kept.to_owned() }
    }

    /// What goes along and comes back.
    pub fn state(&self) -> String {
        self.derived("state")
    }

    /// What stands in the token.
    fn nonce(&self) -> String {
        self.derived("nonce")
    }

    /// What proves that whoever redeems the code asked for it.
    fn verifier(&self) -> String {
        self.derived("verifier")
    }

    /// One way: what the provider or an address bar sees does not give away the rest.
    fn derived(&self, what: &str) -> String {
        hash(&format!("sign-in {what} {}", self.kept))
    }
}

/// Why nobody was found out. The log says more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OidcError {
    /// No answer, or none that can be used.
    #[error("the identity provider cannot be used: {0}")]
    Unavailable(String),
    /// An answer that cannot be believed.
    #[error("the identity provider's answer is not believed: {0}")]
    Disbelieved(String),
}

/// What a provider publishes about itself.
#[derive(Debug, Deserialize)]
struct Discovered {
    issuer: String,
    authorization_endpoint: Address,
    token_endpoint: Address,
    jwks_uri: Address,
    userinfo_endpoint: Option<Address>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// An address, read once.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct Address(Url);

impl TryFrom<String> for Address {
    type Error = url::ParseError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Url::parse(&text).map(Self)
    }
}

/// The configured provider.
pub struct Provider {
    /// The table.
    pub settings: OidcSettings,
    http: reqwest::Client,
    known: Mutex<Option<(Instant, Arc<Discovered>)>>,
}

impl Provider {
    /// Nothing is asked before somebody wants to sign in.
    pub fn new(settings: OidcSettings) -> anyhow::Result<Self> {
        Ok(Self { settings, http: crate::wiring::vendor_client()?, known: Mutex::default() })
    }

    /// Where the browser goes.
    pub async fn entrance(&self, attempt: &Attempt, callback: &str) -> Result<Url, OidcError> {
        let mut url = self.discovered().await?.authorization_endpoint.0.clone();
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(attempt.verifier().as_bytes()));
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", callback)
            .append_pair("scope", "openid email profile")
            .append_pair("state", &attempt.state())
            .append_pair("nonce", &attempt.nonce())
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        Ok(url)
    }

    /// Redeems the code that came back. `issuer`: who the answer says it is from (RFC 9207).
    pub async fn person(&self, attempt: &Attempt, code: &str, issuer: Option<&str>, callback: &str, now: i64) -> Result<Person, OidcError> {
        let discovered = self.discovered().await?;
        let is_other = issuer.map_or(discovered.authorization_response_iss_parameter_supported, |issuer| issuer != discovered.issuer);
        if is_other {
            return Err(OidcError::Disbelieved("the answer comes from another issuer".to_owned()));
        }
        let answer = self.redeem(&discovered, attempt, code, callback).await?;
        let text = |name: &str| answer.get(name).and_then(Value::as_str);
        let token = text("id_token").ok_or_else(|| OidcError::Disbelieved("the answer holds no identity token".to_owned()))?;
        let keys = self.fetch(discovered.jwks_uri.0.as_str()).await?;
        let expected = Expected { issuer: &discovered.issuer, client_id: &self.settings.client_id, nonce: &attempt.nonce(), now };
        let mut person = token::read(token, &keys, &expected).map_err(|why| OidcError::Disbelieved(why.to_owned()))?;
        if let (None, Some(endpoint), Some(access)) = (&person.email, &discovered.userinfo_endpoint, text("access_token")) {
            self.ask_about(&mut person, &endpoint.0, access).await?;
        }
        Ok(person)
    }

    async fn redeem(&self, discovered: &Discovered, attempt: &Attempt, code: &str, callback: &str) -> Result<Value, OidcError> {
        let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let (id, secret) = (self.settings.client_id.as_str(), self.settings.client_secret.expose().as_str());
        let methods = &discovered.token_endpoint_auth_methods_supported;
        let is_in_body = !methods.is_empty() && !methods.iter().any(|method| method == "client_secret_basic");
        let body = {
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            form.append_pair("grant_type", "authorization_code")
                .append_pair("code", code)
                .append_pair("redirect_uri", callback)
                .append_pair("code_verifier", &attempt.verifier());
            if is_in_body {
                form.append_pair("client_id", id).append_pair("client_secret", secret);
            }
            form.finish()
        };
        let mut request = self.http.post(discovered.token_endpoint.0.clone()).body(body).header("accept", "application/json");
        if !is_in_body {
            request = request.header("authorization", format!("Basic {}", STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret)))));
        }
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let (status, answer) = self.call(request).await?;
        match status {
            200..=299 => Ok(answer),
            // Words of the provider that hold no secret: `invalid_grant`, `invalid_client`.
            _ => {
                let why = answer.get("error").and_then(Value::as_str).unwrap_or("no reason given").chars().take(60).collect::<String>();
                Err(OidcError::Unavailable(format!("the code was not redeemed: {status}, {why}")))
            }
        }
    }

    /// What the token left out; only about the same person.
    async fn ask_about(&self, person: &mut Person, endpoint: &Url, access: &str) -> Result<(), OidcError> {
        let (status, answer) = self.call(self.http.get(endpoint.clone()).bearer_auth(access).header("accept", "application/json")).await?;
        if !(200..300).contains(&status) {
            return Err(OidcError::Unavailable(format!("it does not say who it is: {status}")));
        }
        if answer.get("sub").and_then(Value::as_str) != Some(person.subject.as_str()) {
            return Err(OidcError::Disbelieved("it speaks of somebody else".to_owned()));
        }
        serde_json::from_value::<About>(answer).unwrap_or_default().complete(person);
        Ok(())
    }

    /// What the provider says about itself, asked once an hour.
    async fn discovered(&self) -> Result<Arc<Discovered>, OidcError> {
        let mut known = self.known.lock().await;
        if let Some((_, discovered)) = known.as_ref().filter(|(at, _)| at.elapsed() < FRESH) {
            return Ok(Arc::clone(discovered));
        }
        let address = format!("{}/.well-known/openid-configuration", self.settings.issuer.trim_end_matches('/'));
        let answer = self.fetch(&address).await?;
        let discovered: Discovered = serde_json::from_value(answer)
            .map_err(|error| OidcError::Unavailable(format!("what it publishes about itself cannot be read: {error}")))?;
        if discovered.issuer.trim_end_matches('/') != self.settings.issuer.trim_end_matches('/') {
            return Err(OidcError::Disbelieved(format!("it calls itself {:?}; `issuer` must be that", discovered.issuer)));
        }
        let endpoints = [&discovered.authorization_endpoint, &discovered.token_endpoint, &discovered.jwks_uri];
        for url in endpoints.into_iter().chain(&discovered.userinfo_endpoint) {
            self.check(&url.0)?;
        }
        let discovered = Arc::new(discovered);
        *known = Some((Instant::now(), Arc::clone(&discovered)));
        Ok(discovered)
    }

    /// Encrypted, or the configured address itself, which lies on this machine when it is not.
    fn check(&self, url: &Url) -> Result<(), OidcError> {
        let is_own = Url::parse(&self.settings.issuer).is_ok_and(|issuer| issuer.origin() == url.origin());
        if is_own || url.scheme() == "https" {
            return Ok(());
        }
        Err(OidcError::Disbelieved(format!("{url} is not encrypted")))
    }

    /// What is published, through the gate of everything that is fetched.
    async fn fetch(&self, address: &str) -> Result<Value, OidcError> {
        let fetching = channels::fetch::published(&self.http, &self.settings.issuer, address, LARGEST);
        let found = tokio::time::timeout(DEADLINE, fetching).await.map_err(|_| OidcError::Unavailable("no answer in time".to_owned()))?;
        let found = found.map_err(|error| OidcError::Unavailable(format!("{address} could not be read: {error}")))?;
        serde_json::from_slice(&found.content.0).map_err(|_| OidcError::Unavailable(format!("{address} is no JSON")))
    }

    async fn call(&self, request: RequestBuilder) -> Result<(u16, Value), OidcError> {
        let unusable = |why: &str| OidcError::Unavailable(why.to_owned());
        let mut response = request.timeout(DEADLINE).send().await.map_err(|_| unusable("no answer"))?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| unusable("its answer was cut off"))? {
            if body.len() + chunk.len() > LARGEST {
                return Err(unusable("its answer is too large"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
    }
}
