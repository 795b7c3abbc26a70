//! The language model port.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// A language model behind one of our two wire formats. It proposes; code decides.
#[async_trait]
pub trait LanguageModel: Send + Sync {
    /// The id from the configuration.
    fn id(&self) -> &str;

    /// One answer. Each piece of it is given to `heard` as it arrives, in order; the whole comes back at the end. An
    /// implementation that cannot stream gives the whole as one piece. Must honour `deadline` and the size limits; a
    /// question is never repeated inside except without a parameter that the server refused: the caller has a
    /// fallback chain.
    async fn complete(&self, request: &ModelRequest, heard: Heard<'_>) -> Result<ModelAnswer, ModelError>;
}

/// Takes the pieces of an answer.
pub type Heard<'a> = &'a mut (dyn FnMut(&str) + Send);

/// What a model is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelRequest {
    /// Written by us.
    pub system: String,
    /// The conversation; what others wrote is data, delimited by the caller.
    pub messages: Vec<ModelMessage>,
    /// A JSON schema the answer must keep, when structured output is wanted.
    pub schema: Option<serde_json::Value>,
    /// Longest answer.
    pub max_tokens: u32,
    /// After this the caller goes on without it.
    pub deadline: Duration,
}

/// One message of the prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelMessage {
    /// `user` or `assistant`.
    pub role: String,
    /// The text.
    pub content: String,
}

/// What a model answered.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ModelAnswer {
    /// The text, or the JSON of the structured answer.
    pub text: String,
    /// Billed input tokens.
    pub input_tokens: u32,
    /// Billed output tokens.
    pub output_tokens: u32,
}

/// Why a model did not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// It took too long.
    #[error("the model did not answer in time")]
    TimedOut,
    /// It asked us to slow down.
    #[error("the model asks to slow down")]
    RateLimited(Option<Duration>),
    /// It answered something unusable.
    #[error("the model answered garbage: {0}")]
    Garbage(String),
    /// It could not be reached or refused.
    #[error("the model is unavailable: {0}")]
    Unavailable(String),
}
