//! Link codes: `RAP-XXXX-XXXX` where a person can see them, 128 bits where not; never in logs, timelines or prompts.

use std::sync::LazyLock;

use base64::Engine as _;
use domain::ChannelKind;
use domain::event::InboundMessage;
use regex::Regex;
use sha2::{Digest, Sha256};

/// Crockford's base 32.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static WRITTEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\(?\b(?:(?:my\s+|mon\s+|mein\s+)?code\s*:?\s*)?RAP[-_ ]?([0-9A-Z]{4})[-_ ]?([0-9A-Z]{4})\b\)?")
        .expect("a constant pattern")
});

/// A code for a door: short where a person sees it, long where the link carries it unseen.
pub fn make(channel: ChannelKind, random: u128) -> String {
    match channel {
        ChannelKind::Telegram | ChannelKind::Messenger | ChannelKind::Instagram => {
            base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(random.to_be_bytes())
        }
        ChannelKind::Widget
        | ChannelKind::Whatsapp
        | ChannelKind::Discord
        | ChannelKind::Email
        | ChannelKind::Sms
        | ChannelKind::Rcs
        | ChannelKind::Voice
        | ChannelKind::Api => {
            let letter = |place: u32| ALPHABET[((random >> (place * 5)) & 31) as usize] as char;
            let digits: String = (0..8).map(letter).collect();
            format!("RAP-{}-{}", &digits[..4], &digits[4..])
        }
    }
}

/// What is stored of a code: a hash of its normal form.
pub fn hash(code: &str) -> String {
    let digest = Sha256::digest(format!("rapport link code\n{}", normal(code)).as_bytes());
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&digest[..16])
}

/// Case, separators and look-alike letters of a written code do not matter; a long one is taken as it is.
fn normal(code: &str) -> String {
    match WRITTEN.captures(code) {
        Some(found) => format!("{}{}", &found[1], &found[2]).to_uppercase().replace(['I', 'L'], "1").replace('O', "0"),
        None => code.trim().to_owned(),
    }
}

/// Takes a code out of a message, from its text, start token or referral; the text stays without it.
pub fn take_out(inbound: &mut InboundMessage, channel: ChannelKind) -> Option<String> {
    let mut code = inbound.start_token.take();
    if let Some(referral) = &mut inbound.referral
        && code.is_none()
    {
        code = referral.reference.take();
    }
    if let Some(text) = &inbound.text {
        if channel == ChannelKind::Telegram && text.starts_with("/start") {
            if let Some(rest) = text.split_whitespace().nth(1).filter(|_| code.is_none()) {
                code = Some(rest.to_owned());
            }
            inbound.text = Some("/start".to_owned());
        } else if let Some(found) = WRITTEN.find(text) {
            let written = found.as_str().to_owned();
            let rest = format!("{} {}", text[..found.start()].trim_end(), text[found.end()..].trim_start());
            let rest = rest.trim().trim_matches(|c: char| c == '(' || c == ')' || c == '[' || c == ']').trim();
            inbound.text = Some(rest.to_owned());
            code = code.or(Some(written));
        }
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> InboundMessage {
        InboundMessage { text: Some(text.to_owned()), ..InboundMessage::default() }
    }

    #[test]
    fn a_code_never_stays_in_the_text() {
        let check = |text: &str, rest: &str, found: bool| {
            let mut inbound = message(text);
            assert_eq!(take_out(&mut inbound, ChannelKind::Whatsapp).is_some(), found, "{text}");
            assert_eq!(inbound.text.as_deref(), Some(rest), "{text}");
        };
        check("Hello, I'd like to go on here (RAP-7KQ2-9XDM)", "Hello, I'd like to go on here", true);
        check("rap 7kq2 9xdm", "", true);
        check("Hi! I go on here. My code: RAP-7KQ2-9XDM", "Hi! I go on here.", true);
        check("the wrap is torn", "the wrap is torn", false);
    }

    #[test]
    fn a_code_is_found_however_it_was_typed() {
        assert_eq!(hash("RAP-7KQ0-9XD1"), hash("rap7kqo9xdl"));
        assert_ne!(hash("RAP-7KQ0-9XD1"), hash("RAP-7KQ0-9XD2"));
    }

    #[test]
    fn a_start_token_is_taken_from_the_command() {
        let mut inbound = message("/start abcDEF_123");
        assert_eq!(take_out(&mut inbound, ChannelKind::Telegram).as_deref(), Some("abcDEF_123"));
        assert_eq!(inbound.text.as_deref(), Some("/start"));
    }
}
