//! What Twilio is told to do with a call.
//!
//! <https://www.twilio.com/docs/voice/twiml/connect/conversationrelay>

use std::fmt::Write;

use domain::ports::HookAnswer;

/// The first words of a stretch of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Greeting {
    /// Said at once; nothing when the words come over the line.
    pub text: Option<String>,
    /// Language tag of both sides.
    pub language: String,
}

/// Putting a caller through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Said to the caller before.
    pub farewell: Option<String>,
    /// Its language tag.
    pub language: String,
    /// The number to ring, E.164, or a SIP address.
    pub to: String,
}

/// How long a person of the business is rung, in seconds.
const RINGS_FOR: u32 = 25;

/// Text inside XML.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            control if control.is_control() => out.push(' '),
            other => out.push(other),
        }
    }
    out
}

/// An element with its attributes and what is in it.
fn element(name: &str, attributes: &[(&str, &str)], inner: &str) -> String {
    let mut out = format!("<{name}");
    for (key, value) in attributes.iter().filter(|(_, value)| !value.is_empty()) {
        // Writing to a string cannot fail.
        let _ = write!(out, " {key}=\"{}\"", escaped(value));
    }
    if inner.is_empty() { format!("{out}/>") } else { format!("{out}>{inner}</{name}>") }
}

fn answer(inner: &str) -> HookAnswer {
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>{inner}</Response>");
    HookAnswer { status: 200, content_type: "text/xml", body }
}

/// Nothing to do.
pub(super) fn nothing() -> HookAnswer {
    answer("")
}

/// Says something and hangs up.
pub(super) fn say_and_hang_up(text: &str, language: &str) -> HookAnswer {
    let said = if text.is_empty() { String::new() } else { element("Say", &[("language", language)], &escaped(text)) };
    answer(&format!("{said}<Hangup/>"))
}

/// What the relay needs besides its greeting.
pub(super) struct Relay<'a> {
    pub(super) socket: &'a str,
    pub(super) action: &'a str,
    pub(super) voice: &'a str,
    pub(super) tts_provider: &'a str,
    pub(super) hints: &'a str,
}

/// Connects the call with us.
pub(super) fn relay(greeting: &Greeting, relay: &Relay<'_>) -> HookAnswer {
    let text = greeting.text.as_deref().unwrap_or_default();
    let inner = element(
        "ConversationRelay",
        &[
            ("url", relay.socket),
            ("welcomeGreeting", text),
            ("welcomeGreetingInterruptible", if text.is_empty() { "" } else { "any" }),
            ("language", &greeting.language),
            ("ttsProvider", relay.tts_provider),
            ("voice", relay.voice),
            ("interruptible", "any"),
            ("dtmfDetection", "true"),
            ("reportInputDuringAgentSpeech", "any"),
            ("hints", relay.hints),
        ],
        "",
    );
    answer(&element("Connect", &[("action", relay.action)], &inner))
}

/// Brings us the sound of the call, both ways. <https://www.twilio.com/docs/voice/twiml/stream>
pub(super) fn stream(socket: &str, action: &str) -> HookAnswer {
    answer(&element("Connect", &[("action", action)], &element("Stream", &[("url", socket)], "")))
}

/// Rings a person of the business.
pub(super) fn transfer(transfer: &Transfer, caller_id: &str, action: &str, whisper: &str) -> HookAnswer {
    let said = transfer.farewell.as_deref().unwrap_or_default();
    let said = if said.is_empty() { String::new() } else { element("Say", &[("language", &transfer.language)], &escaped(said)) };
    let target = if transfer.to.starts_with("sip:") {
        element("Sip", &[("url", whisper)], &escaped(&transfer.to))
    } else {
        element("Number", &[("url", whisper)], &escaped(&transfer.to))
    };
    let seconds = RINGS_FOR.to_string();
    let attributes = [("answerOnBridge", "true"), ("timeout", seconds.as_str()), ("callerId", caller_id), ("action", action)];
    answer(&format!("{said}{}", element("Dial", &attributes, &target)))
}

/// Says something to whoever answered, before they are put through.
pub(super) fn whisper(text: &str, language: &str) -> HookAnswer {
    answer(&element("Say", &[("language", language)], &escaped(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_never_become_markup() {
        let answer = say_and_hang_up("<Dial>+1900</Dial> & \"more\"\u{0}", "en");
        assert!(answer.body.contains("&lt;Dial&gt;+1900&lt;/Dial&gt; &amp; &quot;more&quot; "), "{}", answer.body);
    }

    #[test]
    fn what_is_empty_is_left_out() {
        let greeting = Greeting { text: None, language: "en-GB".to_owned() };
        let given = Relay { socket: "wss://x/y", action: "https://x/z?a=1&b=2", voice: "", tts_provider: "", hints: "" };
        let body = relay(&greeting, &given).body;
        assert!(!body.contains("welcomeGreeting") && !body.contains("voice="), "{body}");
        assert!(body.contains("action=\"https://x/z?a=1&amp;b=2\""), "{body}");
    }
}
