//! The frames of ConversationRelay, both ways.
//!
//! <https://www.twilio.com/docs/voice/conversationrelay/websocket-messages>

use domain::call::{CallIn, CallOut};
use serde_json::{Map, Value, json};

use crate::text;

/// Largest frame that is read, in bytes.
pub const LARGEST: usize = 64 * 1024;
/// Longest utterance that is taken, in characters; people do not say more in one breath.
const LONGEST_SAID: usize = 4_000;
/// Longest id of the vendor's.
const LONGEST_ID: usize = 128;

/// The frame cannot be read. The call goes on; the frame is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a frame of the call cannot be read")]
pub struct Unreadable;

/// Reads a frame. Fields that we do not know are ignored, and so are kinds.
pub fn read(frame: &str) -> Result<CallIn, Unreadable> {
    if frame.len() > LARGEST {
        return Err(Unreadable);
    }
    crate::json::bounded(frame.as_bytes(), LARGEST).map_err(|_| Unreadable)?;
    let Ok(Value::Object(fields)) = crate::json::strict(frame.as_bytes()) else { return Err(Unreadable) };
    let word = |key: &str| fields.get(key).and_then(Value::as_str).map(str::trim).filter(|word| !word.is_empty());
    let id = |key: &str| word(key).filter(|id| id.len() <= LONGEST_ID && !id.contains(char::is_control)).map(str::to_owned);
    Ok(match word("type").ok_or(Unreadable)? {
        "setup" => CallIn::Setup {
            call: id("callSid").ok_or(Unreadable)?,
            session: id("sessionId").unwrap_or_default(),
            from: id("from").unwrap_or_default(),
            to: id("to").unwrap_or_default(),
        },
        "prompt" => CallIn::Prompt {
            text: said(&fields, "voicePrompt").unwrap_or_default(),
            language: id("lang"),
            // Without partial prompts there is no such field, and every prompt is whole.
            is_final: fields.get("last").and_then(Value::as_bool).unwrap_or(true),
        },
        "interrupt" => CallIn::Interrupt {
            heard: said(&fields, "utteranceUntilInterrupt").unwrap_or_default(),
            heard_ms: fields.get("durationUntilInterruptMs").and_then(milliseconds),
        },
        "dtmf" => CallIn::Key(only_key(word("digit").ok_or(Unreadable)?).ok_or(Unreadable)?),
        "error" => CallIn::Fault(said(&fields, "description").unwrap_or_default()),
        _ => CallIn::Unknown,
    })
}

/// The one key that is written, as telephones have them.
pub(super) fn only_key(written: &str) -> Option<char> {
    let mut keys = written.chars();
    match (keys.next(), keys.next()) {
        (Some(key @ ('0'..='9' | '*' | '#' | 'A'..='D')), None) => Some(key),
        _ => None,
    }
}

fn said(fields: &Map<String, Value>, key: &str) -> Option<String> {
    let whole = text::written(fields.get(key)?.as_str()?)?;
    Some(whole.chars().take(LONGEST_SAID).collect())
}

/// Older pages show text, newer ones a number.
fn milliseconds(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Writes a frame.
pub fn write(out: &CallOut) -> String {
    let frame = match out {
        CallOut::Say { text, last, interruptible, language } => {
            let mut frame = json!({ "type": "text", "token": text, "last": last });
            if !interruptible {
                frame["interruptible"] = json!(false);
            }
            if let Some(language) = language {
                frame["lang"] = json!(language);
            }
            frame
        }
        CallOut::Digits(digits) => json!({ "type": "sendDigits", "digits": digits }),
        CallOut::Language(language) => json!({ "type": "language", "ttsLanguage": language, "transcriptionLanguage": language }),
        CallOut::End { note } => json!({ "type": "end", "handoffData": note }),
    };
    frame.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_read_as_a_number_and_as_text() {
        for written in ["1820", "\"1820\""] {
            let frame = format!(r#"{{"type":"interrupt","utteranceUntilInterrupt":"Sure, I","durationUntilInterruptMs":{written}}}"#);
            assert_eq!(read(&frame), Ok(CallIn::Interrupt { heard: "Sure, I".to_owned(), heard_ms: Some(1_820) }));
        }
    }

    #[test]
    fn what_is_no_frame_is_refused_and_what_is_new_changes_nothing() {
        let refused =
            ["", "{", "[]", "{}", r#"{"type":7}"#, r#"{"type":"dtmf","digit":"12"}"#, r#"{"type":"dtmf"}"#, r#"{"type":"setup"}"#];
        for frame in refused {
            assert_eq!(read(frame), Err(Unreadable), "{frame}");
        }
        assert_eq!(read(r#"{"type":"info","name":"tokensPlayed"}"#), Ok(CallIn::Unknown));
        assert_eq!(read(&format!(r#"{{"type":"prompt","voicePrompt":"{}"}}"#, "a".repeat(LARGEST))), Err(Unreadable));
        assert_eq!(read(r#"{"type":"prompt","type":"end"}"#), Err(Unreadable), "a key that is there twice");
    }

    #[test]
    fn a_prompt_without_partials_is_whole() {
        let check = |frame: &str, expected: bool| {
            assert!(matches!(read(frame), Ok(CallIn::Prompt { is_final, .. }) if is_final == expected), "{frame}");
        };
        check(r#"{"type":"prompt","voicePrompt":"hello","lang":"en-US"}"#, true);
        check(r#"{"type":"prompt","voicePrompt":"hello","last":true,"future":{"x":1}}"#, true);
        check(r#"{"type":"prompt","voicePrompt":"hel","last":false}"#, false);
    }
}
