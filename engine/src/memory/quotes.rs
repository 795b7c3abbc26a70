//! What was said, said again: when, where, by whom, in the very words.

use domain::customer::Context;
use domain::message::{Author, Message};
use domain::settings::WorkspaceSettings;
use regex::Regex;
use std::sync::LazyLock;

use super::recall::sayings;
use super::slots::sentences;
use crate::decision::hours::dated;
use crate::rendering::phrases::{Phrases, exists, phrase};
use domain::lexicon;

/// A message and those around it must hold so much of what is asked about, or we do not have it.
const SURE: f32 = 0.55;
/// What holds much less than the best is another matter.
const BESIDE_THE_BEST: f32 = 0.8;
/// As many are said again in one turn.
const MOST: usize = 3;
/// Nothing longer is said again as a whole.
const LONGEST: usize = 240;

/// The words that answer a question about things said; `None` when nobody asks, or when nothing of it was said.
pub fn said_again(context: &Context, question: &str, settings: &WorkspaceSettings, words: &Phrases) -> Option<String> {
    let topic = sayings::topic(question)?;
    let best = context.recalled.iter().map(|stretch| stretch.covered).fold(0.0, f32::max);
    if best < SURE {
        return None;
    }
    let found = context
        .recalled
        .iter()
        .filter(|stretch| stretch.covered >= best * BESIDE_THE_BEST)
        .flat_map(|stretch| stretch.messages.iter().filter(|message| stretch.found.contains(&message.id)))
        .filter(|message| message.event.is_none() && sayings::topic(&message.text).is_none());
    let mut quotes: Vec<&Message> = found.collect();
    quotes.sort_by_key(|message| std::cmp::Reverse(common(&message.text, &topic, words.language())));
    quotes.truncate(MOST);
    quotes.sort_by_key(|message| message.seq);
    let lines: Vec<String> = quotes.into_iter().map(|message| quote(message, &topic, settings, words)).collect();
    (!lines.is_empty()).then(|| lines.join(" "))
}

fn quote(message: &Message, topic: &str, settings: &WorkspaceSettings, words: &Phrases) -> String {
    let when = dated(message.at.in_zone(&settings.timezone).date(), words.language());
    let key = format!("channel.{}", message.channel);
    let door = if exists(&key) { phrase(words.language(), &key) } else { name_of(message.channel.as_str()) };
    let key = match message.author {
        Author::Customer => "quote.customer",
        Author::Ai | Author::Teammate | Author::System => "quote.us",
    };
    let text = short(&message.text, topic, words.language());
    words.with(key, &[("when", &when), ("door", &door), ("what", &text)])
}

/// A brand is written as it writes itself.
fn name_of(channel: &str) -> String {
    match channel {
        "whatsapp" => "WhatsApp".to_owned(),
        "rcs" => "RCS".to_owned(),
        other => {
            let mut letters = other.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
        }
    }
}

/// The sentences about the topic, where the whole is too long; without quotation marks of its own.
fn short(text: &str, topic: &str, language: &str) -> String {
    static SPACES: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\s+").expect("a constant pattern"));
    let text = SPACES.replace_all(text.trim(), " ").replace(['“', '”', '«', '»', '„', '"'], "'");
    if text.chars().count() <= LONGEST {
        return text;
    }
    let mut best = sentences(&text);
    best.sort_by_key(|sentence| std::cmp::Reverse(common(sentence, topic, language)));
    let chosen = best.first().map_or(text.as_str(), |sentence| sentence.trim());
    if chosen.chars().count() <= LONGEST {
        return chosen.to_owned();
    }
    let cut: String = chosen.chars().take(LONGEST).collect();
    format!("{}…", cut.rsplit_once(' ').map_or(cut.as_str(), |(whole, _)| whole))
}

/// How many words of the topic a text holds.
fn common(text: &str, topic: &str, language: &str) -> usize {
    let stems = |text: &str| lexicon::terms(text, language).into_iter().map(|term| (term.stem, term.concepts)).collect::<Vec<_>>();
    let held = stems(text);
    let is_held = |(stem, ideas): &(String, Vec<lexicon::Concept>)| {
        held.iter().any(|(other, meant)| other == stem || ideas.iter().any(|idea| meant.contains(idea)))
    };
    stems(topic).iter().filter(|term| is_held(term)).count()
}
