//! The flow of a turn without its end, nothing is written or sent: what the AI would answer now, for a teammate who may send it.

use domain::Timestamp;
use domain::customer::Context;
use domain::event::InboundMessage;
use domain::fact::Predicate;
use domain::id::WorkspaceId;
use domain::message::{Author, Direction, Message, Source, Waiting, WaitingKind};
use domain::ports::{ConversationRow, Stored};
use domain::turn::{Claim, Lease};
use domain::{ChannelKind, ConversationId, MessageId, TurnId};

use super::{gather, model, recall, record, trace};
use crate::Engine;
use crate::decision::rules::Firing;
use crate::identity::join::{self, Settled};
use crate::identity::level;
use crate::reasoning::qualifier::{self, Qualified};
use crate::reasoning::{analyst, answerer};

/// So far back the last words of the customer are looked for.
const LOOKED_AT: usize = 60;
/// Most messages that are answered at once.
const MOST: usize = 5;

/// What the AI would say.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposed {
    /// The text.
    pub text: String,
    /// The message it answers.
    pub answers: MessageId,
    /// What it is grounded in.
    pub sources: Vec<Source>,
    /// Its language.
    pub language: String,
}

/// What a turn is tried out for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A teammate may send it.
    Teammate,
    /// To be held beside what was said.
    Comparison,
}

/// What a turn that was only tried out came to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CameTo {
    /// As in a turn's explanation; `ask_identity` and `stopped` are decided before anything else.
    pub decision: &'static str,
    /// The text.
    pub text: String,
    /// What it is grounded in.
    pub sources: Vec<Source>,
    /// Every passage that was found for it.
    pub cited: Vec<Source>,
    /// Rules that fired.
    pub rules: Vec<String>,
    /// The question that it puts.
    pub asked: Option<Predicate>,
    /// Its language.
    pub language: String,
    /// Would something be done on the customer's behalf?
    pub acts: bool,
    /// Was there a question that nothing answers?
    pub is_unanswered: bool,
}

impl CameTo {
    fn is_an_answer(&self) -> bool {
        self.decision == "reply" && !self.text.is_empty() && !self.acts && !self.is_unanswered
    }
}

impl Engine {
    /// What the AI would answer to the customer's last words, in a teammate's name: it does not introduce itself, fires no rule and
    /// does nothing. What the conversation's proof does not open is not in it. `None`: nothing waits for an answer, or the answer
    /// would be an act, a question about who this is, or the admission that it does not know.
    pub async fn propose(&self, workspace: &WorkspaceId, conversation: ConversationId) -> Stored<Option<Proposed>> {
        let Some(row) = self.store.conversation(workspace, conversation).await? else { return Ok(None) };
        let Some(claim) = self.unanswered(workspace, &row).await? else { return Ok(None) };
        let whole = self.context_of(&claim).await?;
        let came_to = self.try_out(&claim, whole, self.clock.now(), Purpose::Teammate).await?;
        let answers = claim.messages[claim.messages.len() - 1].message.id;
        Ok(came_to.filter(CameTo::is_an_answer).map(|come| Proposed {
            text: come.text,
            answers,
            sources: come.sources,
            language: come.language,
        }))
    }

    /// Runs a turn over these messages as if it were `now`. `None`: the door is no longer there.
    pub(super) async fn try_out(&self, claim: &Claim, mut whole: Context, now: Timestamp, purpose: Purpose) -> Stored<Option<CameTo>> {
        let Some((door, settings)) = self.door_of(claim) else { return Ok(None) };
        let workspace = &claim.workspace;
        if purpose == Purpose::Teammate {
            // Nobody has to be told what the AI is.
            whole.conversation.disclosed_on.push(door.settings.channel);
        }
        let strand = claim.messages[0].message.strand;
        let level = level::here(&whole, strand, door.settings.channel, now);
        let mut known = level::restrict(whole.clone(), strand, level, settings.disclosure);
        if door.settings.channel == ChannelKind::Discord {
            // Whether others read along is not kept with the message.
            known = level::in_public(known);
        } else {
            let opening = level::Opening::of(&whole, strand, level, settings.disclosure);
            known.recalled = self.recall(claim, &known, &recall::Wanted::of(claim, &whole, &settings, &opening, now)).await?;
            for stretch in &mut known.recalled {
                stretch.messages.retain(|message| message.at <= now);
            }
            known.recalled.retain(|stretch| !stretch.messages.is_empty());
        }
        let texts = gather::texts(&claim.messages, &known.conversation.memo);
        let catalogue = self.knowledge.names(workspace);
        let own_contacts = self.own_contacts(workspace);
        let given = analyst::Given { settings: &settings, context: &known, catalogue: &catalogue, own_contacts: &own_contacts };
        let reading = analyst::read(&given, &claim.messages, &texts);
        let evidence = self.gather(claim, &whole).await?;
        let settled = join::settle(&whole, &claim.messages, &gather::said(&reading), &evidence, now, &*self.random);
        let language = reading.language.clone();
        let only = |decision| Ok(Some(CameTo { decision, language: language.clone(), ..CameTo::default() }));
        if matches!(settled, Settled::Change(_) | Settled::Ask(_)) {
            return only("ask_identity");
        }
        let turn = record::Turn {
            id: TurnId::new(now, self.random.bits()),
            engine: self,
            claim,
            door,
            settings: &settings,
            whole: &whole,
            known: &known,
            strand,
            level,
            joining: None,
            coded: None,
            reading: &reading,
            now,
            is_dry: true,
            is_teammates: purpose == Purpose::Teammate,
        };
        let acting = turn.act().await?;
        let acts = acting.is_answer || !acting.changes.is_empty();
        if turn.without_reply(&texts, &settled).is_some() {
            return only("stopped");
        }
        let mut after = turn.learn(&settled, &acting);
        let desk = answerer::Desk {
            workspace,
            settings: &settings,
            knowledge: &*self.knowledge,
            catalogue: &catalogue,
            context: &known,
            after: &after.customer,
            words: &after.words,
        };
        let replies = if acting.is_answer { Vec::new() } else { answerer::answer(&desk, &reading) };
        let draft = model::Draft { texts: &texts, after: &after, settled: &settled, acting: &acting, replies };
        let (replies, proposed) = turn.with_model(draft, &mut None).await?;
        turn.learn_proposed(&mut after, proposed);
        let (firing, qualified) = match purpose {
            // The teammate asks what they want to know, and hands over what they want to.
            Purpose::Teammate => (Firing::default(), Qualified::default()),
            Purpose::Comparison => {
                let interested = !acting.is_answer && turn.is_interested(&after, &replies);
                let qualified = qualifier::choose(&settings, &known, &after.customer, &reading, interested);
                (turn.rules(&texts, &replies, &acting), qualified)
            }
        };
        let routed = turn.route(&after, &acting, &replies, &qualified, &firing, &settled);
        let plan = turn.render(&routed, &after);
        Ok(Some(CameTo {
            decision: routed.decision,
            text: plan.text.trim().to_owned(),
            sources: routed.sources,
            cited: trace::cited(&replies),
            rules: firing.names(),
            asked: routed.asked,
            language: after.words.language().to_owned(),
            acts,
            is_unanswered: replies.is_empty() || replies.iter().any(|reply| reply.kind.is_unanswered()),
        }))
    }

    /// The customer's last words that nobody but the AI, on its way to a teammate, has said anything to.
    async fn unanswered(&self, workspace: &WorkspaceId, row: &ConversationRow) -> Stored<Option<Claim>> {
        let customer = row.conversation.customer;
        let page = self.store.timeline(workspace, customer, None, LOOKED_AT).await?;
        let handed_over = row.escalation.is_some() || row.drafts > 0;
        let mut last: Vec<Message> = Vec::new();
        for message in page.items.into_iter().rev().filter(|message| message.conversation == row.conversation.id && message.event.is_none())
        {
            match (message.direction, message.author) {
                (Direction::In, _) if last.first().is_none_or(|first: &Message| first.connection == message.connection) => {
                    last.push(message)
                }
                (Direction::Out, Author::Ai | Author::System) if last.is_empty() && handed_over => {}
                (Direction::Event, _) => {}
                (Direction::In | Direction::Out, _) => break,
            }
            if last.len() == MOST {
                break;
            }
        }
        if last.is_empty() {
            return Ok(None);
        }
        let messages = last.into_iter().rev().map(again).collect();
        let lease = Lease { customer, fence: 0, until: self.monotonic.now() };
        Ok(Some(Claim { workspace: workspace.clone(), lease, messages }))
    }
}

/// A message as it came, as far as it is kept.
pub(super) fn again(message: Message) -> Waiting {
    let inbound = InboundMessage { text: Some(message.text.clone()), ..InboundMessage::default() };
    Waiting {
        message,
        inbound,
        kind: WaitingKind::Message,
        address: String::new(),
        link_code: None,
        code_answer: None,
        doubt: None,
        attempts: 1,
    }
}
