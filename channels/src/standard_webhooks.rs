//! Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature: v1,<base64>`.
//!
//! <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use domain::Secret;
use domain::ports::{HookRequest, Refusal};

use crate::signing;

/// How far a signed time may lie from ours, in seconds.
const TOLERANCE_SECS: i64 = 5 * 60;

/// The keys of one secret and of those before it.
pub struct Keys {
    keys: Vec<Secret<Vec<u8>>>,
}

/// The three headers that go with a signed body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHeaders {
    /// `webhook-id`: the same on every try, so that the receiver can drop repeats.
    pub id: String,
    /// `webhook-timestamp`, seconds since 1970.
    pub timestamp: String,
    /// `webhook-signature`, one for each key.
    pub signature: String,
}

impl Keys {
    /// Reads secrets, current first.
    ///
    /// `whsec_…` holds base64. Without the prefix the published libraries decode base64 all the same, while people
    /// expect their text to be the key: both readings are accepted and both are signed.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut keys: Vec<Vec<u8>> = Vec::new();
        for secret in secrets {
            let encoded = secret.strip_prefix("whsec_");
            let text = encoded.unwrap_or(secret);
            let decoded = STANDARD.decode(text).or_else(|_| STANDARD_NO_PAD.decode(text)).ok();
            let usable = decoded.filter(|key| key.len() >= 16);
            let plain = (encoded.is_none() || usable.is_none()).then(|| secret.as_bytes().to_vec());
            keys.extend(usable.into_iter().chain(plain));
        }
        Self { keys: keys.into_iter().filter(|key| !key.is_empty()).map(Secret::new).collect() }
    }

    /// Signs a body that leaves us.
    pub fn sign(&self, id: &str, now_secs: i64, body: &[u8]) -> SignedHeaders {
        let timestamp = now_secs.to_string();
        let signatures: Vec<String> =
            self.keys.iter().map(|key| format!("v1,{}", STANDARD.encode(signature(key.expose(), id, &timestamp, body)))).collect();
        SignedHeaders { id: id.to_owned(), timestamp, signature: signatures.join(" ") }
    }

    /// Verifies a request over its raw body; gives back the id it was signed under.
    pub fn verify<'a>(&self, request: &'a HookRequest<'_>, now_secs: i64) -> Result<&'a str, Refusal> {
        let id = signing::single_header(request, "webhook-id")?;
        let timestamp = signing::single_header(request, "webhook-timestamp")?;
        let given = signing::single_header(request, "webhook-signature")?;
        let signed_at: i64 = timestamp.parse().map_err(|_| Refusal::Signature)?;
        if id.is_empty() || signed_at.abs_diff(now_secs) > TOLERANCE_SECS.unsigned_abs() {
            return Err(Refusal::Signature);
        }
        let given: Vec<Vec<u8>> = given.split(' ').take(16).filter_map(|part| STANDARD.decode(part.strip_prefix("v1,")?).ok()).collect();
        let mut valid = false;
        for key in &self.keys {
            let expected = signature(key.expose(), id, timestamp, request.body);
            valid |= given.iter().fold(false, |found, one| found | signing::same(one, &expected));
        }
        if valid { Ok(id) } else { Err(Refusal::Signature) }
    }
}

fn signature(key: &[u8], id: &str, timestamp: &str, body: &[u8]) -> Vec<u8> {
    signing::hmac_sha256(key, &[id.as_bytes(), b".", timestamp.as_bytes(), b".", body])
}
