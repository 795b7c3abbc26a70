//! A small Markdown reader: front matter, headings, paragraphs, lists, pipe tables. Links are kept by their words.

use std::sync::LazyLock;

use regex::Regex;

use crate::block::{Block, Document, plain};

/// What a page would run or be styled by is not said.
static SCRIPTS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?is)<script\b.*?</script\s*>|<style\b.*?</style\s*>").expect("a pattern"));

/// Reads a Markdown document.
pub fn read(text: &str) -> Document {
    let mut document = Document::default();
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let body = SCRIPTS.replace_all(front_matter(&text, &mut document), " ");
    let lines: Vec<&str> = body.lines().collect();
    Reader { lines: &lines, at: 0, document: &mut document, paragraph: Vec::new(), lead: None }.run();
    document.title = document.head("title").map(str::to_owned);
    document
}

fn front_matter<'a>(text: &'a str, document: &mut Document) -> &'a str {
    let Some(rest) = text.strip_prefix("---\n") else { return text };
    let Some(end) = rest.find("\n---") else { return text };
    for line in rest[..end].lines() {
        if let Some((key, value)) = line.split_once(':') {
            let value = value.trim().trim_matches(['"', '\'']);
            document.head.push((key.trim().to_lowercase(), value.to_owned()));
        }
    }
    rest[end + 4..].trim_start_matches('-')
}

struct Reader<'a> {
    lines: &'a [&'a str],
    at: usize,
    document: &'a mut Document,
    paragraph: Vec<String>,
    /// What the paragraph begins with in bold.
    lead: Option<String>,
}

impl Reader<'_> {
    fn run(&mut self) {
        let mut comment = false;
        while let Some(line) = self.lines.get(self.at).copied() {
            let trimmed = line.trim();
            if comment || trimmed.starts_with("<!--") {
                comment = !trimmed.contains("-->");
                self.at += 1;
                continue;
            }
            if trimmed.is_empty() || is_rule(trimmed) && self.paragraph.is_empty() {
                self.flush();
                self.at += 1;
            } else if let Some((level, text)) = heading(trimmed) {
                self.flush();
                self.document.blocks.push(Block::Heading { level, text: plain(text) });
                self.at += 1;
            } else if let Some(level) = self.underlined(trimmed) {
                let text = plain(trimmed);
                self.flush();
                self.document.blocks.push(Block::Heading { level, text });
                self.at += 2;
            } else if trimmed.contains('|') && self.lines.get(self.at + 1).is_some_and(|next| is_divider(next)) {
                self.table();
            } else if item(trimmed).is_some() {
                self.list();
            } else {
                let text = trimmed.trim_start_matches('>').trim();
                if let Some((lead, rest)) = bold_lead(text).filter(|_| self.paragraph.is_empty()) {
                    self.lead = Some(plain(lead));
                    self.paragraph.push(plain(rest));
                } else if !text.starts_with("```") {
                    self.paragraph.push(plain(text));
                }
                self.at += 1;
            }
        }
        self.flush();
    }

    fn flush(&mut self) {
        let text = self.paragraph.join(" ").trim().to_owned();
        self.paragraph.clear();
        match self.lead.take() {
            Some(lead) => self.document.push_led(&lead, text),
            None if text.is_empty() => {}
            None => self.document.blocks.push(Block::Paragraph(text)),
        }
    }

    fn underlined(&self, line: &str) -> Option<usize> {
        let below = self.lines.get(self.at + 1)?.trim();
        if !self.paragraph.is_empty() || below.len() < 3 || line.starts_with('|') {
            return None;
        }
        if below.chars().all(|c| c == '=') {
            Some(1)
        } else if below.chars().all(|c| c == '-') {
            Some(2)
        } else {
            None
        }
    }

    fn table(&mut self) {
        self.flush();
        let header = cells(self.lines[self.at]);
        self.at += 2;
        let mut rows = Vec::new();
        while let Some(line) = self.lines.get(self.at).filter(|line| line.contains('|')) {
            rows.push(cells(line));
            self.at += 1;
        }
        self.document.push_table(&header, &rows);
    }

    fn list(&mut self) {
        // "Please bring:" directly above, or the last paragraph when it ends with a colon, leads in.
        self.flush();
        let lead = match self.document.blocks.last() {
            Some(Block::Paragraph(text)) if text.ends_with(':') => Some(text.clone()),
            _ => None,
        };
        if lead.is_some() {
            self.document.blocks.pop();
        }
        let mut items: Vec<String> = Vec::new();
        while let Some(line) = self.lines.get(self.at).copied() {
            let trimmed = line.trim();
            if let Some(text) = item(trimmed) {
                items.push(plain(text));
            } else if trimmed.is_empty() {
                let next = self.lines.get(self.at + 1).map_or("", |next| next.trim());
                if item(next).is_none() {
                    break;
                }
            } else if line.starts_with([' ', '\t']) && !items.is_empty() {
                if let Some(last) = items.last_mut() {
                    last.push(' ');
                    last.push_str(&plain(trimmed));
                }
            } else {
                break;
            }
            self.at += 1;
        }
        for text in items {
            self.document.blocks.push(Block::Item { lead: lead.clone(), text });
        }
    }
}

/// `**Cooling off.** Any contract …`: what is in bold at the beginning, and the rest.
fn bold_lead(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix("**").or_else(|| text.strip_prefix("__"))?;
    let end = inner.find(&text[..2])?;
    let (lead, rest) = (inner[..end].trim(), inner[end + 2..].trim_start_matches([':', ' ', '–', '-']));
    (!lead.is_empty() && lead.split_whitespace().count() <= 14).then_some((lead, rest))
}

fn heading(line: &str) -> Option<(usize, &str)> {
    let level = line.bytes().take_while(|c| *c == b'#').count();
    let rest = &line[level..];
    ((1..=6).contains(&level) && rest.starts_with(' ')).then(|| (level, rest.trim().trim_end_matches('#').trim()))
}

fn is_rule(line: &str) -> bool {
    line.len() >= 3 && (line.chars().all(|c| c == '-') || line.chars().all(|c| c == '*') || line.chars().all(|c| c == '_'))
}

fn is_divider(line: &str) -> bool {
    let line = line.trim();
    line.contains('-') && line.chars().all(|c| matches!(c, '|' | '-' | ':' | ' '))
}

fn item(line: &str) -> Option<&str> {
    for mark in ["- ", "* ", "+ ", "• "] {
        if let Some(text) = line.strip_prefix(mark) {
            return Some(text.trim());
        }
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &line[digits..];
    (digits > 0 && digits <= 2).then(|| rest.strip_prefix(". ").or_else(|| rest.strip_prefix(") ")))?.map(str::trim)
}

fn cells(line: &str) -> Vec<String> {
    let line = line.trim().replace("\\|", "\u{1}");
    let line = line.strip_prefix('|').unwrap_or(&line);
    let line = line.strip_suffix('|').unwrap_or(line);
    line.split('|').map(|cell| plain(&cell.replace('\u{1}', "|"))).collect()
}
