//! Language models by workspace; the built-in engine is always last.

use std::sync::Arc;

use anyhow::Context;
use engine::Models;
use engine::reasoning::team::{Member, Price};

use crate::config::{ModelKind, WorkspaceConfiguration};

/// Opens the models of a workspace in their fallback order.
pub fn of(workspace: &WorkspaceConfiguration, http: &reqwest::Client) -> anyhow::Result<Models> {
    let open = |ids: &[String]| -> anyhow::Result<Vec<Arc<Member>>> {
        ids.iter()
            .map(|id| {
                let settings = workspace.models.iter().find(|model| model.id == *id).context("an agent names an unknown model")?;
                let kind = match settings.kind {
                    ModelKind::OpenAi => "openai",
                    ModelKind::Anthropic => "anthropic",
                };
                let timeout = settings.timeout;
                let price = settings.price.clone();
                let price = Price::new(price.input, price.output, price.daily_budget, price.currency);
                let settings = providers::ModelSettings {
                    id: settings.id.clone(),
                    kind: kind.to_owned(),
                    base_url: settings.base_url.clone(),
                    model: settings.model.clone(),
                    api_key: settings.api_key.clone(),
                };
                Ok(Arc::new(Member::new(providers::open(settings, http)?, timeout, price)))
            })
            .collect()
    };
    Ok(Models { answerer: open(&workspace.agents.answerer)?, qualifier: open(&workspace.agents.qualifier)? })
}
