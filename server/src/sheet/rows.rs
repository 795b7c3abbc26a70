//! Rows of a CSV file with the lines they stand on: bounded, and never lost behind a quote that nobody closed.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};

/// Longest line and longest record.
const LONGEST: usize = 256 * 1024;
/// Most lines of one record.
const MOST_LINES: usize = 100;

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The line it begins on, the first is 1.
    pub line: u64,
    /// Its cells, or why it cannot be read.
    pub cells: Result<Vec<String>, String>,
}

/// The rows of a file, empty lines left out.
pub struct Rows<R> {
    lines: BufReader<R>,
    separator: Option<char>,
    number: u64,
    /// Lines read ahead for a quote that was never closed.
    again: VecDeque<(u64, Result<String, String>)>,
}

impl<R: Read> Rows<R> {
    /// Reads on from where the file stands; the separator is the one the first line uses most.
    pub fn new(file: R) -> Self {
        Self { lines: BufReader::new(file), separator: None, number: 0, again: VecDeque::new() }
    }

    fn line(&mut self) -> io::Result<Option<(u64, Result<String, String>)>> {
        if let Some(line) = self.again.pop_front() {
            return Ok(Some(line));
        }
        let mut bytes = Vec::new();
        let read = (&mut self.lines).take(LONGEST as u64 + 1).read_until(b'\n', &mut bytes)?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        if bytes.len() > LONGEST && bytes.last() != Some(&b'\n') {
            self.skip_line()?;
            return Ok(Some((self.number, Err(format!("the line is longer than {} KiB", LONGEST / 1024)))));
        }
        while matches!(bytes.last(), Some(b'\n' | b'\r')) {
            bytes.pop();
        }
        Ok(Some((self.number, String::from_utf8(bytes).map_err(|_| "the line is no text".to_owned()))))
    }

    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let buffer = self.lines.fill_buf()?;
            if buffer.is_empty() {
                return Ok(());
            }
            if let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
                self.lines.consume(end + 1);
                return Ok(());
            }
            let length = buffer.len();
            self.lines.consume(length);
        }
    }

    /// The next row; `None` at the end of the file.
    pub fn next_row(&mut self) -> io::Result<Option<Record>> {
        loop {
            let Some((number, first)) = self.line()? else { return Ok(None) };
            let mut text = match first {
                Ok(text) => text,
                Err(problem) => return Ok(Some(Record { line: number, cells: Err(problem) })),
            };
            if text.trim().is_empty() {
                continue;
            }
            let separator = *self.separator.get_or_insert_with(|| most_used(&text));
            let mut ahead = VecDeque::new();
            while let Err(problem) = split(&text, separator) {
                let next = if ahead.len() < MOST_LINES && text.len() < LONGEST { self.line()? } else { None };
                match next {
                    Some((at, Ok(line))) => {
                        text.push('\n');
                        text.push_str(&line);
                        ahead.push_back((at, Ok(line)));
                    }
                    other => {
                        // The lines behind it are read as rows of their own.
                        ahead.extend(other);
                        ahead.append(&mut self.again);
                        self.again = ahead;
                        return Ok(Some(Record { line: number, cells: Err(problem) }));
                    }
                }
            }
            return Ok(Some(Record { line: number, cells: split(&text, separator) }));
        }
    }
}

fn most_used(line: &str) -> char {
    [',', ';', '\t', '|'].into_iter().rev().max_by_key(|separator| line.matches(*separator).count()).unwrap_or(',')
}

/// The cells of a record; a problem when a quote is open at its end.
fn split(text: &str, separator: char) -> Result<Vec<String>, String> {
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut letters = text.chars().peekable();
    let (mut quoted, mut was_quoted) = (false, false);
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if cell.trim().is_empty() && !was_quoted => {
                cell.clear();
                (quoted, was_quoted) = (true, true);
            }
            other if other == separator && !quoted => {
                cells.push(std::mem::take(&mut cell));
                was_quoted = false;
            }
            other => cell.push(other),
        }
    }
    if quoted {
        return Err("a quotation mark is opened and never closed".to_owned());
    }
    cells.push(cell);
    Ok(cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<(u64, Result<Vec<String>, String>)> {
        let mut rows = Rows::new(text.as_bytes());
        let mut found = Vec::new();
        while let Some(record) = rows.next_row().expect("bytes") {
            found.push((record.line, record.cells));
        }
        found
    }

    fn cells(row: &[&str]) -> Result<Vec<String>, String> {
        Ok(row.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn cells_may_hold_separators_quotes_and_lines() {
        assert_eq!(
            all("a;b\r\n\"x;y\";\"say \"\"hi\"\"\"\r\n\r\n\"two\nlines\";z\n"),
            [(1, cells(&["a", "b"])), (2, cells(&["x;y", "say \"hi\""])), (4, cells(&["two\nlines", "z"]))]
        );
    }

    #[test]
    fn a_quote_that_is_never_closed_costs_its_own_row_only() {
        let found = all("a,b\n1,2\n3,\"4\n5,6\n7,8");
        assert_eq!(found.len(), 5);
        assert!(found[2].1.is_err() && found[2].0 == 3);
        assert_eq!(found[4], (5, cells(&["7", "8"])));
    }

    #[test]
    fn a_field_without_end_costs_no_memory() {
        let text = format!("a,b\n{},1\n2,3\n", "x".repeat(LONGEST * 4));
        let found = all(&text);
        assert!(found[1].1.is_err());
        assert_eq!(found[2], (3, cells(&["2", "3"])));
    }
}
