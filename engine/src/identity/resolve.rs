//! Where an incoming message belongs: pure, over the evidence the store read.

use std::time::Duration;

use domain::identifier::{IdentifierKind, SeenIdentifier, Trust};
use domain::message::Doubt;
use domain::ports::{HeldIdentifier, Placement, Random, SenderEvidence};
use domain::{CustomerId, IdentifierId, StrandId, Timestamp};

use super::shared::is_office;
use crate::reasoning::builtin::understand::{NameMatch, same_person};

/// The answer to "who am I speaking with?" holds while the talk goes on.
const SPEAKER_HOLDS: Duration = Duration::from_hours(12);

/// A new customer for a sender never seen.
pub fn nobody_yet(sender: &[SeenIdentifier], now: Timestamp, random: &dyn Random) -> Placement {
    Placement::New {
        customer: CustomerId::new(now, random.bits()),
        ids: sender.iter().map(|_| (IdentifierId::new(now, random.bits()), StrandId::new(now, random.bits()))).collect(),
    }
}

/// Decides from who holds the sender's identifiers.
pub fn place(
    sender: &[SeenIdentifier],
    profile_name: Option<&str>,
    evidence: &SenderEvidence,
    now: Timestamp,
    random: &dyn Random,
) -> Placement {
    place_in_thread(sender, profile_name, evidence, false, now, random)
}

/// The same; `answers_ours`: the sender answers a message that we sent to the address they claim. Such a thread goes on
/// for claims too, as long as nothing but claims ever stood behind it: it proves nothing, and so opens nothing else.
pub fn place_in_thread(
    sender: &[SeenIdentifier],
    profile_name: Option<&str>,
    evidence: &SenderEvidence,
    answers_ours: bool,
    now: Timestamp,
    random: &dyn Random,
) -> Placement {
    let held = sender.iter().zip(&evidence.held).find_map(|(seen, held)| {
        let joins = seen.trust > Trust::Claimed || seen.kind == IdentifierKind::Visitor;
        let goes_on =
            |held: &&HeldIdentifier| answers_ours && seen.kind == IdentifierKind::Email && held.identifier.trust == Trust::Claimed;
        held.as_ref().filter(|held| joins || goes_on(held))
    });
    let Some(held) = held else { return nobody_yet(sender, now, random) };
    let goes_on = held.last_message.is_some_and(|last| now.since(last) <= SPEAKER_HOLDS);
    if let Some(strand) = held.speaker.filter(|_| held.identifier.shared && goes_on) {
        return Placement::Known { customer: held.customer, strand };
    }
    match doubt(sender, profile_name, held, now) {
        None => Placement::Known { customer: held.customer, strand: held.identifier.strand },
        Some(doubt) => Placement::Provisional {
            customer: CustomerId::new(now, random.bits()),
            identifier: held.identifier.id,
            strand: StrandId::new(now, random.bits()),
            doubt,
            point: true,
        },
    }
}

/// Why the known holder may not be the one who writes now.
fn doubt(sender: &[SeenIdentifier], profile_name: Option<&str>, held: &HeldIdentifier, now: Timestamp) -> Option<Doubt> {
    if held.identifier.shared {
        let mut candidates = vec![held.customer];
        candidates.extend(held.others.iter().copied().filter(|other| *other != held.customer));
        return Some(Doubt::SharedIdentifier { candidates });
    }
    if is_office(held.identifier.kind, &held.identifier.value) && !is_the_one_known(profile_name, held) {
        return Some(Doubt::SharedIdentifier { candidates: vec![held.customer] });
    }
    if another_platform_id(sender, held) {
        let silent = held.last_message.map_or(0, |last| (now.since(last).as_secs() / 86_400) as i64);
        return Some(Doubt::ChangedHands { before: held.customer, silent_days: silent });
    }
    let seen = profile_name?;
    if held.names.is_empty() || held.names.iter().any(|known| same_person(known, seen) != NameMatch::Contradict) {
        return None;
    }
    let known = held.names.last().cloned().unwrap_or_default();
    Some(Doubt::NamesContradict { before: held.customer, known, seen: seen.to_owned() })
}

/// Through an office's mailbox the same name is the same person; without a name it is the only one who ever wrote.
fn is_the_one_known(profile_name: Option<&str>, held: &HeldIdentifier) -> bool {
    let Some(seen) = profile_name else { return true };
    held.names.iter().any(|known| known == seen || matches!(same_person(known, seen), NameMatch::Same | NameMatch::Compatible))
        || held.names.is_empty() && same_person(seen, seen) == NameMatch::NotAName
}

/// A platform id of the same kind, different from the one seen before, stands behind the known number. Digits alone
/// are the number itself in the vendor's spelling and prove nothing.
fn another_platform_id(sender: &[SeenIdentifier], held: &HeldIdentifier) -> bool {
    if held.identifier.kind != IdentifierKind::Phone {
        return false;
    }
    sender.iter().filter(|seen| scoped(seen.kind, &seen.value)).any(|seen| {
        let mut before = held
            .platform_ids
            .iter()
            .filter(|(kind, scope, value)| *kind == seen.kind && *scope == seen.scope && scoped(*kind, value))
            .peekable();
        before.peek().is_some() && before.all(|(_, _, value)| *value != seen.value)
    })
}

/// Is it a platform's own id rather than a number in digits?
fn scoped(kind: IdentifierKind, value: &str) -> bool {
    kind == IdentifierKind::Whatsapp && value.chars().any(|letter| !letter.is_ascii_digit())
}
