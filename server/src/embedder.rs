//! Opens what makes vectors.

use std::sync::Arc;

use domain::ports::Embedder;
use providers::embeddings::Remote;
use providers::local::Local;

use crate::config::EmbedderSettings;

/// As configured.
///
/// # Errors
/// A folder that holds no encoder.
pub fn open(settings: &EmbedderSettings, http: &reqwest::Client) -> anyhow::Result<Arc<dyn Embedder>> {
    Ok(match settings {
        EmbedderSettings::Folder(folder) => Arc::new(Local::open(folder)?),
        EmbedderSettings::Server { base_url, model, api_key } => {
            Arc::new(Remote::new(base_url.clone(), model.clone(), api_key.clone(), http.clone()))
        }
    })
}
