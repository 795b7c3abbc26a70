//! Text whose bytes are not what their part says: old programs name no charset, or the wrong one.

use std::borrow::Cow;

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Encoding, Message, MessagePart, MimeHeaders};

/// The text of a part. Where none of its letters beyond ASCII could be read, it is taken for Western Windows, which
/// everybody writes who names nothing else and does not write UTF-8.
pub(super) fn readable<'a>(message: &Message<'_>, part: &MessagePart<'_>, text: &'a str) -> Cow<'a, str> {
    let nothing_was_read = text.contains('\u{fffd}') && text.chars().all(|letter| letter.is_ascii() || letter == '\u{fffd}');
    let named = part.content_type().and_then(|kind| kind.attribute("charset")).unwrap_or_default().to_ascii_lowercase();
    if !nothing_was_read || !matches!(named.as_str(), "" | "utf-8" | "utf8" | "us-ascii" | "ascii") {
        return text.into();
    }
    let raw = message.raw_message.get(part.offset_body as usize..part.offset_end as usize);
    let bytes = raw.and_then(|raw| match part.encoding {
        Encoding::None => Some(raw.to_vec()),
        Encoding::QuotedPrintable => quoted_printable_decode(raw),
        Encoding::Base64 => base64_decode(raw),
    });
    // The sender itself may have lost the letters.
    let bytes = bytes.filter(|bytes| !bytes.windows(3).any(|three| three == [0xef, 0xbf, 0xbd]));
    match (bytes, charset_decoder(b"windows-1252")) {
        (Some(bytes), Some(decode)) => decode(&bytes).into(),
        _ => text.into(),
    }
}
