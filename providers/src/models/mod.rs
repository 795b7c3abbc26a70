//! Language models, one file per wire format.

mod anthropic;
mod call;
mod events;
mod openai;

use std::sync::Arc;

use domain::Secret;
use domain::ports::LanguageModel;

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
        "openai" => Ok(Arc::new(openai::OpenAi::new(settings, http.clone()))),
        "anthropic" => Ok(Arc::new(anthropic::Anthropic::new(settings, http.clone()))),
        other => Err(OpenError(other.to_owned())),
    }
}
