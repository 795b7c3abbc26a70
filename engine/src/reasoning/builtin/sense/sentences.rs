//! A message cut into sentences and words, each word with its place in the text.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A word: folded (lower case, no accents, contractions opened), with its place in the text.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a separate mark of the writing")]
pub struct Word {
    /// The folded form.
    pub text: String,
    /// First byte in the text.
    pub start: usize,
    /// Byte after the last one.
    pub end: usize,
    /// Begins with a capital in the text.
    pub is_capital: bool,
    /// Three letters or more, all capitals.
    pub is_shouted: bool,
    /// Stands inside quotation marks.
    pub is_quoted: bool,
    /// A comma, colon, bracket or dash stands before it.
    pub follows_pause: bool,
}

/// A sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct Sentence {
    /// First byte in the text.
    pub start: usize,
    /// Byte after the last one.
    pub end: usize,
    /// Its words.
    pub words: Vec<Word>,
    /// Ends with a question mark.
    pub asks: bool,
    /// Exclamation marks at its end.
    pub exclaims: usize,
}

/// Lower case without accents; `ß` is `ss`, `œ` is `oe`.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase().replace('`', "'");
    }
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfd() {
        if is_combining_mark(letter) {
            continue;
        }
        match letter {
            'ß' => folded.push_str("ss"),
            'œ' | 'Œ' => folded.push_str("oe"),
            'æ' | 'Æ' => folded.push_str("ae"),
            'ø' | 'Ø' => folded.push('o'),
            'ł' | 'Ł' => folded.push('l'),
            '’' | '‘' | 'ʼ' | '`' | '´' => folded.push('\''),
            _ => folded.extend(letter.to_lowercase()),
        }
    }
    folded
}

/// Cuts a text into sentences; contractions are opened as in `language`.
pub fn read(text: &str, language: &str) -> Vec<Sentence> {
    let quoted = quotations(text);
    let mut sentences = Vec::new();
    for (start, end) in bounds(text) {
        let mut words = Vec::new();
        let body = &text[start..end];
        collect_words(body, start, language, &quoted, &mut words);
        let tail: String = body.chars().rev().take_while(|sign| !sign.is_alphanumeric()).collect();
        if words.is_empty() && tail.is_empty() {
            continue;
        }
        sentences.push(Sentence { start, end, words, asks: tail.contains('?'), exclaims: tail.matches('!').count() });
    }
    sentences
}

/// Byte bounds of the sentences, white space trimmed.
fn bounds(text: &str) -> Vec<(usize, usize)> {
    let signs: Vec<(usize, char)> = text.char_indices().collect();
    let mut cuts = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while at < signs.len() {
        let (place, sign) = signs[at];
        let next = signs.get(at + 1).map(|pair| pair.1);
        let ends = match sign {
            '\n' | '¿' | '¡' => true,
            '!' | '?' | '…' | ';' => next.is_none_or(|after| !matches!(after, '!' | '?' | '.' | '…' | '"' | '”' | '»' | ')')),
            '.' => {
                next.is_none_or(char::is_whitespace) && !is_abbreviation(&text[start..place])
                    || text[place..].starts_with("..") && next != Some('.')
            }
            _ => false,
        };
        if ends {
            let after = if matches!(sign, '¿' | '¡') { place } else { place + sign.len_utf8() };
            cuts.push((start, after));
            start = after;
        }
        at += 1;
    }
    cuts.push((start, text.len()));
    cuts.into_iter()
        .filter_map(|(from, to)| {
            let part = &text[from..to];
            let trimmed = part.trim();
            let lead = part.len() - part.trim_start().len();
            (!trimmed.is_empty()).then_some((from + lead, from + lead + trimmed.len()))
        })
        .collect()
}

fn is_abbreviation(before: &str) -> bool {
    let last = before.rsplit(|sign: char| !(sign.is_alphabetic() || sign == '.')).next().unwrap_or("");
    matches!(
        last.to_lowercase().as_str(),
        "mr" | "mrs" | "ms" | "dr" | "st" | "e.g" | "i.e" | "no" | "nr" | "vs" | "m" | "mme" | "sr" | "sra" | "z.b" | "approx" | "ca"
    ) && !before.trim().eq_ignore_ascii_case("no")
}

/// Byte ranges between quotation marks that hold at least two words.
fn quotations(text: &str) -> Vec<(usize, usize)> {
    let mut ranges = Vec::new();
    let mut open: Option<(usize, char)> = None;
    let mut before = ' ';
    let mut signs = text.char_indices().peekable();
    while let Some((place, sign)) = signs.next() {
        let after = signs.peek().map_or(' ', |pair| pair.1);
        match open {
            None => {
                let closer = match sign {
                    '"' => Some('"'),
                    '“' | '„' => Some('”'),
                    '«' => Some('»'),
                    '\'' | '‘' if !before.is_alphanumeric() && after.is_alphabetic() => Some('\''),
                    _ => None,
                };
                if let Some(closer) = closer {
                    open = Some((place, closer));
                }
            }
            Some((from, closer)) => {
                let closes = match closer {
                    '”' => matches!(sign, '”' | '“' | '"'),
                    '\'' => matches!(sign, '\'' | '’') && !after.is_alphanumeric(),
                    other => sign == other,
                };
                if closes {
                    if text[from..place].split_whitespace().count() >= 2 {
                        ranges.push((from, place));
                    }
                    open = None;
                }
            }
        }
        before = sign;
    }
    ranges
}

fn collect_words(body: &str, offset: usize, language: &str, quoted: &[(usize, usize)], words: &mut Vec<Word>) {
    let signs: Vec<(usize, char)> = body.char_indices().collect();
    let mut at = 0;
    let mut pause = false;
    while at < signs.len() {
        let (place, sign) = signs[at];
        if matches!(sign, '€' | '£' | '$' | '%' | '¥') {
            push(words, sign.to_string(), (offset + place, offset + place + sign.len_utf8()), body, offset, quoted, &mut pause);
            at += 1;
            continue;
        }
        if !sign.is_alphanumeric() {
            if matches!(sign, ',' | ':' | '(' | ')' | '—' | '–' | ';') || sign == '-' && at > 0 && signs[at - 1].1 == ' ' {
                pause = true;
            }
            at += 1;
            continue;
        }
        let from = at;
        while at < signs.len() {
            let here = signs[at].1;
            let next = signs.get(at + 1).map_or(' ', |pair| pair.1);
            let joins = here.is_alphanumeric()
                || is_combining_mark(here)
                || matches!(here, '\'' | '’' | 'ʼ' | '´' | '`') && at > from && next.is_alphanumeric()
                || matches!(here, '.' | ',' | ':') && at > from && signs[at - 1].1.is_ascii_digit() && next.is_ascii_digit()
                || matches!(here, '.' | '@' | '_') && next.is_alphanumeric() && looks_like_address(body, place);
            if !joins {
                break;
            }
            at += 1;
        }
        let end = signs.get(at).map_or(body.len(), |pair| pair.0);
        let span = (offset + place, offset + end);
        for part in open_contraction(&fold(&body[place..end]), language) {
            push(words, part, span, body, offset, quoted, &mut pause);
        }
    }
}

/// Is the run of signs without blanks that begins here an address (mail, web)?
fn looks_like_address(body: &str, place: usize) -> bool {
    let run = body[place..].split_whitespace().next().unwrap_or("");
    run.contains('@') || run.starts_with("http") || run.starts_with("www.")
}

fn push(
    words: &mut Vec<Word>,
    folded: String,
    span: (usize, usize),
    body: &str,
    offset: usize,
    quoted: &[(usize, usize)],
    pause: &mut bool,
) {
    if folded.is_empty() {
        return;
    }
    let written = &body[span.0 - offset..span.1 - offset];
    let letters = written.chars().filter(|sign| sign.is_alphabetic()).count();
    words.push(Word {
        is_capital: written.chars().next().is_some_and(char::is_uppercase),
        is_shouted: letters >= 3 && !written.chars().any(char::is_lowercase),
        is_quoted: quoted.iter().any(|range| range.0 <= span.0 && span.1 <= range.1),
        follows_pause: std::mem::take(pause),
        text: folded,
        start: span.0,
        end: span.1,
    });
}

/// "can't" → "can not"; "j'en" → "j en"; shorthand of chats is written out.
fn open_contraction(word: &str, language: &str) -> Vec<String> {
    let parts = |list: &[&str]| list.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>();
    if language == "en" {
        if let Some(known) = shorthand(word) {
            return known.split(' ').map(str::to_owned).collect();
        }
        if let Some((stem, tail)) = word.split_once('\'') {
            return match tail {
                "t" => match stem {
                    "can" => parts(&["can", "not"]),
                    "won" => parts(&["will", "not"]),
                    "shan" => parts(&["shall", "not"]),
                    "ain" => parts(&["is", "not"]),
                    _ => parts(&[stem.strip_suffix('n').unwrap_or(stem), "not"]),
                },
                "m" => parts(&[stem, "am"]),
                "re" => parts(&[stem, "are"]),
                "ll" => parts(&[stem, "will"]),
                "d" => parts(&[stem, "would"]),
                "ve" => parts(&[stem, "have"]),
                "s" if matches!(
                    stem,
                    "it" | "that"
                        | "there"
                        | "here"
                        | "what"
                        | "who"
                        | "where"
                        | "he"
                        | "she"
                        | "how"
                        | "when"
                        | "this"
                        | "why"
                        | "everything"
                        | "nothing"
                        | "nobody"
                        | "someone"
                        | "anyone"
                        | "anybody"
                ) =>
                {
                    parts(&[stem, "is"])
                }
                "s" if stem == "let" => parts(&["let", "us"]),
                "s" => parts(&[stem, "'s"]),
                _ => parts(&[stem, tail]),
            };
        }
        return vec![word.to_owned()];
    }
    word.split('\'').filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn shorthand(word: &str) -> Option<&'static str> {
    Some(match word {
        "cannot" | "cant" => "can not",
        "dont" => "do not",
        "wont" => "will not",
        "doesnt" => "does not",
        "didnt" => "did not",
        "isnt" | "aint" => "is not",
        "wasnt" => "was not",
        "arent" => "are not",
        "havent" => "have not",
        "hasnt" => "has not",
        "couldnt" => "could not",
        "wouldnt" => "would not",
        "shouldnt" => "should not",
        "im" => "i am",
        "ive" => "i have",
        "id" => "i would",
        "youre" => "you are",
        "thats" => "that is",
        "whats" => "what is",
        "wheres" => "where is",
        "whos" => "who is",
        "theres" => "there is",
        "u" => "you",
        "ur" => "your",
        "r" => "are",
        "tho" => "though",
        "pls" | "plz" => "please",
        "thx" | "ty" | "tnx" => "thanks",
        "wanna" => "want to",
        "gonna" => "going to",
        "gotta" => "have to",
        "gimme" => "give me",
        "lemme" => "let me",
        "abt" => "about",
        "bc" | "cuz" | "coz" => "because",
        "smb" | "sb" | "some1" | "sm1" | "sum1" => "someone",
        "tmrw" | "tmr" | "tmw" => "tomorrow",
        "any1" => "anyone",
        "ppl" => "people",
        "cud" => "could",
        "wud" => "would",
        "msg" => "message",
        _ => return None,
    })
}
