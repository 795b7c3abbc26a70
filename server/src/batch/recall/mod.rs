//! What of a history answers each question: JSON lines in, JSON lines out.

pub mod measure;

use std::collections::HashMap;
use std::time::Duration;

use domain::Timestamp;
use domain::ports::{Embedder, ModelError};
use engine::memory::recall::{BLOCK, Block, Languages, Line, Question, Vectors, likeness, rank};
use serde::Deserialize;
use serde_json::{Value, json};

/// As many as the contract's example asks for.
const LIMIT: usize = 30;
/// Texts embedded at a time, and how long that may take.
const AT_A_TIME: usize = 64;
const PATIENCE: Duration = Duration::from_mins(2);

#[derive(Debug, Deserialize)]
struct History {
    #[serde(default)]
    customer: Value,
    messages: Vec<Said>,
    queries: Vec<Query>,
    #[serde(default)]
    limit: Option<usize>,
}

#[derive(Debug, Deserialize)]
struct Said {
    id: Value,
    at: String,
    #[serde(default)]
    author: String,
    text: String,
}

#[derive(Debug, Deserialize)]
struct Query {
    #[serde(default)]
    id: Value,
    text: String,
}

/// The answers to one line: one per question, each with the ids of the messages that matter, best first.
pub async fn answers(line: &str, embedder: Option<&dyn Embedder>) -> Vec<Value> {
    let history: History = match serde_json::from_str(line) {
        Ok(history) => history,
        Err(error) => return vec![json!({"customer": null, "error": format!("the line cannot be read: {error}")})],
    };
    search(&history, embedder).await
}

async fn search(history: &History, embedder: Option<&dyn Embedder>) -> Vec<Value> {
    let refused = |why: String| vec![json!({"customer": history.customer, "error": why})];
    let mut moments = Vec::with_capacity(history.messages.len());
    for said in &history.messages {
        let Some(at) = moment(&said.at) else { return refused(format!("message {}: {:?} is no time", said.id, said.at)) };
        moments.push(at);
    }
    let vectors = match embedder {
        Some(embedder) => match Embedded::of(history, embedder).await {
            Ok(vectors) => Some(vectors),
            Err(error) => return refused(format!("{}: {error}", embedder.name())),
        },
        None => None,
    };
    let blocks = blocks(history, &moments);
    let blocks: Vec<&Block> = blocks.iter().collect();
    let answer = |(place, query): (usize, &Query)| {
        let question = Question { text: &query.text, ..Question::default() };
        let likeness = vectors.as_ref().map(|vectors| vectors.likeness(place));
        let hits = rank(&blocks, &question, likeness.as_ref(), history.limit.unwrap_or(LIMIT));
        let ids: Vec<&Value> = hits.iter().map(|hit| &history.messages[hit.id as usize].id).collect();
        json!({"customer": history.customer, "query": query.id, "ids": ids})
    };
    history.queries.iter().enumerate().map(answer).collect()
}

/// Vectors of everything said and asked.
struct Embedded {
    said: Vectors,
    asked: Vec<Vec<f32>>,
}

impl Embedded {
    async fn of(history: &History, embedder: &dyn Embedder) -> Result<Self, ModelError> {
        let mut names: Vec<&str> = history.messages.iter().map(|said| said.author.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let said: Vec<String> = history.messages.iter().map(|said| said.text.clone()).collect();
        let asked: Vec<String> = history.queries.iter().map(|query| likeness::without_names(&query.text, &names)).collect();
        let places: Vec<u128> = (0..said.len() as u128).collect();
        Ok(Self { said: Vectors::of(&places, &embedded(&said, embedder).await?), asked: embedded(&asked, embedder).await? })
    }

    /// How near each message is to a question.
    fn likeness(&self, question: usize) -> HashMap<u128, f32> {
        let mut near = HashMap::new();
        self.said.compare(&self.asked[question], &mut near);
        near
    }
}

async fn embedded(texts: &[String], embedder: &dyn Embedder) -> Result<Vec<Vec<f32>>, ModelError> {
    let mut vectors = Vec::with_capacity(texts.len());
    for some in texts.chunks(AT_A_TIME) {
        vectors.extend(embedder.embed(some, PATIENCE).await?);
    }
    Ok(vectors)
}

/// Messages count in the order of their times; those of one moment in the order given.
fn blocks(history: &History, moments: &[Timestamp]) -> Vec<Block> {
    let mut order: Vec<usize> = (0..moments.len()).collect();
    order.sort_by_key(|at| moments[*at]);
    let mut languages = Languages::of(history.messages.iter().map(|said| said.text.as_str()));
    let line = |(seq, at): (usize, &usize)| {
        let said = &history.messages[*at];
        Line { id: *at as u128, seq: seq as i64, at: moments[*at], author: &said.author, text: &said.text, language: None }
    };
    let lines: Vec<Line<'_>> = order.iter().enumerate().map(line).collect();
    lines.chunks(BLOCK).map(|lines| Block::of(lines.iter().copied(), &mut languages)).collect()
}

/// A time with its zone, or one without, which then is UTC.
fn moment(text: &str) -> Option<Timestamp> {
    Timestamp::parse_rfc3339(text).or_else(|| {
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        let zoned = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(Timestamp::from_micros(zoned.timestamp().as_microsecond()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(queries: &[&str]) -> String {
        let queries: Vec<Value> = queries.iter().enumerate().map(|(at, text)| json!({"id": format!("q{at}"), "text": text})).collect();
        json!({"customer": "c1", "messages": [
            {"id": "m1", "at": "2027-03-01T09:00:00Z", "channel": "widget", "author": "Sarah", "text": "My back hurts after two hours of sitting"},
            {"id": "m2", "at": "2027-03-01T09:01:00Z", "channel": "widget", "author": "agent", "text": "Would you like to try the Aria in the showroom?"},
            {"id": "m3", "at": "2027-03-01T09:02:00Z", "channel": "widget", "author": "Sarah", "text": "Yes, next Friday"},
            {"id": "m4", "at": "2027-03-04T10:00:00Z", "channel": "email", "author": "Sarah", "text": "Which colours do you have?"},
            {"id": "m5", "at": "2027-03-04T10:01:00", "channel": "email", "author": "agent", "text": "Black and grey"}],
            "queries": queries, "limit": 2})
        .to_string()
    }

    fn found(answer: &Value) -> Vec<&str> {
        answer["ids"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }

    #[tokio::test]
    async fn an_answer_is_found_through_the_question_before_it() {
        let answers = answers(&line(&["When does she come to the showroom?", "What about her back?"]), None).await;
        assert_eq!(answers[0]["customer"], "c1");
        assert_eq!((answers[0]["query"].clone(), answers[1]["query"].clone()), (json!("q0"), json!("q1")));
        assert_eq!(found(&answers[0]), ["m2", "m3"]);
        assert_eq!(found(&answers[1])[0], "m1");
        assert!(answers.iter().all(|answer| found(answer).len() <= 2));
    }

    #[tokio::test]
    async fn who_said_it_matters_when_the_question_says_so() {
        let history = json!({"customer": 7, "messages": [
            {"id": 1, "at": "2027-03-01T09:00:00Z", "author": "agent", "text": "Delivery is on Monday"},
            {"id": 2, "at": "2027-03-09T09:00:00Z", "author": "Sarah", "text": "Delivery must be on Tuesday"},
            {"id": 3, "at": "2027-03-19T09:00:00Z", "author": "agent", "text": "We are closed today"}],
            "queries": [{"id": 1, "text": "What did Sarah say about delivery?"}, {"id": 2, "text": "What did the agent say about delivery?"}]});
        let answers = answers(&history.to_string(), None).await;
        let first_two = |answer: &Value| answer["ids"].as_array().into_iter().flatten().take(2).cloned().collect::<Vec<_>>();
        assert_eq!(first_two(&answers[0]), [json!(2), json!(1)]);
        assert_eq!(first_two(&answers[1]), [json!(1), json!(2)]);
    }

    #[tokio::test]
    async fn a_mistyped_word_and_another_language_are_understood() {
        let answers = answers(&line(&["Where is the shoroom?", "Quelles couleurs avez-vous ?"]), None).await;
        assert_eq!(found(&answers[0])[0], "m2");
        assert!(found(&answers[1]).contains(&"m4"));
    }

    #[tokio::test]
    async fn a_line_that_cannot_be_used_is_answered_too() {
        assert!(answers("{", None).await[0]["error"].is_string());
        let wrong = json!({"customer": "c", "messages": [{"id": "m", "at": "yesterday", "text": "x"}], "queries": []});
        assert!(answers(&wrong.to_string(), None).await[0]["error"].as_str().is_some_and(|error| error.contains("yesterday")));
    }

    /// Knows two meanings: sitting that hurts, and everything else.
    struct Meanings {
        fails: bool,
    }

    #[async_trait::async_trait]
    impl Embedder for Meanings {
        fn name(&self) -> &str {
            "meanings"
        }

        async fn embed(&self, texts: &[String], _: Duration) -> Result<Vec<Vec<f32>>, ModelError> {
            if self.fails {
                return Err(ModelError::TimedOut);
            }
            let hurts = |text: &String| ["back", "hurts", "spine", "ache"].iter().any(|word| text.contains(word));
            assert!(texts.iter().all(|text| !text.contains("Sarah")), "names are left out");
            Ok(texts.iter().map(|text| if hurts(text) { vec![1.0, 0.0] } else { vec![0.0, 1.0] }).collect())
        }
    }

    #[tokio::test]
    async fn vectors_find_what_no_word_does() {
        let line = line(&["Does Sarah have spine trouble?"]);
        assert!(!found(&answers(&line, None).await[0]).contains(&"m1"));
        let with = answers(&line, Some(&Meanings { fails: false })).await;
        assert_eq!(found(&with[0])[0], "m1");
        let failed = answers(&line, Some(&Meanings { fails: true })).await;
        assert!(failed[0]["error"].as_str().is_some_and(|error| error.starts_with("meanings: ")), "{failed:?}");
    }
}
