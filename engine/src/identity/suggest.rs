//! Which customers may be one person: the linkage over what is known of everybody, for the review queue.
//!
//! Pure: the server's job loads the customers and stores what is proposed. Nothing here joins anybody.

use domain::customer::Customer;
use domain::fact::Predicate;
use domain::identifier::{IdentifierKind, Trust};
use domain::ports::Random;
use domain::turn::IdentityChange;
use domain::{CustomerId, SuggestionId, Timestamp};

use super::linkage::{self, Likely, Options, Record};

/// At most so many new suggestions at once: nobody reviews more, and the likeliest come first.
const AT_ONCE: usize = 500;
/// What rests on an address that one side only claims is never nearly certain: anybody may claim it.
const CLAIMED: f64 = 0.9;

/// What is compared of a customer. Others of their facts say what they want, not who they are.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// Who.
    pub customer: CustomerId,
    record: Record,
    /// Ids of the business's own system, proven.
    accounts: Vec<String>,
    /// Phones and emails that are channel-asserted or verified.
    proven: Vec<String>,
}

impl Known {
    /// Takes what tells a person; `None` where that is nothing, as for a visitor who has said nothing yet.
    pub fn of(customer: &Customer) -> Option<Self> {
        let mut fields: Vec<(String, String)> = Vec::new();
        let mut known = Self { customer: customer.id, record: Record::default(), accounts: Vec::new(), proven: Vec::new() };
        for (predicate, field) in [(Predicate::Name, "name"), (Predicate::Address, "address"), (Predicate::Company, "company")] {
            fields.extend(customer.facts_of(predicate).map(|fact| (field.to_owned(), fact.value.clone())));
        }
        for identifier in &customer.identifiers {
            let field = match identifier.kind {
                IdentifierKind::Phone => "phone",
                IdentifierKind::Email => "email",
                IdentifierKind::ExternalId if identifier.trust == Trust::Verified && !is_address(customer, &identifier.value) => {
                    known.accounts.push(identifier.value.clone());
                    "external_id"
                }
                // A platform's own id is one account's, never two people's or one person's in two ways.
                _ => continue,
            };
            if identifier.shared || super::shared::is_office(identifier.kind, &identifier.value) {
                continue;
            }
            if identifier.trust > Trust::Claimed {
                known.proven.push(identifier.value.clone());
            }
            fields.push((field.to_owned(), identifier.value.clone()));
        }
        let tells = |name: &str| fields.iter().any(|(field, _)| field == name);
        if !tells("name") && !tells("phone") && !tells("email") {
            return None;
        }
        known.record.fields = fields;
        Some(known)
    }
}

/// A form that knows no account names the sender by their own address.
fn is_address(customer: &Customer, value: &str) -> bool {
    let is_contact = |kind: IdentifierKind| matches!(kind, IdentifierKind::Phone | IdentifierKind::Email);
    customer.identifiers.iter().any(|identifier| is_contact(identifier.kind) && identifier.value == value)
}

/// Pairs to propose, the likeliest first. Two accounts of the business are never proposed.
pub fn likely(everybody: &[Known], region: &str, lanes: usize) -> Vec<(CustomerId, CustomerId, f64, Vec<(String, f64)>)> {
    let records: Vec<Record> = everybody.iter().map(|known| known.record.clone()).collect();
    linkage::link(&records, Options { region, lanes, ..Options::default() })
        .into_iter()
        .filter_map(|pair| told(&everybody[pair.a], &everybody[pair.b], pair))
        .take(AT_ONCE)
        .collect()
}

fn told(a: &Known, b: &Known, pair: Likely) -> Option<(CustomerId, CustomerId, f64, Vec<(String, f64)>)> {
    let conflict = !a.accounts.is_empty() && !b.accounts.is_empty() && !a.accounts.iter().any(|account| b.accounts.contains(account));
    if conflict {
        return None;
    }
    let mut reasons: Vec<(String, f64)> = pair.reasons.into_iter().map(|reason| (reason.text, rounded(reason.weight))).collect();
    let mut probability = pair.probability;
    let contacts = |known: &Known| -> Vec<String> {
        let of_contact = known.record.fields.iter().filter(|(field, _)| field == "phone" || field == "email");
        of_contact.map(|(_, value)| value.clone()).collect()
    };
    let theirs = contacts(b);
    let mut shared = contacts(a).into_iter().filter(|value| theirs.contains(value)).peekable();
    if shared.peek().is_some() && shared.all(|value| !(a.proven.contains(&value) && b.proven.contains(&value))) {
        probability = probability.min(CLAIMED);
        reasons.insert(0, ("one of them only claims the address they share".to_owned(), -1.0));
    }
    // The elder record is the one that stays.
    let (kept, absorbed) = if a.customer <= b.customer { (a, b) } else { (b, a) };
    Some((kept.customer, absorbed.customer, probability, reasons))
}

fn rounded(bits: f64) -> f64 {
    (bits * 10.0).round() / 10.0
}

/// A suggestion for the identity log.
pub fn change(
    (a, b, probability, reasons): (CustomerId, CustomerId, f64, Vec<(String, f64)>),
    now: Timestamp,
    random: &dyn Random,
) -> IdentityChange {
    IdentityChange::Suggest { id: SuggestionId::new(now, random.bits()), a, b, probability, reasons }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(number: u128, fields: &[(&str, &str)], accounts: &[&str], proven: &[&str]) -> Known {
        let owned = |list: &[&str]| list.iter().map(|value| (*value).to_owned()).collect();
        Known {
            customer: CustomerId::new(Timestamp::from_secs(1_700_000_000 + number as i64), number),
            record: Record { fields: fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect() },
            accounts: owned(accounts),
            proven: owned(proven),
        }
    }

    const MIA: [(&str, &str); 2] = [("name", "Mia Cooke"), ("email", "mia@house.example")];

    #[test]
    fn a_person_met_on_two_doors_is_proposed_the_elder_first() {
        let pair = [known(2, &MIA, &[], &["mia@house.example"]), known(1, &MIA, &[], &["mia@house.example"])];
        let found = likely(&pair, "FR", 1);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].0, found[0].1), (pair[1].customer, pair[0].customer));
        assert!(found[0].2 > 0.95 && found[0].3[0].0 == "same email");
    }

    #[test]
    fn a_claimed_address_is_never_nearly_certain() {
        let pair = [known(1, &MIA, &[], &["mia@house.example"]), known(2, &MIA, &[], &[])];
        let found = likely(&pair, "FR", 1);
        assert!(found.len() == 1 && found[0].2 <= 0.9 && found[0].3[0].0.contains("only claims"), "{found:?}");
    }

    #[test]
    fn two_accounts_of_the_business_are_never_proposed() {
        assert_eq!(likely(&[known(1, &MIA, &["u1"], &[]), known(2, &MIA, &["u2"], &[])], "FR", 1), []);
    }
}
