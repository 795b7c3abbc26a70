//! What the AI would answer now, for a teammate who may send it: the flow of a turn without its end. Nothing is written or sent.

use domain::event::InboundMessage;
use domain::id::WorkspaceId;
use domain::message::{Author, Direction, Message, Source, Waiting, WaitingKind};
use domain::ports::{ConversationRow, Stored};
use domain::turn::{Claim, Lease};
use domain::{ChannelKind, ConversationId, MessageId, TurnId};

use super::{gather, model, recall, record};
use crate::Engine;
use crate::decision::rules::Firing;
use crate::identity::join::{self, Settled};
use crate::identity::level;
use crate::reasoning::qualifier::Qualified;
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

impl Engine {
    /// What the AI would answer to the customer's last words, in a teammate's name: it does not introduce itself, fires no rule and
    /// does nothing. What the conversation's proof does not open is not in it. `None`: nothing waits for an answer, or the answer
    /// would be an act, a question about who this is, or the admission that it does not know.
    pub async fn propose(&self, workspace: &WorkspaceId, conversation: ConversationId) -> Stored<Option<Proposed>> {
        let Some(row) = self.store.conversation(workspace, conversation).await? else { return Ok(None) };
        let Some(claim) = self.unanswered(workspace, &row).await? else { return Ok(None) };
        let Some((door, settings)) = self.door_of(&claim) else { return Ok(None) };
        let now = self.clock.now();
        let mut whole = self.context_of(&claim).await?;
        // The teammate sends it: nobody has to be told what the AI is.
        whole.conversation.disclosed_on.push(door.settings.channel);
        let strand = claim.messages[0].message.strand;
        let level = level::here(&whole, strand, door.settings.channel, now);
        let mut known = level::restrict(whole.clone(), strand, level, settings.disclosure);
        if door.settings.channel == ChannelKind::Discord {
            // Whether others read along is not kept with the message.
            known = level::in_public(known);
        } else {
            let opening = level::Opening::of(&whole, strand, level, settings.disclosure);
            known.recalled = self.recall(&claim, &known, &recall::Wanted::of(&claim, &whole, &settings, &opening, now)).await?;
        }
        let texts = gather::texts(&claim.messages, &known.conversation.memo);
        let catalogue = self.knowledge.names(workspace);
        let own_contacts = self.own_contacts(workspace);
        let given = analyst::Given { settings: &settings, context: &known, catalogue: &catalogue, own_contacts: &own_contacts };
        let reading = analyst::read(&given, &claim.messages, &texts);
        let evidence = self.gather(&claim, &whole).await?;
        let settled = join::settle(&whole, &claim.messages, &gather::said(&reading), &evidence, now, &*self.random);
        if matches!(settled, Settled::Change(_) | Settled::Ask(_)) {
            return Ok(None);
        }
        let turn = record::Turn {
            id: TurnId::new(now, self.random.bits()),
            engine: self,
            claim: &claim,
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
        };
        let acting = turn.act().await?;
        if acting.is_answer || !acting.changes.is_empty() || turn.without_reply(&texts, &settled).is_some() {
            return Ok(None);
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
        let replies = answerer::answer(&desk, &reading);
        let draft = model::Draft { texts: &texts, after: &after, settled: &settled, acting: &acting, replies };
        let (replies, proposed) = turn.with_model(draft, &mut None).await?;
        turn.learn_proposed(&mut after, proposed);
        if replies.is_empty() || replies.iter().any(|reply| reply.kind.is_unanswered()) {
            return Ok(None);
        }
        let routed = turn.route(&after, &acting, &replies, &Qualified::default(), &Firing::default(), &settled);
        let plan = turn.render(&routed, &after);
        let answers = claim.messages[claim.messages.len() - 1].message.id;
        let text = plan.text.trim().to_owned();
        let language = after.words.language().to_owned();
        Ok((routed.decision == "reply" && !text.is_empty()).then_some(Proposed { text, answers, sources: routed.sources, language }))
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
fn again(message: Message) -> Waiting {
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
