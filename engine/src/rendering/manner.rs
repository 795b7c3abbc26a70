//! How the assistant speaks on a door: its name, its tone, and the business's own first and last words. What it says stays the same.

use std::borrow::Cow;

use domain::ChannelKind;
use domain::settings::{Speaking, Tone, WorkspaceSettings};

use super::phrases::{self, Phrases};
use super::plan::Draft;
use crate::memory::slots;

/// Sentences of an answer that is to be short.
const SHORT: usize = 2;

fn speaking<'a>(settings: &'a WorkspaceSettings, channel: ChannelKind, words: &Phrases) -> Speaking<'a> {
    let mut speaking = settings.manner.on(channel);
    // The business wrote its own words in its own language; whoever speaks another one is greeted in that.
    if words.language() != settings.locale {
        speaking.greeting = None;
        speaking.sign_off = None;
    }
    speaking
}

/// The first words on a door, from the phrase that fits the occasion. That it is an AI is always among those that say who speaks.
pub fn opening(settings: &WorkspaceSettings, channel: ChannelKind, key: &str, called: &str, words: &Phrases) -> String {
    let speaking = speaking(settings, channel, words);
    let assistant = speaking.name.unwrap_or_default();
    let values = [("workspace", settings.name.as_str()), ("name", called), ("assistant", assistant)];
    let phrase = |key: &str| {
        let named = format!("{key}.called");
        words.with(if !assistant.is_empty() && phrases::exists(&named) { &named } else { key }, &values)
    };
    match (key, speaking.greeting, speaking.tone) {
        ("greeting.new", Some(own), _) if says_ai(own) => own.to_owned(),
        ("greeting.new", Some(own), _) => format!("{own} {}", phrase("greeting.disclosure")),
        ("greeting.new", None, Some(Tone::Short)) => phrase("greeting.disclosure"),
        _ => phrase(key),
    }
}

/// Does it say that an AI speaks, in any of the languages?
fn says_ai(text: &str) -> bool {
    text.split(|letter: char| !letter.is_alphanumeric()).any(|word| matches!(word, "AI" | "IA" | "KI"))
}

/// What stands before the first answer of a reply, where the tone wants something there.
pub fn before_answers(settings: &WorkspaceSettings, channel: ChannelKind, sentiment: f32, words: &Phrases) -> Option<String> {
    let is_warm = speaking(settings, channel, words).tone == Some(Tone::Warm);
    // Joy at somebody's anger would be an insult, and a text message is paid by the letter.
    (is_warm && sentiment > -0.2 && channel != ChannelKind::Sms).then(|| words.say("tone.warm"))
}

/// An answer from the sources, as long as the tone has it. A list keeps its lines.
pub fn answer<'a>(settings: &WorkspaceSettings, channel: ChannelKind, text: &'a str) -> Cow<'a, str> {
    if settings.manner.on(channel).tone != Some(Tone::Short) || text.contains('\n') {
        return Cow::Borrowed(text);
    }
    let said = slots::sentences(text);
    if said.len() <= SHORT { Cow::Borrowed(text) } else { Cow::Owned(said[..SHORT].concat().trim_end().to_owned()) }
}

/// The draft in the manner of a door.
pub fn dressed(draft: &Draft, settings: &WorkspaceSettings, channel: ChannelKind, words: &Phrases) -> Draft {
    let speaking = speaking(settings, channel, words);
    let mut dressed = draft.clone();
    match speaking.tone {
        Some(Tone::Formal) => dressed.parts.iter_mut().for_each(|part| *part = calm(part)),
        Some(Tone::Short) if dressed.parts.len() > 1 => {
            let courtesy = words.say("greeting.help");
            dressed.parts.retain(|part| *part != courtesy);
        }
        Some(Tone::Warm | Tone::Short) | None => {}
    }
    let is_said = channel == ChannelKind::Voice || dressed.parts.is_empty();
    dressed.sign_off = speaking.sign_off.filter(|_| !is_said).map(str::to_owned);
    dressed
}

/// Without exclamations.
fn calm(text: &str) -> String {
    text.replace('!', ".").replace("..", ".")
}

/// How a model is told to speak; nothing of it changes what may be said.
pub fn instruction(settings: &WorkspaceSettings, channel: ChannelKind) -> String {
    let speaking = settings.manner.on(channel);
    let mut said = String::new();
    if let Some(name) = speaking.name {
        said.push_str(&format!("Your name is {name}. "));
    }
    said.push_str(match speaking.tone {
        Some(Tone::Formal) => "Speak formally and without exclamation marks. ",
        Some(Tone::Warm) => "Speak warmly, as to somebody one likes. ",
        Some(Tone::Short) => "Be as brief as you can: one sentence, two at most. ",
        None => "",
    });
    said
}

#[cfg(test)]
mod tests {
    use domain::settings::DoorManner;

    use super::*;

    fn settings(manner: DoorManner, name: Option<&str>) -> WorkspaceSettings {
        let mut settings = WorkspaceSettings::named("ergo".into(), "Ergo Chairs");
        settings.manner.name = name.map(str::to_owned);
        settings.manner.doors.insert(ChannelKind::Whatsapp, manner);
        settings
    }

    #[test]
    fn whatever_the_greeting_an_ai_says_that_it_is_one() {
        let check = |greeting: Option<&str>, tone, name, language: &str, expected: &str| {
            let manner = DoorManner { greeting: greeting.map(str::to_owned), tone, ..DoorManner::default() };
            let said = opening(&settings(manner, name), ChannelKind::Whatsapp, "greeting.new", "", &Phrases::new(language));
            assert_eq!(said, expected);
        };
        check(None, None, None, "en", "Hello, I am the AI assistant of Ergo Chairs.");
        check(None, None, Some("Mia"), "en", "Hello, I am Mia, the AI assistant of Ergo Chairs.");
        check(None, Some(Tone::Short), Some("Mia"), "en", "I am Mia, the AI assistant of Ergo Chairs.");
        check(Some("Hi there!"), None, None, "en", "Hi there! I am the AI assistant of Ergo Chairs.");
        check(Some("Hi, the AI of Ergo here."), None, Some("Mia"), "en", "Hi, the AI of Ergo here.");
        check(Some("Hi there!"), None, None, "fr", "Bonjour, je suis l'assistant IA de Ergo Chairs.");
    }

    #[test]
    fn a_short_answer_has_two_sentences_and_a_list_all_its_lines() {
        let short = settings(DoorManner { tone: Some(Tone::Short), ..DoorManner::default() }, None);
        let said = |text: &'static str| answer(&short, ChannelKind::Whatsapp, text).into_owned();
        assert_eq!(said("It costs 4.50 EUR. It takes three days. We ship on Mondays."), "It costs 4.50 EUR. It takes three days.");
        assert_eq!(said("One. Two.\nThree. Four."), "One. Two.\nThree. Four.");
        assert_eq!(answer(&short, ChannelKind::Email, "One. Two. Three."), "One. Two. Three.");
    }

    #[test]
    fn a_letter_ends_with_the_businesss_own_words_in_its_own_language() {
        let manner = DoorManner { sign_off: Some("Kind regards, Ergo".to_owned()), tone: Some(Tone::Formal), ..DoorManner::default() };
        let settings = settings(manner, None);
        let draft = Draft { parts: vec!["Yes!".to_owned()], ..Draft::default() };
        let dressed = |language: &str| dressed(&draft, &settings, ChannelKind::Whatsapp, &Phrases::new(language));
        assert_eq!((dressed("en").parts, dressed("en").sign_off.as_deref()), (vec!["Yes.".to_owned()], Some("Kind regards, Ergo")));
        assert_eq!(dressed("fr").sign_off, None);
    }
}
