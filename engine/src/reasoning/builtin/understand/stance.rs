//! How a stretch of a message is meant: stated, asked, supposed, quoted, said of somebody else, denied or hedged.

use std::sync::LazyLock;

use super::lexicon::{compile, cues, says};
use super::pattern::Pattern;
use super::text::{CLOSE, Span};

/// A clause: what stands between two commas, or around "but".
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "independent claims about one clause, any of which may hold")]
pub(super) struct Clause {
    pub span: Span,
    pub sentence: Span,
    pub is_asked: bool,
    pub is_supposed: bool,
    pub is_theirs: bool,
    /// Said of somebody of the household, whose needs are the customer's.
    pub is_family: bool,
    pub is_hedged: bool,
    pub is_past: bool,
}

/// The clauses of a message.
#[derive(Debug, Default)]
pub(super) struct Stances {
    pub clauses: Vec<Clause>,
    quoted: Vec<Span>,
}

static BREAK: LazyLock<Pattern> = LazyLock::new(|| {
    compile(
        r"[,;:()]+\s?| - |\s(?:but|mais|aber|sondern|pero|mas|sino|though|although|however|because|weil|denn|porque|puisque|cependant|jedoch)\s",
    )
});
static ENDS: LazyLock<Pattern> = LazyLock::new(|| compile(r"[.!?;]+(?:\s|$|[)\x22])|\n+"));
static QUOTED: LazyLock<Pattern> = LazyLock::new(|| compile(r#""([^"]{8,300})""#));
static NEGATED: LazyLock<Pattern> = LazyLock::new(|| {
    compile(
        r"(?:\b(?:not|never|no|without|nor|neither|cannot|hardly|isn'?t|aren'?t|wasn'?t|don'?t|dont|doesn'?t|didn'?t|won'?t|can'?t|wouldn'?t|shouldn'?t|haven'?t|hasn'?t|needn'?t|pas|sans|jamais|aucune?|ni|plus besoin|nicht|kein|keine|keinen|keinem|keiner|nie|ohne|sin|nunca|tampoco|ningun|ninguna|nao|sem|nem|nenhum|nenhuma)\b)[^,.;:!?]{0,24}$",
    )
});

impl Stances {
    /// Reads the clauses of a marked text.
    pub fn read(text: &str) -> Self {
        let quoted = QUOTED
            .captures_iter(text)
            .filter_map(|found| found.get(1))
            .filter(|hit| hit.as_str().contains(' '))
            .map(|hit| hit.range())
            .collect();
        let mut clauses = Vec::new();
        let mut start = 0;
        for end in
            ENDS.find_iter(text).filter(|hit| !is_abbreviation(&text[..hit.start()], hit.as_str())).map(|hit| hit.end()).chain([text.len()])
        {
            if text[start..end].trim().is_empty() {
                start = end;
                continue;
            }
            read_sentence(text, start..end, &mut clauses);
            start = end;
        }
        Self { clauses, quoted }
    }

    /// The clause in which a position lies.
    pub fn clause(&self, at: usize) -> Option<&Clause> {
        self.clauses.iter().rev().find(|clause| clause.span.start <= at).or(self.clauses.first())
    }

    /// Is it a plain statement about the customer?
    pub fn is_stated(&self, at: usize) -> bool {
        !self.is_quoted(at) && self.clause(at).is_none_or(|clause| !clause.is_asked && !clause.is_supposed && !clause.is_theirs)
    }

    /// Like [`Self::is_stated`], or asked ("can I get …?"), which tells nearly as much.
    pub fn is_stated_or_asked(&self, at: usize) -> bool {
        !self.is_quoted(at) && self.clause(at).is_none_or(|clause| !clause.is_supposed && !clause.is_theirs)
    }

    /// Like [`Self::is_stated_or_asked`], or said of somebody of the household.
    pub fn is_for_home(&self, at: usize) -> bool {
        !self.is_quoted(at) && self.clause(at).is_none_or(|clause| !clause.is_supposed && (!clause.is_theirs || clause.is_family))
    }

    /// Within quotation marks: somebody else's words.
    pub fn is_quoted(&self, at: usize) -> bool {
        self.quoted.iter().any(|span| span.contains(&at))
    }

    /// 0.9 for a plain statement, 0.5 when hedged, asked or second-hand.
    pub fn confidence(&self, at: usize) -> f32 {
        match self.clause(at) {
            Some(clause) if clause.is_hedged || clause.is_asked || clause.is_theirs => 0.5,
            _ => 0.9,
        }
    }
}

/// Is there a word of negation shortly before this position, in its own clause?
pub(super) fn is_negated(text: &str, at: usize) -> bool {
    let start = text[..at].rfind([',', '.', ';', ':', '!', '?', '\n']).map_or(0, |cut| cut + 1);
    let window = &text[start..at];
    let window = [" but ", " mais ", " aber ", " sondern ", " pero ", " mas ", " sino "]
        .iter()
        .filter_map(|word| window.rfind(word).map(|cut| cut + word.len()))
        .max()
        .map_or(window, |cut| &window[cut..]);
    NEGATED.is_match(window)
}

fn read_sentence(text: &str, sentence: Span, clauses: &mut Vec<Clause>) {
    let whole = &text[sentence.clone()];
    let mut spans: Vec<Span> = Vec::new();
    let mut start = sentence.start;
    for hit in BREAK.find_iter(whole) {
        let (cut, next) = (sentence.start + hit.start(), sentence.start + hit.end());
        // A list of names or amounts ("1,200") was marked before and does not break here.
        if !text[start..cut].trim().is_empty() {
            spans.push(start..cut);
        }
        start = if hit.as_str().starts_with(' ') && !hit.as_str().starts_with(" -") { cut + 1 } else { next };
    }
    if !text[start..sentence.end].trim().is_empty() {
        spans.push(start..sentence.end);
    }
    let is_question = whole.trim_end().ends_with('?') || whole.trim_end().ends_with("?\"");
    let asks_from = if is_question {
        spans.iter().position(|span| says("asks", text[span.clone()].trim())).or(Some(if spans.len() > 1 { spans.len() - 1 } else { 0 }))
    } else {
        spans.iter().position(|span| says("asks.plain", text[span.clone()].trim()))
    };
    let unreal = says("unreal", whole);
    let (mut theirs, mut family) = (false, false);
    for (index, span) in spans.into_iter().enumerate() {
        let words = text[span.clone()].trim();
        let other = cues("subject.other", words).filter_map(|cue| cue.find()).map(|hit| hit.end()).max();
        let includes_us = other.is_some_and(|end| says("includes.us", &words[end..]));
        if other.is_some() {
            theirs = !includes_us;
            family = says("subject.family", words);
        } else if says("subject.us", words) {
            theirs = false;
        }
        clauses.push(Clause {
            is_asked: asks_from.is_some_and(|first| index >= first),
            is_supposed: unreal || says("supposes", words),
            is_theirs: theirs,
            is_family: theirs && family,
            is_hedged: says("hedges", words) || includes_us,
            is_past: says("past", words),
            span,
            sentence: sentence.clone(),
        });
    }
}

/// "Mr. Smith", "Dr. Jones", "no. 5": the point ends no sentence.
fn is_abbreviation(before: &str, end: &str) -> bool {
    if !end.starts_with('.') || end.len() > 2 {
        return false;
    }
    let word = before.rsplit(|c: char| !c.is_alphanumeric() && c != CLOSE).next().unwrap_or("");
    matches!(
        word,
        "mr" | "mrs"
            | "ms"
            | "dr"
            | "st"
            | "no"
            | "nr"
            | "m"
            | "mme"
            | "mlle"
            | "prof"
            | "tel"
            | "approx"
            | "ca"
            | "sr"
            | "sra"
            | "hr"
            | "fr"
            | "str"
            | "ref"
            | "max"
            | "min"
            | "ltd"
            | "e.g"
            | "bzw"
            | "etc"
    ) || (word.len() == 1 && word.starts_with(|c: char| c.is_ascii_lowercase() && !matches!(c, 'a' | 'i' | 'y' | 'o')))
}
