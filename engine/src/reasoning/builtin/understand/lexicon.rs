//! The word lists and phrases of every language, read once from `data/`.
//!
//! `words.tsv` holds lists (`list ⇥ language ⇥ words separated by commas`), `cues.*.tsv` phrases
//! (`topic ⇥ label ⇥ pattern`). A pattern is a regular expression over marked text, in which `{list}` stands for any
//! word of a list, `{N}` for a number mark, `{D}` for a date, `{T}` for a time of day (each captured by that letter),
//! `{n} {d} {t} {e} {p} {r}` for the same without capture, and `{X}` for the rest of the clause (captured as `x`).

use std::collections::HashMap;
use std::sync::LazyLock;

use super::pattern::{Captures, Pattern};
use super::text::{Mark, Span};
use super::topic::{Cue, Cued, Topic};

/// The doors a customer can name, by id; `{C}` in a pattern stands for each.
const CHANNELS: [&str; 8] = ["email", "voice", "sms", "whatsapp", "telegram", "messenger", "instagram", "discord"];

static WORDS: LazyLock<HashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let mut lists: HashMap<&'static str, Vec<&'static str>> = HashMap::new();
    for fields in rows(include_str!("data/words.tsv")) {
        let [list, _, words] = fields[..] else { continue };
        lists.entry(list).or_default().extend(words.split(',').map(str::trim).filter(|word| !word.is_empty()));
    }
    lists
});

static TOPICS: LazyLock<HashMap<&'static str, Topic>> = LazyLock::new(|| {
    let mut topics: HashMap<&'static str, Vec<Cue>> = HashMap::new();
    let files = [
        include_str!("data/cues.en.tsv"),
        include_str!("data/cues.fr.tsv"),
        include_str!("data/cues.de.tsv"),
        include_str!("data/cues.es.tsv"),
        include_str!("data/cues.pt.tsv"),
    ];
    for fields in files.iter().flat_map(|file| rows(file)) {
        let [topic, label, pattern] = fields[..] else { continue };
        if pattern.contains("{C}") {
            for channel in CHANNELS {
                let names = format!("(?:{})", words(channel).join("|"));
                topics.entry(topic).or_default().push(Cue::new(channel, pattern.replace("{C}", &names)));
            }
            continue;
        }
        topics.entry(topic).or_default().push(Cue::new(label, pattern));
    }
    topics.into_iter().map(|(topic, cues)| (topic, Topic::new(cues))).collect()
});

/// The rows of a tab-separated file, without comments.
pub(super) fn rows(file: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    file.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| line.split('\t').collect())
}

/// The phrases of a topic that a text may hold, in every language, in their order.
pub(super) fn cues<'t>(topic: &str, text: &'t str) -> impl Iterator<Item = Cued<'t>> {
    TOPICS.get(topic).into_iter().flat_map(move |topic| topic.possible(text))
}

/// The words of a list, in every language.
pub(super) fn words(list: &str) -> &'static [&'static str] {
    WORDS.get(list).map_or(&[], Vec::as_slice)
}

/// Is this word in the list?
pub(super) fn is_in(list: &str, word: &str) -> bool {
    words(list).contains(&word)
}

/// Does any phrase of the topic occur?
pub(super) fn says(topic: &str, text: &str) -> bool {
    cues(topic, text).any(|cue| cue.is_match())
}

/// A pattern of ours as a regular expression.
pub(super) fn compile(pattern: &str) -> Pattern {
    Pattern::new(&opened(pattern))
}

/// A pattern of ours as the text of a regular expression.
pub(super) fn opened(pattern: &str) -> String {
    let mut out = pattern.to_owned();
    for (name, meaning) in [
        ("{N}", "\u{1}n(?P<n>[0-9]+)\u{2}"),
        ("{D}", "\u{1}d(?P<d>[0-9]+)\u{2}"),
        ("{T}", "\u{1}t(?P<t>[0-9]+)\u{2}"),
        ("{n}", "\u{1}n[0-9]+\u{2}"),
        ("{d}", "\u{1}d[0-9]+\u{2}"),
        ("{t}", "\u{1}t[0-9]+\u{2}"),
        ("{e}", "\u{1}e[0-9]+\u{2}"),
        ("{p}", "\u{1}p[0-9]+\u{2}"),
        ("{r}", "\u{1}r[0-9]+\u{2}"),
        ("{X}", "(?P<x>[^,.;:!?()\"\n]+)"),
        ("{..}", "[^,.;:!?()\"\n]*?"),
    ] {
        out = out.replace(name, meaning);
    }
    while let Some(start) = out.match_indices('{').map(|(at, _)| at).find(|&at| out[at + 1..].starts_with(|c: char| c.is_ascii_lowercase()))
    {
        let Some(length) = out[start..].find('}') else { break };
        let mut list: Vec<&str> = words(&out[start + 1..start + length]).to_vec();
        list.sort_by_key(|word| std::cmp::Reverse(word.len()));
        assert!(!list.is_empty(), "no list for {}", &out[start..=start + length]);
        let alternatives = format!("(?:{})", list.join("|"));
        out.replace_range(start..=start + length, &alternatives);
    }
    out.replace(r"\b", r"(?-u:\b)").replace(r"\w", "[a-z0-9]").replace(r"\d", "[0-9]").replace(r"\s", "[ \n]")
}

/// The number that a named capture of a mark holds.
pub(super) fn mark<'m>(captures: &Captures<'_>, name: &str, marks: &'m [(Span, Mark)]) -> Option<&'m Mark> {
    let number: usize = captures.name(name)?.as_str().parse().ok()?;
    marks.get(number).map(|(_, mark)| mark)
}

/// The stretch of the whole match.
pub(super) fn whole(captures: &Captures<'_>) -> Span {
    captures.get(0).map_or(0..0, |found| found.range())
}

/// How many phrases a text holds, having checked that each is found where it stands.
#[cfg(test)]
pub(super) fn held(text: &str) -> usize {
    let mut held = 0;
    for topic in TOPICS.values() {
        let possible: Vec<Cued<'_>> = topic.possible(text).collect();
        for cue in topic.cues() {
            let everywhere: Vec<Span> = cue.regex().find_iter(text).map(|found| found.range()).collect();
            let found = possible.iter().find(|cued| std::ptr::eq(cued.cue, cue));
            let by_start: Vec<Span> = found.into_iter().flat_map(|cued| cued.find_iter()).map(|found| found.range()).collect();
            assert_eq!(by_start, everywhere, "{:?} in {text:?}", cue.pattern);
            let by_groups = found.into_iter().flat_map(|cued| cued.captures_iter()).count();
            let first = found.and_then(|cued| cued.find()).map(|found| found.range());
            let first_groups = found.and_then(|cued| cued.captures()).map(|groups| whole(&groups));
            assert_eq!((by_groups, first.as_ref()), (everywhere.len(), everywhere.first()), "{:?} in {text:?}", cue.pattern);
            assert_eq!(first_groups.as_ref(), everywhere.first(), "{:?} in {text:?}", cue.pattern);
            assert_eq!(found.is_some_and(|cued| cued.is_match()), !everywhere.is_empty(), "{:?} in {text:?}", cue.pattern);
            held += usize::from(!everywhere.is_empty());
        }
    }
    held
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_compiles_and_most_say_how_they_begin() {
        let (mut all, mut open) = (0, 0);
        for topic in TOPICS.values() {
            all += topic.cues().len();
            open += topic.open();
            for cue in topic.cues() {
                cue.regex();
            }
        }
        assert!(all > 500 && open * 10 < all, "{open} of {all} are tried on every text");
    }
}
