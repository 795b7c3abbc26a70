//! What a person wrote in this mail, apart from what they quote, forward or sign with.
//!
//! No standard says how a reply marks what it answers: every mail program has its own line, in its own language.

use std::sync::LazyLock;

use regex::Regex;

use super::html::{QUOTE_BELOW, SIGNATURE_BEGINS, SIGNATURE_ENDS};

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

static ORIGINAL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\W*-{2,}\s*(original message|original appointment|original e-?mail|reply message|ursprüngliche (nachricht|mail|e-mail)|original-?nachricht|message d['’]origine|message (initial|original)|courriel original|mensaje original|messaggio originale|mensagem original|oorspronkelijk bericht|ursprungligt meddelande|oprindelig (meddelelse|besked)|opprinnelig melding|wiadomość oryginalna|původní zpráva|исходное сообщение)\s*-{2,}\W*$",
    )
});

static FORWARDED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\W*(-{2,}\s*(forwarded message|weitergeleitete (nachricht|mail)|message (transféré|réexpédié|transmis)|mensaje reenviado|messaggio inoltrato|mensagem encaminhada|doorgestuurd bericht|vidarebefordrat meddelande|videresendt meddelelse|przekazana wiadomość)\b.{0,60}-{2,}|(begin forwarded message|début du message (transféré|réexpédié)|anfang der weitergeleiteten (nachricht|e-?mail)|inicio del mensaje reenviado|inizio messaggio inoltrato|início da mensagem (reencaminhada|encaminhada))\s*:)\W*$",
    )
});

static FROM: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\*{0,2}(from|de|von|da|van|från|fra|od|expéditeur|absender|remitente|mittente|от|kimden|发件人|寄件者|差出人|보낸 사람)\s?[:：]\*{0,2}\s*(.*)$",
    )
});
static DATED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\*{0,2}(sent|date|envoyé|envoyé le|gesendet|datum|enviado( el)?|enviada( em)?|fecha|inviato|data|verzonden|skickat|sendt|wysłano|отправлено|gönderildi|tarih|发送时间|发件时间|日期|送信日時|日付|보낸 날짜)\s?[:：]\*{0,2}",
    )
});
static ADDRESSED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\*{0,2}(to|à|a|an|para|aan|till|til|do|destinataire|destinatario|cc|copie|copia|kopie|кому|kime|收件人|收件者|宛先|받는 사람)\s?[:：]\*{0,2}",
    )
});
static TITLED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\*{0,2}(subject|objet|betreff|asunto|oggetto|assunto|onderwerp|ämne|emne|temat|předmět|тема|konu|主题|主旨|件名|제목)\s?[:：]\*{0,2}",
    )
});

/// What telephones and programs put below a mail.
static FOOTER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\W*(sent (from|with|via) .{2,60}|get outlook for .{2,40}|envoyé (de|depuis|avec|à partir de) .{2,60}|télécharge[rz] outlook .{2,40}|(von|aus|mit) .{2,60} gesendet|gesendet (von|mit|aus) .{2,60}|holen sie sich outlook .{2,40}|enviado (desde|con) .{2,60}|obtener outlook .{2,40}|inviato (da|con) .{2,60}|enviado (do|de) meu .{2,40}|verzonden vanaf .{2,60}|skickat från .{2,60}|outlook für .{2,40} herunterladen)\W*(<?https?://\S+>?)?\W*$",
    )
});

static CLOSING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(best|kind|warm|many thanks|thanks|thank you|best wishes|kindest|yours|regards|sincerely|cheers|cordialement|bien cordialement|bien à vous|sincères salutations|salutations|merci|mit freundlichen grüßen|mit freundlichem gruß|freundliche grüße|viele grüße|beste grüße|liebe grüße|mfg|vg|lg|saludos|un saludo|atentamente|atte|cordialmente|gracias|cordiali saluti|distinti saluti|atenciosamente|met vriendelijke groet(en)?)\b[^.?!:]{0,40}[,.!]?$",
    )
});

static CONTACT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)(\+?\(?\d[\d\s().\-/]{6,}\d|\S+@\S+\.\S+|https?://|www\.|\b(tel|tél|mob|phone|fax|handy|móvil)\b)"));

/// Takes a mail's text apart.
pub(super) fn split(text: &str) -> Parts {
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
    let signed = take_signature(&mut own);
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
    if FORWARDED.is_match(line) {
        return Some(Cut::Below { from: at + 1, is_forward: true });
    }
    if ORIGINAL.is_match(line) || RUN_ON.is_match(line) || is_header_block(lines, at) {
        return Some(Cut::Below { from: at, is_forward: false });
    }
    attribution(lines, at)
}

/// "From … Sent … To … Subject": Outlook's way. A person who writes "From: Lyon, To: Paris" has no subject there.
fn is_header_block(lines: &[&str], at: usize) -> bool {
    if !FROM.is_match(lines[at].trim()) {
        return false;
    }
    let (mut dated, mut addressed, mut titled) = (false, false, false);
    let mut has_address = lines[at].contains('@');
    for line in lines[at + 1..].iter().map(|line| line.trim()).filter(|line| !line.is_empty()).take(7) {
        has_address |= line.contains('@');
        dated |= DATED.is_match(line);
        addressed |= ADDRESSED.is_match(line);
        titled |= TITLED.is_match(line);
    }
    (titled && (dated || addressed)) || (dated && addressed && has_address)
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
        if !line.ends_with([':', '：']) {
            continue;
        }
        let bare = joined.trim_start_matches(['*', '_', '-', ' ']);
        let after = at + place + 1;
        let follows = lines[after..].iter().map(|line| line.trim()).find(|line| !line.is_empty());
        let quote_follows = follows.is_some_and(is_quote);
        let dated = bare.chars().any(|letter| letter.is_ascii_digit()) && ATTRIBUTIONS.iter().any(|pattern| pattern.is_match(bare));
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

/// Takes the signature off the end: after "-- ", a telephone's footer, or a closing formula with contact details.
fn take_signature<'a>(own: &mut &[&'a str]) -> Vec<&'a str> {
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
            Some(last) if FOOTER.is_match(last.trim()) || is_rule(last) || is_delimiter(last) => {
                taken.push(last);
                *own = &own[..own.len() - 1];
            }
            Some(_) | None => break,
        }
    }
    if let Some(place) = own.iter().rposition(|line| CLOSING.is_match(line.trim())) {
        let below = &own[place + 1..];
        let is_short = below.len() <= 12 && below.iter().all(|line| line.chars().count() <= 90);
        if place > 0 && is_short && below.iter().any(|line| CONTACT.is_match(line)) {
            taken.extend(&own[place..]);
            *own = trimmed(&own[..place]);
        }
    }
    taken
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
        FROM.is_match(line) || DATED.is_match(line) || ADDRESSED.is_match(line) || TITLED.is_match(line)
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
