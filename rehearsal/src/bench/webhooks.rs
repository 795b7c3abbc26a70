//! WhatsApp webhooks as Meta sends them, signed and written out as whole HTTP requests before the clock starts.

use std::net::SocketAddr;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

/// What signs and addresses the webhooks.
#[derive(Debug, Clone)]
pub struct Vendor {
    /// Connection id in the URL.
    pub connection: String,
    /// Signs the bodies.
    pub app_secret: String,
    /// Our number at Meta.
    pub number_id: String,
    /// The server.
    pub address: SocketAddr,
    /// So many of the questions are in use.
    pub questions: usize,
}

/// All questions.
pub const QUESTIONS: usize = TEXTS.len();

/// One message, ready to be sent.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The whole request.
    pub bytes: Vec<u8>,
    /// Who writes, in digits.
    pub person: String,
    /// What the reply must hold.
    pub token: String,
}

/// Questions in use; `{}` is the token, an order number that the reply has to name.
const TEXTS: [&str; 4] = [
    "Hello, my order number is {}. What is my order number?",
    "Hi, it is about order {}. How long does delivery take? And which order number do you have for me?",
    "My order is {}. Can I return a chair after two weeks, and what is my order number?",
    "Good morning! I have order {}, do you deliver on Saturdays? What is my order number?",
];

/// The token of a message.
pub fn token(number: u64) -> String {
    format!("SO-{:07}", number % 10_000_000)
}

/// A person's number in digits: French mobiles, scattered over the range.
pub fn person(number: u64) -> String {
    format!("336{:08}", 10_000_000 + number.wrapping_mul(7_368_787) % 80_000_000)
}

impl Vendor {
    /// A message of a person, `number` being different for each.
    pub fn prepare(&self, number: u64, person: &str, now_secs: u64) -> Prepared {
        let token = token(number);
        let text = TEXTS[usize::try_from(number).unwrap_or(0) % self.questions.clamp(1, TEXTS.len())].replace("{}", &token);
        let body = json!({
            "object": "whatsapp_business_account",
            "entry": [{"id": "102290129340398", "changes": [{"field": "messages", "value": {
                "messaging_product": "whatsapp",
                "metadata": {"display_phone_number": "33180000101", "phone_number_id": self.number_id},
                "contacts": [{"wa_id": person, "profile": {}}],
                "messages": [{"from": person, "id": format!("wamid.BENCH{number:012}"), "timestamp": now_secs.to_string(),
                              "type": "text", "text": {"body": text}}],
            }}]}],
        })
        .to_string();
        let mut mac = Hmac::<Sha256>::new_from_slice(self.app_secret.as_bytes()).expect("any key length is fine");
        mac.update(body.as_bytes());
        let signature: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let bytes = format!(
            "POST /hooks/{} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\nx-hub-signature-256: sha256={signature}\r\ncontent-length: {}\r\n\r\n{body}",
            self.connection,
            self.address,
            body.len(),
        )
        .into_bytes();
        Prepared { bytes, person: person.to_owned(), token }
    }
}

/// Who writes: everybody once, or a crowd in which some write often (Zipf).
#[derive(Debug)]
pub struct Crowd {
    shares: Vec<f64>,
    state: u64,
}

impl Crowd {
    /// So many people, the first writing most, with this exponent.
    pub fn new(people: usize, exponent: f64, seed: u64) -> Self {
        let mut total = 0.0;
        let mut shares: Vec<f64> = (1..=people.max(1))
            .map(|rank| {
                total += (rank as f64).powf(-exponent);
                total
            })
            .collect();
        shares.iter_mut().for_each(|share| *share /= total);
        Self { shares, state: seed | 1 }
    }

    /// The next to write.
    pub fn next_rank(&mut self) -> u64 {
        let drawn = uniform(&mut self.state);
        self.shares.partition_point(|share| *share < drawn) as u64
    }
}

/// A number in 0..1 from a seeded sequence.
pub fn uniform(state: &mut u64) -> f64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn nobody_shares_a_number() {
        let people: HashSet<String> = (0..50_000).map(person).collect();
        assert_eq!(people.len(), 50_000);
    }

    #[test]
    fn the_first_of_a_crowd_writes_most() {
        let mut crowd = Crowd::new(100, 1.1, 7);
        let drawn: Vec<u64> = (0..2_000).map(|_| crowd.next_rank()).collect();
        let of = |rank: u64| drawn.iter().filter(|found| **found == rank).count();
        assert!(of(0) > of(9) && of(9) > 0 && drawn.iter().all(|rank| *rank < 100));
    }
}
