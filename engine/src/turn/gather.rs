//! What a turn reads before it decides who this is.

use domain::call::Attestation;
use domain::conversation::{Memo, Pending};
use domain::customer::{Context, Customer, ReachableDoor};
use domain::fact::Predicate;
use domain::identifier::{IdentifierKind, Origin, SeenIdentifier, Trust, found_by};
use domain::message::{Direction, Doubt, Waiting};
use domain::ports::{Link, Stored};
use domain::turn::Claim;
use domain::{ChannelKind, CustomerId, MessageId};

use crate::Engine;
use crate::identity::join::{self, Evidence, LinkEvidence, Said};
use crate::identity::shared::is_office;
use crate::intake::{carries_phone, told};
use crate::reasoning::analyst::{Reading, yes_or_no};

/// What each message says, a typed number put back into the choice it stands for.
pub fn texts(messages: &[Waiting], memo: &Memo) -> Vec<(MessageId, String)> {
    messages
        .iter()
        .map(|waiting| {
            let read = told::read(waiting);
            let text = read.as_str();
            let chosen =
                text.trim_end_matches(['.', ')']).parse::<usize>().ok().and_then(|number| memo.choices.get(number.checked_sub(1)?));
            let text = chosen.map_or_else(|| text.to_owned(), |choice| choice.title.clone());
            (waiting.message.id, text)
        })
        .collect()
}

/// What the messages say about who writes.
pub fn said(reading: &Reading) -> Said<'_> {
    let name = reading.signals.learned.iter().rev().find(|fact| fact.predicate == Predicate::Name && fact.holds);
    Said {
        introduced_as: reading.signals.introduced_as.as_deref(),
        name: name.map(|fact| fact.value.as_str()),
        yes: yes_or_no(&reading.signals),
        text: reading.text.as_str(),
    }
}

impl Engine {
    /// The whole record with its history, before anything is held back.
    pub(super) async fn context_of(&self, claim: &Claim) -> Stored<Context> {
        let exclude: Vec<MessageId> = claim.messages.iter().map(|waiting| waiting.message.id).collect();
        let conversation = claim.messages[0].message.conversation;
        let mut context = self.store.context(&claim.workspace, claim.lease.customer, conversation, &exclude).await?;
        // Nothing was heard of it, so it was not said.
        context.history.retain(|message| message.direction != Direction::Out || !message.text.is_empty());
        Ok(context)
    }

    /// Our own addresses, which no customer ever has.
    pub(super) fn own_contacts(&self, workspace: &domain::id::WorkspaceId) -> Vec<String> {
        self.doors_of(workspace)
            .into_iter()
            .flat_map(|door| {
                ["from", "address", "display_phone_number"].into_iter().filter_map(|key| door.settings.text(key).map(str::to_owned))
            })
            .collect()
    }

    /// Reads the evidence about who this is. Most turns need one cheap look at the sender's own identifiers.
    pub(super) async fn gather(&self, claim: &Claim, own: &Context) -> Stored<Evidence> {
        let workspace = &claim.workspace;
        let id = own.customer.id;
        let mut evidence = Evidence::default();
        let mut wanted: Vec<CustomerId> = Vec::new();
        if let Some(phone) = claim.messages.iter().find_map(|waiting| waiting.inbound.verified_phone.clone()) {
            let seen = phone_identifier(&phone);
            let held = self.store.evidence(workspace, std::slice::from_ref(&seen)).await?.held.into_iter().next().flatten();
            wanted.extend(held.iter().map(|held| held.customer));
            evidence.contact = Some((phone, held));
        }
        match &own.conversation.memo.pending {
            Some(Pending::WhoSpeaks { candidates, .. }) => wanted.extend(candidates),
            Some(Pending::WereYouOnWebsite { visitor }) => wanted.push(*visitor),
            Some(
                Pending::ConfirmJoin { .. }
                | Pending::Slot { .. }
                | Pending::Offer { .. }
                | Pending::Action { .. }
                | Pending::Details { .. }
                | Pending::Times { .. }
                | Pending::StepUp { .. },
            )
            | None => {}
        }
        for waiting in &claim.messages {
            match &waiting.doubt {
                Some(Doubt::SharedIdentifier { candidates }) => wanted.extend(candidates),
                Some(Doubt::ChangedHands { before, .. } | Doubt::NamesContradict { before, .. }) => wanted.push(*before),
                None => {}
            }
        }
        if let Some((link, waiting)) = self.link_of(claim, own).await?
            && let Some(maker) = self.store.customer(workspace, link.customer).await?
        {
            let page_open = self.presence.is_open(link.identifier);
            if self.store.is_blocked(workspace, id, maker.id).await? {
                evidence.blocked.push(maker.id);
            }
            evidence.link = Some(LinkEvidence { link, maker, page_open, waiting });
        }
        let has_doubt = claim.messages.iter().any(|waiting| waiting.doubt.is_some());
        if own.customer.identifiers.len() > 1 && own.history.is_empty() && !has_doubt {
            self.other_holders(claim, &mut evidence).await?;
        }
        if own.history.is_empty() && own.conversation.memo.pending.is_none() {
            evidence.claimed_by = self.claimants(claim, own).await?;
            evidence.filled_in = self.who_filled_in(claim, &evidence.claimed_by).await?;
        }
        evidence.caller = self.caller(claim, own).await?;
        wanted.sort();
        wanted.dedup();
        for candidate in wanted.into_iter().filter(|candidate| *candidate != id) {
            if self.store.is_blocked(workspace, id, candidate).await? {
                evidence.blocked.push(candidate);
            }
            evidence.candidates.extend(self.store.customer(workspace, candidate).await?);
        }
        Ok(evidence)
    }

    /// The link behind a code in these messages, or one whose code came before and whose join still waits.
    async fn link_of(&self, claim: &Claim, own: &Context) -> Stored<Option<(Link, bool)>> {
        let workspace = &claim.workspace;
        // A code is as old as the message that brought it, however late its turn comes.
        let code = claim.messages.iter().find_map(|waiting| waiting.link_code.as_ref().map(|code| (code, waiting.message.at)));
        if let Some((code, said_at)) = code
            && let Some(link) = self.store.link_by_code(workspace, code, own.customer.id, said_at).await?
        {
            return Ok(Some((link, false)));
        }
        let Some(id) = own.conversation.memo.joining else { return Ok(None) };
        let link = self.store.link(workspace, id).await?;
        Ok(link.filter(|link| join::still_waits(link, self.clock.now())).map(|link| (link, true)))
    }

    /// Whoever holds the number that a caller shows without the carrier vouching for it. A number that the carrier found not
    /// to be theirs leads to nobody, whatever name is given with it.
    async fn caller(&self, claim: &Claim, own: &Context) -> Stored<Option<Customer>> {
        let is_call = claim.messages.first().is_some_and(|waiting| {
            waiting.message.channel == ChannelKind::Voice
                && crate::identity::normalise::attestation(&waiting.inbound) != Some(Attestation::Failed)
        });
        let Some(number) = claim.messages.first().and_then(|waiting| waiting.inbound.sender_e164.as_ref()).filter(|_| is_call) else {
            return Ok(None);
        };
        let is_theirs = own
            .customer
            .identifiers
            .iter()
            .any(|known| known.kind == IdentifierKind::Phone && is_same_number(&known.value, number) && known.trust > Trust::Claimed);
        if is_theirs {
            return Ok(None);
        }
        let held = self.store.evidence(&claim.workspace, &[phone_identifier(number)]).await?.held.into_iter().next().flatten();
        match held.filter(|held| held.customer != own.customer.id && !held.identifier.shared) {
            Some(held) if !self.store.is_blocked(&claim.workspace, own.customer.id, held.customer).await? => {
                self.store.customer(&claim.workspace, held.customer).await
            }
            Some(_) | None => Ok(None),
        }
    }

    /// Holders of the sender's other asserted identifiers who are somebody else.
    async fn other_holders(&self, claim: &Claim, evidence: &mut Evidence) -> Stored<()> {
        let Some(waiting) = claim.messages.first() else { return Ok(()) };
        let Some(door) = self.doors.get(&waiting.message.connection) else { return Ok(()) };
        let region = self.workspace(&claim.workspace).map(|settings| settings.region.clone()).unwrap_or_default();
        let sender = crate::identity::normalise::sender(&door.settings, &waiting.inbound, &region);
        let held = self.store.evidence(&claim.workspace, &sender).await?.held;
        for (seen, held) in sender.iter().zip(held) {
            let Some(held) = held else { continue };
            let is_shared = held.identifier.shared || is_office(seen.kind, &seen.value);
            if seen.trust == Trust::Claimed || held.customer == claim.lease.customer || is_shared {
                continue;
            }
            if self.store.is_blocked(&claim.workspace, claim.lease.customer, held.customer).await? {
                evidence.blocked.push(held.customer);
            }
            evidence.other_holders.extend(self.store.customer(&claim.workspace, held.customer).await?);
        }
        Ok(())
    }

    /// Of those who claimed this sender's address, whoever did so in a form that is answered there: the sender writes from the
    /// very address to which we wrote because of it, and was nobody before.
    async fn who_filled_in(&self, claim: &Claim, claimants: &[CustomerId]) -> Stored<Vec<Customer>> {
        let Some(first) = claim.messages.first() else { return Ok(Vec::new()) };
        let is_here = |door: &ReachableDoor| {
            door.connection == first.message.connection && same_address(first.message.channel, &door.address, &first.address)
        };
        let mut found = Vec::new();
        for claimant in claimants {
            if self.store.doors(&claim.workspace, *claimant).await?.iter().any(is_here) {
                found.extend(self.store.customer(&claim.workspace, *claimant).await?);
            }
        }
        Ok(found)
    }

    /// Website visitors who typed this sender's phone or email: a claim, so they are only asked about.
    async fn claimants(&self, claim: &Claim, own: &Context) -> Stored<Vec<CustomerId>> {
        let mut found: Vec<CustomerId> = Vec::new();
        // Whoever answers a mail with our mark has read it at that address, whoever vouches for the sender.
        let has_read_ours = claim.messages.iter().any(|waiting| waiting.inbound.more.get("answers_ours") == Some(&true.into()));
        let asserted = own
            .customer
            .identifiers
            .iter()
            .filter(|identifier| identifier.trust > Trust::Claimed || has_read_ours && identifier.kind == IdentifierKind::Email);
        for identifier in asserted.filter(|identifier| matches!(identifier.kind, IdentifierKind::Phone | IdentifierKind::Email)) {
            let holders = self.store.customers_by_identifier(&claim.workspace, identifier.kind, None, &identifier.value).await?;
            for (customer, trust) in holders {
                if trust == Trust::Claimed
                    && customer != own.customer.id
                    && !self.store.is_blocked(&claim.workspace, own.customer.id, customer).await?
                {
                    found.push(customer);
                }
            }
        }
        let mut visitors = Vec::new();
        for customer in found {
            let Some(record) = self.store.customer(&claim.workspace, customer).await? else { continue };
            if is_only_a_visitor(&record) && self.was_on_website(&record) {
                visitors.push(customer);
            }
        }
        Ok(visitors)
    }
}

impl Engine {
    /// A caller whom nobody vouched for is no visitor of the website.
    fn was_on_website(&self, record: &Customer) -> bool {
        let on_phone =
            |scope: &str| self.doors.iter().any(|(id, door)| id.as_str() == scope && door.settings.channel == ChannelKind::Voice);
        record.identifiers.iter().any(|known| known.kind == IdentifierKind::Visitor && !on_phone(&known.scope))
    }
}

fn is_only_a_visitor(record: &Customer) -> bool {
    record.identifiers.iter().any(|identifier| identifier.kind == IdentifierKind::Visitor)
        && record.identifiers.iter().all(|identifier| identifier.trust == Trust::Claimed)
}

/// Doors write one address in several ways.
fn same_address(channel: ChannelKind, known: &str, written: &str) -> bool {
    if carries_phone(channel) {
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let number = |text: &str| format!("+{}", digits(text));
        return is_same_number(&number(known), &number(written));
    }
    known.eq_ignore_ascii_case(written)
}

/// One telephone, however its number is written.
fn is_same_number(one: &str, other: &str) -> bool {
    found_by(IdentifierKind::Phone, one) == found_by(IdentifierKind::Phone, other)
}

fn phone_identifier(phone: &str) -> SeenIdentifier {
    SeenIdentifier {
        kind: IdentifierKind::Phone,
        scope: String::new(),
        value: phone.to_owned(),
        raw: phone.to_owned(),
        trust: Trust::Verified,
        origin: Origin::Message,
    }
}
