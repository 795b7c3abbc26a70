//! CSV files: questions with answers, or tables whose rows name their columns.

use crate::block::Document;

/// Reads a CSV file; the separator is the one its first line uses most.
pub fn read(text: &str) -> Document {
    let mut document = Document::default();
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().next().unwrap_or_default();
    let separator = [b',', b';', b'\t', b'|']
        .into_iter()
        .max_by_key(|separator| first.bytes().filter(|byte| byte == separator).count())
        .unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).flexible(true).has_headers(false).from_reader(text.as_bytes());
    let mut rows: Vec<Vec<String>> = reader
        .records()
        .filter_map(Result::ok)
        .map(|record| record.iter().map(|cell| cell.split_whitespace().collect::<Vec<_>>().join(" ")).collect())
        .collect();
    if rows.is_empty() {
        return document;
    }
    let header = rows.remove(0);
    if let Some(audience) = header.iter().position(|name| name.eq_ignore_ascii_case("audience")) {
        rows.retain(|row| row.get(audience).is_none_or(|audience| audience.is_empty() || audience.eq_ignore_ascii_case("public")));
    }
    document.push_table(&header, &rows);
    document
}
