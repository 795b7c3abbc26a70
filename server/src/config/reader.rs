//! Reads one table: known keys only, each of the right form, every fault noted.

use std::time::Duration;

use super::document::{Entry, Node, Value};
use super::keys::Key;
use super::problems::{Origin, Problem, Problems};

/// One table being read.
pub struct Reader<'a> {
    name: String,
    origin: Origin,
    entries: &'a [Entry],
}

impl<'a> Reader<'a> {
    /// Opens a table and notes every key that is not among `keys` (lists of key tables).
    pub fn open(name: &str, origin: &Origin, entries: &'a [Entry], keys: &[&[Key]], problems: &mut Problems) -> Self {
        let known: Vec<&str> = keys.iter().flat_map(|list| list.iter().map(|key| key.name)).collect();
        for entry in entries {
            if !known.contains(&entry.key.as_str()) {
                problems.add(unknown_key(name, &entry.key, &entry.origin, &known));
            }
        }
        Self { name: name.to_owned(), origin: origin.clone(), entries }
    }

    /// Where the table begins.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// A key's value.
    pub fn node(&self, key: &str) -> Option<&'a Node> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    /// `[table] key`, as people write about it.
    pub fn path(&self, key: &str) -> String {
        if self.name.is_empty() { format!("`{key}`") } else { format!("`{key}` in {}", self.name) }
    }

    /// Notes that a required key is absent.
    pub fn missing(&self, key: &str, remedy: &str, problems: &mut Problems) {
        problems.add(Problem::new(self.origin.clone(), format!("{} is missing", self.path(key)), remedy));
    }

    /// Notes that a value is bad.
    pub fn refuse(&self, key: &str, node: &Node, why: &str, remedy: &str, problems: &mut Problems) {
        problems.add(Problem::new(node.origin.clone(), format!("{} {why}", self.path(key)), remedy));
    }

    /// A string that is not empty.
    pub fn text(&self, key: &str, problems: &mut Problems) -> Option<String> {
        let node = self.node(key)?;
        match &node.value {
            Value::Text(text) if text.trim().is_empty() => {
                self.refuse(key, node, "is empty", "give it a value or remove the line", problems);
                None
            }
            Value::Text(text) => Some(text.clone()),
            other => {
                self.wrong_form(key, node, "a string", other, problems);
                None
            }
        }
    }

    /// A whole number from `least` to `most`.
    pub fn integer(&self, key: &str, least: i64, most: i64, problems: &mut Problems) -> Option<i64> {
        let node = self.node(key)?;
        match &node.value {
            Value::Integer(number) if (least..=most).contains(number) => Some(*number),
            Value::Integer(number) => {
                let why = format!("is {number}, but must be from {least} to {most}");
                self.refuse(key, node, &why, "choose a number in that range", problems);
                None
            }
            other => {
                self.wrong_form(key, node, "a whole number", other, problems);
                None
            }
        }
    }

    /// `true` or `false`.
    pub fn flag(&self, key: &str, problems: &mut Problems) -> Option<bool> {
        let node = self.node(key)?;
        match &node.value {
            Value::Flag(flag) => Some(*flag),
            other => {
                self.wrong_form(key, node, "true or false", other, problems);
                None
            }
        }
    }

    /// A list of strings.
    pub fn texts(&self, key: &str, problems: &mut Problems) -> Option<Vec<String>> {
        let node = self.node(key)?;
        let Value::List(items) = &node.value else {
            self.wrong_form(key, node, "a list of strings", &node.value, problems);
            return None;
        };
        let mut texts = Vec::new();
        for item in items {
            match &item.value {
                Value::Text(text) if !text.trim().is_empty() => texts.push(text.clone()),
                Value::Text(_) => self.refuse(key, item, "holds an empty string", "remove it", problems),
                other => self.wrong_form(key, item, "a list of strings", other, problems),
            }
        }
        Some(texts)
    }

    /// One of these words.
    pub fn word(&self, key: &str, words: &[&str], problems: &mut Problems) -> Option<String> {
        let text = self.text(key, problems)?;
        if words.contains(&text.as_str()) {
            return Some(text);
        }
        let node = self.node(key)?;
        let mut problem =
            Problem::new(node.origin.clone(), format!("{} is {text:?}", self.path(key)), format!("use one of: {}", words.join(", ")));
        problem.nearest = nearest(&text, words);
        problems.add(problem);
        None
    }

    /// A duration: `"30m"`, `"24h"`, `"90s"`, `"1500ms"`, `"2d"`, or several (`"1h30m"`).
    pub fn span(&self, key: &str, problems: &mut Problems) -> Option<Duration> {
        let node = self.node(key)?;
        let Value::Text(text) = &node.value else {
            self.wrong_form(key, node, "a duration such as \"30m\"", &node.value, problems);
            return None;
        };
        let parsed = parse_span(text);
        if parsed.is_none() {
            self.refuse(key, node, &format!("is {text:?}, which is no duration"), "write \"30m\", \"24h\" or \"90s\"", problems);
        }
        parsed
    }

    /// A table under this one.
    pub fn table(&self, key: &str, problems: &mut Problems) -> Option<(&'a Node, &'a [Entry])> {
        let node = self.node(key)?;
        match &node.value {
            Value::Table(entries) => Some((node, entries)),
            other => {
                self.wrong_form(key, node, "a table", other, problems);
                None
            }
        }
    }

    /// The tables of `[[key]]`.
    pub fn tables(&self, key: &str, problems: &mut Problems) -> Vec<(&'a Node, &'a [Entry])> {
        let Some(node) = self.node(key) else { return Vec::new() };
        let Value::List(items) = &node.value else {
            let remedy = format!("write it as [[{key}]]");
            self.refuse(key, node, &format!("is {}, but must be a list of tables", node.value.kind()), &remedy, problems);
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in items {
            match &item.value {
                Value::Table(entries) => tables.push((item, entries.as_slice())),
                other => self.wrong_form(key, item, "a list of tables", other, problems),
            }
        }
        tables
    }

    /// Notes that a value has the wrong form.
    pub fn wrong_form(&self, key: &str, node: &Node, wanted: &str, found: &Value, problems: &mut Problems) {
        let why = format!("is {}, but must be {wanted}", found.kind());
        self.refuse(key, node, &why, &format!("write {wanted}"), problems);
    }
}

/// The problem of a key nobody knows.
pub fn unknown_key(table: &str, key: &str, origin: &Origin, known: &[&str]) -> Problem {
    let place = if table.is_empty() { "at the top of the file".to_owned() } else { format!("in {table}") };
    let nearest = nearest(key, known);
    let remedy = match &nearest {
        Some(nearest) => format!("rename it to `{nearest}`, or remove it"),
        None => "remove it".to_owned(),
    };
    let mut problem = Problem::new(origin.clone(), format!("unknown key `{key}` {place}"), remedy);
    problem.nearest = nearest.or_else(|| closest(key, known));
    problem
}

/// The word that was probably meant.
fn nearest(written: &str, known: &[&str]) -> Option<String> {
    let best = closest(written, known)?;
    (strsim::normalized_damerau_levenshtein(written, &best) > 0.5 || best.starts_with(written)).then_some(best)
}

fn closest(written: &str, known: &[&str]) -> Option<String> {
    known
        .iter()
        .max_by(|a, b| strsim::normalized_damerau_levenshtein(written, a).total_cmp(&strsim::normalized_damerau_levenshtein(written, b)))
        .map(|found| (*found).to_owned())
}

/// Reads `"1h30m"`.
pub fn parse_span(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut total = Duration::ZERO;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
        let number: u64 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?.trim_start();
        let letters = rest.len() - rest.trim_start_matches(|letter: char| letter.is_ascii_alphabetic()).len();
        let milliseconds = match rest.get(..letters)? {
            "ms" => 1,
            "s" | "sec" => 1_000,
            "m" | "min" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return None,
        };
        total = total.checked_add(Duration::from_millis(number.checked_mul(milliseconds)?))?;
        rest = rest.get(letters..)?.trim_start();
    }
    (total <= Duration::from_hours(366 * 24)).then_some(total)
}
