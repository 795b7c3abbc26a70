//! Vectors made in this process from a folder that the user names: a small BERT-like sentence encoder, as published for
//! sentence-transformers (`config.json`, `model.safetensors`, `vocab.txt` or `tokenizer.json`, `1_Pooling/config.json`).
//!
//! The folder is read when first needed and never by the server at rest. No weights come with the program.
//! File format: <https://huggingface.co/docs/safetensors/index>

mod bert;
mod weights;
mod words;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::ports::{Embedder, ModelError};
use serde::Deserialize;

use self::bert::{Bert, Shape};
use self::weights::Weights;
use self::words::Words;

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A file is missing or cannot be read.
    #[error("cannot read {path}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file does not hold what it should.
    #[error("{path}: {what}")]
    Content {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
}

/// An encoder from a folder.
#[derive(Clone)]
pub struct Local {
    name: String,
    model: Arc<Model>,
}

struct Model {
    words: Words,
    bert: Bert,
    first_token: bool,
}

impl std::fmt::Debug for Local {
    fn fmt(&self, into: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        into.debug_struct("Local").field("name", &self.name).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Pooling {
    #[serde(default)]
    pooling_mode_cls_token: bool,
}

impl Local {
    /// Reads a folder whole.
    ///
    /// # Errors
    /// A missing file, another kind of model, a tensor of another shape.
    pub fn open(folder: &Path) -> Result<Self, FolderError> {
        let config = folder.join("config.json");
        let shape: Shape = parsed(&config)?;
        shape.check().map_err(|what| content(&config, what))?;
        let tokenizer = folder.join("tokenizer.json");
        let vocabulary = folder.join("vocab.txt");
        let words = if vocabulary.is_file() {
            let lower = folder.join("tokenizer_config.json");
            let lower = if lower.is_file() { Words::lowers(&text(&lower)?) } else { true };
            Words::of_lines(&text(&vocabulary)?, lower).map_err(|what| content(&vocabulary, what))?
        } else {
            Words::of_tokenizer(&text(&tokenizer)?).map_err(|what| content(&tokenizer, what))?
        };
        let file = folder.join("model.safetensors");
        let bytes = std::fs::read(&file).map_err(|source| FolderError::File { path: file.clone(), source })?;
        let mut weights = Weights::read(&bytes).map_err(|what| content(&file, what))?;
        let bert = Bert::assemble(&shape, &mut weights).map_err(|what| content(&file, what))?;
        if words.len() > bert.words() {
            return Err(content(&file, format!("the vocabulary has {} words, the model {}", words.len(), bert.words())));
        }
        let pooling = folder.join("1_Pooling").join("config.json");
        let first_token = pooling.is_file() && parsed::<Pooling>(&pooling)?.pooling_mode_cls_token;
        let name = folder.file_name().map_or_else(|| "local".to_owned(), |name| name.to_string_lossy().into_owned());
        Ok(Self { name: format!("{name}/{}", bert.width()), model: Arc::new(Model { words, bert, first_token }) })
    }
}

impl Model {
    fn vector(&self, text: &str) -> Vec<f32> {
        let ids = self.words.ids(text, self.bert.longest());
        let mut vector = self.bert.encode(&ids, self.first_token);
        let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
        if length > 0.0 {
            vector.iter_mut().for_each(|value| *value /= length);
        }
        vector
    }
}

#[async_trait]
impl Embedder for Local {
    fn name(&self) -> &str {
        &self.name
    }

    async fn embed(&self, texts: &[String], deadline: Duration) -> Result<Vec<Vec<f32>>, ModelError> {
        let (model, texts) = (Arc::clone(&self.model), texts.to_vec());
        let work = tokio::task::spawn_blocking(move || texts.iter().map(|text| model.vector(text)).collect::<Vec<_>>());
        match tokio::time::timeout(deadline, work).await {
            Err(_) => Err(ModelError::TimedOut),
            Ok(Err(error)) => Err(ModelError::Unavailable(error.to_string())),
            Ok(Ok(vectors)) => Ok(vectors),
        }
    }
}

fn text(path: &Path) -> Result<String, FolderError> {
    std::fs::read_to_string(path).map_err(|source| FolderError::File { path: path.to_owned(), source })
}

fn parsed<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, FolderError> {
    serde_json::from_str(&text(path)?).map_err(|error| content(path, error.to_string()))
}

fn content(path: &Path, what: impl Into<String>) -> FolderError {
    FolderError::Content { path: path.to_owned(), what: what.into() }
}
