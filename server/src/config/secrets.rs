//! Secrets: from the environment, a file or, for the master key, a command. Their values are never printed.

use std::path::{Path, PathBuf};

use domain::Secret;

use super::document::{Node, Value};
use super::keys::Form;
use super::keys::Key;
use super::problems::Problems;
use super::reader::Reader;

/// Where relative paths start and the environment that is asked.
pub struct Surroundings<'a> {
    /// Folder of the configuration file.
    pub folder: &'a Path,
    /// A variable's value.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
}

/// Where the master key comes from.
#[derive(Debug, Clone)]
pub enum MasterKey {
    /// A file that only its owner may read.
    File(PathBuf),
    /// The value itself, from the environment or a command.
    Value(Secret<String>),
}

const ENV_OR_FILE: &[Key] = &[
    Key { name: "env", form: Form::Text, about: "Variable that holds it." },
    Key { name: "file", form: Form::Text, about: "File that holds it." },
];

const ENV_FILE_OR_COMMAND: &[Key] = &[
    Key { name: "env", form: Form::Text, about: "Variable that holds it." },
    Key { name: "file", form: Form::Text, about: "File that holds it." },
    Key { name: "command", form: Form::Text, about: "Command that prints it." },
];

/// Words people leave in a template.
const PLACEHOLDERS: &[&str] = &[
    "changeme",
    "change-me",
    "change_me",
    "secret",
    "password",
    "placeholder",
    "todo",
    "xxx",
    "xxxx",
    "xxxxx",
    "xxxxxxxx",
    "your-token",
    "your_token",
    "your-secret",
    "your_secret",
    "your-token-here",
    "your_token_here",
    "your-secret-here",
    "insert-here",
    "…",
    "...",
    "replace-me",
    "replaceme",
    "replace_me",
    "<token>",
    "<secret>",
];

/// Reads a secret or a list of two; a bad one is a problem that never shows its value.
pub fn read(reader: &Reader<'_>, key: &str, least: usize, around: &Surroundings<'_>, problems: &mut Problems) -> Vec<Secret<String>> {
    let Some(node) = reader.node(key) else { return Vec::new() };
    match &node.value {
        Value::List(items) if items.is_empty() || items.len() > 2 => {
            reader.refuse(key, node, "must be one secret, or two while rotating", "keep the current one and the previous one", problems);
            Vec::new()
        }
        Value::List(items) => items.iter().filter_map(|item| one(reader, key, item, least, around, problems)).collect(),
        Value::Text(_) | Value::Integer(_) | Value::Float(_) | Value::Flag(_) | Value::Date(_) | Value::Table(_) => {
            one(reader, key, node, least, around, problems).into_iter().collect()
        }
    }
}

/// Reads the master key's place.
pub fn read_master_key(reader: &Reader<'_>, around: &Surroundings<'_>, problems: &mut Problems) -> Option<MasterKey> {
    const KEY: &str = "master_key";
    let node = reader.node(KEY)?;
    let Value::Table(entries) = &node.value else {
        reader.refuse(KEY, node, "must say where the key is", "write { file = \"…\" }, { env = \"…\" } or { command = \"…\" }", problems);
        return None;
    };
    let inner = Reader::open(KEY, &node.origin, entries, &[ENV_FILE_OR_COMMAND], problems);
    if let Some(path) = inner.text("file", problems) {
        let path = around.folder.join(path);
        if is_readable_by_others(&path) {
            reader.refuse(KEY, node, "is a file that other users can read", &format!("run: chmod 600 {}", path.display()), problems);
        }
        return Some(MasterKey::File(path));
    }
    if let Some(command) = inner.text("command", problems) {
        return match std::process::Command::new("sh").arg("-c").arg(&command).output() {
            Ok(output) if output.status.success() => {
                checked(reader, KEY, node, String::from_utf8_lossy(&output.stdout).trim_end().to_owned(), 32, problems)
                    .map(MasterKey::Value)
            }
            Ok(_) | Err(_) => {
                reader.refuse(KEY, node, "comes from a command that fails", "run the command by hand and correct it", problems);
                None
            }
        };
    }
    one(reader, KEY, node, 32, around, problems).map(MasterKey::Value)
}

fn one(
    reader: &Reader<'_>,
    key: &str,
    node: &Node,
    least: usize,
    around: &Surroundings<'_>,
    problems: &mut Problems,
) -> Option<Secret<String>> {
    let value = match &node.value {
        Value::Text(text) => text.clone(),
        Value::Table(entries) => {
            let inner = Reader::open(key, &node.origin, entries, &[ENV_OR_FILE], problems);
            let variable = inner.text("env", problems);
            let file = inner.text("file", problems);
            match (variable, file) {
                (Some(name), None) => {
                    let Some(value) = (around.variable)(&name) else {
                        reader.refuse(
                            key,
                            node,
                            &format!("needs the environment variable {name}, which is not set"),
                            &format!("set {name}, or use {{ file = \"…\" }}"),
                            problems,
                        );
                        return None;
                    };
                    value
                }
                (None, Some(path)) => {
                    let path = around.folder.join(path);
                    match std::fs::read_to_string(&path) {
                        Ok(value) => value.trim_end_matches(['\r', '\n']).to_owned(),
                        Err(error) => {
                            reader.refuse(
                                key,
                                node,
                                &format!("needs the file {}, which cannot be read: {error}", path.display()),
                                "create the file, readable by this user only",
                                problems,
                            );
                            return None;
                        }
                    }
                }
                (Some(_), Some(_)) => {
                    reader.refuse(key, node, "has both env and file", "keep one of the two", problems);
                    return None;
                }
                (None, None) => {
                    reader.refuse(
                        key,
                        node,
                        "does not say where the secret is",
                        "write { env = \"NAME\" } or { file = \"path\" }",
                        problems,
                    );
                    return None;
                }
            }
        }
        other @ (Value::Integer(_) | Value::Float(_) | Value::Flag(_) | Value::Date(_) | Value::List(_)) => {
            reader.wrong_form(key, node, "{ env = \"NAME\" } or { file = \"path\" }", other, problems);
            return None;
        }
    };
    checked(reader, key, node, value, least, problems)
}

fn checked(reader: &Reader<'_>, key: &str, node: &Node, value: String, least: usize, problems: &mut Problems) -> Option<Secret<String>> {
    let plain = value.trim().to_lowercase();
    if plain.is_empty() {
        reader.refuse(key, node, "is empty", "set the real secret; there is no way to switch the check off", problems);
        return None;
    }
    if PLACEHOLDERS.contains(&plain.as_str()) {
        reader.refuse(key, node, "is a placeholder", "set the real secret", problems);
        return None;
    }
    let length = value.chars().count();
    if length < least {
        reader.refuse(
            key,
            node,
            &format!("has {length} characters, but needs at least {least}"),
            "make one with: openssl rand -hex 32",
            problems,
        );
        return None;
    }
    Some(Secret::new(value))
}

/// May anybody but the owner read it?
#[cfg(unix)]
fn is_readable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_readable_by_others(_path: &Path) -> bool {
    false
}
