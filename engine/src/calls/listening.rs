//! What a caller says, made fit for reading: murmurs told from words, spoken digits and addresses in writing.

use std::sync::LazyLock;

use regex::Regex;

/// Murmurs that say "I am listening", in the languages that are spoken here.
const MURMURS: &[&str] = &[
    "uh huh", "uhhuh", "mhm", "mm hmm", "mmhmm", "mm", "hmm", "yeah", "yep", "yes", "ok", "okay", "right", "sure", "i see", "got it",
    "oui", "ouais", "d'accord", "ah oui", "hum", "euh", "ja", "genau", "aha", "sí", "si", "vale", "sim", "certo",
];

/// Does this say no more than "I am listening", when it is said into our words?
pub fn is_murmur(text: &str) -> bool {
    let plain: String = text
        .to_lowercase()
        .chars()
        .map(|letter| if letter.is_alphanumeric() || letter == '\'' { letter } else { ' ' })
        .collect::<String>()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    MURMURS.contains(&plain.as_str())
}

/// What a word of digits stands for.
fn digit(word: &str) -> Option<char> {
    Some(match word {
        "zero" | "oh" | "o" | "zéro" => '0',
        "one" | "un" | "une" => '1',
        "two" | "deux" => '2',
        "three" | "trois" => '3',
        "four" | "quatre" => '4',
        "five" | "cinq" => '5',
        "six" => '6',
        "seven" | "sept" => '7',
        "eight" | "huit" => '8',
        "nine" | "neuf" => '9',
        _ => {
            let mut letters = word.chars();
            return letters.next().filter(|first| first.is_ascii_digit() && letters.next().is_none());
        }
    })
}

/// Words of digits in a row, from this many on, are a number that is being dictated.
const DICTATED: usize = 3;

/// What was said, with dictated numbers and addresses as they are written: "four seven one oh nine two" is 471092.
pub fn written(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let bare = |word: &str| word.trim_matches(|letter: char| !letter.is_alphanumeric()).to_lowercase();
    let mut out: Vec<String> = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        let (digits, used) = dictated(&words[at..], &bare);
        if digits.len() >= DICTATED {
            let last = words[at + used - 1];
            let tail: String = last.chars().rev().take_while(|letter| matches!(letter, '.' | ',' | '!' | '?')).collect();
            // "e c two oh four": letters before a number are part of its name.
            let mut head = String::new();
            while out.last().is_some_and(|word| word.chars().count() == 1 && word.chars().all(char::is_uppercase)) {
                if let Some(letter) = out.pop() {
                    head.insert_str(0, &letter);
                }
            }
            let join = if head.is_empty() { "" } else { "-" };
            out.push(format!("{head}{join}{digits}{tail}"));
            at += used;
        } else {
            out.push(words[at].to_owned());
            at += 1;
        }
    }
    address(&out.join(" "))
}

/// The digits at the beginning of these words, and how many words they are.
fn dictated(words: &[&str], bare: &dyn Fn(&str) -> String) -> (String, usize) {
    let mut digits = String::new();
    let mut used = 0;
    while let Some(word) = words.get(used) {
        let plain = bare(word);
        let times = match plain.as_str() {
            "double" => 2,
            "triple" => 3,
            _ => 1,
        };
        let Some(found) = (if times > 1 { words.get(used + 1).and_then(|next| digit(&bare(next))) } else { digit(&plain) }) else { break };
        digits.extend(std::iter::repeat_n(found, times));
        used += if times > 1 { 2 } else { 1 };
        // A sign ends what is dictated.
        if words[used - 1].ends_with(['.', ',', '!', '?', ';']) && !words[used - 1].ends_with(',') {
            break;
        }
    }
    (digits, used)
}

/// "ada at example dot com" is an address.
fn address(text: &str) -> String {
    static SPOKEN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?i)\b([a-z0-9]+(?:(?: (?:dot|point|dash|tiret|underscore) )[a-z0-9]+){0,4}) (?:at|arobase) ([a-z0-9]+(?:(?: (?:dash|tiret) )[a-z0-9]+){0,3}(?: (?:dot|point) [a-z]{2,12}){1,3})\b",
        )
        .expect("a pattern")
    });
    static SIGNS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?i) (dot|point|dash|tiret|underscore) ").expect("a pattern"));
    let signs = |part: &str| {
        SIGNS
            .replace_all(part, |found: &regex::Captures<'_>| match found[1].to_lowercase().as_str() {
                "dash" | "tiret" => "-",
                "underscore" => "_",
                _ => ".",
            })
            .into_owned()
    };
    SPOKEN.replace_all(text, |found: &regex::Captures<'_>| format!("{}@{}", signs(&found[1]), signs(&found[2])).to_lowercase()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dictated_numbers_and_addresses_are_written() {
        let check = |said: &str, expected: &str| assert_eq!(written(said), expected);
        check("My order is four seven one oh nine two.", "My order is 471092.");
        check("it is double five three one", "it is 5531");
        check("E C two zero four one seven", "EC-20417");
        check("c'est le quatre sept un zéro", "c'est le 4710");
        check("I need two chairs", "I need two chairs");
        check("one or two", "one or two");
        check("it's ada dot lovelace at example dot com", "it's ada.lovelace@example.com");
        check("meet me at ten", "meet me at ten");
    }

    #[test]
    fn a_murmur_is_no_message() {
        for text in ["Uh huh.", "yeah", "OK!", "d'accord", "Mm-hmm"] {
            assert!(is_murmur(text), "{text}");
        }
        for text in ["yeah but wait", "stop", "no", ""] {
            assert!(!is_murmur(text), "{text}");
        }
    }
}
