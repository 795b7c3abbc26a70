//! A configuration file as a tree that remembers where each value was written.

use std::path::Path;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::problems::{Origin, Problem, Problems};

/// The largest configuration file that is read.
const LONGEST_FILE: usize = 512 * 1024;

/// A value and where it was written.
#[derive(Debug, Clone)]
pub struct Node {
    /// Where.
    pub origin: Origin,
    /// What.
    pub value: Value,
}

/// A value of the file.
#[derive(Debug, Clone)]
pub enum Value {
    /// A string.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Float(f64),
    /// `true` or `false`.
    Flag(bool),
    /// A bare date or time.
    Date(String),
    /// An array, or an array of tables.
    List(Vec<Node>),
    /// A table.
    Table(Vec<Entry>),
}

/// A key with its value.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key was written.
    pub origin: Origin,
    /// The value.
    pub node: Node,
}

impl Value {
    /// What it is, in words of the file format.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Integer(_) => "a whole number",
            Self::Float(_) => "a number with a fraction",
            Self::Flag(_) => "true or false",
            Self::Date(_) => "a date",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

/// Parses a file's text; what is wrong with it goes to `problems`.
pub fn parse(name: &Path, text: &str, problems: &mut Problems) -> Vec<Entry> {
    let file: Arc<str> = name.display().to_string().into();
    if text.len() > LONGEST_FILE {
        problems.add(Problem::new(
            Origin::File { file, line: 1, column: 1 },
            format!("the file has {} bytes", text.len()),
            format!("keep it under {LONGEST_FILE} bytes"),
        ));
        return Vec::new();
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let places = Places { file, text };
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let origin = places.at(error.span().map_or(0, |span| span.start));
        problems.add(Problem::new(origin, error.message().to_owned(), "correct the TOML on this line"));
    }
    entries(table.get_ref(), &places, problems)
}

/// Reads a value given in an environment variable: TOML where it is TOML, else plain text.
pub fn parse_value(variable: &str, text: &str) -> Node {
    let origin = Origin::Environment(variable.to_owned());
    let mut ignored = Problems::default();
    let places = Places { file: variable.into(), text };
    let value = match DeValue::parse(text) {
        Ok(parsed) => convert(parsed.get_ref(), &places, 0, &mut ignored),
        Err(_) => None,
    };
    let value = value.filter(|_| ignored.is_empty()).unwrap_or_else(|| Value::Text(text.to_owned()));
    Node { origin: origin.clone(), value: relocate(value, &origin) }
}

fn relocate(value: Value, origin: &Origin) -> Value {
    match value {
        Value::List(items) => {
            Value::List(items.into_iter().map(|item| Node { origin: origin.clone(), value: relocate(item.value, origin) }).collect())
        }
        Value::Table(entries) => Value::Table(
            entries
                .into_iter()
                .map(|entry| Entry {
                    key: entry.key,
                    origin: origin.clone(),
                    node: Node { origin: origin.clone(), value: relocate(entry.node.value, origin) },
                })
                .collect(),
        ),
        Value::Text(_) | Value::Integer(_) | Value::Float(_) | Value::Flag(_) | Value::Date(_) => value,
    }
}

struct Places<'a> {
    file: Arc<str>,
    text: &'a str,
}

impl Places<'_> {
    fn at(&self, offset: usize) -> Origin {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |tail| tail.chars().count()) + 1;
        Origin::File { file: Arc::clone(&self.file), line, column }
    }
}

fn entries(table: &DeTable<'_>, places: &Places<'_>, problems: &mut Problems) -> Vec<Entry> {
    let mut entries: Vec<(usize, Entry)> = table
        .iter()
        .filter_map(|(key, value)| {
            let value_span = value.span();
            let parsed = convert(value.get_ref(), places, value_span.start, problems)?;
            let node = Node { origin: places.at(value_span.start), value: parsed };
            let start = key.span().start;
            Some((start, Entry { key: key.get_ref().to_string(), origin: places.at(start), node }))
        })
        .collect();
    entries.sort_by_key(|(start, _)| *start);
    entries.into_iter().map(|(_, entry)| entry).collect()
}

fn convert(value: &DeValue<'_>, places: &Places<'_>, start: usize, problems: &mut Problems) -> Option<Value> {
    let mut refuse = |what: String| {
        problems.add(Problem::new(places.at(start), what, "write a smaller number"));
        None
    };
    match value {
        DeValue::String(text) => Some(Value::Text(text.to_string())),
        DeValue::Integer(number) => match i64::from_str_radix(&number.as_str().replace('_', ""), number.radix()) {
            Ok(number) => Some(Value::Integer(number)),
            // What is no number at all has been named already.
            Err(_) if number.as_str().is_empty() => None,
            Err(_) => refuse(format!("{} is too large a number", number.as_str())),
        },
        DeValue::Float(number) => match number.as_str().replace('_', "").parse() {
            Ok(number) => Some(Value::Float(number)),
            Err(_) => refuse(format!("{} is no number", number.as_str())),
        },
        DeValue::Boolean(flag) => Some(Value::Flag(*flag)),
        DeValue::Datetime(date) => Some(Value::Date(date.to_string())),
        DeValue::Array(items) => Some(Value::List(
            items
                .iter()
                .filter_map(|item| {
                    let at = item.span().start;
                    Some(Node { origin: places.at(at), value: convert(item.get_ref(), places, at, problems)? })
                })
                .collect(),
        )),
        DeValue::Table(table) => Some(Value::Table(entries(table, places, problems))),
    }
}
