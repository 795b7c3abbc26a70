//! Passwords: argon2id, 19 MiB, two passes; a few at a time, never on the threads that serve.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use tokio::sync::Semaphore;

/// Longest password that is looked at.
pub const LONGEST: usize = 1_024;
/// Shortest password that may be set.
pub const SHORTEST: usize = 10;

const MEMORY_KIB: u32 = 19 * 1_024;
const PASSES: u32 = 2;

/// Hashes and checks passwords.
pub struct Passwords {
    turns: Semaphore,
    /// Checked when there is no such account, so that both take the same time.
    decoy: String,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { turns: Semaphore::new(2), decoy: stored_form([7; 16], [0; 32]) }
    }
}

impl Passwords {
    /// The stored form of a password.
    pub async fn hash(&self, password: &str, salt: u128) -> String {
        let password = password.to_owned();
        let _turn = self.turns.acquire().await;
        tokio::task::spawn_blocking(move || encode(password.as_bytes(), salt.to_le_bytes())).await.unwrap_or_default()
    }

    /// Is it the password? `None` stands for an account that does not exist and takes as long.
    pub async fn is_right(&self, password: &str, stored: Option<&str>) -> bool {
        let exists = stored.is_some();
        let stored = stored.unwrap_or(&self.decoy).to_owned();
        let password = password.to_owned();
        let _turn = self.turns.acquire().await;
        let fits = tokio::task::spawn_blocking(move || fits(password.as_bytes(), &stored)).await.unwrap_or(false);
        exists && fits
    }
}

fn digest(password: &[u8], salt: &[u8], memory: u32, passes: u32) -> Option<[u8; 32]> {
    let params = Params::new(memory, passes, 1, Some(32)).ok()?;
    let mut out = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(password, salt, &mut out).ok()?;
    Some(out)
}

fn encode(password: &[u8], salt: [u8; 16]) -> String {
    digest(password, &salt, MEMORY_KIB, PASSES).map(|out| stored_form(salt, out)).unwrap_or_default()
}

fn stored_form(salt: [u8; 16], out: [u8; 32]) -> String {
    format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1${}${}", STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(out))
}

fn fits(password: &[u8], stored: &str) -> bool {
    let parts: Vec<&str> = stored.split('$').collect();
    let ["", "argon2id", "v=19", costs, salt, wanted] = parts.as_slice() else { return false };
    let cost = |name: &str| -> Option<u32> { costs.split(',').find_map(|cost| cost.strip_prefix(name)?.parse().ok()) };
    let (Some(memory), Some(passes)) = (cost("m="), cost("t=")) else { return false };
    let (Ok(salt), Ok(wanted)) = (STANDARD_NO_PAD.decode(salt), STANDARD_NO_PAD.decode(wanted)) else { return false };
    let Some(found) = digest(password, &salt, memory, passes) else { return false };
    subtle::ConstantTimeEq::ct_eq(found.as_slice(), wanted.as_slice()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_opens() {
        let passwords = Passwords::default();
        let stored = passwords.hash("correct horse battery", 5).await;
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(passwords.is_right("correct horse battery", Some(&stored)).await);
        assert!(!passwords.is_right("correct horse", Some(&stored)).await);
        assert!(!passwords.is_right("no account here", None).await);
    }
}
