//! Joining people: what the evidence of this turn changes on the identity log, or what must be asked.
//!
//! Pure: `turn/gather.rs` reads the evidence, the store applies the changes as one event under the customer's lease.

use std::time::Duration;

use domain::conversation::Pending;
use domain::customer::{Context, Customer};
use domain::fact::Predicate;
use domain::identifier::{IdentifierKind, Origin, SeenIdentifier, Trust, found_by};
use domain::message::{Doubt, Waiting};
use domain::ports::{HeldIdentifier, Link, Random};
use domain::turn::IdentityChange;
use domain::{ConversationId, CustomerId, IdentifierId, MergeId, StrandId, SuggestionId, Timestamp};

use super::normalise;
use crate::reasoning::builtin::understand::{NameMatch, same_person};

/// Silence after which a number in other hands is a new person.
const RECYCLED_AFTER_DAYS: i64 = 90;

/// A join whose page was closed waits this long for one fact or the visitor's next visit.
const JOIN_WAITS: Duration = Duration::from_hours(30 * 24);

/// Does a link whose code came after its page was closed still wait for its join?
pub fn still_waits(link: &Link, now: Timestamp) -> bool {
    link.waits_for.is_some() && link.redeemed_by.is_none() && now <= link.expires_at.after(JOIN_WAITS)
}

/// What was read about who this may be.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// The sender's own contact, proven by the vendor, and who holds that number.
    pub contact: Option<(String, Option<HeldIdentifier>)>,
    /// The link behind a code in this message, with the record that made it.
    pub link: Option<LinkEvidence>,
    /// Holders of the sender's other identifiers who are not this customer.
    pub other_holders: Vec<Customer>,
    /// Anonymous visitors who claimed this sender's phone or email.
    pub claimed_by: Vec<CustomerId>,
    /// Who filled in a form that we answered at this sender's very address, which they now answer.
    pub filled_in: Vec<Customer>,
    /// Records of everybody a pending question or a doubt speaks of.
    pub candidates: Vec<Customer>,
    /// Who holds the number that a caller shows without the carrier vouching for it.
    pub caller: Option<Customer>,
    /// Who holds the contact to which the one-time code went that came with these messages.
    pub coded: Option<Customer>,
    /// Pairs that code must not join.
    pub blocked: Vec<CustomerId>,
}

/// A link code that came with the message.
#[derive(Debug, Clone)]
pub struct LinkEvidence {
    /// The link.
    pub link: Link,
    /// Who made it.
    pub maker: Customer,
    /// Is the page that made it open?
    pub page_open: bool,
    /// Did the code come in an earlier message, so that the join waits for one fact?
    pub waiting: bool,
}

/// What is to happen before anybody reasons.
#[derive(Debug, Clone, PartialEq)]
pub enum Settled {
    /// Nothing: go on with this customer.
    Clear,
    /// Apply these changes, then claim the messages again.
    Change(Vec<IdentityChange>),
    /// Ask, and say nothing personal until it is answered.
    Ask(Pending),
    /// Go on, and add these to the turn's own changes (suggestions).
    Note(Vec<IdentityChange>),
}

/// What a turn's messages say about who writes.
#[derive(Debug, Clone, Default)]
pub struct Said<'a> {
    /// "Sarah here": the name in this very message.
    pub introduced_as: Option<&'a str>,
    /// Any name learned from it.
    pub name: Option<&'a str>,
    /// Yes or no, when that is all it says.
    pub yes: Option<bool>,
    /// The text.
    pub text: &'a str,
}

/// Decides who this is.
pub fn settle(own: &Context, messages: &[Waiting], said: &Said<'_>, evidence: &Evidence, now: Timestamp, random: &dyn Random) -> Settled {
    let id = own.customer.id;
    if let Some(holder) = &evidence.coded {
        return coded(own, messages, holder, evidence, now, random);
    }
    if let Some(changes) = answered(own, said, evidence, now, random) {
        return changes;
    }
    if let Some(changes) = contact(own, evidence, now, random) {
        return changes;
    }
    if let Some(link) = &evidence.link
        && let Some(changes) = redeemed(own, messages, said, link, evidence, now, random)
    {
        return changes;
    }
    if let Some(changes) = called_by_name(own, messages, said, evidence, now, random) {
        return changes;
    }
    if let Some(other) = evidence.other_holders.iter().find(|other| may_join(&own.customer, other, evidence)) {
        return Settled::Change(vec![merge(&own.customer, other, "two identifiers of one signed event", now, random)]);
    }
    let leads: Vec<IdentityChange> = evidence
        .filled_in
        .iter()
        .filter(|lead| may_join(&own.customer, lead, evidence))
        .map(|lead| merge_into(&own.customer, lead, "answered what we wrote to the address in a form", now, random))
        .collect();
    if !leads.is_empty() {
        return Settled::Change(leads);
    }
    if let Some(settled) = doubted(own, messages, said, evidence, now, random) {
        return settled;
    }
    if let Some(settled) = another_person(own, messages, said, now, random) {
        return settled;
    }
    if own.conversation.memo.pending.is_none()
        && let Some(visitor) = evidence.claimed_by.iter().find(|visitor| **visitor != id)
        && own.history.is_empty()
    {
        return Settled::Ask(Pending::WereYouOnWebsite { visitor: *visitor });
    }
    Settled::Clear
}

/// An answer to a question about identity that we asked before.
fn answered(own: &Context, said: &Said<'_>, evidence: &Evidence, now: Timestamp, random: &dyn Random) -> Option<Settled> {
    match own.conversation.memo.pending.as_ref()? {
        Pending::WhoSpeaks { candidates, .. } => {
            let name = said.introduced_as.or(said.name).unwrap_or(said.text).trim();
            let known = evidence.candidates.iter().filter(|known| candidates.contains(&known.id) && known.id != own.customer.id);
            let matching: Vec<&Customer> = known.filter(|known| names(known).iter().any(|known| is_called(known, name))).collect();
            let [one] = matching.as_slice() else { return None };
            Some(Settled::Change(vec![merge_into(one, &own.customer, "the person on a shared number said who speaks", now, random)]))
        }
        Pending::WereYouOnWebsite { visitor } => {
            let visitor = evidence.candidates.iter().find(|known| known.id == *visitor)?;
            match said.yes {
                Some(true) if may_join(&own.customer, visitor, evidence) => Some(Settled::Change(vec![merge_into(
                    &own.customer,
                    visitor,
                    "confirmed on the address that the website was given",
                    now,
                    random,
                )])),
                Some(true) | None => None,
                Some(false) => Some(Settled::Note(vec![IdentityChange::Block { a: own.customer.id, b: visitor.id }])),
            }
        }
        // The link behind it decides: see `redeemed`.
        Pending::ConfirmJoin { .. }
        | Pending::Slot { .. }
        | Pending::Offer { .. }
        | Pending::Action { .. }
        | Pending::Details { .. }
        | Pending::Times { .. }
        | Pending::StepUp { .. } => None,
    }
}

/// The code that went to somebody's contact came back: whoever reads there writes here.
fn coded(own: &Context, messages: &[Waiting], holder: &Customer, evidence: &Evidence, now: Timestamp, random: &dyn Random) -> Settled {
    if !may_join(&own.customer, holder, evidence) {
        let reason = "a one-time code came back, but the names or accounts contradict";
        return Settled::Note(vec![suggest(own.customer.id, holder.id, reason, now, random)]);
    }
    let mut changes = vec![merge_into(holder, &own.customer, "a one-time code to a contact on file came back", now, random)];
    let strand = messages.first().map(|waiting| waiting.message.strand);
    let visitor = strand.and_then(|strand| super::level::own_identifier(own, strand)).filter(|known| known.kind == IdentifierKind::Visitor);
    changes.extend(visitor.map(|visitor| IdentityChange::Attach {
        customer: holder.id,
        identifier: SeenIdentifier {
            kind: visitor.kind,
            scope: visitor.scope.clone(),
            value: visitor.value.clone(),
            raw: visitor.raw.clone(),
            trust: Trust::Verified,
            origin: Origin::Otp,
        },
        id: IdentifierId::new(now, random.bits()),
        strand: StrandId::new(now, random.bits()),
    }));
    Settled::Change(changes)
}

/// The sender's own contact, proven by the vendor: it joins, or becomes theirs.
fn contact(own: &Context, evidence: &Evidence, now: Timestamp, random: &dyn Random) -> Option<Settled> {
    let (phone, holder) = evidence.contact.as_ref()?;
    let has_it = own.customer.identifiers.iter().any(|known| {
        known.kind == IdentifierKind::Phone
            && found_by(known.kind, &known.value) == found_by(known.kind, phone)
            && known.trust == Trust::Verified
    });
    if has_it {
        return None;
    }
    let attach = |customer: CustomerId| IdentityChange::Attach {
        customer,
        identifier: SeenIdentifier {
            kind: IdentifierKind::Phone,
            scope: String::new(),
            value: phone.clone(),
            raw: phone.clone(),
            trust: Trust::Verified,
            origin: Origin::Message,
        },
        id: IdentifierId::new(now, random.bits()),
        strand: StrandId::new(now, random.bits()),
    };
    let Some(holder) = holder.as_ref().filter(|holder| holder.customer != own.customer.id) else {
        return Some(Settled::Change(vec![attach(own.customer.id)]));
    };
    let other = evidence.candidates.iter().find(|known| known.id == holder.customer)?;
    if holder.identifier.shared || !may_join(&own.customer, other, evidence) {
        return Some(Settled::Note(vec![suggest(
            own.customer.id,
            other.id,
            "shares the number of the contact, names contradict or the number is shared",
            now,
            random,
        )]));
    }
    let joined = merge(&own.customer, other, "the platform vouches for the sender's own phone number", now, random);
    let survivor = kept_of(&joined, own.customer.id);
    Some(Settled::Change(vec![joined, attach(survivor)]))
}

/// A caller from a known number that nobody vouches for gives the name that goes with it, which we never read out to
/// them: the call is that person's, and is heard as one on a number that the carrier vouches for.
fn called_by_name(
    own: &Context,
    messages: &[Waiting],
    said: &Said<'_>,
    evidence: &Evidence,
    now: Timestamp,
    random: &dyn Random,
) -> Option<Settled> {
    let known = evidence.caller.as_ref()?;
    let name = said.introduced_as.or(said.name)?;
    if !names(known).iter().any(|one| is_called(one, name)) || !may_join(&own.customer, known, evidence) {
        return None;
    }
    let call = super::level::own_identifier(own, messages.first()?.message.strand)?;
    let identifier = SeenIdentifier {
        kind: call.kind,
        scope: call.scope.clone(),
        value: call.value.clone(),
        raw: call.raw.clone(),
        trust: Trust::ChannelAsserted,
        origin: Origin::Message,
    };
    Some(Settled::Change(vec![
        merge_into(known, &own.customer, "a caller gave the name that goes with the number", now, random),
        IdentityChange::Attach {
            customer: known.id,
            identifier,
            id: IdentifierId::new(now, random.bits()),
            strand: StrandId::new(now, random.bits()),
        },
    ]))
}

/// A link code: joins at once while the page is open and the names agree; otherwise one fact is asked for, in this message or a later one.
fn redeemed(
    own: &Context,
    messages: &[Waiting],
    said: &Said<'_>,
    found: &LinkEvidence,
    evidence: &Evidence,
    now: Timestamp,
    random: &dyn Random,
) -> Option<Settled> {
    if found.link.redeemed_by.is_some() || found.maker.id == own.customer.id || evidence.blocked.contains(&found.maker.id) {
        return None;
    }
    let name_known = said.introduced_as.or(said.name);
    let contradict = !agree(&own.customer, &found.maker) || name_known.is_some_and(|name| contradicts_all(&names(&found.maker), name));
    if contradict || conflicting_accounts(&own.customer, &found.maker) {
        return (!found.waiting).then(|| {
            Settled::Note(vec![suggest(own.customer.id, found.maker.id, "link code redeemed, but the names contradict", now, random)])
        });
    }
    let topics = topics(&found.maker);
    let is_named = names(&found.maker).iter().any(|known| name_known.is_some_and(|name| is_called(known, name)));
    let is_proven = is_named || found.waiting && mentions(said.text, &topics);
    if found.page_open || is_proven || topics.is_empty() {
        let address = messages.last().map(|waiting| waiting.address.as_str()).unwrap_or_default();
        let shown_as = found.link.shown_as.clone().unwrap_or_else(|| normalise::masked(address));
        return Some(Settled::Change(linked(&own.customer, &found.maker, &found.link, shown_as, now, random)));
    }
    (!found.waiting).then_some(Settled::Ask(Pending::ConfirmJoin { other: found.maker.id, link: found.link.id }))
}

/// The join that a link's code makes: the visitor who made it is proven with it.
pub fn linked(
    sender: &Customer,
    maker: &Customer,
    link: &Link,
    shown_as: String,
    now: Timestamp,
    random: &dyn Random,
) -> Vec<IdentityChange> {
    let id = MergeId::new(now, random.bits());
    let (kept, absorbed) = elder(sender, maker);
    vec![
        IdentityChange::Merge { id, kept, absorbed, reasons: vec!["link code redeemed".to_owned()], by: "code".to_owned() },
        IdentityChange::RedeemLink { link: link.id, by: sender.id, shown_as, merge: Some(id) },
        proven_visitor(maker, link, kept, now, random),
    ]
}

/// Does a text speak of one of these matters, by any word of substance?
fn mentions(text: &str, topics: &[String]) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.to_lowercase()
            .split(|letter: char| !letter.is_alphanumeric())
            .filter(|word| word.chars().count() >= 4 || word.chars().any(|letter| letter.is_ascii_digit()))
            .map(str::to_owned)
            .collect()
    };
    let said = words(text);
    topics.iter().flat_map(|topic| words(topic)).any(|topic| {
        said.iter().any(|word| {
            let (long, short) = if word.len() > topic.len() { (word, &topic) } else { (&topic, word) };
            long.starts_with(short.as_str()) && long.chars().count() - short.chars().count() <= 2
        })
    })
}

/// The code was made on the visitor's own page and came back from the person's own phone: the visitor is proven.
fn proven_visitor(maker: &Customer, link: &Link, customer: CustomerId, now: Timestamp, random: &dyn Random) -> IdentityChange {
    let known = maker.identifiers.iter().find(|identifier| identifier.id == link.identifier);
    let identifier = SeenIdentifier {
        kind: IdentifierKind::Visitor,
        scope: known.map(|known| known.scope.clone()).unwrap_or_default(),
        value: known.map(|known| known.value.clone()).unwrap_or_default(),
        raw: known.map(|known| known.raw.clone()).unwrap_or_default(),
        trust: Trust::Verified,
        origin: Origin::Link,
    };
    IdentityChange::Attach { customer, identifier, id: IdentifierId::new(now, random.bits()), strand: StrandId::new(now, random.bits()) }
}

/// Intake was not sure whose message it is.
fn doubted(
    own: &Context,
    messages: &[Waiting],
    said: &Said<'_>,
    evidence: &Evidence,
    now: Timestamp,
    random: &dyn Random,
) -> Option<Settled> {
    if own.conversation.memo.pending.is_some() {
        return None;
    }
    let doubt = messages.iter().find_map(|waiting| waiting.doubt.as_ref())?;
    let candidates: Vec<CustomerId> = match doubt {
        Doubt::SharedIdentifier { candidates } => candidates.clone(),
        Doubt::ChangedHands { before, silent_days } => {
            if *silent_days > RECYCLED_AFTER_DAYS {
                let note =
                    suggest(own.customer.id, *before, "the same number after long silence, with another account behind it", now, random);
                return own.history.is_empty().then(|| Settled::Note(vec![note]));
            }
            vec![*before]
        }
        Doubt::NamesContradict { before, .. } => vec![*before],
    };
    if let Some(name) = said.introduced_as {
        let matching: Vec<&Customer> = evidence
            .candidates
            .iter()
            .filter(|known| candidates.contains(&known.id) && names(known).iter().any(|known| is_called(known, name)))
            .collect();
        if let [one] = matching.as_slice() {
            return Some(Settled::Change(vec![merge_into(
                one,
                &own.customer,
                "the person on a shared number said who speaks",
                now,
                random,
            )]));
        }
        return None;
    }
    own.history.is_empty().then(|| Settled::Ask(Pending::WhoSpeaks { offered: offered(own, messages, evidence, &candidates), candidates }))
}

/// "This is Sarah on the same number": another person on an identifier of a door that people share.
fn another_person(own: &Context, messages: &[Waiting], said: &Said<'_>, now: Timestamp, random: &dyn Random) -> Option<Settled> {
    let name = said.introduced_as?;
    let strand = messages.first()?.message.strand;
    let identifier = super::level::own_identifier(own, strand)?;
    if identifier.kind != IdentifierKind::Phone || !contradicts_all(&names(&own.customer), name) {
        return None;
    }
    let customer = CustomerId::new(now, random.bits());
    Some(Settled::Change(vec![
        IdentityChange::MarkShared { identifier: identifier.id },
        IdentityChange::OpenStrand {
            identifier: identifier.id,
            strand: StrandId::new(now, random.bits()),
            customer,
            moves: messages.iter().map(|waiting| waiting.message.id).collect(),
            conversation: Some(ConversationId::new(now, random.bits())),
        },
    ]))
}

/// Names to offer: only when every one of them was given on this very door.
fn offered(own: &Context, messages: &[Waiting], evidence: &Evidence, candidates: &[CustomerId]) -> Vec<String> {
    let channel = messages.first().map_or(own.conversation.channel, |waiting| waiting.message.channel);
    let given: Vec<String> = evidence
        .candidates
        .iter()
        .filter(|known| candidates.contains(&known.id))
        .filter_map(|known| {
            known.facts_of(Predicate::Name).rev().find(|fact| fact.channel == Some(channel)).map(|fact| first_name(&fact.value))
        })
        .collect();
    if given.len() >= 2 && given.len() == candidates.len() { given } else { Vec::new() }
}

/// The name by which a person is addressed.
pub fn first_name(full: &str) -> String {
    full.split_whitespace().next().unwrap_or(full).to_owned()
}

/// Names in force of a record.
fn names(customer: &Customer) -> Vec<String> {
    customer.facts_of(Predicate::Name).chain(customer.facts_of(Predicate::PreferredName)).map(|fact| fact.value.clone()).collect()
}

fn is_called(known: &str, said: &str) -> bool {
    match same_person(known, said) {
        NameMatch::Same | NameMatch::Compatible => true,
        NameMatch::Contradict | NameMatch::NotAName => false,
    }
}

fn contradicts_all(known: &[String], said: &str) -> bool {
    !known.is_empty() && known.iter().all(|known| same_person(known, said) == NameMatch::Contradict)
}

/// Do the names of two records allow them to be one person?
fn agree(a: &Customer, b: &Customer) -> bool {
    let (a, b) = (names(a), names(b));
    a.is_empty() || b.is_empty() || a.iter().any(|one| b.iter().any(|other| same_person(one, other) != NameMatch::Contradict))
}

/// What somebody on a new door may name to prove that an earlier visit was theirs.
fn topics(customer: &Customer) -> Vec<String> {
    [Predicate::ProductInterest, Predicate::Need, Predicate::Order, Predicate::Company]
        .into_iter()
        .flat_map(|predicate| customer.facts_of(predicate).map(|fact| fact.value.clone()).collect::<Vec<_>>())
        .collect()
}

/// Two different verified user ids of the business are two people.
fn conflicting_accounts(a: &Customer, b: &Customer) -> bool {
    let accounts = |customer: &Customer| -> Vec<String> {
        customer
            .identifiers
            .iter()
            .filter(|identifier| identifier.kind == IdentifierKind::ExternalId && identifier.trust == Trust::Verified)
            .map(|identifier| identifier.value.clone())
            .collect()
    };
    let (a, b) = (accounts(a), accounts(b));
    !a.is_empty() && !b.is_empty() && !a.iter().any(|one| b.contains(one))
}

/// May code join these two?
pub fn may_join(a: &Customer, b: &Customer, evidence: &Evidence) -> bool {
    a.id != b.id && !evidence.blocked.contains(&b.id) && !conflicting_accounts(a, b) && agree(a, b)
}

/// The elder record keeps its id.
fn elder(a: &Customer, b: &Customer) -> (CustomerId, CustomerId) {
    if (a.created_at, a.id) <= (b.created_at, b.id) { (a.id, b.id) } else { (b.id, a.id) }
}

/// Joins two records; the elder one remains.
pub fn merge(a: &Customer, b: &Customer, reason: &str, now: Timestamp, random: &dyn Random) -> IdentityChange {
    let (kept, absorbed) = elder(a, b);
    IdentityChange::Merge { id: MergeId::new(now, random.bits()), kept, absorbed, reasons: vec![reason.to_owned()], by: "code".to_owned() }
}

fn merge_into(kept: &Customer, absorbed: &Customer, reason: &str, now: Timestamp, random: &dyn Random) -> IdentityChange {
    IdentityChange::Merge {
        id: MergeId::new(now, random.bits()),
        kept: kept.id,
        absorbed: absorbed.id,
        reasons: vec![reason.to_owned()],
        by: "code".to_owned(),
    }
}

fn kept_of(change: &IdentityChange, otherwise: CustomerId) -> CustomerId {
    if let IdentityChange::Merge { kept, .. } = change { *kept } else { otherwise }
}

fn suggest(a: CustomerId, b: CustomerId, reason: &str, now: Timestamp, random: &dyn Random) -> IdentityChange {
    IdentityChange::Suggest { id: SuggestionId::new(now, random.bits()), a, b, probability: 0.5, reasons: vec![(reason.to_owned(), 1.0)] }
}
