//! Language models, one file per wire format.

mod anthropic;
mod openai;

use std::sync::Arc;
use std::time::Duration;

use domain::Secret;
use domain::ports::{LanguageModel, ModelError};
use serde_json::Value;

/// Nothing longer is read from a model.
const LARGEST_ANSWER: usize = 1 << 20;

/// A configured model.
#[derive(Debug, Clone)]
pub struct ModelSettings {
    /// Its id.
    pub id: String,
    /// `openai` or `anthropic`.
    pub kind: String,
    /// Base URL, without a slash at the end.
    pub base_url: String,
    /// The vendor's name of the model.
    pub model: String,
    /// Key, when one is needed.
    pub api_key: Option<Secret<String>>,
}

/// A model that cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown kind of model {0:?}: use \"openai\" or \"anthropic\"")]
pub struct OpenError(pub String);

/// Opens a configured model.
pub fn open(settings: ModelSettings, http: &reqwest::Client) -> Result<Arc<dyn LanguageModel>, OpenError> {
    match settings.kind.as_str() {
        "openai" => Ok(Arc::new(openai::OpenAi { settings, http: http.clone() })),
        "anthropic" => Ok(Arc::new(anthropic::Anthropic { settings, http: http.clone() })),
        other => Err(OpenError(other.to_owned())),
    }
}

/// Posts a request and reads a bounded JSON answer.
async fn post(request: reqwest::RequestBuilder, deadline: Duration) -> Result<Value, ModelError> {
    let sent = request.timeout(deadline).send().await.map_err(|error| failed(&error))?;
    let status = sent.status();
    if status.as_u16() == 429 {
        let after = sent.headers().get("retry-after").and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
        return Err(ModelError::RateLimited(after.map(Duration::from_secs)));
    }
    let body = bounded(sent).await?;
    if !status.is_success() {
        return Err(ModelError::Unavailable(format!("status {}", status.as_u16())));
    }
    serde_json::from_slice(&body).map_err(|error| ModelError::Garbage(error.to_string()))
}

async fn bounded(mut answer: reqwest::Response) -> Result<Vec<u8>, ModelError> {
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(|error| failed(&error))? {
        body.extend_from_slice(&piece);
        if body.len() > LARGEST_ANSWER {
            return Err(ModelError::Garbage("the answer is too long".to_owned()));
        }
    }
    Ok(body)
}

fn failed(error: &reqwest::Error) -> ModelError {
    if error.is_timeout() {
        ModelError::TimedOut
    } else if error.is_connect() {
        ModelError::Unavailable("cannot connect".to_owned())
    } else {
        ModelError::Unavailable("the connection broke off".to_owned())
    }
}

fn tokens(value: &Value) -> u32 {
    value.as_u64().and_then(|count| u32::try_from(count).ok()).unwrap_or(0)
}
