//! What a story says of one conversation, and of one turn.

use std::collections::HashMap;

use domain::TurnId;
use domain::analytics::{Explained, Said, Story, Talk};
use domain::id::ConversationId;
use domain::message::{Author, Direction};
use serde_json::Value;

use crate::decision::score::stage_of;

/// A turn's explanation, as far as it is counted.
pub struct Told<'a>(pub &'a Value);

impl<'a> Told<'a> {
    /// Did the answer answer? Where an older explanation does not say, an answer with passages or deeds did.
    pub fn is_useful(&self) -> bool {
        if self.0["decision"] != "reply" {
            return false;
        }
        let is_there = |field: &str| self.0[field].as_array().is_some_and(|items| !items.is_empty());
        match self.0["gaps"].as_u64() {
            Some(gaps) => gaps == 0,
            None => is_there("passages") || is_there("actions") || self.0["reply"].is_string(),
        }
    }

    /// Was there a question that nothing answers?
    pub fn has_gap(&self) -> bool {
        self.0["gaps"].as_u64().is_some_and(|gaps| gaps > 0)
    }

    /// Did the customer do this in words?
    pub fn does(&self, act: &str) -> bool {
        self.acts().any(|known| known == act)
    }

    /// Nothing but thanks and goodbyes.
    pub fn is_parting(&self) -> bool {
        let mut acts = self.acts().peekable();
        acts.peek().is_some() && acts.all(|act| matches!(act, "thanks" | "farewell" | "solved" | "yes"))
    }

    fn acts(&self) -> impl Iterator<Item = &str> {
        self.0["signals"]["acts"].as_array().into_iter().flatten().filter_map(Value::as_str)
    }

    /// Was one of these learned?
    pub fn learned(&self, predicates: &[&str]) -> bool {
        let learned = self.0["learned"].as_array().into_iter().flatten();
        learned.filter_map(|fact| fact["predicate"].as_str()).any(|predicate| predicates.contains(&predicate))
    }

    /// What the message was about.
    pub fn intent(&self) -> Option<&'a str> {
        let trace: &'a Value = self.0;
        let intent = &trace["signals"]["intent"];
        intent.as_str().or_else(|| intent["name"].as_str())
    }

    /// How the customer sounded, in thousandths from -1000 to 1000.
    pub fn sentiment(&self) -> Option<i64> {
        #[expect(clippy::cast_possible_truncation, reason = "between -1 and 1")]
        self.0["signals"]["sentiment"].as_f64().map(|sentiment| (sentiment.clamp(-1.0, 1.0) * 1_000.0) as i64)
    }

    /// How far the lead was.
    pub fn stage(&self) -> &'static str {
        let score = self.0["lead"]["score"].as_i64().and_then(|score| i32::try_from(score).ok());
        stage_of(score.unwrap_or(0))
    }

    /// On which door.
    pub fn channel(&self) -> &'a str {
        let trace: &'a Value = self.0;
        trace["channel"].as_str().unwrap_or_default()
    }
}

/// One conversation of a story with everything that belongs to it.
pub struct Chapter<'a> {
    /// The conversation.
    pub talk: &'a Talk,
    /// Its messages, oldest first.
    pub said: Vec<&'a Said>,
    /// Its turns, oldest first.
    pub turns: Vec<&'a Explained>,
}

impl Chapter<'_> {
    /// The customer's messages.
    pub fn asked(&self) -> impl Iterator<Item = &Said> {
        self.said.iter().copied().filter(|said| is_asked(said))
    }

    /// Was it on one door, or on several?
    pub fn doors(&self) -> &'static str {
        let mut asked = self.asked();
        let first = asked.next().map(|said| said.channel);
        if asked.any(|said| Some(said.channel) != first) { "many" } else { "one" }
    }

    /// Did a person of the team write in it?
    pub fn has_teammate(&self) -> bool {
        self.said.iter().any(|said| said.author == Author::Teammate && said.direction == Direction::Out)
    }
}

/// Was it said by the customer?
pub fn is_asked(said: &Said) -> bool {
    said.direction == Direction::In && said.author == Author::Customer
}

/// The conversations in which the customer said something.
pub fn chapters(story: &Story) -> Vec<Chapter<'_>> {
    let mut places: HashMap<ConversationId, usize> = HashMap::new();
    let mut chapters: Vec<Chapter<'_>> = Vec::with_capacity(story.talks.len());
    for talk in &story.talks {
        places.insert(talk.id, chapters.len());
        chapters.push(Chapter { talk, said: Vec::new(), turns: Vec::new() });
    }
    for said in &story.said {
        if let Some(place) = places.get(&said.conversation) {
            chapters[*place].said.push(said);
        }
    }
    for turn in &story.turns {
        if let Some(place) = places.get(&turn.conversation) {
            chapters[*place].turns.push(turn);
        }
    }
    chapters.retain(|chapter| chapter.asked().next().is_some());
    chapters
}

/// Explanations by turn.
pub fn explained(story: &Story) -> HashMap<TurnId, Told<'_>> {
    story.turns.iter().map(|turn| (turn.id, Told(&turn.trace))).collect()
}
