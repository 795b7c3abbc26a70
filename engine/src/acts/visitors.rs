//! Visitors of the website: sessions, signed tokens, greetings, links to other doors.

use std::time::Duration;

use base64::Engine as _;
use domain::fact::{Learned, Predicate, Strength};
use domain::id::{ConnectionId, LinkId, WorkspaceId};
use domain::identifier::{IdentifierKind, Origin, SeenIdentifier, Trust};
use domain::ports::{Link, StoreError, Stored, VisitorSession};
use domain::turn::IdentityChange;
use domain::{ChannelKind, CustomerId, IdentifierId, MergeId, StrandId, Timestamp};
use sha2::{Digest, Sha256};

use super::{Greeting, NewLink, TokenClaims, Visitor};
use crate::Engine;
use crate::identity::join;
use crate::identity::level::{self, Level};
use crate::intake::codes;
use crate::memory::facts::{self, Provenance};
use crate::memory::recap;
use crate::rendering::phrases::Phrases;

/// A code lives this long.
const CODE_LIVES: Duration = Duration::from_mins(30);
/// "Not you?" works this long.
const UNDO_LIVES: Duration = Duration::from_hours(24);
/// A lease for an act on a record.
const LEASE: Duration = Duration::from_secs(10);
/// A turn may hold the lease; an act waits for it this many times.
const LEASE_TRIES: u32 = 200;

impl Engine {
    /// Finds the visitor of a session token, or makes a new one.
    pub async fn visitor(&self, connection: &ConnectionId, token: Option<&str>) -> Stored<Visitor> {
        let workspace = self.workspace_of(connection)?;
        if let Some(token) = token
            && let Some(session) = self.store.visitor(&workspace, connection, &token_hash(token)).await?
        {
            return Ok(Visitor { token: token.to_owned(), session, is_new: false });
        }
        let now = self.clock.now();
        let token = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(self.random.bits().to_be_bytes());
        let value = format!("v-{}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(self.random.bits().to_be_bytes()));
        let (identifier, strand) = (IdentifierId::new(now, self.random.bits()), StrandId::new(now, self.random.bits()));
        let seen = SeenIdentifier {
            kind: IdentifierKind::Visitor,
            scope: connection.as_str().to_owned(),
            raw: value.clone(),
            value: value.clone(),
            trust: Trust::Claimed,
            origin: Origin::Message,
        };
        let customer =
            self.store.ensure_customer(&workspace, CustomerId::new(now, self.random.bits()), vec![(seen, identifier, strand)], now).await?;
        self.store.open_visitor(&workspace, connection, &token_hash(&token), identifier, now).await?;
        Ok(Visitor { token, session: VisitorSession { identifier, value, strand, customer }, is_new: true })
    }

    /// The visitor of a session token, if there is one.
    pub async fn known_visitor(&self, connection: &ConnectionId, token: &str) -> Stored<Option<VisitorSession>> {
        let workspace = self.workspace_of(connection)?;
        self.store.visitor(&workspace, connection, &token_hash(token)).await
    }

    /// A signed token was verified for this visitor: joins by verified evidence. `false`: the token's session belongs
    /// to another visitor, or the record already has another verified account.
    pub async fn identify(&self, connection: &ConnectionId, visitor: &VisitorSession, claims: TokenClaims) -> Stored<bool> {
        let workspace = self.workspace_of(connection)?;
        let now = self.clock.now();
        if let Some(token_id) = &claims.token_id {
            let mark = token_hash(&format!("{}\n{}\n{token_id}", connection.as_str(), visitor.value));
            let first = self.store.use_once("jti", &token_hash(&format!("{}\n{token_id}", connection.as_str())), now).await?;
            let mine = self.store.use_once("jti-visitor", &mark, now).await?;
            if !first && mine {
                return Ok(false);
            }
        }
        let region = self.workspace(&workspace).map(|settings| settings.region.clone()).unwrap_or_default();
        let verified = |kind: IdentifierKind, value: String, proven: bool| SeenIdentifier {
            kind,
            scope: String::new(),
            raw: value.clone(),
            value,
            trust: if proven { Trust::Verified } else { Trust::Claimed },
            origin: Origin::Jwt,
        };
        let mut proofs = vec![verified(IdentifierKind::ExternalId, claims.subject.clone(), true)];
        if let Some((phone, proven)) = &claims.phone
            && let Some(phone) = crate::reasoning::builtin::understand::e164(phone, &region)
        {
            proofs.push(verified(IdentifierKind::Phone, phone, *proven));
        }
        if let Some((email, proven)) = &claims.email
            && let Some(email) = crate::reasoning::builtin::understand::email(email)
        {
            proofs.push(verified(IdentifierKind::Email, email, *proven));
        }
        let mut current = visitor.customer;
        for proof in &proofs {
            current = self.prove(&workspace, current, proof, now).await?;
        }
        let visitor_proof = SeenIdentifier {
            kind: IdentifierKind::Visitor,
            scope: connection.as_str().to_owned(),
            value: visitor.value.clone(),
            raw: visitor.value.clone(),
            trust: Trust::Verified,
            origin: Origin::Jwt,
        };
        self.attach(&workspace, current, visitor_proof, now).await?;
        if let Some(name) = claims.name.filter(|name| !name.trim().is_empty()) {
            self.learn_name(&workspace, current, visitor.strand, &name, now).await?;
        }
        Ok(true)
    }

    /// One proven identifier: whoever holds it and this record are one, unless two verified accounts contradict.
    async fn prove(&self, workspace: &WorkspaceId, customer: CustomerId, proof: &SeenIdentifier, now: Timestamp) -> Stored<CustomerId> {
        let held = self.store.evidence(workspace, std::slice::from_ref(proof)).await?.held.into_iter().next().flatten();
        let holder = held.filter(|held| proof.trust > Trust::Claimed && held.customer != customer && !held.identifier.shared);
        if let Some(held) = holder
            && let Some(own) = self.store.customer(workspace, customer).await?
            && let Some(other) = self.store.customer(workspace, held.customer).await?
        {
            let mut evidence = join::Evidence::default();
            if self.store.is_blocked(workspace, own.id, other.id).await? {
                evidence.blocked.push(other.id);
            }
            if join::may_join(&own, &other, &evidence) {
                let change = join::merge(&own, &other, "a signed token proves both", now, &*self.random);
                let kept = if let IdentityChange::Merge { kept, .. } = &change { *kept } else { own.id };
                self.change_under_lease(workspace, own.id, vec![change], now).await?;
                self.attach(workspace, kept, proof.clone(), now).await?;
                return Ok(kept);
            }
            return Ok(customer);
        }
        self.attach(workspace, customer, proof.clone(), now).await?;
        Ok(customer)
    }

    async fn attach(&self, workspace: &WorkspaceId, customer: CustomerId, identifier: SeenIdentifier, now: Timestamp) -> Stored<()> {
        let change = IdentityChange::Attach {
            customer,
            identifier,
            id: IdentifierId::new(now, self.random.bits()),
            strand: StrandId::new(now, self.random.bits()),
        };
        self.store.change_identity(workspace, None, vec![change], now).await
    }

    async fn learn_name(&self, workspace: &WorkspaceId, customer: CustomerId, strand: StrandId, name: &str, now: Timestamp) -> Stored<()> {
        let Some(record) = self.store.customer(workspace, customer).await? else { return Ok(()) };
        let learned = Learned {
            predicate: Predicate::Name,
            value: name.to_owned(),
            data: serde_json::Value::Null,
            holds: true,
            quote: String::new(),
            confidence: 1.0,
        };
        let from = Provenance {
            strand: Some(strand),
            message: None,
            channel: Some(ChannelKind::Widget),
            origin: Origin::Jwt,
            strength: Strength::Verified,
            extractor: "signed token",
            at: now,
        };
        let changes = facts::learn(&record, &[learned], None, from, &*self.random);
        self.store.write_facts(workspace, customer, changes, None, now).await
    }

    /// Changes identity while no turn of this customer runs; a running one is stale afterwards anyway.
    async fn change_under_lease(
        &self,
        workspace: &WorkspaceId,
        customer: CustomerId,
        changes: Vec<IdentityChange>,
        now: Timestamp,
    ) -> Stored<()> {
        for _ in 0..LEASE_TRIES {
            if let Some(lease) = self.store.lease(workspace, customer, self.monotonic.now(), LEASE).await? {
                let done = self.store.change_identity(workspace, Some(lease), changes, now).await;
                self.store.unlease(workspace, lease).await?;
                return done;
            }
            tokio::task::yield_now().await;
        }
        self.store.change_identity(workspace, None, changes, now).await
    }

    /// The visitor's page was opened: a link whose code was sent while it was closed joins now, if names do not contradict.
    /// `true`: this visitor belongs to another record from now on.
    pub async fn page_opened(&self, connection: &ConnectionId, visitor: &VisitorSession) -> Stored<bool> {
        let workspace = self.workspace_of(connection)?;
        let now = self.clock.now();
        let mut joined = false;
        for link in self.store.waiting_links(&workspace, visitor.identifier).await? {
            let Some(sender) = link.waits_for.filter(|_| join::still_waits(&link, now)) else { continue };
            let Some(sender) = self.store.customer(&workspace, sender).await? else { continue };
            let Some(maker) = self.store.customer(&workspace, link.customer).await? else { continue };
            let mut evidence = join::Evidence::default();
            if self.store.is_blocked(&workspace, sender.id, maker.id).await? {
                evidence.blocked.push(maker.id);
            }
            if join::may_join(&sender, &maker, &evidence) {
                let shown_as = link.shown_as.clone().unwrap_or_default();
                let changes = join::linked(&sender, &maker, &link, shown_as, now, &*self.random);
                self.change_under_lease(&workspace, sender.id, changes, now).await?;
                joined = true;
            }
        }
        Ok(joined)
    }

    /// What to show when the widget opens: somebody proven is met by name and by what is still open.
    pub async fn greeting(&self, connection: &ConnectionId, visitor: &VisitorSession) -> Stored<Greeting> {
        let workspace = self.workspace_of(connection)?;
        let Some(settings) = self.workspace(&workspace) else { return Ok(Greeting::default()) };
        let Some(record) = self.store.customer(&workspace, visitor.customer).await? else { return Ok(Greeting::default()) };
        let own = record.identifiers.iter().find(|identifier| identifier.id == visitor.identifier);
        let proven = own.is_some_and(|identifier| level::of(identifier) >= Level::Asserted);
        let language = record.fact(Predicate::Language).map_or_else(|| settings.locale.clone(), |fact| fact.value.clone());
        let words = Phrases::new(&language);
        if !proven {
            return Ok(Greeting {
                text: Some(words.with("greeting.proactive", &[("workspace", &settings.name)])),
                name: None,
                identified: false,
            });
        }
        let name = recap::called(&record);
        let hello = match &name {
            Some(name) => words.with("greeting.back.named", &[("workspace", &settings.name), ("name", name)]),
            None => words.with("greeting.back", &[("workspace", &settings.name)]),
        };
        let story = recap::story(&record, &words);
        let text = if story.is_empty() { hello } else { format!("{hello} {} {}.", words.say("recap.intro"), story.join("; ")) };
        Ok(Greeting { text: Some(text), name, identified: true })
    }

    /// Makes a link code for "continue on …"; `None` when the workspace has no such door or it has no link.
    pub async fn create_link(&self, connection: &ConnectionId, visitor: &VisitorSession, to: ChannelKind) -> Stored<Option<NewLink>> {
        let workspace = self.workspace_of(connection)?;
        let Some(door) = self.doors_of(&workspace).into_iter().find(|door| door.settings.channel == to).cloned() else { return Ok(None) };
        let now = self.clock.now();
        let code = codes::make(to, self.random.bits());
        let Some(url) = door.channel.continue_link(&code) else { return Ok(None) };
        let id = LinkId::new(now, self.random.bits());
        let link = Link {
            id,
            code_hash: codes::hash(&code),
            customer: visitor.customer,
            identifier: visitor.identifier,
            channel: to,
            expires_at: now.after(CODE_LIVES),
            redeemed_by: None,
            shown_as: None,
            waits_for: None,
            merge: None,
            redeemed_at: None,
        };
        self.store.create_link(&workspace, link).await?;
        Ok(Some(NewLink { id, url, code }))
    }

    /// "Not you?": undoes the join of a link made by this visitor within 24 hours. `false`: not theirs or too late.
    pub async fn undo_link(&self, connection: &ConnectionId, visitor: &VisitorSession, link: LinkId) -> Stored<bool> {
        let workspace = self.workspace_of(connection)?;
        let Some(link) = self.store.link(&workspace, link).await?.filter(|link| link.identifier == visitor.identifier) else {
            return Ok(false);
        };
        let now = self.clock.now();
        let (Some(merge), Some(at)) = (link.merge, link.redeemed_at) else { return Ok(false) };
        if now.since(at) > UNDO_LIVES {
            return Ok(false);
        }
        self.undo(&workspace, merge, now).await
    }

    async fn undo(&self, workspace: &WorkspaceId, merge: MergeId, now: Timestamp) -> Stored<bool> {
        if self.store.merge_of(workspace, merge).await?.is_none() {
            return Ok(false);
        }
        let change = IdentityChange::Unmerge { merge, by: "customer".to_owned() };
        self.store.change_identity(workspace, None, vec![change], now).await?;
        Ok(true)
    }

    /// The workspace of a configured door.
    fn workspace_of(&self, connection: &ConnectionId) -> Stored<WorkspaceId> {
        self.doors
            .get(connection)
            .map(|door| door.settings.workspace.clone())
            .ok_or_else(|| StoreError::Corrupt("the connection is not configured".to_owned()))
    }
}

/// Tokens are stored hashed.
fn token_hash(token: &str) -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))
}
