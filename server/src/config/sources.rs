//! `[[models]]`, `[agents]` and `[[knowledge]]`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::{Secret, WorkspaceId};

use super::connections::{is_loopback, is_slug};
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
    /// What it costs and what may be spent on it.
    pub price: ModelPrice,
    /// Longest wait for an answer.
    pub timeout: Duration,
}

/// Amounts in millionths of the currency.
#[derive(Debug, Clone, Default)]
pub struct ModelPrice {
    /// Of a million tokens in.
    pub input: Option<i64>,
    /// Of a million tokens out.
    pub output: Option<i64>,
    /// Most that may be spent a day.
    pub daily_budget: Option<i64>,
    /// The one currency of all of them.
    pub currency: Option<String>,
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
    /// Where it is.
    pub place: Place,
}

/// Where a source is.
#[derive(Debug, Clone)]
pub enum Place {
    /// A folder or a file.
    Folder(PathBuf),
    /// A website.
    Site(Site),
}

/// A website whose pages are read.
#[derive(Debug, Clone)]
pub struct Site {
    /// Address of its sitemap.
    pub sitemap: String,
    /// How often it is read again.
    pub every: Duration,
    /// Pages that are read at most.
    pub most_pages: usize,
}

impl KnowledgeSettings {
    /// The folder that is read; a website's pages are kept in one below the data folder.
    pub fn folder(&self, data_dir: &Path, workspace: &WorkspaceId) -> PathBuf {
        match &self.place {
            Place::Folder(path) => path.clone(),
            Place::Site(_) => data_dir.join("sites").join(workspace.as_str()).join(&self.id),
        }
    }
}

/// Reads `[[models]]`.
pub fn models(root: &Reader<'_>, around: &Surroundings<'_>, problems: &mut Problems) -> Vec<ModelSettings> {
    let mut models: Vec<ModelSettings> = Vec::new();
    let mut currency = None;
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
        let price = ModelPrice {
            input: amount("input_price", &reader, &mut currency, problems),
            output: amount("output_price", &reader, &mut currency, problems),
            daily_budget: amount("daily_budget", &reader, &mut currency, problems),
            currency: currency.clone(),
        };
        let timeout = reader.span("timeout", problems).unwrap_or(Duration::from_secs(20));
        let (Some(id), Some(kind), Some(base_url), Some(model)) = (id, kind, base_url, model) else { continue };
        if let (true, Some(at)) = (models.iter().any(|known| known.id == id), reader.node("id")) {
            reader.refuse("id", at, &format!("is {id:?}, which another model has already"), "choose another id", problems);
        }
        let kind = if kind == "anthropic" { ModelKind::Anthropic } else { ModelKind::OpenAi };
        models.push(ModelSettings { id, kind, base_url, model, api_key, price, timeout });
    }
    models
}

pub(super) fn base_url(reader: &Reader<'_>, problems: &mut Problems) -> Option<String> {
    address("base_url", reader, problems)
}

/// An encrypted address, or one on this machine.
pub(super) fn address(key: &str, reader: &Reader<'_>, problems: &mut Problems) -> Option<String> {
    let text = reader.text(key, problems)?;
    let node = reader.node(key)?;
    match url::Url::parse(&text) {
        Ok(url) if url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url)) => Some(text.trim_end_matches('/').to_owned()),
        Ok(_) => {
            reader.refuse(
                key,
                node,
                &format!("is {text:?}, not encrypted"),
                "write https://…; plain http is accepted on loopback only",
                problems,
            );
            None
        }
        Err(_) => {
            reader.refuse(key, node, &format!("is {text:?}, which is no address"), "write https://…", problems);
            None
        }
    }
}

/// "0.15 EUR" as millionths of the currency; all amounts of the models are in one currency, the first one's.
fn amount(key: &str, reader: &Reader<'_>, currency: &mut Option<String>, problems: &mut Problems) -> Option<i64> {
    let (text, node) = (reader.text(key, problems)?, reader.node(key)?);
    let parsed = text.split_once(' ').and_then(|(amount, currency)| {
        let (whole, parts) = amount.split_once('.').unwrap_or((amount, "0"));
        let is_figure = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !is_figure(whole) || !is_figure(parts) || parts.len() > 6 {
            return None;
        }
        let micros = whole.parse::<i64>().ok()?.checked_mul(1_000_000)?.checked_add(format!("{parts:0<6}").parse().ok()?)?;
        let currency = currency.trim();
        (currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_alphabetic())).then(|| (micros, currency.to_uppercase()))
    });
    let Some((micros, own)) = parsed else {
        reader.refuse(key, node, &format!("is {text:?}"), "write an amount and a currency: \"0.15 EUR\"", problems);
        return None;
    };
    let first = currency.get_or_insert_with(|| own.clone());
    if *first != own {
        reader.refuse(key, node, &format!("is in {own}, another amount in {first}"), "use one currency for all models", problems);
        return None;
    }
    Some(micros)
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
        if let (true, Some(at)) = (sources.iter().any(|known| known.id == id), reader.node("id")) {
            reader.refuse("id", at, &format!("is {id:?}, which another source has already"), "choose another id", problems);
        }
        if let Some(at) = reader.node("id").filter(|_| !is_slug(&id)) {
            reader.refuse("id", at, &format!("is {id:?}"), "use letters, digits, - and _", problems);
        }
        if let (Some(at), Some(_)) = (reader.node("sitemap"), reader.node("path")) {
            reader.refuse("sitemap", at, "stands beside a path", "write a [[knowledge]] of its own for each", problems);
        }
        let site = site(&reader, problems);
        match reader.text("path", problems) {
            Some(path) => sources.push(KnowledgeSettings { id, place: Place::Folder(around.folder.join(path)) }),
            None if reader.node("path").is_none() && reader.node("sitemap").is_none() => {
                reader.missing("path", "name a folder: path = \"./knowledge\"", problems);
            }
            None => sources.extend(site.map(|site| KnowledgeSettings { id, place: Place::Site(site) })),
        }
    }
    sources
}

fn site(reader: &Reader<'_>, problems: &mut Problems) -> Option<Site> {
    let every = reader.span("every", problems).unwrap_or(Duration::from_hours(6));
    let most_pages = reader.integer("most_pages", 1, 10_000, problems).unwrap_or(500);
    let is_site = reader.node("sitemap").is_some();
    for key in ["every", "most_pages"] {
        if let Some(at) = reader.node(key).filter(|_| !is_site) {
            reader.refuse(key, at, "is for a sitemap", "folders are read as they change: leave it out", problems);
        }
    }
    if let Some(at) = reader.node("every").filter(|_| every < Duration::from_mins(1)) {
        reader.refuse("every", at, "is shorter than a minute", "write \"6h\"", problems);
    }
    let text = reader.text("sitemap", problems)?;
    let node = reader.node("sitemap")?;
    match url::Url::parse(&text) {
        Ok(url) if url.has_host() && (url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url))) => {
            Some(Site { sitemap: url.into(), every, most_pages: usize::try_from(most_pages).unwrap_or(500) })
        }
        Ok(_) | Err(_) => {
            let remedy = "write https://your.site/sitemap.xml; plain http is accepted on loopback only";
            reader.refuse("sitemap", node, &format!("is {text:?}, which is no address to read from"), remedy, problems);
            None
        }
    }
}
