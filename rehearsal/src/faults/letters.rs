//! Customers' messages as their vendors post them: signed, and byte for byte the same when they are delivered again.

use std::net::SocketAddr;

use base64::Engine as _;
use serde_json::json;

use crate::client::{hex, hmac_sha256, now, twilio_signature};
use crate::simulator::Secrets;

/// A door of the campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Door {
    /// WhatsApp.
    Whatsapp,
    /// SMS through Twilio.
    Sms,
    /// Telegram.
    Telegram,
}

impl Door {
    /// The channel's word.
    pub fn channel(self) -> &'static str {
        match self {
            Self::Whatsapp => "whatsapp",
            Self::Sms => "sms",
            Self::Telegram => "telegram",
        }
    }

    /// The connection's id.
    pub fn connection(self) -> &'static str {
        match self {
            Self::Whatsapp => "wa",
            Self::Sms => "sms",
            Self::Telegram => "tg",
        }
    }
}

/// Somebody who writes: on two doors with one number, or on Telegram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writer {
    /// E.164.
    pub phone: String,
    /// Telegram's id.
    pub telegram: String,
    /// Where they write.
    pub doors: &'static [Door],
}

impl Writer {
    /// The writer with this number: two thirds have a phone with two doors, the others Telegram.
    pub fn numbered(number: u64) -> Self {
        let phone = format!("+336{:08}", 10_000_000 + (number + 1).wrapping_mul(7_368_787) % 80_000_000);
        let doors: &[Door] = if number % 3 == 2 { &[Door::Telegram] } else { &[Door::Whatsapp, Door::Sms] };
        Self { phone, telegram: (700_000_000 + number).to_string(), doors }
    }

    /// How the server's API names them.
    pub fn identifier(&self) -> String {
        if self.doors == [Door::Telegram] { format!("telegram:{}", self.telegram) } else { format!("phone:{}", self.phone) }
    }

    /// Their address on a door as its vendor writes it.
    pub fn address(&self, door: Door) -> &str {
        match door {
            Door::Whatsapp => self.phone.trim_start_matches('+'),
            Door::Sms => &self.phone,
            Door::Telegram => &self.telegram,
        }
    }
}

/// One message, ready to be posted as often as its vendor likes.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Its number; no other has it.
    pub number: u64,
    /// Number of the writer.
    pub writer: u64,
    /// The door it comes through.
    pub door: Door,
    /// What its text holds and no other text does.
    pub token: String,
    /// The whole HTTP request.
    pub bytes: Vec<u8>,
}

/// Questions in use; `{}` is the token. The answers name it, so that no two replies are the same.
const TEXTS: [&str; 4] = [
    "Hello, my order number is {}. What is my order number?",
    "My order number is {} now. How long does delivery take?",
    "Hi! My order number is {}. Can I return a chair after two weeks?",
    "Good morning, my order number is {}. Do you deliver on Saturdays?",
];

/// Writes letters for one server.
#[derive(Debug, Clone)]
pub struct Post {
    /// The server.
    pub address: SocketAddr,
    /// What signs.
    pub secrets: Secrets,
}

impl Post {
    /// A letter of a writer.
    pub fn letter(&self, number: u64, writer: u64, door: Door) -> Letter {
        let token = format!("SO-{number:07}");
        let text = TEXTS[usize::try_from(number).unwrap_or(0) % TEXTS.len()].replace("{}", &token);
        let from = Writer::numbered(writer);
        let bytes = match door {
            Door::Whatsapp => self.whatsapp(number, &from, &text),
            Door::Sms => self.sms(number, &from, &text),
            Door::Telegram => self.telegram(number, &from, &text),
        };
        Letter { number, writer, door, token, bytes }
    }

    fn whatsapp(&self, number: u64, from: &Writer, text: &str) -> Vec<u8> {
        let wa_id = from.address(Door::Whatsapp);
        let body = json!({
            "object": "whatsapp_business_account",
            "entry": [{"id": "102290129340398", "changes": [{"field": "messages", "value": {
                "messaging_product": "whatsapp",
                "metadata": {"display_phone_number": "33180000101", "phone_number_id": self.secrets.whatsapp_number_id},
                "contacts": [{"wa_id": wa_id, "profile": {}}],
                "messages": [{"from": wa_id, "id": format!("wamid.FAULT{number:012}"), "timestamp": now().to_string(),
                              "type": "text", "text": {"body": text}}],
            }}]}],
        })
        .to_string();
        let signature = format!("sha256={}", hex(&hmac_sha256(self.secrets.whatsapp_app_secret.as_bytes(), body.as_bytes())));
        self.request(Door::Whatsapp, "application/json", ("x-hub-signature-256", &signature), &body)
    }

    fn sms(&self, number: u64, from: &Writer, text: &str) -> Vec<u8> {
        let sid = format!("SM{number:032x}");
        let form = [
            ("AccountSid", self.secrets.twilio_account.as_str()),
            ("Body", text),
            ("From", from.address(Door::Sms)),
            ("MessageSid", &sid),
            ("NumMedia", "0"),
            ("NumSegments", "1"),
            ("SmsSid", &sid),
            ("To", &self.secrets.twilio_from),
        ];
        let url = format!("http://{}/hooks/{}", self.address, Door::Sms.connection());
        let signed = form.iter().fold(url, |text, (key, value)| text + key + value);
        let signature = base64::engine::general_purpose::STANDARD.encode(twilio_signature(&self.secrets.twilio_token, &signed));
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&form).finish();
        self.request(Door::Sms, "application/x-www-form-urlencoded", ("x-twilio-signature", &signature), &body)
    }

    fn telegram(&self, number: u64, from: &Writer, text: &str) -> Vec<u8> {
        let id: i64 = from.telegram.parse().unwrap_or_default();
        let body = json!({"update_id": number, "message": {
            "message_id": number, "from": {"id": id, "is_bot": false, "first_name": "User"}, "chat": {"id": id, "type": "private"},
            "date": now(), "text": text,
        }})
        .to_string();
        self.request(Door::Telegram, "application/json", ("x-telegram-bot-api-secret-token", &self.secrets.telegram_secret), &body)
    }

    fn request(&self, door: Door, content_type: &str, (header, value): (&str, &str), body: &str) -> Vec<u8> {
        format!(
            "POST /hooks/{} HTTP/1.1\r\nhost: {}\r\ncontent-type: {content_type}\r\n{header}: {value}\r\ncontent-length: {}\r\n\r\n{body}",
            door.connection(),
            self.address,
            body.len(),
        )
        .into_bytes()
    }
}
