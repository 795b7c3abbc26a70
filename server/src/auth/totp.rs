//! Codes by time: HMAC-SHA-1 over half minutes, six digits, what every authenticator app does.
//! <https://www.rfc-editor.org/rfc/rfc6238>

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// A code counts for this long.
const STEP_SECS: u64 = 30;
/// Clocks of telephones are wrong: one step before and one after count too.
const DRIFT: u64 = 1;
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Bytes in base 32, without padding.
pub fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    let (mut buffer, mut bits) = (0_u32, 0);
    for byte in bytes {
        buffer = (buffer << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(ALPHABET[((buffer >> bits) & 31) as usize]));
        }
    }
    if bits > 0 {
        text.push(char::from(ALPHABET[((buffer << (5 - bits)) & 31) as usize]));
    }
    text
}

fn bytes_of(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut buffer, mut bits) = (Vec::new(), 0_u32, 0);
    for letter in text.bytes() {
        let value = ALPHABET.iter().position(|known| *known == letter.to_ascii_uppercase())?;
        buffer = (buffer << 5) | u32::try_from(value).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((buffer >> bits) & 255).ok()?);
        }
    }
    Some(bytes)
}

/// What an app reads from a picture.
pub fn uri(secret: &str, issuer: &str, account: &str) -> String {
    let word = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
    format!("otpauth://totp/{}:{}?secret={secret}&issuer={}&algorithm=SHA1&digits=6&period=30", word(issuer), word(account), word(issuer))
}

fn code(key: &[u8], step: u64) -> Option<String> {
    let mut mac = <Hmac<Sha1> as KeyInit>::new_from_slice(key).ok()?;
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let from = usize::from(digest[19] & 15);
    let taken: [u8; 4] = digest.get(from..from + 4)?.try_into().ok()?;
    Some(format!("{:06}", (u32::from_be_bytes(taken) & 0x7fff_ffff) % 1_000_000))
}

/// The step of time to which a code belongs now; `None`: to none. Whoever takes it must take each step once.
pub fn step_of(secret: &str, written: &str, now_secs: u64) -> Option<u64> {
    let key = bytes_of(secret)?;
    let digits: String = written.chars().filter(|letter| !letter.is_whitespace()).collect();
    let now = now_secs / STEP_SECS;
    let mut found = None;
    // All are compared, so that the time does not tell which one was nearly right.
    for step in now.saturating_sub(DRIFT)..=now + DRIFT {
        if super::is_same(&code(&key, step)?, &digits) {
            found = Some(step);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret and the codes of the standard's appendix B, six digits of them.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = base32(b"12345678901234567890");
        assert_eq!(secret, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        for (at, digits) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"), (2_000_000_000, "279037")]
        {
            assert_eq!(step_of(&secret, digits, at), Some(at / 30), "{at}");
        }
        assert_eq!(step_of(&secret, "287 082", 59 + 30), Some(1), "a clock may be half a minute wrong");
        assert_eq!(step_of(&secret, "287082", 59 + 90), None);
        assert_eq!(step_of(&secret, "287083", 59), None);
        assert_eq!(step_of("not base 32!", "287082", 59), None);
    }

    #[test]
    fn what_a_picture_holds_names_the_business_and_the_account() {
        assert_eq!(
            uri("ABC", "Ergo & Co", "nora@ergo.example"),
            "otpauth://totp/Ergo%20%26%20Co:nora%40ergo.example?secret=ABC&issuer=Ergo%20%26%20Co&algorithm=SHA1&digits=6&period=30"
        );
    }
}
