//! Identity tokens of the website: a JWT signed by the business, with an algorithm that the token cannot choose.

use domain::Secret;
use domain::settings::ConnectionSettings;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Deserialize, Deserializer};

use super::keys::{Key, KeySet};
use crate::settings::Setup;
use crate::{OpenError, text};

/// No business needs a longer one.
const LONGEST_TOKEN: usize = 16 * 1024;

/// A token's life ahead, at most.
const LONGEST_LIFE_SECS: f64 = 3_600.0;

/// How far the clock of whoever made the token may be ahead of ours.
const SKEW_SECS: f64 = 30.0;

/// What a token says about the visitor, all of it signed by the business.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims {
    /// The business's own id of the person.
    pub sub: String,
    /// Name.
    pub name: Option<String>,
    /// Email; verified only when `email_verified`.
    pub email: Option<String>,
    /// Does the business say that the email is verified?
    pub email_verified: bool,
    /// Phone, E.164; verified only when `phone_number_verified`.
    pub phone_number: Option<String>,
    /// Does the business say that the phone is verified?
    pub phone_number_verified: bool,
    /// Language.
    pub locale: Option<String>,
    /// The token's own id: it opens one session.
    pub jti: Option<String>,
    /// When it ends, seconds since 1970.
    pub exp: i64,
}

/// Why a token is not taken. The visitor is told none of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// It is no token, or a claim has the wrong type.
    #[error("the token cannot be read")]
    Unreadable,
    /// It names another algorithm than the configured one.
    #[error("the token's algorithm is not the configured one")]
    Algorithm,
    /// The signature is wrong or made with an unknown key.
    #[error("the token's signature is wrong")]
    Signature,
    /// `sub`, `exp` or `aud` is missing.
    #[error("the token lacks sub, exp or aud")]
    Incomplete,
    /// It has expired.
    #[error("the token has expired")]
    Expired,
    /// It is not valid yet.
    #[error("the token is not valid yet")]
    TooEarly,
    /// It lives longer than an hour from now.
    #[error("the token lives longer than an hour")]
    TooLong,
    /// It was made for somebody else.
    #[error("the token is meant for another audience or comes from another issuer")]
    Audience,
    /// The business's key address does not answer.
    #[error("the keys cannot be fetched")]
    KeysUnavailable,
}

/// Verifies the tokens of one widget connection.
pub struct Tokens {
    keys: Source,
    audience: String,
    issuer: Option<String>,
}

enum Source {
    /// One kind of key, current and previous.
    Fixed(Vec<Key>),
    /// A published set of keys.
    Published(KeySet),
}

impl Tokens {
    /// Reads `jwt.algorithm`, `jwt.secret` | `jwt.public_key` | `jwt.jwks_url`, `jwt.audience`, `jwt.issuer`.
    /// `None` when the connection takes no tokens.
    pub fn of(settings: &ConnectionSettings, http: &reqwest::Client) -> Result<Option<Self>, OpenError> {
        let setup = Setup::new(settings);
        let algorithm = match setup.optional("jwt.algorithm").as_deref() {
            None => None,
            Some("HS256") => Some(Algorithm::HS256),
            Some("RS256") => Some(Algorithm::RS256),
            Some("ES256") => Some(Algorithm::ES256),
            Some(_) => return Err(setup.unusable("jwt.algorithm", "must be HS256, RS256 or ES256")),
        };
        let secrets = setup.optional_chosen_secrets("jwt.secret")?;
        let secret_keys = setup.optional_secrets("jwt.public_key")?;
        let mut public_keys: Vec<String> = secret_keys.iter().map(|key| key.expose().clone()).collect();
        public_keys.extend(setup.optional("jwt.public_key"));
        let keys = if let Some(url) = setup.optional("jwt.jwks_url") {
            if algorithm == Some(Algorithm::HS256) {
                return Err(setup.unusable("jwt.algorithm", "must be RS256 or ES256 with jwt.jwks_url"));
            }
            Source::Published(KeySet::new(setup.checked_url("jwt.jwks_url", &url)?, algorithm, http))
        } else if !public_keys.is_empty() {
            Source::Fixed(pem_keys(&setup, algorithm, &public_keys)?)
        } else if !secrets.is_empty() {
            if !matches!(algorithm, None | Some(Algorithm::HS256)) {
                return Err(setup.unusable("jwt.secret", "belongs to HS256: RS256 and ES256 need jwt.public_key"));
            }
            let key = |secret: &Secret<String>| Key::new(Algorithm::HS256, DecodingKey::from_secret(secret.expose().as_bytes()));
            Source::Fixed(secrets.iter().map(key).collect())
        } else if algorithm.is_some() || settings.secrets.contains_key("jwt.secret") {
            return Err(setup.unusable("jwt.secret", "is missing: give jwt.secret, jwt.public_key or jwt.jwks_url"));
        } else {
            return Ok(None);
        };
        let audience = setup.optional("jwt.audience").unwrap_or_else(|| "rapport-widget".to_owned());
        Ok(Some(Self { keys, audience, issuer: setup.optional("jwt.issuer") }))
    }

    /// Verifies a token at `now_secs` (real time). Calls out only for published keys that are not known yet.
    pub async fn verify(&self, token: &str, now_secs: i64) -> Result<Claims, TokenRefusal> {
        if token.len() > LONGEST_TOKEN {
            return Err(TokenRefusal::Unreadable);
        }
        // Only `alg` and `kid` are looked at: keys or addresses that a token brings along are nobody's business.
        let header = jsonwebtoken::decode_header(token).map_err(|error| refusal(error.kind()))?;
        let raw = match &self.keys {
            Source::Fixed(keys) => verified(token, keys.iter())?,
            Source::Published(set) => {
                let keys = set.matching(header.kid.as_deref(), now_secs).await?;
                verified(token, keys.iter().map(AsRef::as_ref))?
            }
        };
        self.checked(raw, now_secs as f64)
    }

    fn checked(&self, raw: Raw, now: f64) -> Result<Claims, TokenRefusal> {
        let sub = raw.sub.and_then(|sub| text::written(&sub)).ok_or(TokenRefusal::Incomplete)?;
        let exp = raw.exp.ok_or(TokenRefusal::Incomplete)?.0;
        let audience = raw.aud.ok_or(TokenRefusal::Incomplete)?;
        if exp <= now {
            return Err(TokenRefusal::Expired);
        }
        if exp - now > LONGEST_LIFE_SECS + SKEW_SECS {
            return Err(TokenRefusal::TooLong);
        }
        if raw.nbf.is_some_and(|nbf| nbf.0 > now + SKEW_SECS) {
            return Err(TokenRefusal::TooEarly);
        }
        let is_for_us = match audience {
            Audience::One(one) => one == self.audience,
            Audience::Several(several) => several.contains(&self.audience),
        };
        if !is_for_us || (self.issuer.is_some() && raw.iss != self.issuer) {
            return Err(TokenRefusal::Audience);
        }
        let phone = raw.phone_number.as_deref().and_then(text::e164);
        Ok(Claims {
            sub,
            name: raw.name.as_deref().and_then(text::written),
            email: raw.email.as_deref().and_then(text::written),
            email_verified: raw.email_verified.unwrap_or(false),
            phone_number_verified: phone.is_some() && raw.phone_number_verified.unwrap_or(false),
            phone_number: phone,
            locale: raw.locale,
            jti: raw.jti,
            exp: exp as i64,
        })
    }
}

fn pem_keys(setup: &Setup<'_>, algorithm: Option<Algorithm>, pems: &[String]) -> Result<Vec<Key>, OpenError> {
    let why = "is no PEM public key for the algorithm: set jwt.algorithm to RS256 or ES256";
    let key = |pem: &String| {
        let key = match algorithm {
            Some(Algorithm::RS256) => DecodingKey::from_rsa_pem(pem.as_bytes()),
            Some(Algorithm::ES256) => DecodingKey::from_ec_pem(pem.as_bytes()),
            _ => return None,
        };
        Some(Key::new(algorithm?, key.ok()?))
    };
    pems.iter().map(key).collect::<Option<Vec<Key>>>().ok_or_else(|| setup.unusable("jwt.public_key", why))
}

/// The claims under the first key that fits; the algorithm comes from the key, never from the token.
fn verified<'a>(token: &str, keys: impl Iterator<Item = &'a Key>) -> Result<Raw, TokenRefusal> {
    let mut last = TokenRefusal::Signature;
    for key in keys {
        let mut validation = Validation::new(key.algorithm);
        validation.required_spec_claims.clear();
        // Times and audience are checked below, by types that a text in place of a number does not pass.
        (validation.validate_exp, validation.validate_nbf, validation.validate_aud) = (false, false, false);
        match jsonwebtoken::decode::<Raw>(token, &key.material, &validation) {
            Ok(token) => return Ok(token.claims),
            Err(error) => last = refusal(error.kind()),
        }
    }
    Err(last)
}

fn refusal(kind: &ErrorKind) -> TokenRefusal {
    match kind {
        ErrorKind::InvalidSignature => TokenRefusal::Signature,
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName | ErrorKind::UnsupportedAlgorithm => TokenRefusal::Algorithm,
        _ => TokenRefusal::Unreadable,
    }
}

/// Claims as they stand in the token: of the right type or not at all.
#[derive(Deserialize)]
struct Raw {
    sub: Option<String>,
    exp: Option<Seconds>,
    nbf: Option<Seconds>,
    aud: Option<Audience>,
    iss: Option<String>,
    jti: Option<String>,
    name: Option<String>,
    email: Option<String>,
    email_verified: Option<bool>,
    phone_number: Option<String>,
    phone_number_verified: Option<bool>,
    locale: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// Seconds since 1970: a number, finite, not negative.
struct Seconds(f64);

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        let is_time = seconds.is_finite() && (0.0..1e12).contains(&seconds);
        if is_time { Ok(Self(seconds)) } else { Err(serde::de::Error::custom("not a time")) }
    }
}
