//! Who is calling, and what they may do: one permission table for HTTP, live pages and jobs.

pub mod audit;
pub mod caller;
pub mod cookie;
pub mod limits;
pub mod mask;
pub mod oidc;
pub mod password;
pub mod peer;
pub mod scope;
pub mod totp;

use sha2::{Digest, Sha256};

/// The stored form of whatever opens something by being known.
pub fn hash(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

/// Compares two secrets in a time that tells nothing about them.
pub fn is_same(a: &str, b: &str) -> bool {
    use subtle::ConstantTimeEq;
    Sha256::digest(a.as_bytes()).ct_eq(&Sha256::digest(b.as_bytes())).into()
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
