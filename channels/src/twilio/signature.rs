//! Twilio's signature over the public URL and the form.
//!
//! <https://www.twilio.com/docs/usage/security#validating-requests>

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::Secret;
use domain::ports::{HookRequest, Refusal};

use crate::signing;

/// What Twilio may sign with.
pub(super) struct Keys {
    /// The account's token and the one before it.
    pub(super) auth_tokens: Vec<Secret<String>>,
    /// Shared webhook keys, where they are in use.
    pub(super) shared_keys: Vec<Secret<String>>,
}

enum Algorithm {
    Sha1,
    Sha256,
}

impl Keys {
    pub(super) fn verify(&self, request: &HookRequest<'_>) -> Result<(), Refusal> {
        let given = signing::single_header(request, "x-twilio-signature")?;
        let given = STANDARD.decode(given.trim()).map_err(|_| Refusal::Signature)?;
        let signature_settings = signing::optional_header(request, "x-twilio-webhooks-signature-settings")?;
        let algorithm = match signature_settings {
            None => Algorithm::Sha1,
            Some(settings) if names_sha256(settings) => Algorithm::Sha256,
            Some(_) => return Err(Refusal::Signature),
        };
        let secrets = match algorithm {
            Algorithm::Sha256 if !self.shared_keys.is_empty() => &self.shared_keys,
            Algorithm::Sha1 | Algorithm::Sha256 => &self.auth_tokens,
        };
        let parameters = signed_parameters(request)?;
        let mut valid = false;
        for url in url_variants(request.url) {
            let message = format!("{url}{parameters}");
            for secret in secrets {
                let expected = match algorithm {
                    Algorithm::Sha1 => signing::hmac_sha1(secret.expose().as_bytes(), message.as_bytes()),
                    Algorithm::Sha256 => signing::hmac_sha256(secret.expose().as_bytes(), &[message.as_bytes()]),
                };
                valid |= signing::same(&given, &expected);
            }
        }
        if valid { Ok(()) } else { Err(Refusal::Signature) }
    }
}

fn names_sha256(settings: &str) -> bool {
    settings.split(',').any(|part| part.trim().eq_ignore_ascii_case("algorithm=HMAC_SHA256"))
}

/// Each key followed by its values; keys and the values of a repeated key sorted, repeats dropped. A body that is no
/// form is not part of the string: its hash stands in the signed URL.
fn signed_parameters(request: &HookRequest<'_>) -> Result<String, Refusal> {
    let hash = url::form_urlencoded::parse(query_of(request.url).as_bytes())
        .find(|(key, _)| key == "bodySHA256")
        .map(|(_, value)| value.into_owned());
    if let (Some(hash), false) = (hash, is_form(request)) {
        let hash = signing::from_hex(&hash).ok_or(Refusal::Signature)?;
        let matches = signing::same(&hash, &signing::sha256(request.body));
        return if matches { Ok(String::new()) } else { Err(Refusal::Signature) };
    }
    let mut sorted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (key, value) in url::form_urlencoded::parse(request.body) {
        sorted.entry(key.into_owned()).or_default().insert(value.into_owned());
    }
    let mut joined = String::new();
    for (key, values) in &sorted {
        for value in values {
            joined.push_str(key);
            joined.push_str(value);
        }
    }
    Ok(joined)
}

fn is_form(request: &HookRequest<'_>) -> bool {
    let content_type = request.header("content-type").unwrap_or_default();
    content_type.trim_start().to_ascii_lowercase().starts_with("application/x-www-form-urlencoded")
}

fn query_of(url: &str) -> &str {
    let before_fragment = url.split('#').next().unwrap_or_default();
    before_fragment.split_once('?').map_or("", |(_, query)| query)
}

/// The URL as it is, and with its default port added or its port left out: Twilio does either.
fn url_variants(url: &str) -> Vec<String> {
    let mut variants = vec![url.to_owned()];
    let Some((scheme, rest)) = url.split_once("://") else { return variants };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let port = authority.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    variants.push(if let Some((host, _)) = port {
        format!("{scheme}://{host}{tail}")
    } else {
        let default = if matches!(scheme, "https" | "wss") { 443 } else { 80 };
        format!("{scheme}://{authority}:{default}{tail}")
    });
    variants
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_a_default_port_are_tried() {
        let check = |url: &str, other: &str| assert_eq!(url_variants(url), [url, other]);
        check("https://example.com/a?b=1", "https://example.com:443/a?b=1");
        check("https://example.com:443/a", "https://example.com/a");
        check("http://example.com", "http://example.com:80");
        check("https://[::1]/a", "https://[::1]:443/a");
        check("https://example.com:8443/a", "https://example.com/a");
    }
}
