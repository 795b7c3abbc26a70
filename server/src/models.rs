//! Language models by workspace; the built-in engine is always last.

use engine::Models;

use crate::config::WorkspaceConfiguration;

/// Opens the models of a workspace in their fallback order.
pub fn of(workspace: &WorkspaceConfiguration, _http: &reqwest::Client) -> anyhow::Result<Models> {
    if !workspace.models.is_empty() {
        anyhow::bail!("language models are not in this version yet: remove [[models]] and [agents], the built-in engine answers");
    }
    Ok(Models::default())
}
