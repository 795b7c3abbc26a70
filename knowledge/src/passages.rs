//! Blocks as passages: short sections whole, paragraphs, list items with their lead-in, rows with their column names.

use domain::knowledge::Passage;
use jiff::civil::Date;

use crate::amounts;
use crate::block::{Block, Document};
use crate::validity::Validity;

/// A section up to this many characters stays one passage.
const SHORT_SECTION: usize = 600;

/// Cuts a document; sections whose heading says that they are over are left out.
pub fn cut(document: &Document, source: &str, language: &str, today: Date) -> Vec<Passage> {
    let currency = amounts::currency_of(document);
    let mut cutter = Cutter { source, language, currency, path: Vec::new(), prose: Vec::new(), passages: Vec::new(), over: None };
    if document.heading().is_none() || !matches!(document.blocks.first(), Some(Block::Heading { .. })) {
        let title = document.title.clone().filter(|title| !title.is_empty()).unwrap_or_else(|| title_of(source));
        cutter.path.push((1, title));
    }
    for block in &document.blocks {
        cutter.take(block, today);
    }
    cutter.flush();
    cutter.passages
}

/// `opening-hours.html` → `Opening hours`.
pub fn title_of(source: &str) -> String {
    let file = source.rsplit('/').next().unwrap_or(source);
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem).replace(['-', '_'], " ");
    let mut letters = stem.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().collect::<String>() + letters.as_str(),
        None => stem,
    }
}

struct Cutter<'a> {
    source: &'a str,
    language: &'a str,
    /// What the document says its amounts are in.
    currency: Option<&'static str>,
    path: Vec<(usize, String)>,
    prose: Vec<String>,
    passages: Vec<Passage>,
    /// Level of a heading that says its section is over.
    over: Option<usize>,
}

impl Cutter<'_> {
    fn take(&mut self, block: &Block, today: Date) {
        if let Block::Heading { level, text } = block {
            self.flush();
            self.path.retain(|(known, _)| known < level);
            self.path.push((*level, text.clone()));
            if self.over.is_some_and(|over| *level <= over) {
                self.over = None;
            }
            let mut validity = Validity::default();
            validity.read(text);
            if self.over.is_none() && (validity.is_over(today) || validity.is_ahead(today)) {
                self.over = Some(*level);
            }
            return;
        }
        if self.over.is_some() {
            return;
        }
        match block {
            Block::Heading { .. } => {}
            Block::Paragraph(text) => self.prose.push(text.clone()),
            Block::Item { lead, text } => {
                self.flush();
                let text = match lead {
                    Some(lead) => format!("{lead}\n- {text}"),
                    None => format!("- {text}"),
                };
                self.push(text);
            }
            Block::Row(cells) => {
                self.flush();
                let amount = |place: usize, name: &str, value: &str| match self.currency {
                    Some(currency) if place > 0 => amounts::with_currency(name, value, currency, self.language),
                    _ => value.to_owned(),
                };
                let row: Vec<String> =
                    (0..).zip(cells).map(|(place, (name, value))| format!("{name}: {}", amount(place, name, value))).collect();
                self.push(row.join(" | "));
            }
            Block::Pair { question, answer } => {
                self.flush();
                self.push(format!("Q: {question}\nA: {answer}"));
            }
        }
    }

    fn flush(&mut self) {
        let prose = std::mem::take(&mut self.prose);
        if prose.iter().map(String::len).sum::<usize>() <= SHORT_SECTION {
            let question = self.path.last().map(|(_, text)| text.clone()).filter(|text| text.ends_with('?'));
            match question {
                Some(question) if !prose.is_empty() => self.push(format!("Q: {question}\nA: {}", prose.join(" "))),
                _ if !prose.is_empty() => self.push(prose.join("\n")),
                _ => {}
            }
        } else {
            for paragraph in prose {
                self.push(paragraph);
            }
        }
    }

    fn push(&mut self, text: String) {
        let heading = self.path.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(" › ");
        self.passages.push(Passage {
            source: self.source.to_owned(),
            heading,
            text,
            score: 0.0,
            language: self.language.to_owned(),
            outdated: false,
        });
    }
}

/// The cells of a row passage, or nothing when it is none.
pub fn cells(text: &str) -> Option<Vec<(&str, &str)>> {
    if text.contains('\n') || !text.contains(" | ") {
        return None;
    }
    text.split(" | ").map(|cell| cell.split_once(": ")).collect()
}
