//! Compares what is said with what should be said: case, accents, spelling of figures and clock times aside.

use engine::reasoning::builtin::sense::sentences::fold;
use engine::rendering::phrases::admits_not_knowing;

/// Words of negation or restriction.
const NEGATIONS: [&str; 38] = [
    "no",
    "not",
    "cannot",
    "never",
    "none",
    "nothing",
    "nor",
    "without",
    "unable",
    "unfortunately",
    "only",
    "except",
    "non",
    "ne",
    "n",
    "pas",
    "sans",
    "aucun",
    "aucune",
    "jamais",
    "rien",
    "seulement",
    "uniquement",
    "nicht",
    "kein",
    "keine",
    "keinen",
    "nein",
    "nur",
    "ohne",
    "nie",
    "leider",
    "sin",
    "nunca",
    "ningun",
    "ninguna",
    "solo",
    "tampoco",
];
const NUMBER_WORDS: [(&str, [&str; 4]); 13] = [
    ("2", ["two", "deux", "zwei", "dos"]),
    ("3", ["three", "trois", "drei", "tres"]),
    ("4", ["four", "quatre", "vier", "cuatro"]),
    ("5", ["five", "cinq", "funf", "cinco"]),
    ("6", ["six", "sechs", "seis", "six"]),
    ("7", ["seven", "sept", "sieben", "siete"]),
    ("8", ["eight", "huit", "acht", "ocho"]),
    ("9", ["nine", "neuf", "neun", "nueve"]),
    ("10", ["ten", "dix", "zehn", "diez"]),
    ("12", ["twelve", "douze", "zwolf", "doce"]),
    ("15", ["fifteen", "quinze", "funfzehn", "quince"]),
    ("20", ["twenty", "vingt", "zwanzig", "veinte"]),
    ("30", ["thirty", "trente", "dreissig", "treinta"]),
];
/// An answer longer than this is no answer.
pub const LONGEST: usize = 1_500;

/// A text as words and figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plain(Vec<String>);

impl Plain {
    /// Reads a text.
    pub fn of(text: &str) -> Self {
        Self(clocks(percents(pieces(&fold(text)))))
    }

    /// Is this said? `@neg` is any word of negation; a final `*` lets the last word go on.
    pub fn says(&self, wanted: &str) -> bool {
        if wanted == "@neg" {
            return self
                .0
                .iter()
                .enumerate()
                .any(|(at, word)| NEGATIONS.contains(&word.as_str()) || (word == "t" && at > 0 && self.0[at - 1].ends_with('n')));
        }
        let open = wanted.ends_with('*');
        let Self(wanted) = Self::of(wanted.trim_end_matches('*'));
        if wanted.is_empty() {
            return false;
        }
        self.0.windows(wanted.len()).any(|window| {
            window.iter().zip(&wanted).enumerate().all(|(at, (said, wanted_word))| {
                said == wanted_word || (open && at + 1 == wanted.len() && said.starts_with(wanted_word.as_str()))
            })
        })
    }

    /// Are both the same words?
    pub fn is(&self, other: &str) -> bool {
        self == &Self::of(other)
    }

    /// Does one of two texts hold the other?
    pub fn overlaps(a: &str, b: &str) -> bool {
        Self::of(a).says(b) || Self::of(b).says(a)
    }
}

/// Says that it is not known.
pub fn abstains(text: &str) -> bool {
    text.trim().is_empty() || admits_not_knowing(text)
}

/// Words, figures (thousands joined, zeros behind the point gone), percent signs and dashes between figures.
fn pieces(folded: &str) -> Vec<String> {
    let letters: Vec<char> =
        folded.chars().map(|letter| if matches!(letter, '\u{a0}' | '\u{202f}' | '\u{2009}') { ' ' } else { letter }).collect();
    let digit = |at: usize| letters.get(at).is_some_and(char::is_ascii_digit);
    let mut out: Vec<String> = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        let letter = letters[at];
        if letter.is_ascii_digit() {
            let mut figure = String::new();
            let mut group = 0;
            let mut fraction = None;
            while at < letters.len() {
                if digit(at) {
                    figure.push(letters[at]);
                    group += 1;
                    at += 1;
                    continue;
                }
                let three = digit(at + 1) && digit(at + 2) && digit(at + 3) && !digit(at + 4);
                let joins = matches!(letters[at], ',' | '.' | '\'' | ' ') && three && group <= 3 && fraction.is_none();
                if joins {
                    group = 0;
                    at += 1;
                    continue;
                }
                if matches!(letters[at], ',' | '.') && digit(at + 1) && fraction.is_none() {
                    fraction = Some(figure.len());
                    figure.push('.');
                    at += 1;
                    continue;
                }
                break;
            }
            if fraction.is_some() {
                figure = figure.trim_end_matches('0').trim_end_matches('.').to_owned();
            }
            out.push(figure);
        } else if letter.is_alphabetic() {
            let start = at;
            while at < letters.len() && letters[at].is_alphabetic() {
                at += 1;
            }
            let word: String = letters[start..at].iter().collect();
            let number = NUMBER_WORDS.iter().find(|(_, words)| words.contains(&word.as_str()));
            out.push(number.map_or(word, |(figure, _)| (*figure).to_owned()));
        } else {
            if letter == '%' {
                out.push("%".to_owned());
            } else if letter == ':' && at > 0 && digit(at - 1) && digit(at + 1) {
                out.push(":".to_owned());
            } else if matches!(letter, '-' | '–' | '—' | '−')
                && out.last().is_some_and(|last| is_figure(last))
                && next_is_digit(&letters, at + 1)
            {
                out.push("-".to_owned());
            }
            at += 1;
        }
    }
    out
}

fn next_is_digit(letters: &[char], at: usize) -> bool {
    letters[at.min(letters.len())..].iter().find(|letter| **letter != ' ').is_some_and(char::is_ascii_digit)
}

fn is_figure(word: &str) -> bool {
    word.starts_with(|letter: char| letter.is_ascii_digit())
}

/// "8 per cent" is "8 %".
fn percents(words: Vec<String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::with_capacity(words.len());
    for word in words {
        match word.as_str() {
            "percent" | "pourcent" | "prozent" => out.push("%".to_owned()),
            "cent" | "ciento" if matches!(out.last().map(String::as_str), Some("per" | "pour" | "por")) => {
                out.pop();
                out.push("%".to_owned());
            }
            _ => out.push(word),
        }
    }
    out
}

/// "5 pm", "17:00", "17 h" and "17h00" are one time.
fn clocks(words: Vec<String>) -> Vec<String> {
    let mut out = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        match clock_at(&words[at..]) {
            Some((clock, length)) => {
                out.push(clock);
                at += length;
            }
            None => {
                out.push(words[at].clone());
                at += 1;
            }
        }
    }
    out
}

fn clock_at(words: &[String]) -> Option<(String, usize)> {
    let word = |at: usize| words.get(at).map_or("", String::as_str);
    let small = |text: &str, limit: u32| text.parse::<u32>().ok().filter(|number| *number < limit && text.len() <= 2);
    let half = |at: usize| -> Option<(u32, usize)> {
        match (word(at), word(at + 1)) {
            ("pm", _) => Some((12, 1)),
            ("p", "m") => Some((12, 2)),
            ("am", _) => Some((0, 1)),
            ("a", "m") => Some((0, 2)),
            _ => None,
        }
    };
    let with_half = |hour: u32, half: u32| (hour % 12) + half;
    // "9.30 am" was read as a fraction.
    if let Some((hour, minutes)) = word(0).split_once('.')
        && let (Some(hour), Some((half, length))) = (small(hour, 13), half(1))
    {
        let minutes = format!("{minutes:0<2}");
        return Some((format!("t{}{minutes}", with_half(hour, half)), 1 + length));
    }
    let hour = small(word(0), 24)?;
    let separated = matches!(word(1), ":" | "h") && word(2).len() == 2 && small(word(2), 60).is_some();
    if separated {
        let (hour, used) = match half(3) {
            Some((half, length)) => (with_half(hour, half), 3 + length),
            None => (hour, 3 + usize::from(matches!(word(3), "uhr" | "h"))),
        };
        return Some((format!("t{hour}{}", word(2)), used));
    }
    if let Some((half, length)) = half(1) {
        return Some((format!("t{}00", with_half(hour, half)), 1 + length));
    }
    matches!(word(1), "uhr" | "h").then(|| (format!("t{hour}00"), 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, wanted: &str, expected: bool) {
        assert_eq!(Plain::of(text).says(wanted), expected, "{wanted:?} in {:?}", Plain::of(text));
    }

    #[test]
    fn figures_respect_their_borders() {
        check("It costs €1,489.00.", "489", false);
        check("It costs 1 489 €", "1489", true);
        check("289.50 a piece", "289,5", true);
        check("within 3–5 working days", "3-5", true);
        check("two weeks", "2 weeks", true);
    }

    #[test]
    fn clock_times_are_one_however_written() {
        for text in ["open until 5 pm", "open until 17:00", "ouvert jusqu'à 17 h", "bis 17 Uhr", "until 5 p.m.", "until 17h00"] {
            check(text, "17:00", true);
        }
        check("from 9.30 am", "9:30", true);
        check("17 chairs", "17:00", false);
    }

    #[test]
    fn negations_percents_and_prefixes() {
        check("We don't do that.", "@neg", true);
        check("We do that.", "@neg", false);
        check("a discount of 8 per cent", "8 %", true);
        check("cancellations are free", "cancel*", true);
        check("Élégant", "elegant", true);
    }
}
