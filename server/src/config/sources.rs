//! `[[models]]`, `[agents]` and `[[knowledge]]`.

use std::path::PathBuf;
use std::time::Duration;

use domain::Secret;

use super::connections::is_loopback;
use super::document::Entry;
use super::keys::{AGENTS, KNOWLEDGE, MODEL};
use super::problems::Problems;
use super::reader::Reader;
use super::secrets::{self, Surroundings};

/// Wire format of a model's server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelKind {
    /// OpenAI-compatible.
    OpenAi,
    /// Anthropic Messages.
    Anthropic,
}

/// A language model.
#[derive(Debug, Clone)]
pub struct ModelSettings {
    /// Name used in `[agents]`.
    pub id: String,
    /// Wire format.
    pub kind: ModelKind,
    /// Base URL, without a slash at the end.
    pub base_url: String,
    /// Model on that server.
    pub model: String,
    /// Key for it.
    pub api_key: Option<Secret<String>>,
    /// Most that may be spent a day, in minor units with its currency.
    pub daily_budget: Option<domain::Money>,
    /// Longest wait for an answer.
    pub timeout: Duration,
}

/// Which model does what, in fallback order; the built-in engine is always last.
#[derive(Debug, Clone, Default)]
pub struct Agents {
    /// For answers.
    pub answerer: Vec<String>,
    /// For analysis and qualification.
    pub qualifier: Vec<String>,
}

/// A source of the business's own knowledge.
#[derive(Debug, Clone)]
pub struct KnowledgeSettings {
    /// Its name.
    pub id: String,
    /// Folder or file.
    pub path: PathBuf,
}

/// Reads `[[models]]`.
pub fn models(root: &Reader<'_>, around: &Surroundings<'_>, problems: &mut Problems) -> Vec<ModelSettings> {
    let mut models: Vec<ModelSettings> = Vec::new();
    for (node, entries) in root.tables("models", problems) {
        let reader = Reader::open("[[models]]", &node.origin, entries, &[MODEL], problems);
        for required in ["id", "kind", "base_url", "model"] {
            if reader.node(required).is_none() {
                reader.missing(required, "a model needs it", problems);
            }
        }
        let id = reader.text("id", problems);
        let kind = reader.word("kind", &["openai", "anthropic"], problems);
        let base_url = base_url(&reader, problems);
        let model = reader.text("model", problems);
        let api_key = secrets::read(&reader, "api_key", 0, around, problems).into_iter().next();
        let daily_budget = daily_budget(&reader, problems);
        let timeout = reader.span("timeout", problems).unwrap_or(Duration::from_secs(20));
        let (Some(id), Some(kind), Some(base_url), Some(model)) = (id, kind, base_url, model) else { continue };
        if let (true, Some(at)) = (models.iter().any(|known| known.id == id), reader.node("id")) {
            reader.refuse("id", at, &format!("is {id:?}, which another model has already"), "choose another id", problems);
        }
        let kind = if kind == "anthropic" { ModelKind::Anthropic } else { ModelKind::OpenAi };
        models.push(ModelSettings { id, kind, base_url, model, api_key, daily_budget, timeout });
    }
    models
}

fn base_url(reader: &Reader<'_>, problems: &mut Problems) -> Option<String> {
    let text = reader.text("base_url", problems)?;
    let node = reader.node("base_url")?;
    match url::Url::parse(&text) {
        Ok(url) if url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url)) => Some(text.trim_end_matches('/').to_owned()),
        Ok(_) => {
            reader.refuse(
                "base_url",
                node,
                &format!("is {text:?}, not encrypted"),
                "write https://…; plain http is accepted on loopback only",
                problems,
            );
            None
        }
        Err(_) => {
            reader.refuse("base_url", node, &format!("is {text:?}, which is no address"), "write https://…", problems);
            None
        }
    }
}

fn daily_budget(reader: &Reader<'_>, problems: &mut Problems) -> Option<domain::Money> {
    let text = reader.text("daily_budget", problems)?;
    let parsed = text.split_once(' ').and_then(|(amount, currency)| {
        let (whole, cents) = amount.split_once('.').unwrap_or((amount, "0"));
        let cents: i64 = format!("{cents:0<2}").get(..2)?.parse().ok()?;
        let minor = whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(cents)?;
        let currency = currency.trim();
        (minor >= 0 && currency.len() == 3).then(|| domain::Money { minor, currency: currency.to_uppercase() })
    });
    if let (None, Some(node)) = (&parsed, reader.node("daily_budget")) {
        reader.refuse("daily_budget", node, &format!("is {text:?}"), "write \"5 EUR\"", problems);
    }
    parsed
}

/// Reads `[agents]`; every name must be a model.
pub fn agents(root: &Reader<'_>, models: &[ModelSettings], problems: &mut Problems) -> Agents {
    let nothing: Vec<Entry> = Vec::new();
    let (origin, entries) = match root.table("agents", problems) {
        Some((node, entries)) => (node.origin.clone(), entries),
        None => (root.origin().clone(), nothing.as_slice()),
    };
    let reader = Reader::open("[agents]", &origin, entries, &[AGENTS], problems);
    let mut list = |key: &str| {
        let names = reader.texts(key, problems).unwrap_or_default();
        for name in &names {
            if let (false, Some(node)) = (models.iter().any(|model| model.id == *name), reader.node(key)) {
                let known: Vec<&str> = models.iter().map(|model| model.id.as_str()).collect();
                let remedy = if known.is_empty() {
                    "add a [[models]] entry with that id".to_owned()
                } else {
                    format!("use one of: {}", known.join(", "))
                };
                reader.refuse(key, node, &format!("names the model {name:?}, which is not configured"), &remedy, problems);
            }
        }
        names
    };
    Agents { answerer: list("answerer"), qualifier: list("qualifier") }
}

/// Reads `[[knowledge]]`.
pub fn knowledge(root: &Reader<'_>, around: &Surroundings<'_>, problems: &mut Problems) -> Vec<KnowledgeSettings> {
    let mut sources: Vec<KnowledgeSettings> = Vec::new();
    for (number, (node, entries)) in root.tables("knowledge", problems).into_iter().enumerate() {
        let reader = Reader::open("[[knowledge]]", &node.origin, entries, &[KNOWLEDGE], problems);
        let id = reader.text("id", problems).unwrap_or_else(|| format!("source-{}", number + 1));
        if let Some(at) = reader.node("sitemap") {
            reader.refuse(
                "sitemap",
                at,
                "is not in this version yet",
                "save the pages in a folder and write path = \"./knowledge\"",
                problems,
            );
        }
        if let (true, Some(at)) = (sources.iter().any(|known| known.id == id), reader.node("id")) {
            reader.refuse("id", at, &format!("is {id:?}, which another source has already"), "choose another id", problems);
        }
        match reader.text("path", problems) {
            Some(path) => sources.push(KnowledgeSettings { id, path: around.folder.join(path) }),
            None if reader.node("path").is_none() && reader.node("sitemap").is_none() => {
                reader.missing("path", "name a folder: path = \"./knowledge\"", problems);
            }
            None => {}
        }
    }
    sources
}
