//! Step-up by one-time code: which contacts a code may go to, how they are shown, and how often it may be asked for. Pure.

use std::time::Duration;

use domain::challenge::{AskedLately, Contact};
use domain::identifier::{Identifier, IdentifierKind, Trust};

/// A code is good for this long.
pub const GOOD_FOR: Duration = Duration::from_mins(10);
/// A contact has to be on file this long before a code goes there.
pub const ON_FILE_FOR: Duration = Duration::from_hours(72);

/// Is it a contact to which a code may go, once it is long enough on file? What somebody only said is on nobody's file.
pub fn is_on_file(identifier: &Identifier) -> bool {
    let is_contact = matches!(identifier.kind, IdentifierKind::Phone | IdentifierKind::Email);
    is_contact && identifier.trust > Trust::Claimed && !identifier.shared
}

/// What forbids asking for another code; nothing of it depends on whether the contact is anybody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// For this contact or from here.
    Here,
    /// In the whole workspace: somebody is trying things.
    Everywhere,
}

/// May another code be asked for after these?
pub fn limit(lately: &AskedLately) -> Option<Limit> {
    if lately.workspace_hour >= 200 {
        return Some(Limit::Everywhere);
    }
    (lately.contact_hour >= 3 || lately.contact_day >= 10 || lately.strand_hour >= 10).then_some(Limit::Here)
}

/// A contact as it may be shown to whoever claims it: "…78", "c…@example.com".
pub fn shown(contact: &Contact) -> String {
    let value = contact.value.as_str();
    if let Some((name, host)) = value.split_once('@') {
        let first: String = name.chars().take(1).collect();
        return format!("{first}…@{host}");
    }
    let digits: Vec<char> = value.chars().filter(char::is_ascii_digit).collect();
    format!("…{}", digits[digits.len().saturating_sub(2)..].iter().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_shown_by_its_end_alone() {
        let check = |kind, value: &str, expected: &str| assert_eq!(shown(&Contact { kind, value: value.to_owned() }), expected);
        check(IdentifierKind::Phone, "+33612345678", "…78");
        check(IdentifierKind::Email, "camille.roy@people.example", "c…@people.example");
    }

    #[test]
    fn codes_are_asked_for_so_often_and_no_more() {
        let asked = AskedLately { contact_hour: 2, contact_day: 9, strand_hour: 9, workspace_hour: 199 };
        assert_eq!(limit(&asked), None);
        assert_eq!(limit(&AskedLately { contact_hour: 3, ..asked }), Some(Limit::Here));
        assert_eq!(limit(&AskedLately { contact_day: 10, ..asked }), Some(Limit::Here));
        assert_eq!(limit(&AskedLately { strand_hour: 10, ..asked }), Some(Limit::Here));
        assert_eq!(limit(&AskedLately { workspace_hour: 200, ..asked }), Some(Limit::Everywhere));
    }
}
