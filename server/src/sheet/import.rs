//! An import: the mapping of a file's columns, its rows one after the other, and what came of each.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;

use anyhow::{Context, bail};
use domain::identifier::IdentifierKind;
use domain::{ImportId, WorkspaceId};
use engine::identity::import::{self, Column};
use engine::{Engine, RowOutcome, RowReport};
use futures::future::join_all;
use serde::Serialize;

use super::{Record, Rows};

/// Rows written at the same time; their commits share the disk.
const TOGETHER: usize = 32;

/// Which column is what.
#[derive(Debug, Clone)]
pub struct Mapping {
    headings: Vec<String>,
    columns: Vec<Column>,
}

impl Mapping {
    /// Guesses by the headings; `given` names the others (`heading` → meaning).
    pub fn of(headings: &[String], given: &[(String, String)]) -> anyhow::Result<Self> {
        let headings: Vec<String> = headings.iter().map(|heading| heading.trim().to_owned()).collect();
        let mut columns: Vec<Column> = headings.iter().map(|heading| Column::guessed(heading)).collect();
        for (heading, meaning) in given {
            let Some(place) = headings.iter().position(|known| known.eq_ignore_ascii_case(heading.trim())) else {
                bail!("there is no column {heading:?}; the file has {}", headings.join(", "));
            };
            columns[place] = Column::named(meaning)?;
        }
        if !columns.iter().any(|column| matches!(column, Column::Identifier(_))) {
            bail!("no column is an identifier: name one, such as --map \"{}=phone\"", headings.first().map_or("COLUMN", String::as_str));
        }
        Ok(Self { headings, columns })
    }

    /// Heading and meaning of each column.
    pub fn words(&self) -> Vec<(String, String)> {
        self.headings.iter().cloned().zip(self.columns.iter().map(Column::word)).collect()
    }
}

/// What came of a line.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// Its number in the file.
    pub line: u64,
    /// `created updated unchanged refused`.
    pub outcome: &'static str,
    /// Whose record it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// Problems, and what is worth knowing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// What came of a file.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Imported {
    /// The import; none in a dry run.
    pub import: Option<ImportId>,
    /// What each column was read as.
    pub columns: Vec<(String, String)>,
    /// Rows read.
    pub rows: u64,
    /// Customers made.
    pub created: u64,
    /// Customers who got something new.
    pub updated: u64,
    /// Rows of which everything was known.
    pub unchanged: u64,
    /// Rows that cannot be read; none of what they say was taken.
    pub refused: u64,
}

/// A row that waits to be written.
struct Pending {
    line: u64,
    row: import::Row,
    keys: Vec<u64>,
}

/// Imports a file, or tells what an import would do (`name`: `None`). `each` hears every line.
pub async fn run(
    engine: &Engine,
    workspace: &WorkspaceId,
    file: impl Read,
    given: &[(String, String)],
    name: Option<(&str, &str)>,
    each: &mut (dyn FnMut(&Line) -> anyhow::Result<()> + Send),
) -> anyhow::Result<Imported> {
    let settings = engine.workspace(workspace).context("there is no such workspace")?;
    let (region, primary): (String, IdentifierKind) = (settings.region.clone(), settings.primary_identifier);
    let mut rows = Rows::new(file);
    let first = rows.next_row()?.context("the file is empty")?;
    let headings = first.cells.map_err(|problem| anyhow::anyhow!("line {}: {problem}", first.line))?;
    let mapping = Mapping::of(&headings, given)?;
    let import = match name {
        Some((name, by)) => Some(engine.begin_import(workspace, name, by).await?),
        None => None,
    };
    let mut done = Imported { import, columns: mapping.words(), ..Imported::default() };
    let mut seen: HashMap<u64, u64> = HashMap::new();
    let mut waiting: Vec<Pending> = Vec::new();
    let mut busy: HashSet<u64> = HashSet::new();
    while let Some(record) = rows.next_row()? {
        let next = read(&record, &mapping, &region, primary, &mut seen);
        if waiting.len() >= TOGETHER || next.keys.iter().any(|key| busy.contains(key)) {
            write(engine, workspace, import, std::mem::take(&mut waiting), &mut done, each).await?;
            busy.clear();
        }
        busy.extend(&next.keys);
        waiting.push(next);
    }
    write(engine, workspace, import, waiting, &mut done, each).await?;
    Ok(done)
}

fn read(record: &Record, mapping: &Mapping, region: &str, primary: IdentifierKind, seen: &mut HashMap<u64, u64>) -> Pending {
    let mut row = match &record.cells {
        Ok(cells) => import::read(&mapping.columns, cells, region, primary),
        Err(problem) => import::Row { problems: vec![problem.clone()], ..import::Row::default() },
    };
    let keys: Vec<u64> = row
        .identifiers
        .iter()
        .map(|seen| {
            let mut hasher = DefaultHasher::new();
            (seen.kind, &seen.value).hash(&mut hasher);
            hasher.finish()
        })
        .collect();
    if let (Some(first), true) = (keys.first(), row.problems.is_empty()) {
        // Where two lines are about the same identifier, the later one holds.
        if let Some(before) = seen.insert(*first, record.line) {
            row.notes.push(format!("the same {} as line {before}; what this line says holds", row.identifiers[0].kind));
        }
    }
    Pending { line: record.line, row, keys }
}

async fn write(
    engine: &Engine,
    workspace: &WorkspaceId,
    import: Option<ImportId>,
    rows: Vec<Pending>,
    done: &mut Imported,
    each: &mut (dyn FnMut(&Line) -> anyhow::Result<()> + Send),
) -> anyhow::Result<()> {
    let reports = join_all(rows.iter().map(|read| engine.import_row(workspace, import, read.line, &read.row))).await;
    for (read, report) in rows.iter().zip(reports) {
        let RowReport { outcome, customer, mut notes } = report?;
        notes.extend(read.row.notes.iter().cloned());
        done.rows += 1;
        let (count, outcome) = match outcome {
            RowOutcome::Created => (&mut done.created, "created"),
            RowOutcome::Updated => (&mut done.updated, "updated"),
            RowOutcome::Unchanged => (&mut done.unchanged, "unchanged"),
            RowOutcome::Refused => (&mut done.refused, "refused"),
        };
        *count += 1;
        each(&Line { line: read.line, outcome, customer: customer.map(|id| id.to_string()), notes })?;
    }
    Ok(())
}
