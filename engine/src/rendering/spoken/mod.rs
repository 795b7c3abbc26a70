//! Text for the ear: what is written becomes what a person says, word by word, so that what was heard of it can be
//! found again in what was written.

mod breath;
mod numbers;

use std::sync::LazyLock;

use regex::{Captures, Regex};

use self::numbers::{LARGEST, Tongue, cardinal, digits, ordinal, year};

pub use self::breath::{Portion, portion};

/// One word of the text, and how it is said.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    /// The written text up to here has been said with it.
    until: usize,
    said: String,
}

/// A text as it is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpokenText {
    pieces: Vec<Piece>,
}

/// Everything that is not said as it is written, most telling first.
static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        (?P<label>\[(?P<shown>[^\]\n]{1,200})\]\([^)\s]{1,500}\))
        | (?P<email>[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5})
        | (?P<url>(?:https?://|www\.)[^\s<>()]{2,500})
        | (?P<moneyrange>(?P<mfrom>\d[\d.,\x20\u{a0}\u{202f}]*)\s?[–-]\s?(?P<mto>\d[\d.,\x20\u{a0}\u{202f}]*?)[\x20\u{a0}\u{202f}]?(?P<mcur>€\B|\$\B|£\B|EUR\b|USD\b|GBP\b|CHF\b))
        | (?P<before>(?P<bcur>[€$£])\s?(?P<bnum>\d[\d.,]*\d|\d))
        | (?P<after>(?P<anum>\d(?:[\d.,]|[\x20\u{a0}\u{202f}]\d)*)[\x20\u{a0}\u{202f}]?(?P<acur>€\B|\$\B|£\B|EUR\b|USD\b|GBP\b|CHF\b))
        | (?P<iso>\b(?P<iy>\d{4})-(?P<im>0[1-9]|1[0-2])-(?P<id>0[1-9]|[12]\d|3[01])\b)
        | (?P<date>\b(?P<dd>\d{1,2})(?:er)?\x20(?P<dm>January|February|March|April|May|June|July|August|September|October|November|December|janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre)(?:\x20(?P<dy>\d{4})\b)?)
        | (?P<time>\b(?P<th>[01]?\d|2[0-3])[:h](?P<tm>[0-5]\d)\b)
        | (?P<phone>\+\d[\d\x20\u{a0}().-]{5,18}\d)
        | (?P<code>\b(?:[A-Z]{1,5}-?\d[\dA-Z-]{1,14}|\d{1,8}-?[A-Z]{2,5}[\dA-Z-]{0,10})\b)
        | (?P<percent>(?P<pnum>\d+(?:[.,]\d+)?)\s?%)
        | (?P<place>\b(?P<onum>\d{1,6})(?:st|nd|rd|th|e|ème|er|re)\b)
        | (?P<measure>(?P<unum>\d+(?:[.,]\d+)?)\s?(?P<unit>km/h|km|cm|mm|kg|m²|m|g|l|h|min)\b)
        | (?P<range>\b(?P<rfrom>\d{1,9})\s?[–-]\s?(?P<rto>\d{1,9})\b)
        | (?P<grouped>\b\d{1,3}(?:[,\u{a0}\u{202f}]\d{3})+(?:\.\d+)?\b)
        | (?P<decimal>\b\d{1,12}[.,]\d{1,6}\b)
        | (?P<number>\d+)
        | (?P<short>\b(?:e\.g\.|i\.e\.|approx\.|incl\.|excl\.|max\.|min\.|vs\.|etc\.|p\.\x20ex\.|env\.))
        | (?P<and>&)
        | (?P<times>×|\bx\b)
        | (?P<pause>[•▪◦–—→|]|\n+)
        | (?P<mark>[*_`\#~<>]+)
        | (?P<none>[\u{200d}\u{fe0f}\u{20e3}\u{2190}-\u{21ff}\u{2600}-\u{27bf}\u{1f000}-\u{1faff}])
        ",
    )
    .expect("a pattern")
});

/// Longest address that is read out; what is longer nobody could write down.
const LONGEST_READ: usize = 32;

impl SpokenText {
    /// How a text is said in a language (`en`, `fr`; others keep their digits, which voices read well enough).
    pub fn of(text: &str, language: &str) -> Self {
        let tongue = Tongue::of(language);
        let mut pieces = Vec::new();
        let mut from = 0;
        for found in PATTERN.captures_iter(text) {
            let Some(whole) = found.get(0) else { continue };
            plain(text, from, whole.start(), &mut pieces);
            let said = spoken(&found, tongue);
            pieces.push(Piece { until: whole.end(), said });
            from = whole.end();
        }
        plain(text, from, text.len(), &mut pieces);
        Self { pieces }
    }

    /// The words, one blank between them.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for piece in &self.pieces {
            for word in piece.said.split_whitespace() {
                let leans = word.starts_with([',', '.', ';', ':', '!', '?', ')', '…']);
                let opens = out.ends_with(['(', '’', '\'']) || out.is_empty();
                if !leans && !opens {
                    out.push(' ');
                }
                // Two signs of one pause are one.
                if leans && out.ends_with([',', '.', ';', ':', '!', '?']) && word.chars().all(|letter| matches!(letter, ',' | ';' | ':')) {
                    continue;
                }
                if out.ends_with('.') && word == "." {
                    continue;
                }
                if out.is_empty() && leans && word.len() == 1 {
                    continue;
                }
                out.push_str(word);
            }
        }
        out
    }

    /// How much of `written`, the text this was made from, had been said when `heard` had been heard: whole words only.
    /// Nothing, when what was heard is none of it.
    pub fn heard<'a>(&self, written: &'a str, heard: &str) -> &'a str {
        let heard = letters(heard);
        if heard.is_empty() {
            return "";
        }
        let mut all = String::new();
        let mut ends = Vec::with_capacity(self.pieces.len());
        for piece in &self.pieces {
            all.push_str(&letters(&piece.said));
            ends.push((all.len(), piece.until));
        }
        // The vendor may repeat the last stretch only.
        let Some(at) = all.find(&heard) else { return "" };
        let reached = at + heard.len();
        let until = ends.iter().take_while(|(said, _)| *said <= reached).map(|(_, until)| *until).last().unwrap_or(0);
        written.get(..until).unwrap_or(written).trim_end()
    }
}

/// Only what sounds.
fn letters(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Words that are said as they are written.
fn plain(text: &str, from: usize, to: usize, pieces: &mut Vec<Piece>) {
    let Some(stretch) = text.get(from..to) else { return };
    let mut at = 0;
    for word in stretch.split_inclusive(char::is_whitespace) {
        at += word.len();
        if !word.trim().is_empty() {
            pieces.push(Piece { until: from + at, said: word.trim().to_owned() });
        }
    }
}

fn spoken(found: &Captures<'_>, tongue: Tongue) -> String {
    let part = |name: &str| found.name(name).map(|part| part.as_str());
    if let Some(shown) = part("shown") {
        return SpokenText::of(shown, code_of(tongue)).text();
    }
    if let Some(address) = part("email") {
        return spelled(address, tongue);
    }
    if let Some(url) = part("url") {
        return link(url, tongue);
    }
    if let (Some(from), Some(to), Some(currency)) = (part("mfrom"), part("mto"), part("mcur")) {
        return format!("{} {} {}", amount(from, tongue), to_word(tongue), money(to, currency, tongue));
    }
    if let (Some(number), Some(currency)) = (part("bnum").or(part("anum")), part("bcur").or(part("acur"))) {
        return money(number, currency, tongue);
    }
    if let (Some(year), Some(month), Some(day)) = (part("iy"), part("im"), part("id")) {
        let name = month.parse::<usize>().ok().and_then(|month| MONTHS.get(month.checked_sub(1)?)).copied().unwrap_or(("", ""));
        return date(day, if tongue == Tongue::French { name.1 } else { name.0 }, Some(year), tongue);
    }
    if let (Some(day), Some(month)) = (part("dd"), part("dm")) {
        return date(day, month, part("dy"), tongue);
    }
    if let (Some(hour), Some(minute)) = (part("th"), part("tm")) {
        return time(hour, minute, tongue);
    }
    if let Some(phone) = part("phone") {
        return format!("{} {}", if tongue == Tongue::Other { "+" } else { "plus" }, digits(phone, tongue));
    }
    if let Some(code) = part("code") {
        return coded(code, tongue);
    }
    if let Some(number) = part("pnum") {
        return format!("{} {}", amount(number, tongue), if tongue == Tongue::French { "pour cent" } else { "percent" });
    }
    if let Some(number) = part("onum") {
        return number.parse().map_or_else(|_| number.to_owned(), |number| ordinal(number, tongue));
    }
    if let (Some(number), Some(unit)) = (part("unum"), part("unit")) {
        return format!("{} {}", amount(number, tongue), measure(unit, number == "1", tongue));
    }
    if let (Some(from), Some(to)) = (part("rfrom"), part("rto")) {
        return format!("{} {} {}", amount(from, tongue), to_word(tongue), amount(to, tongue));
    }
    if let Some(number) = part("grouped").or(part("decimal")).or(part("number")) {
        return whole(number, tongue);
    }
    if let Some(short) = part("short") {
        return expanded(short, tongue).to_owned();
    }
    if part("and").is_some() {
        return if tongue == Tongue::French { "et" } else { "and" }.to_owned();
    }
    if part("times").is_some() {
        return if tongue == Tongue::French { "fois" } else { "times" }.to_owned();
    }
    if let Some(pause) = part("pause") {
        return if pause.starts_with('\n') { "." } else { "," }.to_owned();
    }
    String::new()
}

const MONTHS: [(&str, &str); 12] = [
    ("January", "janvier"),
    ("February", "février"),
    ("March", "mars"),
    ("April", "avril"),
    ("May", "mai"),
    ("June", "juin"),
    ("July", "juillet"),
    ("August", "août"),
    ("September", "septembre"),
    ("October", "octobre"),
    ("November", "novembre"),
    ("December", "décembre"),
];

fn code_of(tongue: Tongue) -> &'static str {
    match tongue {
        Tongue::English => "en",
        Tongue::French => "fr",
        Tongue::Other => "xx",
    }
}

fn to_word(tongue: Tongue) -> &'static str {
    if tongue == Tongue::French { "à" } else { "to" }
}

/// A written figure as whole and cents: separators of thousands go, the last sign before one or two digits is the comma.
fn figure(text: &str) -> Option<(u64, Option<String>)> {
    let text: String = text.chars().filter(|letter| letter.is_ascii_digit() || matches!(letter, '.' | ',')).collect();
    let text = text.trim_end_matches(['.', ',']);
    let at = text.rfind(['.', ',']);
    let (whole, rest) = match at {
        Some(at) if text.len() - at - 1 != 3 || (text.starts_with('0') && at == 1) => (&text[..at], Some(&text[at + 1..])),
        _ => (text, None),
    };
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    let number = whole.parse().ok().filter(|number| *number <= LARGEST)?;
    Some((number, rest.map(str::to_owned).filter(|rest| !rest.is_empty())))
}

/// A number that counts something.
fn amount(text: &str, tongue: Tongue) -> String {
    match figure(text) {
        Some((number, None)) => cardinal(number, tongue),
        Some((number, Some(rest))) if rest.bytes().all(|digit| digit == b'0') => cardinal(number, tongue),
        Some((number, Some(rest))) if tongue != Tongue::Other => {
            let point = if tongue == Tongue::French { "virgule" } else { "point" };
            let rest: Vec<String> = rest.chars().filter_map(|d| d.to_digit(10)).map(|d| cardinal(u64::from(d), tongue)).collect();
            format!("{} {point} {}", cardinal(number, tongue), rest.join(" "))
        }
        Some(_) | None => text.trim().to_owned(),
    }
}

/// A bare number: a year, a count, or a number that is only a name.
fn whole(text: &str, tongue: Tongue) -> String {
    if tongue == Tongue::Other {
        return text.to_owned();
    }
    let is_bare = text.bytes().all(|letter| letter.is_ascii_digit());
    match (is_bare, text.len(), text.parse::<u64>()) {
        (true, 4, Ok(number)) if (1_900..=2_099).contains(&number) => year(number, tongue),
        (true, 5.., _) => digits(text, tongue),
        (true, 2.., _) if text.starts_with('0') => digits(text, tongue),
        _ => amount(text, tongue),
    }
}

fn money(number: &str, currency: &str, tongue: Tongue) -> String {
    let (one, many, cents) = match (currency, tongue) {
        ("€" | "EUR", _) => ("euro", "euros", if tongue == Tongue::French { "centimes" } else { "cents" }),
        ("$" | "USD", Tongue::French) => ("dollar", "dollars", "cents"),
        ("$" | "USD", _) => ("dollar", "dollars", "cents"),
        ("£" | "GBP", Tongue::French) => ("livre", "livres", "pence"),
        ("£" | "GBP", _) => ("pound", "pounds", "pence"),
        (_, Tongue::French) => ("franc suisse", "francs suisses", "centimes"),
        _ => ("Swiss franc", "Swiss francs", "centimes"),
    };
    let Some((whole, rest)) = figure(number) else { return format!("{number} {many}") };
    let name = if whole == 1 || (whole == 0 && tongue == Tongue::French) { one } else { many };
    let rest = rest.map(|rest| format!("{rest:0<2}")).and_then(|rest| rest.get(..2)?.parse::<u64>().ok()).filter(|rest| *rest > 0);
    // "deux millions d'euros"
    let joined = if tongue == Tongue::French && whole >= 1_000_000 && whole.is_multiple_of(1_000_000) { "d'" } else { "" };
    let said = format!("{} {joined}{name}", cardinal(whole, tongue));
    match (rest, tongue) {
        (None, _) => said,
        (Some(rest), Tongue::English) => format!("{said} {}", cardinal(rest, tongue)),
        (Some(rest), Tongue::French) => format!("{said} {}", cardinal(rest, tongue)),
        (Some(rest), Tongue::Other) => format!("{said} {rest} {cents}"),
    }
}

fn date(day: &str, month: &str, written: Option<&str>, tongue: Tongue) -> String {
    let day: u64 = day.parse().unwrap_or(0);
    let year = written.and_then(|year| year.parse().ok()).map(|number| format!(" {}", year(number, tongue))).unwrap_or_default();
    match tongue {
        Tongue::English => format!("the {} of {month}{year}", ordinal(day, tongue)),
        Tongue::French if day == 1 => format!("premier {month}{year}"),
        Tongue::French | Tongue::Other => format!("{} {month}{year}", cardinal(day, tongue)),
    }
}

fn time(hour: &str, minute: &str, tongue: Tongue) -> String {
    let (hour, minute): (u64, u64) = (hour.parse().unwrap_or(0), minute.parse().unwrap_or(0));
    match tongue {
        Tongue::English => {
            let half = if hour < 12 { "a.m." } else { "p.m." };
            let shown = if hour.is_multiple_of(12) { 12 } else { hour % 12 };
            let hour = cardinal(shown, tongue);
            match minute {
                0 => format!("{hour} {half}"),
                1..=9 => format!("{hour} oh {} {half}", cardinal(minute, tongue)),
                _ => format!("{hour} {} {half}", cardinal(minute, tongue)),
            }
        }
        Tongue::French => {
            let hours = if hour == 1 { "une heure".to_owned() } else { format!("{} heures", cardinal(hour, tongue)) };
            if minute == 0 { hours } else { format!("{hours} {}", cardinal(minute, tongue)) }
        }
        Tongue::Other => format!("{hour}:{minute:02}"),
    }
}

fn measure(unit: &str, is_one: bool, tongue: Tongue) -> String {
    let (one, many) = match (unit, tongue) {
        ("km/h", Tongue::French) => ("kilomètre à l'heure", "kilomètres à l'heure"),
        ("km/h", _) => ("kilometre an hour", "kilometres an hour"),
        ("km", Tongue::French) => ("kilomètre", "kilomètres"),
        ("km", _) => ("kilometre", "kilometres"),
        ("cm", Tongue::French) => ("centimètre", "centimètres"),
        ("cm", _) => ("centimetre", "centimetres"),
        ("mm", Tongue::French) => ("millimètre", "millimètres"),
        ("mm", _) => ("millimetre", "millimetres"),
        ("kg", Tongue::French) => ("kilo", "kilos"),
        ("kg", _) => ("kilogram", "kilograms"),
        ("m²", Tongue::French) => ("mètre carré", "mètres carrés"),
        ("m²", _) => ("square metre", "square metres"),
        ("m", Tongue::French) => ("mètre", "mètres"),
        ("m", _) => ("metre", "metres"),
        ("g", Tongue::French) => ("gramme", "grammes"),
        ("g", _) => ("gram", "grams"),
        ("l", Tongue::French) => ("litre", "litres"),
        ("l", _) => ("litre", "litres"),
        ("h", Tongue::French) => ("heure", "heures"),
        ("h", _) => ("hour", "hours"),
        (_, Tongue::French) => ("minute", "minutes"),
        _ => ("minute", "minutes"),
    };
    if is_one { one } else { many }.to_owned()
}

/// An order number or a code: letters by themselves, digits in groups.
fn coded(code: &str, tongue: Tongue) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut run = String::new();
    for letter in code.chars().chain(std::iter::once(' ')) {
        if letter.is_ascii_digit() {
            run.push(letter);
            continue;
        }
        if !run.is_empty() {
            parts.push(digits(&run, tongue));
            run.clear();
        }
        if letter.is_alphabetic() {
            parts.push(letter.to_string());
        }
    }
    parts.join(" ")
}

fn signs(tongue: Tongue) -> (&'static str, &'static str, &'static str, &'static str, &'static str) {
    match tongue {
        Tongue::French => ("point", "arobase", "tiret", "tiret bas", "barre oblique"),
        Tongue::English | Tongue::Other => ("dot", "at", "dash", "underscore", "slash"),
    }
}

/// An address sign by sign where it must be, word by word where it can.
fn spelled(address: &str, tongue: Tongue) -> String {
    let (dot, at, dash, underscore, slash) = signs(tongue);
    let mut out = String::new();
    let mut run = String::new();
    let end = |run: &mut String, out: &mut String| {
        if !run.is_empty() {
            out.push_str(&digits(run, tongue));
            out.push(' ');
            run.clear();
        }
    };
    for letter in address.chars() {
        if letter.is_ascii_digit() {
            if !run.is_empty() || !out.ends_with(' ') {
                out.push(' ');
            }
            run.push(letter);
            continue;
        }
        end(&mut run, &mut out);
        match letter {
            '.' => out.push_str(&format!(" {dot} ")),
            '@' => out.push_str(&format!(" {at} ")),
            '-' => out.push_str(&format!(" {dash} ")),
            '_' => out.push_str(&format!(" {underscore} ")),
            '/' => out.push_str(&format!(" {slash} ")),
            '+' => out.push_str(" plus "),
            letter if letter.is_alphanumeric() => out.push(letter),
            _ => out.push(' '),
        }
    }
    end(&mut run, &mut out);
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A short address is spelled, a long one nobody could write down.
fn link(url: &str, tongue: Tongue) -> String {
    let trimmed = url.trim_end_matches(['.', ',', ';', ':', '!', '?', '/', ')']);
    let tail = &url[trimmed.len()..];
    let pause: String = tail.chars().filter(|sign| matches!(sign, '.' | ',' | '!' | '?')).take(1).collect();
    let bare = trimmed.trim_start_matches("https://").trim_start_matches("http://").trim_start_matches("www.");
    if bare.len() > LONGEST_READ || bare.contains(['?', '=', '&', '%', '#']) {
        let words = match tongue {
            Tongue::French => "un lien que je peux vous envoyer par écrit",
            Tongue::English | Tongue::Other => "a link that I can send you in writing",
        };
        return format!("{words}{pause}");
    }
    format!("{}{pause}", spelled(bare, tongue))
}

fn expanded(short: &str, tongue: Tongue) -> &'static str {
    match (short, tongue) {
        ("e.g." | "p. ex.", Tongue::French) => "par exemple",
        ("e.g." | "p. ex.", _) => "for example",
        ("i.e.", Tongue::French) => "c'est-à-dire",
        ("i.e.", _) => "that is",
        ("approx." | "env.", Tongue::French) => "environ",
        ("approx." | "env.", _) => "about",
        ("incl.", Tongue::French) => "inclus",
        ("incl.", _) => "including",
        ("excl.", Tongue::French) => "hors",
        ("excl.", _) => "excluding",
        ("max.", Tongue::French) => "au plus",
        ("max.", _) => "at most",
        ("min.", Tongue::French) => "au moins",
        ("min.", _) => "at least",
        ("vs.", Tongue::French) => "contre",
        ("vs.", _) => "against",
        (_, Tongue::French) => "et cetera",
        _ => "and so on",
    }
}

#[cfg(test)]
mod tests;
