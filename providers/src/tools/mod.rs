//! Tools of the business: operations of its own API by their description, and tools of MCP servers.

mod description;
mod http;
mod mcp;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use domain::Secret;
use domain::ports::{ToolError, ToolSpec, Tools};
use serde_json::Value;

pub use description::{Described, DescriptionError, describe};
pub use http::{Endpoint, Part};

/// Nothing longer is read from a tool.
const LARGEST_ANSWER: usize = 64 << 10;
/// A server's list of tools is asked for again after this long,
const LIST_HOLDS: Duration = Duration::from_mins(5);
/// and after this long where it gave none.
const LIST_RESTS: Duration = Duration::from_secs(30);

/// Where tools are, and what proves who we are there.
#[derive(Debug, Clone)]
pub struct Place {
    /// The address that the paths of a description hang below, without a slash at the end, or that of an MCP server.
    pub base_url: String,
    /// Token for it.
    pub token: Option<Secret<String>>,
    /// Longest wait for one answer.
    pub timeout: Duration,
}

/// How a tool is used.
#[derive(Debug, Clone)]
pub enum Way {
    /// By a request as its description says.
    Http(Endpoint),
    /// By its name on an MCP server, which tells its arguments.
    Mcp {
        /// Its name there.
        name: String,
    },
}

/// A tool with what it takes to use it.
#[derive(Debug, Clone)]
pub struct Tool {
    /// What the engine knows of it. Of an MCP server's tool the arguments come with the server's list, and what it does, too,
    /// where nothing is said of it here.
    pub spec: ToolSpec,
    /// How.
    pub way: Way,
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

/// What can be used now.
#[derive(Default)]
struct Known {
    specs: Arc<[ToolSpec]>,
    validators: BTreeMap<String, Arc<jsonschema::Validator>>,
}

/// The tools of one workspace.
struct Opened {
    tools: Vec<Tool>,
    http: reqwest::Client,
    known: RwLock<Arc<Known>>,
    /// When the lists of MCP servers are asked for again; held while they are.
    again_at: tokio::sync::Mutex<Option<Instant>>,
}

/// Opens configured tools.
pub fn open(tools: Vec<Tool>) -> Result<Arc<dyn Tools>, ToolsError> {
    let http = http::client().map_err(|why| ToolsError { tool: "all tools".to_owned(), why })?;
    let mut known = Vec::new();
    for tool in tools.iter().filter(|tool| matches!(tool.way, Way::Http(_))) {
        let failed = |error: String| ToolsError { tool: tool.spec.name.clone(), why: error };
        jsonschema::validator_for(&tool.spec.arguments).map_err(|error| failed(error.to_string()))?;
        known.push(tool.spec.clone());
    }
    let known = RwLock::new(Arc::new(Known::of(known)));
    Ok(Arc::new(Opened { tools, http, known, again_at: tokio::sync::Mutex::default() }))
}

impl Known {
    /// Those whose arguments are described so that they can be checked.
    fn of(specs: Vec<ToolSpec>) -> Self {
        let mut validators = BTreeMap::new();
        let mut usable = Vec::new();
        for spec in specs {
            match jsonschema::validator_for(&spec.arguments) {
                Ok(validator) => {
                    validators.insert(spec.name.clone(), Arc::new(validator));
                    usable.push(spec);
                }
                Err(error) => tracing::warn!(tool = spec.name, %error, "its arguments are described by no JSON schema, it is left out"),
            }
        }
        Self { specs: usable.into(), validators }
    }
}

impl Opened {
    fn known(&self) -> Arc<Known> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Asks MCP servers for their lists when it is time. One that gives none is left out until it does.
    async fn refresh(&self) {
        if self.tools.iter().all(|tool| matches!(tool.way, Way::Http(_))) {
            return;
        }
        let mut again_at = self.again_at.lock().await;
        if again_at.is_some_and(|again| Instant::now() < again) {
            return;
        }
        let mut lists: BTreeMap<String, Option<BTreeMap<String, (String, Value)>>> = BTreeMap::new();
        let mut specs = Vec::new();
        for tool in &self.tools {
            let Way::Mcp { name } = &tool.way else {
                specs.push(tool.spec.clone());
                continue;
            };
            if !lists.contains_key(&tool.place.base_url) {
                let list = mcp::list(&self.http, &tool.place).await;
                if let Err(error) = &list {
                    tracing::warn!(tool = tool.spec.name, %error, "an MCP server does not tell its tools, they are left out for now");
                }
                lists.insert(tool.place.base_url.clone(), list.ok());
            }
            let Some(Some(list)) = lists.get(&tool.place.base_url) else { continue };
            let Some((about, arguments)) = list.get(name) else {
                tracing::warn!(tool = tool.spec.name, "the MCP server has no such tool (any more)");
                continue;
            };
            let mut spec = tool.spec.clone();
            spec.arguments = arguments.clone();
            if spec.about.is_empty() {
                spec.about.clone_from(about);
            }
            specs.push(spec);
        }
        let has_all = lists.values().all(Option::is_some);
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Known::of(specs));
        *again_at = Some(Instant::now() + if has_all { LIST_HOLDS } else { LIST_RESTS });
    }
}

#[async_trait]
impl Tools for Opened {
    async fn specs(&self) -> Arc<[ToolSpec]> {
        self.refresh().await;
        Arc::clone(&self.known().specs)
    }

    fn check(&self, name: &str, arguments: &Value) -> Result<(), ToolError> {
        let known = self.known();
        let Some(validator) = known.validators.get(name) else { return Err(ToolError::Refused("there is no such tool".to_owned())) };
        // What was proposed is not repeated: it may hold anything.
        validator.validate(arguments).map_err(|error| ToolError::Refused(format!("the arguments do not fit at {}", error.instance_path())))
    }

    async fn call(&self, name: &str, arguments: &Value, key: &str) -> Result<Value, ToolError> {
        self.refresh().await;
        self.check(name, arguments)?;
        let tool = self.tools.iter().find(|tool| tool.spec.name == name);
        let tool = tool.ok_or_else(|| ToolError::Refused("there is no such tool".to_owned()))?;
        match &tool.way {
            Way::Http(endpoint) => http::ask(&self.http, (endpoint, &tool.place), arguments, key).await,
            Way::Mcp { name } => mcp::call(&self.http, &tool.place, name, arguments).await,
        }
    }
}
