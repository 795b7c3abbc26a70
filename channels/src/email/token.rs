//! Our own mark on every mail that leaves: whoever answers with it has read a mail that we sent to that very address.
//!
//! The mark is a keyed hash over the mail's id and the address it went to: 96 bits, which nobody guesses. It rides in
//! the mail's Message-ID, which programs give back in `In-Reply-To` and `References`, and in the reply address where
//! the mail server takes `name+…@`.

use domain::event::InboundMessage;
use domain::{DeliveryId, Secret};

use crate::signing;

/// Hexadecimal digits of a token.
const DIGITS: usize = 24;

pub(super) struct Tokens {
    keys: Vec<Vec<u8>>,
    domain: String,
}

impl Tokens {
    /// Keys are made from the mailbox's passwords: the current one signs, all of them are accepted.
    pub(super) fn new(passwords: &[Secret<String>], domain: &str) -> Self {
        let key = |password: &Secret<String>| signing::hmac_sha256(password.expose().as_bytes(), &[b"rapport reply token"]);
        Self { keys: passwords.iter().map(key).collect(), domain: domain.to_owned() }
    }

    pub(super) fn of(&self, delivery: DeliveryId, address: &str) -> String {
        self.keys.first().map(|key| made(key, &delivery.to_string(), address)).unwrap_or_default()
    }

    /// Without brackets.
    pub(super) fn message_id(&self, delivery: DeliveryId, token: &str) -> String {
        format!("{delivery}.{token}@{}", self.domain)
    }

    /// `support+dlv_….token@shop.test`
    pub(super) fn reply_address(&self, address: &str, delivery: DeliveryId, token: &str) -> Option<String> {
        let (local, domain) = address.rsplit_once('@')?;
        let local = local.split('+').next().unwrap_or(local);
        Some(format!("{local}+{delivery}.{token}@{domain}"))
    }

    /// Does the sender answer a mail that we sent to the very address they write from?
    pub(super) fn answers_us(&self, message: &InboundMessage) -> bool {
        let texts = |key: &str| message.more.get(key).and_then(serde_json::Value::as_array).into_iter().flatten();
        let named = texts("references").chain(texts("to")).filter_map(serde_json::Value::as_str);
        named.chain(message.reply_to.as_deref()).any(|written| self.is_ours(written, &message.sender))
    }

    fn is_ours(&self, written: &str, sender: &str) -> bool {
        let local = written.trim_matches(['<', '>']).rsplit_once('@').map_or("", |(local, _)| local);
        let local = local.rsplit('+').next().unwrap_or(local);
        let Some((delivery, token)) = local.rsplit_once('.') else { return false };
        token.len() == DIGITS
            && self.keys.iter().fold(false, |found, key| found | signing::same(token.as_bytes(), made(key, delivery, sender).as_bytes()))
    }
}

fn made(key: &[u8], delivery: &str, address: &str) -> String {
    let digest = signing::hmac_sha256(key, &[delivery.as_bytes(), b"\n", address.to_lowercase().as_bytes()]);
    digest.iter().take(DIGITS / 2).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Timestamp;

    #[test]
    fn only_the_address_that_got_the_mail_can_answer_it() {
        let secret = |text: &str| Secret::new(text.to_owned());
        let tokens = Tokens::new(&[secret("new"), secret("old")], "shop.test");
        let delivery = DeliveryId::new(Timestamp::from_secs(1_780_000_000), 7);
        let id = tokens.message_id(delivery, &tokens.of(delivery, "Ana@example.com"));
        let answer = |sender: &str, reply_to: String| InboundMessage {
            sender: sender.to_owned(),
            reply_to: Some(reply_to),
            ..InboundMessage::default()
        };
        assert!(tokens.answers_us(&answer("ana@example.com", format!("<{id}>"))));
        assert!(!tokens.answers_us(&answer("eve@example.com", format!("<{id}>"))), "forwarded to another");
        assert!(!tokens.answers_us(&answer("ana@example.com", format!("<{}>", id.replacen('.', ".0", 1)))), "guessed");
        assert!(!tokens.answers_us(&answer("ana@example.com", "<conv-1024@shop.test>".to_owned())));
        let rotated = Tokens::new(&[secret("old")], "shop.test");
        let earlier = rotated.message_id(delivery, &rotated.of(delivery, "ana@example.com"));
        assert!(tokens.answers_us(&answer("ana@example.com", format!("<{earlier}>"))), "signed with the former password");
        let mut by_address = answer("ana@example.com", "<x@y>".to_owned());
        let reply = tokens.reply_address("support@shop.test", delivery, &tokens.of(delivery, "ana@example.com")).unwrap_or_default();
        by_address.more.insert("to".to_owned(), vec![reply].into());
        assert!(tokens.answers_us(&by_address));
    }
}
