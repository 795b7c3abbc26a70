//! A webhook of the business's own that is told what the team should know. The body begins with `text`, so that Slack and what
//! imitates it show it as it is; whoever wants more reads the rest. Signed as Standard Webhooks say.

use std::time::Duration;

use domain::Secret;
use domain::ports::SendError;
use reqwest::header::CONTENT_TYPE;
use serde_json::Value;
use url::Url;

use crate::settings::is_loopback;
use crate::standard_webhooks::Keys;
use crate::{call, signing};

/// How long it may take to say that it took an alert.
const DEADLINE: Duration = Duration::from_secs(15);

/// Where alerts go.
pub struct AlertHook {
    http: reqwest::Client,
    url: Url,
    keys: Keys,
}

impl AlertHook {
    /// For a checked address; the client must follow no redirect.
    pub fn new(http: &reqwest::Client, url: &str, secrets: &[Secret<String>]) -> Result<Self, &'static str> {
        let url = Self::check(url)?;
        Ok(Self { http: http.clone(), url, keys: Keys::new(secrets.iter().map(|secret| secret.expose().as_str())) })
    }

    /// Checks an address: HTTPS, or plain HTTP on loopback. The error says what is wrong with it.
    pub fn check(url: &str) -> Result<Url, &'static str> {
        let url = Url::parse(url.trim()).map_err(|_| "is not a URL")?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            _ => return Err("must begin with https:// (plain http only on loopback)"),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("holds a password: leave it out, the body is signed");
        }
        Ok(url)
    }

    /// Tells it once. `id` is the same on every try. What is refused with 410 is refused for good, anything else may be tried again.
    pub async fn tell(&self, id: &str, body: &Value) -> Result<(), SendError> {
        let body = body.to_string();
        let signed = self.keys.sign(id, signing::real_now_secs(), body.as_bytes());
        let mut request = self
            .http
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", signed.id)
            .header("webhook-timestamp", signed.timestamp);
        if !signed.signature.is_empty() {
            request = request.header("webhook-signature", signed.signature);
        }
        let answer = call::once(request.body(body), DEADLINE).await?;
        match answer.status {
            200..=299 => Ok(()),
            410 => Err(call::refused("410", "the address says that it is gone")),
            429 | 503 => Err(SendError::RateLimited(answer.retry_after)),
            status => Err(SendError::NotSent(format!("it answered {status}"))),
        }
    }
}
