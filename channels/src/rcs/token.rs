//! Google's access tokens: a signed assertion of the service account is exchanged for one that lasts an hour.
//!
//! <https://developers.google.com/identity/protocols/oauth2/service-account#authorizingrequests>

use std::time::Duration;

use domain::Secret;
use domain::ports::SendError;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;
use tokio::sync::Mutex;
use url::Url;

use crate::json::Field;
use crate::{call, json, signing};

const SCOPE: &str = "https://www.googleapis.com/auth/rcsbusinessmessaging";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// How long an assertion is good for.
const ASSERTED_SECS: i64 = 3_600;
/// A token is not used in its last minute.
const MARGIN_SECS: i64 = 60;

/// What the key file of a service account says.
pub(super) struct ServiceAccount {
    email: String,
    key: EncodingKey,
    key_id: Option<String>,
    /// Where assertions are exchanged.
    pub(super) token_uri: String,
}

impl ServiceAccount {
    /// Reads the key file that Google's console makes.
    pub(super) fn read(file: &Secret<String>) -> Result<Self, &'static str> {
        let file = file.expose().as_bytes();
        json::bounded(file, json::LARGEST).map_err(|_| "is too large for a key file")?;
        let file = json::strict(file).map_err(|_| "is no JSON: give the key file as Google's console made it")?;
        let email = file.id(&["client_email"]).ok_or("holds no client_email")?;
        let pem = file.raw(&["private_key"]).ok_or("holds no private_key")?;
        let key = EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(|_| "holds a private_key that is no RSA key in PEM")?;
        let token_uri = file.id(&["token_uri"]).unwrap_or_else(|| "https://oauth2.googleapis.com/token".to_owned());
        Ok(Self { email, key, key_id: file.id(&["private_key_id"]), token_uri })
    }

    fn assertion(&self, now_secs: i64) -> Option<String> {
        let header = Header { kid: self.key_id.clone(), ..Header::new(Algorithm::RS256) };
        let claims = json!({
            "iss": self.email,
            "scope": SCOPE,
            "aud": self.token_uri,
            "iat": now_secs,
            "exp": now_secs + ASSERTED_SECS,
        });
        jsonwebtoken::encode(&header, &claims, &self.key).ok()
    }
}

/// The current token, fetched when it is needed. One fetch at a time; the others wait for it.
pub(super) struct Tokens {
    pub(super) http: reqwest::Client,
    pub(super) account: ServiceAccount,
    pub(super) url: Url,
    pub(super) deadline: Duration,
    current: Mutex<Option<Token>>,
}

struct Token {
    value: Secret<String>,
    until_secs: i64,
}

impl Tokens {
    pub(super) fn new(http: &reqwest::Client, account: ServiceAccount, url: Url, deadline: Duration) -> Self {
        Self { http: http.clone(), account, url, deadline, current: Mutex::new(None) }
    }

    /// A token that is good for a minute at least. Failing here means that nothing was sent.
    pub(super) async fn current(&self) -> Result<Secret<String>, SendError> {
        let now = signing::real_now_secs();
        let mut current = self.current.lock().await;
        if let Some(token) = current.as_ref().filter(|token| token.until_secs > now + MARGIN_SECS) {
            return Ok(token.value.clone());
        }
        let fetched = self.fetch(now).await?;
        let value = fetched.value.clone();
        *current = Some(fetched);
        Ok(value)
    }

    /// Google no longer takes the token: the next message asks for another.
    pub(super) async fn forget(&self) {
        *self.current.lock().await = None;
    }

    async fn fetch(&self, now_secs: i64) -> Result<Token, SendError> {
        let assertion = self.account.assertion(now_secs).ok_or_else(|| call::refused("key", "the service account's key cannot sign"))?;
        let form = [("grant_type", GRANT), ("assertion", assertion.as_str())];
        let answer = call::once(self.http.post(self.url.clone()).form(&form), self.deadline).await;
        let answer = answer.map_err(|_| SendError::NotSent("Google's token server cannot be reached".to_owned()))?;
        match (answer.status, answer.body.raw(&["access_token"])) {
            (200, Some(token)) => {
                let lasts = answer.body.integer(&["expires_in"]).unwrap_or(ASSERTED_SECS).clamp(0, ASSERTED_SECS);
                Ok(Token { value: Secret::new(token.to_owned()), until_secs: now_secs + lasts })
            }
            (429, _) => Err(SendError::RateLimited(answer.retry_after)),
            (400..=499, _) => Err(call::refused(
                answer.status.to_string(),
                "Google does not accept the service account: make a new key and update the connection",
            )),
            (status, _) => Err(SendError::NotSent(format!("Google's token server answered {status}"))),
        }
    }
}
