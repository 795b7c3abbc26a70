//! The turn's part with a model.

use domain::fact::{Learned, Strength};
use domain::knowledge::Question;

use super::learn::After;
use super::record::Turn;
use crate::identity::join::Settled;
use crate::memory::facts::{self, Provenance};
use crate::reasoning::team::ModelCall;
use crate::reasoning::{answerer, team};

/// What a model proposed besides its answer.
#[derive(Default)]
pub(super) struct Proposed {
    pub(super) facts: Vec<Learned>,
    pub(super) calls: Vec<ModelCall>,
}

impl Turn<'_> {
    /// The models' proposal in place of the built-in answers, where there are models and they have something usable.
    pub async fn with_model(&self, after: &After, replies: Vec<answerer::Reply>, settled: &Settled) -> (Vec<answerer::Reply>, Proposed) {
        let models = self.engine.models.get(&self.claim.workspace).map(|models| models.answerer.as_slice()).unwrap_or_default();
        if models.is_empty() || self.is_silent() || matches!(settled, Settled::Ask(_)) || self.reading.signals.questions.is_empty() {
            return (replies, Proposed::default());
        }
        let question = Question { text: self.reading.text.clone(), language: after.words.language().to_owned(), ..Question::default() };
        let passages = self.engine.knowledge.search(&self.claim.workspace, &question, 8);
        let prompt = team::Prompt {
            settings: self.settings,
            customer: &after.customer,
            history: &self.known.history,
            said: &self.reading.text,
            passages: &passages,
            channel: self.door.settings.channel,
            words: &after.words,
        };
        let (proposal, calls) = team::propose(models, &prompt, &*self.engine.monotonic).await;
        let Some(proposal) = proposal else { return (replies, Proposed { facts: Vec::new(), calls }) };
        let facts = team::facts(&proposal, &self.reading.text);
        (team::combined(replies, &proposal, &prompt), Proposed { facts, calls })
    }

    /// What a model read besides the built-in engine: weaker than anything said in words that code understands.
    pub fn learn_proposed(&self, after: &mut After, proposed: Proposed) {
        after.calls = proposed.calls;
        let unread: Vec<Learned> = proposed.facts.into_iter().filter(|fact| after.customer.fact(fact.predicate).is_none()).collect();
        let Some(waiting) = self.claim.messages.last().filter(|_| !unread.is_empty()) else { return };
        let from = Provenance { message: Some(waiting.message.id), ..self.provenance("model", Strength::Inference) };
        let changes = facts::learn(&after.customer, &unread, Some(&self.reading.text), from, &*self.engine.random);
        self.apply(after, changes);
    }
}
