//! PDF files as blocks. The format keeps where letters stand and little of what they are: paragraphs are found by blank lines,
//! headings by being short and unfinished, lists by their marks.

mod hidden;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::time::Duration;

use pdf_extract::{Document, OutputError, PlainTextOutput, output_doc};

use crate::block::{self, Block};

/// A file that takes longer is left out.
const PATIENCE: Duration = Duration::from_secs(20);
/// A line that is shorter and ends without a stop may be a heading.
const LONGEST_HEADING: usize = 80;
/// Marks of list items.
const MARKS: [char; 8] = ['•', '◦', '▪', '●', '‣', '–', '-', '*'];

/// Reads a file; the error says why it cannot be read.
pub fn read(bytes: &[u8]) -> Result<block::Document, String> {
    let text = text_of(bytes.to_vec())?;
    if !text.chars().any(char::is_alphanumeric) {
        return Err("it holds no text, only pictures of it".to_owned());
    }
    Ok(block::Document { blocks: blocks(&text), ..block::Document::default() })
}

/// The library gives up on what it does not know by panicking, and may never end: it works beside us.
fn text_of(bytes: Vec<u8>) -> Result<String, String> {
    let (done, waiting) = mpsc::sync_channel(1);
    let reading = move || {
        let read = catch_unwind(AssertUnwindSafe(|| seen(&bytes)));
        // Nobody waits any more: what was read is not needed.
        let _ = done.send(read);
    };
    std::thread::Builder::new().name("pdf".to_owned()).stack_size(8 << 20).spawn(reading).map_err(|error| error.to_string())?;
    match waiting.recv_timeout(PATIENCE) {
        Ok(Ok(Ok(text))) => Ok(text),
        Ok(Ok(Err(_)) | Err(_)) | Err(mpsc::RecvTimeoutError::Disconnected) => {
            Err("it is damaged, locked, or of a kind that is not known".to_owned())
        }
        Err(mpsc::RecvTimeoutError::Timeout) => Err("reading it takes too long".to_owned()),
    }
}

/// The text that a reader sees.
fn seen(bytes: &[u8]) -> Result<String, OutputError> {
    let mut document = Document::load_mem(bytes)?;
    if document.is_encrypted() {
        document.decrypt("")?;
    }
    hidden::take_out(&mut document);
    let mut text = String::new();
    output_doc(&document, &mut PlainTextOutput::new(&mut text))?;
    Ok(text)
}

fn blocks(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    for stretch in text.replace('\r', "").replace('\u{c}', "\n\n").split("\n\n") {
        let mut lines = stretch.lines().map(squeezed).filter(|line| !line.is_empty()).peekable();
        while let Some(line) = lines.next() {
            if let Some(item) = item(&line) {
                let mut text = item.to_owned();
                while let Some(more) = lines.next_if(|next| self::item(next).is_none()) {
                    join(&mut text, &more);
                }
                let lead = lead(&mut found);
                found.push(Block::Item { lead, text });
                continue;
            }
            let is_last = lines.peek().is_none();
            if is_heading(&line) && (is_last || lines.peek().is_some_and(|next| next.chars().count() > LONGEST_HEADING / 2)) {
                found.push(Block::Heading { level: 2, text: line });
                continue;
            }
            let mut paragraph = line;
            while let Some(more) = lines.next_if(|next| item(next).is_none()) {
                join(&mut paragraph, &more);
            }
            found.push(Block::Paragraph(paragraph));
        }
    }
    found
}

fn squeezed(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn item(line: &str) -> Option<&str> {
    let rest = line.strip_prefix(MARKS)?;
    rest.starts_with(' ').then(|| rest.trim()).filter(|rest| !rest.is_empty())
}

fn is_heading(line: &str) -> bool {
    let begins = line.chars().next().is_some_and(|sign| sign.is_uppercase() || sign.is_numeric());
    begins && line.chars().count() <= LONGEST_HEADING && !line.ends_with(['.', ':', ';', ',', '!']) && line.chars().any(char::is_alphabetic)
}

/// The next line of a paragraph; a word cut by a hyphen at the end of the line is made whole.
fn join(paragraph: &mut String, more: &str) {
    let is_cut = paragraph.ends_with('-')
        && paragraph.chars().rev().nth(1).is_some_and(char::is_lowercase)
        && more.chars().next().is_some_and(char::is_lowercase);
    if is_cut {
        paragraph.pop();
    } else {
        paragraph.push(' ');
    }
    paragraph.push_str(more);
}

fn lead(found: &mut Vec<Block>) -> Option<String> {
    match found.last() {
        Some(Block::Item { lead, .. }) => lead.clone(),
        Some(Block::Paragraph(text)) if text.ends_with(':') => match found.pop() {
            Some(Block::Paragraph(text)) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_headings_and_lists_are_found_in_plain_lines() {
        let text = "Returns\n\nYou may send anything back within thirty days of deliv-\nery, as long as it is unused.\n\nPlease bring:\n• the receipt\n• the box it\ncame in\n";
        let lead = Some("Please bring:".to_owned());
        assert_eq!(
            blocks(text),
            [
                Block::Heading { level: 2, text: "Returns".to_owned() },
                Block::Paragraph("You may send anything back within thirty days of delivery, as long as it is unused.".to_owned()),
                Block::Item { lead: lead.clone(), text: "the receipt".to_owned() },
                Block::Item { lead, text: "the box it came in".to_owned() },
            ]
        );
    }

    #[test]
    fn what_is_no_pdf_is_refused_in_words() {
        for bytes in [b"".as_slice(), b"%PDF-1.7 and then nothing", b"\x00\xff\x00"] {
            assert_eq!(read(bytes), Err("it is damaged, locked, or of a kind that is not known".to_owned()));
        }
    }
}
