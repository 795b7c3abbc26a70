//! How much of what answers a question is found: recall over conversations with questions whose evidence is marked.
//!
//! The folder holds `messages.jsonl` (`id conv ts speaker text`, perhaps `image_caption`) and `questions.jsonl`
//! (`conv category question evidence`, message ids), the form in which the `LoCoMo` conversations are passed around.
//! Questions of the category `adversarial` and those without evidence are left out.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use domain::ports::Embedder;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{History, Query, Said, search};

/// Places looked at.
const FIRST: [usize; 4] = [5, 10, 20, 30];
/// Questions that put words into the wrong mouth: found or not, the answer should decline.
const LEFT_OUT: &str = "adversarial";

/// The data cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    /// A file is missing.
    #[error("cannot read {path}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A line is not as expected.
    #[error("{path}, line {line}")]
    Line {
        /// In which file.
        path: PathBuf,
        /// Counted from one.
        line: usize,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The history of a question cannot be searched.
    #[error("conversation {conversation}: {why}")]
    Conversation {
        /// Which.
        conversation: String,
        /// In words.
        why: String,
    },
    /// No question has evidence.
    #[error("{0} holds no question with evidence")]
    Nothing(PathBuf),
}

#[derive(Deserialize)]
struct Message {
    id: String,
    conv: String,
    ts: String,
    speaker: String,
    text: String,
    #[serde(default)]
    image_caption: Option<String>,
}

#[derive(Deserialize)]
struct Asked {
    conv: String,
    category: String,
    question: String,
    evidence: Vec<String>,
}

/// Share of the evidence found, over the questions of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Shares {
    questions: u32,
    sums: [f64; FIRST.len()],
}

impl Shares {
    fn add(&mut self, found: &[&str], evidence: &[String]) {
        self.questions += 1;
        for (sum, first) in self.sums.iter_mut().zip(FIRST) {
            let hits = evidence.iter().filter(|wanted| found.iter().take(first).any(|id| *id == wanted.as_str())).count();
            *sum += hits as f64 / evidence.len() as f64;
        }
    }

    /// Per cent of the evidence among the first so many; one of 5, 10, 20, 30.
    pub fn at(&self, first: usize) -> f64 {
        let place = FIRST.iter().position(|known| *known == first).unwrap_or(0);
        100.0 * self.sums[place] / f64::from(self.questions.max(1))
    }
}

/// What was measured.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Measured {
    /// Every question.
    pub all: Shares,
    /// By conversation and by category.
    pub parts: BTreeMap<String, Shares>,
}

impl Measured {
    /// As a table for people.
    pub fn table(&self) -> String {
        let mut table = format!("{:<16}{:>9}", "", "questions");
        for first in FIRST {
            let _ = write!(table, "{:>8}", format!("R@{first}"));
        }
        for (name, shares) in self.parts.iter().chain([(&"all".to_owned(), &self.all)]) {
            let _ = write!(table, "\n{name:<16}{:>9}", shares.questions);
            for first in FIRST {
                let _ = write!(table, "{:>8.1}", shares.at(first));
            }
        }
        table
    }
}

/// Asks every question of the folder's conversations.
pub async fn measure(folder: &Path, embedder: Option<&dyn Embedder>) -> Result<Measured, MeasureError> {
    let messages: Vec<Message> = rows(&folder.join("messages.jsonl"))?;
    let questions: Vec<Asked> = rows(&folder.join("questions.jsonl"))?;
    let mut histories: BTreeMap<String, History> = BTreeMap::new();
    for message in messages {
        let history = histories.entry(message.conv.clone()).or_insert_with(|| History {
            customer: Value::from(message.conv),
            messages: Vec::new(),
            queries: Vec::new(),
            limit: FIRST.last().copied(),
        });
        let caption = message.image_caption.map(|caption| format!(" [{caption}]")).unwrap_or_default();
        history.messages.push(Said {
            id: Value::from(message.id),
            at: message.ts,
            author: message.speaker,
            text: format!("{}{caption}", message.text),
        });
    }
    let mut measured = Measured::default();
    let asked: Vec<Asked> = questions.into_iter().filter(|asked| asked.category != LEFT_OUT && !asked.evidence.is_empty()).collect();
    for (at, asked) in asked.iter().enumerate() {
        if let Some(history) = histories.get_mut(&asked.conv) {
            history.queries.push(Query { id: Value::from(at), text: asked.question.clone() });
        }
    }
    for (conversation, history) in &histories {
        for answer in search(history, embedder).await {
            if let Some(why) = answer["error"].as_str() {
                return Err(MeasureError::Conversation { conversation: conversation.clone(), why: why.to_owned() });
            }
            let Some(asked) = answer["query"].as_u64().and_then(|at| asked.get(at as usize)) else { continue };
            let found: Vec<&str> = answer["ids"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            measured.all.add(&found, &asked.evidence);
            for part in [conversation, &asked.category] {
                measured.parts.entry(part.clone()).or_default().add(&found, &asked.evidence);
            }
        }
    }
    if measured.all.questions == 0 { Err(MeasureError::Nothing(folder.to_owned())) } else { Ok(measured) }
}

fn rows<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, MeasureError> {
    let text = std::fs::read_to_string(path).map_err(|source| MeasureError::Read { path: path.to_owned(), source })?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(at, line)| serde_json::from_str(line).map_err(|source| MeasureError::Line { path: path.to_owned(), line: at + 1, source }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(questions: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let message = |id: &str, speaker: &str, text: &str| {
            serde_json::json!({"id": id, "conv": "c", "ts": "2027-03-01T09:00:00", "speaker": speaker, "text": text}).to_string()
        };
        let messages = [message("a", "Ida", "The oak desk arrives on Monday"), message("b", "Tom", "I have two cats")].join("\n");
        std::fs::write(folder.path().join("messages.jsonl"), messages).unwrap();
        std::fs::write(folder.path().join("questions.jsonl"), questions).unwrap();
        folder
    }

    #[tokio::test]
    async fn the_share_of_the_evidence_is_counted_without_questions_that_cannot_be_answered() {
        let questions = r#"{"conv":"c","category":"single","question":"When does the desk arrive?","evidence":["a"]}
{"conv":"c","category":"single","question":"Which animals live with Tom?","evidence":["b","nowhere"]}
{"conv":"c","category":"adversarial","question":"Which cats has Ida?","evidence":["b"]}
{"conv":"c","category":"open","question":"Who is it?","evidence":[]}"#;
        let measured = measure(folder(questions).path(), None).await.unwrap();
        assert_eq!((measured.all.questions, measured.parts.len()), (2, 2));
        assert!(measured.all.at(5) >= 50.0 && measured.all.at(30) <= 75.0, "{}", measured.table());
        assert!(measured.table().contains("R@30"));
    }

    #[tokio::test]
    async fn data_that_cannot_be_used_says_where() {
        assert!(matches!(measure(folder("{\"conv\":1}").path(), None).await, Err(MeasureError::Line { line: 1, .. })));
        assert!(matches!(measure(folder("").path(), None).await, Err(MeasureError::Nothing(_))));
        assert!(matches!(measure(Path::new("/nowhere"), None).await, Err(MeasureError::Read { .. })));
    }
}
