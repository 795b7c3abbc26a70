//! What lies in a knowledge folder, and what of it is read.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Larger files are skipped.
pub const LARGEST: u64 = 20 * 1024 * 1024;
/// Folders below folders below …: deeper ones are not entered.
const DEEPEST: usize = 16;

/// Why a file of another kind is left out.
pub const UNREADABLE: &str = "not Markdown, HTML, Word, PDF or CSV";

/// A file as the folder shows it, before it is opened.
#[derive(Debug, Clone, PartialEq)]
pub struct Sighting {
    /// Where it is.
    pub file: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// When it was written last.
    pub written: Option<SystemTime>,
}

/// What is there: files to read, and files left out with the reason.
#[derive(Debug, Default)]
pub struct Listing {
    /// By path relative to the folder, with `/`.
    pub files: BTreeMap<String, Sighting>,
    /// Path and reason.
    pub skipped: BTreeMap<String, String>,
}

/// Lists a folder and what is below it.
pub fn list(folder: &Path) -> std::io::Result<Listing> {
    let root = folder.canonicalize()?;
    let mut listing = Listing::default();
    walk(&root, &root, 0, &mut listing)?;
    Ok(listing)
}

fn walk(root: &Path, folder: &Path, depth: usize, listing: &mut Listing) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let relative = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        let mut skip = |why: &str| {
            listing.skipped.insert(relative.clone(), why.to_owned());
        };
        if entry.file_name().to_string_lossy().starts_with('.') {
            skip("hidden");
            continue;
        }
        let target = match path.canonicalize() {
            Ok(target) if target.starts_with(root) => target,
            Ok(_) => {
                skip("a link out of the folder");
                continue;
            }
            Err(_) => {
                skip("cannot be opened");
                continue;
            }
        };
        let Ok(seen) = fs::metadata(&target) else {
            skip("cannot be opened");
            continue;
        };
        if seen.is_dir() {
            if entry.file_type()?.is_symlink() {
                skip("a link to a folder");
            } else if depth >= DEEPEST {
                skip("too deep");
            } else {
                walk(root, &path, depth + 1, listing)?;
            }
        } else if !is_readable(&relative) {
            skip(UNREADABLE);
        } else if seen.len() > LARGEST {
            skip("larger than 20 MB");
        } else {
            listing.files.insert(relative, Sighting { file: target, bytes: seen.len(), written: seen.modified().ok() });
        }
    }
    Ok(())
}

/// Is this a kind of file that is read?
pub fn is_readable(path: &str) -> bool {
    matches!(extension(path).as_str(), "md" | "markdown" | "txt" | "html" | "htm" | "csv" | "tsv" | "docx" | "pdf")
}

/// The extension in lower case.
pub fn extension(path: &str) -> String {
    path.rsplit_once('.').map_or(String::new(), |(_, extension)| extension.to_lowercase())
}

/// A fingerprint of the content, to tell a touched file from a changed one.
pub fn fingerprint(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}
