//! The pieces every kind of document is read into.

use std::sync::LazyLock;

use regex::Regex;

use crate::text::is_invisible;

/// A piece of a document, in reading order.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A heading, 1 for the title.
    Heading {
        /// 1..6.
        level: usize,
        /// Its text.
        text: String,
    },
    /// A paragraph.
    Paragraph(String),
    /// One item of a list, with the sentence that leads in.
    Item {
        /// "Please bring:", when there is one.
        lead: Option<String>,
        /// The item.
        text: String,
    },
    /// One row of a table: column name and value, the naming column first.
    Row(Vec<(String, String)>),
    /// A question and its answer.
    Pair {
        /// As the business puts it.
        question: String,
        /// What it answers.
        answer: String,
    },
}

/// A document as read: its blocks and what its head says about it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Document {
    /// `<title>` or front matter title.
    pub title: Option<String>,
    /// Front matter, lower-case keys.
    pub head: Vec<(String, String)>,
    /// The content.
    pub blocks: Vec<Block>,
}

impl Document {
    /// The document without signs that nobody sees.
    pub fn visible(mut self) -> Self {
        for block in &mut self.blocks {
            let clean = |text: &mut String| text.retain(|sign| !is_invisible(sign));
            match block {
                Block::Heading { text, .. } | Block::Paragraph(text) => clean(text),
                Block::Item { lead, text } => {
                    lead.as_mut().map(clean);
                    clean(text);
                }
                Block::Row(cells) => cells.iter_mut().for_each(|(name, value)| {
                    clean(name);
                    clean(value);
                }),
                Block::Pair { question, answer } => {
                    clean(question);
                    clean(answer);
                }
            }
        }
        self
    }

    /// A value of the front matter.
    pub fn head(&self, key: &str) -> Option<&str> {
        self.head.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// The first heading, the title, or nothing.
    pub fn heading(&self) -> Option<&str> {
        self.blocks
            .iter()
            .find_map(|block| match block {
                Block::Heading { text, .. } => Some(text.as_str()),
                _ => None,
            })
            .or(self.title.as_deref())
    }

    /// How it begins, in so many characters or some more: enough to tell its language.
    pub fn beginning(&self, enough: usize) -> String {
        let mut begin = String::new();
        for block in &self.blocks {
            let texts: Vec<&str> = match block {
                Block::Heading { text, .. } | Block::Paragraph(text) | Block::Item { text, .. } => vec![text],
                Block::Row(cells) => cells.iter().flat_map(|(name, value)| [name.as_str(), value]).collect(),
                Block::Pair { question, answer } => vec![question, answer],
            };
            for text in texts {
                begin.push_str(text);
                begin.push('\n');
            }
            if begin.len() >= enough {
                break;
            }
        }
        begin
    }

    /// Adds a paragraph with what it begins with in bold: a question, a heading, or the name of what follows.
    pub fn push_led(&mut self, lead: &str, text: String) {
        const SHORT: usize = 400;
        let name = lead.trim_end_matches(['.', ':', ' ']);
        if name.is_empty() {
            self.blocks.push(Block::Paragraph(text));
        } else if text.is_empty() {
            self.blocks.push(Block::Heading { level: 6, text: name.to_owned() });
        } else if name.ends_with('?') {
            self.blocks.push(Block::Pair { question: name.to_owned(), answer: text });
        } else if text.chars().count() <= SHORT {
            self.blocks.push(Block::Item { lead: Some(name.to_owned()), text });
        } else {
            self.blocks.push(Block::Paragraph(format!("{lead} {text}")));
        }
    }

    /// Adds the rows of a table whose first row names the columns.
    pub fn push_table(&mut self, header: &[String], rows: &[Vec<String>]) {
        let columns: Vec<Column> = header.iter().map(|name| Column::read(name)).collect();
        if let Some((question, answer)) = question_and_answer(&columns) {
            for row in rows {
                if let (Some(question), Some(answer)) = (row.get(question), row.get(answer))
                    && !question.is_empty()
                    && !answer.is_empty()
                {
                    self.blocks.push(Block::Pair { question: question.clone(), answer: answer.clone() });
                }
            }
            return;
        }
        let naming = columns.iter().position(|column| !column.is_code()).unwrap_or(0);
        for row in rows {
            let mut cells: Vec<(String, String)> = Vec::new();
            for (index, value) in row.iter().enumerate() {
                let Some(column) = columns.get(index) else { break };
                let value = value.trim();
                if value.is_empty() {
                    continue;
                }
                let cell = (column.name.clone(), column.with_unit(value));
                if index == naming { cells.insert(0, cell) } else { cells.push(cell) }
            }
            if !cells.is_empty() {
                self.blocks.push(Block::Row(cells));
            }
        }
    }
}

/// Column names say more than their name: `price_eur` is a price in euros.
struct Column {
    name: String,
    unit: Option<String>,
}

impl Column {
    fn read(raw: &str) -> Self {
        let spaced = raw.trim().replace('_', " ");
        let name = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.is_empty() {
            return Self { name: "Name".to_owned(), unit: None };
        }
        // A unit stands alone in its brackets; "Half day (4 h)" is a name.
        let unit = name
            .strip_suffix(')')
            .map_or_else(|| name.rsplit_once(' '), |open| open.rsplit_once('('))
            .map(|(head, unit)| (head.trim().to_owned(), unit.trim().to_owned()))
            .filter(|(head, unit)| !head.is_empty() && unit_of(unit).is_some() && !is_count(head));
        match unit {
            Some((head, unit)) => Self { name: head, unit: unit_of(&unit).map(str::to_owned) },
            None => Self { name, unit: None },
        }
    }

    fn is_code(&self) -> bool {
        matches!(
            self.name.to_lowercase().as_str(),
            "sku"
                | "id"
                | "code"
                | "ref"
                | "reference"
                | "no"
                | "nr"
                | "no."
                | "nr."
                | "#"
                | "artikelnummer"
                | "référence"
                | "referencia"
                | "article no"
        )
    }

    fn with_unit(&self, value: &str) -> String {
        match &self.unit {
            Some(unit) if value.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | ' ' | '-' | '–')) => {
                format!("{value} {unit}")
            }
            _ => value.to_owned(),
        }
    }
}

/// "Three days" is a name, not a column of days.
fn is_count(text: &str) -> bool {
    const COUNTS: [&str; 12] = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve", "half"];
    text.chars().all(|c| c.is_ascii_digit()) || COUNTS.contains(&text.to_lowercase().as_str())
}

fn unit_of(text: &str) -> Option<&'static str> {
    Some(match text.to_lowercase().as_str() {
        "eur" | "€" | "euro" | "euros" => "EUR",
        "gbp" | "£" => "GBP",
        "usd" | "$" => "USD",
        "chf" => "CHF",
        "sek" => "SEK",
        "dkk" => "DKK",
        "nok" => "NOK",
        "pln" => "PLN",
        "cad" => "CAD",
        "aud" => "AUD",
        "kg" => "kg",
        "g" => "g",
        "cm" => "cm",
        "mm" => "mm",
        "m" => "m",
        "km" => "km",
        "min" | "mins" | "minutes" => "min",
        "h" | "hours" => "hours",
        "days" => "days",
        "months" => "months",
        "years" => "years",
        "l" | "litres" => "l",
        "%" => "%",
        _ => return None,
    })
}

fn question_and_answer(columns: &[Column]) -> Option<(usize, usize)> {
    let place = |names: &[&str]| columns.iter().position(|column| names.contains(&column.name.to_lowercase().as_str()));
    Some((
        place(&["question", "questions", "q", "frage", "pregunta", "pergunta", "domanda"])?,
        place(&["answer", "answers", "a", "réponse", "reponse", "antwort", "respuesta", "resposta", "risposta"])?,
    ))
}

/// Inline Markdown as plain text: emphasis, code, links and images by what they show.
pub fn plain(text: &str) -> String {
    static LINK: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"!?\[([^\]]*)\]\([^)]*\)").expect("a fixed expression"));
    static AUTOLINK: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"<((?:https?://|mailto:)?[^\s<>]+)>").expect("a fixed expression"));
    static TAG: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"</?[a-zA-Z][^<>]*>").expect("a fixed expression"));
    static MARK: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\*\*|__|`|~~").expect("a fixed expression"));
    static EMPHASIS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(^|[\s(])[*_]([^*_\s][^*_]*)[*_]").expect("a fixed expression"));
    let text = LINK.replace_all(text, "$1");
    let text =
        if text.contains("<br") { text.replace("<br>", " ").replace("<br/>", " ").replace("<br />", " ") } else { text.into_owned() };
    let text = TAG.replace_all(&text, "");
    let text = AUTOLINK.replace_all(&text, "$1");
    let text = MARK.replace_all(&text, "");
    let text = EMPHASIS.replace_all(&text, "$1$2");
    let text = text.replace("\\*", "*").replace("\\_", "_").replace("\\|", "|").replace("&nbsp;", " ").replace("&amp;", "&");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
