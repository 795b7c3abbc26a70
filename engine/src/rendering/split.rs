//! Long text split at sense: never inside a word, a link or an emoji.

use domain::channel::{Text, Unit};

/// How long a text is in a door's unit.
pub fn length(text: &str, unit: Unit) -> usize {
    match unit {
        Unit::Characters => text.chars().count(),
        Unit::Bytes => text.len(),
        Unit::Utf16 => text.encode_utf16().count(),
    }
}

/// Cuts a text into pieces that the door takes, at paragraph, line, sentence, then word ends.
pub fn split(text: &str, limit: Text) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = text.trim();
    while length(rest, limit.counted_in) > limit.longest {
        let cut = cut_at(rest, limit);
        let (head, tail) = rest.split_at(cut);
        if !head.trim().is_empty() {
            pieces.push(head.trim().to_owned());
        }
        rest = tail.trim_start();
    }
    if !rest.is_empty() {
        pieces.push(rest.to_owned());
    }
    pieces
}

/// The byte at which the first piece ends.
fn cut_at(text: &str, limit: Text) -> usize {
    let mut longest = 0;
    let mut used = 0;
    for (at, letter) in text.char_indices() {
        let cost = match limit.counted_in {
            Unit::Characters => 1,
            Unit::Bytes => letter.len_utf8(),
            Unit::Utf16 => letter.len_utf16(),
        };
        if used + cost > limit.longest {
            break;
        }
        used += cost;
        longest = at + letter.len_utf8();
    }
    let head = &text[..longest];
    let enough = longest / 2;
    for mark in ["\n\n", "\n", ". ", "! ", "? ", "; ", ", ", " "] {
        if let Some(at) = head.rfind(mark).map(|at| at + mark.len()).filter(|at| *at > enough) {
            return at;
        }
    }
    if let Some((at, blank)) = head.char_indices().rev().find(|(at, letter)| *at > 0 && letter.is_whitespace()) {
        return at + blank.len_utf8();
    }
    joined_end(text, longest)
}

/// Steps back so that an emoji built of several characters stays whole.
fn joined_end(text: &str, mut at: usize) -> usize {
    let joins = |letter: char| matches!(letter, '\u{200d}' | '\u{fe0f}' | '\u{20e3}') || ('\u{1f3fb}'..='\u{1f3ff}').contains(&letter);
    let start = at;
    while let Some(next) = text[at..].chars().next() {
        let Some(before) = text[..at].chars().next_back() else { return start };
        if !joins(next) && before != '\u{200d}' {
            return at;
        }
        at -= before.len_utf8();
        if at == 0 {
            return start;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_piece_is_too_long_and_no_word_is_lost(text in "\\PC{0,400}", longest in 8usize..80) {
            let limit = Text { longest, counted_in: Unit::Utf16 };
            let pieces = split(&text, limit);
            for piece in &pieces {
                prop_assert!(length(piece, Unit::Utf16) <= longest);
            }
            let letters = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
            prop_assert_eq!(letters(&pieces.concat()), letters(&text));
        }
    }

    #[test]
    fn a_text_is_cut_at_the_end_of_a_sentence() {
        let limit = Text { longest: 40, counted_in: Unit::Characters };
        assert_eq!(
            split("The chair costs 389 EUR. Delivery takes three days.", limit),
            ["The chair costs 389 EUR.", "Delivery takes three days."]
        );
    }
}
