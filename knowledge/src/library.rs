//! The shelves of several workspaces: synced from folders, read without waiting.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use domain::id::WorkspaceId;
use domain::knowledge::{Conflict, Passage, Question, SourceState};
use domain::ports::Knowledge;
use domain::time::Timestamp;
use jiff::civil::Date;

use crate::block::Document;
use crate::conflicts::conflicts;
use crate::folder::{self, Listing, Sighting};
use crate::index::Index;
use crate::validity::Validity;
use crate::{docx, html, markdown, names, passages, pdf, sheet, text};

/// What one sync did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SyncReport {
    /// Files read because they were new or changed.
    pub read: usize,
    /// Files taken as they were.
    pub unchanged: usize,
    /// Sources that are gone.
    pub removed: usize,
    /// Files left out, with the reason.
    pub skipped: Vec<(String, String)>,
    /// Passages that can be found now.
    pub passages: usize,
    /// Does the search answer differently from before? (A date may have passed without any file changing.)
    pub changed: bool,
}

/// The knowledge of all workspaces. Reads take a snapshot and never wait for a sync.
#[derive(Debug, Default)]
pub struct Library {
    shelves: RwLock<Arc<HashMap<WorkspaceId, Arc<Shelf>>>>,
    /// One sync at a time: what was read is kept here between syncs.
    sources: Mutex<HashMap<WorkspaceId, BTreeMap<String, Source>>>,
}

/// A document that lies in no folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The file's name; one of a kind.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// When it was given; another time is another content.
    pub at: Timestamp,
}

impl Given {
    fn sighting(&self) -> Sighting {
        let since = Duration::from_micros(u64::try_from(self.at.as_micros()).unwrap_or(0));
        Sighting { file: PathBuf::new(), bytes: self.size, written: Some(SystemTime::UNIX_EPOCH + since) }
    }
}

#[derive(Debug, Default)]
struct Shelf {
    index: Index,
    names: Vec<String>,
    states: Vec<SourceState>,
}

#[derive(Debug)]
struct Source {
    seen: Sighting,
    fingerprint: u64,
    read: Result<Read, String>,
}

#[derive(Debug, Clone)]
struct Read {
    document: Document,
    language: String,
    internal: bool,
    validity: Validity,
}

impl Library {
    /// An empty library.
    pub fn new() -> Self {
        Self::default()
    }

    /// Brings a workspace in line with its folder; reads only what changed. Safe to repeat, also when nothing changed:
    /// validity dates are looked at anew each time. A folder that cannot be read leaves the last state in place.
    pub fn sync(&self, workspace: &WorkspaceId, folder: &Path, now: Timestamp) -> SyncReport {
        match folder::list(folder) {
            Ok(listing) => self.follow(workspace, listing, |_, seen| fs::read(&seen.file), now),
            Err(error) => {
                tracing::warn!(%error, "knowledge folder cannot be read, keeping what was known");
                SyncReport {
                    passages: self.shelf(workspace).map_or(0, |shelf| shelf.index.len()),
                    skipped: vec![(folder.display().to_string(), error.to_string())],
                    ..SyncReport::default()
                }
            }
        }
    }

    /// Brings a workspace in line with documents that lie in no folder. The content of those that [`Self::lacks`] names comes
    /// along; a document without content stays as it was read.
    pub fn take(&self, workspace: &WorkspaceId, all: Vec<(Given, Option<Vec<u8>>)>, now: Timestamp) -> SyncReport {
        let mut listing = Listing::default();
        let mut contents = HashMap::new();
        for (given, content) in all {
            listing.files.insert(given.name.clone(), given.sighting());
            contents.insert(given.name, content);
        }
        let gone = || std::io::Error::from(std::io::ErrorKind::NotFound);
        self.follow(workspace, listing, |path, _| contents.remove(path).flatten().ok_or_else(gone), now)
    }

    /// Of these documents, those whose content has not been read.
    pub fn lacks<'a>(&self, workspace: &WorkspaceId, all: &'a [Given]) -> Vec<&'a Given> {
        let sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        let known = sources.get(workspace);
        let is_read = |given: &&Given| known.and_then(|known| known.get(&given.name)).is_some_and(|source| source.seen == given.sighting());
        all.iter().filter(|given| !is_read(given)).collect()
    }

    fn follow(
        &self,
        workspace: &WorkspaceId,
        listing: Listing,
        mut content: impl FnMut(&str, &Sighting) -> std::io::Result<Vec<u8>>,
        now: Timestamp,
    ) -> SyncReport {
        let mut report = SyncReport::default();
        let mut all = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        let sources = all.entry(workspace.clone()).or_default();
        let before = sources.len();
        sources.retain(|path, _| listing.files.contains_key(path));
        report.removed = before - sources.len();
        for (path, seen) in listing.files {
            let known = sources.get(&path);
            if known.is_some_and(|known| known.seen == seen && seen.written.is_some()) {
                report.unchanged += 1;
            } else if let Some(source) = refresh(&path, seen.clone(), content(&path, &seen), known) {
                sources.insert(path, source);
                report.read += 1;
            } else {
                if let Some(known) = sources.get_mut(&path) {
                    known.seen = seen;
                }
                report.unchanged += 1;
            }
        }
        report.skipped = listing.skipped.into_iter().collect();
        let today = now.in_zone("UTC").date();
        let shelf = shelve(sources, &report.skipped, today);
        report.passages = shelf.index.len();
        report.changed = report.read > 0 || report.removed > 0 || self.shelf(workspace).is_none_or(|known| known.states != shelf.states);
        if report.changed {
            let mut shelves = self.shelves.write().unwrap_or_else(PoisonError::into_inner);
            let mut next = HashMap::clone(&shelves);
            next.insert(workspace.clone(), Arc::new(shelf));
            *shelves = Arc::new(next);
        }
        report
    }

    /// All passages of a workspace that may be quoted.
    pub fn passages(&self, workspace: &WorkspaceId) -> Vec<Passage> {
        self.shelf(workspace).map_or_else(Vec::new, |shelf| shelf.index.passages().to_vec())
    }

    fn shelf(&self, workspace: &WorkspaceId) -> Option<Arc<Shelf>> {
        let shelves = Arc::clone(&self.shelves.read().unwrap_or_else(PoisonError::into_inner));
        shelves.get(workspace).cloned()
    }
}

impl Knowledge for Library {
    fn search(&self, workspace: &WorkspaceId, question: &Question, limit: usize) -> Vec<Passage> {
        self.shelf(workspace).map_or_else(Vec::new, |shelf| shelf.index.search(question, limit))
    }

    fn names(&self, workspace: &WorkspaceId) -> Vec<String> {
        self.shelf(workspace).map_or_else(Vec::new, |shelf| shelf.names.clone())
    }

    fn conflicts(&self, workspace: &WorkspaceId) -> Vec<Conflict> {
        self.shelf(workspace).map_or_else(Vec::new, |shelf| conflicts(shelf.index.passages()))
    }

    fn sources(&self, workspace: &WorkspaceId) -> Vec<SourceState> {
        self.shelf(workspace).map_or_else(Vec::new, |shelf| shelf.states.clone())
    }
}

/// Reads a file anew; `None` when only its time changed.
fn refresh(path: &str, seen: Sighting, content: std::io::Result<Vec<u8>>, known: Option<&Source>) -> Option<Source> {
    let bytes = match content {
        Ok(bytes) => bytes,
        Err(error) => return Some(Source { seen, fingerprint: 0, read: Err(error.to_string()) }),
    };
    let fingerprint = folder::fingerprint(&bytes);
    if known.is_some_and(|known| known.fingerprint == fingerprint && known.read.is_ok()) {
        return None;
    }
    Some(Source { seen, fingerprint, read: read(path, &bytes) })
}

/// Can this be read? `Err`: why not, in words for people.
pub fn try_reading(path: &str, bytes: &[u8]) -> Result<(), String> {
    if !folder::is_readable(path) {
        return Err(folder::UNREADABLE.to_owned());
    }
    let is_text = !matches!(folder::extension(path).as_str(), "docx" | "pdf");
    if is_text && !text::is_text(bytes) {
        return Err("it is no text".to_owned());
    }
    let read = read(path, bytes)?;
    if read.document.blocks.is_empty() { Err("there are no words in it".to_owned()) } else { Ok(()) }
}

fn read(path: &str, bytes: &[u8]) -> Result<Read, String> {
    let document = match folder::extension(path).as_str() {
        "html" | "htm" => html::read(&text::read(bytes)),
        "csv" | "tsv" => sheet::read(&text::read(bytes)),
        "docx" => docx::read(bytes)?,
        "pdf" => pdf::read(bytes)?,
        _ => markdown::read(&text::read(bytes)),
    }
    .visible();
    let language = language_of(&document);
    let internal = is_internal(&document, path);
    let validity = Validity::of(&document, path, &language);
    Ok(Read { document, language, internal, validity })
}

fn language_of(document: &Document) -> String {
    if let Some(language) = document.head("language").or_else(|| document.head("lang")) {
        return language.chars().take(2).collect::<String>().to_lowercase();
    }
    let begin = document.beginning(4_000);
    domain::lexicon::guess_language(&begin).unwrap_or("en").to_owned()
}

/// Internal by front matter, by folder, or by its own title: in doubt it stays inside.
fn is_internal(document: &Document, path: &str) -> bool {
    if let Some(audience) = document.head("audience") {
        return !matches!(audience.to_lowercase().as_str(), "public" | "customers" | "customer" | "everybody" | "all");
    }
    if path.split('/').rev().skip(1).any(|folder| folder.eq_ignore_ascii_case("internal")) {
        return true;
    }
    let title = document.heading().unwrap_or_default().to_lowercase();
    title.starts_with("internal:")
        || ["(internal)", "do not share", "not for customers", "staff only", "confidential", "[internal]"]
            .iter()
            .any(|mark| title.contains(mark))
}

fn shelve(sources: &BTreeMap<String, Source>, skipped: &[(String, String)], today: Date) -> Shelf {
    let mut states = Vec::new();
    let mut found = Vec::new();
    for (path, source) in sources {
        let mut state = SourceState {
            path: path.clone(),
            title: passages::title_of(path),
            passages: 0,
            audience: "public".to_owned(),
            outdated: false,
            skipped: None,
        };
        match &source.read {
            Err(why) => state.skipped = Some(why.clone()),
            Ok(read) => {
                if let Some(title) = read.document.heading() {
                    title.clone_into(&mut state.title);
                }
                let older = sources.iter().any(|(other, rival)| {
                    other != path
                        && rival.read.as_ref().is_ok_and(|rival| !rival.internal && read.validity.yields_to(&rival.validity, today))
                });
                if read.internal {
                    "internal".clone_into(&mut state.audience);
                } else if read.validity.is_ahead(today) {
                    state.skipped = read.validity.from.map(|from| format!("not valid before {from}"));
                } else if read.validity.is_over(today) || older {
                    state.outdated = true;
                } else {
                    let cut = passages::cut(&read.document, path, &read.language, today);
                    state.passages = cut.len();
                    found.extend(cut);
                }
            }
        }
        states.push(state);
    }
    for (path, why) in skipped {
        states.push(SourceState {
            path: path.clone(),
            title: passages::title_of(path),
            passages: 0,
            audience: "public".to_owned(),
            outdated: false,
            skipped: Some(why.clone()),
        });
    }
    let names = names::names(&found);
    Shelf { index: Index::build(found), names, states }
}
