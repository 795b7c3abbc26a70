//! Reading a connection's settings, with a refusal that names the key.

use std::net::IpAddr;
use std::time::Duration;

use domain::Secret;
use domain::settings::ConnectionSettings;
use url::{Host, Url};

use crate::OpenError;

/// Words that stand in examples where a real secret belongs.
const PLACEHOLDERS: [&str; 6] = ["changeme", "change-me", "change_me", "placeholder", "xxx", "..."];

/// How long a vendor may take to answer a send.
const DEADLINE: Duration = Duration::from_secs(15);

/// A connection's settings while a door opens.
pub(crate) struct Setup<'a> {
    settings: &'a ConnectionSettings,
}

impl<'a> Setup<'a> {
    pub(crate) fn new(settings: &'a ConnectionSettings) -> Self {
        Self { settings }
    }

    pub(crate) fn missing(&self, key: &'static str) -> OpenError {
        OpenError::Missing { connection: self.settings.id.to_string(), key }
    }

    pub(crate) fn unusable(&self, key: &'static str, why: &'static str) -> OpenError {
        OpenError::Unusable { connection: self.settings.id.to_string(), key, why }
    }

    /// A plain setting, never empty. Numbers count as text, because people write ids without quotes.
    pub(crate) fn optional(&self, key: &str) -> Option<String> {
        let value = self.settings.values.get(key).or_else(|| {
            let (table, inner) = key.split_once('.')?;
            self.settings.values.get(table)?.get(inner)
        })?;
        let text = match value {
            serde_json::Value::String(text) => text.trim().to_owned(),
            serde_json::Value::Number(number) => number.to_string(),
            _ => return None,
        };
        (!text.is_empty()).then_some(text)
    }

    /// A switch, in a table of its own or not.
    pub(crate) fn flag(&self, key: &str) -> Option<bool> {
        let values = &self.settings.values;
        let inner = || key.split_once('.').and_then(|(table, inner)| values.get(table)?.get(inner));
        values.get(key).or_else(inner)?.as_bool()
    }

    pub(crate) fn required(&self, key: &'static str) -> Result<String, OpenError> {
        self.optional(key).ok_or_else(|| self.missing(key))
    }

    /// Secrets a vendor issued: current first. Refused when empty or an example's placeholder.
    pub(crate) fn optional_secrets(&self, key: &'static str) -> Result<Vec<Secret<String>>, OpenError> {
        let all: Vec<&str> = self.settings.secrets_of(key).map(str::trim).collect();
        for secret in &all {
            if secret.is_empty() {
                return Err(self.unusable(key, "is empty: put the value the vendor shows there"));
            }
            if PLACEHOLDERS.contains(&secret.to_ascii_lowercase().as_str()) {
                return Err(self.unusable(key, "is a placeholder: put the real value there"));
            }
        }
        Ok(all.into_iter().map(|secret| Secret::new(secret.to_owned())).collect())
    }

    pub(crate) fn secrets(&self, key: &'static str) -> Result<Vec<Secret<String>>, OpenError> {
        let all = self.optional_secrets(key)?;
        if all.is_empty() { Err(self.missing(key)) } else { Ok(all) }
    }

    /// Secrets that the owner chose: they need a length that cannot be guessed.
    pub(crate) fn optional_chosen_secrets(&self, key: &'static str) -> Result<Vec<Secret<String>>, OpenError> {
        let all = self.optional_secrets(key)?;
        if all.iter().any(|secret| secret.expose().len() < 32) {
            return Err(self.unusable(key, "is too short: at least 32 characters"));
        }
        Ok(all)
    }

    pub(crate) fn current_secret(&self, key: &'static str) -> Result<Secret<String>, OpenError> {
        Ok(self.secrets(key)?.swap_remove(0))
    }

    /// The vendor's base URL without a slash at the end.
    pub(crate) fn api_base(&self, default: &str) -> Result<String, OpenError> {
        let base = self.settings.api_base.as_deref().filter(|base| !base.is_empty()).unwrap_or(default);
        self.checked_url("api_base", base)?;
        Ok(base.trim_end_matches('/').to_owned())
    }

    /// An address we call: HTTPS, or plain HTTP on loopback.
    pub(crate) fn checked_url(&self, key: &'static str, text: &str) -> Result<Url, OpenError> {
        let url = Url::parse(text).map_err(|_| self.unusable(key, "is not a URL"))?;
        match url.scheme() {
            "https" => Ok(url),
            "http" if is_loopback(&url) => Ok(url),
            _ => Err(self.unusable(key, "must begin with https:// (plain http only on loopback)")),
        }
    }

    /// An address of a socket that we open: encrypted, or plain on loopback.
    pub(crate) fn checked_socket(&self, key: &'static str, text: &str) -> Result<(), OpenError> {
        let url = Url::parse(text).map_err(|_| self.unusable(key, "is not a URL"))?;
        match url.scheme() {
            "wss" => Ok(()),
            "ws" if is_loopback(&url) => Ok(()),
            _ => Err(self.unusable(key, "must begin with wss:// (plain ws only on loopback)")),
        }
    }

    pub(crate) fn deadline(&self) -> Duration {
        self.span("deadline").map_or(DEADLINE, |span| span.clamp(Duration::from_millis(1), Duration::from_mins(1)))
    }

    /// A duration, kept in milliseconds.
    pub(crate) fn span(&self, key: &str) -> Option<Duration> {
        self.settings.values.get(&format!("{key}_ms")).and_then(serde_json::Value::as_u64).map(Duration::from_millis)
    }
}

/// Does this URL stay on the machine?
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}
