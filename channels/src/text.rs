//! What people wrote, made safe to keep, and telephone numbers in one form.

/// Trimmed and without control characters other than line breaks and tabs; `None` when nothing is left.
///
/// NUL cannot be stored by PostgreSQL and escape sequences would reach a terminal that shows a log.
pub(crate) fn written(text: &str) -> Option<String> {
    let kept: String = text.replace("\r\n", "\n").chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    let kept = kept.trim();
    (!kept.is_empty()).then(|| kept.to_owned())
}

/// An id as a vendor writes one: no vendor's has control characters, and what has them would not be found again.
pub(crate) fn id(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && !text.chars().any(char::is_control)).then(|| text.to_owned())
}

/// A number written in international form, as E.164; `None` without a plus (or 00), because a country is not guessed.
pub(crate) fn e164(text: &str) -> Option<String> {
    let text = text.trim();
    let rest = text.strip_prefix('+').or_else(|| text.strip_prefix("00"))?;
    let mut digits = String::new();
    for letter in rest.chars() {
        match letter {
            '0'..='9' => digits.push(letter),
            ' ' | '\u{a0}' | '(' | ')' | '-' | '.' | '/' => {}
            _ => return None,
        }
    }
    ((7..=15).contains(&digits.len()) && !digits.starts_with('0')).then(|| format!("+{digits}"))
}

/// Digits of a full international number without its plus, as vendors write them, as E.164.
pub(crate) fn e164_of_digits(digits: &str) -> Option<String> {
    digits.bytes().all(|letter| letter.is_ascii_digit()).then(|| e164(&format!("+{digits}"))).flatten()
}

/// At most `longest` characters, cut with an ellipsis.
pub(crate) fn shortened(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(longest.saturating_sub(1)).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

/// A text with choices as a numbered list at its end, as far as there is room.
pub(crate) fn with_choices<'a>(text: &str, titles: impl Iterator<Item = &'a str>, longest: usize) -> String {
    let mut whole = text.to_owned();
    for (number, title) in (1_u32..).zip(titles) {
        let line = format!("{}{number}. {title}", if number == 1 { "\n\n" } else { "\n" });
        if whole.chars().count() + line.chars().count() > longest {
            break;
        }
        whole.push_str(&line);
    }
    whole
}

/// A text with choices as a list at its end, as far as there is room: whoever reads it writes the words of one.
pub(crate) fn with_words<'a>(text: &str, titles: impl Iterator<Item = &'a str>, longest: usize) -> String {
    let mut whole = text.to_owned();
    for (place, title) in titles.enumerate() {
        let line = format!("{}- {title}", if place == 0 { "\n\n" } else { "\n" });
        if whole.chars().count() + line.chars().count() > longest {
            break;
        }
        whole.push_str(&line);
    }
    whole
}

/// At most `longest` bytes, cut between characters.
pub(crate) fn within_bytes(text: &str, longest: usize) -> &str {
    &text[..text.floor_char_boundary(longest)]
}

/// A media type without its parameters.
pub(crate) fn mime(text: &str) -> Option<String> {
    let bare = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    id(&bare)
}

/// The kind of attachment that a media type is.
pub(crate) fn kind_of_mime(mime: Option<&str>) -> &'static str {
    match mime.and_then(|mime| mime.split('/').next()) {
        Some("image") => "image",
        Some("audio") => "audio",
        Some("video") => "video",
        _ => "document",
    }
}

/// The kind of attachment, where the vendor names no useful media type by the end of its name.
pub(crate) fn kind_of_file(mime: Option<&str>, name: Option<&str>) -> &'static str {
    if mime.is_some_and(|mime| mime != "application/octet-stream") {
        return kind_of_mime(mime);
    }
    let end = name.and_then(|name| name.rsplit_once('.')).map(|(_, end)| end.to_ascii_lowercase());
    match end.as_deref() {
        Some("jpg" | "jpeg" | "png" | "gif" | "webp" | "heic" | "heif" | "bmp" | "tif" | "tiff" | "avif") => "image",
        Some("mp3" | "m4a" | "ogg" | "oga" | "opus" | "wav" | "amr" | "aac" | "flac") => "audio",
        Some("mp4" | "mov" | "webm" | "mkv" | "avi" | "3gp" | "m4v") => "video",
        Some(_) | None => "document",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_do_not_get_in() {
        let check = |given: &str, kept: Option<&str>| assert_eq!(written(given).as_deref(), kept, "{given:?}");
        check("  hi  ", Some("hi"));
        check("hi\u{0}\u{8}\u{1b}[2J", Some("hi[2J"));
        check("one\r\ntwo\tthree", Some("one\ntwo\tthree"));
        check(" \u{0} ", None);
    }

    #[test]
    fn numbers_become_e164_only_with_their_country() {
        let check = |given: &str, number: Option<&str>| assert_eq!(e164(given).as_deref(), number, "{given:?}");
        check("+1 (983) 555-2319", Some("+19835552319"));
        check("0034 600 111 222", Some("+34600111222"));
        check("600111222", None);
        check("+0 12345678", None);
        check("+12x45678", None);
        check("+1234567890123456", None);
        check("+", None);
    }

    #[test]
    fn cutting_never_splits_a_character() {
        assert_eq!(shortened("Priority Mail Express", 20), "Priority Mail Expre…");
        assert_eq!(shortened("short", 20), "short");
        assert_eq!(within_bytes("aé", 2), "a");
    }
}
