//! Step-up within a turn: what needs a proof is met with a one-time code to a contact on file, in the same words whether there is
//! one or not. The code is checked by code alone; no model sees it, asks for it or hears of it.

use std::sync::LazyLock;

use domain::challenge::{Answered, Contact, NewChallenge, OneTimeCode, Sending};
use domain::conversation::{Pending, Stage, SteppedUp};
use domain::customer::Context;
use domain::fact::Predicate;
use domain::identifier::{Identifier, IdentifierKind, Trust};
use domain::message::{Author, Direction, Message};
use domain::ports::{ConversationFilter, Stored};
use domain::settings::{Disclosure, Mode};
use domain::signal::Act;
use domain::turn::{Claim, Reply};
use domain::{ChallengeId, ChannelKind, ConnectionId, ConversationId, CustomerId, DeliveryId, MessageId};
use regex::Regex;
use serde_json::json;

use super::act::{Acting, choice};
use super::record::Turn;
use crate::Engine;
use crate::delivery::window_closes;
use crate::identity::join::Evidence;
use crate::identity::level::{self, Level};
use crate::identity::step_up::{self, Limit};
use crate::intake::typed;
use crate::memory::known;
use crate::reasoning::builtin::understand::{e164, email};
use crate::reasoning::{orders, wishes};
use crate::rendering::phrases::Phrases;
use crate::rendering::plan;

/// Holders of one contact that are looked at; with more, it is nobody's alone.
const MOST_HOLDERS: usize = 4;
/// So few words beside a code are no matter of their own.
const BESIDE_A_CODE: usize = 8;

static ASKS_FOR_CODE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:(?:send|text|mail|e-?mail|give) (?:me|us) (?:a|the|another|that) (?:\w+ )?code|(?:verify|prove|confirm) (?:me|myself|my identity|who i am|(?:that )?it(?: i|')s me)|(?:envoye[zr]?|envoie)[- ]moi (?:un|le) code|(?:v[ée]rifier|prouver|confirmer) (?:mon identit[ée]|qui je suis|que c'est (?:bien )?moi)|(?:schick\w*|send\w*) (?:sie )?mir (?:einen|den) code|(?:meine identit[äa]t|mich) (?:best[äa]tigen|ausweisen|verifizieren)|(?:env[íi]e?(?:me|nme)|m[áa]ndame|mande-me|envie-me) (?:un|el|um|o) c[óo]digo|(?:verificar|confirmar) (?:mi|a minha) identidade?)\b",
    )
    .expect("a constant pattern")
});
static AGAIN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:again|resend|another (?:one|code)|new (?:one|code)|(?:did(?:n't| not)|have(?:n't| not)|never) (?:get|got|receive|come|arrive)\w*|nothing (?:came|arrived)|encore|renvoye[zr]|rien re[çc]u|pas re[çc]u|nouveau code|nochmals?|erneut|neuen code|nichts (?:bekommen|erhalten)|nicht (?:bekommen|erhalten|angekommen)|otra vez|de nuevo|otro c[óo]digo|no (?:me )?(?:ha )?lleg\w*|outra vez|de novo|outro c[óo]digo|n[ãa]o recebi)\b",
    )
    .expect("a constant pattern")
});

/// Puts back what was asked before the code was; the code's own message says nothing else.
pub(super) fn resume(texts: &mut [(MessageId, String)], claim: &Claim, whole: &Context, answered: Answered) {
    let is_right = matches!(answered, Answered::Right { customer, .. } if customer == whole.customer.id);
    let asked = match &whole.conversation.memo.pending {
        Some(Pending::StepUp { asked, .. }) if is_right => asked.as_str(),
        _ => "",
    };
    let coded = claim.messages.iter().filter(|waiting| waiting.code_answer.is_some()).map(|waiting| waiting.message.id);
    let last = coded.clone().last();
    for id in coded {
        let Some((_, text)) = texts.iter_mut().find(|(known, _)| *known == id) else { continue };
        let rest = typed::without(text);
        let rest = if rest.split_whitespace().count() < BESIDE_A_CODE { String::new() } else { rest };
        *text = if Some(id) == last { format!("{asked} {rest}").trim().to_owned() } else { rest };
    }
}

impl Engine {
    /// Checks a one-time code that came with these messages; the newest one counts.
    pub(super) async fn answered_code(&self, claim: &Claim) -> Stored<Option<Answered>> {
        let typed = claim.messages.iter().rev().find_map(|waiting| waiting.code_answer.as_ref().map(|answer| (&waiting.message, answer)));
        let Some((message, answer)) = typed else { return Ok(None) };
        let (workspace, now) = (&claim.workspace, message.at);
        self.store.answer_challenge(workspace, answer, message.id, message.strand, now).await.map(Some)
    }

    /// Whose contact the code went to, when that is another record: code joins the two.
    pub(super) async fn gather_coded(&self, claim: &Claim, own: &Context, coded: Option<Answered>, evidence: &mut Evidence) -> Stored<()> {
        let Some(Answered::Right { customer, .. }) = coded else { return Ok(()) };
        if customer == own.customer.id {
            return Ok(());
        }
        if self.store.is_blocked(&claim.workspace, own.customer.id, customer).await? {
            evidence.blocked.push(customer);
        }
        evidence.coded = self.store.customer(&claim.workspace, customer).await?;
        Ok(())
    }
}

/// A contact that a code can go to.
struct OnFile {
    customer: CustomerId,
    identifier: Identifier,
    connection: ConnectionId,
    channel: ChannelKind,
    address: String,
}

impl Turn<'_> {
    /// Was the code right, and is it this person's?
    pub(super) fn is_proven_now(&self) -> bool {
        matches!(self.coded, Some(Answered::Right { customer, .. }) if customer == self.whole.customer.id)
    }

    /// Is this turn about a proof by one-time code?
    pub(super) fn is_proving(&self, acting: &Acting) -> bool {
        self.coded.is_some() || acting.step.is_some() || matches!(acting.pending, Some(Pending::StepUp { .. }))
    }

    /// The proof that goes on after this turn.
    pub(super) fn stepped_up(&self, is_spent: bool) -> Option<SteppedUp> {
        if self.is_proven_now() {
            return Some(SteppedUp { strand: self.strand, at: self.now, seen: self.now, spent: is_spent });
        }
        let before = self.whole.conversation.memo.stepped_up?;
        match level::holds(&before, before.strand, self.now) {
            true if before.strand == self.strand => Some(SteppedUp { seen: self.now, spent: before.spent || is_spent, ..before }),
            true => Some(before),
            false => None,
        }
    }

    /// The team reads on the timeline how a proof went; the code is nowhere in it.
    pub(super) fn steps_on_timeline(&self, acting: &Acting) -> Vec<Message> {
        let confirmed = self.is_proven_now().then(|| ("confirmed", String::new()));
        let steps = confirmed.into_iter().chain(acting.step.clone());
        steps
            .map(|(step, shown)| {
                let words = Phrases::new(&self.settings.locale);
                let text = words.with(&format!("step.event.{step}"), &[("shown", &shown)]).trim().to_owned();
                self.timeline_event("step_up", &text, json!({"step": step, "shown": shown}))
            })
            .collect()
    }

    /// Who they are has to be proven first, or a code they typed is not the one. `None`: nothing of the kind.
    pub(super) async fn step_up(&self) -> Stored<Option<Acting>> {
        if self.is_dry || self.is_waited_for() || self.engine.mode(&self.door.settings) == Mode::Draft {
            return Ok(None);
        }
        let words = Phrases::new(&self.reading.language);
        let pending = self.known.conversation.memo.pending.as_ref();
        let kept = pending.filter(|pending| matches!(pending, Pending::StepUp { .. })).cloned();
        let said = |key: &str, values: &[(&str, &str)], step: &'static str, pending: Option<Pending>| {
            let step = Some((step, String::new()));
            Acting { say: vec![words.with(key, values)], step, pending, is_answer: true, ..Acting::default() }
        };
        match self.coded {
            Some(Answered::Right { .. }) if self.is_proven_now() => return Ok(None),
            Some(Answered::Right { .. }) => {
                let task = Some("a one-time code came back from somebody whose name or account contradicts the record".to_owned());
                return Ok(Some(Acting { task, ..said("step.unable", &[], "contradicted", None) }));
            }
            Some(Answered::Wrong { left }) if left > 0 => {
                return Ok(Some(said("step.wrong", &[("left", &left.to_string())], "wrong", kept)));
            }
            Some(Answered::Wrong { .. } | Answered::Over) => return Ok(Some(said("step.over", &[], "over", kept))),
            None => {}
        }
        if let Some(Pending::StepUp { asked, stage }) = pending
            && let Some(acting) = self.go_on(asked, stage, &words).await?
        {
            return Ok(Some(acting));
        }
        match self.needs_proof() {
            Some(asked) => self.ask_proof(asked, &words).await,
            None => Ok(None),
        }
    }

    /// A code to the contact they named, or the offer of one. `None`: there is nothing that could prove more.
    pub(super) async fn ask_proof(&self, asked: String, words: &Phrases) -> Stored<Option<Acting>> {
        if let Some(contact) = self.named_now().or_else(|| self.claimed_before()) {
            return self.send_to(contact, asked, words).await.map(Some);
        }
        let contacts = self.own_contacts().await?;
        if contacts.is_empty() {
            if self.level >= Level::Asserted && self.settings.disclosure == Disclosure::Standard {
                // A person we know by their own address, and nothing else on file: what is theirs to see was shown already.
                return Ok(None);
            }
            let pending = Some(Pending::StepUp { asked, stage: Stage::Asks });
            return Ok(Some(Acting { say: vec![words.say("step.which")], pending, is_answer: true, ..Acting::default() }));
        }
        let named: Vec<String> = contacts.iter().map(step_up::shown).collect();
        Ok(Some(Acting {
            say: vec![words.with("step.offer", &[("shown", &named.join(&format!(" {} ", words.say("who.or"))))])],
            buttons: named.iter().map(|name| choice(name)).collect(),
            pending: Some(Pending::StepUp { asked, stage: Stage::Offers { contacts } }),
            is_answer: true,
            ..Acting::default()
        }))
    }

    /// The answer to a question of ours about the code.
    async fn go_on(&self, asked: &str, stage: &Stage, words: &Phrases) -> Stored<Option<Acting>> {
        let has = |act: Act| self.reading.signals.acts.contains(&act);
        let asked = asked.to_owned();
        if let Some(contact) = self.named_now() {
            return self.send_to(contact, asked, words).await.map(Some);
        }
        if has(Act::No) && !AGAIN.is_match(&self.reading.text) && self.reading.signals.questions.is_empty() {
            let step = Some(("left", String::new()));
            return Ok(Some(Acting { say: vec![words.say("step.left")], step, is_answer: true, ..Acting::default() }));
        }
        match stage {
            Stage::Asks => Ok(None),
            Stage::Offers { contacts } => {
                let text = self.reading.text.to_lowercase();
                let by_kind = |contact: &&Contact| match contact.kind {
                    IdentifierKind::Email => ["mail", "correo", "courriel"].iter().any(|word| text.contains(word)),
                    _ => ["sms", "text", "phone", "whatsapp", "téléphone", "telefon", "teléfono", "telemóvel"]
                        .iter()
                        .any(|word| text.contains(word)),
                };
                let named = contacts.iter().find(|contact| text.contains(&step_up::shown(contact).to_lowercase()));
                let chosen = named.or_else(|| contacts.iter().find(by_kind)).or_else(|| contacts.first().filter(|_| has(Act::Yes)));
                match chosen {
                    Some(contact) => self.send_to(contact.clone(), asked, words).await.map(Some),
                    None => Ok(None),
                }
            }
            Stage::Sent { contact } if AGAIN.is_match(&self.reading.text) => self.send_to(contact.clone(), asked, words).await.map(Some),
            Stage::Sent { .. } => Ok(None),
        }
    }

    /// What they asked for, when their proof does not open it. Whether it exists makes no difference.
    fn needs_proof(&self) -> Option<String> {
        if self.level >= Level::Proven {
            return None;
        }
        let text = self.reading.text.trim();
        if ASKS_FOR_CODE.is_match(text) {
            return Some(String::new());
        }
        let needed = match self.settings.disclosure {
            Disclosure::Standard => Level::Asserted,
            Disclosure::Strict => Level::Proven,
        };
        let named_order = self.known.customer.facts_of(Predicate::Order).next().is_some()
            || self.reading.signals.learned.iter().any(|fact| fact.predicate == Predicate::Order && fact.holds);
        let has_claim = self.named_now().is_some() || self.claimed_before().is_some();
        let about_order = self.reading.signals.acts.contains(&Act::AboutOwnOrder)
            && self.reading.signals.questions.iter().any(|question| orders::is_asked_about(question, named_order || has_claim));
        let wants_done = (named_order || has_claim) && matches!(wishes::read(self.reading, None, false), Some(wishes::Said::Wants(_)));
        if self.level < needed && (about_order || wants_done) {
            return Some(text.to_owned());
        }
        let about_address = self.reading.signals.questions.iter().any(|question| match known::asked_about(question) {
            Some(known::About::Facts(about) | known::About::Before(about)) => about.contains(&Predicate::Address),
            Some(known::About::Promise | known::About::Declined | known::About::Story) | None => false,
        });
        (about_address && self.known.customer.fact(Predicate::Address).is_none()).then(|| text.to_owned())
    }

    /// A contact in these very messages.
    fn named_now(&self) -> Option<Contact> {
        self.reading.signals.learned.iter().rev().filter(|fact| fact.holds).find_map(|fact| match fact.predicate {
            Predicate::Email => email(&fact.value).map(|value| Contact { kind: IdentifierKind::Email, value }),
            Predicate::Phone => e164(&fact.value, &self.settings.region).map(|value| Contact { kind: IdentifierKind::Phone, value }),
            _ => None,
        })
    }

    /// A contact that they said before was theirs.
    fn claimed_before(&self) -> Option<Contact> {
        let is_contact = |known: &&Identifier| matches!(known.kind, IdentifierKind::Phone | IdentifierKind::Email);
        let claims = self.whole.customer.identifiers.iter().filter(|known| known.trust == Trust::Claimed).filter(is_contact);
        claims.max_by_key(|known| known.last_seen).map(|known| Contact { kind: known.kind, value: known.value.clone() })
    }

    /// Contacts on their own record that a code can go to, besides the one they write from.
    async fn own_contacts(&self) -> Stored<Vec<Contact>> {
        let mut contacts = Vec::new();
        for known in &self.whole.customer.identifiers {
            if contacts.len() < 3 && self.may_carry(known).await? && self.way_to(self.whole.customer.id, known).await?.is_some() {
                contacts.push(Contact { kind: known.kind, value: known.value.clone() });
            }
        }
        Ok(contacts)
    }

    /// Is it long enough on file, nobody else's too, and not the address of this conversation itself?
    async fn may_carry(&self, known: &Identifier) -> Stored<bool> {
        let is_own = level::own_identifier(self.whole, self.strand).is_some_and(|own| own.id == known.id);
        if is_own || !step_up::is_on_file(known) {
            return Ok(false);
        }
        let since = self.engine.store.trusted_since(&self.claim.workspace, known.id).await?;
        Ok(since.is_some_and(|since| self.now.since(since) >= step_up::ON_FILE_FOR))
    }

    /// Whose contact it is: exactly one person's, long enough on file, on a door that reaches it now.
    async fn on_file(&self, contact: &Contact) -> Stored<Option<OnFile>> {
        let (store, workspace) = (&self.engine.store, &self.claim.workspace);
        let holders = store.customers_by_identifier(workspace, contact.kind, None, &contact.value).await?;
        let mut found: Option<OnFile> = None;
        for (customer, trust) in holders.into_iter().filter(|(_, trust)| *trust > Trust::Claimed).take(MOST_HOLDERS) {
            let Some(record) = store.customer(workspace, customer).await? else { continue };
            let known = record.identifiers.iter().find(|known| known.kind == contact.kind && known.value == contact.value);
            let Some(known) = known.filter(|known| known.trust == trust) else { continue };
            if found.is_some() || !self.may_carry(known).await? {
                return Ok(None);
            }
            let Some((connection, channel, address)) = self.way_to(customer, known).await? else { return Ok(None) };
            found = Some(OnFile { customer, identifier: known.clone(), connection, channel, address });
        }
        Ok(found)
    }

    /// The door that carries a code to a contact: mail to an address, and to a number WhatsApp while its window is open, else SMS.
    async fn way_to(&self, customer: CustomerId, known: &Identifier) -> Stored<Option<(ConnectionId, ChannelKind, String)>> {
        let doors = self.engine.doors_of(&self.claim.workspace);
        let is_on = |door: &&crate::OpenDoor, channel: ChannelKind| {
            door.settings.channel == channel && self.engine.mode(&door.settings) != Mode::Off
        };
        let of = |channel: ChannelKind| doors.iter().copied().filter(move |door| is_on(door, channel));
        if known.kind == IdentifierKind::Email {
            return Ok(of(ChannelKind::Email).next().map(|door| (door.settings.id.clone(), ChannelKind::Email, known.value.clone())));
        }
        let used = self.engine.store.doors(&self.claim.workspace, customer).await?;
        let open = used.iter().find(|reachable| {
            let is_theirs = reachable.channel == ChannelKind::Whatsapp && reachable.strand == known.strand && !reachable.stopped;
            let door = self.engine.doors.get(&reachable.connection).filter(|door| is_on(door, ChannelKind::Whatsapp));
            is_theirs
                && door.is_some_and(|door| {
                    window_closes(door, Author::Ai, Some(reachable.last_inbound)).is_none_or(|closes| closes > self.now)
                })
        });
        if let Some(reachable) = open {
            return Ok(Some((reachable.connection.clone(), reachable.channel, reachable.address.clone())));
        }
        let stopped = |door: &&crate::OpenDoor| used.iter().any(|known| known.connection == door.settings.id && known.stopped);
        let sms = of(ChannelKind::Sms).find(|door| !stopped(door));
        Ok(sms.map(|door| (door.settings.id.clone(), ChannelKind::Sms, known.value.clone())))
    }

    /// Asks for a code, and sends it where the contact is on file. The answer is the same either way, and so is the work but for
    /// the row of what is sent.
    async fn send_to(&self, contact: Contact, asked: String, words: &Phrases) -> Stored<Acting> {
        let shown = step_up::shown(&contact);
        let lately = self.engine.store.asked_lately(&self.claim.workspace, &contact, self.strand, self.now).await?;
        if let Some(limit) = step_up::limit(&lately) {
            if limit == Limit::Everywhere {
                tracing::error!(workspace = %self.claim.workspace, asked = lately.workspace_hour, "step_up.limit: far too many one-time codes are asked for");
            }
            let step = Some(("limited", shown));
            return Ok(Acting { say: vec![words.say("step.limited")], step, is_answer: true, ..Acting::default() });
        }
        let random = &self.engine.random;
        let code = OneTimeCode::from_bits(random.bits());
        let sends = match self.on_file(&contact).await? {
            Some(found) => self.sending(found, &code, words).await?,
            None => None,
        };
        let challenge = NewChallenge {
            id: ChallengeId::new(self.now, random.bits()),
            strand: self.strand,
            contact: contact.clone(),
            code,
            salt: format!("{:032x}", random.bits()),
            sends,
            expires_at: self.now.after(step_up::GOOD_FOR),
        };
        Ok(Acting {
            say: vec![words.with("step.sent", &[("shown", &shown)])],
            pending: Some(Pending::StepUp { asked, stage: Stage::Sent { contact } }),
            step: Some(("asked", shown)),
            challenge: Some(challenge),
            is_answer: true,
            ..Acting::default()
        })
    }

    /// Whoever's contact it is hears where the code went that it was used.
    pub(super) async fn notice_of_proof(&self) -> Stored<Option<Reply>> {
        let Some(Answered::Right { customer, strand }) = self.coded.filter(|_| self.is_proven_now()) else { return Ok(None) };
        let Some(known) = self.whole.customer.identifiers.iter().find(|known| known.strand == strand) else { return Ok(None) };
        let Some((connection, channel, address)) = self.way_to(customer, known).await? else { return Ok(None) };
        let Some(door) = self.engine.doors.get(&connection) else { return Ok(None) };
        let words = Phrases::new(&self.reading.language);
        let text = words.with("step.notice", &[("workspace", &self.settings.name)]);
        let rendered = plan::verbatim(&text, door.channel.capabilities(), words.language()).into_iter().next();
        let Some(rendered) = rendered else { return Ok(None) };
        let mut message = self.message(Direction::Out, Author::System, text);
        message.strand = strand;
        message.channel = channel;
        message.connection = connection;
        let delivery = DeliveryId::new(self.now, self.engine.random.bits());
        Ok(Some(Reply { delivery, message, rendered, address, draft: false, spoken: false }))
    }

    /// The message with the code: on the timeline of whoever's contact it is, without the code.
    async fn sending(&self, to: OnFile, code: &OneTimeCode, words: &Phrases) -> Stored<Option<Sending>> {
        let Some(door) = self.engine.doors.get(&to.connection) else { return Ok(None) };
        let worded = |code: &str| words.with("step.message", &[("code", code), ("workspace", &self.settings.name)]);
        let rendered = plan::verbatim(&worded(code.expose()), door.channel.capabilities(), words.language()).into_iter().next();
        let Some(rendered) = rendered else { return Ok(None) };
        let filter = ConversationFilter { customer: Some(to.customer), ..ConversationFilter::default() };
        let talks = self.engine.store.conversations(&self.claim.workspace, &filter, None, 1).await?;
        let talk = talks.items.first().map(|row| row.conversation.id);
        let conversation = talk.unwrap_or_else(|| ConversationId::new(self.now, self.engine.random.bits()));
        let mut message = self.message(Direction::Out, Author::System, worded(typed::HIDDEN));
        message.strand = to.identifier.strand;
        message.conversation = conversation;
        message.channel = to.channel;
        message.connection = to.connection;
        let reply = Reply {
            delivery: DeliveryId::new(self.now, self.engine.random.bits()),
            message,
            rendered,
            address: to.address,
            draft: false,
            spoken: false,
        };
        Ok(Some(Sending { customer: to.customer, conversation, is_new: talk.is_none(), reply }))
    }
}
