//! A made-up person with an address on every door.

use serde::Serialize;

/// A made-up person. Numbers come from ranges that regulators keep for fiction where there are some.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Persona {
    /// Its key in a report.
    pub id: String,
    /// E.164.
    pub phone: String,
    /// Telegram user id.
    pub telegram_id: String,
    /// The person's id on our page.
    pub messenger_id: String,
    /// The person's id on our Instagram account.
    pub instagram_id: String,
    /// Discord user id.
    pub discord_id: String,
    /// Email address.
    pub email: String,
    /// The business's own user id.
    pub external_id: String,
    /// The profile's name, when the profile has one.
    pub profile_name: Option<String>,
}

impl Persona {
    /// The persona number `number`; the same number gives the same person.
    pub fn numbered(number: u64) -> Self {
        Self {
            id: format!("p{number}"),
            phone: format!("+336{:08}", 39_980_000 + number % 19_999),
            telegram_id: (700_000_000 + number).to_string(),
            messenger_id: (5_000_000_000_000_000 + number % 1_000_000_000_000_000).to_string(),
            instagram_id: (1_000_000_000_000_000 + number % 1_000_000_000_000_000).to_string(),
            discord_id: format!("1033{:014}", number % 100_000_000_000_000),
            email: format!("p{number}@people.example"),
            external_id: format!("customer-{number}"),
            profile_name: None,
        }
    }

    /// With a name on its profiles.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.profile_name = Some(name.to_owned());
        self
    }

    /// The number as WhatsApp writes it.
    pub fn wa_id(&self) -> &str {
        self.phone.trim_start_matches('+')
    }
}
