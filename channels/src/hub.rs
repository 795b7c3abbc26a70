//! What all of Meta's webhooks share: the handshake of a subscription, and the signature of the app.
//!
//! <https://developers.facebook.com/docs/graph-api/webhooks/getting-started>

use domain::Secret;
use domain::ports::{HookAnswer, HookRequest, Refusal};

use crate::signing;

/// Meta sends batches of up to 3 MB.
pub(crate) const LARGEST: usize = 3 * 1024 * 1024;

/// The longest challenge that is given back.
const LONGEST_CHALLENGE: usize = 256;

/// The secrets of one subscription, current and previous ones.
pub(crate) struct Hub {
    pub(crate) app_secrets: Vec<Secret<String>>,
    pub(crate) verify_tokens: Vec<Secret<String>>,
}

impl Hub {
    /// The subscription's handshake: Meta wants its challenge back, in plain text.
    pub(crate) fn handshake(&self, query: &str) -> HookAnswer {
        let field = |name: &str| {
            let mut pairs = url::form_urlencoded::parse(query.as_bytes());
            pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
        };
        let known = signing::is_one_of(&field("hub.verify_token"), &self.verify_tokens);
        let challenge = field("hub.challenge");
        if known && field("hub.mode") == "subscribe" && challenge.len() <= LONGEST_CHALLENGE {
            HookAnswer { body: challenge, ..HookAnswer::ok() }
        } else {
            HookAnswer { status: 403, ..HookAnswer::ok() }
        }
    }

    /// `X-Hub-Signature-256: sha256=…` over the bytes as they came.
    pub(crate) fn verify(&self, request: &HookRequest<'_>) -> Result<(), Refusal> {
        let header = signing::single_header(request, "x-hub-signature-256")?;
        let digits = header.strip_prefix("sha256=").ok_or(Refusal::Signature)?;
        let given = signing::from_hex(digits).filter(|bytes| bytes.len() == 32).ok_or(Refusal::Signature)?;
        let valid = self
            .app_secrets
            .iter()
            .fold(false, |found, secret| found | signing::same(&given, &signing::hmac_sha256(secret.expose().as_bytes(), &[request.body])));
        if valid { Ok(()) } else { Err(Refusal::Signature) }
    }
}
