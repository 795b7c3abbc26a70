//! A file's bytes as UTF-8, whatever a spreadsheet wrote: UTF-8, UTF-16 with a mark, or Windows-1252.

use std::collections::VecDeque;
use std::io::{self, Read, Seek, SeekFrom};

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a mark.
    Utf8,
    /// UTF-16, the low byte first.
    Utf16Le,
    /// UTF-16, the high byte first.
    Utf16Be,
    /// What is no UTF-8 and has no mark: the Windows code page of western Europe.
    Windows1252,
}

impl Encoding {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le | Self::Utf16Be => "UTF-16",
            Self::Windows1252 => "Windows-1252",
        }
    }

    /// Reads the whole file once, and goes back to its beginning, after a mark.
    pub fn of(file: &mut (impl Read + Seek)) -> io::Result<Self> {
        let mut start = [0_u8; 4];
        let mut length = 0;
        while length < start.len() {
            match file.read(&mut start[length..])? {
                0 => break,
                more => length += more,
            }
        }
        let (encoding, mark) = match &start[..length] {
            [0xef, 0xbb, 0xbf, ..] => (Self::Utf8, 3),
            [0xff, 0xfe, ..] => (Self::Utf16Le, 2),
            [0xfe, 0xff, ..] => (Self::Utf16Be, 2),
            _ => {
                file.seek(SeekFrom::Start(0))?;
                (if is_utf8(file)? { Self::Utf8 } else { Self::Windows1252 }, 0)
            }
        };
        file.seek(SeekFrom::Start(mark))?;
        Ok(encoding)
    }
}

fn is_utf8(file: &mut impl Read) -> io::Result<bool> {
    let mut buffer = vec![0_u8; 64 * 1024];
    let mut kept = 0;
    loop {
        let more = file.read(&mut buffer[kept..])?;
        let filled = kept + more;
        match std::str::from_utf8(&buffer[..filled]) {
            Ok(_) => kept = 0,
            // A letter cut at the end of the buffer goes on with the next read.
            Err(error) if error.error_len().is_none() && more > 0 => {
                let from = error.valid_up_to();
                buffer.copy_within(from..filled, 0);
                kept = filled - from;
            }
            Err(_) => return Ok(false),
        }
        if more == 0 {
            return Ok(kept == 0);
        }
    }
}

/// The file as UTF-8.
pub struct Decoded<R> {
    inner: R,
    encoding: Encoding,
    ready: VecDeque<u8>,
    rest: Vec<u8>,
}

impl<R: Read> Decoded<R> {
    /// Reads on from where the file stands.
    pub fn new(inner: R, encoding: Encoding) -> Self {
        Self { inner, encoding, ready: VecDeque::new(), rest: Vec::new() }
    }

    fn fill(&mut self) -> io::Result<bool> {
        let mut buffer = [0_u8; 8 * 1024];
        let more = self.inner.read(&mut buffer)?;
        if more == 0 {
            if !self.rest.is_empty() {
                self.rest.clear();
                self.put('\u{fffd}');
            }
            return Ok(!self.ready.is_empty());
        }
        if self.encoding == Encoding::Windows1252 {
            for byte in &buffer[..more] {
                self.put(windows_1252(*byte));
            }
            return Ok(true);
        }
        self.rest.extend_from_slice(&buffer[..more]);
        let mut units: Vec<u16> = Vec::with_capacity(self.rest.len() / 2);
        let (pairs, _) = self.rest.as_chunks::<2>();
        for pair in pairs {
            units.push(if self.encoding == Encoding::Utf16Le { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) });
        }
        // Half of a letter beyond the basic plane waits for its other half.
        if units.last().is_some_and(|unit| (0xd800..0xdc00).contains(unit)) {
            units.pop();
        }
        self.rest.drain(..units.len() * 2);
        let letters: Vec<char> = char::decode_utf16(units).map(|letter| letter.unwrap_or('\u{fffd}')).collect();
        for letter in letters {
            self.put(letter);
        }
        Ok(true)
    }

    fn put(&mut self, letter: char) {
        let mut bytes = [0; 4];
        self.ready.extend(letter.encode_utf8(&mut bytes).as_bytes());
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.encoding == Encoding::Utf8 {
            return self.inner.read(out);
        }
        while self.ready.is_empty() {
            if !self.fill()? {
                return Ok(0);
            }
        }
        self.ready.read(out)
    }
}

/// <https://encoding.spec.whatwg.org/index-windows-1252.txt>
fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•',
        '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        other => char::from(other),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn read(bytes: &[u8]) -> (Encoding, String) {
        let mut file = Cursor::new(bytes.to_vec());
        let encoding = Encoding::of(&mut file).expect("bytes");
        let mut text = String::new();
        Decoded::new(file, encoding).read_to_string(&mut text).expect("UTF-8");
        (encoding, text)
    }

    #[test]
    fn the_same_words_come_out_of_every_encoding() {
        let text = "Prénom;Ville\nZoë;Köln 🦉\n";
        assert_eq!(read(text.as_bytes()), (Encoding::Utf8, text.to_owned()));
        assert_eq!(read(format!("\u{feff}{text}").as_bytes()), (Encoding::Utf8, text.to_owned()));
        let units: Vec<u16> = text.encode_utf16().collect();
        let little: Vec<u8> = [0xff, 0xfe].into_iter().chain(units.iter().flat_map(|unit| unit.to_le_bytes())).collect();
        let big: Vec<u8> = [0xfe, 0xff].into_iter().chain(units.iter().flat_map(|unit| unit.to_be_bytes())).collect();
        assert_eq!(read(&little), (Encoding::Utf16Le, text.to_owned()));
        assert_eq!(read(&big), (Encoding::Utf16Be, text.to_owned()));
        assert_eq!(read(b"Pr\xe9nom;50\x80\n"), (Encoding::Windows1252, "Prénom;50€\n".to_owned()));
        assert_eq!(read(b""), (Encoding::Utf8, String::new()));
    }

    #[test]
    fn a_letter_on_the_edge_of_a_buffer_is_one_letter() {
        let text = format!("{}é\n", "x".repeat(64 * 1024 - 1));
        assert_eq!(read(text.as_bytes()), (Encoding::Utf8, text));
    }
}
