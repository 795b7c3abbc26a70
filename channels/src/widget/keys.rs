//! Keys for tokens, and a small cache of a business's published ones.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;
use url::Url;

use super::token::TokenRefusal;
use crate::call;
use crate::json::Field;

/// How long a fetched set is used.
const FRESH_SECS: i64 = 600;

/// Tokens with unknown key ids make us ask again at most this often.
const AGAIN_SECS: i64 = 30;

/// More keys than anybody publishes.
const MOST_KEYS: usize = 64;

/// How long the key address may take: a visitor waits.
const DEADLINE: Duration = Duration::from_secs(5);

/// A key together with the one algorithm it is used with.
pub(super) struct Key {
    id: Option<String>,
    pub(super) algorithm: Algorithm,
    pub(super) material: DecodingKey,
}

impl Key {
    pub(super) fn new(algorithm: Algorithm, material: DecodingKey) -> Self {
        Self { id: None, algorithm, material }
    }

    /// A published key. Symmetric ones are left out: what is published is no secret.
    fn published(jwk: &Jwk) -> Option<Self> {
        let algorithm = match &jwk.algorithm {
            AlgorithmParameters::RSA(_) => Algorithm::RS256,
            AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256 => Algorithm::ES256,
            _ => return None,
        };
        if jwk.common.public_key_use == Some(PublicKeyUse::Encryption) {
            return None;
        }
        Some(Self { id: jwk.common.key_id.clone(), algorithm, material: DecodingKey::from_jwk(jwk).ok()? })
    }
}

/// A business's key address and what it said last.
pub(super) struct KeySet {
    url: Url,
    algorithm: Option<Algorithm>,
    http: reqwest::Client,
    known: Mutex<Known>,
    /// One fetch at a time; the others wait for it, as long as its deadline lasts.
    fetching: tokio::sync::Semaphore,
}

#[derive(Default)]
struct Known {
    keys: Vec<Arc<Key>>,
    fetched_at: Option<i64>,
    tried_at: Option<i64>,
}

impl KeySet {
    pub(super) fn new(url: Url, algorithm: Option<Algorithm>, http: &reqwest::Client) -> Self {
        let fetching = tokio::sync::Semaphore::new(1);
        Self { url, algorithm, http: http.clone(), known: Mutex::default(), fetching }
    }

    /// The keys a token with this key id may be signed with.
    pub(super) async fn matching(&self, id: Option<&str>, now: i64) -> Result<Vec<Arc<Key>>, TokenRefusal> {
        let found = self.known_keys(id);
        if !found.is_empty() && self.is_fresh(now) {
            return Ok(found);
        }
        let _turn = self.fetching.acquire().await.map_err(|_| TokenRefusal::KeysUnavailable)?;
        // Somebody may have fetched while we waited; and a wrong key id must not make us ask for every token.
        if self.may_ask(now) {
            self.fetch(now).await;
        }
        let found = self.known_keys(id);
        match found.is_empty() {
            false => Ok(found),
            true if self.known().fetched_at.is_none() => Err(TokenRefusal::KeysUnavailable),
            true => Err(TokenRefusal::Signature),
        }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known_keys(&self, id: Option<&str>) -> Vec<Arc<Key>> {
        let known = self.known();
        let matches = |key: &&Arc<Key>| id.is_none() || key.id.as_deref() == id;
        known.keys.iter().filter(matches).cloned().collect()
    }

    fn is_fresh(&self, now: i64) -> bool {
        self.known().fetched_at.is_some_and(|at| at.abs_diff(now) < FRESH_SECS.unsigned_abs())
    }

    fn may_ask(&self, now: i64) -> bool {
        self.known().tried_at.is_none_or(|at| at.abs_diff(now) >= AGAIN_SECS.unsigned_abs())
    }

    /// Asks for the keys. When that fails the former ones stay in use.
    async fn fetch(&self, now: i64) {
        self.known().tried_at = Some(now);
        let answer = match call::once(self.http.get(self.url.clone()), DEADLINE).await {
            Ok(answer) if answer.is_success() => answer,
            Ok(answer) => {
                tracing::warn!(status = answer.status, "the widget's keys cannot be fetched, the former ones stay in use");
                return;
            }
            Err(error) => {
                tracing::warn!(%error, "the widget's keys cannot be fetched, the former ones stay in use");
                return;
            }
        };
        let keys = published(&answer.body, self.algorithm);
        if keys.is_empty() {
            tracing::warn!("the widget's key address holds no usable key, the former ones stay in use");
            return;
        }
        let mut known = self.known();
        known.keys = keys;
        known.fetched_at = Some(now);
    }
}

/// The usable keys of a set; one that cannot be read does not spoil the others.
fn published(set: &Value, algorithm: Option<Algorithm>) -> Vec<Arc<Key>> {
    set.items(&["keys"])
        .iter()
        .take(MOST_KEYS)
        .filter_map(|key| Key::published(&serde_json::from_value::<Jwk>(key.clone()).ok()?))
        .filter(|key| algorithm.is_none_or(|pinned| pinned == key.algorithm))
        .map(Arc::new)
        .collect()
}
