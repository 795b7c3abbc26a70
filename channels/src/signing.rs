//! Signatures: constant time, over raw bytes, with a current and a previous secret.

use std::time::{SystemTime, UNIX_EPOCH};

use domain::Secret;
use domain::ports::{HookRequest, Refusal};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use subtle::ConstantTimeEq;

/// A header that must be there exactly once: with two of them nobody can say which one the vendor wrote.
pub(crate) fn single_header<'a>(request: &'a HookRequest<'_>, name: &str) -> Result<&'a str, Refusal> {
    optional_header(request, name)?.ok_or(Refusal::Signature)
}

/// A header that may be there once.
pub(crate) fn optional_header<'a>(request: &'a HookRequest<'_>, name: &str) -> Result<Option<&'a str>, Refusal> {
    let mut found = request.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
    let first = found.next();
    if found.next().is_some() {
        return Err(Refusal::Signature);
    }
    Ok(first.map(|(_, value)| value.as_str()))
}

/// Signed times are always real ones, whatever the business clock of a rehearsal says.
pub(crate) fn real_now_secs() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_secs()).unwrap_or(i64::MAX)
}

/// Equality that takes the same time wherever two texts of one length differ.
pub(crate) fn same(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

/// Is `given` one of the accepted secrets? Looks at all of them.
pub(crate) fn is_one_of(given: &str, accepted: &[Secret<String>]) -> bool {
    accepted.iter().fold(false, |found, secret| found | same(given.as_bytes(), secret.expose().as_bytes()))
}

pub(crate) fn hmac_sha256(secret: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

pub(crate) fn hmac_sha512(secret: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha512>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

pub(crate) fn hmac_sha1(secret: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

pub(crate) fn sha256(message: &[u8]) -> Vec<u8> {
    Sha256::digest(message).to_vec()
}

/// Lower- or upper-case hexadecimal digits, or nothing.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) {
        return None;
    }
    let digit = |letter: u8| char::from(letter).to_digit(16);
    text.as_bytes().chunks(2).map(|pair| Some((digit(pair[0])? * 16 + digit(pair[1])?) as u8)).collect()
}
