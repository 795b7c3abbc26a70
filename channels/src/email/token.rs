//! Our own mark on every mail that leaves: whoever answers with it has read a mail that we sent to that very address.
//!
//! Letters to teammates carry a mark of another kind, over the conversation that they tell of.
//!
//! The mark is a keyed hash over the mail's id and the address it went to: 96 bits, which nobody guesses. It rides in
//! the mail's Message-ID, which programs give back in `In-Reply-To` and `References`, and in the reply address where
//! the mail server takes `name+…@`.

use domain::event::InboundMessage;
use domain::{ConversationId, DeliveryId, Secret};

use crate::signing;

/// Hexadecimal digits of a token.
const DIGITS: usize = 24;

pub(super) struct Tokens {
    keys: Vec<Vec<u8>>,
    letter_keys: Vec<Vec<u8>>,
    domain: String,
}

impl Tokens {
    /// Keys are made from the mailbox's passwords: the current one signs, all of them are accepted.
    pub(super) fn new(passwords: &[Secret<String>], domain: &str) -> Self {
        let keys =
            |purpose: &[u8]| passwords.iter().map(|password| signing::hmac_sha256(password.expose().as_bytes(), &[purpose])).collect();
        Self { keys: keys(b"rapport reply token"), letter_keys: keys(b"rapport letter token"), domain: domain.to_owned() }
    }

    pub(super) fn of(&self, delivery: DeliveryId, address: &str) -> String {
        self.keys.first().map(|key| made(key, &delivery.to_string(), address)).unwrap_or_default()
    }

    /// Without brackets.
    pub(super) fn message_id(&self, delivery: DeliveryId, token: &str) -> String {
        format!("{delivery}.{token}@{}", self.domain)
    }

    /// The mark of a letter to a teammate: `con_….token`.
    pub(super) fn of_letter(&self, conversation: ConversationId, address: &str) -> String {
        let token = self.letter_keys.first().map(|key| made(key, &conversation.to_string(), address)).unwrap_or_default();
        format!("{conversation}.{token}")
    }

    /// `support+dlv_….token@shop.test`
    pub(super) fn reply_address(address: &str, mark: &str) -> Option<String> {
        let (local, domain) = address.rsplit_once('@')?;
        let local = local.split('+').next().unwrap_or(local);
        Some(format!("{local}+{mark}@{domain}"))
    }

    /// Does the sender answer a mail that we sent to the very address they write from?
    pub(super) fn answers_us(&self, message: &InboundMessage) -> bool {
        named(message).any(|written| marked(&self.keys, written, &message.sender).is_some())
    }

    /// The conversation whose letter the sender answers, when we wrote it to the very address they write from. Where a thread holds
    /// several letters, the one that is answered counts.
    pub(super) fn answered_letter(&self, message: &InboundMessage) -> Option<ConversationId> {
        named(message).find_map(|written| {
            let about = marked(&self.letter_keys, written, &message.sender)?;
            about.rsplit('.').next()?.parse().ok()
        })
    }
}

/// What may carry a mark of ours: the mail that is answered, the address that is written to, the thread from its end.
fn named(message: &InboundMessage) -> impl Iterator<Item = &str> {
    let texts = |key: &str| message.more.get(key).and_then(serde_json::Value::as_array).into_iter().flatten();
    let others = texts("to").chain(texts("references").collect::<Vec<_>>().into_iter().rev()).filter_map(serde_json::Value::as_str);
    message.reply_to.as_deref().into_iter().chain(others)
}

/// What a mark of ours stands for, when it was made for this sender.
fn marked<'a>(keys: &[Vec<u8>], written: &'a str, sender: &str) -> Option<&'a str> {
    let local = written.trim_matches(['<', '>']).rsplit_once('@').map_or("", |(local, _)| local);
    let local = local.rsplit('+').next().unwrap_or(local);
    let (about, token) = local.rsplit_once('.')?;
    // A letter's id stands before the conversation in its Message-ID.
    let signed = about.rsplit('.').next().unwrap_or(about);
    let is_ours = keys.iter().fold(false, |found, key| found | signing::same(token.as_bytes(), made(key, signed, sender).as_bytes()));
    (token.len() == DIGITS && is_ours).then_some(about)
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
        let reply = Tokens::reply_address("support@shop.test", &format!("{delivery}.{}", tokens.of(delivery, "ana@example.com")))
            .unwrap_or_default();
        by_address.more.insert("to".to_owned(), vec![reply].into());
        assert!(tokens.answers_us(&by_address));
    }

    #[test]
    fn a_letters_mark_names_its_conversation_to_the_teammate_who_got_it_alone() {
        let tokens = Tokens::new(&[Secret::new("secret".to_owned())], "shop.test");
        let conversation = ConversationId::new(Timestamp::from_secs(1_780_000_000), 7);
        let mark = tokens.of_letter(conversation, "anna@shop.test");
        let answer = |sender: &str, to: String| {
            let reply_to = Some(to);
            InboundMessage { sender: sender.to_owned(), reply_to, ..InboundMessage::default() }
        };
        let id = format!("<esc_1-tea_2.{mark}@shop.test>");
        assert_eq!(tokens.answered_letter(&answer("Anna@shop.test", id.clone())), Some(conversation));
        assert_eq!(tokens.answered_letter(&answer("eve@shop.test", id.clone())), None, "somebody else's letter");
        assert_eq!(tokens.answered_letter(&answer("anna@shop.test", format!("<esc_1-tea_2.{conversation}@shop.test>"))), None, "no mark");
        assert!(!tokens.answers_us(&answer("anna@shop.test", id)), "a letter is no mail to a customer");
        let delivery = DeliveryId::new(Timestamp::from_secs(1_780_000_000), 7);
        let customers = format!("<{}>", tokens.message_id(delivery, &tokens.of(delivery, "anna@shop.test")));
        assert_eq!(tokens.answered_letter(&answer("anna@shop.test", customers)), None, "a customer's mail is no letter");
        let mut by_address = answer("anna@shop.test", "<x@y>".to_owned());
        by_address.more.insert("to".to_owned(), vec![Tokens::reply_address("support@shop.test", &mark)].into());
        assert_eq!(tokens.answered_letter(&by_address), Some(conversation));
    }
}
