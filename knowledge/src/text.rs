//! A file's bytes as text: UTF-8, UTF-16 with its mark, or what is neither as Windows-1252, which spreadsheets still write.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// Reads a file; the mark at its beginning is no part of the text.
pub fn read(bytes: &[u8]) -> String {
    let marked = Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
    let encoding = marked.unwrap_or(if std::str::from_utf8(bytes).is_ok() { UTF_8 } else { WINDOWS_1252 });
    encoding.decode(bytes).0.into_owned()
}

/// Could these be the bytes of a text? Texts hold no zeros, unless a mark says that each sign has two bytes.
pub fn is_text(bytes: &[u8]) -> bool {
    Encoding::for_bom(bytes).is_some() || !bytes.contains(&0)
}

/// Is it a sign that nobody sees: a tag, a zero-width or a direction mark, a soft hyphen? Instructions hide in such signs,
/// and a word that holds one is not found.
pub fn is_invisible(sign: char) -> bool {
    matches!(
        sign,
        '\u{ad}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_spreadsheet_wrote_is_read() {
        let text = "Café, 20 €";
        let utf16 = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        let check = |bytes: Vec<u8>| assert_eq!(read(&bytes), text);
        check(text.as_bytes().to_vec());
        check([b"\xef\xbb\xbf", text.as_bytes()].concat());
        check([b"\xff\xfe".to_vec(), utf16(u16::to_le_bytes)].concat());
        check([b"\xfe\xff".to_vec(), utf16(u16::to_be_bytes)].concat());
        check(b"Caf\xe9, 20 \x80".to_vec());
    }
}
