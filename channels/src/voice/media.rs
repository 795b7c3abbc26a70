//! The frames of media streams, both ways: Twilio's, and Telnyx's, which are alike but for their names and their order.
//!
//! <https://www.twilio.com/docs/voice/media-streams/websocket-messages>
//! <https://developers.telnyx.com/api-reference/websockets/stream-call-media-over-websocket>

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::frames::{LARGEST, Unreadable, only_key};
use super::g711::Law;

/// Longest id of the vendor's.
const LONGEST_ID: usize = 128;
/// Sound that has come too early is kept for so many pieces, then what is missing is given up.
const MOST_EARLY: usize = 5;

/// What a frame says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Media {
    /// The stream stands.
    Start {
        /// The vendor's id of the stream.
        stream: String,
        /// The vendor's id of the call.
        call: String,
        /// How its sound is written; `None`: in a way that we do not read.
        law: Option<Law>,
    },
    /// The caller's voice, as it was written.
    Sound {
        /// Its place in the order, where the vendor numbers them.
        chunk: Option<u64>,
        /// In the law of the stream.
        bytes: Vec<u8>,
    },
    /// A key.
    Key(char),
    /// Everything that was sent before this mark has been played, or dropped.
    Mark(String),
    /// The stream ends.
    Stop,
    /// Something that changes nothing.
    Unknown,
}

/// Reads a frame. Fields that we do not know are ignored, and so are kinds.
pub fn read(frame: &str) -> Result<Media, Unreadable> {
    if frame.len() > LARGEST {
        return Err(Unreadable);
    }
    crate::json::bounded(frame.as_bytes(), LARGEST).map_err(|_| Unreadable)?;
    let Ok(Value::Object(fields)) = crate::json::strict(frame.as_bytes()) else { return Err(Unreadable) };
    Ok(match word(&fields, &["event"]).ok_or(Unreadable)? {
        "start" => start(&fields)?,
        "media" => {
            let media = inner(&fields, "media")?;
            // Our own words may come along on a track of theirs.
            if word(media, &["track"]).is_some_and(|track| track.starts_with("outbound")) {
                return Ok(Media::Unknown);
            }
            let payload = media.get("payload").and_then(Value::as_str).ok_or(Unreadable)?;
            let bytes = STANDARD.decode(payload).map_err(|_| Unreadable)?;
            Media::Sound { chunk: media.get("chunk").and_then(number), bytes }
        }
        "dtmf" => {
            let digit = word(inner(&fields, "dtmf")?, &["digit"]).ok_or(Unreadable)?;
            Media::Key(only_key(digit).ok_or(Unreadable)?)
        }
        "mark" => Media::Mark(id(inner(&fields, "mark")?, &["name"]).ok_or(Unreadable)?),
        "stop" => Media::Stop,
        _ => Media::Unknown,
    })
}

fn start(fields: &Map<String, Value>) -> Result<Media, Unreadable> {
    let start = inner(fields, "start")?;
    let format = start.get("mediaFormat").or_else(|| start.get("media_format")).and_then(Value::as_object);
    let law = format.and_then(|format| {
        let rate = format.get("sampleRate").or_else(|| format.get("sample_rate")).and_then(number);
        let is_single = format.get("channels").and_then(number).is_none_or(|channels| channels == 1);
        let law = match word(format, &["encoding"])?.to_ascii_lowercase().as_str() {
            "audio/x-mulaw" | "pcmu" => Law::Mu,
            "audio/x-alaw" | "pcma" => Law::A,
            _ => return None,
        };
        (rate == Some(8_000) && is_single).then_some(law)
    });
    Ok(Media::Start {
        stream: id(start, &["streamSid"]).or_else(|| id(fields, &["streamSid", "stream_id"])).ok_or(Unreadable)?,
        call: id(start, &["callSid", "call_control_id"]).ok_or(Unreadable)?,
        law,
    })
}

fn inner<'a>(fields: &'a Map<String, Value>, key: &str) -> Result<&'a Map<String, Value>, Unreadable> {
    fields.get(key).and_then(Value::as_object).ok_or(Unreadable)
}

fn word<'a>(fields: &'a Map<String, Value>, keys: &[&str]) -> Option<&'a str> {
    keys.iter().find_map(|key| fields.get(*key)?.as_str()).map(str::trim).filter(|word| !word.is_empty())
}

fn id(fields: &Map<String, Value>, keys: &[&str]) -> Option<String> {
    word(fields, keys).filter(|id| id.len() <= LONGEST_ID && !id.contains(char::is_control)).map(str::to_owned)
}

/// Some write figures as text.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Sound for the caller.
pub fn sound(stream: &str, bytes: &[u8]) -> String {
    json!({"event": "media", "streamSid": stream, "media": {"payload": STANDARD.encode(bytes)}}).to_string()
}

/// Comes back when everything before it has been played.
pub fn mark(stream: &str, name: &str) -> String {
    json!({"event": "mark", "streamSid": stream, "mark": {"name": name}}).to_string()
}

/// Drops what has not been played.
pub fn clear(stream: &str) -> String {
    json!({"event": "clear", "streamSid": stream}).to_string()
}

/// Puts sound into the order in which it was spoken. What comes twice is dropped, what is lost is not waited for for long.
#[derive(Debug, Default)]
pub struct Order {
    next: Option<u64>,
    early: BTreeMap<u64, Vec<u8>>,
}

impl Order {
    /// Takes a piece; the pieces that are due now.
    pub fn take(&mut self, chunk: Option<u64>, bytes: Vec<u8>) -> Vec<Vec<u8>> {
        let Some(chunk) = chunk else { return vec![bytes] };
        let next = *self.next.get_or_insert(chunk);
        if chunk < next {
            return Vec::new();
        }
        self.early.insert(chunk, bytes);
        if self.early.len() > MOST_EARLY {
            self.next = self.early.keys().next().copied();
        }
        let mut due = Vec::new();
        while let Some(bytes) = self.next.and_then(|next| self.early.remove(&next)) {
            due.push(bytes);
            self.next = self.next.map(|next| next.saturating_add(1));
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_both_vendors_are_read() {
        let check = |frame: Value, expected: Media| assert_eq!(read(&frame.to_string()), Ok(expected), "{frame}");
        let twilio = json!({"event": "start", "streamSid": "MZ1", "start": {"callSid": "CA1", "streamSid": "MZ1", "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}}});
        check(twilio, Media::Start { stream: "MZ1".to_owned(), call: "CA1".to_owned(), law: Some(Law::Mu) });
        let telnyx = json!({"event": "start", "sequence_number": "1", "stream_id": "s-1", "start": {"call_control_id": "v3:x",
            "media_format": {"encoding": "PCMA", "sample_rate": 8000, "channels": 1}}});
        check(telnyx, Media::Start { stream: "s-1".to_owned(), call: "v3:x".to_owned(), law: Some(Law::A) });
        check(
            json!({"event": "media", "media": {"chunk": "2", "payload": "//8="}}),
            Media::Sound { chunk: Some(2), bytes: vec![255, 255] },
        );
        check(json!({"event": "media", "media": {"track": "outbound", "payload": "//8="}}), Media::Unknown);
        check(json!({"event": "dtmf", "dtmf": {"digit": "#"}}), Media::Key('#'));
        check(json!({"event": "mark", "mark": {"name": "7"}}), Media::Mark("7".to_owned()));
        check(json!({"event": "stop", "stop": {}}), Media::Stop);
        check(json!({"event": "later"}), Media::Unknown);
    }

    #[test]
    fn a_format_that_we_do_not_read_is_told_and_what_is_no_frame_is_refused() {
        let frame = json!({"event": "start", "streamSid": "MZ1", "start": {"callSid": "CA1", "mediaFormat": {"encoding": "audio/opus", "sampleRate": 48000}}});
        assert!(matches!(read(&frame.to_string()), Ok(Media::Start { law: None, .. })));
        for frame in [
            "",
            "[]",
            "{}",
            r#"{"event":7}"#,
            r#"{"event":"start"}"#,
            r#"{"event":"media","media":{"payload":"?"}}"#,
            r#"{"event":"dtmf","dtmf":{"digit":"12"}}"#,
            r#"{"event":"mark"}"#,
        ] {
            assert_eq!(read(frame), Err(Unreadable), "{frame}");
        }
        let large = format!(r#"{{"event":"media","media":{{"payload":"{}"}}}}"#, "A".repeat(LARGEST));
        assert_eq!(read(&large), Err(Unreadable));
    }

    #[test]
    fn sound_comes_in_the_order_in_which_it_was_spoken() {
        let check = |chunks: &[u64], expected: &[u8]| {
            let mut order = Order::default();
            let heard: Vec<u8> = chunks.iter().flat_map(|chunk| order.take(Some(*chunk), vec![*chunk as u8])).flatten().collect();
            assert_eq!(heard, expected, "{chunks:?}");
        };
        check(&[1, 2, 3], &[1, 2, 3]);
        check(&[1, 3, 2, 4], &[1, 2, 3, 4]);
        check(&[1, 2, 2, 1, 3], &[1, 2, 3]);
        check(&[1, 3, 4, 5, 6, 7, 8, 9], &[1, 3, 4, 5, 6, 7, 8, 9]);
        check(&[5, 6, u64::MAX, 7], &[5, 6, 7]);
        assert_eq!(Order::default().take(None, vec![9]), [vec![9]]);
    }
}
