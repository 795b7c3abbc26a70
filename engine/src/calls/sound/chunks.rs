//! What is given to a voice in one piece: the first clause as soon as there is one, then whole sentences. Never cut
//! inside a number, an address or an abbreviation, which a voice would read as two.

/// The first piece has at least so many words, or letters.
const FIRST_WORDS: usize = 4;
const FIRST_LETTERS: usize = 25;
/// A piece is no longer than this, whatever its sentences are like.
const LONGEST: usize = 400;

/// Words with a full stop that end no sentence.
const ABBREVIATIONS: &[&str] =
    &["mr", "mrs", "ms", "dr", "st", "no", "e.g", "i.e", "etc", "approx", "m", "mme", "mlle", "p.ex", "z.b", "d.h", "nr", "sr", "sra", "n"];

/// Collects words until they are a piece.
#[derive(Debug, Default)]
pub struct Chunker {
    waiting: String,
    has_begun: bool,
}

impl Chunker {
    /// Takes words; what can be spoken of them and of those before. `is_last`: nothing follows.
    pub fn take(&mut self, words: &str, is_last: bool) -> Vec<String> {
        self.waiting.push_str(words);
        let mut pieces = Vec::new();
        while let Some(end) = self.end() {
            let rest = self.waiting.split_off(end);
            let piece = std::mem::replace(&mut self.waiting, rest);
            self.add(&mut pieces, &piece);
        }
        if is_last {
            let piece = std::mem::take(&mut self.waiting);
            self.add(&mut pieces, &piece);
            self.has_begun = false;
        }
        pieces
    }

    /// What waits for an end that does not come.
    pub fn flush(&mut self) -> Option<String> {
        let piece = std::mem::take(&mut self.waiting);
        let mut pieces = Vec::new();
        self.add(&mut pieces, &piece);
        pieces.pop()
    }

    /// Does something wait for its end?
    pub fn waits(&self) -> bool {
        !self.waiting.trim().is_empty()
    }

    /// Nothing of it is wanted any more.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    fn add(&mut self, pieces: &mut Vec<String>, piece: &str) {
        if piece.chars().any(char::is_alphanumeric) {
            pieces.push(piece.to_owned());
            self.has_begun = true;
        }
    }

    /// Where the first piece ends that is whole.
    fn end(&self) -> Option<usize> {
        let text = self.waiting.as_str();
        for (at, sign) in text.char_indices() {
            let after = at + sign.len_utf8();
            // Only a blank after it tells that a sign ends something; words come by whole sentences, so their end does too.
            let is_end = text[after..].is_empty();
            if !is_end && !text[after..].starts_with(char::is_whitespace) {
                continue;
            }
            let so_far = &text[..after];
            let ends_sentence = match sign {
                '.' => !is_abbreviation(&text[..at]),
                '!' | '?' | '…' | '\n' => true,
                _ => false,
            };
            let is_clause = matches!(sign, ',' | ';' | ':' | '–' | '—') && !self.has_begun && !is_end;
            let is_enough = so_far.split_whitespace().count() >= FIRST_WORDS || so_far.trim().chars().count() >= FIRST_LETTERS;
            if ends_sentence || (is_clause && is_enough) {
                return Some(after);
            }
        }
        if text.len() <= LONGEST {
            return None;
        }
        let within = text.char_indices().map(|(at, _)| at).take_while(|at| *at <= LONGEST).last()?;
        text[..within].rfind(char::is_whitespace).or(Some(within)).filter(|at| *at > 0)
    }
}

fn is_abbreviation(before: &str) -> bool {
    let word = before.rsplit(char::is_whitespace).next().unwrap_or_default().trim_start_matches(|sign: char| !sign.is_alphanumeric());
    let word = word.to_lowercase();
    ABBREVIATIONS.contains(&word.as_str()) || (word.chars().count() == 1 && word.chars().all(char::is_alphabetic))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &[&str], expected: &[&str]) {
        let mut chunker = Chunker::default();
        let mut pieces = Vec::new();
        for (place, part) in words.iter().enumerate() {
            pieces.extend(chunker.take(part, place + 1 == words.len()));
        }
        assert_eq!(pieces, expected, "{words:?}");
        assert_eq!(pieces.concat(), words.concat(), "nothing is lost or said twice");
    }

    #[test]
    fn the_first_clause_is_spoken_at_once_and_then_whole_sentences() {
        check(
            &["Thank you for calling, I am looking it up, and I will tell you."],
            &["Thank you for calling,", " I am looking it up, and I will tell you."],
        );
        check(&["Sure, the chair costs ten euros. It is free."], &["Sure, the chair costs ten euros.", " It is free."]);
        check(&["It costs 3.5 euros. ", "Really, so it is, yes."], &["It costs 3.5 euros.", " Really, so it is, yes."]);
    }

    #[test]
    fn nothing_is_cut_inside_a_number_an_address_or_an_abbreviation() {
        check(&["Write to ada.l@example.com, please."], &["Write to ada.l@example.com,", " please."]);
        check(&["Dr. Meyer sees you at 3 p.m. Come early."], &["Dr. Meyer sees you at 3 p.m.", " Come early."]);
        check(&["It is 1,250.00 euros in all."], &["It is 1,250.00 euros in all."]);
    }

    #[test]
    fn a_sentence_without_an_end_is_cut_between_words() {
        let long = "word ".repeat(200);
        let mut chunker = Chunker::default();
        let pieces = chunker.take(&long, true);
        assert!(
            pieces.len() > 1 && pieces.iter().all(|piece| piece.len() <= LONGEST && piece.trim().split(' ').all(|word| word == "word"))
        );
        assert_eq!(pieces.concat().trim(), long.trim());
        assert!(Chunker::default().take(&"é".repeat(900), true).len() > 1, "not even a blank");
    }

    #[test]
    fn signs_alone_are_not_spoken() {
        check_nothing(" … ");
        check_nothing("");
    }

    fn check_nothing(words: &str) {
        assert!(Chunker::default().take(words, true).is_empty());
    }
}
