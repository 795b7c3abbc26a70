//! What is wrong with a configuration, all of it in one go.

use std::fmt;
use std::sync::Arc;

/// Where something was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// In a file.
    File {
        /// Its name.
        file: Arc<str>,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// In an environment variable.
    Environment(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { file, line, column } => write!(out, "{file}:{line}:{column}"),
            Self::Environment(name) => write!(out, "environment variable {name}"),
        }
    }
}

/// One thing that is wrong, with its remedy. Never holds a secret's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub origin: Origin,
    /// What, naming the key.
    pub what: String,
    /// The nearest key that exists.
    pub nearest: Option<String>,
    /// What to do.
    pub remedy: String,
}

impl Problem {
    /// A problem with its remedy.
    pub fn new(origin: Origin, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { origin, what: what.into(), nearest: None, remedy: remedy.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.origin, self.what)?;
        if let Some(nearest) = &self.nearest {
            write!(out, "\n    nearest key: {nearest}")?;
        }
        write!(out, "\n    remedy: {}", self.remedy)
    }
}

/// Everything found wrong so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// One more.
    pub fn add(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// Nothing wrong?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, in the order found.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        writeln!(out, "the configuration has {count} problem{}:", if count == 1 { "" } else { "s" })?;
        for problem in &self.0 {
            writeln!(out, "  {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
