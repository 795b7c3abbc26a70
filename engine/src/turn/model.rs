//! The turn's part with a model.

use std::sync::Arc;

use domain::customer::Context;
use domain::fact::{Learned, Strength};
use domain::knowledge::{Passage, Question};
use domain::message::Author;
use domain::ports::Stored;
use domain::settings::Mode;
use domain::turn::{Reply, Speech};
use domain::{MessageId, Support};
use tokio::sync::watch;

use super::act::Acting;
use super::learn::After;
use super::record::Turn;
use crate::decision::tool::Verdict;
use crate::identity::join::Settled;
use crate::identity::level;
use crate::memory::facts::{self, Provenance};
use crate::reasoning::qualifier::Qualified;
use crate::reasoning::team::{Member, ModelCall, Prompt, Proposal, Purse};
use crate::reasoning::{answerer, team};
use crate::rendering::plan::Plan;

/// What a model proposed besides its answer.
#[derive(Default)]
pub(super) struct Proposed {
    pub(super) facts: Vec<Learned>,
    pub(super) calls: Vec<ModelCall>,
    /// What a proposed use of a tool came to, where it has an effect.
    pub(super) wants: Option<Verdict>,
    /// The answer is a model's, which has weighed what a teammate whispered.
    pub(super) has_weighed: bool,
}

/// What models are asked for.
#[derive(Clone, Copy)]
enum Task<'a> {
    /// An answer, and the facts of the message.
    Answer(&'a [Arc<Member>]),
    /// The facts of the message alone.
    Read(&'a [Arc<Member>]),
}

/// What the turn has before a model is asked.
pub(super) struct Draft<'a> {
    pub(super) texts: &'a [(MessageId, String)],
    pub(super) after: &'a After,
    pub(super) settled: &'a Settled,
    pub(super) acting: &'a Acting,
    /// The built-in engine's answers.
    pub(super) replies: Vec<answerer::Reply>,
}

impl Turn<'_> {
    /// The models' proposal in place of the built-in answers, where there are models and they have something usable.
    /// On doors that stream, it is said sentence by sentence while it is being written; `spoken` is what was said.
    pub async fn with_model(&self, draft: Draft<'_>, spoken: &mut Option<Reply>) -> Stored<(Vec<answerer::Reply>, Proposed)> {
        let task = self.task_for_models(draft.settled).filter(|_| !draft.acting.is_answer);
        let Some(task) = task else { return Ok((draft.replies, Proposed::default())) };
        let words = &draft.after.words;
        let tools = match (self.engine.tools.get(&self.claim.workspace), task) {
            (Some(tools), Task::Answer(_)) => tools.specs().await,
            (Some(_), Task::Read(_)) | (None, _) => Arc::from([]),
        };
        let passages = match task {
            Task::Answer(_) => {
                let question = Question { text: self.reading.text.clone(), language: words.language().to_owned(), ..Question::default() };
                self.engine.knowledge.search(&self.claim.workspace, &question, 8)
            }
            Task::Read(_) => Vec::new(),
        };
        let earlier = self.earlier().await?;
        let hint = self.whispered();
        let prompt = Prompt {
            settings: self.settings,
            customer: &draft.after.customer,
            history: &self.known.history,
            recalled: &self.known.recalled,
            earlier: &earlier,
            said: &self.reading.text,
            passages: &passages,
            hint: hint.as_deref(),
            channel: self.door.settings.channel,
            words,
            tools: match task {
                Task::Answer(_) if !self.is_dry => &tools,
                Task::Answer(_) | Task::Read(_) => &[],
            },
        };
        let day = self.now.in_zone(&self.settings.timezone).date().to_string();
        let spent = self.engine.store.spent(&self.claim.workspace, &day).await?;
        let purse = Purse { day, spent };
        let (models, answers) = match task {
            Task::Answer(models) => (models, true),
            Task::Read(models) => (models, false),
        };
        let (heard, mut hears) = watch::channel(String::new());
        let mut say = |said: &str| {
            heard.send_replace(said.to_owned());
        };
        let proposed = team::propose(models, &prompt, &purse, &*self.engine.monotonic, (answers && self.may_stream()).then_some(&mut say));
        tokio::pin!(proposed);
        let (proposal, mut calls) = loop {
            tokio::select! {
                done = &mut proposed => break done,
                Ok(()) = hears.changed() => {
                    let said = hears.borrow_and_update().clone();
                    self.speak(&draft, &said, &prompt, spoken).await?;
                }
            }
        };
        for call in calls.iter().filter(|call| call.cost > 0) {
            self.engine.store.spend(&self.claim.workspace, &call.model, &purse.day, call.cost).await?;
        }
        let Some(mut proposal) = proposal else { return Ok((draft.replies, Proposed { calls, ..Proposed::default() })) };
        let facts = team::facts(&proposal, &self.reading.text);
        let verdict = proposal.call.take().filter(|_| answers && spoken.is_none()).map(|call| self.judged(&call, &prompt));
        let wanted = match verdict {
            Some(Verdict::LookUp(wanted)) => wanted,
            wants => {
                let replies = if answers { team::combined(draft.replies, &proposal, &prompt) } else { draft.replies };
                let has_weighed = answers && proposal.answer.is_some();
                return Ok((replies, Proposed { facts, calls, wants, has_weighed }));
            }
        };
        let Ok(found) = self.look_up(&wanted, words).await else {
            tracing::warn!(tool = wanted.tool, "a tool did not tell what was looked up");
            return Ok((draft.replies, Proposed { facts, calls, ..Proposed::default() }));
        };
        let looked: Vec<Passage> = std::iter::once(found).chain(passages.iter().cloned()).collect();
        let prompt = Prompt { passages: &looked, tools: &[], ..prompt };
        let (proposal, more) = team::propose(models, &prompt, &purse, &*self.engine.monotonic, None).await;
        for call in more.iter().filter(|call| call.cost > 0) {
            self.engine.store.spend(&self.claim.workspace, &call.model, &purse.day, call.cost).await?;
        }
        calls.extend(more);
        let has_weighed = proposal.as_ref().is_some_and(|proposal| proposal.answer.is_some());
        let replies = proposal.map(|proposal| team::combined(draft.replies.clone(), &proposal, &prompt)).unwrap_or(draft.replies);
        Ok((replies, Proposed { facts, calls, wants: None, has_weighed }))
    }

    /// What earlier conversations were about, where the proof opens all of them and the history does not hold them anyway.
    async fn earlier(&self) -> Stored<Vec<String>> {
        let opening = level::Opening::of(self.whole, self.strand, self.level, self.settings.disclosure);
        let in_public = self.claim.messages.iter().any(|waiting| waiting.inbound.is_public());
        if self.whole.history.len() < Context::EXCHANGES || in_public || !opening.opens_all() {
            return Ok(Vec::new());
        }
        self.engine.earlier(&self.claim.workspace, &self.known.customer, self.whole.conversation.id).await
    }

    /// Questions go to the answerer's models, and so does whatever a teammate has whispered about; what code has read nothing in,
    /// to the qualifier's.
    fn task_for_models(&self, settled: &Settled) -> Option<Task<'_>> {
        let models = self.engine.models.get(&self.claim.workspace)?;
        if self.is_silent() || matches!(settled, Settled::Ask(_)) {
            return None;
        }
        let signals = &self.reading.signals;
        let asks_for_more = self.engine.tools.contains_key(&self.claim.workspace) && team::may_hold_more(&self.reading.text);
        let is_whispered = self.whispered().is_some() && !models.answerer.is_empty();
        let task = if !signals.questions.is_empty() || is_whispered || asks_for_more && !models.answerer.is_empty() {
            Task::Answer(&models.answerer)
        } else if signals.learned.is_empty() && team::may_hold_more(&self.reading.text) {
            Task::Read(&models.qualifier)
        } else {
            return None;
        };
        let (Task::Answer(models) | Task::Read(models)) = task;
        (!models.is_empty()).then_some(task)
    }

    fn may_stream(&self) -> bool {
        !self.is_dry
            && self.whispered().is_none()
            && self.door.channel.capabilities().streaming == Support::Native
            && self.engine.mode(&self.door.settings) != Mode::Draft
    }

    /// Says so much of the answer, durably, while the rest is being written.
    async fn speak(&self, draft: &Draft<'_>, said: &str, prompt: &Prompt<'_>, spoken: &mut Option<Reply>) -> Stored<()> {
        let Some(plan) = self.begun(draft, said, prompt) else { return Ok(()) };
        let Some(mut reply) = self.replies(self.id, &plan, Author::Ai, &[], false).pop() else { return Ok(()) };
        if let Some(before) = &*spoken {
            reply = reply.going_on(before);
        }
        let speech = Speech {
            workspace: self.claim.workspace.clone(),
            lease: self.claim.lease,
            customer_version: self.whole.customer.version,
            answers: self.claim.messages.iter().map(|waiting| waiting.message.id).collect(),
            reply: reply.clone(),
            at: self.now,
        };
        let (address, message, text) = (reply.address.clone(), reply.message.id, reply.rendered.text.clone());
        // Whether or not it got there, the row may be open now.
        *spoken = Some(reply);
        self.engine.store.speak(speech).await?;
        self.door.channel.speaking(&address, message, &text).await;
        Ok(())
    }

    /// The reply as it would begin; nothing where a rule may yet have another word, or the door would split it.
    fn begun(&self, draft: &Draft<'_>, said: &str, prompt: &Prompt<'_>) -> Option<Plan> {
        let proposal = Proposal { answer: Some(said.to_owned()), ..Proposal::default() };
        let replies = team::combined(draft.replies.clone(), &proposal, prompt);
        let firing = self.rules(draft.texts, &replies, draft.acting);
        if !firing.evidence.is_empty() {
            return None;
        }
        let routed = self.route(draft.after, draft.acting, &replies, &Qualified::default(), &firing, draft.settled);
        let mut plan = self.render_begun(&routed, draft.after);
        // Choices and cards come with the whole.
        for message in &mut plan.messages {
            message.buttons.clear();
            message.cards.clear();
        }
        (routed.decision == "reply" && plan.messages.len() == 1).then_some(plan)
    }

    /// What a model read besides the built-in engine: weaker than anything said in words that code understands.
    pub fn learn_proposed(&self, after: &mut After, proposed: Proposed) {
        after.calls = proposed.calls;
        after.has_weighed = proposed.has_weighed;
        let is_new = |fact: &Learned| !fact.predicate.is_own() && after.customer.fact(fact.predicate).is_none();
        let unread: Vec<Learned> = proposed.facts.into_iter().filter(is_new).collect();
        let Some(waiting) = self.claim.messages.last().filter(|_| !unread.is_empty()) else { return };
        let from = Provenance { message: Some(waiting.message.id), ..self.provenance("model", Strength::Inference) };
        let changes = facts::learn(&after.customer, &unread, Some(&self.reading.text), from, &*self.engine.random);
        self.apply(after, changes);
    }
}
