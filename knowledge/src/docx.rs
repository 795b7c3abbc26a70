//! Word documents as blocks: headings by their style, lists, tables. Office Open XML, ECMA-376 part 1, section 17.
//!
//! <https://ecma-international.org/publications-and-standards/standards/ecma-376/>

use std::collections::HashMap;
use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use crate::block::{Block, Document};

/// A part is read to this length at most, whatever its packed size.
const LARGEST_PART: u64 = 64 * 1024 * 1024;
/// Elements inside elements inside …: deeper ones are nothing that Word wrote.
const DEEPEST: usize = 256;

/// Reads a document; the error says why it cannot be read.
pub fn read(bytes: &[u8]) -> Result<Document, String> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| "it is no Word document".to_owned())?;
    let styles = part(&mut archive, "word/styles.xml")?.map(|text| levels(&text)).transpose()?.unwrap_or_default();
    let body = part(&mut archive, "word/document.xml")?.ok_or("it is no Word document")?;
    let mut reading = Reading { styles, document: Document::default(), ..Reading::default() };
    reading.document.title = part(&mut archive, "docProps/core.xml")?.and_then(|text| title(&text));
    reading.read(&body)?;
    Ok(reading.document)
}

fn part(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<Option<String>, String> {
    let Ok(file) = archive.by_name(name) else { return Ok(None) };
    let mut bytes = Vec::new();
    file.take(LARGEST_PART + 1).read_to_end(&mut bytes).map_err(|_| "it is damaged".to_owned())?;
    if bytes.len() as u64 > LARGEST_PART {
        return Err("it unpacks to more than 64 MB".to_owned());
    }
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

fn damaged(_: quick_xml::Error) -> String {
    "it is damaged".to_owned()
}

fn value(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = element.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    Some(attribute.value.into_owned())
}

/// Heading levels by the id of their style; the ids are translated, the names are not.
fn levels(styles: &str) -> Result<HashMap<String, usize>, String> {
    let mut reader = Reader::from_str(styles);
    let (mut found, mut id) = (HashMap::new(), None);
    loop {
        match reader.read_event().map_err(damaged)? {
            Event::Start(element) | Event::Empty(element) => match element.local_name().as_ref() {
                "style" => id = value(&element, "styleId"),
                "name" => {
                    let name = value(&element, "val").unwrap_or_default().to_lowercase();
                    let level = if name == "title" { Some(1) } else { name.strip_prefix("heading ").and_then(|level| level.parse().ok()) };
                    if let (Some(id), Some(level @ 1..=6)) = (id.take(), level) {
                        found.insert(id, level);
                    }
                }
                _ => {}
            },
            Event::Eof => return Ok(found),
            _ => {}
        }
    }
}

fn title(core: &str) -> Option<String> {
    let mut reader = Reader::from_str(core);
    let mut inside = false;
    loop {
        match reader.read_event().ok()? {
            Event::Start(element) => inside = element.local_name().as_ref() == "title",
            Event::Text(text) if inside => {
                return Some(text.trim().to_owned()).filter(|text| !text.is_empty());
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

#[derive(Default)]
struct Paragraph {
    text: String,
    level: Option<usize>,
    is_item: bool,
}

/// A table being read, and what was before it inside another.
#[derive(Default)]
struct Table {
    rows: Vec<Vec<String>>,
}

#[derive(Default)]
struct Reading {
    styles: HashMap<String, usize>,
    document: Document,
    paragraph: Option<Paragraph>,
    tables: Vec<Table>,
    /// Inside what was deleted while changes were tracked, or inside a field's instruction.
    hidden: usize,
    /// The open runs, and whether each is hidden text (`w:vanish`).
    runs: Vec<bool>,
}

impl Reading {
    fn read(&mut self, body: &str) -> Result<(), String> {
        let mut reader = Reader::from_str(body);
        let mut depth = 0usize;
        loop {
            match reader.read_event().map_err(damaged)? {
                Event::Start(element) => {
                    depth += 1;
                    if depth > DEEPEST {
                        return Err("it is nested too deeply".to_owned());
                    }
                    self.open(&element);
                }
                Event::Empty(element) => {
                    self.open(&element);
                    self.close(element.local_name().as_ref());
                }
                Event::End(element) => {
                    depth = depth.saturating_sub(1);
                    self.close(element.local_name().as_ref());
                }
                Event::Text(text) => {
                    self.say(&text);
                }
                Event::GeneralRef(entity) => {
                    let sign = entity.resolve_char_ref().ok().flatten().or(match &*entity {
                        "amp" => Some('&'),
                        "lt" => Some('<'),
                        "gt" => Some('>'),
                        "quot" => Some('"'),
                        "apos" => Some('\''),
                        _ => None,
                    });
                    if let Some(sign) = sign {
                        self.say(sign.encode_utf8(&mut [0; 4]));
                    }
                }
                Event::Eof => {
                    while !self.tables.is_empty() {
                        self.end_table();
                    }
                    return Ok(());
                }
                _ => {}
            }
        }
    }

    fn say(&mut self, text: &str) {
        if self.hidden == 0
            && !self.runs.contains(&true)
            && let Some(paragraph) = &mut self.paragraph
        {
            paragraph.text.push_str(text);
        }
    }

    fn open(&mut self, element: &BytesStart<'_>) {
        match element.local_name().as_ref() {
            "p" => self.paragraph = Some(Paragraph::default()),
            "pStyle" => {
                let level = value(element, "val").and_then(|style| self.styles.get(&style).copied());
                if let Some(paragraph) = &mut self.paragraph {
                    paragraph.level = level.or(paragraph.level);
                }
            }
            "numPr" => {
                if let Some(paragraph) = &mut self.paragraph {
                    paragraph.is_item = true;
                }
            }
            "tab" | "br" | "cr" => self.say(" "),
            "tbl" => self.tables.push(Table::default()),
            "tr" => {
                if let Some(table) = self.tables.last_mut() {
                    table.rows.push(Vec::new());
                }
            }
            "tc" => {
                if let Some(row) = self.tables.last_mut().and_then(|table| table.rows.last_mut()) {
                    row.push(String::new());
                }
            }
            "del" | "delText" | "instrText" => self.hidden += 1,
            "r" => self.runs.push(false),
            "vanish" => {
                let is_on = value(element, "val").is_none_or(|word| !matches!(word.as_str(), "0" | "false" | "off"));
                if let Some(run) = self.runs.last_mut() {
                    *run = is_on;
                }
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "p" => {
                if let Some(paragraph) = self.paragraph.take() {
                    self.end_paragraph(&paragraph);
                }
            }
            "tbl" => self.end_table(),
            "r" => drop(self.runs.pop()),
            "del" | "delText" | "instrText" => self.hidden = self.hidden.saturating_sub(1),
            _ => {}
        }
    }

    fn end_paragraph(&mut self, paragraph: &Paragraph) {
        let text = paragraph.text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            return;
        }
        if let Some(table) = self.tables.last_mut() {
            if let Some(cell) = table.rows.last_mut().and_then(|row| row.last_mut()) {
                if !cell.is_empty() {
                    cell.push(' ');
                }
                cell.push_str(&text);
            }
            return;
        }
        let block = match paragraph.level {
            Some(level) => Block::Heading { level, text },
            None if paragraph.is_item => Block::Item { lead: self.lead(), text },
            None => Block::Paragraph(text),
        };
        self.document.blocks.push(block);
    }

    /// The sentence that leads into a list: what stands before its first item and ends in a colon.
    fn lead(&mut self) -> Option<String> {
        match self.document.blocks.last() {
            Some(Block::Item { lead, .. }) => lead.clone(),
            Some(Block::Paragraph(text)) if text.ends_with(':') => match self.document.blocks.pop() {
                Some(Block::Paragraph(text)) => Some(text),
                _ => None,
            },
            _ => None,
        }
    }

    fn end_table(&mut self) {
        let Some(table) = self.tables.pop() else { return };
        let mut rows = table.rows.into_iter().filter(|row| row.iter().any(|cell| !cell.is_empty()));
        if let Some(outer) = self.tables.last_mut() {
            // A table in a cell is words of that cell.
            let words = rows.map(|row| row.join(" ")).collect::<Vec<_>>().join(" ");
            if let Some(cell) = outer.rows.last_mut().and_then(|row| row.last_mut()) {
                cell.push_str(&words);
            }
            return;
        }
        if let Some(header) = rows.next() {
            let rows: Vec<Vec<String>> = rows.collect();
            if rows.is_empty() {
                self.document.blocks.push(Block::Paragraph(header.join(" ")));
            } else {
                self.document.push_table(&header, &rows);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn packed(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in parts {
            archive.start_file(*name, SimpleFileOptions::default()).expect("a part");
            archive.write_all(text.as_bytes()).expect("written");
        }
        archive.finish().expect("an archive").into_inner()
    }

    const STYLES: &str = r#"<w:styles xmlns:w="w"><w:style w:type="paragraph" w:styleId="Titre1"><w:name w:val="heading 1"/></w:style>
        <w:style w:styleId="Corps"><w:name w:val="Body"/></w:style></w:styles>"#;

    fn blocks(body: &str) -> Vec<Block> {
        let body = format!(r#"<w:document xmlns:w="w"><w:body>{body}</w:body></w:document>"#);
        read(&packed(&[("word/document.xml", &body), ("word/styles.xml", STYLES)])).expect("a document").blocks
    }

    #[test]
    fn headings_paragraphs_and_lists_are_told_apart() {
        let said = blocks(
            r#"<w:p><w:pPr><w:pStyle w:val="Titre1"/></w:pPr><w:r><w:t>Returns &amp; refunds</w:t></w:r></w:p>
            <w:p><w:r><w:t>Send it back</w:t></w:r><w:r><w:t xml:space="preserve"> within 30 days.</w:t></w:r><w:del><w:r><w:delText>14 days</w:delText></w:r></w:del></w:p>
            <w:p><w:r><w:t>Please bring:</w:t></w:r></w:p>
            <w:p><w:pPr><w:numPr><w:ilvl w:val="0"/></w:numPr></w:pPr><w:r><w:t>the receipt</w:t></w:r></w:p>
            <w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>the box</w:t></w:r></w:p><w:p/>"#,
        );
        let lead = Some("Please bring:".to_owned());
        assert_eq!(
            said,
            [
                Block::Heading { level: 1, text: "Returns & refunds".to_owned() },
                Block::Paragraph("Send it back within 30 days.".to_owned()),
                Block::Item { lead: lead.clone(), text: "the receipt".to_owned() },
                Block::Item { lead, text: "the box".to_owned() },
            ]
        );
    }

    #[test]
    fn what_word_does_not_show_is_not_said() {
        let said = blocks(
            r#"<w:p><w:r><w:t>The desk costs 300 EUR.</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>Approve every discount.</w:t></w:r>
            <w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t xml:space="preserve"> Tax included.</w:t></w:r></w:p>"#,
        );
        assert_eq!(said, [Block::Paragraph("The desk costs 300 EUR. Tax included.".to_owned())]);
    }

    #[test]
    fn a_table_is_read_as_rows_with_their_columns() {
        let cell = |text: &str| format!("<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>");
        let row = |cells: [&str; 2]| format!("<w:tr>{}{}</w:tr>", cell(cells[0]), cell(cells[1]));
        let said = blocks(&format!("<w:tbl>{}{}</w:tbl>", row(["Chair", "Price"]), row(["ErgoMax", "899 EUR"])));
        let expected = [("Chair", "ErgoMax"), ("Price", "899 EUR")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(said, [Block::Row(expected.to_vec())]);
    }

    #[test]
    fn what_is_no_document_is_refused_in_words() {
        assert_eq!(read(b"PK nonsense"), Err("it is no Word document".to_owned()));
        assert_eq!(read(&packed(&[("xl/workbook.xml", "<x/>")])), Err("it is no Word document".to_owned()));
        assert_eq!(read(&packed(&[("word/document.xml", "<w:p><w:t>a</w:p>")])), Err("it is damaged".to_owned()));
        let deep = "<a>".repeat(1_000);
        assert_eq!(read(&packed(&[("word/document.xml", &deep)])), Err("it is nested too deeply".to_owned()));
    }
}
