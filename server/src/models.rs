//! Language models by workspace; the built-in engine is always last.

use std::sync::Arc;

use anyhow::Context;
use async_trait::async_trait;
use domain::ports::{Heard, LanguageModel, ModelAnswer, ModelError, ModelRequest};
use engine::Models;
use engine::reasoning::team::{Member, Price};

use crate::config::{ModelKind, ModelSettings, WorkspaceConfiguration};
use crate::jobs::crew::Waits;

/// A model whose answers are waited for by turns that leave their place to others meanwhile.
struct Awaited {
    model: Arc<dyn LanguageModel>,
    waits: Arc<Waits>,
}

#[async_trait]
impl LanguageModel for Awaited {
    fn id(&self) -> &str {
        self.model.id()
    }

    async fn complete(&self, request: &ModelRequest, heard: Heard<'_>) -> Result<ModelAnswer, ModelError> {
        let _waiting = self.waits.enter();
        self.model.complete(request, heard).await
    }
}

/// Opens the models of a workspace in their fallback order; who waits for one is counted.
pub fn of(workspace: &WorkspaceConfiguration, http: &reqwest::Client, waits: &Arc<Waits>) -> anyhow::Result<Models> {
    let open = |ids: &[String]| -> anyhow::Result<Vec<Arc<Member>>> {
        ids.iter()
            .map(|id| {
                let settings = workspace.models.iter().find(|model| model.id == *id).context("an agent names an unknown model")?;
                let model = Awaited { model: port(settings, http)?, waits: Arc::clone(waits) };
                Ok(Arc::new(Member::new(Arc::new(model), settings.timeout, price(settings))))
            })
            .collect()
    };
    Ok(Models { answerer: open(&workspace.agents.answerer)?, qualifier: open(&workspace.agents.qualifier)? })
}

/// One model, by its wire format.
pub fn port(settings: &ModelSettings, http: &reqwest::Client) -> Result<Arc<dyn LanguageModel>, providers::OpenError> {
    let kind = match settings.kind {
        ModelKind::OpenAi => "openai",
        ModelKind::Anthropic => "anthropic",
    };
    let settings = providers::ModelSettings {
        id: settings.id.clone(),
        kind: kind.to_owned(),
        base_url: settings.base_url.clone(),
        model: settings.model.clone(),
        api_key: settings.api_key.clone(),
    };
    providers::open(settings, http)
}

/// What it costs.
pub fn price(settings: &ModelSettings) -> Price {
    let price = settings.price.clone();
    Price::new(price.input, price.output, price.daily_budget, price.currency)
}
