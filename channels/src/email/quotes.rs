//! What a person wrote in this mail, apart from what they quote, forward or sign with.
//!
//! No standard says how a reply marks what it answers: every mail program has its own line, in its own language.

use std::sync::LazyLock;

use regex::Regex;

use super::html::{QUOTE_BELOW, SIGNATURE_BEGINS, SIGNATURE_ENDS};
use super::words::{self, Label};

/// A mail's text in its parts.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parts {
    /// What is new.
    pub own: String,
    /// What it quotes or forwards, one level of marks taken off.
    pub quoted: String,
    /// Signature and what programs add below.
    pub signature: String,
    /// It passes somebody's mail on.
    pub forwarded: bool,
}

/// Lines looked at to find the end of a wrapped attribution.
const ATTRIBUTION_LINES: usize = 4;
/// A signature is no longer than this.
const SIGNATURE_LINES: usize = 25;

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern")
}

/// "On …, … wrote:" with a day or a number in it.
static ATTRIBUTIONS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        r"(?i)^on\b.{4,400}\bwrote\s*:$",
        r"(?i)^le\b.{4,400}\ba\s+(écrit|ecrit|répondu)\s*:$",
        r"(?i)^am\b.{4,400}\b(schrieb|geschrieben)\b.{0,200}:$",
        r"(?i)^.{2,200}\bschrieb\s+am\b.{4,150}:$",
        r"(?i)^el\b.{4,400}\b(escribió|escribio)\s*:$",
        r"(?i)^(il|in data)\b.{4,400}\bha scritto\s*:$",
        r"(?i)^(em|no dia|a)\b.{4,400}\bescreveu\s*:$",
        r"(?i)^op\b.{4,400}\b(schreef|geschreven)\b.{0,200}:$",
        r"(?i)^(den|på)\b.{4,400}\bskrev\b.{0,200}:$",
        r"(?i)^(w dniu|dnia)\b.{4,400}\bnapisa[łl].{0,200}:$",
        r"(?i)^dne\b.{4,400}\bnapsal.{0,200}:$",
        r"(?i)^.{4,400}\b(пишет|написал|написала)\s*:$",
        r"(?i)^.{4,400}\b(yazdı)\s*:$",
        r"^.{4,400}(写道|寫道|のメール|님이 작성)\s*[:：]$",
        r"^.{0,200}\d.{0,200}<[^<>@\s]+@[^<>\s]+>.{0,60}:$",
    ]
    .iter()
    .map(|text| pattern(text))
    .collect()
});

/// The same without a date: only believed when a quote follows.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)^.{1,300}\b(wrote|writes|a écrit|schrieb|escribió|ha scritto|escreveu|schreef|skrev|said|a répondu)\b.{0,80}:$")
});

/// Yahoo's telephones write the quote behind its attribution, on one line.
static RUN_ON: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)^(on|le|am|el|il|em)\b.{4,300}<[^<>@\s]+@[^<>\s]+>\)?\s*(wrote|a écrit|schrieb|escribió|ha scritto|escreveu)\s*:\s+\S")
});

/// Lotus writes who, when and the first words on one line.
static LOTUS: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\S.{0,60} ?---\d{1,2}[./]\d{1,2}[./]\d{4} \d{1,2}:\d{2}(:\d{2})?( [AP]M)?---"));

static CONTACT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)(\+?\(?\d[\d\s().\-/]{6,}\d|\S+@\S+\.\S+|https?://|www\.|\b(tel|tél|mob|phone|fax|handy|móvil)\b)"));

/// Takes a mail's text apart.
pub(super) fn split(text: &str) -> Parts {
    split_of(text, None)
}

/// Takes apart what somebody of this name wrote.
pub(super) fn split_of(text: &str, name: Option<&str>) -> Parts {
    let text = text.replace("\r\n", "\n").replace('\u{a0}', " ");
    let lines: Vec<&str> = text.split('\n').map(str::trim_end).collect();
    let mut own: Vec<&str> = Vec::new();
    let mut quoted: Vec<&str> = Vec::new();
    let mut signature: Vec<&str> = Vec::new();
    let mut forwarded = false;
    let mut inside_signature = false;
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        match line {
            SIGNATURE_BEGINS => inside_signature = true,
            SIGNATURE_ENDS => inside_signature = false,
            _ if is_quote(line) => quoted.push(unmarked(line)),
            _ => match cut(&lines, at) {
                Some(Cut::Below { from, is_forward }) => {
                    forwarded |= is_forward;
                    quoted.extend(lines[from..].iter().filter(|line| !line.starts_with('\u{1}')).map(|line| unmarked(line)));
                    break;
                }
                Some(Cut::Attribution { after }) => {
                    at = after;
                    continue;
                }
                None if inside_signature => signature.push(line),
                None => own.push(line),
            },
        }
        at += 1;
    }
    let mut own = own.as_slice();
    let signed = take_signature(&mut own, name);
    signature.extend(signed);
    Parts { own: joined(own), quoted: joined(&quoted), signature: joined(&signature), forwarded }
}

enum Cut {
    /// Everything from here on is the earlier mail.
    Below { from: usize, is_forward: bool },
    /// A line that names who is quoted in marked lines below.
    Attribution { after: usize },
}

fn is_quote(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

fn unmarked(line: &str) -> &str {
    let line = line.strip_prefix('>').or_else(|| line.trim_start().strip_prefix('>')).unwrap_or(line);
    line.strip_prefix(' ').unwrap_or(line)
}

/// Does the earlier mail begin at this line?
fn cut(lines: &[&str], at: usize) -> Option<Cut> {
    let line = lines[at].trim();
    if line.is_empty() {
        return None;
    }
    if line == QUOTE_BELOW {
        return Some(Cut::Below { from: at + 1, is_forward: false });
    }
    // Programs of help desks ask for the answer above such a line.
    if line.len() > 6 && line.starts_with("##-") && line.ends_with("-##") {
        return Some(Cut::Below { from: at + 1, is_forward: false });
    }
    if words::names_forward(line) {
        return Some(Cut::Below { from: at + 1, is_forward: true });
    }
    let is_ruled = || words::between_dashes(line).is_some_and(|between| words::is_attribution(&between));
    if words::names_original(line) || RUN_ON.is_match(line) || LOTUS.is_match(line) || is_ruled() || is_header_block(lines, at) {
        return Some(Cut::Below { from: at, is_forward: false });
    }
    attribution(lines, at)
}

/// "From … Sent … To … Subject": Outlook's way. A person who writes "From: Lyon, To: Paris" has no subject there. Some
/// programs begin with the date or the subject; then all of it has to follow at once.
fn is_header_block(lines: &[&str], at: usize) -> bool {
    let first = words::label(lines[at]);
    if first.is_none() || first == Some(Label::Addressed) {
        return false;
    }
    let (mut dated, mut addressed, mut titled, mut named) = (false, false, false, false);
    let mut has_address = false;
    for line in lines[at..].iter().filter(|line| !line.trim().is_empty()).take(8) {
        has_address |= line.contains('@');
        match words::label(line) {
            Some(Label::From) => named = true,
            Some(Label::Dated) => dated = true,
            Some(Label::Addressed) => addressed = true,
            Some(Label::Titled) => titled = true,
            None if first == Some(Label::From) => {}
            None => break,
        }
    }
    match first {
        Some(Label::From) => (titled && (dated || addressed)) || (dated && addressed && has_address),
        _ => named && dated && addressed && titled && has_address,
    }
}

fn attribution(lines: &[&str], at: usize) -> Option<Cut> {
    let mut joined = String::new();
    for (place, line) in lines[at..].iter().enumerate().take(ATTRIBUTION_LINES) {
        let line = line.trim();
        if line.is_empty() || is_quote(line) || line.starts_with('\u{1}') {
            return None;
        }
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(line);
        // Several paragraphs are never one attribution.
        if joined.len() > 500 {
            return None;
        }
        if !line.trim_end_matches(words::is_direction).ends_with([':', '：']) {
            continue;
        }
        let bare = joined.trim_start_matches(['*', '_', '-', ' ']);
        let after = at + place + 1;
        let follows = lines[after..].iter().map(|line| line.trim()).find(|line| !line.is_empty());
        let quote_follows = follows.is_some_and(is_quote);
        let has_digit = bare.chars().any(|letter| letter.is_ascii_digit());
        let dated = has_digit && ATTRIBUTIONS.iter().any(|pattern| pattern.is_match(bare)) || words::is_attribution(bare);
        if quote_follows && (dated || ATTRIBUTIONS.iter().any(|pattern| pattern.is_match(bare)) || NAMED.is_match(bare)) {
            return Some(Cut::Attribution { after });
        }
        if dated && follows.is_some() {
            return Some(Cut::Below { from: after, is_forward: false });
        }
        if dated {
            return Some(Cut::Attribution { after });
        }
        return None;
    }
    None
}

/// Takes the signature off the end: after "-- ", a telephone's footer, or a closing formula or the writer's own name with
/// contact details.
fn take_signature<'a>(own: &mut &[&'a str], name: Option<&str>) -> Vec<&'a str> {
    let mut taken: Vec<&'a str> = Vec::new();
    if let Some(place) = own.iter().rposition(|line| is_delimiter(line))
        && own.len() - place <= SIGNATURE_LINES
    {
        taken.extend(&own[place + 1..]);
        *own = &own[..place];
    }
    loop {
        *own = trimmed(own);
        match own.last() {
            Some(last) if words::is_footer(last) || is_rule(last) || is_delimiter(last) => {
                taken.push(last);
                *own = &own[..own.len() - 1];
            }
            Some(_) | None => break,
        }
    }
    // A closing formula or a line of underscores, with somebody's contact details below.
    let begins = |lines: &[&str], at: usize| words::is_closing(lines[at]) || is_rule(lines[at]);
    let place = (1..own.len()).rev().find(|place| begins(own, *place) && are_contacts(&own[*place + 1..]));
    // Most people have no closing formula: their own name begins it.
    let place = place.or_else(|| (1..own.len()).rev().find(|place| is_name(own[*place], name) && are_contacts(&own[*place + 1..])));
    // The name may stand beside the number, on one last line.
    let place = place.or_else(|| {
        let last = own.len().checked_sub(1).filter(|last| *last > 0)?;
        (signs_in_line(own[last], name) && are_contacts(&own[last..])).then_some(last)
    });
    if let Some(place) = place {
        taken.extend(&own[place..]);
        *own = trimmed(&own[..place]);
    }
    taken
}

/// Is the line the writer's own name, or the first of their names?
fn is_name(line: &str, name: Option<&str>) -> bool {
    let Some(name) = name.map(|name| name.trim().to_lowercase()).filter(|name| name.chars().count() > 1) else { return false };
    let line = line.trim().trim_matches(['*', '_', '-', '–', '—', ',', '.', ' ']).to_lowercase();
    line == name || name.split_whitespace().next().is_some_and(|first| first.chars().count() > 1 && line == first)
}

/// "Ana Ruiz, +34 600 111 222": the name, a sign, and nothing but contacts.
fn signs_in_line(line: &str, name: Option<&str>) -> bool {
    let split =
        line.char_indices().find(|(_, letter)| matches!(letter, ',' | '|' | '·' | '–' | '—' | '/' | '+' | '(') || letter.is_ascii_digit());
    let Some((end, _)) = split else { return false };
    let rest = &line[end..];
    is_name(&line[..end], name) && rest.split_whitespace().filter(|word| word.chars().all(char::is_alphabetic)).count() < 5
}

fn are_contacts(lines: &[&str]) -> bool {
    let is_short = lines.len() <= 12 && lines.iter().all(|line| line.chars().count() <= 90);
    is_short && lines.iter().any(|line| CONTACT.is_match(line))
}

fn is_delimiter(line: &str) -> bool {
    matches!(line.trim_end(), "--" | "—" | "– –" | "-- --")
}

/// A line of underscores or dashes, as programs put above what they add.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 5 && line.bytes().all(|byte| matches!(byte, b'_' | b'-' | b'=' | b'*'))
}

fn trimmed<'a, 'b>(mut lines: &'b [&'a str]) -> &'b [&'a str] {
    while lines.last().is_some_and(|line| line.trim().is_empty()) {
        lines = &lines[..lines.len() - 1];
    }
    lines
}

/// One text; more than one empty line in a row says nothing.
fn joined(lines: &[&str]) -> String {
    let mut out = String::new();
    let mut empty = 0;
    for line in lines {
        if line.trim().is_empty() {
            empty += 1;
            continue;
        }
        if !out.is_empty() {
            out.push_str(if empty > 0 { "\n\n" } else { "\n" });
        }
        empty = 0;
        out.push_str(line);
    }
    out
}

/// The body of a forwarded mail without the lines of its header.
pub(super) fn forwarded_body(quoted: &str) -> String {
    let mut lines = quoted.split('\n').peekable();
    let is_header = |line: &str| {
        let line = line.trim();
        words::label(line).is_some() || words::is_attribution(line)
    };
    let mut seen = 0;
    while let Some(line) = lines.peek() {
        if line.trim().is_empty() && seen < 2 || is_header(line) {
            seen += usize::from(is_header(line));
            lines.next();
        } else {
            break;
        }
    }
    let rest: Vec<&str> = lines.collect();
    let parts = split(&rest.join("\n"));
    if parts.own.is_empty() { joined(&rest) } else { parts.own }
}
