//! Identifiers that belong to nobody alone: an office's mailbox is several people's from its first message on.
//!
//! Numbers become shared when a second person speaks on them (`join`); placeholders never become identifiers
//! (`understand::e164`).

use domain::identifier::IdentifierKind;

/// Local parts of addresses of offices, not of people: several write from them.
const OFFICES: [&str; 22] = [
    "accounting",
    "accounts",
    "admin",
    "billing",
    "booking",
    "bookings",
    "contact",
    "enquiries",
    "hello",
    "help",
    "hr",
    "info",
    "invoices",
    "mail",
    "office",
    "orders",
    "purchasing",
    "reception",
    "sales",
    "service",
    "support",
    "team",
];

/// Is it the mailbox of an office?
pub fn is_office(kind: IdentifierKind, value: &str) -> bool {
    kind == IdentifierKind::Email && value.split_once('@').is_some_and(|(local, _)| OFFICES.contains(&local))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_office_is_known_by_its_local_part() {
        assert!(is_office(IdentifierKind::Email, "info@firm.example"));
        assert!(!is_office(IdentifierKind::Email, "infos.berg@firm.example"));
        assert!(!is_office(IdentifierKind::ExternalId, "info@firm.example"));
    }
}
