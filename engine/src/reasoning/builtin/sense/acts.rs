//! Kinds of speech, and the questions of a message.

use std::sync::LazyLock;

use domain::signal::Act;
use regex::Regex;

use super::reading::{Place, Reading};

const GROUPS: [(&str, Act); 20] = [
    ("acts.greeting", Act::Greeting),
    ("acts.thanks", Act::Thanks),
    ("acts.farewell", Act::Farewell),
    ("acts.yes", Act::Yes),
    ("acts.no", Act::No),
    ("acts.refuses", Act::RefusesToSay),
    ("acts.unsure", Act::NotSure),
    ("acts.continues", Act::Continues),
    ("acts.asks_known", Act::AsksWhatIsKnown),
    ("acts.asks_ai", Act::AsksIfAi),
    ("acts.asks_erasure", Act::AsksErasure),
    ("acts.asks_assistant", Act::AsksAboutAssistant),
    ("acts.solved", Act::Solved),
    ("acts.not_solved", Act::NotSolved),
    ("acts.third_time", Act::NotSolved),
    ("acts.small_talk", Act::SmallTalk),
    ("acts.buy", Act::ReadyToBuy),
    ("acts.own_order", Act::AboutOwnOrder),
    ("acts.ai_off", Act::StopAi),
    ("acts.ai_on", Act::WantsAi),
];

/// Every act of a message, each once.
pub fn find(reading: &Reading<'_>) -> Vec<Act> {
    let mut acts = Vec::new();
    for (group, act) in GROUPS {
        if !acts.contains(&act) && reading.holds(group) {
            acts.push(act);
        }
    }
    let asks = !questions(reading).is_empty();
    if asks {
        acts.push(Act::Question);
    }
    // "Great, and how long …?" praises the last answer; it does not close the matter of this message.
    if acts.contains(&Act::NotSolved) {
        acts.retain(|act| *act != Act::Solved);
    }
    // A long answer that begins with "no" or "yes" states more than the bare word, but is still that answer.
    let words: usize = reading.parts.first().map_or(0, |part| part.marked.iter().map(|marked| marked.sentence.words.len()).sum());
    let is_bare = acts.iter().any(|act| {
        matches!(
            act,
            Act::Greeting
                | Act::Thanks
                | Act::Farewell
                | Act::Yes
                | Act::No
                | Act::RefusesToSay
                | Act::NotSure
                | Act::Solved
                | Act::SmallTalk
        )
    });
    if !asks && (words > 3 || words > 0 && !is_bare) {
        acts.push(Act::Statement);
    }
    acts
}

/// What is asked after somebody has said who they are in the same breath: "My name is Ada Lind, do you deliver?"
fn after_introduction(question: &str) -> &str {
    static INTRODUCED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"^(?i:my name(?:'s| is)|this is|i am|i['’]m|je m['’]appelle|je suis|c['’]est|mon nom est|ich bin|ich heiße|mein name ist|hier ist|hier spricht|me llamo|mi nombre es|soy|meu nome é|chamo-me|sou)(?: (?:o|a))?(?: [A-ZÀ-ÖØ-ÞŁŒŚŠŻŽČĐ][\w'’-]+){1,4}(?i: (?:here|speaking))?\s*[,;:.!–-]+\s*(?i:(?:and|et|und|y|e) )?",
        )
        .expect("a fixed expression")
    });
    let rest = INTRODUCED.find(question).map_or(question, |found| &question[found.end()..]);
    if rest.split_whitespace().count() >= 2 { rest } else { question }
}

/// The questions, a greeting or thanks before them cut off, and who asks.
pub fn questions(reading: &Reading<'_>) -> Vec<String> {
    let Some(part) = reading.parts.first() else { return Vec::new() };
    let mut found = Vec::new();
    let mut asked: Vec<Place> = reading.places("acts.question");
    // "I wrote about it yesterday, is that too late": asked after the comma, without a question mark.
    asked.extend(
        reading.places("acts.question_within").into_iter().filter(|place| reading.sentence(*place).words[place.from].follows_pause),
    );
    let courtesies: Vec<Place> = ["acts.greeting", "acts.thanks"].iter().flat_map(|group| reading.places(group)).collect();
    for (index, marked) in part.marked.iter().enumerate() {
        let sentence = &marked.sentence;
        let is_question =
            sentence.asks && !sentence.words.is_empty() || asked.iter().any(|place| place.part == 0 && place.sentence == index);
        if !is_question {
            continue;
        }
        let is_courteous = courtesies.iter().any(|place| place.part == 0 && place.sentence == index && place.from == 0);
        let start = match sentence.words.iter().position(|word| word.follows_pause) {
            Some(pause) if is_courteous && pause <= 4 => {
                let joined = matches!(sentence.words[pause].text.as_str(), "and" | "et" | "but" | "mais" | "und" | "y" | "e");
                sentence.words.get(pause + usize::from(joined)).map_or(sentence.start, |word| word.start)
            }
            _ => sentence.start,
        };
        found.push(after_introduction(&reading.text[start..sentence.end]).to_owned());
    }
    found
}
