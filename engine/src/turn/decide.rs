//! What follows from a turn: rules, the one question, the reply or silence, its form for the door.

use domain::conversation::Pending;
use domain::escalation::EscalationStatus;
use domain::event::Media;
use domain::fact::Predicate;
use domain::identifier::{IdentifierKind, Trust};
use domain::message::WaitingKind;
use domain::settings::{Mode, Route};
use domain::signal::Act;
use domain::{ChannelKind, MessageId, Support, Timestamp};

use super::act::Acting;
use super::learn::After;
use super::record::Turn;
use crate::acts::calls::{TO_TEAMMATE, WHISPERED};
use crate::decision::rules::Firing;
use crate::decision::{hours, routing, rules};
use crate::identity::join::Settled;
use crate::identity::level::Level;
use crate::intake::told;
use crate::reasoning::answerer::ReplyKind;
use crate::reasoning::qualifier::Qualified;
use crate::reasoning::router::Routed;
use crate::reasoning::{answerer, router};
use crate::rendering::plan::Plan;
use crate::rendering::{manner, plan};

/// What was said once: the AI may answer again after a long wait.
pub(super) const TOLD_RELEASE: &str = "released";
/// What was said once: a number may be proven here.
pub(super) const TOLD_CONTACT: &str = "share_contact";
/// Who speaks was asked, once more.
pub(super) const ASKED_TWICE: &str = "who_twice";

impl Turn<'_> {
    /// Checks the rules.
    pub fn rules(&self, texts: &[(MessageId, String)], replies: &[answerer::Reply], acting: &Acting) -> Firing {
        rules::check(&rules::Situation {
            settings: self.settings,
            own: &self.engine.own_rules(&self.claim.workspace),
            channel: self.door.settings.channel,
            context: self.known,
            signals: &self.reading.signals,
            messages: texts,
            // Who proves who they are asks the same until they have.
            unresolved: self.reading.unresolved.clone().filter(|_| !self.is_proving(acting)),
            doubtful_commitment: replies
                .iter()
                .any(|reply| matches!(&reply.kind, ReplyKind::Sources(answer) if answer.commits && answer.confidence < 0.25)),
            waits_for_approval: acting.waits,
            unanswered: replies.iter().any(|reply| reply.kind.is_unanswered()),
            now: self.now,
        })
    }

    /// Does this person want something of us, so that one question is welcome?
    pub fn is_interested(&self, after: &After, replies: &[answerer::Reply]) -> bool {
        let sales = [
            Predicate::Need,
            Predicate::ProductInterest,
            Predicate::Budget,
            Predicate::Timeline,
            Predicate::Quantity,
            Predicate::Objection,
        ];
        let about_service = answerer::is_about_service(&self.reading.text, &self.reading.language)
            || after.customer.fact(Predicate::Issue).is_some()
            || self.reading.signals.acts.contains(&Act::AboutOwnOrder)
            || after.promise.is_some();
        let wants = sales.iter().any(|predicate| after.customer.fact(*predicate).is_some());
        let unknown = replies.iter().any(|reply| reply.kind.is_unanswered());
        let greeting_only = self.reading.signals.acts.contains(&Act::Greeting) && replies.is_empty() && self.known.history.is_empty();
        !about_service && !unknown && (wants || greeting_only)
    }

    /// Is it somebody else's turn to speak: a teammate's, or nobody's?
    pub(super) fn is_silent(&self) -> bool {
        if self.is_dry {
            return false;
        }
        let mode = self.engine.mode(&self.door.settings);
        let by_dial = mode == Mode::Off || (mode == Mode::OutOfHours && hours::is_open(self.settings, self.now));
        by_dial || self.is_to_teammate() || (self.whole.conversation.ai_silent && !self.is_waited_for() && !self.is_call())
    }

    /// A teammate speaks on the call on which this was said.
    fn is_to_teammate(&self) -> bool {
        self.is_call() && self.claim.messages.iter().any(|waiting| waiting.inbound.more.contains_key(TO_TEAMMATE))
    }

    /// What a teammate who listens to the call wants weighed.
    pub(super) fn whispered(&self) -> Option<String> {
        let all = self.claim.messages.iter().filter(|_| self.is_call());
        let texts: Vec<&str> = all.filter_map(|waiting| waiting.inbound.more.get(WHISPERED)?.as_str()).collect();
        (!texts.is_empty()).then(|| texts.join(" "))
    }

    /// Nobody else can speak on a phone call: silence there would be a dead line.
    pub(super) fn is_call(&self) -> bool {
        self.door.settings.channel == ChannelKind::Voice
    }

    /// Has a call just begun?
    fn rings(&self) -> bool {
        self.is_call() && self.claim.messages.iter().all(|waiting| waiting.kind == WaitingKind::Referral)
    }

    /// A person was due, none came, and this door has not been spoken on: silence here would look like nobody at all.
    pub(super) fn is_waited_for(&self) -> bool {
        let waits = self
            .whole
            .escalation
            .as_ref()
            .is_some_and(|escalation| escalation.status == EscalationStatus::Open && escalation.due_at <= self.now);
        waits
            && !self.is_dry
            && self.whole.conversation.ai_silent
            && !self.whole.conversation.disclosed_on.contains(&self.door.settings.channel)
    }

    /// Puts the reply together, or stays silent.
    pub fn route(
        &self,
        after: &After,
        acting: &Acting,
        replies: &[answerer::Reply],
        qualified: &Qualified,
        firing: &Firing,
        settled: &Settled,
    ) -> Routed {
        if self.is_silent() {
            let pending = self.whole.conversation.memo.pending.clone();
            return Routed { decision: "silent", pending, ..Routed::default() };
        }
        let asked_again = self.ask_again();
        let ask = match settled {
            Settled::Ask(pending) => Some(pending),
            Settled::Clear | Settled::Change(_) | Settled::Note(_) => asked_again.as_ref(),
        };
        let shared_here = self.door.channel.capabilities().contact_request == Support::Native;
        let contact_confirmed = shared_here && self.claim.messages.iter().any(|waiting| waiting.inbound.verified_phone.is_some());
        let said_nothing = self.reading.text.trim().is_empty();
        let mut routed = router::route(&router::Situation {
            settings: self.settings,
            context: self.known,
            after: &after.customer,
            reading: self.reading,
            replies,
            done: &router::Done {
                say: &acting.say,
                buttons: &acting.buttons,
                pending: acting.pending.as_ref(),
                sources: &acting.sources,
                is_answer: acting.is_answer,
            },
            qualified,
            firing,
            ask,
            noted: &after.noted,
            corrected: after.corrected,
            channel: self.door.settings.channel,
            contact_confirmed,
            proven: self.is_proven_now(),
            may_share_contact: self.may_share_contact(),
            released: self.must_tell_release(),
            waiting: self.is_waited_for() || (!self.is_dry && self.whole.conversation.ai_silent && self.is_call()),
            rings: self.rings(),
            asks_name: self.rings() && self.level < Level::Asserted,
            media_only: said_nothing
                && self
                    .claim
                    .messages
                    .iter()
                    .map(|waiting| &waiting.inbound)
                    .any(|inbound| !inbound.media.is_empty() || inbound.location.is_some() || !inbound.contact_cards.is_empty()),
            filled_in: !said_nothing && self.claim.messages.iter().any(|waiting| waiting.inbound.structured.is_some()),
            unreadable_only: said_nothing && self.claim.messages.iter().all(|waiting| told::is_unreadable(&waiting.inbound)),
            unseen_files: self
                .claim
                .messages
                .iter()
                .any(|waiting| waiting.inbound.media.iter().any(|media| is_unseen(media, self.door.settings.channel))),
            due: self.due(firing),
            promise: after.promise.as_ref().map(|said| router::Promised { key: said.key, what: &said.what, when: &said.when }),
            words: &after.words,
            now: self.now,
        });
        // Where nobody could weigh it, it is passed on, so that nothing whispered is lost.
        let is_weighed = after.has_weighed && routed.decision == "reply";
        if let Some(what) = self.whispered().filter(|_| !is_weighed) {
            routed.draft.parts.insert(0, after.words.with("call.whispered", &[("what", &what)]));
        }
        routed
    }

    /// Who speaks is asked once more when the answer named nobody.
    pub(super) fn ask_again(&self) -> Option<Pending> {
        let memo = &self.whole.conversation.memo;
        let pending = memo.pending.as_ref()?;
        let named = self.reading.signals.introduced_as.is_some()
            || self.reading.signals.learned.iter().any(|fact| fact.predicate == Predicate::Name);
        let again = matches!(pending, Pending::WhoSpeaks { .. }) && !named && !memo.told.iter().any(|told| told == ASKED_TWICE);
        again.then(|| pending.clone())
    }

    pub(super) fn may_share_contact(&self) -> bool {
        self.door.channel.capabilities().contact_request == Support::Native
            // Where the door speaks for an account of the business's own, nobody can be asked by a button.
            && !self.claim.messages.iter().any(|waiting| waiting.inbound.more.contains_key("via"))
            && !self
                .whole
                .customer
                .identifiers
                .iter()
                .any(|identifier| identifier.kind == IdentifierKind::Phone && identifier.trust > Trust::Claimed)
            && !self.whole.conversation.memo.told.iter().any(|told| told == TOLD_CONTACT)
            && self.whole.history.is_empty()
    }

    pub(super) fn must_tell_release(&self) -> bool {
        !self.is_dry
            && self.whole.escalation.as_ref().is_some_and(|escalation| escalation.status == EscalationStatus::Released)
            && !self.whole.conversation.memo.told.iter().any(|told| told == TOLD_RELEASE)
    }

    /// By when a person answers: in the hours of the team that gets it.
    pub(super) fn due(&self, firing: &Firing) -> Timestamp {
        hours::after_for(self.settings, self.destination(firing).team, self.now, self.settings.escalation_wait)
    }

    /// Where it goes if it is handed over now.
    pub(super) fn destination(&self, firing: &Firing) -> Route {
        routing::of(self.settings, firing.names().iter().map(String::as_str))
    }

    /// Writes the reply for the door.
    pub fn render(&self, routed: &Routed, after: &After) -> Plan {
        let mut draft = self.dressed(routed, after);
        // What a teammate sends ends with their own words.
        draft.sign_off = draft.sign_off.filter(|_| !self.is_teammates);
        plan::plan(&draft, self.door.channel.capabilities(), &after.words)
    }

    /// Writes the beginning of a reply: what ends it is not said yet.
    pub fn render_begun(&self, routed: &Routed, after: &After) -> Plan {
        let draft = plan::Draft { sign_off: None, ..self.dressed(routed, after) };
        plan::plan(&draft, self.door.channel.capabilities(), &after.words)
    }

    fn dressed(&self, routed: &Routed, after: &After) -> plan::Draft {
        manner::dressed(&routed.draft, self.settings, self.door.settings.channel, &after.words)
    }
}

/// A file that nobody here looks into. Pictures in mails are mostly those of a signature; a sticker says all it has to say.
fn is_unseen(media: &Media, channel: ChannelKind) -> bool {
    match media.kind.as_str() {
        "sticker" => false,
        "image" => channel != ChannelKind::Email,
        _ => true,
    }
}
