//! Who is who, from what came through each identifier: JSON lines in, JSON lines out.
//!
//! Placing and joining are the engine's own rules; this file keeps the people in memory where the server keeps them in
//! the store. What the engine would ask or suggest becomes a suggestion.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use domain::customer::{Customer, Lead};
use domain::fact::{Fact, FactStatus, Predicate, Strength};
use domain::identifier::{Identifier, IdentifierKind, Origin, SeenIdentifier, Trust, found_by};
use domain::message::Doubt;
use domain::ports::{HeldIdentifier, Placement, Random, SenderEvidence};
use domain::{CustomerId, FactId, IdentifierId, StrandId, Timestamp};
use engine::identity::join::{Evidence, may_join};
use engine::identity::resolve::place;
use engine::identity::shared::is_office;
use engine::reasoning::builtin::understand::{e164, email};
use serde::Deserialize;
use serde_json::{Value, json};

/// The region of numbers written without a country code, when the line names none.
const REGION: &str = "FR";

/// What came through one identifier.
#[derive(Debug, Deserialize)]
struct Line {
    account: String,
    #[serde(default)]
    channel: String,
    #[serde(default)]
    display_name: Option<String>,
    #[serde(default)]
    verified: BTreeMap<String, Value>,
    #[serde(default)]
    claimed: BTreeMap<String, Value>,
    #[serde(default)]
    day: f64,
    #[serde(default)]
    region: Option<String>,
}

/// An address with the people behind it.
struct Held {
    identifier: Identifier,
    customer: CustomerId,
    others: Vec<CustomerId>,
    account: String,
    last: Timestamp,
}

type Key = (IdentifierKind, String);

/// Takes lines in order; tells who is who at the end.
pub struct Resolve<'a> {
    random: &'a dyn Random,
    people: HashMap<CustomerId, Customer>,
    names: HashMap<CustomerId, Vec<String>>,
    held: HashMap<Key, Held>,
    /// Accounts that claimed an address.
    claims: HashMap<Key, Vec<String>>,
    /// Mailboxes that the provider takes for the same, whatever the dots.
    mailboxes: HashMap<String, (String, String)>,
    /// Accounts in order.
    accounts: Vec<(String, CustomerId)>,
    known: HashMap<String, usize>,
    absorbed: HashMap<CustomerId, CustomerId>,
    suggestions: Vec<(String, String, String)>,
}

impl<'a> Resolve<'a> {
    /// Nobody yet.
    pub fn new(random: &'a dyn Random) -> Self {
        Self {
            random,
            people: HashMap::new(),
            names: HashMap::new(),
            held: HashMap::new(),
            claims: HashMap::new(),
            mailboxes: HashMap::new(),
            accounts: Vec::new(),
            known: HashMap::new(),
            absorbed: HashMap::new(),
            suggestions: Vec::new(),
        }
    }

    /// Takes one line.
    pub fn take(&mut self, line: &str) -> Result<(), serde_json::Error> {
        let line: Line = serde_json::from_str(line)?;
        let now = Timestamp::from_secs(1_700_000_000).after(Duration::from_secs_f64(line.day.clamp(0.0, 100_000.0) * 86_400.0));
        let region = line.region.as_deref().unwrap_or(REGION).to_owned();
        let asserted = identifiers(&line.verified, &region);
        let mut sender = asserted.clone();
        sender.extend(platform_id(&line));
        let customer = match self.known.get(&line.account) {
            Some(place) => self.survivor(self.accounts[*place].1),
            None => self.place_new(&line, &sender, now),
        };
        self.attach(&line.account, customer, &sender, now);
        if let Some(name) = line.display_name.as_deref().map(str::trim).filter(|name| !name.is_empty()) {
            let names = self.names.entry(customer).or_default();
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
                let fact = self.name_fact(name, now);
                if let Some(person) = self.people.get_mut(&customer) {
                    person.facts.push(fact);
                }
            }
        }
        self.join_other_holders(&line.account, customer, &asserted);
        self.suggest_for_claims(&line.account, &asserted, &identifiers(&line.claimed, &region));
        self.suggest_for_mailbox(&line.account, &asserted);
        Ok(())
    }

    /// What is known in the end: each account's customer in order, then the suggestions that are still open.
    pub fn finish(self) -> Vec<Value> {
        let mut numbers: HashMap<CustomerId, usize> = HashMap::new();
        let mut out = Vec::new();
        let mut of: HashMap<&str, CustomerId> = HashMap::new();
        for (account, customer) in &self.accounts {
            let customer = self.survivor(*customer);
            let next = numbers.len() + 1;
            let number = *numbers.entry(customer).or_insert(next);
            of.insert(account, customer);
            out.push(json!({"account": account, "customer": format!("c{number}")}));
        }
        let mut told: Vec<(&str, &str)> = Vec::new();
        for (a, b, reason) in &self.suggestions {
            if of.get(a.as_str()) == of.get(b.as_str()) || told.contains(&(a, b)) || told.contains(&(b, a)) {
                continue;
            }
            told.push((a, b));
            let reasons: Vec<&str> =
                self.suggestions.iter().filter(|known| (&known.0, &known.1) == (a, b)).map(|known| known.2.as_str()).collect();
            debug_assert!(reasons.contains(&reason.as_str()));
            out.push(json!({"suggest": [a, b], "reasons": reasons}));
        }
        out
    }

    /// An account never seen: the engine decides from who holds its addresses.
    fn place_new(&mut self, line: &Line, sender: &[SeenIdentifier], now: Timestamp) -> CustomerId {
        let evidence = SenderEvidence { held: sender.iter().map(|seen| self.holder(seen)).collect() };
        let placement = place(sender, line.display_name.as_deref(), &evidence, now, self.random);
        let mut newcomer = self.newcomer(now);
        newcomer.identifiers = sender.iter().map(|seen| self.row(seen, now)).collect();
        if let Some(name) = &line.display_name {
            newcomer.facts.push(self.name_fact(name, now));
        }
        let customer = match placement {
            Placement::Known { customer, .. } => {
                let may = self.people.get(&customer).is_some_and(|holder| may_join(&newcomer, holder, &Evidence::default()));
                if may {
                    customer
                } else {
                    self.doubt(line, sender, "the same address, but another name or account");
                    self.settle(newcomer)
                }
            }
            Placement::New { .. } => self.settle(newcomer),
            Placement::Provisional { doubt, .. } => {
                self.doubt(line, sender, &reason(&doubt));
                let id = self.settle(newcomer);
                // From now on the address may be either's.
                let doubtful = sender.iter().map(key).find(|place| self.held.contains_key(place));
                if let Some(held) = doubtful.and_then(|place| self.held.get_mut(&place)) {
                    held.identifier.shared = true;
                    held.others.push(id);
                }
                id
            }
        };
        self.known.insert(line.account.clone(), self.accounts.len());
        self.accounts.push((line.account.clone(), customer));
        customer
    }

    fn newcomer(&self, now: Timestamp) -> Customer {
        Customer {
            id: CustomerId::new(now, self.random.bits()),
            version: 0,
            created_at: now,
            identifiers: Vec::new(),
            strands: Vec::new(),
            facts: Vec::new(),
            promises: Vec::new(),
            actions: Vec::new(),
            offers: Vec::new(),
            consents: Vec::new(),
            events: Vec::new(),
            asked: Vec::new(),
            lead: Lead::default(),
            attributes: serde_json::Map::new(),
            profile_name: None,
            merges: Vec::new(),
        }
    }

    /// Keeps a new person; identifiers and names come with [`Self::attach`].
    fn settle(&mut self, newcomer: Customer) -> CustomerId {
        let id = newcomer.id;
        self.people.insert(id, Customer { identifiers: Vec::new(), facts: Vec::new(), ..newcomer });
        id
    }

    fn row(&self, seen: &SeenIdentifier, now: Timestamp) -> Identifier {
        Identifier {
            id: IdentifierId::new(now, self.random.bits()),
            kind: seen.kind,
            scope: seen.scope.clone(),
            value: seen.value.clone(),
            raw: seen.raw.clone(),
            trust: seen.trust,
            origin: seen.origin,
            shared: false,
            strand: StrandId::new(now, self.random.bits()),
            first_seen: now,
            last_seen: now,
        }
    }

    fn name_fact(&self, name: &str, now: Timestamp) -> Fact {
        Fact {
            id: FactId::new(now, self.random.bits()),
            strand: None,
            predicate: Predicate::Name,
            value: name.to_owned(),
            data: Value::Null,
            holds: true,
            quote: String::new(),
            source_message: None,
            channel: None,
            origin: Origin::Message,
            extractor: "profile".to_owned(),
            valid_from: now,
            valid_to: None,
            recorded_at: now,
            retracted_at: None,
            confidence: 1.0,
            status: FactStatus::Active,
            strength: Strength::Inference,
            supersedes: None,
        }
    }

    fn holder(&self, seen: &SeenIdentifier) -> Option<HeldIdentifier> {
        let held = self.held.get(&key(seen))?;
        let customer = self.survivor(held.customer);
        let person = self.people.get(&customer)?;
        let platform_ids = person
            .identifiers
            .iter()
            .filter(|known| known.kind == IdentifierKind::Whatsapp)
            .map(|known| (known.kind, known.scope.clone(), known.value.clone()))
            .collect();
        Some(HeldIdentifier {
            identifier: held.identifier.clone(),
            customer,
            names: self.names.get(&customer).cloned().unwrap_or_default(),
            others: held.others.iter().map(|other| self.survivor(*other)).collect(),
            platform_ids,
            last_message: Some(held.last),
            speaker: None,
        })
    }

    /// Addresses that nobody has become this customer's.
    fn attach(&mut self, account: &str, customer: CustomerId, sender: &[SeenIdentifier], now: Timestamp) {
        for seen in sender {
            let row = self.row(seen, now);
            match self.held.get_mut(&key(seen)) {
                Some(held) => held.last = held.last.max(now),
                None => {
                    let held = Held { identifier: row.clone(), customer, others: Vec::new(), account: account.to_owned(), last: now };
                    self.held.insert(key(seen), held);
                    if let Some(person) = self.people.get_mut(&customer) {
                        person.identifiers.push(row);
                    }
                }
            }
        }
    }

    /// Two addresses vouched for by one event make one person, where the engine lets them.
    fn join_other_holders(&mut self, account: &str, customer: CustomerId, asserted: &[SeenIdentifier]) {
        for seen in asserted {
            let Some(held) = self.held.get(&key(seen)) else { continue };
            let (other, shared, theirs) = (self.survivor(held.customer), held.identifier.shared, held.account.clone());
            let own = self.survivor(customer);
            if other == own || shared || is_office(seen.kind, &seen.value) {
                continue;
            }
            let (Some(a), Some(b)) = (self.people.get(&own), self.people.get(&other)) else { continue };
            if !may_join(a, b, &Evidence::default()) {
                self.suggestions.push((theirs, account.to_owned(), "the same address, but another name or account".to_owned()));
                continue;
            }
            let (kept, gone) = if (a.created_at, a.id) <= (b.created_at, b.id) { (own, other) } else { (other, own) };
            self.merge(kept, gone);
        }
    }

    fn merge(&mut self, kept: CustomerId, gone: CustomerId) {
        let Some(absorbed) = self.people.remove(&gone) else { return };
        let names = self.names.remove(&gone).unwrap_or_default();
        self.names.entry(kept).or_default().extend(names);
        if let Some(person) = self.people.get_mut(&kept) {
            person.identifiers.extend(absorbed.identifiers);
            person.facts.extend(absorbed.facts);
        }
        self.absorbed.insert(gone, kept);
    }

    fn survivor(&self, mut id: CustomerId) -> CustomerId {
        while let Some(kept) = self.absorbed.get(&id) {
            id = *kept;
        }
        id
    }

    fn doubt(&mut self, line: &Line, sender: &[SeenIdentifier], reason: &str) {
        let accounts: Vec<String> = sender.iter().filter_map(|seen| self.held.get(&key(seen))).map(|held| held.account.clone()).collect();
        for account in accounts {
            self.suggestions.push((account, line.account.clone(), reason.to_owned()));
        }
    }

    /// A claim joins nothing: whoever holds the address may be asked, now or when they first write.
    fn suggest_for_claims(&mut self, account: &str, asserted: &[SeenIdentifier], claimed: &[SeenIdentifier]) {
        for seen in claimed {
            let place = key(seen);
            if let Some(held) = self.held.get(&place) {
                self.suggestions.push((
                    held.account.clone(),
                    account.to_owned(),
                    format!("names the {} of the other, unproven", seen.kind),
                ));
            }
            self.claims.entry(place).or_default().push(account.to_owned());
        }
        for seen in asserted {
            for claimant in self.claims.get(&key(seen)).into_iter().flatten().filter(|claimant| *claimant != account) {
                self.suggestions.push((claimant.clone(), account.to_owned(), format!("named the {} of the other, unproven", seen.kind)));
            }
        }
    }

    fn suggest_for_mailbox(&mut self, account: &str, asserted: &[SeenIdentifier]) {
        for seen in asserted.iter().filter(|seen| seen.kind == IdentifierKind::Email) {
            let Some(mailbox) = mailbox(&seen.value) else { continue };
            let (address, first) = self.mailboxes.entry(mailbox).or_insert_with(|| (seen.value.clone(), account.to_owned()));
            if *address != seen.value && first != account {
                self.suggestions.push((first.clone(), account.to_owned(), "the addresses lead to one mailbox".to_owned()));
            }
        }
    }
}

fn key(seen: &SeenIdentifier) -> Key {
    (seen.kind, found_by(seen.kind, &seen.value).into_owned())
}

/// The addresses of a map by kind; a device and a name are none. The one that joins most surely comes first.
fn identifiers(fields: &BTreeMap<String, Value>, region: &str) -> Vec<SeenIdentifier> {
    let mut found: Vec<SeenIdentifier> = Vec::new();
    for (name, value) in fields {
        let kind = match name.as_str() {
            "user_id" => IdentifierKind::ExternalId,
            other => match other.parse() {
                Ok(kind) => kind,
                Err(_) => continue,
            },
        };
        let values: Vec<&str> = match value {
            Value::String(text) => vec![text],
            Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
            _ => continue,
        };
        for raw in values {
            let value = match kind {
                IdentifierKind::Phone => e164(raw, region),
                IdentifierKind::Email => email(raw),
                _ => Some(raw.trim().to_owned()).filter(|value| !value.is_empty()),
            };
            let (trust, origin) =
                if kind == IdentifierKind::ExternalId { (Trust::Verified, Origin::Jwt) } else { (Trust::ChannelAsserted, Origin::Message) };
            found.extend(value.map(|value| SeenIdentifier { kind, scope: String::new(), value, raw: raw.to_owned(), trust, origin }));
        }
    }
    found.sort_by_key(|seen| (seen.kind != IdentifierKind::ExternalId, seen.kind));
    found
}

/// The account itself, where the platform vouches for it.
fn platform_id(line: &Line) -> Option<SeenIdentifier> {
    let word = line.channel.split(['_', '-']).next().unwrap_or_default();
    let kind = match word {
        "whatsapp" => IdentifierKind::Whatsapp,
        "telegram" => IdentifierKind::Telegram,
        "discord" => IdentifierKind::Discord,
        "messenger" => IdentifierKind::Messenger,
        "instagram" => IdentifierKind::Instagram,
        _ => return None,
    };
    let value = line.account.clone();
    Some(SeenIdentifier { kind, scope: String::new(), raw: value.clone(), value, trust: Trust::ChannelAsserted, origin: Origin::Message })
}

/// The mailbox behind an address of a provider that ignores dots and what follows a plus.
fn mailbox(address: &str) -> Option<String> {
    let (local, host) = address.split_once('@')?;
    let name = local.split('+').next().unwrap_or(local);
    matches!(host, "gmail.com" | "googlemail.com").then(|| name.replace('.', ""))
}

fn reason(doubt: &Doubt) -> String {
    match doubt {
        Doubt::SharedIdentifier { .. } => "several people write through this address".to_owned(),
        Doubt::ChangedHands { silent_days, .. } => format!("another account stands behind the number, after {silent_days} days"),
        Doubt::NamesContradict { known, seen, .. } => format!("the same address, but {seen} is not {known}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SystemRandomness;

    fn check(lines: &[Value], one_person: bool, suggested: bool) {
        let random = SystemRandomness::default();
        let mut people = Resolve::new(&random);
        lines.iter().for_each(|line| people.take(&line.to_string()).expect("a line"));
        let out = people.finish();
        let customers: Vec<&Value> = out.iter().filter(|line| line["account"].is_string()).map(|line| &line["customer"]).collect();
        assert_eq!(customers.windows(2).all(|pair| pair[0] == pair[1]), one_person, "{out:?}");
        assert_eq!(out.iter().any(|line| line["suggest"].is_array()), suggested, "{out:?}");
    }

    /// Who is one customer, as sets of accounts.
    fn customers(lines: &[Value]) -> Vec<Vec<String>> {
        let random = SystemRandomness::default();
        let mut people = Resolve::new(&random);
        lines.iter().for_each(|line| people.take(&line.to_string()).expect("a line"));
        let mut of: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in people.finish() {
            if let (Some(account), Some(customer)) = (line["account"].as_str(), line["customer"].as_str()) {
                of.entry(customer.to_owned()).or_default().push(account.to_owned());
            }
        }
        let mut sets: Vec<Vec<String>> = of.into_values().collect();
        sets.iter_mut().for_each(|set| set.sort());
        sets.sort();
        sets
    }

    /// People whose addresses do not contradict each other: a number has one account on WhatsApp.
    fn world(below: &mut impl FnMut(usize) -> usize) -> Vec<Value> {
        let mut taken = Vec::new();
        let mut lines = Vec::new();
        for number in 0..9 {
            let phone = format!("+3361234567{}", below(4));
            let email = format!("p{}@mail.example", below(4));
            let channel = ["whatsapp", "sms", "call", "email", "webchat", "telegram"][below(6)];
            let mut verified = serde_json::Map::new();
            let has = |sides: usize| sides == 0;
            let (with_phone, with_email) = match channel {
                "email" => (false, true),
                "webchat" | "telegram" => (has(below(2)), has(below(2))),
                _ => (true, false),
            };
            if channel == "whatsapp" && taken.contains(&phone) {
                continue;
            }
            if channel == "whatsapp" {
                taken.push(phone.clone());
            }
            if with_phone {
                verified.insert("phone".to_owned(), phone.into());
            }
            if with_email {
                verified.insert("email".to_owned(), email.into());
            }
            let claimed = if below(3) == 0 { json!({"email": format!("p{}@mail.example", below(4))}) } else { json!({}) };
            lines.push(json!({"account": format!("{channel}:{number}"), "channel": channel, "verified": verified, "claimed": claimed}));
        }
        lines
    }

    #[test]
    fn whatever_arrives_first_the_customers_are_the_same() {
        let mut state = 7_u64;
        let mut below = |most: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).expect("31 bits") % most
        };
        let mut joined = 0;
        for number in 0..150 {
            let mut lines = world(&mut below);
            let first = customers(&lines);
            joined += usize::from(first.iter().any(|set| set.len() > 2));
            for _ in 0..5 {
                for at in (1..lines.len()).rev() {
                    lines.swap(at, below(at + 1));
                }
                assert_eq!(customers(&lines), first, "world {number}: {lines:?}");
            }
        }
        assert!(joined > 50, "there is somebody to join: {joined}");
    }

    #[test]
    fn the_same_number_in_another_spelling_joins() {
        check(
            &[
                json!({"account": "whatsapp:1", "channel": "whatsapp", "display_name": "Mia", "verified": {"phone": "+33 6 12 34 56 78"}}),
                json!({"account": "call:2", "channel": "call", "verified": {"phone": "0033612345678"}, "day": 3}),
            ],
            true,
            false,
        );
        for (one, other) in [("+5215512345678", "+525512345678"), ("+551187654321", "+55 11 98765-4321")] {
            let numbers = [
                json!({"account": "sms:1", "channel": "sms", "display_name": "Mia", "verified": {"phone": one}}),
                json!({"account": "whatsapp:2", "channel": "whatsapp", "display_name": "Mia", "verified": {"phone": other}, "day": 3}),
            ];
            check(&numbers, true, false);
        }
    }

    #[test]
    fn a_claim_never_joins() {
        check(
            &[
                json!({"account": "email:1", "channel": "email", "display_name": "Ann Lee", "verified": {"email": "ann@lee.example"}}),
                json!({"account": "webchat:2", "channel": "webchat", "display_name": "Ann", "claimed": {"email": "ann@lee.example"}}),
            ],
            false,
            true,
        );
    }

    #[test]
    fn another_name_or_account_behind_a_number_is_asked_about() {
        let first =
            json!({"account": "whatsapp:1", "channel": "whatsapp", "display_name": "Greta Stone", "verified": {"phone": "+33612345678"}});
        let named =
            json!({"account": "sms:2", "channel": "sms", "display_name": "Lucas Hart", "verified": {"phone": "+33612345678"}, "day": 9});
        let moved = json!({"account": "whatsapp:3", "channel": "whatsapp", "verified": {"phone": "+33612345678"}, "day": 500});
        check(&[first.clone(), named], false, true);
        check(&[first, moved], false, true);
    }

    #[test]
    fn through_an_office_mailbox_another_name_is_asked_about_and_the_same_goes_on() {
        let from = |account: &str, name: Option<&str>| json!({"account": account, "channel": "email", "display_name": name, "verified": {"email": "info@firm.example"}});
        check(&[from("email:1", Some("Aisha Costa")), from("email:2", Some("Kate Miller"))], false, true);
        check(&[from("email:1", Some("Aisha Costa")), from("email:2", Some("Aisha"))], true, false);
        check(&[from("email:1", Some("Firm Sales")), from("email:2", Some("Firm Sales"))], true, false);
    }

    #[test]
    fn two_logins_on_one_device_are_two_people() {
        check(
            &[
                json!({"account": "web:1", "channel": "webchat_login", "verified": {"user_id": "u1", "device": "d"}}),
                json!({"account": "web:2", "channel": "webchat_login", "verified": {"user_id": "u2", "device": "d"}}),
            ],
            false,
            false,
        );
    }

    #[test]
    fn two_accounts_of_the_business_with_one_address_are_asked_about() {
        check(
            &[
                json!({"account": "web:1", "channel": "webchat_login", "verified": {"user_id": "u1", "email": "a@b.example"}}),
                json!({"account": "web:2", "channel": "webchat_login", "verified": {"user_id": "u2", "email": "a@b.example"}}),
            ],
            false,
            true,
        );
    }
}
