//! Tools of the business from the description of its own API.

mod description;
mod http;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::Secret;
use domain::ports::{ToolError, ToolSpec, Tools};
use serde_json::Value;

pub use description::{Described, DescriptionError, describe};
pub use http::{Endpoint, Part};

/// Where tools of one description are, and what proves who we are there.
#[derive(Debug, Clone)]
pub struct Place {
    /// Address that the paths of the description hang below, without a slash at the end.
    pub base_url: String,
    /// Token for it.
    pub token: Option<Secret<String>>,
    /// Longest wait for one answer.
    pub timeout: Duration,
}

/// A tool with what it takes to use it.
#[derive(Debug, Clone)]
pub struct Tool {
    /// What the engine knows of it.
    pub spec: ToolSpec,
    /// How it is asked for.
    pub endpoint: Endpoint,
    /// Where.
    pub place: Place,
}

/// A tool that cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("the arguments of {tool} are described by no JSON schema: {why}")]
pub struct ToolsError {
    /// Which.
    pub tool: String,
    /// Why.
    pub why: String,
}

/// The tools of one workspace.
struct Opened {
    specs: Vec<ToolSpec>,
    tools: BTreeMap<String, (Tool, jsonschema::Validator)>,
    http: reqwest::Client,
}

/// Opens configured tools.
pub fn open(tools: Vec<Tool>) -> Result<Arc<dyn Tools>, ToolsError> {
    let mut opened = BTreeMap::new();
    for tool in tools {
        let failed = |why: String| ToolsError { tool: tool.spec.name.clone(), why };
        let validator = jsonschema::validator_for(&tool.spec.arguments).map_err(|error| failed(error.to_string()))?;
        opened.insert(tool.spec.name.clone(), (tool, validator));
    }
    let specs = opened.values().map(|(tool, _)| tool.spec.clone()).collect();
    let http = http::client().map_err(|why| ToolsError { tool: "all tools".to_owned(), why })?;
    Ok(Arc::new(Opened { specs, tools: opened, http }))
}

impl Opened {
    fn find(&self, name: &str, arguments: &Value) -> Result<&Tool, ToolError> {
        let Some((tool, validator)) = self.tools.get(name) else { return Err(ToolError::Refused("there is no such tool".to_owned())) };
        match validator.validate(arguments) {
            Ok(()) => Ok(tool),
            // What was proposed is not repeated: it may hold anything.
            Err(error) => Err(ToolError::Refused(format!("the arguments do not fit at {}", error.instance_path()))),
        }
    }
}

#[async_trait]
impl Tools for Opened {
    fn specs(&self) -> &[ToolSpec] {
        &self.specs
    }

    fn check(&self, name: &str, arguments: &Value) -> Result<(), ToolError> {
        self.find(name, arguments).map(|_| ())
    }

    async fn call(&self, name: &str, arguments: &Value, key: &str) -> Result<Value, ToolError> {
        let tool = self.find(name, arguments)?;
        http::ask(&self.http, tool, arguments, key).await
    }
}
