//! Sums of money in a sentence, in figures or words.

use super::sentences::Sentence;

/// A sum as said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Amount {
    /// In major units.
    pub value: f64,
    /// First word of it.
    pub from: usize,
    /// Word after the last.
    pub to: usize,
    /// A currency stands beside it.
    pub has_currency: bool,
}

const CURRENCIES: &[&str] = &[
    "€", "£", "$", "¥", "euro", "euros", "eur", "pound", "pounds", "gbp", "quid", "dollar", "dollars", "usd", "bucks", "livres", "livre",
    "pfund", "libras", "franken", "francs", "chf", "reais", "balles", "grand", "sterling", "kr", "pln", "cad", "aud",
];

/// Words after a bare number that make it something else than money.
const UNITS: &[&str] = &[
    "%",
    "percent",
    "day",
    "days",
    "jour",
    "jours",
    "tag",
    "tage",
    "tagen",
    "dias",
    "week",
    "weeks",
    "semaine",
    "semaines",
    "wochen",
    "month",
    "months",
    "mois",
    "monate",
    "meses",
    "year",
    "years",
    "an",
    "ans",
    "annees",
    "jahre",
    "anos",
    "yrs",
    "hour",
    "hours",
    "hrs",
    "heure",
    "heures",
    "h",
    "min",
    "mins",
    "minutes",
    "minute",
    "am",
    "pm",
    "cm",
    "mm",
    "m",
    "km",
    "kg",
    "g",
    "people",
    "persons",
    "personnes",
    "personen",
    "users",
    "utilisateurs",
    "chairs",
    "desks",
    "units",
    "times",
    "fois",
    "nights",
    "nuits",
    "rooms",
    "pieces",
    "invoices",
    "factures",
    "employees",
    "seats",
    "guests",
    "stars",
    "gb",
    "mb",
    "inch",
    "inches",
    "miles",
    "st",
    "nd",
    "rd",
    "th",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "janvier",
    "fevrier",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "aout",
    "septembre",
    "octobre",
    "novembre",
    "decembre",
    "x",
    "more",
    "bikes",
    "items",
    "things",
    "teeth",
    "staff",
    "kids",
    "children",
    "enfants",
];

/// Words before a bare number that make it a name.
const NAMES: &[&str] = &[
    "order",
    "number",
    "no",
    "nr",
    "booking",
    "reservation",
    "ticket",
    "commande",
    "numero",
    "so",
    "ref",
    "reference",
    "room",
    "invoice",
    "facture",
    "bestellung",
    "pedido",
    "model",
    "error",
    "erreur",
    "plate",
    "version",
    "page",
    "bus",
    "flat",
    "apartment",
    "code",
    "step",
    "on",
    "extension",
    "postcode",
    "vesa",
];

/// What a price is often named for ("95 a head").
const RATES: &[&str] = &[
    "head", "person", "month", "week", "year", "night", "day", "hour", "user", "seat", "pop", "go", "piece", "session", "nuit", "personne",
    "mois", "semaine", "seance", "heure", "tete", "jour", "monat", "nacht", "mes", "noche",
];

/// Every sum of a sentence, in order.
pub fn amounts(sentence: &Sentence, language: &str) -> Vec<Amount> {
    let words = &sentence.words;
    let mut found: Vec<Amount> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let Some((value, end, is_word)) = number(sentence, at, language) else {
            at += 1;
            continue;
        };
        let before = at.checked_sub(1).map(|place| words[place].text.as_str());
        let after = words.get(end).map(|word| word.text.as_str());
        let stands_beside = |word: Option<&str>| word.is_some_and(|word| CURRENCIES.contains(&word));
        let is_prefix_symbol = before.is_some_and(|word| matches!(word, "€" | "£" | "$" | "¥"));
        let is_rate = after.is_some_and(|word| matches!(word, "a" | "per" | "par" | "la" | "le" | "pro" | "por"))
            && words.get(end + 1).is_some_and(|word| RATES.contains(&word.text.as_str()));
        let has_currency = is_prefix_symbol || stands_beside(after) || is_rate;
        let is_other = after.is_some_and(|word| UNITS.contains(&word)) || before.is_some_and(|word| NAMES.contains(&word));
        let looks_like_year =
            !is_word && (1990.0..=2100.0).contains(&value) && !words[at].text.contains([',', '.', 'k']) && words[at].text.len() == 4;
        let is_long = words[at].text.chars().filter(char::is_ascii_digit).count() > 6;
        let is_plausible = value >= 20.0 && !is_other && !looks_like_year && !is_long && (!is_word || value >= 100.0);
        if has_currency || is_plausible {
            let from = if is_prefix_symbol { at - 1 } else { at };
            let to = if stands_beside(after) { end + 1 } else { end };
            let multiplied = if after == Some("grand") { value * 1_000.0 } else { value };
            found.push(Amount { value: multiplied, from, to, has_currency });
        }
        at = end;
    }
    found
}

/// A number that begins at a word: its value, the word after it, and whether it is written in words.
fn number(sentence: &Sentence, at: usize, language: &str) -> Option<(f64, usize, bool)> {
    let words = &sentence.words;
    let text = words[at].text.as_str();
    if text.starts_with(|sign: char| sign.is_ascii_digit()) {
        let (digits, scale) = match text.strip_suffix('k') {
            Some(digits) => (digits, 1_000.0),
            None => (text, 1.0),
        };
        if text.contains(':') || !digits.chars().all(|sign| sign.is_ascii_digit() || matches!(sign, '.' | ',')) {
            return digits
                .trim_end_matches(char::is_alphabetic)
                .parse()
                .ok()
                .filter(|_| has_currency_tail(digits))
                .map(|value| (value, at + 1, false));
        }
        // "SO-20418": a figure glued to letters is a name.
        if at > 0
            && words[at - 1].end + 1 == words[at].start
            && !words[at].follows_pause
            && words[at - 1].text.chars().all(char::is_alphabetic)
            && words[at - 1].is_shouted_or_short()
        {
            return None;
        }
        let mut joined = plain_digits(digits);
        let mut end = at + 1;
        while let Some(next) = words.get(end) {
            let is_group = next.text.len() == 3
                && next.text.chars().all(|sign| sign.is_ascii_digit())
                && next.start == words[end - 1].end + 1
                && !next.follows_pause
                && joined.len() <= 3 * (end - at);
            if !is_group {
                break;
            }
            joined.push_str(&next.text);
            end += 1;
        }
        return joined.parse::<f64>().ok().map(|value| (value * scale, end, false));
    }
    let mut total = 0.0;
    let mut group = 0.0;
    let mut end = at;
    while let Some(word) = words.get(end) {
        match number_word(&word.text, language) {
            Some(1_000.0) => {
                total += f64::max(group, 1.0) * 1_000.0;
                group = 0.0;
            }
            Some(100.0) => group = f64::max(group, 1.0) * 100.0,
            Some(small) => group += small,
            None if end > at
                && matches!(word.text.as_str(), "and" | "et" | "und" | "y" | "e")
                && words.get(end + 1).is_some_and(|next| number_word(&next.text, language).is_some()) => {}
            None => break,
        }
        end += 1;
    }
    (end > at && total + group > 0.0).then_some((total + group, end, true))
}

fn has_currency_tail(digits: &str) -> bool {
    let tail = digits.trim_start_matches(|sign: char| sign.is_ascii_digit());
    CURRENCIES.contains(&tail)
}

/// "1,500" → 1500, "1.200,50" → 1200.50, "49.99" → 49.99.
fn plain_digits(digits: &str) -> String {
    let last = digits.rfind(['.', ',']);
    let is_fraction = last.is_some_and(|place| digits.len() - place - 1 != 3);
    digits
        .char_indices()
        .filter_map(|(place, sign)| match sign {
            '.' | ',' if is_fraction && Some(place) == last => Some('.'),
            '.' | ',' => None,
            digit => Some(digit),
        })
        .collect()
}

fn number_word(word: &str, language: &str) -> Option<f64> {
    NUMBER_WORDS.iter().find(|(spoken, name, _)| *spoken == language && *name == word).map(|(_, _, value)| f64::from(*value))
}

/// Language, word, value.
const NUMBER_WORDS: &[(&str, &str, u32)] = &[
    ("en", "one", 1),
    ("en", "two", 2),
    ("en", "couple", 2),
    ("en", "three", 3),
    ("en", "four", 4),
    ("en", "five", 5),
    ("en", "six", 6),
    ("fr", "six", 6),
    ("en", "seven", 7),
    ("en", "eight", 8),
    ("en", "nine", 9),
    ("en", "ten", 10),
    ("en", "eleven", 11),
    ("en", "twelve", 12),
    ("en", "thirteen", 13),
    ("en", "fourteen", 14),
    ("en", "fifteen", 15),
    ("en", "sixteen", 16),
    ("en", "seventeen", 17),
    ("en", "eighteen", 18),
    ("en", "nineteen", 19),
    ("en", "twenty", 20),
    ("en", "thirty", 30),
    ("en", "forty", 40),
    ("en", "fifty", 50),
    ("en", "sixty", 60),
    ("en", "seventy", 70),
    ("en", "eighty", 80),
    ("en", "ninety", 90),
    ("en", "hundred", 100),
    ("en", "hundreds", 100),
    ("en", "thousand", 1_000),
    ("fr", "deux", 2),
    ("fr", "trois", 3),
    ("fr", "quatre", 4),
    ("fr", "cinq", 5),
    ("fr", "sept", 7),
    ("fr", "huit", 8),
    ("fr", "neuf", 9),
    ("fr", "dix", 10),
    ("fr", "vingt", 20),
    ("fr", "vingts", 20),
    ("fr", "trente", 30),
    ("fr", "quarante", 40),
    ("fr", "cinquante", 50),
    ("fr", "soixante", 60),
    ("fr", "cent", 100),
    ("fr", "cents", 100),
    ("fr", "mille", 1_000),
    ("de", "hundert", 100),
    ("de", "zweihundert", 200),
    ("de", "dreihundert", 300),
    ("de", "vierhundert", 400),
    ("de", "funfhundert", 500),
    ("de", "tausend", 1_000),
    ("es", "mil", 1_000),
    ("pt", "mil", 1_000),
    ("es", "cien", 100),
    ("es", "ciento", 100),
    ("pt", "cem", 100),
    ("es", "doscientos", 200),
    ("pt", "duzentos", 200),
    ("es", "trescientos", 300),
    ("pt", "trezentos", 300),
    ("es", "cuatrocientos", 400),
    ("pt", "quatrocentos", 400),
    ("es", "quinientos", 500),
    ("pt", "quinhentos", 500),
];

impl super::sentences::Word {
    /// All capitals, or one or two letters: the head of a code such as "SO-".
    fn is_shouted_or_short(&self) -> bool {
        self.is_shouted || self.is_capital && self.text.len() <= 3
    }
}

#[cfg(test)]
mod tests {
    use super::super::sentences::read;
    use super::*;

    fn check(text: &str, language: &str, expected: &[f64]) {
        let found: Vec<f64> =
            read(text, language).iter().flat_map(|sentence| amounts(sentence, language)).map(|amount| amount.value).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn sums_are_read_in_figures_and_words() {
        check("I paid £1,250.50 and 80€", "en", &[1250.5, 80.0]);
        check("Four hundred and twenty-nine euros.", "en", &[429.0]);
        check("1 200 euros la nuit", "fr", &[1200.0]);
        check("quatre cent cinquante euros", "fr", &[450.0]);
        check("not sure about 4k", "en", &[4000.0]);
    }

    #[test]
    fn orders_dates_and_counts_are_no_sums() {
        check("order SO-20418 of 12 March, within 30 days, since 2019", "en", &[]);
        check("for 25 people at 18:30", "en", &[]);
    }
}
