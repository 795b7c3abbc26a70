//! Figures in a text: amounts, durations, times, plain numbers.

use std::sync::LazyLock;

use regex::Regex;

const CODES: &str = "eur|euros?|gbp|usd|chf|sek|dkk|nok|pln|cad|aud|pounds?|dollars?|pence|cents?|francs?";

/// An amount of money as written.
#[derive(Debug, Clone, PartialEq)]
pub struct Amount {
    /// In whole units.
    pub value: f64,
    /// `EUR`, `£` … as the source writes it.
    pub sign: String,
    /// The sign stands before the figure.
    pub before: bool,
}

impl Amount {
    /// As the source would write it.
    pub fn write(&self) -> String {
        let whole = (self.value - self.value.round()).abs() < 0.005;
        let figure = if whole { grouped(self.value.round() as i64) } else { format!("{:.2}", self.value) };
        if self.before { format!("{}{figure}", self.sign) } else { format!("{figure} {}", self.sign) }
    }
}

fn grouped(value: i64) -> String {
    let plain = value.to_string();
    if plain.len() <= 4 { plain } else { format!("{},{}", &plain[..plain.len() - 3], &plain[plain.len() - 3..]) }
}

/// The amounts of a text in order.
pub fn amounts(text: &str) -> Vec<Amount> {
    static MONEY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(&format!(
            r"(?i)(?P<before>[€£$])\s?(?P<a>\d[\d.,]*\d|\d)|(?P<b>\d[\d.,'\x{{a0}}]*\d|\d)\s?(?P<after>[€£$]|(?:{CODES})\b)|\b(?P<code>eur|gbp|usd|chf)\s(?P<c>\d[\d.,]*\d|\d)"
        ))
        .expect("a fixed expression")
    });
    MONEY
        .captures_iter(text)
        .filter_map(|found| {
            let figure = found.name("a").or_else(|| found.name("b")).or_else(|| found.name("c"))?;
            let value = number(figure.as_str())?;
            let (sign, before) = match (found.name("before"), found.name("after"), found.name("code")) {
                (Some(sign), ..) => (sign.as_str().to_owned(), true),
                (_, Some(sign), _) => (sign.as_str().to_owned(), false),
                (.., Some(code)) => (format!("{} ", code.as_str()), true),
                _ => return None,
            };
            Some(Amount { value, sign, before })
        })
        .collect()
}

/// A figure with thousands and decimals in any of the usual spellings.
pub fn number(text: &str) -> Option<f64> {
    let text = text.replace(['\'', '\u{a0}', ' '], "");
    let last = text.rfind([',', '.']);
    let plain = match last {
        None => text,
        Some(at) if text.len() - at - 1 == 3 => text.replace([',', '.'], ""),
        Some(at) => format!("{}.{}", text[..at].replace([',', '.'], ""), &text[at + 1..]),
    };
    plain.parse().ok()
}

/// Does it state an amount of money?
pub fn has_money(text: &str) -> bool {
    !amounts(text).is_empty()
}

/// Does it say that something costs nothing?
pub fn is_free(text: &str) -> bool {
    static DENIED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:not|nicht|non|pas|no)\s+(?:\p{L}+\s+)?(?:free|included|waived|inklusive|inbegriffen|enthalten|compris\w*|gratuit\w*|offert\w*|incluid[oa]s?|gratis)\b")
            .expect("a fixed expression")
    });
    let text = &*DENIED.replace_all(text, "");
    matches(
        text,
        r"(?i)\b(?:free(?: of charge)?|no (?:\p{L}+[- ])?(?:charge|cost|fee)s?|without (?:charge|fees?)|complimentary|included|waived|gratuit\w*|offert\w*|kostenlos\w*|kostenfrei|gratis|inklusive|incluid[oa]s?)\b",
    )
}

/// Does it state a share?
pub fn has_percent(text: &str) -> bool {
    matches(text, r"\d\s?(?:%|per ?cent|pour cent|prozent)")
}

/// Does it state a length of time?
pub fn has_duration(text: &str) -> bool {
    matches(
        text,
        r"(?i)(?:\d|\b(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|half an|une?|deux|trois|ein|eine|zwei|drei|una?|dos|tres|same|next|every|per|at))[\s–-]*(?:[\d–.]+\s*)?(?:more |further |full |working |business |calendar |jours? )*(?:seconds?|min(?:ute)?s?|h(?:ours?)?|days?|weeks?|months?|years?|nights?|evenings?|jours?|semaines?|mois|ans?|années?|heures?|stunden?|tagen?|tage|wochen?|monaten?|monate|jahren?|jahre|horas?|días?|semanas?|meses|años?|minuten|minutos|once)\b",
    ) || matches(text, r"(?i)\b(?:same day|the same day|at once|immediately|overnight|instantly|lifetime|sofort|immédiatement)\b")
}

/// Does it state a time of day, a weekday or a date?
pub fn is_dated(text: &str) -> bool {
    matches(
        text,
        r"(?i)\d{1,2}[:.h]\d{2}|\d\s?(?:am|pm|uhr|h)\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(?:january|february|march|april|may|june|july|august|september|october|november|december|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre)\b|\b(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|lunes|martes|miércoles|jueves|viernes|sábado|domingo)s?\b|\b(?:noon|midnight|sunrise|sunset|year round)\b|\bdaily (?:from|until|at|between|\d)",
    )
}

/// Does it state a moment, or at least a word that goes with one?
pub fn has_moment(text: &str) -> bool {
    is_dated(text)
        || has_duration(text)
        || matches(text, r"(?i)\b(?:after|before|once|until|when|next|end of|renewal|at any time|closed|not|day)\b")
}

/// Does it hold a number, or a word for one?
pub fn has_number(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit())
        || matches(
            text,
            r"(?i)\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|unlimited|no limit|none|once|twice|single|all|deux|trois|quatre|illimité|unbegrenzt|ilimitado)\b",
        )
}

fn matches(text: &str, expression: &'static str) -> bool {
    use std::collections::HashMap;
    use std::sync::{PoisonError, RwLock};
    static BUILT: LazyLock<RwLock<HashMap<&'static str, Regex>>> = LazyLock::new(RwLock::default);
    if let Some(built) = BUILT.read().unwrap_or_else(PoisonError::into_inner).get(expression) {
        return built.is_match(text);
    }
    let built = Regex::new(expression).expect("a fixed expression");
    let found = built.is_match(text);
    BUILT.write().unwrap_or_else(PoisonError::into_inner).insert(expression, built);
    found
}

/// Matches one of the fixed expressions of this module's siblings; each is built once.
pub fn says(text: &str, expression: &'static str) -> bool {
    matches(text, expression)
}

/// A number followed by a unit, as in "150 kilos": both normalised.
pub fn measured(text: &str) -> Vec<(f64, &'static str)> {
    static MEASURE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)(\d[\d.,]*\d|\d)\s?(kilos?|kgs?|kilogram\w*|cm|centimet\w+|mm|km|kilomet\w+|met(?:er|re)s?|m|lit(?:er|re)s?|l|gb|mb|people|persons?|personnes?|personen|personas|users?|guests?|adults?|hours?|h|minutes?|min|days?|weeks?|nights?)\b")
            .expect("a fixed expression")
    });
    MEASURE
        .captures_iter(text)
        .filter_map(|found| {
            let value = number(found.get(1)?.as_str())?;
            let unit = found.get(2)?.as_str().to_lowercase();
            let unit = match unit.as_str() {
                u if u.starts_with("kilom") || u == "km" => "km",
                u if u.starts_with("kg") || u.starts_with("kilo") => "kg",
                u if u.starts_with('c') => "cm",
                "mm" => "mm",
                u if u.starts_with("met") || u == "m" => "m",
                u if u.starts_with("lit") || u == "l" => "l",
                "gb" => "gb",
                "mb" => "mb",
                u if u.starts_with("pe") || u.starts_with("guest") || u.starts_with("adult") || u.starts_with("user") => "people",
                u if u.starts_with("min") => "min",
                u if u.starts_with('h') => "h",
                u if u.starts_with("da") => "days",
                u if u.starts_with("we") => "weeks",
                _ => "nights",
            };
            Some((value, unit))
        })
        .collect()
}
