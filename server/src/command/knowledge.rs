//! `rapport knowledge add|list|ask`.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use clap::Subcommand;
use domain::WorkspaceId;
use domain::ports::Knowledge as _;
use domain::settings::WorkspaceSettings;
use engine::{Engine, Parts};
use serde_json::json;

use crate::config::{KnowledgeSettings, Place, WorkspaceConfiguration};
use crate::jobs::crawl;
use crate::library::Sources;
use crate::time::{BusinessClock, SteadyTime, SystemRandomness, real_now};
use crate::wiring;

use super::{BadResult, ConfigFile, runtime, say};

#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(subcommand)]
    act: Act,
    #[command(flatten)]
    file: ConfigFile,
    /// Workspace, when it is not the first one.
    #[arg(long, global = true)]
    workspace: Option<String>,
    /// Answers as JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Copies a document or a web page into the first knowledge folder.
    Add {
        /// The document, or the address of a page.
        document: String,
    },
    /// Lists the sources with what became of them.
    List,
    /// Answers a question from the sources, with citations; exit code 1 when they do not say.
    Ask {
        /// The question.
        question: String,
    },
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let configuration = options.file.load()?;
    let wanted = options.workspace.as_deref();
    let data_dir = configuration.server.data_dir.clone();
    let workspace = configuration
        .workspaces
        .into_iter()
        .find(|workspace| wanted.is_none_or(|id| workspace.settings.id.as_str() == id))
        .context("there is no such workspace")?;
    match &options.act {
        Act::Add { document } if document.starts_with("https://") || document.starts_with("http://") => {
            let (name, bytes) = runtime()?.block_on(crawl::page(&wiring::vendor_client()?, document))?;
            put(&workspace, &name, &bytes)
        }
        Act::Add { document } => {
            let path = Path::new(document);
            let name = path.file_name().context("this is no document")?.to_string_lossy().into_owned();
            anyhow::ensure!(knowledge::is_readable(&name), "{name} is no Markdown, HTML, Word, PDF or CSV: nobody could read it");
            put(&workspace, &name, &std::fs::read(path).with_context(|| format!("cannot read {document}"))?)
        }
        Act::List => list(&workspace, &data_dir, options.json),
        Act::Ask { question } => ask(&workspace, &data_dir, question, options.json),
    }
}

fn put(workspace: &WorkspaceConfiguration, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let folder = |source: &KnowledgeSettings| match &source.place {
        Place::Folder(path) => Some((source.id.clone(), path.clone())),
        Place::Site(_) => None,
    };
    let found = workspace.knowledge.iter().find_map(folder);
    let (source, folder) = found.context("no knowledge folder is configured: add [[knowledge]] with a path")?;
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let target = folder.join(name);
    std::fs::write(&target, bytes).with_context(|| format!("cannot write {}", target.display()))?;
    say(&format!("{name} is in {source}; a running server reads it within seconds"))
}

fn read(workspace: &WorkspaceConfiguration, data_dir: &Path) -> Arc<Sources> {
    let sources = Arc::new(Sources::default());
    for source in &workspace.knowledge {
        sources.sync(&workspace.settings.id, &source.id, &source.folder(data_dir, &workspace.settings.id), real_now());
    }
    sources
}

fn list(workspace: &WorkspaceConfiguration, data_dir: &Path, as_json: bool) -> anyhow::Result<()> {
    let states = read(workspace, data_dir).sources(&workspace.settings.id);
    if as_json {
        return say(&serde_json::to_string(&states)?);
    }
    for state in states {
        let fate = match (&state.skipped, state.outdated) {
            (Some(reason), _) => format!("skipped: {reason}"),
            (None, true) => "out of date, never quoted".to_owned(),
            (None, false) => format!("{} passages, {}", state.passages, state.audience),
        };
        say(&format!("{}  {fate}", state.path))?;
    }
    Ok(())
}

fn ask(workspace: &WorkspaceConfiguration, data_dir: &Path, question: &str, as_json: bool) -> anyhow::Result<()> {
    let answer = runtime()?.block_on(async {
        let engine = engine_over(workspace.settings.clone(), read(workspace, data_dir)).await?;
        anyhow::Ok(engine.ask(&workspace.settings.id, question))
    })?;
    if as_json {
        say(&json!({ "answer": answer.text, "citations": answer.citations, "confidence": answer.confidence }).to_string())?;
    } else {
        say(answer.text.as_deref().unwrap_or("The sources do not say."))?;
        for passage in &answer.citations {
            say(&format!("  [{}] {}", passage.source, passage.heading))?;
        }
    }
    if answer.text.is_some() { Ok(()) } else { Err(BadResult.into()) }
}

/// An engine over sources alone: nothing of it outlives the command.
pub async fn engine_over(settings: WorkspaceSettings, sources: Arc<Sources>) -> anyhow::Result<Arc<Engine>> {
    let opened = store::open(store::Settings::new(store::Location::SqliteMemory, domain::Secret::new([0; 32]))).await?;
    let id: WorkspaceId = settings.id.clone();
    let storage = wiring::with_bells(opened);
    storage.store.ensure_workspace(&id, &settings.name, real_now()).await?;
    Ok(Engine::new(Parts {
        store: storage.store,
        knowledge: sources,
        clock: Arc::new(BusinessClock::default()),
        monotonic: Arc::new(SteadyTime::starting_from(None)),
        random: Arc::new(SystemRandomness::default()),
        doors: Vec::new(),
        workspaces: vec![settings],
        models: std::collections::HashMap::new(),
        tools: std::collections::HashMap::new(),
        embedder: None,
    }))
}
