//! Sealing: AES-256-GCM with the place of a value as associated data, and keyed hashes for look-ups.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use domain::ports::{StoreError, Stored};
use hmac::{Hmac, Mac};
use rand::TryRng;
use rand::rngs::SysRng;
use sha2::Sha256;
use zeroize::Zeroizing;

/// Version of every key made today; rotation counts it up.
pub(crate) const KEY_VERSION: u8 = 1;
const NONCE: usize = 12;

/// Random bytes of the operating system: keys and nonces must never repeat, in tests neither.
pub(crate) fn random<const N: usize>() -> Stored<[u8; N]> {
    let mut bytes = [0; N];
    SysRng.try_fill_bytes(&mut bytes).map_err(|error| StoreError::Database(Box::new(std::io::Error::other(error.to_string()))))?;
    Ok(bytes)
}

/// Where a sealed value stands; a value moved to another place does not open.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub workspace: &'a str,
    pub table: &'static str,
    pub column: &'static str,
    pub row: &'a str,
}

impl Place<'_> {
    fn bytes(&self, version: u8) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.workspace.len() + self.table.len() + self.column.len() + self.row.len() + 6);
        for part in [self.workspace, self.table, self.column, self.row] {
            out.extend_from_slice(part.as_bytes());
            out.push(b'|');
        }
        out.push(version);
        out
    }
}

/// A key that seals values.
pub(crate) struct DataKey {
    cipher: Aes256Gcm,
    version: u8,
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("DataKey(…)")
    }
}

impl DataKey {
    pub fn new(bytes: &[u8; 32], version: u8) -> Self {
        Self { cipher: Aes256Gcm::new(bytes.into()), version }
    }

    /// Version, nonce, ciphertext and tag.
    pub fn seal(&self, place: Place<'_>, plain: &[u8]) -> Stored<Vec<u8>> {
        let nonce = random::<NONCE>()?;
        let aad = place.bytes(self.version);
        let sealed = self
            .cipher
            .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: &aad })
            .map_err(|_| StoreError::Corrupt("a value is too long to seal".to_owned()))?;
        let mut out = Vec::with_capacity(1 + NONCE + sealed.len());
        out.push(self.version);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Stored<Vec<u8>> {
        let broken = || StoreError::Corrupt(format!("{}.{} of {} does not open", place.table, place.column, place.row));
        if sealed.len() < 1 + NONCE || sealed[0] != self.version {
            return Err(broken());
        }
        let nonce: [u8; NONCE] = sealed[1..=NONCE].try_into().map_err(|_| broken())?;
        let aad = place.bytes(sealed[0]);
        self.cipher.decrypt(&Nonce::from(nonce), Payload { msg: &sealed[1 + NONCE..], aad: &aad }).map_err(|_| broken())
    }

    pub fn seal_json<T: serde::Serialize>(&self, place: Place<'_>, value: &T) -> Stored<Vec<u8>> {
        let plain = Zeroizing::new(serde_json::to_vec(value).map_err(|error| StoreError::Corrupt(error.to_string()))?);
        self.seal(place, &plain)
    }

    pub fn open_json<T: serde::de::DeserializeOwned>(&self, place: Place<'_>, sealed: &[u8]) -> Stored<T> {
        let plain = Zeroizing::new(self.open(place, sealed)?);
        serde_json::from_slice(&plain)
            .map_err(|error| StoreError::Corrupt(format!("{}.{} of {}: {error}", place.table, place.column, place.row)))
    }

    pub fn open_text(&self, place: Place<'_>, sealed: &[u8]) -> Stored<String> {
        String::from_utf8(self.open(place, sealed)?)
            .map_err(|_| StoreError::Corrupt(format!("{}.{} of {} is no text", place.table, place.column, place.row)))
    }
}

/// Fields with a look-up key of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Identifier,
    Loose,
    Dedupe,
    Vendor,
    Address,
    Term,
    Gap,
    Said,
    Link,
    Audit,
    Code,
}

const FIELDS: [(Field, &[u8]); 11] = [
    (Field::Identifier, b"identifier"),
    (Field::Loose, b"identifier-any-scope"),
    (Field::Dedupe, b"dedupe"),
    (Field::Vendor, b"vendor-message"),
    (Field::Address, b"address"),
    (Field::Term, b"term"),
    (Field::Gap, b"gap"),
    (Field::Said, b"said"),
    (Field::Link, b"file-link"),
    (Field::Audit, b"audit-checkpoint"),
    (Field::Code, b"one-time-code"),
];

/// Keyed hashes of one workspace: one key per field, derived from the workspace key.
pub(crate) struct Lookups {
    fields: Vec<Hmac<Sha256>>,
}

impl std::fmt::Debug for Lookups {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Lookups(…)")
    }
}

fn mac(key: &[u8]) -> Hmac<Sha256> {
    <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length")
}

impl Lookups {
    pub fn new(workspace_key: &[u8; 32]) -> Self {
        let fields = FIELDS
            .iter()
            .map(|(_, name)| {
                let mut derive = mac(workspace_key);
                derive.update(b"look-up|");
                derive.update(name);
                derive.update(&[KEY_VERSION]);
                mac(&derive.finalize().into_bytes())
            })
            .collect();
        Self { fields }
    }

    /// Key version and 128 bits of the keyed hash of the parts, in hex.
    pub fn hash(&self, field: Field, parts: &[&str]) -> String {
        let at = FIELDS.iter().position(|(known, _)| *known == field).expect("every field is in the list");
        let mut mac = self.fields[at].clone();
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        let full = mac.finalize().into_bytes();
        let mut out = String::with_capacity(34);
        out.push_str("1.");
        for byte in &full[..16] {
            out.push(char::from_digit(u32::from(byte >> 4), 16).expect("a nibble is a hex digit"));
            out.push(char::from_digit(u32::from(byte & 15), 16).expect("a nibble is a hex digit"));
        }
        out
    }
}
