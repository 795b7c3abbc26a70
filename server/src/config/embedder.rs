//! `[server.embedder]`: what makes vectors, so that old messages are also found by what they mean.

use std::path::PathBuf;

use domain::Secret;

use super::keys::EMBEDDER;
use super::problems::Problems;
use super::reader::Reader;
use super::secrets::{self, Surroundings};
use super::sources::base_url;

/// Where vectors come from.
#[derive(Debug, Clone)]
pub enum EmbedderSettings {
    /// An encoder in this folder, computed here.
    Folder(PathBuf),
    /// A server that speaks `/embeddings`.
    Server {
        /// Without a slash at the end.
        base_url: String,
        /// As that server calls it.
        model: String,
        /// Key for it.
        api_key: Option<Secret<String>>,
    },
}

/// Reads the table of `[server]`.
pub fn read(server: &Reader<'_>, around: &Surroundings<'_>, problems: &mut Problems) -> Option<EmbedderSettings> {
    let (node, entries) = server.table("embedder", problems)?;
    let reader = Reader::open("[server.embedder]", &node.origin, entries, &[EMBEDDER], problems);
    let folder = reader.text("dir", problems).map(|folder| around.folder.join(folder));
    let base_url = base_url(&reader, problems);
    let model = reader.text("model", problems).filter(|model| !model.trim().is_empty());
    let api_key = secrets::read(&reader, "api_key", 0, around, problems).into_iter().next();
    match (folder, reader.node("base_url")) {
        (Some(_), Some(other)) => {
            reader.refuse("base_url", other, "stands beside `dir`", "name a folder or a server, not both", problems);
            None
        }
        (Some(folder), None) if !folder.join("config.json").is_file() => {
            let node = reader.node("dir")?;
            let what = format!("is {:?}, where there is no config.json", folder.display().to_string());
            reader.refuse("dir", node, &what, "name the folder of a BERT-like sentence encoder, as docs/memory.md says", problems);
            None
        }
        (Some(folder), None) => Some(EmbedderSettings::Folder(folder)),
        (None, Some(_)) => {
            if model.is_none() {
                reader.missing("model", "say which of that server's models is meant", problems);
            }
            Some(EmbedderSettings::Server { base_url: base_url?, model: model?, api_key })
        }
        (None, None) => {
            reader.missing("dir", "name the folder of an encoder, or base_url and model of a server with /embeddings", problems);
            None
        }
    }
}
