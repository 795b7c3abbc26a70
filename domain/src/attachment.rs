//! Files that came with messages: what they are by their bytes, and what is taken out before anybody sees them.

use serde::{Deserialize, Serialize};

use crate::id::{AttachmentId, ConnectionId, MessageId};
use crate::identifier::words;
use std::fmt;
use std::str::FromStr;

/// No file is kept that is larger.
pub const LARGEST: usize = 20 * 1024 * 1024;

/// A picture with more dots than this is not shown: drawing it would take more memory than a browser has.
const MOST_DOTS: u64 = 100_000_000;

words! {
    /// Where a file is.
    AttachmentState {
        /// With the vendor: it will be fetched.
        Waiting = "waiting",
        /// Here, sealed.
        Kept = "kept",
        /// Not here and not coming.
        Lost = "lost",
    }
}

/// A file that came with a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Attachment {
    /// Its id.
    pub id: AttachmentId,
    /// The message it came with.
    pub message: MessageId,
    /// The door it came through.
    pub connection: ConnectionId,
    /// Where it is.
    pub state: AttachmentState,
    /// What it is.
    pub about: About,
    /// Its size in bytes, when it is here.
    pub size: Option<u64>,
}

/// What a file is, sealed beside it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// What the vendor said of it, and where it lies.
    pub media: crate::event::Media,
    /// The media type by its bytes; `None` when they do not tell.
    pub seen_as: Option<String>,
    /// Why it is not here, in words for a teammate.
    pub why: Option<String>,
    /// What opens it by being known, when it was sent to somebody: 128 random bits.
    pub link: Option<String>,
}

impl About {
    /// The media type that other programs are told: by its bytes, else by what its name ends in.
    pub fn told_type(&self) -> &str {
        self.seen_as.as_deref().or_else(|| self.media.filename.as_deref().and_then(type_of_name)).unwrap_or("application/octet-stream")
    }

    /// Its name, or what kind of file it is.
    pub fn name(&self) -> &str {
        self.media.filename.as_deref().filter(|name| !name.is_empty()).unwrap_or(&self.media.kind)
    }

    /// The media type under which it is handed out: by its bytes, never by what somebody says.
    pub fn safe_type(&self) -> &str {
        self.seen_as.as_deref().unwrap_or("application/octet-stream")
    }
}

/// The media type that the end of a name stands for, among those that doors carry as documents.
fn type_of_name(name: &str) -> Option<&'static str> {
    let (_, ending) = name.rsplit_once('.')?;
    Some(match ending.to_ascii_lowercase().as_str() {
        "txt" => "text/plain",
        "csv" => "text/csv",
        "ics" => "text/calendar",
        "doc" => "application/msword",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xls" => "application/vnd.ms-excel",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "ppt" => "application/vnd.ms-powerpoint",
        "pptx" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "zip" => "application/zip",
        _ => return None,
    })
}

/// Does it begin as programs do, whatever its name says?
pub fn is_program(bytes: &[u8]) -> bool {
    let heads: [&[u8]; 6] = [b"MZ", b"\x7fELF", b"#!", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe"];
    heads.iter().any(|head| bytes.starts_with(head))
}

/// What a file is called in messages: `image audio video document`.
pub fn kind_of(media_type: &str) -> &'static str {
    match media_type.split('/').next() {
        Some("image") => "image",
        Some("audio") => "audio",
        Some("video") => "video",
        _ => "document",
    }
}

/// The media type of a file by its first bytes, among those that a page can show or play; `None` for anything else.
pub fn seen_as(bytes: &[u8]) -> Option<&'static str> {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    let at = |place: usize, magic: &[u8]| bytes.get(place..).is_some_and(|rest| rest.starts_with(magic));
    let found = if starts(b"\x89PNG\r\n\x1a\n") {
        "image/png"
    } else if starts(b"\xff\xd8\xff") {
        "image/jpeg"
    } else if starts(b"GIF87a") || starts(b"GIF89a") {
        "image/gif"
    } else if starts(b"RIFF") && at(8, b"WEBP") {
        "image/webp"
    } else if starts(b"RIFF") && at(8, b"WAVE") {
        "audio/wav"
    } else if starts(b"OggS") {
        "audio/ogg"
    } else if starts(b"ID3") || matches!(bytes, [0xff, second, ..] if second & 0xe6 == 0xe2) {
        "audio/mpeg"
    } else if starts(b"#!AMR") {
        "audio/amr"
    } else if starts(b"fLaC") {
        "audio/flac"
    } else if at(4, b"ftypM4A") {
        "audio/mp4"
    } else if at(4, b"ftyp") {
        "video/mp4"
    } else if starts(b"\x1aE\xdf\xa3") {
        "video/webm"
    } else if starts(b"%PDF-") {
        "application/pdf"
    } else {
        return None;
    };
    let is_too_wide = dots(bytes).is_some_and(|dots| dots > MOST_DOTS);
    (!is_too_wide).then_some(found)
}

/// Width times height as the head of a picture tells.
fn dots(bytes: &[u8]) -> Option<u64> {
    let wide = |place: usize| bytes.get(place..place + 4).map(|part| u64::from(u32::from_be_bytes([part[0], part[1], part[2], part[3]])));
    let short = |place: usize| bytes.get(place..place + 2).map(|part| u64::from(u16::from_le_bytes([part[0], part[1]])));
    if bytes.starts_with(b"\x89PNG") {
        return Some(wide(16)?.saturating_mul(wide(20)?));
    }
    if bytes.starts_with(b"GIF8") {
        return Some(short(6)?.saturating_mul(short(8)?));
    }
    segments(bytes).find(|segment| matches!(segment.kind, 0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf)).and_then(|segment| {
        let part = bytes.get(segment.from + 5..segment.from + 9)?;
        Some(u64::from(u16::from_be_bytes([part[0], part[1]])) * u64::from(u16::from_be_bytes([part[2], part[3]])))
    })
}

/// A part of a JPEG's head.
struct Segment {
    kind: u8,
    from: usize,
    to: usize,
}

/// The parts before the picture itself; none when it is no JPEG. What is broken ends them.
fn segments(bytes: &[u8]) -> impl Iterator<Item = Segment> + '_ {
    let mut at = if bytes.starts_with(b"\xff\xd8") { 2 } else { bytes.len() };
    std::iter::from_fn(move || {
        let head = bytes.get(at..at + 4)?;
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        if head[0] != 0xff || head[1] == 0xda || length < 2 || at + 2 + length > bytes.len() {
            return None;
        }
        let segment = Segment { kind: head[1], from: at, to: at + 2 + length };
        at = segment.to;
        Some(segment)
    })
}

/// The same picture without where it was taken, by whom and with what. How it has to be turned is kept.
///
/// JPEG keeps that in its `APP1` and `APP13` parts, PNG in `eXIf` and text. <https://www.w3.org/TR/png-3/>
pub fn without_place(bytes: Vec<u8>) -> Vec<u8> {
    if bytes.starts_with(b"\xff\xd8") {
        return jpeg_without_place(bytes);
    }
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return png_without_place(bytes);
    }
    bytes
}

fn jpeg_without_place(bytes: Vec<u8>) -> Vec<u8> {
    let told: Vec<Segment> = segments(&bytes).filter(|segment| matches!(segment.kind, 0xe1 | 0xed)).collect();
    let (Some(first), Some(last)) = (told.first(), told.last()) else { return bytes };
    let turned = told.iter().find_map(|segment| orientation(&bytes[segment.from..segment.to]));
    let mut clean = Vec::with_capacity(bytes.len());
    clean.extend_from_slice(&bytes[..first.from]);
    if let Some(turned) = turned.filter(|turned| *turned != 1) {
        clean.extend_from_slice(&exif_of(turned));
    }
    for segment in segments(&bytes).filter(|segment| segment.from >= first.from && segment.to <= last.to) {
        if !matches!(segment.kind, 0xe1 | 0xed) {
            clean.extend_from_slice(&bytes[segment.from..segment.to]);
        }
    }
    clean.extend_from_slice(&bytes[last.to..]);
    clean
}

/// How a picture has to be turned, 1 to 8. <https://www.cipa.jp/std/documents/e/DC-008-2012_E.pdf>
fn orientation(segment: &[u8]) -> Option<u8> {
    let tiff = segment.get(4..)?.strip_prefix(b"Exif\0\0")?;
    let is_little = tiff.starts_with(b"II");
    let short = |at: usize| {
        let part = tiff.get(at..at + 2)?;
        let pair = [part[0], part[1]];
        Some(if is_little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) })
    };
    let first = usize::from(if is_little { short(4)? } else { short(6)? });
    let entries = short(first)?;
    (0..usize::from(entries).min(64))
        .map(|entry| first + 2 + entry * 12)
        .find(|at| short(*at) == Some(0x0112))
        .and_then(|at| short(at + 8))
        .and_then(|turned| u8::try_from(turned).ok())
        .filter(|turned| (1..=8).contains(turned))
}

/// The smallest `Exif` part that says how to turn a picture.
fn exif_of(turned: u8) -> Vec<u8> {
    let mut part = b"\xff\xe1\x00\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    part.extend_from_slice(&[turned, 0, 0, 0, 0, 0, 0]);
    part
}

fn png_without_place(bytes: Vec<u8>) -> Vec<u8> {
    let mut clean = bytes[..8].to_vec();
    let mut at = 8;
    while let Some(head) = bytes.get(at..at + 8) {
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let Some(chunk) = length.checked_add(12).and_then(|whole| bytes.get(at..at.checked_add(whole)?)) else { break };
        if !matches!(&head[4..8], b"eXIf" | b"tEXt" | b"iTXt" | b"zTXt") {
            clean.extend_from_slice(chunk);
        }
        at += chunk.len();
    }
    clean.extend_from_slice(&bytes[at..]);
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_bytes_are() {
        let check = |bytes: &[u8], kind: Option<&str>| assert_eq!(seen_as(bytes), kind, "{bytes:?}");
        check(b"\x89PNG\r\n\x1a\n", Some("image/png"));
        check(b"\xff\xd8\xff\xe0", Some("image/jpeg"));
        check(b"GIF89a\x01\0\x01\0=alert(1)", Some("image/gif"));
        check(b"RIFF\0\0\0\0WEBPVP8 ", Some("image/webp"));
        check(b"OggS\0", Some("audio/ogg"));
        check(b"ID3\x03", Some("audio/mpeg"));
        check(b"\xff\xfb\x90", Some("audio/mpeg"));
        check(b"\0\0\0\x20ftypM4A ", Some("audio/mp4"));
        check(b"\0\0\0\x20ftypisom", Some("video/mp4"));
        check(b"%PDF-1.4<html>", Some("application/pdf"));
        check(b"<svg onload=alert(1)>", None);
        check(b"<html>", None);
        check(b"", None);
    }

    #[test]
    fn a_picture_that_nobody_can_draw_is_not_shown() {
        let png = |wide: u32, high: u32| {
            [&b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"[..], &wide.to_be_bytes(), &high.to_be_bytes(), b"\x08\x06\0\0\0"].concat()
        };
        assert_eq!(seen_as(&png(4_000, 3_000)), Some("image/png"));
        assert_eq!(seen_as(&png(100_000, 100_000)), None);
        let jpeg = b"\xff\xd8\xff\xc0\x00\x0b\x08\xff\xff\xff\xff\x01\x01\x11\x00";
        assert_eq!(seen_as(jpeg), None);
    }

    #[test]
    fn where_a_photo_was_taken_is_taken_out_and_how_it_is_turned_stays() {
        let mut tiff = b"II*\0\x08\0\0\0\x02\0".to_vec();
        tiff.extend_from_slice(b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0");
        tiff.extend_from_slice(b"\x25\x88\x04\0\x01\0\0\0\x26\0\0\0");
        tiff.extend_from_slice(b"\0\0\0\0GPS 48.85 2.35");
        let length = u16::try_from(tiff.len() + 8).expect("short");
        let photo =
            [&b"\xff\xd8\xff\xe0\0\x04JF\xff\xe1"[..], &length.to_be_bytes(), b"Exif\0\0", &tiff, b"\xff\xda\0\x02picture"].concat();
        let clean = without_place(photo);
        assert!(!clean.windows(3).any(|part| part == b"GPS"));
        assert!(clean.starts_with(b"\xff\xd8\xff\xe0\0\x04JF\xff\xe1"));
        assert!(clean.ends_with(b"\xff\xda\0\x02picture"));
        let turned = segments(&clean).find_map(|segment| orientation(&clean[segment.from..segment.to]));
        assert_eq!(turned, Some(6));
        assert_eq!(without_place(clean.clone()), clean, "and there is nothing more to take out");
    }

    #[test]
    fn text_inside_a_png_is_taken_out() {
        let chunk = |kind: &[u8], body: &[u8]| [&u32::try_from(body.len()).expect("short").to_be_bytes(), kind, body, b"crc!"].concat();
        let whole = [
            b"\x89PNG\r\n\x1a\n".to_vec(),
            chunk(b"IHDR", &[0; 13]),
            chunk(b"eXIf", b"MM GPS"),
            chunk(b"tEXt", b"Author\0Ana"),
            chunk(b"IEND", b""),
        ]
        .concat();
        let expected = [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &[0; 13]), chunk(b"IEND", b"")].concat();
        assert_eq!(without_place(whole), expected);
        let broken = [&b"\x89PNG\r\n\x1a\n"[..], b"\xff\xff\xff\xffeXIf"].concat();
        assert_eq!(without_place(broken.clone()), broken);
    }

    #[test]
    fn whatever_the_bytes_are_nothing_falls_over() {
        for length in 0..64_usize {
            for start in [&b"\xff\xd8"[..], b"\xff\xd8\xff\xe1", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\xff\xd8\xff\xc0\xff\xff"] {
                let bytes: Vec<u8> = start.iter().copied().chain((0..length).map(|at| (at * 37 % 256) as u8)).collect();
                let _ = seen_as(&bytes);
                let _ = without_place(bytes);
            }
        }
    }
}
